"""What a PVE node says of its disks and pools → facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from nightshift.facts.hardware import (
    CephCheck,
    CephStatus,
    Disk,
    SmartReport,
    ThinPool,
    ZfsDevice,
    ZfsPool,
    ZfsStatus,
)
from nightshift.sources.endpoint import Endpoint
from nightshift.sources.proxmox.hardware_models import (
    CephStatusWire,
    DiskRow,
    SmartAttribute,
    SmartWire,
    ThinPoolRow,
    ZfsDeviceWire,
    ZfsPoolRow,
    ZfsStatusWire,
)
from nightshift.sources.proxmox.models import PveAnswer
from nightshift.sources.transport import Transport

DISKS: Final = Endpoint("/nodes/{node}/disks/list", PveAnswer[list[DiskRow]])
SMART: Final = Endpoint("/nodes/{node}/disks/smart", PveAnswer[SmartWire])
ZFS_POOLS: Final = Endpoint("/nodes/{node}/disks/zfs", PveAnswer[list[ZfsPoolRow]])
ZFS_STATUS: Final = Endpoint("/nodes/{node}/disks/zfs/{pool}", PveAnswer[ZfsStatusWire])
THIN_POOLS: Final = Endpoint("/nodes/{node}/disks/lvmthin", PveAnswer[list[ThinPoolRow]])
CEPH_STATUS: Final = Endpoint("/cluster/ceph/status", PveAnswer[CephStatusWire])

_SMART_TIMEOUT_S: Final = 5.0  # a disk that was asleep after all needs its time
_REALLOCATED, _UNCORRECTABLE, _TEMPERATURES, _PENDING = 5, (187, 198), (194, 190), 197
_WEAR_IDS: Final = (233, 231, 202, 177, 173, 169)
_WEAR_NAME: Final = re.compile(r"wear|life", re.IGNORECASE)
_SCANNED: Final = re.compile(
    r"(?:scrub repaired|resilvered|scrub canceled).* on (\w{3} \w{3} +\d+ [\d:]+ \d{4})", re.DOTALL
)


class PveHardware:
    """Every method sends one GET and raises a SourceError when it fails."""

    def __init__(self, source: str, transport: Transport) -> None:
        self._source = source
        self._transport = transport

    async def disks(self, node: str) -> tuple[Disk, ...]:
        """PVE API: /nodes/{node}/disks/list; Sys.Audit on /nodes/{node}. Without SMART: no disk wakes up for it."""
        answer = await self._transport.get(DISKS, params={"skipsmart": 1}, node=node)
        return tuple(_disk(self._source, node, row) for row in answer.data)

    async def smart(self, disk: Disk, *, read_at: datetime) -> SmartReport:
        """PVE API: /nodes/{node}/disks/smart; Sys.Audit on /. It wakes a disk that sleeps."""
        params = {"disk": disk.path}
        answer = await self._transport.get(SMART, params=params, timeout_s=_SMART_TIMEOUT_S, node=disk.node)
        return _smart(disk, answer.data, read_at)

    async def zfs_pools(self, node: str) -> tuple[ZfsPool, ...]:
        """PVE API: /nodes/{node}/disks/zfs; Sys.Audit on /."""
        rows = (await self._transport.get(ZFS_POOLS, node=node)).data
        return tuple(
            ZfsPool(
                self._source, node, row.name, row.health, row.size, row.alloc,
                row.frag / 100 if row.frag is not None else None,
            )
            for row in rows
        )  # fmt: skip

    async def zfs_status(self, pool: ZfsPool, *, read_at: datetime) -> ZfsStatus:
        """PVE API: /nodes/{node}/disks/zfs/{name}; Sys.Audit on /."""
        answer = await self._transport.get(ZFS_STATUS, node=pool.node, pool=pool.name)
        return _zfs_status(pool, answer.data, read_at)

    async def thin_pools(self, node: str) -> tuple[ThinPool, ...]:
        """PVE API: /nodes/{node}/disks/lvmthin; Sys.Audit on /."""
        rows = (await self._transport.get(THIN_POOLS, node=node)).data
        return tuple(
            ThinPool(
                self._source, node, row.vg or "", row.lv, row.lv_size, row.used, row.metadata_size, row.metadata_used
            )
            for row in rows
            if row.lv_size > 0
        )

    async def ceph_status(self) -> CephStatus:
        """PVE API: /cluster/ceph/status; Sys.Audit or Datastore.Audit on /. Fails where there is no Ceph."""
        wire = (await self._transport.get(CEPH_STATUS)).data
        checks = tuple(
            CephCheck(
                code,
                check.severity or wire.health.status,
                (check.summary.message if check.summary else None) or code,
                bool(check.muted),
            )
            for code, check in sorted(wire.health.checks.items())
        )
        usage, osds = wire.pgmap, wire.osdmap
        return CephStatus(
            self._source,
            wire.health.status,
            checks,
            usage.bytes_used if usage else None,
            usage.bytes_total if usage else None,
            osds.num_osds if osds else None,
            osds.num_up_osds if osds else None,
        )


def _disk(source: str, node: str, row: DiskRow) -> Disk:
    return Disk(
        source=source,
        node=node,
        path=row.devpath,
        kind=row.type or "unknown",
        size_bytes=row.size,
        model=_told(row.model, "_"),
        serial=_told(row.serial),
        by_id=_told(row.by_id_link),
        used_for=_osd(row) or _told(row.used) or ("mounted" if row.mounted else None),
    )


def _osd(row: DiskRow) -> str | None:
    """`Ceph osd.3`; of several on one disk the first."""
    return f"Ceph osd.{row.osdid}" if row.osdid is not None and row.osdid >= 0 else None


def _told(text: str | None, space: str = "") -> str | None:
    """PVE writes `unknown` where udev says nothing, and underscores for blanks in a model."""
    plain = (text or "").replace(space, " ").strip() if space else (text or "").strip()
    return plain if plain and plain.lower() != "unknown" else None


def _smart(disk: Disk, wire: SmartWire, read_at: datetime) -> SmartReport:
    by_id = {item.id: item for item in wire.attributes}
    text = wire.text or ""
    used_percent = _number(r"Percentage Used:\s+(\d+)%", text)
    wear_left = _wearout(wire.wearout)
    if wear_left is None and used_percent is not None:
        wear_left = max(1.0 - used_percent / 100, 0.0)
    if wear_left is None:
        wear_left = _wear_of_attributes(by_id)
    spare = _number(r"Available Spare:\s+(\d+)%", text)
    return SmartReport(
        source=disk.source,
        node=disk.node,
        path=disk.path,
        read_at=read_at,
        health=wire.health,
        wear_left=wear_left,
        temperature_celsius=_first_raw(by_id, _TEMPERATURES) or _number(r"\nTemperature:\s+(\d+) Celsius", text),
        reallocated=_first_raw(by_id, (_REALLOCATED,)),
        pending=_first_raw(by_id, (_PENDING,)),
        uncorrectable=_first_raw(by_id, _UNCORRECTABLE),
        media_errors=_number(r"Media and Data Integrity Errors:\s+([\d,.]+)", text),
        spare_left=None if spare is None else spare / 100,
        power_on_hours=_first_raw(by_id, (9,)) or _number(r"Power On Hours:\s+([\d,.]+)", text),
        failing=tuple(_failing(wire.attributes, text)),
    )


def _wearout(value: float | str | None) -> float | None:
    """Percent that are left; `N/A` of a disk that does not tell."""
    try:
        percent = float(value) if value is not None else None
    except ValueError:
        return None
    return None if percent is None else min(max(percent / 100, 0.0), 1.0)


def _wear_of_attributes(by_id: dict[int, SmartAttribute]) -> float | None:
    """The normalised value of the attribute in which an SSD's maker counts down from 100."""
    for number in _WEAR_IDS:
        item = by_id.get(number)
        if item is not None and item.value is not None and _WEAR_NAME.search(item.name):
            return min(item.value / 100, 1.0)
    return None


