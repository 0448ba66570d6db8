"""The backup server as a host: its status, services, packages, certificate, recorded figures and journal."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import takewhile

import numpy as np

from nightshift_lab.pbs.api import Call, Data
from nightshift_lab.world.certificates import server_certificate
from nightshift_lab.world.hashing import hex_digits
from nightshift_lab.world.nouns import DAY_S, GIB
from nightshift_lab.world.packages import PBS_3_PACKAGES, PBS_4_PACKAGES, Package
from nightshift_lab.world.server_tasks import iter_pbs_tasks
from nightshift_lab.world.services import PBS_SERVICES, service_state

# timeframe -> (seconds a point, points)
_FRAMES = {
    "hour": (60.0, 70),
    "day": (60.0, 1_440),
    "week": (1_800.0, 336),
    "month": (1_800.0, 1_440),
    "year": (21_600.0, 1_440),
    "decade": (7 * DAY_S, 570),
}


def nodes(_call: Call) -> Data:
    return [{"node": "localhost"}]


def status(call: Call) -> Data:
    server, at = call.server, call.at
    entity = call.world.host_of(server)
    used = int(call.world.at(entity, "mem_used_bytes", at))
    release = server.release.kernel
    return {
        "cpu": call.world.at(entity, "cpu_fraction", at),
        "wait": call.world.at(entity, "iowait_fraction", at),
        "loadavg": [round(call.world.at(entity, quantity, at), 2) for quantity in ("load1", "load5", "load15")],
        "cpuinfo": {"model": _cpu_model(call), "sockets": 1, "cpus": server.cores},
        "memory": {"total": server.memory_bytes, "used": used, "free": server.memory_bytes - used},
        "swap": {"total": GIB, "used": 0, "free": GIB},
        "root": _root(call),
        "uptime": int(call.world.at(entity, "uptime_s", at)),
        "kversion": f"Linux {release} #1 SMP PREEMPT_DYNAMIC PMX {release}",
        "current-kernel": {
            "sysname": "Linux",
            "release": release,
            "version": "#1 SMP PREEMPT_DYNAMIC",
            "machine": "x86_64",
        },
        "boot-info": {"mode": "efi", "secureboot": False},
        "info": {"fingerprint": call.fingerprint.lower()},
    }


def _cpu_model(call: Call) -> str:
    return "QEMU Virtual CPU version 2.5+" if call.server.vmid else "Intel(R) Core(TM) i3-6100T CPU @ 3.20GHz"


def _root(call: Call) -> dict[str, int]:
    """Its root file system (bytes); a server that is a guest has the guest's."""
    entity = call.world.host_of(call.server)
    if call.server.vmid is None:
        total = call.server.rootfs_bytes
        return {"total": total, "used": int(total * 0.18), "avail": int(total * 0.82)}
    used = int(call.world.at(f"fs/{entity}//", "used_bytes", call.at))
    total = int(call.world.at(f"fs/{entity}//", "size_bytes", call.at))
    return {"total": total, "used": used, "avail": total - used}


def subscription(_call: Call) -> Data:
    return {
        "status": "notfound",
        "message": "There is no subscription key",
        "url": "https://www.proxmox.com/en/proxmox-backup-server/pricing",
    }


