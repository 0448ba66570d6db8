"""The `disks` tool: every disk of every node, what it says of itself, and where it is in its pool."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from nightshift.checks.disks import is_device_of
from nightshift.facts.evidence import Cell
from nightshift.facts.hardware import Disk, SmartReport, ZfsDevice, ZfsStatus
from nightshift.facts.ids import key_parts
from nightshift.facts.snapshot import Snapshot
from nightshift.tools.context import ToolContext
from nightshift.tools.health import findings_table
from nightshift.tools.names import normalise
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.tables import iso, sources_of, table

COLUMNS = (
    "disk", "node", "path", "serial", "kind", "size_bytes", "used_for", "health", "pool", "pool_group",
    "pool_state", "errors",
    "read_errors", "write_errors", "checksum_errors",
    "wear_left_fraction", "temperature_celsius", "power_on_s", "pending", "reallocated",
    "uncorrectable", "media_errors", "spare_left_fraction", "read_at",
    "key",
)  # fmt: skip
SHOWN = 60
_WELL = ("PASSED", "OK")


class DisksArguments(Arguments):
    match: str = Field("", max_length=100, description="part of a node, model, serial, path or pool")


async def disks(ctx: ToolContext, arguments: DisksArguments) -> ToolResult:
    """Those with something wrong first, with the findings about them."""
    sweep, now = await ctx.sweep(), ctx.clock()
    snapshot = sweep.snapshot
    places = _places(snapshot)
    reports = {(report.source, report.node, report.path): report for report in snapshot.smart}
    wanted = normalise(arguments.match)
    rows = [_row(disk, reports.get((disk.source, disk.node, disk.path)), places) for disk in snapshot.disks]
    rows = [row for row in rows if not wanted or wanted in normalise(" ".join(str(cell) for cell in row))]
    rows.sort(key=lambda row: (not _wrong(row), str(row[1]), str(row[2])))
    gaps = tuple(dict.fromkeys((*snapshot.disks.gaps, *snapshot.smart.gaps, *snapshot.zfs_status.gaps)))
    source = sources_of(snapshot.disks, "pve")
    evidence = [
        table(
            source, "GET /nodes/{node}/disks/list, /disks/smart, /disks/zfs", "Disks of the nodes", COLUMNS, rows,
            taken_at=snapshot.disks.taken_at or snapshot.taken_at, now=now, gaps=gaps, limit=SHOWN,
        )
    ]  # fmt: skip
    keys = {str(row[-1]) for row in rows}
    places_shown = {(str(row[COLUMNS.index("node")]), str(row[COLUMNS.index("pool")])) for row in rows}
    found = tuple(
        finding
        for finding in sweep.findings
        if finding.entity.key in keys
        or (finding.check.startswith(("disk.", "zfs.")) and (not wanted or _is_of(finding.entity.key, places_shown)))
    )
    if found:
        evidence.append(findings_table(sweep, found, "Findings about disks and pools", now))
    return ToolResult(tuple(evidence), findings=found, gaps=gaps)


def _is_of(key: str, places: set[tuple[str, str]]) -> bool:
    """Whether a finding about a pool (`pool:pve/pve1/rpool`) is about one of these."""
    kind, parts = key_parts(key)
    return kind == "pool" and tuple(parts[-2:]) in places


def _wrong(row: tuple[Cell, ...]) -> bool:
    health, state, errors, pending = (
        row[COLUMNS.index(name)] for name in ("health", "pool_state", "errors", "pending")
    )
    ill = health is not None and health not in (*_WELL, "UNKNOWN", "SMART Disabled")
    return ill or state not in (None, "ONLINE") or bool(errors) or bool(pending)


def _places(snapshot: Snapshot) -> Mapping[tuple[str, str], list[tuple[ZfsStatus, ZfsDevice]]]:
    """The devices of the pools of each node."""
    places: dict[tuple[str, str], list[tuple[ZfsStatus, ZfsDevice]]] = {}
    for status in snapshot.zfs_status:
        here = places.setdefault((status.source, status.node), [])
        here.extend((status, device) for device in status.devices if device.is_disk)
    return places


def _row(
    disk: Disk, report: SmartReport | None, places: Mapping[tuple[str, str], list[tuple[ZfsStatus, ZfsDevice]]]
) -> tuple[Cell, ...]:
    place = next((item for item in places.get((disk.source, disk.node), ()) if is_device_of(item[1].name, disk)), None)
    return (
        disk.model or disk.path, disk.node, disk.path, disk.serial, disk.kind, disk.size_bytes, disk.used_for,
        report.health if report else None, place[0].name if place else None,
        place[1].group if place else None, place[1].state if place else None,
        place[1].errors if place else None, place[1].read_errors if place else None,
        place[1].write_errors if place else None, place[1].checksum_errors if place else None,
        report.wear_left if report else None,
        report.temperature_celsius if report else None,
        report.power_on_hours * 3600 if report and report.power_on_hours is not None else None,
        report.pending if report else None,
        report.reallocated if report else None, report.uncorrectable if report else None,
        report.media_errors if report else None, report.spare_left if report else None,
        iso(report.read_at) if report else None, disk.entity.key,
    )  # fmt: skip
