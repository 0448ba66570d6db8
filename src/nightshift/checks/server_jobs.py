"""Jobs of the backup server that should have run by now: sync, verification, pruning."""

from __future__ import annotations

from datetime import datetime

from nightshift.checks.check import Check
from nightshift.checks.evidence import iso, table
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import Entity, datastore_key
from nightshift.facts.pbs_jobs import PbsJob, PbsJobKind
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_age, format_duration

KIND_NAMES: dict[PbsJobKind, str] = {"sync": "Sync", "verify": "Verification", "prune": "Pruning"}
RUNBOOKS: dict[PbsJobKind, str] = {
    "sync": "pbs-sync.md#steps",
    "verify": "pbs-verify.md#steps",
    "prune": "pbs-prune.md#steps",
}
_COMMANDS: dict[PbsJobKind, str] = {"sync": "sync-job", "verify": "verify-job", "prune": "prune-job"}
_WORKERS: dict[PbsJobKind, str] = {"sync": "syncjob", "verify": "verificationjob", "prune": "prunejob"}
_HARM: dict[PbsJobKind, str] = {
    "sync": "The copy is as old as its last run.",
    "verify": "Whether the newer backups can be restored is not known.",
    "prune": "Backups that could go stay, and the datastore fills.",
}


def overdue(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A job whose time has come and gone without a run. One that is switched off, has no schedule or runs right now is
    not overdue; one on a datastore that is in maintenance or expected to be away waits for it.

    Judges (PBS API: /admin/{sync,verify,prune}):
        {"id": "v-3f2a", "store": "tank", "schedule": "daily", "next-run": 1790121600, "last-run-endtime": 1790078188,
         "last-run-state": "OK"}
    """
    resting = {
        (store.source, store.name) for store in snapshot.datastores if store.maintenance is not None or store.error
    }
    running = {(task.source, task.worker_type, task.worker_id) for task in snapshot.pbs_tasks if task.ended_at is None}
    findings = []
    for job in snapshot.pbs_jobs:
        if not job.runs_by_itself or job.next_run_at is None:
            continue
        late_s = (snapshot.taken_at - job.next_run_at).total_seconds()
        away = thresholds.away(snapshot.taken_at, source=job.source, datastore=job.datastore)
        if late_s < thresholds.job_late_warning_s or (job.source, job.datastore) in resting or away:
            continue
        if any(source == job.source and is_of(job, kind, what) for source, kind, what in running):
            continue
        findings.append(_overdue(snapshot, job, late_s))
    return CheckResult(tuple(findings))


def switched_off(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A job that used to run, is switched off, and whose work no other job does. For a few days that is somebody who
    works on it. One without a schedule may be meant to run by hand: that is worth a remark.

    Judges (PBS API: /admin/{sync,verify,prune}):
        {"id": "p-1", "store": "tank", "schedule": "daily", "disable": true, "last-run-endtime": 1790078188}
    """
    findings = []
    for job in snapshot.pbs_jobs:
        if job.runs_by_itself or job.last_run_at is None or _done_by_another(snapshot, job):
            continue
        if (snapshot.taken_at - job.last_run_at).total_seconds() > thresholds.job_off_warning_s:
            findings.append(_switched_off(snapshot, job, job.last_run_at))
    return CheckResult(tuple(findings))


def _done_by_another(snapshot: Snapshot, job: PbsJob) -> bool:
    return any(
        (other.source, other.kind, _far_end(other)) == (job.source, job.kind, _far_end(job))
        and other.runs_by_itself and other.reaches_all_of(job)
        for other in snapshot.pbs_jobs
    )  # fmt: skip


def _far_end(job: PbsJob) -> tuple[str | None, ...]:
    """Where a sync job copies from or to."""
    return (job.direction, job.remote, job.remote_datastore)


def is_of(job: PbsJob, worker_type: str, worker_id: str) -> bool:
    """Whether a task is a run of this job: `tank:v-3f2a`, a sync job's with the remote first "
    "(`rack:main:mirror::s-1`)."""
    return worker_type == _WORKERS[job.kind] and job.id in worker_id.split(":")


def job_entity(job: PbsJob) -> Entity:
    """A job is told of its datastore: that is what suffers."""
    return Entity(datastore_key(job.source, job.datastore), f"datastore {job.datastore}")


def job_table(snapshot: Snapshot, job: PbsJob) -> Evidence:
    """How the job is set up and how its last run went."""
    return table(
        snapshot,
        job.source,
        f"GET /admin/{job.kind}",
        f"{KIND_NAMES[job.kind]} job {job.id}",
        ("job", "datastore", "namespace", "schedule", "last_run_at", "last_run_state", "next_run_at"),
        (
            (
                job.id,
                job.datastore,
                job.namespace,
                job.schedule,
                iso(job.last_run_at),
                job.last_run_state,
                iso(job.next_run_at),
            ),
        ),
    )


def _overdue(snapshot: Snapshot, job: PbsJob, late_s: float) -> Finding:
    kind = KIND_NAMES[job.kind]
    ran = f"It last ran {format_age(job.last_run_at, snapshot.taken_at)}." if job.last_run_at else "It has never run."
    return Finding(
        check="server.job_overdue",
        severity="warning",
        entity=job_entity(job),
        title=f"{kind} of datastore {job.datastore} is overdue",
        detail=f"Job {job.id} should have begun {format_duration(late_s)} ago (schedule {job.schedule}). {ran} "
        f"{_HARM[job.kind]}",
        remedy=f"On the backup server: `systemctl status proxmox-backup-proxy` (it starts the jobs), then "
        f"`proxmox-backup-manager {_COMMANDS[job.kind]} run {job.id}`.",
        discriminator=f"{job.kind}/{job.id}",
        since=job.next_run_at,
        evidence=(job_table(snapshot, job),),
        runbook=RUNBOOKS[job.kind],
    )


def _switched_off(snapshot: Snapshot, job: PbsJob, ran_at: datetime) -> Finding:
    kind = KIND_NAMES[job.kind]
    by_hand = job.enabled
    return Finding(
        check="server.job_off",
        severity="info" if by_hand else "warning",
        entity=job_entity(job),
        title=f"{kind} of datastore {job.datastore} {'has no schedule' if by_hand else 'is switched off'}",
        detail=f"Job {job.id} last ran {format_age(ran_at, snapshot.taken_at)}, and no other job does its work. "
        f"{_HARM[job.kind]}",
        remedy=f"On the backup server: `proxmox-backup-manager {_COMMANDS[job.kind]} update {job.id} "
        f"{'--schedule daily' if by_hand else '--disable false'}`, or remove the job if it is not wanted any more.",
        discriminator=f"{job.kind}/{job.id}",
        evidence=(job_table(snapshot, job),),
        runbook=RUNBOOKS[job.kind],
    )


CHECKS = (
    Check(
        "server.job_overdue",
        "backup server",
        "warning",
        ("pbs_jobs",),
        overdue,
        "Schedules of the backup server's jobs",
        also=("pbs_tasks", "datastores"),
    ),
    Check(
        "server.job_off",
        "backup server",
        "warning",
        ("pbs_jobs",),
        switched_off,
        "Jobs of the backup server that are switched off",
    ),
)
