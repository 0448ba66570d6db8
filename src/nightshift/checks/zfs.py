"""ZFS pools: their state, errors, and when they were last read through; with the disk that is to be pulled."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.disks import is_device_of, which
from nightshift.checks.evidence import iso, table
from nightshift.checks.levels import level_with_memory
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import DAY_S, Thresholds
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.hardware import Disk, ZfsDevice, ZfsPool, ZfsStatus
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_bytes, format_duration, format_percent, fraction

_LIST = "GET /nodes/{node}/disks/zfs"
_STATUS = "GET /nodes/{node}/disks/zfs/{name}"
_RUNBOOK = "zfs-scrub.md#steps"
_WELL = ("ONLINE", "AVAIL", "INUSE")
_NO_ERRORS = "no known data errors"
_Key = tuple[str, str, str]


def _statuses(snapshot: Snapshot) -> dict[_Key, ZfsStatus]:
    return {(status.source, status.node, status.name): status for status in snapshot.zfs_status}


def _disks(snapshot: Snapshot) -> dict[tuple[str, str], list[Disk]]:
    found: dict[tuple[str, str], list[Disk]] = {}
    for disk in snapshot.disks:
        found.setdefault((disk.source, disk.node), []).append(disk)
    return found


def state(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A pool that is not ONLINE: it has lost redundancy, or stands still. Names the disk to pull.

    Judges (PVE API: /nodes/{node}/disks/zfs, and of that pool …/zfs/{name}):
        {"name": "rpool", "health": "DEGRADED", "size": 1992864825344}
        {"name": "/dev/disk/by-id/ata-Samsung_SSD_2234AB801877-part3", "state": "FAULTED", "read": 14, "write": 236}
    """
    statuses, disks = _statuses(snapshot), _disks(snapshot)
    unwell = [pool for pool in snapshot.zfs_pools if pool.health.upper() not in _WELL]
    return CheckResult(
        tuple(
            _unwell(snapshot, pool, statuses.get(_key(pool)), disks.get((pool.source, pool.node), []))
            for pool in unwell
        )
    )


def _key(pool: ZfsPool) -> _Key:
    return pool.source, pool.node, pool.name


def _unwell(snapshot: Snapshot, pool: ZfsPool, status: ZfsStatus | None, disks: list[Disk]) -> Finding:
    bad = [device for device in status.devices if device.is_disk and device.state not in _WELL] if status else []
    standing = pool.health.upper() in ("SUSPENDED", "FAULTED", "UNAVAIL")
    effect = "nothing on it can be read or written" if standing else "it works on without redundancy"
    pull = f" The disk to pull: {'; '.join(_named(device, disks) for device in bad)}." if bad else ""
    unread = "" if status else " Which of its disks it is could not be read yet."
    says = f" ZFS says: {status.status}" if status and status.status else ""
    title = f"ZFS pool {pool.name} on {pool.node} is {pool.health.upper()}"
    return Finding(
        check="zfs.state",
        severity="critical",
        entity=pool.entity,
        title=f"{title}: {_short(bad[0], disks)} is {bad[0].state}" if bad else title,
        detail=f"In this state {effect}.{pull}{unread}{says}",
        remedy=f"On {pool.node}: `zpool status -v {pool.name}`. {_mend(pool, bad, standing=standing)}",
        evidence=_evidence(snapshot, pool, status, disks),
        runbook="zfs-degraded.md#steps",
    )


def _mend(pool: ZfsPool, bad: list[ZfsDevice], *, standing: bool) -> str:
    if standing:
        return f"Check cable and power, then `zpool clear {pool.name}`."
    old = bad[0].name if bad else "OLD"
    return (
        f"Replace the disk: `zpool replace {pool.name} {old} /dev/disk/by-id/NEW`; the boot disk of a node needs "
        "`proxmox-boot-tool` as well."
    )


