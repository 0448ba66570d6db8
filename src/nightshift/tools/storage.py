"""The `storage` tool: how full storages, datastores and file systems are, and when they will be full."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from pydantic import Field

from nightshift.checks.space_trends import daily_lows
from nightshift.facts.backups import Datastore
from nightshift.facts.evidence import Cell, Evidence, Stats, Window
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.inventory import Storage
from nightshift.facts.monitoring import QueryResult, label
from nightshift.facts.read import Read
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.sweep import Sweep
from nightshift.tools.context import ToolContext
from nightshift.tools.health import findings_table
from nightshift.tools.names import normalise
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.stats import describe
from nightshift.tools.tables import iso, known_share, nothing_seen, sources_of, table

USAGE_COLUMNS = (
    "name", "where", "type", "state", "used_bytes", "total_bytes", "free_bytes", "used_fraction",
    "growth_per_day_bytes", "time_to_full_s", "full_at", "key",
)  # fmt: skip
THIN_COLUMNS = ("pool", "node", "used_fraction", "metadata_used_bytes", "metadata_bytes", "metadata_fraction", "key")
FILE_SYSTEM_COLUMNS = (
    "instance", "mountpoint", "used_bytes", "total_bytes", "free_bytes", "used_fraction",
    "growth_per_day_bytes", "time_to_full_s", "full_at",
)  # fmt: skip
TREND = timedelta(days=7)
FILE_SYSTEM_TREND = timedelta(hours=24)
FILE_SYSTEMS_SHOWN = 12
STORAGES_SHOWN = 60
DAY_S = 86_400.0
NOTHING_LEFT_S = 60.0
_FORESEEABLE_S = 365 * DAY_S
_REAL = 'fstype!~"tmpfs|overlay|squashfs|ramfs|devtmpfs|iso9660|autofs|fuse.*"'
FILE_SYSTEM_USED = f"node_filesystem_size_bytes{{{_REAL}}} - node_filesystem_avail_bytes{{{_REAL}}}"
FILE_SYSTEM_SIZE = f"node_filesystem_size_bytes{{{_REAL}}}"
STORAGE_USED = 'pve_disk_usage_bytes{id=~"storage/.+"}'


class StorageArguments(Arguments):
    match: str = Field("", description="part of a name, node, guest or mount point")


async def storage(ctx: ToolContext, arguments: StorageArguments) -> ToolResult:
    sweep = await ctx.sweep()
    snapshot = sweep.snapshot
    now = ctx.clock()
    has_metrics = snapshot.configured("prometheus")
    trends: Mapping[str, Stats] = {}
    recorded = _recorded_trends(snapshot)
    evidence: list[Evidence] = []
    file_systems: list[Evidence] = []
    gaps: list[Gap] = []
    if has_metrics:
        (trends, trend_gaps), file_systems = await asyncio.gather(
            _storage_trends(ctx, snapshot, now), _file_systems(ctx, arguments.match, now)
        )
        gaps += trend_gaps
    evidence += _datastores(snapshot, arguments.match, now)
    evidence += _storages(snapshot, arguments.match, {**recorded, **trends}, now)
    evidence += [*_thin_pools(snapshot, evidence, now), *file_systems]
    for item in evidence:
        gaps += item.gaps
    told = tuple(item for item in evidence if item.rows or item.gaps) or tuple(evidence[:1])
    found = _findings(sweep, evidence)
    if found:
        told = (*told, findings_table(sweep, found, "Findings about these storages", now))
    return ToolResult(
        told, found, tuple(dict.fromkeys(gaps)), _note(arguments.match, evidence, has_metrics or bool(recorded))
    )


def _findings(sweep: Sweep, shown: Iterable[Evidence]) -> tuple[Finding, ...]:
    """What is wrong with the storages and datastores that are shown."""
    keys = {row[item.columns.index("key")] for item in shown if "key" in item.columns for row in item.rows}
    return tuple(finding for finding in sweep.findings if finding.entity.key in keys and finding.severity != "info")


def datastore_row(datastore: Datastore, now: datetime) -> tuple[Cell, ...]:
    """`USAGE_COLUMNS` of a datastore; the trend is a line through PBS's own history of it."""
    used, total = datastore.used_bytes, datastore.total_bytes
    stats = _history_stats(datastore)
    state = f"error: {datastore.error}" if datastore.error else (datastore.maintenance or "ok")
    return _usage_row(datastore.name, datastore.source, "pbs datastore", state, used, total, datastore.available_bytes,
                      stats, now, datastore.entity.key)  # fmt: skip


