"""What befalls file systems, storages, pools and disks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import Bend, Fault, Reading, parameter
from nightshift_lab.world.nouns import DAY_S

if TYPE_CHECKING:
    from nightshift_lab.world.world import World

_MEMBER_STATES = ("DEGRADED", "FAULTED", "REMOVED", "UNAVAIL")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFilling(Fault):
    """A file system of a guest or node grows evenly until it is full.

    The guest agent and node_exporter know; PVE's own figures do for containers and nodes only. On a node's root file
    system lies its storage `local`, which fills with it.
    """

    kind: ClassVar[str] = "disk-filling"
    targets: ClassVar[tuple[str, ...]] = ("guest", "node")

    mountpoint: str = parameter("/", "text", "which file system")
    per_day: float = parameter(0.05, "fraction", "how much of its size is written each day")
    filesystems: frozenset[str] = frozenset()
    bytes_per_day: float = 0.0

    def knowing(self, world: World) -> Self:
        """Raises KeyError when the target has no file system there."""
        entity = f"fs/{self.target}/{self.mountpoint}"
        size = world.at(entity, "size_bytes", world.started_at)
        kind, _, name = self.target.partition("/")
        with_it = {f"storage/{name}/local"} if kind == "node" and self.mountpoint == "/" else set()
        return replace(self, filesystems=frozenset({entity, *with_it}), bytes_per_day=self.per_day * size)

    def signal(self, read: Reading) -> Times:
        if read.entity not in self.filesystems or read.quantity != "used_bytes":
            return read.base
        grown = self.bytes_per_day / DAY_S * (np.minimum(read.t, self.ends_at) - self.starts_at)
        return np.where(self.active(read.t), np.minimum(read.base + np.maximum(grown, 0.0), read.size), read.base)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageFilling(Fault):
    """A storage fills up to a share, in the fault's shape: that of a node, or one that all nodes share."""

    kind: ClassVar[str] = "storage-filling"
    targets: ClassVar[tuple[str, ...]] = ("storage",)

    fraction: float = parameter(0.97, "fraction", "how full it is at last")
    seen_as: frozenset[str] = frozenset()

    def knowing(self, world: World) -> Self:
        name = self.target.rpartition("/")[2]
        whole = f"storage/{name}" if world.cluster.storage(name).shared else self.target
        return replace(self, seen_as=frozenset(_as_seen(whole, world)))

    def signal(self, read: Reading) -> Times:
        if read.entity not in self.seen_as or read.quantity != "used_bytes":
            return read.base
        return read.base + np.maximum(self.fraction * read.size - read.base, 0.0) * self.level(read.t)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageUnreachable(Fault):
    """A storage is configured and does not answer: to one node (`storage/<node>/<name>`) or to all of them."""

    kind: ClassVar[str] = "storage-unreachable"
    targets: ClassVar[tuple[str, ...]] = ("storage",)

    def knowing(self, world: World) -> Self:
        return self.bending(*(Bend(entity, "active", False) for entity in _as_seen(self.target, world)))


