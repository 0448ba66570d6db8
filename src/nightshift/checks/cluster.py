"""The cluster and its nodes: quorum, nodes that are gone, a stuck statistics daemon."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.evidence import CLUSTER_STATUS, RESOURCES, counted, named, table
from nightshift.checks.levels import fingerprint_of
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.cluster import cluster_entity
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.inventory import Cluster, Guest, Node
from nightshift.facts.snapshot import Snapshot

_OVER_THE_NETWORK = frozenset({"nfs", "cifs", "pbs", "cephfs", "rbd", "glusterfs", "iscsi", "iscsidirect", "zfs"})
_ON_OWN_DISKS = frozenset({"dir", "btrfs", "lvm", "lvmthin", "zfspool"})


def quorum(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A cluster without quorum: its configuration is read-only and no guest can be started.

    Judges (PVE API: /cluster/status):
        {"type": "cluster", "name": "homelab", "nodes": 3, "quorate": 0, "version": 12}
    A stand-alone host has no such row, and no quorum to lose.
    """
    return CheckResult(
        tuple(_quorum_lost(snapshot, cluster) for cluster in snapshot.clusters if cluster.quorate is False)
    )


def _quorum_lost(snapshot: Snapshot, cluster: Cluster) -> Finding:
    nodes = [node for node in snapshot.nodes if node.source == cluster.source]
    offline = [node for node in nodes if not node.online]
    name = cluster.name or cluster.source
    votes = f"{len(nodes) - len(offline)} of {cluster.expected_nodes or len(nodes)} nodes answer"
    return Finding(
        check="cluster.quorum",
        severity="critical",
        entity=cluster_entity(cluster.source, cluster.name),
        title=f"Cluster {name} has lost its quorum",
        detail=f"{votes}. Without a majority /etc/pve is read-only: guests that stop cannot be started, backups and "
        "migrations fail, and high availability fences nodes.",
        remedy="Bring the missing nodes back first. On a node that runs: `pvecm status` and `journalctl -u corosync "
        "-n 50`. Only when the others are surely off: `pvecm expected 1` on the node that is left.",
        evidence=(
            table(
                snapshot,
                cluster.source,
                CLUSTER_STATUS,
                f"Nodes of cluster {name}",
                ("node", "online", "ip"),
                ((node.name, node.online, node.ip) for node in nodes),
            ),
        ),
        runbook="quorum.md#steps",
    )


