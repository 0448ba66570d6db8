"""Which snapshots a datastore holds: what runs left after pruning, what a sync job copied, what is kept for good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

from nightshift_lab.world.backup_servers import Keep, SyncJob
from nightshift_lab.world.backups import (
    OWNER,
    BackupRun,
    due_in,
    night_at,
    night_of,
    runs_at_servers,
)
from nightshift_lab.world.nouns import DAY_S, GIB
from nightshift_lab.world.syncs import last_good_sync, sync_into
from nightshift_lab.world.world import World

_NIGHTS_REMEMBERED = 200
_Place = tuple[str, str, str]  # server, datastore, namespace


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot in a datastore. `guest_name` is its note, `stored_at` the datastore that it was first saved to."""

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
    stored_at: str = ""

    @property
    def group(self) -> str:
        return f"{self.backup_type}/{self.backup_id}"


@dataclass(frozen=True, slots=True)
class LeftGroup:
    """A group that no job of this homelab fills: of a guest that is gone, or of a machine that saves itself.

    `taken_at` are the times of its snapshots (epoch s), oldest first.
    """

    group: str
    note: str
    owner: str
    size_bytes: float
    taken_at: tuple[int, ...]


def snapshots_at(world: World, server: str, datastore: str, namespace: str, t: float) -> tuple[Snapshot, ...]:
    """The snapshots in one namespace at `t`: what succeeded, after pruning; a run under way shows as unfinished.

    Nothing changes between the beginnings and ends of runs, so that the answer is kept until the next one.
    """
    world = world.home or world
    if namespace == "archive":
        return _archive(world, datastore)
    job = sync_into(world, server, datastore, namespace)
    if job is not None:
        return _copied(world, server, job, t)
    tonight = night_of(world, t)
    last_change = night_at(world, tonight)
    for run in runs_at_servers(world, tonight):
        if run.ended_at <= t:
            last_change = max(last_change, run.ended_at)
        elif run.started_at <= t:
            last_change = max(last_change, run.started_at)
    return _snapshots_since(world, server, datastore, namespace, last_change)


def _copied(world: World, server: str, job: SyncJob, t: float) -> tuple[Snapshot, ...]:
    """What the remote namespace held when the last sync that succeeded began."""
    begun_at = last_good_sync(world, server, job, t)
    if begun_at is None:
        return ()
    source = snapshots_at(world, job.remote, job.remote_store, job.remote_namespace, begun_at)
    return tuple(
        replace(snapshot, datastore=job.store, namespace=job.namespace, owner="root@pam")
        for snapshot in source
        if not snapshot.unfinished
    )


def key_at(world: World, store: str, t: float) -> str:
    """The fingerprint of the key that backups to a datastore (`server/name`) are encrypted with at `t`; else empty."""
    return str((world.home or world).condition(f"datastore/{store}", "encryption_key", t, ""))


def _nights_of(keep: Keep) -> int:
    """How far back a snapshot can be that is kept."""
    return keep.daily + 7 * keep.weekly + 31 * keep.monthly + 2


@lru_cache(maxsize=64)
def _snapshots_since(world: World, server: str, datastore: str, namespace: str, t: float) -> tuple[Snapshot, ...]:
    keep = world.server(server).datastore(datastore).keep
    by_group: dict[str, list[BackupRun]] = {}
    for run in _worth_pruning(world, (server, datastore, namespace), keep, t):
        by_group.setdefault(run.group, []).append(run)
    saved = [_snapshot(run, t) for runs in by_group.values() for run in _kept(runs, keep, t)]
    left = world.condition(f"datastore/{server}/{datastore}", f"left:{namespace}", t, ())
    return (*saved, *(_left(datastore, namespace, group, at) for group in left for at in group.taken_at))


