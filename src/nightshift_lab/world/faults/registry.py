"""Every kind of fault by the name that scenario files give it. What is not listed here does not exist."""

from __future__ import annotations

from collections.abc import Mapping

from nightshift_lab.world.faults import (
    availability,
    backup_servers,
    backups,
    filesystems,
    guests,
    monitoring,
    nodes,
    restart_loops,
    surroundings,
)
from nightshift_lab.world.faults.fault import Fault

AREAS: Mapping[str, tuple[type[Fault], ...]] = {
    "Nodes": nodes.KINDS,
    "Guests": (*restart_loops.KINDS, *guests.KINDS),
    "File systems, storages and disks": filesystems.KINDS,
    "Backups": backups.KINDS,
    "Backup servers": backup_servers.KINDS,
    "High availability and replication": availability.KINDS,
    "Monitoring": monitoring.KINDS,
    "Network and power": surroundings.KINDS,
}

FAULT_KINDS: Mapping[str, type[Fault]] = {kind.kind: kind for kinds in AREAS.values() for kind in kinds}
