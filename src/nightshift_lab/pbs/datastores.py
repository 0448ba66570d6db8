"""The backup server's datastores: usage, namespaces, groups, snapshots, garbage collection and other jobs."""

from __future__ import annotations

import numpy as np

from nightshift_lab.pbs.api import Call, Data, Refusal
from nightshift_lab.pbs.jobs import clock, enabled, gc_status
from nightshift_lab.world.backup_servers import Datastore
from nightshift_lab.world.backups import BackupRun, night_of, runs_at_servers
from nightshift_lab.world.server_tasks import gc_time_s
from nightshift_lab.world.snapshots import snapshots_at

_HISTORY_STEP_S = 1_800.0
_HISTORY_POINTS = 30 * 48


def version(call: Call) -> Data:
    played = call.server.release
    return {"version": played.version, "release": played.release, "repoid": played.repoid}


def _kind(call: Call) -> dict[str, Data]:
    """Object stores came with 4."""
    kind: dict[str, Data] = {"backend-type": "filesystem"} if call.server.release.major >= 4 else {}
    return kind | {"mount-status": "nonremovable"}


def datastores(call: Call) -> Data:
    rows = []
    for store in call.visible_datastores():
        row = {"store": store.name, "comment": store.comment, **_kind(call)}
        maintenance = maintenance_of(call, store)
        rows.append(row | ({"maintenance": maintenance} if maintenance else {}))
    return rows


def maintenance_of(call: Call, store: Datastore) -> str:
    """`read-only` or `offline`, with a message perhaps; empty in everyday operation."""
    return str(call.world.condition(_entity(call, store), "maintenance", call.at, ""))


def problem_of(call: Call, store: Datastore) -> str:
    """Why the datastore cannot be read at all; empty when it can."""
    mode = maintenance_of(call, store).partition(",")[0]
    told = f"datastore '{store.name}' is in offline maintenance mode" if mode == "offline" else ""
    return str(call.world.condition(_entity(call, store), "error", call.at, told))


def readable(call: Call) -> Datastore:
    """The datastore of the path, which must be readable."""
    store = call.datastore
    problem = problem_of(call, store)
    if problem:
        raise Refusal(400, problem)
    return store


def configurations(call: Call) -> Data:
    return [_configuration(call, store) for store in call.visible_datastores()]


def configuration(call: Call) -> Data:
    name = call.path["name"]
    for store in call.visible_datastores():
        if store.name == name:
            return _configuration(call, store)
    raise Refusal(400, f"no such datastore '{name}'")


def _configuration(call: Call, store: Datastore) -> dict[str, Data]:
    row: dict[str, Data] = {
        "name": store.name,
        "path": store.path,
        "comment": store.comment,
        "notification-mode": "notification-system",
    }
    if enabled(call, "gc", store.name):
        row["gc-schedule"] = clock(gc_time_s(call.world, call.server, store))
    maintenance = maintenance_of(call, store)
    if maintenance:
        row["maintenance-mode"] = maintenance if "," in maintenance else f"type={maintenance}"
    return row


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
        if not call.may_see(store.name):
            continue
        problem = problem_of(call, store)
        if problem:
            rows.append({"store": store.name, **_kind(call), "error": problem})
            continue
        first = call.at - call.at % _HISTORY_STEP_S - (_HISTORY_POINTS - 1) * _HISTORY_STEP_S
        times = first + _HISTORY_STEP_S * np.arange(_HISTORY_POINTS)
        entity = _entity(call, store)
        fractions = call.world.signal(entity, "used_bytes", times) / store.size_bytes
        row: dict[str, Data] = {
            "store": store.name,
            **_kind(call),
            **_sizes(call, store),
            "history": [None if np.isnan(value) else round(float(value), 9) for value in fractions],
            "history-start": int(first),
            "history-delta": int(_HISTORY_STEP_S),
            "gc-status": gc_status(call, store),
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
    store = readable(call)
    row: dict[str, Data] = {**_sizes(call, store)}
    if call.server.release.major >= 4:
        row["backend-type"] = "filesystem"
    if call.flag("verbose"):
        counts: dict[str, dict[str, int]] = {}
        for namespace in store.namespaces:
            groups = set()
            for snapshot in snapshots_at(call.world, call.server.name, store.name, namespace, call.at):
                kind = counts.setdefault(snapshot.backup_type, {"groups": 0, "snapshots": 0})
                kind["snapshots"] += 1
                if snapshot.group not in groups and not snapshot.unfinished:
                    groups.add(snapshot.group)
                    kind["groups"] += 1
        row |= {"counts": counts, "gc-status": gc_status(call, store)}
    return row


def namespaces(call: Call) -> Data:
    """Those below `parent`, itself first (the root is an empty name), as deep as `max-depth` allows."""
    parent, deepest = call.query.get("parent", ""), call.integer("max-depth", 7)
    base = parent.count("/") + bool(parent)
    rows: list[dict[str, Data]] = []
    for namespace in readable(call).namespaces:
        below = not parent or namespace == parent or namespace.startswith(f"{parent}/")
        if below and namespace.count("/") + bool(namespace) - base <= deepest:
            rows.append({"ns": namespace} | ({"comment": "kept for good"} if namespace == "archive" else {}))
    return rows


def active_operations(call: Call) -> Data:
    """How many read and write in it right now."""
    running = [run for run in runs_at_servers(call.world, night_of(call.world, call.at)) if _writes(call, run)]
    return {"read": 0, "write": len(running)}


def _writes(call: Call, run: BackupRun) -> bool:
    here = (run.server, run.datastore) == (call.server.name, call.datastore.name)
    return here and run.started_at <= call.at < run.ended_at
