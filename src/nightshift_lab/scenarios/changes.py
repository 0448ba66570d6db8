"""What a scenario file changes about guests and backup jobs, made into the nouns of the world."""

from __future__ import annotations

from dataclasses import replace

from nightshift_lab.scenarios.entities import names_of
from nightshift_lab.scenarios.model import GuestChange, JobChange, WorldPart
from nightshift_lab.world.backups import weekday_of
from nightshift_lab.world.nouns import DAY_S, BackupJob, BindMount, Cluster, Disk, Guest
from nightshift_lab.world.world import World

_SPECIAL = {"tags", "bind_mounts", "more_disks"}


def guest_of(guest: Guest, change: GuestChange) -> Guest:
    """The guest as the file has it."""
    tags = guest.tags if change.tags is None else tuple(change.tags)
    changed = {name: value for name, value in change.model_dump(exclude=_SPECIAL).items() if value is not None}
    binds = tuple(
        BindMount(f"mp{number}", path, seen) for number, (path, seen) in enumerate(change.bind_mounts.items(), start=1)
    )
    key = "scsi" if guest.kind == "qemu" else "mp"
    more = tuple(
        Disk(f"{key}{number}", disk.storage, int(disk.size), disk.mountpoint, disk.used, backup=disk.backup)
        for number, disk in enumerate(change.more_disks, start=len(guest.disks))
    )
    return replace(guest, tags=tags, binds=binds, disks=(*guest.disks, *more), **changed)


def changed_jobs(world: World, part: WorldPart) -> World:
    """The world with the backup jobs as the file has them. Raises KeyError for a guest that there is not."""
    if not part.jobs:
        return world
    cluster = world.cluster
    known = {job.id: job for job in cluster.backup_jobs}
    for name, change in part.jobs.items():
        base = known.get(name, BackupJob(name, change.storage or "", (), 0.0, ""))
        known[name] = _job_of(world, base, change)
    return replace(world, cluster=replace(cluster, backup_jobs=tuple(known.values())))


def _job_of(world: World, job: BackupJob, change: JobChange) -> BackupJob:
    cluster = world.cluster
    changed = change.model_dump(include={"storage", "pool", "node", "comment", "enabled"}, exclude_none=True)
    job = replace(job, **changed, start_offset_s=job.start_offset_s if change.offset is None else change.offset)
    vmids = job.vmids if change.guests is None else _vmids(cluster, change.guests)
    gone = _vmids(cluster, change.without)
    # Who is left out of a job for everybody is named in it; else those are named whom it saves.
    vmids = (*vmids, *gone) if job.everything else tuple(vmid for vmid in vmids if vmid not in gone)
    if change.weekly is None:
        return replace(job, vmids=vmids)
    due_at = world.last_night_at + job.start_offset_s - change.weekly * DAY_S
    return replace(job, vmids=vmids, weekday=weekday_of(due_at))


def _vmids(cluster: Cluster, names: list[str]) -> tuple[int, ...]:
    """By the names that guests have before the file renames any."""
    known = names_of(cluster.base)
    return tuple(int(known[f"guest/{name}"].partition("/")[2]) for name in names)
