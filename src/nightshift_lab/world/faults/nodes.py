"""What befalls nodes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import LOADS, Bend, Fault, Flags, Reading, TaskNote, parameter

if TYPE_CHECKING:
    from nightshift_lab.world.world import World

_LAST_WORDS = {
    "watchdog": (
        "watchdog-mux[788]: client watchdog expired - disable watchdog updates",
        "watchdog-mux[788]: exit watchdog-mux with active connections",
    ),
    "panic": (
        "kernel: BUG: unable to handle page fault for address: ffffb10a44c3f018",
        "kernel: Kernel panic - not syncing: Fatal exception in interrupt",
    ),
    "power-button": ("systemd-logind[702]: Power key pressed long.", "systemd-logind[702]: Powering off..."),
}
_MEMORY_PRESSURE = "pressure_memory_fraction"
# Share of the time in which some task waits for memory when it is nearly used up; swapping takes more.
_MEMORY_STALL = 0.12
# Below the one nothing waits for memory, above the other all that can.
_ROOMY, _CRAMPED = 0.92, 0.975


def entities_of_node(world: World, node: str) -> frozenset[str]:
    """The node and its guests: what loses power with it."""
    guests = (f"guest/{guest.vmid}" for guest in world.cluster.guests if guest.node == node)
    return frozenset((f"node/{node}", *guests))


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFault(Fault):
    """Something that befalls a node."""

    targets: ClassVar[tuple[str, ...]] = ("node",)

    @property
    def node(self) -> str:
        return self.target.partition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeOffline(NodeFault):
    """A node is gone: with it its guests, its exporters and its view of every storage."""

    kind: ClassVar[str] = "node-offline"

    entities: frozenset[str] = field(default=frozenset(), repr=False)

    def knowing(self, world: World) -> Self:
        return replace(self, entities=entities_of_node(world, self.node))

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        return base & ~self.active(t) if entity in self.entities else base

    def boots(self, entity: str, t: Times, base: Times) -> Times:
        if entity not in self.entities:
            return base
        recovered = self.recovered_at(t)
        return np.where(np.isnan(recovered), base, np.fmax(base, recovered))


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeReboot(NodeFault):
    """A node restarts at the onset: a short absence, then the uptimes of the node and its guests begin anew.

    Planned, somebody stopped the guests first and the tasks say so; unplanned, the journal breaks off in the middle.
    """

    kind: ClassVar[str] = "node-reboot"

    down_s: float = parameter(170.0, "duration", "how long it is away")
    planned: bool = parameter(False, "flag", "whether somebody asked for it")
    user: str = parameter("root@pam", "text", "who did, when it was planned")
    cause: str = parameter(
        "unknown",
        "text",
        "what the journal's last lines before it tell; unknown: it just ends",
        choices=("unknown", "watchdog", "panic", "power-button"),
    )
    entities: frozenset[str] = field(default=frozenset(), repr=False)

    def knowing(self, world: World) -> Self:
        return replace(self, entities=entities_of_node(world, self.node))

    def _returns_at(self, entity: str) -> float:
        """Guests start one after the other once their node is back."""
        after = 0.0 if entity == self.target else 35.0 + int(entity.partition("/")[2]) % 10 * 6.0
        return self.starts_at + self.down_s + after

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        if entity not in self.entities:
            return base
        return base & ~((t >= self.starts_at) & (t < self._returns_at(entity)))

    def boots(self, entity: str, t: Times, base: Times) -> Times:
        if entity not in self.entities:
            return base
        back_at = self._returns_at(entity)
        return np.where(t >= back_at, np.fmax(base, back_at), base)

    def tasks(self, since: float, until: float) -> tuple[TaskNote, ...]:
        notes = [TaskNote(self.node, "startall", "", self.starts_at + self.down_s + 30.0, 95.0)]
        if self.planned:
            notes.append(TaskNote(self.node, "stopall", "", self.starts_at - 75.0, 60.0, user=self.user))
        return tuple(note for note in notes if since <= note.at < until)

    def journal(self, node: str, since: float, until: float) -> tuple[tuple[float, str], ...]:
        if node != self.node:
            return ()
        back_at = self.starts_at + self.down_s
        lines = [
            (back_at - 40.0, "kernel: Linux version 6.17.4-1-pve (build@proxmox) (gcc (Debian 14.2.0-19) 14.2.0)"),
            (
                back_at - 38.0,
                "systemd-journald[412]: File /var/log/journal/system.journal corrupted or uncleanly shut down",
            ),
            (back_at, "pvedaemon[1311]: starting server"),
        ]
        if self.planned:
            lines[1] = (self.starts_at - 5.0, "systemd-logind[702]: The system will reboot now!")
        lines += [(self.starts_at - 2.0, line) for line in _LAST_WORDS.get(self.cause, ())]
        return tuple((at, line) for at, line in lines if since <= at < until)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPressure(NodeFault):
    """The memory of a node fills up to a share, in the fault's shape, and some of it spills into swap."""

    kind: ClassVar[str] = "memory-pressure"

    fraction: float = parameter(0.975, "fraction", "how much of the memory is used at last")
    swap_fraction: float = parameter(0.35, "fraction", "how much of the swap is")

    def signal(self, read: Reading) -> Times:
        if read.entity != self.target:
            return read.base
        if read.quantity == "mem_used_bytes":
            return read.base + np.maximum(self.fraction * read.size - read.base, 0.0) * self.level(read.t)
        if read.quantity == "swap_used_bytes":
            return read.base + np.maximum(self.swap_fraction * read.size - read.base, 0.0) * self.level(read.t)
        return read.base + self._stall * self.level(read.t) if read.quantity == _MEMORY_PRESSURE else read.base

    @property
    def _stall(self) -> float:
        """Nothing waits for memory while there is some left."""
        return _MEMORY_STALL * min(max((self.fraction - _ROOMY) / (_CRAMPED - _ROOMY), 0.0), 1.0)

    def added(self, entity: str, quantity: str, t: Times) -> Times | float:
        stalls = entity == self.target and quantity == "pressure_memory_seconds"
        return self._stall * self.elapsed(t) if stalls else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HighIowait(NodeFault):
    """The processors of a node wait for its disks: iowait and load rise, nothing is busy."""

    kind: ClassVar[str] = "high-iowait"

    fraction: float = parameter(0.42, "fraction", "share of the time that is spent waiting, beyond the usual")
    cores: int = 0

    def knowing(self, world: World) -> Self:
        return replace(self, cores=world.cluster.node(self.node).cores)

    def signal(self, read: Reading) -> Times:
        if read.entity != self.target:
            return read.base
        if read.quantity == "iowait_fraction":
            return read.base + self.fraction * self.level(read.t)
        if read.quantity in LOADS:
            return read.base + self.fraction * self.cores * self.level_over(read.t, LOADS[read.quantity])
        return read.base

    def added(self, entity: str, quantity: str, t: Times) -> Times | float:
        if entity != self.target or quantity != "iowait_seconds":
            return 0.0
        return self.fraction * self.cores * self.elapsed(t)


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapStorm(HighIowait):
    """A node swaps in and out: memory and swap are full, and its processors wait for the disks."""

    kind: ClassVar[str] = "swap-storm"

    swap_fraction: float = parameter(0.96, "fraction", "how much of the swap is used at last")
    memory_fraction: float = parameter(0.965, "fraction", "how much of the memory is")

    def signal(self, read: Reading) -> Times:
        if read.entity == self.target and read.quantity in {"swap_used_bytes", "mem_used_bytes"}:
            share = self.swap_fraction if read.quantity == "swap_used_bytes" else self.memory_fraction
            return read.base + np.maximum(share * read.size - read.base, 0.0) * self.level(read.t)
        if read.entity == self.target and read.quantity == _MEMORY_PRESSURE:
            return read.base + 3 * _MEMORY_STALL * self.level(read.t)
        return HighIowait.signal(self, read)

    def added(self, entity: str, quantity: str, t: Times) -> Times | float:
        if entity == self.target and quantity == "pressure_memory_seconds":
            return 3 * _MEMORY_STALL * self.elapsed(t)
        return HighIowait.added(self, entity, quantity, t)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSkew(NodeFault):
    """The clock of a node drifts away from its peers', and no time server answers it."""

    kind: ClassVar[str] = "clock-skew"

    offset_s: float = parameter(2.4, "duration", "how far off it is at last")

    def signal(self, read: Reading) -> Times:
        if read.entity != self.target:
            return read.base
        if read.quantity == "clock_offset_s":
            return read.base + self.offset_s * self.level(read.t)
        return np.where(self.active(read.t), 0.0, read.base) if read.quantity == "clock_synchronized" else read.base

    def journal(self, node: str, since: float, until: float) -> tuple[tuple[float, str], ...]:
        if node != self.node:
            return ()
        lines = [(self.starts_at, "chronyd[811]: Can't synchronise: no selectable sources (6 unreachable sources)")]
        hours = np.arange(self.starts_at + 3_600.0, min(until, self.ends_at), 3_600.0)
        lines += [
            (float(at), f"chronyd[811]: System clock wrong by {self.offset_s * float(self.level(at)):.6f} seconds")
            for at in hours
        ]
        return tuple((at, line) for at, line in lines if since <= at < until)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFailed(NodeFault):
    """A service of a node or backup server has failed, and nobody started it again."""

    kind: ClassVar[str] = "service-failed"
    targets: ClassVar[tuple[str, ...]] = ("node", "server")

    service: str = parameter("chrony", "text", "the service, e.g. chrony, pve-firewall, ksmtuned")

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(f"service/{self.node}/{self.service}", "state", "failed"),)

    def journal(self, node: str, since: float, until: float) -> tuple[tuple[float, str], ...]:
        if node != self.node or not since <= self.starts_at < until:
            return ()
        unit = f"{self.service}.service"
        return (
            (self.starts_at, f"systemd[1]: {unit}: Main process exited, code=exited, status=1/FAILURE"),
            (self.starts_at, f"systemd[1]: {unit}: Failed with result 'exit-code'."),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateExpiring(Fault):
    """A certificate was not renewed: a node's own, or the one that a reverse proxy serves."""

    kind: ClassVar[str] = "certificate-expiring"
    targets: ClassVar[tuple[str, ...]] = ("node", "guest", "server")

    left_s: float = parameter(5 * 86_400.0, "duration", "how long it is still valid at the start of the lab")
    not_after: float = 0.0

    def knowing(self, world: World) -> Self:
        not_after = float(int(world.started_at + self.left_s))
        holder = self.target.partition("/")[2]
        return replace(self, not_after=not_after).bending(Bend(f"certificate/{holder}", "not_after", not_after))

    def signal(self, read: Reading) -> Times:
        if read.entity != self.target or read.quantity != "certificate_not_after":
            return read.base
        return np.where(self.active(read.t), np.minimum(read.base, self.not_after), read.base)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceMode(NodeFault):
    """A node is in maintenance mode: high availability puts nothing on it. Harmless while somebody works there."""

    kind: ClassVar[str] = "maintenance-mode"

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "maintenance", True),)

    def tasks(self, since: float, until: float) -> tuple[TaskNote, ...]:
        """There is no button for it: somebody opened a shell on the node."""
        shell = TaskNote(self.node, "vncshell", "", self.starts_at - 40.0, 95.0)
        return (shell,) if since <= shell.at < until else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsStuck(NodeFault):
    """pvestatd of a node hangs: the node is online, but the states of its guests and storages turn unknown."""

    kind: ClassVar[str] = "statistics-stuck"

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "statistics", "stuck"),)


KINDS: tuple[type[Fault], ...] = (
    NodeOffline,
    NodeReboot,
    MemoryPressure,
    SwapStorm,
    HighIowait,
    ClockSkew,
    ServiceFailed,
    CertificateExpiring,
    MaintenanceMode,
    StatisticsStuck,
)
