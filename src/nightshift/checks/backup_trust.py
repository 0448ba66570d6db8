"""Whether the backups that there are can be trusted: verified, encrypted, whole, quick as ever, and tried."""

from __future__ import annotations

from nightshift.checks.backup_evidence import (
    LISTS,
    cluster_entity,
    copies_table,
    first_reason,
    guests_table,
    matrix,
    of_each,
    of_each_place,
)
from nightshift.checks.check import Check
from nightshift.checks.evidence import counted, named
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Snapshot
from nightshift.protection import Protection, Reason


def corrupt(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Guests whose newest backup, or the newest that was verified, failed verification: it cannot be restored as it is,
    and neither can what later backups share with it.

    Judges (PBS API: /admin/datastore/{store}/snapshots):
        {"backup-type": "vm", "backup-id": "104", "backup-time": 1794996003,
         "verification": {"state": "failed", "upid": "UPID:pbs:…:verificationjob:…"}}
    """
    return of_each(snapshot, thresholds, ("nothing-good", "corrupt"), _corrupt)


def _corrupt(snapshot: Snapshot, item: Protection, reason: Reason) -> Finding:
    everything = reason.code == "nothing-good"
    newest = (
        "The newest backup" if any(copy.verified is False for copy in item.copies) else "The newest verified backup"
    )
    return Finding(
        check="backup.corrupt",
        severity="critical",
        entity=item.entity,
        title=f"{'No backup' if everything else newest} of {item.entity.label} "
        f"{'can be restored' if everything else 'failed verification'}",
        detail=reason.text,
        remedy=f"{_save(item)} A new backup uploads the chunks that are broken. Then verify again: Datastore → "
        f"Content → "
        "Verify. Look for the disk beneath: chunks do not break by themselves.",
        evidence=(copies_table(snapshot, item),),
        runbook="pbs-verify.md#steps",
    )


def _save(item: Protection) -> str:
    guest = item.guest
    return f"Save it now: `vzdump {guest.vmid} --storage STORAGE --mode snapshot`." if guest else "Save it now."


def encryption(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Guests whose newest backup is not encrypted although the ones before it were: somebody took the key out of the
    storage, and what was secret lies open on the backup server.

    Judges (PBS API: /admin/datastore/{store}/snapshots):
        {"files": [{"filename": "drive-scsi0.img.fidx", "crypt-mode": "none"}]}
    """
    by_place: dict[str, list[Protection]] = {}
    for item in matrix(snapshot, thresholds).protections:
        reason = item.reason("encryption")
        if reason is not None and item.verdict != "excluded":
            by_place.setdefault(reason.about, []).append(item)
    return CheckResult(tuple(_encryption(snapshot, place, items) for place, items in by_place.items()))


def _encryption(snapshot: Snapshot, place: str, items: list[Protection]) -> Finding:
    alone = len(items) == 1
    name = f"{place.partition(':')[0]} {place.rpartition('/')[2]}"
    return Finding(
        check="backup.encryption",
        severity="warning",
        entity=items[0].entity if alone else Entity(place, name),
        title=f"Backups of {items[0].entity.label if alone else counted(len(items), 'guest')} "
        f"{'' if alone else f'in {name} '}are not encrypted any more",
        detail=first_reason(items, ("encryption",))
        if alone
        else f"{named([item.entity for item in items], 8)}: the newest backup is not encrypted, older ones are.",
        remedy="Datacenter → Storage → the backup server → Encryption: put the key back. Keep a copy of it outside of "
        "this "
        "house: without it the older backups cannot be read.",
        discriminator=place,
        evidence=(guests_table(snapshot, "Backups that are not encrypted any more", items),),
        runbook="encryption-keys.md#steps",
    )


def shrunk(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """VMs whose newest backup holds less than half of what the ones before it held: a disk is missing in it.

    Judges (PBS API: /admin/datastore/{store}/snapshots; the size is that of the virtual disks):
        {"backup-type": "vm", "backup-id": "104", "backup-time": 1794996003, "size": 34359739300}
    """
    return of_each(snapshot, thresholds, ("shrunk",), _shrunk)


def _shrunk(snapshot: Snapshot, item: Protection, reason: Reason) -> Finding:
    return Finding(
        check="backup.shrunk",
        severity="warning" if reason.weight == "risk" else "info",
        entity=item.entity,
        title=f"The newest backup of {item.entity.label} is much smaller than before",
        detail=reason.text,
        remedy="Compare the disks of the guest with those in the backup (Content → the backup → Show configuration): "
        "was "
        "one detached, or ticked out of the backup? Keep an older backup until it is clear: protect it.",
        evidence=(copies_table(snapshot, item),),
        runbook="guest-without-backup.md#steps",
    )


def slow(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Guests whose last backup took more than four times as long as those before it, and at least an hour longer.
    Several to one storage are one finding: then the storage or the way to it is slow.

    Judges the log of a run (PVE API: /nodes/{node}/tasks/{upid}/log):
        INFO: scsi0: dirty-bitmap status: created new
        INFO: Finished Backup of VM 104 (06:02:11)
    """
    by_storage: dict[tuple[str, str], list[Protection]] = {}
    for item in matrix(snapshot, thresholds).protections:
        if item.guest is not None and item.reason("slow"):
            storage = next((entry.job.storage for entry in item.covering), None) or ""
            by_storage.setdefault((item.guest.source, storage), []).append(item)
    return CheckResult(tuple(_slow(snapshot, *where, items) for where, items in by_storage.items()))


def _slow(snapshot: Snapshot, source: str, storage: str, items: list[Protection]) -> Finding:
    first = items[0]
    alone = len(items) == 1
    known = next((item for item in snapshot.storages if (item.source, item.name) == (source, storage)), None)
    place = known.entity if known is not None else cluster_entity(snapshot, source)
    reason = first.reason("slow")
    assert reason is not None
    return Finding(
        check="backup.slow",
        severity="warning",
        entity=first.entity if alone else place,
        title=f"The last backup of {first.entity.label} took very long"
        if alone
        else f"The last backups of {counted(len(items), 'guest')}{f' to {storage}' if storage else ''} took very long",
        detail=reason.text
        if alone
        else f"{named([item.entity for item in items], 8)}. {first.entity.label}: {reason.text}",
        remedy="Look at the load of the backup server and of the network at that time, and whether verification, "
        "garbage "
        "collection or a sync ran beside it. After a stop or a migration by hand a VM's disk is read as a whole once.",
        discriminator=storage,
        evidence=(guests_table(snapshot, "Backups that took long", items),),
        runbook="backup-slow.md#steps",
    )


_NOT_VERIFIED = ("never-verified", "verification-ended", "unverified")


def unverified(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Places whose backups no verify job looks at, or that it left out: nobody knows whether they can be read. That is
    a remark where it was always so, and a warning where they used to be verified and are not any more.

    Judges (PBS API: /admin/verify):
        {"id": "v-3f2a", "store": "tank", "ns": "homelab", "max-depth": 1, "last-run-state": "OK"}
    """
    return of_each_place(snapshot, thresholds, _NOT_VERIFIED, _unverified)


def _unverified(snapshot: Snapshot, place: Entity, items: list[Protection]) -> Finding:
    ended = [item for item in items if item.reason("verification-ended")]
    # One that somebody verified by hand, once, is no rhythm that is missed now.
    used_to_be = 2 * len(ended) >= len(items)
    any_more = " any more" if used_to_be else ""
    return Finding(
        check="copies.unverified",
        severity="warning" if used_to_be else "info",
        entity=place,
        title=f"Backups of {counted(len(items), 'guest')} in {place.label} are not verified{any_more}",
        detail=first_reason(ended if used_to_be else items, _NOT_VERIFIED),
        remedy="Datastore → Verify jobs → Add, for the whole datastore, and skip what was verified within 30 days.",
        evidence=(guests_table(snapshot, "Backups that nobody verified", items),),
        runbook="pbs-verify.md#steps",
    )


def untested(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Guests of which no restore was seen within half a year. A restore in the task history counts, and so does one
    that was recorded with `nightshift backups tested`.

    Judges (PVE API: /nodes/{node}/tasks):
        {"type": "qmrestore", "id": "904", "starttime": 1794996001, "endtime": 1794997000, "status": "OK"}
    """
    by_source: dict[str, list[Protection]] = {}
    every: dict[str, int] = {}
    for item in matrix(snapshot, thresholds).protections:
        if item.guest is not None and not item.guest.template and item.copies and item.verdict != "excluded":
            every[item.guest.source] = every.get(item.guest.source, 0) + 1
            if item.reason("untested", "test-overdue"):
                by_source.setdefault(item.guest.source, []).append(item)
    return CheckResult(tuple(_untested(snapshot, source, items, every[source]) for source, items in by_source.items()))


def _untested(snapshot: Snapshot, source: str, items: list[Protection], every: int) -> Finding:
    return Finding(
        check="restores.untested",
        severity="info",
        entity=cluster_entity(snapshot, source),
        title=f"No recent restore is known of {len(items)} of {counted(every, 'guest')}",
        detail=f"{named([item.entity for item in items], 8)}. A backup that was never restored is a hope.",
        remedy="Restore one under another number, look into it, and remove it again. What was tried by other means is "
        "recorded with `nightshift backups tested GUEST`.",
        evidence=(guests_table(snapshot, "Guests without a restore test", items),),
        runbook="restore-test.md#steps",
    )


_NEEDS = ("guests", "backup_groups")
CHECKS = (
    Check("backup.corrupt", "backups", "critical", _NEEDS, corrupt, "Backups that failed verification", LISTS),
    Check("backup.encryption", "backups", "warning", _NEEDS, encryption, "Encryption that ended", LISTS),
    Check("backup.shrunk", "backups", "warning", _NEEDS, shrunk, "Backups that became small", LISTS),
    Check("backup.slow", "backups", "warning", ("guests", "backup_runs"), slow, "Duration of backups", ("storages",)),
    Check("copies.unverified", "backups", "warning", _NEEDS, unverified, "Backups that nobody verified", LISTS),
    Check(
        "restores.untested", "backups", "info", ("guests",), untested, "Restores that were tried",
        ("restore_tests", "tasks", *LISTS),
    ),
)  # fmt: skip
