"""What befalls guests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import LOADS, Bend, Fault, Flags, Reading, TaskNote, parameter

if TYPE_CHECKING:
    from nightshift_lab.world.world import World


# What QEMU says when a VM stops by itself.
_STOPPED = {
    "io-error": "kvm: block I/O error in device 'drive-scsi0': No space left on device (28)",
    "internal-error": "KVM: entry failed, hardware error 0x80000021",
}


# Jobs of services that tell their metrics themselves: when they do not work, nobody answers.
_OWN_EXPORTERS = frozenset({"grafana", "homeassistant", "traefik"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestFault(Fault):
    """Something that befalls a guest."""

    targets: ClassVar[tuple[str, ...]] = ("guest",)

    node: str = ""
    vm: bool = True
    exporters: frozenset[str] = frozenset()

    @property
    def vmid(self) -> int:
        return int(self.target.partition("/")[2])

    def knowing(self, world: World) -> Self:
        guest = world.cluster.guest(self.vmid)
        exporters = frozenset(f"target/{exporter.job}/{exporter.instance}" for exporter in guest.exporters)
        return replace(self, node=guest.node, vm=guest.kind == "qemu", exporters=exporters)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestStopped(GuestFault):
    """A guest that should run is off, and with it its exporters and what it serves."""

    kind: ClassVar[str] = "guest-stopped"

    how: str = parameter(
        "crash", "text", "crash: nobody asked for it; operator: somebody did", choices=("crash", "operator")
    )
    user: str = parameter("anna@pam", "text", "who stopped it")

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        return base & ~self.active(t) if entity == self.target else base

    def boots(self, entity: str, t: Times, base: Times) -> Times:
        if entity != self.target:
            return base
        recovered = self.recovered_at(t)
        return np.where(np.isnan(recovered), base, np.fmax(base, recovered))

    def tasks(self, since: float, until: float) -> tuple[TaskNote, ...]:
        if self.how != "operator" or not since <= self.starts_at - 6.0 < until:
            return ()
        kind = "qmshutdown" if self.vm else "vzshutdown"
        return (TaskNote(self.node, kind, str(self.vmid), self.starts_at - 6.0, 6.0, user=self.user),)

    def journal(self, node: str, since: float, until: float) -> tuple[tuple[float, str], ...]:
        if node != self.node or self.how != "crash" or not since <= self.starts_at < until:
            return ()
        scope = f"pve-container@{self.vmid}.service: Main process exited, code=killed, status=6/ABRT"
        if not self.vm:
            return ((self.starts_at, f"systemd[1]: {scope}"),)
        process = f"kvm[{int(self.starts_at) % 3_000_000}]"
        return (
            (self.starts_at, f"kernel: {process}: segfault at 18 ip 00005581f3a1b2c0 error 4 in qemu-system-x86_64"),
            (self.starts_at, f"systemd[1]: {self.vmid}.scope: Deactivated successfully."),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestLocked(GuestFault):
    """A lock was left behind by a task that died: nothing can be done with the guest until somebody unlocks it."""

    kind: ClassVar[str] = "guest-locked"

    lock: str = parameter(
        "snapshot",
        "text",
        "what the lock says",
        choices=("backup", "snapshot", "snapshot-delete", "migrate", "clone", "disk"),
    )

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "lock", self.lock),)

    def guest_backup_error(self, vmid: int, t: float) -> str | None:
        locked = vmid == self.vmid and self.active_at(t)
        return f"{'VM' if self.vm else 'CT'} is locked ({self.lock})" if locked else None

    def _died(self) -> TaskNote:
        """A backup whose process was killed: PVE finds no end in its log."""
        log = (
            f"INFO: starting new backup job: vzdump {self.vmid} --mode snapshot --storage pbs-vault --quiet 1",
            f"INFO: Starting Backup of VM {self.vmid} ({'qemu' if self.vm else 'lxc'})",
            "INFO: status = running",
            "INFO: backup mode: snapshot",
        )
        died = "unexpected status"
        return TaskNote(self.node, "vzdump", str(self.vmid), self.starts_at, 38.0, died, "anna@pam", log)

    def tasks(self, since: float, until: float) -> tuple[TaskNote, ...]:
        """The task that left the lock."""
        kinds = {
            "snapshot": "snapshot",
            "snapshot-delete": "delsnapshot",
            "migrate": "migrate",
            "clone": "clone",
            "disk": "move",
        }
        if not since <= self.starts_at < until:
            return ()
        if self.lock == "backup":
            return (self._died(),)
        if self.lock not in kinds:
            return ()
        said = "interrupted by signal"
        kind = f"{'qm' if self.vm else 'vz'}{kinds[self.lock]}"
        return (
            TaskNote(self.node, kind, str(self.vmid), self.starts_at, 40.0, said, "anna@pam", (f"TASK ERROR: {said}",)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestIoError(GuestFault):
    """A VM is paused because its disk could not be written: PVE still calls it running, nothing in it moves."""

    kind: ClassVar[str] = "guest-io-error"

    state: str = parameter(
        "io-error", "text", "the state that QEMU tells", choices=("io-error", "internal-error", "paused")
    )
    frozen: tuple[tuple[str, float], ...] = ()

    def knowing(self, world: World) -> Self:
        counters = ("netin", "netout", "diskread", "diskwrite", "cpu_seconds", "iowait_seconds")
        values = tuple((name, world.at(self.target, name, self.starts_at)) for name in counters)
        bends = (Bend(self.target, "qmpstatus", self.state), Bend(self.target, "agent_answers", False))
        return replace(GuestFault.knowing(self, world), frozen=values, bends=bends)

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        return base & ~self.active(t) if entity in self.exporters else base

    def signal(self, read: Reading) -> Times:
        if read.entity != self.target:
            return read.base
        if read.quantity in {"cpu_fraction", "iowait_fraction"}:
            return np.where(self.active(read.t), 0.0, read.base)
        stands = dict(self.frozen).get(read.quantity)
        return read.base if stands is None else np.where(self.active(read.t), np.minimum(read.base, stands), read.base)

    def journal(self, node: str, since: float, until: float) -> tuple[tuple[float, str], ...]:
        if node != self.node or not since <= self.starts_at < until:
            return ()
        said = _STOPPED.get(self.state)
        if said is None:
            return ()
        return ((self.starts_at, f"QEMU[{int(self.starts_at) % 3_000_000}]: {said}"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryNearLimit(GuestFault):
    """A guest uses nearly all of its memory, without being killed yet."""

    kind: ClassVar[str] = "memory-near-limit"

    fraction: float = parameter(0.97, "fraction", "how much of its memory it uses at last")

    def signal(self, read: Reading) -> Times:
        if read.entity != self.target or read.quantity != "mem_used_bytes":
            return read.base
        wanted = self.fraction * read.size * (1.0 + 0.004 * np.sin(read.t / 611.0))
        return read.base + np.maximum(wanted - read.base, 0.0) * self.level(read.t)


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuBusy(GuestFault):
    """A guest computes: its processors are busier than usual, and its node's with them. Harmless when it is a burst."""

    kind: ClassVar[str] = "cpu-busy"

    fraction: float = parameter(0.9, "fraction", "share of its processors, beyond the usual")
    cores: int = 0
    node_cores: int = 1

    def knowing(self, world: World) -> Self:
        guest = world.cluster.guest(self.vmid)
        bound = GuestFault.knowing(self, world)
        return replace(bound, cores=guest.cores, node_cores=world.cluster.node(guest.node).cores)

    def _share(self, entity: str) -> float:
        """Of the processors of the guest, or of its node."""
        if entity == self.target:
            return self.fraction
        return self.fraction * self.cores / self.node_cores if entity == f"node/{self.node}" else 0.0

    def signal(self, read: Reading) -> Times:
        share = self._share(read.entity)
        if not share:
            return read.base
        if read.quantity == "cpu_fraction":
            return np.minimum(read.base + share * self.level(read.t), 1.0)
        if read.quantity in LOADS:
            return read.base + self.fraction * self.cores * 1.05 * self.level_over(read.t, LOADS[read.quantity])
        return read.base

    def added(self, entity: str, quantity: str, t: Times) -> Times | float:
        if quantity != "cpu_seconds" or not self._share(entity):
            return 0.0
        return self.fraction * self.cores * self.elapsed(t)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDead(GuestFault):
    """The guest agent of a VM is installed and does not answer."""

    kind: ClassVar[str] = "agent-dead"

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "agent_answers", False),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDown(GuestFault):
    """The service in a guest does not work although the guest runs; its exporter answers and says so, unless the
    service is its own exporter."""

    kind: ClassVar[str] = "service-down"

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        itself = entity in self.exporters and entity.split("/")[1] in _OWN_EXPORTERS
        return base & ~self.active(t) if itself else base

    def signal(self, read: Reading) -> Times:
        return (
            np.where(self.active(read.t), 0.0, read.base)
            if (read.entity, read.quantity) == (self.target, "service_up")
            else read.base
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestYoung(GuestFault):
    """A guest was created at the onset: before that it was not there, was in no job and has no backups. Harmless."""

    kind: ClassVar[str] = "guest-young"

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        return base & (t >= self.starts_at) if entity == self.target else base

    def boots(self, entity: str, t: Times, base: Times) -> Times:
        return (
            np.where(t >= self.starts_at, np.fmax(base, self.starts_at + 20.0), base) if entity == self.target else base
        )

    def unprotected(self, vmid: int, t: float) -> bool:
        return vmid == self.vmid and t < self.starts_at

    def tasks(self, since: float, until: float) -> tuple[TaskNote, ...]:
        kind, start = ("qmcreate", "qmstart") if self.vm else ("vzcreate", "vzstart")
        notes = (
            TaskNote(self.node, kind, str(self.vmid), self.starts_at - 25.0, 22.0, user="anna@pam"),
            TaskNote(self.node, start, str(self.vmid), self.starts_at, 2.0, user="anna@pam"),
        )
        return tuple(note for note in notes if since <= note.at < until)


KINDS: tuple[type[Fault], ...] = (
    GuestStopped,
    GuestLocked,
    GuestIoError,
    MemoryNearLimit,
    CpuBusy,
    AgentDead,
    ServiceDown,
    GuestYoung,
)
