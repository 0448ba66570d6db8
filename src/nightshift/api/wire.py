"""Facts as JSON, in the shapes that docs/api.md promises.

Evidence carries raw values, for programs, and under `display` the same cells as people read them, formatted by
`facts.units` in the viewer's zone: a page that only speaks HTTP needs no formatter of its own.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from nightshift.api.service import Json
from nightshift.facts.evidence import Evidence, LabelledSeries, Window
from nightshift.facts.finding import Ack, Finding
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import SourceStatus
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
    """The body of `GET /findings`. `causes` are fingerprints, most important first; `findings` holds all of them."""
    return {
        "schema": 1,
        "id": sweep.id,
        "taken_at": _time(sweep.snapshot.taken_at),
        "age_s": max(0.0, (now - sweep.snapshot.taken_at).total_seconds()),
        "duration_s": sweep.duration_s,
        "causes": [finding.fingerprint for finding in sweep.causes],
        "findings": [finding_json(finding, zone) for finding in sweep.findings],
        "resolved": [finding_json(finding, zone) for finding in sweep.resolved],
        "gaps": [gap_json(gap) for gap in sweep.gaps],
        "sources": [_source_json(source) for source in sweep.snapshot.sources],
    }


def finding_json(finding: Finding, zone: tzinfo) -> Json:
    return {
        "fingerprint": finding.fingerprint,
        "check": finding.check,
        "severity": finding.severity,
        "state": finding.state,
        "entity": {"key": finding.entity.key, "label": finding.entity.label},
        "title": finding.title,
        "detail": finding.detail,
        "remedy": finding.remedy,
        "runbook": finding.runbook,
        "cause": finding.cause,
        "since": _time(finding.since),
        "first_seen": _time(finding.first_seen),
        "last_seen": _time(finding.last_seen),
        "ack": _ack_json(finding.ack),
        "evidence": [with_display(evidence_json(item), zone) for item in finding.evidence],
    }


def gap_json(gap: Gap) -> Json:
    return {"source": gap.source, "dataset": gap.dataset, "kind": gap.kind, "detail": gap.detail, "fix": gap.fix}


def evidence_json(evidence: Evidence) -> Json:
    document = evidence.document
    return {
        "id": evidence.id,
        "source": evidence.source,
        "kind": evidence.kind,
        "request": evidence.request,
        "title": evidence.title,
        "window": _window_json(evidence.window),
        "taken_at": _time(evidence.taken_at),
        "age_s": evidence.age_s,
        "columns": list(evidence.columns),
        "rows": [list(row) for row in evidence.rows],
        "series": [_series_json(series) for series in evidence.series],
        "document": None
        if document is None
        else {"text": document.text, "file": document.file, "heading": document.heading, "line": document.line},
        "total": evidence.total,
        "shown": evidence.shown,
        "complete": evidence.complete,
        "gaps": [gap_json(gap) for gap in evidence.gaps],
    }


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


def _series_json(series: LabelledSeries) -> Json:
    stats = series.stats
    return {
        "labels": dict(series.labels),
        "points": [list(point) for point in series.points],
        "stats": None
        if stats is None
        else {
            "count": stats.count,
            "minimum": stats.minimum,
            "maximum": stats.maximum,
            "mean": stats.mean,
            "p95": stats.p95,
            "first": stats.first,
            "last": stats.last,
            "rate_per_s": stats.rate_per_s,
            "unit": stats.unit,
            "time_to_full_s": stats.time_to_full_s,
        },
    }


def _window_json(window: Window | None) -> Json | None:
    if window is None:
        return None
    return {"start": _time(window.start), "end": _time(window.end), "step_s": window.step_s}


def _ack_json(ack: Ack | None) -> Json | None:
    if ack is None:
        return None
    return {"kind": ack.kind, "by": ack.by, "reason": ack.reason, "until": _time(ack.until)}


def _source_json(source: SourceStatus) -> Json:
    return {
        "id": source.id,
        "kind": source.kind,
        "reachable": source.reachable,
        "version": source.version,
        "latency_ms": source.latency_ms,
    }


def _time(moment: datetime | None) -> Any:
    return None if moment is None else moment.isoformat(timespec="seconds")
