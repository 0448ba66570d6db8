"""What the nodes of a PVE cluster do together: votes, high availability, replication."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from nightshift.collect.lanes import Kind, Order, Turn
from nightshift.collect.pve_nodes import of_node
from nightshift.collect.reading import Deadline, Gathering, on
from nightshift.facts.cluster import Corosync, Ha, HaRules, ReplicationJob, cluster_entity
from nightshift.facts.gap import Gap
from nightshift.facts.inventory import Cluster, Guest, Node
from nightshift.facts.snapshot import Dataset

if TYPE_CHECKING:
    from nightshift.sources import ProxmoxClient

Row = TypeVar("Row")

COROSYNC: Final = Kind("corosync", Corosync, timedelta(hours=1), "clusters' votes", rank=0)

HA_RULES: Final = Kind("ha_rules", HaRules, timedelta(hours=1), "clusters' rules of high availability", rank=0)


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    corosync: Dataset[Corosync]
    ha: Dataset[Ha]
    ha_rules: Dataset[HaRules]
    replication: Dataset[ReplicationJob]


def want_cluster(turn: Turn, client: ProxmoxClient, cluster: Cluster | None, now: datetime) -> None:
    """The votes and the rules of high availability, unless the host stands alone."""
    if cluster is not None and cluster.name is not None:
        entity = cluster_entity(client.source, cluster.name)
        turn.want(COROSYNC, (Order("cluster", entity.key, partial(client.corosync, read_at=now)),))
        turn.want(HA_RULES, (Order("cluster", entity.key, partial(client.ha_rules, read_at=now)),))


async def read_replication(
    client: ProxmoxClient,
    replicated: frozenset[int] | Gap,
    guests: Iterable[Guest],
    nodes: Iterable[Node],
    deadline: Deadline,
) -> Gathering[ReplicationJob]:
    """How the jobs stand: a request for each node that has replicated guests on it, for every node when it is not known
    where one is. A node that is offline keeps it to itself."""
    gathered: Gathering[ReplicationJob] = Gathering()
    if isinstance(replicated, Gap):
        gathered.add(replicated)
        return gathered
    gathered.answered = True
    places = {guest.vmid: guest.node for guest in guests if guest.vmid in replicated}
    all_placed = len(places) == len(replicated)
    concerned = [node for node in nodes if not all_placed or node.name in places.values()]
    online = [node for node in concerned if node.online]
    answers = await asyncio.gather(*(deadline.read("replication", client.replication(node.name)) for node in online))
    for node, jobs in zip(online, answers, strict=True):
        gathered.add(of_node(jobs, node) if isinstance(jobs, Gap) else jobs)
    for node in concerned:
        if not node.online:
            detail = f"node {node.name} is offline: how the replication of its guests stands cannot be read"
            gathered.gaps.append(Gap(client.source, "replication", "unreachable", detail))
    return gathered


def cluster_facts(
    turn: Turn, status: Cluster | Gap, ha: Ha | Gap, replication: Gathering[ReplicationJob]
) -> ClusterFacts:
    agents: Gathering[Ha] = Gathering()
    agents.add(ha if isinstance(ha, Gap) else (ha,), "ha")
    return ClusterFacts(
        _of_cluster(turn, COROSYNC, status),
        agents.dataset(turn.now),
        _of_cluster(turn, HA_RULES, status),
        replication.dataset(turn.now),
    )


def _of_cluster(turn: Turn, kind: Kind[Row], status: Cluster | Gap) -> Dataset[Row]:
    """What the slow lane has; when nobody knows whether this is a cluster, that Gap."""
    if isinstance(status, Gap):
        return Dataset("unavailable", (), (on(status, kind.name),), turn.now)
    return turn.dataset(kind)
