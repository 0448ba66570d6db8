# ruff: noqa: E501  (one guest, storage or job a row: this is a table)
"""The standard homelab: three nodes, thirty-one guests, one backup server. Data, not behaviour."""

from __future__ import annotations

from nightshift_lab.world.nouns import (
    GIB,
    MIB,
    TIB,
    BackupJob,
    BackupServer,
    Cluster,
    Datastore,
    Disk,
    Exporter,
    Guest,
    GuestKind,
    Keep,
    Node,
    Replication,
    Storage,
)

_STORAGE_OF_NODE = {"pve1": "local-zfs", "pve2": "local-zfs", "pve3": "local-lvm"}


def _node(number: int, *, cores: int, memory_gib: int, cpu_model: str) -> Node:
    name = f"pve{number}"
    return Node(
        name=name,
        node_id=number,
        ip=f"192.0.2.{10 + number}",
        cores=cores,
        cpu_model=cpu_model,
        memory_bytes=memory_gib * GIB,
        swap_bytes=8 * GIB,
        rootfs_bytes=94 * GIB,
        idle_cpu_fraction=0.015 + 0.003 * number,
        exporters=(Exporter("node", f"{name}:9100"),),
    )


def _guest(
    vmid: int,
    name: str,
    kind: GuestKind,
    node: str,
    service: str,
    *,
    cores: int,
    memory_mib: int,
    disk_gib: float,
    used: float = 0.42,
    growth_mib_per_day: float = 8.0,
    tags: str = "",
    notes: str = "",
    ostype: str = "",
    runs: bool = True,
    onboot: bool = True,
    template: bool = False,
    agent: bool | None = None,
    balloon: bool = True,
    ha: bool = False,
    cpu: float = 0.03,
    memory: float = 0.5,
    net: float = 20_000.0,
    io: float = 40_000.0,
    busy_hour: float = 19.0,
    data_gib: float = 0.0,
    exporters: tuple[tuple[str, int], ...] = (),
) -> Guest:
    storage = _STORAGE_OF_NODE[node]
    root_key, data_key = ("scsi0", "scsi1") if kind == "qemu" else ("rootfs", "mp0")
    disks = [Disk(root_key, storage, int(disk_gib * GIB), "/", used, growth_mib_per_day * MIB)]
    if data_gib:
        data_mount = "/mnt/data" if kind == "qemu" else "/data"
        disks.append(Disk(data_key, storage, int(data_gib * GIB), data_mount, 0.55, 300.0 * MIB, backup=kind == "lxc"))
    return Guest(
        vmid=vmid,
        name=name,
        kind=kind,
        node=node,
        cores=cores,
        memory_bytes=memory_mib * MIB,
        disks=tuple(disks),
        ip=None if template else f"192.0.2.{vmid}",
        mac=f"BC:24:11:{vmid % 256:02X}:7A:{(vmid * 7) % 256:02X}",
        service=service,
        ostype=ostype or ("l26" if kind == "qemu" else "debian"),
        tags=tuple(tags.split()),
        notes=notes,
        runs=runs,
        onboot=onboot,
        template=template,
        agent=(kind == "qemu" and not template) if agent is None else agent,
        balloon=balloon,
        ha=ha,
        cpu_fraction=cpu,
        memory_fraction=memory,
        net_bytes_per_s=net,
        disk_bytes_per_s=io,
        busy_hour=busy_hour,
        exporters=tuple(Exporter(job, f"{name}:{port}") for job, port in exporters),
    )


NODES = (
    _node(1, cores=12, memory_gib=64, cpu_model="12th Gen Intel(R) Core(TM) i5-1240P"),
    _node(2, cores=16, memory_gib=64, cpu_model="AMD Ryzen 7 5825U with Radeon Graphics"),
    _node(3, cores=8, memory_gib=32, cpu_model="Intel(R) N305"),
)

