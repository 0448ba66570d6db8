# ruff: noqa: E501  (one guest, disk or storage a row: this is a table)
"""The second, stand-alone PVE host in the attic: an older release, and guests whose ids the cluster uses, too."""

from __future__ import annotations

from nightshift_lab.world.hardware import Link, PhysicalDisk, ZfsPool
from nightshift_lab.world.homelab_guests import guest_row
from nightshift_lab.world.nouns import GIB, MIB, TIB, BackupJob, Cluster, GuestSnapshot, Node, Storage
from nightshift_lab.world.releases import PVE_8

SITE = "attic"

_NODE = Node(
    name="attic",
    node_id=0,
    ip="192.0.2.20",
    cores=4,
    cpu_model="Intel(R) Xeon(R) CPU E3-1225 v3 @ 3.20GHz",
    memory_bytes=32 * GIB,
    swap_bytes=8 * GIB,
    rootfs_bytes=60 * GIB,
    idle_cpu_fraction=0.02,
    exporters=(),
    disks=(
        PhysicalDisk("/dev/sda", "ssd", "INTEL SSDSC2BB240G4", "BTWL3405071W240NGN", 240_057_409_536, "LVM", "ATA", 0.31, 71_204, celsius=29.0),
        PhysicalDisk("/dev/sdb", "hdd", "WDC WD40EFRX-68N32N0", "WD-WCC7K2LTJ4XN", 4_000_787_030_016, "ZFS", "ATA", None, 52_311, 5_400, celsius=33.0),
        PhysicalDisk("/dev/sdc", "hdd", "WDC WD40EFRX-68N32N0", "WD-WCC7K6HJ1DVR", 4_000_787_030_016, "ZFS", "ATA", None, 52_309, 5_400, celsius=34.0),
    ),
    pools=(ZfsPool("rust", "mirror-0", ("WD-WCC7K2LTJ4XN", "WD-WCC7K6HJ1DVR"), 3_985_729_650_688, "rust", 2 * GIB, 19_800.0),),
    links=(
        Link("eno1", "eth", 1_000),
        Link("vmbr0", "bridge", 0, ("eno1",), "192.0.2.20/24", "192.0.2.1"),
    ),
)  # fmt: skip

_GUESTS = (
    guest_row(100, "workshop", "qemu", "attic", "CAD for the workshop", cores=2, memory_mib=6144, disk_gib=64, tags="desktop", storage="rust", network="203.0.113", memory=0.55, snapshots=(GuestSnapshot("installed", 120.0, "Frisch installiert"),)),
    guest_row(102, "jellyfin-kids", "lxc", "attic", "films for the children", cores=2, memory_mib=2048, disk_gib=16, tags="media", storage="rust", network="203.0.113", memory=0.4),
    guest_row(104, "nextcloud", "qemu", "attic", "the old cloud, kept to look things up", cores=2, memory_mib=4096, disk_gib=80, tags="old", storage="rust", network="203.0.113", runs=False, onboot=False, notes="The *old* Nextcloud. The living one is VM 104 in the cluster."),
    guest_row(105, "weather", "lxc", "attic", "weather station", cores=1, memory_mib=512, disk_gib=4, tags="iot", storage="rust", network="203.0.113", memory=0.33),
    guest_row(300, "octoprint", "lxc", "attic", "3D printer", cores=1, memory_mib=1024, disk_gib=8, tags="workshop", storage="rust", network="203.0.113", memory=0.31),
)  # fmt: skip

_STORAGES = (
    Storage("local", "dir", ("iso", "vztmpl", "backup"), ("attic",), 60 * GIB, 0.31, options={"path": "/var/lib/vz"}),
    Storage("rust", "zfspool", ("images", "rootdir"), ("attic",), int(3.51 * TIB), 0.18, growth_bytes_per_day=40 * MIB, options={"pool": "rust", "sparse": 1}),
    Storage("pbs-tank", "pbs", ("backup",), ("attic",), 0, 0.0, datastore=("pbs", "tank"), namespace="attic-host", options={"server": "192.0.2.111", "username": "pve@pbs!attic"}),
)  # fmt: skip

_JOBS = (BackupJob("backup-2f7c1b90-44de", "pbs-tank", (), 5_400.0, "Everything here", everything=True),)

ATTIC = Cluster("attic", (_NODE,), _GUESTS, _STORAGES, _JOBS, (), release=PVE_8, standalone=True)
