"""The backup server's jobs: garbage collection, pruning, verification, sync; how each is set up and how it went."""

from __future__ import annotations

from collections.abc import Iterator

from nightshift_lab.pbs.api import Call, Data
from nightshift_lab.world.backup_servers import Datastore, SyncJob
from nightshift_lab.world.backups import night_at, night_of
from nightshift_lab.world.nouns import DAY_S
from nightshift_lab.world.pbs_logs import gc_figures
from nightshift_lab.world.server_tasks import chores, gc_time_s, job_ids, verify_after_s
from nightshift_lab.world.tasks import Task

_PRUNE_BEFORE_S = 1_800.0


def clock(time_of_day_s: float) -> str:
    """`05:30` of a second of the day."""
    whole = int(time_of_day_s % DAY_S)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}"


def _next(now: float, time_of_day_s: float) -> int:
    today = now - now % DAY_S + time_of_day_s % DAY_S
    return int(today if today > now else today + DAY_S)


def finished(call: Call, kind: str, worker_id: str) -> Iterator[Task]:
    """The runs of a job that are over, newest first. A sync job's worker id ends with the job's."""
    for task in chores(call.world, call.server.name, call.at):
        same = task.id == worker_id or (kind == "syncjob" and task.id.endswith(f":{worker_id}"))
        if task.kind == kind and same and not task.running_at(call.at):
            yield task


def _last_run(call: Call, kind: str, worker_id: str) -> dict[str, Data]:
    last = next(finished(call, kind, worker_id), None)
    if last is None:
        return {}
    ended = {"last-run-endtime": int(last.ended_at), "last-run-state": last.status}
    return ended if kind == "garbage_collection" else ended | {"last-run-upid": last.upid}


def gc_status(call: Call, store: Datastore) -> dict[str, Data]:
    """What the last collection found; `upid` is null before the first."""
    last = next(finished(call, "garbage_collection", store.name), None)
    entity = f"datastore/{call.server.name}/{store.name}"
    figures: dict[str, Data] = dict(gc_figures(call.world, entity, store, last.started_at if last else call.at))
    if last is None:
        figures = dict.fromkeys(figures, 0)
    if call.server.release.major >= 4:
        figures["cache-stats"] = {"hits": 402_113, "misses": 18_402}
    return figures | {"upid": last.upid if last else None}


def gc_row(call: Call, store: Datastore) -> dict[str, Data]:
    """The result of the last run is told here, not in a datastore's gc-status."""
    begins_s = gc_time_s(call.world, call.server, store)
    row: dict[str, Data] = {"store": store.name, **gc_status(call, store)}
    last = next(finished(call, "garbage_collection", store.name), None)
    if last is not None:
        row |= _last_run(call, "garbage_collection", store.name)
        row["duration"] = int(last.ended_at - last.started_at)
    if not enabled(call, "gc", store.name):
        return row
    return row | {"schedule": clock(begins_s), "next-run": _next(call.at, begins_s)}


def gc_of_datastore(call: Call) -> Data:
    return gc_row(call, call.datastore)


def gc_list_of_datastore(call: Call) -> Data:
    return [gc_row(call, call.datastore)]


def gc_all(call: Call) -> Data:
    return [gc_row(call, store) for store in call.visible_datastores()]


def enabled(call: Call, kind: str, datastore: str) -> bool:
    return bool(call.world.condition(f"{kind}/{call.server.name}/{datastore}", "enabled", call.at, True))


def _prune_config(call: Call, store: Datastore) -> dict[str, Data]:
    prune_id, _ = job_ids(call.world, call.server, store.name)
    keep = store.keep
    row: dict[str, Data] = {
        "id": prune_id,
        "store": store.name,
        "schedule": clock(gc_time_s(call.world, call.server, store) - _PRUNE_BEFORE_S),
        "keep-daily": keep.daily,
        "keep-weekly": keep.weekly,
        "keep-monthly": keep.monthly,
    }
    row |= {"ns": store.main_namespace} if store.main_namespace else {}
    return row if enabled(call, "prune", store.name) else row | {"disable": True}