def storage_row(item: Storage, stats: Stats | None, now: datetime) -> tuple[Cell, ...]:
    """`USAGE_COLUMNS` of a PVE storage."""
    where = item.node or "all nodes"
    state = "ok" if item.active else "not reachable"
    used, total = item.used_bytes, item.total_bytes
    free = total - used if total is not None and used is not None else None
    return _usage_row(item.name, where, item.plugin, state, used, total, free, stats, now, item.entity.key)


def _usage_row(
    name: str,
    where: str,
    kind: str,
    state: str,
    used: int | None,
    total: int | None,
    free: int | None,
    stats: Stats | None,
    now: datetime,
    key: str,
) -> tuple[Cell, ...]:
    share = known_share(used, total)
    return (name, where, kind, state, used, total, free, share, *_trend_cells(stats, now), key)


def _trend_cells(stats: Stats | None, now: datetime) -> tuple[Cell, Cell, Cell]:
    """Growth per day, time to full (0 when it is full), the date of it; no date further off than a year."""
    if stats is None or stats.count < 3:
        return (None, None, None)
    left = stats.time_to_full_s
    if left is not None and left < NOTHING_LEFT_S:
        left = 0.0
    elif left is not None and left > _FORESEEABLE_S:
        left = None
    return (stats.rate_per_s * DAY_S, left, iso(now + timedelta(seconds=left)) if left is not None else None)


def _history_stats(datastore: Datastore) -> Stats | None:
    if datastore.total_bytes is None or datastore.history_step_s is None or datastore.used_bytes is None:
        return None
    total = float(datastore.total_bytes)
    # What is reserved on the file system beneath can never be used: it is full when nothing is available.
    free = datastore.available_bytes
    limit = datastore.used_bytes + free if free is not None else total
    kept = int(TREND.total_seconds() / datastore.history_step_s) + 1 if datastore.history_step_s else 0
    points = [
        (index * datastore.history_step_s, share * total)
        for index, share in enumerate(datastore.history)
        if share is not None
    ][-kept:]
    return describe(points, "bytes", limit)


def _datastores(snapshot: Snapshot, match: str, now: datetime) -> list[Evidence]:
    dataset = snapshot.datastores
    if dataset.state == "not_configured":
        return []
    title, request = "Backup datastores", "GET /status/datastore-usage"
    taken_at = dataset.taken_at or snapshot.taken_at
    if not dataset.known:
        return [nothing_seen("pbs", request, title, taken_at=taken_at, now=now, gaps=dataset.gaps)]
    rows = [datastore_row(item, now) for item in dataset]
    return [
        table(
            sources_of(dataset, "pbs"), request, title, USAGE_COLUMNS, _matching(rows, match),
            taken_at=taken_at, now=now, gaps=dataset.gaps, limit=STORAGES_SHOWN,
        )
    ]  # fmt: skip


def _storages(snapshot: Snapshot, match: str, trends: Mapping[str, Stats], now: datetime) -> list[Evidence]:
    dataset = snapshot.storages
    if dataset.state == "not_configured":
        return []
    title, request = "Storages", "GET /cluster/resources"
    taken_at = dataset.taken_at or snapshot.taken_at
    if not dataset.known:
        return [nothing_seen("pve", request, title, taken_at=taken_at, now=now, gaps=dataset.gaps)]
    rows = [storage_row(item, trends.get(item.entity.key), now) for item in dataset]
    rows.sort(key=lambda row: -_figure(row[USAGE_COLUMNS.index("used_fraction")]))
    return [
        table(
            sources_of(dataset, "pve"), request, title, USAGE_COLUMNS, _matching(rows, match),
            taken_at=taken_at, now=now, gaps=dataset.gaps, limit=STORAGES_SHOWN,
        )
    ]  # fmt: skip


def _thin_pools(snapshot: Snapshot, shown: Iterable[Evidence], now: datetime) -> list[Evidence]:
    """The LVM thin pools of the nodes whose storages of that type are shown: their metadata fills apart from the
    data."""
    places = {(row[1], row[2]) for item in shown if "where" in item.columns for row in item.rows}
    rows: list[tuple[Cell, ...]] = [
        (
            f"{pool.group}/{pool.volume}", pool.node, known_share(pool.used_bytes, pool.size_bytes),
            pool.metadata_used_bytes, pool.metadata_size_bytes,
            known_share(pool.metadata_used_bytes, pool.metadata_size_bytes), pool.entity.key,
        )
        for pool in snapshot.thin_pools
        if (pool.node, "lvmthin") in places
    ]  # fmt: skip
    dataset, request = snapshot.thin_pools, "GET /nodes/{node}/disks/lvmthin"
    if not rows:
        return []
    return [
        table(
            sources_of(dataset, "pve"), request, "Thin pools", THIN_COLUMNS, rows,
            taken_at=dataset.taken_at or snapshot.taken_at, now=now, gaps=dataset.gaps,
        )
    ]  # fmt: skip


