"""Backups: runs that failed, guests that no job covers, guests whose last backup is too old."""

from __future__ import annotations

from datetime import datetime

from nightshift.checks.backup_coverage import Coverage, coverage, created_lately, last_backups
from nightshift.checks.check import Check
from nightshift.checks.evidence import BACKUP_JOBS, GROUPS, iso, table
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.ids import Entity
from nightshift.facts.inventory import BackupJob
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_age, format_duration

_RUNBOOK = "guest-without-backup.md#steps"


def uncovered(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Guests in no enabled backup job. One that a job excludes by name, or that was saved lately by other means, is
    told as information only. A cluster without any enabled job is one finding, not one a guest.

    Judges (PVE API: /cluster/backup):
        {"id": "backup-6f1d20c3-9a51", "enabled": 1, "schedule": "02:00", "storage": "pbs-tank", "vmid": "100,101"}
        {"id": "backup-all", "enabled": 1, "all": 1, "exclude": "120", "storage": "pbs-tank"}
    """
    newest = last_backups(snapshot)
    fresh = created_lately(snapshot, thresholds.new_guest_grace_s)
    jobless = _sources_without_jobs(snapshot)
    unread = {gap.source for gap in snapshot.backup_jobs.gaps}
    findings = [_no_jobs(snapshot, source) for source in jobless]
    for item in coverage(snapshot):
        guest = item.guest
        judged_elsewhere = guest.source in jobless or guest.source in unread
        if item.covered_by or judged_elsewhere or (guest.source, guest.vmid) in fresh:
            continue
        findings.append(_uncovered(snapshot, item, newest, thresholds))
    return CheckResult(tuple(findings))


def _sources_without_jobs(snapshot: Snapshot) -> tuple[str, ...]:
    with_jobs = {job.source for job in snapshot.backup_jobs if job.enabled}
    unread = {gap.source for gap in snapshot.backup_jobs.gaps}
    with_guests = dict.fromkeys(guest.source for guest in snapshot.guests if not guest.template)
    return tuple(source for source in with_guests if source not in with_jobs and source not in unread)


def _no_jobs(snapshot: Snapshot, source: str) -> Finding:
    disabled = [job for job in snapshot.backup_jobs if job.source == source]
    cluster = next((item.name for item in snapshot.clusters if item.source == source), None) or source
    return Finding(
        check="backup.uncovered",
        severity="warning",
        entity=Entity(f"cluster:{source}/{cluster}", f"cluster {cluster}"),
        title=f"No backup job is enabled in {cluster}",
        detail=f"{'All its jobs are disabled' if disabled else 'It has no backup job'}: no guest is saved on a "
        "schedule.",
        remedy="Datacenter → Backup → Add, selection mode All, and a storage that is not on the same machine. "
        "By hand: `vzdump VMID --storage STORAGE --mode snapshot`.",
        evidence=(_jobs_table(snapshot, source),),
        runbook=_RUNBOOK,
    )


def _uncovered(snapshot: Snapshot, item: Coverage, newest: dict[str, datetime], thresholds: Thresholds) -> Finding:
    guest = item.guest
    last = newest.get(guest.entity.key)
    saved = _last_words(snapshot, last)
    lately = last is not None and (snapshot.taken_at - last).total_seconds() <= thresholds.backup_age_warning_s
    severity: Severity = "info" if item.excluded_by or lately else "warning"
    why = (
        f"Job {item.excluded_by[0].id} leaves it out by name."
        if item.excluded_by
        else "No enabled backup job selects it."
    )
    never = last is None and snapshot.backup_groups.state == "complete"
    title = f"{guest.entity.label} is in no backup job" + (" and was never backed up" if never else "")
    kind = "qm" if guest.kind == "qemu" else "pct"
    return Finding(
        check="backup.uncovered",
        severity=severity,
        entity=guest.entity,
        title=title,
        detail=f"{why} {saved}",
        remedy=f"Add {guest.vmid} to a job: Datacenter → Backup → Edit. Until it runs: `vzdump {guest.vmid} "
        "--storage STORAGE --mode snapshot`. If it needs no backup, exclude it in a job by name, so that this is a "
        f"decision. `{kind} config {guest.vmid}` shows disks with `backup=0`.",
        evidence=(_jobs_table(snapshot, guest.source), *_group_tables(snapshot, guest.entity)),
        runbook=_RUNBOOK,
    )


def _last_words(snapshot: Snapshot, last: datetime | None) -> str:
    if last is not None:
        return f"Its last backup is from {format_age(last, snapshot.taken_at)}."
    if snapshot.backup_groups.state == "complete":
        return "No configured backup server holds a backup of it."
    return "Whether any backup of it exists could not be seen: no backup server is configured or readable."


def stale(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Guests that a job covers, whose newest backup is nevertheless too old, or that have none although the job saved
    others. Jobs that write elsewhere than to a backup server are not judged by its groups.

    Judges (PBS API: /admin/datastore/{store}/groups):
        {"backup-type": "vm", "backup-id": "104", "last-backup": 1794996003, "backup-count": 14,
         "owner": "pve@pbs!homelab"}
    """
    newest = last_backups(snapshot)
    fresh = created_lately(snapshot, thresholds.new_guest_grace_s)
    to_server = {(item.source, item.name) for item in snapshot.storages if item.plugin == "pbs"}
    every = coverage(snapshot)
    active = _jobs_that_saved(every, newest, snapshot, thresholds)
    findings = []
    for item in every:
        guest = item.guest
        jobs = [job for job in item.covered_by if (job.source, job.storage) in to_server]
        if not jobs or (guest.source, guest.vmid) in fresh:
            continue
        last = newest.get(guest.entity.key)
        if last is None:
            never = snapshot.backup_groups.state == "complete" and any(job.id in active for job in jobs)
            if never:
                findings.append(_stale(snapshot, item, jobs[0], None))
        elif (snapshot.taken_at - last).total_seconds() > thresholds.backup_age_warning_s:
            findings.append(_stale(snapshot, item, jobs[0], last))
    return CheckResult(tuple(findings))


def _jobs_that_saved(
    every: tuple[Coverage, ...], newest: dict[str, datetime], snapshot: Snapshot, thresholds: Thresholds
) -> frozenset[str]:
    """Jobs that have lately saved at least one of their guests: a job that has not run yet proves nothing."""
    return frozenset(
        job.id
        for item in every
        for job in item.covered_by
        if (last := newest.get(item.guest.entity.key)) is not None
        and (snapshot.taken_at - last).total_seconds() <= thresholds.backup_age_warning_s
    )


def _stale(snapshot: Snapshot, item: Coverage, job: BackupJob, last: datetime | None) -> Finding:
    guest = item.guest
    if last is None:
        title = f"{guest.entity.label} was never backed up"
        detail = f"Job {job.id} covers it and has saved other guests, but no backup server holds a backup of it."
    else:
        age = format_duration((snapshot.taken_at - last).total_seconds())
        title = f"The last backup of {guest.entity.label} is {age} old"
        detail = f"Job {job.id} ({job.schedule or 'no schedule'}) covers it, but its newest backup is {age} old."
    return Finding(
        check="backup.stale",
        severity="warning",
        entity=guest.entity,
        title=title,
        detail=detail,
        remedy="See how its last run ended: `pvenode task list --typefilter vzdump --limit 20`, then `pvenode task "
        f"log UPID`. Save it now: `vzdump {guest.vmid} --storage {job.storage or 'STORAGE'} --mode snapshot`.",
        evidence=(_jobs_table(snapshot, guest.source), *_group_tables(snapshot, guest.entity)),
        runbook=_RUNBOOK,
    )


def _jobs_table(snapshot: Snapshot, source: str) -> Evidence:
    return table(
        snapshot,
        source,
        BACKUP_JOBS,
        f"Backup jobs of {source}",
        ("job", "enabled", "schedule", "storage", "selection", "next_run_at", "comment"),
        (
            (job.id, job.enabled, job.schedule, job.storage, _selection(job), iso(job.next_run), job.comment)
            for job in snapshot.backup_jobs
            if job.source == source
        ),
    )


def _selection(job: BackupJob) -> str:
    if job.selects_all:
        return "all" + (f" but {', '.join(map(str, job.excluded_vmids))}" if job.excluded_vmids else "")
    return f"pool {job.pool}" if job.pool else ", ".join(str(vmid) for vmid in job.vmids or ())


def _group_tables(snapshot: Snapshot, guest: Entity) -> tuple[Evidence, ...]:
    groups = [group for group in snapshot.backup_groups if group.guest == guest.key]
    source = next((status.id for status in snapshot.sources if status.kind == "pbs"), None)
    if source is None:
        return ()
    columns = ("datastore", "namespace", "group", "last_backup_at", "backups")
    rows = (
        (
            group.datastore,
            group.namespace,
            f"{group.backup_type}/{group.backup_id}",
            iso(group.last_backup_at),
            group.backup_count,
        )
        for group in groups
    )
    return (
        table(snapshot, groups[0].source if groups else source, GROUPS, f"Backups of {guest.label}", columns, rows),
    )


CHECKS = (
    Check(
        "backup.uncovered",
        "backups",
        "warning",
        ("guests", "backup_jobs"),
        uncovered,
        "Guests in a backup job",
        also=("backup_groups", "tasks"),
    ),
    Check(
        "backup.stale",
        "backups",
        "warning",
        ("guests", "backup_jobs", "backup_groups"),
        stale,
        "Age of backups",
        also=("storages", "tasks"),
    ),
)
