"""Nodes that restarted by themselves, and what is known of why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from nightshift.checks.check import Check
from nightshift.checks.evidence import TASKS, counted, iso, table
from nightshift.checks.node_load import NODE_STATUS
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.evidence import Document, Evidence
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.inventory import Node
from nightshift.facts.nodes import BootJournal
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.tasks import Task
from nightshift.facts.units import format_age, format_time

JOURNAL = "GET /nodes/{node}/journal"
_STOPPED_BEFORE = timedelta(minutes=45)
_STOPPING = ("stopall", "qmshutdown", "vzshutdown", "qmstop", "vzstop")
_KERNEL_STARTS = "kernel: Linux version"


@dataclass(frozen=True, slots=True)
class _Reason:
    """Words of a journal, what they mean, and whether somebody asked for the restart."""

    words: re.Pattern[str]
    meaning: str
    asked: bool = False


# The first that fits wins: what took the machine down comes before what it said on its way.
_REASONS = (
    _Reason(
        re.compile(r"watchdog-mux.*expired|watchdog.*(?:did not stop|hard reset)|exit watchdog-mux", re.IGNORECASE),
        "its watchdog expired: the node had lost the cluster, and high availability fenced it",
    ),
    _Reason(re.compile(r"kernel panic|\bBUG:|\boops\b", re.IGNORECASE), "the kernel crashed"),
    _Reason(re.compile(r"lockup", re.IGNORECASE), "the kernel hung"),
    _Reason(re.compile(r"\bmce:|machine check|hardware error", re.IGNORECASE), "the hardware reported an error"),
    _Reason(re.compile(r"critical temperature|thermal.*(?:shutdown|critical)", re.IGNORECASE), "it was too hot"),
    _Reason(
        re.compile(r"power (?:key|button) pressed long", re.IGNORECASE),
        "somebody held the power button, or the power supply pretended so",
    ),
    _Reason(re.compile(r"out of memory|oom-kill", re.IGNORECASE), "it had run out of memory before"),
    _Reason(
        re.compile(
            r"will (?:reboot|power off)|is (?:rebooting|powering down)|reached target .*(?:reboot|power-?off|shutdown)|"
            r"systemd-shutdown|power (?:key|button) pressed|powering off",
            re.IGNORECASE,
        ),
        "it was shut down in order",
        asked=True,
    ),
)

_SAME_TIME = timedelta(minutes=5)


def reboot(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A node that restarted within a day without anybody having asked for it: whoever does, PVE stops the guests first
    and keeps a task of it, after which nothing runs on the node, however long it is off. The journal says why, if the
    token may read it (Sys.Syslog).

    Judges (PVE API: /nodes/{node}/status, /nodes/{node}/tasks, /nodes/{node}/journal):
        {"uptime": 7012}    and no task before it    {"type": "stopall", "node": "pve2", "starttime": 1763877600}
        "Nov 23 06:03:02 pve2 watchdog-mux[788]: client watchdog expired - disable watchdog updates"
    """
    journals = {(row.source, row.node): row for row in snapshot.boot_journals}
    tasks: dict[tuple[str, str], list[Task]] = {}
    for task in snapshot.tasks:
        tasks.setdefault((task.source, task.node), []).append(task)
    findings = []
    for node in snapshot.nodes:
        if not node.online or not node.uptime_s or node.uptime_s > thresholds.reboot_looked_at_s:
            continue
        booted_at = snapshot.taken_at - timedelta(seconds=node.uptime_s)
        journal = journals.get((node.source, node.name))
        reason = _reason(journal)
        was_stopped = _stopped(tasks.get((node.source, node.name), ()), booted_at)
        if not was_stopped and not (reason is not None and reason.asked):
            findings.append(_restarted(snapshot, node, booted_at, journal, reason))
    return CheckResult(tuple(findings))


def what_the_journal_says(snapshot: Snapshot, node: Node) -> str:
    """Why a node started when it did, as far as its journal tells; a sentence that says what is not known, else."""
    journal = next((row for row in snapshot.boot_journals if (row.source, row.node) == (node.source, node.name)), None)
    return _why(journal, _reason(journal))


def _stopped(tasks: Iterable[Task], booted_at: datetime) -> bool:
    """Whether all guests of a node were stopped before it started: just before, or as the last that was done there."""
    before = [task for task in tasks if task.started_at <= booted_at]
    stopped_at = max((task.started_at for task in before if task.worker_type == "stopall"), default=None)
    if stopped_at is None:
        return False
    used = any(task.started_at > stopped_at and task.worker_type not in _STOPPING for task in before)
    return not used or booted_at - stopped_at <= _STOPPED_BEFORE


def _reason(journal: BootJournal | None) -> _Reason | None:
    """What the journal says of the end of the boot before; None when it says nothing or nobody may read it."""
    lines = _before_boot(journal.lines) if journal else ()
    return next((reason for reason in _REASONS if any(reason.words.search(line) for line in lines)), None)


