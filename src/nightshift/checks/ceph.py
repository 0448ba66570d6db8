"""Ceph, as it judges itself."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.evidence import table
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.hardware import CephStatus
from nightshift.facts.snapshot import Snapshot

_STATUS = "GET /cluster/ceph/status"
_SHOWN = 5


def health(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """Ceph that is not HEALTH_OK, in its own words, and OSDs that do not run: of one that was marked out Ceph complains
    no more once its data is copied elsewhere. What an operator muted there stays muted.

    Judges (PVE API: /cluster/ceph/status):
        {"health": {"status": "HEALTH_WARN", "checks": {"OSD_DOWN": {"severity": "HEALTH_WARN",
         "summary": {"message": "1 osds down"}, "muted": false}}}, "osdmap": {"num_osds": 6, "num_up_osds": 5}}
    """
    return CheckResult(tuple(_unwell(snapshot, status) for status in snapshot.ceph if _is_unwell(status)))


def _is_unwell(status: CephStatus) -> bool:
    told = [check for check in status.checks if not check.muted]
    complains = status.health != "HEALTH_OK" and (bool(told) or not status.checks)
    return complains or bool(status.osds_down and not any(check.code == "OSD_DOWN" for check in status.checks))


def _unwell(snapshot: Snapshot, status: CephStatus) -> Finding:
    told = [check for check in status.checks if not check.muted]
    words = "; ".join(f"{check.summary} ({check.code})" for check in told[:_SHOWN])
    more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    down = f"{status.osds_down} of {status.osds} OSDs {'is' if status.osds_down == 1 else 'are'} down"
    parts = [f"{words}{more}" if words else "", down if status.osds_down else ""]
    quiet = status.health == "HEALTH_OK"
    broken = status.health == "HEALTH_ERR" or any(check.severity == "HEALTH_ERR" for check in told)
    return Finding(
        check="ceph.health",
        severity="critical" if broken else "warning",
        entity=status.entity,
        title=f"{down} in Ceph of {status.source}" if quiet else f"Ceph of {status.source} says {status.health}",
        detail=f"{'. '.join(filter(None, parts)) or 'It gives no reason'}."
        + (" Their data is copied elsewhere, so that Ceph says HEALTH_OK: with less room, and less to lose." * quiet),
        remedy="On a node of the cluster: `ceph health detail` and `ceph osd tree`.",
        evidence=(
            table(
                snapshot,
                status.source,
                _STATUS,
                "Ceph's complaints",
                ("code", "severity", "summary", "muted"),
                ((check.code, check.severity, check.summary, check.muted) for check in status.checks),
            ),
            table(snapshot, status.source, _STATUS, "OSDs of Ceph", ("osds", "up"), ((status.osds, status.osds_up),)),
        ),
        discriminator="ceph",
        runbook="ceph.md#steps",
    )


CHECKS = (Check("ceph.health", "storage", "critical", ("ceph",), health, "Health of Ceph"),)
