"""Storages of PVE: those that do not answer, and those that run full."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.cluster import stalled_nodes
from nightshift.checks.evidence import RESOURCES, table
from nightshift.checks.levels import level_with_memory, worst
from nightshift.checks.previous import Previous
from nightshift.checks.space_trends import ROWS, slow_days, soon, space_trends
from nightshift.checks.thresholds import DAY_S, Thresholds
from nightshift.facts.backups import Datastore
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.inventory import Storage
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_bytes, format_duration, format_percent, fraction
from nightshift.protection.places import Places

_REMEDIES = {
    "zfspool": "`zfs list -o space -t filesystem,volume` shows what holds the space, snapshots included; "
    "`zfs list -t snapshot -o name,used -s used` the largest snapshots.",
    "lvmthin": "`lvs -a -o lv_name,data_percent,metadata_percent` shows who holds the space. Deleted data returns "
    "only with `discard=on` and `fstrim -av` in the guests. A thin pool that reaches 100 % stops its guests.",
    "pbs": "It is a backup server's datastore: prune, then run garbage collection there; pruning alone frees nothing.",
}
_REMEDY = "`pvesm list STORAGE` shows what is on it: old ISO images, backups and unused disks first."


def inactive(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A storage that is configured and wanted, and does not answer. Its sizes are unknown then, not zero. A node that
    tells nothing of any guest or storage has another trouble, and a finding of its own.

    Judges (PVE API: /cluster/resources), on a node that is online:
        {"id": "storage/pve1/nas-media", "type": "storage", "status": "unknown", "plugintype": "nfs", "shared": 1}
    """
    online = {(node.source, node.name) for node in snapshot.nodes if node.online} - stalled_nodes(snapshot)
    gone = [
        storage
        for storage in snapshot.storages
        if not storage.active and (storage.node is None or (storage.source, storage.node) in online)
    ]
    return CheckResult(tuple(_gone(snapshot, storage) for storage in gone))


def _gone(snapshot: Snapshot, storage: Storage) -> Finding:
    where = f"node {storage.node}" if storage.node else "any node"
    return Finding(
        check="storage.inactive",
        severity="critical",
        entity=storage.entity,
        title=f"Storage {storage.entity.label} does not answer",
        detail=f"The {storage.plugin} storage {storage.name} is configured and enabled but cannot be reached from "
        f"{where}. Guests with disks on it stall, backups to it fail, and the statistics of the node may stop.",
        remedy=f"On the node: `pvesm status --storage {storage.name}` and `grep -A8 ': {storage.name}$' "
        "/etc/pve/storage.cfg`; then see whether the server behind it answers. If it is meant to be away: `pvesm set "
        f"{storage.name} --disable 1`.",
        evidence=(_view(snapshot, storage),),
        runbook="storage-inactive.md#steps",
    )


