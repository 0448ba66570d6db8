"""Evidence as the text that a model reads: fenced as untrusted, figures first, cut to a budget that says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, tzinfo

from nightshift.facts.evidence import Evidence, LabelledSeries, Stats
from nightshift.facts.units import (
    column_title,
    format_bytes,
    format_cell,
    format_duration,
    format_number,
    format_percent,
    format_time,
    from_epoch,
)

FENCE_START = "<data untrusted>"
FENCE_END = "</data>"
CELL_CHARS = 160
_POINTS_SHOWN = 12


def render(evidence: Evidence, budget_chars: int, zone: tzinfo = UTC) -> str:
    """One piece of Evidence in at most about `budget_chars` characters.

    What came from a backend stands between the fences, so that nothing in it reads as an instruction; a fence inside
    the data is defused. What was cut is counted.
    """
    head = _head(evidence, zone)
    room = max(200, budget_chars - len(head) - len(FENCE_START) - len(FENCE_END) - 40)
    body, dropped = _fit(list(_body(evidence, zone)), room)
    lines = [head, FENCE_START, body, FENCE_END] if body else [head]
    if dropped:
        lines.append(f"({dropped} lines left out to save space)")
    return "\n".join(lines)


def format_value(value: float, unit: str) -> str:
    """A figure of a series in its unit (`fraction`, `bytes`, `bytes/s`, `seconds`, `celsius`, or none)."""
    if unit == "fraction":
        return format_percent(value)
    if unit == "bytes":
        return format_bytes(value)
    if unit == "bytes/s":
        return f"{format_bytes(value)}/s"
    if unit == "celsius":
        return f"{format_number(value)} °C"
    return format_duration(value) if unit == "seconds" else format_number(value)


def describe_stats(stats: Stats) -> str:
    """`last 4 %, mean 5.1 %, min 1 %, max 31 %, p95 20 %, trend +0.2 %/h`."""
    figures = [
        f"{name} {format_value(value, stats.unit)}"
        for name, value in (
            ("last", stats.last),
            ("mean", stats.mean),
            ("min", stats.minimum),
            ("max", stats.maximum),
            ("p95", stats.p95),
            ("first", stats.first),
        )
    ]
    if stats.total is not None:
        figures.append(f"total {format_bytes(stats.total)}")
    if stats.limit:
        figures.append(f"last is {format_percent(stats.last / stats.limit)} of {format_value(stats.limit, stats.unit)}")
    if stats.unit == "bytes":
        figures.append(f"trend {format_bytes(stats.rate_per_s * 86_400)} each day")
    if stats.time_to_full_s is not None:
        figures.append(f"full in {format_duration(stats.time_to_full_s)}")
    return ", ".join(figures)


def labels_text(series: LabelledSeries) -> str:
    """`instance=web:9100 mountpoint=/`, without the metric's name when there are labels."""
    pairs = [f"{name}={value}" for name, value in series.labels if name != "__name__"]
    return " ".join(pairs) or next((value for name, value in series.labels if name == "__name__"), "value")


def _head(evidence: Evidence, zone: tzinfo) -> str:
    count = f"{evidence.shown} of {evidence.total}" if evidence.shown != evidence.total else f"{evidence.total}"
    parts = [f"[{evidence.id}] {defuse(evidence.title)}" if evidence.id else defuse(evidence.title)]
    parts.append(f"source {evidence.source}, {format_duration(evidence.age_s)} old")
    if evidence.window:
        parts.append(f"{format_time(evidence.window.start, zone)} to {format_time(evidence.window.end, zone)}")
    if evidence.kind in ("rows", "series"):
        parts.append(f"{count} {evidence.kind}")
    text = " | ".join(parts)
    for gap in evidence.gaps[:5]:
        text += f"\nNOT SEEN: {gap.source} {gap.dataset} ({gap.kind}): {defuse(gap.detail)}"
    if len(evidence.gaps) > 5:
        text += f"\nNOT SEEN: {len(evidence.gaps) - 5} more gaps"
    return text


def _body(evidence: Evidence, zone: tzinfo) -> Iterator[str]:
    if evidence.kind == "rows":
        yield from _rows(evidence, zone)
    elif evidence.kind == "series":
        for series in evidence.series:
            figures = describe_stats(series.stats) if series.stats else "no finite value"
            yield f"{defuse(labels_text(series))}: {figures}"
        if len(evidence.series) == 1:
            yield _points(evidence.series[0], zone)
    elif evidence.document:
        where = evidence.document.file
        if where:
            yield f"{where}:{evidence.document.line or 1} {evidence.document.heading or ''}".rstrip()
        yield from map(defuse, evidence.document.text.splitlines())


def _rows(evidence: Evidence, zone: tzinfo) -> Iterator[str]:
    """One row alone as `name: value` lines; several as a table without columns that are empty throughout."""
    used = [
        at
        for at, column in enumerate(evidence.columns)
        if column != "key" and any(row[at] not in (None, "") for row in evidence.rows)
    ]
    titles = [column_title(evidence.columns[at]) for at in used]
    if len(evidence.rows) == 1:
        for at, title in zip(used, titles, strict=True):
            yield f"{title}: {_cell(evidence.columns[at], evidence.rows[0][at], zone)}"
        return
    if evidence.rows:
        yield " | ".join(titles)
    for row in evidence.rows:
        yield " | ".join(_cell(evidence.columns[at], row[at], zone) for at in used)


def _cell(column: str, value: str | float | bool | None, zone: tzinfo) -> str:
    text = defuse(format_cell(column, value, zone)).replace("\n", " ").replace("|", "/")
    return text if len(text) <= CELL_CHARS else text[: CELL_CHARS - 1] + "…"


def _points(series: LabelledSeries, zone: tzinfo) -> str:
    """A dozen points, evenly chosen, for the shape of the curve."""
    unit = series.stats.unit if series.stats else ""
    every = max(1, len(series.points) // _POINTS_SHOWN)
    shown = [
        f"{from_epoch(at).astimezone(zone):%d %H:%M}={format_value(value, unit)}"
        for at, value in series.points[::every]
    ]
    return "points: " + "; ".join(shown)


def defuse(text: str) -> str:
    """A stranger's text that cannot close the fence around it."""
    return text.replace("</data", "<\u200b/data").replace("<data", "<\u200bdata")


def _fit(lines: list[str], room: int) -> tuple[str, int]:
    """As many whole lines as fit, and how many did not."""
    kept: list[str] = []
    used = 0
    for line in lines:
        if used + len(line) + 1 > room and kept:
            break
        kept.append(line[:room])
        used += len(line) + 1
    return "\n".join(kept), len(lines) - len(kept)
