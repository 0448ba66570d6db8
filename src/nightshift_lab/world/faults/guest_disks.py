"""What is amiss with the disks and snapshots of guests, as their configuration tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nightshift_lab.world.faults.fault import Bend, Fault, parameter
from nightshift_lab.world.faults.guests import GuestFault
from nightshift_lab.world.nouns import GIB


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUnused(GuestFault):
    """A disk was detached from a guest and forgotten: it takes space and nobody uses it."""

    kind: ClassVar[str] = "guest-disk-unused"

    size_bytes: float = parameter(200.0 * GIB, "size", "how large it is")

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "unused_disk_bytes", int(self.size_bytes)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskWithoutDiscard(GuestFault):
    """The disks of a VM lack `discard`: what is deleted in it is never given back to the thin storage below."""

    kind: ClassVar[str] = "guest-without-discard"

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "discard", False),)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskOnMissingStorage(GuestFault):
    """The configuration of a guest names a storage that is no longer there: it cannot be backed up or started."""

    kind: ClassVar[str] = "guest-disk-on-missing-storage"

    storage: str = parameter("old-ssd", "text", "the storage that was removed")

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "missing_storage", self.storage),)

    def guest_backup_error(self, vmid: int, t: float) -> str | None:
        return f"storage '{self.storage}' does not exist" if vmid == self.vmid and self.active_at(t) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotForgotten(GuestFault):
    """Somebody took a snapshot of a guest and never removed it. The onset is when it was taken."""

    kind: ClassVar[str] = "guest-snapshot-forgotten"

    called: str = parameter("before-update", "text", "what it is called")
    description: str = parameter("", "text", "what was written beside it")

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "snapshot", (self.called, self.description, self.starts_at)),)


KINDS: tuple[type[Fault], ...] = (DiskUnused, DiskWithoutDiscard, DiskOnMissingStorage, SnapshotForgotten)
