"""What a node_exporter says on a PVE node or in a Linux guest; names and labels as node_exporter 1.9 gives them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nightshift_lab.exporters.exposition import Family, Figures, single
from nightshift_lab.exporters.node_system import packages, system, units
from nightshift_lab.world.curves import Times
from nightshift_lab.world.hardware import ZfsPool
from nightshift_lab.world.nouns import Guest, Node
from nightshift_lab.world.pressure import FULL_OF_SOME, pressure_seconds

# How busy time splits; the rest of the wall time is idle or waiting for disks.
_BUSY_MODES = {"user": 0.73, "system": 0.27}
_PACKET_BYTES = 900.0
_BLOCK_BYTES = 24_576.0
_DISK_BYTES_PER_S = 180e6
_POOL_STATES = ("degraded", "faulted", "offline", "online", "removed", "suspended", "unavail")


def node_exporter(figures: Figures, owner: str) -> list[Family]:
    """All families of the machine `owner` (`node/<name>` or `guest/<vmid>`)."""
    kind, _, name = owner.partition("/")
    cluster = figures.world.cluster
    machine: Node | Guest = cluster.node(name) if kind == "node" else cluster.guest(int(name))
    families = [
        *system(figures, owner, machine),
        _cpu(figures, owner, machine.cores),
        *_memory(figures, owner),
        *_filesystems(figures, owner, machine),
        *_disk(figures, owner, "nvme0n1" if kind == "node" else "sda"),
        *_network(figures, owner, "vmbr0" if kind == "node" else "eth0"),
        *_pressure(figures, owner),
        units(figures, owner),
    ]
    if isinstance(machine, Node):
        temperature = np.round(figures.of(owner, "temperature_celsius"), 1)
        families.append(
            single(
                "node_hwmon_temp_celsius",
                "gauge",
                "Hardware monitor for temperature (input)",
                temperature,
                chip="platform_coretemp_0",
                sensor="temp1",
            )
        )
        families += _pools(figures, machine) + packages(figures, machine.name)
    return families


def _cpu(figures: Figures, owner: str, cores: int) -> Family:
    family = Family("node_cpu_seconds_total", "counter", "Seconds the CPUs spent in each mode.")
    busy = figures.of(owner, "cpu_seconds") / cores
    waiting = figures.of(owner, "iowait_seconds") / cores
    idle = figures.of(owner, "uptime_s") - busy - waiting
    for core in range(cores):
        family.add(_hundredths(idle), cpu=str(core), mode="idle")
        family.add(_hundredths(waiting), cpu=str(core), mode="iowait")
        for mode, share in _BUSY_MODES.items():
            family.add(_hundredths(busy * share), cpu=str(core), mode=mode)
    return family


def _memory(figures: Figures, owner: str) -> list[Family]:
    total = figures.of(owner, "mem_total_bytes")
    available = np.maximum(total - figures.of(owner, "mem_used_bytes"), 0.0)
    swap = figures.of(owner, "swap_total_bytes")
    values = {
        "MemTotal": total,
        "MemAvailable": available,
        "MemFree": available * 0.4,
        "Buffers": available * 0.06,
        "Cached": available * 0.54,
        "SwapTotal": swap,
        "SwapFree": swap - figures.of(owner, "swap_used_bytes"),
    }
    return [
        single(f"node_memory_{field}_bytes", "gauge", f"Memory information field {field}_bytes.", _kibibytes(value))
        for field, value in values.items()
    ]


def _filesystems(figures: Figures, owner: str, machine: Node | Guest) -> list[Family]:
    """Space available is size less used: what the guest's agent tells PVE."""
    if isinstance(machine, Node):
        zfs = any(pool.name == "rpool" for pool in machine.pools)
        mounts = [("/", "rpool/ROOT/pve-1" if zfs else "/dev/mapper/pve-root", "zfs" if zfs else "ext4")]
    else:
        devices = [f"/dev/sd{letter}1" for letter in "abcdef"]
        mounts = [(disk.mountpoint, device, "ext4") for disk, device in zip(machine.disks, devices, strict=False)]
    families = {
        "size": Family("node_filesystem_size_bytes", "gauge", "Filesystem size in bytes."),
        "avail": Family(
            "node_filesystem_avail_bytes", "gauge", "Filesystem space available to non-root users in bytes."
        ),
        "free": Family("node_filesystem_free_bytes", "gauge", "Filesystem free space in bytes."),
        "files": Family("node_filesystem_files", "gauge", "Filesystem total file nodes."),
        "files_free": Family("node_filesystem_files_free", "gauge", "Filesystem total free file nodes."),
        "readonly": Family("node_filesystem_readonly", "gauge", "Filesystem read-only status."),
        "error": Family("node_filesystem_device_error", "gauge", "Whether an error occurred while getting statistics."),
    }
    for mountpoint, device, fstype in mounts:
        size = figures.of(f"fs/{owner}/{mountpoint}", "size_bytes")
        free = _kibibytes(np.maximum(size - figures.of(f"fs/{owner}/{mountpoint}", "used_bytes"), 0.0))
        inodes = np.floor(size / 16_384.0)
        values = {
            "size": size,
            "avail": free,
            "free": free,
            "files": inodes,
            "files_free": np.floor(inodes * (0.55 + 0.4 * free / size)),
            "readonly": figures.constant(0),
            "error": figures.constant(0),
        }
        for key, family in families.items():
            family.add(values[key], device=device, fstype=fstype, mountpoint=mountpoint)
    return list(families.values())


