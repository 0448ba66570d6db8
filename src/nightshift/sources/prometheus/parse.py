"""Prometheus' answers → facts."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from nightshift.facts.evidence import Window
from nightshift.facts.monitoring import (
    Alert,
    AlertRule,
    AlertState,
    Labels,
    QueryResult,
    RecordingRule,
    RuleHealth,
    RuleState,
    Sample,
    Series,
    Target,
    label,
)
from nightshift.facts.units import format_duration, from_epoch
from nightshift.sources.prometheus.models import (
    QueryWire,
    RuleGroupRow,
    RuleRow,
    ScalarWire,
    SeriesRow,
    StringWire,
    TargetRow,
)

MAX_POINTS: Final = 11_000
_USUAL_POINTS: Final = 1_000
_STEPS_S: Final = (15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
_PARTIAL_WORDS: Final = re.compile(
    r"truncated|partial|no store ?apis? matched|receive series from|store .*(?:down|fail)", re.IGNORECASE
)
_HEALTH: Final[dict[str, RuleHealth]] = {"ok": "ok", "err": "error", "error": "error", "nodata": "nodata"}
_STATES: Final[dict[str, RuleState]] = {"inactive": "inactive", "pending": "pending", "firing": "firing"}
_DURATION: Final = re.compile(r"(\d+)(ms|y|w|d|h|m|s)")
_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}
_ALERT_STATES: Final[dict[str, AlertState]] = {"pending": "pending", "firing": "firing", "inactive": "normal"}


def pairs(labels: Mapping[str, str] | None) -> Labels:
    """Labels in the order of their names, so that equal sets are equal."""
    return tuple(sorted((labels or {}).items()))


def labels_hash(labels: Iterable[tuple[str, str]]) -> str:
    """A short stable name of one set of labels."""
    text = "\x1f".join(f"{name}\x1e{value}" for name, value in sorted(labels))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def step_for(window: Window) -> tuple[float, str | None]:
    """The distance of points in seconds, and a warning when the wanted one was too fine for Prometheus."""
    span_s = max((window.end - window.start).total_seconds(), 1.0)
    finest_s = span_s / (MAX_POINTS - 1)
    if window.step_s is None:
        wanted_s = span_s / _USUAL_POINTS
        return float(next((step for step in _STEPS_S if step >= wanted_s), math.ceil(wanted_s))), None
    if window.step_s >= finest_s and window.step_s > 0:
        return window.step_s, None
    step_s = float(math.ceil(finest_s))
    return step_s, f"the step was widened to {format_duration(step_s)} to stay below {MAX_POINTS} points"


def query_result(
    expr: str, data: QueryWire, warnings: tuple[str, ...], *, partial: bool, limit: int | None
) -> QueryResult:
    """Samples of a vector or scalar, series of a matrix. Order is the server's. Histograms leave a warning."""
    truncated = partial or any(_PARTIAL_WORDS.search(warning) for warning in warnings)
    if isinstance(data, ScalarWire):
        at, value = data.result
        return QueryResult(expr, (Sample((), value, from_epoch(at)),), warnings=warnings, truncated=truncated)
    if isinstance(data, StringWire):
        return QueryResult(expr, warnings=(*warnings, "the result is a string, not a number"), truncated=truncated)
    rows = data.result
    histograms = sum(1 for row in rows if row.histogram is not None or row.histograms is not None)
    if histograms:
        warnings = (*warnings, f"{histograms} native histograms were left out; histogram_quantile() gives numbers")
    if limit is not None and len(rows) > limit:
        rows, truncated = rows[:limit], True
    samples = tuple(_samples(rows)) if data.result_type == "vector" else ()
    series = tuple(_series(rows)) if data.result_type == "matrix" else ()
    return QueryResult(expr, samples, series, warnings, truncated)


def _samples(rows: Iterable[SeriesRow]) -> Iterator[Sample]:
    for row in rows:
        if row.value is not None:
            yield Sample(pairs(row.metric), row.value[1], from_epoch(row.value[0]))


