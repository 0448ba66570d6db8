"""Which nodes are supposed to be lost, named or not: `if two nodes die`, `could pve1 carry the guests of pve3`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.facts.ids import Entity

_GONE = (
    r"(?:gone|lost|dead|dies|die|died|fails?|failed|down|offline|away|off|missing|out|burns?|fries|breaks?|smoke|"
    r"goes|crash\w*|explod\w*|stolen|reboots?)"
)
_EVERY_GUEST = (
    r"(?:everything|all|the (?:whole|entire|full) (?:load|lab|cluster|lot)|the lot|all (?:of )?(?:my|our|the) \w+)"
)
_BOTH = r"(?:,| and| &| \+| plus| as well as|/)(?: also)? ?"
_SOME_NODES = (
    r"(?P<count>a|any|one|an|another|single|1|either|each|two|2|both|three|3|half(?: of)?)"
    r"(?: more| single| of| the| my| our| other| given| random)* "
    r"(?:nodes?|hosts?|servers?|hypervisors?|box(?:es)?|machines?)"
)
_SUFFERS = r"(?:los(?:e|es|ing|s of)|without|missing|survives?|tolerates?|withstands?|down to)"
_NODES_LOST = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?P<count>one|two|1|2) (?:out )?of (?:the |my )?(?:three|3|[45])(?: \w+){{0,2}}? {_GONE}\b(?=.*\bquor)",
        rf"\b{_SOME_NODES} (?:at once|at the same time|together|in one go)\b",
        rf"\b{_SUFFERS}\b(?: \w+){{0,4}}? {_SOME_NODES}",
        rf"\b(?:if|when|once|should|with|whichever|suppose)\b(?: \w+){{0,2}}? {_SOME_NODES}(?: \w+){{0,2}}? {_GONE}\b",
        rf"\b(?:nodes|hosts|servers|hypervisors)\b.*\b(?:if|when) (?P<count>one|any|another|two)(?: of \w+)? {_GONE}\b",
        rf"\b{_SOME_NODES}(?: \w+){{0,3}}? {_GONE}\b.*\b(?:quorum|survive|cope|enough|fit|room|carry)\b",
    )
)
_NODES_KEPT = re.compile(
    r"\b(?:run|fit|live|work|get by|squeeze|cram|host|hold|carry|survive|manage|make do|consolidate)\b.*"
    r"\b(?:on|onto|with|into|to) (?:just |only |the |my )*(?P<kept>one|a single|1|two|2|three|3) "
    r"(?:of |the |my |remaining |other |surviving )*(?:nodes?|hosts?|servers?|hypervisors?|box(?:es)?|machines?)\b|"
    r"(?=.*\bquor).*\b(?:with|if|when|by|on) (?:just |only |the )*(?P<alive>one|1|two|2) "
    r"(?:remaining |single )?(?:nodes?|hosts?|servers?|box(?:es)?|machines?) (?:is |are )?"
    r"(?:left|alive|up|remain\w*|online|running|surviv\w+)\b"
)
_REDUNDANT = re.compile(r"\bn ?[-+] ?1\b|\bsingle point of failure\b")
_HOW_MANY = re.compile(
    r"\bhow many (?:more |other )?(?:nodes?|hosts?|servers?) (?:can|may|could)\b.*\b(?:fail|lose|die|go|be lost)\b"
)
_COUNTS = {"two": 2, "2": 2, "both": 2, "three": 3, "3": 3}


def loses_some_node(lowered: str) -> bool:
    """Whether nodes are supposed to be lost of which none is named."""
    return any(pattern.search(lowered) for pattern in (*_NODES_LOST, _NODES_KEPT, _REDUNDANT, _HOW_MANY))


def nodes_lost(lowered: str, present: int) -> int:
    """How many unnamed nodes are supposed to be lost of those `present`: `if two nodes die`, `run all on one node`."""
    kept = _NODES_KEPT.search(lowered)
    if kept is not None:
        return max(1, present - _COUNTS.get(kept["kept"] or kept["alive"], 1))
    found = next(filter(None, (pattern.search(lowered) for pattern in _NODES_LOST)), None)
    if found is None:
        return int(bool(_REDUNDANT.search(lowered)))
    count = found["count"]
    return present // 2 if count.startswith("half") else _COUNTS.get(count, 1)


def lost_nodes(lowered: str, named: Sequence[Entity], every: Sequence[Entity]) -> tuple[Entity, ...]:
    """The nodes that are gone: both of `pve1 and pve2 die`, all others where one `could carry everything`."""
    first = lost_one(lowered, named)
    name = re.escape(first.label.lower())
    carries = rf"\b(?:{name}|it) (?:alone |by itself )?(?:\w+ )?{_CARRIES} {_EVERY_GUEST}\b"
    on_it = rf"\b{_EVERY_GUEST}\b(?! (?:that|which)\b).* (?:on|onto) {name}\b"
    without = rf"\b(?:without|lose|losing) {name}\b"
    alone = re.search(carries, lowered) or re.search(on_it, lowered)
    if len(named) == 1 and alone and not re.search(without, lowered):
        return tuple(node for node in every if node != first) or (first,)
    together = [first]
    for node in named:
        other = re.escape(node.label.lower())
        if node != first and re.search(rf"\b{name}{_BOTH}{other}\b|\b{other}{_BOTH}{name}\b", lowered):
            together.append(node)
    if re.search(rf"\b{name}{_BOTH}\S+ (?:together |alone )?{_CARRIES}", lowered):
        return (first,)  # `could pve1 and pve2 carry the guests of pve3`
    return tuple(together)


_TOUCHES = r"(?:re-?boot|re-?start|power-?cycle|shut down|turn off|switch off|stop|update|upgrade|patch|unplug)(?:ing)?"
_CARRIES = r"(?:carry|run|hold|take(?: on| over)?|handle|shoulder|host|absorb|cope with)"


def lost_one(lowered: str, nodes: Sequence[Entity]) -> Entity:
    """Of several nodes the one that is gone: `could pve1 and pve2 carry the guests of pve3`, `without pve3`; where one
    is to be touched while another is away, that one."""
    for node in nodes:
        if re.search(rf"\b{_TOUCHES} (?:the )?(?:node |host )?{re.escape(node.label.lower())}\b", lowered):
            return node
    for node in nodes:
        name = re.escape(node.label.lower())
        if re.search(
            rf"\b{name}\b(?:'s)?,? (?:is |was |were |goes |would be |guests?\b|vms?\b|ever )?{_GONE}\b", lowered
        ):
            return node
        if re.search(
            rf"\b(?:without|los(?:e|ing|t)|(?:guests|everything|load|all)(?: that)?(?: \w+)? (?:of|on|from)) {name}\b",
            lowered,
        ):
            return node
        if re.search(rf"\b{name}(?:'s)? (?:guests?|vms?|containers?|load|workload|memory)\b", lowered):
            return node
    return nodes[0]
