"""Quorum, nodes that are gone, a stuck statistics daemon."""

from __future__ import annotations

import pytest
from tests.checks.world import Told, complete, container, guest, node, run, storage, told, world

from nightshift.checks.cluster import stalled_nodes
from nightshift.facts.inventory import Cluster
from nightshift.facts.snapshot import Snapshot

OFFLINE = node("pve2", online=False, memory_used_bytes=None)
LOST = guest(106, None, node="pve2", status="unknown")

CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("a cluster with quorum", "cluster.quorum", world(), []),
    ("a stand-alone host", "cluster.quorum", world(clusters=complete(Cluster("pve", None, None, None))), []),
    (
        "quorum lost",
        "cluster.quorum",
        world(clusters=complete(Cluster("pve", "homelab", False, 3)), nodes=complete(node(), OFFLINE)),
        [("critical", "cluster:pve/homelab", "Cluster homelab has lost its quorum")],
    ),
    ("all nodes online", "node.offline", world(), []),
    (
        "a node offline",
        "node.offline",
        world(nodes=complete(node(), OFFLINE)),
        [("critical", "node:pve/pve2", "Node pve2 is offline")],
    ),
    ("every state reported", "node.statistics_stuck", world(), []),
    (
        "unknown guests of an offline node",
        "node.statistics_stuck",
        world(nodes=complete(node(), OFFLINE), guests=complete(guest(), LOST)),
        [],
    ),
    (
        "unknown guests of an online node",
        "node.statistics_stuck",
        world(guests=complete(guest(), LOST, container(107, node="pve2", status="unknown"))),
        [("warning", "node:pve/pve2", "Node pve2 is online but reports no state of its guests")],
    ),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


def test_an_offline_node_names_its_guests() -> None:
    (finding,) = run("node.offline", world(nodes=complete(node(), OFFLINE), guests=complete(guest(), LOST))).findings
    assert finding.detail == (
        "The cluster does not reach pve2 (192.0.2.12); 1 other node online. 1 guest with it: VM 106. Their state is "
        "unknown "
        "until it answers."
    )
    assert finding.evidence[1].rows == ((106, None, "qemu", "unknown"),)
    assert finding.runbook == "node-offline.md#steps"


def test_a_stuck_daemon_points_at_the_storage_that_is_gone() -> None:
    gone = storage("nas", node="pve2", plugin="nfs", active=False, used_bytes=None, total_bytes=None)
    (finding,) = run("node.statistics_stuck", world(guests=complete(LOST), storages=complete(gone))).findings
    assert "Storage nas on pve2 does not answer" in finding.detail
    assert "1 of 1 guest on pve2" in finding.detail


def stalled(*, local: bool = False, status: str = "unknown") -> Snapshot:
    """pve2 online, its guest and its two storages as told."""
    return world(
        guests=complete(guest(106, None, node="pve2", status=status)),
        storages=complete(
            storage("local", node="pve2", active=local), storage("nas", node="pve2", plugin="nfs", active=False)
        ),
    )


@pytest.mark.parametrize(
    ("snapshot", "nodes"),
    [
        (stalled(), {("pve", "pve2")}),
        (stalled(local=True), set()),
        (stalled(status="running"), set()),
        (world(), set()),
    ],
    ids=["nothing told", "its own disks are told", "its guests are told", "all well"],
)
def test_a_node_that_tells_nothing_at_all(snapshot: Snapshot, nodes: set[tuple[str, str]]) -> None:
    assert stalled_nodes(snapshot) == nodes


def test_what_a_stalled_node_does_not_tell_of_storages_is_one_finding() -> None:
    assert told("storage.inactive", stalled()) == []
    (finding,) = run("node.statistics_stuck", stalled()).findings
    assert finding.detail.endswith(
        "It tells nothing of its storages either: one of them hangs, and which one it does not say. Those over the "
        "network are the first to suspect: nas."
    )
    assert [entity for _, entity, _ in told("storage.inactive", stalled(local=True))] == ["storage:pve/pve2/nas"]
