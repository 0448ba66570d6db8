"""File systems inside guests and on nodes, as their node_exporter sees them: full, or on the way there."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.evidence import metric_source, table
from nightshift.checks.levels import level_with_memory, worst
from nightshift.checks.metric_rows import expr_of
from nightshift.checks.mounted import FileSystem, file_systems
from nightshift.checks.previous import Previous
from nightshift.checks.space_trends import ROWS, space_trends
from nightshift.checks.thresholds import DAY_S, Thresholds
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_bytes, format_duration, format_percent, fraction

_RUNBOOK = "guest-disk-full.md#steps"


def filesystems(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A file system that is nearly full, or will be soon at the growth of the last day. One finding a file system.

    Judges (PromQL rows `filesystem_size`, `filesystem_available`, `filesystem_slope_6h`, `filesystem_slope_24h`):
        {instance="immich:9100", device="/dev/sda1", mountpoint="/", fstype="ext4"} 100503388160
        {instance="immich:9100", device="/dev/sda1", mountpoint="/", fstype="ext4"} 14070474342
        {instance="immich:9100", device="/dev/sda1", mountpoint="/", fstype="ext4"} -58412.3
    A node's root file system is judged by `node.rootfs` where PVE tells it; here only its trend is. What a node shows
    of a container's volume (`rpool/data/subvol-105-disk-0`) is the container's own.
    """
    seen_by_pve = {node.entity.key for node in snapshot.nodes if node.rootfs_total_bytes}
    findings = []
    for item in file_systems(snapshot):
        judged_elsewhere = item.mountpoint == "/" and item.entity.key in seen_by_pve
        full = None if judged_elsewhere else _fullness(item, previous, thresholds)
        days = item.days_to_full() if item.used_share >= thresholds.filesystem_filling_from else None
        soon = _soon(days, thresholds)
        severity = worst(full, soon)
        if severity is not None:
            findings.append(_finding(snapshot, item, severity, days if soon else None))
    return CheckResult(tuple(findings))


def _fullness(item: FileSystem, previous: Previous, thresholds: Thresholds) -> Severity | None:
    limits = (thresholds.filesystem_warning, thresholds.filesystem_critical)
    identity = ("filesystem.full", item.entity, item.mountpoint)
    # An open finding may be about the trend alone: only near the limit of fullness does memory keep it open.
    return level_with_memory(item.used_share, limits, identity, previous, thresholds)


def _soon(days: float | None, thresholds: Thresholds) -> Severity | None:
    if days is None or days >= thresholds.filesystem_days_to_full_warning:
        return None
    return "critical" if days < thresholds.filesystem_days_to_full_critical else "warning"


def _finding(snapshot: Snapshot, item: FileSystem, severity: Severity, days: float | None) -> Finding:
    where = f"{item.mountpoint} of {item.entity.label}"
    share = format_percent(item.used_share)
    soon = f", full in {format_duration(days * DAY_S)}" if days is not None else ""
    growth = _growth_words(item) if days is not None else ""
    return Finding(
        check="filesystem.full",
        severity=severity,
        entity=item.entity,
        title=f"{where} is {share} full{soon}",
        detail=f"{format_bytes(item.available_bytes)} of {format_bytes(item.size_bytes)} are left on "
        f"{item.device}.{growth}",
        remedy=_remedy(item),
        discriminator=item.mountpoint,
        evidence=(_evidence(snapshot, item, days),),
        runbook=_RUNBOOK,
    )


def _growth_words(item: FileSystem) -> str:
    daily = -(item.slope_24h or 0.0) * DAY_S
    return f" It grew by {format_bytes(daily)} a day over the last 24 hours."


def _remedy(item: FileSystem) -> str:
    look = (
        f"Inside {item.entity.label}: `du -xh --max-depth=2 {item.mountpoint} | sort -h | tail -20` shows what holds "
        "the space; `journalctl --vacuum-size=200M`, `apt clean` and `docker system prune` free the usual rest."
    )
    if item.entity.kind != "guest":
        return look
    vmid = item.entity.key.rpartition("/")[2]
    enlarge = f"`qm disk resize {vmid} scsi0 +10G` (a container: `pct resize {vmid} rootfs +10G`)"
    return f"{look} To enlarge it: {enlarge}, then grow the file system inside."


