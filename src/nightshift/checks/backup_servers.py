"""Backup servers as hosts: whether they answer, their root file system, their services, and what waits "
"to be updated."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.evidence import counted, table
from nightshift.checks.levels import level_with_memory
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.backup_hosts import BackupHost, HostPool, HostService
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_bytes, format_percent

_STATUS = "GET /nodes/localhost/status"
_SERVICES = "GET /nodes/localhost/services"
_POOLS = "GET /nodes/localhost/disks/zfs"
_UPDATES = "GET /nodes/localhost/apt/update"
# systemd starts these, and they end by themselves or wait for what they serve.
_MAY_REST = frozenset({"exited", "dead"})
_HAVE_TO_RUN = frozenset({"proxmox-backup", "proxmox-backup-proxy"})


def rootfs(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """The root file system of a backup server is nearly full: logs, task lists and often the S3 cache live there.

    Judges (PBS API: /nodes/localhost/status):
        {"root": {"total": 100861726720, "used": 12463228416, "avail": 83234159104}, "uptime": 2345678}
    """
    limits = (thresholds.node_rootfs_warning, thresholds.node_rootfs_critical)
    findings = []
    for host in snapshot.pbs_hosts:
        share = _rootfs_share(host)
        if share is None:
            continue
        severity = level_with_memory(share, limits, ("server.rootfs", host.entity, ""), previous, thresholds)
        if severity is None:
            continue
        left = format_bytes(host.rootfs_available_bytes or 0)
        columns = ("server", "rootfs_used_bytes", "rootfs_available_bytes", "rootfs_total_bytes", "used_fraction")
        row = (host.source, host.rootfs_used_bytes, host.rootfs_available_bytes, host.rootfs_total_bytes, share)
        findings.append(
            Finding(
                check="server.rootfs",
                severity=severity,
                entity=host.entity,
                title=f"Root file system of backup server {host.source} is {format_percent(share)} full",
                detail=f"{left} are left. When it is full the server cannot write its task logs, and "
                f"backups fail though "
                "the datastores have room.",
                remedy="On it: `du -xhd2 /var | sort -h | tail`, `journalctl --vacuum-size=200M`, `apt-get clean`; old "
                "kernels go with `apt autoremove`.",
                evidence=(table(snapshot, host.source, _STATUS, f"Root of {host.source}", columns, (row,)),),
                runbook="storage-full.md#steps",
            )
        )
    return CheckResult(tuple(findings))


def _rootfs_share(host: BackupHost) -> float | None:
    """Of what may be used, as `df` counts: the reserve for root is not available to anybody."""
    used, available = host.rootfs_used_bytes, host.rootfs_available_bytes
    if used is None or available is None or used + available <= 0:
        return None
    return used / (used + available)


def services(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A service of a backup server has failed, or one that has to run does not. What is not installed, masked or
    disabled is no failure, and neither is a service that has done its work.

    Judges (PBS API: /nodes/localhost/services):
        {"name": "proxmox-backup", "service": "proxmox-backup", "desc": "Proxmox Backup API Server",
         "state": "failed", "unit-state": "enabled"}
    """
    return CheckResult(
        tuple(
            _service(snapshot, host, service)
            for host in snapshot.pbs_hosts
            for service in host.services or ()
            if _has_failed(service)
        )
    )


def _has_failed(service: HostService) -> bool:
    if service.unit in ("not-found", "masked", "disabled"):
        return False
    return service.state == "failed" or (service.name in _HAVE_TO_RUN and service.state in _MAY_REST)


