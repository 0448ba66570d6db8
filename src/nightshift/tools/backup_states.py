"""What is known of each guest's backups: the newest, the jobs that save it, how the last run went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nightshift.facts.backups import BackupGroup
from nightshift.facts.inventory import BackupJob, Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.tasks import Task
from nightshift.protection import Matrix, Protection
from nightshift.tools.tasks import is_kind

FOUND = "found"
NONE_FOUND = "none found"
UNKNOWN = "unknown"
NO_JOB = "no enabled job"


@dataclass(frozen=True, slots=True)
class BackupState:
    """What is known of one guest's backups: the verdict, the groups behind it, and the last run that failed.
    `archives_known` tells whether every backup server could be read, `within` the datastore that is asked about."""

    guest: Guest
    found: Protection
    groups: tuple[BackupGroup, ...]
    last_failure: Task | None
    jobs_known: bool
    archives_known: bool
    within: str = ""

    @property
    def jobs(self) -> tuple[BackupJob, ...]:
        """The enabled jobs that cover it."""
        return tuple(entry.job for entry in self.found.covering)

    @property
    def last_backup_at(self) -> datetime | None:
        if not self.within:
            return self.found.last_at
        return max((group.last_backup_at for group in self.groups), default=None)

    @property
    def verdict(self) -> str:
        if self.last_backup_at is not None:
            return FOUND
        return NONE_FOUND if self.archives_known else UNKNOWN


class BackupStates:
    """The states of a snapshot's guests, from indexes that are built once."""

    def __init__(self, snapshot: Snapshot, matrix: Matrix) -> None:
        self._snapshot = snapshot
        self._matrix = matrix
        self._groups: dict[str, list[BackupGroup]] = {}
        self._nobodys: set[str] = set()
        for group in snapshot.backup_groups:
            if group.guest is None:
                self._nobodys.add(f"{group.backup_type}/{group.backup_id}")
            else:
                self._groups.setdefault(group.guest, []).append(group)
        self._ambiguous = {key for gap in snapshot.backup_groups.gaps for key in gap.hides}
        self._tasks: dict[tuple[str, int], list[Task]] = {}
        for task in snapshot.tasks:
            if is_kind(task, "backup"):
                for vmid in _vmids(task):
                    self._tasks.setdefault((task.source, vmid), []).append(task)

    def of(self, guest: Guest) -> BackupState:
        """Everything that the snapshot knows about the backups of one guest."""
        snapshot, key = self._snapshot, guest.entity.key
        found = self._matrix.get(key)
        assert found is not None, "the matrix has every guest of its snapshot"
        mine = self._tasks.get((guest.source, guest.vmid), [])
        bad = [task for task in mine if task.outcome == "failed"]
        hidden = key in self._ambiguous or (
            snapshot.storage_configs.state == "not_configured"
            and f"{'vm' if guest.kind == 'qemu' else 'ct'}/{guest.vmid}" in self._nobodys
        )
        readable = all(gap.hides for gap in snapshot.backup_groups.gaps)
        return BackupState(
            guest=guest,
            found=found,
            groups=tuple(self._groups.get(key, ())),
            last_failure=max(bad, key=lambda task: task.started_at, default=None),
            jobs_known=found.reason("jobs-unread") is None and snapshot.backup_jobs.state == "complete",
            archives_known=snapshot.backup_groups.known and readable and not hidden,
        )


def _vmids(task: Task) -> tuple[int, ...]:
    return (int(task.worker_id),) if task.worker_id.isdigit() else task.failed_vmids
