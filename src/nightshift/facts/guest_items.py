"""What PVE tells only guest by guest, read in the slow lane: snapshots, file systems, why a guest is off.

Sizes are bytes, times are aware UTC. `read_at` is when it was read, which may be hours ago.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nightshift.facts.tasks import Task


@dataclass(frozen=True, slots=True)
class GuestSnapshot:
    """A snapshot that somebody took; `with_memory` when the state of the VM's memory is kept with it."""

    name: str
    taken_at: datetime | None
    with_memory: bool = False


@dataclass(frozen=True, slots=True)
class GuestSnapshots:
    """The snapshots of one guest (PVE API: /nodes/{node}/{qemu,lxc}/{vmid}/snapshot)."""

    source: str
    vmid: int
    snapshots: tuple[GuestSnapshot, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class GuestFileSystem:
    """A mounted file system with a size of its own."""

    mountpoint: str
    kind: str
    device: str
    used_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class GuestFileSystems:
    """What a VM's guest agent tells (PVE API: …/agent/get-fsinfo).

    `agent_answers` False: it is configured and does not run. None: PVE did not ask it (the VM was off just then).
    """

    source: str
    vmid: int
    agent_answers: bool | None
    file_systems: tuple[GuestFileSystem, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class GuestTasks:
    """The last tasks of one guest on its node, newest first, however old (PVE API: /nodes/{node}/tasks?vmid=…)."""

    source: str
    vmid: int
    tasks: tuple[Task, ...]
    read_at: datetime
