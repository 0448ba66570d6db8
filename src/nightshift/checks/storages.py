"""Storages of PVE: those that do not answer, and those that run full."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.evidence import RESOURCES, table
from nightshift.checks.levels import level_with_memory
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.inventory import Storage
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_bytes, format_percent, fraction

_REMEDIES = {
    "zfspool": "`zfs list -o space -t filesystem,volume` shows what holds the space, snapshots included; "
    "`zfs list -t snapshot -o name,used -s used` the largest snapshots.",
    "lvmthin": "`lvs -a -o lv_name,data_percent,metadata_percent` shows who holds the space. Deleted data returns "
    "only with `discard=on` and `fstrim -av` in the guests. A thin pool that reaches 100 % stops its guests.",
    "pbs": "It is a backup server's datastore: prune, then run garbage collection there; pruning alone frees nothing.",
}
_REMEDY = "`pvesm list STORAGE` shows what is on it: old ISO images, backups and unused disks first."


def inactive(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A storage that is configured and wanted, and does not answer. Its sizes are unknown then, not zero.

    Judges (PVE API: /cluster/resources), on a node that is online:
        {"id": "storage/pve1/nas-media", "type": "storage", "status": "unknown", "plugintype": "nfs", "shared": 1}
    """
    online = {(node.source, node.name) for node in snapshot.nodes if node.online}
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
        runbook="storage-full.md#steps",
    )


def full(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A storage that is nearly full.

    Judges (PVE API: /cluster/resources):
        {"id": "storage/pve3/local-lvm", "type": "storage", "disk": 810123456512, "maxdisk": 852560248832,
         "plugintype": "lvmthin", "shared": 0, "status": "available"}
    """
    limits = (thresholds.storage_warning, thresholds.storage_critical)
    findings = []
    for storage in snapshot.storages:
        used, total = storage.used_bytes, storage.total_bytes
        share = fraction(used, total) if used is not None and total is not None else None
        if not storage.active or share is None:
            continue
        severity = level_with_memory(share, limits, ("storage.full", storage.entity, ""), previous, thresholds)
        if severity is not None:
            findings.append(_full(snapshot, storage, share, severity))
    return CheckResult(tuple(findings))


def _full(snapshot: Snapshot, storage: Storage, share: float, severity: Severity) -> Finding:
    used, total = storage.used_bytes or 0, storage.total_bytes or 0
    return Finding(
        check="storage.full",
        severity=severity,
        entity=storage.entity,
        title=f"Storage {storage.entity.label} is {format_percent(share)} full",
        detail=f"{format_bytes(used)} of {format_bytes(total)} are used ({storage.plugin}), "
        f"{format_bytes(max(total - used, 0))} are left.",
        remedy=_REMEDIES.get(storage.plugin, _REMEDY.replace("STORAGE", storage.name)),
        evidence=(_view(snapshot, storage),),
        runbook="storage-full.md#steps",
    )


def _view(snapshot: Snapshot, storage: Storage) -> Evidence:
    return table(
        snapshot,
        storage.source,
        RESOURCES,
        f"Storage {storage.name}",
        ("storage", "node", "type", "active", "used_bytes", "total_bytes", "used_fraction"),
        (
            (
                storage.name,
                storage.node,
                storage.plugin,
                storage.active,
                storage.used_bytes,
                storage.total_bytes,
                fraction(storage.used_bytes or 0, storage.total_bytes or 0),
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
        also=("nodes",),
        says_absent=True,
    ),
    Check("storage.full", "storage", "critical", ("storages",), full, "Space on storages"),
)
