"""The `tasks` and `task_log` tools: what ran on PVE and PBS, what failed and why."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from nightshift.errors import ToolInputError
from nightshift.facts.evidence import Cell, Document, Evidence, Window
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.tasks import Task
from nightshift.tools.context import ToolContext
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.tables import age_s, iso, nothing_seen, table
from nightshift.tools.window import parse_window

TASK_COLUMNS = (
    "started_at", "duration_s", "source", "node", "task", "about", "failed_guests", "outcome", "reason", "user",
    "upid",
)  # fmt: skip
TASKS_SHOWN = 100
LOGS_READ = 5
LOG_LINES_SHOWN = 60
_LOG_PREFIX = re.compile(r"^(?:\d{4}-\d\d-\d\dT\S+: )?(?:TASK )?(?:ERROR: )?")

# What people call a task → the worker types of PVE and PBS that begin so.
KINDS: dict[str, tuple[str, ...]] = {
    "backup": ("vzdump", "backup"),
    "restore": ("qmrestore", "vzrestore", "reader"),
    "migration": ("qmigrate", "vzmigrate", "hamigrate"),
    "snapshot": ("qmsnapshot", "vzsnapshot", "qmrollback", "vzrollback", "qmdelsnapshot", "vzdelsnapshot"),
    "start": ("qmstart", "vzstart", "hastart", "startall"),
    "stop": ("qmstop", "vzstop", "qmshutdown", "vzshutdown", "hastop", "stopall"),
    "create": ("qmcreate", "vzcreate", "qmclone", "vzclone", "qmrestore", "vzrestore"),
    "delete": ("qmdestroy", "vzdestroy"),
    "reboot": ("qmreboot", "vzreboot", "qmreset"),
    "console": ("vncproxy", "vncshell", "termproxy", "spiceproxy", "spiceshell"),
    "replication": ("replicate", "pvesr"),
    "gc": ("garbage_collection",),
    "verify": ("verif",),
    "prune": ("prune",),
    "sync": ("sync",),
}
TaskKind = Literal[
    "", "backup", "restore", "migration", "snapshot", "start", "stop", "reboot", "create", "delete", "console",
    "replication",
    "gc", "verify", "prune", "sync",
]  # fmt: skip


class TasksArguments(Arguments):
    window: str = Field("", description="24h (default), 7d")
    start: str = Field("", description="ISO 8601, instead of window")
    end: str = ""
    outcome: Literal["", "failed", "warnings", "ok", "running"] = ""
    kind: TaskKind = ""
    about: str = Field("", description="guest, node or datastore")
    user: str = Field("", description="who started it: anna@pam")
    server: Literal["", "pve", "pbs"] = ""
    longer_than_s: float = 0.0
    sort_by: Literal["newest", "longest"] = "newest"


class TaskLogArguments(Arguments):
    upid: str = Field(max_length=300)


async def tasks(ctx: ToolContext, arguments: TasksArguments) -> ToolResult:
    now = ctx.clock()
    # A task that still runs may have started long ago.
    span = arguments.window or ("3d" if arguments.outcome == "running" else "24h")
    window = parse_window(now, ctx.zone, span=span, start=arguments.start, end=arguments.end)
    snapshot = await ctx.snapshot()
    key = EntityIndex.of(snapshot).resolve(arguments.about).key if arguments.about else ""
    read = await ctx.live.tasks(since=window.start, until=window.end if arguments.end else None)
    title = _title(arguments)
    if read.value is None:
        evidence = nothing_seen(read.source, read.request, title, taken_at=read.taken_at, now=now, gaps=read.gaps)
        return ToolResult((evidence,), gaps=read.gaps, note="The task lists could not be read.")
    groups = _groups_of(snapshot, key)
    backup_servers = {status.id for status in snapshot.sources if status.kind == "pbs"}
    chosen = [
        task
        for task in read.value
        if _wanted(task, arguments, now)
        and (concerns(task, key) or _saves(task) in groups)
        and arguments.server in ("", "pbs" if task.source in backup_servers else "pve")
    ]
    chosen.sort(key=lambda task: task.started_at, reverse=True)
    if arguments.sort_by == "longest":
        chosen.sort(key=lambda task: -_lasted_s(task, now))
    chosen = await with_reasons(ctx, chosen)
    evidence = table(
        read.source, read.request, title, TASK_COLUMNS, task_rows(snapshot, chosen),
        taken_at=read.taken_at, now=now, gaps=read.gaps, limit=TASKS_SHOWN,
        window=Window(window.start, window.end),
    )  # fmt: skip
    return ToolResult((evidence,), gaps=read.gaps)


async def task_log(ctx: ToolContext, arguments: TaskLogArguments) -> ToolResult:
    """The end of one task's log. Only tasks that a list has shown are read: no text of a caller reaches a URL."""
    now = ctx.clock()
    task = await _known_task(ctx, arguments.upid)
    if task is None:
        raise ToolInputError("No task of the last 7 days has this UPID.", "Take a upid from the tasks tool.")
    read = await ctx.live.task_log(task)
    title = f"Log of {task.worker_type} {task.worker_id} on {task.node}".replace("  ", " ")
    if read.value is None:
        evidence = nothing_seen(read.source, read.request, title, taken_at=read.taken_at, now=now, gaps=read.gaps)
        return ToolResult((evidence,), gaps=read.gaps)
    lines = read.value
    shown = lines[-LOG_LINES_SHOWN:]
    evidence = Evidence(
        source=read.source,
        kind="document",
        request=read.request,
        title=title,
        taken_at=read.taken_at,
        age_s=age_s(read.taken_at, now),
        document=Document("\n".join(shown)),
        total=len(lines),
        shown=len(shown),
        complete=read.complete and len(shown) == len(lines),
        gaps=read.gaps,
    )
    return ToolResult((evidence,), gaps=read.gaps, note=failure_reason(lines) or "")


