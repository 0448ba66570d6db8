"""LVM thin pools: their metadata, which fills apart from the data, and pools that are no storage of PVE."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.evidence import table
from nightshift.checks.levels import level_with_memory
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.hardware import ThinPool
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_bytes, format_percent, fraction

_REQUEST = "GET /nodes/{node}/disks/lvmthin"
_SAME_SIZE = 0.01
_RUNBOOK = "thin-pool.md#steps"


def metadata(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A thin pool whose metadata is nearly full: at the limit all of its volumes become read-only, with room to spare.

    Judges (PVE API: /nodes/{node}/disks/lvmthin):
        {"lv": "data", "vg": "pve", "lv_size": 852560248832, "used": 340000000000, "metadata_size": 8694792192,
         "metadata_used": 7300000000}
    """
    limits = (thresholds.thin_metadata_warning, thresholds.thin_metadata_critical)
    findings = []
    for pool in snapshot.thin_pools:
        if pool.metadata_size_bytes is None or pool.metadata_used_bytes is None:
            continue
        share = fraction(pool.metadata_used_bytes, pool.metadata_size_bytes)
        if share is None:
            continue
        severity = level_with_memory(share, limits, ("thin.metadata", pool.entity, ""), previous, thresholds)
        if severity is not None:
            findings.append(_metadata_full(snapshot, pool, share, severity))
    return CheckResult(tuple(findings))


def _metadata_full(snapshot: Snapshot, pool: ThinPool, share: float, severity: Severity) -> Finding:
    name = f"{pool.group}/{pool.volume}"
    return Finding(
        check="thin.metadata",
        severity=severity,
        entity=pool.entity,
        title=f"The metadata of thin pool {name} on {pool.node} is {format_percent(share)} full",
        detail=f"{format_bytes((pool.metadata_size_bytes or 0) - (pool.metadata_used_bytes or 0))} of its metadata are "
        "left. When they are used up, every volume of the pool becomes read-only, however much room its data has.",
        remedy=f"On {pool.node}: `lvs -a -o lv_name,data_percent,metadata_percent {pool.group}`. `lvextend "
        "--poolmetadatasize "
        f"+1G {name}` makes it larger while it runs; old snapshots take most of it.",
        evidence=(_view(snapshot, pool),),
        runbook=_RUNBOOK,
    )


def data(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A thin pool that is nearly full and that no storage of PVE tells of (`storage.full` judges those that do).

    Judges (PVE API: /nodes/{node}/disks/lvmthin):
        {"lv": "vms", "vg": "fast", "lv_size": 852560248832, "used": 840000000000}
    """
    told = [
        (storage.source, storage.node, storage.total_bytes)
        for storage in snapshot.storages
        if storage.plugin == "lvmthin" and storage.total_bytes
    ]
    limits = (thresholds.storage_warning, thresholds.storage_critical)
    findings = []
    for pool in snapshot.thin_pools:
        if any(
            (source, node) == (pool.source, pool.node) and abs(size - pool.size_bytes) <= _SAME_SIZE * size
            for source, node, size in told
        ):
            continue
        share = fraction(pool.used_bytes, pool.size_bytes)
        if share is None:
            continue
        severity = level_with_memory(share, limits, ("thin.data", pool.entity, ""), previous, thresholds)
        if severity is not None:
            findings.append(_data_full(snapshot, pool, share, severity))
    return CheckResult(tuple(findings))


def _data_full(snapshot: Snapshot, pool: ThinPool, share: float, severity: Severity) -> Finding:
    name = f"{pool.group}/{pool.volume}"
    return Finding(
        check="thin.data",
        severity=severity,
        entity=pool.entity,
        title=f"Thin pool {name} on {pool.node} is {format_percent(share)} full",
        detail=f"{format_bytes(max(pool.size_bytes - pool.used_bytes, 0))} of {format_bytes(pool.size_bytes)} are "
        "left. A "
        "pool that reaches 100 % stops what is on it.",
        remedy=f"On {pool.node}: `lvs -a -o lv_name,lv_size,data_percent {pool.group}` shows which volume holds the "
        "space.",
        evidence=(_view(snapshot, pool),),
        runbook=_RUNBOOK,
    )


def _view(snapshot: Snapshot, pool: ThinPool) -> Evidence:
    return table(
        snapshot,
        pool.source,
        _REQUEST,
        f"Thin pool {pool.group}/{pool.volume}",
        ("node", "pool", "used_bytes", "total_bytes", "metadata_used_bytes", "metadata_total_bytes"),
        (
            (
                pool.node,
                f"{pool.group}/{pool.volume}",
                pool.used_bytes,
                pool.size_bytes,
                pool.metadata_used_bytes,
                pool.metadata_size_bytes,
            ),
        ),
    )


CHECKS = (
    Check("thin.metadata", "storage", "critical", ("thin_pools",), metadata, "Metadata of thin pools"),
    Check("thin.data", "storage", "critical", ("thin_pools", "storages"), data, "Thin pools that are no storage"),
)
