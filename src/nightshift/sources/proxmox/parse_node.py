"""PVE's answers about one node → facts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from nightshift.facts.hardware import SpaceHistory
from nightshift.facts.nodes import (
    Certificate,
    NodeCertificates,
    NodeClock,
    NodeHistory,
    NodePoint,
    NodeRepositories,
    NodeSoftware,
    Service,
    Update,
)
from nightshift.sources.proxmox.node_models import (
    CertificateRow,
    PackageRow,
    RepositoriesWire,
    RrdPoint,
    ServiceRow,
    SubscriptionWire,
    TimeWire,
    UpdateRow,
)

_KERNEL: Final = re.compile(r"(?:proxmox|pve)-kernel-(\d+\.\d+)")
_KERNEL_IMAGE: Final = re.compile(r"(?:proxmox|pve)-kernel-(\d+\.\d+\.\d+-\d+)-pve(?:-signed)?")


def history(source: str, node: str, rows: Iterable[RrdPoint]) -> NodeHistory:
    """Points that hold nothing (the node was away) are left out."""
    points = (_point(row, row.time) for row in rows if row.time is not None and row.model_fields_set > {"time"})
    return NodeHistory(source, node, tuple(sorted(points, key=lambda point: point.at)))


def _point(row: RrdPoint, at: datetime) -> NodePoint:
    return NodePoint(
        at=at,
        cpu=row.cpu,
        iowait=row.iowait,
        load=row.loadavg,
        memory_used_bytes=row.memused,
        memory_total_bytes=row.memtotal,
        swap_used_bytes=row.swapused,
        swap_total_bytes=row.swaptotal,
        arc_bytes=row.arcsize,
        pressure_cpu_some=_share(row.pressurecpusome),
        pressure_io_some=_share(row.pressureiosome),
        pressure_io_full=_share(row.pressureiofull),
        pressure_memory_some=_share(row.pressurememorysome),
        pressure_memory_full=_share(row.pressurememoryfull),
    )


def space_history(
    source: str, key: str, points: Iterable[tuple[datetime | None, float | None, float | None]]
) -> SpaceHistory:
    """The lowest share of each day (UTC) of points (time, used, total): what a job writes and prunes is no growth."""
    lows: dict[int, float] = {}
    for at, used, total in points:
        if at is not None and used is not None and total:
            day = at.toordinal()
            lows[day] = min(used / total, lows.get(day, 1.0))
    days = range(min(lows), max(lows) + 1) if lows else ()
    return SpaceHistory(source, key, tuple(lows.get(day) for day in days))


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100.0


def service(source: str, node: str, row: ServiceRow) -> Service:
    return Service(source, node, row.service, row.state or "unknown", row.active_state, row.unit_state, row.desc)


def clock(source: str, node: str, wire: TimeWire, asked_s: float, answered_s: float, read_at: datetime) -> NodeClock:
    """`asked_s` and `answered_s` are our own epoch seconds around the request: the node's clock was read between."""
    return NodeClock(source, node, wire.time - answered_s, wire.time + 1 - asked_s, wire.timezone, read_at)


def software(
    source: str, node: str, versions: Iterable[PackageRow], updates: Iterable[UpdateRow] | None, read_at: datetime
) -> NodeSoftware:
    """`versions` are PVE's own packages, `updates` those of the whole system that can be upgraded, None when that may
    not be read: then what PVE's own list tells counts."""
    rows = tuple(versions)
    running = next((row.running_kernel for row in rows if row.running_kernel), None)
    own = (row for row in rows if row.old_version and row.version and row.old_version != row.version)
    listed: Iterable[UpdateRow] = own if updates is None else updates
    return NodeSoftware(
        source=source,
        node=node,
        running_kernel=running,
        kernels=tuple(dict.fromkeys(version for row in rows if (version := _kernel_version(row)))),
        updates=tuple(Update(row.package, row.old_version, row.version or "", row.origin) for row in listed),
        whole=updates is not None,
        read_at=read_at,
    )


def _kernel_version(row: PackageRow) -> str | None:
    """The version of a kernel that is installed: of the series (`proxmox-kernel-6.17`, version `6.17.4-1`), or of one
    image (`proxmox-kernel-6.17.4-1-pve-signed`)."""
    if row.current_state not in (None, "Installed"):
        return None
    image = _KERNEL_IMAGE.fullmatch(row.package)
    if image:
        return image.group(1)
    return row.old_version or row.version if _KERNEL.fullmatch(row.package) else None


def repositories(
    source: str, node: str, wire: RepositoriesWire, subscription: SubscriptionWire | None, read_at: datetime
) -> NodeRepositories:
    standard = wire.standard_repos
    return NodeRepositories(
        source=source,
        node=node,
        standard=None if standard is None else tuple(item.handle for item in standard if item.status),
        errors=tuple((item.path or "", item.error) for item in wire.errors),
        warnings=tuple(item.message for item in wire.infos if item.kind == "warning" and item.message),
        subscription=(subscription.status or None) if subscription else None,
        read_at=read_at,
    )


def certificates(source: str, node: str, rows: Iterable[CertificateRow], read_at: datetime) -> NodeCertificates:
    known = (
        Certificate(row.filename.rpartition("/")[2], row.subject, row.issuer, row.notafter)
        for row in rows
        if row.notafter is not None
    )
    return NodeCertificates(source, node, tuple(known), read_at)