def identity(call: Call) -> Data:
    """What tells this installation from others; new in 4.2."""
    digits = hex_digits(32, call.world.seed, call.server.name, "instance")
    return {"pbs-instance-id": "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))}


def services(call: Call) -> Data:
    rows = []
    for service in PBS_SERVICES:
        state = service_state(call.world, call.server.name, service, call.at, standalone=True)
        named = {"name": service.name, "service": service.name, "desc": service.description}
        rows.append({**named, "state": state, "unit-state": service.unit_state})
    return rows


def _packages(call: Call) -> tuple[Package, ...]:
    return PBS_4_PACKAGES if call.server.release.major >= 4 else PBS_3_PACKAGES


def _package(package: Package) -> dict[str, Data]:
    return {
        "Package": package.name,
        "Title": package.title,
        "Description": f"{package.title}.",
        "Section": package.section,
        "Priority": package.priority,
        "Origin": package.origin,
        "Arch": "amd64",
        "OldVersion": package.installed,
        "Version": package.candidate or package.installed,
    }


def updates(call: Call) -> Data:
    return [_package(package) for package in _packages(call) if package.candidate]


def versions(call: Call) -> Data:
    kernel = f"running kernel: {call.server.release.kernel}"
    extra = {"proxmox-backup-server": f"running version: {call.server.release.version}.{call.server.release.release}"}
    return [
        _package(package)
        | ({"ExtraInfo": extra[package.name]} if package.name in extra else {})
        | ({"ExtraInfo": kernel} if package.section == "kernel" else {})
        for package in _packages(call)
    ]


def certificates(call: Call) -> Data:
    facts = server_certificate(call.world, call.server.name, call.fingerprint.lower(), call.at)
    return [
        {
            "filename": facts.filename,
            "fingerprint": facts.fingerprint,
            "subject": facts.subject,
            "issuer": facts.issuer,
            "san": list(facts.names),
            "notbefore": facts.not_before,
            "notafter": facts.not_after,
            "public-key-type": facts.key_type,
            "public-key-bits": facts.key_bits,
        }
    ]


def host_rrd(call: Call) -> Data:
    """Averages on a grid of times; what was not recorded has no key."""
    names = {
        "cpu": "cpu_fraction",
        "iowait": "iowait_fraction",
        "loadavg": "load1",
        "memtotal": "mem_total_bytes",
        "memused": "mem_used_bytes",
    }
    return _recorded(call, call.world.host_of(call.server), names)


def datastore_rrd(call: Call) -> Data:
    names = {"total": "total_bytes", "used": "used_bytes", "available": "available_bytes"}
    return _recorded(call, f"datastore/{call.server.name}/{call.datastore.name}", names)


def _recorded(call: Call, entity: str, names: dict[str, str]) -> Data:
    step, count = _FRAMES[call.required("timeframe", _FRAMES)]
    call.required("cf", ("MAX", "AVERAGE"))
    times = call.at - call.at % step - step * np.arange(count - 1, -1, -1, dtype=np.float64)
    columns = {name: call.world.signal(entity, quantity, times) for name, quantity in names.items()}
    rows: list[Data] = []
    for index, t in enumerate(times.tolist()):
        known = {name: float(series[index]) for name, series in columns.items() if not np.isnan(series[index])}
        rows.append({"time": int(t), **known})
    return rows


def journal(call: Call) -> Data:
    """The journal's last lines of the wanted span; without any of the last day."""
    since = float(call.integer("since", int(call.at - DAY_S)))
    until = min(call.at, float(call.integer("until", int(call.at))))
    count = call.integer("lastentries", 500)
    lines = _lines(call, since, until)
    return lines[-count:] if count else []


def syslog(call: Call) -> Data:
    lines = [{"n": number + 1, "t": line} for number, line in enumerate(_lines(call, call.at - DAY_S, call.at))]
    start, limit = call.integer("start", 0), call.integer("limit", 50)
    return lines[start:] if limit == 0 else lines[start : start + limit]


def _lines(call: Call, since: float, until: float) -> list[str]:
    """What the tasks of the span leave in it."""
    told = takewhile(lambda task: task.started_at >= since, iter_pbs_tasks(call.world, call.server.name, until))
    entries = []
    for task in told:
        entries.append((task.started_at, f"proxmox-backup-proxy[711]: starting task {task.upid}"))
        if task.ended_at <= until:
            said = "OK" if task.status == "OK" else f"TASK ERROR: {task.status}"
            entries.append((task.ended_at, f"proxmox-backup-proxy[711]: end task {task.upid} {said}"))
    name = call.server.name
    return [f"{datetime.fromtimestamp(at, UTC):%b %d %H:%M:%S} {name} {text}" for at, text in sorted(entries)]