def _evidence(snapshot: Snapshot, item: FileSystem, days: float | None) -> Evidence:
    daily = -item.slope_24h * DAY_S if item.slope_24h is not None else None
    return table(
        snapshot,
        metric_source(snapshot),
        expr_of("filesystem_available"),
        f"File system {item.mountpoint} of {item.entity.label}",
        (
            "mountpoint",
            "device",
            "available_bytes",
            "size_bytes",
            "used_fraction",
            "growth_per_day_bytes",
            "time_to_full_s",
        ),
        (
            (
                item.mountpoint,
                item.device,
                item.available_bytes,
                item.size_bytes,
                item.used_share,
                daily,
                days * DAY_S if days is not None else None,
            ),
        ),
    )


def container_disk(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """The root file system of a running container, as PVE sees it, where no node_exporter inside tells more. Where
    nothing tells how fast it fills either, being well filled is worth a remark.

    Judges (PVE API: /cluster/resources, and the PromQL row `pve_space_slope_24h`, bytes a second):
        {"id": "lxc/105", "type": "lxc", "disk": 49392123904, "maxdisk": 51539607552, "status": "running"}
        {id="lxc/105"} 24816.1
    """
    trends = space_trends(snapshot)
    limits = (thresholds.filesystem_warning, thresholds.filesystem_critical)
    told = {item.entity.key for item in file_systems(snapshot) if item.mountpoint == "/"}
    findings = []
    for guest in snapshot.guests:
        used, total = guest.disk_used_bytes, guest.disk_total_bytes
        share = fraction(used, total)
        if guest.kind != "lxc" or share is None or used is None or total is None or guest.entity.key in told:
            continue
        trend = trends.get(guest.entity.key)
        days = trend.days_to_full(used, total) if trend is not None else None
        filling = _soon(days, thresholds)
        full = level_with_memory(share, limits, ("container.disk", guest.entity, "/"), previous, thresholds)
        unwatched = trend is None and share >= thresholds.filesystem_unwatched_info
        severity = worst(full, filling, "info" if unwatched else None)
        if severity is not None:
            findings.append(_container_full(snapshot, guest, share, severity, days if filling else None))
    return CheckResult(tuple(findings))


def _container_full(snapshot: Snapshot, guest: Guest, share: float, severity: Severity, days: float | None) -> Finding:
    used, total = guest.disk_used_bytes or 0, guest.disk_total_bytes or 0
    when = f", full in {format_duration(days * DAY_S)}" if days is not None else ""
    return Finding(
        check="container.disk",
        severity=severity,
        entity=guest.entity,
        title=f"/ of {guest.entity.label} is {format_percent(share)} full{when}",
        detail=f"{format_bytes(max(total - used, 0))} of {format_bytes(total)} are left.",
        remedy=f"`pct exec {guest.vmid} -- du -xh --max-depth=2 / | sort -h | tail -20` shows what holds the space. "
        f"To enlarge it: `pct resize {guest.vmid} rootfs +5G`.",
        discriminator="/",
        evidence=(
            table(
                snapshot,
                guest.source,
                "GET /cluster/resources",
                f"Root file system of {guest.entity.label}",
                ("guest", "used_bytes", "total_bytes", "used_fraction", "time_to_full_s"),
                ((guest.entity.label, used, total, share, days * DAY_S if days is not None else None),),
            ),
        ),
        runbook=_RUNBOOK,
    )


CHECKS = (
    Check(
        "filesystem.full",
        "file systems",
        "critical",
        ("metrics.filesystem_available", "metrics.filesystem_size"),
        filesystems,
        "File systems full or filling",
        also=(
            "metrics.filesystem_slope_6h",
            "metrics.filesystem_slope_24h",
            "metrics.filesystem_available_6h_ago",
            "nodes",
            "guests",
            "guest_configs",
        ),
    ),
    Check(
        "container.disk",
        "file systems",
        "critical",
        ("guests",),
        container_disk,
        "Root file systems of containers",
        also=ROWS,
    ),
)
