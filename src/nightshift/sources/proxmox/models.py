"""PVE's answers on the wire. Fields are those that Nightshift reads; everything else is ignored."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import Field, JsonValue

from nightshift.sources.wire import Flag, Moment, Text, Whole, WireModel

Data = TypeVar("Data")


class PveAnswer(WireModel, Generic[Data]):
    """Every PVE answer is `{"data": …}`; lists that can be paged carry `total`."""

    data: Data
    total: Whole | None = None


class VersionWire(WireModel):
    """`{"release": "9.1", "version": "9.1-1", "repoid": "9a1b2c3d"}`"""

    version: Text


class ClusterStatusRow(WireModel):
    """The cluster row, absent on a stand-alone host, or one node:
    `{"type": "cluster", "name": "lab", "quorate": 1, "nodes": 3}`,
    `{"type": "node", "name": "pve1", "online": 1, "ip": "192.0.2.1"}`."""

    type: str
    name: Text
    quorate: Flag | None = None
    nodes: Whole | None = None
    online: Flag | None = None
    ip: Text | None = None


class ResourceRow(WireModel):
    """A node, guest or storage; other types (sdn, pool, network) are skipped.

    `{"type": "qemu", "id": "qemu/100", "vmid": 100, "name": "web", "node": "pve1", "status": "running", "cpu": 0.02,
    "maxcpu": 1, "mem": 842551296, "maxmem": 1073741824, "disk": 0, "maxdisk": 34359738368, "template": 0}`; while its
    node's statistics are stale: `{"type": "qemu", "id": "qemu/201", "vmid": 201, "node": "pve2", "status": "unknown"}`.
    """

    type: str
    id: Text
    node: Text | None = None
    name: Text | None = None
    status: Text | None = None
    vmid: Whole | None = None
    template: Flag | None = None
    tags: Text | None = None
    lock: Text | None = None
    pool: Text | None = None
    hastate: Text | None = None
    cpu: float | None = None
    maxcpu: float | None = None
    mem: Whole | None = None
    maxmem: Whole | None = None
    disk: Whole | None = None
    maxdisk: Whole | None = None
    uptime: Whole | None = None
    storage: Text | None = None
    plugintype: Text | None = None
    shared: Flag | None = None
    content: Text | None = None


class UsageWire(WireModel):
    """`{"used": 2147483648, "total": 8589934592}` of memory, swap or the root file system; memory says `available` from
    9 on."""

    used: Whole | None = None
    total: Whole | None = None
    available: Whole | None = None


class CpuInfoWire(WireModel):
    cpus: Whole | None = None
    model: Text | None = None


class KernelWire(WireModel):
    release: Text | None = None


class NodeStatusWire(WireModel):
    """`{"cpu": 0.01, "wait": 0.002, "loadavg": ["0.15", "0.25", "0.30"], "memory": {…}, "pveversion":
    "pve-manager/9.1-1/9a1b2c3d", "current-kernel": {"release": "6.17.2-1-pve"}, …}`"""

    cpu: float | None = None
    wait: float | None = None
    uptime: Whole | None = None
    loadavg: tuple[float, ...] | None = None
    memory: UsageWire | None = None
    swap: UsageWire | None = None
    rootfs: UsageWire | None = None
    cpuinfo: CpuInfoWire | None = None
    pveversion: Text | None = None
    kversion: Text | None = None
    current_kernel: KernelWire | None = Field(default=None, alias="current-kernel")


class TaskRow(WireModel):
    """`{"upid": "UPID:…", "node": "pve1", "type": "vzdump", "id": "", "user": "root@pam", "starttime": 1700000000,
    "endtime": 1700000060, "status": "OK"}`; a running one has no end and status RUNNING or none."""

    upid: str
    node: Text
    type: Text
    id: Text | None = None
    user: Text
    starttime: Moment
    endtime: Moment = None
    status: Text | None = None


class LogLine(WireModel):
    """`{"n": 1, "t": "task started"}`"""

    n: Whole
    t: Text | None = None


class BackupJobRow(WireModel):
    """`{"id": "backup-1", "enabled": 1, "schedule": "02:30", "storage": "pbs", "all": 1, "next-run": 1715299200}`;
    lists and property strings come as text or parsed, depending on the version; `enabled` may be absent and means 1."""

    id: Text
    enabled: Flag = True
    schedule: Text | None = None
    storage: Text | None = None
    all: Flag = False
    vmid: Text | list[Text] | None = None
    exclude: Text | list[Text] | None = None
    pool: Text | None = None
    node: Text | None = None
    next_run: Moment = Field(default=None, alias="next-run")
    comment: Text | None = None
    fleecing: Text | dict[str, JsonValue] | None = None


class NotBackedUpRow(WireModel):
    """`{"vmid": 100, "type": "qemu", "name": "server1"}`"""

    vmid: Whole
    type: str
    name: Text | None = None


class HaWire(WireModel):
    """`{"managed": 1, "state": "started"}`"""

    managed: Flag = False
    state: Text | None = None


class GuestCurrentWire(WireModel):
    """`{"vmid": 101, "status": "running", "qmpstatus": "paused", "cpu": 0.01, "cpus": 8, "mem": 1127792640, …}`"""

    status: Text
    qmpstatus: Text | None = None
    name: Text | None = None
    lock: Text | None = None
    tags: Text | None = None
    template: Flag | None = None
    cpu: float | None = None
    cpus: float | None = None
    mem: Whole | None = None
    maxmem: Whole | None = None
    disk: Whole | None = None
    maxdisk: Whole | None = None
    uptime: Whole | None = None
    ha: HaWire | None = None


class SnapshotRow(WireModel):
    """`{"name": "before-upgrade", "snaptime": 1693252591, "vmstate": 1}`; the present state is the row `current`,
    without a time."""

    name: Text
    snaptime: Moment = None
    vmstate: Flag | None = None


class FileSystemDiskWire(WireModel):
    dev: Text | None = None


class FileSystemRow(WireModel):
    """`{"name": "sda1", "mountpoint": "/", "type": "ext4", "used-bytes": 1234567890, "total-bytes": 53687091200,
    "disk": [{"dev": "/dev/sda1"}]}`; what is not mounted as a whole has no sizes."""

    name: Text | None = None
    mountpoint: Text | None = None
    type: Text | None = None
    used_bytes: Whole | None = Field(default=None, alias="used-bytes")
    total_bytes: Whole | None = Field(default=None, alias="total-bytes")
    disk: list[FileSystemDiskWire] | dict[str, JsonValue] | None = None


class FileSystemsWire(WireModel):
    """`{"result": […]}`; an agent that cannot answer gives `{"result": {"error": {…}}}`."""

    result: list[FileSystemRow] | dict[str, JsonValue] = Field(default_factory=list)


class StorageStatusWire(WireModel):
    """`{"type": "nfs", "content": "backup,iso", "active": 1, "shared": 1, "used": 10, "total": 60, "avail": 50}`; a
    storage that cannot be reached says `"active": 0, "total": 0`."""

    type: Text
    content: Text | None = None
    active: Flag | None = None
    shared: Flag | None = None
    used: Whole | None = None
    total: Whole | None = None


class StorageConfigRow(WireModel):
    """`{"storage": "pbs-tank", "type": "pbs", "content": "backup", "server": "192.0.2.111", "datastore": "tank",
    "namespace": "homelab", "username": "pve@pbs!homelab", "encryption-key": "…", "shared": 1, "nodes": "pve1,pve2"}`;
    passwords are never in it, and of the key only its fingerprint or `1`."""

    storage: Text
    type: Text
    content: Text | None = None
    nodes: Text | None = None
    shared: Flag | None = None
    disable: Flag | None = None
    server: Text | None = None
    datastore: Text | None = None
    namespace: Text | None = None
    username: Text | None = None
    encryption_key: Text | None = Field(default=None, alias="encryption-key")
    prune_backups: Text | dict[str, JsonValue] | None = Field(default=None, alias="prune-backups")
    pool: Text | None = None
    vgname: Text | None = None
    thinpool: Text | None = None


class VolumeWire(WireModel):
    """`{"id": "scsi1", "name": "local-zfs:vm-104-disk-1", "included": 0, "reason": "backup=no"}`"""

    id: Text
    name: Text
    included: Flag
    reason: Text = ""


class IncludedGuestWire(WireModel):
    """`{"id": 104, "name": "nextcloud", "type": "qemu", "children": […]}`; a guest that is gone has type `unknown`."""

    id: Whole
    type: Text = "unknown"
    children: list[VolumeWire] = Field(default_factory=list)


class IncludedVolumesWire(WireModel):
    children: list[IncludedGuestWire] = Field(default_factory=list)


class ContentVerification(WireModel):
    state: Text


class ContentRow(WireModel):
    """`{"volid": "nas:backup/vzdump-qemu-104-2026_11_23-02_00_03.vma.zst", "format": "vma.zst", "size": 8589934592,
    "ctime": 1794996003, "vmid": 104, "protected": 1, "notes": "nextcloud"}`; of a backup server also `"verification":
    {"state": "ok", …}` and, of an encrypted one, `"encrypted": "1"` or its key's fingerprint. `used` is there where the
    storage tells how much a volume really takes."""

    volid: Text
    vmid: Whole | None = None
    ctime: Moment = None
    size: Whole | None = None
    used: Whole | None = None
    protected: Flag = False
    encrypted: Text | None = None
    notes: Text | None = None
    verification: ContentVerification | None = None


GuestConfigWire = dict[str, JsonValue]
"""Open-ended: `{"name": "web", "onboot": 1, "agent": "enabled=1", "scsi0": "local-lvm:vm-100-disk-0,size=32G",
"ipconfig0": "ip=192.0.2.10/24,gw=192.0.2.1", …}`"""

PermissionsWire = dict[str, dict[str, Flag]]
"""Path → privilege → whether it propagates; 0 still grants it on that very path."""
