"""Guests that stand still, or whose memory or processors are used up."""

from __future__ import annotations

import math

from nightshift.checks.check import Check
from nightshift.checks.evidence import RESOURCES, metric_source, table
from nightshift.checks.guest_tasks import guest_history
from nightshift.checks.levels import level_with_memory
from nightshift.checks.metric_rows import expr_of
from nightshift.checks.previous import Previous
from nightshift.checks.samples import by_entity
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_bytes, format_percent

_STANDING_STILL = {
    "paused": "It is paused: it keeps its memory and does nothing.",
    "io-error": "Its virtual machine stopped because a disk could not be read or written.",
    "internal-error": "Its virtual machine stopped with an internal error.",
    "guest-panicked": "Its operating system crashed.",
    "suspended": "It is suspended to disk or memory.",
    "watchdog": "Its watchdog fired: nothing in it answered.",
    "prelaunch": "QEMU was started for it, and it never began to run.",
}
_BROKEN = ("io-error", "internal-error", "guest-panicked", "watchdog")
_AS_IT_SHOULD_BE = ("running", "stopped", "unknown")


def memory(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A guest whose memory stays near its limit. For a VM only what is measured inside counts: the host's figure
    contains the guest's cache.

    Judges (PromQL rows `guest_memory_floor_30m` of a container, what it used at every moment of 30 min, and
    `memory_available_30m` of a VM, the most that was free within 30 min):
        {id="lxc/105"} 0.97         {instance="nas:9100"} 0.03
    """
    floors = by_entity(snapshot, "guest_memory_floor_30m")
    available = by_entity(snapshot, "memory_available_30m")
    limits = (thresholds.guest_memory_warning, 2.0)
    findings = []
    for guest in snapshot.guests:
        key = guest.entity.key
        inside = 1.0 - available[key] if key in available else None
        share = inside if guest.kind == "qemu" else floors.get(key, inside)
        if share is None or guest.status != "running":
            continue
        if level_with_memory(share, limits, ("guest.memory", guest.entity, ""), previous, thresholds) is not None:
            row = "memory_available_30m" if guest.kind == "qemu" else "guest_memory_floor_30m"
            findings.append(_memory_short(snapshot, guest, share, row))
    return CheckResult(tuple(findings))


def _memory_short(snapshot: Snapshot, guest: Guest, share: float, row: str) -> Finding:
    total = guest.memory_total_bytes or 0
    tool = "qm" if guest.kind == "qemu" else "pct"
    of = f" of {format_bytes(total)}" if total else ""
    return Finding(
        check="guest.memory",
        severity="warning",
        entity=guest.entity,
        title=f"{guest.entity.label} has used {format_percent(share)} of its memory for half an hour",
        detail=f"{guest.entity.label} never used less than {format_percent(share)}{of} in the last 30 minutes. At "
        "the limit, its processes are killed or it swaps.",
        remedy=f"Inside: `ps -eo rss,args --sort=-rss | head`. If it needs that much: `{tool} set {guest.vmid} "
        f"--memory {more_memory_mib(guest)}` (MiB).",
        evidence=(
            table(
                snapshot,
                metric_source(snapshot),
                expr_of(row),
                f"Memory of {guest.entity.label}",
                ("guest", "memory_used_fraction", "memory_total_bytes"),
                ((guest.entity.label, share, guest.memory_total_bytes),),
            ),
        ),
        runbook="memory-pressure.md#steps",
    )


def standing_still(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A VM that is neither running nor stopped. While a task works on it (a backup starts a stopped VM in `prelaunch`)
    that is part of the work; a lock alone, whose task is dead, is no excuse.

    Judges (PVE API: /cluster/resources):
        {"id": "qemu/104", "type": "qemu", "vmid": 104, "status": "io-error", "name": "nextcloud", "node": "pve1"}
    """
    history = guest_history(snapshot)
    findings = []
    for guest in snapshot.guests:
        if guest.kind != "qemu" or guest.status in _AS_IT_SHOULD_BE or guest.lock in ("suspended", "suspending"):
            continue
        sure = history.knows_node_of(guest) or guest.lock is None
        if sure and not history.is_busy(guest):
            meaning = _STANDING_STILL.get(guest.status, "QEMU waits in this state for something that does not come.")
            findings.append(_still(snapshot, guest, meaning))
    return CheckResult(tuple(findings))


def _still(snapshot: Snapshot, guest: Guest, meaning: str) -> Finding:
    severity: Severity = "critical" if guest.status in _BROKEN else "warning"
    return Finding(
        check="guest.state",
        severity=severity,
        entity=guest.entity,
        title=f"{guest.entity.label} is in state {guest.status}",
        detail=f"{meaning} It runs on {guest.node}.",
        remedy=f"On {guest.node}: `qm status {guest.vmid} --verbose`. After an I/O error, mend the storage first "
        f"(`pvesm status`, `zpool status`); then `qm resume {guest.vmid}`.",
        evidence=(
            table(
                snapshot,
                guest.source,
                RESOURCES,
                f"State of {guest.entity.label}",
                ("vmid", "name", "node", "status", "lock"),
                ((guest.vmid, guest.name, guest.node, guest.status, guest.lock),),
            ),
        ),
        runbook="guest-paused.md#steps",
    )


def cpu(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A guest whose processors were busy at every moment of an hour: what runs in it waits.

    Judges (PromQL row `guest_cpu_floor_1h`, the share of its own processors that it never went below):
        {id="qemu/112"} 0.86
    """
    floors = by_entity(snapshot, "guest_cpu_floor_1h")
    findings = []
    for guest in snapshot.guests:
        share = floors.get(guest.entity.key)
        if share is None or guest.status != "running":
            continue
        limits = (thresholds.guest_cpu_warning, math.inf)
        if level_with_memory(share, limits, ("guest.cpu", guest.entity, ""), previous, thresholds) is not None:
            findings.append(_busy(snapshot, guest, share))
    return CheckResult(tuple(findings))


def _busy(snapshot: Snapshot, guest: Guest, share: float) -> Finding:
    cores = f" of its {guest.cpu_count:.0f} processors" if guest.cpu_count else " of its processors"
    look = (
        f"inside, `top -o %CPU` shows which process. On {guest.node}: `qm config {guest.vmid} | grep -E "
        "'cores|cpulimit'`"
        if guest.kind == "qemu"
        else f"On {guest.node}: `pct exec {guest.vmid} -- ps -eo pcpu,args --sort=-pcpu | head`"
    )
    return Finding(
        check="guest.cpu",
        severity="warning",
        entity=guest.entity,
        title=f"{guest.entity.label} has kept its processors busy for an hour",
        detail=f"It never used less than {format_percent(share)}{cores} within the last hour.",
        remedy=f"{look[0].upper()}{look[1:]}. If it is meant to compute that much, give it more cores or raise "
        "guest_cpu_warning.",
        evidence=(
            table(
                snapshot,
                metric_source(snapshot),
                expr_of("guest_cpu_floor_1h"),
                f"Processors of {guest.entity.label}",
                ("guest", "cpu_floor_fraction", "cores"),
                ((guest.entity.label, share, guest.cpu_count),),
            ),
        ),
        runbook="guest-cpu.md#steps",
    )


def more_memory_mib(guest: Guest) -> int:
    """Half as much again as it has, in MiB, for `pct set --memory`."""
    now_mib = (guest.memory_total_bytes or 0) // 2**20
    return max(now_mib * 3 // 2, 512)


CHECKS = (
    Check(
        "guest.memory",
        "guests",
        "warning",
        ("guests", "metrics.guest_memory_floor_30m"),
        memory,
        "Memory of guests",
        also=("metrics.memory_available_30m",),
    ),
    Check("guest.state", "guests", "critical", ("guests",), standing_still, "States of guests", also=("tasks",)),
    Check(
        "guest.cpu",
        "guests",
        "warning",
        ("guests", "metrics.guest_cpu_floor_1h"),
        cpu,
        "Processors of guests",
    ),
)
