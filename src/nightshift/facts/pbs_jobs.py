"""The jobs of a Proxmox Backup Server, sync, verify and prune: how each is set up, and how its last run went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from nightshift.facts.ids import Entity, job_key

PbsJobKind = Literal["sync", "verify", "prune"]
SyncDirection = Literal["pull", "push"]


@dataclass(frozen=True, slots=True)
class Keep:
    """What a prune job keeps of each group; None where a rule is not set. Without any rule everything is kept."""

    last: int | None = None
    hourly: int | None = None
    daily: int | None = None
    weekly: int | None = None
    monthly: int | None = None
    yearly: int | None = None

    @property
    def most(self) -> int | None:
        """How many snapshots of a group the rules keep at most; None when they keep everything."""
        counts = (self.last, self.hourly, self.daily, self.weekly, self.monthly, self.yearly)
        return sum(count or 0 for count in counts) or None

    def __str__(self) -> str:
        """`7 daily, 4 weekly`, or `everything`."""
        named = (
            (self.last, "last"), (self.hourly, "hourly"), (self.daily, "daily"), (self.weekly, "weekly"),
            (self.monthly, "monthly"), (self.yearly, "yearly"),
        )  # fmt: skip
        return ", ".join(f"{count} {name}" for count, name in named if count) or "everything"


@dataclass(frozen=True, slots=True)
class PbsJob:
    """One job of a datastore (PBS API: /admin/{sync,verify,prune}).

    It acts on `namespace` and what is at most `max_depth` levels below it (None: all levels). `schedule` None means
    that it only runs by hand. `last_run_state` is `OK`, `WARNINGS: n` or the error text; None before the first run.
    `next_run_at` is the server's own reckoning.

    Of sync jobs: a pull copies `remote_datastore` and `remote_namespace` of `remote` (None: of this very server) into
    the datastore, a push the other way round. Of verify jobs: `ignore_verified` skips what was verified less than
    `outdated_after_days` ago (None: for ever). Of prune jobs: `keep`.
    """

    source: str
    kind: PbsJobKind
    id: str
    datastore: str
    namespace: str
    schedule: str | None
    enabled: bool = True
    max_depth: int | None = None
    last_run_at: datetime | None = None
    last_run_state: str | None = None
    last_run_upid: str | None = None
    next_run_at: datetime | None = None
    comment: str | None = None
    remote: str | None = None
    remote_datastore: str | None = None
    remote_namespace: str = ""
    direction: SyncDirection | None = None
    ignore_verified: bool | None = None
    outdated_after_days: int | None = None
    keep: Keep | None = None

    @property
    def entity(self) -> Entity:
        return Entity(job_key(self.source, f"{self.kind}/{self.id}"), f"{self.kind} job {self.id}")

    @property
    def runs_by_itself(self) -> bool:
        """Whether it has a schedule that is in force."""
        return self.enabled and self.schedule is not None

    def reaches(self, datastore: str, namespace: str) -> bool:
        """Whether it acts on this namespace."""
        if datastore != self.datastore:
            return False
        below = depth_below(self.namespace, namespace)
        return below is not None and (self.max_depth is None or below <= self.max_depth)

    def reaches_all_of(self, other: PbsJob) -> bool:
        """Whether it acts on every namespace on which the other one acts."""
        below = depth_below(self.namespace, other.namespace)
        if below is None or other.datastore != self.datastore:
            return False
        return self.max_depth is None or (other.max_depth is not None and below + other.max_depth <= self.max_depth)


def depth_below(parent: str, namespace: str) -> int | None:
    """How many levels `namespace` is below `parent` (0: it is that one); None when it is elsewhere."""
    if namespace == parent:
        return 0
    prefix = f"{parent}/" if parent else ""
    if not namespace.startswith(prefix):
        return None
    return namespace.removeprefix(prefix).count("/") + 1
