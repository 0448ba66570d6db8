"""What PVE did about backups: what its jobs save, what each run of vzdump did, what lies in its storages, what was
restored. Frozen, no I/O. Sizes are bytes, times aware UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from nightshift.facts.inventory import GuestKind

Bitmap = Literal["kept", "new", "none"]
RestoreKind = Literal["whole", "files", "by hand"]


@dataclass(frozen=True, slots=True)
class JobVolume:
    """One volume of a guest in a job. `reason` is PVE's own: `backup=no`, `not a volume`, `enabled`."""

    key: str
    volume: str
    included: bool
    reason: str


@dataclass(frozen=True, slots=True)
class GuestVolumes:
    """What one job saves of one guest. A volume id or path is in `JobVolume.volume`."""

    vmid: int
    volumes: tuple[JobVolume, ...]


@dataclass(frozen=True, slots=True)
class JobVolumes:
    """The guests that a job saves as PVE itself resolves its selection, and which of their volumes (PVE API:
    /cluster/backup/{id}/included_volumes)."""

    source: str
    job_id: str
    read_at: datetime
    guests: tuple[GuestVolumes, ...]


@dataclass(frozen=True, slots=True)
class BackupRun:
    """One guest in one run of vzdump, as the task's log tells it.

    `transferred_bytes` is what was sent, `reused_bytes` what the backup server had already; None where the log does not
    say (plain archives, failures). `bitmap` tells whether a VM's dirty bitmap was `kept` (only changes are read), `new`
    (the whole disk is read, as after a restart of the VM) or there was `none`. `excluded` are volumes and mount points
    that the run left out.
    """

    source: str
    upid: str
    node: str
    vmid: int
    started_at: datetime
    ok: bool
    storage: str | None = None
    duration_s: float | None = None
    reason: str | None = None
    transferred_bytes: int | None = None
    reused_bytes: int | None = None
    bitmap: Bitmap | None = None
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunLog:
    """The runs that one vzdump task did (PVE API: /nodes/{node}/tasks/{upid}/log). A log never changes once the task
    is over. `error` is why the task as a whole gave up before it came to any guest."""

    source: str
    upid: str
    node: str
    started_at: datetime
    read_at: datetime
    runs: tuple[BackupRun, ...]
    storage: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class PveArchive:
    """One backup in a PVE storage (PVE API: /nodes/{node}/storage/{storage}/content?content=backup).

    `node` is None on a storage that the whole cluster shares. `kind` is None when neither the row nor its name tells.
    """

    source: str
    storage: str
    node: str | None
    vmid: int
    kind: GuestKind | None
    taken_at: datetime
    volid: str
    size_bytes: int | None = None
    protected: bool = False
    verified: bool | None = None
    encrypted: bool | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class StorageArchives:
    """The backups that a PVE storage shows to the token.

    `may_list` is whether the token has what PVE wants for it (Datastore.AllocateSpace and VM.Backup, or
    Datastore.Allocate): without, PVE silently leaves backups out, so that nothing seen means nothing.
    """

    source: str
    storage: str
    node: str | None
    read_at: datetime
    may_list: bool
    archives: tuple[PveArchive, ...] = ()


@dataclass(frozen=True, slots=True)
class RestoreTest:
    """A restore of a guest that went well, seen in the task history or recorded by hand.

    `vmid` is the guest that was restored; when a backup was restored under another number, the one in the task is the
    new one, and `from_vmid` the one whose backup it was, if its log told.
    """

    source: str
    vmid: int
    at: datetime
    kind: RestoreKind
    by: str
    from_vmid: int | None = None
    note: str = ""
    upid: str | None = None