def _worth_pruning(world: World, place: _Place, keep: Keep, t: float) -> list[BackupRun]:
    """The runs that left a snapshot in a namespace, oldest first, without those of which nothing is left for sure.

    Reckoning two hundred nights takes long, and a few dozen of them count. A night is left out when each of its guests
    was saved later in the same week and month, and on as many later days as are kept.
    """
    tonight = night_of(world, t)
    nights: list[list[BackupRun]] = []
    days: dict[int, set[float]] = {}
    saved: dict[tuple[str, ...], set[int]] = {}
    for night in range(tonight, tonight - min(_nights_of(keep), _NIGHTS_REMEMBERED) - 1, -1):
        periods = _periods_of(world, night)
        if all(
            vmid in saved.get(periods, ()) and len(days[vmid]) >= keep.daily for vmid in _due_at(world, night, place)
        ):
            continue
        runs = [run for run in runs_at_servers(world, night) if (run.server, run.datastore, run.namespace) == place]
        runs = [
            run for run in runs if not run.refused and run.started_at <= t and (run.error is None or run.ended_at > t)
        ]
        nights.append(runs)
        for run in runs:
            if run.ended_at <= t:
                days.setdefault(run.guest.vmid, set()).add(run.started_at // DAY_S)
                saved.setdefault(periods, set()).add(run.guest.vmid)
    return [run for runs in reversed(nights) for run in runs]


def _due_at(world: World, night: int, place: _Place) -> Iterator[int]:
    """The guests that jobs of a homelab, its other site included, are to save to a namespace in a night."""
    for site in (world, *filter(None, (world.attic,))):
        for job, vmids in due_in(site, night):
            storage = site.cluster.storage(job.storage)
            if (*(storage.datastore or ()), storage.namespace) == place:
                yield from vmids


def _periods_of(world: World, night: int) -> tuple[str, ...]:
    """The weeks and months in which a night's backups may lie: a late window goes on after midnight."""
    today = night_at(world, night) // DAY_S * DAY_S
    return tuple(_date(day, pattern) for day in (today, today + DAY_S) for pattern in ("%G-%V", "%Y-%m"))


def _left(datastore: str, namespace: str, group: LeftGroup, taken_at: int) -> Snapshot:
    kind, _, name = group.group.partition("/")
    return Snapshot(datastore, namespace, kind, name, taken_at, int(group.size_bytes), group.note, group.owner)


def _snapshot(run: BackupRun, t: float) -> Snapshot:
    return Snapshot(
        datastore=run.datastore,
        namespace=run.namespace,
        backup_type=run.backup_type,
        backup_id=str(run.guest.vmid),
        taken_at=int(run.started_at),
        size_bytes=run.size_bytes,
        guest_name=run.guest.name,
        owner=run.owner,
        unfinished=run.ended_at > t,
        stored_at=f"{run.server}/{run.datastore}",
    )


def _kept(runs: list[BackupRun], keep: Keep, t: float) -> list[BackupRun]:
    """What pruning leaves of one group: the newest of so many days, then of so many further weeks, then months."""
    kept: list[BackupRun] = [run for run in runs if run.ended_at > t]
    remaining = [run for run in reversed(runs) if run.ended_at <= t]
    for pattern, count in (("%Y-%m-%d", keep.daily), ("%G-%V", keep.weekly), ("%Y-%m", keep.monthly)):
        if not count:
            continue
        covered = {_period(run, pattern) for run in kept}
        chosen: dict[str, BackupRun] = {}
        for run in remaining:
            period = _period(run, pattern)
            if period not in covered and period not in chosen:
                chosen[period] = run
                if len(chosen) == count:
                    break
        kept.extend(chosen.values())
        taken = {run.started_at for run in chosen.values()}
        remaining = [run for run in remaining if run.started_at not in taken]
    return sorted(kept, key=lambda run: run.started_at)


def _period(run: BackupRun, pattern: str) -> str:
    return _date(run.started_at // DAY_S * DAY_S, pattern)


@lru_cache(maxsize=4_096)
def _date(midnight: float, pattern: str) -> str:
    return datetime.fromtimestamp(midnight, UTC).strftime(pattern)


def _archive(world: World, datastore: str) -> tuple[Snapshot, ...]:
    """Old things kept on purpose: a guest that is gone, and a laptop's last state."""
    taken_at = int(world.started_at - 310 * DAY_S)
    laptop = Snapshot(datastore, "archive", "host", "thinkpad", taken_at - 3_600, 212 * GIB, "before the reinstall")
    return (
        Snapshot(datastore, "archive", "vm", "201", taken_at, 64 * GIB, "old-mail", protected=True),
        replace(laptop, owner="anna@pbs", protected=True),
    )
