"""The figures of nodes, guests and storages in PVE's own encoding: bytes as integers, booleans as 0 and 1."""

from __future__ import annotations

import math

from nightshift_lab.pve.api import Call, Data
from nightshift_lab.world import GuestState, World
from nightshift_lab.world.backups import running_at
from nightshift_lab.world.nouns import Guest, Storage


def whole(world: World, entity: str, quantity: str, t: float) -> int:
    """A figure as an integer; 0 where there is none, as PVE does."""
    value = world.at(entity, quantity, t)
    return 0 if math.isnan(value) else int(value)


def guest_figures(call: Call, state: GuestState) -> dict[str, Data]:
    """cpu, mem, disk, traffic counters and uptime of a guest; zeros while it is off."""
    guest, at = state.guest, call.statistics_at
    entity = f"guest/{guest.vmid}"
    root = guest.disks[0]
    zero = not state.running or math.isnan(call.world.at(entity, "cpu_fraction", at))
    counters = ("netin", "netout", "diskread", "diskwrite")
    uptime = 0 if state.boot_at is None else max(0, int(call.at - state.boot_at))
    container = guest.kind == "lxc"
    return {
        "cpu": 0 if zero else round(min(call.world.at(entity, "cpu_fraction", at), 1.0), 12),
        "mem": 0 if zero else whole(call.world, entity, "mem_used_bytes", at),
        "maxmem": guest.memory_bytes,
        "disk": whole(call.world, f"fs/guest/{guest.vmid}/{root.mountpoint}", "used_bytes", at) if container else 0,
        "maxdisk": root.size_bytes,
        **{name: 0 if zero else whole(call.world, entity, name, at) for name in counters},
        "uptime": uptime,
    }


def locked_vmids(call: Call) -> frozenset[int]:
    """The guests that a backup has locked at this moment."""
    return frozenset(run.guest.vmid for run in running_at(call.world, call.at))


def storage_sizes(call: Call, node: str, storage: Storage) -> tuple[int, int, int] | None:
    """(used, total, avail) in bytes as the node sees them; None while it cannot reach the storage."""
    entity = f"storage/{node}/{storage.name}"
    if storage.datastore is not None:
        server = next(server for server in call.world.servers if server.name == storage.datastore[0])
        if server.vmid is not None and not bool(call.world.up(f"guest/{server.vmid}", call.at)):
            return None
        used = whole(call.world, entity, "used_bytes", call.statistics_at)
        total = whole(call.world, entity, "total_bytes", call.statistics_at)
        return used, total, whole(call.world, entity, "available_bytes", call.statistics_at)
    if storage.kind == "nfs" and not bool(call.world.up("guest/103", call.at)):
        return None
    used = whole(call.world, entity, "used_bytes", call.statistics_at)
    total = whole(call.world, entity, "total_bytes", call.statistics_at)
    return used, total, total - used


def tags_of(guest: Guest) -> dict[str, Data]:
    return {"tags": ";".join(guest.tags)} if guest.tags else {}
