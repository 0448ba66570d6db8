"""Guests that are not saved: in no job, only in a disabled one, never, too long ago, or not the whole of them.

What they say comes from the one object that `nightshift backups` shows as well, see docs/backups.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from nightshift.checks.backup_evidence import cluster_entity, copies_table, jobs_table, matrix
from nightshift.checks.check import Check
from nightshift.checks.evidence import counted, named
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.gap import Gap
from nightshift.facts.inventory import BackupJob
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_duration
from nightshift.protection import Matrix, Protection
from nightshift.protection.rhythm import interval_of

_RUNBOOK = "guest-without-backup.md#steps"
_ALSO = (
    "backup_groups", "backup_snapshots", "storage_archives", "storage_configs", "job_volumes", "backup_runs", "tasks",
    "datastores", "storages",
)  # fmt: skip


def uncovered(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Guests in no enabled backup job. One that was saved lately by other means is told as information, unless it left
    the node to which its job is bound; one of which no backup exists at all as critical. Guests that a job excludes by
    name, that bear a tag like `no-backup`, and templates are left out on purpose. A cluster without any enabled job is
    one finding, and so is a disabled job.

    Judges (PVE API: /cluster/backup):
        {"id": "backup-6f1d20c3-9a51", "enabled": 1, "schedule": "02:00", "storage": "pbs-tank", "vmid": "100,101"}
        {"id": "backup-all", "enabled": 1, "all": 1, "exclude": "120", "storage": "pbs-tank"}
    """
    found = matrix(snapshot, thresholds)
    jobless = _sources_without_jobs(snapshot)
    findings = [_no_jobs(snapshot, source) for source in jobless]
    for item in found.protections:
        reason = item.reason("uncovered", "never")
        if item.guest is None or item.covering or item.disabled or reason is None or item.guest.source in jobless:
            continue
        findings.append(_uncovered(snapshot, item))
    return CheckResult(tuple(findings))


def _sources_without_jobs(snapshot: Snapshot) -> tuple[str, ...]:
    with_jobs = {job.source for job in snapshot.backup_jobs if job.enabled}
    unread = {gap.source for gap in snapshot.backup_jobs.gaps}
    with_guests = dict.fromkeys(guest.source for guest in snapshot.guests if not guest.template)
    return tuple(source for source in with_guests if source not in with_jobs and source not in unread)


def _no_jobs(snapshot: Snapshot, source: str) -> Finding:
    disabled = [job for job in snapshot.backup_jobs if job.source == source]
    entity = cluster_entity(snapshot, source)
    return Finding(
        check="backup.uncovered",
        severity="warning",
        entity=entity,
        title=f"No backup job is enabled in {entity.label.removeprefix('cluster ')}",
        detail=f"{'All its jobs are disabled' if disabled else 'It has no backup job'}: no guest is saved on a "
        "schedule.",
        remedy="Datacenter → Backup → Add, selection mode All, and a storage that is not on the same machine. "
        "By hand: `vzdump VMID --storage STORAGE --mode snapshot`.",
        evidence=(jobs_table(snapshot, source),),
        runbook=_RUNBOOK,
    )


def _uncovered(snapshot: Snapshot, item: Protection) -> Finding:
    guest = item.guest
    assert guest is not None
    reason = item.reason("uncovered", "never")
    assert reason is not None
    never = reason.code == "never"
    lately = reason.weight == "risk" and not item.bound  # it left the node of its job: that was no decision
    severity: Severity = "critical" if never else "info" if lately else "warning"
    title = f"{guest.entity.label} is in no backup job" + (" and was never backed up" if never else "")
    kind = "qm" if guest.kind == "qemu" else "pct"
    return Finding(
        check="backup.uncovered",
        severity=severity,
        entity=guest.entity,
        title=title,
        detail=reason.text,
        remedy=f"Add {guest.vmid} to a job: Datacenter → Backup → Edit. Until it runs: `vzdump {guest.vmid} "
        "--storage STORAGE --mode snapshot`. If it needs no backup, exclude it in a job by name or give it the tag "
        f"no-backup, so that this is a decision. `{kind} config {guest.vmid}` shows disks with `backup=0`.",
        evidence=(jobs_table(snapshot, guest.source), copies_table(snapshot, item)),
        runbook=_RUNBOOK,
    )


