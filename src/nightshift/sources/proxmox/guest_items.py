"""What PVE tells guest by guest → facts: snapshots, and the file systems that a guest agent sees."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from nightshift.facts.guest_items import GuestFileSystem, GuestFileSystems, GuestSnapshot, GuestSnapshots
from nightshift.facts.inventory import Guest
from nightshift.sources.proxmox.models import FileSystemRow, FileSystemsWire, SnapshotRow

# Memory, images, and what another machine serves: none of them is a disk of this guest.
_NO_DISK = {"tmpfs", "ramfs", "devtmpfs", "overlay", "squashfs", "iso9660", "udf", "cdfs", "erofs", "vfat"} | {
    "nfs",
    "nfs4",
    "cifs",
    "9p",
    "virtiofs",
    "fuse",
}


def snapshots(guest: Guest, rows: Iterable[SnapshotRow], read_at: datetime) -> GuestSnapshots:
    taken = tuple(GuestSnapshot(row.name, row.snaptime, bool(row.vmstate)) for row in rows if row.name != "current")
    return GuestSnapshots(guest.source, guest.vmid, taken, read_at)


def file_systems(guest: Guest, wire: FileSystemsWire, read_at: datetime) -> GuestFileSystems:
    """Those with a size of their own, each device once by its shortest path. An agent that answers with an error
    answers."""
    rows = wire.result if isinstance(wire.result, list) else []
    by_device: dict[str, GuestFileSystem] = {}
    for row in sorted(rows, key=lambda row: (len(row.mountpoint or ""), row.mountpoint or "")):
        found = _file_system(row)
        if found is not None:
            by_device.setdefault(found.device, found)
    return GuestFileSystems(guest.source, guest.vmid, True, tuple(by_device.values()), read_at)


def _file_system(row: FileSystemRow) -> GuestFileSystem | None:
    kind = (row.type or "").lower()
    if not row.mountpoint or not row.total_bytes or row.used_bytes is None or kind in _NO_DISK:
        return None
    if row.mountpoint.startswith(("/snap/", "/boot", "/run/", "/var/lib/docker/")):
        return None
    disks = row.disk if isinstance(row.disk, list) else []
    device = next((disk.dev for disk in disks if disk.dev), None) or row.name or row.mountpoint
    return GuestFileSystem(row.mountpoint, kind, device, row.used_bytes, row.total_bytes)
