"""What a question about a loss asks of it: which of several is lost, who comes back, and whether the rest has room."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.facts.ids import Entity

_COMES_BACK = re.compile(
    r"\b(?:come|comes|coming|start|starts|started|brought|bring|restarts?|restarted|rescued?|resurrect\w*|move|moves|"
    r"moved|fail|fails|migrates?|migrated|run|runs|boots?|booted)\b.*\b(?:else ?where|somewhere else|over|"
    r"(?:other|another|remaining|surviving) (?:two )?(?:nodes?|box|boxes|hosts?|machines?)|on its own|on their own|"
    r"by itself|by themselves|automatic(?:ally)?|back up|survivors?)\b|"
    r"\bcome(?:s)? back\b|\bfail ?over\b|\b(?:ha|high availability)\b|\bsurvive(?:s)?\b.*\bha\b"
)
_ROOM = re.compile(
    r"\bn ?[-+] ?1\b|\b(?:enough|sufficient|room|space|capacity|fits?|shoulder|carry|absorb|take over|cope|handle|"
    r"hold|big enough|accommodate|take on|squeeze)\b"
)
_LOAD = re.compile(r"\b(?:ram|memory|guests?|load|everything|all|vms?|workloads?|containers?|rest|others?)\b")
_GONE = (
    r"(?:gone|lost|dead|dies|die|died|fails?|failed|down|offline|away|off|missing|out|burns?|fries|breaks?|smoke|"
    r"goes|crash\w*|explod\w*|stolen|reboots?)"
)
_WENT_TOO = re.compile(
    r"\b(?:who|what|which|anything|anyone|anybody|something)\b.*\b(?:else|other|too|also)\b.*"
    r"\b(?:hit|affected|down|gone|went|goes|lost|broken|impacted|suffers?|suffering|taken|dead|offline|hurt)\b|"
    r"\bwhat (?:else )?(?:went|goes|is gone|is down) with (?:it|that|them)\b|\bwho else\b"
)


# `vault's disks die. How many guests save there?` supposes a loss without an `if`.
_SUPPOSED = re.compile(
    r"^(?:[\w-]+ ){1,4}(?:die|dies|burns?|burn down|burns down|fry|fries|explodes?|breaks?|melts?|floods?|is gone|"
    r"gets? stolen|blows? up|fails?|goes (?:dark|away|up in smoke))[.,;:!-] "
)


def marks_in(lowered: str, concepts: frozenset[str]) -> frozenset[str]:
    """`@comes_back` asks who starts again elsewhere, `@room` whether the others have memory for all,
    `@lost_place` who saves to a place that is lost."""
    if not concepts & {"@node", "@guest", "@datastore", "@storage"}:
        return frozenset()
    found = {"IF"} if _SUPPOSED.search(lowered) else set()
    if (
        {"IF"} & (concepts | found)
        and concepts & {"@datastore", "@storage"}
        and concepts & {"DOWN", "FAIL", "PROPERLY"}
    ):
        found.add("@lost_place")
    if _COMES_BACK.search(lowered) and concepts & {"SAFE", "IF", "DOWN", "FAIL", "MANAGED", "HA_SYSTEM", "ANYTHING"}:
        found.add("@comes_back")
    if (
        "@node" in concepts
        and _ROOM.search(lowered)
        and _LOAD.search(lowered)
        and ("MEMORY" in concepts or re.search(r"\bn ?[-+] ?1\b|\b(?:carry|shoulder|absorb|take over)\b", lowered))
    ):
        found.add("@room")
    return frozenset(found)


def asks_who_comes_back(lowered: str) -> bool:
    return _COMES_BACK.search(lowered) is not None


def asks_what_went_too(lowered: str) -> bool:
    return _WENT_TOO.search(lowered) is not None


def lost_one(lowered: str, nodes: Sequence[Entity]) -> Entity:
    """Of several nodes the one that is gone: `could pve1 and pve2 carry the guests of pve3`, `without pve3`."""
    for node in nodes:
        name = re.escape(node.label.lower())
        if re.search(
            rf"\b{name}\b(?:'s)?,? (?:is |was |were |goes |would be |guests?\b|vms?\b|ever )?{_GONE}\b", lowered
        ):
            return node
        if re.search(
            rf"\b(?:without|lose|losing|lost|guests of|(?:guests|everything|load|all) (?:of|on|from)) {name}\b", lowered
        ):
            return node
        if re.search(rf"\b{name}(?:'s)? (?:guests?|vms?|containers?|load|workload|memory)\b", lowered):
            return node
    return nodes[0]
