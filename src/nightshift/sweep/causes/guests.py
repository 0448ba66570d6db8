"""What a guest in trouble brings about."""

from __future__ import annotations

from nightshift.sweep.causes import joins
from nightshift.sweep.causes.rule import Rule, causes, symptoms

_PROBES = ("probe.failed", "probe.http_error", "probe.slow_ping", "tls.probe_failed")

RULES = (
    Rule(
        "guest-down",
        "What is scraped in a guest that is off or stands still is down with it, and so are its agent, the pages and "
        "pings at its own name.",
        causes("guest.stopped", "guest.state"),
        symptoms("target.down", "guest.agent", "alert.firing", *_PROBES),
        reach=joins.itself,
        needs=joins.its_machine,
    ),
    Rule(
        "guest-without-its-disk",
        "A guest with a disk on a storage that is not there can be neither saved nor started.",
        causes("guest.missing_storage"),
        symptoms("backup.failed", "backup.stale", "backup.never", "guest.stopped"),
        reach=joins.itself,
        needs=joins.itself,
    ),
    Rule(
        "guest-locked",
        "A guest with a lock that was left behind cannot be backed up.",
        causes("guest.locked"),
        symptoms("backup.failed"),
        reach=joins.itself,
        needs=joins.itself,
    ),
    Rule(
        "guest-full",
        "What runs in a guest whose file system is full stops, or answers in errors.",
        causes("filesystem.full", "container.disk", "guest.filesystem"),
        symptoms("service.down", "target.down", *_PROBES),
        reach=joins.itself_when_critical,
        needs=joins.its_machine,
    ),
    Rule(
        "guest-slow",
        "What is scraped in a guest that is short of memory or processors answers late.",
        causes("guest.memory", "guest.cpu"),
        symptoms("target.slow", "probe.slow"),
        reach=joins.itself,
        needs=joins.its_machine,
    ),
    Rule(
        "restart-loop",
        "A guest that is killed again and again explains its memory, and the kills that its node counts.",
        causes("guest.restart_loop"),
        symptoms("guest.memory", "node.oom_kills", "alert.firing"),
        reach=joins.itself_and_kills_on_its_node,
        needs=joins.kills_counted,
    ),
    Rule(
        "restart-loop-flapping",
        "An alert comes and goes each time that a guest is killed.",
        causes("guest.restart_loop"),
        symptoms("alert.flapping"),
        reach=joins.itself_and_kills_on_its_node,
        needs=joins.kills_that_alert,
    ),
    Rule(
        "restart-loop-targets",
        "A guest that is killed again and again is off at times, and so is what is scraped or asked in it.",
        causes("guest.restart_loop"),
        symptoms("guest.stopped", "target.down", "alert.firing", *_PROBES),
        reach=joins.itself,
        needs=joins.its_machine,
    ),
)
