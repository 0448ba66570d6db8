"""A backup server as a host: its root file system, memory, services, pools and pending updates. Frozen, no I/O."""

from __future__ import annotations

from dataclasses import dataclass

from nightshift.facts.ids import Entity, pool_key, source_key


@dataclass(frozen=True, slots=True)
class HostService:
    """A service in systemd's words: `state` is its sub-state (`running`, `exited`, `dead`, `failed`), `unit` whether it
    starts by itself (`enabled`, `disabled`, `static`, `masked`, `not-found`)."""

    name: str
    state: str
    unit: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class PendingUpdate:
    """A package of which a newer version is known."""

    package: str
    installed: str | None
    available: str


@dataclass(frozen=True, slots=True)
class HostPool:
    """A ZFS pool of a backup server. `health` is `ONLINE | DEGRADED | FAULTED | …`."""

    source: str
    name: str
    health: str

    @property
    def entity(self) -> Entity:
        return Entity(pool_key(self.source, "localhost", self.name), f"pool {self.name} on backup server {self.source}")


@dataclass(frozen=True, slots=True)
class BackupHost:
    """One backup server (PBS API: /nodes/localhost/{status,services,apt/update,disks/zfs}).

    Sizes are bytes, `cpu_fraction` and `iowait_fraction` shares of 1. `services`, `updates` and `pools` are None when
    they could not be read: the Gaps of the dataset say why.
    """

    source: str
    uptime_s: int | None = None
    cpu_fraction: float | None = None
    iowait_fraction: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    rootfs_used_bytes: int | None = None
    rootfs_available_bytes: int | None = None
    rootfs_total_bytes: int | None = None
    kernel: str | None = None
    services: tuple[HostService, ...] | None = None
    updates: tuple[PendingUpdate, ...] | None = None
    pools: tuple[HostPool, ...] | None = None

    @property
    def entity(self) -> Entity:
        return Entity(source_key(self.source), f"backup server {self.source}")
