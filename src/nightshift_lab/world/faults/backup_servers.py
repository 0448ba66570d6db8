"""What befalls backup servers and their datastores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import Bend, Fault, Flags, Reading, parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class DatastoreFull(Fault):
    """A datastore runs full in the fault's shape; from when it is, backups to it fail.

    Usage on the backup server and on every PVE storage that stands for it, the vzdump tasks and the server's own tasks
    with their logs, and the snapshots that are missing.
    """

    kind: ClassVar[str] = "datastore-full"
    targets: ClassVar[tuple[str, ...]] = ("datastore",)

    full_fraction: float = parameter(0.98, "fraction", "how full it is when nothing fits any more")

    def signal(self, read: Reading) -> Times:
        if read.entity != self.target or read.quantity not in {"used_bytes", "available_bytes"}:
            return read.base
        progress = self.level(read.t)
        if read.quantity == "available_bytes":
            return np.where(progress >= 1.0, 40_960.0 + np.floor(read.t / 60.0) % 7 * 4_096.0, read.base)
        return read.base + (self.full_fraction * read.size - read.base) * progress

    def backup_error(self, datastore: str, t: float) -> str | None:
        full = self.target == f"datastore/{datastore}" and float(self.level(t)) >= 1.0
        return "ENOSPC: No space left on device" if full else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatastoreJob(Fault):
    """A job of a datastore that ends with an error."""

    targets: ClassVar[tuple[str, ...]] = ("datastore",)

    def _bend(self, job: str, error: str) -> Bend:
        return Bend(f"{job}/{self.target.partition('/')[2]}", "error", error)


@dataclass(frozen=True, slots=True, kw_only=True)
class GcFailing(DatastoreJob):
    """Garbage collection of a datastore ends with an error each time: what was pruned is never given back."""

    kind: ClassVar[str] = "gc-failing"

    error: str = parameter(
        "unable to parse active worker status 'UPID:pbs' - not a valid user id", "text", "its last line"
    )

    def own_bends(self) -> tuple[Bend, ...]:
        return (self._bend("gc", self.error),)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyFailing(DatastoreJob):
    """Verification finds that the newest snapshot of a guest cannot be restored as it is."""

    kind: ClassVar[str] = "verify-failing"

    guest: str = parameter("", "text", "whose snapshot, as type and number: vm/104")
    namespace: str = parameter("homelab", "text", "in which namespace")

    def own_bends(self) -> tuple[Bend, ...]:
        error = "verification failed - please check the log for details"
        datastore = self.target.partition("/")[2]
        group = f"snapshots/{datastore}/{self.namespace}/{self.guest}"
        return (self._bend("verify", error), Bend(group, "verification", "failed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncFailing(DatastoreJob):
    """The job that pulls from another backup server into this datastore ends with an error each time."""

    kind: ClassVar[str] = "sync-failing"

    error: str = parameter("sync failed with some errors.", "text", "its last line")

    def own_bends(self) -> tuple[Bend, ...]:
        return (self._bend("sync", self.error),)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatastoreBroken(Fault):
    """A datastore cannot be used: its disk is gone, or somebody put it into maintenance."""

    kind: ClassVar[str] = "datastore-unavailable"
    targets: ClassVar[tuple[str, ...]] = ("datastore",)

    error: str = parameter(
        "unable to open chunk store 'tank' at \"/mnt/datastore/tank/.chunks\" - No such file or directory (os error 2)",
        "text",
        "what the server says about it",
    )

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "error", self.error),)

    def backup_error(self, datastore: str, t: float) -> str | None:
        return self.error if self.target == f"datastore/{datastore}" and self.active_at(t) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOffline(Fault):
    """A backup server that is a machine of its own is off, or away from the network."""

    kind: ClassVar[str] = "backup-server-offline"
    targets: ClassVar[tuple[str, ...]] = ("server",)

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        return base & ~self.active(t) if entity == self.target else base


KINDS: tuple[type[Fault], ...] = (DatastoreFull, DatastoreBroken, GcFailing, VerifyFailing, SyncFailing, ServerOffline)
