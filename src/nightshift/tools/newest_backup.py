"""What is known of one guest's newest backup and of the last run that made one: size, time taken, verification."""

from __future__ import annotations

from datetime import datetime

from nightshift.facts.evidence import Cell, Evidence
from nightshift.protection import Protection
from nightshift.protection.verdict import Copy
from nightshift.tools.tables import iso, table

COLUMNS = (
    "guest", "where", "taken_at", "size_bytes", "encrypted", "verified", "verified_at", "backups", "oldest_at",
    "duration_s", "usual_duration_s", "transferred_bytes", "left_out", "key",
)  # fmt: skip


def _verified(copy: Copy) -> str | None:
    """`yes`, `failed`, `never`; None where only the group was listed."""
    if copy.verified is None:
        return "never" if copy.snapshots_known else None
    return "yes" if copy.verified else "failed"


def left_out_of(found: Protection) -> str | None:
    """The volumes that no job saves: `scsi1 (local-zfs:vm-104-disk-1): backup=0`."""
    return "; ".join(f"{volume.key} ({volume.volume}): {volume.reason}" for volume in found.left_out) or None


def newest_backup(found: Protection, source: str, taken_at: datetime, now: datetime) -> Evidence:
    """A row for each place that holds a backup, the place of the newest first; the run's figures stand in the first."""
    copies = sorted(found.copies, key=lambda copy: copy.newest_at, reverse=True)
    run = found.baseline
    left_out = left_out_of(found)
    rows: list[tuple[Cell, ...]] = []
    for at, copy in enumerate(copies):
        ran = run if at == 0 else None
        rows.append((
            found.entity.label, copy.place, iso(copy.newest_at), copy.size_bytes, copy.encrypted, _verified(copy),
            iso(copy.verified_at), copy.count, iso(copy.oldest_at), ran.duration_s if ran else None,
            ran.usual_duration_s if ran else None, ran.transferred_bytes if ran else None, left_out,
            found.entity.key,
        ))  # fmt: skip
    return table(
        source, "snapshots of the backup groups, logs of vzdump", f"Newest backup of {found.entity.label}", COLUMNS,
        rows, taken_at=taken_at, now=now,
    )  # fmt: skip
