"""What could not be seen: backups may lie where nobody could look, and then there is no saying that there are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from nightshift.facts.gap import Gap
from nightshift.facts.ids import datastore_key, source_key
from nightshift.facts.inventory import BackupJob, Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.protection.places import Places

_SILENT = ("unreachable", "timed_out")
_LIST_FIX = "Datastore.AllocateSpace on /storage/{storage} and VM.Backup on /vms would show them; both can also write."
_DATASTORE = re.compile(r"\bdatastore (\w[\w.-]*\w|\w)")


@dataclass(frozen=True)
class Sight:
    """The blind spots of a snapshot."""

    snapshot: Snapshot
    places: Places
    asleep: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _servers(self) -> tuple[Gap, ...]:
        """What could not be read of backup servers."""
        groups = self.snapshot.backup_groups
        gaps = [gap for gap in (*groups.gaps, *self.snapshot.datastores.gaps) if gap.is_blind_spot]
        return tuple(dict.fromkeys(map(self._with_sleep, gaps)))

    @cached_property
    def _hidden(self) -> tuple[Gap, ...]:
        """The same, without servers and datastores that sleep as expected while their last lists are known."""
        known = {(item.source, item.datastore) for item in self.snapshot.backup_snapshots}
        return tuple(gap for gap in self._servers if not self._is_remembered(gap, known))

    def _is_remembered(self, gap: Gap, known: set[tuple[str, str]]) -> bool:
        if self._sleep_of(gap) is None:
            return False
        return any(source == gap.source and _is_about(gap, store) for source, store in known)

    def _sleep_of(self, gap: Gap) -> str | None:
        """The operator's words for what a silent server or datastore does now."""
        if gap.kind not in _SILENT:
            return None
        stores = _DATASTORE.findall(gap.detail)
        key = datastore_key(gap.source, stores[0]) if stores else source_key(gap.source)
        return self.asleep.get(key)

    def _with_sleep(self, gap: Gap) -> Gap:
        words = self._sleep_of(gap)
        return gap if words is None else replace(gap, detail=f"{gap.detail} ({gap.source} is {words})")

    @cached_property
    def _unlisted(self) -> Mapping[tuple[str, str], Gap]:
        """Storages for backups (source, name) whose archives the token is not shown, and why."""
        listed = {(item.source, item.storage) for item in self.snapshot.storage_archives if item.may_list}
        refused = {(item.source, item.storage) for item in self.snapshot.storage_archives if not item.may_list}
        unread = {gap.source: gap for gap in self.snapshot.storage_archives.gaps}
        found = {}
        for source, storage in self._for_backups:
            name = (source, storage)
            if name in refused or (name not in listed and source not in unread):
                detail = f"the archives in storage {storage} are not shown to this token"
                fix = _LIST_FIX.format(storage=storage)
                found[name] = Gap(source, "storage_archives", "forbidden", detail, fix)
            elif name not in listed:
                found[name] = unread[source]
        return found

    @cached_property
    def _unlisted_of(self) -> Mapping[str, tuple[Gap, ...]]:
        found: dict[str, dict[Gap, None]] = {}
        for (source, _), gap in self._unlisted.items():
            found.setdefault(source, {})[gap] = None
        return {source: tuple(gaps) for source, gaps in found.items()}

    @cached_property
    def _for_backups(self) -> tuple[tuple[str, str], ...]:
        """Storages (source, name) that may hold backups and are no watched backup server."""
        names = {
            (item.source, item.name): None
            for item in self.snapshot.storages
            if "backup" in item.content and (item.plugin != "pbs" or not self._is_watched(item.source, item.name))
        }
        names |= {
            (item.source, item.name): None
            for item in self.places.configs
            if item.enabled and "backup" in item.content and not self.places.servers.get((item.source, item.name))
        }
        return tuple(names)

    def _is_watched(self, source: str, storage: str) -> bool:
        """Whether a storage is a watched backup server. Where no storage configuration is known, any of them may be."""
        if (source, storage) in self.places.config:
            return bool(self.places.servers.get((source, storage)))
        return self.snapshot.backup_groups.state != "not_configured"

    def of(self, guest: Guest) -> tuple[Gap, ...]:
        """Where backups of this guest may be that nobody could see."""
        key = guest.entity.key
        servers = (gap for gap in self._hidden if not gap.hides or key in gap.hides)
        return (*servers, *self._unlisted_of.get(guest.source, ()))

    @cached_property
    def remembered(self) -> tuple[Gap, ...]:
        """Servers and datastores that sleep as expected, of which what was read last counts."""
        return tuple(gap for gap in self._servers if gap not in self._hidden)

    def unread(self, guest: Guest) -> tuple[Gap, ...]:
        """What could not be read now of the servers that may hold its backups, remembered or not."""
        key = guest.entity.key
        return tuple(gap for gap in self._servers if not gap.hides or key in gap.hides)

    def in_use(self, guest: Guest, used: frozenset[tuple[str, str]]) -> tuple[Gap, ...]:
        """The same, without the storages that nothing is known to write to: `used` are those of jobs and runs."""
        key = guest.entity.key
        servers = (gap for gap in self._hidden if not gap.hides or key in gap.hides)
        storages = (gap for name, gap in self._unlisted.items() if name[0] == guest.source and name in used)
        return tuple(dict.fromkeys((*servers, *storages)))

    def others(self, guest: Guest) -> tuple[Gap, ...]:
        """What else was not seen of this guest's backups: jobs, runs, snapshots."""
        snapshot = self.snapshot
        datasets = (snapshot.backup_jobs, snapshot.tasks, snapshot.job_volumes, snapshot.backup_runs)
        own = (gap for dataset in datasets for gap in dataset.gaps if gap.source == guest.source)
        lists = map(self._with_sleep, (*snapshot.backup_snapshots.gaps, *snapshot.pbs_jobs.gaps))
        key = guest.entity.key
        return tuple(dict.fromkeys(gap for gap in (*own, *lists) if not gap.hides or key in gap.hides))

    def can_see_target(self, job: BackupJob, guest: Guest) -> bool:
        """Whether the place that a job writes to could be looked into for this guest."""
        storage = job.storage or ""
        places = self.places.places_of(job.source, storage)
        if places:
            return all(self._can_read(server, datastore, guest) for server, datastore, _ in places)
        if (job.source, storage) in self._for_backups:
            return (job.source, storage) not in self._unlisted
        return not self.of(guest)

    def _can_read(self, server: str, datastore: str, guest: Guest) -> bool:
        key = guest.entity.key
        for gap in self._servers:
            if gap.source == server and _is_about(gap, datastore) and (not gap.hides or key in gap.hides):
                return False
        return True


def _is_about(gap: Gap, datastore: str) -> bool:
    """The gaps of a server name the datastore that they are about, if it is one alone."""
    about = _DATASTORE.findall(gap.detail)
    return not about or datastore in about


def told(gaps: Iterable[Gap]) -> str:
    """The blind spots in a sentence."""
    details = list(dict.fromkeys(gap.detail for gap in gaps))
    shown = "; ".join(details[:3])
    return f"{shown} and {len(details) - 3} more" if len(details) > 3 else shown
