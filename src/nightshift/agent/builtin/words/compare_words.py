"""The words of comparisons: of two things, two times, or of what was handed out and what there is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from nightshift.agent.builtin.words.tokens import Token, word_set

_SHARE = (
    "fullest memory|fullest ram|ram percentage|memory percentage|percent of memory|percent of ram|ram percent|"
    "percent of its memory|relative to what it|relative to what they|relative to its size|relative to its limit|"
    "relative to its own|relative to their own|in relation to its|share of its memory|share of what it"
)
_FASTER = "grow faster|grew faster|grow quicker|grew quicker|grow more|grew more|grown more|fill faster|fill quicker"
COMPARE_WORDS: Mapping[str, str] = {
    "SPLIT": "split of|split into|respectively",
    "COMPARE": (
        "outnumber|minus|subtract|ahead of|gap to|the gap|is it ahead|more room|more worn|how much more|how many more|"
        f"by how much more|{_FASTER}"
    ),
    "OVERCOMMIT": (
        "overcommit|overcommitment|overprovision|oversubscribe|more than it has|vs what the box has|against what it has"
    ),
    "FULL_SHARE": _SHARE,
    "MEMORY": _SHARE,
    "WEAR": "more worn|more worn out|worn more|worn out more|less worn",
    "MOST": "fullest memory|fullest ram",
    "TREND": "gone up|went up|crept up|shot up|gone up or down",
    "OVERTIME": "gone up|went up|crept up|shot up",
    "CREATED": "created|cloned|set up new|newly installed",
    "DELETED": "deleted|destroyed",
    "COUNT": "breakdown of|break down|broken down|distribution of|how much guest|how much vm|how much container|"
    "how much machine|how much node|how much box",
    "MANAGED": "ha-managed|ha-protected|managed by ha|ha guest|ha resource",
    "DOCKER": "docker container|docker",
    "UP_OR_DOWN": "up or down|up down|which way",
    "RUNNING": "up or down|up down",
    "DOWN": "up or down|up down",
    "GROWN": f"{_FASTER}|grow|grown|grew|growth|gained|increase|increased|put on|added to|were added|was added",
    "EXCEPT": (
        "besides|aside from|other than|do not matter|does not matter|do not count|does not count|leave out|left out"
    ),
    "NETOUT": "send|outgoing|uplink|egress",
    "NETIN": "incoming|ingress|receive",
    "HAPPENED": "something broke|what stopped working|stopped working|quit working|broke|beeped",
}


_WORKS_MORE = re.compile(
    r"\b(?:(?:has|have|had|got) (?:the )?(?:more|most|less|least) to do|does (?:the )?(?:more|most|less|least)$|"
    r"works? (?:harder|hardest|more|less)|working (?:harder|hardest)|is (?:the )?busier)\b"
)
_OF_FIGURES = word_set("""
    CPU MEMORY DISK NETIN NETOUT DISKREAD DISKWRITE SWAP IOWAIT LOAD UPTIME HEAT CORES ASSIGNED FULL FREE SIZE STORAGE
    BACKUP SNAPSHOT MOST LEAST MEAN IN_USE TASK ALERT RULE METRIC IF SAFE FAIL WRONG @bound @guest
    """)
_OF_NO_RUN = word_set("CPU MEMORY LOAD FULL_SHARE GROWN @node")


def of_words(words: Sequence[Token]) -> Iterator[str]:
    """`Have I more containers or more VMs`."""
    texts = [token.text for token in words]
    if "mean" in texts and not {"does", "do", "what"} & set(texts):
        yield "MEAN"
    if "when" in texts and "full" in texts:
        yield "PROGNOSIS"  # `when is tank full?`
    if _WORKS_MORE.search(" ".join(texts)):
        yield "@works_more"
    if "or" in texts and {"more", "fewer", "less"} & set(texts):
        yield "@rather"


def _of_two(concepts: frozenset[str]) -> Iterator[str]:
    """Two datastores, the runs of two nights, which of two has more to do."""
    if (
        "@datastores" in concepts
        and concepts & {"SNAPSHOT", "BACKUP", "GUEST", "SAME"}
        and not (concepts & {"FULL", "FREE", "GROWN", "@guest", "@past", "WRONG", "FAIL", "VERIFY", "IF"})
    ):
        yield "@two_stores"  # `do tank and vault hold the same guests?`
    if {"@runs", "@two_times"} <= concepts and not concepts & _OF_NO_RUN:
        yield "@runs_compared"  # `last night's run next to the one before`
    if "@works_more" in concepts and concepts & {"@two", "WHO"} and concepts & {"@guest", "@node"}:
        yield from ("COMPARE", "CPU")  # `which of the two adguards has more to do?`


def combined(concepts: frozenset[str]) -> Iterator[str]:
    yield from _of_two(concepts)
    if (
        {"VM", "CT"} <= concepts
        and concepts & {"COMPARE", "@rather", "COUNT", "SPLIT"}
        and not concepts & {"@guest", "@quantity", "@each"}
    ):
        yield from ("@kinds_compared", "COMPARE")
    if "UP_OR_DOWN" in concepts and concepts & {"CPU", "MEMORY", "LOAD", "HEAT", "SWAP"} and "@entity" in concepts:
        yield from ("TREND", "@growth")  # `grafana's memory over 6 hours, up or down?`
    if {"CPU", "ASSIGNED"} <= concepts and not concepts & {"RULE", "ALERT"}:
        yield "CORES"  # `which of the two was given more processors?`
    if concepts & {"TOTAL", "IN_PART"} and concepts & {"GUEST", "VM", "CT"} and not concepts & _OF_FIGURES:
        yield "COUNT"  # `running guests, total`
    guests = concepts & {"GUEST", "VM", "CT"} and not concepts & {"@guest", "CPU", "MEMORY", "DISK", "CORES", "LOAD"}
    if {"@node", "@two"} <= concepts and guests and concepts & {"COMPARE", "@rather"}:
        yield from ("@guests_compared", "COMPARE")
    if concepts & {"CREATED", "DELETED"} and "@past" in concepts and not concepts & {"SNAPSHOT", "BACKUP", "@guest"}:
        yield "@made"
    of_space = "@storage" in concepts or {"@datastore", "@past"} <= concepts
    if "GROWN" in concepts and of_space and "WILL" not in concepts:
        yield "@growth"
    if {"OVERCOMMIT", "@node"} <= concepts and concepts & {"STORAGE", "FULL", "DISK"}:
        yield "@of_space"
    elif "OVERCOMMIT" in concepts and "@node" in concepts:
        yield from ("@many", "TOTAL", "CORES") if "MEMORY" not in concepts else ("@many", "TOTAL", "ASSIGNED")
