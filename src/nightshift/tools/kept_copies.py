"""What one datastore keeps, group by group: how many copies, from when to when, how large, and what was verified."""

from __future__ import annotations

from datetime import datetime

from nightshift.facts.backups import GroupSnapshots, NamespaceSnapshots
from nightshift.facts.evidence import Evidence
from nightshift.facts.snapshot import Snapshot
from nightshift.tools.listings import World
from nightshift.tools.names import normalise
from nightshift.tools.selection import Row
from nightshift.tools.tables import iso, sources_of, table

COLUMNS = (
    "owner", "group", "namespace", "copies", "oldest_at", "newest_at", "size_bytes", "verified", "verified_copies",
    "failed_copies", "failed_at", "never_verified_copies", "protected_copies", "key",
)  # fmt: skip
SHOWN = 80


def kept_copies(snapshot: Snapshot, datastore: str, now: datetime) -> Evidence | None:
    """The groups of a datastore, the one with the oldest copy first; None where no list of snapshots was read.

    `verified` is of the newest copy, `failed_at` when the newest copy that failed its verification was taken.
    """
    wanted = normalise(datastore)
    spaces = [space for space in snapshot.backup_snapshots if normalise(space.datastore) == wanted]
    world = World(snapshot)
    rows = [_row(world, space, group) for space in spaces for group in space.groups if group.snapshots]
    if not rows:
        return None
    rows.sort(key=lambda row: str(row[COLUMNS.index("oldest_at")]))
    return table(
        sources_of(snapshot.backup_snapshots, "pbs"), "GET /admin/datastore/*/snapshots",
        f"Copies kept in {datastore}", COLUMNS, rows, taken_at=min(space.read_at for space in spaces), now=now,
        gaps=snapshot.backup_snapshots.gaps, limit=SHOWN,
    )  # fmt: skip


def _row(world: World, space: NamespaceSnapshots, group: GroupSnapshots) -> Row:
    copies = group.snapshots
    owner = world.owners.get((space.source, space.datastore, space.namespace, group.backup_type, group.backup_id))
    failed = [copy for copy in copies if copy.verified is False]
    sizes = [copy.size_bytes for copy in copies if copy.size_bytes is not None]
    return (
        owner.entity.label if owner else None, f"{group.backup_type}/{group.backup_id}", space.namespace or None,
        len(copies),
        iso(copies[0].taken_at), iso(copies[-1].taken_at), max(sizes, default=None), copies[-1].verified,
        sum(copy.verified is True for copy in copies), len(failed), iso(failed[-1].taken_at) if failed else None,
        sum(copy.verified is None for copy in copies), sum(copy.protected for copy in copies),
        owner.entity.key if owner else None,
    )  # fmt: skip
