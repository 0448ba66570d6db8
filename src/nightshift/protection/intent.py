"""What the backup jobs mean to save: which enabled job selects a guest, which of its volumes, and why none does.

PVE's own list of guests without backup counts disabled jobs as cover, so that it is reckoned here from the jobs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from nightshift.facts.backup_runs import JobVolume
from nightshift.facts.inventory import BackupJob, Guest, GuestConfig
from nightshift.facts.snapshot import Snapshot

_CREATES = ("qmcreate", "vzcreate", "qmclone", "vzclone", "qmrestore", "vzrestore", "imgcopy")
_MOUNT_POINT = re.compile(r"mp\d+")
_BY_CHOICE = re.compile(r"\b(?:backup=(?:0|no)|disabled)\b")

BIND_MOUNT = "a bind mount: its data is on the host, no backup job can save it"
BY_DEFAULT = "mount points are left out unless they say backup=1"
BY_CHOICE = "backup=0"


@dataclass(frozen=True, slots=True)
class Cover:
    """What the jobs do about one guest.

    `by` are the enabled jobs that save it, `left_out_by` those that select all but name it as an exception, `disabled`
    those that would save it if they were enabled, `elsewhere` those that are bound to another node than the one where
    it is. `left_out` are the volumes that no covering job saves, with the reason in our words.
    """

    guest: Guest
    by: tuple[BackupJob, ...]
    left_out_by: tuple[BackupJob, ...]
    disabled: tuple[BackupJob, ...]
    elsewhere: tuple[BackupJob, ...]
    left_out: tuple[JobVolume, ...] = ()
    saves_nothing: bool = False


@dataclass(frozen=True)
class Intent:
    """The jobs of a snapshot, asked guest by guest."""

    snapshot: Snapshot

    @cached_property
    def _jobs(self) -> Mapping[str, tuple[BackupJob, ...]]:
        found: dict[str, list[BackupJob]] = {}
        for job in self.snapshot.backup_jobs:
            found.setdefault(job.source, []).append(job)
        return {source: tuple(jobs) for source, jobs in found.items()}

    @cached_property
    def _volumes(self) -> Mapping[tuple[str, str], Mapping[int, tuple[JobVolume, ...]]]:
        """What PVE says that a job saves, by source and job, then by vmid."""
        return {
            (item.source, item.job_id): {guest.vmid: guest.volumes for guest in item.guests}
            for item in self.snapshot.job_volumes
        }

    @cached_property
    def _vmids(self) -> Mapping[tuple[str, str], tuple[frozenset[int], frozenset[int]]]:
        """The guests that a job names, and those that it leaves out: thousands are looked up, not walked through."""
        return {
            (job.source, job.id): (frozenset(job.vmids or ()), frozenset(job.excluded_vmids))
            for job in self.snapshot.backup_jobs
        }

    @cached_property
    def _configs(self) -> Mapping[tuple[str, int], GuestConfig]:
        return {(item.source, item.vmid): item for item in self.snapshot.guest_configs}

    @cached_property
    def unread(self) -> frozenset[str]:
        """Clusters whose jobs could not be read: nothing can be said of who covers whom there."""
        if not self.snapshot.backup_jobs.known:
            return frozenset(guest.source for guest in self.snapshot.guests)
        return frozenset(gap.source for gap in self.snapshot.backup_jobs.gaps)

    def jobs_of(self, source: str) -> tuple[BackupJob, ...]:
        return self._jobs.get(source, ())

    def cover(self, guest: Guest) -> Cover:
        """What the jobs do about this guest."""
        by: list[BackupJob] = []
        left_out_by: list[BackupJob] = []
        disabled: list[BackupJob] = []
        elsewhere: list[BackupJob] = []
        for job in self.jobs_of(guest.source):
            named, excluded = self._vmids[job.source, job.id]
            if guest.vmid in excluded:
                if job.enabled and job.selects_all:
                    left_out_by.append(job)
            elif not self._selects(job, guest, named):
                continue
            elif not job.enabled:
                disabled.append(job)
            elif job.node is not None and job.node != guest.node:
                elsewhere.append(job)
            else:
                by.append(job)
        left_out, saves_nothing = self._left_out(guest, by)
        return Cover(
            guest, tuple(by), tuple(left_out_by), tuple(disabled), tuple(elsewhere), left_out, saves_nothing
        )  # fmt: skip

    def _selects(self, job: BackupJob, guest: Guest, named: frozenset[int]) -> bool:
        if job.selects_all:
            return True
        if job.pool is not None:
            inside = guest.pool is not None and (guest.pool == job.pool or guest.pool.startswith(f"{job.pool}/"))
            # PVE tells no pool of a guest whose node's statistics are stale: then its own list of the job counts.
            return inside or guest.vmid in self._volumes.get((job.source, job.id), {})
        return guest.vmid in named

    def _left_out(self, guest: Guest, jobs: Iterable[BackupJob]) -> tuple[tuple[JobVolume, ...], bool]:
        """Volumes that are in no covering job, and whether those are all that there are."""
        every: dict[str, JobVolume] = {}
        saved: set[str] = set()
        for job in jobs:
            for volume in self._volumes.get((job.source, job.id), {}).get(guest.vmid, ()):
                every.setdefault(volume.key, volume)
                if volume.included:
                    saved.add(volume.key)
        if not every:
            for volume in _of_config(self._configs.get((guest.source, guest.vmid))):
                every[volume.key] = volume
                if volume.included:
                    saved.add(volume.key)
        left = tuple(_explained(guest, volume) for key, volume in sorted(every.items()) if key not in saved)
        return left, bool(every) and not saved


def _explained(guest: Guest, volume: JobVolume) -> JobVolume:
    """The volume with the reason in our words. PVE's are `backup=no`, `disabled`, `not a volume`, …"""
    if _is_bind_mount(volume):
        reason = BIND_MOUNT
    elif guest.kind == "lxc" and _MOUNT_POINT.fullmatch(volume.key):
        reason = BY_DEFAULT
    elif _BY_CHOICE.search(volume.reason):
        reason = BY_CHOICE
    else:
        reason = volume.reason or BY_CHOICE
    return JobVolume(volume.key, volume.volume, included=False, reason=reason)


def _is_bind_mount(volume: JobVolume) -> bool:
    return volume.volume.startswith("/")


def _of_config(config: GuestConfig | None) -> Iterable[JobVolume]:
    """What vzdump would do with the volumes of a configuration: disks are saved unless they say `backup=0`, mount
    points only if they say `backup=1`, `unused` ones never."""
    for key, text in config.disks if config else ():
        volume, _, options = text.partition(",")
        if key.startswith("unused") or volume == "none":
            continue
        flags = options.split(",")
        if _MOUNT_POINT.fullmatch(key):
            included = "backup=1" in flags and not volume.startswith("/")
        else:
            included = "backup=0" not in flags and "backup=no" not in flags
        yield JobVolume(key, volume, included, "" if included else "backup=0")


def created_lately(snapshot: Snapshot, within_s: float) -> frozenset[tuple[str, int]]:
    """Guests (source, vmid) that a task created, cloned or restored within this time: no job can have met them yet."""
    return frozenset(
        (task.source, int(task.worker_id))
        for task in snapshot.tasks
        if task.worker_type in _CREATES
        and task.worker_id.isdigit()
        and (snapshot.taken_at - task.started_at).total_seconds() <= within_s
    )
