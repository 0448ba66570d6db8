"""What befalls the jobs of a backup server: garbage collection, pruning, verification, sync."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import Bend, Fault, Reading, parameter
from nightshift_lab.world.nouns import DAY_S

if TYPE_CHECKING:
    from nightshift_lab.world.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class DatastoreJob(Fault):
    """A job of a datastore that ends with an error."""

    targets: ClassVar[tuple[str, ...]] = ("datastore",)

    def _bend(self, job: str, error: str) -> Bend:
        return Bend(f"{job}/{self.target.partition('/')[2]}", "error", error)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutCollection(DatastoreJob):
    """Garbage is not collected: each day that it fails to run the datastore keeps what it would have given back."""

    collects_at_s: float = 0.0
    per_run_bytes: float = 0.0

    def knowing(self, world: World) -> Self:
        _, server, name = self.target.split("/")
        store = (world.home or world).server(server).datastore(name)
        return replace(self, collects_at_s=store.gc_hour * 3_600.0, per_run_bytes=store.sawtooth_bytes)

    def _missed(self, t: Times) -> Times:
        """How many runs by each time."""
        days = np.floor((np.minimum(t, self.ends_at) - self.collects_at_s) / DAY_S)
        missed: Times = np.maximum(days - np.floor((self.starts_at - self.collects_at_s) / DAY_S), 0.0)
        return missed

    def signal(self, read: Reading) -> Times:
        if read.entity != self.target or read.quantity not in {"used_bytes", "available_bytes"} or self._off:
            return read.base
        kept = self._missed(read.t) * self.per_run_bytes
        return np.clip(read.base + kept if read.quantity == "used_bytes" else read.base - kept, 0.0, read.size)

    @property
    def _off(self) -> bool:
        """Whether the run that is missing is another."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class GcFailing(WithoutCollection):
    """Garbage collection of a datastore ends with an error each time: what was pruned is never given back."""

    kind: ClassVar[str] = "gc-failing"

    error: str = parameter(
        "unable to parse active worker status 'UPID:pbs' - not a valid user id", "text", "its last line"
    )

    def own_bends(self) -> tuple[Bend, ...]:
        return (self._bend("gc", self.error),)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyFailing(DatastoreJob):
    """Verification finds that what was last saved of a guest cannot be restored as it is."""

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
class JobOff(WithoutCollection):
    """A job of a datastore was switched off or its schedule removed: it does not run any more. `always`: never did."""

    kind: ClassVar[str] = "server-job-off"

    job: str = parameter("gc", "text", "which job", choices=("gc", "prune", "verify", "sync"))

    @property
    def _off(self) -> bool:
        return self.job != "gc" or self.starts_at == 0.0

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(f"{self.job}/{self.target.partition('/')[2]}", "enabled", False),)


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneFailing(DatastoreJob):
    """The prune job of a datastore ends with an error each time: old snapshots stay."""

    kind: ClassVar[str] = "prune-failing"

    error: str = parameter("prune failed - unable to lock group", "text", "its last line")

    def own_bends(self) -> tuple[Bend, ...]:
        return (self._bend("prune", self.error),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunksBad(DatastoreJob):
    """Chunks of a datastore are damaged and still needed: garbage collection counts them as `still-bad`."""

    kind: ClassVar[str] = "chunks-bad"

    chunks: int = parameter(17, "count", "how many")

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(f"gc/{self.target.partition('/')[2]}", "still_bad", self.chunks),)


KINDS: tuple[type[Fault], ...] = (GcFailing, JobOff, PruneFailing, ChunksBad, VerifyFailing, SyncFailing)
