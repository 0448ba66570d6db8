"""Tasks of the backup server that failed: verification, sync, prune. Backups and garbage collection are elsewhere."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.evidence import TASKS, iso, table
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import Entity, datastore_key, source_key
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.tasks import Task
from nightshift.facts.units import format_age

_KINDS = {
    "verificationjob": "Verification",
    "verify": "Verification",
    "verify_group": "Verification",
    "verify_snapshot": "Verification",
    "syncjob": "Sync",
    "sync": "Sync",
    "prunejob": "Pruning",
    "prune": "Pruning",
    "tape-backup-job": "Tape backup",
}


def failed(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """The latest run of a verification, sync or prune job failed; an earlier failure that was made good does not count.

    Judges (PBS API: /nodes/{node}/tasks):
        {"worker_type": "verificationjob", "worker_id": "tank:v-3f2a", "status": "verification failed - …",
         "starttime": 1794996001, "endtime": 1794997000}
    """
    latest: dict[tuple[str, str, str], Task] = {}
    for task in sorted(snapshot.pbs_tasks, key=lambda task: task.started_at):
        if task.worker_type in _KINDS and task.outcome in ("ok", "warnings", "failed"):
            latest[task.source, task.worker_type, task.worker_id] = task
    bad = [task for task in latest.values() if task.outcome == "failed"]
    return CheckResult(tuple(_failed(snapshot, task) for task in bad))


def _failed(snapshot: Snapshot, task: Task) -> Finding:
    kind = _KINDS[task.worker_type]
    entity = _about(snapshot, task)
    of = f" of {entity.label}" if entity.kind == "datastore" else ""
    return Finding(
        check="server.task_failed",
        severity="warning",
        entity=entity,
        title=f"{kind}{of} failed",
        detail=f"It began {format_age(task.started_at, snapshot.taken_at)} and ended with: {task.status}.",
        remedy=f"Read its log on the backup server: `proxmox-backup-manager task log '{task.upid}'`. A snapshot "
        "that fails verification cannot be restored: save that guest again at once.",
        discriminator=f"{task.worker_type}/{task.worker_id}",
        since=task.started_at,
        evidence=(
            table(
                snapshot,
                task.source,
                TASKS,
                f"{kind}, last run",
                ("started_at", "ended_at", "type", "job", "status", "upid"),
                ((iso(task.started_at), iso(task.ended_at), task.worker_type, task.worker_id, task.status, task.upid),),
            ),
        ),
        runbook="backup-failed.md#steps",
    )


def _about(snapshot: Snapshot, task: Task) -> Entity:
    """A worker id begins with its datastore (`tank:v-3f2a`, a sync job's with the remote's name first)."""
    parts = task.worker_id.split(":")
    for store in snapshot.datastores:
        if store.source == task.source and store.name in parts:
            return Entity(datastore_key(store.source, store.name), f"datastore {store.name}")
    return Entity(source_key(task.source), f"backup server {task.source}")


CHECKS = (
    Check(
        "server.task_failed",
        "backup server",
        "warning",
        ("pbs_tasks",),
        failed,
        "Jobs of the backup server",
        also=("datastores",),
    ),
)