GUESTS = (
    _guest(100, "adguard1", "lxc", "pve1", "DNS filter", cores=1, memory_mib=512, disk_gib=4, tags="dns core", memory=0.38, net=9_000, exporters=(("adguard", 9617),)),
    _guest(101, "traefik", "lxc", "pve1", "reverse proxy", cores=2, memory_mib=1024, disk_gib=8, tags="proxy core", memory=0.31, net=380_000, exporters=(("traefik", 8080),)),
    _guest(102, "vaultwarden", "lxc", "pve1", "passwords", cores=1, memory_mib=512, disk_gib=6, tags="critical", memory=0.33),
    _guest(103, "nas", "qemu", "pve1", "file server", cores=4, memory_mib=12288, disk_gib=32, used=0.36, tags="storage critical", notes="NFS for media and ISO images. The data disks are passed through.", cpu=0.06, memory=0.72, net=1_600_000, io=2_200_000, exporters=(("node", 9100),)),
    _guest(104, "nextcloud", "qemu", "pve1", "files and calendars", cores=4, memory_mib=8192, disk_gib=64, used=0.58, tags="web critical", cpu=0.07, memory=0.61, net=260_000, io=310_000, data_gib=400, exporters=(("node", 9100),)),
    _guest(105, "postgres", "lxc", "pve1", "databases", cores=4, memory_mib=6144, disk_gib=48, used=0.47, tags="db critical", cpu=0.08, memory=0.66, net=190_000, io=420_000, exporters=(("postgres", 9187),)),
    _guest(106, "grafana", "lxc", "pve1", "dashboards", cores=2, memory_mib=1024, disk_gib=10, tags="monitoring", memory=0.44, exporters=(("grafana", 3000),)),
    _guest(107, "prometheus", "lxc", "pve1", "metrics", cores=2, memory_mib=4096, disk_gib=60, used=0.51, growth_mib_per_day=30, tags="monitoring", cpu=0.06, memory=0.55, io=180_000),
    _guest(108, "mqtt", "lxc", "pve1", "message broker", cores=1, memory_mib=512, disk_gib=4, tags="iot", memory=0.18, exporters=(("mosquitto", 9234),)),
    _guest(109, "home-assistant", "qemu", "pve1", "home automation", cores=2, memory_mib=4096, disk_gib=32, used=0.49, tags="iot critical", notes="HAOS. Zigbee stick is passed through by USB.", cpu=0.05, memory=0.57, exporters=(("homeassistant", 8123),)),
    _guest(110, "debian-13-template", "qemu", "pve1", "template", cores=2, memory_mib=2048, disk_gib=16, runs=False, onboot=False, template=True, tags="template", agent=False),
    _guest(111, "pbs", "qemu", "pve2", "backup server", cores=4, memory_mib=8192, disk_gib=32, used=0.28, tags="backup critical", notes="Datastore disks are passed through.", cpu=0.04, memory=0.46, net=120_000, io=150_000, exporters=(("node", 9100),)),
    _guest(112, "jellyfin", "lxc", "pve2", "media server", cores=4, memory_mib=6144, disk_gib=40, used=0.54, tags="media", cpu=0.09, memory=0.41, net=1_200_000, busy_hour=20.0),
    _guest(113, "immich", "qemu", "pve2", "photos", cores=6, memory_mib=10240, disk_gib=96, used=0.55, growth_mib_per_day=60, tags="media critical", cpu=0.08, memory=0.63, net=220_000, io=350_000, exporters=(("node", 9100),)),
    _guest(114, "paperless", "lxc", "pve2", "documents", cores=2, memory_mib=3072, disk_gib=24, used=0.44, tags="web critical", cpu=0.04, memory=0.52),
    _guest(115, "gitea", "lxc", "pve2", "source code", cores=2, memory_mib=2048, disk_gib=32, used=0.39, tags="dev", memory=0.36),
    _guest(116, "unifi", "lxc", "pve2", "network controller", cores=2, memory_mib=3072, disk_gib=16, tags="network", cpu=0.05, memory=0.58, ha=True),
    _guest(117, "mail", "qemu", "pve2", "mail server", cores=2, memory_mib=6144, disk_gib=80, used=0.62, growth_mib_per_day=40, tags="mail critical", memory=0.59, net=30_000, exporters=(("node", 9100),)),
    _guest(118, "wiki", "lxc", "pve2", "notes", cores=1, memory_mib=1024, disk_gib=8, tags="web", memory=0.47),
    _guest(119, "minecraft", "lxc", "pve2", "game server", cores=4, memory_mib=6144, disk_gib=20, used=0.35, tags="games", cpu=0.11, memory=0.71, net=60_000, busy_hour=18.0),
    _guest(120, "windows-11", "qemu", "pve2", "tax software", cores=4, memory_mib=8192, disk_gib=120, used=0.45, ostype="win11", runs=False, onboot=False, tags="desktop", notes="Only for the tax return. Off on purpose."),
    _guest(121, "adguard2", "lxc", "pve3", "DNS filter", cores=1, memory_mib=512, disk_gib=4, tags="dns core", memory=0.36, net=6_000, exporters=(("adguard", 9617),)),
    _guest(122, "docker-host", "qemu", "pve3", "small containers", cores=4, memory_mib=8192, disk_gib=80, used=0.57, growth_mib_per_day=50, tags="docker", cpu=0.07, memory=0.64, net=90_000, io=140_000, exporters=(("node", 9100),)),
    _guest(123, "frigate", "qemu", "pve3", "cameras", cores=4, memory_mib=4096, disk_gib=40, used=0.52, tags="iot", cpu=0.22, memory=0.62, net=900_000, io=600_000, busy_hour=14.0, exporters=(("node", 9100),)),
    _guest(124, "arr-stack", "lxc", "pve3", "media automation", cores=2, memory_mib=3072, disk_gib=24, used=0.48, tags="media", memory=0.56, net=500_000, busy_hour=23.0),
    _guest(125, "uptime-kuma", "lxc", "pve3", "availability checks", cores=1, memory_mib=512, disk_gib=4, tags="monitoring", memory=0.48),
    _guest(126, "tailscale", "lxc", "pve3", "remote access", cores=1, memory_mib=512, disk_gib=4, tags="network core", memory=0.22),
    _guest(127, "xn--kche-0ra-display", "lxc", "pve3", "kitchen display", cores=1, memory_mib=512, disk_gib=4, tags="iot", notes="Küchen-Display 🍳 — zeigt Einkaufszettel & Müllkalender.", memory=0.41),
    _guest(128, "matrix", "qemu", "pve3", "chat", cores=2, memory_mib=4096, disk_gib=48, used=0.5, growth_mib_per_day=35, tags="chat", memory=0.6, net=45_000, exporters=(("node", 9100),)),
    _guest(129, "speedtest", "lxc", "pve3", "line measurements", cores=1, memory_mib=512, disk_gib=4, tags="network", memory=0.29),
    _guest(130, "ci-runner", "lxc", "pve1", "builds", cores=4, memory_mib=4096, disk_gib=40, used=0.46, tags="dev", cpu=0.06, memory=0.34, busy_hour=16.0),
)  # fmt: skip