def _series(rows: Iterable[SeriesRow]) -> Iterator[Series]:
    for row in rows:
        if row.values:
            yield Series(pairs(row.metric), tuple(row.values))


def target(source: str, row: TargetRow) -> Target:
    return Target(
        source=source,
        job=row.labels.get("job") or row.scrape_pool or "",
        instance=row.labels.get("instance") or row.scrape_url or "",
        health=row.health,
        last_error=row.last_error or None,
        last_scrape_at=row.last_scrape,
        labels=pairs(row.labels),
        duration_s=row.last_scrape_duration,
        interval_s=duration_s(row.scrape_interval),
        timeout_s=duration_s(row.scrape_timeout),
        scraped_at=_address(row.scrape_url),
        pool=row.scrape_pool,
    )


def _address(url: str | None) -> str | None:
    """`prober:9115` of `http://prober:9115/probe?target=https%3A%2F%2Fcloud.lan`; None for what is no address."""
    try:
        return (urlsplit(url).netloc or None) if url else None
    except ValueError:
        return None


def duration_s(text: str | None) -> float | None:
    """`5m` → 300, `1d2h` → 93600, `0s` → 0; None for what is not a duration."""
    if text is None or not re.fullmatch(r"(?:\d+(?:ms|y|w|d|h|m|s))+|0", text):
        return None
    return float(sum(int(count) * _SECONDS[unit] for count, unit in _DURATION.findall(text)))


def _of_type(kind: str, groups: Iterable[RuleGroupRow]) -> Iterator[tuple[str, RuleGroupRow, RuleRow]]:
    """Each rule of a type with a uid: Prometheus has none, and a group may hold the same name more than once."""
    seen: Counter[str] = Counter()
    for group in groups:
        for row in group.rules:
            if row.type != kind:
                continue
            base = f"{group.name}/{row.name}"
            seen[base] += 1
            yield (base if seen[base] == 1 else f"{base}#{seen[base]}"), group, row


def rules(source: str, groups: Iterable[RuleGroupRow]) -> tuple[AlertRule, ...]:
    return tuple(
        AlertRule(
            source=source,
            uid=uid,
            name=row.name,
            folder=group.file or None,
            group=group.name,
            state=_STATES.get(row.state or "", "unknown"),
            health=_HEALTH.get(row.health, "unknown"),
            last_error=row.last_error or None,
            last_evaluated_at=row.last_evaluation,
            labels=pairs(row.labels),
            annotations=pairs(row.annotations),
            query=row.query or None,
            for_s=row.duration,
            paused=False,
        )
        for uid, group, row in _of_type("alerting", groups)
    )


def recording_rules(source: str, groups: Iterable[RuleGroupRow]) -> tuple[RecordingRule, ...]:
    return tuple(
        RecordingRule(
            source=source,
            uid=uid,
            name=row.name,
            group=group.name,
            health=_HEALTH.get(row.health, "unknown"),
            last_error=row.last_error or None,
            last_evaluated_at=row.last_evaluation,
            query=row.query or None,
        )
        for uid, group, row in _of_type("recording", groups)
    )


def alerts(source: str, groups: Iterable[RuleGroupRow]) -> tuple[Alert, ...]:
    """Every pending or firing instance, with the uid of its rule."""
    found = []
    for uid, _, row in _of_type("alerting", groups):
        for instance in row.alerts or ():
            labels = pairs(instance.labels)
            found.append(
                Alert(
                    source=source,
                    rule_uid=uid,
                    name=label(labels, "alertname") or row.name,
                    state=_ALERT_STATES.get(instance.state, "firing"),
                    severity=label(labels, "severity"),
                    active_since=instance.active_at,
                    value=instance.value or None,
                    labels=labels,
                    annotations=pairs(instance.annotations),
                    instance_hash=labels_hash(labels),
                )
            )
    return tuple(found)
