"""Why backups fail or grow old."""

from __future__ import annotations

from nightshift.sweep.causes import joins, storage_joins
from nightshift.sweep.causes.rule import Rule, causes, symptoms

_DATASTORE_BROKEN = causes("datastore.full", "datastore.unavailable", "datastore.maintenance")

RULES = (
    Rule(
        "backups-into-datastore",
        "A datastore that is full or broken fails the backups to it.",
        _DATASTORE_BROKEN,
        symptoms("backup.failed"),
        reach=storage_joins.storages_of_datastore,
        needs=storage_joins.written_to,
    ),
    Rule(
        "backups-of-datastore-stale",
        "Nothing new arrives in a datastore that is full or broken: backups grow old.",
        _DATASTORE_BROKEN,
        symptoms("backup.stale", "backup.never"),
        reach=joins.itself,
        needs=storage_joins.datastores_of_guest,
    ),
    Rule(
        "backups-to-storage-stale",
        "Nothing new arrives in a storage that is full or gone.",
        causes("storage.inactive", "storage.full"),
        symptoms("backup.stale", "backup.never"),
        reach=joins.itself,
        needs=storage_joins.storages_of_guest,
    ),
    Rule(
        "backup-job-disabled",
        "What only a disabled job would save grows old.",
        causes("backup.job_disabled"),
        symptoms("backup.stale"),
        reach=joins.guests_of_job,
        needs=joins.itself,
    ),
    Rule(
        "backup-runs-failed",
        "A guest whose runs fail has no new backup; runs that fail on the way to one storage are one finding.",
        causes("backup.failed"),
        symptoms("backup.stale", "backup.never"),
        reach=joins.itself,
        needs=storage_joins.itself_and_storages_of_guest,
    ),
    Rule(
        "backup-storage",
        "Backups to a storage that is full or gone fail.",
        causes("storage.inactive", "storage.full"),
        symptoms("backup.failed"),
        reach=storage_joins.storage_name,
        needs=storage_joins.written_to,
    ),
    Rule(
        "backup-corrupt",
        "A verification fails because of the backups that it found broken.",
        causes("backup.corrupt"),
        symptoms("server.task_failed"),
        reach=storage_joins.datastores_of_guest,
        needs=storage_joins.verified_datastore,
    ),
)
