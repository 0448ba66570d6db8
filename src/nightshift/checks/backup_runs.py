"""Backup runs that failed: per guest the latest state counts, and what failed together is told together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from nightshift.checks.check import Check
from nightshift.checks.evidence import TASKS, counted, iso, named, table
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import Entity, guest_key, node_key
from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.tasks import Task
from nightshift.facts.units import format_age

_RUNBOOK = "backup-failed.md#steps"
_DESTROYS = ("qmdestroy", "vzdestroy")


@dataclass(frozen=True, slots=True)
class _Failure:
    """A guest (None when no log told which) whose latest backup run failed."""

    task: Task
    vmid: int | None


def failed(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """Backups that failed and were not made good since: a later run that succeeds, or a newer backup in the backup
    server, clears a guest. Guests that failed on the way to one storage are one finding.

    Judges (PVE API: /nodes/{node}/tasks, with the reason from the task's log):
        {"upid": "UPID:pve1:0003…:vzdump::root@pam:", "type": "vzdump", "id": "", "starttime": 1794996001,
         "endtime": 1794997000, "status": "job errors"}
        ERROR: Backup of VM 105 failed - backup write data failed: ENOSPC: No space left on device
    A run over several guests has an empty id: only its log tells which of them failed. A guest that was deleted since
    needs no backup.
    """
    runs = sorted((task for task in snapshot.tasks if task.worker_type == "vzdump"), key=lambda task: task.started_at)
    destroyed = {
        (task.source, int(task.worker_id)): task.started_at
        for task in sorted(snapshot.tasks, key=lambda task: task.started_at)
        if task.worker_type in _DESTROYS and task.worker_id.isdigit() and task.outcome in ("ok", "warnings")
    }
    saved = {log.upid: tuple(run.vmid for run in log.runs if run.ok) for log in snapshot.backup_runs}
    open_failures = [
        failure for failure in _open_failures(runs, saved, last_backups(snapshot)) if not _destroyed(failure, destroyed)
    ]
    groups: dict[tuple[str, str], list[_Failure]] = {}
    for failure in open_failures:
        groups.setdefault((failure.task.source, failure.task.storage or ""), []).append(failure)
    guests = {(guest.source, guest.vmid): guest for guest in snapshot.guests}
    return CheckResult(
        tuple(_failed(snapshot, source, storage, items, guests) for (source, storage), items in groups.items())
    )


def _destroyed(failure: _Failure, destroyed: Mapping[tuple[str, int], datetime]) -> bool:
    """Whether the guest was deleted after the run. Not being listed would prove nothing: a token may not see it."""
    deleted_at = destroyed.get((failure.task.source, failure.vmid)) if failure.vmid is not None else None
    return deleted_at is not None and deleted_at >= failure.task.started_at


def last_backups(snapshot: Snapshot) -> dict[str, datetime]:
    """When each guest was last saved to any watched backup server, by entity key."""
    newest: dict[str, datetime] = {}
    for group in snapshot.backup_groups:
        if group.guest is not None and group.backup_count > 0:
            newest[group.guest] = max(group.last_backup_at, newest.get(group.guest, group.last_backup_at))
    return newest


def _open_failures(
    runs: Iterable[Task], saved: Mapping[str, Iterable[int]], newest: Mapping[str, datetime]
) -> list[_Failure]:
    """Failures that nothing later made good, by guest. `runs` come oldest first; `saved` are the guests that a task
    saved, by its UPID, where its log was read."""
    latest: dict[tuple[str, str, int | None], _Failure] = {}
    for task in runs:
        for well in saved.get(task.upid, ()):
            latest.pop((task.source, "", well), None)
        if task.outcome == "failed":
            for vmid in _failed_vmids(task):
                latest[task.source, task.node if vmid is None else "", vmid] = _Failure(task, vmid)
        elif task.outcome in ("ok", "warnings"):
            if task.worker_id.isdigit():  # a run of one guest makes good what failed with it, and nothing else
                latest.pop((task.source, "", int(task.worker_id)), None)
                continue
            told = task.upid in saved
            for key in [key for key, failure in latest.items() if _made_good(task, failure, told=told)]:
                del latest[key]
    return [
        failure
        for failure in latest.values()
        if failure.vmid is None
        or newest.get(guest_key(failure.task.source, failure.vmid), failure.task.started_at) <= failure.task.started_at
    ]


def _failed_vmids(task: Task) -> tuple[int | None, ...]:
    if task.failed_vmids:
        return task.failed_vmids
    return (int(task.worker_id),) if task.worker_id.isdigit() else (None,)


def _made_good(task: Task, failure: _Failure, *, told: bool) -> bool:
    """Whether a run of several guests that succeeded covers the failure: on the same node, to the same storage. Two
    jobs can follow one another on a node: where the log did not tell the storage, such a run proves nothing, and where
    the log told each guest (`told`), only those that it names were saved."""
    if told and failure.vmid is not None:
        return False
    same_node = (task.source, task.node) == (failure.task.source, failure.task.node)
    return same_node and task.storage is not None and task.storage == failure.task.storage


def _failed(
    snapshot: Snapshot,
    source: str,
    storage: str,
    failures: list[_Failure],
    guests: dict[tuple[str, int], Guest],
) -> Finding:
    failures = sorted(failures, key=lambda failure: failure.task.started_at, reverse=True)
    hit = [_guest_entity(source, vmid, guests) for vmid in sorted({f.vmid for f in failures if f.vmid is not None})]
    tasks = list({failure.task.upid: failure.task for failure in failures}.values())
    vmids: dict[str, list[str]] = {}
    for failure in failures:
        if failure.vmid is not None:
            vmids.setdefault(failure.task.upid, []).append(str(failure.vmid))
    newest = tasks[0]
    reason = newest.reason or newest.status or "no reason given"
    to = f" to {storage}" if storage else ""
    what = (
        f"Backup of {hit[0].label}"
        if len(hit) == 1
        else f"Backups of {counted(len(hit), 'guest')}"
        if hit
        else "Backups"
    )
    when = format_age(newest.started_at, snapshot.taken_at)
    return Finding(
        check="backup.failed",
        severity="warning",
        entity=hit[0] if len(hit) == 1 else _place(snapshot, source, storage, newest),
        title=f"{what}{to} failed",
        detail=f"{'Guests: ' + named(hit, 8) + '. ' if len(hit) > 1 else ''}The newest of these runs began {when} on "
        f"{newest.node}. Reason: {_shortened(reason)}",
        remedy=f"Read the log: `pvenode task log {newest.upid}` on {newest.node}. Mend the reason, then save the "
        f"guests again: `vzdump {' '.join(str(f.vmid) for f in failures[:5] if f.vmid is not None) or 'VMID'} "
        f"--storage {storage or 'STORAGE'} --mode snapshot`.",
        discriminator=storage,
        since=min(task.ended_at or task.started_at for task in tasks),
        evidence=(
            table(
                snapshot,
                source,
                TASKS,
                "Failed backup runs",
                ("started_at", "node", "guests", "storage", "status", "reason", "upid"),
                (
                    (
                        iso(task.started_at),
                        task.node,
                        ", ".join(vmids.get(task.upid, ())),
                        task.storage,
                        task.status,
                        task.reason,
                        task.upid,
                    )
                    for task in tasks
                ),
            ),
        ),
        runbook=_RUNBOOK,
    )


def _guest_entity(source: str, vmid: int, guests: dict[tuple[str, int], Guest]) -> Entity:
    known = guests.get((source, vmid))
    return known.entity if known else Entity(guest_key(source, vmid), f"guest {vmid}")


def _place(snapshot: Snapshot, source: str, storage: str, task: Task) -> Entity:
    """The storage that the backups were meant for, else the node on which they ran."""
    known = next((item for item in snapshot.storages if (item.source, item.name) == (source, storage)), None)
    return known.entity if known else Entity(node_key(source, task.node), task.node)


def _shortened(reason: str, most: int = 300) -> str:
    return reason if len(reason) <= most else reason[: most - 1].rstrip() + "…"


CHECKS = (
    Check(
        "backup.failed",
        "backups",
        "warning",
        ("tasks",),
        failed,
        "Backup runs",
        also=("backup_groups", "backup_runs", "guests", "storages"),
    ),
)
