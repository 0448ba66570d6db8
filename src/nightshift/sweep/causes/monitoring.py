"""What is only an echo in monitoring. These rules come last: they know least."""

from __future__ import annotations

from nightshift.checks.rows.table import ROWS
from nightshift.sweep.causes import joins
from nightshift.sweep.causes.rule import Rule, causes, symptoms

_ANYTHING_BUT_ALERTS = causes(
    "cluster.quorum",
    "node.offline",
    "node.statistics_stuck",
    "node.memory",
    "node.rootfs",
    "node.oom_kills",
    "node.cpu",
    "node.iowait",
    "node.load",
    "node.swap",
    "node.pressure",
    "node.service",
    "node.clock",
    "node.reboot",
    "ha.resource",
    "storage.inactive",
    "storage.full",
    "datastore.unavailable",
    "datastore.full",
    "datastore.filling",
    "datastore.gc",
    "server.task_failed",
    "backup.failed",
    "backup.uncovered",
    "backup.stale",
    "backup.never",
    "backup.corrupt",
    "backup.job_disabled",
    "guest.restart_loop",
    "guest.memory",
    "guest.state",
    "guest.stopped",
    "guest.locked",
    "guest.cpu",
    "guest.filesystem",
    "filesystem.full",
    "container.disk",
    "datastore.maintenance",
    "server.rootfs",
    "server.service",
    "server.job_overdue",
    "source.unreachable",
    *(row.id for row in ROWS),
)

RULES = (
    Rule(
        "target-down",
        "Alerts on an instance that cannot be scraped say no more than that.",
        causes("target.down"),
        symptoms("alert.firing"),
        reach=joins.instance_and_job,
        needs=joins.instance_or_job,
    ),
    Rule(
        "same-entity",
        "An alert about an entity that a finding already explains is its symptom.",
        _ANYTHING_BUT_ALERTS,
        symptoms("alert.firing"),
        reach=joins.itself,
        needs=joins.itself,
    ),
)
