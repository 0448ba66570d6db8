"""What is told of a guest beside its figures: its system, addresses, disks, interfaces, agent, since when it is off.

Read from its configuration, from what the slow lane asked its agent, and from the tasks that stopped it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nightshift.facts.evidence import Cell
from nightshift.facts.inventory import Guest, GuestConfig
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.tasks import Task
from nightshift.facts.units import disk_size_bytes, format_bytes
from nightshift.tools.tables import iso
from nightshift.tools.tasks import is_kind

PARTICULARS = (
    "onboot", "startup", "agent", "agent_answers", "ips", "disks", "networks", "os", "notes", "devices",
    "protected", "firmware", "cpu_type", "unprivileged", "created_at", "stopped_at", "stopped_by",
)  # fmt: skip
LONGEST_NOTE = 300
_SIZE = re.compile(r"(?<=,)size=\d+(?:\.\d+)?[KMGT]")
_FIRMWARE = {"seabios": "SeaBIOS", "ovmf": "OVMF (UEFI)"}
# PVE's words for what runs in a VM; those of containers are the names of distributions.
_SYSTEMS = {
    "l26": "Linux", "l24": "Linux 2.4", "solaris": "Solaris", "wxp": "Windows XP", "w2k": "Windows 2000",
    "w2k3": "Windows 2003", "w2k8": "Windows 2008", "wvista": "Windows Vista", "win7": "Windows 7 or 2008r2",
    "win8": "Windows 8 or 2012", "win10": "Windows 10, 2016 or 2019", "win11": "Windows 11, 2022 or 2025",
}  # fmt: skip


def particulars(snapshot: Snapshot, guest: Guest, config: GuestConfig | None) -> tuple[Cell, ...]:
    """`PARTICULARS` of one guest; None for what was not told, all of its configuration when that was not read."""
    stop = _last_stop(snapshot, guest) if guest.status == "stopped" else None
    ended = iso(stop.ended_at or stop.started_at) if stop else None
    off: tuple[Cell, Cell] = (ended, stop.user if stop else None)
    if config is None:
        told: tuple[Cell, ...] = (None, None, None, _agent_answers(snapshot, guest))
        return (*told, *(None for _ in PARTICULARS[len(told) : -len(off)]), *off)
    return (
        config.onboot,
        config.startup,
        config.agent_enabled if guest.kind == "qemu" else None,
        _agent_answers(snapshot, guest),
        ", ".join(config.ips) or None,
        listed((slot, _SIZE.sub(_size, value)) for slot, value in config.disks),
        listed(config.networks),
        system_of(config.os_type),
        note_of(config),
        listed(config.devices),
        config.protected,
        _FIRMWARE.get(config.firmware or "", config.firmware),
        config.cpu_type,
        config.unprivileged,
        iso(config.created_at),
        *off,
    )


def listed(settings: Iterable[tuple[str, str]]) -> str | None:
    """`scsi0: local-lvm:vm-104-disk-0,size=32G; scsi1: …`; None for none."""
    return "; ".join(f"{key}: {value}" for key, value in settings) or None


def note_of(config: GuestConfig) -> str | None:
    """What the operator wrote about a guest, in one line; the beginning of what is long."""
    return " ".join((config.description or "").split())[:LONGEST_NOTE] or None


def _size(match: re.Match[str]) -> str:
    """`size=64G` in the units of everything else: `size=64 GiB`."""
    return f"size={format_bytes(disk_size_bytes(match[0]))}"


def system_of(word: str | None) -> str | None:
    """`l26` → `Linux (l26)`; a word that says it all stays."""
    return f"{_SYSTEMS[word]} ({word})" if word in _SYSTEMS else word


def _agent_answers(snapshot: Snapshot, guest: Guest) -> bool | None:
    """Whether the guest agent answered when it was last asked; None when it was not."""
    asked = (row for row in snapshot.guest_filesystems if (row.source, row.vmid) == (guest.source, guest.vmid))
    return next((row.agent_answers for row in asked), None)


def _last_stop(snapshot: Snapshot, guest: Guest) -> Task | None:
    """The newest task that stopped it, of the last ones of the cluster and of the guest's own."""
    own = [task for row in snapshot.guest_tasks if (row.source, row.vmid) == (guest.source, guest.vmid)
           for task in row.tasks]  # fmt: skip
    cluster = (task for task in snapshot.tasks if task.source == guest.source and task.worker_id == str(guest.vmid))
    stops = (task for task in (*own, *cluster) if is_kind(task, "stop") and task.outcome == "ok")
    return max(stops, key=lambda task: task.started_at, default=None)
