"""The `inventory` tool: lists of nodes, guests, storages, datastores, targets and backup jobs, with their figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from nightshift.errors import ToolInputError
from nightshift.facts.backups import Datastore
from nightshift.facts.ids import target_key
from nightshift.facts.inventory import BackupJob, Guest, Node, Storage
from nightshift.facts.monitoring import Target
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.tools.context import ToolContext
from nightshift.tools.listings import BOOT_DISK, FURTHER, Listing, World, with_largest_disk
from nightshift.tools.names import normalise
from nightshift.tools.selection import Figure, Group, Row, bounded, ordered, totals
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.tables import iso, known_share, nothing_seen, sources_of, table

Kind = Literal[
    "guests", "vms", "containers", "nodes", "storages", "datastores", "targets", "backup_jobs", "sources",
    "data_sources", "guest_settings", "newest_copies",
]  # fmt: skip

GUEST_COLUMNS = (
    "vmid", "name", "type", "node", "status", "cpu_fraction", "cpus", "memory_used_bytes", "memory_total_bytes",
    "memory_fraction", "disk_used_bytes", "disk_total_bytes", "uptime_s", "lock", "ha_state", "tags",
    "pool", "key",
)  # fmt: skip
NODE_COLUMNS = (
    "name", "online", "ip", "cpu_fraction", "cpus", "memory_used_bytes", "memory_total_bytes", "memory_fraction",
    "rootfs_used_bytes", "rootfs_total_bytes", "uptime_s", "pve_version", "running_guests", "guests", "key",
)  # fmt: skip
STORAGE_COLUMNS = (
    "name", "node", "type", "shared", "active", "used_bytes", "total_bytes", "used_fraction", "content", "key",
)  # fmt: skip
DATASTORE_COLUMNS = ("name", "used_bytes", "total_bytes", "used_fraction", "error", "maintenance", "key")
TARGET_COLUMNS = ("job", "instance", "health", "last_scrape_at", "last_error", "key")
JOB_COLUMNS = ("id", "enabled", "schedule", "storage", "guests", "count", "node", "next_run_at", "comment")
SOURCE_COLUMNS = ("id", "kind", "reachable", "version", "problem")

# The columns in which a text is looked for.
_NAMES = ("vmid", "name", "tags", "pool", "id", "job", "instance", "datastore", "subject", "file", "rule", "snapshot")
UNKNOWN = "unknown"
TEMPLATE = "template"


class InventoryArguments(Arguments):
    kind: Kind
    status: str = Field("", description="running, stopped, locked, ha, tagged, online, shared…")
    node: str = ""
    match: str = Field("", description="part of a name, vmid, tag or pool")
    sort_by: Figure = Field("name", description="highest first")
    ascending: bool = Field(False, description="lowest first")
    where: str = Field("", description="memory_share > 0.8")
    group_by: Group = Field("", description="sums and averages by group")
    limit: int = Field(50, ge=1, le=500)


async def inventory(ctx: ToolContext, arguments: InventoryArguments) -> ToolResult:
    snapshot = await ctx.snapshot()
    now = ctx.clock()
    if arguments.kind == "sources":
        return _sources(snapshot, now)
    listing = _LISTINGS[arguments.kind]
    dataset = listing.dataset(snapshot)
    title = _title(arguments)
    taken_at = dataset.taken_at or snapshot.taken_at
    if not dataset.known:
        gaps = dataset.gaps
        blank = nothing_seen(listing.source_kind, listing.request, title, taken_at=taken_at, now=now, gaps=gaps)
        absent = arguments.kind in FURTHER and snapshot.configured(listing.source_kind)  # a cluster without Ceph
        none = "" if absent else f"No {listing.source_kind} source is set up."
        note = none if dataset.state == "not_configured" else ""
        return ToolResult((blank,), gaps=gaps, note=note)
    world = World(snapshot)
    every = [row for thing in dataset if listing.wanted(thing) for row in listing.rows(world, thing)]
    columns = listing.columns
    if arguments.sort_by == "largest_disk" and "disk_total_bytes" in columns:
        columns, every = with_largest_disk(world, columns, every)
    here = _filtered(columns, every, arguments)
    in_state = [row for row in here if _in_state(columns, row, arguments.status)]
    if (arguments.where or arguments.group_by) and not arguments.status:
        in_state = [row for row in in_state if not _in_state(columns, row, TEMPLATE)]  # it only waits to be copied
    chosen = bounded(columns, in_state, arguments.where)
    tables = [(title, columns, ordered(columns, chosen, arguments.sort_by, ascending=arguments.ascending))]
    if arguments.group_by:
        tables = [(title, *totals(columns, chosen, arguments.group_by))]
    unknown = [row for row in here if arguments.status and _in_state(columns, row, UNKNOWN)]
    if unknown and arguments.status.lower() != UNKNOWN:
        tables.append((f"Of unknown state, not counted in: {title}", columns, unknown))
    evidence = tuple(
        table(
            sources_of(dataset, listing.source_kind),
            listing.request,
            heading,
            columns,
            rows,
            taken_at=taken_at,
            now=now,
            gaps=dataset.gaps,
            limit=arguments.limit,
        )
        for heading, columns, rows in tables
    )
    so_far = [f"{step.done} of {step.total} {step.noun} were read so far." for step in dataset.progress]
    return ToolResult(evidence, gaps=dataset.gaps, note=" ".join((*so_far, *_unread_disks(columns, chosen))))


def _unread_disks(columns: tuple[str, ...], rows: Iterable[Row]) -> Iterator[str]:
    """That the boot disk stands for all disks of some."""
    if "largest_disk" in columns:
        at, status = columns.index("largest_disk"), columns.index("status")
        if any(row[at] == BOOT_DISK and row[status] != TEMPLATE for row in rows):
            yield "Where a guest's configuration was not read or tells no size, its boot disk counts alone."


def guest_row(world: World, guest: Guest) -> Row:
    """`GUEST_COLUMNS` of one guest; a template's status is `template`. Of one whose node is away, and says nothing,
    high availability still tells its own state: `fence`."""
    return (
        guest.vmid,
        guest.name,
        "VM" if guest.kind == "qemu" else "CT",
        guest.node,
        TEMPLATE if guest.template else guest.status,
        guest.cpu_fraction,
        guest.cpu_count,
        guest.memory_used_bytes,
        guest.memory_total_bytes,
        known_share(guest.memory_used_bytes, guest.memory_total_bytes),
        guest.disk_used_bytes,
        guest.disk_total_bytes,
        guest.uptime_s,
        guest.lock,
        guest.ha_state or (world.managed.get((guest.source, guest.vmid)) if guest.status == UNKNOWN else None),
        " ".join(guest.tags) or None,
        guest.pool,
        guest.entity.key,
    )


def node_row(snapshot: Snapshot, node: Node) -> Row:
    """`NODE_COLUMNS` of one node."""
    guests = [
        guest
        for guest in snapshot.guests
        if (guest.source, guest.node) == (node.source, node.name) and not guest.template
    ]
    return (
        node.name,
        node.online,
        node.ip,
        node.cpu_fraction,
        node.cpu_count,
        node.memory_used_bytes,
        node.memory_total_bytes,
        known_share(node.memory_used_bytes, node.memory_total_bytes),
        node.rootfs_used_bytes,
        node.rootfs_total_bytes,
        node.uptime_s,
        node.pve_version,
        sum(guest.status == "running" for guest in guests),
        len(guests),
        node.entity.key,
    )


def _storage_row(_snapshot: Snapshot, storage: Storage) -> Row:
    used, total = storage.used_bytes, storage.total_bytes
    return (
        storage.name,
        storage.node,
        storage.plugin,
        storage.shared,
        storage.active,
        used,
        total,
        known_share(used, total),
        " ".join(storage.content) or None,
        storage.entity.key,
    )


def _datastore_row(_snapshot: Snapshot, datastore: Datastore) -> Row:
    used, total = datastore.used_bytes, datastore.total_bytes
    share = known_share(used, total)
    return (datastore.name, used, total, share, datastore.error, datastore.maintenance, datastore.entity.key)


def target_row(_snapshot: Snapshot, target: Target) -> Row:
    """`TARGET_COLUMNS` of one target."""
    key = target_key(target.job, target.instance)
    return (target.job, target.instance, target.health, iso(target.last_scrape_at), target.last_error, key)


def _job_row(snapshot: Snapshot, job: BackupJob) -> Row:
    """A job by pool with who is in that pool now: `pool media: 112, 134`."""
    if job.selects_all:
        left_out = f" except {', '.join(map(str, job.excluded_vmids))}" if job.excluded_vmids else ""
        guests = f"all{left_out}"
        mine = [g for g in snapshot.guests if g.source == job.source and job.node in (None, g.node)]
        count = sum(g.vmid not in job.excluded_vmids for g in mine) if snapshot.guests.state == "complete" else None
    elif job.pool:
        members = sorted(g.vmid for g in snapshot.guests if (g.source, g.pool) == (job.source, job.pool))
        guests, count = f"pool {job.pool}: {', '.join(map(str, members)) or 'nobody that I see'}", len(members)
    else:
        guests, count = ", ".join(map(str, job.vmids or ())), len(job.vmids or ())
    return (job.id, job.enabled, job.schedule, job.storage, guests, count, job.node, iso(job.next_run), job.comment)


def _sources(snapshot: Snapshot, now: datetime) -> ToolResult:
    gaps = tuple(source.gap for source in snapshot.sources if source.gap)
    rows = [(s.id, s.kind, s.reachable, s.version, s.gap.detail if s.gap else None) for s in snapshot.sources]
    evidence = table(
        "nightshift", "configured sources", "Watched systems", SOURCE_COLUMNS, rows,
        taken_at=snapshot.taken_at, now=now, gaps=gaps,
    )  # fmt: skip
    return ToolResult((evidence,), gaps=gaps)


def _filtered(columns: tuple[str, ...], rows: Iterable[Row], arguments: InventoryArguments) -> list[Row]:
    """The rows of this node and with this text in a name, whatever their state."""
    kept = list(rows)
    if arguments.node:
        if "node" not in columns:
            raise ToolInputError(f"{arguments.kind} are not on a node.", "Leave `node` out.")
        at = columns.index("node")
        kept = [row for row in kept if str(row[at] or "").lower() == arguments.node.lower()]
    if arguments.match:
        part = normalise(arguments.match)
        fields = [columns.index(name) for name in _NAMES if name in columns]
        kept = [row for row in kept if any(part in normalise(str(row[at] or "")) for at in fields)]
    return kept


def _in_state(columns: tuple[str, ...], row: Row, state: str) -> bool:
    return not state or state.lower() in _states(columns, row)


def _states(columns: tuple[str, ...], row: Row) -> frozenset[str]:
    """The words that describe a row's state, in the vocabulary of its kind."""
    cells = dict(zip(columns, row, strict=True))
    words = {str(cells[name]).lower() for name in ("status", "health") if cells.get(name) is not None}
    words.update(["locked"] if cells.get("lock") else [])
    words.update(str(cells.get("content") or "").split())  # what a storage is for: images, backup, iso
    for name, (yes, no) in {
        "ha_state": ("ha", "unmanaged"),
        "tags": ("tagged", "untagged"),
        "online": ("online", "offline"),
        "active": ("active", "inactive"),
        "enabled": ("enabled", "disabled"),
        "shared": ("shared", "local"),
    }.items():
        if name in cells:
            words.add(yes if cells[name] else no)
    return frozenset(words)


