"""Forms that ask how something is done, or what is to be done, whatever the deed: `which flag do I put on ceph before
patching`, `restoring a VM - how?`, `is it written down how servers are patched`, `in what order do we update hosts`."""

from __future__ import annotations

import re

_WE = r"(?:i|we|you|one)"
_DEED = (
    r"(?:put|set|try|begin|start with|press|follow|take|turn|flip|apply|go (?:in|about|through|by)|proceed|prepare|"
    r"handle|deal with|approach|watch out for|do first)\b"
)
_STEPS = re.compile(
    rf"\b(?:what|which)\b(?: \w+){{0,3}} (?:do|should|must|would|shall) {_WE} (?:have to |need to |best )?{_DEED}|"
    r"\bstep[- ](?:by|for)[- ]step\b|\b(?:steps|procedure|commands) (?:to|for) \w+|"
    r"[;,.?] (?:the )?(?:procedure|commands?|steps)\W*$|\bfirst aid\b|"
    r"\b(?:guidance|how-?to|instructions?|manual) (?:for|on|about|regarding)\b|"
    r"\b(?:note[ds]?|wr[io]tten?|write|wrote)\b.{0,20}\b(?:anywhere|down|somewhere)\b.*\b(?:what|how)\b|"
    r"\b(?:note[ds]?|wr[io]tten?|write|wrote) (?:anything |something )?(?:down )?(?:anywhere |somewhere )?"
    r"(?:what|how) to\b|\bdo we have (?:any )?notes\b|"
    r"\b(?:what do|do) (?:the |our |my )?notes (?:suggest|say to|say (?:about|on) how|advise)|"
    r"\bhow (?:is|are|does one|do people) (?:a |an |the )?(?:\w+ ){1,6}(?:exchanged|replaced|swapped|changed|renewed|"
    r"upgraded|updated|patched|rotated|restored)\b|"
    rf"\bhow do (?:the |my |our )?\w+ get (?:\w+ )?(?:updated|upgraded|patched|exchanged|replaced|renewed)\b|"
    rf"\bwhat (?:can|may|could|should) {_WE} (?:safely )?(?:throw away|delete|remove|clean(?: up| out)?|get rid of)\b|"
    r"\b(?:the|safe|right|proper|correct|best|cleanest) way to\b"
)
_WHO = r"(?:i|we|one|she|he|they)"
_DONE = (
    r"(?:take|put|give|get|make|unlock|change|replace|renew|fix|restore|repair|remove|install|update|upgrade|patch|add|"
    r"set|bring|prove|show|test|print|recover)"
)
_HOW = re.compile(
    rf"\bhow {_WHO} (?:can|could|should|may|must|would|might) \w|\bhow {_WHO} {_DONE}(?:s|es)?\b|\bhow {_DONE} \w|"
    r"\bhow (?:is|are) (?:it|that|this|they) (?:done|performed|to \w+|best done)\b|\bhow (?:it|that|"
    r"this) is (?:done|performed)\b|"
    r"\bhow (?:can|could|should|must|may) (?:\w+ ){1,8}?be (?:\w+ed|put|done|made|taken|brought|got|set)\b|"
    r"\bhow(?: is (?:that|it) done)?\W*$|\bhow-?to\W*$|\bwrite me how\b|"
    r"\b(?:right|proper|correct|safe|documented|usual|clean) way (?:of|for)\b|"
    r"\b(?:is|are|was) (?:it|that|this|something|anything) (?:\w+ )?(?:written|noted) (?:down|anywhere)\b|"
    r"\b(?:describe|explain|outline) (?:the |a )?(?:how|renewal|replacement|procedure|steps|exchange|recovery)\b|"
    r"\b(?:a note of mine|any notes?|have (?:i )?noted)\b.*\b(?:what|how|tr(?:y|ied)|attempt)\b|"
    r"\border (?:of (?:things|powering|actions|shutting)|to (?:power|shut|do))\b|\b(?:sequence|"
    r"order) of (?:actions|things|steps)\b|"
    r"\bwhat first\b|\bwhich (?:goes|comes) (?:down |up |off )?first\b|\b(?:i|we|to|be) shut down first\b|"
    r"\bin (?:which|what) (?:order|sequence)\b|"
    r"\b(?:which|what)(?: \w+)? flags?\b|\bflag\b.*\b(?:before|beforehand|prior|ahead|first)\b|"
    r"\b(?:repair|replacement|renewal|restore) (?:procedure|steps)\b"
)
_WHAT_TO_DO = re.compile(
    rf"\bwhat(?:'s| is| are) (?:there )?to be done\b|\bwhat (?:must|shall|should|could|can) {_WHO} do\b|"
    rf"\bwhat {_WHO} (?:should|must|can|could|shall) (?:do|try|make)\b|\bwhat (?:have|do) {_WHO} (?:have )?to do\b|"
    rf"\bwhat {_WHO} (?:do|try) (?:now|next)\b|\bwhat should be (?:done|tried)\b|"
    rf"\bwhat (?:am i|are we) (?:meant|supposed|expected) to\b|\bexpected (?:of|from) (?:me|us)\b|"
    rf"\bhow (?:am i|are we) to\b|\bwhat do {_WHO} (?:type|work through)\b|\bnext (?:steps?|actions?)\W*$|"
    r"\bwhat(?:'s| is| do i do| do we do)? next\W*$|\bmy next step\b|: actions\W*$|"
    r"\b(?:with )?(?:which|what) (?:commands?|checks?|steps)\b|"
    r"\b(?:documented|known) (?:fix|way|remedy)\b|[-,:] fix(?: per runbook)?\W*$|"
    r"\bwhat(?: \w+)? (?:can|may|could|is it possible to|do) (?:i |we |be )?(?:\w+ )?(?:removed?|deleted?|"
    r"throw out|chuck out)\b(?=.*\b(?:break|wreck|harm|destroy|full)\w*\b)|"
    rf"\bwhat(?:'s| is) safe to (?:delete|remove)\b|\bsafely (?:be )?(?:removable|deleted|removed)\b"
)
_PAGE = r"(?:page|handbook|hand book|runbook|folder|instructions?|manual|checklist|guide|notes)"
# Where it is written: `is it documented`, `our page for this`, `which page do I open`, `stands somewhere described`.
_WRITTEN = re.compile(
    r"\b(?:is|are) (?:it|that|this|there|something|anything) (?:\w+ )?(?:documented|described)\b|"
    r"\b(?:our|the|a|any) (?:own )?(?:documented|written|agreed|official) \w+|\b(?:stands?|described)\b.*\bhow\b|"
    rf"\b(?:says?|told|tells?) (?:the |our |my )?{_PAGE}\b|\b(?:the|our|my) {_PAGE} (?:for|on|says?|tells?)\b|"
    rf"\b(?:which|what) {_PAGE} (?:do|should|must|can|could|is|applies|fits)\b|\bcheck ?list\b|\bthe written ones?\b|"
    rf"\bwhat do(?:es)? (?:our|my|the|his|her) {_PAGE}\b|\bown instructions\b|"
    r"\b(?:any|got|some|have) notes\b.*\bon \w+ing\b|\b(?:upgrade|update|restore|recovery) notes\W*$|"
    r"\b(?:folder|notes|page)\b.*\bwhat does it say\b|\bload shedding\b"
)
_TRY = r"(?:do|check|try|look at|look|verify|test|make|stop|shut down|switch off)"
# In what order, and what before what.
_ORDER = re.compile(
    r"\b(?:what|which|right|correct|proper|safe|best) (?:order|sequence|row)\b"
    r"(?! (?:did|were|was|have|had|are|is|does)\b)(?! do (?!i\b|we\b))|"
    rf"\bwhat (?:must|should|shall|do) {_WE} (?:have to |need to )?{_TRY}\b[^.?!]*"
    r"\b(?:before|after|first|when|if|order)\b|"
    rf"\b(?:before|after|when|if|should)\b[^?!]*\bwhat (?:must|should|shall|do|to) "
    rf"(?:{_WE} )?(?:tell \w+ \w+ to )?{_TRY}\b|"
    r"\bnext (?:few |two |three |four |\d )?(?:things|steps|moves|checks) to\b|"
    rf"\bwhat would (?:an? |any )?(?:\w+ ){{1,3}}{_TRY} first\b|"
    r"\bcommand (?:that|which) (?:only |just )?(?:shows?|lists?|tells?)\b"
)
# That things have to be done at all is told by what is wrong.
_ANYTHING = re.compile(r"\b(?:today|this morning|tonight|this week|anything|my attention)\b")
# `I stand at the server, which disk do I take out?`
WHICH_DISK = re.compile(
    r"\b(?:which|what)(?: one)?(?: of (?:the|my|our|these))? (?:disks?|drives?|ssds?|nvmes?|hdds?)\b.*\b(?:i|we|to)\b.*"
    r"\b(?:remove|take out|swap|change|pull|replace|exchange|yank|out)\b|"
    r"\b(?:disk|drive|ssd|nvme) to (?:swap|pull|replace|change|exchange|remove|take out)\b.*\b(?:which|what)\b"
)


