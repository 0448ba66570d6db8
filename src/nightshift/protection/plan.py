"""The shortest list of changes that would make every guest protected: to be read and decided on, never run from here.

What one change mends for many guests is one change: a job that is enabled again, one job that takes all who are in
none."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from nightshift.facts.ids import Entity, datastore_key, key_parts
from nightshift.facts.inventory import BackupJob
from nightshift.facts.snapshot import Snapshot
from nightshift.protection.change import Change, listed
from nightshift.protection.intent import BY_DEFAULT
from nightshift.protection.matrix import Matrix
from nightshift.protection.save_now import SavingNow, best_job, best_storage, errors_of
from nightshift.protection.verdict import Protection


def plan_of(snapshot: Snapshot, matrix: Matrix) -> tuple[Change, ...]:
    """The changes: room where there is none for any backup, then what protects the most guests; saving at once comes
    last, when the jobs are as they should be."""
    guests = [item for item in matrix.protections if item.guest is not None]
    lasting = [
        *_bring_back(snapshot, matrix, guests),
        *_enable(guests),
        *_cover(snapshot, guests),
        *_unbind(guests),
        *_volumes(snapshot, guests),
        *_elsewhere(guests),
        *_encrypt(guests),
        *_compare(guests),
        *_look(guests),
    ]
    lasting.sort(key=lambda change: -len(change.mends))
    saving = SavingNow.of(snapshot, matrix.places, guests)
    return (*saving.room_first(), *lasting, *saving.changes())


def _bring_back(snapshot: Snapshot, matrix: Matrix, guests: Iterable[Protection]) -> Iterable[Change]:
    """Datastores that cannot be read now, of guests for which that matters."""
    errors = errors_of(snapshot)
    away: dict[str, tuple[str, list[Entity]]] = {}
    for item in guests:
        if item.verdict in ("protected", "excluded"):
            continue
        found = {copy.container: copy.offline for copy in item.copies if copy.offline is not None}
        for entry in item.covering:
            places = matrix.places.places_of(entry.job.source, entry.job.storage or "")
            found |= {datastore_key(*place[:2]): errors[place[:2]] for place in places if place[:2] in errors}
        for key, error in found.items():
            away.setdefault(key, (error, []))[1].append(item.entity)
    for key, (error, mended) in away.items():
        name = key.rpartition("/")[2]
        yield Change(
            f"Bring the datastore {name} back: {error}.",
            "What is in it cannot be restored, and what should be saved to it is not.",
            tuple(mended),
            where=f"the backup server {key_parts(key)[1][0]}",
        )


def _enable(guests: Iterable[Protection]) -> Iterable[Change]:
    """Disabled jobs that are the only ones of some guests."""
    by_job: dict[tuple[str, str], tuple[BackupJob, list[Entity]]] = {}
    for item in guests:
        if item.disabled and not item.covering and item.verdict != "excluded":
            job = item.disabled[0]
            by_job.setdefault((job.source, job.id), (job, []))[1].append(item.entity)
    for job, mended in by_job.values():
        yield Change(
            f"Enable the backup job {_named(job)} again.",
            "No other job saves what it selects.",
            tuple(mended),
            (f"pvesh set /cluster/backup/{shlex.quote(job.id)} --enabled 1",),
            _cluster(job.source),
        )


def _cover(snapshot: Snapshot, guests: Iterable[Protection]) -> Iterable[Change]:
    """One job of each cluster takes all guests that are in none."""
    missing: dict[str, list[Protection]] = {}
    for item in guests:
        alone = item.reason("uncovered", "never", "new") is not None and not item.covering and not item.disabled
        if alone and item.guest is not None and not item.bound:
            missing.setdefault(item.guest.source, []).append(item)
    for source, items in missing.items():
        vmids = sorted(item.guest.vmid for item in items if item.guest is not None)
        job = best_job(snapshot, source)
        mended = tuple(item.entity for item in items)
        if job is None:
            storage = shlex.quote(best_storage(snapshot, source))
            yield Change(
                "Make a backup job for all guests.",
                "What it is for is in no enabled job, and there is none that could take it.",
                mended,
                (f"pvesh create /cluster/backup --all 1 --schedule 02:00 --mode snapshot --storage {storage}",),
                _cluster(source),
            )
        else:
            every = ",".join(map(str, sorted({*(job.vmids or ()), *vmids})))
            yield Change(
                f"Add {listed(vmids)} to the backup job {_named(job)}.",
                "It is in no enabled job.",
                mended,
                (f"pvesh set /cluster/backup/{shlex.quote(job.id)} --vmid {every}",),
                _cluster(source),
            )


def _unbind(guests: Iterable[Protection]) -> Iterable[Change]:
    """Guests that left the node to which their job is bound."""
    by_job: dict[tuple[str, str], tuple[BackupJob, list[Entity]]] = {}
    for item in guests:
        if item.bound and not item.covering and item.verdict != "excluded":
            job = item.bound[0]
            by_job.setdefault((job.source, job.id), (job, []))[1].append(item.entity)
    for job, moved in by_job.values():
        yield Change(
            f"Take the node out of the backup job {_named(job)}, so that it follows its guests.",
            "A job that is bound to a node drops the guests that migrate away.",
            tuple(moved),
            (f"pvesh set /cluster/backup/{shlex.quote(job.id)} --delete node",),
            _cluster(job.source),
        )


def _volumes(snapshot: Snapshot, guests: Iterable[Protection]) -> Iterable[Change]:
    """Mount points that are left out by default, volumes that are all left out."""
    configs = {(config.source, config.vmid): dict(config.disks) for config in snapshot.guest_configs}
    for item in guests:
        if item.guest is None or not item.reason("partial", "nothing-saved"):
            continue
        guest = item.guest
        disks = configs.get((guest.source, guest.vmid), {})
        tool = "qm" if guest.kind == "qemu" else "pct"
        wanted = [volume for volume in item.left_out if volume.reason == BY_DEFAULT or item.reason("nothing-saved")]
        commands = tuple(
            f"{tool} set {guest.vmid} --{volume.key} {shlex.quote(_with_backup(disks[volume.key]))}"
            for volume in wanted
            if volume.key in disks
        )
        yield Change(
            f"Tick Backup on {', '.join(volume.key for volume in wanted)} of {item.entity.label}.",
            "Backups leave it out.",
            (item.entity,),
            commands,
            f"node {guest.node}",
        )


def _with_backup(text: str) -> str:
    parts = [part for part in text.split(",") if not part.startswith("backup=")]
    return ",".join((*parts, "backup=1"))


def _elsewhere(guests: Iterable[Protection]) -> Iterable[Change]:
    """Guests whose backups would be lost with them."""
    beside: dict[str, list[Entity]] = {}
    for item in guests:
        reason = item.reason("same-place")
        if item.guest is not None and reason is not None and reason.weight == "risk":
            beside.setdefault(item.guest.source, []).append(item.entity)
    for source, mended in beside.items():
        yield Change(
            "Copy the backups to another machine: a sync job of a second backup server, or a second backup job.",
            "The only backups lie on the same storage, on the same node, or in the backup server itself.",
            tuple(mended),
            (),
            _cluster(source),
        )


def _encrypt(guests: Iterable[Protection]) -> Iterable[Change]:
    """Storages that lost their key: what they take now lies there in the clear."""
    lost: dict[tuple[str, str], list[Entity]] = {}
    for item in guests:
        reason = item.reason("encryption")
        storages = {copy.storage for copy in item.copies if reason and copy.container == reason.about and copy.storage}
        for storage in storages:
            lost.setdefault((item.entity.source, storage), []).append(item.entity)
    for (source, storage), mended in lost.items():
        yield Change(
            f"Give the storage {storage} its encryption key again, the one that the older backups need.",
            "The newest backups in it are not encrypted, older ones are.",
            tuple(mended),
            (f"pvesm set {shlex.quote(storage)} --encryption-key KEY-FILE",),
            _cluster(source),
        )


def _compare(guests: Iterable[Protection]) -> Iterable[Change]:
    for item in guests:
        if (reason := item.reason("shrunk")) is not None and reason.weight == "risk":
            what = f"See whether a disk of {item.entity.label} was lost, or taken out on purpose."
            yield Change(what, reason.text, (item.entity,))


def _look(guests: Iterable[Protection]) -> Iterable[Change]:
    """Guests of which nobody could see whether they are saved: what would close the blind spot."""
    by_fix: dict[str, list[Entity]] = {}
    for item in guests:
        if item.verdict == "unknown":
            told = (gap for gap in item.blind if gap.detail in item.headline)
            gap = next(told, None) or next((gap for gap in item.blind if gap.fix), None) or next(iter(item.blind), None)
            by_fix.setdefault((gap.fix or gap.detail) if gap else "Look at the task history.", []).append(item.entity)
    for fix, entities in by_fix.items():
        yield Change(f"Let Nightshift see more. {fix}", "Whether it is saved could not be seen.", tuple(entities))


def _named(job: BackupJob) -> str:
    return f"“{job.comment}” ({job.id})" if job.comment else job.id


def _cluster(source: str) -> str:
    return f"any node of {source}"
