"""Backup runs: which guest is saved when, by which job, to where, and how it ends.

One run is one guest saved by one job in one night. PVE's vzdump tasks, the backup server's tasks and its groups and
snapshots (`snapshots.py`) are all told from the same runs, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from nightshift_lab.world.hashing import between
from nightshift_lab.world.nouns import DAY_S, GIB, MIB, BackupJob, Disk, Guest
from nightshift_lab.world.obstacles import connection_error, data_error, guest_error, unprotected
from nightshift_lab.world.states import disks_of, guests_on, where
from nightshift_lab.world.world import World

OWNER = "pve@pbs!homelab"
# Later than any fault ends or begins: what the jobs come to in the end.
_IN_THE_END_S = 4e9
_BYTES_PER_S = 92.0 * MIB


@dataclass(frozen=True, slots=True)
class BackupRun:
    """`size_bytes` is what the snapshot shows: a VM's virtual disks, a container's files. No `error`: it succeeded.

    `refused`: vzdump could not even begin, so that the backup server heard nothing of it. `disks` are those that are
    saved. `bitmap_lost`: a VM's changes were not known any more, so that all of it was read.
    """

    job: BackupJob
    guest: Guest
    node: str
    server: str
    datastore: str
    namespace: str
    owner: str
    started_at: float
    ended_at: float
    size_bytes: int
    transferred_bytes: int
    error: str | None
    refused: bool = False
    bitmap_lost: bool = False
    disks: tuple[Disk, ...] = ()

    @property
    def stops_the_job(self) -> bool:
        """Whether vzdump gives up altogether: without the storage it does not look at any guest."""
        return self.refused and (self.error or "").startswith("could not activate storage")

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


def rfc3339(t: float) -> str:
    return datetime.fromtimestamp(int(t), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def night_of(world: World, t: float) -> int:
    """The number of the night whose window began last before `t`."""
    return int((t - world.rhythm.window_start_s) // DAY_S)


def nights_on_day(world: World, day: int) -> tuple[int, ...]:
    """The nights of which something may begin on a UTC day: one whose window is late goes on after midnight."""
    night = night_of(world, day * DAY_S + world.rhythm.window_start_s + 1.0)
    return (night - 1, night) if world.rhythm.window_start_s > DAY_S / 2 else (night,)


def weekday_of(t: float) -> int:
    """The UTC day of the week; 0 is Monday. The epoch began on a Thursday."""
    return int(t // DAY_S + 3) % 7


def night_at(world: World, night: int) -> float:
    """When a night's window begins (epoch s)."""
    return night * DAY_S + world.rhythm.window_start_s


def vmids_of(world: World, job: BackupJob, t: float = _IN_THE_END_S) -> tuple[int, ...]:
    """The guests that a job saves, without those that a fault keeps unprotected."""
    named = job.vmids
    if job.everything:
        left_out = set(job.vmids)
        named = tuple(guest.vmid for guest in world.cluster.guests if guest.vmid not in left_out)
    elif job.pool:
        named = next((pool.vmids for pool in world.cluster.pools if pool.name == job.pool), ())
    if job.node:
        named = tuple(vmid for vmid in named if where(world, world.cluster.guest(vmid), t) == job.node)
    if not world.asked.unprotected:
        return named
    return tuple(vmid for vmid in named if not unprotected(world, vmid, t))


def saved_disks(world: World, guest: Guest, t: float) -> tuple[Disk, ...]:
    """The disks of a guest that backups contain."""
    excluded = world.condition(f"guest/{guest.vmid}", "excluded_disk", t, "")
    return tuple(disk for disk in disks_of(world, guest, t) if disk.backup and disk.key != excluded)


def enabled(world: World, job: BackupJob, t: float) -> bool:
    return bool(world.condition(f"job/{job.id}", "enabled", t, job.enabled))


@lru_cache(maxsize=1_024)
def runs_of_night(world: World, night: int) -> tuple[BackupRun, ...]:
    """All runs of one night of one cluster, whether over or still to come, by job, node and guest."""
    runs: list[BackupRun] = []
    for job, vmids in due_in(world, night):
        named = frozenset(vmids)
        for node in world.cluster.nodes:
            if job.node in {"", node.name}:
                runs.extend(_runs_of_node(world, night, job, node.name, named))
    return tuple(runs)


def due_in(world: World, night: int) -> Iterable[tuple[BackupJob, tuple[int, ...]]]:
    """The jobs of one cluster that save to a backup server in a night, with the guests that they are to save."""
    for job in world.cluster.backup_jobs:
        at = night_at(world, night) + job.start_offset_s
        due = job.weekday is None or weekday_of(at) == job.weekday
        if due and enabled(world, job, at) and world.cluster.storage(job.storage).datastore is not None:
            yield job, vmids_of(world, job, at)


