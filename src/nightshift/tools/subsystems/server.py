"""What a backup server does by itself: garbage collection, and its sync, verify and prune jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from nightshift.checks.server_jobs import KIND_NAMES, is_of
from nightshift.facts.ids import datastore_key
from nightshift.facts.pbs_jobs import PbsJob, PbsJobKind
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.tasks import Task
from nightshift.tools.subsystems.shape import Subsystem, Told
from nightshift.tools.tables import iso

_REQUEST = "GET /admin/{kind}, /nodes/localhost/tasks"
_GC = "garbage_collection"


def _last_well(tasks: Iterable[Task]) -> datetime | None:
    """When the newest run that went well ended, within what is read of the task list."""
    return max((task.ended_at or task.started_at for task in tasks if task.outcome in ("ok", "warnings")), default=None)


def _gc(snapshot: Snapshot) -> Iterator[Told]:
    runs = [task for task in snapshot.pbs_tasks if task.worker_type == _GC]
    for row in snapshot.gc:
        own = [task for task in runs if (task.source, task.worker_id) == (row.source, row.datastore)]
        well = row.last_run_at if row.last_run_state == "OK" else _last_well(own)
        key = datastore_key(row.source, row.datastore)
        running = any(task.outcome == "running" for task in own)
        cells = (
            row.datastore, row.schedule, iso(row.last_run_at), row.last_run_state, iso(well), running,
            iso(row.next_run_at), row.pending_bytes, row.still_bad, row.removed_bytes, row.dedup_factor, key,
        )  # fmt: skip
        yield Told((key,), cells)


def _jobs(kind: PbsJobKind) -> Callable[[Snapshot], Iterator[Told]]:
    def rows(snapshot: Snapshot) -> Iterator[Told]:
        for job in snapshot.pbs_jobs:
            if job.kind == kind:
                runs = (task for task in snapshot.pbs_tasks if task.source == job.source)
                yield _job(job, [task for task in runs if is_of(job, task.worker_type, task.worker_id)])

    return rows


def _job(job: PbsJob, runs: list[Task]) -> Told:
    well = job.last_run_at if job.last_run_state == "OK" else _last_well(runs)
    remote = f"{job.remote or 'this server'}: {job.remote_datastore}" if job.remote_datastore else None
    key = datastore_key(job.source, job.datastore)
    cells = (
        job.id, job.datastore, job.namespace or None, job.schedule, job.enabled, iso(job.last_run_at),
        job.last_run_state, iso(well), any(task.outcome == "running" for task in runs), iso(job.next_run_at),
        str(job.keep) if job.keep else None, job.direction, remote, job.comment, job.entity.key,
    )  # fmt: skip
    return Told((key, job.entity.key), cells)


_JOB_COLUMNS = (
    "job", "datastore", "namespace", "schedule", "enabled", "last_run_at", "last_run_state", "last_success_at",
    "running", "next_run_at", "keeps", "direction", "remote", "comment", "key",
)  # fmt: skip
# Findings about jobs are of their datastore; which kind of job it is stands in their titles.
_SHARED = ("server.task_failed", "server.job_overdue", "server.job_off")
GC = Subsystem(
    "Garbage collection", "pbs", ("gc", "pbs_tasks"), "GET /admin/gc, /nodes/localhost/tasks",
    ("datastore", "schedule", "last_run_at", "last_run_state", "last_success_at", "running", "next_run_at",
     "pending_bytes", "still_bad", "removed_bytes", "dedup_factor", "key"),
    _gc, ("datastore.gc",), ("garbage", "gcfail", "gcold", "pbsgc"),
)  # fmt: skip
SYNC = Subsystem(
    "Sync jobs", "pbs", ("pbs_jobs", "pbs_tasks"), _REQUEST.format(kind="sync"), _JOB_COLUMNS, _jobs("sync"),
    (), ("sync",), _SHARED, KIND_NAMES["sync"],
)  # fmt: skip
VERIFY = Subsystem(
    "Verify jobs", "pbs", ("pbs_jobs", "pbs_tasks"), _REQUEST.format(kind="verify"), _JOB_COLUMNS, _jobs("verify"),
    ("backup.corrupt", "copies.unverified"), ("verif",), _SHARED, KIND_NAMES["verify"],
)  # fmt: skip
PRUNE = Subsystem(
    "Prune jobs", "pbs", ("pbs_jobs", "pbs_tasks"), _REQUEST.format(kind="prune"), _JOB_COLUMNS, _jobs("prune"),
    ("copies.retention",), ("prune",), _SHARED, KIND_NAMES["prune"],
)  # fmt: skip
