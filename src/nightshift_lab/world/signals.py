"""How every figure moves: for each kind of entity a table from quantity to curve.

- `node/<name>`: cpu_fraction, cpu_seconds, iowait_fraction, iowait_seconds, mem_used_bytes, mem_total_bytes,
  swap_used_bytes, swap_total_bytes, load1, load5, load15, netin, netout, diskread, diskwrite (byte counters),
  temperature_celsius, oom_kills_total, cores, up, uptime_s, boot_time_s
- `guest/<vmid>`: as a node, without temperature; mem is what PVE shows
- `fs/<owner>/<mountpoint>`: used_bytes, size_bytes; owner is `guest/<vmid>` or `node/<name>`, so `fs/guest/104//` is
  the root file system of guest 104
- `storage/<node>/<name>`: used_bytes, total_bytes
- `datastore/<server>/<name>`: used_bytes, total_bytes, available_bytes
- `disk/<node>/<serial>`: temperature_celsius
- `ups/<name>`: battery_charge, load_fraction, runtime_s, input_voltage
- `server/<name>`, a backup server that is a machine of its own: as a node, without disks and swap
- `target/<job>/<instance>`: up (0 or 1; 0 while the host is away)

`cpu_seconds` and `iowait_seconds` are core-seconds since boot. Counters start at zero at each boot of their owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nightshift_lab.world.backup_servers import BackupServer, Datastore
from nightshift_lab.world.compiled import Crowd
from nightshift_lab.world.curves import (
    Constant,
    Curve,
    DailyPulse,
    Linear,
    Sawtooth,
    Scaled,
    Sine,
    Sum,
    lively,
)
from nightshift_lab.world.hardware import PhysicalDisk, Ups
from nightshift_lab.world.hashing import between
from nightshift_lab.world.nouns import DAY_S, GIB, Cluster, Disk, Guest, Node, Storage, named


@dataclass(frozen=True, slots=True)
class Signal:
    """`gauge`: the curve's value. `counter`: its integral since the owner's boot."""

    curve: Curve
    kind: Literal["gauge", "counter"] = "gauge"
    size: float = float("nan")


Signals = Mapping[str, Signal]

_ON_ROOT = "/var/lib/vz"  # where a storage that is a folder lies on its node's root file system


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What all curves share: the seed, the reference time of growth, when nightly backups run (s of the UTC day)."""

    seed: int
    started_at: float
    window_start_s: float
    window_length_s: float = 5_400.0


def _pulse(rhythm: Rhythm, height: float) -> DailyPulse:
    return DailyPulse(height, rhythm.window_start_s, rhythm.window_length_s)


def _guest_cpu(rhythm: Rhythm, guest: Guest) -> Curve:
    busy = lively(guest.cpu_fraction, swing=0.45, peak_hour=guest.busy_hour, words=(rhythm.seed, guest.vmid, "cpu"))
    backup = DailyPulse(
        between(0.02, 0.12, rhythm.seed, guest.vmid, "backup cpu"),
        rhythm.window_start_s + between(0, rhythm.window_length_s - 600, rhythm.seed, guest.vmid, "backup time"),
        between(180, 600, rhythm.seed, guest.vmid, "backup length"),
    )
    return Sum((busy, backup))


def _guest_memory(rhythm: Rhythm, guest: Guest) -> Curve:
    level = guest.memory_bytes * guest.memory_fraction
    words = (rhythm.seed, guest.vmid, "mem")
    return Sum(
        (
            Constant(level),
            Sine(level * 0.05, DAY_S, between(0, 6.28, *words)),
            Sine(level * 0.03, 26_783.0, between(0, 6.28, *words, 2)),
            Sine(level * 0.01, 1_931.0, between(0, 6.28, *words, 3)),
        )
    )


def _traffic(rhythm: Rhythm, owner: object, name: str, per_s: float, busy_hour: float) -> Signal:
    return Signal(lively(per_s, swing=0.5, peak_hour=busy_hour, words=(rhythm.seed, owner, name)), "counter")