def full(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A storage that is nearly full, or will be soon at the growth of the last day. One that is well filled and full
    within two months at its steady growth of two weeks, by PVE's own records, is worth a remark.

    Judges (PVE API: /cluster/resources, …/storage/{storage}/rrddata, and the PromQL row `pve_space_slope_24h`, bytes a
    second):
        {"id": "storage/pve3/local-lvm", "type": "storage", "disk": 810123456512, "maxdisk": 852560248832,
         "plugintype": "lvmthin", "shared": 0, "status": "available"}
        {id="storage/pve3/local-lvm"} 812451.2
    A backup server's usage goes up and down: how it grows is told by `datastore.filling`. What is left in it the
    server itself knows best, where it is watched: PVE does not tell what its file system keeps back.
    """
    limits = (thresholds.storage_warning, thresholds.storage_critical)
    days_limits = (thresholds.storage_days_to_full_warning, thresholds.storage_days_to_full_critical)
    trends = space_trends(snapshot)
    behind = _datastores_behind(snapshot)
    findings = []
    for storage in snapshot.storages:
        used, total = storage.used_bytes, storage.total_bytes
        datastore = behind.get((storage.source, storage.name))
        share = fraction(used, total) if datastore is None else datastore.used_share
        if not storage.active or share is None or used is None or total is None:
            continue
        trend = trends.get(storage.entity.key) if storage.plugin != "pbs" else None
        days = trend.days_to_full(used, total) if trend is not None else None
        filling = soon(days, *days_limits)
        full_now = level_with_memory(share, limits, ("storage.full", storage.entity, ""), previous, thresholds)
        slowly = slow_days(snapshot, storage.entity.key, share, limits[1], thresholds)
        severity = worst(full_now, filling, "info" if slowly is not None else None)
        if severity is not None:
            findings.append(_full(snapshot, storage, datastore, severity, days if filling else slowly))
    return CheckResult(tuple(findings))


def _datastores_behind(snapshot: Snapshot) -> dict[tuple[str, str], Datastore]:
    """The datastore that a storage (source, name) is, with sizes of its own; an S3 datastore's are those of a cache."""
    if not any(storage.plugin == "pbs" for storage in snapshot.storages):
        return {}
    places = Places.of(snapshot.storage_configs, snapshot.datastores, snapshot.storages, (), ())
    known = {(item.source, item.name): item for item in snapshot.datastores if item.used_share and not item.on_s3}
    found = {}
    for name in places.config:
        meant = {place[:2] for place in places.places_of(*name)}
        if len(meant) == 1 and (datastore := known.get(meant.pop())) is not None:
            found[name] = datastore
    return found


def _full(
    snapshot: Snapshot, storage: Storage, datastore: Datastore | None, severity: Severity, days: float | None
) -> Finding:
    told = datastore or storage
    used, total = told.used_bytes or 0, told.total_bytes or 0
    left = datastore.available_bytes if datastore is not None else None
    left = max(total - used, 0) if left is None else left
    whose = storage.plugin if datastore is None else f"by the word of the backup server {datastore.source}"
    exhausted = datastore is not None and (datastore.used_share or 0.0) >= 0.999
    how_full = "full" if exhausted else f"{format_percent(used / total if total else 0.0)} full"
    when = f", full in {format_duration(days * DAY_S)}" if days is not None else ""
    return Finding(
        check="storage.full",
        severity=severity,
        entity=storage.entity,
        title=f"Storage {storage.entity.label} is {how_full}{when}",
        detail=f"{format_bytes(used)} of {format_bytes(total)} are used ({whose}), {format_bytes(left)} are left.",
        remedy=_REMEDIES.get(storage.plugin, _REMEDY.replace("STORAGE", storage.name)),
        evidence=(_view(snapshot, storage, days),),
        runbook="thin-pool.md#steps" if storage.plugin == "lvmthin" else "storage-full.md#steps",
    )


def _view(snapshot: Snapshot, storage: Storage, days: float | None = None) -> Evidence:
    return table(
        snapshot,
        storage.source,
        RESOURCES,
        f"Storage {storage.name}",
        ("storage", "node", "type", "active", "used_bytes", "total_bytes", "used_fraction", "time_to_full_s"),
        (
            (
                storage.name,
                storage.node,
                storage.plugin,
                storage.active,
                storage.used_bytes,
                storage.total_bytes,
                fraction(storage.used_bytes or 0, storage.total_bytes or 0),
                days * DAY_S if days is not None else None,
            ),
        ),
    )


CHECKS = (
    Check(
        "storage.inactive",
        "storage",
        "critical",
        ("storages",),
        inactive,
        "Storages reachable",
        also=("nodes", "guests"),
        says_absent=True,
    ),
    # Without the backup server PVE's figures do: that it does not answer leaves nothing unseen here.
    Check(
        "storage.full", "storage", "critical", ("storages",), full, "Space on storages", also=(*ROWS, "space_history")
    ),
)
