"""A sweep as JSON, in the shape of the API's `GET /findings` (tests/cli/test_check.py compares them)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nightshift.agent.answer import evidence_to_json, gap_to_json
from nightshift.cli.sweep_text import Filter
from nightshift.facts.finding import Ack, Finding
from nightshift.facts.snapshot import SourceStatus
from nightshift.facts.sweep import Sweep


def sweep_json(sweep: Sweep, chosen: Filter) -> dict[str, Any]:
    """`causes` are fingerprints, most important first; `findings` are those that `chosen` shows."""
    shown = chosen.of_sweep(sweep)
    return {
        "schema": 1,
        "id": sweep.id,
        "taken_at": _time(sweep.snapshot.taken_at),
        "age_s": 0.0,
        "duration_s": sweep.duration_s,
        "causes": [finding.fingerprint for finding in shown if finding.cause is None],
        "findings": [_finding(finding) for finding in shown],
        "resolved": [_finding(finding) for finding in sweep.resolved],
        "gaps": [gap_to_json(gap) for gap in sweep.gaps],
        "sources": [_source(source) for source in sweep.snapshot.sources],
    }


def _finding(finding: Finding) -> dict[str, Any]:
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
        "ack": _ack(finding.ack),
        "evidence": [evidence_to_json(evidence) for evidence in finding.evidence],
    }


def _ack(ack: Ack | None) -> dict[str, Any] | None:
    return None if ack is None else {"kind": ack.kind, "by": ack.by, "reason": ack.reason, "until": _time(ack.until)}


def _source(source: SourceStatus) -> dict[str, Any]:
    return {
        "id": source.id,
        "kind": source.kind,
        "reachable": source.reachable,
        "version": source.version,
        "latency_ms": source.latency_ms,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
