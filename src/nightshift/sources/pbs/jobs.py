"""PBS's rows of sync, verify and prune jobs → facts."""

from __future__ import annotations

from dataclasses import replace

from nightshift.facts.pbs_jobs import Keep, PbsJob, PbsJobKind
from nightshift.sources.pbs.models import JobRow, PruneJobRow, SyncJobRow, VerifyJobRow


def sync_job(source: str, row: SyncJobRow) -> PbsJob:
    return replace(
        _job(source, "sync", row),
        remote=row.remote,
        remote_datastore=row.remote_store,
        remote_namespace=row.remote_ns or "",
        direction=row.sync_direction or "pull",
    )


def verify_job(source: str, row: VerifyJobRow) -> PbsJob:
    return replace(
        _job(source, "verify", row),
        ignore_verified=row.ignore_verified,
        outdated_after_days=row.outdated_after or None,  # 0 means never
    )


def prune_job(source: str, row: PruneJobRow) -> PbsJob:
    keep = Keep(row.keep_last, row.keep_hourly, row.keep_daily, row.keep_weekly, row.keep_monthly, row.keep_yearly)
    return replace(_job(source, "prune", row), enabled=not row.disable, keep=keep)


def _job(source: str, kind: PbsJobKind, row: JobRow) -> PbsJob:
    return PbsJob(
        source=source,
        kind=kind,
        id=row.id,
        datastore=row.store,
        namespace=row.ns,
        schedule=row.schedule,
        max_depth=row.max_depth,
        last_run_at=row.last_run_endtime,
        last_run_state=row.last_run_state,
        last_run_upid=row.last_run_upid,
        next_run_at=row.next_run,
        comment=row.comment,
    )
