"""Backups: which run when, how they end, and which snapshots they leave in the backup server.

One run is one guest saved by one job in one night. PVE's vzdump tasks, the backup server's tasks and its groups and
snapshots are all told from the same runs, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

from nightshift_lab.world.backup_servers import Keep
from nightshift_lab.world.hashing import between
from nightshift_lab.world.nouns import DAY_S, GIB, MIB, BackupJob, Guest
from nightshift_lab.world.world import World

OWNER = "pve@pbs!homelab"
_BYTES_PER_S = 92.0 * MIB
_NIGHTS_REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class BackupRun:
    """`size_bytes` is what the snapshot shows: a VM's virtual disks, a container's files. No `error`: it succeeded."""

    job: BackupJob
    guest: Guest
    node: str
    server: str
    datastore: str
    namespace: str
    started_at: float
    ended_at: float
    size_bytes: int
    transferred_bytes: int
    error: str | None

    @property
    def backup_type(self) -> str:
        return "vm" if self.guest.kind == "qemu" else "ct"

    @property
    def group(self) -> str:
        return f"{self.backup_type}/{self.guest.vmid}"

    @property
    def snapshot(self) -> str:
        """As the logs name it: `vm/104/2026-11-23T02:00:03Z`."""
        return f"{self.group}/{rfc3339(self.started_at)}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot in a datastore. `guest_name` is its note."""

    datastore: str
    namespace: str
    backup_type: str
    backup_id: str
    taken_at: int
    size_bytes: int
    guest_name: str
    owner: str = OWNER
    protected: bool = False
    unfinished: bool = False


