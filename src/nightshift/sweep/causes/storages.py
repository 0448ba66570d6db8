"""What hangs on a storage or a datastore."""

from __future__ import annotations

from nightshift.sweep.causes import joins
from nightshift.sweep.causes.rule import Rule, causes, symptoms

_DATASTORE_BROKEN = causes("datastore.full", "datastore.unavailable")

RULES = (
    Rule(
        "storage-gone",
        "A storage that does not answer stalls the statistics of the nodes that use it.",
        causes("storage.inactive"),
        symptoms("node.statistics_stuck"),
        reach=joins.nodes_using,
        needs=joins.itself,
    ),
    Rule(
        "datastore-broken",
        "What PVE says of a storage that is a datastore, and what the backup server says of it, is one matter.",
        _DATASTORE_BROKEN,
        symptoms(
            "storage.full",
            "storage.inactive",
            "datastore.filling",
            "datastore.gc",
            "server.task_failed",
            "alert.firing",
        ),
        reach=joins.itself,
        needs=joins.its_datastores,
    ),
    Rule(
        "datastore-broken-alert",
        "An alert may name the datastore in its labels.",
        _DATASTORE_BROKEN,
        symptoms("alert.firing"),
        reach=joins.its_name,
        needs=joins.datastore_in_labels,
    ),
    Rule(
        "datastore-filling",
        "Alerts and the storage in PVE tell of the same growth.",
        causes("datastore.filling"),
        symptoms("storage.full", "alert.firing"),
        reach=joins.itself,
        needs=joins.its_datastores,
    ),
    Rule(
        "storage-alert",
        "An alert about a storage that is full or gone says no more than that.",
        causes("storage.inactive", "storage.full"),
        symptoms("alert.firing"),
        reach=joins.itself,
        needs=joins.itself,
    ),
)
