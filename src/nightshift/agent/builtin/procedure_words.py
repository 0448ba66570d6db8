"""Forms that ask how something is done, whatever the deed: `which flag do I put on ceph before patching`, `did I note
down what to try`, `in what order do we update the hosts`."""

from __future__ import annotations

import re

from nightshift.agent.builtin.how_words import asks_what_to_do

_WE = r"(?:i|we|you|one)"
_DEED = (
    r"(?:put|set|try|begin|start with|press|follow|take|turn|flip|apply|go (?:in|about|through|by)|proceed|prepare|"
    r"handle|deal with|approach|watch out for|do first)\b"
)
_STEPS = re.compile(
    rf"\b(?:what|which)\b(?: \w+){{0,3}} (?:do|should|must|would|shall) {_WE} (?:have to |need to |best )?{_DEED}|"
    r"\bstep (?:by|for) step\b|"
    r"\b(?:note[ds]?|wr[io]tten?|write|wrote)\b.{0,20}\b(?:anywhere|down|somewhere)\b.*\b(?:what|how)\b|"
    r"\b(?:note[ds]?|wr[io]tten?|write|wrote) (?:anything |something )?(?:down )?(?:anywhere |somewhere )?"
    r"(?:what|how) to\b|"
    r"\bdo we have (?:any )?notes\b|"
    r"\b(?:what do|do) (?:the |our |my )?notes (?:suggest|say to|say (?:about|on) how|advise)|"
    r"\bhow (?:is|are|does one|do people) (?:a |an |the )?(?:\w+ ){1,6}(?:exchanged|replaced|swapped|changed|renewed|"
    r"upgraded|updated|patched|rotated|restored)\b|"
    rf"\bhow do (?:the |my |our )?\w+ get (?:\w+ )?(?:updated|upgraded|patched|exchanged|replaced|renewed)\b|"
    rf"\bwhat (?:can|may|could|should) {_WE} (?:safely )?(?:throw away|delete|remove|clean(?: up| out)?|get rid of)\b|"
    r"\b(?:the )?(?:safe|right|proper|correct|best|cleanest) way to\b"
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


# `I stand at the server, which disk do I take out?`
WHICH_DISK = re.compile(
    r"\b(?:which|what)(?: one)?(?: of (?:the|my|our|these))? (?:disks?|drives?|ssds?|nvmes?|hdds?)\b.*\b(?:i|we|to)\b.*"
    r"\b(?:remove|take out|swap|change|pull|replace|exchange|yank|out)\b|"
    r"\b(?:disk|drive|ssd|nvme) to (?:swap|pull|replace|change|exchange|remove|take out)\b.*\b(?:which|what)\b"
)


def asks_for_steps(lowered: str) -> frozenset[str]:
    """`RUNBOOK` where a procedure is asked for in one of these forms."""
    if WHICH_DISK.search(lowered):
        return frozenset({"PULL", "PHYSICAL"})
    return frozenset({"RUNBOOK", "@steps"}) if _asks_how(lowered) else asks_what_to_do(lowered)


def _asks_how(lowered: str) -> bool:
    return any(form.search(lowered) for form in (_STEPS, _WRITTEN, _ORDER))