def guest_signals(rhythm: Rhythm, guest: Guest) -> Signals:
    cpu = _guest_cpu(rhythm, guest)
    backup_read = _pulse(rhythm, guest.disk_bytes_per_s * 12)
    iowait = lively(0.004, swing=0.3, peak_hour=3.0, words=(rhythm.seed, guest.vmid, "iowait"))
    read = lively(guest.disk_bytes_per_s, swing=0.4, peak_hour=guest.busy_hour, words=(rhythm.seed, guest.vmid, "read"))
    return {
        "cpu_fraction": Signal(cpu, size=1.0),
        "cpu_seconds": Signal(Scaled(cpu, guest.cores), "counter"),
        "iowait_fraction": Signal(iowait),
        "iowait_seconds": Signal(Scaled(iowait, guest.cores), "counter"),
        "mem_used_bytes": Signal(_guest_memory(rhythm, guest), size=guest.memory_bytes),
        "mem_total_bytes": Signal(Constant(guest.memory_bytes)),
        "swap_used_bytes": Signal(Constant(0.01 * GIB if guest.kind == "qemu" else 0.0)),
        "swap_total_bytes": Signal(Constant(GIB)),
        "load1": Signal(Scaled(cpu, guest.cores * 1.15)),
        "load5": Signal(Scaled(cpu, guest.cores * 1.12)),
        "load15": Signal(Scaled(cpu, guest.cores * 1.1)),
        "netin": _traffic(rhythm, guest.vmid, "netin", guest.net_bytes_per_s, guest.busy_hour),
        "netout": _traffic(rhythm, guest.vmid, "netout", guest.net_bytes_per_s * 0.7, guest.busy_hour),
        "diskread": Signal(Sum((read, backup_read)), "counter"),
        "diskwrite": _traffic(rhythm, guest.vmid, "write", guest.disk_bytes_per_s * 1.6, guest.busy_hour),
        "oom_kills_total": Signal(Constant(0.0)),
        "cores": Signal(Constant(guest.cores)),
    }


def node_signals(rhythm: Rhythm, node: Node, guests: tuple[Guest, ...]) -> Signals:
    """A node's figures are its own and those of the guests that normally run on it."""
    running = tuple(guest for guest in guests if guest.runs)
    words = (rhythm.seed, node.name)
    cpu = Crowd(
        Sum(
            (
                lively(node.idle_cpu_fraction, swing=0.2, peak_hour=2.0, words=(*words, "cpu")),
                _pulse(rhythm, 0.14),
                *(Scaled(_guest_cpu(rhythm, guest), guest.cores / node.cores) for guest in running),
            )
        )
    )
    iowait = Sum((lively(0.006, swing=0.3, peak_hour=3.0, words=(*words, "iowait")), _pulse(rhythm, 0.045)))
    memory = Crowd(Sum((Constant(4.5 * GIB), *(_guest_memory(rhythm, guest) for guest in running))))
    net = sum(guest.net_bytes_per_s for guest in running) + 40_000.0
    disk = sum(guest.disk_bytes_per_s for guest in running) + 90_000.0
    return {
        "cpu_fraction": Signal(cpu, size=1.0),
        "cpu_seconds": Signal(Scaled(cpu, node.cores), "counter"),
        "iowait_fraction": Signal(iowait),
        "iowait_seconds": Signal(Scaled(iowait, node.cores), "counter"),
        "mem_used_bytes": Signal(memory, size=node.memory_bytes),
        "mem_total_bytes": Signal(Constant(node.memory_bytes)),
        "swap_used_bytes": Signal(Constant(between(0.0, 0.2, *words, "swap") * GIB), size=node.swap_bytes),
        "swap_total_bytes": Signal(Constant(node.swap_bytes)),
        "load1": Signal(Scaled(cpu, node.cores * 1.2)),
        "load5": Signal(Scaled(cpu, node.cores * 1.15)),
        "load15": Signal(Scaled(cpu, node.cores * 1.1)),
        "netin": _traffic(rhythm, node.name, "netin", net, 20.0),
        "netout": Signal(
            Sum((lively(net * 0.7, swing=0.5, peak_hour=20.0, words=(*words, "netout")), _pulse(rhythm, 45e6))),
            "counter",
        ),
        "diskread": Signal(
            Sum((lively(disk, swing=0.4, peak_hour=20.0, words=(*words, "read")), _pulse(rhythm, 60e6))), "counter"
        ),
        "diskwrite": _traffic(rhythm, node.name, "write", disk * 1.6, 20.0),
        "temperature_celsius": Signal(Sum((Constant(between(41, 47, *words, "temp")), Scaled(cpu, 30.0)))),
        "oom_kills_total": Signal(Constant(0.0)),
        "cores": Signal(Constant(node.cores)),
    }


