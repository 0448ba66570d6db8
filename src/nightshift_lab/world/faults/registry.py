"""Every kind of fault by the name that scenario files give it. What is not listed here does not exist."""

from __future__ import annotations

from collections.abc import Mapping

from nightshift_lab.world.faults.backup_servers import KINDS as BACKUP_SERVERS
from nightshift_lab.world.faults.backups import KINDS as BACKUPS
from nightshift_lab.world.faults.fault import Fault
from nightshift_lab.world.faults.filesystems import KINDS as FILESYSTEMS
from nightshift_lab.world.faults.guests import KINDS as GUESTS
from nightshift_lab.world.faults.monitoring import KINDS as MONITORING
from nightshift_lab.world.faults.nodes import KINDS as NODES

AREAS: Mapping[str, tuple[type[Fault], ...]] = {
    "Nodes": NODES,
    "Guests": GUESTS,
    "Storages and disks": FILESYSTEMS,
    "Backups": BACKUPS,
    "Backup servers": BACKUP_SERVERS,
    "Monitoring": MONITORING,
}

FAULT_KINDS: Mapping[str, type[Fault]] = {kind.kind: kind for kinds in AREAS.values() for kind in kinds}