def concerns(task: Task, key: str) -> bool:
    """Whether a task is about the entity with this key; every task is about the empty key."""
    kind, _, rest = key.partition(":")
    if not key:
        return True
    source, _, name = rest.partition("/")
    if kind == "guest":
        return task.source == source and (task.worker_id == name or int(name) in task.failed_vmids)
    if kind == "node":
        return task.source == source and task.node == name
    if kind == "datastore":
        return task.source == source and task.worker_id.split(":")[0] == name
    return False


def _groups_of(snapshot: Snapshot, key: str) -> set[tuple[str, str, str]]:
    """Source, datastore and `vm/104` of a guest's backups, where no other guest has backups by that name there."""
    owners: dict[tuple[str, str, str], set[str | None]] = {}
    for group in snapshot.backup_groups:
        place = (group.source, group.datastore, f"{group.backup_type}/{group.backup_id}")
        owners.setdefault(place, set()).add(group.guest)
    return {place for place, guests in owners.items() if guests == {key}}


def _saves(task: Task) -> tuple[str, str, str]:
    """Where a task of a backup server writes to: `tank:vm/104`."""
    return task.source, task.worker_id.partition(":")[0], task.worker_id.rpartition(":")[2]


async def with_reasons(ctx: ToolContext, chosen: Sequence[Task]) -> list[Task]:
    """The same tasks with the reasons of failures: those that the sweep has read already, then, at most `LOGS_READ`,
    from the logs of the newest failed ones, one of each kind first."""
    swept = {task.upid: task for task in (await ctx.snapshot()).tasks if task.reason}
    tasks_now = [swept.get(task.upid, task) for task in chosen]
    lacking = [task for task in tasks_now if task.outcome == "failed" and not task.reason]
    first_of_kind = {(task.source, task.node, task.worker_type, task.status): task for task in reversed(lacking)}
    to_read = list({task.upid: task for task in (*first_of_kind.values(), *lacking)}.values())[:LOGS_READ]
    reads = await asyncio.gather(*(ctx.live.task_log(task) for task in to_read))
    pairs = zip(to_read, reads, strict=True)
    reasons = {task.upid: failure_reason(read.value) for task, read in pairs if read.value is not None}
    return [replace(task, reason=reasons.get(task.upid) or task.reason) for task in tasks_now]


def failure_reason(lines: Iterable[str]) -> str | None:
    """The sentence of a task's log that says why it failed: the first error, which the later ones only repeat.

    Sample (vzdump): `ERROR: Backup of VM 104 failed - backup write data failed: … ENOSPC: No space left on device`,
    then `TASK ERROR: job errors`. PBS: `2026-11-23T02:00:45+00:00: TASK ERROR: backup ended but finished flag is not
    set.`
    """
    errors = [line.strip() for line in lines if "ERROR" in line or line.lower().startswith("error")]
    telling = [line for line in errors if "job errors" not in line] or errors
    return _LOG_PREFIX.sub("", telling[0]) if telling else None


def task_rows(snapshot: Snapshot, chosen: Iterable[Task]) -> list[tuple[Cell, ...]]:
    """`TASK_COLUMNS` of tasks. `reason` is why it failed, or the server's word when that says more than OK."""
    labels = {(guest.source, str(guest.vmid)): guest.entity.label for guest in snapshot.guests}
    return [
        (
            iso(task.started_at),
            task.duration_s,
            task.source,
            task.node,
            task.worker_type,
            _about(task, labels),
            len(task.failed_vmids) or None,
            task.outcome,
            task.reason or (task.status if task.outcome in ("failed", "warnings", "unknown") else None),
            task.user,
            task.upid,
        )
        for task in chosen
    ]


def _about(task: Task, labels: dict[tuple[str, str], str]) -> str | None:
    if task.failed_vmids:
        return ", ".join(labels.get((task.source, str(vmid)), str(vmid)) for vmid in task.failed_vmids)
    return labels.get((task.source, task.worker_id), task.worker_id) or None


def is_kind(task: Task, kind: str) -> bool:
    return not kind or task.worker_type.startswith(KINDS[kind])


def _wanted(task: Task, arguments: TasksArguments, now: datetime) -> bool:
    """What has no known end did not end well: who asks for what failed is shown it too."""
    outcomes = ("failed", "unknown") if arguments.outcome == "failed" else (arguments.outcome,)
    user = arguments.user.lower()
    return (
        is_kind(task, arguments.kind)
        and (not arguments.outcome or task.outcome in outcomes)
        and user in ("", task.user.lower(), task.user.partition("@")[0].lower())
        and (not arguments.longer_than_s or _lasted_s(task, now) > arguments.longer_than_s)
    )


def _lasted_s(task: Task, now: datetime) -> float:
    """How long it took, of one that runs how long until now; 0 where nobody knows."""
    if task.outcome == "running":
        return (now - task.started_at).total_seconds()
    return task.duration_s or 0.0


async def _known_task(ctx: ToolContext, upid: str) -> Task | None:
    snapshot = await ctx.snapshot()
    known: dict[str, Task] = {task.upid: task for task in (*snapshot.tasks, *snapshot.pbs_tasks)}
    if upid not in known:
        since: datetime = ctx.clock() - timedelta(days=7)
        known |= {task.upid: task for task in (await ctx.live.tasks(since=since)).value or ()}
    return known.get(upid)


def _title(arguments: TasksArguments) -> str:
    words = [arguments.outcome, arguments.kind, "tasks", f"about {arguments.about}" if arguments.about else ""]
    return " ".join(filter(None, words)).capitalize() if arguments.outcome or arguments.kind else "Tasks"