def job_disabled(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A disabled job that is the only one to select some guests: they look covered in a list of jobs, and nothing saves
    them. PVE's own list of guests without backup does not show them. Of several disabled jobs of a guest, that one is
    named which would save most such guests.

    Judges (PVE API: /cluster/backup):
        {"id": "backup-6f1d20c3-9a51", "enabled": 0, "schedule": "02:00", "storage": "pbs-tank", "vmid": "100,101"}
    """
    jobless = _sources_without_jobs(snapshot)
    alone: dict[tuple[str, str], tuple[BackupJob, list[Protection]]] = {}
    lost = [
        item
        for item in matrix(snapshot, thresholds).protections
        if item.disabled and not item.covering and item.verdict != "excluded"
    ]
    would_save = Counter(job for item in lost for job in item.disabled)
    for item in lost:
        job = min(item.disabled, key=lambda job: (-would_save[job], job.id))
        if job.source not in jobless:
            alone.setdefault((job.source, job.id), (job, []))[1].append(item)
    return CheckResult(tuple(_disabled(snapshot, job, items) for job, items in alone.values()))


def _disabled(snapshot: Snapshot, job: BackupJob, items: list[Protection]) -> Finding:
    guests = sorted((item.entity for item in items), key=lambda entity: entity.label)
    return Finding(
        check="backup.job_disabled",
        severity="warning",
        entity=job.entity,
        title=f"Backup job {job.comment or job.id} is disabled, and {counted(len(items), 'guest')} "
        f"{'has' if len(items) == 1 else 'have'} no other",
        detail=f"No enabled job selects {named(guests, 8)}.",
        remedy="Datacenter → Backup → Edit → Enable, or add its guests to another job. If they need no backup any "
        "more, "
        "remove the job, and give them the tag no-backup.",
        evidence=(jobs_table(snapshot, job.source),),
        runbook=_RUNBOOK,
    )


def never(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Guests that an enabled job covers and that nevertheless have no backup at all, although the job has run. Nothing
    is as quiet as a backup that was never made, so that nothing is told louder. Where nobody could look, that is said.

    Judges (PBS API: /admin/datastore/{store}/groups, PVE API: /cluster/backup):
        {"backup-type": "vm", "backup-id": "104", "last-backup": 1794996003, "backup-count": 14}
        {"id": "backup-all", "enabled": 1, "all": 1, "storage": "pbs-tank", "next-run": 1795053600}
    """
    found = matrix(snapshot, thresholds)
    lost = [item for item in found.protections if item.covering and item.reason("never")]
    return CheckResult(tuple(_never(snapshot, item) for item in lost), _undecided(snapshot, found))


def _never(snapshot: Snapshot, item: Protection) -> Finding:
    guest = item.guest
    assert guest is not None
    reason = item.reason("never")
    assert reason is not None
    job = item.covering[0].job
    failed = item.reason("failed")
    return Finding(
        check="backup.never",
        severity="critical",
        entity=guest.entity,
        title=f"{guest.entity.label} was never backed up",
        detail=f"{reason.text} {failed.text if failed else ''}".strip(),
        remedy="See how the job's last run ended: `pvenode task list --typefilter vzdump --limit 20`, then `pvenode "
        "task "
        f"log UPID`. Save it now: `vzdump {guest.vmid} --storage {job.storage or 'STORAGE'} --mode snapshot`.",
        evidence=(jobs_table(snapshot, guest.source), copies_table(snapshot, item)),
        runbook=_RUNBOOK,
    )


def _undecided(snapshot: Snapshot, found: Matrix) -> tuple[Gap, ...]:
    """One Gap a cluster for the guests of which nobody could see whether they were saved, because PVE does not show
    archives to the token and says nothing about it. What could not be read has its Gap already."""
    unseen: dict[str, list[Protection]] = {}
    told = set(snapshot.gaps)
    for item in found.protections:
        decided = item.guest is None or item.verdict != "unknown" or item.reason("jobs-unread")
        if not decided and item.blind and not told.intersection(item.blind):
            unseen.setdefault(item.entity.source, []).append(item)
    gaps = []
    for source, items in unseen.items():
        blind = items[0].blind[0]
        names = named([item.entity for item in items])
        detail = f"nobody could see whether {names} can be restored: {blind.detail}"
        gaps.append(
            Gap(source, "backups", blind.kind, detail, blind.fix, tuple(sorted(item.entity.key for item in items)))
        )
    return tuple(gaps)


def stale(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Guests whose newest backup is older than their job's own schedule allows: a run was due and left none. When a run
    was due is told by the job's next run and the distance of the runs before, so that a weekly job is not late after
    two days; with too few runs to tell, a backup is old after eight days. Guests whose job was disabled are measured by
    what their rhythm was.

    Judges (PBS API: /admin/datastore/{store}/snapshots, PVE API: /cluster/backup):
        {"backup-type": "vm", "backup-id": "104", "backup-time": 1794996003, "verification": {"state": "ok"}}
        {"id": "backup-6f1d20c3-9a51", "enabled": 1, "schedule": "sat 02:00", "next-run": 1795053600}
    """
    items = matrix(snapshot, thresholds).protections
    return CheckResult(
        tuple(_stale(snapshot, item, thresholds) for item in items if _is_stale(item, snapshot, thresholds))
    )


def _is_stale(item: Protection, snapshot: Snapshot, thresholds: Thresholds) -> bool:
    if item.last_at is None or item.verdict == "excluded":
        return False
    if item.covering or item.guest is None:
        return item.reason("late") is not None
    if not item.disabled:
        return False
    interval = interval_of(moment for copy in item.copies for moment in copy.times)
    usual = interval or timedelta(seconds=thresholds.backup_age_warning_s)
    return snapshot.taken_at - item.last_at > usual + timedelta(seconds=thresholds.backup_late_after_s)


def _stale_since(item: Protection, now: datetime, grace: timedelta) -> datetime | None:
    """When the first run that left none was late, as far as the rhythm of the runs tells."""
    late = [entry for entry in item.covering if entry.state == "late"]
    due = [entry.due_at for entry in late if entry.due_at is not None]
    due += [entry.last_at + timedelta(seconds=entry.interval_s) for entry in late if entry.last_at and entry.interval_s]
    return min((moment + grace for moment in due if moment + grace <= now), default=None)


def _stale(snapshot: Snapshot, item: Protection, thresholds: Thresholds) -> Finding:
    assert item.last_at is not None
    age = format_duration((snapshot.taken_at - item.last_at).total_seconds())
    reason, failed = item.reason("late"), item.reason("failed")
    detail = f"{reason.text if reason else 'Its job is disabled.'} {failed.text if failed else ''}".strip()
    jobs = () if item.guest is None else (jobs_table(snapshot, item.guest.source),)
    return Finding(
        check="backup.stale",
        severity="warning",
        entity=item.entity,
        title=f"The last backup of {item.entity.label} is {age} old",
        detail=detail,
        remedy=_save_again(item),
        since=_stale_since(item, snapshot.taken_at, timedelta(seconds=thresholds.backup_late_after_s)),
        evidence=(*jobs, copies_table(snapshot, item)),
        runbook=_RUNBOOK,
    )


def _save_again(item: Protection) -> str:
    if item.guest is None:
        return (
            "See on that host whether its backup is still started (`systemctl list-timers`, cron), and with which "
            "error "
            "`proxmox-backup-client` ends. If it is gone for good, protect its last backup or let go of the group."
        )
    late = next((entry.job for entry in item.covering if entry.state in ("late", "never")), None)
    job = late or (item.disabled[0] if item.disabled else None)
    storage = (job.storage if job else None) or "STORAGE"
    return (
        "See how its last run ended: `pvenode task list --typefilter vzdump --limit 20`, then `pvenode task "
        f"log UPID`. Save it now: `vzdump {item.guest.vmid} --storage {storage} --mode snapshot`."
    )


_NOT_ALL = ("nothing-saved", "partial", "bind-mount")


def partial(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Guests of which a job saves not all: every volume is left out, or a container's mount point is, as it always is
    unless it says `backup=1`, or a folder of the node is mounted into it, which no job can save. A disk with `backup=0`
    was left out on purpose: `nightshift backups` shows it, nothing is told here.

    Judges (PVE API: /cluster/backup/{id}/included_volumes):
        {"id": 104, "type": "lxc", "children": [
          {"id": "mp0", "name": "local-zfs:subvol-104-disk-1", "included": 0, "reason": "disabled"}]}
    """
    items = matrix(snapshot, thresholds).protections
    return CheckResult(tuple(_partial(snapshot, item) for item in _partly(items)))


def _partly(items: Iterable[Protection]) -> Iterable[Protection]:
    return (item for item in items if item.guest is not None and item.covering and item.reason(*_NOT_ALL))


def _partial(snapshot: Snapshot, item: Protection) -> Finding:
    guest = item.guest
    assert guest is not None
    reason = item.reason(*_NOT_ALL)
    assert reason is not None
    nothing = reason.code == "nothing-saved"
    tool = "qm" if guest.kind == "qemu" else "pct"
    return Finding(
        check="backup.partial",
        severity="warning" if nothing else "info",
        entity=guest.entity,
        title=f"Nothing of {guest.entity.label} is saved but its configuration"
        if nothing
        else f"Backups of {guest.entity.label} leave out volumes",
        detail=reason.text,
        remedy=f"Tick Backup on the volume (Hardware or Resources of the guest), or `{tool} set {guest.vmid}` with "
        "backup=1 in its options, if it is worth saving. A folder of the node has to be saved by other means: on the "
        "node "
        "with `proxmox-backup-client backup`, or moved into a volume.",
        evidence=(jobs_table(snapshot, guest.source), copies_table(snapshot, item)),
        runbook=_RUNBOOK,
    )


_NEEDS = ("guests", "backup_jobs")
CHECKS = (
    Check("backup.uncovered", "backups", "critical", _NEEDS, uncovered, "Guests in a backup job", _ALSO),
    Check(
        "backup.job_disabled", "backups", "warning", _NEEDS, job_disabled, "Disabled jobs that are the only ones",
        ("job_volumes",),
    ),
    Check("backup.never", "backups", "critical", _NEEDS, never, "Guests that were never saved", _ALSO),
    Check("backup.stale", "backups", "warning", _NEEDS, stale, "Age of backups", _ALSO),
    Check(
        "backup.partial", "backups", "warning", _NEEDS, partial, "Volumes that no job saves",
        ("job_volumes", "guest_configs"),
    ),
)  # fmt: skip
