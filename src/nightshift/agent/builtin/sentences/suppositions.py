"""A loss that is supposed in any words but `if`: `should pve3 go dark`, `pve1 dies - what is affected?`.

Told as a fact it is one all the same where what is asked is what follows from it, and not why it came to it.
"""

from __future__ import annotations

import re

_GONE = (
    r"(?:dies?|died|dying|dead|drops? (?:dead|out)|dropped out|gone|lost|destroyed|down|off|out|away|missing|"
    r"black|dark|"
    r"offline|unplugged|burns?(?: down)?|burn(?:ed|t)(?: down)?|fries|fried|up in (?:smoke|flames)|on fire|caught fire|"
    r"catches fire|(?:loses?|lost|without|has no|no) (?:power|electricity)|breaks?(?: down)?|broken?(?: down)?|"
    r"broke(?: down)?|"
    r"croaks?|gives? up|gave up|giving up|packs? (?:it )?(?:in|up)|packed (?:it )?(?:in|up)|bang|kaput|toast|melts?|"
    r"melted|conks? out|conked out|falls? (?:over|out)|fell (?:over|out)|fails?|failed|crash(?:es|ed)?|stops?|stopped|"
    r"disappears?|disappeared|vanish(?:es|ed)?|blows? up|explodes?|kicks? the bucket|bites? the dust|floods?|"
    r"powers? off|powered off|reboots?|rebooting|rebooted|goes|went|is taken down)"
)
_THING = (
    r"(?:(?:the|our|my|a|whole|small|big|old|vm|node|host|server|container|today|tomorrow|tonight|"
    r"disks? (?:of|under)) ){0,4}[\w.-]+"
)
_BE = (
    r"(?:(?:is|was|are|were|be|being|goes|go|going|went|got|gets?|would|will|to|has|have|had|vm|node|host|"
    r"server|all|ever|also|completely|totally|just|is going) ){0,5}"
)
_SUPPOSED = re.compile(
    rf"(?:(?:^|[.,;:!?] )say|\b(?:let us say|let's say|imagine|assume|assuming|supposed?|supposing|"
    rf"in case(?: of)?|in the (?:event|case)(?: of)?|"
    rf"given|once|whenever|as soon as|the moment|provided))\b(?: that)? {_THING},? (?:\w+ ){{0,2}}?{_BE}{_GONE}\b|"
    rf"\b(?:should|were) (?!(?:i|we|you|one|it)\b){_THING} {_BE}{_GONE}\b|"
    rf"\bwhen (?!(?:did|was|is|has|does|do|will)\b){_THING} {_BE}{_GONE}\b|"
    rf"\b(?:with|having) {_THING} {_BE}(?:missing|off|down|gone|out|away|dead|lost|unplugged|under maint\w+|"
    rf"in maint\w+)\b"
)
# Told and then asked after: `pve1 dies - what is affected`, `vault gone: whose backups are lost?`
_TOLD = re.compile(
    rf"^(?:(?:so|ok|and|well),? )?(?:\w+ ){{0,3}}?{_THING} {_BE}{_GONE}\b(?: (?:tonight|tomorrow|today|now|"
    rf"for real|for good|for \w+ \w+|in a fire|on \w+day))?"
    r"(?P<rest>\s*(?:[.,;:?!]|-+>?|=>|→)\s+.*)$"
)
_OF_IT = re.compile(
    r"\b(?:death|loss|failure|outage|demise|destruction|reboot|restart|downtime|unavailability|absence|crash|power-off)"
    r" (?:of|on|for) (?:the |our |my )?[\w.-]+|\b[\w.-]*\d+ (?:failure|outage|crash|reboot|loss|downtime)\b"
)
# `I'd unplug pve3 for ten minutes, what goes offline?`
_PLANNED = re.compile(
    r"\b(?:unplug|pull|take|switch|turn|shut|power|off|down|without power|reboot|restart)\w*\b"
    r"(?>.*?\b(?:what|which|who)\b).*"
    r"\b(?:goes?|offline|down|dark|unavailable|not available|miss|dead|hit|affected|stops?|die)\b"
)
_FOLLOWS = re.compile(
    r"\b(?:what(?: all| else)?|which|who|whose|how many|how much|does|do|will|would|is|are|can|could|have|has|"
    r"any|affected|hit|quora\w+|quorum|majority|consequences?|impact|effects?)\b"
)
# Of a fact it is asked why, since when, or what to do; of what is supposed what would come of it.
_OF_A_FACT = re.compile(
    r"\b(?:why|did|since when|when|how long|cause[ds]?|reason|happened|wrong|up with|drill|to do|do i do|should i|"
    r"can i do|fix|"
    r"steps?|procedure|runbook|log|logs|happening|going on|is it|is that|was it|who did|by whom|who turned|who stopped|"
    r"last|backed up|alert|alerts|noticed|the only|anything wrong|now what|what now)\b"
)
_COUNTS = re.compile(
    r"\b(?:how many|which|what|who|whose|number of|list|downtime|guests?|machines?|consequences?|impact|"
    r"effects?|hit|unavailable|"
    r"affected|offline|quorum|majority|ha|elsewhere|survive|get through|come through|live on|make it|keep going)\b"
)


def supposes_a_loss(lowered: str) -> bool:
    """Whether it is asked what comes of a loss that is supposed; names are looked for by those who call."""
    if _SUPPOSED.search(lowered):
        return not re.search(r"\b(?:why|since when|how long|to do|do i do|drill|steps|runbook)\b", lowered)
    told = _TOLD.match(lowered)
    if told is not None and _FOLLOWS.search(told["rest"]) and not _OF_A_FACT.search(lowered):
        return True
    if _OF_A_FACT.search(lowered):
        return False
    if _PLANNED.search(lowered):
        return True
    return bool(_OF_IT.search(lowered) and _COUNTS.search(_OF_IT.sub(" ", lowered)))
