"""Where there is no room for another backup, and where there is."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from nightshift.facts.backups import Datastore
from nightshift.facts.inventory import Storage
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import fraction
from nightshift.protection.places import Places

FULL = 0.95  # as the checks count it


@dataclass(frozen=True, slots=True)
class Crowded:
    """A datastore or storage that is full: what it is called, what is left of it, and how one makes room there."""

    name: str
    left_bytes: int | None
    where: str
    commands: tuple[str, ...]
    is_datastore: bool = False


@dataclass(frozen=True)
class Room:
    """The space that backup storages have left. Of a datastore its own server's word counts: what PVE tells of it is
    what it last asked there."""

    snapshot: Snapshot
    places: Places

    @cached_property
    def _datastores(self) -> dict[tuple[str, str], Datastore]:
        return {(item.source, item.name): item for item in self.snapshot.datastores}

    def _behind(self, source: str, storage: str) -> list[Datastore]:
        places = self.places.places_of(source, storage)
        return [self._datastores[place[:2]] for place in sorted(places) if place[:2] in self._datastores]

    def crowded(self, source: str, storage: str, node: str | None) -> Crowded | None:
        """Why a storage takes no backups of a node now; None where it has room, or nobody knows."""
        behind = self._behind(source, storage)
        for item in behind:
            if item.used_share is not None and item.used_share >= FULL and not item.on_s3:
                return _datastore(item)
        for seen in () if behind else self._seen(source, storage, node):
            share = fraction(seen.used_bytes, seen.total_bytes)
            if seen.active and share is not None and share >= FULL:
                return _storage(seen)
        return None

    def another(self, source: str, storage: str, node: str | None, need_bytes: int) -> tuple[str, int] | None:
        """Another storage for backups that has room for so much, with what it has left: a backup server first. It is
        there on a node, or on every node when that is None."""
        found: list[tuple[bool, bool, int, str]] = []
        for item in self.snapshot.storages:
            usable = item.source == source and "backup" in item.content and item.active and item.node in (None, node)
            if not usable or item.name == storage or self.crowded(source, item.name, item.node):
                continue
            left = self._left(item)
            if left is not None and left > need_bytes:
                found.append((item.plugin == "pbs", item.shared, left, item.name))
        *_, left, name = max(found, default=(False, False, None, None))
        return (name, left) if name is not None and left is not None else None

    def _left(self, storage: Storage) -> int | None:
        behind = self._behind(storage.source, storage.name)
        if behind:
            return min((item.available_bytes or 0 for item in behind if item.error is None), default=None)
        if storage.used_bytes is None or storage.total_bytes is None:
            return None
        return storage.total_bytes - storage.used_bytes

    def _seen(self, source: str, storage: str, node: str | None) -> Iterable[Storage]:
        return (
            item
            for item in self.snapshot.storages
            if (item.source, item.name) == (source, storage) and item.node in (None, node)
        )


def _datastore(item: Datastore) -> Crowded:
    return Crowded(
        f"the datastore {item.name}",
        item.available_bytes,
        f"the backup server {item.source}",
        (
            "proxmox-backup-manager prune-job list",
            f"proxmox-backup-manager garbage-collection start {shlex.quote(item.name)}",
        ),
        is_datastore=True,
    )


def _storage(item: Storage) -> Crowded:
    name = shlex.quote(item.name)
    return Crowded(
        f"the storage {item.entity.label}",
        (item.total_bytes or 0) - (item.used_bytes or 0),
        f"node {item.node}" if item.node else f"any node of {item.source}",
        (f"pvesm list {name} --content backup", f"pvesm prune-backups {name} --keep-last 3 --dry-run 1"),
    )
