"""PBS's answers → facts."""

from __future__ import annotations

import re
from datetime import datetime

from nightshift.errors import SourceMalformed
from nightshift.facts.backups import BackupGroup, BackupSnapshot, Datastore, GcStatus
from nightshift.facts.tasks import Task, outcome_of
from nightshift.facts.units import from_epoch
from nightshift.sources.pbs.models import (
    DatastoreRow,
    GcRow,
    GroupRow,
    SnapshotRow,
    TaskRow,
    UsageRow,
)


def datastore(source: str, usage: UsageRow, listed: DatastoreRow | None, now: datetime) -> Datastore:
    """One datastore; a broken, offline or hidden one has no sizes rather than zeros."""
    has_size = bool(usage.total) and usage.error is None
    return Datastore(
        source=source,
        name=usage.store,
        total_bytes=usage.total if has_size else None,
        used_bytes=usage.used if has_size else None,
        available_bytes=usage.avail if has_size else None,
        estimated_full_at=_estimated_full_at(usage.estimated_full_date, now),
        history=tuple(usage.history or ()),
        history_start=usage.history_start,
        history_step_s=usage.history_delta,
        mount_status=usage.mount_status or (listed.mount_status if listed else None),
        maintenance=_maintenance(listed.maintenance) if listed else None,
        error=usage.error,
        on_s3=usage.backend_type == "s3",
    )


def _estimated_full_at(epoch_s: int | None, now: datetime) -> datetime | None:
    """PBS says 0 for flat usage and a moment in the past for shrinking usage: neither is a date."""
    if not epoch_s or epoch_s <= now.timestamp() or epoch_s > 253_402_300_799:
        return None
    return from_epoch(epoch_s)


def _maintenance(text: str | None) -> str | None:
    """`type=offline,message="disk swap"` → `offline: disk swap`; `read-only` stays."""
    if not text:
        return None
    match = re.fullmatch(r'(?:type=)?(?P<mode>[\w-]+)(?:,message="?(?P<message>.*?)"?)?', text)
    if match is None:
        return text
    return f"{match['mode']}: {match['message']}" if match["message"] else match["mode"]


def group(source: str, store: str, namespace: str, row: GroupRow) -> BackupGroup:
    if row.last_backup is None:
        raise SourceMalformed(source, f"GET /admin/datastore/{store}/groups", "a group has no field last-backup")
    return BackupGroup(
        source=source,
        datastore=store,
        namespace=namespace,
        backup_type=row.backup_type,
        backup_id=row.backup_id,
        last_backup_at=row.last_backup,
        backup_count=row.backup_count,
        owner=row.owner,
        comment=row.comment,
    )


def snapshot(source: str, store: str, namespace: str, row: SnapshotRow) -> BackupSnapshot:
    if row.backup_time is None:
        raise SourceMalformed(source, f"GET /admin/datastore/{store}/snapshots", "a snapshot has no field backup-time")
    return BackupSnapshot(
        source=source,
        datastore=store,
        namespace=namespace,
        backup_type=row.backup_type,
        backup_id=row.backup_id,
        taken_at=row.backup_time,
        size_bytes=row.size,
        verified=row.verification.state == "ok" if row.verification else None,
        protected=row.protected,
        owner=row.owner,
        comment=row.comment,
        verified_at=row.verification.began_at if row.verification else None,
        encrypted=row.encrypted,
    )


def gc(source: str, row: GcRow) -> GcStatus:
    return GcStatus(
        source=source,
        datastore=row.store,
        schedule=row.schedule,
        last_run_at=row.last_run_endtime,
        last_run_state=row.last_run_state,
        next_run_at=row.next_run,
        pending_bytes=row.pending_bytes,
        still_bad=row.still_bad,
        removed_bytes=row.removed_bytes if row.last_run_endtime else None,
        dedup_factor=row.index_data_bytes / row.disk_bytes if row.index_data_bytes and row.disk_bytes else None,
    )


def task(source: str, row: TaskRow) -> Task:
    if row.starttime is None:
        raise SourceMalformed(source, f"GET /nodes/{row.node}/tasks", "a task has no field starttime")
    running = row.endtime is None and not row.status
    return Task(
        source=source,
        upid=row.upid,
        node=row.node,
        worker_type=row.worker_type,
        worker_id=row.worker_id or "",
        user=row.user,
        started_at=row.starttime,
        ended_at=row.endtime,
        status=row.status or None,
        outcome=outcome_of(row.status, running=running),
    )