async def _storage_trends(
    ctx: ToolContext, snapshot: Snapshot, now: datetime
) -> tuple[Mapping[str, Stats], tuple[Gap, ...]]:
    """The trend of each PVE storage over `TREND`, by entity key, from the exporter's series (one query for all)."""
    read = await ctx.live.query_range(STORAGE_USED, Window(now - TREND, now, 3600.0))
    if read.value is None:
        return {}, read.gaps
    by_id = {label(series.labels, "id"): series for series in read.value.series}
    trends: dict[str, Stats] = {}
    for item in snapshot.storages:
        suffix = f"/{item.name}"
        ids = (f"storage/{item.node}{suffix}",) if item.node else tuple(i for i in by_id if i and i.endswith(suffix))
        series = next((by_id[i] for i in ids if i in by_id), None)
        stats = describe(series.points, "bytes", item.total_bytes) if series else None
        if stats is not None:
            trends[item.entity.key] = stats
    return trends, read.gaps


def _recorded_trends(snapshot: Snapshot) -> Mapping[str, Stats]:
    """The trend of each PVE storage over two weeks by PVE's own records, for where no exporter tells it."""
    trends = {}
    for item in snapshot.storages:
        shares = enumerate(daily_lows(snapshot, item.entity.key)[-2 * TREND.days :])
        points = [(day * DAY_S, share * (item.total_bytes or 0)) for day, share in shares if share is not None]
        if stats := describe(points, "bytes", item.total_bytes):
            trends[item.entity.key] = stats
    return trends


async def _file_systems(ctx: ToolContext, match: str, now: datetime) -> list[Evidence]:
    window = Window(now - FILE_SYSTEM_TREND, now, 1800.0)
    used, size = await asyncio.gather(ctx.live.query_range(FILE_SYSTEM_USED, window), ctx.live.query(FILE_SYSTEM_SIZE))
    title = "File systems"
    gaps = tuple(dict.fromkeys((*used.gaps, *size.gaps)))
    if used.value is None or size.value is None:
        return [nothing_seen(used.source, FILE_SYSTEM_USED, title, taken_at=used.taken_at, now=now, gaps=gaps)]
    rows = sorted(_file_system_rows(used, size, now), key=lambda row: -_figure(row[5]))
    return [
        table(
            used.source, FILE_SYSTEM_USED, title, FILE_SYSTEM_COLUMNS, _matching(rows, match),
            taken_at=used.taken_at, now=now, gaps=gaps, limit=FILE_SYSTEMS_SHOWN, window=window,
        )
    ]  # fmt: skip


def _file_system_rows(used: Read[QueryResult], size: Read[QueryResult], now: datetime) -> Iterable[tuple[Cell, ...]]:
    assert used.value is not None
    assert size.value is not None
    sizes = {_file_system(sample.labels): sample.value for sample in size.value.samples}
    for series in used.value.series:
        identity = _file_system(series.labels)
        total = sizes.get(identity)
        stats = describe(series.points, "bytes", total)
        if stats is None or not total:
            continue
        instance, mountpoint = identity
        free = total - stats.last
        yield (instance, mountpoint, stats.last, total, free, stats.last / total, *_trend_cells(stats, now))


def _file_system(labels: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    return label(labels, "instance") or "", label(labels, "mountpoint") or ""


def _matching(rows: list[tuple[Cell, ...]], match: str) -> list[tuple[Cell, ...]]:
    """Rows whose name, place or type contains the text; a row that is called exactly so stands alone."""
    if not match:
        return rows
    part = normalise(match)
    exact = [row for row in rows if part in (normalise(str(row[0])), normalise(str(row[0]).rpartition(":")[0]))]
    return exact or [row for row in rows if any(part in normalise(str(cell or "")) for cell in row[:3])]


def _figure(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else -1.0


def _note(match: str, evidence: list[Evidence], has_trends: bool) -> str:
    if not evidence:
        return "Neither PVE nor PBS nor Prometheus is set up: storage cannot be seen."
    if match and not any(item.rows for item in evidence):
        return f"No storage, datastore or file system matches '{match}'."
    return "" if has_trends else "Without Prometheus there is no trend of PVE storages."
