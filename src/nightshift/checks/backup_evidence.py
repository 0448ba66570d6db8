"""The matrix of a snapshot as the checks ask for it, and the tables that their findings carry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from nightshift.checks.absences import expected_away
from nightshift.checks.evidence import BACKUP_JOBS, iso, table
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import Entity, datastore_key, source_key
from nightshift.facts.inventory import BackupJob
from nightshift.facts.snapshot import Snapshot
from nightshift.protection import Matrix, Protection, Reason, Rules, matrix_of

COPIES = "groups, snapshots and archives in every datastore and storage"


def rules_of(snapshot: Snapshot, thresholds: Thresholds, excluded: frozenset[str] = frozenset()) -> Rules:
    """The limits of the verdicts, as the operator tuned them, and what is expected to be away at this time."""
    return Rules(
        excluded=excluded,
        asleep=tuple(_asleep(snapshot, thresholds)),
        grace_s=thresholds.backup_late_after_s,
        stale_after_s=thresholds.backup_age_warning_s,
        new_guest_s=thresholds.new_guest_grace_s,
        restore_test_s=thresholds.restore_test_age_s,
    )


def _asleep(snapshot: Snapshot, thresholds: Thresholds) -> Iterator[tuple[str, str]]:
    """Backup servers and datastores that `expected_absence` covers now."""
    if not thresholds.absences:
        return
    at = snapshot.taken_at
    servers = [status.id for status in snapshot.sources if status.kind == "pbs"]
    known = [(store.source, store.name) for store in snapshot.datastores]
    known += [(listed.source, listed.datastore) for listed in snapshot.backup_snapshots]
    stores = dict.fromkeys(known)
    for key, facets in (
        *((source_key(server), {"source": (server,)}) for server in servers),
        *((datastore_key(*store), {"source": (store[0],), "datastore": (store[1],)}) for store in stores),
    ):
        absence = expected_away(thresholds.absences, facets, at)
        if absence is not None:
            yield key, str(absence)


def matrix(snapshot: Snapshot, thresholds: Thresholds) -> Matrix:
    """The verdicts of all guests; asked again for the same snapshot, it is the same."""
    return matrix_of(snapshot, rules_of(snapshot, thresholds))


def jobs_table(snapshot: Snapshot, source: str) -> Evidence:
    """The backup jobs of one cluster."""
    return table(
        snapshot,
        source,
        BACKUP_JOBS,
        f"Backup jobs of {source}",
        ("job", "enabled", "schedule", "storage", "selection", "next_run_at", "comment"),
        (
            (job.id, job.enabled, job.schedule, job.storage, selection(job), iso(job.next_run), job.comment)
            for job in snapshot.backup_jobs
            if job.source == source
        ),
    )


def selection(job: BackupJob) -> str:
    """Which guests a job is for, in words."""
    if job.selects_all:
        return "all" + (f" but {', '.join(map(str, job.excluded_vmids))}" if job.excluded_vmids else "")
    return f"pool {job.pool}" if job.pool else ", ".join(str(vmid) for vmid in job.vmids or ())


def copies_table(snapshot: Snapshot, found: Protection) -> Evidence:
    """Where backups of one guest are known to be."""
    return table(
        snapshot,
        _sources(snapshot),
        COPIES,
        f"Backups of {found.entity.label}",
        ("place", "newest_at", "oldest_at", "count", "verified", "encrypted", "size_bytes", "lies", "read_at"),
        (
            (
                copy.place,
                iso(copy.newest_at),
                iso(copy.oldest_at),
                copy.count,
                copy.verified,
                copy.encrypted,
                copy.size_bytes,
                copy.domain,
                iso(copy.as_of),
            )
            for copy in found.copies
        ),
    )


def guests_table(snapshot: Snapshot, title: str, protections: Iterable[Protection]) -> Evidence:
    """Several guests with the word on each."""
    return table(
        snapshot,
        _sources(snapshot),
        COPIES,
        title,
        ("guest", "verdict", "last_backup_at", "where", "reason"),
        (
            (
                found.entity.label,
                found.verdict,
                iso(found.last_at),
                ", ".join(copy.place for copy in found.copies) or None,
                found.headline,
            )
            for found in protections
        ),
    )


def _sources(snapshot: Snapshot) -> str:
    return next((status.id for status in snapshot.sources if status.kind == "pbs"), "pve")


def cluster_entity(snapshot: Snapshot, source: str) -> Entity:
    """A cluster by its own name, or by its source's."""
    name = next((item.name for item in snapshot.clusters if item.source == source), None) or source
    return Entity(f"cluster:{source}/{name}", f"cluster {name}")


Tell = Callable[[Snapshot, Protection, Reason], Finding]
TellOfPlace = Callable[[Snapshot, Entity, list[Protection]], Finding]
LISTS = ("backup_groups", "backup_snapshots", "storage_archives", "storage_configs", "pbs_jobs", "datastores")
"""The datasets that tell of backups themselves."""


def of_each(snapshot: Snapshot, thresholds: Thresholds, codes: tuple[str, ...], tell: Tell) -> CheckResult:
    """A finding for every guest or host that has one of these reasons."""
    items = matrix(snapshot, thresholds).protections
    told = ((item, item.reason(*codes)) for item in items if item.verdict != "excluded")
    return CheckResult(tuple(tell(snapshot, item, reason) for item, reason in told if reason is not None))


def of_each_place(snapshot: Snapshot, thresholds: Thresholds, codes: tuple[str, ...], tell: TellOfPlace) -> CheckResult:
    """A finding for every datastore or storage with guests that have one of these reasons."""
    groups: dict[str, list[Protection]] = {}
    for item in matrix(snapshot, thresholds).protections:
        reason = item.reason(*codes)
        if item.guest is None or reason is None:
            continue
        groups.setdefault(reason.about, []).append(item)
    entities = (
        (Entity(key, f"{key.partition(':')[0]} {key.rpartition('/')[2]}"), items) for key, items in groups.items()
    )
    return CheckResult(tuple(tell(snapshot, entity, items) for entity, items in entities))


def first_reason(items: list[Protection], codes: tuple[str, ...]) -> str:
    reason = items[0].reason(*codes)
    assert reason is not None
    return f"{items[0].entity.label}: {reason.text}"
