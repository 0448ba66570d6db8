"""More forms that ask what is to be done, or how: `what is to be done when`, `restoring a VM - how?`, `what flag before
I patch a host`, `is it written down how servers are patched`."""

from __future__ import annotations

import re

_WE = r"(?:i|we|one|she|he|they)"
_WHAT_TO_DO = re.compile(
    rf"\bwhat(?:'s| is| are) (?:there )?to be done\b|\bwhat (?:must|shall|should|could|can) {_WE} do\b|"
    rf"\bwhat {_WE} (?:should|must|can|could|shall) (?:do|try|make)\b|\bwhat (?:have|do) {_WE} (?:have )?to do\b|"
    rf"\bwhat {_WE} (?:do|try) (?:now|next)\b|\bwhat should be (?:done|tried)\b|"
    rf"\bwhat (?:am i|are we) (?:meant|supposed|expected) to\b|\bexpected (?:of|from) (?:me|us)\b|"
    rf"\bhow (?:am i|are we) to\b|\bwhat do {_WE} (?:type|work through)\b|\bnext (?:steps?|actions?)\W*$|"
    r"\bwhat(?:'s| is| do i do| do we do)? next\W*$|\bmy next step\b|: actions\W*$|"
    r"\b(?:with )?(?:which|what) (?:commands?|checks?|steps)\b|"
    r"\b(?:documented|known) (?:fix|way|remedy)\b|[-,:] fix(?: per runbook)?\W*$|"
    r"\bwhat(?: \w+)? (?:can|may|could|is it possible to|do) (?:i |we |be )?(?:\w+ )?(?:removed?|deleted?|"
    r"throw out|chuck out)\b"
    r"(?=.*\b(?:break|wreck|harm|destroy|full)\w*\b)|"
    rf"\bwhat(?:'s| is) safe to (?:delete|remove)\b|\bsafely (?:be )?(?:removable|deleted|removed)\b|"
    rf"\bwhat {_WE} can (?:delete|remove)\b"
)
_DEED = (
    r"(?:take|put|give|get|make|unlock|change|replace|renew|fix|restore|repair|remove|install|update|upgrade|patch|add|"
    r"set|bring|prove|show|test|print|recover)"
)
_HOW = re.compile(
    rf"\bhow {_WE} (?:can|could|should|may|must|would|might) \w|\bhow {_WE} {_DEED}(?:s|es)?\b|\bhow {_DEED} \w|"
    r"\bhow (?:is|are) (?:it|that|this|they) (?:done|performed|to \w+|best done)\b|\bhow (?:it|that|"
    r"this) is (?:done|performed)\b|"
    r"\bhow (?:can|could|should|must|may) (?:\w+ ){1,8}?be (?:\w+ed|put|done|made|taken|brought|got|set)\b|"
    r"\bhow (?:a|an|the|my|our) (?:[\w-]+ ){1,8}(?:(?:should|must|can) be|gets?) (?:\w+ed|put|done|made|taken)\b|"
    r"\bhow(?: is (?:that|it) done)?\W*$|\bhow-?to\W*$|\bwrite me how\b|"
    r"\b(?:right|proper|correct|safe|documented|usual|clean) way (?:of|for)\b|\bthe way to\b|"
    r"\b(?:is|are|was) (?:it|that|this|something|anything) (?:\w+ )?(?:written|noted) (?:down|anywhere)\b|"
    r"\b(?:describe|explain|outline) (?:the |a )?(?:how|renewal|replacement|procedure|steps|exchange|recovery)\b|"
    r"\b(?:a note of mine|any notes?|have (?:i )?noted)\b.*\b(?:what|how|tr(?:y|ied)|attempt)\b|"
    r"\border (?:of (?:things|powering|actions|shutting)|to (?:power|shut|do))\b|\b(?:sequence|"
    r"order) of (?:actions|things|steps)\b|"
    r"\bwhat first\b|\bwhich (?:goes|comes) (?:down |up |off )?first\b|\b(?:i|we|to|be) shut down first\b|"
    r"\bin (?:which|what) (?:order|sequence)\b|"
    r"\bstep-by-step\b|\b(?:which|what)(?: \w+)? flags?\b|\bflag\b.*\b(?:before|beforehand|prior|ahead|first)\b|"
    r"\b(?:repair|replacement|renewal|restore) (?:procedure|steps)\b"
)
# That things have to be done at all is told by what is wrong.
_ANYTHING = re.compile(r"\b(?:today|this morning|tonight|this week|anything|my attention)\b")


def asks_what_to_do(lowered: str) -> frozenset[str]:
    """`RUNBOOK` for what is to be done, with `@steps` for how."""
    if _HOW.search(lowered):
        return frozenset({"RUNBOOK", "@steps"})
    return frozenset({"RUNBOOK"}) if _WHAT_TO_DO.search(lowered) and not _ANYTHING.search(lowered) else frozenset()
