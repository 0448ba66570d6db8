"""What the slow lane reads of PVE about backups: what jobs save, what storages hold, which runs and restores there
were, and what their logs say."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from nightshift.collect.backup_logs import read_run_log, restored_from
from nightshift.collect.lanes import Kind, Order, Turn
from nightshift.collect.reading import on
from nightshift.facts.backup_runs import JobVolumes, RestoreKind, RestoreTest, RunLog, StorageArchives
from nightshift.facts.gap import Gap
from nightshift.facts.ids import node_key, storage_key
from nightshift.facts.inventory import BackupJob, Node, StorageConfig
from nightshift.facts.snapshot import Dataset
from nightshift.facts.tasks import Task
from nightshift.sources.pages import privileges_on

if TYPE_CHECKING:
    from nightshift.sources import ProxmoxClient

Row = TypeVar("Row")

HISTORY_BACK: Final = timedelta(days=30)
HISTORY_READ: Final = 5_000  # a job for each guest and an hourly one among them: a node's month
LOGS_PER_NODE: Final = 60
_RUNS_KEPT: Final = 50_000
_LOG_LINES: Final = 50_000
_LONG_LOG: Final = 2_000
_HOURLY: Final = timedelta(hours=1)
_FOR_GOOD: Final = timedelta(days=3_650)  # the log of a task that is over never changes
_RESTORES: Final[dict[str, RestoreKind]] = {"qmrestore": "whole", "vzrestore": "whole", "pbs-download": "files"}
_IN_A_PATH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,49}")


@dataclass(frozen=True, slots=True)
class NodeHistory:
    """The backups and restores that a node's task history remembers, of the last 30 days; when there are more than are
    read (`cut`), the newest of them."""

    node: str
    read_at: datetime
    tasks: tuple[Task, ...]
    cut: bool = False


VOLUMES: Final = Kind("job_volumes", JobVolumes, _HOURLY, "backup jobs' volumes", rank=0)
ARCHIVES: Final = Kind("storage_archives", StorageArchives, _HOURLY, "storages' archives", rank=2)
HISTORY: Final = Kind("backup_history", NodeHistory, _HOURLY, "nodes' backup histories", rank=0, version=2)
LOGS: Final = Kind("backup_runs", RunLog, _FOR_GOOD, "backup logs", rank=0)
RESTORES: Final = Kind("restore_tests", RestoreTest, _FOR_GOOD, "restore logs", rank=3)


def want_volumes(turn: Turn, client: ProxmoxClient, jobs: Iterable[BackupJob], now: datetime) -> None:
    """What each job saves. PVE allows ids that no path can hold: those jobs are judged by their selection alone."""
    turn.want(
        VOLUMES,
        (
            Order(job.id, job.entity.key, partial(client.job_volumes, job.id, read_at=now), likely=job.enabled)
            for job in jobs
            if _IN_A_PATH.fullmatch(job.id)
        ),
    )


def want_archives(
    turn: Turn,
    client: ProxmoxClient,
    configs: Iterable[StorageConfig],
    nodes: Iterable[Node],
    now: datetime,
    *,
    with_servers: bool,
) -> None:
    """The archives in every storage for backups: once where all nodes share it, else on each node. Backup servers are
    asked themselves, unless none is watched (`with_servers`)."""
    online = [node.name for node in nodes if node.online]
    orders = []
    for config in configs:
        if not config.enabled or "backup" not in config.content or (config.plugin == "pbs" and not with_servers):
            continue
        on = [name for name in online if config.nodes is None or name in config.nodes]
        for name in on[:1] if config.shared else on:
            node = None if config.shared else name
            orders.append(
                Order(
                    f"{config.name}@{node or ''}",
                    storage_key(config.source, node, config.name),
                    partial(_archives, client, config, name, now),
                )
            )
    turn.want(ARCHIVES, orders)


async def _archives(client: ProxmoxClient, config: StorageConfig, node: str, now: datetime) -> StorageArchives:
    """The archives, and whether the token is shown all of them: PVE says nothing of those that it leaves out."""
    permissions = await client.permissions()
    here = privileges_on(permissions, f"/storage/{config.name}")
    everything = "Datastore.Allocate" in here
    own = "Datastore.AllocateSpace" in here and "VM.Backup" in privileges_on(permissions, "/vms")
    listed = StorageArchives(
        config.source, config.name, None if config.shared else node, now, may_list=everything or own
    )  # fmt: skip
    if not everything and "Datastore.AllocateSpace" not in here:
        return listed
    return replace(listed, archives=await client.storage_archives(node, config.name, shared=config.shared))


def want_history(turn: Turn, client: ProxmoxClient, nodes: Iterable[Node], now: datetime) -> None:
    """Backups and restores of the last 30 days on every node that is online."""
    turn.want(
        HISTORY,
        (
            Order(node.name, node_key(node.source, node.name), partial(_history, client, node.name, now))
            for node in nodes
            if node.online
        ),
    )


async def _history(client: ProxmoxClient, node: str, now: datetime) -> NodeHistory:
    since = now - HISTORY_BACK
    pages = await asyncio.gather(
        *(client.tasks(node, since=since, kind=kind, limit=HISTORY_READ) for kind in ("vzdump", *_RESTORES))
    )
    tasks = tuple(task for page in pages for task in page.tasks)
    return NodeHistory(node, now, tasks, cut=any(page.truncated for page in pages))


def want_logs(turn: Turn, client: ProxmoxClient, tasks: Iterable[Task], guests: int, now: datetime) -> None:
    """The logs of the newest backups of every node, and of the restores, from the history and the last sweep's tasks.

    How far back the logs go depends on how many guests there are: what is kept is about the same.
    """
    per_node = max(8, min(LOGS_PER_NODE, _RUNS_KEPT // max(guests, 1)))
    known = {task.upid: task for history in turn.dataset(HISTORY) for task in history.tasks}
    known |= {task.upid: task for task in tasks}
    over = sorted(
        (task for task in known.values() if task.outcome != "running"), key=lambda task: task.started_at, reverse=True
    )
    taken: dict[str, int] = {}
    backups = []
    for task in over:
        if task.worker_type == "vzdump" and taken.get(task.node, 0) < per_node:
            taken[task.node] = taken.get(task.node, 0) + 1
            backups.append(task)
    turn.want(LOGS, (_log_order(client, task, now) for task in backups))
    good = (task for task in over if task.worker_type in _RESTORES and task.outcome in ("ok", "warnings"))
    turn.want(
        RESTORES,
        (
            Order(task.upid, node_key(task.source, task.node), partial(_restore, client, task))
            for task in good
            if task.worker_id.isdigit()
        ),
    )


def with_histories(found: Dataset[Row], kind: Kind[Row], turn: Turn, source: str) -> Dataset[Row]:
    """What was read of a kind, with the Gaps of the histories that name its items: a run that nobody listed is not one
    that never was."""
    histories = turn.dataset(HISTORY)
    cut = (
        Gap(source, kind.name, "truncated", f"node {row.node} has more backups in its history than were read")
        for row in histories
        if row.cut
    )
    gaps = (*(on(gap, kind.name) for gap in histories.gaps), *cut)
    if not gaps:
        return found
    nothing = found.state == "unavailable" or (histories.state == "unavailable" and not found.rows)
    return replace(found, state="unavailable" if nothing else "partial", gaps=(*gaps, *found.gaps))


def _log_order(client: ProxmoxClient, task: Task, now: datetime) -> Order[RunLog]:
    newest_first = 10**10 - int(task.started_at.timestamp())
    return Order(
        f"{newest_first:011d} {task.upid}",
        node_key(task.source, task.node),
        partial(_run_log, client, task, now),
        likely=now - task.started_at <= timedelta(hours=36),
        suspect=False,
    )


async def _run_log(client: ProxmoxClient, task: Task, now: datetime) -> RunLog:
    lines = await client.task_log(task.node, task.upid, limit=_LOG_LINES)
    if len(lines) > _LONG_LOG:
        return await asyncio.to_thread(read_run_log, task, lines, now)
    return read_run_log(task, lines, now)


async def _restore(client: ProxmoxClient, task: Task) -> RestoreTest:
    """A restore that went well; its log tells whose backup it was, for it may have been tried under another number."""
    vmid = int(task.worker_id)
    kind = _RESTORES[task.worker_type]
    lines = await client.task_log(task.node, task.upid) if kind == "whole" else ()
    return RestoreTest(
        source=task.source,
        vmid=vmid,
        at=task.ended_at or task.started_at,
        kind=kind,
        by=task.user,
        from_vmid=restored_from(lines),
        upid=task.upid,
    )
