"""What only the agent in a VM knows: its file systems; and agents that are configured and say nothing."""

from __future__ import annotations

import shlex

from nightshift.checks.check import Check
from nightshift.checks.evidence import iso, table
from nightshift.checks.guest_tasks import guest_history
from nightshift.checks.levels import level_with_memory
from nightshift.checks.previous import Previous
from nightshift.checks.samples import filesystems_told
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.guest_items import GuestFileSystem, GuestFileSystems
from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_age, format_bytes, format_percent, fraction

_FSINFO = "GET /nodes/{node}/qemu/{vmid}/agent/get-fsinfo"


def silent(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A VM whose configuration has an agent that does not answer: its backups are not consistent, shutdowns time out.

    Judges (PVE API: …/config and …/agent/get-fsinfo of a running VM):
        {"agent": "enabled=1"}      500 {"data": null, "message": "QEMU guest agent is not running"}
    A VM that has just started, or that a task works on, is given time.
    """
    history = guest_history(snapshot)
    guests = {(guest.source, guest.vmid): guest for guest in snapshot.guests}
    findings = []
    for told in snapshot.guest_filesystems:
        guest = guests.get((told.source, told.vmid))
        if guest is None or guest.status != "running" or guest.lock or told.agent_answers is not False:
            continue
        up_s = (guest.uptime_s or 0) - (snapshot.taken_at - told.read_at).total_seconds()  # when it was asked
        if up_s >= thresholds.agent_silent_after_s and not history.is_busy(guest):
            findings.append(_silent(snapshot, guest, told))
    return CheckResult(tuple(findings))


def _silent(snapshot: Snapshot, guest: Guest, told: GuestFileSystems) -> Finding:
    return Finding(
        check="guest.agent",
        severity="warning",
        entity=guest.entity,
        title=f"The guest agent of {guest.entity.label} does not answer",
        detail="It is switched on in the configuration of the VM. Without it a backup does not freeze the file "
        "systems, "
        f"a shutdown may wait for its time-out, and nobody sees how full the disks are. Asked "
        f"{format_age(told.read_at, snapshot.taken_at)}.",
        remedy="Inside the VM: `systemctl status qemu-guest-agent`, and `apt install qemu-guest-agent` if it is "
        "missing. "
        f"On {guest.node}: `qm agent {guest.vmid} ping`. A VM without an agent: `qm set {guest.vmid} --agent 0`.",
        evidence=(
            table(
                snapshot,
                guest.source,
                _FSINFO,
                f"Guest agent of {guest.entity.label}",
                ("guest", "agent_answers", "read_at"),
                ((guest.entity.label, told.agent_answers, iso(told.read_at)),),
            ),
        ),
        runbook="guest-agent.md#steps",
    )


def filesystems(snapshot: Snapshot, previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A file system of a VM that is nearly full, as its guest agent sees it, where no node_exporter inside tells more.
    An agent does not tell how fast it fills: being well filled is worth a remark.

    Judges (PVE API: …/agent/get-fsinfo):
        {"name": "sda1", "mountpoint": "/", "type": "ext4", "used-bytes": 51539607552, "total-bytes": 53687091200}
    """
    elsewhere = filesystems_told(snapshot)
    guests = {(guest.source, guest.vmid): guest for guest in snapshot.guests}
    limits = (thresholds.filesystem_warning, thresholds.filesystem_critical)
    findings = []
    for told in snapshot.guest_filesystems:
        guest = guests.get((told.source, told.vmid))
        if guest is None or guest.status != "running":
            continue
        for item in told.file_systems:
            if (guest.entity.key, item.mountpoint) in elsewhere:
                continue
            identity = ("guest.filesystem", guest.entity, item.mountpoint)
            share = fraction(item.used_bytes, item.total_bytes)
            if share is None:
                continue
            severity = level_with_memory(share, limits, identity, previous, thresholds)
            if severity is not None or share >= thresholds.filesystem_unwatched_info:
                findings.append(_full(snapshot, guest, told, item, share, severity or "info"))
    return CheckResult(tuple(findings))


def _full(
    snapshot: Snapshot, guest: Guest, told: GuestFileSystems, item: GuestFileSystem, share: float, severity: Severity
) -> Finding:
    windows = "\\" in item.mountpoint or item.kind == "ntfs"
    look = (
        "Inside: Settings → System → Storage, or `Get-Volume` in PowerShell"
        if windows
        else f"Inside: `du -xh --max-depth=2 {shlex.quote(item.mountpoint)} | sort -h | tail -20` shows what holds "
        "the space"
    )
    return Finding(
        check="guest.filesystem",
        severity=severity,
        entity=guest.entity,
        title=f"{item.mountpoint} of {guest.entity.label} is {format_percent(share)} full",
        detail=f"{format_bytes(item.total_bytes - item.used_bytes)} of {format_bytes(item.total_bytes)} are left, as "
        "its "
        f"guest agent said {format_age(told.read_at, snapshot.taken_at)}.",
        remedy=f"{look}. To enlarge it: `qm config {guest.vmid}` names the disk, `qm disk resize {guest.vmid} scsi0 "
        "+10G` "
        "makes it larger; then grow the file system inside.",
        discriminator=item.mountpoint,
        evidence=(
            table(
                snapshot,
                guest.source,
                _FSINFO,
                f"File system {item.mountpoint} of {guest.entity.label}",
                ("mountpoint", "device", "type", "used_bytes", "total_bytes", "used_fraction", "read_at"),
                (
                    (
                        item.mountpoint,
                        item.device,
                        item.kind,
                        item.used_bytes,
                        item.total_bytes,
                        share,
                        iso(told.read_at),
                    ),
                ),
            ),
        ),
        runbook="guest-disk-full.md#steps",
    )


CHECKS = (
    Check(
        "guest.agent",
        "guests",
        "warning",
        ("guests", "guest_filesystems"),
        silent,
        "Guest agents that do not answer",
        also=("guest_configs", "tasks"),
    ),
    Check(
        "guest.filesystem",
        "file systems",
        "critical",
        ("guests", "guest_filesystems"),
        filesystems,
        "File systems that only a guest agent sees",
        also=("guest_configs", "metrics.filesystem_available"),
    ),
)
