"""Where the backups that there are lie, how many are kept, and which belong to nobody any more."""

from __future__ import annotations

from nightshift.checks.backup_evidence import LISTS, first_reason, guests_table, matrix, of_each_place
from nightshift.checks.check import Check
from nightshift.checks.evidence import GROUPS, counted, iso, named, table
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.ids import Entity, datastore_key
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_age, format_bytes
from nightshift.protection import Protection
from nightshift.protection.leftovers import Orphan


def same_place(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Guests all of whose backups lie on their own storage or node: what takes one takes the other. A backup server
    whose own backups lie in itself is told as information: its datastores may outlive it, its configuration does not.

    Judges (PVE API: /storage, /nodes/{node}/{qemu,lxc}/{vmid}/config):
        {"storage": "local", "type": "dir", "content": "backup,images", "path": "/var/lib/vz"}
        {"scsi0": "local:104/vm-104-disk-0.qcow2,size=64G"}
    """
    groups: dict[tuple[str, str, str], list[Protection]] = {}
    for item in matrix(snapshot, thresholds).protections:
        reason = item.reason("same-place")
        if item.guest is None or reason is None or reason.weight != "risk" or item.verdict == "excluded":
            continue
        copy = item.copies[0]
        itself = item.entity.key if copy.domain == "itself" else ""
        groups.setdefault((copy.container, copy.domain, itself), []).append(item)
    return CheckResult(tuple(_same_place(snapshot, items) for items in groups.values()))


def _same_place(snapshot: Snapshot, items: list[Protection]) -> Finding:
    first = items[0]
    copy = first.copies[0]
    itself = copy.domain == "itself"
    severity: Severity = "info" if itself else "warning"
    reason = first.reason("same-place")
    assert reason is not None
    return Finding(
        check="copies.same_place",
        severity=severity,
        entity=first.entity if itself else Entity(copy.container, f"backups in {copy.place}"),
        title=f"The backups of {first.entity.label} lie in itself"
        if itself
        else f"{counted(len(items), 'guest')} {'has its' if len(items) == 1 else 'have their'} only backups on "
        f"{'their own storage' if copy.domain == 'same storage' else 'their own node'}, in {copy.place}",
        detail=reason.text if len(items) == 1 else f"{named([item.entity for item in items], 8)}.",
        remedy="Write backups to another machine, or copy them there: a sync job to a second backup server, or a "
        "second "
        "backup job to a storage elsewhere.",
        discriminator=copy.domain,
        evidence=(guests_table(snapshot, "Backups that would be lost with their guests", items),),
        runbook="backup-copies.md#steps",
    )


def with_server(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Guests that run on the same node as the backup server that holds their only backups: while that node is down they
    cannot be restored elsewhere.

    Judges (PVE API: /storage, /cluster/resources):
        {"storage": "pbs-tank", "type": "pbs", "server": "192.0.2.111", "datastore": "tank"}
        {"type": "qemu", "vmid": 111, "name": "pbs", "node": "pve2"}
    """
    by_place: dict[str, list[Protection]] = {}
    for item in matrix(snapshot, thresholds).protections:
        if item.guest is not None and item.reason("with-server") and item.copies:
            by_place.setdefault(item.copies[0].container, []).append(item)
    return CheckResult(tuple(_with_server(snapshot, place, items) for place, items in by_place.items()))


def _with_server(snapshot: Snapshot, place: str, items: list[Protection]) -> Finding:
    name = place.rpartition("/")[2]
    guests = f"{counted(len(items), 'guest')} with backups in {name} alone"
    return Finding(
        check="copies.with_server",
        severity="info",
        entity=Entity(place, f"datastore {name}"),
        title=f"{guests} would lose the backup server together with {'its' if len(items) == 1 else 'their'} node",
        detail=f"The backup server that holds their only backups runs on the same node: "
        f"{named([item.entity for item in items], 8)}.",
        remedy="Let a second backup server pull a copy, or keep the recovery sheet and a way to start the backup "
        "server on "
        "another machine: its disks are what counts.",
        evidence=(guests_table(snapshot, "Guests on the node of their backup server", items),),
        runbook="backup-copies.md#steps",
    )


def retention(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Places where far more is kept than the prune job says, or only the last backup, so that there is no going back to
    before a fault that was noticed late.

    Judges (PBS API: /admin/prune, /admin/datastore/{store}/groups):
        {"id": "p-1", "store": "tank", "keep-daily": 7, "keep-weekly": 4}
        {"backup-type": "vm", "backup-id": "104", "backup-count": 64}
    """
    return of_each_place(snapshot, thresholds, ("not-pruned", "only-one"), _retention)


def _retention(snapshot: Snapshot, place: Entity, items: list[Protection]) -> Finding:
    return Finding(
        check="copies.retention",
        severity="info",
        entity=place,
        title=f"What is kept of {counted(len(items), 'guest')} in {place.label} is not what one would expect",
        detail=first_reason(items, ("not-pruned", "only-one")),
        remedy="Look at the prune jobs of the datastore and at Retention of the backup job: one of them has to keep a "
        "few "
        "weeks, and only one of them should prune.",
        evidence=(guests_table(snapshot, "Backups that are kept", items),),
        runbook="pbs-prune.md#steps",
    )


def orphaned(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Backups of guests that are gone. Information only: whether they are an archive or rubbish is a decision. What
    another cluster wrote, one that is not watched here, is not meant.

    Judges (PBS API: /admin/datastore/{store}/groups):
        {"backup-type": "vm", "backup-id": "201", "last-backup": 1768000000, "backup-count": 1,
         "owner": "pve@pbs!homelab"}
    """
    by_store: dict[tuple[str, str], list[Orphan]] = {}
    for orphan in matrix(snapshot, thresholds).orphans:
        if orphan.foreign:
            continue
        by_store.setdefault((orphan.group.source, orphan.group.datastore), []).append(orphan)
    return CheckResult(tuple(_orphaned(snapshot, *place, orphans) for place, orphans in by_store.items()))


def _orphaned(snapshot: Snapshot, source: str, store: str, orphans: list[Orphan]) -> Finding:
    size = sum(orphan.size_bytes or 0 for orphan in orphans)
    known = any(orphan.size_bytes is not None for orphan in orphans)
    oldest = orphans[0]
    name = f" ({oldest.name})" if oldest.name else ""
    return Finding(
        check="copies.orphaned",
        severity="info",
        entity=Entity(datastore_key(source, store), f"datastore {store}"),
        title=f"{counted(len(orphans), 'backup group')} in {store} {'is' if len(orphans) == 1 else 'are'} of guests "
        f"that "
        "are gone",
        detail=f"The one that was saved last the longest ago is "
        f"{oldest.group.backup_type}/{oldest.group.backup_id}{name}, "
        f"{format_age(oldest.newest_at, snapshot.taken_at)}."
        + (f" The newest of each hold {format_bytes(size)} in all, before deduplication." if known else ""),
        remedy="Nothing is wrong with keeping them. To let go of one: Content → the group → Forget; space comes back "
        "after "
        "the next garbage collection.",
        evidence=(
            table(
                snapshot,
                source,
                GROUPS,
                f"Groups in {store} without a guest",
                ("group", "namespace", "name", "last_backup_at", "backups", "size_bytes", "owner", "protected"),
                (
                    (
                        f"{orphan.group.backup_type}/{orphan.group.backup_id}",
                        orphan.group.namespace,
                        orphan.name,
                        iso(orphan.newest_at),
                        orphan.group.backup_count,
                        orphan.size_bytes,
                        orphan.last_owner,
                        orphan.protected,
                    )
                    for orphan in orphans
                ),
            ),
        ),
        runbook="orphaned-backups.md#steps",
    )


_NEEDS = ("guests", "backup_groups")
CHECKS = (
    Check(
        "copies.same_place", "backups", "warning", ("guests",), same_place, "Backups beside their guests",
        (*LISTS, "guest_configs", "storages"),
    ),
    Check("copies.with_server", "backups", "info", _NEEDS, with_server, "Backup servers beside their guests", LISTS),
    Check("copies.retention", "backups", "info", _NEEDS, retention, "What is kept", (*LISTS, "backup_runs")),
    Check("copies.orphaned", "backups", "info", _NEEDS, orphaned, "Backups of guests that are gone", LISTS),
)  # fmt: skip
