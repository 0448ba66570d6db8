"""What a node takes with it, and what a cluster cannot do without its votes."""

from __future__ import annotations

from nightshift.checks.rows.table import ROWS
from nightshift.sweep.causes import joins
from nightshift.sweep.causes.rule import Rule, causes, symptoms

RULES = (
    Rule(
        "node-offline",
        "A node that is offline takes its guests, what is scraped on them, their backups and alerts with it.",
        causes("node.offline"),
        symptoms(
            "target.down",
            "backup.failed",
            "backup.never",
            "backup.stale",
            "filesystem.full",
            "container.disk",
            "guest.memory",
            "node.memory",
            "probe.failed",
            "alert.firing",
            *(row.id for row in ROWS if row.unit != "expiry"),
        ),
        reach=joins.itself,
        needs=joins.its_node,
    ),
    Rule(
        "nodes-missing",
        "A cluster loses its quorum, or nearly, and its manager of high availability because nodes are offline.",
        causes("node.offline"),
        symptoms("cluster.quorum", "cluster.quorum_margin", "ha.manager"),
        reach=joins.its_source,
        needs=joins.its_source,
    ),
    Rule(
        "guests-of-lost-node",
        "High availability fences a node that is offline, and has to start its guests elsewhere.",
        causes("node.offline"),
        symptoms("ha.resource"),
        reach=joins.itself,
        needs=joins.its_node,
    ),
    Rule(
        "replication-without-node",
        "Replication from or to a node that is offline fails.",
        causes("node.offline"),
        symptoms("replication.failing", "replication.behind"),
        reach=joins.itself,
        needs=joins.nodes_of_replication,
    ),
    Rule(
        "quorum-lost",
        "Without quorum, high availability stands still and nothing is replicated: /etc/pve cannot be written.",
        causes("cluster.quorum"),
        symptoms("ha.manager", "ha.resource", "replication.failing", "replication.behind", "cluster.quorum_margin"),
        reach=joins.its_source,
        needs=joins.its_source,
    ),
    Rule(
        "external-vote",
        "A cluster has fewer votes to lose while its external vote is missing.",
        causes("cluster.qdevice"),
        symptoms("cluster.quorum_margin"),
        reach=joins.itself,
        needs=joins.itself,
    ),
    Rule(
        "guest-given-up",
        "A guest that high availability gave up on is off, and so is what is scraped on it.",
        causes("ha.resource"),
        symptoms("guest.state", "target.down", "probe.failed", "tls.probe_failed", "alert.firing"),
        reach=joins.itself,
        needs=joins.its_machine,
    ),
)
