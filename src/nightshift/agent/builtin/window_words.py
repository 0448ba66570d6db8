"""Words for what is asked of a series: how much in all, the median, a share, since when it is beyond a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nightshift.agent.builtin.words import Token

_TRAFFIC = (
    "traffic volume|volume of traffic|amount of traffic|how much traffic|how much network traffic|transfer volume|"
    "total traffic|traffic in total|network traffic in total|total network traffic"
)
WINDOW_WORDS: Mapping[str, str] = {
    "MEDIAN": "median|p50|50th percentile|middle value",
    "OVERTIME": "median|p50|p90|p95|p99|percentile|all day|all night|the whole day|the whole night",
    "SHARE": (
        "percent|percentage|per cent|pct|what share|share of|which share|what part of|which part of|what fraction|"
        "fraction of|proportion of|ratio of"
    ),
    "AMOUNT": (
        f"{_TRAFFIC}|how much data|how many byte|how many gb|how many gib|how many gig|how many gigabyte|"
        "how many mb|how many mib|how many megabyte|how many tb|how many terabyte|data volume|volume of data|"
        "amount of data|data in total"
    ),
    # Which way is not said.
    "BOTH_WAYS": (
        f"{_TRAFFIC}|network|network traffic|traffic|bandwidth|throughput|network usage|network use|data transfer|"
        "transferred|moved over the network|through the network|over the wire|on the network"
    ),
    "INWARD": "network in|received|download|inbound|incoming|ingress|receive|pulled in|taken in",
    "NETIN": (
        f"{_TRAFFIC}|network use|data transfer|transferred|moved over the network|through the network|over the wire|"
        "on the network|pull from the network|pulled from the network|pulled in|taken in"
    ),
    "NETOUT": "push out|pushed out|send out|sent out",
    "DISKWRITE": "wrote|wrote to disk|wrote most|wrote the most|wrote to its disk|writing|written to disk|disk traffic",
    "DISKREAD": "read from disk|read from its disk|reading from disk|read off disk|reading from its disk",
}  # fmt: skip
_RATES = frozenset({"NETIN", "NETOUT", "DISKREAD", "DISKWRITE"})
_OF_SERIES = _RATES | {"CPU", "MEMORY", "HEAT", "LOAD", "SWAP", "IOWAIT"}
_ONE = frozenset({"@guest", "@node"})


def of_words(words: Sequence[Token]) -> Iterator[str]:
    if any(token.text == "when" for token in words):
        yield "@when"


def combined(concepts: frozenset[str]) -> Iterator[str]:
    """`How much did it send since midnight?`, `since when is its CPU above 80 %?`"""
    of_one = concepts & _ONE
    if of_one and concepts & _RATES and concepts & {"AMOUNT", "TOTAL"}:
        yield "@amount"
    if of_one and "@bound" in concepts and concepts & {"SINCE", "@when"} and concepts & _OF_SERIES:
        yield "@onset"
