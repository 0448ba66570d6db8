"""A fleet for measurements: many nodes, many guests, all much alike. Up to 32 nodes and 5,000 guests."""

from __future__ import annotations

from nightshift_lab.world.backup_servers import BackupServer, Datastore, Keep
from nightshift_lab.world.hardware import Link, PhysicalDisk, ZfsPool
from nightshift_lab.world.hashing import between, hex_digits
from nightshift_lab.world.nouns import GIB, MIB, TIB, BackupJob, Cluster, Disk, Guest, Node, Storage

NODES_AT_MOST = 32
GUESTS_AT_MOST = 5_000
_SERVICES = ("web", "db", "cache", "queue", "proxy", "mail", "build", "files", "metrics", "app")


def fleet(nodes: int, guests: int, snapshots: int = 7) -> tuple[Cluster, tuple[BackupServer, ...]]:
    """A cluster and its backup server, with so many snapshots a guest. Raises ValueError beyond the limits."""
    if not 1 <= nodes <= NODES_AT_MOST or not 0 <= guests <= GUESTS_AT_MOST:
        raise ValueError(f"a fleet has 1 to {NODES_AT_MOST} nodes and at most {GUESTS_AT_MOST} guests")
    if not 1 <= snapshots <= 100:
        raise ValueError("a guest has 1 to 100 snapshots")
    names = tuple(f"node{number:02d}" for number in range(1, nodes + 1))
    storages = (
        Storage("local", "dir", ("iso", "vztmpl"), names, 94 * GIB, 0.24, options={"path": "/var/lib/vz"}),
        Storage("local-zfs", "zfspool", ("images", "rootdir"), names, 16 * TIB, 0.4, options={"pool": "rpool/data"}),
        Storage("pbs-main", "pbs", ("backup",), names, 0, 0.0, shared=True, datastore=("pbs", "main"),
                namespace="fleet", options={"server": "198.51.100.250", "username": "pve@pbs!fleet"}),
    )  # fmt: skip
    job = BackupJob("backup-fleet-0001", "pbs-main", (), 0.0, "All guests", everything=True)
    cluster = Cluster(
        name="fleet",
        nodes=tuple(_node(number, name) for number, name in enumerate(names, start=1)),
        guests=tuple(_guest(number, names[number % nodes]) for number in range(guests)),
        storages=storages,
        backup_jobs=(job,),
        replications=(),
        standalone=nodes == 1,
    )
    return cluster, (_server(guests, snapshots),)


def _node(number: int, name: str) -> Node:
    serials = tuple(f"S6Z{hex_digits(9, name, side).upper()}" for side in "ab")
    size = 15_360_950_534_144
    return Node(
        name=name,
        node_id=number,
        ip=f"198.51.100.{number}",
        cores=128,
        cpu_model="AMD EPYC 9554P 64-Core Processor",
        memory_bytes=1_024 * GIB,
        swap_bytes=8 * GIB,
        rootfs_bytes=94 * GIB,
        idle_cpu_fraction=0.01,
        exporters=(),
        disks=tuple(
            PhysicalDisk(f"/dev/nvme{side}n1", "nvme", "SAMSUNG MZQL215THBLA", serial, size, "ZFS", "unknown", 0.06)
            for side, serial in enumerate(serials)
        ),
        pools=(ZfsPool("rpool", "mirror-0", serials, 15_300_000_000_000, "local-zfs", 24 * GIB),),
        links=(Link("eno1", "eth", 25_000), Link("vmbr0", "bridge", 0, ("eno1",), f"198.51.100.{number}/24")),
    )


def _guest(number: int, node: str) -> Guest:
    vmid = 100 + number
    service = _SERVICES[number % len(_SERVICES)]
    container = number % 3 == 0
    disk = Disk("rootfs" if container else "scsi0", "local-zfs", 16 * GIB, "/", between(0.2, 0.6, "fleet disk", vmid))
    return Guest(
        vmid=vmid,
        name=f"{service}-{number:04d}",
        kind="lxc" if container else "qemu",
        node=node,
        cores=2,
        memory_bytes=2_048 * MIB,
        disks=(disk,),
        ip=f"10.20.{number // 250}.{number % 250 + 2}",
        mac=f"BC:24:11:{number >> 16 & 255:02X}:{number >> 8 & 255:02X}:{number & 255:02X}",
        service=service,
        ostype="debian" if container else "l26",
        tags=(service,),
        agent=not container,
        cpu_fraction=between(0.01, 0.12, "fleet cpu", vmid),
        memory_fraction=between(0.3, 0.75, "fleet memory", vmid),
        runs=number % 50 != 49,
        onboot=number % 50 != 49,
    )


def _server(guests: int, snapshots: int) -> BackupServer:
    """One backup server, a machine of its own; so many daily snapshots are kept."""
    size = int(max(guests, 100) * 60 * GIB)
    store = Datastore("main", "/mnt/datastore/main", size, 0.55, 8.0 * GIB, 40.0 * GIB, ("", "fleet"), "The fleet",
                      "08:30", 8.5, Keep(snapshots, 0, 0))  # fmt: skip
    return BackupServer("pbs", "198.51.100.250", None, 64, 256 * GIB, 94 * GIB, (store,))