def node_offline(snapshot: Snapshot, previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A node that the cluster does not reach. PVE does not tell since when; who watched it go does.

    Judges (PVE API: /cluster/status):
        {"type": "node", "name": "pve3", "online": 0, "ip": "192.0.2.13", "nodeid": 3}
    """
    by_node = _guests_by_node(snapshot)
    return CheckResult(
        tuple(
            _offline(snapshot, node, by_node.get((node.source, node.name), []), previous)
            for node in snapshot.nodes
            if not node.online
        )
    )


def _offline(snapshot: Snapshot, node: Node, guests: list[Guest], previous: Previous) -> Finding:
    here = [guest for guest in guests if not guest.template]
    lost = (
        f"{counted(len(here), 'guest')} with it: {named(guest.entity for guest in here)}."
        if here
        else "No guest is on it."
    )
    others = sum(1 for other in snapshot.nodes if other.source == node.source and other.online)
    address = f" ({node.ip})" if node.ip else ""
    return Finding(
        check="node.offline",
        severity="critical",
        entity=node.entity,
        title=f"Node {node.name} is offline",
        detail=f"The cluster does not reach {node.name}{address}; {counted(others, 'other node')} online. {lost} "
        "Their state is unknown until it answers.",
        remedy=f"Look at the machine: power, console, network. `ping {node.ip or node.name}`; when it answers, on "
        "its console: `systemctl status corosync pve-cluster` and `journalctl -b -u corosync -n 100`. Guests under "
        "high availability are started elsewhere; others wait, or are moved by hand once the node is surely off.",
        evidence=(
            table(
                snapshot,
                node.source,
                CLUSTER_STATUS,
                f"Nodes of {node.source}",
                ("node", "online", "ip"),
                ((item.name, item.online, item.ip) for item in snapshot.nodes if item.source == node.source),
            ),
            table(
                snapshot,
                node.source,
                RESOURCES,
                f"Guests on {node.name}",
                ("vmid", "name", "kind", "status"),
                ((guest.vmid, guest.name, guest.kind, guest.status) for guest in here),
            ),
        ),
        since=previous.went_away(fingerprint_of("node.offline", node.entity), node.entity.key, snapshot.taken_at),
        runbook="node-offline.md#steps",
    )


def statistics_stuck(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """Guests whose state is unknown although their node is online: not they are down, but the node's statistics daemon
    hangs, usually on a storage that is gone. One finding a node.

    Judges (PVE API: /cluster/resources), on a node with `"online": 1`:
        {"id": "qemu/104", "type": "qemu", "vmid": 104, "node": "pve1", "status": "unknown"}
    """
    by_node = _guests_by_node(snapshot)
    findings = []
    for node in snapshot.nodes:
        here = by_node.get((node.source, node.name), [])
        unknown = [guest for guest in here if guest.status == "unknown"]
        if node.online and unknown:
            findings.append(_stuck(snapshot, node, unknown, len(here)))
    return CheckResult(tuple(findings))


def stalled_nodes(snapshot: Snapshot) -> frozenset[tuple[str, str]]:
    """(source, name) of the nodes that are online and tell nothing at all: no state of any guest, of no storage, not
    even of those on their own disks. Then what they do not tell of one storage says nothing about it."""
    guests = _guests_by_node(snapshot)
    told: dict[tuple[str, str], list[bool]] = {}
    for storage in snapshot.storages:
        if storage.node is not None and storage.plugin in _ON_OWN_DISKS:
            told.setdefault((storage.source, storage.node), []).append(storage.active)
    return frozenset(
        (node.source, node.name)
        for node in snapshot.nodes
        if node.online
        and (here := guests.get((node.source, node.name)))
        and all(guest.status == "unknown" for guest in here)
        and not any(told.get((node.source, node.name), [True]))
    )


def _stuck(snapshot: Snapshot, node: Node, unknown: list[Guest], total: int) -> Finding:
    inactive = [
        storage
        for storage in snapshot.storages
        if storage.source == node.source and not storage.active and storage.node in (None, node.name)
    ]
    suspect = (
        f" Storage {named(item.entity for item in inactive)} does not answer, which is the usual reason."
        if inactive
        else ""
    )
    if (node.source, node.name) in stalled_nodes(snapshot):
        suspect = " It tells nothing of its storages either: one of them hangs, and which one it does not say."
        over_the_network = sorted(
            {item.name for item in snapshot.storages if item.source == node.source and item.plugin in _OVER_THE_NETWORK}
        )
        if over_the_network:
            suspect += f" Those over the network are the first to suspect: {', '.join(over_the_network)}."
    return Finding(
        check="node.statistics_stuck",
        severity="warning",
        entity=node.entity,
        title=f"Node {node.name} is online but reports no state of its guests",
        detail=f"{len(unknown)} of {counted(total, 'guest')} on {node.name} are in state unknown. They are probably "
        f"running: the statistics daemon (pvestatd) hangs.{suspect}",
        remedy=f"On {node.name}: `pvesm status` shows the storage that hangs (it may take a minute). Mend or "
        "disable that storage (`pvesm set STORAGE --disable 1`), then `systemctl restart pvestatd`.",
        evidence=(
            table(
                snapshot,
                node.source,
                RESOURCES,
                f"Guests in state unknown on {node.name}",
                ("vmid", "name", "kind", "status"),
                ((guest.vmid, guest.name, guest.kind, guest.status) for guest in unknown),
            ),
        ),
        runbook="node-offline.md#steps",
    )


def _guests_by_node(snapshot: Snapshot) -> dict[tuple[str, str], list[Guest]]:
    by_node: dict[tuple[str, str], list[Guest]] = {}
    for guest in snapshot.guests:
        by_node.setdefault((guest.source, guest.node), []).append(guest)
    return by_node


CHECKS = (
    Check("cluster.quorum", "cluster", "critical", ("clusters",), quorum, "Cluster quorum", also=("nodes",)),
    Check(
        "node.offline",
        "cluster",
        "critical",
        ("nodes",),
        node_offline,
        "Nodes online",
        also=("guests",),
        says_absent=True,
    ),
    Check(
        "node.statistics_stuck",
        "cluster",
        "warning",
        ("nodes", "guests"),
        statistics_stuck,
        "Guest states reported by their node",
        also=("storages",),
    ),
)
