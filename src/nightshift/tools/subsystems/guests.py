"""What is kept of guests beside their backups: snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from nightshift.facts.ids import guest_key
from nightshift.facts.snapshot import Snapshot
from nightshift.tools.subsystems.shape import Subsystem, Told
from nightshift.tools.tables import iso

_NEVER = datetime.max.replace(tzinfo=UTC)


def _snapshots(snapshot: Snapshot) -> Iterator[Told]:
    """The eldest first; a guest without any has no row."""
    labels = {guest.entity.key: guest.entity.label for guest in snapshot.guests}
    every = [(item, row) for row in snapshot.guest_snapshots for item in row.snapshots]
    for item, row in sorted(every, key=lambda pair: pair[0].taken_at or _NEVER):
        key = guest_key(row.source, row.vmid)
        age_s = (snapshot.taken_at - item.taken_at).total_seconds() if item.taken_at else None
        cells = (labels.get(key, f"guest {row.vmid}"), item.name, iso(item.taken_at), age_s, item.with_memory)
        yield Told((key,), (*cells, iso(row.read_at), key))


SNAPSHOTS = Subsystem(
    "Snapshots of guests", "pve", ("guest_snapshots",), "GET /nodes/{node}/{qemu,lxc}/{vmid}/snapshot",
    ("guest", "snapshot", "taken_at", "age_s", "with_memory", "read_at", "key"),
    _snapshots, ("guest.snapshots",), ("guestsnapshot", "snapshotold", "oldsnapshot"),
)  # fmt: skip
