"""Physical disks, by what they say of themselves once a day: which one to pull, and what it carries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nightshift.checks.check import Check
from nightshift.checks.evidence import iso, table
from nightshift.checks.levels import fingerprint_of
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.hardware import Disk, SmartReport
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_age, format_bytes, format_percent

_SMART = "GET /nodes/{node}/disks/smart"
_RUNBOOK = "smart.md#steps"
_FAILED = ("FAIL",)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A disk with its report, and the pools that it is part of."""

    disk: Disk
    report: SmartReport
    pools: tuple[str, ...]


def _asked(snapshot: Snapshot) -> Iterator[_Asked]:
    disks = {(disk.source, disk.node, disk.path): disk for disk in snapshot.disks if not disk.is_virtual}
    members = [
        (status.source, status.node, device.name, status.name)
        for status in snapshot.zfs_status
        for device in status.devices
        if device.is_disk
    ]
    pools: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for source, node, device, pool in members:
        pools.setdefault((source, node), []).append((device, pool))
    for report in snapshot.smart:
        disk = disks.get((report.source, report.node, report.path))
        if disk is not None:
            there = pools.get((disk.source, disk.node), ())
            yield _Asked(
                disk, report, tuple(dict.fromkeys(pool for device, pool in there if is_device_of(device, disk)))
            )


def is_device_of(device: str, disk: Disk) -> bool:
    """Whether a line of `zpool status` is this disk: `/dev/disk/by-id/ata-X-part3`, `/dev/sda3`, `nvme0n1p3`."""
    name = device.rpartition("/")[2]
    for known in (disk.by_id, disk.path):
        bare = known.rpartition("/")[2] if known else ""
        partition = r"p\d+" if bare[-1:].isdigit() else r"\d+"
        if bare and re.fullmatch(rf"{re.escape(bare)}(?:{partition}|-part\d+)?", name):
            return True
    return bool(disk.serial) and re.search(rf"_{re.escape(disk.serial or '')}(?:-part\d+)?$", name) is not None


def which(disk: Disk) -> str:
    """How to find a disk in the machine: its serial number is on its label."""
    serial = f"serial number {disk.serial}" if disk.serial else "no serial number known"
    by_id = f", {disk.by_id}" if disk.by_id else ""
    size = f", {format_bytes(disk.size_bytes)}" if disk.size_bytes else ""
    return f"{disk.path} on {disk.node} ({disk.model or disk.kind}, {serial}{by_id}{size})"