def _title(arguments: InventoryArguments) -> str:
    words = [arguments.status, arguments.kind.replace("_", " ")]
    words += [f"on {arguments.node}"] if arguments.node else []
    words += [f"matching '{arguments.match}'"] if arguments.match else []
    words += [f"with {arguments.where}"] if arguments.where else []
    words += [f"by {arguments.sort_by}"] if arguments.sort_by != "name" else []
    words += [f"in total by {arguments.group_by}"] if arguments.group_by else []
    text = " ".join(filter(None, words))
    return text[0].upper() + text[1:]


def _guests(snapshot: Snapshot) -> Dataset[Guest]:
    return snapshot.guests


def _guest_rows(world: World, guest: Guest) -> Iterable[Row]:
    return (guest_row(world, guest),)


def _each(row: Callable[[Snapshot, Any], Row]) -> Callable[[World, Any], Iterable[Row]]:
    """The rows of a thing that has one."""
    return lambda world, thing: (row(world.snapshot, thing),)


_RESOURCES = "GET /cluster/resources"
_LISTINGS: dict[str, Listing] = {
    "guests": Listing(_guests, GUEST_COLUMNS, _guest_rows, _RESOURCES, "pve"),
    "vms": Listing(_guests, GUEST_COLUMNS, _guest_rows, _RESOURCES, "pve", lambda guest: guest.kind == "qemu"),
    "containers": Listing(_guests, GUEST_COLUMNS, _guest_rows, _RESOURCES, "pve", lambda guest: guest.kind == "lxc"),
    "nodes": Listing(lambda snapshot: snapshot.nodes, NODE_COLUMNS, _each(node_row), _RESOURCES, "pve"),
    "storages": Listing(lambda snapshot: snapshot.storages, STORAGE_COLUMNS, _each(_storage_row), _RESOURCES, "pve"),
    "datastores": Listing(
        lambda snapshot: snapshot.datastores, DATASTORE_COLUMNS, _each(_datastore_row), "GET /status/datastore-usage",
        "pbs",
    ),
    "targets": Listing(
        lambda snapshot: snapshot.targets, TARGET_COLUMNS, _each(target_row), "GET /api/v1/targets", "prometheus"
    ),
    "backup_jobs": Listing(
        lambda snapshot: snapshot.backup_jobs, JOB_COLUMNS, _each(_job_row), "GET /cluster/backup", "pve"
    ),
    **FURTHER,
}  # fmt: skip
