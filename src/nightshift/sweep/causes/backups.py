"""Why backups fail or grow old."""

from __future__ import annotations

from nightshift.sweep.causes import joins
from nightshift.sweep.causes.rule import Rule, causes, symptoms

_DATASTORE_BROKEN = causes("datastore.full", "datastore.unavailable")

RULES = (
    Rule(
        "backups-into-datastore",
        "A datastore that is full or broken fails the backups to it.",
        _DATASTORE_BROKEN,
        symptoms("backup.failed"),
        reach=joins.storages_of_datastore,
        needs=joins.written_to,
    ),
    Rule(
        "backups-of-datastore-stale",
        "Nothing new arrives in a datastore that is full or broken: backups grow old.",
        _DATASTORE_BROKEN,
        symptoms("backup.stale"),
        reach=joins.itself,
        needs=joins.datastores_of_guest,
    ),
    Rule(
        "backup-storage",
        "Backups to a storage that is full or gone fail.",
        causes("storage.inactive", "storage.full"),
        symptoms("backup.failed"),
        reach=joins.storage_name,
        needs=joins.written_to,
    ),
)