# How Proxmox works, not how these systems are: what is usual, what stands for what, why a step is needed.
_OF_THE_MATTER = re.compile(
    r"^(?=.*\bby default\b)(?!.*\b(?:my|our)\b).*\b(?:scrub|gc|garbage|trim|prun|verif|chunk|quorum)|"
    r"\b(?:snapshots?|replication|raid|mirror(?:ing)?)\b (?:\w+ )?(?:replaces?|substitutes?(?: for)?|counts? as|"
    r"the same as|as good as|instead of|enough as|stands? in for) (?:\w+ )?backups?\b|"
    r"\b(?:is|are) (?:an? )?(?:snapshots?|raid|mirror) (?:an? )?backups?\W*$|"
    r"^(?=.*\bprun)(?=.*\b(?:gc|garbage))(?=.*\b(?:yet|but|still|although|though|why|despite)\b)"
    r".*\b(?:space|empt\w+|smaller|full\w*|freed?|frees|room|shr[iu]nk\w*)\b|"
    rf"\bwhy (?:must|should|may) {_WE} (?:never|always|(?:be|make) (?:certain|sure))\b"
)


def asks_for_steps(lowered: str) -> frozenset[str]:
    """`RUNBOOK` where a procedure is asked for in one of these forms, with `@steps` for how."""
    if WHICH_DISK.search(lowered):
        return frozenset({"PULL", "PHYSICAL"})
    if any(form.search(lowered) for form in (_STEPS, _WRITTEN, _ORDER, _HOW, _OF_THE_MATTER)):
        return frozenset({"RUNBOOK", "@steps"})
    return frozenset({"RUNBOOK"}) if _WHAT_TO_DO.search(lowered) and not _ANYTHING.search(lowered) else frozenset()
