"""Whether a cluster would keep its quorum: how many more nodes may fail, who breaks a tie, how many links there are."""

from __future__ import annotations

from collections.abc import Iterable

from nightshift.checks.check import Check
from nightshift.checks.evidence import CLUSTER_STATUS, cluster_of, counted, named, table
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.cluster import Corosync, cluster_entity
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.inventory import Cluster, Node
from nightshift.facts.snapshot import Snapshot

VOTERS = "GET /cluster/config/nodes"
QDEVICE = "GET /cluster/config/qdevice"
_CONNECTED = "connected"


def margin(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A cluster that still has its quorum and loses it with the next node, because some are offline already. With a
    single node left there is nothing to say: it is all there is.

    Judges (PVE API: /cluster/status), the votes of those online against the majority of all:
        {"type": "cluster", "name": "homelab", "nodes": 3, "quorate": 1}
        {"type": "node", "name": "pve3", "online": 0}
    """
    votes = {row.source: row for row in snapshot.corosync}
    findings = []
    for cluster in snapshot.clusters:
        nodes = [node for node in snapshot.nodes if node.source == cluster.source]
        offline = [node for node in nodes if not node.online]
        if cluster.name is None or not cluster.quorate or not offline or len(nodes) - len(offline) < 2:
            continue
        corosync = votes.get(cluster.source)
        present, total = votes_of(nodes, corosync)
        largest = max((vote_of(node, corosync) for node in nodes if node.online), default=0)
        if present - largest < total // 2 + 1:
            findings.append(_thin(snapshot, cluster, nodes, offline, (present, total)))
    return CheckResult(tuple(findings))


def vote_of(node: Node, corosync: Corosync | None) -> int:
    voters = corosync.voters if corosync else ()
    return next((voter.votes for voter in voters if voter.name == node.name), 1)


def votes_of(nodes: Iterable[Node], corosync: Corosync | None) -> tuple[int, int]:
    """Votes that are there and votes there are; a QDevice has one, which counts while it is connected."""
    known = tuple(nodes)
    external = (corosync.qdevice or "").lower() if corosync else ""
    present = sum(vote_of(node, corosync) for node in known if node.online)
    return present + (external == _CONNECTED), sum(vote_of(node, corosync) for node in known) + bool(external)


def _thin(
    snapshot: Snapshot, cluster: Cluster, nodes: list[Node], offline: list[Node], votes: tuple[int, int]
) -> Finding:
    present, total = votes
    entity = cluster_entity(cluster.source, cluster.name)
    return Finding(
        check="cluster.quorum_margin",
        severity="warning",
        entity=entity,
        title=f"One more node lost, and {entity.label} loses its quorum",
        detail=f"{present} of {total} votes are there, {total // 2 + 1} are needed; "
        f"{named(node.entity for node in offline)} {'is' if len(offline) == 1 else 'are'} offline. Restart or upgrade "
        "no other node until that is mended.",
        remedy=f"Bring back {named(node.entity for node in offline)}; `pvecm status` on a node that runs shows the "
        "votes.",
        evidence=(
            table(
                snapshot,
                cluster.source,
                CLUSTER_STATUS,
                f"Nodes of {entity.label}",
                ("node", "online", "ip"),
                ((node.name, node.online, node.ip) for node in nodes),
            ),
        ),
        runbook="quorum.md#steps",
    )


def even_votes(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """An even number of votes and nobody to break a tie: when the nodes fall into two halves, both stand still, and the
    last node added made the cluster no safer. With two nodes and high availability, failover cannot work at all.

    Judges (PVE API: /cluster/config/nodes, /cluster/config/qdevice):
        {"node": "pve1", "quorum_votes": "1", "ring0_addr": "192.0.2.11"}    (four times)    {}
    """
    managed = {row.source for row in snapshot.ha if row.resources}
    findings = []
    for row in snapshot.corosync:
        total = sum(voter.votes for voter in row.voters)
        if total and total % 2 == 0 and row.qdevice is None:
            severity: Severity = "warning" if total == 2 and row.source in managed else "info"
            findings.append(_tie(snapshot, row, total, severity))
    return CheckResult(tuple(findings))


def _voters(snapshot: Snapshot, row: Corosync) -> Evidence:
    return table(
        snapshot,
        row.source,
        VOTERS,
        "Votes and links of the nodes",
        ("node", "votes", "links", "addresses"),
        ((voter.name, voter.votes, len(voter.links), ", ".join(voter.links)) for voter in row.voters),
    )


def _tie(snapshot: Snapshot, row: Corosync, total: int, severity: Severity) -> Finding:
    entity = cluster_of(snapshot, row.source)
    may_fail = (total - 1) // 2
    useless = (
        " High availability is in use, and cannot start anything on the node that is left."
        if severity != "info"
        else ""
    )
    return Finding(
        check="cluster.even_votes",
        severity=severity,
        entity=entity,
        title=f"{entity.label.capitalize()} has {total} votes and nothing to break a tie",
        detail=f"{total // 2 + 1} of {total} votes are needed, so that only {counted(may_fail, 'vote')} may fail, as "
        f"with {total - 1}.{useless}",
        remedy="`pvecm status` shows the votes. An external vote (QDevice) on any small machine outside the cluster "
        "breaks the tie: `pvecm qdevice setup ADDRESS`.",
        evidence=(_voters(snapshot, row),),
        runbook="quorum.md#steps",
    )


def qdevice(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """An external vote that is set up and not connected: it counts as lost.

    Judges (PVE API: /cluster/config/qdevice):
        {"Model": "Net", "QNetd host": "192.0.2.5:5403", "State": "Disconnected"}
    """
    return CheckResult(
        tuple(
            _disconnected(snapshot, row)
            for row in snapshot.corosync
            if row.qdevice is not None and row.qdevice.lower() != _CONNECTED
        )
    )


def _disconnected(snapshot: Snapshot, row: Corosync) -> Finding:
    entity = cluster_of(snapshot, row.source)
    return Finding(
        check="cluster.qdevice",
        severity="warning",
        entity=entity,
        title=f"The external vote of {entity.label} is not connected",
        detail=f"Its QDevice says `{row.qdevice}`: its vote is missing, and with it a tie is not broken.",
        remedy="On a node: `corosync-qdevice-tool -sv`, `systemctl status corosync-qdevice`; on the machine that has "
        "the vote: `systemctl status corosync-qnetd`, and whether port 5403 is reachable.",
        evidence=(
            table(snapshot, row.source, QDEVICE, "The external vote", ("state",), ((row.qdevice,),)),
            _voters(snapshot, row),
        ),
        runbook="quorum.md#steps",
    )


def single_link(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """Nodes that reach each other over one link only: a cable or a switch that fails takes the quorum, a remark.

    Judges (PVE API: /cluster/config/nodes):
        {"node": "pve1", "quorum_votes": "1", "ring0_addr": "192.0.2.11"}    (and no ring1_addr)
    """
    return CheckResult(
        tuple(_one_link(snapshot, row) for row in snapshot.corosync if len(row.voters) > 1 and row.link_count == 1)
    )


def _one_link(snapshot: Snapshot, row: Corosync) -> Finding:
    entity = cluster_of(snapshot, row.source)
    return Finding(
        check="cluster.single_link",
        severity="info",
        entity=entity,
        title=f"The nodes of {entity.label} have one link to each other",
        detail="When that network fails, every node loses the others: guests run on, but nothing can be started, and "
        "under high availability the nodes restart.",
        remedy="`corosync-cfgtool -s` on a node shows the links. A second one over another switch is a second "
        "`ringN_addr` in /etc/pve/corosync.conf (raise `config_version`).",
        evidence=(_voters(snapshot, row),),
        runbook="quorum.md#steps",
    )


CHECKS = (
    Check(
        "cluster.quorum_margin",
        "cluster",
        "warning",
        ("clusters", "nodes"),
        margin,
        "Nodes that may still fail",
        also=("corosync",),
    ),
    Check(
        "cluster.even_votes",
        "cluster",
        "warning",
        ("corosync",),
        even_votes,
        "Ties between votes",
        also=("ha", "clusters"),
    ),
    Check("cluster.qdevice", "cluster", "warning", ("corosync",), qdevice, "External votes", also=("clusters",)),
    Check(
        "cluster.single_link", "cluster", "info", ("corosync",), single_link, "Links of a cluster", also=("clusters",)
    ),
)
