"""A node's tasks as PVE lists them, with every query parameter doing what it really does."""

from __future__ import annotations

from nightshift_lab.pve.api import Call, Data, Page, Refusal
from nightshift_lab.world.node_tasks import pve_tasks
from nightshift_lab.world.tasks import Task
from nightshift_lab.world.upid import process_of


def finished_row(task: Task) -> dict[str, Data]:
    """A task of the archive."""
    return {**_common(task), "endtime": int(task.ended_at), "status": task.status}


def running_row(task: Task) -> dict[str, Data]:
    """A task under way as `/cluster/tasks` shows it: without status."""
    pid, pstart = process_of(task.upid)
    return {**_common(task), "pid": pid, "pstart": pstart}


def _common(task: Task) -> dict[str, Data]:
    user, _, token = task.user.partition("!")
    row: dict[str, Data] = {
        "upid": task.upid,
        "node": task.node,
        "type": task.kind,
        "id": task.id,
        "user": user,
        "starttime": int(task.started_at),
    }
    return row | ({"tokenid": token} if token else {})


def node_tasks(call: Call) -> Page:
    """`source` is `archive` unless asked otherwise: then running tasks are not seen. `limit=0` gives no rows."""
    source = call.query.get("source", "archive")
    if source not in {"archive", "active", "all"}:
        problem = f"value '{source}' does not have a value in the enumeration 'archive, active, all'"
        raise Refusal(400, "Parameter verification failed.", {"source": problem})
    start, limit = call.integer("start", 0), call.integer("limit", 50)
    every = pve_tasks(call.world, call.path["node"], call.at, call.integer("since", 0))
    tasks = [task for task in every if _visible(call, task)]
    rows: list[dict[str, Data]] = []
    if source in {"active", "all"}:
        rows += [
            running_row(task) | {"status": "RUNNING"}
            for task in tasks
            if task.running_at(call.at) and _wanted(call, task)
        ]
    if source in {"archive", "all"}:
        rows += [finished_row(task) for task in tasks if not task.running_at(call.at) and _wanted(call, task)]
    return Page(rows[start : start + limit], len(rows))


def _visible(call: Call, task: Task) -> bool:
    """One's own tasks, and all with Sys.Audit on the node."""
    own = task.user == call.token.id or task.user == call.token.id.partition("!")[0]
    return own or call.token.may(f"/nodes/{task.node}", "Sys.Audit")


def _wanted(call: Call, task: Task) -> bool:
    query = call.query
    since, until = call.integer("since", 0), call.integer("until", 2**62)
    finished = not task.running_at(call.at)
    if call.flag("errors") and finished and task.status == "OK":
        return False
    if not since <= task.started_at <= until:
        return False
    if "vmid" in query and task.id != query["vmid"]:
        return False
    if "typefilter" in query and task.kind != query["typefilter"]:
        return False
    if "userfilter" in query and query["userfilter"].lower() not in task.user.lower():
        return False
    return "statusfilter" not in query or _state(task, finished) in query["statusfilter"].split(",")


def _state(task: Task, finished: bool) -> str:
    if not finished or task.status == "unexpected status":
        return "unknown"
    if task.status.startswith("WARNINGS"):
        return "warning"
    return "ok" if task.status == "OK" else "error"


def task_status(call: Call) -> Data:
    task = _task_named(call)
    pid, pstart = process_of(task.upid)
    row = _common(task) | {"pid": pid, "pstart": pstart}
    if task.running_at(call.at):
        return row | {"status": "running"}
    return row | {"status": "stopped", "exitstatus": task.status}


def task_log(call: Call) -> Page:
    """50 lines from the beginning unless asked otherwise; `limit=0` is all of them."""
    lines = _task_named(call).log_at(call.at)
    start, limit = call.integer("start", 0), call.integer("limit", 50)
    end = len(lines) if limit == 0 else start + limit
    rows = [{"n": number + 1, "t": text} for number, text in enumerate(lines)][start:end]
    return Page(rows or [{"n": 1, "t": "no content"}], len(lines))


def _task_named(call: Call) -> Task:
    upid = call.path["upid"]
    for task in pve_tasks(call.world, call.path["node"], call.at):
        if task.upid == upid:
            if not _visible(call, task):
                raise Refusal(403, f"Permission check failed (/nodes/{task.node}, Sys.Audit)")
            return task
    if not upid.startswith("UPID:"):
        raise Refusal(400, "Parameter verification failed.", {"upid": f"unable to parse worker upid '{upid}'"})
    raise Refusal(500, f"no such task '{upid}'")