def _failing(attributes: list[SmartAttribute], text: str) -> Iterator[str]:
    for item in attributes:
        if item.fail and "now" in item.fail.lower():
            yield item.name
    warning = re.search(r"Critical Warning:\s+0x([0-9a-fA-F]{2})", text)
    if warning and int(warning[1], 16):
        yield f"critical warning 0x{warning[1]}"


def _first_raw(by_id: dict[int, SmartAttribute], numbers: tuple[int, ...]) -> int | None:
    """The leading number of a raw value: `36 (Min/Max 20/45)`, `24h+12m`."""
    for number in numbers:
        item = by_id.get(number)
        match = re.match(r"\s*(\d+)", item.raw) if item is not None and item.raw else None
        if match:
            return int(match[1])
    return None


def _number(pattern: str, text: str) -> int | None:
    match = re.search(pattern, text)
    return int(re.sub(r"[,.]", "", match[1])) if match else None


def _zfs_status(pool: ZfsPool, wire: ZfsStatusWire, read_at: datetime) -> ZfsStatus:
    scan = " ".join(wire.scan.split()) if wire.scan else None
    return ZfsStatus(
        source=pool.source,
        node=pool.node,
        name=pool.name,
        read_at=read_at,
        state=wire.state,
        devices=tuple(_devices(wire.children, None, pool.name)),
        scan=scan,
        scanned_at=_scanned_at(wire.scan),
        scanning="in progress" in (scan or ""),
        errors=wire.errors,
        status=_sentence(wire.status),
        action=_sentence(wire.action),
    )


def _devices(children: list[ZfsDeviceWire], group: str | None, pool: str) -> Iterator[ZfsDevice]:
    for child in children:
        if child.name != pool or group is not None:
            yield ZfsDevice(
                name=child.name,
                state=child.state or "UNKNOWN",
                group=group,
                is_disk=not child.children,
                read_errors=child.read or 0,
                write_errors=child.write or 0,
                checksum_errors=child.cksum or 0,
                note=child.msg or None,
            )
        inner = None if child.name == pool and group is None else child.name
        yield from _devices(child.children, inner, pool)


def _scanned_at(scan: str | None) -> datetime | None:
    match = _SCANNED.search(scan or "")
    if match is None:
        return None
    try:
        return datetime.strptime(" ".join(match[1].split()), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError:
        return None


def _sentence(text: str | None) -> str | None:
    plain = " ".join((text or "").split())
    return plain or None
