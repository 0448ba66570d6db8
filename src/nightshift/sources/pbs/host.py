"""PBS's answers about its host → facts."""

from __future__ import annotations

from nightshift.facts.backup_hosts import BackupHost, HostPool, HostService, PendingUpdate
from nightshift.sources.pbs.models import HostStatusWire, PackageRow, ServiceRow, ZfsPoolRow


def status(source: str, wire: HostStatusWire) -> BackupHost:
    """The host without its services, updates and pools."""
    return BackupHost(
        source=source,
        uptime_s=wire.uptime,
        cpu_fraction=wire.cpu,
        iowait_fraction=wire.wait,
        memory_used_bytes=wire.memory.used,
        memory_total_bytes=wire.memory.total,
        rootfs_used_bytes=wire.root.used,
        rootfs_available_bytes=wire.root.avail,
        rootfs_total_bytes=wire.root.total,
        kernel=wire.current_kernel.release if wire.current_kernel else None,
    )


def service(row: ServiceRow) -> HostService:
    return HostService(row.name, row.state, row.unit_state, row.desc)


def pool(source: str, row: ZfsPoolRow) -> HostPool:
    return HostPool(source, row.name, row.health)


def update(row: PackageRow) -> PendingUpdate:
    return PendingUpdate(row.package, row.old_version, row.version)
