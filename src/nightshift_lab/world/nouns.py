"""What a cluster is made of, frozen: nodes, guests, storages, backup jobs. Backup servers are in `backup_servers.py`.

These are what an operator has set up, on the machines of `hardware.py`. What runs where right now is `inventory.py`;
how figures move is `signals.py`, what state things are in `conditions.py`.
Sizes are bytes, times epoch seconds, CPU a fraction of the assigned cores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol, TypeVar

from nightshift_lab.world.hardware import Link, PhysicalDisk, ThinPool, Ups, ZfsPool
from nightshift_lab.world.releases import PVE_9, PveRelease

GuestKind = Literal["qemu", "lxc"]
StorageKind = Literal["dir", "zfspool", "lvmthin", "nfs", "pbs", "rbd"]

DAY_S = 86_400.0
KIB = 1024
MIB = 1024**2
GIB = 1024**3
TIB = 1024**4


@dataclass(frozen=True, slots=True)
class Exporter:
    """A scrape target. `instance` is the label that Prometheus gives it, e.g. `nextcloud:9100`."""

    job: str
    instance: str


@dataclass(frozen=True, slots=True)
class Probe:
    """Something that is asked for from outside, by the prober that runs in a guest.

    `instance` is the URL or address, `of` the machine behind it as `node/<name>` or `guest/<vmid>`, `prober` a vmid.
    `page`: through the reverse proxy; `own`: the machine's own page, with its own certificate; `dns`: a look-up.
    """

    instance: str
    of: str
    kind: Literal["page", "own", "dns"]
    prober: int


@dataclass(frozen=True, slots=True)
class Node:
    name: str
    node_id: int
    ip: str
    cores: int
    cpu_model: str
    memory_bytes: int
    swap_bytes: int
    rootfs_bytes: int
    idle_cpu_fraction: float
    exporters: tuple[Exporter, ...]
    disks: tuple[PhysicalDisk, ...] = ()
    pools: tuple[ZfsPool, ...] = ()
    thin_pools: tuple[ThinPool, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def arc_bytes(self) -> int:
        """Its ZFS cache: as small as it gets, so that none of the memory that is used is hidden in it."""
        return self.memory_bytes // 32 if self.pools else 0

    def disk(self, serial: str) -> PhysicalDisk:
        """Raises KeyError."""
        return {disk.serial: disk for disk in self.disks}[serial]


@dataclass(frozen=True, slots=True)
class Disk:
    """A virtual disk or mount point. `mountpoint` is where the guest sees it; `used_fraction` at the world's start."""

    key: str
    storage: str
    size_bytes: int
    mountpoint: str
    used_fraction: float
    growth_bytes_per_day: float = 0.0
    backup: bool = True


@dataclass(frozen=True, slots=True)
class BindMount:
    """A folder of the node that a container sees: not a volume, so that no backup has it."""

    key: str
    path: str
    mountpoint: str


@dataclass(frozen=True, slots=True)
class GuestSnapshot:
    """A snapshot that somebody took of a guest, so many days before the world's start."""

    name: str
    days_ago: float
    description: str = ""
    with_memory: bool = False


@dataclass(frozen=True, slots=True)
class Guest:
    """A VM or container as configured. `node` is where it normally runs; `runs` False means off on purpose.

    `depends_on` are the names of guests without which its service does not work, and `storage:<name>` of storages.
    `startup` is PVE's start and shutdown order, e.g. `order=1,up=30`. `devices` of the node that it has for itself are
    as its configuration says it: `("usb0", "host=10c4:ea60")`.
    """

    vmid: int
    name: str
    kind: GuestKind
    node: str
    cores: int
    memory_bytes: int
    disks: tuple[Disk, ...]
    ip: str | None
    mac: str
    service: str
    ostype: str = "l26"
    tags: tuple[str, ...] = ()
    notes: str = ""
    runs: bool = True
    onboot: bool = True
    template: bool = False
    agent: bool = False
    balloon: bool = True
    ha: bool = False
    cpu_fraction: float = 0.03
    memory_fraction: float = 0.5
    net_bytes_per_s: float = 20_000.0
    disk_bytes_per_s: float = 40_000.0
    busy_hour: float = 19.0
    exporters: tuple[Exporter, ...] = ()
    depends_on: tuple[str, ...] = ()
    startup: str = ""
    snapshots: tuple[GuestSnapshot, ...] = ()
    qmp_status: str = "running"
    lock: str = ""
    protection: bool = False
    binds: tuple[BindMount, ...] = ()
    devices: tuple[tuple[str, str], ...] = ()

    @property
    def sid(self) -> str:
        """As high availability names it: `vm:104`, `ct:116`."""
        return f"{'vm' if self.kind == 'qemu' else 'ct'}:{self.vmid}"

    @property
    def node_exporter(self) -> Exporter | None:
        return next((exporter for exporter in self.exporters if exporter.job == "node"), None)


