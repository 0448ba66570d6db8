"""What the homelab is made of, frozen: nodes, guests, storages, backup jobs, backup servers.

These are what an operator has set up. What runs where right now is `inventory.py`; how figures move is `signals.py`.
Sizes are bytes, times epoch seconds, CPU a fraction of the assigned cores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol, TypeVar

GuestKind = Literal["qemu", "lxc"]
StorageKind = Literal["dir", "zfspool", "lvmthin", "nfs", "pbs"]

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
class Guest:
    """A VM or container as configured. `node` is where it normally runs; `runs` False means off on purpose."""

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

    @property
    def node_exporter(self) -> Exporter | None:
        return next((exporter for exporter in self.exporters if exporter.job == "node"), None)


@dataclass(frozen=True, slots=True)
class Storage:
    """A storage of `storage.cfg`. `nodes` are those that see it; a shared one has one size for all."""

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
    options: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BackupJob:
    """A vzdump job. `start_offset_s` is from the beginning of the nightly backup window."""

    id: str
    storage: str
    vmids: tuple[int, ...]
    start_offset_s: float
    comment: str
    enabled: bool = True
    mode: str = "snapshot"


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


@dataclass(frozen=True, eq=False)
class Cluster:
    """One PVE cluster. Look-ups raise KeyError."""

    name: str
    nodes: tuple[Node, ...]
    guests: tuple[Guest, ...]
    storages: tuple[Storage, ...]
    backup_jobs: tuple[BackupJob, ...]
    replications: tuple[Replication, ...]
    pve_version: str = "9.1.4"
    pve_repoid: str = "5ac30304265fbd8e"
    kernel: str = "6.17.4-1-pve"

    @cached_property
    def _guests_by_vmid(self) -> Mapping[int, Guest]:
        return {guest.vmid: guest for guest in self.guests}

    def node(self, name: str) -> Node:
        return _named(self.nodes, name)

    def storage(self, name: str) -> Storage:
        return _named(self.storages, name)

    def guest(self, vmid: int) -> Guest:
        return self._guests_by_vmid[vmid]

    def guest_named(self, name: str) -> Guest:
        return _named(self.guests, name)


@dataclass(frozen=True, slots=True)
class Keep:
    """How many snapshots of a group a prune job keeps."""

    daily: int
    weekly: int
    monthly: int


@dataclass(frozen=True, slots=True)
class Datastore:
    """A PBS datastore. It grows by `growth_bytes_per_day` net; a day's garbage collection gives back `sawtooth_bytes`.

    `reserved_fraction` is what the file system keeps for root: unused, yet not available to backups.
    """

    name: str
    path: str
    size_bytes: int
    used_fraction: float
    growth_bytes_per_day: float
    sawtooth_bytes: float
    namespaces: tuple[str, ...]
    comment: str
    gc_schedule: str
    gc_hour: float
    keep: Keep
    reserved_fraction: float = 0.0
    dedup_factor: float = 18.0


@dataclass(frozen=True, slots=True)
class BackupServer:
    """A Proxmox Backup Server; `vmid` names the guest it runs as."""

    name: str
    ip: str
    vmid: int | None
    cores: int
    memory_bytes: int
    rootfs_bytes: int
    datastores: tuple[Datastore, ...]
    version: str = "4.1"
    release: str = "2"
    repoid: str = "2a2ff0ba2f9a8d2e"

    def datastore(self, name: str) -> Datastore:
        return _named(self.datastores, name)


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_Noun = TypeVar("_Noun", bound=_Named)


def _named(nouns: tuple[_Noun, ...], name: str) -> _Noun:
    for noun in nouns:
        if noun.name == name:
            return noun
    raise KeyError(name)
