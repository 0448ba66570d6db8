"""Whether leave is asked for a deed, in other words than `can I`: `pve1 restart too - ok?`, `would it be wise to`."""

from __future__ import annotations

import re

_ASKS = re.compile(
    r"\b(?:ok|okay|safe|safely|allowed|permitted|fine|possible|alright|good|wise|risky|harm\w*|dangerous|"
    r"go/?no-?go|objections?)"
    r"(?: (?:to|with that|or not|then|now|right now|today|for (?:that|it|a moment)|if i do(?: so| that)?))?\W*$|"
    r"\bis (?:that|this|it|now) (?:a )?(?:bad|fine|ok|okay|safe|good|wise|allowed|possible|risky|dangerous|alright)\b|"
    r"\b(?:am i|are we) (?:allowed|permitted|free|safe)\b|"
    r"\bwould (?:it|that|this) (?:be (?:a )?(?:wise|ok|okay|possible|good|bad|problem|safe|fine|acceptable|"
    r"advisable)|hurt|harm)\b|\b(?:something|anything|much) against\b|\bobject(?:ion)?s?\b|"
    r"\b(?:does|do|will|would|can) (?:it|that|this) (?:go|work|happen|be done) without\b|"
    r"\bis (?:there )?(?:any(?:thing)?|something) (?:to be said )?against\b|\bgood (?:idea|time|moment)\b|"
    r"\b(?:risks?|danger|what can go wrong|what could go wrong|catch)\b\W*(?:to it|there|in that)?\W*$|"
    r"\b(?:or is there a catch|without (?:trouble|harm|risk|danger|damage|breaking))\b"
)
_DEED = re.compile(
    r"\b(?:re-?start|re-?boot|bounce|shut|stop|switch|turn|power-?cycl|take|pull|unplug|move|moving|shift|migrate|"
    r"migrat|unlock|start|"
    r"delete|remove|update|upgrade|patch|kill|reset|swap|replace|install|evacuate|drain|shove)\w*\b|"
    r"\b(?:off|down|offline|away|out)\b"
)
# `is pve1 down or fine`: a state, and no deed.
_STATE = re.compile(
    r"\b(?:is|are|was|were|seems?|looks?) (?:the )?\S+ (?:still |now |really )?(?:off|down|offline|away|out)\b"
)
_NOT_OF_A_DEED = frozenset(
    {"@action", "@how", "WHY", "RUNBOOK", "BACKUP", "RESTORE", "ALERT", "RULE", "PHYSICAL", "@disk", "TASK", "CHANGED",
     "@quantity", "QUORUM", "SNAPSHOT", "CEPH", "UPDATES", "@past"}
)  # fmt: skip


def asks_leave_for(lowered: str, concepts: frozenset[str]) -> bool:
    """Whether it is asked if something may be done to a node or a guest that was named."""
    if not concepts & {"@node", "@guest"} or concepts & _NOT_OF_A_DEED:
        return False
    return bool(_ASKS.search(lowered) and _DEED.search(_STATE.sub(" ", lowered)))
