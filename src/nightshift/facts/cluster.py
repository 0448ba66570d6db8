"""What the nodes of a PVE cluster do together: votes, high availability, replication. Frozen, no I/O.

None means that the source did not say. Times are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nightshift.facts.ids import Entity, cluster_key, guest_key, job_key, node_key


@dataclass(frozen=True, slots=True)
class Voter:
    """A node in the cluster's corosync configuration: its votes, and its address on each link."""

    name: str
    votes: int
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corosync:
    """Who votes in a cluster (PVE API: /cluster/config/nodes, /cluster/config/qdevice).

    `qdevice` is the state of the external vote as its daemon words it (`Connected`), None where there is none.
    """

    source: str
    voters: tuple[Voter, ...]
    qdevice: str | None
    read_at: datetime

    @property
    def link_count(self) -> int | None:
        """Links that every node has; None without nodes."""
        return min((len(voter.links) for voter in self.voters), default=None)


@dataclass(frozen=True, slots=True)
class HaAgent:
    """One of the daemons of high availability: the manager on its node (`master`), or a node's own (`lrm`).

    `state` is PVE's word: `active`, `idle`, `maintenance mode`, `old timestamp - dead?`, `wait_for_agent_lock`…
    `seen_at` is when it last wrote its status.
    """

    node: str
    state: str
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HaResource:
    """A guest under high availability. `state` is what it is, `requested` what the operator asked for."""

    source: str
    sid: str
    node: str | None
    state: str
    requested: str | None = None

    @property
    def vmid(self) -> int | None:
        last = self.sid.rpartition(":")[2]
        return int(last) if last.isdigit() else None


@dataclass(frozen=True, slots=True)
class Ha:
    """High availability of a cluster (PVE API: /cluster/ha/status/current). A stand-alone host has no `master`.

    `armed` is what fencing says of itself, where it does (`armed`, `disarmed`).
    """

    source: str
    quorate: bool | None
    master: HaAgent | None
    agents: tuple[HaAgent, ...] = ()
    resources: tuple[HaResource, ...] = ()
    armed: str | None = None


@dataclass(frozen=True, slots=True)
class HaRule:
    """Nodes that high availability may use for some guests. One that is not `strict` is a preference only."""

    name: str
    nodes: tuple[str, ...]
    vmids: tuple[int, ...]
    strict: bool


@dataclass(frozen=True, slots=True)
class HaRules:
    """Where high availability may put what it manages (PVE API: /cluster/ha/rules, before PVE 9 /cluster/ha/groups)."""

    source: str
    rules: tuple[HaRule, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class ReplicationJob:
    """A job that copies a guest's disks to another node (PVE API: /nodes/{node}/replication), as the node that the
    guest is on tells it.

    `last_sync_at` is None when it never succeeded, `next_sync_at` PVE's own reckoning: the schedule, or the next try
    after a failure. `failures` counts in a row, `error` is what the last one said.
    """

    source: str
    id: str
    vmid: int
    node: str
    target: str
    schedule: str | None
    enabled: bool
    last_sync_at: datetime | None
    last_try_at: datetime | None
    next_sync_at: datetime | None
    failures: int = 0
    error: str | None = None
    running: bool = False

    @property
    def entity(self) -> Entity:
        return Entity(job_key(self.source, self.id), f"replication {self.id}")

    @property
    def guest(self) -> str:
        return guest_key(self.source, self.vmid)

    @property
    def target_node(self) -> str:
        return node_key(self.source, self.target)


def cluster_entity(source: str, name: str | None) -> Entity:
    """The entity of a whole cluster."""
    return Entity(cluster_key(source, name or source), f"cluster {name or source}")