def _service(snapshot: Snapshot, host: BackupHost, service: HostService) -> Finding:
    essential = service.name in _HAVE_TO_RUN
    what = f" ({service.description})" if service.description else ""
    return Finding(
        check="server.service",
        severity="critical" if essential else "warning",
        entity=host.entity,
        title=f"{service.name} does not run on backup server {host.source}",
        detail=f"systemd says of {service.name}{what}: {service.state}."
        + (" Without it no backup, prune or verification runs." if essential else ""),
        remedy=f"On it: `systemctl status {service.name}`, `journalctl -u {service.name} -n 50`, then "
        f"`systemctl restart {service.name}`.",
        discriminator=service.name,
        evidence=(
            table(
                snapshot,
                host.source,
                _SERVICES,
                f"Service {service.name}",
                ("server", "service", "state", "unit"),
                ((host.source, service.name, service.state, service.unit),),
            ),
        ),
        runbook="services.md#steps",
    )


def pools(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A ZFS pool of a backup server that is not ONLINE: it has lost redundancy, or stands still with all backups on it.

    Judges (PBS API: /nodes/localhost/disks/zfs):
        {"name": "mirror", "health": "DEGRADED", "size": 7971459301376, "alloc": 5128000000000, "frag": 4}
    """
    return CheckResult(
        tuple(
            _unwell(snapshot, pool)
            for host in snapshot.pbs_hosts
            for pool in host.pools or ()
            if pool.health.upper() != "ONLINE"
        )
    )


def _unwell(snapshot: Snapshot, pool: HostPool) -> Finding:
    standing = pool.health.upper() in ("SUSPENDED", "FAULTED", "UNAVAIL")
    effect = "nothing on it can be read or written" if standing else "the next disk that fails may take it"
    mend = (
        f"check cables and power, then `zpool clear {pool.name}`"
        if standing
        else f"replace the disk that it names: `zpool replace {pool.name} OLD /dev/disk/by-id/NEW`"
    )
    return Finding(
        check="server.pool",
        severity="critical",
        entity=pool.entity,
        title=f"ZFS pool {pool.name} on backup server {pool.source} is {pool.health.upper()}",
        detail=f"In this state {effect}, with the backups in its datastores.",
        remedy=f"On it: `zpool status -v {pool.name}`; {mend}.",
        evidence=(
            table(
                snapshot,
                pool.source,
                _POOLS,
                f"Pool {pool.name}",
                ("server", "pool", "state"),
                ((pool.source, pool.name, pool.health),),
            ),
        ),
        runbook="zfs-degraded.md#steps",
    )


def updates(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """Packages of a backup server that wait to be updated: information, for when there is a quiet hour.

    Judges (PBS API: /nodes/localhost/apt/update):
        {"Package": "proxmox-backup-server", "OldVersion": "4.2.0-1", "Version": "4.2.1-1", "Priority": "optional"}
    """
    return CheckResult(tuple(_updates(snapshot, host) for host in snapshot.pbs_hosts if host.updates))


def _updates(snapshot: Snapshot, host: BackupHost) -> Finding:
    pending = host.updates or ()
    named = ", ".join(update.package for update in pending[:3]) + (" …" if len(pending) > 3 else "")
    return Finding(
        check="server.updates",
        severity="info",
        entity=host.entity,
        title=f"{counted(len(pending), 'update')} wait on backup server {host.source}",
        detail=f"{named}. The list is as new as the last `apt update` there.",
        remedy="On it: `apt update && apt dist-upgrade` when no backup runs; restart it when the kernel is among them.",
        evidence=(
            table(
                snapshot,
                host.source,
                _UPDATES,
                f"Updates of {host.source}",
                ("package", "installed", "available"),
                ((update.package, update.installed, update.available) for update in pending),
            ),
        ),
        runbook="updates.md#steps",
    )


CHECKS = (
    Check("server.rootfs", "backup server", "critical", ("pbs_hosts",), rootfs, "Root file systems of backup servers"),
    Check("server.service", "backup server", "critical", ("pbs_hosts",), services, "Services of backup servers"),
    Check("server.pool", "backup server", "critical", ("pbs_hosts",), pools, "ZFS pools of backup servers"),
    Check("server.updates", "backup server", "info", ("pbs_hosts",), updates, "Updates of backup servers"),
)
