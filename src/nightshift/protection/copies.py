"""What backups there are: for every guest its copies, in backup servers and in storages of PVE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TypeVar

from nightshift.facts.backup_runs import PveArchive
from nightshift.facts.backups import BackupGroup, GroupSnapshots, KeptSnapshot
from nightshift.facts.ids import datastore_key, storage_key
from nightshift.facts.inventory import Guest
from nightshift.facts.pbs_jobs import PbsJob
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import from_epoch
from nightshift.protection.domains import Domains
from nightshift.protection.identity import place_of
from nightshift.protection.places import Place, Places
from nightshift.protection.verdict import Copy, Domain

_TIMES = 8
_Ordered = TypeVar("_Ordered", int, timedelta)


@dataclass(frozen=True)
class Copies:
    """The backups of a snapshot, asked guest by guest."""

    snapshot: Snapshot
    places: Places
    domains: Domains

    @cached_property
    def _groups(self) -> Mapping[str, tuple[BackupGroup, ...]]:
        found: dict[str, list[BackupGroup]] = {}
        for group in self.snapshot.backup_groups:
            if group.guest is not None and group.backup_count > 0:
                found.setdefault(group.guest, []).append(group)
        return {guest: tuple(groups) for guest, groups in found.items()}

    @cached_property
    def _kept(self) -> Mapping[tuple[Place, str, str], tuple[GroupSnapshots, datetime]]:
        return {
            ((item.source, item.datastore, item.namespace), group.backup_type, group.backup_id): (group, item.read_at)
            for item in self.snapshot.backup_snapshots
            for group in item.groups
        }

    @cached_property
    def _archives(self) -> Mapping[tuple[str, int], tuple[PveArchive, ...]]:
        """Archives by source and vmid. What a watched backup server tells itself is left out here."""
        found: dict[tuple[str, int], list[PveArchive]] = {}
        for listed in self.snapshot.storage_archives:
            if not self.places.servers.get((listed.source, listed.storage)):
                for archive in listed.archives:
                    found.setdefault((archive.source, archive.vmid), []).append(archive)
        return {key: tuple(archives) for key, archives in found.items()}

    @cached_property
    def _shared_by_several(self) -> frozenset[tuple[str, str]]:
        """Storages (source, name) on a server that another watched cluster writes to as well."""
        by_server: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for config in self.places.configs:
            if config.server is not None and "backup" in config.content and config.plugin != "pbs":
                by_server.setdefault((config.plugin, config.server), []).append((config.source, config.name))
        several = (names for names in by_server.values() if len({source for source, _ in names}) > 1)
        return frozenset(name for names in several for name in names)

    @cached_property
    def _vmids(self) -> Mapping[tuple[str, int], frozenset[str]]:
        """The clusters that have a guest of this kind and number."""
        found: dict[tuple[str, int], set[str]] = {}
        for guest in self.snapshot.guests:
            found.setdefault((guest.kind, guest.vmid), set()).add(guest.source)
        return {key: frozenset(sources) for key, sources in found.items()}

    @cached_property
    def _offline(self) -> Mapping[tuple[str, str], str]:
        """Datastores that cannot be read now, with why."""
        away = {status.id for status in self.snapshot.sources if status.kind == "pbs" and not status.reachable}
        found = {(item.source, item.name): item.error for item in self.snapshot.datastores if item.error is not None}
        for item in self.snapshot.backup_snapshots:
            if item.source in away:
                found.setdefault((item.source, item.datastore), "the backup server does not answer")
        return found

    @cached_property
    def _jobs(self) -> Mapping[tuple[str, str], tuple[PbsJob, ...]]:
        """Verify and prune jobs by datastore."""
        found: dict[tuple[str, str], list[PbsJob]] = {}
        for job in self.snapshot.pbs_jobs:
            if job.kind != "sync" and job.enabled:
                found.setdefault((job.source, job.datastore), []).append(job)
        return {key: tuple(jobs) for key, jobs in found.items()}

    def of(self, guest: Guest) -> tuple[Copy, ...]:
        """Every place where backups of a guest are known to be, the newest first."""
        found = [
            self.of_group(group, self.domains.of_group(guest, place_of(group)))
            for group in self._groups.get(guest.entity.key, ())
        ]
        found += self._of_archives(guest)
        return tuple(sorted(found, key=lambda copy: copy.newest_at, reverse=True))

    def of_group(self, group: BackupGroup, domain: Domain) -> Copy:
        """What is known of one group."""
        place = place_of(group)
        known = self._kept.get((place, group.backup_type, group.backup_id))
        return _of_group(
            group,
            domain,
            known,
            synced=self.places.origin(place) is not None,
            offline=self._offline.get(place[:2]),
            jobs=tuple(job for job in self._jobs.get(place[:2], ()) if job.reaches(place[1], place[2])),
            storage=self._storage_writing(group),
        )

    def _storage_writing(self, group: BackupGroup) -> str | None:
        """The storage of the guest's cluster through which these backups are reached."""
        source = (group.guest or "").partition(":")[2].partition("/")[0]
        writers = self.places.writers.get(place_of(group), ())
        return next((config.name for config in writers if config.source == source), None)

    def _of_archives(self, guest: Guest) -> list[Copy]:
        mine: dict[tuple[str, str | None], list[PveArchive]] = {}
        for archive in self._archives.get((guest.source, guest.vmid), ()):
            if archive.kind in (None, guest.kind) and self._is_of(archive, guest):
                mine.setdefault((archive.storage, archive.node), []).append(archive)
        return [
            _of_archives(guest, storage, node, archives, self.domains.of_archive(guest, storage, node))
            for (storage, node), archives in mine.items()
        ]

    def _is_of(self, archive: PveArchive, guest: Guest) -> bool:
        """Two clusters on one file server both have a VM 100: then the notes have to name the guest."""
        if (archive.source, archive.storage) not in self._shared_by_several:
            return True
        if len(self._vmids[guest.kind, guest.vmid]) == 1 and archive.notes is None:
            return True
        return bool(guest.name) and (archive.notes or "").strip().lower() == (guest.name or "").lower()


