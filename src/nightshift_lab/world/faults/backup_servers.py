"""What befalls backup servers and their datastores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import Bend, Fault, Flags, Reading, parameter

if TYPE_CHECKING:
    from nightshift_lab.world.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class DatastoreFull(Fault):
    """A datastore runs full in the fault's shape; from when it is, backups to it fail.

    Usage on the backup server and on every PVE storage that stands for it, the vzdump tasks and the server's own tasks
    with their logs, and the snapshots that are missing.
    """

    kind: ClassVar[str] = "datastore-full"
    targets: ClassVar[tuple[str, ...]] = ("datastore",)

    full_fraction: float = parameter(0.98, "fraction", "how full it is when nothing fits any more")
    usable_bytes: float = 0.0

    def knowing(self, world: World) -> Self:
        _, server, name = self.target.split("/")
        store = (world.home or world).server(server).datastore(name)
        return replace(self, usable_bytes=store.size_bytes * (1.0 - store.reserved_fraction))

    def signal(self, read: Reading) -> Times:
        if read.entity != self.target or read.quantity not in {"used_bytes", "available_bytes"}:
            return read.base
        progress = self.level(read.t)
        if read.quantity == "available_bytes":
            used = self.usable_bytes - read.base
            filled = used + (self.full_fraction * read.size - used) * progress
            left = 40_960.0 + np.floor(read.t / 60.0) % 7 * 4_096.0
            return np.where(progress >= 1.0, left, np.maximum(self.usable_bytes - filled, left))
        return read.base + (self.full_fraction * read.size - read.base) * progress

    def backup_error(self, datastore: str, t: float) -> str | None:
        full = self.active_at(t) and self.target == f"datastore/{datastore}" and float(self.level(t)) >= 1.0
        return "ENOSPC: No space left on device" if full else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatastoreBroken(Fault):
    """A datastore cannot be used: its disk is gone."""

    kind: ClassVar[str] = "datastore-unavailable"
    targets: ClassVar[tuple[str, ...]] = ("datastore",)

    error: str = parameter(
        "unable to open chunk store 'tank' at \"/mnt/datastore/tank/.chunks\" - No such file or directory (os error 2)",
        "text",
        "what the server says about it",
    )

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "error", self.error),)

    def connection_error(self, datastore: str, t: float) -> str | None:
        return self.error if self.target == f"datastore/{datastore}" and self.active_at(t) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatastoreMaintenance(Fault):
    """A datastore is in maintenance: read-only, nothing can be saved to it; offline, nothing can be read either."""

    kind: ClassVar[str] = "datastore-maintenance"
    targets: ClassVar[tuple[str, ...]] = ("datastore",)

    mode: str = parameter("read-only", "text", "which kind", choices=("read-only", "offline"))
    message: str = parameter("moving to the new disk", "text", "what was written beside it")

    @property
    def _error(self) -> str:
        return f"datastore '{self.target.rpartition('/')[2]}' is in {self.mode} maintenance mode: {self.message}"

    def own_bends(self) -> tuple[Bend, ...]:
        mode = Bend(self.target, "maintenance", f'{self.mode},message="{self.message}"')
        return (mode, Bend(self.target, "error", self._error)) if self.mode == "offline" else (mode,)

    def connection_error(self, datastore: str, t: float) -> str | None:
        return self._error if self.target == f"datastore/{datastore}" and self.active_at(t) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOffline(Fault):
    """A backup server that is a machine of its own is off, or away from the network."""

    kind: ClassVar[str] = "backup-server-offline"
    targets: ClassVar[tuple[str, ...]] = ("server",)

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        return base & ~self.active(t) if entity == self.target else base


KINDS: tuple[type[Fault], ...] = (DatastoreFull, DatastoreBroken, DatastoreMaintenance, ServerOffline)
