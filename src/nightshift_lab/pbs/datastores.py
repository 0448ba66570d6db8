"""The backup server's datastores: usage, namespaces, groups, snapshots, garbage collection and other jobs."""

from __future__ import annotations

import numpy as np

from nightshift_lab.pbs.api import Call, Data, Refusal
from nightshift_lab.world.backup_servers import Datastore
from nightshift_lab.world.nouns import DAY_S
from nightshift_lab.world.pbs_logs import gc_figures
from nightshift_lab.world.server_tasks import job_ids, pbs_tasks
from nightshift_lab.world.snapshots import Snapshot, snapshots_at
from nightshift_lab.world.tasks import Task

_HISTORY_STEP_S = 1_800.0
_HISTORY_POINTS = 30 * 48


def version(call: Call) -> Data:
    played = call.server.release
    return {"version": played.version, "release": played.release, "repoid": played.repoid}


def datastores(call: Call) -> Data:
    return [
        {"store": store.name, "comment": store.comment, "backend-type": "filesystem", "mount-status": "nonremovable"}
        for store in call.visible_datastores()
    ]


def _entity(call: Call, store: Datastore) -> str:
    return f"datastore/{call.server.name}/{store.name}"


def _sizes(call: Call, store: Datastore) -> dict[str, int]:
    entity = _entity(call, store)
    names = {"total": "total_bytes", "used": "used_bytes", "avail": "available_bytes"}
    return {name: int(call.world.at(entity, quantity, call.at)) for name, quantity in names.items()}


def usage(call: Call) -> Data:
    """Sizes, a month of history and the date when it will be full, for the datastores that the token may see."""
    rows: list[Data] = []
    for store in call.server.datastores:
        kind = {"backend-type": "filesystem", "mount-status": "nonremovable"}
        if not call.may_see(store.name):
            continue
        first = call.at - call.at % _HISTORY_STEP_S - (_HISTORY_POINTS - 1) * _HISTORY_STEP_S
        times = first + _HISTORY_STEP_S * np.arange(_HISTORY_POINTS)
        entity = _entity(call, store)
        fractions = call.world.signal(entity, "used_bytes", times) / store.size_bytes
        row: dict[str, Data] = {
            "store": store.name,
            **kind,
            **_sizes(call, store),
            "history": [None if np.isnan(value) else round(float(value), 9) for value in fractions],
            "history-start": int(first),
            "history-delta": int(_HISTORY_STEP_S),
            "gc-status": _gc_status(call, store),
        }
        row["estimated-full-date"] = _estimated_full_date(times, fractions, call.at)
        rows.append(row)
    return rows


def _estimated_full_date(times: np.ndarray, fractions: np.ndarray, now: float) -> int:
    """A straight line through the last month, as the server itself draws it; 0 when it is flat."""
    known = ~np.isnan(fractions)
    slope, start = np.polyfit(times[known] - now, fractions[known], 1)
    if abs(slope) < 1e-12:
        return 0
    return int(now + (1.0 - start) / slope)


def status(call: Call) -> Data:
    """Counts and the state of garbage collection only with `verbose`."""
    store = call.datastore
    row: dict[str, Data] = {**_sizes(call, store), "backend-type": "filesystem"}
    if call.flag("verbose"):
        counts: dict[str, dict[str, int]] = {}
        for namespace in store.namespaces:
            for snapshot in snapshots_at(call.world, call.server.name, store.name, namespace, call.at):
                kind = counts.setdefault(snapshot.backup_type, {"groups": 0, "snapshots": 0})
                kind["snapshots"] += 1
            for group in _groups(call, store, namespace):
                counts[str(group["backup-type"])]["groups"] += 1
        row |= {"counts": counts, "gc-status": _gc_status(call, store)}
    return row


def namespaces(call: Call) -> Data:
    """All of them, the root (an empty name) first."""
    parent = call.query.get("parent", "")
    return [
        {"ns": namespace} | ({"comment": "kept for good"} if namespace == "archive" else {})
        for namespace in call.datastore.namespaces
        if namespace.startswith(parent)
    ]


def _namespace(call: Call, store: Datastore) -> str:
    namespace = call.query.get("ns", "")
    if namespace not in store.namespaces:
        raise Refusal(400, f"namespace not found: {namespace}")
    return namespace


def groups(call: Call) -> Data:
    store = call.datastore
    return _groups(call, store, _namespace(call, store))


def _groups(call: Call, store: Datastore, namespace: str) -> list[dict[str, Data]]:
    by_group: dict[tuple[str, str], list[Snapshot]] = {}
    for snapshot in snapshots_at(call.world, call.server.name, store.name, namespace, call.at):
        by_group.setdefault((snapshot.backup_type, snapshot.backup_id), []).append(snapshot)
    rows = []
    for (backup_type, backup_id), snapshots in by_group.items():
        finished = [snapshot for snapshot in snapshots if not snapshot.unfinished]
        if finished:
            newest = finished[-1]
            rows.append(
                {
                    "backup-type": backup_type,
                    "backup-id": backup_id,
                    "last-backup": newest.taken_at,
                    "backup-count": len(finished),
                    "files": [name for name, _ in _files(newest)],
                    "owner": newest.owner,
                }
            )
    return rows


def snapshots(call: Call) -> Data:
    store = call.datastore
    namespace = _namespace(call, store)
    wanted_type, wanted_id = call.query.get("backup-type"), call.query.get("backup-id")
    verified = _verification_before(call, store)
    return [
        _snapshot_row(snapshot, verified)
        for snapshot in snapshots_at(call.world, call.server.name, store.name, namespace, call.at)
        if wanted_type in {None, snapshot.backup_type} and wanted_id in {None, snapshot.backup_id}
    ]


