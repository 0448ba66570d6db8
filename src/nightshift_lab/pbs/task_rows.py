"""The backup server's tasks: lists, status, logs, and who may see them."""

from __future__ import annotations

from itertools import islice, takewhile

from nightshift_lab.pbs.api import Call, Data, Page, Refusal
from nightshift_lab.world.server_tasks import iter_pbs_tasks
from nightshift_lab.world.tasks import Task
from nightshift_lab.world.upid import process_of


def tasks(call: Call) -> Page:
    """`typefilter` is a substring, `errors` includes warnings and running tasks, `limit=0` is all.

    `total` only says whether there are more: the server stops looking when the page is full.
    """
    start, limit = call.integer("start", 0), call.integer("limit", 50)
    since = call.integer("since", 0)
    history = takewhile(lambda task: task.started_at >= since, iter_pbs_tasks(call.world, call.server.name, call.at))
    wanted = (task for task in history if _wanted(call, task))
    shown = list(islice(wanted, start, None if limit == 0 else start + limit))
    more = next(wanted, None) is not None
    return Page([_row(call, task) for task in shown], start + len(shown) + more)


def _wanted(call: Call, task: Task) -> bool:
    query = call.query
    running = task.running_at(call.at)
    own = task.user in {call.token.id, call.token.id.partition("!")[0]}
    if not own and not call.token.may("/system/tasks", "Sys.Audit"):
        return False
    if call.flag("running") and not running:
        return False
    if call.flag("errors") and not running and task.status == "OK":
        return False
    if not call.integer("since", 0) <= task.started_at <= call.integer("until", 2**62):
        return False
    if query.get("typefilter", "") not in task.kind or query.get("userfilter", "") not in task.user:
        return False
    if "store" in query and task.id.partition(":")[0] != query["store"]:
        return False
    states = query["statusfilter"].split(",") if "statusfilter" in query else None
    return states is None or (not running and _state(task) in states)


def _state(task: Task) -> str:
    return "ok" if task.status == "OK" else "warning" if task.status.startswith("WARNINGS") else "error"


def _row(call: Call, task: Task) -> dict[str, Data]:
    pid, pstart = process_of(task.upid)
    row: dict[str, Data] = {
        "upid": task.upid,
        "node": "localhost",
        "pid": pid,
        "pstart": pstart,
        "starttime": int(task.started_at),
        "worker_type": task.kind,
        "worker_id": task.id,
        "user": task.user,
    }
    return row if task.running_at(call.at) else row | {"endtime": int(task.ended_at), "status": task.status}


def task_status(call: Call) -> Data:
    """Here the names are `type` and `id`; the user and its token stand apart."""
    task = _task_named(call)
    pid, pstart = process_of(task.upid)
    user, _, token = task.user.partition("!")
    row: dict[str, Data] = {
        "upid": task.upid,
        "node": call.server.name,
        "pid": pid,
        "pstart": pstart,
        "starttime": int(task.started_at),
        "type": task.kind,
        "id": task.id,
        "user": user,
    }
    if token:
        row["tokenid"] = token
    if task.running_at(call.at):
        return row | {"status": "running"}
    if call.server.release.major >= 4:
        row["endtime"] = int(task.ended_at)
    return row | {"status": "stopped", "exitstatus": task.status}


def task_log(call: Call) -> Page:
    """50 lines from the beginning unless asked otherwise; `limit=0` is all of them."""
    lines = _task_named(call).log_at(call.at)
    start, limit = call.integer("start", 0), call.integer("limit", 50)
    end = len(lines) if limit == 0 else start + limit
    return Page([{"n": number + 1, "t": text} for number, text in enumerate(lines)][start:end], len(lines))


def _task_named(call: Call) -> Task:
    upid = call.path["upid"]
    for task in iter_pbs_tasks(call.world, call.server.name, call.at):
        if task.upid == upid:
            if not _may_read(call, task):
                raise Refusal(403, "task access not allowed")
            return task
    if not upid.startswith("UPID:"):
        raise Refusal(400, f"parameter verification failed - 'upid': unable to parse UPID '{upid}'")
    raise Refusal(400, "unable to open task log: No such file or directory (os error 2)")


def _may_read(call: Call, task: Task) -> bool:
    own = task.user in {call.token.id, call.token.id.partition("!")[0]}
    store = task.id.partition(":")[0]
    return (
        own or call.token.may("/system/tasks", "Sys.Audit") or call.token.may(f"/datastore/{store}", "Datastore.Audit")
    )
