"""Guests that serve others: a NAS or a backup server that is a guest takes with it what it serves."""

from __future__ import annotations

from nightshift.sweep.causes import joins, storage_joins
from nightshift.sweep.causes.rule import Rule, causes, symptoms

RULES = (
    Rule(
        "server-is-a-guest",
        "A storage does not answer when the guest that serves it is off or stands still.",
        causes("guest.stopped", "guest.state", "guest.restart_loop", "ha.resource"),
        symptoms("storage.inactive", "source.unreachable"),
        reach=joins.itself,
        needs=joins.its_server,
    ),
    Rule(
        "server-on-lost-node",
        "A storage does not answer when the node is offline on which the guest runs that serves it.",
        causes("node.offline"),
        symptoms("storage.inactive", "source.unreachable"),
        reach=joins.itself,
        needs=joins.node_of_its_server,
    ),
    Rule(
        "server-perhaps-on-lost-node",
        "A storage whose server nobody knows may be served by one of the guests of which nothing is known, since their "
        "node is offline.",
        causes("node.offline"),
        symptoms("storage.inactive"),
        reach=joins.itself,
        needs=storage_joins.nodes_that_may_hide_its_server,
    ),
    Rule(
        "one-server-behind-them",
        "Storages of one server that do not answer are one matter.",
        causes("storage.inactive"),
        symptoms("storage.inactive"),
        reach=storage_joins.its_address,
        needs=storage_joins.its_address,
    ),
    Rule(
        "only-backup-server-gone",
        "A storage that is a backup server, and the one backup server that is watched, are one matter.",
        causes("storage.inactive"),
        symptoms("source.unreachable"),
        reach=storage_joins.only_backup_server,
        needs=storage_joins.only_backup_server,
    ),
    Rule(
        "backup-server-gone",
        "What PVE says of the storages of a backup server that answers nobody is one matter with it.",
        causes("storage.inactive"),
        symptoms("source.unreachable"),
        reach=joins.its_server,
        needs=joins.its_server,
    ),
)
