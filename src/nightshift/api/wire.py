"""Facts as JSON, in the shapes that docs/api.md promises.

Evidence carries raw values, for programs, and under `display` the same cells as people read them, formatted by
`facts.units` in the viewer's zone: a page that only speaks HTTP needs no formatter of its own.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from nightshift.agent.answer import evidence_to_json, gap_to_json
from nightshift.api.service import Json
from nightshift.facts.finding import Ack, Finding
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
        "gaps": [gap_to_json(gap) for gap in sweep.gaps],
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
        "evidence": [with_display(evidence_to_json(item), zone) for item in finding.evidence],
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


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