def _as_seen(target: str, world: World) -> tuple[str, ...]:
    """`storage/<name>` as each of its nodes sees it; `storage/<node>/<name>` as that one does."""
    node, _, name = target.removeprefix("storage/").rpartition("/")
    nodes = (node,) if node else world.cluster.storage(name).nodes
    return tuple(f"storage/{node}/{name}" for node in nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDegraded(Fault):
    """A disk of a redundant ZFS pool is lost or failing: the pool works on without it."""

    kind: ClassVar[str] = "pool-degraded"
    targets: ClassVar[tuple[str, ...]] = ("pool",)

    member: str = parameter("", "text", "the serial number of the disk; the pool's last where it is left out")
    state: str = parameter("FAULTED", "text", "what zpool says about it", choices=_MEMBER_STATES)
    read_errors: int = parameter(14, "count", "read errors of the disk")
    write_errors: int = parameter(236, "count", "write errors of the disk")

    def knowing(self, world: World) -> Self:
        _, node, name = self.target.split("/")
        pool = next(pool for pool in world.cluster.node(node).pools if pool.name == name)
        return self.bending(
            Bend(self.target, "state", "DEGRADED"),
            Bend(self.target, f"member:{self.member or pool.serials[-1]}", self.state),
            Bend(self.target, "read", self.read_errors),
            Bend(self.target, "write", self.write_errors),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubErrors(Fault):
    """A scrub found checksum errors that the pool could or could not mend; its state stays ONLINE."""

    kind: ClassVar[str] = "scrub-errors"
    targets: ClassVar[tuple[str, ...]] = ("pool",)

    checksum_errors: int = parameter(37, "count", "checksum errors")
    errors: str = parameter("No known data errors", "text", "what zpool says about files that are lost")

    def own_bends(self) -> tuple[Bend, ...]:
        return (
            Bend(self.target, "cksum", self.checksum_errors),
            Bend(self.target, "errors", self.errors),
            Bend(self.target, "scrubbed_at", self.starts_at),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubRunning(Fault):
    """A pool is being scrubbed. Harmless."""

    kind: ClassVar[str] = "scrub-running"
    targets: ClassVar[tuple[str, ...]] = ("pool",)

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "scrub", "running"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFailing(Fault):
    """A disk is about to die, and SMART says so: sectors that were replaced or wait for it, or worn out cells."""

    kind: ClassVar[str] = "disk-failing"
    targets: ClassVar[tuple[str, ...]] = ("disk",)

    health: str = parameter("FAILED", "text", "the overall verdict", choices=("PASSED", "FAILED"))
    reallocated: int = parameter(0, "count", "sectors that were replaced")
    pending: int = parameter(0, "count", "sectors that wait for it")
    media_errors: int = parameter(0, "count", "errors of the medium (NVMe)")
    wear: float = parameter(-1.0, "fraction", "how much of its endurance is used up; as bought where it is left out")

    @property
    def _counts(self) -> dict[str, int]:
        return {"reallocated": self.reallocated, "pending": self.pending, "media_errors": self.media_errors}

    def touches(self, entity: str, name: str) -> bool:
        return entity == self.target and name in {*self._counts, "health", "wear"}

    def condition(self, entity: str, name: str, t: float, base: Any) -> Any:
        """What is counted grows in the fault's shape; the verdict falls when it has come altogether."""
        if not self.touches(entity, name) or not self.active_at(t):
            return base
        level = float(self.level(t))
        if name == "health":
            return self.health if level >= 1.0 else base
        if name == "wear":
            return base if self.wear < 0.0 else base + (self.wear - base) * level
        return max(base, int(self._counts[name] * level))


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskGone(Fault):
    """A disk disappears from the bus: no tool sees it any more, and its pool has one less."""

    kind: ClassVar[str] = "disk-gone"
    targets: ClassVar[tuple[str, ...]] = ("disk",)

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "present", False),)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskHot(Fault):
    """A disk is warmer than it should be: a fan stands still, or the cupboard is closed."""

    kind: ClassVar[str] = "disk-hot"
    targets: ClassVar[tuple[str, ...]] = ("disk",)

    celsius: float = parameter(24.0, "number", "by how many degrees at last")

    def signal(self, read: Reading) -> Times:
        if read.entity != self.target or read.quantity != "temperature_celsius":
            return read.base
        return read.base + self.celsius * self.level(read.t)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubOverdue(Fault):
    """A pool has not been scrubbed since the onset: the timer is off."""

    kind: ClassVar[str] = "scrub-overdue"
    targets: ClassVar[tuple[str, ...]] = ("pool",)

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "scrubbed_until", self.starts_at),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinMetadataFilling(Fault):
    """The metadata of a thin pool are nearly used up, although there is room for data: then it stops all the same."""

    kind: ClassVar[str] = "thin-metadata-filling"
    targets: ClassVar[tuple[str, ...]] = ("thin",)

    fraction: float = parameter(0.96, "fraction", "how full they are")

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "metadata_fraction", self.fraction),)


KINDS: tuple[type[Fault], ...] = (
    DiskFilling,
    StorageFilling,
    StorageUnreachable,
    PoolDegraded,
    ScrubErrors,
    ScrubRunning,
    DiskFailing,
    DiskGone,
    DiskHot,
    ScrubOverdue,
    ThinMetadataFilling,
)
