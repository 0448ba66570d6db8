"""Replication of guests' disks to other nodes: jobs that fail, and jobs that do not run any more."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.evidence import iso, table
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.cluster import ReplicationJob
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_age, format_time

REPLICATION = "GET /nodes/{node}/replication"
_ERROR_SHOWN = 300


def failing(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A replication job that fails: the copy on the other node grows old, and a failover would lose what came since. A
    first failure is a remark: PVE tries again within minutes, and a node that restarts fails every job once.

    Judges (PVE API: /nodes/{node}/replication), jobs that are enabled:
        {"id": "102-0", "guest": 102, "source": "pve1", "target": "pve2", "schedule": "*/15", "fail_count": 27,
         "last_sync": 1763859304, "error": "command 'set -o pipefail && pvesm export …' failed: exit code 255"}
    """
    guests = {guest.entity.key: guest.entity for guest in snapshot.guests}
    return CheckResult(
        tuple(
            _failing(snapshot, job, guests.get(job.guest))
            for job in snapshot.replication
            if job.enabled and job.failures > 0
        )
    )


def _rows(snapshot: Snapshot, job: ReplicationJob) -> Evidence:
    return table(
        snapshot,
        job.source,
        REPLICATION.format(node=job.node),
        f"Replication job {job.id}",
        ("job", "from", "to", "schedule", "last_sync_at", "last_try_at", "next_sync_at", "failures", "error"),
        (
            (
                job.id, job.node, job.target, job.schedule, iso(job.last_sync_at), iso(job.last_try_at),
                iso(job.next_sync_at), job.failures, (job.error or "")[:_ERROR_SHOWN],
            ),
        ),
    )  # fmt: skip


def _whose(job: ReplicationJob, guest: Entity | None) -> str:
    return guest.label if guest else f"guest {job.vmid}"


def _copy_age(snapshot: Snapshot, job: ReplicationJob) -> str:
    if job.last_sync_at is None:
        return f"There has never been a copy on {job.target}."
    age = format_age(job.last_sync_at, snapshot.taken_at)
    return f"The copy on {job.target} is of {format_time(job.last_sync_at)} ({age})."


def _failing(snapshot: Snapshot, job: ReplicationJob, guest: Entity | None) -> Finding:
    whose = _whose(job, guest)
    error = f" The last try said: {job.error[:_ERROR_SHOWN]}" if job.error else ""
    often = "once" if job.failures == 1 else f"{job.failures} times in a row"
    return Finding(
        check="replication.failing",
        severity="warning" if job.failures > 1 else "info",
        entity=job.entity,
        title=f"The replication of {whose} to {job.target} fails",
        detail=f"Job {job.id} ({job.node} to {job.target}, {job.schedule or 'every 15 min'}) failed "
        f"{often}. {_copy_age(snapshot, job)} A failover to {job.target} would lose what came since.{error}",
        remedy=f"On {job.node}: `pvesr status --guest {job.vmid}` and `pvesr read {job.id}` (the log of the last try); "
        f"whether {job.target} answers (`ssh root@{job.target} true`) and has space (`pvesm status`). Then `pvesr "
        f"schedule-now {job.id}`.",
        evidence=(_rows(snapshot, job),),
        since=job.last_sync_at,
        runbook="replication.md#steps",
    )


def behind(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A replication job that should have run and did not, without an error: its node's scheduler stands still, or
    another job never ends. By PVE's own reckoning of its next run.

    Judges (PVE API: /nodes/{node}/replication), jobs that are enabled, did not fail and do not run now:
        {"id": "116-0", "guest": 116, "last_sync": 1763852404, "next_sync": 1763853300, "fail_count": 0}
    """
    guests = {guest.entity.key: guest.entity for guest in snapshot.guests}
    findings = []
    for job in snapshot.replication:
        if not job.enabled or job.failures or job.running or job.next_sync_at is None:
            continue
        late_s = (snapshot.taken_at - job.next_sync_at).total_seconds()
        if late_s >= thresholds.replication_late_s:
            findings.append(_behind(snapshot, job, guests.get(job.guest)))
    return CheckResult(tuple(findings))


def _behind(snapshot: Snapshot, job: ReplicationJob, guest: Entity | None) -> Finding:
    due = job.next_sync_at or snapshot.taken_at
    return Finding(
        check="replication.behind",
        severity="warning",
        entity=job.entity,
        title=f"The replication of {_whose(job, guest)} to {job.target} is behind its schedule",
        detail=f"Job {job.id} ({job.schedule or 'every 15 min'}) was due {format_age(due, snapshot.taken_at)} and has "
        f"not run. {_copy_age(snapshot, job)}",
        remedy=f"On {job.node}: `systemctl status pvescheduler`, `pvesr status`; a job that never ends blocks the "
        f"others: `pgrep -af pvesr`. Then `pvesr schedule-now {job.id}`.",
        evidence=(_rows(snapshot, job),),
        since=due,
        runbook="replication.md#steps",
    )


CHECKS = (
    Check(
        "replication.failing", "replication", "warning", ("replication",), failing, "Replication that fails",
        also=("guests",),
    ),
    Check(
        "replication.behind", "replication", "warning", ("replication",), behind, "Replication behind its schedule",
        also=("guests",),
    ),
)  # fmt: skip