def filesystem_signals(rhythm: Rhythm, owner: str, disk: Disk) -> Signals:
    """The file system is a little smaller than its disk, as ext4 makes it."""
    size = float(int(disk.size_bytes * 0.975) // 4096 * 4096)
    used = Sum(
        (
            Constant(size * disk.used_fraction),
            Linear(disk.growth_bytes_per_day / DAY_S, rhythm.started_at),
            Sine(size * 0.002, 5_417.0, between(0, 6.28, rhythm.seed, owner, disk.mountpoint)),
        )
    )
    return {"used_bytes": Signal(used, size=size), "size_bytes": Signal(Constant(size))}


def storage_signals(rhythm: Rhythm, node: str, storage: Storage) -> Signals:
    where = "shared" if storage.shared else node
    spread = 0.0 if storage.shared else between(-0.05, 0.05, rhythm.seed, node, storage.name)
    used = Sum(
        (
            Constant(storage.size_bytes * (storage.used_fraction + spread)),
            Linear(storage.growth_bytes_per_day / DAY_S, rhythm.started_at),
            Sine(storage.size_bytes * 0.001, 7_001.0, between(0, 6.28, rhythm.seed, where, storage.name)),
        )
    )
    return {
        "used_bytes": Signal(used, size=storage.size_bytes),
        "total_bytes": Signal(Constant(float(storage.size_bytes))),
    }


def datastore_signals(rhythm: Rhythm, server: BackupServer, datastore: Datastore) -> Signals:
    """Each night's backups add to it, each morning's garbage collection takes most of it back."""
    total = float(datastore.size_bytes)
    sawtooth = Sawtooth(datastore.sawtooth_bytes, DAY_S, datastore.gc_hour * 3_600.0)
    used = Sum(
        (
            Constant(total * datastore.used_fraction),
            Linear(datastore.growth_bytes_per_day / DAY_S, rhythm.started_at),
            sawtooth,
            Sine(total * 1e-5, 6_211.0, between(0, 6.28, rhythm.seed, server.name, datastore.name)),
        )
    )
    available = Sum((Constant(total * (1 - datastore.reserved_fraction)), Scaled(used, -1.0)))
    return {
        "used_bytes": Signal(used, size=total),
        "total_bytes": Signal(Constant(total)),
        "available_bytes": Signal(available, size=total),
    }


def disk_signals(rhythm: Rhythm, disk: PhysicalDisk) -> Signals:
    """Its temperature; 0 for one that has no sensor."""
    words = (rhythm.seed, disk.serial, "temperature")
    warm = Sum((Constant(disk.celsius), Sine(2.2, DAY_S, between(0, 6.28, *words)), _pulse(rhythm, 4.0)))
    return {"temperature_celsius": Signal(warm if disk.celsius else Constant(0.0), size=70.0)}


def ups_signals(rhythm: Rhythm, ups: Ups) -> Signals:
    words = (rhythm.seed, ups.name)
    load = lively(ups.load_fraction, swing=0.1, peak_hour=20.0, words=(*words, "load"))
    voltage = Sum((Constant(231.0), Sine(2.4, DAY_S, between(0, 6.28, *words)), Sine(1.1, 3_517.0, 0.3)))
    return {
        "battery_charge": Signal(Constant(1.0), size=1.0),
        "load_fraction": Signal(load, size=1.0),
        "runtime_s": Signal(Constant(ups.runtime_s), size=ups.runtime_s),
        "input_voltage": Signal(voltage),
    }


def server_signals(rhythm: Rhythm, server: BackupServer) -> Signals:
    """A backup server that is a machine of its own."""
    words = (rhythm.seed, "server", server.name)
    cpu = lively(0.09, swing=0.3, peak_hour=5.0, words=(*words, "cpu"))
    memory = Sum((Constant(server.memory_bytes * 0.22), Sine(server.memory_bytes * 0.02, 7_919.0, 0.5)))
    return {
        "cpu_fraction": Signal(cpu, size=1.0),
        "iowait_fraction": Signal(lively(0.02, swing=0.3, peak_hour=5.0, words=(*words, "iowait"))),
        "mem_used_bytes": Signal(memory, size=server.memory_bytes),
        "mem_total_bytes": Signal(Constant(server.memory_bytes)),
        "load1": Signal(Scaled(cpu, server.cores * 1.2)),
        "load5": Signal(Scaled(cpu, server.cores * 1.15)),
        "load15": Signal(Scaled(cpu, server.cores * 1.1)),
        "netin": _traffic(rhythm, server.name, "netin", 9e6, 5.0),
        "netout": _traffic(rhythm, server.name, "netout", 4e5, 5.0),
    }


def signals_of(rhythm: Rhythm, cluster: Cluster, servers: tuple[BackupServer, ...], entity: str) -> Signals:
    """The table of one entity. Raises KeyError for an entity that the world does not have."""
    kind, _, rest = entity.partition("/")
    name, _, second = rest.partition("/")
    if kind == "node":
        return node_signals(rhythm, cluster.node(rest), cluster.guests_of(rest))
    if kind == "guest":
        return guest_signals(rhythm, cluster.guest(int(rest)))
    if kind == "fs":
        return _filesystem_of(rhythm, cluster, rest)
    if kind == "storage":
        storage = cluster.storage(second)
        if storage.options.get("path") == _ON_ROOT:
            root = _root_of(rhythm, cluster, name)
            return {"used_bytes": root["used_bytes"], "total_bytes": root["size_bytes"]}
        return storage_signals(rhythm, name, storage)
    if kind == "disk":
        return disk_signals(rhythm, _disk(cluster, servers, name, second))
    if kind == "ups":
        return ups_signals(rhythm, named(cluster.upses, rest))
    if kind == "server":
        return server_signals(rhythm, named(servers, rest))
    if kind == "datastore":
        server = named(servers, name)
        return datastore_signals(rhythm, server, server.datastore(second))
    raise KeyError(entity)


def _disk(cluster: Cluster, servers: tuple[BackupServer, ...], machine: str, serial: str) -> PhysicalDisk:
    disks = {node.name: node.disks for node in cluster.nodes} | {server.name: server.disks for server in servers}
    return {disk.serial: disk for disk in disks[machine]}[serial]


def _root_of(rhythm: Rhythm, cluster: Cluster, name: str) -> Signals:
    """The root file system of a node, and of the storage `local` that lies on it."""
    node = cluster.node(name)
    root = Disk("root", "", node.rootfs_bytes, "/", 0.22 + between(0, 0.1, rhythm.seed, name, "root"))
    return filesystem_signals(rhythm, name, root)


def _filesystem_of(rhythm: Rhythm, cluster: Cluster, rest: str) -> Signals:
    kind, name, mountpoint = rest.split("/", 2)
    if kind == "node":
        if mountpoint != "/":
            raise KeyError(rest)
        return _root_of(rhythm, cluster, name)
    guest = cluster.guest(int(name))
    for disk in guest.disks:
        if disk.mountpoint == mountpoint:
            return filesystem_signals(rhythm, name, disk)
    raise KeyError(rest)
