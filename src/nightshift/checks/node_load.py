"""What keeps a node from its work: processors, waiting for disks, swap, pressure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nightshift.checks.check import Check
from nightshift.checks.evidence import RESOURCES, table
from nightshift.checks.history import course, histories, recent_mean
from nightshift.checks.levels import level_with_memory
from nightshift.checks.nodes import cache_untold, memory_free
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.inventory import Node
from nightshift.facts.nodes import NodeHistory
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_bytes, format_number, format_percent, fraction

NODE_STATUS = "GET /nodes/{node}/status"
_WINDOW_MIN = 15
_NEVER = float("inf")


def cpu(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Processors of a node that have been busy for a quarter of an hour. A short peak is nobody's concern.

    Judges (PVE API: /nodes/{node}/rrddata), the mean of the last 15 min:
        {"time": 1763884800, "cpu": 0.97, "maxcpu": 8, "iowait": 0.004}
    """
    limits = (thresholds.node_cpu_warning, _NEVER)
    courses = histories(snapshot)
    findings = []
    for node in snapshot.nodes:
        share = recent_mean(snapshot, courses.get(node.entity.key), "cpu", _WINDOW_MIN)
        if share is None or not node.online:
            continue
        identity = ("node.cpu", node.entity, "")
        if level_with_memory(share, limits, identity, previous, thresholds) is not None:
            findings.append(_busy(snapshot, node, share, courses.get(node.entity.key)))
    return CheckResult(tuple(findings))


def _busy(snapshot: Snapshot, node: Node, share: float, history: NodeHistory | None) -> Finding:
    here = [guest for guest in snapshot.guests if (guest.source, guest.node) == (node.source, node.name)]
    busiest = sorted(here, key=lambda guest: -(guest.cpu_fraction or 0.0) * (guest.cpu_count or 1.0))[:10]
    return Finding(
        check="node.cpu",
        severity="warning",
        entity=node.entity,
        title=f"The processors of {node.name} have been {format_percent(share)} busy for {_WINDOW_MIN} min",
        detail=f"Over the last {_WINDOW_MIN} min {node.name} used {format_percent(share)} of its "
        f"{node.cpu_count or 'unknown number of'} processors: every guest on it waits for its turn.",
        remedy=f"On {node.name}: `top -o %CPU` (a VM is one `kvm` process; `qm list` has its vmid). Move a busy guest "
        "away (`qm migrate VMID TARGET --online`), or limit it (`qm set VMID --cpulimit N`).",
        evidence=(
            course(snapshot, node, history, f"Processors of {node.name}", cpu_fraction="cpu", load="load"),
            table(
                snapshot,
                node.source,
                RESOURCES,
                f"Guests on {node.name} that are busiest",
                ("vmid", "name", "cpu_fraction", "cpus"),
                ((item.vmid, item.name, item.cpu_fraction, item.cpu_count) for item in busiest),
            ),
        ),
        runbook="node-load.md#steps",
    )