def _disk(figures: Figures, owner: str, device: str) -> list[Family]:
    read, written = figures.of(owner, "diskread"), figures.of(owner, "diskwrite")
    counters = {
        "read_bytes": ("The total number of bytes read successfully.", read),
        "written_bytes": ("The total number of bytes written successfully.", written),
        "reads_completed": ("The total number of reads completed successfully.", np.floor(read / _BLOCK_BYTES)),
        "writes_completed": ("The total number of writes completed successfully.", np.floor(written / _BLOCK_BYTES)),
        "io_time_seconds": ("Total seconds spent doing I/Os.", _hundredths((read + written) / _DISK_BYTES_PER_S)),
    }
    return [
        single(f"node_disk_{name}_total", "counter", text, values, device=device)
        for name, (text, values) in counters.items()
    ]


def _network(figures: Figures, owner: str, device: str) -> list[Family]:
    families = [
        single(
            "node_network_up",
            "gauge",
            "Value is 1 if operstate is 'up', 0 otherwise.",
            figures.constant(1),
            device=device,
        )
    ]
    if owner.startswith("node/"):
        families += _ports(figures, owner.partition("/")[2], families[0])
    for direction, quantity in (("receive", "netin"), ("transmit", "netout")):
        passed = figures.of(owner, quantity)
        counters = {
            "bytes": passed,
            "packets": np.floor(passed / _PACKET_BYTES),
            "errs": passed * 0,
            "drop": passed * 0,
        }
        families += [
            single(
                f"node_network_{direction}_{name}_total",
                "counter",
                f"Network device statistic {direction}_{name}.",
                values,
                device=device,
            )
            for name, values in counters.items()
        ]
    return families


def _pressure(figures: Figures, owner: str) -> list[Family]:
    cpu, io, memory = (pressure_seconds(figures.world, owner, what, figures.times) for what in ("cpu", "io", "memory"))
    counters = {
        "cpu_waiting": ("Total time in seconds that processes have waited for CPU time", cpu),
        "io_waiting": ("Total time in seconds that processes have waited due to IO congestion", io),
        "io_stalled": (
            "Total time in seconds no process could make progress due to IO congestion",
            io * FULL_OF_SOME["io"],
        ),
        "memory_waiting": ("Total time in seconds that processes have waited for memory", memory),
        "memory_stalled": (
            "Total time in seconds no process could make progress due to memory congestion",
            memory * FULL_OF_SOME["memory"],
        ),
    }
    return [
        single(f"node_pressure_{name}_seconds_total", "counter", text, _hundredths(values))
        for name, (text, values) in counters.items()
    ]


def _pools(figures: Figures, node: Node) -> list[Family]:
    """The kernel tells the states; the errors that `zpool status` counts come from a script in the textfile folder."""
    states = Family("node_zfs_zpool_state", "gauge", "kstat.zfs.misc.state")
    errors = Family("zpool_status_errors", "gauge", "Errors that zpool status counts.")
    for pool in node.pools:
        entity = f"pool/{node.name}/{pool.name}"
        told = _pool_states(figures, node, pool)
        for state in _POOL_STATES:
            states.add((told == state.upper()).astype(np.float64), state=state, zpool=pool.name)
        for kind, name in (("read", "read"), ("write", "write"), ("checksum", "cksum")):
            counted = figures.world.conditions(entity, name, figures.times, 0)
            errors.add(np.array(counted, dtype=np.float64), zpool=pool.name, type=kind)
    return [states, errors, *_cache(figures, node)]


def _cache(figures: Figures, node: Node) -> list[Family]:
    """The ZFS cache and its lower bound; without a pool there is neither."""
    if not node.pools:
        return []
    return [
        single(f"node_zfs_arc_{name}", "untyped", f"kstat.zfs.misc.arcstats.{name}", figures.constant(node.arc_bytes))
        for name in ("size", "c_min")
    ]


def _pool_states(figures: Figures, node: Node, pool: ZfsPool) -> NDArray[np.object_]:
    """A pool whose disk is gone is degraded, or suspended when it had no other."""
    states = np.full(figures.times.shape, "ONLINE", dtype=object)
    for serial in pool.serials:
        gone = figures.when(f"disk/{node.name}/{serial}", "present", False, base=True)
        states[gone] = "DEGRADED" if pool.layout else "SUSPENDED"
    bent = figures.world.conditions(f"pool/{node.name}/{pool.name}", "state", figures.times, None)
    return np.where(bent == None, states, bent)  # noqa: E711  (element by element)


def _ports(figures: Figures, node: str, up: Family) -> list[Family]:
    """The ports beside the bridge: `up` gets theirs, and their carriers are counted."""
    carrier = Family("node_network_carrier", "gauge", "Network device property: carrier")
    changes = Family("node_network_carrier_changes_total", "counter", "Network device property: carrier_changes_total")
    for link in figures.world.cluster.node(node).links:
        if link.kind == "eth":
            entity = f"link/{node}/{link.name}"
            there = figures.when(entity, "carrier", True, base=True).astype(np.float64)
            up.add(there, device=link.name)
            carrier.add(there, device=link.name)
            changes.add(2.0 + 2.0 * figures.times_bent(entity, "carrier"), device=link.name)
    return [carrier, changes]


def _hundredths(values: Times) -> Times:
    """Clock ticks are a hundredth of a second."""
    return np.floor(values * 100.0) / 100.0


def _kibibytes(values: Times) -> Times:
    return np.floor(values / 1_024.0) * 1_024.0
