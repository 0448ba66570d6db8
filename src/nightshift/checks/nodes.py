"""What runs short on a node: memory, its root file system, and what the kernel does about it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from nightshift.checks.check import Check
from nightshift.checks.evidence import counted, metric_source, table
from nightshift.checks.history import histories
from nightshift.checks.levels import level_with_memory, worst
from nightshift.checks.metric_rows import expr_of
from nightshift.checks.previous import Previous
from nightshift.checks.samples import by_entity, hosts_of_containers, instance_entity
from nightshift.checks.space_trends import slow_days
from nightshift.checks.thresholds import DAY_S, Thresholds
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.ids import Entity, node_key
from nightshift.facts.inventory import Node
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_bytes, format_duration, format_percent, fraction

NODE_STATUS = "GET /nodes/{node}/status"
_ARC_AT_LEAST = 32 * 2**20


def memory(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Memory of a node that is nearly used up. What the ZFS cache (ARC) can give back counts as free, as node_exporter
    tells it, or else PVE from 9 on: neither `used` nor `available` knows that. Where a node has ZFS and nobody tells, a
    full memory may be a full cache, and is a remark, unless its guests alone fill it.

    Judges (PVE API: /nodes/{node}/status, and the `arcsize` of /nodes/{node}/rrddata):
        {"memory": {"total": 67185000448, "used": 65013862400, "free": 2171138048, "available": 2405138048}}
    """
    reclaimable = _reclaimable(snapshot)
    limits = (thresholds.node_memory_warning, thresholds.node_memory_critical)
    untold, at_best = cache_untold(snapshot), memory_free_at_best(snapshot)
    findings = []
    for node in snapshot.nodes:
        used = _memory_used(node, reclaimable)
        if used is None or not node.memory_total_bytes:
            continue
        identity = ("node.memory", node.entity, "")
        severity = level_with_memory(used / node.memory_total_bytes, limits, identity, previous, thresholds)
        if severity is not None:
            surely_used = node.memory_total_bytes - at_best.get(node.entity.key, float(node.memory_total_bytes))
            sure = node.entity.key not in untold or surely_used / node.memory_total_bytes >= limits[0]
            findings.append(_memory_short(snapshot, node, used, severity if sure else "info", sure=sure))
    return CheckResult(tuple(findings))


def cache_untold(snapshot: Snapshot) -> frozenset[str]:
    """Keys of the nodes that have a ZFS pool, and with it a cache in their memory whose size nobody tells."""
    pools = (node_key(pool.source, pool.node) for pool in snapshot.zfs_pools)
    storages = (
        node_key(storage.source, storage.node)
        for storage in snapshot.storages
        if storage.plugin == "zfspool" and storage.node is not None
    )
    return frozenset((*pools, *storages)) - _reclaimable(snapshot).keys()


def _reclaimable(snapshot: Snapshot) -> dict[str, float]:
    """What the ZFS cache of each node can give back, by its key. Without node_exporter its lower bound is not known:
    ZFS keeps a thirty-second of the memory unless it was told otherwise."""
    told: dict[str, float] = {}
    for key, history in histories(snapshot).items():
        latest = next((point for point in reversed(history.points) if point.arc_bytes is not None), None)
        if latest is not None and latest.arc_bytes is not None and latest.memory_total_bytes:
            told[key] = max(latest.arc_bytes - max(latest.memory_total_bytes / 32, _ARC_AT_LEAST), 0.0)
    return told | by_entity(snapshot, "arc_reclaimable")


def _memory_used(node: Node, reclaimable: Mapping[str, float]) -> float | None:
    """What is surely in use; by what the kernel calls available where PVE tells it, which leaves out its cache."""
    used: float | None = node.memory_used_bytes
    if node.memory_available_bytes is not None and node.memory_total_bytes:
        used = node.memory_total_bytes - node.memory_available_bytes
    return None if used is None else max(used - reclaimable.get(node.entity.key, 0.0), 0.0)


def memory_free(snapshot: Snapshot) -> dict[str, float]:
    """What each node that is online could give to more guests, in bytes, by its key; nodes that do not say are left
    out. At least: where nobody tells the size of a node's ZFS cache, that counts as used."""
    reclaimable = _reclaimable(snapshot)
    free: dict[str, float] = {}
    for node in snapshot.nodes:
        used = _memory_used(node, reclaimable)
        if node.online and used is not None and node.memory_total_bytes:
            free[node.entity.key] = max(node.memory_total_bytes - used, 0.0)
    return free


def memory_free_at_best(snapshot: Snapshot) -> dict[str, float]:
    """The same, where nobody tells the size of a node's ZFS cache, as if all was cache that its guests do not use."""
    used: dict[str, int] = {}
    for guest in snapshot.guests:
        key = node_key(guest.source, guest.node)
        used[key] = used.get(key, 0) + (guest.memory_used_bytes or 0)
    untold = cache_untold(snapshot)
    return memory_free(snapshot) | {
        node.entity.key: max(float(node.memory_total_bytes - used.get(node.entity.key, 0)), 0.0)
        for node in snapshot.nodes
        if node.online and node.memory_total_bytes and node.entity.key in untold
    }