@dataclass(frozen=True, slots=True)
class Storage:
    """A storage of `storage.cfg`. `nodes` are those that see it; a shared one has one size for all.

    `served_by` is the vmid of the guest that exports it.
    """

    name: str
    kind: StorageKind
    content: tuple[str, ...]
    nodes: tuple[str, ...]
    size_bytes: int
    used_fraction: float
    shared: bool = False
    growth_bytes_per_day: float = 0.0
    datastore: tuple[str, str] | None = None
    namespace: str = ""
    served_by: int | None = None
    options: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BackupJob:
    """A vzdump job. `start_offset_s` is from the beginning of the nightly backup window.

    `everything`: it takes all guests, and `vmids` are the ones that it leaves out. `pool`: it takes those of a resource
    pool. `node`: only those that are on that node. `weekday`: once a week, 0 is Monday; else every night.
    """

    id: str
    storage: str
    vmids: tuple[int, ...]
    start_offset_s: float
    comment: str
    enabled: bool = True
    mode: str = "snapshot"
    everything: bool = False
    pool: str = ""
    node: str = ""
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """A resource pool: guests that belong together."""

    name: str
    vmids: tuple[int, ...]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Replication:
    """A storage replication job; runs every `interval_s`."""

    vmid: int
    number: int
    source: str
    target: str
    interval_s: float
    schedule: str

    @property
    def id(self) -> str:
        return f"{self.vmid}-{self.number}"


@dataclass(frozen=True, slots=True)
class HaGroup:
    """Nodes that high availability may use for some guests; the first is preferred. A rule from PVE 9 on."""

    name: str
    nodes: tuple[str, ...]
    vmids: tuple[int, ...]
    comment: str = ""


@dataclass(frozen=True, eq=False)
class Cluster:
    """One PVE cluster, or one stand-alone host. Look-ups raise KeyError. `base` is what scenario files call it."""

    name: str
    nodes: tuple[Node, ...]
    guests: tuple[Guest, ...]
    storages: tuple[Storage, ...]
    backup_jobs: tuple[BackupJob, ...]
    replications: tuple[Replication, ...]
    release: PveRelease = PVE_9
    ha_groups: tuple[HaGroup, ...] = ()
    upses: tuple[Ups, ...] = ()
    probes: tuple[Probe, ...] = ()
    standalone: bool = False
    ceph: bool = False
    base: str = "homelab"
    pools: tuple[Pool, ...] = ()

    @property
    def pve_version(self) -> str:
        return self.release.version

    @property
    def pve_repoid(self) -> str:
        return self.release.repoid

    @property
    def kernel(self) -> str:
        return self.release.kernel

    @cached_property
    def _guests_by_vmid(self) -> Mapping[int, Guest]:
        return {guest.vmid: guest for guest in self.guests}

    @cached_property
    def _guests_by_node(self) -> Mapping[str, tuple[Guest, ...]]:
        on: dict[str, list[Guest]] = {node.name: [] for node in self.nodes}
        for guest in sorted(self.guests, key=lambda guest: guest.vmid):
            on[guest.node].append(guest)
        return {name: tuple(guests) for name, guests in on.items()}

    def guests_of(self, node: str) -> tuple[Guest, ...]:
        """The guests that normally run on a node, by vmid."""
        return self._guests_by_node[node]

    def node(self, name: str) -> Node:
        return named(self.nodes, name)

    def storage(self, name: str) -> Storage:
        return named(self.storages, name)

    def guest(self, vmid: int) -> Guest:
        return self._guests_by_vmid[vmid]

    def guest_named(self, name: str) -> Guest:
        return named(self.guests, name)


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_Noun = TypeVar("_Noun", bound=_Named)


def named(nouns: tuple[_Noun, ...], name: str) -> _Noun:
    """The one of that name. Raises KeyError."""
    for noun in nouns:
        if noun.name == name:
            return noun
    raise KeyError(name)
