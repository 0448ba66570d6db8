"""The `volumes` tool: what takes the space of a storage, volume by volume, and what of it nobody uses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from nightshift.errors import ToolInputError
from nightshift.facts.evidence import Cell
from nightshift.facts.inventory import Guest, Storage
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.volumes import Volume
from nightshift.tools.context import ToolContext
from nightshift.tools.names import normalise
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.tables import nothing_seen, table

COLUMNS = ("volume", "storage", "node", "owner", "use", "takes_bytes", "size_bytes", "key")
TOTAL_COLUMNS = ("storage", "volumes", "size_bytes", "storage_bytes", "given_fraction")
OWNER_COLUMNS = ("owner", "volumes", "takes_bytes")
SHOWN = 40
OWNERS_SHOWN = 60
MOST_STORAGES = 4
_TOLD_BY_ITS_SERVER = frozenset({"pbs"})

ATTACHED, DETACHED, NO_OWNER, UNKNOWN = "attached", "unused disk", "its guest is gone", "not known"


class VolumesArguments(Arguments):
    storage: str = Field(min_length=1, max_length=100, description="name of a storage")
    node: str = ""


async def volumes(ctx: ToolContext, arguments: VolumesArguments) -> ToolResult:
    """Raises ToolInputError when there is no storage of that name whose contents PVE lists."""
    snapshot, now = await ctx.snapshot(), ctx.clock()
    chosen = _chosen(snapshot, arguments.storage, arguments.node)
    reads = await asyncio.gather(
        *(ctx.live.volumes(item.source, _seen_from(snapshot, item), item.name) for item in chosen)
    )
    known = _Known.of(snapshot)
    evidence = []
    for item, read in zip(chosen, reads, strict=True):
        title = f"What lies in {item.entity.label}"
        if read.value is None:
            nothing = nothing_seen(read.source, read.request, title, taken_at=read.taken_at, now=now, gaps=read.gaps)
            evidence.append(nothing)
            continue
        rows = [_row(known, volume, item) for volume in sorted(read.value, key=lambda volume: -(takes(volume) or 0))]
        evidence.append(
            table(
                read.source, read.request, title, COLUMNS, rows, taken_at=read.taken_at, now=now, gaps=read.gaps,
                limit=SHOWN,
            )
        )  # fmt: skip
        if rows:
            owners = table(
                read.source, read.request, f"Who has something in {item.entity.label}", OWNER_COLUMNS, _owners(rows),
                taken_at=read.taken_at, now=now, limit=OWNERS_SHOWN,
            )  # fmt: skip
            evidence += [owners, table(
                read.source, read.request, f"All that lies in {item.entity.label}", TOTAL_COLUMNS, [_total(rows, item)],
                taken_at=read.taken_at, now=now,
            )]  # fmt: skip
    return ToolResult(tuple(evidence), gaps=tuple(dict.fromkeys(gap for read in reads for gap in read.gaps)))


def _total(rows: Sequence[tuple[Cell, ...]], item: Storage) -> tuple[Cell, ...]:
    """`TOTAL_COLUMNS`: what the volumes may hold together, and what share of the storage that is; above 1 it is
    overcommitted."""
    sizes = [float(row[6]) for row in rows if row[6] is not None]
    given = sum(sizes) if len(sizes) == len(rows) else None
    share = given / item.total_bytes if given is not None and item.total_bytes else None
    return (item.entity.label, len(rows), given, item.total_bytes, share)


def _owners(rows: Iterable[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    """`OWNER_COLUMNS` of everybody whose volumes these are, who takes most first."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if row[3] is not None:
            found.setdefault(str(row[3]), []).append(float(row[5] or 0))
    most_first = sorted(found.items(), key=lambda item: -sum(item[1]))
    return [(owner, len(sizes), sum(sizes)) for owner, sizes in most_first]


def takes(volume: Volume) -> int | None:
    """What it takes of the storage: what the storage says, else all that it may hold."""
    return volume.used_bytes if volume.used_bytes is not None else volume.size_bytes


def _chosen(snapshot: Snapshot, name: str, node: str) -> list[Storage]:
    """The storages of that name, the fullest first: each node has its own `local-lvm`. With a node that of this one."""
    listed = [item for item in snapshot.storages if item.active and item.plugin not in _TOLD_BY_ITS_SERVER]
    named = [item for item in listed if normalise(item.name) == normalise(name)]
    if not named:
        there = ", ".join(sorted({item.name for item in listed}))
        raise ToolInputError(f"no storage {name!r} whose contents PVE lists.", f"Known: {there}.")
    here = [item for item in named if node and item.node == node]
    named = here or [item for item in named if not node or item.node is None]
    if not named:
        raise ToolInputError(f"{node} has no storage {name!r} whose contents PVE lists.", "Leave `node` out.")
    return sorted(named, key=lambda item: -(item.used_bytes or 0))[:MOST_STORAGES]


def _seen_from(snapshot: Snapshot, item: Storage) -> str:
    """The node to ask: its own, or any that is online for a shared one."""
    if item.node:
        return item.node
    return next((node.name for node in snapshot.nodes if node.source == item.source and node.online), "")


@dataclass(frozen=True, slots=True)
class _Known:
    """The guests, and the key (`scsi0`, `unused1`) under which each one's configuration names a volume."""

    guests: Mapping[tuple[str, int], Guest]
    keys: Mapping[tuple[str, int], Mapping[str, str]]

    @classmethod
    def of(cls, snapshot: Snapshot) -> _Known:
        return cls(
            {(guest.source, guest.vmid): guest for guest in snapshot.guests},
            {
                (config.source, config.vmid): {value.partition(",")[0]: key for key, value in config.disks}
                for config in snapshot.guest_configs
            },
        )

    def use_of(self, volume: Volume) -> str:
        """Whether a guest has it attached. Not known: its configuration was not read yet, or names the volume in a way
        that is not followed (a cloud-init drive, the disk of a snapshot)."""
        if volume.vmid is None or not volume.is_disk:
            return ""
        owner = (volume.source, volume.vmid)
        if owner not in self.guests:
            return NO_OWNER
        key = self.keys.get(owner, {}).get(volume.volid)
        if key is None:
            return UNKNOWN
        return DETACHED if key.startswith("unused") else ATTACHED


def _row(known: _Known, volume: Volume, storage: Storage) -> tuple[Cell, ...]:
    owner = known.guests.get((volume.source, volume.vmid)) if volume.vmid is not None else None
    named = owner.entity.label if owner else f"guest {volume.vmid}" if volume.vmid is not None else None
    return (
        volume.volid.partition(":")[2] or volume.volid, volume.storage, volume.node, named,
        known.use_of(volume), takes(volume), volume.size_bytes, storage.entity.key,
    )  # fmt: skip