def _snapshot_row(snapshot: Snapshot, verified: list[Task]) -> dict[str, Data]:
    row: dict[str, Data] = {
        "backup-type": snapshot.backup_type,
        "backup-id": snapshot.backup_id,
        "backup-time": snapshot.taken_at,
        "owner": snapshot.owner,
        "protected": snapshot.protected,
    }
    if snapshot.unfinished:
        return row | {"files": [{"filename": name} for name, _ in _files(snapshot)[:-1]]}
    row |= {
        "comment": snapshot.guest_name,
        "size": snapshot.size_bytes,
        "files": [{"filename": name, "crypt-mode": "none", "size": size} for name, size in _files(snapshot)],
    }
    later = [task for task in verified if task.started_at > snapshot.taken_at]
    if later or snapshot.protected:
        first = later[-1] if later else None
        upid = first.upid if first else "UPID:pbs:00000A11:0000B3C2:00000007:67F0A1B2:verificationjob:archive:root@pam:"
        row["verification"] = {"state": "ok", "upid": upid}
    return row


def _verification_before(call: Call, store: Datastore) -> list[Task]:
    """The datastore's finished verification jobs, newest first."""
    tasks = pbs_tasks(call.world, call.server.name, call.at)
    return [
        task
        for task in tasks
        if task.kind == "verificationjob" and task.id.startswith(f"{store.name}:") and not task.running_at(call.at)
    ]


def _files(snapshot: Snapshot) -> list[tuple[str, int]]:
    if snapshot.backup_type == "vm":
        return [("qemu-server.conf.blob", 431), ("drive-scsi0.img.fidx", snapshot.size_bytes), ("index.json.blob", 512)]
    name = "root.pxar.didx" if snapshot.backup_type == "ct" else "home.pxar.didx"
    files = [
        (name, snapshot.size_bytes),
        ("catalog.pcat1.didx", snapshot.size_bytes // 4_000),
        ("index.json.blob", 530),
    ]
    return [("pct.conf.blob", 294), *files] if snapshot.backup_type == "ct" else files


def _last_gc(call: Call, store: Datastore) -> Task | None:
    tasks = pbs_tasks(call.world, call.server.name, call.at)
    return next(
        (
            task
            for task in tasks
            if task.kind == "garbage_collection" and task.id == store.name and not task.running_at(call.at)
        ),
        None,
    )


def _gc_status(call: Call, store: Datastore) -> dict[str, Data]:
    last = _last_gc(call, store)
    at = last.started_at if last else call.at - DAY_S
    figures: dict[str, Data] = dict(gc_figures(call.world, _entity(call, store), store, at))
    return figures | {"upid": last.upid if last else None, "cache-stats": {"hits": 402_113, "misses": 18_402}}


def gc_of_datastore(call: Call) -> Data:
    return _gc_row(call, call.datastore)


def gc_all(call: Call) -> Data:
    return [_gc_row(call, store) for store in call.visible_datastores()]


def _gc_row(call: Call, store: Datastore) -> dict[str, Data]:
    """The result of the last run is told here, not in a datastore's gc-status."""
    row: dict[str, Data] = {"store": store.name, **_gc_status(call, store), "schedule": store.gc_schedule}
    row["next-run"] = _next(call.at, store.gc_hour * 3_600)
    last = _last_gc(call, store)
    if last is not None:
        row |= _last_run(last) | {"duration": int(last.ended_at - last.started_at)}
    return row


def _last_run(task: Task) -> dict[str, Data]:
    return {"last-run-endtime": int(task.ended_at), "last-run-state": task.status}


def _next(now: float, time_of_day_s: float) -> int:
    today = now - now % DAY_S + time_of_day_s
    return int(today if today > now else today + DAY_S)


def prune_jobs(call: Call) -> Data:
    rows = []
    for store in call.visible_datastores():
        prune_id, _ = job_ids(call.world, call.server, store.name)
        keep = store.keep
        row: dict[str, Data] = {
            "id": prune_id,
            "store": store.name,
            "ns": "homelab",
            "schedule": _clock(store.gc_hour * 3_600 - 1_800),
            "keep-daily": keep.daily,
            "keep-weekly": keep.weekly,
            "keep-monthly": keep.monthly,
            "next-run": _next(call.at, store.gc_hour * 3_600 - 1_800),
        }
        rows.append(row | _last_of(call, "prunejob", f"{store.name}:{prune_id}"))
    return rows


def verify_jobs(call: Call) -> Data:
    rows = []
    for store in call.visible_datastores():
        _, verify_id = job_ids(call.world, call.server, store.name)
        row: dict[str, Data] = {
            "id": verify_id,
            "store": store.name,
            "ns": "homelab",
            "schedule": _clock(store.gc_hour * 3_600 + 7_200),
            "ignore-verified": True,
            "outdated-after": 30,
            "next-run": _next(call.at, store.gc_hour * 3_600 + 7_200),
        }
        rows.append(row | _last_of(call, "verificationjob", f"{store.name}:{verify_id}"))
    return rows


def sync_jobs(call: Call) -> Data:  # noqa: ARG001
    """There is one backup server: nothing is synced."""
    return []


def _last_of(call: Call, kind: str, worker_id: str) -> dict[str, Data]:
    for task in pbs_tasks(call.world, call.server.name, call.at):
        if task.kind == kind and task.id == worker_id and not task.running_at(call.at):
            return _last_run(task) | {"last-run-upid": task.upid}
    return {}


def _clock(time_of_day_s: float) -> str:
    whole = int(time_of_day_s)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}"
