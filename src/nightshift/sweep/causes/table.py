"""Every rule, in the order of precedence: what lies deeper explains first, and mere company on one entity last."""

from __future__ import annotations

from nightshift.sweep.causes import (
    backups,
    certificates,
    cluster,
    disks,
    exporters,
    guests,
    monitoring,
    nodes,
    servers,
    storages,
)
from nightshift.sweep.causes.rule import Rule

RULES: tuple[Rule, ...] = (
    *cluster.RULES,
    *disks.RULES,
    *servers.RULES,
    *storages.RULES,
    *nodes.RULES,
    *backups.RULES,
    *guests.RULES,
    *certificates.RULES,
    *exporters.RULES,
    *monitoring.RULES,
)
