"""Every check, family by family. What is not listed here does not run."""

from __future__ import annotations

from nightshift.checks import (
    backup_runs,
    backup_servers,
    backups,
    cluster,
    datastores,
    exporters,
    filesystems,
    garbage_collection,
    guests,
    monitoring,
    nodes,
    server_jobs,
    server_tasks,
    sources,
    storages,
)
from nightshift.checks.check import Check

CHECKS: tuple[Check, ...] = (
    *cluster.CHECKS,
    *nodes.CHECKS,
    *storages.CHECKS,
    *datastores.CHECKS,
    *garbage_collection.CHECKS,
    *server_tasks.CHECKS,
    *server_jobs.CHECKS,
    *backup_servers.CHECKS,
    *backup_runs.CHECKS,
    *backups.CHECKS,
    *guests.CHECKS,
    *filesystems.CHECKS,
    *monitoring.CHECKS,
    *sources.CHECKS,
    *exporters.CHECKS,
)
