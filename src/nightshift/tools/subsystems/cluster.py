"""What nodes do together: votes, high availability, replication, Ceph."""

from __future__ import annotations

from collections.abc import Iterator

from nightshift.checks.votes import votes_of
from nightshift.facts.cluster import Ha, HaResource
from nightshift.facts.ids import guest_key, node_key, source_key
from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.tools.subsystems.shape import Subsystem, Told
from nightshift.tools.tables import iso

_ERROR_CHARS = 300


def _quorum(snapshot: Snapshot) -> Iterator[Told]:
    voters = {row.source: row for row in snapshot.corosync}
    for cluster in snapshot.clusters:
        nodes = [node for node in snapshot.nodes if node.source == cluster.source]
        corosync = voters.get(cluster.source)
        present, total = votes_of(nodes, corosync)
        offline = ", ".join(node.name for node in nodes if not node.online) or None
        cells = (
            cluster.name, cluster.quorate, present, total, total // 2 + 1, len(nodes), offline,
            corosync.qdevice if corosync else None, corosync.link_count if corosync else None, cluster.source,
        )  # fmt: skip
        yield Told((source_key(cluster.source), *(node.entity.key for node in nodes)), cells)


def _ha(snapshot: Snapshot) -> Iterator[Told]:
    """A row for each guest under high availability, then one for each of its daemons."""
    guests = {guest.entity.key: guest for guest in snapshot.guests}
    for ha in snapshot.ha:
        yield from (_resource(item, guests) for item in ha.resources)
        yield from _daemons(ha)


def _resource(item: HaResource, guests: dict[str, Guest]) -> Told:
    key = guest_key(item.source, item.vmid) if item.vmid is not None else item.sid
    name = guests[key].entity.label if key in guests else item.sid
    keys = (key, node_key(item.source, item.node)) if item.node else (key,)
    return Told(keys, ("guest", name, item.node, item.state, item.requested, None, key))


def _daemons(ha: Ha) -> Iterator[Told]:
    for name, agents in (("manager", (ha.master,) if ha.master else ()), ("agent", ha.agents)):
        for agent in agents:
            key = node_key(ha.source, agent.node)
            yield Told((key,), (name, agent.node, agent.node, agent.state, None, iso(agent.seen_at), key))


def _replication(snapshot: Snapshot) -> Iterator[Told]:
    labels = {guest.entity.key: guest.entity.label for guest in snapshot.guests}
    for job in snapshot.replication:
        cells = (
            job.id, labels.get(job.guest, f"guest {job.vmid}"), job.node, job.target, job.schedule or "*/15",
            job.enabled, iso(job.last_sync_at), iso(job.last_try_at), iso(job.next_sync_at), job.failures,
            (job.error or "")[:_ERROR_CHARS] or None, job.entity.key,
        )  # fmt: skip
        yield Told((job.guest, node_key(job.source, job.node), job.target_node, job.entity.key), cells)


def _ceph(snapshot: Snapshot) -> Iterator[Told]:
    for status in snapshot.ceph:
        complaints = "; ".join(f"{check.code}: {check.summary}" for check in status.checks if not check.muted)
        used, total = status.used_bytes, status.total_bytes
        share = used / total if used is not None and total else None
        cells = (status.health, complaints or None, status.osds, status.osds_up, used, total, share, status.source)
        yield Told((status.entity.key,), cells)


QUORUM = Subsystem(
    "Quorum", "pve", ("clusters", "nodes", "corosync"), "GET /cluster/status, /cluster/config",
    ("cluster", "quorate", "votes", "votes_of_all", "votes_needed", "nodes", "offline", "qdevice", "links", "source"),
    _quorum, ("cluster.quorum", "cluster.even_votes", "cluster.qdevice", "cluster.single_link", "node.offline"),
    ("quorum", "corosync"),
)  # fmt: skip
HA = Subsystem(
    "High availability", "pve", ("ha",), "GET /cluster/ha/status/current",
    ("what", "name", "node", "state", "requested", "seen_at", "key"),
    _ha, ("ha.", "node.maintenance", "failover.", "cluster.quorum"), ("highavailability", "hastate", "hamanager"),
)  # fmt: skip
REPLICATION = Subsystem(
    "Replication", "pve", ("replication",), "GET /nodes/{node}/replication",
    ("job", "guest", "from", "to", "schedule", "enabled", "last_sync_at", "last_try_at", "next_sync_at", "failures",
     "error", "key"),
    _replication, ("replication.",), ("replicat",),
)  # fmt: skip
CEPH = Subsystem(
    "Ceph", "pve", ("ceph",), "GET /cluster/ceph/status",
    ("health", "complaints", "osds", "osds_up", "used_bytes", "total_bytes", "used_fraction", "source"),
    _ceph, ("ceph.",), ("ceph", "osd"),
)  # fmt: skip
