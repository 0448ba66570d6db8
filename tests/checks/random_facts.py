"""Random snapshots, derived from the dataclasses of the facts: a dataset that somebody adds is covered at once.

What a field may hold follows from its type, and from its name where the type says too little: `vmid`, `…_bytes`,
`…_fraction`, `…_at`, `…_s`. Few words and few numbers, so that rows of different datasets meet.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from tests.checks.world import NOW

from nightshift.checks.metric_rows import QUERIES
from nightshift.checks.previous import Previous
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.inventory import Cluster
from nightshift.facts.monitoring import Sample
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.facts.tasks import Task, outcome_of

WORDS = st.sampled_from(["pve1", "pve2", "web", "tank", "local", "100", "lxc/100", "", "ü 🍳", "a/b:c", "nas:9100"])
SOURCES = st.sampled_from(["pve", "attic", "pbs"])
NODES = st.sampled_from(["pve1", "pve2", "pve3"])
VMIDS = st.integers(100, 103)
KEYS = st.sampled_from(
    ["guest:pve/100", "guest:pve/101", "node:pve/pve1", "node:attic/pve2", "datastore:pbs/tank", "storage:pve/shared/x"]
)
TIMES = st.floats(-4e6, 1e5).map(lambda seconds: NOW + timedelta(seconds=seconds))
VALUES = st.floats(allow_nan=True, allow_infinity=True) | st.integers(-10, 200).map(float)
LABEL_NAMES = st.sampled_from(
    ["instance", "id", "job", "device", "mountpoint", "storage", "node", "name", "state", "vmid", "ups", "pool", "disk"]
)
LABELS = st.lists(st.tuples(LABEL_NAMES, WORDS), max_size=5, unique_by=lambda pair: pair[0]).map(tuple)
TASK_STATUSES = st.none() | st.sampled_from(["OK", "WARNINGS: 1", "job errors", "unexpected status", "RUNNING"])
TASK_TYPES = st.sampled_from(
    ["vzdump", "qmstart", "vzstart", "qmstop", "qmigrate", "verificationjob", "garbage_collection", "prune", "syncjob",
     "qmcreate", "zfscreate", "other"]
)  # fmt: skip

# Texts of which only a few mean something to a check.
_TEXTS: dict[str, st.SearchStrategy[str]] = {
    "source": SOURCES,
    "name": st.sampled_from(["pve1", "pve2", "web", "tank", "local", "ü 🍳", "a/b:c"]),
    "node": NODES,
    "nodes": NODES,
    "status": st.sampled_from(["running", "stopped", "unknown", "io-error", "paused", "prelaunch", "OK", "stopped: x"]),
    "state": st.sampled_from(
        ["ONLINE", "DEGRADED", "FAULTED", "error", "started", "stopped", "active", "failed", "ok"]
    ),
    "health": st.sampled_from(["up", "down", "unknown", "ONLINE", "DEGRADED", "PASSED", "FAILED", "ok"]),
    "lock": st.sampled_from(["backup", "migrate", "snapshot"]),
    "worker_type": TASK_TYPES,
    "plugin": st.sampled_from(["dir", "pbs", "zfspool", "lvmthin", "nfs", "cephfs"]),
    "guest": KEYS,
    "entity_key": KEYS,
    "last_run_state": st.sampled_from(["OK", "WARNINGS: 1", "connection refused"]),
    "schedule": st.sampled_from(["daily", "02:00", "sat 04:15"]),
}


@st.composite
def _tasks(draw: st.DrawFn) -> Task:
    """A task whose outcome is what its status says."""
    status = draw(TASK_STATUSES)
    return Task(
        draw(SOURCES), draw(WORDS), draw(NODES), draw(TASK_TYPES), draw(WORDS), "root@pam", draw(TIMES),
        draw(st.none() | TIMES), status, outcome_of(status, running=False), reason=draw(st.none() | WORDS),
        failed_vmids=draw(st.lists(VMIDS, max_size=3).map(tuple)), storage=draw(st.none() | WORDS),
    )  # fmt: skip


_WHOLE: dict[Any, Callable[[], st.SearchStrategy[Any]]] = {
    Task: _tasks,
    Entity: lambda: KEYS.map(lambda key: Entity(key, key.rpartition("/")[2])),
    Sample: lambda: st.builds(Sample, LABELS, VALUES, TIMES),
}


@cache
def of_dataclass(kind: type) -> st.SearchStrategy[Any]:
    """Rows of one dataclass."""
    if kind in _WHOLE:
        return _WHOLE[kind]()
    hints = get_type_hints(kind)
    return st.builds(kind, **{item.name: of_type(hints[item.name], item.name) for item in fields(kind) if item.init})


def of_type(hint: Any, name: str) -> st.SearchStrategy[Any]:
    """Values of a type as a field of this name would hold them."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is type(None):
        return st.none()
    if origin in (Union, types.UnionType):
        return st.one_of([of_type(argument, name) for argument in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if name in ("labels", "annotations") and origin is tuple:
        return LABELS
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            longest = 40 if name == "history" else 3
            return st.lists(of_type(arguments[0], name), max_size=longest).map(tuple)
        return st.tuples(*(of_type(argument, name) for argument in arguments))
    if origin is frozenset:
        return st.frozensets(of_type(arguments[0], name), max_size=3)
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(of_type(arguments[0], ""), of_type(arguments[1], name), max_size=3)
    if is_dataclass(hint):
        return of_dataclass(hint)  # type: ignore[arg-type]
    return _scalars(hint, name)


def _scalars(hint: Any, name: str) -> st.SearchStrategy[Any]:
    if hint is bool:
        return st.booleans()
    if hint is datetime:
        return TIMES
    if hint is str:
        return _TEXTS.get(name, WORDS)
    if hint is int:
        if "vmid" in name:
            return VMIDS
        return st.integers(0, 2**45) if name.endswith("_bytes") else st.integers(0, 200) | st.integers(0, 10**7)
    if hint is float:
        if name.endswith("_fraction") or name == "history":
            return st.floats(0, 1.5)
        return st.sampled_from([0.0, 0.5, 1.0, 99.5, 3_600.0, 86_400.0, 1e9]) | st.floats(1e-3, 1e6)
    raise TypeError(f"no idea what a {name} of type {hint} may hold: teach tests/checks/random_facts.py")


GAPS = st.builds(
    Gap,
    st.sampled_from(["pve", "attic", "pbs", "prometheus", "grafana"]),
    WORDS,
    st.sampled_from(["unreachable", "forbidden", "timed_out", "truncated"]),
    WORDS,
)


_NAMING = ("source", "rule_uid", "instance_hash", "job", "instance", "vmid", "name", "datastore", "namespace", "node",
           "storage")  # fmt: skip


def _identity(row: Any) -> object:
    """What no two rows of a dataset share: a server tells of each thing once."""
    if isinstance(row, Cluster):
        return row.source
    if isinstance(row, Task):
        return row.source, row.upid
    entity = getattr(row, "entity", None)
    if isinstance(entity, Entity):
        return entity.key
    if hasattr(row, "key"):
        return row.key
    own = next((name for name in ("uid", "id", "upid") if hasattr(row, name)), None)
    names = ("source", "kind", own) if own else _NAMING
    return tuple(getattr(row, name) for name in names if hasattr(row, name)) or repr(row)


def datasets(rows: st.SearchStrategy[Any]) -> st.SearchStrategy[Dataset[Any]]:
    """Datasets in every state; no two rows are about the same thing."""
    several = st.lists(rows, max_size=4, unique_by=_identity).map(tuple)
    return st.one_of(
        st.builds(lambda found: Dataset("complete", found, (), NOW), several),
        st.builds(lambda found, gap: Dataset("partial", found, (gap,), NOW), several, GAPS),
        st.builds(lambda gap: Dataset("unavailable", (), (gap,), NOW), GAPS),
        st.just(Dataset("not_configured")),
    )


DATASETS: dict[str, type] = {
    name: get_args(hint)[0] for name, hint in get_type_hints(Snapshot).items() if get_origin(hint) is Dataset
}
"""The row type of every dataset of a Snapshot."""

SNAPSHOTS = st.builds(
    Snapshot,
    taken_at=st.just(NOW),
    metrics=st.fixed_dictionaries({row: datasets(of_dataclass(Sample)) for row in QUERIES}),
    names=st.dictionaries(WORDS, of_dataclass(Entity)),
    **{name: datasets(of_dataclass(row)) for name, row in DATASETS.items()},
)

PREVIOUS = st.just(Previous()) | st.builds(
    Previous,
    taken_at=st.just(NOW - timedelta(minutes=5)),
    uptimes_s=st.dictionaries(KEYS, st.integers(0, 10**7), max_size=3),
    watching_since=st.none() | TIMES,
)