def _before_boot(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines of the boot before: up to the one that the kernel starts with."""
    kept: list[str] = []
    for line in lines:
        if _KERNEL_STARTS in line:
            break
        kept.append(line)
    return tuple(kept)


def _tasks_seen(snapshot: Snapshot, node: Node) -> bool:
    """Whether the tasks of this node were read: else nobody knows whether its guests were stopped first."""
    hidden = any(gap.source == node.source and node.name in gap.detail for gap in snapshot.tasks.gaps)
    return snapshot.tasks.known and not hidden


def _restarted(
    snapshot: Snapshot, node: Node, booted_at: datetime, journal: BootJournal | None, reason: _Reason | None
) -> Finding:
    seen = _tasks_seen(snapshot, node)
    severity: Severity = "warning" if seen or reason is not None else "info"
    asked = (
        "No task stopped its guests before, as an orderly shutdown does."
        if seen
        else "Whether somebody asked for it cannot be told: its tasks could not be read."
    )
    guests = sum(1 for guest in snapshot.guests if (guest.source, guest.node) == (node.source, node.name))
    return Finding(
        check="node.reboot",
        severity=severity,
        entity=node.entity,
        title=f"{node.name} restarted {'by itself ' if severity == 'warning' else ''}"
        f"{format_age(booted_at, snapshot.taken_at)}",
        detail=f"{node.name} is up since {format_time(booted_at)}; {counted(guests, 'guest')} on it restarted with it. "
        f"{asked} {_why(journal, reason)}{_together(snapshot, node, booted_at)}",
        remedy=f"On {node.name}: `last -x -n 10 reboot shutdown`, `journalctl -b -1 -e` (the end of the boot before), "
        "`journalctl -b -1 -p err`; the event log of the mainboard (`ipmitool sel list`), the UPS, the power supply.",
        evidence=_evidence(snapshot, node, booted_at, journal),
        since=booted_at,
        runbook="node-reboot.md#steps",
    )


def _together(snapshot: Snapshot, node: Node, booted_at: datetime) -> str:
    """Who else started within the same minutes: several machines do not break at once by themselves."""
    earliest, latest = booted_at - _SAME_TIME, booted_at + _SAME_TIME
    others = [
        other.name
        for other in snapshot.nodes
        if other.entity != node.entity
        and other.online
        and other.uptime_s
        and earliest <= snapshot.taken_at - timedelta(seconds=other.uptime_s) <= latest
    ]
    if not others:
        return ""
    return (
        f" {' and '.join(sorted(others))} restarted at the same time: look at what they share, the power and, under "
        "high availability, the network between them."
    )


def _why(journal: BootJournal | None, reason: _Reason | None) -> str:
    if journal is None:
        return "Why cannot be known: its journal has not been read."
    if journal.gap is not None:
        return "Why cannot be known: the token may not read its journal (Sys.Syslog)."
    if reason is not None:
        return f"The journal says why: {reason.meaning}."
    if any(_KERNEL_STARTS in line for line in journal.lines):
        return (
            "Its journal breaks off without a word: power that failed, a reset, or a hang of the hardware look like "
            "that."
        )
    return "Why cannot be known: its journal does not reach back."


def _evidence(snapshot: Snapshot, node: Node, booted_at: datetime, journal: BootJournal | None) -> tuple[Evidence, ...]:
    uptime = table(
        snapshot,
        node.source,
        NODE_STATUS.format(node=node.name),
        f"Uptime of {node.name}",
        ("node", "uptime_s", "booted_at"),
        ((node.name, node.uptime_s, iso(booted_at)),),
    )
    around = [
        task
        for task in snapshot.tasks
        if (task.source, task.node) == (node.source, node.name)
        and booted_at - _STOPPED_BEFORE <= task.started_at <= booted_at + _STOPPED_BEFORE
    ]
    tasks = table(
        snapshot,
        node.source,
        TASKS,
        f"Tasks on {node.name} around its start",
        ("started_at", "task", "about", "user", "status"),
        ((iso(task.started_at), task.worker_type, task.worker_id, task.user, task.status) for task in around),
    )
    return (uptime, tasks) if journal is None else (uptime, tasks, _journal(snapshot, node, journal))


def _journal(snapshot: Snapshot, node: Node, journal: BootJournal) -> Evidence:
    gaps = () if journal.gap is None else (journal.gap,)
    text = "\n".join(journal.lines)
    return Evidence(
        source=node.source,
        kind="document" if text else "none",
        request=JOURNAL.format(node=node.name),
        title=f"Telling lines of the journal of {node.name} around its start",
        taken_at=snapshot.taken_at,
        document=Document(text) if text else None,
        total=len(journal.lines),
        shown=len(journal.lines),
        complete=not gaps,
        gaps=gaps,
    )


CHECKS = (
    Check(
        "node.reboot",
        "nodes",
        "warning",
        ("nodes",),
        reboot,
        "Nodes that restarted by themselves",
        also=("tasks", "boot_journals", "guests"),
    ),
)
