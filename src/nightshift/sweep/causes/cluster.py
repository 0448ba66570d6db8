"""What a node takes with it."""

from __future__ import annotations

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
            "backup.stale",
            "filesystem.full",
            "container.disk",
            "guest.memory",
            "node.memory",
            "alert.firing",
        ),
        reach=joins.itself,
        needs=joins.its_node,
    ),
    Rule(
        "nodes-missing",
        "A cluster loses its quorum because nodes are offline.",
        causes("node.offline"),
        symptoms("cluster.quorum"),
        reach=joins.its_source,
        needs=joins.its_source,
    ),
)
