# ruff: noqa: E501  (one storage, job or datastore a row: this is a table)
"""The standard homelab: three nodes, forty-five guests, two backup servers. Data, not behaviour.

Its nodes are in `homelab_nodes.py`, its guests in `homelab_guests.py`, the second PVE host in `attic.py`.
"""

from __future__ import annotations

from nightshift_lab.world.backup_servers import BackupServer, Datastore, Keep, PowerWindow, SyncJob
from nightshift_lab.world.hardware import PhysicalDisk, ZfsPool
from nightshift_lab.world.homelab_guests import GUESTS
from nightshift_lab.world.homelab_nodes import NODES, UPSES
from nightshift_lab.world.homelab_probes import PROBES
from nightshift_lab.world.nouns import GIB, MIB, TIB, BackupJob, Cluster, HaGroup, Replication, Storage
from nightshift_lab.world.releases import PBS_3

_ALL = tuple(node.name for node in NODES)

STORAGES = (
    Storage("local", "dir", ("iso", "vztmpl", "backup"), _ALL, 94 * GIB, 0.24, options={"path": "/var/lib/vz"}),
    Storage("local-zfs", "zfspool", ("images", "rootdir"), ("pve1", "pve2"), int(1.81 * TIB), 0.46, growth_bytes_per_day=600 * MIB, options={"pool": "rpool/data", "sparse": 1}),
    Storage("local-lvm", "lvmthin", ("images", "rootdir"), ("pve3",), 794 * GIB, 0.41, growth_bytes_per_day=250 * MIB, options={"thinpool": "data", "vgname": "pve"}),
    Storage("nas-media", "nfs", ("iso", "vztmpl", "backup"), _ALL, int(14.4 * TIB), 0.63, shared=True, growth_bytes_per_day=4 * GIB, served_by=103, options={"server": "192.0.2.103", "export": "/tank/media", "path": "/mnt/pve/nas-media"}),
    Storage("pbs-tank", "pbs", ("backup",), _ALL, 0, 0.0, shared=True, datastore=("pbs", "tank"), namespace="homelab", options={"server": "192.0.2.111", "username": "pve@pbs!homelab"}),
    Storage("pbs-vault", "pbs", ("backup",), _ALL, 0, 0.0, shared=True, datastore=("pbs", "vault"), namespace="homelab", options={"server": "192.0.2.111", "username": "pve@pbs!homelab"}),
)  # fmt: skip

PRECIOUS = (102, 103, 104, 105, 109, 111, 113, 117)

BACKUP_JOBS = (
    BackupJob("backup-6f1d20c3-9a51", "pbs-tank", tuple(g.vmid for g in GUESTS if g.vmid not in PRECIOUS), 0.0, "Everyday guests"),
    BackupJob("backup-b7e4415a-03fc", "pbs-vault", PRECIOUS, 3_600.0, "What must not be lost"),
    BackupJob("backup-0c5e98d2-77aa", "nas-media", (104, 113), 7_200.0, "Old job from before the backup server", enabled=False),
)  # fmt: skip

REPLICATIONS = (
    Replication(116, 0, "pve2", "pve1", 900.0, "*/15"),
    Replication(102, 0, "pve1", "pve2", 900.0, "*/15"),
    Replication(101, 0, "pve1", "pve2", 3_600.0, "*:00"),
)

HA_GROUPS = (HaGroup("big-nodes", ("pve2", "pve1"), (101, 102, 116), "Those with a replica"),)

CLUSTER = Cluster(
    "homelab", NODES, GUESTS, STORAGES, BACKUP_JOBS, REPLICATIONS, ha_groups=HA_GROUPS, upses=UPSES, probes=PROBES
)

BACKUP_SERVERS = (
    BackupServer(
        name="pbs",
        ip="192.0.2.111",
        vmid=111,
        cores=4,
        memory_bytes=8 * GIB,
        rootfs_bytes=32 * GIB,
        datastores=(
            Datastore("tank", "/mnt/datastore/tank", int(3.58 * TIB), 0.61, 2.1 * GIB, 24.0 * GIB, ("", "homelab", "attic-host"), "Nightly backups of everyday guests", "05:30", 5.5, Keep(7, 4, 3), reserved_fraction=0.02),
            Datastore("vault", "/mnt/datastore/vault", int(7.2 * TIB), 0.47, 1.4 * GIB, 16.0 * GIB, ("", "homelab", "archive"), "What must not be lost, and a yearly archive", "06:30", 6.5, Keep(14, 8, 6), reserved_fraction=0.02),
        ),
    ),
    BackupServer(
        name="pbs2",
        ip="192.0.2.30",
        vmid=None,
        cores=4,
        memory_bytes=16 * GIB,
        rootfs_bytes=60 * GIB,
        datastores=(
            Datastore("mirror", "/mnt/datastore/mirror", int(7.1 * TIB), 0.43, 1.4 * GIB, 15.0 * GIB, ("", "sites", "sites/home", "sites/home/homelab"), "Copy of vault, for when the house burns", "05:45", 5.75, Keep(14, 8, 12), reserved_fraction=0.0),
        ),
        release=PBS_3,
        window=PowerWindow(8_100.0, 9_000.0),
        sync_jobs=(SyncJob("s-vault-home", "pbs", "vault", "homelab", "mirror", "sites/home/homelab", 9_000.0, 1_740.0, "Pull what must not be lost"),),
        disks=(
            PhysicalDisk("/dev/sda", "ssd", "TOSHIBA THNSNJ128GCSU", "85JS1001TSZW", 128_035_676_160, "LVM", "ATA", 0.14, 24_811, celsius=30.0),
            PhysicalDisk("/dev/sdb", "hdd", "TOSHIBA HDWG480", "X0J0A01UFBEG", 8_001_563_222_016, "ZFS", "ATA", None, 3_902, 7_200, celsius=36.0),
        ),
        pools=(ZfsPool("mirror", "", ("X0J0A01UFBEG",), 7_971_459_301_376, None, 0, 4_100.0),),
    ),
)  # fmt: skip
