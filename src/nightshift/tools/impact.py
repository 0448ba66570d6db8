"""The `impact` tool: what would happen if a node, or a guest that others need, were gone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from nightshift.checks.impact import Dragged, NodeImpact, impact_of_node
from nightshift.errors import ToolInputError
from nightshift.facts.evidence import Cell, Evidence
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.tools.context import ToolContext
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.tables import iso, table

REQUEST = "reckoned from /cluster/resources, /cluster/ha/status/current and the guests' configurations"
FATE_COLUMNS = ("guest", "vmid", "if_it_fails", "because", "last_backup_at", "memory_total_bytes", "tags", "key")
WHOLE_COLUMNS = (
    "node", "running_guests", "restart_elsewhere", "stay_down", "not_known", "votes_left", "votes_needed",
    "keeps_quorum", "needed_bytes", "room_bytes",
)  # fmt: skip
DRAGGED_COLUMNS = ("goes_too", "served_by", "guests_with_disks_there", "count")
NAMED = 12


class ImpactArguments(Arguments):
    name: str = Field(min_length=1, max_length=200, description="a node")


async def impact(ctx: ToolContext, arguments: ImpactArguments) -> ToolResult:
    """Raises ToolInputError for what is no node."""
    snapshot = await ctx.snapshot()
    found = EntityIndex.of(snapshot).resolve(arguments.name)
    node = next((node for node in snapshot.nodes if node.entity.key == found.key), None)
    if node is None:
        raise ToolInputError(f"{found.label} is no node.", "Name one of the nodes of the cluster.")
    told = impact_of_node(snapshot, node, ctx.thresholds)
    now = ctx.clock()
    gaps = _blind_spots(snapshot)
    evidence = [_whole(snapshot, told, gaps, now), _fates(snapshot, told, gaps, now)]
    if told.dragged:
        evidence.append(_goes_too(snapshot, told, now))
    return ToolResult(tuple(evidence), gaps=gaps)


def _blind_spots(snapshot: Snapshot) -> tuple[Gap, ...]:
    """What the reckoning could not see; each dataset that it rests on may have Gaps."""
    datasets: tuple[Dataset[Any], ...] = (
        snapshot.nodes, snapshot.guests, snapshot.guest_configs, snapshot.ha, snapshot.replication,
        snapshot.storage_configs, snapshot.backup_groups,
    )  # fmt: skip
    return tuple(dict.fromkeys(gap for dataset in datasets for gap in dataset.gaps))


def _whole(snapshot: Snapshot, told: NodeImpact, gaps: tuple[Gap, ...], now: datetime) -> Evidence:
    fates = [item.fate for item in told.fates]
    row: tuple[Cell, ...] = (
        told.node.name, len(fates), fates.count("restarts elsewhere"), fates.count("stays down"),
        fates.count("not known"), told.votes_left, told.votes_needed, told.keeps_quorum, told.needed_bytes,
        told.room_bytes,
    )  # fmt: skip
    return table(
        told.node.source, REQUEST, f"If {told.node.name} failed now", WHOLE_COLUMNS, [row],
        taken_at=snapshot.taken_at, now=now, gaps=gaps,
    )  # fmt: skip


def _fates(snapshot: Snapshot, told: NodeImpact, gaps: tuple[Gap, ...], now: datetime) -> Evidence:
    rows = [
        (
            item.guest.name, item.guest.vmid, item.fate, item.why, iso(item.last_backup_at),
            item.guest.memory_total_bytes, " ".join(item.guest.tags), item.guest.entity.key,
        )
        for item in told.fates
    ]  # fmt: skip
    return table(
        told.node.source, REQUEST, f"Guests of {told.node.name} if it failed", FATE_COLUMNS, rows,
        taken_at=snapshot.taken_at, now=now, gaps=gaps,
    )  # fmt: skip


def _goes_too(snapshot: Snapshot, told: NodeImpact, now: datetime) -> Evidence:
    return table(
        told.node.source, REQUEST, f"What goes with the guests of {told.node.name}", DRAGGED_COLUMNS,
        [_dragged_row(item) for item in told.dragged], taken_at=snapshot.taken_at, now=now,
    )  # fmt: skip


def _dragged_row(item: Dragged) -> tuple[Cell, ...]:
    names = [guest.name or str(guest.vmid) for guest in item.users]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return item.what, item.through.entity.label, f"{', '.join(names[:NAMED])}{more}" or None, len(names)
