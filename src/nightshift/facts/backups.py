"""The nouns of Proxmox Backup Server: datastores, groups, garbage collection. Frozen, no I/O. Sizes are bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from nightshift.facts.ids import Entity, datastore_key, group_key

BackupType = Literal["vm", "ct", "host"]


@dataclass(frozen=True, slots=True)
class Datastore:
    """A PBS datastore (PBS API: /status/datastore-usage).

    An offline or broken datastore has `error` and no sizes. `estimated_full_at` is PBS's own estimate; None when it has
    too few points, or when usage is flat or shrinking. `history` is its usage as fractions at even steps, oldest
    first, None where PBS has no point. `on_s3`: its sizes are those of the local cache, which is full by design.
    """

    source: str
    name: str
    total_bytes: int | None = None
    used_bytes: int | None = None
    available_bytes: int | None = None
    estimated_full_at: datetime | None = None
    history: tuple[float | None, ...] = ()
    history_start: datetime | None = None
    history_step_s: float | None = None
    mount_status: str | None = None
    maintenance: str | None = None
    error: str | None = None
    on_s3: bool = False

    @property
    def entity(self) -> Entity:
        return Entity(datastore_key(self.source, self.name), f"datastore {self.name}")

    @property
    def used_share(self) -> float | None:
        """How much of what backups may use is used. The file system's reserve counts as used, as for `df`: a datastore
        with nothing available is full, whatever `used / total` says. None when the sizes are unknown."""
        if self.used_bytes is None or not self.total_bytes:
            return None
        if self.available_bytes is None:
            return self.used_bytes / self.total_bytes
        usable = self.used_bytes + self.available_bytes
        return self.used_bytes / usable if usable > 0 else None


@dataclass(frozen=True, slots=True)
class BackupGroup:
    """All snapshots of one guest or host in one namespace (PBS API: /admin/datastore/{store}/groups).

    `namespace` is empty for the root. `guest` is the entity key of the guest that it is known to belong to; None while
    that is ambiguous or unknown: two clusters on one datastore both have a VM 100. `as_of` is None for what was listed
    now; a place that cannot be read now tells what it held at an earlier time.
    """

    source: str
    datastore: str
    namespace: str
    backup_type: BackupType
    backup_id: str
    last_backup_at: datetime
    backup_count: int
    owner: str | None = None
    comment: str | None = None
    guest: str | None = None
    as_of: datetime | None = None

    @property
    def key(self) -> str:
        return group_key(self.source, self.datastore, self.namespace, self.backup_type, self.backup_id)


@dataclass(frozen=True, slots=True)
class BackupSnapshot:
    """One snapshot of a group (PBS API: /admin/datastore/{store}/snapshots).

    `size_bytes` is the size of the virtual disks, not what was transferred; None when the manifest is unreadable, as
    it is while the backup runs. `verified` is None when it was never verified, `verified_at` the beginning of the task
    that did it. `encrypted` is None when the server does not say how the files are stored.
    """

    source: str
    datastore: str
    namespace: str
    backup_type: BackupType
    backup_id: str
    taken_at: datetime
    size_bytes: int | None
    verified: bool | None
    protected: bool = False
    owner: str | None = None
    comment: str | None = None
    verified_at: datetime | None = None
    encrypted: bool | None = None

    @property
    def finished(self) -> bool:
        return self.size_bytes is not None


@dataclass(frozen=True, slots=True)
class KeptSnapshot:
    """A snapshot without what its group says already; see BackupSnapshot."""

    taken_at: datetime
    size_bytes: int | None
    verified: bool | None
    protected: bool = False
    verified_at: datetime | None = None
    encrypted: bool | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class GroupSnapshots:
    """The finished snapshots of one group, oldest first."""

    backup_type: BackupType
    backup_id: str
    owner: str | None
    snapshots: tuple[KeptSnapshot, ...]


@dataclass(frozen=True, slots=True)
class NamespaceSnapshots:
    """All snapshots of one namespace, not of those below it, as they were at `read_at`: a fleet has tens of thousands,
    so that they are kept by group. What was still being written then is left out."""

    source: str
    datastore: str
    namespace: str
    read_at: datetime
    groups: tuple[GroupSnapshots, ...]

    @classmethod
    def of(
        cls, source: str, datastore: str, namespace: str, read_at: datetime, snapshots: Iterable[BackupSnapshot]
    ) -> NamespaceSnapshots:
        """The snapshots of one namespace, by group."""
        groups: dict[tuple[BackupType, str], list[BackupSnapshot]] = {}
        for snapshot in snapshots:
            if snapshot.finished:
                groups.setdefault((snapshot.backup_type, snapshot.backup_id), []).append(snapshot)
        return cls(source, datastore, namespace, read_at, tuple(_group(*item) for item in groups.items()))


def _group(name: tuple[BackupType, str], snapshots: list[BackupSnapshot]) -> GroupSnapshots:
    ordered = sorted(snapshots, key=lambda snapshot: snapshot.taken_at)
    kept = tuple(
        KeptSnapshot(
            item.taken_at,
            item.size_bytes,
            item.verified,
            item.protected,
            item.verified_at,
            item.encrypted,
            item.comment,
        )
        for item in ordered
    )
    return GroupSnapshots(*name, ordered[-1].owner, kept)


@dataclass(frozen=True, slots=True)
class GcStatus:
    """Garbage collection of one datastore (PBS API: /admin/gc). `last_run_state` is `OK` or the error text,
    `dedup_factor` how many times the chunks that lie there are used."""

    source: str
    datastore: str
    schedule: str | None
    last_run_at: datetime | None
    last_run_state: str | None
    next_run_at: datetime | None
    pending_bytes: int | None
    still_bad: int | None
    removed_bytes: int | None = None
    dedup_factor: float | None = None
