"""PromQL in a question: quoted, pasted between words, or the bare name of a metric."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FUNCTIONS = (
    "rate|irate|increase|sum|avg|max|min|count|topk|bottomk|quantile|histogram_quantile|absent|changes|delta|deriv|"
    "predict_linear|avg_over_time|max_over_time|min_over_time|sum_over_time"
)
_PROMQL = re.compile(
    r"\w*\{\s*\w+\s*(?:=~?|!=|!~)[^}]*\}|\w+\{[^}]*\}"  # {job="node"}, up{}
    r"|\[\d+[smhdw](?::\w*)?\]"  # [5m]
    rf"|\b(?:{_FUNCTIONS})\s*(?:by\s*\([^)]*\)\s*)?\("  # sum by (instance) (
    r"|\b(?:up|[a-zA-Z]\w*_\w+)\s*(?:==|!=|>=|<=|>|<)\s*-?\d"  # up == 0
)
# Where one begins that stands between words: `how much is sum(up) now, and what does it mean?`
_BEGINS = re.compile(rf"(?<![\w(-])(?:(?:{_FUNCTIONS})\s*(?:by\s*\([^)]*\)\s*)?\(|\w+\{{)")
_ONLY_WORDS = re.compile(r"(?=\w+ )[a-z ,:'’]+", re.IGNORECASE)
_JOINED = re.compile(r"\s+(?:and|or|unless)\s+(?!up$)[a-z]+$")  # `count(up) and explain`
_METRIC_NAME = re.compile(r"[a-zA-Z_:][\w:]*")
_LEAD = re.compile(
    r"^(?:please |can you |could you )*"
    r"(?:show|run|execute|evaluate|eval|query|what is|what's|what does|graph|plot|give|try)?"
    r"(?:\s*\b(?:me|the|this|that|my|current|present|(?:result|value|output) of|promql|prometheus|query|expression|"
    r"metric)\b)*\s*:?\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?<!\s)\s*(?:\?|\b(?:returns?|gives?|says?|evaluate to|in prometheus)\??)\s*$"
    r"|(?<!\s)\s+[-–—:;,]+\s*(?:what|which|how|why|is|does|do|can|please|explain|wtf|huh)\b[^{}\[\]()]*$",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\b[a-zA-Z_]\w*\{\s*\w+\s*(?:=~?|!=|!~)\s*\"[^}]*$")
"""A selector that nobody closed: `up{job="node"`."""
_METRIC = re.compile(
    r"(?<![\w./-])(?:(?:node|pve|pbs|prometheus|grafana|ceph|container|process|go|scrape|windows|smartctl|zfs|probe|"
    r"alertmanager|machine|kube|mysql|pg|redis|nginx|traefik|haproxy|snmp|smartmon|apt|systemd)_[a-z0-9_:]*[a-z0-9]|"
    r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*_(?:total|bytes|seconds|ratio|celsius|info|count|bucket|percent|volts|watts))(?![\w-])"
)
MOST_WORDS_AFTER = 50
"""Behind an expression; each costs an attempt to read it."""
_SELECTED = re.compile(r"\s*([a-zA-Z_:][\w:]*)\s*\{")


def promql_in(text: str) -> str:
    """The PromQL expression that a question quotes in backticks or contains, or the metric that it names; empty when
    there is none. Words behind an expression are cut off: it is the longest beginning that can be read."""
    quoted = re.search(r"`([^`]+)`", text)
    bare = quoted.group(1) if quoted else _TAIL.sub("", _LEAD.sub("", text.strip(), count=1)).strip(" '")
    begins = None if quoted else _BEGINS.search(bare)
    if begins and _ONLY_WORDS.fullmatch(bare[: begins.start()]):
        bare = bare[begins.start() :]
    said = re.search(r"\bpromql\b", text, re.IGNORECASE)
    is_metric = bool(_METRIC_NAME.fullmatch(bare)) and bool(said or (quoted and "_" in bare))
    if is_metric or _PROMQL.search(bare):
        parts = (_JOINED.sub("", part) for part in _beginnings(bare))
        return next(filter(_can_be_read, parts), bare).strip()
    if _OPEN.search(bare):
        return bare.strip()
    named = _METRIC.search(text)
    return named.group() if named else ""


def is_metric_name(expr: str) -> bool:
    """Whether it is the bare name of a metric, and no expression."""
    return bool(_METRIC_NAME.fullmatch(expr))


def selected(expr: str) -> str:
    """The name that a selector begins with: `DatastoreAlmostFull{…}` may be an alert that somebody pasted."""
    match = _SELECTED.match(expr)
    return match.group(1) if match else ""


def _beginnings(text: str) -> Iterator[str]:
    """The whole text, then without its last word, its last two words…"""
    yield text
    for gap in list(re.finditer(r"\s+", text))[: -MOST_WORDS_AFTER - 1 : -1]:
        yield text[: gap.start()]


def _can_be_read(text: str) -> bool:
    from promql_parser import parse  # a compiled module: only who asks in PromQL pays for it

    try:
        parse(text)
    except ValueError:
        return False
    return True
