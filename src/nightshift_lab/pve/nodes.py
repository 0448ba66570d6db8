"""PVE's endpoints of one node."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from nightshift_lab.pve.api import Call, Data, Refusal
from nightshift_lab.pve.figures import whole
from nightshift_lab.world import NodeState
from nightshift_lab.world.hashing import between
from nightshift_lab.world.nouns import GIB


def node_state(call: Call) -> NodeState:
    """The node of the path. PVE looks an unknown one up by host name and fails."""
    try:
        return call.inventory.nodes[call.path["node"]]
    except KeyError:
        raise Refusal(
            500, "hostname lookup '{}' failed - failed to get address info".format(call.path["node"])
        ) from None


def nodes(call: Call) -> Data:
    rows: list[Data] = []
    for state in call.inventory.nodes.values():
        name = state.node.name
        row: dict[str, Data] = {
            "id": f"node/{name}",
            "node": name,
            "type": "node",
            "status": "online" if state.online else "offline",
            "ssl_fingerprint": call.fingerprint,
        }
        if state.online and call.token.may(f"/nodes/{name}", "Sys.Audit"):
            row |= {
                "level": "",
                "cpu": round(call.world.at(f"node/{name}", "cpu_fraction", call.statistics_at), 12),
                "maxcpu": state.node.cores,
                "mem": whole(call.world, f"node/{name}", "mem_used_bytes", call.statistics_at),
                "maxmem": state.node.memory_bytes,
                "disk": whole(call.world, f"fs/node/{name}//", "used_bytes", call.statistics_at),
                "maxdisk": whole(call.world, f"fs/node/{name}//", "size_bytes", call.statistics_at),
                "uptime": int(call.at - (state.boot_at or call.at)),
            }
        rows.append(row)
    return rows


def status(call: Call) -> Data:
    """Load averages are strings; `memory.available` is new in 9."""
    state = node_state(call)
    node, entity, at = state.node, f"node/{state.node.name}", call.at
    used = whole(call.world, entity, "mem_used_bytes", at)
    swap = whole(call.world, entity, "swap_used_bytes", at)
    root_used = whole(call.world, f"fs/{entity}//", "used_bytes", at)
    root_total = whole(call.world, f"fs/{entity}//", "size_bytes", at)
    release = call.world.cluster.kernel
    built = "#1 SMP PREEMPT_DYNAMIC PMX 6.17.4-1 (2025-12-03T15:42Z)"
    cache = int(1.8 * GIB)
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
        "memory": {
            "total": node.memory_bytes,
            "used": used,
            "free": max(0, node.memory_bytes - used - cache),
            "available": node.memory_bytes - used,
        },
        "swap": {"total": node.swap_bytes, "used": swap, "free": node.swap_bytes - swap},
        "rootfs": {
            "total": root_total,
            "used": root_used,
            "avail": root_total - root_used,
            "free": root_total - root_used,
        },
        "uptime": int(at - (state.boot_at or at)),
        "ksm": {"shared": 0},
        "pveversion": f"pve-manager/{call.world.cluster.pve_version}/{call.world.cluster.pve_repoid}",
        "kversion": f"Linux {release} {built}",
        "current-kernel": {"sysname": "Linux", "release": release, "version": built, "machine": "x86_64"},
        "boot-info": {"mode": "efi", "secureboot": 0},
    }


def version(call: Call) -> Data:
    cluster = call.world.cluster
    return {
        "version": cluster.pve_version,
        "release": cluster.pve_version.rpartition(".")[0],
        "repoid": cluster.pve_repoid,
    }


def subscription(call: Call) -> Data:
    """As a homelab has it: none."""
    name = node_state(call).node.name
    return {
        "status": "notfound",
        "message": "There is no subscription key",
        "serverid": hashlib.md5(name.encode(), usedforsecurity=False).hexdigest().upper(),
        "url": "https://www.proxmox.com/en/proxmox-virtual-environment/pricing",
    }


def replication(call: Call) -> Data:
    """The jobs of guests that are on this node now."""
    return [
        _replication_row(call, job.id) for job in call.world.cluster.replications if job.source == call.path["node"]
    ]


def replication_status(call: Call) -> Data:
    if all(job.id != call.path["id"] for job in call.world.cluster.replications):
        raise Refusal(500, "no such replication job '{}'".format(call.path["id"]))
    return _replication_row(call, call.path["id"])


def _replication_row(call: Call, job_id: str) -> Data:
    job = next(job for job in call.world.cluster.replications if job.id == job_id)
    last = call.at - call.at % job.interval_s + 4.0
    last = last if last <= call.at else last - job.interval_s
    guest = call.world.cluster.guest(job.vmid)
    return {
        "id": job.id,
        "guest": job.vmid,
        "jobnum": job.number,
        "source": job.source,
        "target": job.target,
        "type": "local",
        "vmtype": guest.kind,
        "schedule": job.schedule,
        "last_sync": int(last),
        "last_try": int(last),
        "next_sync": int(last - 4 + job.interval_s),
        "duration": round(between(2.4, 6.9, call.world.seed, job.id, int(last)), 6),
        "fail_count": 0,
    }


def journal(call: Call) -> Data:
    """The journal's last lines: what the faults of the moment write into it, and little else."""
    name, count = call.path["node"], call.integer("lastentries", 500)
    since = float(call.integer("since", int(call.at - 86_400)))
    until = min(call.at, float(call.integer("until", int(call.at))))
    entries = [(at, text) for fault in call.world.faults for at, text in fault.journal(name, since, until)]
    first_hour = int(since // 3_600) + 1
    hours = range(first_hour, int(until // 3_600) + 1)
    cron = "CRON[1]: (root) CMD (cd / && run-parts --report /etc/cron.hourly)"
    entries += [(hour * 3_600.0 + 17.0, cron) for hour in hours]
    lines = [f"{datetime.fromtimestamp(at, UTC):%b %d %H:%M:%S} {name} {text}" for at, text in sorted(entries)]
    return lines[-count:] if count else []