def health(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A disk that says of itself that it fails.

    Judges (PVE API: /nodes/{node}/disks/smart):
        {"health": "FAILED!", "type": "ata", "attributes": [{"id": "5", "name": "Reallocated_Sector_Ct", "value": 1,
         "threshold": 10, "raw": "1184", "fail": "FAILING_NOW"}]}
    """
    return _judged(snapshot, _health)


def _health(snapshot: Snapshot, asked: _Asked) -> Finding | None:
    report = asked.report
    failed = report.health.upper().startswith(_FAILED)
    spare_gone = report.spare_left is not None and report.spare_left <= 0.05
    if not (failed or report.failing or spare_gone):
        return None
    signs = [f"SMART says {report.health}"] if failed else []
    signs += [f"{name} is at its threshold" for name in report.failing]
    signs += [f"{format_percent(report.spare_left or 0.0)} of its spare blocks are left"] if spare_gone else []
    return _finding(
        snapshot,
        asked,
        "disk.health",
        "critical",
        f"Disk {_name(asked.disk)} fails",
        f"{'; '.join(signs)}.",
        "Back up what is on it, then replace it.",
    )


def sectors(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A disk that could not read some of its sectors, or has replaced many.

    Judges (PVE API: /nodes/{node}/disks/smart):
        {"id": "197", "name": "Current_Pending_Sector", "raw": "72"}
        {"id": "5", "name": "Reallocated_Sector_Ct", "raw": "40"}
    A few sectors that were replaced long ago are normal; one that waits to be read is not.
    """

    def judge(snapshot: Snapshot, asked: _Asked) -> Finding | None:
        return _sectors(snapshot, asked, thresholds)

    return _judged(snapshot, judge)


def _sectors(snapshot: Snapshot, asked: _Asked, thresholds: Thresholds) -> Finding | None:
    report = asked.report
    if report.health.upper().startswith(_FAILED):  # told by disk.health, with all that it says
        return None
    signs = [
        f"{count} {words}"
        for count, words in (
            (report.pending, "sectors that it could not read (pending)"),
            (report.uncorrectable, "errors that it could not correct"),
            (report.media_errors, "media errors"),
        )
        if count
    ]
    if report.reallocated is not None and report.reallocated >= thresholds.disk_reallocated_warning:
        signs.append(f"{report.reallocated} sectors that it replaced")
    if not signs:
        return None
    return _finding(
        snapshot,
        asked,
        "disk.sectors",
        "warning",
        f"Disk {_name(asked.disk)} has sectors that it cannot read",
        f"It counts {', '.join(signs)}.",
        "A long self-test tells more: `smartctl -t long PATH`, hours later `smartctl -l selftest PATH`. When the "
        "counts "
        "grow, replace it.",
    )


def wear(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """An SSD whose endurance is nearly used up. PVE tells what is left, in percent, or `N/A`.

    Judges (PVE API: /nodes/{node}/disks/smart):
        {"health": "PASSED", "type": "text", "text": "…Percentage Used: 98%…", "wearout": 2}
    """

    def judge(snapshot: Snapshot, asked: _Asked) -> Finding | None:
        left = asked.report.wear_left
        if left is None:
            return None
        used = 1.0 - left
        severity = _above(used, thresholds.disk_wear_warning, thresholds.disk_wear_critical)
        if severity is None:
            return None
        return _finding(
            snapshot,
            asked,
            "disk.wear",
            severity,
            f"Disk {_name(asked.disk)} has used up {format_percent(used)} of its endurance",
            f"{format_percent(left)} of what its maker promises to be written is left.",
            "It works on, and may stop taking writes one day: order another and plan the exchange.",
        )

    del previous
    return _judged(snapshot, judge)


def temperature(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A disk that is hotter than it should be; NVMe drives are made for more.

    Judges (PVE API: /nodes/{node}/disks/smart):
        {"id": "194", "name": "Temperature_Celsius", "raw": "61 (Min/Max 20/63)"}
    """

    def judge(snapshot: Snapshot, asked: _Asked) -> Finding | None:
        degrees = asked.report.temperature_celsius
        nvme = asked.disk.kind == "nvme"
        warning = thresholds.nvme_temperature_warning if nvme else thresholds.disk_temperature_warning
        critical = thresholds.nvme_temperature_critical if nvme else thresholds.disk_temperature_critical
        if degrees is None:
            return None
        open_already = fingerprint_of("disk.temperature", asked.disk.entity) in previous.open_findings
        severity = _above(degrees, warning - (2 if open_already else 0), critical)
        if severity is None:
            return None
        return _finding(
            snapshot,
            asked,
            "disk.temperature",
            severity,
            f"Disk {_name(asked.disk)} is at {degrees} °C",
            f"From {warning} °C on disks of this kind wear faster and may throttle.",
            "Look at fans, dust and the room; `smartctl -A PATH` shows the temperature now.",
        )

    return _judged(snapshot, judge)


def _above(value: float, warning: float, critical: float) -> Severity | None:
    if value >= critical:
        return "critical"
    return "warning" if value >= warning else None


def _judged(snapshot: Snapshot, judge: Callable[[Snapshot, _Asked], Finding | None]) -> CheckResult:
    found = (judge(snapshot, asked) for asked in _asked(snapshot))
    return CheckResult(tuple(finding for finding in found if finding is not None))


def _name(disk: Disk) -> str:
    return f"{disk.serial or disk.path} on {disk.node}"


def _finding(
    snapshot: Snapshot, asked: _Asked, check: str, severity: Severity, title: str, detail: str, advice: str
) -> Finding:
    disk, report = asked.disk, asked.report
    pools = f" It is part of ZFS pool {', '.join(asked.pools)}." if asked.pools else ""
    used = f" It carries {disk.used_for}." if disk.used_for and not asked.pools else ""
    replace = (
        f" In the pool: `zpool status {asked.pools[0]}`, then `zpool replace {asked.pools[0]} OLD NEW`."
        if asked.pools
        else ""
    )
    return Finding(
        check=check,
        severity=severity,
        entity=disk.entity,
        title=title,
        detail=f"{detail} It is {which(disk)}.{pools}{used} SMART was read "
        f"{format_age(report.read_at, snapshot.taken_at)}.",
        remedy=f"On {disk.node}: `smartctl -a {disk.path}`. {advice.replace('PATH', disk.path)}{replace}",
        evidence=(_evidence(snapshot, asked),),
        runbook=_RUNBOOK,
    )


def _evidence(snapshot: Snapshot, asked: _Asked) -> Evidence:
    disk, report = asked.disk, asked.report
    figures = {
        "node": disk.node,
        "path": disk.path,
        "serial": disk.serial,
        "model": disk.model,
        "health": report.health,
        "wear_left_fraction": report.wear_left,
        "temperature_celsius": report.temperature_celsius,
        "reallocated": report.reallocated,
        "pending": report.pending,
        "uncorrectable": report.uncorrectable,
        "media_errors": report.media_errors,
        "power_on_hours": report.power_on_hours,
        "pools": ", ".join(asked.pools) or None,
        "read_at": iso(report.read_at),
    }
    known = {name: value for name, value in figures.items() if value is not None}
    return table(snapshot, disk.source, _SMART, f"SMART of {_name(disk)}", tuple(known), (tuple(known.values()),))


_NEEDS, _USES = ("disks", "smart"), ("zfs_status",)
CHECKS = (
    Check("disk.health", "disks", "critical", _NEEDS, health, "Disks that fail", also=_USES),
    Check("disk.sectors", "disks", "warning", _NEEDS, sectors, "Sectors that cannot be read", also=_USES),
    Check("disk.wear", "disks", "critical", _NEEDS, wear, "Endurance of SSDs", also=_USES),
    Check("disk.temperature", "disks", "critical", _NEEDS, temperature, "Temperature of disks", also=_USES),
)
