"""The `impact` tool: what would happen if a node, or a guest that others need, were gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from nightshift.checks.bonds import bonds_of, managed_keys
from nightshift.checks.impact import Dragged, NodeImpact, dragged_by, impact_of_node
from nightshift.errors import ToolInputError
from nightshift.facts.evidence import Cell, Evidence
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity, key_parts
from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.protection.intent import Intent
from nightshift.protection.places import Places
from nightshift.tools.context import ToolContext
from nightshift.tools.dependants import dependants
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.tables import iso, nothing_seen, table

REQUEST = "reckoned from /cluster/resources, /cluster/ha/status/current and the guests' configurations"
FATE_COLUMNS = (
    "guest", "vmid", "if_it_fails", "because", "last_backup_at", "memory_used_bytes", "memory_total_bytes", "tags",
    "key",
)  # fmt: skip
WHOLE_COLUMNS = (
    "node", "running_guests", "restart_elsewhere", "stay_down", "not_known", "votes_left", "votes_needed",
    "keeps_quorum", "needed_bytes", "room_bytes",
)  # fmt: skip
DRAGGED_COLUMNS = ("goes_too", "served_by", "guests_with_disks_there", "count")
BOUND_COLUMNS = (
    "guest", "vmid", "runs_on", "bound_by", "devices", "disks_of_one_node", "under_ha", "copied_to", "copied_at", "key",
)  # fmt: skip
SAVED_COLUMNS = ("job", "saves_to", "schedule", "guests", "count")
NAMED = 12


class ImpactArguments(Arguments):
    name: str = Field(min_length=1, max_length=200, description="a node, guest or datastore")
    also: list[str] = Field(default_factory=list, max_length=8, description="nodes that fail at the same time")


async def impact(ctx: ToolContext, arguments: ImpactArguments) -> ToolResult:
    """For a node its guests, the quorum, the memory of the others; for both what they serve to others.

    Raises ToolInputError for what is neither, and for what fails with a node and is none.
    """
    snapshot = await ctx.snapshot()
    index = EntityIndex.of(snapshot)
    found = index.resolve(arguments.name)
    now = ctx.clock()
    if found.kind in ("datastore", "storage"):
        return _of_place(snapshot, found, now)
    node = next((node for node in snapshot.nodes if node.entity.key == found.key), None)
    if node is None:
        return await _of_guest(ctx, snapshot, found)
    also = {index.resolve(name, ("node",)).key for name in arguments.also}
    together = [other for other in snapshot.nodes if other.entity.key in also]
    told = impact_of_node(snapshot, node, ctx.thresholds, together)
    gaps = _blind_spots(snapshot)
    evidence = [_whole(snapshot, told, gaps, now), _fates(snapshot, told, gaps, now)]
    if told.dragged:
        evidence.append(_goes_too(snapshot, node.source, f"the guests of {_called(told)}", told.dragged, (), now))
    return ToolResult(tuple(evidence), gaps=gaps)


async def _of_guest(ctx: ToolContext, snapshot: Snapshot, found: Entity) -> ToolResult:
    """The storages and backup servers that other guests reach through it, who else needs it, what binds it to its
    node."""
    now = ctx.clock()
    guest = next((guest for guest in snapshot.guests if guest.entity.key == found.key), None)
    if guest is None:
        raise ToolInputError(f"{found.label} is no node, guest or datastore.", "Name one of those.")
    gaps = _gaps(snapshot.guests, snapshot.guest_configs, snapshot.storage_configs)
    dragged = tuple(dragged_by(snapshot, (guest,)))
    goes_too = _goes_too(snapshot, guest.source, guest.entity.label, dragged, gaps, now)
    bound = _bound(snapshot, guest, now)
    named = await dependants(ctx, snapshot, guest)
    every = dict.fromkeys((*gaps, *bound.gaps, *(gap for evidence in named for gap in evidence.gaps)))
    return ToolResult((goes_too, bound, *named), gaps=tuple(every))


def _bound(snapshot: Snapshot, guest: Guest, now: datetime) -> Evidence:
    """`bound_by` is None while its configuration or its replication was not read, and empty when nothing binds it."""
    gaps = _gaps(snapshot.guest_configs, snapshot.storage_configs, snapshot.replication, snapshot.ha)
    bond = bonds_of(snapshot).get(guest.entity.key)
    copies = [job for job in snapshot.replication if job.guest == guest.entity.key and job.enabled]
    newest = max((job.last_sync_at for job in copies if job.last_sync_at), default=None)
    row: tuple[Cell, ...] = (
        guest.name, guest.vmid, guest.node, ", ".join(bond.named) if bond else None,
        ", ".join(bond.devices) if bond else None, ", ".join(bond.disks) if bond else None,
        guest.entity.key in managed_keys(snapshot),
        ", ".join(job.target for job in copies) or None, iso(newest), guest.entity.key,
    )  # fmt: skip
    return table(
        guest.source, REQUEST, f"What binds {guest.entity.label} to {guest.node}", BOUND_COLUMNS, [row],
        taken_at=snapshot.taken_at, now=now, gaps=gaps,
    )  # fmt: skip


def _of_place(snapshot: Snapshot, found: Entity, now: datetime) -> ToolResult:
    """The backup jobs that would have nowhere to save to, and whom each of them saves."""
    storages = _storages_of(snapshot, found)
    intent = Intent(snapshot)
    covers = [intent.cover(guest) for guest in snapshot.guests if not guest.template]
    rows: list[tuple[Cell, ...]] = []
    for job in snapshot.backup_jobs:
        if job.enabled and job.storage is not None and (job.source, job.storage) in storages:
            guests = sorted((cover.guest for cover in covers if job in cover.by), key=lambda guest: guest.vmid)
            rows.append((job.comment or job.id, job.storage, job.schedule, _names(guests), len(guests)))
    gaps = _gaps(snapshot.guests, snapshot.backup_jobs, snapshot.storage_configs)
    source = snapshot.backup_jobs.rows[0].source if snapshot.backup_jobs.rows else "pve"
    title = f"Backup jobs that save to {found.label}"
    if not snapshot.backup_jobs.known or not (storages or snapshot.storage_configs.known):
        unread = nothing_seen(source, "GET /cluster/backup", title, taken_at=snapshot.taken_at, now=now, gaps=gaps)
        return ToolResult((unread,), gaps=gaps)
    evidence = table(
        source, "GET /cluster/backup", title, SAVED_COLUMNS, rows,
        taken_at=snapshot.taken_at, now=now, gaps=gaps,
    )  # fmt: skip
    return ToolResult((evidence,), gaps=gaps)


def _storages_of(snapshot: Snapshot, found: Entity) -> set[tuple[str, str]]:
    """The storages of PVE (source, name) that are this one, or write to this datastore."""
    if found.kind == "storage":
        _, parts = key_parts(found.key)
        return {(parts[0], parts[-1])}
    places = Places.of(snapshot.storage_configs, snapshot.datastores, snapshot.storages, (), ())
    return {name for name in places.config if any(key == found.key for key, _ in places.containers_of(*name))}


def _names(guests: Sequence[Guest]) -> str | None:
    names = [guest.name or str(guest.vmid) for guest in guests]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}" or None


def _blind_spots(snapshot: Snapshot) -> tuple[Gap, ...]:
    """What the reckoning could not see; each dataset that it rests on may have Gaps."""
    return _gaps(
        snapshot.nodes, snapshot.guests, snapshot.guest_configs, snapshot.ha, snapshot.replication,
        snapshot.storage_configs, snapshot.backup_groups,
    )  # fmt: skip


def _gaps(*datasets: Dataset[Any]) -> tuple[Gap, ...]:
    return tuple(dict.fromkeys(gap for dataset in datasets for gap in dataset.gaps))


def _called(told: NodeImpact) -> str:
    return " and ".join(node.name for node in told.nodes)


def _whole(snapshot: Snapshot, told: NodeImpact, gaps: tuple[Gap, ...], now: datetime) -> Evidence:
    fates = [item.fate for item in told.fates]
    row: tuple[Cell, ...] = (
        _called(told), len(fates), fates.count("restarts elsewhere"), fates.count("stays down"),
        fates.count("not known"), told.votes_left, told.votes_needed, told.keeps_quorum, told.needed_bytes,
        told.room_bytes,
    )  # fmt: skip
    return table(
        told.nodes[0].source, REQUEST, f"If {_called(told)} failed now", WHOLE_COLUMNS, [row],
        taken_at=snapshot.taken_at, now=now, gaps=gaps,
    )  # fmt: skip


def _fates(snapshot: Snapshot, told: NodeImpact, gaps: tuple[Gap, ...], now: datetime) -> Evidence:
    rows = [
        (
            item.guest.name, item.guest.vmid, item.fate, item.why, iso(item.last_backup_at),
            item.guest.memory_used_bytes, item.guest.memory_total_bytes, " ".join(item.guest.tags),
            item.guest.entity.key,
        )
        for item in told.fates
    ]  # fmt: skip
    return table(
        told.nodes[0].source, REQUEST, f"Guests of {_called(told)} if that failed", FATE_COLUMNS, rows,
        taken_at=snapshot.taken_at, now=now, gaps=gaps,
    )  # fmt: skip


def _goes_too(
    snapshot: Snapshot, source: str, whom: str, dragged: Iterable[Dragged], gaps: tuple[Gap, ...], now: datetime
) -> Evidence:
    return table(
        source, REQUEST, f"What goes with {whom}", DRAGGED_COLUMNS, [_dragged_row(item) for item in dragged],
        taken_at=snapshot.taken_at, now=now, gaps=gaps,
    )  # fmt: skip


def _dragged_row(item: Dragged) -> tuple[Cell, ...]:
    return item.what, item.through.entity.label, _names(item.users), len(item.users)