def _of_group(
    group: BackupGroup,
    domain: Domain,
    known: tuple[GroupSnapshots, datetime] | None,
    *,
    synced: bool,
    offline: str | None,
    jobs: tuple[PbsJob, ...],
    storage: str | None,
) -> Copy:
    place = "/".join(part for part in (group.datastore, group.namespace) if part)
    snapshots = known[0].snapshots if known else ()
    newest = snapshots[-1] if snapshots else None
    good = next((item for item in reversed(snapshots) if item.verified is not False), None)
    verified = next((item for item in reversed(snapshots) if item.verified), None)
    judged = next((item for item in reversed(snapshots) if item.verified is not None), None)
    newest_at = group.last_backup_at
    # The list of groups is new at every sweep, that of snapshots up to an hour old: what came since is not judged yet.
    is_newest = newest is not None and newest.taken_at >= newest_at
    times = tuple(item.taken_at for item in reversed(snapshots[-_TIMES:]))
    return Copy(
        place=place,
        container=datastore_key(group.source, group.datastore),
        namespace=group.namespace,
        newest_at=newest_at,
        oldest_at=snapshots[0].taken_at if snapshots else None,
        count=group.backup_count,
        domain=domain,
        times=times if is_newest else (newest_at, *times[: _TIMES - 1]),
        good_at=newest_at if not is_newest else (good.taken_at if good else None),
        good_verified_at=verified.taken_at if verified else None,
        failed_at=judged.taken_at if judged is not None and not judged.verified else None,
        verified=newest.verified if newest and is_newest else None,
        verified_at=newest.verified_at if newest and is_newest else None,
        verified_every=_usual_gap([item.taken_at for item in snapshots if item.verified]),
        encrypted=newest.encrypted if newest else None,
        encrypted_before=_any(item.encrypted for item in snapshots[:-1]),
        size_bytes=newest.size_bytes if newest else None,
        size_before_bytes=_usual_size(item.size_bytes for item in snapshots[:-1]),
        protected=sum(item.protected for item in snapshots),
        snapshots_known=known is not None,
        synced=synced,
        offline=offline,
        archive=f"{group.backup_type}/{group.backup_id}",
        storage=storage,
        verify_due=_verify_due(newest, jobs) if newest and is_newest else None,
        keep=next((job.keep for job in jobs if job.kind == "prune"), None),
        as_of=group.as_of or (known[1] if known else None),
    )


def _any(flags: Iterable[bool | None]) -> bool | None:
    """Whether any is true; None when nothing is known."""
    known = [flag for flag in flags if flag is not None]
    return any(known) if known else None


def _usual_gap(times: Sequence[datetime]) -> timedelta | None:
    """The median of the time between each and the next; None with fewer than three."""
    return _middle((later - earlier for earlier, later in pairwise(times)), fewest=2)


def _usual_size(sizes: Iterable[int | None]) -> int | None:
    """The median of the sizes before; None with fewer than three."""
    return _middle((size for size in sizes if size is not None), fewest=3)


def _middle(values: Iterable[_Ordered], fewest: int) -> _Ordered | None:
    """The upper median, which is one of the values; None with fewer than `fewest`."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if len(ordered) >= fewest else None


def _verify_due(newest: KeptSnapshot, jobs: Iterable[PbsJob]) -> bool | None:
    """Whether a verify job should have looked at the newest snapshot by now: one that ran well and began after it.
    None when no job looks at this place by itself; new snapshots are left to the next run."""
    verifying = [job for job in jobs if job.kind == "verify" and job.runs_by_itself]
    if not verifying:
        return None
    well = (job for job in verifying if (job.last_run_state or "").startswith(("OK", "WARNINGS")))
    began = [_began(job.last_run_upid or "", job.last_run_at) for job in well]
    return any(moment is not None and moment > newest.taken_at for moment in began)


@lru_cache(maxsize=256)  # a few jobs, asked about for every group
def _began(upid: str, ended_at: datetime | None) -> datetime | None:
    """When a job's last run began: the sixth part of its task's id, in hexadecimal; else when it ended."""
    parts = upid.split(":")
    if len(parts) > 6 and len(parts[5]) == 8:
        try:
            return from_epoch(int(parts[5], 16))
        except ValueError:
            return ended_at
    return ended_at


def _of_archives(guest: Guest, storage: str, node: str | None, archives: list[PveArchive], domain: Domain) -> Copy:
    ordered = sorted(archives, key=lambda archive: archive.taken_at)
    newest = ordered[-1]
    good = next((item for item in reversed(ordered) if item.verified is not False), None)
    return Copy(
        place=storage if node is None else f"{storage} on {node}",
        container=storage_key(guest.source, node, storage),
        namespace="",
        newest_at=newest.taken_at,
        oldest_at=ordered[0].taken_at,
        count=len(ordered),
        domain=domain,
        times=tuple(item.taken_at for item in reversed(ordered[-_TIMES:])),
        good_at=good.taken_at if good else None,
        good_verified_at=next((item.taken_at for item in reversed(ordered) if item.verified), None),
        verified=newest.verified,
        encrypted=newest.encrypted,
        encrypted_before=_any(item.encrypted for item in ordered[:-1]),
        size_bytes=newest.size_bytes,
        size_before_bytes=_usual_size(item.size_bytes for item in ordered[:-1]),
        protected=sum(item.protected for item in ordered),
        archive=newest.volid,
        storage=storage,
    )
