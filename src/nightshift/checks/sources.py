"""The watched systems themselves: one that does not answer is a fault of its own, beside the gap that it leaves."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.evidence import table
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import Entity, source_key
from nightshift.facts.snapshot import Snapshot, SourceStatus

_SILENT = frozenset({"unreachable", "timed_out"})
_NAMES = {"pve": "Proxmox VE", "pbs": "Backup server", "prometheus": "Prometheus", "grafana": "Grafana"}
_LOST = {
    "pve": "Whether its nodes and guests run is unknown.",
    "pbs": "Nothing can be saved to it or restored from it while it is away, and its datastores are unknown.",
    "prometheus": "Nothing is measured while it is down: its alert rules do not fire, and Grafana's find no data.",
    "grafana": "No alert is evaluated or sent while it is down.",
}
_UNITS = {"pve": "pveproxy", "pbs": "proxmox-backup-proxy", "prometheus": "prometheus", "grafana": "grafana-server"}


def unreachable(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A system that does not answer at all. One that refuses the token or answers nonsense is there: that is a gap.

    Judges whether each system told its version (`/version`, `/api/v1/status/buildinfo`, `/api/health`):
        pbs: connection refused
    """
    return CheckResult(
        tuple(
            _unreachable(snapshot, source)
            for source in snapshot.sources
            if source.gap is not None and source.gap.kind in _SILENT
        )
    )


def _unreachable(snapshot: Snapshot, source: SourceStatus) -> Finding:
    name, unit = _NAMES.get(source.kind, source.kind), _UNITS.get(source.kind, source.kind)
    label = name if source.id == name.lower() else f"{name} {source.id}"
    reason = source.gap.detail if source.gap else "no answer"
    return Finding(
        check="source.unreachable",
        severity="warning",
        entity=Entity(source_key(source.id), label),
        title=f"{label} does not answer",
        detail=f"It says nothing to Nightshift: {reason}. {_LOST.get(source.kind, '')}".rstrip(),
        remedy=f"See whether its machine runs and can be reached, then `systemctl status {unit}` on it; `nightshift "
        "doctor` tells at which step it fails. One that is away at times on purpose belongs under "
        "`expected_absence` in "
        "nightshift.yaml.",
        evidence=(
            table(
                snapshot,
                source.id,
                "its version",
                f"Answer of {source.id}",
                ("system", "kind", "answers", "error"),
                ((source.id, source.kind, False, reason),),
            ),
        ),
        runbook="target-down.md#steps",
    )


CHECKS = (
    Check("source.unreachable", "monitoring", "warning", (), unreachable, "Watched systems answer", says_absent=True),
)
