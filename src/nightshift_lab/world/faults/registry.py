"""Every kind of fault by the name that scenario files give it. What is not listed here does not exist."""

from __future__ import annotations

from collections.abc import Mapping

from nightshift_lab.world.faults import (
    availability,
    backup_servers,
    backups,
    ceph,
    filesystems,
    guest_disks,
    guests,
    monitoring,
    nodes,
    pressure,
    prometheus,
    restart_loops,
    server_jobs,
    software,
    surroundings,
)
from nightshift_lab.world.faults.fault import Fault

AREAS: Mapping[str, tuple[type[Fault], ...]] = {
    "Nodes": (*nodes.KINDS, *software.KINDS, *pressure.KINDS),
    "Guests": (*restart_loops.KINDS, *guests.KINDS, *guest_disks.KINDS),
    "File systems, storages and disks": filesystems.KINDS,
    "Backups": backups.KINDS,
    "Ceph": ceph.KINDS,
    "Backup servers": (*backup_servers.KINDS, *server_jobs.KINDS),
    "High availability and replication": availability.KINDS,
    "Monitoring": (*monitoring.KINDS, *prometheus.KINDS),
    "Network and power": surroundings.KINDS,
}

FAULT_KINDS: Mapping[str, type[Fault]] = {kind.kind: kind for kinds in AREAS.values() for kind in kinds}
