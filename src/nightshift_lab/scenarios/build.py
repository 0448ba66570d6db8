"""From a scenario to a world: its faults bound to one homelab, with onsets in epoch seconds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from nightshift_lab.scenarios.changes import changed_jobs, guest_of
from nightshift_lab.scenarios.entities import names_of, resolve
from nightshift_lab.scenarios.model import (
    BurstShape,
    FaultEntry,
    FlapShape,
    GuestChange,
    RampShape,
    Scenario,
    ShapeOfFault,
    WorldPart,
)
from nightshift_lab.scenarios.parameters import parsed_parameters
from nightshift_lab.scenarios.units import Moment
from nightshift_lab.world.attic import ATTIC
from nightshift_lab.world.backup_servers import BackupServer
from nightshift_lab.world.build import build_world
from nightshift_lab.world.faults import FAULT_KINDS, Fault
from nightshift_lab.world.faults.shapes import STEP, Burst, Flap, Ramp, Shape
from nightshift_lab.world.hashing import between
from nightshift_lab.world.homelab import BACKUP_SERVERS
from nightshift_lab.world.homelab_variants import BASES
from nightshift_lab.world.nouns import DAY_S, Cluster, Pool
from nightshift_lab.world.releases import PBS_3, PVE_8
from nightshift_lab.world.world import World


def world_of(scenario: Scenario, *, seed: int, started_at: float) -> World:
    """The world of a scenario. The same arguments give the same world."""
    world = homelab_of(scenario.world, seed=seed, started_at=started_at)
    return world.with_faults(fault for entry in scenario.entries for fault in faults_of(entry, world))


def homelab_of(part: WorldPart, *, seed: int, started_at: float) -> World:
    """The homelab as the scenario has it, before anything befalls it."""
    window = None
    if part.backup_window is not None:
        window = Moment.parse(part.backup_window).at(started_at, started_at) % DAY_S
    world = build_world(
        seed,
        started_at,
        cluster=_cluster_of(part),
        servers=_servers_of(part),
        window_start_s=window,
        outpost=_outpost_of(part),
    )
    return changed_jobs(world, part)


def _cluster_of(part: WorldPart) -> Cluster:
    base = BASES[part.base]
    release = PVE_8 if part.pve == 8 else base.release
    if not part.guests and not part.pools and release is base.release:
        return base
    unchanged = GuestChange()
    called = {name: change.name for name, change in part.guests.items() if change.name is not None}
    guests = tuple(
        replace(changed, depends_on=tuple(called.get(name, name) for name in changed.depends_on))
        for changed in (guest_of(guest, part.guests.get(guest.name, unchanged)) for guest in base.guests)
    )
    pools = tuple(
        Pool(name, tuple(base.guest_named(member).vmid for member in members)) for name, members in part.pools.items()
    )
    return replace(base, guests=guests, release=release, pools=pools)


def _outpost_of(part: WorldPart) -> Cluster:
    """The second site, whose backups may go where those of the first go: then their numbers collide."""
    if part.attic_namespace is None:
        return ATTIC
    shared = {"username": "pve@pbs!homelab"}
    storages = tuple(
        replace(storage, namespace=part.attic_namespace, options={**storage.options, **shared})
        if storage.datastore is not None
        else storage
        for storage in ATTIC.storages
    )
    return replace(ATTIC, storages=storages)


def _servers_of(part: WorldPart) -> tuple[BackupServer, ...]:
    servers = BACKUP_SERVERS if part.pbs == 4 else tuple(replace(server, release=PBS_3) for server in BACKUP_SERVERS)
    return tuple(_resized(server, part) for server in servers) if part.datastore_sizes else servers


def _resized(server: BackupServer, part: WorldPart) -> BackupServer:
    sizes = part.datastore_sizes
    stores = tuple(
        replace(store, size_bytes=int(sizes[store.name])) if store.name in sizes else store
        for store in server.datastores
    )
    return replace(server, datastores=stores)


def faults_of(entry: FaultEntry, world: World, *, now: float | None = None) -> tuple[Fault, ...]:
    """The faults of an entry, one a target; given `now`, as when somebody switches them on by hand at that moment."""
    return tuple(_faults_of(entry, world, now))


def _faults_of(entry: FaultEntry, world: World, now: float | None) -> Iterator[Fault]:
    kind = FAULT_KINDS[entry.kind]
    names = names_of(world.cluster.base)
    parameters = parsed_parameters(kind, entry.parameters)
    shape, ends_at = entry.shape, math.inf
    if now is None:
        starts_at = _epoch_s(entry.start, world)
        if entry.jitter:
            starts_at += between(-entry.jitter, entry.jitter, world.seed, "onset", entry.known_as)
        if entry.end is not None:
            ends_at = _epoch_s(entry.end, world)
    else:
        starts_at = now
        shape = entry.live.shape or shape
        parameters |= parsed_parameters(kind, entry.live.parameters)
    plain = kind(name=entry.known_as, starts_at=starts_at, ends_at=ends_at, shape=_shape(shape), **parameters)
    for target in entry.all_targets:
        yield replace(plain, target=resolve(names, target, kind.targets) if target else "").bound(world)


def _epoch_s(written: str, world: World) -> float:
    return Moment.parse(written).at(world.started_at, world.last_night_at)


def _shape(written: ShapeOfFault) -> Shape:
    match written:
        case RampShape(over=over_s):
            return Ramp(over_s)
        case BurstShape(lasts=lasts_s):
            return Burst(lasts_s)
        case FlapShape(period=period_s, on=on_s):
            return Flap(period_s, on_s)
    return STEP