_ALL = tuple(node.name for node in NODES)

STORAGES = (
    Storage("local", "dir", ("iso", "vztmpl", "backup"), _ALL, 94 * GIB, 0.24, options={"path": "/var/lib/vz"}),
    Storage("local-zfs", "zfspool", ("images", "rootdir"), ("pve1", "pve2"), int(1.81 * TIB), 0.46, growth_bytes_per_day=600 * MIB, options={"pool": "rpool/data", "sparse": 1}),
    Storage("local-lvm", "lvmthin", ("images", "rootdir"), ("pve3",), 794 * GIB, 0.41, growth_bytes_per_day=250 * MIB, options={"thinpool": "data", "vgname": "pve"}),
    Storage("nas-media", "nfs", ("iso", "vztmpl", "backup"), _ALL, int(14.4 * TIB), 0.63, shared=True, growth_bytes_per_day=4 * GIB, options={"server": "192.0.2.103", "export": "/tank/media", "path": "/mnt/pve/nas-media"}),
    Storage("pbs-tank", "pbs", ("backup",), _ALL, 0, 0.0, shared=True, datastore=("pbs", "tank"), namespace="homelab", options={"server": "192.0.2.111", "username": "pve@pbs!homelab"}),
    Storage("pbs-vault", "pbs", ("backup",), _ALL, 0, 0.0, shared=True, datastore=("pbs", "vault"), namespace="homelab", options={"server": "192.0.2.111", "username": "pve@pbs!homelab"}),
)  # fmt: skip

PRECIOUS = (102, 103, 104, 105, 109, 111, 113, 117)

BACKUP_JOBS = (
    BackupJob("backup-6f1d20c3-9a51", "pbs-tank", tuple(g.vmid for g in GUESTS if g.vmid not in PRECIOUS), 0.0, "Everyday guests"),
    BackupJob("backup-b7e4415a-03fc", "pbs-vault", PRECIOUS, 3_600.0, "What must not be lost"),
    BackupJob("backup-0c5e98d2-77aa", "nas-media", (104, 113), 7_200.0, "Old job from before the backup server", enabled=False),
)  # fmt: skip

REPLICATIONS = (Replication(116, 0, "pve2", "pve1", 900.0, "*/15"), Replication(102, 0, "pve1", "pve2", 900.0, "*/15"))

CLUSTER = Cluster("homelab", NODES, GUESTS, STORAGES, BACKUP_JOBS, REPLICATIONS)

BACKUP_SERVERS = (
    BackupServer(
        name="pbs",
        ip="192.0.2.111",
        vmid=111,
        cores=4,
        memory_bytes=8 * GIB,
        rootfs_bytes=32 * GIB,
        datastores=(
            Datastore("tank", "/mnt/datastore/tank", int(3.58 * TIB), 0.61, 2.1 * GIB, 24.0 * GIB, ("", "homelab"), "Nightly backups of everyday guests", "05:30", 5.5, Keep(7, 4, 3), reserved_fraction=0.02),
            Datastore("vault", "/mnt/datastore/vault", int(7.2 * TIB), 0.47, 1.4 * GIB, 16.0 * GIB, ("", "homelab", "archive"), "What must not be lost, and a yearly archive", "06:30", 6.5, Keep(14, 8, 6), reserved_fraction=0.02),
        ),
    ),
)  # fmt: skip
