"""PBS's answers on the wire: kebab-case, real booleans, epoch seconds. Fields are those that Nightshift reads."""

from __future__ import annotations

import re
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BeforeValidator, Field

from nightshift.facts.backups import BackupType
from nightshift.sources.wire import Flag, Moment, Text, Whole, WireModel, listed

Data = TypeVar("Data")


class PbsAnswer(WireModel, Generic[Data]):
    """Every PBS answer is `{"data": …}`; `total` of a task list is a lower bound."""

    data: Data
    total: Whole | None = None


class VersionWire(WireModel):
    """`{"version": "4.2", "release": "2", "repoid": "79bee2"}`"""

    version: Text
    release: Text | None = None


class UsageRow(WireModel):
    """`{"store": "main", "total": 247212277760, "used": 207692513280, "avail": 39519764480, "history": [0.8, null],
    "history-start": 1787486372, "history-delta": 86400, "estimated-full-date": 1790000000}`; offline or broken:
    `{"store": "archive", "error": "datastore 'archive' is in offline maintenance mode: disk swap"}`; without
    Datastore.Audit only `{"store": "secret"}`."""

    store: Text
    total: Whole | None = None
    used: Whole | None = None
    avail: Whole | None = None
    estimated_full_date: Whole | None = Field(default=None, alias="estimated-full-date")
    history: list[float | None] | None = None
    history_start: Moment = Field(default=None, alias="history-start")
    history_delta: float | None = Field(default=None, alias="history-delta")
    mount_status: Text | None = Field(default=None, alias="mount-status")
    backend_type: Text | None = Field(default=None, alias="backend-type")
    error: Text | None = None


class DatastoreRow(WireModel):
    """`{"store": "archive", "maintenance": "type=offline,message=\\"disk swap\\"", "mount-status": "mounted"}`"""

    store: Text
    maintenance: Text | None = None
    mount_status: Text | None = Field(default=None, alias="mount-status")


class NamespaceRow(WireModel):
    """`{"ns": "cluster-a/nightly"}`; the root is `""`."""

    ns: str


class GroupRow(WireModel):
    """`{"backup-type": "vm", "backup-id": "100", "last-backup": 1752854279, "backup-count": 7, "owner": "pve@pbs!pve1",
    "comment": "web01", "files": […]}`"""

    backup_type: BackupType = Field(alias="backup-type")
    backup_id: Text = Field(alias="backup-id")
    last_backup: Moment = Field(alias="last-backup")
    backup_count: Whole = Field(alias="backup-count")
    owner: Text | None = None
    comment: Text | None = None


def _began(upid: object) -> object:
    """`UPID:pbs:00000A11:0000B3C2:00000007:67F0A1B2:verificationjob:…` began at 0x67F0A1B2, the sixth part."""
    parts = upid.split(":") if isinstance(upid, str) else []
    return int(parts[5], 16) if len(parts) > 6 and re.fullmatch(r"[0-9A-Fa-f]{8}", parts[5]) else None


@listed
class VerificationWire:
    """`{"state": "ok", "upid": "UPID:…"}`; the task's id holds when it began."""

    state: Literal["ok", "failed"]
    began_at: Annotated[Moment, BeforeValidator(_began)] = Field(default=None, alias="upid")


def _encrypted(files: object) -> object:
    """`[{"filename": "drive-scsi0.img.fidx", "crypt-mode": "encrypt", "size": 34359738368}, …]` → True. The manifest
    never is (`sign-only`), so that any encrypted file decides; None when nothing is said of any."""
    if not isinstance(files, list) or not all(isinstance(file, dict) for file in files):
        return files
    modes = {mode for file in files if isinstance(mode := file.get("crypt-mode"), str)}
    return "encrypt" in modes if modes else None


@listed
class SnapshotRow:
    """`{"backup-type": "vm", "backup-id": "100", "backup-time": 1752854279, "size": 34359739300, "protected": false,
    "verification": {"state": "ok", …}, "files": […], …}`; size and verification are missing when the manifest is
    unreadable."""

    backup_type: BackupType = Field(alias="backup-type")
    backup_id: Text = Field(alias="backup-id")
    backup_time: Moment = Field(alias="backup-time")
    size: Whole | None = None
    protected: Flag = False
    verification: VerificationWire | None = None
    owner: Text | None = None
    comment: Text | None = None
    encrypted: Annotated[bool | None, BeforeValidator(_encrypted)] = Field(default=None, alias="files")


class GcRow(WireModel):
    """`{"store": "main", "upid": null, "schedule": "daily", "next-run": 1790121600, "last-run-endtime": 1790078188,
    "last-run-state": "OK", "pending-bytes": 0, "still-bad": 3, …}`; before the first run only counters of zero."""

    store: Text
    schedule: Text | None = None
    last_run_endtime: Moment = Field(default=None, alias="last-run-endtime")
    last_run_state: Text | None = Field(default=None, alias="last-run-state")
    next_run: Moment = Field(default=None, alias="next-run")
    pending_bytes: Whole | None = Field(default=None, alias="pending-bytes")
    still_bad: Whole | None = Field(default=None, alias="still-bad")
    removed_bytes: Whole | None = Field(default=None, alias="removed-bytes")
    index_data_bytes: Whole | None = Field(default=None, alias="index-data-bytes")
    disk_bytes: Whole | None = Field(default=None, alias="disk-bytes")


