"""Sync jobs between backup servers: when they ran, and how they ended."""

from __future__ import annotations

from dataclasses import dataclass

from nightshift_lab.world.backup_servers import SyncJob
from nightshift_lab.world.backups import night_at, night_of
from nightshift_lab.world.hashing import between
from nightshift_lab.world.world import World

_LOOK_BACK_NIGHTS = 60


@dataclass(frozen=True, slots=True)
class SyncRun:
    job: SyncJob
    started_at: float
    ended_at: float
    error: str | None


def sync_into(world: World, server: str, datastore: str, namespace: str) -> SyncJob | None:
    """The job that fills a namespace; None: backups do."""
    for job in world.server(server).sync_jobs:
        if (job.store, job.namespace) == (datastore, namespace):
            return job
    return None


def sync_run(world: World, server: str, job: SyncJob, night: int) -> SyncRun | None:
    """The job's run of one night; None when its server is off then or the job is disabled."""
    at = float(int(night_at(world, night) + job.start_offset_s + between(1.0, 9.0, world.seed, job.id, night)))
    entity = f"sync/{server}/{job.store}"
    if not world.server_up(server, at) or not world.condition(entity, "enabled", at, True):
        return None
    error = str(world.condition(entity, "error", at, "")) or None
    if error is None and not world.server_up(job.remote, at):
        error = "error trying to connect: tcp connect error: No route to host (os error 113)"
    lasts = job.lasts_s * between(0.8, 1.2, world.seed, job.id, night, "lasts") if error is None else 4.0
    return SyncRun(job, at, at + float(int(lasts)), error)


def last_good_sync(world: World, server: str, job: SyncJob, t: float) -> float | None:
    """When the last run began that succeeded and was over by `t` (epoch s)."""
    tonight = night_of(world, t)
    for night in range(tonight, tonight - _LOOK_BACK_NIGHTS, -1):
        run = sync_run(world, server, job, night)
        if run is not None and run.error is None and run.ended_at <= t:
            return run.started_at
    return None
