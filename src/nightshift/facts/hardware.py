"""The disks of nodes and what lies on them: SMART, ZFS pools, thin pools, Ceph. Frozen, no I/O.

Sizes are bytes, shares are of 1, times are aware UTC. None means that the source did not say, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nightshift.facts.ids import Entity, disk_key, pool_key, source_key

_VIRTUAL_PATHS = ("/dev/vd", "/dev/xvd", "/dev/zd", "/dev/rbd", "/dev/dm-", "/dev/nbd", "/dev/drbd", "/dev/loop")
_VIRTUAL_MODELS = ("qemu", "virtual", "vmware", "vbox", "msft", "lio-org", "iscsi", "drbd")


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk as its node lists it without asking it (PVE API: /nodes/{node}/disks/list?skipsmart=1).

    `kind` is `ssd | hdd | nvme | usb | unknown`, `used_for` what is on it (`ZFS`, `LVM`, `mounted`, `Ceph osd.3`…).
    """

    source: str
    node: str
    path: str
    kind: str
    size_bytes: int | None = None
    model: str | None = None
    serial: str | None = None
    by_id: str | None = None
    used_for: str | None = None

    @property
    def entity(self) -> Entity:
        name = " ".join(part for part in (self.model, self.serial) if part) or self.path
        return Entity(disk_key(self.source, self.node, self.serial or self.path), f"{name} on {self.node}")

    @property
    def is_virtual(self) -> bool:
        """Whether this is no disk that can fail by itself: a VM's, a zvol, what another machine serves."""
        named = f"{self.model or ''} {self.by_id or ''}".lower()
        return self.path.startswith(_VIRTUAL_PATHS) or any(word in named for word in _VIRTUAL_MODELS)


@dataclass(frozen=True, slots=True)
class SmartReport:
    """What a disk says of itself (PVE API: /nodes/{node}/disks/smart), read once a day.

    `health` is `PASSED`, `OK`, `FAILED!`, `UNKNOWN` or `SMART Disabled`. `wear_left` is what is left of an SSD's
    endurance. `failing` names attributes that are at their threshold now, or an NVMe drive's critical warning.
    """

    source: str
    node: str
    path: str
    read_at: datetime
    health: str
    wear_left: float | None = None
    temperature_celsius: int | None = None
    reallocated: int | None = None
    pending: int | None = None
    uncorrectable: int | None = None
    media_errors: int | None = None
    spare_left: float | None = None
    power_on_hours: int | None = None
    failing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ZfsPool:
    """A ZFS pool of a node (PVE API: /nodes/{node}/disks/zfs). `health` is `ONLINE | DEGRADED | FAULTED | …`."""

    source: str
    node: str
    name: str
    health: str
    size_bytes: int | None = None
    allocated_bytes: int | None = None
    fragmentation: float | None = None

    @property
    def entity(self) -> Entity:
        return Entity(pool_key(self.source, self.node, self.name), f"pool {self.name} on {self.node}")


@dataclass(frozen=True, slots=True)
class ZfsDevice:
    """One line of `zpool status`: a device of a pool, or the group (`mirror-0`) that it is in."""

    name: str
    state: str
    group: str | None
    is_disk: bool
    read_errors: int = 0
    write_errors: int = 0
    checksum_errors: int = 0
    note: str | None = None

    @property
    def errors(self) -> int:
        return self.read_errors + self.write_errors + self.checksum_errors


@dataclass(frozen=True, slots=True)
class ZfsStatus:
    """`zpool status` of one pool (PVE API: /nodes/{node}/disks/zfs/{name}).

    `scan` is ZFS' own line on the last scrub or resilver, `scanned_at` when that ended (told in the node's local time;
    where nobody knows its zone, taken for UTC), None while one runs or when there never was one. `errors` is ZFS'
    sentence on files.
    """

    source: str
    node: str
    name: str
    read_at: datetime
    state: str
    devices: tuple[ZfsDevice, ...]
    scan: str | None = None
    scanned_at: datetime | None = None
    scanning: bool = False
    errors: str | None = None
    status: str | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True)
class ThinPool:
    """An LVM thin pool (PVE API: /nodes/{node}/disks/lvmthin)."""

    source: str
    node: str
    group: str
    volume: str
    size_bytes: int
    used_bytes: int
    metadata_size_bytes: int | None = None
    metadata_used_bytes: int | None = None

    @property
    def entity(self) -> Entity:
        name = f"{self.group}/{self.volume}"
        return Entity(pool_key(self.source, self.node, name), f"thin pool {name} on {self.node}")


@dataclass(frozen=True, slots=True)
class CephCheck:
    """One of Ceph's own complaints: `OSD_DOWN`, `HEALTH_WARN`, "1 osds down"."""

    code: str
    severity: str
    summary: str
    muted: bool = False


@dataclass(frozen=True, slots=True)
class CephStatus:
    """Ceph's health (PVE API: /cluster/ceph/status). `health` is `HEALTH_OK | HEALTH_WARN | HEALTH_ERR`.

    `osds` is how many OSDs there are, `osds_up` how many of them run.
    """

    source: str
    health: str
    checks: tuple[CephCheck, ...] = ()
    used_bytes: int | None = None
    total_bytes: int | None = None
    osds: int | None = None
    osds_up: int | None = None

    @property
    def osds_down(self) -> int:
        """How many OSDs are known not to run."""
        return 0 if self.osds is None or self.osds_up is None else max(self.osds - self.osds_up, 0)

    @property
    def entity(self) -> Entity:
        return Entity(source_key(self.source), f"Ceph of {self.source}")


@dataclass(frozen=True, slots=True)
class SpaceHistory:
    """The lowest share that a storage or a node's root file system (`key`) was filled on each day of a month, oldest
    first; None where no record is (PVE API: /nodes/{node}[/storage/{storage}]/rrddata?timeframe=month)."""

    source: str
    key: str
    lows: tuple[float | None, ...]
