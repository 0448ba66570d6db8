"""The figures of nodes, guests and storages in PVE's own encoding: bytes as integers, booleans as 0 and 1."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from nightshift_lab.pve.api import Call, Data
from nightshift_lab.world import GuestState, World
from nightshift_lab.world.backups import in_backup
from nightshift_lab.world.batch import GUEST_QUANTITIES, guest_figures_at
from nightshift_lab.world.curves import Times
from nightshift_lab.world.nouns import Guest, Storage
from nightshift_lab.world.pressure import FULL_OF_SOME, pressure_fraction
from nightshift_lab.world.states import reachable

_COUNTERS = ("netin", "netout", "diskread", "diskwrite")


def whole(world: World, entity: str, quantity: str, t: float) -> int:
    """A figure as an integer; 0 where there is none, as PVE does."""
    value = world.at(entity, quantity, t)
    return 0 if math.isnan(value) else int(value)


def cpu_fraction(world: World, entity: str, t: float) -> float:
    """How busy the CPUs are; 0 where nothing was measured yet, as just after a start."""
    value = world.at(entity, "cpu_fraction", t)
    return 0.0 if math.isnan(value) else round(value, 12)


def guest_figures(call: Call, state: GuestState) -> dict[str, Data]:
    """cpu, mem, disk, traffic counters and uptime of a guest; zeros while it is off."""
    entity, at = f"guest/{state.guest.vmid}", call.statistics_at
    known = {name: call.world.at(entity, name, at) for name in GUEST_QUANTITIES} if state.running else {}
    return _encoded(call, state, known)


def all_guest_figures(call: Call, node: str | None = None) -> dict[int, dict[str, Data]]:
    """The same for every guest of the cluster, or of one node, that has figures."""
    inventory = call.inventory
    wanted = inventory.guests.values() if node is None else inventory.guests_on(node)
    boots = {state.guest.vmid: state.boot_at for state in wanted if state.boot_at is not None}
    figures = guest_figures_at(call.world, call.statistics_at, boots)
    return {
        state.guest.vmid: _encoded(call, state, figures.get(state.guest.vmid, {}))
        for state in wanted
        if state.status != "unknown"
    }


def _encoded(call: Call, state: GuestState, figures: Mapping[str, float]) -> dict[str, Data]:
    guest = state.guest
    root = guest.disks[0]
    off = not figures or math.isnan(figures["cpu_fraction"])
    disk = 0
    if guest.kind == "lxc":
        disk = whole(call.world, f"fs/guest/{guest.vmid}/{root.mountpoint}", "used_bytes", call.statistics_at)
    return {
        "cpu": 0 if off else round(min(figures["cpu_fraction"], 1.0), 12),
        "mem": 0 if off else int(figures["mem_used_bytes"]),
        "maxmem": guest.memory_bytes,
        "disk": disk,
        "maxdisk": root.size_bytes,
        **{name: 0 if off else int(figures[name]) for name in _COUNTERS},
        "uptime": 0 if state.boot_at is None else max(0, int(call.at - state.boot_at)),
    }


def pressure(call: Call, guest: Guest, at: float) -> dict[str, Data]:
    """How long tasks waited for something, in percent; new in 9."""
    if call.release.major < 9:
        return {}
    entity = f"guest/{guest.vmid}"
    columns = pressure_columns(call.world, entity, np.array([at]))
    figures = {name: round(float(np.nan_to_num(values[0])), 2) for name, values in columns.items()}
    return figures | ({"pressurecpufull": 0} if guest.kind == "qemu" else {})


def pressure_columns(world: World, entity: str, times: Times) -> dict[str, Times]:
    """PVE's names of what tasks of a node or guest waited for, in percent, at each time."""
    cpu, io, memory = (100.0 * pressure_fraction(world, entity, what, times) for what in ("cpu", "io", "memory"))
    return {
        "pressurecpusome": cpu,
        "pressureiosome": io,
        "pressureiofull": io * FULL_OF_SOME["io"],
        "pressurememorysome": memory,
        "pressurememoryfull": memory * FULL_OF_SOME["memory"],
    }


def lock_of(call: Call, state: GuestState) -> str:
    """Why the guest is locked; empty when it is not."""
    if state.lock:
        return state.lock
    return "backup" if in_backup(call.world, state.guest.vmid, call.at) else ""


def storage_sizes(call: Call, node: str, storage: Storage) -> tuple[int, int, int] | None:
    """(used, total, avail) in bytes as the node sees them; None while it cannot reach the storage."""
    if not reachable(call.world, storage, node, call.at):
        return None
    entity, at = f"storage/{node}/{storage.name}", call.statistics_at
    used = whole(call.world, entity, "used_bytes", at)
    total = whole(call.world, entity, "total_bytes", at)
    if storage.datastore is not None:
        return used, total, whole(call.world, entity, "available_bytes", at)
    return used, total, total - used


def tags_of(guest: Guest) -> dict[str, Data]:
    return {"tags": ";".join(guest.tags)} if guest.tags else {}
