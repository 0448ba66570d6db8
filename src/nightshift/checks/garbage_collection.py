"""Garbage collection of the backup server's datastores: failed, overdue, or with chunks that are bad."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nightshift.checks.check import Check
from nightshift.checks.evidence import GARBAGE_COLLECTION, iso, table
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.backups import Datastore, GcStatus
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.ids import Entity, datastore_key
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_age


@dataclass(frozen=True, slots=True)
class _Problem:
    what: str
    severity: Severity
    title: str
    detail: str
    remedy: str


def garbage_collection(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Garbage collection that failed, is overdue, never ran, or found chunks that are bad. `pending-bytes` is normal;
    where it never ran, the datastore may be new. Overdue is what should have run by its schedule, or has none and ran
    long ago.

    Judges (PBS API: /admin/gc):
        {"store": "tank", "schedule": "daily", "last-run-endtime": 1795000000, "last-run-state": "OK",
         "next-run": 1795086400, "pending-bytes": 8412345, "still-bad": 0}
    """
    stores = {(store.source, store.name): store for store in snapshot.datastores}
    running = {
        (task.source, task.worker_id)
        for task in snapshot.pbs_tasks
        if task.worker_type == "garbage_collection" and task.ended_at is None
    }
    return CheckResult(
        tuple(
            _finding(snapshot, status, problem)
            for status in snapshot.gc
            for problem in _problems(snapshot, status, stores.get((status.source, status.datastore)), thresholds)
            if problem.what not in ("overdue", "never") or (status.source, status.datastore) not in running
        )
    )


def _problems(
    snapshot: Snapshot, status: GcStatus, store: Datastore | None, thresholds: Thresholds
) -> Iterator[_Problem]:
    if status.still_bad:
        yield _bad_chunks(status.datastore, status.still_bad)
    state = status.last_run_state or "OK"
    if state != "OK" and not state.startswith("WARNINGS"):
        yield _failed(status.datastore, state)
        return
    if store is not None and (store.maintenance is not None or store.error is not None):
        return  # it waits for its datastore, which has a finding of its own
    if status.last_run_at is None:
        if _known_for_s(store) > thresholds.gc_age_warning_s:
            yield _never(status)
        return
    age_s = (snapshot.taken_at - status.last_run_at).total_seconds()
    if status.next_run_at is not None:  # its own schedule counts: once a month is the operator's choice
        late_s = (snapshot.taken_at - status.next_run_at).total_seconds()
        away = thresholds.away(snapshot.taken_at, source=status.source, datastore=status.datastore)
        overdue = late_s > thresholds.job_late_warning_s and not away
    else:
        overdue = age_s > thresholds.gc_age_warning_s
    if overdue:
        yield _overdue(status, format_age(status.last_run_at, snapshot.taken_at))


def _known_for_s(store: Datastore | None) -> float:
    """How long the datastore has had a history of its usage."""
    if store is None or not store.history_step_s:
        return 0.0
    first = next((index for index, share in enumerate(store.history) if share is not None), len(store.history))
    return (len(store.history) - first) * store.history_step_s


def _bad_chunks(name: str, count: int) -> _Problem:
    return _Problem(
        what="bad-chunks",
        severity="critical",
        title=f"Datastore {name} holds {count} bad chunks",
        detail=f"The last garbage collection of {name} left {count} chunks marked bad: backups that use them cannot be "
        "restored whole.",
        remedy=f"Verify the datastore (`proxmox-backup-manager verify {name}`) to see which snapshots are hit, "
        "check the disks beneath (`smartctl -a`, `zpool status -v`), and back those guests up again: a fresh chunk "
        "replaces a bad one.",
    )


def _failed(name: str, state: str) -> _Problem:
    return _Problem(
        what="failed",
        severity="warning",
        title=f"Garbage collection of datastore {name} failed",
        detail=f"Its last run ended with: {state}. Until one succeeds, pruned backups keep their space.",
        remedy="Read the task log (`proxmox-backup-manager task list --all`, then `proxmox-backup-manager task log "
        f"UPID`), mend the cause, then `proxmox-backup-manager garbage-collection start {name}`.",
    )


def _never(status: GcStatus) -> _Problem:
    name = status.datastore
    schedule = f"though its schedule is {status.schedule}" if status.schedule else "and has no schedule"
    return _Problem(
        what="never",
        severity="warning",
        title=f"Garbage collection of datastore {name} has never run",
        detail=f"It has not run once, {schedule}. Without it pruning frees nothing: the datastore only ever grows.",
        remedy=f"`proxmox-backup-manager garbage-collection start {name}`, and give it a schedule: "
        f"`proxmox-backup-manager datastore update {name} --gc-schedule daily`.",
    )


def _overdue(status: GcStatus, age: str) -> _Problem:
    name = status.datastore
    schedule = f"its schedule is {status.schedule}" if status.schedule else "it has no schedule"
    return _Problem(
        what="overdue",
        severity="warning",
        title=f"Garbage collection of datastore {name} is overdue",
        detail=f"It last ran {age}; {schedule}. Without it, pruning frees nothing.",
        remedy=f"`proxmox-backup-manager garbage-collection start {name}`, and give it a schedule: "
        f"`proxmox-backup-manager datastore update {name} --gc-schedule daily`.",
    )


def _finding(snapshot: Snapshot, status: GcStatus, problem: _Problem) -> Finding:
    row = (
        status.datastore,
        status.schedule,
        iso(status.last_run_at),
        status.last_run_state,
        status.pending_bytes,
        status.still_bad,
    )
    columns = ("datastore", "schedule", "last_run_at", "last_run_state", "pending_bytes", "bad_chunks")
    title = f"Garbage collection of {status.datastore}"
    return Finding(
        check="datastore.gc",
        severity=problem.severity,
        entity=Entity(datastore_key(status.source, status.datastore), f"datastore {status.datastore}"),
        title=problem.title,
        detail=problem.detail,
        remedy=problem.remedy,
        discriminator=problem.what,
        evidence=(table(snapshot, status.source, GARBAGE_COLLECTION, title, columns, (row,)),),
        runbook="pbs-gc.md#steps",
    )


CHECKS = (
    Check(
        "datastore.gc",
        "backup server",
        "critical",
        ("gc",),
        garbage_collection,
        "Garbage collection",
        also=("datastores", "pbs_tasks"),
    ),
)
