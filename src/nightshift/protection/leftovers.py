"""What belongs to no guest: groups whose guest is gone, and groups of clusters that nobody watches. Information, never
an alarm: deleting what is left of a guest is a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nightshift.facts.backups import BackupGroup
from nightshift.facts.snapshot import Snapshot
from nightshift.protection.identity import place_of
from nightshift.protection.places import Places


@dataclass(frozen=True, slots=True)
class Orphan:
    """A group without a guest. `last_owner` is the cluster that wrote it, as far as the storage configuration tells;
    `foreign` says that no watched cluster did, as far as that is known: its guest may be alive elsewhere. `size_bytes`
    is what its newest backup would restore, not what deleting it would free."""

    group: BackupGroup
    newest_at: datetime
    size_bytes: int | None
    last_owner: str | None
    name: str | None
    protected: bool
    foreign: bool = False


def orphans_of(snapshot: Snapshot, places: Places) -> tuple[Orphan, ...]:
    """The groups of guests that are gone, oldest first. A group that could be one of several guests' is none."""
    taken = {("vm" if guest.kind == "qemu" else "ct", str(guest.vmid), guest.source) for guest in snapshot.guests}
    numbers = {(kind, number) for kind, number, _ in taken}
    blind = {gap.source for gap in snapshot.guests.gaps} or not snapshot.guests.known
    kept = {
        ((item.source, item.datastore, item.namespace), group.backup_type, group.backup_id): group
        for item in snapshot.backup_snapshots
        for group in item.groups
    }
    users = {config.username for config in places.configs if config.username}
    found = []
    for group in snapshot.backup_groups:
        if group.guest is not None or group.backup_type == "host":
            continue
        place = place_of(group)
        writers = places.writers.get(places.origin(place) or place, ())
        owners = sorted({config.source for config in writers})
        gone = not any((group.backup_type, group.backup_id, owner) in taken for owner in owners)
        if blind or (not gone if owners else (group.backup_type, group.backup_id) in numbers):
            continue
        snapshots = kept.get((place, group.backup_type, group.backup_id))
        newest = snapshots.snapshots[-1] if snapshots and snapshots.snapshots else None
        found.append(
            Orphan(
                group=group,
                newest_at=group.last_backup_at,
                size_bytes=newest.size_bytes if newest else None,
                last_owner=owners[0] if len(owners) == 1 else group.owner,
                name=group.comment or (newest.comment if newest else None),
                foreign=bool(users) and not owners and group.owner not in users,
                protected=any(item.protected for item in snapshots.snapshots) if snapshots else False,
            )
        )
    return tuple(sorted(found, key=lambda orphan: orphan.newest_at))
