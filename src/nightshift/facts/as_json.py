"""Facts as JSON values, in the shapes that docs/api.md promises: every face shows the same.

Numbers that JSON cannot hold (NaN, infinities) become null; times are ISO 8601.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from nightshift.facts.evidence import Document, Evidence, LabelledSeries, Stats, Window
from nightshift.facts.finding import Ack, Finding
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Progress, SourceStatus
from nightshift.facts.sweep import Sweep

Json = dict[str, Any]


def sweep_to_json(sweep: Sweep, findings: Iterable[Finding], now: datetime) -> Json:
    """A sweep with these of its findings. `causes` are fingerprints, most important first."""
    shown = tuple(findings)
    return {
        "schema": 1,
        "id": sweep.id,
        "taken_at": iso(sweep.snapshot.taken_at),
        "age_s": max(0.0, (now - sweep.snapshot.taken_at).total_seconds()),
        "duration_s": sweep.duration_s,
        "causes": [finding.fingerprint for finding in shown if finding.cause is None],
        "findings": [finding_to_json(finding) for finding in shown],
        "resolved": [finding_to_json(finding) for finding in sweep.resolved],
        "gaps": [gap_to_json(gap) for gap in sweep.gaps],
        "progress": [_progress(item) for item in sweep.snapshot.progress],
        "set_aside": [{**finding_to_json(item.finding), "why": item.why} for item in sweep.set_aside],
        "away": [gap_to_json(gap) for gap in sweep.away],
        "switched_off": list(sweep.switched_off),
        "sources": [_source(source) for source in sweep.snapshot.sources],
    }


def finding_to_json(finding: Finding) -> Json:
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
        "since": iso(finding.since),
        "first_seen": iso(finding.first_seen),
        "last_seen": iso(finding.last_seen),
        "ack": _ack(finding.ack),
        "evidence": [evidence_to_json(evidence) for evidence in finding.evidence],
    }


def evidence_to_json(evidence: Evidence) -> Json:
    return {
        "id": evidence.id,
        "source": evidence.source,
        "kind": evidence.kind,
        "request": evidence.request,
        "title": evidence.title,
        "window": _window(evidence.window),
        "taken_at": evidence.taken_at.isoformat(timespec="seconds"),
        "age_s": evidence.age_s,
        "columns": list(evidence.columns),
        "rows": [[_number(cell) if isinstance(cell, float) else cell for cell in row] for row in evidence.rows],
        "series": [_series(series) for series in evidence.series],
        "document": _document(evidence.document),
        "total": evidence.total,
        "shown": evidence.shown,
        "complete": evidence.complete,
        "gaps": [gap_to_json(gap) for gap in evidence.gaps],
    }


def gap_to_json(gap: Gap) -> Json:
    return {"source": gap.source, "dataset": gap.dataset, "kind": gap.kind, "detail": gap.detail, "fix": gap.fix}


def _window(window: Window | None) -> Json | None:
    if window is None:
        return None
    return {"start": window.start.isoformat(), "end": window.end.isoformat(), "step_s": window.step_s}


def _document(document: Document | None) -> Json | None:
    if document is None:
        return None
    return {"text": document.text, "file": document.file, "heading": document.heading, "line": document.line}


def _series(series: LabelledSeries) -> Json:
    return {
        "labels": dict(series.labels),
        "points": [[_number(at), _number(value)] for at, value in series.points],
        "stats": _stats(series.stats),
    }


def _stats(stats: Stats | None) -> Json | None:
    if stats is None:
        return None
    return {
        "count": stats.count,
        "minimum": _number(stats.minimum),
        "maximum": _number(stats.maximum),
        "mean": _number(stats.mean),
        "p95": _number(stats.p95),
        "first": _number(stats.first),
        "last": _number(stats.last),
        "rate_per_s": _number(stats.rate_per_s),
        "unit": stats.unit,
        "time_to_full_s": _known(stats.time_to_full_s),
        "median": _known(stats.median),
        "limit": _known(stats.limit),
        "total": _known(stats.total),
    }


def _known(value: float | None) -> float | None:
    return None if value is None else _number(value)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _ack(ack: Ack | None) -> Json | None:
    return None if ack is None else {"kind": ack.kind, "by": ack.by, "reason": ack.reason, "until": iso(ack.until)}


def _progress(progress: Progress) -> Json:
    """What is read item by item and not whole yet: `{"noun": "guests' file systems", "done": 12, "total": 50}`."""
    return {"source": progress.source, "noun": progress.noun, "done": progress.done, "total": progress.total}


def _source(source: SourceStatus) -> Json:
    return {
        "id": source.id,
        "kind": source.kind,
        "reachable": source.reachable,
        "version": source.version,
        "latency_ms": source.latency_ms,
    }


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 to the second, null when unknown."""
    return None if moment is None else moment.isoformat(timespec="seconds")
