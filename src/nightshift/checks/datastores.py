"""The backup server's datastores: space, when it ends, and garbage collection."""

from __future__ import annotations

from datetime import datetime

from nightshift.checks.check import Check
from nightshift.checks.evidence import DATASTORE_USAGE, table
from nightshift.checks.levels import fingerprint_of, level_with_memory
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import DAY_S, Thresholds
from nightshift.checks.trends import days_to_full
from nightshift.facts.backups import Datastore
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_bytes, format_duration, format_percent, fraction

_RUNBOOK = "datastore-full.md#steps"
_WORTH_A_WORD = 0.005
_LASTING = frozenset({"read-only", "offline"})


def unavailable(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A datastore that the backup server cannot open. It has an error and no sizes, which is not 0 % used.

    Judges (PBS API: /status/datastore-usage):
        {"store": "usb", "error": "datastore 'usb' is not mounted", "mount-status": "notmounted"}
    One in maintenance has a check of its own; a removable one that is not plugged in is away on purpose.
    """
    broken = [
        datastore for datastore in snapshot.datastores if datastore.error is not None and datastore.maintenance is None
    ]
    return CheckResult(tuple(_unavailable(snapshot, datastore) for datastore in broken))


def _unavailable(snapshot: Snapshot, datastore: Datastore) -> Finding:
    on_purpose = datastore.mount_status == "notmounted"
    reason = datastore.error or ""
    return Finding(
        check="datastore.unavailable",
        severity="info" if on_purpose else "critical",
        entity=datastore.entity,
        title=f"Datastore {datastore.name} is {'away' if on_purpose else 'broken'}",
        detail=f"The backup server says of {datastore.name}: {reason}. No backup can be written to it or read from it.",
        remedy=f"On the backup server: `proxmox-backup-manager datastore show {datastore.name}`, then `findmnt` and "
        "`dmesg | tail -50` for the disk beneath its path.",
        evidence=(_usage(snapshot, datastore, None),),
        runbook="datastore-offline.md#steps",
    )


def maintenance(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A datastore in maintenance: meant so for an hour, forgotten after a day. The server does not say since when: it
    counts from the first look at it. One that makes backups fail is a warning at once.

    Judges (PBS API: /admin/datastore):
        {"store": "archive", "maintenance": "type=offline,message=\\"disk swap\\"", "mount-status": "nonremovable"}
    Deleting, unmounting and refreshing from S3 end by themselves.
    """
    findings = []
    for datastore in snapshot.datastores:
        if datastore.maintenance is None:
            continue
        entity = datastore.entity
        began = previous.began(fingerprint_of("datastore.maintenance", entity), snapshot.taken_at)
        lasting_s = (snapshot.taken_at - began).total_seconds() if began else None
        left_on = datastore.maintenance.partition(":")[0] in _LASTING
        forgotten = lasting_s is not None and lasting_s > thresholds.maintenance_warning_s
        severity: Severity = "warning" if left_on and (forgotten or _backups_failed(snapshot, datastore)) else "info"
        findings.append(_maintenance(snapshot, datastore, severity, began))
    return CheckResult(tuple(findings))


def _backups_failed(snapshot: Snapshot, datastore: Datastore) -> bool:
    """Whether backups on the way to it failed lately: then its maintenance hurts, however short it is."""
    storages = {
        (config.source, config.name)
        for config in snapshot.storage_configs
        if config.plugin == "pbs" and config.datastore == datastore.name
    }
    return any(
        task.worker_type == "vzdump" and task.outcome == "failed" and (task.source, task.storage) in storages
        for task in snapshot.tasks
    )


def _maintenance(snapshot: Snapshot, datastore: Datastore, severity: Severity, began: datetime | None) -> Finding:
    mode, _, message = (datastore.maintenance or "").partition(": ")
    since = f", for {format_duration((snapshot.taken_at - began).total_seconds())} at least" if began else ""
    said = f" Its note: {message}." if message else ""
    name = datastore.name
    return Finding(
        check="datastore.maintenance",
        severity=severity,
        entity=datastore.entity,
        title=f"Datastore {name} is in maintenance ({mode})",
        detail=f"It is {mode}{since}.{said} "
        + ("Nothing can be written to it." if mode == "read-only" else "Nothing can be written to it or read from it."),
        remedy=f"When the work is done: `proxmox-backup-manager datastore update {name} --delete maintenance-mode`.",
        since=began,
        evidence=(
            table(
                snapshot,
                datastore.source,
                "GET /admin/datastore",
                f"Maintenance of datastore {name}",
                ("datastore", "maintenance", "error"),
                ((name, datastore.maintenance, datastore.error),),
            ),
        ),
        runbook="datastore-offline.md#steps",
    )


def full(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A datastore that is nearly full. One on S3 is left out: what it tells is its local cache, full by design.

    Judges (PBS API: /status/datastore-usage):
        {"store": "tank", "total": 3935329910784, "used": 3856623312568, "avail": 40960,
         "estimated-full-date": 1795000000, "history": [0.61, 0.64, null, 0.7], "history-delta": 86400}
    """
    limits = (thresholds.datastore_warning, thresholds.datastore_critical)
    findings = []
    for datastore in snapshot.datastores:
        share = datastore.used_share
        if share is None or datastore.error is not None or datastore.on_s3:
            continue
        severity = level_with_memory(share, limits, ("datastore.full", datastore.entity, ""), previous, thresholds)
        if severity is not None:
            findings.append(_full(snapshot, datastore, share, severity))
    return CheckResult(tuple(findings))


def _full(snapshot: Snapshot, datastore: Datastore, share: float, severity: Severity) -> Finding:
    left = datastore.available_bytes
    spare = f"{format_bytes(left)} are left" if left is not None else "what is left is unknown"
    exhausted = share >= 0.999
    days = None if exhausted else days_to_full(datastore.history, datastore.history_step_s, share)
    title = f"Datastore {datastore.name} is {'full' if exhausted else f'{format_percent(_told_share(datastore))} full'}"
    return Finding(
        check="datastore.full",
        severity=severity,
        entity=datastore.entity,
        title=title,
        detail=f"{format_bytes(datastore.used_bytes or 0)} of {format_bytes(datastore.total_bytes or 0)} are used, "
        f"{spare}{_reserve(datastore)}. Backups to a full datastore fail, and garbage collection itself needs some "
        "space.",
        remedy=_space_remedy(datastore.name),
        evidence=(_usage(snapshot, datastore, days),),
        runbook=_RUNBOOK,
    )


def _told_share(datastore: Datastore) -> float:
    """Used of the whole, as the pages of PBS and PVE show it: what is read beside theirs has to be the same figure."""
    return fraction(datastore.used_bytes, datastore.total_bytes) or 0.0


def _reserve(datastore: Datastore) -> str:
    """What is neither used nor left, where that is enough to wonder at."""
    share = datastore.used_share
    if share is None or share - _told_share(datastore) < _WORTH_A_WORD:
        return ""
    kept = (datastore.total_bytes or 0) - (datastore.used_bytes or 0) - (datastore.available_bytes or 0)
    return f": {format_bytes(kept)} are reserved by the file system beneath, and no backup gets them"


def _space_remedy(name: str) -> str:
    return (
        f"On the backup server: see `proxmox-backup-manager garbage-collection status {name}`; prune what is not "
        f"needed (`proxmox-backup-manager prune-job list`), then "
        f"`proxmox-backup-manager garbage-collection start {name}`. Pruning alone frees nothing, and chunks used "
        "within the last 24 hours stay. With nothing left at all, free some space on the file system beneath first, or "
        "enlarge it."
    )


def filling(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A datastore that will be full soon, at the growth of its daily lows: between them backups add and garbage
    collection takes away. PBS's own estimate counts where the history is too short for ours.

    Judges the `history` of /status/datastore-usage, see `full`.
    """
    findings = []
    for datastore in snapshot.datastores:
        share = datastore.used_share
        if share is None or datastore.error is not None or share >= thresholds.datastore_critical or datastore.on_s3:
            continue
        days = days_to_full(datastore.history, datastore.history_step_s, share)
        if days is None and not datastore.history and datastore.estimated_full_at is not None:
            days = (datastore.estimated_full_at - snapshot.taken_at).total_seconds() / DAY_S
        if days is not None and 0 <= days < thresholds.datastore_days_to_full_warning:
            critical = days < thresholds.datastore_days_to_full_critical
            findings.append(_filling(snapshot, datastore, days, "critical" if critical else "warning"))
    return CheckResult(tuple(findings))


def _filling(snapshot: Snapshot, datastore: Datastore, days: float, severity: Severity) -> Finding:
    return Finding(
        check="datastore.filling",
        severity=severity,
        entity=datastore.entity,
        title=f"Datastore {datastore.name} will be full in {format_duration(days * DAY_S)}",
        detail=f"It is {format_percent(_told_share(datastore))} full, and its daily lows grow so that it is full in "
        f"{format_duration(days * DAY_S)}.",
        remedy=_space_remedy(datastore.name),
        evidence=(_usage(snapshot, datastore, days),),
        runbook=_RUNBOOK,
    )


def _usage(snapshot: Snapshot, datastore: Datastore, days: float | None) -> Evidence:
    return table(
        snapshot,
        datastore.source,
        DATASTORE_USAGE,
        f"Usage of datastore {datastore.name}",
        ("datastore", "used_bytes", "available_bytes", "total_bytes", "used_fraction", "time_to_full_s", "error"),
        (
            (
                datastore.name,
                datastore.used_bytes,
                datastore.available_bytes,
                datastore.total_bytes,
                fraction(datastore.used_bytes, datastore.total_bytes),
                days * DAY_S if days is not None else None,
                datastore.error,
            ),
        ),
    )


CHECKS = (
    Check(
        "datastore.unavailable",
        "backup server",
        "critical",
        ("datastores",),
        unavailable,
        "Datastores available",
        says_absent=True,
    ),
    Check(
        "datastore.maintenance",
        "backup server",
        "warning",
        ("datastores",),
        maintenance,
        "Maintenance of datastores",
        also=("storage_configs", "tasks"),
        says_absent=True,
    ),
    Check("datastore.full", "backup server", "critical", ("datastores",), full, "Space on datastores"),
    Check("datastore.filling", "backup server", "critical", ("datastores",), filling, "Time until datastores are full"),
)
