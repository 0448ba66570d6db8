"""Proxmox Backup Servers and what they keep, frozen: datastores, retention, jobs between servers, power windows."""

from __future__ import annotations

from dataclasses import dataclass

from nightshift_lab.world.hardware import PhysicalDisk, ZfsPool
from nightshift_lab.world.nouns import named
from nightshift_lab.world.releases import PBS_4, PbsRelease


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

    @property
    def main_namespace(self) -> str:
        """The one that its jobs look after: the deepest of the first tree, `homelab` in the standard world."""
        named = [namespace for namespace in self.namespaces if namespace and namespace != "archive"]
        return next((namespace for namespace in named if namespace.endswith("homelab")), named[0] if named else "")


@dataclass(frozen=True, slots=True)
class PowerWindow:
    """When a machine is on, from so long after the beginning of the nightly backup window, every day (s)."""

    begins_s: float
    lasts_s: float


@dataclass(frozen=True, slots=True)
class SyncJob:
    """A job that pulls a remote server's namespace into a local datastore; starts so long after the nightly window."""

    id: str
    remote: str
    remote_store: str
    remote_namespace: str
    store: str
    namespace: str
    start_offset_s: float
    lasts_s: float
    comment: str = ""


@dataclass(frozen=True, slots=True)
class BackupServer:
    """A Proxmox Backup Server; `vmid` names the guest it runs as, without one it is a machine of its own."""

    name: str
    ip: str
    vmid: int | None
    cores: int
    memory_bytes: int
    rootfs_bytes: int
    datastores: tuple[Datastore, ...]
    release: PbsRelease = PBS_4
    window: PowerWindow | None = None
    sync_jobs: tuple[SyncJob, ...] = ()
    disks: tuple[PhysicalDisk, ...] = ()
    pools: tuple[ZfsPool, ...] = ()

    def datastore(self, name: str) -> Datastore:
        return named(self.datastores, name)
