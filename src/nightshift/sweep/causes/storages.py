"""What hangs on a storage or a datastore."""

from __future__ import annotations

from nightshift.sweep.causes import joins, storage_joins
from nightshift.sweep.causes.rule import Rule, causes, symptoms

_DATASTORE_BROKEN = causes("datastore.full", "datastore.unavailable", "datastore.maintenance")

RULES = (
    Rule(
        "storage-gone",
        "A storage that does not answer stalls the statistics of the nodes that use it.",
        causes("storage.inactive"),
        symptoms("node.statistics_stuck"),
        reach=storage_joins.nodes_using,
        needs=joins.itself,
    ),
    Rule(
        "storage-gone-guests",
        "Guests with disks on a storage that does not answer stand still, fall silent, or cannot start.",
        causes("storage.inactive"),
        symptoms("guest.state", "guest.stopped", "guest.agent"),
        reach=joins.itself,
        needs=storage_joins.storages_holding,
    ),
    Rule(
        "storage-full-guests",
        "A VM stops when a disk of it can grow no more; what lies on a full storage in vain is a part of its trouble.",
        causes("storage.full"),
        symptoms("guest.state", "guest.snapshots", "guest.unused_disks", "guest.no_discard"),
        reach=joins.itself,
        needs=storage_joins.storages_holding,
    ),
    Rule(
        "pool-stops-guests",
        "A VM stops when the thin pool beneath can grow no more.",
        causes("thin.metadata", "thin.data"),
        symptoms("guest.state"),
        reach=storage_joins.storages_on_pool,
        needs=storage_joins.storages_holding,
    ),
    Rule(
        "storage-full-replication",
        "A replication fails when the storage on the other node is full or gone.",
        causes("storage.full", "storage.inactive"),
        symptoms("replication.failing"),
        reach=joins.itself,
        needs=storage_joins.storages_at_target,
    ),
    Rule(
        "datastore-not-emptied",
        "A datastore in which nothing is pruned, or what was pruned is never given back, runs full.",
        causes("datastore.gc", "server.task_failed", "server.job_overdue", "server.job_off"),
        symptoms("datastore.full", "datastore.filling"),
        reach=storage_joins.datastore_not_emptied,
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
        needs=storage_joins.its_datastores,
    ),
    Rule(
        "datastore-broken-alert",
        "An alert may name the datastore in its labels.",
        _DATASTORE_BROKEN,
        symptoms("alert.firing"),
        reach=joins.its_name,
        needs=storage_joins.datastore_in_labels,
    ),
    Rule(
        "datastore-filling",
        "Alerts and the storage in PVE tell of the same growth.",
        causes("datastore.filling"),
        symptoms("storage.full", "alert.firing"),
        reach=joins.itself,
        needs=storage_joins.its_datastores,
    ),
    Rule(
        "storage-on-pool",
        "A storage that is full and the ZFS pool that it lies on are one matter.",
        causes("storage.full"),
        symptoms("zfs.full", "zpool.full"),
        reach=storage_joins.pool_of_storage,
        needs=joins.itself,
    ),
    Rule(
        "pool-exporter-space",
        "An exporter that numbers a pool tells of the same.",
        causes("zfs.full"),
        symptoms("zpool.full"),
        reach=joins.itself,
        needs=joins.itself,
    ),
    Rule(
        "root-on-pool",
        "What lies on a pool has no more left than the pool: the root file system, a directory on it.",
        causes("storage.full"),
        symptoms("node.rootfs", "storage.full"),
        reach=storage_joins.space_of_pool,
        needs=storage_joins.space_of_directory,
    ),
    Rule(
        "storage-on-root",
        "A storage that is a directory on the root file system is as full as that.",
        causes("node.rootfs"),
        symptoms("storage.full"),
        reach=storage_joins.space_of_directory,
        needs=storage_joins.space_of_directory,
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
