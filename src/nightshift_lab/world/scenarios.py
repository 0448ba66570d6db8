"""Scenarios: a world under named faults. A fault is built for a world, with its onset relative to the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nightshift_lab.world.faults import (
    DatastoreFull,
    DiskFilling,
    Fault,
    GuestUnprotected,
    NodeOffline,
    OomLoop,
    TargetDown,
    jitter,
)
from nightshift_lab.world.nouns import DAY_S
from nightshift_lab.world.world import World, build_world

MINUTE_S = 60.0
HOUR_S = 3_600.0


def _datastore_full(world: World, now: float | None) -> Fault:
    if now is not None:
        return DatastoreFull(name="datastore-full", starts_at=now, full_at=now, datastore="pbs/tank")
    full_at = world.last_night_at - 300.0
    return DatastoreFull(name="datastore-full", starts_at=full_at - 12 * DAY_S, full_at=full_at, datastore="pbs/tank")


def _vm_disk_filling(world: World, now: float | None) -> Fault:
    guest = world.cluster.guest_named("immich")
    entity = f"fs/guest/{guest.vmid}//"
    size = world.at(entity, "size_bytes", world.started_at)
    starts_at = world.started_at - 6 * DAY_S + jitter(world.seed, "vm-disk-filling", HOUR_S) if now is None else now
    daily = 0.051 * size if now is None else 24 * 4 * size
    return DiskFilling(name="vm-disk-filling", starts_at=starts_at, filesystem=entity, bytes_per_day=daily)


def _node_offline(world: World, now: float | None) -> Fault:
    starts_at = world.started_at - 40 * MINUTE_S + jitter(world.seed, "node-offline", 90.0) if now is None else now
    return NodeOffline(name="node-offline", starts_at=starts_at, node="pve3", entities=_entities_of_node(world, "pve3"))


def _container_oom_loop(world: World, now: float | None) -> Fault:
    guest = world.cluster.guest_named("unifi")
    starts_at = world.started_at - 2 * HOUR_S + jitter(world.seed, "container-oom-loop", 90.0) if now is None else now
    return OomLoop(name="container-oom-loop", starts_at=starts_at, vmid=guest.vmid, node=guest.node)


def _guest_without_backup(world: World, now: float | None) -> Fault:
    vmid = world.cluster.guest_named("paperless").vmid
    return GuestUnprotected(name="guest-without-backup", starts_at=now or 0.0, vmid=vmid)


def _target_down(world: World, now: float | None) -> Fault:
    starts_at = world.started_at - 25 * MINUTE_S + jitter(world.seed, "target-down", 90.0) if now is None else now
    exporter = world.cluster.guest_named("postgres").exporters[0]
    return TargetDown(name="target-down", starts_at=starts_at, job=exporter.job, instance=exporter.instance)


def _entities_of_node(world: World, node: str) -> frozenset[str]:
    guests = (f"guest/{guest.vmid}" for guest in world.cluster.guests if guest.node == node)
    return frozenset((f"node/{node}", *guests))


FAULTS: Mapping[str, Callable[[World, float | None], Fault]] = {
    "datastore-full": _datastore_full,
    "vm-disk-filling": _vm_disk_filling,
    "node-offline": _node_offline,
    "container-oom-loop": _container_oom_loop,
    "guest-without-backup": _guest_without_backup,
    "target-down": _target_down,
}


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    summary: str
    faults: tuple[str, ...]


SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario("healthy", "nothing is wrong", ()),
        Scenario(
            "datastore-full", "the backup datastore tank is full; last night's backups failed", ("datastore-full",)
        ),
        Scenario(
            "vm-disk-filling", "the root disk of the VM immich will be full in two to three days", ("vm-disk-filling",)
        ),
        Scenario("node-offline", "node pve3 has been offline for forty minutes", ("node-offline",)),
        Scenario(
            "container-oom-loop",
            "the container unifi is killed for want of memory every seven minutes",
            ("container-oom-loop",),
        ),
        Scenario("guest-without-backup", "the container paperless is in no backup job", ("guest-without-backup",)),
        Scenario("target-down", "the exporter of the container postgres refuses connections", ("target-down",)),
    )
}


def fault_named(name: str, world: World, *, now: float | None = None) -> Fault:
    """The fault for `world`, with its usual onset in the past or, given `now`, beginning then. KeyError if unknown."""
    return FAULTS[name](world, now)


def build_scenario(name: str, *, seed: int, started_at: float) -> World:
    """The world of a scenario. Raises KeyError for an unknown name."""
    world = build_world(seed, started_at)
    return world.with_faults(fault_named(fault, world) for fault in SCENARIOS[name].faults)