def iowait(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Processors of a node that wait for its disks. While a backup runs on it that is a remark: reading everything
    takes its time.

    Judges (PVE API: /nodes/{node}/rrddata), the mean of the last 15 min:
        {"time": 1763884800, "cpu": 0.12, "iowait": 0.43, "loadavg": 9.1}
    """
    limits = (thresholds.node_iowait_warning, _NEVER)
    courses = histories(snapshot)
    saving = nodes_with_backups(snapshot)
    findings = []
    for node in snapshot.nodes:
        share = recent_mean(snapshot, courses.get(node.entity.key), "iowait", _WINDOW_MIN)
        if share is None or not node.online:
            continue
        if level_with_memory(share, limits, ("node.iowait", node.entity, ""), previous, thresholds) is not None:
            saves = node.entity.key in saving
            findings.append(_waits(snapshot, node, share, courses.get(node.entity.key), saves=saves))
    return CheckResult(tuple(findings))


def nodes_with_backups(snapshot: Snapshot) -> frozenset[str]:
    """Keys of the nodes on which a backup runs now."""
    return frozenset(
        f"node:{task.source}/{task.node}"
        for task in snapshot.tasks
        if task.outcome == "running" and task.worker_type == "vzdump"
    )


def _waits(snapshot: Snapshot, node: Node, share: float, history: NodeHistory | None, *, saves: bool) -> Finding:
    why = " A backup runs on it now, which reads everything." if saves else ""
    return Finding(
        check="node.iowait",
        severity="info" if saves else "warning",
        entity=node.entity,
        title=f"{node.name} waits for its disks ({format_percent(share)} of the time)",
        detail=f"Over the last {_WINDOW_MIN} min the processors of {node.name} spent {format_percent(share)} of their "
        f"time waiting for disks: guests on it are slow, whatever their own load.{why}",
        remedy=f"On {node.name}: `iostat -x 5 3` shows which disk, `iotop -oP` who keeps it busy. A failing disk is "
        "slow before it dies: `smartctl -a /dev/sdX`, `zpool status -v`.",
        evidence=(
            course(
                snapshot, node, history, f"Waiting of {node.name}", iowait_fraction="iowait", cpu_fraction="cpu",
                load="load",
            ),
        ),
        runbook="node-load.md#steps",
    )  # fmt: skip


def load(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """More work than processors, for a quarter of an hour: the load counts what runs, what wants to, and what waits for
    a disk.

    Judges (PVE API: /nodes/{node}/status), the load of 15 min over the processors:
        {"loadavg": ["21.40", "19.85", "18.02"], "cpuinfo": {"cpus": 8}}
    """
    findings = []
    for node in snapshot.nodes:
        if not node.online or node.load is None or not node.cpu_count:
            continue
        if node.load[2] / node.cpu_count >= thresholds.node_load_per_cpu_warning:
            findings.append(_loaded(snapshot, node, node.load, node.cpu_count))
    return CheckResult(tuple(findings))


def _loaded(snapshot: Snapshot, node: Node, figures: tuple[float, float, float], cpus: int) -> Finding:
    return Finding(
        check="node.load",
        severity="warning",
        entity=node.entity,
        title=f"{node.name} has more work than processors (load {format_number(figures[2])} on {cpus})",
        detail=f"Over the last 15 min {format_number(figures[2])} tasks were running or waiting on {node.name}, which "
        f"has {cpus} processors.",
        remedy=f"On {node.name}: `vmstat 5 5`. Many in column r want a processor, many in b wait for a disk or a "
        "network share that does not answer: `ps -eo state,pid,args | grep '^D'`.",
        evidence=(
            table(
                snapshot,
                node.source,
                NODE_STATUS.format(node=node.name),
                f"Load of {node.name}",
                ("node", "load1", "load5", "load15", "cpus"),
                ((node.name, *figures, cpus),),
            ),
        ),
        runbook="node-load.md#steps",
    )


def swap(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Swap of a node that is nearly used up. With memory to spare it is old pages that nobody asks for, a remark; when
    memory is short or tasks wait for it, the node is about to crawl.

    Judges (PVE API: /nodes/{node}/status):
        {"swap": {"total": 8589930496, "used": 8246337208, "free": 343593288}}
    """
    limits = (thresholds.node_swap_warning, _NEVER)
    courses = histories(snapshot)
    untold = cache_untold(snapshot)
    free = {key: size for key, size in memory_free(snapshot).items() if key not in untold}
    findings = []
    for node in snapshot.nodes:
        share = fraction(node.swap_used_bytes, node.swap_total_bytes)
        if share is None or not node.online:
            continue
        if level_with_memory(share, limits, ("node.swap", node.entity, ""), previous, thresholds) is not None:
            history = courses.get(node.entity.key)
            short = _memory_is_short(snapshot, node, history, free.get(node.entity.key), thresholds)
            findings.append(_swapped(snapshot, node, share, history, short=short))
    return CheckResult(tuple(findings))


def _memory_is_short(
    snapshot: Snapshot, node: Node, history: NodeHistory | None, free_bytes: float | None, thresholds: Thresholds
) -> bool:
    """By the tasks that wait for memory, else by what is free of it, the ZFS cache included."""
    stalled = recent_mean(snapshot, history, "pressure_memory_some", _WINDOW_MIN)
    if stalled is not None and stalled >= thresholds.node_pressure_memory_warning:
        return True
    total = node.memory_total_bytes
    return bool(free_bytes is not None and total and 1.0 - free_bytes / total >= thresholds.node_memory_warning)


def _swapped(snapshot: Snapshot, node: Node, share: float, history: NodeHistory | None, *, short: bool) -> Finding:
    used, total = node.swap_used_bytes or 0, node.swap_total_bytes or 0
    meaning = (
        "Memory is short as well: what is needed is read back from disk, and everything slows down."
        if short
        else "There is memory to spare: these are pages that nobody has asked for of late."
    )
    return Finding(
        check="node.swap",
        severity="warning" if short else "info",
        entity=node.entity,
        title=f"{node.name} has used {format_percent(share)} of its swap",
        detail=f"{format_bytes(used)} of {format_bytes(total)} of swap are in use on {node.name}. {meaning}",
        remedy=f"On {node.name}: `vmstat 5 5` (columns si and so show whether it swaps now), then who is in it: `grep "
        "VmSwap /proc/[0-9]*/status | sort -k2 -n | tail`. Give guests less memory, or move one away; `sysctl "
        "vm.swappiness` should be low.",
        evidence=(
            course(
                snapshot, node, history, f"Memory and swap of {node.name}", swap_used_bytes="swap_used_bytes",
                memory_used_bytes="memory_used_bytes", stalled_fraction="pressure_memory_some",
            ),
            table(
                snapshot,
                node.source,
                NODE_STATUS.format(node=node.name),
                f"Swap of {node.name}",
                ("node", "swap_used_bytes", "swap_total_bytes", "swap_used_fraction"),
                ((node.name, used, total, share),),
            ),
        ),
        runbook="swap.md#steps",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of pressure: what is short, the figure that tells, its limit, and what to look at."""

    name: str
    field: str
    limit: Callable[[Thresholds], float]
    look: str
    runbook: str


_KINDS = (
    _Kind(
        "memory",
        "pressure_memory_some",
        lambda thresholds: thresholds.node_pressure_memory_warning,
        "`cat /proc/pressure/memory`, `free -h`, `ps -eo rss,args --sort=-rss | head`",
        "memory-pressure.md#steps",
    ),
    _Kind(
        "disks",
        "pressure_io_some",
        lambda thresholds: thresholds.node_pressure_io_warning,
        "`cat /proc/pressure/io`, `iostat -x 5 3`, `iotop -oP`",
        "node-load.md#steps",
    ),
    _Kind(
        "processors",
        "pressure_cpu_some",
        lambda thresholds: thresholds.node_pressure_cpu_warning,
        "`cat /proc/pressure/cpu`, `top -o %CPU`",
        "node-load.md#steps",
    ),
)


def pressure(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Tasks of a node that wait for memory, disks or processors (PSI), whatever the usage says. Kept by PVE from 9 on;
    a node before that says nothing here. While a backup runs on it, waiting for disks is a remark.

    Judges (PVE API: /nodes/{node}/rrddata), in percent, the mean of the last 15 min:
        {"time": 1763884800, "pressurecpusome": 2.1, "pressureiosome": 52.3, "pressurememorysome": 0.0}
    """
    courses = histories(snapshot)
    saving = nodes_with_backups(snapshot)
    findings = []
    for node in snapshot.nodes:
        history = courses.get(node.entity.key)
        for kind in _KINDS:
            share = recent_mean(snapshot, history, kind.field, _WINDOW_MIN)
            if share is None or not node.online:
                continue
            limits = (kind.limit(thresholds), _NEVER)
            if level_with_memory(share, limits, ("node.pressure", node.entity, kind.name), previous, thresholds):
                saves = kind.name == "disks" and node.entity.key in saving
                severity: Severity = "info" if saves else "warning"
                findings.append(_pressed(snapshot, node, kind, share, severity, _pressures(snapshot, node, history)))
    return CheckResult(tuple(findings))


def _pressures(snapshot: Snapshot, node: Node, history: NodeHistory | None) -> Evidence:
    return course(
        snapshot, node, history, f"Share of the time in which some task on {node.name} waited",
        memory_fraction="pressure_memory_some", disks_fraction="pressure_io_some",
        processors_fraction="pressure_cpu_some",
    )  # fmt: skip


def _pressed(
    snapshot: Snapshot, node: Node, kind: _Kind, share: float, severity: Severity, evidence: Evidence
) -> Finding:
    here = sum(1 for guest in snapshot.guests if (guest.source, guest.node) == (node.source, node.name))
    return Finding(
        check="node.pressure",
        severity=severity,
        entity=node.entity,
        discriminator=kind.name,
        title=f"Tasks on {node.name} wait for {kind.name} {format_percent(share)} of the time",
        detail=f"Over the last {_WINDOW_MIN} min some task on {node.name} was waiting for {kind.name} "
        f"{format_percent(share)} of the time (pressure stall information). {here} guests share them.",
        remedy=f"On {node.name}: {kind.look}. Then move a guest away, or spread what runs at the same time.",
        evidence=(evidence,),
        runbook=kind.runbook,
    )


CHECKS = (
    Check("node.cpu", "nodes", "warning", ("nodes", "node_history"), cpu, "Processors of nodes", also=("guests",)),
    Check(
        "node.iowait",
        "nodes",
        "warning",
        ("nodes", "node_history"),
        iowait,
        "Nodes that wait for their disks",
        also=("tasks",),
    ),
    Check("node.load", "nodes", "warning", ("nodes",), load, "Load of nodes"),
    Check("node.swap", "nodes", "warning", ("nodes",), swap, "Swap of nodes", also=("node_history",)),
    Check(
        "node.pressure",
        "nodes",
        "warning",
        ("nodes", "node_history"),
        pressure,
        "Tasks of nodes that wait for something",
        also=("tasks", "guests"),
    ),
)