def errors(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A pool that is ONLINE and has counted errors, or has files that it could not repair.

    Judges (PVE API: /nodes/{node}/disks/zfs/{name}):
        {"state": "ONLINE", "errors": "No known data errors", "children": [{"name": "…-part3", "cksum": 37, "leaf": 1}]}
    """
    statuses, disks = _statuses(snapshot), _disks(snapshot)
    findings = []
    for pool in snapshot.zfs_pools:
        status = statuses.get(_key(pool))
        if status is None:
            continue
        bad = [device for device in status.devices if device.is_disk and device.errors]
        lost = bool(status.errors) and _NO_ERRORS not in (status.errors or "").lower()
        if lost or (bad and pool.health.upper() in _WELL):
            findings.append(
                _with_errors(snapshot, pool, status, bad, disks.get((pool.source, pool.node), []), lost=lost)
            )
    return CheckResult(tuple(findings))


def _with_errors(
    snapshot: Snapshot, pool: ZfsPool, status: ZfsStatus, bad: list[ZfsDevice], disks: list[Disk], *, lost: bool
) -> Finding:
    counted = [
        f"{_named(device, disks)}: {device.read_errors} read, {device.write_errors} write, {device.checksum_errors} "
        "checksum"
        for device in bad
    ]
    where = f" Errors are counted on {'; '.join(counted)}." if counted else ""
    what = f"ZFS says: {status.errors}." if lost else "ZFS repaired what it found from the other disks."
    return Finding(
        check="zfs.errors",
        severity="critical" if lost else "warning",
        entity=pool.entity,
        title=f"ZFS pool {pool.name} on {pool.node} has files that are damaged"
        if lost
        else f"ZFS pool {pool.name} on {pool.node} counts errors on {_short(bad[0], disks)}",
        detail=f"{what}{where}",
        remedy=f"On {pool.node}: `zpool status -v {pool.name}` names the files; restore them from a backup. Look at "
        "the "
        f"disk and its cable (`smartctl -a`, `dmesg`), then `zpool clear {pool.name}` and `zpool scrub {pool.name}`: "
        "errors that come back are the disk's.",
        evidence=_evidence(snapshot, pool, status, disks),
        runbook=_RUNBOOK,
    )


def scrub(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A pool that has not been read through for long: what has rotted shows when a disk is replaced, too late.

    Judges (PVE API: /nodes/{node}/disks/zfs/{name}):
        {"scan": "scrub repaired 0B in 00:12:34 with 0 errors on Sun Nov  8 00:36:34 2026"}
    Debian scrubs on the second Sunday of a month. A scan that runs now counts as done; one that PVE words in another
    way says nothing.
    """
    pools = {_key(pool): pool for pool in snapshot.zfs_pools}
    findings = []
    for status in snapshot.zfs_status:
        pool = pools.get((status.source, status.node, status.name))
        if pool is None or status.scanning:
            continue
        never = status.scan is None or "none requested" in status.scan.lower()
        age_s = (snapshot.taken_at - status.scanned_at).total_seconds() if status.scanned_at else None
        if never or (age_s is not None and age_s >= thresholds.scrub_age_warning_s):
            findings.append(_unscrubbed(snapshot, pool, status, age_s, thresholds))
    return CheckResult(tuple(findings))


def _unscrubbed(
    snapshot: Snapshot, pool: ZfsPool, status: ZfsStatus, age_s: float | None, thresholds: Thresholds
) -> Finding:
    when = f"for {format_duration(age_s)}" if age_s is not None else "since it was made, or imported"
    return Finding(
        check="zfs.scrub",
        severity="info" if age_s is None else "warning",
        entity=pool.entity,
        title=f"ZFS pool {pool.name} on {pool.node} has not been scrubbed {when}",
        detail=f"A scrub reads every block and repairs what has rotted; one a month is usual, and more than "
        f"{thresholds.scrub_age_warning_s / DAY_S:.0f} days without one is long.",
        remedy=f"On {pool.node}: `zpool scrub {pool.name}`, and `cat /etc/cron.d/zfsutils-linux` for the monthly one.",
        since=status.scanned_at,
        evidence=_evidence(snapshot, pool, status, []),
        runbook=_RUNBOOK,
    )


def full(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A pool that is nearly full. A storage on it is judged by itself: this is for what no storage shows, a pool for a
    NAS or for backups.

    Judges (PVE API: /nodes/{node}/disks/zfs):
        {"name": "tank", "health": "ONLINE", "size": 7971459301376, "alloc": 7533028884480, "free": 438430416896}
    """
    limits = (thresholds.storage_warning, thresholds.storage_critical)
    findings = []
    for pool in snapshot.zfs_pools:
        share = fraction(pool.allocated_bytes, pool.size_bytes)
        if share is None:
            continue
        severity = level_with_memory(share, limits, ("zfs.full", pool.entity, ""), previous, thresholds)
        if severity is not None:
            findings.append(_full(snapshot, pool, share, severity))
    return CheckResult(tuple(findings))


def _full(snapshot: Snapshot, pool: ZfsPool, share: float, severity: Severity) -> Finding:
    used, total = pool.allocated_bytes or 0, pool.size_bytes or 0
    return Finding(
        check="zfs.full",
        severity=severity,
        entity=pool.entity,
        title=f"ZFS pool {pool.name} on {pool.node} is {format_percent(share)} full",
        detail=f"{format_bytes(used)} of {format_bytes(total)} are used. ZFS slows down as a pool fills, and when "
        "nothing is left it cannot even delete.",
        remedy=f"On {pool.node}: `zfs list -o space -r {pool.name}` shows what holds the space, snapshots included "
        f"(USEDSNAP); `zfs list -t snapshot -o name,used -s used -r {pool.name}` the largest of them.",
        evidence=(
            table(
                snapshot,
                pool.source,
                _LIST,
                f"Pool {pool.name}",
                ("node", "pool", "state", "used_bytes", "total_bytes", "used_fraction"),
                ((pool.node, pool.name, pool.health, used, total, share),),
            ),
        ),
        runbook="storage-full.md#steps",
    )


def _disk_of(device: ZfsDevice, disks: list[Disk]) -> Disk | None:
    return next((disk for disk in disks if is_device_of(device.name, disk)), None)


def _named(device: ZfsDevice, disks: list[Disk]) -> str:
    """vdev → by-id → serial → node, as far as it is known."""
    disk = _disk_of(device, disks)
    group = f" in {device.group}" if device.group else ""
    return f"{device.name}{group}" + (f", which is {which(disk)}" if disk else "")


def _short(device: ZfsDevice, disks: list[Disk]) -> str:
    disk = _disk_of(device, disks)
    return f"disk {disk.serial or disk.path}" if disk else f"disk {device.name.rpartition('/')[2]}"


def _evidence(snapshot: Snapshot, pool: ZfsPool, status: ZfsStatus | None, disks: list[Disk]) -> tuple[Evidence, ...]:
    columns = ("node", "pool", "state", "scan", "errors", "read_at")
    rows = (
        (pool.node, pool.name, pool.health, status.scan, status.errors, iso(status.read_at)) for status in _one(status)
    )
    listed = table(
        snapshot,
        pool.source,
        _LIST,
        f"Pool {pool.name}",
        ("node", "pool", "state"),
        ((pool.node, pool.name, pool.health),),
    )
    if status is None:
        return (listed,)
    devices = tuple(
        (
            device.name,
            device.group,
            device.state,
            device.read_errors,
            device.write_errors,
            device.checksum_errors,
            found.serial if (found := _disk_of(device, disks)) else None,
        )
        for device in status.devices
    )
    return (
        table(snapshot, pool.source, _STATUS, f"Pool {pool.name} on {pool.node}", columns, rows),
        table(
            snapshot,
            pool.source,
            _STATUS,
            f"Devices of pool {pool.name}",
            ("device", "group", "state", "read_errors", "write_errors", "checksum_errors", "serial"),
            devices,
        ),
    )  # fmt: skip


def _one(status: ZfsStatus | None) -> tuple[ZfsStatus, ...]:
    return () if status is None else (status,)


CHECKS = (
    Check("zfs.state", "disks", "critical", ("zfs_pools",), state, "States of ZFS pools", also=("zfs_status", "disks")),
    Check(
        "zfs.errors", "disks", "critical", ("zfs_pools", "zfs_status"), errors, "Errors of ZFS pools", also=("disks",)
    ),
    Check("zfs.full", "disks", "critical", ("zfs_pools",), full, "Space in ZFS pools of nodes"),
    Check("zfs.scrub", "disks", "warning", ("zfs_pools", "zfs_status"), scrub, "Age of the last scrub"),
)
