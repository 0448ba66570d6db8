"""Which guests the enabled backup jobs cover, and when each was last saved: what the backup checks reckon with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from nightshift.facts.inventory import BackupJob, Guest
from nightshift.facts.snapshot import Snapshot

_CREATES = ("qmcreate", "vzcreate", "qmclone", "vzclone", "qmrestore", "vzrestore", "imgcopy")


@dataclass(frozen=True, slots=True)
class Coverage:
    """How one guest is covered: by these enabled jobs, left out on purpose by those."""

    guest: Guest
    covered_by: tuple[BackupJob, ...]
    excluded_by: tuple[BackupJob, ...]


def coverage(snapshot: Snapshot) -> tuple[Coverage, ...]:
    """The coverage of every guest that is no template.

    PVE's own list (`not-backed-up`) counts disabled jobs as cover, so that it is reckoned here from the jobs.
    """
    jobs: dict[str, list[BackupJob]] = {}
    for job in snapshot.backup_jobs:
        if job.enabled:
            jobs.setdefault(job.source, []).append(job)
    return tuple(_coverage_of(guest, jobs.get(guest.source, ())) for guest in snapshot.guests if not guest.template)


def _coverage_of(guest: Guest, jobs: Iterable[BackupJob]) -> Coverage:
    covered: list[BackupJob] = []
    excluded: list[BackupJob] = []
    for job in jobs:
        if job.node is not None and job.node != guest.node:
            continue  # a job bound to a node drops guests that are elsewhere
        if guest.vmid in job.excluded_vmids:
            excluded.append(job)
        elif job.selects_all or _selects(job, guest):
            covered.append(job)
    return Coverage(guest, tuple(covered), tuple(excluded))


def _selects(job: BackupJob, guest: Guest) -> bool:
    if job.vmids is not None:
        return guest.vmid in job.vmids
    return job.pool is not None and job.pool == guest.pool


def last_backups(snapshot: Snapshot) -> dict[str, datetime]:
    """When each guest was last saved to any configured backup server, by entity key."""
    newest: dict[str, datetime] = {}
    for group in snapshot.backup_groups:
        if group.guest is not None and group.backup_count > 0:
            newest[group.guest] = max(group.last_backup_at, newest.get(group.guest, group.last_backup_at))
    return newest


def created_lately(snapshot: Snapshot, within_s: float) -> frozenset[tuple[str, int]]:
    """Guests (source, vmid) that a task created, cloned or restored within this time: no job can have met them yet."""
    return frozenset(
        (task.source, int(task.worker_id))
        for task in snapshot.tasks
        if task.worker_type in _CREATES
        and task.worker_id.isdigit()
        and (snapshot.taken_at - task.started_at).total_seconds() <= within_s
    )
