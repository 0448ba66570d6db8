"""Nodes that may still fail, ties, the external vote, links."""

from __future__ import annotations

import pytest
from tests.checks.world import Told, complete, corosync, ha, node, resource, told, unavailable, world

from nightshift.facts.cluster import Voter
from nightshift.facts.inventory import Cluster, Node
from nightshift.facts.snapshot import Snapshot

MARGIN = "One more node lost, and cluster homelab loses its quorum"
CLUSTER = "cluster:pve/homelab"
MANAGED = complete(ha(resources=(resource(),)))


def nodes(online: int, offline: int) -> list[Node]:
    return [node(f"pve{number}", online=number <= online) for number in range(1, online + offline + 1)]


def voters(count: int, *, links: int = 2, votes: int = 1) -> list[Voter]:
    addresses = ("192.0.2.1", "198.51.100.1")[:links]
    return [Voter(f"pve{number}", votes, addresses) for number in range(1, count + 1)]


def cluster_of(online: int, offline: int, *, qdevice: str | None = None, quorate: bool = True) -> Snapshot:
    return world(
        clusters=complete(Cluster("pve", "homelab", quorate, online + offline)),
        nodes=complete(*nodes(online, offline)),
        corosync=complete(corosync(*voters(online + offline), qdevice=qdevice)),
    )


def voting(count: int, *, qdevice: str | None = None, links: int = 2) -> Snapshot:
    return world(corosync=complete(corosync(*voters(count, links=links), qdevice=qdevice)))


CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("all nodes online", "cluster.quorum_margin", cluster_of(3, 0), []),
    ("one of three offline", "cluster.quorum_margin", cluster_of(2, 1), [("warning", CLUSTER, MARGIN)]),
    ("one of five offline", "cluster.quorum_margin", cluster_of(4, 1), []),
    ("two of five offline", "cluster.quorum_margin", cluster_of(3, 2), [("warning", CLUSTER, MARGIN)]),
    ("one of four offline", "cluster.quorum_margin", cluster_of(3, 1), [("warning", CLUSTER, MARGIN)]),
    ("one of four, with an external vote", "cluster.quorum_margin", cluster_of(3, 1, qdevice="Connected"), []),
    (
        "one of four, its external vote lost",
        "cluster.quorum_margin",
        cluster_of(3, 1, qdevice="Disconnected"),
        [("warning", CLUSTER, MARGIN)],
    ),
    ("the last node of two", "cluster.quorum_margin", cluster_of(1, 1), []),
    ("quorum is lost already", "cluster.quorum_margin", cluster_of(2, 3, quorate=False), []),
    ("a stand-alone host", "cluster.quorum_margin", world(clusters=complete(Cluster("pve", None, None, None))), []),
    ("three votes", "cluster.even_votes", voting(3), []),
    (
        "four votes",
        "cluster.even_votes",
        voting(4),
        [("info", CLUSTER, "Cluster homelab has 4 votes and nothing to break a tie")],
    ),
    (
        "two votes",
        "cluster.even_votes",
        voting(2),
        [("info", CLUSTER, "Cluster homelab has 2 votes and nothing to break a tie")],
    ),
    (
        "two votes and high availability",
        "cluster.even_votes",
        world(corosync=complete(corosync(*voters(2), qdevice=None)), ha=MANAGED),
        [("warning", CLUSTER, "Cluster homelab has 2 votes and nothing to break a tie")],
    ),
    ("two votes and an external one", "cluster.even_votes", voting(2, qdevice="Connected"), []),
    (
        "two nodes, one with two votes",
        "cluster.even_votes",
        world(corosync=complete(corosync(*voters(1, votes=2), *voters(1), qdevice=None))),
        [],
    ),
    ("no votes told", "cluster.even_votes", world(corosync=complete()), []),
    ("an external vote that is connected", "cluster.qdevice", voting(2, qdevice="Connected"), []),
    ("no external vote", "cluster.qdevice", voting(3), []),
    (
        "an external vote that is not connected",
        "cluster.qdevice",
        voting(2, qdevice="Disconnected"),
        [("warning", CLUSTER, "The external vote of cluster homelab is not connected")],
    ),
    ("no votes told, no external one either", "cluster.qdevice", world(corosync=complete()), []),
    ("two links", "cluster.single_link", voting(3), []),
    (
        "one link",
        "cluster.single_link",
        voting(3, links=1),
        [("info", CLUSTER, "The nodes of cluster homelab have one link to each other")],
    ),
    ("links that are not told", "cluster.single_link", voting(3, links=0), []),
    ("a cluster of one", "cluster.single_link", voting(1, links=1), []),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


def test_without_votes_each_node_counts_as_one() -> None:
    from tests.checks.world import BY_ID, LIMITS

    from nightshift.checks.judge import judge
    from nightshift.checks.previous import NOTHING

    snapshot = world(
        clusters=complete(Cluster("pve", "homelab", True, 3)),
        nodes=complete(*nodes(2, 1)),
        corosync=unavailable("corosync"),
    )
    result = judge(BY_ID["cluster.quorum_margin"], snapshot, NOTHING, LIMITS).result
    assert [finding.title for finding in result.findings] == [MARGIN]
    assert [gap.dataset for gap in result.gaps] == ["check cluster.quorum_margin"]
