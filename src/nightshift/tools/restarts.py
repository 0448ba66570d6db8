"""The `restarts` tool: since when a guest or node runs, and what is known of why it started then.

PVE keeps no history of restarts: there is the uptime, which says when something last started, the tasks around that
moment, and for a node that started within a day what its journal says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field

from nightshift.checks.reboots import what_the_journal_says
from nightshift.errors import ToolInputError
from nightshift.facts.evidence import Cell, Evidence, Window
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.inventory import Guest, Node
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.sweep import Sweep
from nightshift.facts.tasks import Task
from nightshift.tools.context import ToolContext
from nightshift.tools.health import about, findings_table
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.tables import iso, nothing_seen, table
from nightshift.tools.tasks import TASK_COLUMNS, concerns, is_kind, task_rows
from nightshift.tools.window import parse_window

COLUMNS = ("name", "type", "vmid", "node", "status", "started_at", "uptime_s", "node_started_at", "key")
JOURNAL_COLUMNS = ("node", "started_at", "why")
REQUEST = "GET /cluster/resources (uptime)"
SHOWN = 100
BEFORE, AFTER = timedelta(minutes=45), timedelta(minutes=15)
FURTHEST_BACK = timedelta(days=30)
_KINDS = ("start", "stop", "reboot", "migration", "restore")
_OF_NODE = ("startall", "stopall", "hamigrate")
_CHECKS = frozenset({"node.reboot", "node.offline", "guest.restart_loop", "guest.stopped"})


class RestartsArguments(Arguments):
    name: str = Field("", max_length=200, description="guest or node; empty: all that started in the window")
    window: str = ""
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class _Start:
    """When something last started; `node` is the node itself, or the one that a guest is on."""

    thing: Guest | Node
    node: Node | None
    started_at: datetime | None

    def row(self, snapshot: Snapshot) -> tuple[Cell, ...]:
        thing = self.thing
        if isinstance(thing, Node):
            kind, vmid, where, status = "node", None, thing.name, "online" if thing.online else "offline"
        else:
            kind, vmid = "VM" if thing.kind == "qemu" else "CT", thing.vmid
            where, status = thing.node, thing.status
        return (
            thing.name, kind, vmid, where, status, iso(self.started_at), thing.uptime_s,
            iso(_started(snapshot, self.node)), thing.entity.key,
        )  # fmt: skip


async def restarts(ctx: ToolContext, arguments: RestartsArguments) -> ToolResult:
    """Raises ToolInputError for a name that is neither a guest nor a node."""
    sweep, now = await ctx.sweep(), ctx.clock()
    snapshot = sweep.snapshot
    asked = bool(arguments.window or arguments.start)
    window = parse_window(
        now, ctx.zone, span=arguments.window or "24h", start=arguments.start, end=arguments.end
    )  # fmt: skip
    gaps = tuple(dict.fromkeys((*snapshot.nodes.gaps, *snapshot.guests.gaps)))
    every = list(_starts(snapshot))
    if arguments.name:
        found = EntityIndex.of(snapshot).resolve(arguments.name)
        starts = [start for start in every if start.thing.entity.key == found.key]
        if not starts:
            raise ToolInputError(f"{found.label} is neither a guest nor a node.", "Name one of these.")
        if not asked:
            window = _around(starts[0], now) or window
        findings = about(sweep, found.key, sweep.findings)
        title = f"Last start of {found.label}"
    else:
        starts = sorted(
            (start for start in every if start.started_at and window.start <= start.started_at <= window.end),
            key=lambda start: start.started_at or now, reverse=True,
        )  # fmt: skip
        findings = tuple(finding for finding in sweep.findings if _began(finding, window))
        title = "What started in the window"
    evidence = [
        table("pve", REQUEST, title, COLUMNS, (start.row(snapshot) for start in starts), taken_at=snapshot.taken_at,
              now=now, gaps=gaps, limit=SHOWN, window=None if arguments.name else window)
    ]  # fmt: skip
    tasks, task_gaps = await _tasks(ctx, snapshot, starts if arguments.name else (), window, now)
    evidence += [tasks, *_journals(snapshot, starts, now)]
    told = tuple(finding for finding in findings if finding.check in _CHECKS)
    evidence += _evidence(sweep, told, now)
    return ToolResult(
        tuple(evidence), told, tuple(dict.fromkeys((*gaps, *task_gaps, *_journal_gaps(snapshot, starts))))
    )


def _starts(snapshot: Snapshot) -> Iterable[_Start]:
    nodes = {(node.source, node.name): node for node in snapshot.nodes}
    for node in snapshot.nodes:
        yield _Start(node, node, _started(snapshot, node))
    for guest in snapshot.guests:
        if not guest.template:
            yield _Start(guest, nodes.get((guest.source, guest.node)), _started(snapshot, guest))


def _started(snapshot: Snapshot, thing: Guest | Node | None) -> datetime | None:
    """From the uptime at the moment of the snapshot; None for what does not run or does not say."""
    return snapshot.taken_at - timedelta(seconds=thing.uptime_s) if thing is not None and thing.uptime_s else None


def _around(start: _Start, now: datetime) -> Window | None:
    """The time around its last start; None when that is unknown or so long ago that no task is kept."""
    moment = start.started_at
    if moment is None or now - moment > FURTHEST_BACK:
        return None
    return Window(moment - BEFORE, min(moment + AFTER, now))


async def _tasks(
    ctx: ToolContext, snapshot: Snapshot, starts: Sequence[_Start], window: Window, now: datetime
) -> tuple[Evidence, tuple[Gap, ...]]:
    """The tasks in the window that start, stop or move these things, or all such tasks when there are none."""
    read = await ctx.live.tasks(since=window.start, until=window.end)
    title = "Tasks that start, stop or move it" if starts else "Tasks that start, stop or move something"
    if read.value is None:
        return nothing_seen(
            read.source, read.request, title, taken_at=read.taken_at, now=now, gaps=read.gaps
        ), read.gaps
    wanted: Callable[[Task], bool] = (lambda task: _touches(task, starts[0])) if starts else _moves
    rows = task_rows(snapshot, (task for task in read.value if wanted(task)))
    evidence = table(
        read.source, read.request, title, TASK_COLUMNS, rows, taken_at=read.taken_at, now=now, gaps=read.gaps,
        limit=SHOWN, window=Window(window.start, window.end),
    )  # fmt: skip
    return evidence, read.gaps


def _began(finding: Finding, window: Window) -> bool:
    return finding.since is not None and window.start <= finding.since <= window.end


def _moves(task: Task) -> bool:
    return task.worker_type in _OF_NODE or any(is_kind(task, kind) for kind in _KINDS)


def _touches(task: Task, start: _Start) -> bool:
    """A backup counts for a guest: in stop mode it restarts it. So does what stops or starts all guests of its node."""
    thing, node = start.thing, start.node
    on_its_node = node is not None and (task.source, task.node) == (node.source, node.name)
    if isinstance(thing, Node):
        return on_its_node and task.worker_type in _OF_NODE
    if on_its_node and (task.worker_type in _OF_NODE or (task.worker_type == "vzdump" and not task.worker_id)):
        return True
    return concerns(task, thing.entity.key) and (_moves(task) or is_kind(task, "backup"))


def _journals(snapshot: Snapshot, starts: Sequence[_Start], now: datetime) -> list[Evidence]:
    """What the journals of the nodes that started say of why."""
    rows = [
        (start.thing.name, iso(start.started_at), what_the_journal_says(snapshot, start.thing))
        for start in starts
        if isinstance(start.thing, Node) and start.started_at is not None
    ]
    if not rows:
        return []
    return [
        table("pve", "GET /nodes/{node}/journal", "Why nodes started, by their journals", JOURNAL_COLUMNS, rows,
              taken_at=snapshot.taken_at, now=now)
    ]  # fmt: skip


def _journal_gaps(snapshot: Snapshot, starts: Sequence[_Start]) -> list[Gap]:
    nodes = {(start.thing.source, start.thing.name) for start in starts if isinstance(start.thing, Node)}
    return [row.gap for row in snapshot.boot_journals if row.gap is not None and (row.source, row.node) in nodes]


def _evidence(sweep: Sweep, findings: tuple[Finding, ...], now: datetime) -> list[Evidence]:
    return [findings_table(sweep, findings, "Findings about restarts", now)] if findings else []
