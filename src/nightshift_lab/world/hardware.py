"""What a machine is built of: physical disks, pools on them, network links, and the UPS that feeds it.

These are what was bought and plugged in. How they fare is `conditions.py` (health, wear, states) and `signals.py`
(temperatures, load).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DiskKind = Literal["hdd", "ssd", "nvme", "usb"]


@dataclass(frozen=True, slots=True)
class PhysicalDisk:
    """A drive. `path` as the kernel names it now, `serial` for good; `wear_fraction` is what is used up at the start.

    `used_for` is what PVE says about its use: `ZFS`, `LVM`, `ext4`, `BIOS boot` or nothing. `osd` is the number of the
    Ceph OSD on it, if any.
    """

    path: str
    kind: DiskKind
    model: str
    serial: str
    size_bytes: int
    used_for: str
    vendor: str = "ATA"
    wear_fraction: float | None = None
    power_on_hours: int = 9_000
    rpm: int = 0
    celsius: float = 36.0
    osd: int | None = None

    @property
    def name(self) -> str:
        """`nvme0n1` of `/dev/nvme0n1`."""
        return self.path.rpartition("/")[2]

    @property
    def by_id(self) -> str:
        """The link that keeps its name: `/dev/disk/by-id/nvme-WD_Red_SN700_1000GB_2234AB801234`."""
        bus = {"nvme": "nvme", "usb": "usb"}.get(self.kind, "ata")
        return f"/dev/disk/by-id/{bus}-{self.model.replace(' ', '_')}_{self.serial}"

    @property
    def wwn(self) -> str:
        digits = "".join(f"{byte:02x}" for byte in self.serial.encode())[:14]
        return f"eui.{digits:0>16}" if self.kind == "nvme" else f"0x5{digits:0>15}"


@dataclass(frozen=True, slots=True)
class ZfsPool:
    """A pool of the node. `layout` is its one top-level vdev; a single disk has none. It is scrubbed once a month.

    `serials` are its disks. `storage` is the PVE storage that lies on it, if any; `base_bytes` is what else it holds.
    """

    name: str
    layout: Literal["mirror-0", "raidz1-0", "raidz2-0", ""]
    serials: tuple[str, ...]
    size_bytes: int
    storage: str | None = None
    base_bytes: int = 0
    scrub_lasts_s: float = 2_900.0


@dataclass(frozen=True, slots=True)
class ThinPool:
    """An LVM thin pool and its volume group."""

    group: str
    volume: str
    serial: str
    size_bytes: int
    metadata_bytes: int
    storage: str


@dataclass(frozen=True, slots=True)
class Link:
    """A network interface of a node: a port, or the bridge on it. `speed_mbit` 0: it has none of its own."""

    name: str
    kind: Literal["eth", "bridge", "bond", "vlan"]
    speed_mbit: int = 0
    ports: tuple[str, ...] = ()
    cidr: str = ""
    gateway: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Ups:
    """An uninterruptible power supply; `feeds` names the nodes on it, `served_by` the one that its cable goes to."""

    name: str
    model: str
    served_by: str
    feeds: tuple[str, ...]
    nominal_watts: float
    runtime_s: float
    load_fraction: float