def _verify_config(call: Call, store: Datastore) -> dict[str, Data]:
    _, verify_id = job_ids(call.world, call.server, store.name)
    begins_s = gc_time_s(call.world, call.server, store) + verify_after_s(call.server)
    row: dict[str, Data] = {
        "id": verify_id,
        "store": store.name,
        "schedule": clock(begins_s),
        "ignore-verified": True,
        "outdated-after": 30,
    }
    row |= {"ns": store.main_namespace} if store.main_namespace else {}
    return row | ({"read-threads": 1, "verify-threads": 4} if call.server.release.major >= 4 else {})


def _sync_config(call: Call, job: SyncJob) -> dict[str, Data]:
    begins_s = call.world.rhythm.window_start_s + job.start_offset_s
    row: dict[str, Data] = {
        "id": job.id,
        "store": job.store,
        "ns": job.namespace,
        "remote": job.remote,
        "remote-store": job.remote_store,
        "remote-ns": job.remote_namespace,
        "owner": "root@pam",
        "schedule": clock(begins_s),
        "remove-vanished": True,
        "comment": job.comment,
    }
    if not enabled(call, "sync", job.store):
        del row["schedule"]
    return row | {"sync-direction": "pull"}


def _wanted(call: Call) -> list[Datastore]:
    named = call.query.get("store")
    return [store for store in call.visible_datastores() if named in {None, store.name}]


def _sync_jobs(call: Call) -> list[SyncJob]:
    """Without Remote.Audit on the remote the job is not shown."""
    visible = {store.name for store in _wanted(call)}
    return [
        job
        for job in call.server.sync_jobs
        if job.store in visible and call.token.may(f"/remote/{job.remote}/{job.remote_store}", "Remote.Audit")
    ]


def prune_configs(call: Call) -> Data:
    return [_prune_config(call, store) for store in _wanted(call)]


def verify_configs(call: Call) -> Data:
    return [_verify_config(call, store) for store in _wanted(call) if enabled(call, "verify", store.name)]


def sync_configs(call: Call) -> Data:
    return [_sync_config(call, job) for job in _sync_jobs(call)]


def prune_jobs(call: Call) -> Data:
    rows = []
    for store in _wanted(call):
        row = _prune_config(call, store)
        if not row.get("disable"):
            begins_s = gc_time_s(call.world, call.server, store) - _PRUNE_BEFORE_S
            row["next-run"] = _next(call.at, begins_s)
        rows.append(row | _last_run(call, "prunejob", f"{store.name}:{row['id']}"))
    return rows


def verify_jobs(call: Call) -> Data:
    rows = []
    for store in _wanted(call):
        if enabled(call, "verify", store.name):
            row = _verify_config(call, store)
            begins_s = gc_time_s(call.world, call.server, store) + verify_after_s(call.server)
            row |= {"next-run": _next(call.at, begins_s)}
            rows.append(row | _last_run(call, "verificationjob", f"{store.name}:{row['id']}"))
    return rows


def sync_jobs(call: Call) -> Data:
    """Pull jobs only, unless all directions are asked for; there are no others here."""
    rows = []
    for job in _sync_jobs(call):
        tonight = night_at(call.world, night_of(call.world, call.at)) + job.start_offset_s
        row = _sync_config(call, job)
        if "schedule" in row:
            row["next-run"] = int(tonight if tonight > call.at else tonight + DAY_S)
        rows.append(row | _last_run(call, "syncjob", job.id))
    return rows


def remotes(call: Call) -> Data:
    """Other backup servers that this one knows."""
    names = {job.remote: job for job in call.server.sync_jobs}
    return [
        {
            "name": name,
            "host": call.world.server(name).ip,
            "auth-id": "sync@pbs!pull",
            "comment": "in the rack",
        }
        for name in names
        if call.token.may(f"/remote/{name}", "Remote.Audit")
    ]


def none(_call: Call) -> Data:
    """No tapes, no traffic rules."""
    return []
