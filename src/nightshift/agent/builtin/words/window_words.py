"""Words for what is asked of a series: how much in all, the median, a share, since when it is beyond a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nightshift.agent.builtin.words.tokens import Token, stem

_TRAFFIC = (
    "traffic volume|volume of traffic|amount of traffic|how much traffic|how much network traffic|transfer volume|"
    "total traffic|traffic in total|network traffic in total|total network traffic"
)
_DISCOVERS = (
    "under what name|under which name|by what name|by which metric|with which metric|with what metric|exporter tell me|"
    "exporter tell me about|exporter know|series for that|series for it|series behind|series for the|name the series|"
    "name the metric|metric behind|keep track|keep tabs|prometheus know|prometheus keep|prometheus have|"
    "prometheus store|prometheus record|prometheus collect|prometheus hold|prometheus scrape|prometheus offer|"
    "have number on|have number about|have data on|have data about|have figure on|have figure about|any number on|"
    "any figure on|any data on|number on|type into the query|type in the query|query field|what do i query|"
    "what to query|what can i query|what would i query|what should i query|time series hide|metric that|metric which|"
    "metric to|series that|metric counting|metric counts|series hide|which expression|what expression|do we log|"
    "do we store|do we have a series|do you keep|do we keep|metric tell|metric show|metric give|series tell|"
    "series show|what would i graph|what could i plot|how is it called in prometheus|called in prometheus|the metric"
)
WINDOW_WORDS: Mapping[str, str] = {
    "DISCOVER": _DISCOVERS,
    "METERED": (
        "carrier|carrier change|link flap|interface error|nic error|retransmit|psi|stall time|connection count|"
        "current connection|count of connection|remaining runtime|run time left|remote storage|remote write|volt|"
        "input voltage|apc|eaton|cyberpower|inode|oom kills|out of memory kill|query rate|request rate|qps"
    ),
    "ROOT_DISK": "df|df -h",
    "FULL": "df|df -h",
    "PVE_RELEASE": "pveversion|pveversion -v",
    "VERSION": "pveversion|pveversion -v|release-wise|version-wise|same release|same version|lagging behind in version",
    "PROBES": "probe|probes|blackbox|web check|website check|http check|url check|site check|uptime check",
    "EATS": "where does the space go on|where did the space go on|burning|munch|chew|guzzle|soak up|draining",
    "MOST": "fattest|fat one|pig|glutton|guzzler|beast|monster|consumer of space|space consumer|consumer of storage",
    "PEAK": "high water mark|high-water|topped out|record high|at its worst|as high as",
    "RUNNING": "on their feet|on its feet|left standing|still standing|still there",
    # No intent weighs it: `how many of each sort` is to ask for no ranking.
    "NEWER": "newer|fresher|more recent|more recently|older|staler",
    "PER_SECOND": "per second|per sec|a second|each second|request rate|rate of request|query rate|qps|rps",
    "DATABASE": "databases|db",
    "CONNECTIONS": "connection|session|open connection|current connection|connection count|count of connection",
    "CLIENTS": "connected client|client|client connected",
    "VOLTAGE": "voltage|volt|input voltage|output voltage",
    "RUNTIME": "runtime|remaining runtime|run time left",
    "TREND": "go up|go down|goes up|went down|rose|crept|become more|become less",
    "WRONG": "drift|skewed|out of sync|io trouble|i/o trouble|io error|i/o error|io problem",
    "MEDIAN": "median|p50|50th percentile|middle value",
    "OVERTIME": "median|p50|p90|p99|percentile|all day|all night|the whole day|the whole night",
    "SHARE": (
        "percent|percentage|per cent|pct|what share|share of|which share|what part of|which part of|what fraction|"
        "fraction of|proportion of|ratio of|what portion|portion of|what percentage"
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
    "INWARD": "network in|download|inbound|incoming|ingress|receive|pulled in|taken in",
    "NETIN": (
        f"{_TRAFFIC}|network use|data transfer|transferred|moved over the network|through the network|over the wire|"
        "on the network|pull from the network|pulled from the network|pulled in|taken in"
    ),
    "NETOUT": "pushed out",
    "DISKWRITE": (
        "wrote the most|wrote|wrote to disk|wrote most|wrote to its disk|writing|put on disk|put to disk|put onto disk|"
        "put on its disk|written to disk|disk traffic"
    ),
    "DISKREAD": "read off disk|reading from its disk",
}  # fmt: skip
_RATES = frozenset({"NETIN", "NETOUT", "DISKREAD", "DISKWRITE"})
_OF_SERIES = _RATES | {"CPU", "MEMORY", "HEAT", "LOAD", "SWAP", "IOWAIT"}
_ONE = frozenset({"@guest", "@node"})


_NO = frozenset({"no", "not", "leaving", "leave", "except", "without", "excluding", "mean"})
_KEEPS = frozenset(
    map(stem, ("know", "keep", "have", "store", "record", "collect", "hold", "offer", "track", "gather"))
)
_OF_TROUBLE = frozenset({"NOT", "DOWN", "STOPPED", "WRONG", "FAIL", "WHY", "SINCE", "@when", "SLOW"})
_OF_A_UPS = (
    frozenset({"VOLTAGE"}),
    frozenset({"POWER", "LOAD"}),
    frozenset({"METERED", "RUNTIME", "LOAD"}),
    frozenset({"POWER", "SHARE", "METERED"}),
)
_OF_USE = frozenset({"MEAN", "PEAK", "LOWEST", "MEDIAN", "IN_USE", "EATS", "OVERTIME", "TREND", "SHARE"})


def corrected(concepts: frozenset[str]) -> frozenset[str]:
    """Without what is left out, and what a phrase says only by itself: `what cpu` is a make, `what cpu did it burn on
    average` a figure."""
    if {"PRUNE", "KEEPS"} <= concepts:
        concepts -= {"DISCOVER"}  # `how many dailies do we keep?`
    if "PROCESSOR_MODEL" in concepts and concepts & _OF_USE:
        return (concepts - {"PROCESSOR_MODEL", "PROPERLY"}) | {"CPU"}
    return concepts - {"BACKUP"} if "@not_backups" in concepts else concepts


def of_words(words: Sequence[Token]) -> Iterator[str]:
    texts = [token.text for token in words]
    if "when" in texts:
        yield "@when"
    if "prometheus" in texts and {"name", "called", "named", "metric", "metrics", "series"} & set(texts):
        yield "DISCOVER"
    if {"snapshot", "snapshots"} & set(texts) and any(
        text in ("backup", "backups") and set(texts[max(0, at - 4) : at]) & _NO for at, text in enumerate(texts)
    ):
        yield "@not_backups"
    for at, text in enumerate(texts[:-1]):  # its name is no part of a phrase: a guest may be called so
        if text == "prometheus" and words[at + 1].stem in _KEEPS and not {"target", "targets"} & set(texts):
            yield "DISCOVER"


def combined(concepts: frozenset[str]) -> Iterator[str]:
    """`How much did it send since midnight?`, `since when is its CPU above 80 %?`"""
    of_one = concepts & _ONE
    if of_one and concepts & _RATES and concepts & {"AMOUNT", "TOTAL"}:
        yield "@amount"
    if {"DATABASE", "SIZE"} <= concepts or ("METERED" in concepts and concepts & {"PER_SECOND", "SHARE"}):
        yield "@measured"
    low = {"FREE", "LEAST"} <= concepts and concepts & {"MEMORY", "DISK"}
    if of_one and "@past" in concepts and low and not concepts & {"GUEST", "VM", "CT", "WHO", "SEVERAL", "NODE"}:
        yield "@peak"
    if "AUTOSTART" in concepts and "COUNT" in concepts and "@guest" not in concepts:
        yield "@autostart_count"
    if {"@each", "STORAGE"} <= concepts and not concepts & {"GUEST", "VM", "CT", "@quantity"}:
        yield "@storages_each"
    of_service = concepts & {"@guest", "@target"} and not concepts & _OF_TROUBLE
    if of_service and concepts & {"CONNECTIONS", "CLIENTS"}:
        yield "@measured"
    over_time = {"POWER", "@past"} <= concepts and concepts & {"LOWEST", "PEAK", "MEAN"}
    if over_time or any(said <= concepts for said in _OF_A_UPS):
        yield "@ups_figure"
    of_series = concepts & _OF_SERIES if of_one else concepts & {"@storage", "@datastore"}
    if of_series and "@bound" in concepts and concepts & {"SINCE", "@when"} and not concepts & {"PROGNOSIS", "WILL"}:
        yield "@onset"
