"""Facts as JSON, in the shapes that docs/api.md promises.

Evidence carries raw values, for programs, and under `display` the same cells as people read them, formatted by
`facts.units` in the viewer's zone: a page that only speaks HTTP needs no formatter of its own.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from nightshift.api.service import Json
from nightshift.facts.as_json import sweep_to_json
from nightshift.facts.sweep import Sweep
from nightshift.facts.units import (
    column_title,
    format_bytes,
    format_cell,
    format_duration,
    format_number,
    format_percent,
)


def sweep_json(sweep: Sweep, now: datetime, zone: tzinfo) -> Json:
    """The body of `GET /findings`: all findings, their evidence with `display`."""
    body = sweep_to_json(sweep, sweep.findings, now)
    for finding in (*body["findings"], *body["resolved"], *body["set_aside"]):
        finding["evidence"] = [with_display(evidence, zone) for evidence in finding["evidence"]]
    return body


def with_display(evidence: Json, zone: tzinfo) -> Json:
    """The evidence with its cells and statistics as people read them."""
    columns = evidence.get("columns") or []
    display: Json = {
        "columns": [column_title(column) for column in columns],
        "rows": [
            [format_cell(column, cell, zone) for column, cell in zip(columns, row, strict=True)]
            for row in evidence.get("rows") or []
        ],
        "stats": [_stats_display(series.get("stats")) for series in evidence.get("series") or []],
    }
    return {**evidence, "display": display}


_STATISTICS = ("minimum", "mean", "p95", "maximum", "last")


def _stats_display(stats: Json | None) -> dict[str, str]:
    """`{"minimum": "3 %", …, "time to full": "4 d 2 h"}`, empty when nothing was computed."""
    if not stats:
        return {}
    shown = {
        name: _with_unit(stats[name], stats.get("unit", "")) for name in _STATISTICS if stats.get(name) is not None
    }
    left = stats.get("time_to_full_s")
    return shown if left is None else {**shown, "time to full": format_duration(left)}


def _with_unit(value: float, unit: str) -> str:
    match unit:
        case "bytes":
            return format_bytes(value)
        case "fraction":
            return format_percent(value)
        case "seconds":
            return format_duration(value)
        case _:
            return f"{format_number(value)} {unit}".rstrip()
