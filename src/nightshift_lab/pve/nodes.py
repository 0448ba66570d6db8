"""PVE's endpoints of one node."""

from __future__ import annotations

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.pve.figures import whole
from nightshift_lab.world import NodeState, states
from nightshift_lab.world.nouns import GIB


def node_state(call: Call) -> NodeState:
    """The node of the path. PVE looks an unknown one up by host name and fails."""
    try:
        return states.node_state(call.world, call.world.cluster.node(call.path["node"]), call.at)
    except KeyError:
        raise Refusal(
            500, "hostname lookup '{}' failed - failed to get address info".format(call.path["node"])
        ) from None


def status(call: Call) -> Data:
    """Load averages are strings; `memory.available` is new in 9."""
    state = node_state(call)
    node, entity, at = state.node, f"node/{state.node.name}", call.at
    used = whole(call.world, entity, "mem_used_bytes", at)
    swap = whole(call.world, entity, "swap_used_bytes", at)
    root_used = whole(call.world, f"fs/{entity}//", "used_bytes", at)
    root_total = whole(call.world, f"fs/{entity}//", "size_bytes", at)
    played = call.release
    release = call.world.condition(entity, "kernel", at, played.kernel)
    built = played.kernel_build
    cache = int(1.8 * GIB)
    memory = {"total": node.memory_bytes, "used": used, "free": max(0, node.memory_bytes - used - cache)}
    if played.major >= 9:
        memory["available"] = node.memory_bytes - used
    return {
        "cpu": round(call.world.at(entity, "cpu_fraction", at), 12),
        "wait": round(call.world.at(entity, "iowait_fraction", at), 12),
        "idle": 0,
        "loadavg": [f"{call.world.at(entity, quantity, at):.2f}" for quantity in ("load1", "load5", "load15")],
        "cpuinfo": {
            "model": node.cpu_model,
            "cores": node.cores // 2 or 1,
            "cpus": node.cores,
            "sockets": 1,
            "mhz": "2100.000",
            "hvm": "1",
            "user_hz": 100,
            "flags": "fpu vme aes avx avx2",
        },
        "memory": memory,
        "swap": {"total": node.swap_bytes, "used": swap, "free": node.swap_bytes - swap},
        "rootfs": {
            "total": root_total,
            "used": root_used,
            "avail": root_total - root_used,
            "free": root_total - root_used,
        },
        "uptime": int(at - (state.boot_at or at)),
        "ksm": {"shared": 0},
        "pveversion": f"pve-manager/{played.version}/{played.repoid}",
        "kversion": f"Linux {release} {built}",
        "current-kernel": {"sysname": "Linux", "release": release, "version": built, "machine": "x86_64"},
        "boot-info": {"mode": "efi", "secureboot": 0},
    }


def version(call: Call) -> Data:
    node_state(call)
    return {"version": call.release.version, "release": call.release.release, "repoid": call.release.repoid}
