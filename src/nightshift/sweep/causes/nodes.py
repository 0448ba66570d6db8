"""What a node in trouble brings about on itself."""

from __future__ import annotations

from nightshift.sweep.causes import joins
from nightshift.sweep.causes.rule import Rule, causes, symptoms

RULES = (
    Rule(
        "root-full",
        "Services fail on a machine whose root file system is full.",
        causes("node.rootfs", "server.rootfs"),
        symptoms("node.service", "server.service"),
        reach=joins.itself_when_critical,
        needs=joins.itself,
    ),
    Rule(
        "root-seen-twice",
        "What an exporter says of the root file system of a node, and what the node says itself, is one matter.",
        causes("node.rootfs"),
        symptoms("filesystem.full"),
        reach=joins.its_root,
        needs=joins.its_mount_point,
    ),
    Rule(
        "scheduler-stands-still",
        "Neither backups nor replication start by themselves on a node whose scheduler has failed.",
        causes("node.service"),
        symptoms("backup.stale", "backup.never"),
        reach=joins.service_on_node,
        needs=joins.scheduler_of_its_node,
    ),
    Rule(
        "not-up-since-the-restart",
        "A guest that should run and does not come up again after its node restarted.",
        causes("node.reboot"),
        symptoms("guest.stopped"),
        reach=joins.itself,
        needs=joins.its_node,
    ),
    Rule(
        "node-slow",
        "What is scraped on a node that swaps or waits for its disks answers late.",
        causes("node.memory", "node.swap", "node.iowait"),
        symptoms("target.slow", "probe.slow"),
        reach=joins.itself,
        needs=joins.its_node,
    ),
    Rule(
        "service-behind-it",
        "What a service of a node does stands still when it has failed.",
        causes("node.service"),
        symptoms("node.statistics_stuck", "ha.manager", "replication.behind", "node.clock"),
        reach=joins.service_on_node,
        needs=joins.service_it_hangs_on,
    ),
    Rule(
        "memory-short",
        "A node that is short of memory swaps, waits for its disks meanwhile, and kills processes.",
        causes("node.memory"),
        symptoms("node.swap", "node.iowait", "node.load", "node.pressure", "node.oom_kills"),
        reach=joins.resources_short,
        needs=joins.resources_wanting,
    ),
    Rule(
        "swapping",
        "A node that swaps waits for its disks.",
        causes("node.swap"),
        symptoms("node.iowait", "node.load", "node.pressure"),
        reach=joins.resources_short,
        needs=joins.resources_wanting,
    ),
    Rule(
        "disks-slow",
        "Tasks queue up behind disks that everything waits for.",
        causes("node.iowait"),
        symptoms("node.load", "node.pressure"),
        reach=joins.resources_short,
        needs=joins.resources_wanting,
    ),
    Rule(
        "processors-busy",
        "Tasks queue up for processors that are always busy.",
        causes("node.cpu"),
        symptoms("node.load", "node.pressure"),
        reach=joins.resources_short,
        needs=joins.resources_wanting,
    ),
    Rule(
        "pressure-queues",
        "Tasks that wait for something count in the load.",
        causes("node.pressure"),
        symptoms("node.load"),
        reach=joins.itself,
        needs=joins.itself,
    ),
)