def rfc3339(t: float) -> str:
    return datetime.fromtimestamp(int(t), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def night_of(world: World, t: float) -> int:
    """The number of the night whose window began last before `t`."""
    return int((t - world.rhythm.window_start_s) // DAY_S)


def night_at(world: World, night: int) -> float:
    """When a night's window begins (epoch s)."""
    return night * DAY_S + world.rhythm.window_start_s


def jobs_of(world: World) -> tuple[BackupJob, ...]:
    return world.cluster.backup_jobs


def vmids_of(world: World, job: BackupJob, t: float) -> tuple[int, ...]:
    """The guests that a job names at `t`, without those that a fault keeps unprotected."""
    return tuple(vmid for vmid in job.vmids if not any(fault.unprotected(vmid, t) for fault in world.faults))


@lru_cache(maxsize=2_048)
def runs_of_night(world: World, night: int) -> tuple[BackupRun, ...]:
    """All runs of one night, whether over or still to come, by job, node and guest."""
    runs: list[BackupRun] = []
    for job in world.cluster.backup_jobs:
        if job.enabled:
            for node in world.cluster.nodes:
                runs.extend(_runs_of_node(world, night, job, node.name))
    return tuple(runs)


def _runs_of_node(world: World, night: int, job: BackupJob, node: str) -> Iterable[BackupRun]:
    """vzdump saves the guests of a node one after the other, in the order of their vmids."""
    at = night_at(world, night) + job.start_offset_s + between(1.0, 4.0, world.seed, night, job.id, node)
    if not bool(world.up(f"node/{node}", at)):
        return
    named = set(vmids_of(world, job, at))
    for guest in sorted(world.cluster.guests, key=lambda guest: guest.vmid):
        if guest.node == node and guest.vmid in named:
            run = _run(world, night, job, guest, float(int(at)))
            yield run
            at = run.ended_at + 1.0


def _run(world: World, night: int, job: BackupJob, guest: Guest, started_at: float) -> BackupRun:
    storage = world.cluster.storage(job.storage)
    server, datastore = storage.datastore or ("", "")
    disks = [disk for disk in guest.disks if disk.backup]
    used = sum(disk.size_bytes * disk.used_fraction for disk in disks)
    words = (world.seed, night, guest.vmid)
    changed = used * between(0.004, 0.03, *words, "changed") if guest.runs else 0.0
    error = next(
        (
            error
            for fault in world.faults
            if (error := fault.backup_error(f"{server}/{datastore}", guest.vmid, started_at))
        ),
        None,
    )
    duration = 5.0 + changed / _BYTES_PER_S + used / (1.4 * GIB) * (guest.kind == "lxc")
    if error:
        changed, duration = changed * 0.08, 3.0 + duration * 0.08
    return BackupRun(
        job=job,
        guest=guest,
        node=guest.node,
        server=server,
        datastore=datastore,
        namespace=storage.namespace,
        started_at=started_at,
        ended_at=started_at + float(int(duration) + 1),
        size_bytes=int(sum(disk.size_bytes for disk in disks) if guest.kind == "qemu" else used),
        transferred_bytes=int(changed),
        error=error,
    )


def running_at(world: World, t: float) -> tuple[BackupRun, ...]:
    """The runs under way at `t`."""
    return tuple(run for run in runs_of_night(world, night_of(world, t)) if run.started_at <= t < run.ended_at)


def snapshots_at(world: World, server: str, datastore: str, namespace: str, t: float) -> tuple[Snapshot, ...]:
    """The snapshots in one namespace at `t`: what succeeded, after pruning; a run under way shows as unfinished.

    Nothing changes between the beginnings and ends of runs, so that the answer is kept until the next one.
    """
    if namespace == "archive":
        return _archive(world, datastore)
    tonight = runs_of_night(world, night_of(world, t))
    changes = [change for run in tonight for change in (run.started_at, run.ended_at) if change <= t]
    last_change = max(changes, default=night_at(world, night_of(world, t)))
    return _snapshots_since(world, server, datastore, namespace, last_change)


@lru_cache(maxsize=64)
def _snapshots_since(world: World, server: str, datastore: str, namespace: str, t: float) -> tuple[Snapshot, ...]:
    store = next(s for s in world.servers if s.name == server).datastore(datastore)
    by_group: dict[str, list[BackupRun]] = {}
    tonight = night_of(world, t)
    for night in range(tonight - _NIGHTS_REMEMBERED, tonight + 1):
        for run in runs_of_night(world, night):
            here = (run.server, run.datastore, run.namespace) == (server, datastore, namespace)
            if here and run.started_at <= t and (run.error is None or run.ended_at > t):
                by_group.setdefault(run.group, []).append(run)
    return tuple(_snapshot(run, t) for runs in by_group.values() for run in _kept(runs, store.keep, t))


def _snapshot(run: BackupRun, t: float) -> Snapshot:
    return Snapshot(
        datastore=run.datastore,
        namespace=run.namespace,
        backup_type=run.backup_type,
        backup_id=str(run.guest.vmid),
        taken_at=int(run.started_at),
        size_bytes=run.size_bytes,
        guest_name=run.guest.name,
        unfinished=run.ended_at > t,
    )


def _kept(runs: list[BackupRun], keep: Keep, t: float) -> list[BackupRun]:
    """What pruning leaves of one group: the newest of so many days, then of so many further weeks, then months."""
    kept: list[BackupRun] = [run for run in runs if run.ended_at > t]
    remaining = [run for run in reversed(runs) if run.ended_at <= t]
    for pattern, count in (("%Y-%m-%d", keep.daily), ("%G-%V", keep.weekly), ("%Y-%m", keep.monthly)):
        covered = {_period(run, pattern) for run in kept}
        chosen: dict[str, BackupRun] = {}
        for run in remaining:
            period = _period(run, pattern)
            if period not in covered and period not in chosen and len(chosen) < count:
                chosen[period] = run
        kept.extend(chosen.values())
        remaining = [run for run in remaining if run not in chosen.values()]
    return sorted(kept, key=lambda run: run.started_at)


def _period(run: BackupRun, pattern: str) -> str:
    return datetime.fromtimestamp(run.started_at, UTC).strftime(pattern)


def _archive(world: World, datastore: str) -> tuple[Snapshot, ...]:
    """Old things kept on purpose: a guest that is gone, and a laptop's last state."""
    taken_at = int(world.started_at - 310 * DAY_S)
    laptop = Snapshot(datastore, "archive", "host", "thinkpad", taken_at - 3_600, 212 * GIB, "before the reinstall")
    return (
        Snapshot(datastore, "archive", "vm", "201", taken_at, 64 * GIB, "old-mail", protected=True),
        replace(laptop, owner="anna@pbs", protected=True),
    )
