"""What hangs on a disk or a pool."""

from __future__ import annotations

from nightshift.checks.rows.table import ROWS
from nightshift.sweep.causes import joins, storage_joins
from nightshift.sweep.causes.rule import Rule, causes, symptoms

_TOLD_BY_EXPORTERS = tuple(row.id for row in ROWS if row.about == "disk")
_DISK_BAD = causes("disk.health", "disk.sectors", "disk.wear", "disk.temperature", *_TOLD_BY_EXPORTERS)
_DISK_FAILS = causes("disk.health", "disk.sectors", "smart.failed", "smart.media_errors")

RULES = (
    Rule(
        "disk-failing",
        "A disk that fails degrades the pool that it is part of.",
        _DISK_FAILS,
        symptoms("zfs.state", "zfs.errors"),
        reach=joins.itself,
        needs=storage_joins.unwell_disks_of_pool,
    ),
    Rule(
        "disk-of-osd",
        "Ceph misses an OSD whose disk fails.",
        _DISK_FAILS,
        symptoms("ceph.health"),
        reach=storage_joins.ceph_of_its_osd,
        needs=storage_joins.ceph_without_osds,
    ),
    Rule(
        "pool-in-trouble",
        "Guests stand still, and a storage does not answer, when the pool beneath cannot be written.",
        causes("zfs.state"),
        symptoms("guest.state", "storage.inactive"),
        reach=storage_joins.storages_on_pool,
        needs=storage_joins.itself_and_storages_holding,
    ),
    Rule(
        "server-pool-in-trouble",
        "Datastores fall out, and jobs fail, when a pool of their backup server is in trouble.",
        causes("server.pool"),
        symptoms("datastore.unavailable", "datastore.gc", "server.task_failed"),
        reach=joins.its_source,
        needs=joins.its_source,
    ),
    Rule(
        "chunks-bad",
        "Backups cannot be restored whole when chunks of their datastore are damaged.",
        causes("datastore.gc"),
        symptoms("backup.corrupt"),
        reach=storage_joins.datastore_with_bad_chunks,
        needs=storage_joins.datastores_of_guest,
    ),
    Rule(
        "disk-slow",
        "A disk is slow before it dies, and so is a pool that has lost one: everything on the node waits for it.",
        causes("zfs.state", "disk.health"),
        symptoms("node.iowait", "host.iowait"),
        reach=joins.its_node,
        needs=joins.its_node,
    ),
    Rule(
        "disk-script",
        "What a script says of a bad disk is known better from the node itself.",
        _DISK_BAD,
        symptoms("smart.failed_by_script"),
        reach=storage_joins.its_device,
        needs=storage_joins.device_named,
    ),
    Rule(
        "disk-alert",
        "An alert that names the device of a bad disk tells of the same.",
        _DISK_BAD,
        symptoms("alert.firing"),
        reach=storage_joins.its_device,
        needs=storage_joins.device_in_labels,
    ),
    Rule(
        "pool-alert",
        "An alert that names a pool in trouble tells of the same.",
        causes("zfs.state", "zfs.errors"),
        symptoms("alert.firing"),
        reach=storage_joins.its_pool,
        needs=storage_joins.pool_in_labels,
    ),
    Rule(
        "pool-exporter",
        "What a node_exporter says of the pools of a node is known better from the node itself.",
        causes("zfs.state", "zfs.errors"),
        symptoms("zpool.unhealthy"),
        reach=joins.its_node,
        needs=joins.its_node,
    ),
)