@lru_cache(maxsize=64)
def runs_by_vmid(world: World, night: int) -> Mapping[int, tuple[BackupRun, ...]]:
    """The runs of one night for each guest that has any."""
    by_vmid: dict[int, list[BackupRun]] = {}
    for run in runs_of_night(world, night):
        by_vmid.setdefault(run.guest.vmid, []).append(run)
    return {vmid: tuple(runs) for vmid, runs in by_vmid.items()}


def runs_at_servers(world: World, night: int) -> tuple[BackupRun, ...]:
    """All runs of one night that reach the backup servers of a homelab, those of its other site included."""
    return runs_of_night(world, night) + (runs_of_night(world.attic, night) if world.attic is not None else ())


def _runs_of_node(world: World, night: int, job: BackupJob, node: str, named: frozenset[int]) -> Iterable[BackupRun]:
    """vzdump saves the guests of a node one after the other, in the order of their vmids."""
    at = night_at(world, night) + job.start_offset_s + between(1.0, 4.0, world.seed, night, job.id, node)
    if not bool(world.up(f"node/{node}", at)):
        return
    for guest in guests_on(world, node, at):
        if guest.vmid in named:
            run = _run(world, night, job, guest, node, float(int(at)))
            yield run
            at = run.ended_at + 1.0


def _run(world: World, night: int, job: BackupJob, guest: Guest, node: str, started_at: float) -> BackupRun:
    storage = world.cluster.storage(job.storage)
    server, datastore = storage.datastore or ("", "")
    disks = saved_disks(world, guest, started_at)
    used = sum(disk.size_bytes * disk.used_fraction for disk in disks)
    changed = used * between(0.004, 0.03, world.seed, night, guest.vmid, "changed") if guest.runs else 0.0
    slowdown = float(world.condition(f"guest/{guest.vmid}", "backup_slowdown", started_at, 1.0))
    whole = slowdown > 1.0 and guest.kind == "qemu"  # its dirty bitmap is lost: all of it is read again
    changed = float(sum(disk.size_bytes for disk in disks)) if whole else changed
    store = f"{server}/{datastore}"
    refusal = (
        _away(world, server, job, started_at)
        or guest_error(world, guest.vmid, started_at)
        or _turned_away(world, store, guest, started_at)
    )
    error = refusal or data_error(world, store, started_at)
    duration = slowdown * (5.0 + changed / _BYTES_PER_S + used / (1.4 * GIB) * (guest.kind == "lxc"))
    if error:
        changed, duration = changed * 0.08, 3.0 + duration * 0.08
    return BackupRun(
        job=job,
        guest=guest,
        node=node,
        server=server,
        datastore=datastore,
        namespace=storage.namespace,
        owner=str(storage.options.get("username", OWNER)),
        started_at=started_at,
        ended_at=started_at + float(int(duration) + 1),
        size_bytes=int(sum(disk.size_bytes for disk in disks) if guest.kind == "qemu" else used),
        transferred_bytes=int(changed),
        error=error,
        refused=refusal is not None,
        bitmap_lost=whole,
        disks=tuple(disks),
    )


def _away(world: World, server: str, job: BackupJob, t: float) -> str | None:
    """What vzdump says when the backup server does not answer; None when it does."""
    if world.server_up(server, t):
        return None
    address = (world.home or world).server(server).ip
    reason = f"error fetching datastores - 500 Can't connect to {address}:8007 (No route to host)"
    return f"could not activate storage '{job.storage}': {job.storage}: {reason}"


def _turned_away(world: World, store: str, guest: Guest, t: float) -> str | None:
    """What vzdump says when the backup server answers and does not let the backup begin."""
    reason = connection_error(world, store, t)
    if reason is None:
        return None
    if guest.kind == "qemu":
        return f"VM {guest.vmid} qmp command 'backup' failed - backup connect failed: command error: {reason}"
    return f"command '/usr/bin/proxmox-backup-client backup ...' failed: Error: {reason}"


def running_at(world: World, t: float) -> tuple[BackupRun, ...]:
    """The runs of this cluster that are under way at `t`."""
    tonight = night_of(world, t)
    if t > night_at(world, tonight) + 6 * 3_600.0:
        return ()
    return tuple(run for run in runs_of_night(world, tonight) if run.started_at <= t < run.ended_at)


def in_backup(world: World, vmid: int, t: float) -> bool:
    """Whether a backup of the guest is under way at `t`."""
    runs = runs_by_vmid(world, night_of(world, t)).get(vmid, ())
    return any(run.started_at <= t < run.ended_at for run in runs)
