"""What should not wait for the next run of a job: who is saved at once, where to, and what has to be done before."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nightshift.facts.inventory import BackupJob
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_age, format_bytes
from nightshift.protection.change import Change, listed
from nightshift.protection.places import Places
from nightshift.protection.room import Crowded, Room
from nightshift.protection.verdict import Protection


@dataclass(frozen=True, slots=True)
class _Run:
    """What one vzdump would save: the guests, or the templates, of one node that go to one storage. `crowded` tells
    why that storage takes nothing now, `missing` what is not there at all."""

    source: str
    node: str
    storage: str
    templates: bool
    items: tuple[Protection, ...]
    crowded: Crowded | None
    missing: str | None


@dataclass(frozen=True, slots=True)
class SavingNow:
    """The runs that a plan proposes."""

    snapshot: Snapshot
    room: Room
    runs: tuple[_Run, ...]

    @classmethod
    def of(cls, snapshot: Snapshot, places: Places, guests: Iterable[Protection]) -> SavingNow:
        """Guests whose last backup is not what one would want to restore tonight, by where they go."""
        errors, room = errors_of(snapshot), Room(snapshot, places)
        offline = {(node.source, node.name) for node in snapshot.nodes if not node.online}
        found: dict[tuple[bool, str, str, str], list[Protection]] = {}
        for item in guests:
            guest = item.guest
            if guest is not None and item.verdict in ("unprotected", "at risk") and _is_urgent(item):
                key = (guest.template, guest.source, guest.node, _storage_for(snapshot, item, guest.source))
                found.setdefault(key, []).append(item)
        runs = []
        for (templates, source, node, storage), items in sorted(found.items()):
            away = next((place[1] for place in places.places_of(source, storage) if place[:2] in errors), None)
            missing = f"the datastore {away}" if away else f"node {node}" if (source, node) in offline else None
            crowded = None if missing else room.crowded(source, storage, node)
            runs.append(_Run(source, node, storage, templates, tuple(items), crowded, missing))
        return cls(snapshot, room, tuple(runs))

    def room_first(self) -> Iterable[Change]:
        """Where nothing fits any more no backup helps: room is what comes first."""
        waiting: dict[Crowded, list[_Run]] = {}
        for run in self.runs:
            if run.crowded is not None:
                waiting.setdefault(run.crowded, []).append(run)
        for crowded, runs in waiting.items():
            how = (
                "Prune what is not needed; only garbage collection frees it, and chunks of the last 24 hours stay. "
                "With nothing left at all, free or add space on the file system beneath first."
                if crowded.is_datastore
                else "Prune what is not needed; the command below only shows what would go."
            )
            yield Change(
                f"Make room in {crowded.name} first: {_left(crowded)}.",
                f"Until then every backup to it fails. {how} {self._elsewhere(runs)}".rstrip(),
                tuple(item.entity for run in runs for item in run.items),
                crowded.commands,
                crowded.where,
            )

    def changes(self) -> Iterable[Change]:
        """The runs themselves, node by node, templates by themselves."""
        for run in self.runs:
            vmids = [item.guest.vmid for item in run.items if item.guest is not None]
            noun = ("template " if len(vmids) == 1 else "templates ") if run.templates else ""
            what = f"{noun}{listed(vmids)} {_when(run)}"
            why = f"{self._state(run.items)}{_ONCE if run.templates else ''}"
            yield Change(
                f"Save {what}.",
                why,
                tuple(item.entity for item in run.items),
                (f"vzdump {' '.join(map(str, vmids))} --mode snapshot --storage {shlex.quote(run.storage)}",),
                f"node {run.node}",
            )

    def _state(self, items: Sequence[Protection]) -> str:
        """Who has something to go back to, and who has nothing: never in one number."""
        kept = [item for item in items if item.last_good_at is not None]
        lost = len(items) - len(kept)
        told = []
        if kept:
            oldest = min(item.last_good_at for item in kept if item.last_good_at is not None)
            age = format_age(oldest, self.snapshot.taken_at)
            verified = sum(any(copy.good_verified_at is not None for copy in item.copies) for item in kept)
            since = f"from {age}" if len(kept) == 1 else f"the oldest from {age}"
            told.append(f"{_count(kept, items)} an older backup to go back to ({since}; {verified} verified)")
        if lost:
            told.append(f"{_count(items[:lost], items)} none that is known to be good")
        return f"{', '.join(told)}."

    def _elsewhere(self, runs: Sequence[_Run]) -> str:
        """Where there is room already for all of them, for those who cannot wait."""
        first, nodes = runs[0], {run.node for run in runs}
        need = sum(_size(item) for run in runs for item in run.items)
        other = self.room.another(first.source, first.storage, first.node if len(nodes) == 1 else None, need)
        if other is None:
            return ""
        name, left = other
        option = f"`--storage {shlex.quote(name)}`"
        return f"What cannot wait fits into {name} ({option}), which has {format_bytes(left)} left."


def _size(item: Protection) -> int:
    """What a whole backup of a guest may take."""
    copies = max((copy.size_bytes or 0 for copy in item.copies), default=0)
    return max(copies, (item.guest.disk_total_bytes or 0) if item.guest is not None else 0)


_ONCE = " A template hardly changes: one good backup of it is enough, and a job need not select it."


def _left(crowded: Crowded) -> str:
    return "it is full" if crowded.left_bytes is None else f"{format_bytes(crowded.left_bytes)} are left"


def _when(run: _Run) -> str:
    if run.missing:
        return f"as soon as {run.missing} is back"
    return f"as soon as {run.crowded.name} has room" if run.crowded else "now"


def _count(some: Sequence[Protection], items: Sequence[Protection]) -> str:
    if len(items) == 1:
        return "It has"
    return f"{len(some)} {'has' if len(some) == 1 else 'have'}"


def _storage_for(snapshot: Snapshot, item: Protection, source: str) -> str:
    """Where its job saves it to, or would; the storage of the best job where it has none."""
    job = item.covering[0].job if item.covering else item.disabled[0] if item.disabled else None
    job = job or best_job(snapshot, source)
    return (job.storage if job else None) or best_storage(snapshot, source)


def _is_urgent(item: Protection) -> bool:
    uncovered = item.reason("uncovered")
    old = uncovered is not None and uncovered.weight == "fatal"
    return old or item.reason("never", "late", "failed", "corrupt", "nothing-good") is not None


def errors_of(snapshot: Snapshot) -> Mapping[tuple[str, str], str]:
    """Why datastores (source, name) cannot be used now."""
    return {(item.source, item.name): item.error for item in snapshot.datastores if item.error is not None}


def best_job(snapshot: Snapshot, source: str) -> BackupJob | None:
    """The enabled job by a list of guests that is bound to no node: one to a backup server first, then the longest."""
    servers = {item.name for item in snapshot.storages if item.source == source and item.plugin == "pbs"}
    jobs = [
        job
        for job in snapshot.backup_jobs
        if job.source == source and job.enabled and job.vmids is not None and job.node is None
    ]
    return max(jobs, key=lambda job: (job.storage in servers, len(job.vmids or ()), job.id), default=None)


def best_storage(snapshot: Snapshot, source: str) -> str:
    """A storage for backups, a backup server first, a shared one next; `STORAGE` where there is none."""
    found = [item for item in snapshot.storages if item.source == source and "backup" in item.content and item.active]
    best = max(found, key=lambda item: (item.plugin == "pbs", item.shared, item.name), default=None)
    return best.name if best is not None else "STORAGE"
