"""Tasks of PVE and PBS: who has them, which logs are worth reading, and what a vzdump log says of each guest."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from nightshift.collect.reading import Deadline, Gathering
from nightshift.facts.backup_runs import RunLog
from nightshift.facts.gap import Gap
from nightshift.facts.tasks import Task

if TYPE_CHECKING:
    from nightshift.sources import PbsClient, ProxmoxClient, TaskPage

LOGS_READ = 8
TASKS_READ = 20_000  # a backup server has a task a guest and night: of 5,000 guests 7,500 in a window of 36 hours
LATER_LOGS_READ = 4
_DATASET = "tasks"
_PBS_DATASET = "pbs_tasks"

_GUEST_FAILED = re.compile(r"ERROR: Backup of (?:VM|CT) (\d+) failed - (.+)")
_STORAGE = re.compile(r"starting new backup job: .*--storage (\S+)")
_CLIENT_ERROR = re.compile(r"INFO: Error: (.+)")
_TASK_ERROR = re.compile(r"(?:TASK )?ERROR: (.+)")


@dataclass(frozen=True, slots=True)
class BackupLog:
    """What a vzdump log tells: the guests that failed, one sentence why, and the storage that it wrote to."""

    failed_vmids: tuple[int, ...]
    reason: str | None
    storage: str | None = None


async def pve_tasks(
    client: ProxmoxClient,
    nodes: Iterable[tuple[str, bool]],
    deadline: Deadline,
    *,
    since: datetime,
    until: datetime | None = None,
) -> Gathering[Task]:
    """Tasks that started in the window on every node (`name`, `online`). One that is offline keeps them to itself."""
    gathered: Gathering[Task] = Gathering()
    members = tuple(nodes)
    online = [name for name, is_online in members if is_online]
    pages = await asyncio.gather(
        *(deadline.read(_DATASET, client.tasks(name, since=since, until=until, limit=TASKS_READ)) for name in online)
    )
    for name, page in zip(online, pages, strict=True):
        _take(gathered, page, client.source, _DATASET, f"node {name}")
    for name, is_online in members:
        if not is_online:
            detail = f"node {name} is offline: the tasks that ran there cannot be read"
            gathered.gaps.append(Gap(client.source, _DATASET, "unreachable", detail))
    return gathered


async def pbs_tasks(
    client: PbsClient, deadline: Deadline, *, since: datetime, until: datetime | None = None
) -> Gathering[Task]:
    """Tasks of the backup server that started in the window."""
    gathered: Gathering[Task] = Gathering()
    page = await deadline.read(_PBS_DATASET, client.tasks(since=since, until=until, limit=TASKS_READ))
    _take(gathered, page, client.source, _PBS_DATASET, "the backup server")
    return gathered


def _take(gathered: Gathering[Task], page: TaskPage | Gap, source: str, dataset: str, where: str) -> None:
    if isinstance(page, Gap):
        gathered.add(page if dataset == _PBS_DATASET else replace(page, detail=f"{where}: {page.detail}"))
        return
    gathered.add(page.tasks)
    if page.truncated:
        detail = f"{where} has more tasks in this time than were read"
        gathered.gaps.append(Gap(source, dataset, "truncated", detail))


async def with_reasons(
    client: ProxmoxClient, tasks: Sequence[Task], deadline: Deadline, known: Iterable[RunLog] = ()
) -> Gathering[Task]:
    """The tasks, backups completed from their `known` logs. Of those whose log the slow lane has not reached, the
    newest that failed are read now, and the runs that followed on the same node: their logs tell which job they were.
    At most 8 and 4 logs, so that one bad night costs little.

    A log that cannot be read leaves the server's one-line status as the reason, and a Gap.
    """
    logs_known = {log.upid: log for log in known}
    tasks = [_from_run_log(task, logs_known[task.upid]) if task.upid in logs_known else task for task in tasks]
    unread = (task for task in tasks if task.worker_type == "vzdump" and task.upid not in logs_known)
    backups = sorted(unread, key=_started, reverse=True)
    failed = [task for task in backups if task.outcome == "failed"][:LOGS_READ]
    worth_reading = (*failed, *_later_runs(backups, failed)[:LATER_LOGS_READ])
    logs = await asyncio.gather(
        *(deadline.read(_DATASET, client.task_log(task.node, task.upid)) for task in worth_reading)
    )
    gathered: Gathering[Task] = Gathering(answered=True)
    completed: dict[str, Task] = {}
    for task, log in zip(worth_reading, logs, strict=True):
        if isinstance(log, Gap):
            gathered.gaps.append(replace(log, detail=f"log of a backup on {task.node}: {log.detail}"))
        else:
            completed[task.upid] = _completed(task, read_backup_log(log))
    gathered.rows = [completed.get(task.upid, task) for task in tasks]
    return gathered


def _started(task: Task) -> datetime:
    return task.started_at


def _later_runs(backups: Iterable[Task], failed: Iterable[Task]) -> list[Task]:
    """Runs over several guests that succeeded on a node after one failed there."""
    first_failure: dict[str, datetime] = {}
    for task in failed:
        first_failure[task.node] = min(task.started_at, first_failure.get(task.node, task.started_at))
    return [
        task
        for task in backups
        if task.outcome in ("ok", "warnings")
        and not task.worker_id
        and task.node in first_failure
        and task.started_at > first_failure[task.node]
    ]


def _from_run_log(task: Task, log: RunLog) -> Task:
    """The task with what its log told of each guest; of several reasons, the most frequent."""
    failed = [run for run in log.runs if not run.ok]
    reasons = Counter(run.reason for run in failed if run.reason)
    reason = reasons.most_common(1)[0][0] if reasons else log.error
    return replace(task, reason=reason, failed_vmids=tuple(sorted(run.vmid for run in failed)), storage=log.storage)


def _completed(task: Task, log: BackupLog) -> Task:
    return replace(task, reason=log.reason, failed_vmids=log.failed_vmids, storage=log.storage)


def read_backup_log(lines: Iterable[str]) -> BackupLog:
    """What a vzdump log says of how it went. When guests fail for several reasons, the most frequent comes first.

    Sample:
        INFO: starting new backup job: vzdump 104 105 --mode snapshot --storage pbs-tank --quiet 1
        INFO: Starting Backup of VM 105 (qemu)
        ERROR: VM 105 qmp command 'backup' failed - backup register image failed: command error: No space left …
        ERROR: Backup of VM 105 failed - VM 105 qmp command 'backup' failed - backup register image failed: …
        INFO: Failed at 2026-11-23 02:03:09
        INFO: Backup job finished with errors
        TASK ERROR: job errors
    """
    reasons: dict[str, list[int]] = {}
    last_error: str | None = None
    client_error: str | None = None
    storage: str | None = None
    for line in lines:
        if started := _STORAGE.search(line):
            storage = started.group(1)
        elif found := _GUEST_FAILED.search(line):
            # A container's backup ends with "command '…' failed: exit code 255"; why, the client said before that.
            reason = client_error if "exit code" in found.group(2) and client_error else found.group(2).strip()
            reasons.setdefault(reason, []).append(int(found.group(1)))
            client_error = None
        elif client := _CLIENT_ERROR.search(line):
            client_error = client.group(1).strip()
        elif (error := _TASK_ERROR.match(line.strip())) and (error.group(1) != "job errors" or last_error is None):
            last_error = error.group(1).strip()
    vmids = tuple(sorted({vmid for hit in reasons.values() for vmid in hit}))
    if not reasons:
        return BackupLog((), last_error, storage)
    by_weight = sorted(reasons, key=lambda reason: -len(reasons[reason]))
    return BackupLog(vmids, _generalised(by_weight[0], reasons[by_weight[0]]), storage)


def _generalised(reason: str, vmids: Sequence[int]) -> str:
    """`VM 105 qmp command 'backup' failed - …` without the guest's number, so that equal reasons read equal."""
    prefixes = tuple(f"{kind} {vmid} " for kind in ("VM", "CT") for vmid in vmids)
    return next((reason.removeprefix(prefix) for prefix in prefixes if reason.startswith(prefix)), reason)
