"""What befalls high availability and replication."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import Bend, Fault, Flags, TaskNote, parameter
from nightshift_lab.world.faults.guests import GuestFault

if TYPE_CHECKING:
    from nightshift_lab.world.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class HaError(GuestFault):
    """High availability gave up on a guest: it is off, and stays off until somebody disables and enables it."""

    kind: ClassVar[str] = "ha-error"

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "ha_state", "error"),)

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        return base & ~self.active(t) if entity == self.target else base

    def journal(self, node: str, since: float, until: float) -> tuple[tuple[float, str], ...]:
        sid = f"{'vm' if self.vm else 'ct'}:{self.vmid}"
        lines = (
            (self.starts_at - 30.0, f"pve-ha-lrm[1903]: unable to start service {sid}"),
            (self.starts_at, f"pve-ha-crm[1874]: service '{sid}' is in an error state and needs manual intervention."),
        )
        return tuple(line for line in lines if node == self.node and since <= line[0] < until)


@dataclass(frozen=True, slots=True, kw_only=True)
class HaRestricted(GuestFault):
    """A strict rule allows a guest under high availability on some nodes only."""

    kind: ClassVar[str] = "ha-restricted"

    nodes: str = parameter("pve1", "text", "the nodes, with commas between them")

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "ha_nodes", self.nodes),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalVote(Fault):
    """The cluster has an external vote (a QDevice) that breaks ties. Harmless while it is connected."""

    kind: ClassVar[str] = "external-vote"

    state: str = parameter("Connected", "text", "what its daemon says", choices=("Connected", "Connect failed"))

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend("cluster", "external_vote", self.state),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationFailing(Fault):
    """A replication job fails each time: the copy on the other node grows old."""

    kind: ClassVar[str] = "replication-failing"
    targets: ClassVar[tuple[str, ...]] = ("replication",)

    error: str = parameter(
        "command 'set -o pipefail && pvesm export {volume} zfs - -with-snapshots 1 -snapshot "
        "__replicate_{job}_1795468506__ -base __replicate_{job}_1795467606__' failed: exit code 255",
        "text",
        "what the job says; {job} and {volume} stand for its own",
    )

    def knowing(self, world: World) -> Self:
        job = self.target.partition("/")[2]
        guest = world.cluster.guest(int(job.partition("-")[0]))
        kind = "vm" if guest.kind == "qemu" else "subvol"
        volume = f"{guest.disks[0].storage}:{kind}-{guest.vmid}-disk-0"
        return replace(self, error=self.error.replace("{volume}", volume).replace("{job}", job))

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "error", self.error),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationBehind(Fault):
    """A replication job is not run any more and does not fail: the scheduler hangs, or another job never ends."""

    kind: ClassVar[str] = "replication-behind"
    targets: ClassVar[tuple[str, ...]] = ("replication",)

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "stopped_at", self.starts_at),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration(GuestFault):
    """Somebody migrates a guest to another node while it runs: locked meanwhile, afterwards it is there. Harmless."""

    kind: ClassVar[str] = "guest-migration"

    to: str = parameter("", "text", "the other node")
    lasts_s: float = parameter(110.0, "duration", "how long it takes")
    user: str = parameter("anna@pam", "text", "who asked for it")

    def knowing(self, world: World) -> Self:
        """Raises KeyError when there is no such node."""
        world.cluster.node(self.to)
        return GuestFault.knowing(self, world)

    def touches(self, entity: str, name: str) -> bool:
        return entity == self.target and name in {"lock", "node"}

    def condition(self, entity: str, name: str, t: float, base: object) -> object:
        if not self.touches(entity, name) or not self.starts_at <= t < self.ends_at:
            return base
        arrived = t >= self.starts_at + self.lasts_s
        if name == "node":
            return self.to if arrived else base
        return base if arrived else "migrate"

    def tasks(self, since: float, until: float) -> tuple[TaskNote, ...]:
        if not since <= self.starts_at < until:
            return ()
        log = (
            f"starting migration of VM {self.vmid} to node '{self.to}' (192.0.2.1{self.to[-1]})",
            f"starting VM {self.vmid} on remote node '{self.to}'",
            "start remote tunnel",
            "migration active, transferred 3.1 GiB of 4.0 GiB VM-state, 109.8 MiB/s",
            "average migration speed: 104.2 MiB/s - downtime 58 ms",
            "migration status: completed",
            "migration finished successfully (duration 00:01:50)",
            "TASK OK",
        )
        kind = "qmigrate" if self.vm else "vzmigrate"
        return (TaskNote(self.node, kind, str(self.vmid), self.starts_at, self.lasts_s, "OK", self.user, log),)


KINDS: tuple[type[Fault], ...] = (HaError, HaRestricted, ExternalVote, ReplicationFailing, ReplicationBehind, Migration)
