"""Guests that start again and again: many times an hour, or every few hours since yesterday."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from nightshift.checks.check import Check
from nightshift.checks.evidence import TASKS, counted, iso, metric_source, table
from nightshift.checks.guest_tasks import STOPS
from nightshift.checks.guests import more_memory_mib
from nightshift.checks.metric_rows import expr_of
from nightshift.checks.previous import Previous
from nightshift.checks.samples import by_entity
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.tasks import Task
from nightshift.facts.units import format_bytes, format_percent

_STARTS = ("qmstart", "vzstart", "hastart", "qmreset", "qmreboot", "vzreboot")
_ASKED = (*STOPS, "qmreset", "qmreboot", "vzreboot")
_MEMORY_AT_LIMIT = 0.97
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
# So many starts in so long, slower than the loop of an hour: a container that leaks for forty minutes and is killed.
_SLOW = ((4, timedelta(hours=4)), (6, _DAY))
_STARTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class _Loop:
    """How often a guest started within a time; `tasks` are those starts that PVE wrote down, oldest first."""

    count: int
    within: timedelta
    tasks: Sequence[Task]

    @property
    def span(self) -> str:
        hours = self.within // _HOUR
        return "the last hour" if hours == 1 else f"the last {hours} hours"


def restart_loop(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A guest that starts again and again. When the memory of a container stood at its limit, the kernel killed it.

    Judges (PromQL rows `guest_restarts_1h`, `guest_memory_peak_1h`):
        {id="lxc/116"} 8            {id="lxc/116"} 0.998
    and the start tasks of the last day (PVE API: /nodes/{node}/tasks): four in 4 h or six in 24 h are a loop as well,
    as long as the next start is not overdue. Stop-mode backups restart a guest once a night, and within their own
    task: that is no loop. A restart that follows a shutdown or reboot by hand was asked for, and does not count.
    """
    restarts = by_entity(snapshot, "guest_restarts_1h")
    peaks = by_entity(snapshot, "guest_memory_peak_1h")
    kills = by_entity(snapshot, "oom_kills_1h")
    starts, asked = _tasks_by_guest(snapshot, _STARTS), _tasks_by_guest(snapshot, _ASKED)
    findings = []
    for guest in snapshot.guests:
        key = (guest.source, guest.vmid)
        by_hand = [task for task in asked.get(key, ()) if task.outcome in ("ok", "warnings")]
        measured = round(restarts.get(guest.entity.key, 0.0))
        loop = _loop(snapshot, starts.get(key, []), by_hand, measured, thresholds)
        if loop is not None:
            node_kills = round(kills.get(f"node:{guest.source}/{guest.node}", 0.0))
            # What the host sees of a VM contains its cache, and from PVE 9 on even QEMU's own: often all of it.
            peak = peaks.get(guest.entity.key) if guest.kind == "lxc" else None
            findings.append(_restarts(snapshot, guest, loop, peak, node_kills))
    return CheckResult(tuple(findings))


def _tasks_by_guest(snapshot: Snapshot, kinds: Collection[str]) -> dict[tuple[str, int], list[Task]]:
    """The tasks of these kinds that began within a day, oldest first."""
    found: dict[tuple[str, int], list[Task]] = {}
    for task in sorted(snapshot.tasks, key=lambda item: item.started_at):
        recent = snapshot.taken_at - task.started_at <= _DAY
        if recent and task.worker_type in kinds and task.worker_id.isdigit():
            found.setdefault((task.source, int(task.worker_id)), []).append(task)
    return found


def _loop(
    snapshot: Snapshot, starts: list[Task], by_hand: list[Task], measured_1h: int, thresholds: Thresholds
) -> _Loop | None:
    """The quickest loop that the starts are, those that somebody asked for taken off."""
    for least, within in ((thresholds.restarts_warning, _HOUR), *_SLOW):
        began = snapshot.taken_at - within
        tasks = [task for task in starts if task.started_at >= began]
        asked = sum(task.started_at >= began for task in by_hand)
        told = max(measured_1h, len(tasks)) if within == _HOUR else len(tasks)
        if told - asked >= least and (within == _HOUR or _goes_on(snapshot, tasks)):
            return _Loop(told - asked, within, tasks)
    return None


def _goes_on(snapshot: Snapshot, starts: list[Task]) -> bool:
    """Whether the last start is no longer ago than two of the usual intervals: else it is over."""
    interval = (starts[-1].started_at - starts[0].started_at) / (len(starts) - 1)
    return snapshot.taken_at - starts[-1].started_at <= 2 * interval


def _restarts(snapshot: Snapshot, guest: Guest, loop: _Loop, peak: float | None, node_kills: int) -> Finding:
    label = guest.entity.label
    out_of_memory = peak is not None and peak >= _MEMORY_AT_LIMIT
    limit = format_bytes(guest.memory_total_bytes) if guest.memory_total_bytes else "its limit"
    memory = (
        f" Its memory reached {format_percent(min(peak, 1.0))} of {limit} within the hour." if peak is not None else ""
    )
    killed = (
        f" The kernel of {guest.node} killed {counted(node_kills, 'process', 'processes')} in that time."
        if node_kills and loop.within == _HOUR
        else ""
    )
    tool = "qm" if guest.kind == "qemu" else "pct"
    hours = loop.within // _HOUR
    journal = f"On {guest.node}: `journalctl -k --since -{hours}h | grep -iE 'oom|{guest.vmid}'` shows who was killed"
    remedy = (
        f"{journal}. Give it more memory (`{tool} set {guest.vmid} --memory {more_memory_mib(guest)}`) or find what "
        "leaks: inside, `ps -eo rss,args --sort=-rss | head`."
        if out_of_memory
        else f"{journal}; `{tool} config {guest.vmid}` shows its limits, and inside `journalctl -b -1 -e` how the "
        "last run ended."
    )
    severity: Severity = "critical" if loop.within == _HOUR else "warning"
    return Finding(
        check="guest.restart_loop",
        severity=severity,
        entity=guest.entity,
        title=f"{label} {'is killed for want of memory' if out_of_memory else 'restarts'} again and again",
        detail=f"{label} started anew {loop.count} times in {loop.span}.{memory}{killed}",
        remedy=remedy,
        evidence=_evidence(snapshot, guest, loop, peak),
        runbook="container-oom.md#steps",
    )


def _evidence(snapshot: Snapshot, guest: Guest, loop: _Loop, peak: float | None) -> tuple[Evidence, ...]:
    started = table(
        snapshot,
        guest.source,
        TASKS,
        f"Starts of {guest.entity.label} in {loop.span}",
        ("started_at", "node", "task", "status"),
        ((iso(task.started_at), task.node, task.worker_type, task.status) for task in loop.tasks[-_STARTS_SHOWN:]),
    )
    if loop.within != _HOUR:
        return (started,)
    restarts = table(
        snapshot,
        metric_source(snapshot),
        expr_of("guest_restarts_1h"),
        f"Restarts of {guest.entity.label} in the last hour",
        ("guest", "restarts", "memory_peak_fraction", "memory_total_bytes"),
        ((guest.entity.label, loop.count, peak, guest.memory_total_bytes),),
    )
    return (restarts, started) if loop.tasks else (restarts,)


CHECKS = (
    Check(
        "guest.restart_loop",
        "guests",
        "critical",
        ("guests",),
        restart_loop,
        "Restart loops",
        also=("metrics.guest_restarts_1h", "metrics.guest_memory_peak_1h", "metrics.oom_kills_1h", "tasks"),
    ),
)
