"""Tasks of the backup server that failed: verification, sync, prune and others. Backups and garbage collection are
elsewhere."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.evidence import TASKS, iso, table
from nightshift.checks.previous import Previous
from nightshift.checks.server_jobs import KIND_NAMES, RUNBOOKS, is_of, job_entity, job_table
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.ids import Entity, datastore_key, source_key
from nightshift.facts.pbs_jobs import PbsJob
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.tasks import Task, outcome_of
from nightshift.facts.units import format_age

_KINDS = {
    "verificationjob": "Verification",
    "verify": "Verification",
    "verify_group": "Verification",
    "verify_snapshot": "Verification",
    "syncjob": "Sync",
    "sync": "Sync",
    "prunejob": "Pruning",
    "prune": "Pruning",
    "tape-backup-job": "Tape backup",
    "tape-backup": "Tape backup",
    "s3-refresh": "Refresh of the S3 datastore",
    "acme-new-cert": "Renewal of the certificate",
    "acme-renew-cert": "Renewal of the certificate",
    "aptupdate": "Update of the package lists",
    "logrotate": "Rotation of the task logs",
}
# What nobody has to get up for.
_REMARKS = frozenset({"aptupdate", "logrotate"})
_HARM = {
    "Verification": "A snapshot that fails verification cannot be restored: save that guest again at once.",
    "Sync": "The copy is as old as the last run that went well.",
    "Pruning": "Backups that could go stay, and the datastore fills.",
}


def failed(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """The latest run of a verification, sync or prune job failed, however long ago; or the latest task of another kind
    within the last day and a half did. An earlier failure that was made good does not count.

    Judges (PBS API: /admin/{sync,verify,prune}, /nodes/{node}/tasks):
        {"id": "v-3f2a", "store": "tank", "last-run-state": "verification failed - …", "last-run-endtime": 1794997000}
        {"worker_type": "acme-renew-cert", "worker_id": "", "status": "validating challenge failed", …}
    """
    jobs = [job for job in snapshot.pbs_jobs if outcome_of(job.last_run_state, running=False) == "failed"]
    latest: dict[tuple[str, str, str], Task] = {}
    for task in sorted(snapshot.pbs_tasks, key=lambda task: task.started_at):
        if task.worker_type in _KINDS and task.outcome in ("ok", "warnings", "failed"):
            latest[task.source, task.worker_type, task.worker_id] = task
    every = tuple(snapshot.pbs_jobs)
    bad = [task for task in latest.values() if task.outcome == "failed" and not _is_a_run(task, every)]
    return CheckResult((*(_job(snapshot, job) for job in jobs), *(_failed(snapshot, task) for task in bad)))


def _is_a_run(task: Task, jobs: tuple[PbsJob, ...]) -> bool:
    """Whether a job tells of this task: then the job's last run is what counts."""
    return any(job.source == task.source and is_of(job, task.worker_type, task.worker_id) for job in jobs)


def _job(snapshot: Snapshot, job: PbsJob) -> Finding:
    kind = KIND_NAMES[job.kind]
    ended = f"Its last run ended {format_age(job.last_run_at, snapshot.taken_at)}" if job.last_run_at else "It ended"
    log = f"`proxmox-backup-manager task log '{job.last_run_upid}'`" if job.last_run_upid else "Administration → Tasks"
    return Finding(
        check="server.task_failed",
        severity="warning",
        entity=job_entity(job),
        title=f"{kind} of datastore {job.datastore} failed",
        detail=f"{ended} with: {job.last_run_state}. {_HARM[kind]}",
        remedy=f"Read its log on the backup server: {log}.",
        discriminator=f"{job.kind}/{job.id}",
        since=job.last_run_at,
        evidence=(job_table(snapshot, job),),
        runbook=RUNBOOKS[job.kind],
    )


def _failed(snapshot: Snapshot, task: Task) -> Finding:
    kind = _KINDS[task.worker_type]
    entity = _about(snapshot, task)
    of = f" of {entity.label}" if entity.kind == "datastore" else ""
    severity: Severity = "info" if task.worker_type in _REMARKS else "warning"
    return Finding(
        check="server.task_failed",
        severity=severity,
        entity=entity,
        title=f"{kind}{of} failed",
        detail=f"It began {format_age(task.started_at, snapshot.taken_at)} and ended with: {task.status}. "
        f"{_HARM.get(kind, '')}".rstrip(),
        remedy=f"Read its log on the backup server: `proxmox-backup-manager task log '{task.upid}'`.",
        discriminator=f"{task.worker_type}/{task.worker_id}",
        since=task.started_at,
        evidence=(
            table(
                snapshot,
                task.source,
                TASKS,
                f"{kind}, last run",
                ("started_at", "ended_at", "type", "job", "status", "upid"),
                ((iso(task.started_at), iso(task.ended_at), task.worker_type, task.worker_id, task.status, task.upid),),
            ),
        ),
        runbook="backup-failed.md#steps",
    )


def _about(snapshot: Snapshot, task: Task) -> Entity:
    """A worker id begins with its datastore (`tank:v-3f2a`, a sync job's with the remote's name first)."""
    parts = task.worker_id.split(":")
    for store in snapshot.datastores:
        if store.source == task.source and store.name in parts:
            return Entity(datastore_key(store.source, store.name), f"datastore {store.name}")
    return Entity(source_key(task.source), f"backup server {task.source}")


CHECKS = (
    Check(
        "server.task_failed",
        "backup server",
        "warning",
        ("pbs_tasks",),
        failed,
        "Jobs of the backup server",
        also=("datastores", "pbs_jobs"),
    ),
)