def _memory_short(snapshot: Snapshot, node: Node, used: float, severity: Severity, *, sure: bool) -> Finding:
    total = node.memory_total_bytes or 0
    here = [guest for guest in snapshot.guests if (guest.source, guest.node) == (node.source, node.name)]
    largest = sorted(here, key=lambda guest: -(guest.memory_used_bytes or 0))[:10]
    doubt = (
        ""
        if sure
        else " That includes the ZFS cache, which gives way when memory is wanted: neither a node_exporter on it nor "
        "PVE (from 9 on) tells how large that is."
    )
    return Finding(
        check="node.memory",
        severity=severity,
        entity=node.entity,
        title=f"Node {node.name} has used {format_percent(used / total)} of its memory",
        detail=f"{format_bytes(used)} of {format_bytes(total)} are in use on {node.name}. When nothing is left, the "
        f"kernel kills processes: a whole VM is one process.{doubt}",
        remedy="Move a guest away (`qm migrate VMID TARGET --online`), or give the largest ones less memory. On "
        f"{node.name}: `ps -eo rss,args --sort=-rss | head` and, with ZFS, `arc_summary -s arc`.",
        evidence=(
            table(
                snapshot,
                node.source,
                NODE_STATUS.format(node=node.name),
                f"Memory of {node.name}",
                ("node", "memory_used_bytes", "memory_total_bytes", "memory_used_fraction"),
                ((node.name, node.memory_used_bytes, total, used / total),),
            ),
            table(
                snapshot,
                node.source,
                "GET /cluster/resources",
                f"Guests on {node.name} with the most memory",
                ("vmid", "name", "memory_used_bytes", "memory_total_bytes"),
                ((item.vmid, item.name, item.memory_used_bytes, item.memory_total_bytes) for item in largest),
            ),
        ),
        runbook="memory-pressure.md#steps",
    )


def rootfs(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """The root file system of a node. When it is full, /etc/pve and the logs cannot be written. That it fills slowly
    and steadily is a remark, as of storages.

    Judges (PVE API: /nodes/{node}/status):
        {"rootfs": {"total": 100861726720, "used": 95818640384, "avail": 5043086336, "free": 5043086336}}
    """
    limits = (thresholds.node_rootfs_warning, thresholds.node_rootfs_critical)
    findings = []
    for node in snapshot.nodes:
        share = fraction(node.rootfs_used_bytes, node.rootfs_total_bytes)
        if share is None:
            continue
        severity = level_with_memory(share, limits, ("node.rootfs", node.entity, ""), previous, thresholds)
        days = slow_days(snapshot, node.entity.key, share, limits[1], thresholds)
        severity = worst(severity, "info" if days is not None else None)
        if severity is not None:
            findings.append(_rootfs_full(snapshot, node, share, severity, days))
    return CheckResult(tuple(findings))


def _rootfs_full(snapshot: Snapshot, node: Node, share: float, severity: Severity, days: float | None) -> Finding:
    used, total = node.rootfs_used_bytes or 0, node.rootfs_total_bytes or 0
    when = f", full in {format_duration(days * DAY_S)}" if days is not None else ""
    return Finding(
        check="node.rootfs",
        severity=severity,
        entity=node.entity,
        title=f"The root file system of {node.name} is {format_percent(share)} full{when}",
        detail=f"{format_bytes(used)} of {format_bytes(total)} are used, {format_bytes(max(total - used, 0))} are "
        "left. When it is full, configuration and logs cannot be written and guests may not start.",
        remedy=f"On {node.name}: `du -xh --max-depth=2 / | sort -h | tail -20`; usual suspects are old ISO images "
        "and backups in /var/lib/vz, `journalctl --vacuum-size=500M`, old kernels (`apt autoremove --purge`), `apt "
        "clean`.",
        evidence=(
            table(
                snapshot,
                node.source,
                NODE_STATUS.format(node=node.name),
                f"Root file system of {node.name}",
                ("node", "used_bytes", "total_bytes", "used_fraction", "time_to_full_s"),
                ((node.name, used, total, share, days * DAY_S if days is not None else None),),
            ),
        ),
        runbook="storage-full.md#steps",
    )


def oom_kills(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """The kernel killed processes for want of memory. The counter names no victim: the journal does.

    Judges (PromQL row `oom_kills_1h`):
        {instance="pve2:9100", job="node"} 8
    A node_exporter in a container counts what the kernel of its host does.
    """
    source = metric_source(snapshot)
    hosts = hosts_of_containers(snapshot)
    findings = []
    for sample in snapshot.metrics["oom_kills_1h"]:
        kills = round(sample.value) if math.isfinite(sample.value) else 0
        where = instance_entity(snapshot, sample.labels)
        if kills >= thresholds.oom_kills_warning and where is not None:
            findings.append(_killed(snapshot, source, hosts.get(where.key, where), kills))
    return CheckResult(tuple(findings))


def _killed(snapshot: Snapshot, source: str, where: Entity, kills: int) -> Finding:
    return Finding(
        check="node.oom_kills",
        severity="warning",
        entity=where,
        title=f"The kernel of {where.label} killed {counted(kills, 'process', 'processes')} for want of memory",
        detail=f"{counted(kills, 'kill')} in the last hour on {where.label}. The counter does not name the victim; "
        "a container that reaches its memory limit is killed by its host.",
        remedy=f"On {where.label}: `journalctl -k --since -1h | grep -iE 'oom|killed process'` names the victim and "
        "its memory group (`lxc/VMID`).",
        evidence=(
            table(
                snapshot,
                source,
                expr_of("oom_kills_1h"),
                "Processes killed in the last hour",
                ("host", "kills"),
                ((where.label, kills),),
            ),
        ),
        runbook="container-oom.md#steps",
    )


CHECKS = (
    Check(
        "node.memory",
        "nodes",
        "critical",
        ("nodes",),
        memory,
        "Memory of nodes",
        also=("guests", "node_history", "zfs_pools", "storages"),
    ),
    Check(
        "node.rootfs", "nodes", "critical", ("nodes",), rootfs, "Root file systems of nodes", also=("space_history",)
    ),
    Check(
        "node.oom_kills",
        "nodes",
        "warning",
        ("metrics.oom_kills_1h",),
        oom_kills,
        "Processes killed for memory",
        also=("guests",),
    ),
)