class JobRow(WireModel):
    """What the rows of all three kinds of job have: `{"id": "v-3f2a", "store": "main", "ns": "homelab", "schedule":
    "daily", "next-run": 1790121600, "last-run-state": "OK", "last-run-endtime": 1790078188, …}`; last-run fields are
    missing before the first run."""

    id: Text
    store: Text
    ns: Text = ""
    max_depth: Whole | None = Field(default=None, alias="max-depth")
    schedule: Text | None = None
    comment: Text | None = None
    next_run: Moment = Field(default=None, alias="next-run")
    last_run_endtime: Moment = Field(default=None, alias="last-run-endtime")
    last_run_state: Text | None = Field(default=None, alias="last-run-state")
    last_run_upid: Text | None = Field(default=None, alias="last-run-upid")


class SyncJobRow(JobRow):
    """`{…, "remote": "rack", "remote-store": "main", "remote-ns": "homelab", "sync-direction": "pull"}`; without
    `remote` it copies within the server."""

    remote: Text | None = None
    remote_store: Text | None = Field(default=None, alias="remote-store")
    remote_ns: Text | None = Field(default=None, alias="remote-ns")
    sync_direction: Literal["pull", "push"] | None = Field(default=None, alias="sync-direction")


class VerifyJobRow(JobRow):
    """`{…, "ignore-verified": true, "outdated-after": 30}`; days."""

    ignore_verified: Flag = Field(default=True, alias="ignore-verified")
    outdated_after: Whole | None = Field(default=None, alias="outdated-after")


class PruneJobRow(JobRow):
    """`{…, "keep-daily": 7, "keep-weekly": 4, "disable": true}`"""

    disable: Flag = False
    keep_last: Whole | None = Field(default=None, alias="keep-last")
    keep_hourly: Whole | None = Field(default=None, alias="keep-hourly")
    keep_daily: Whole | None = Field(default=None, alias="keep-daily")
    keep_weekly: Whole | None = Field(default=None, alias="keep-weekly")
    keep_monthly: Whole | None = Field(default=None, alias="keep-monthly")
    keep_yearly: Whole | None = Field(default=None, alias="keep-yearly")


class TaskRow(WireModel):
    """`{"upid": "UPID:pbs:…", "node": "localhost", "worker_type": "backup", "worker_id": "main:vm/100", "user":
    "pve@pbs!pve1", "starttime": 1752854279, "endtime": 1752854399, "status": "OK"}`; a running one has no end."""

    upid: str
    node: Text
    worker_type: Text
    worker_id: Text | None = None
    user: Text
    starttime: Moment
    endtime: Moment = None
    status: Text | None = None


class SpaceWire(WireModel):
    """`{"total": 100861726720, "used": 12463228416, "avail": 83234159104}`; of memory `free` in place of `avail`."""

    total: Whole | None = None
    used: Whole | None = None
    avail: Whole | None = None


class KernelWire(WireModel):
    """`{"release": "6.8.12-2-pve", "sysname": "Linux", …}`"""

    release: Text | None = None


class HostStatusWire(WireModel):
    """`{"cpu": 0.0134, "wait": 0.0002, "uptime": 2345678, "memory": {…}, "root": {…}, "current-kernel": {…}, …}`"""

    cpu: float | None = None
    wait: float | None = None
    uptime: Whole | None = None
    memory: SpaceWire = Field(default_factory=SpaceWire)
    root: SpaceWire = Field(default_factory=SpaceWire)
    current_kernel: KernelWire | None = Field(default=None, alias="current-kernel")


class ServiceRow(WireModel):
    """`{"name": "proxmox-backup-proxy", "service": "proxmox-backup-proxy", "desc": "Proxmox Backup API Proxy Server",
    "state": "running", "unit-state": "enabled"}`"""

    name: Text
    state: Text
    unit_state: Text = Field(alias="unit-state")
    desc: Text | None = None


class ZfsPoolRow(WireModel):
    """`{"name": "mirror", "size": 7971459301376, "alloc": 5128000000000, "health": "ONLINE", "frag": 4, …}`"""

    name: Text
    health: Text


class PackageRow(WireModel):
    """`{"Package": "proxmox-backup-server", "Version": "4.2.1-1", "OldVersion": "4.2.0-1", …}`"""

    package: Text = Field(alias="Package")
    version: Text = Field(alias="Version")
    old_version: Text | None = Field(default=None, alias="OldVersion")


class LogLine(WireModel):
    """`{"n": 1, "t": "starting garbage collection on store main"}`"""

    n: Whole
    t: Text | None = None


PermissionsWire = dict[str, dict[str, Flag]]
"""Path → privilege → whether it propagates; false still grants it on that very path."""
