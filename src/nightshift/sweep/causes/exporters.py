"""What power, names, probes, corrupt backups and the watchers themselves explain."""

from __future__ import annotations

from nightshift.checks.rows.table import ROWS
from nightshift.sweep.causes import joins
from nightshift.sweep.causes.rule import MACHINE_AWAY, Rule, causes, symptoms

_PROBES = ("probe.failed", "probe.http_error", "probe.slow", "probe.unsteady", "probe.slow_ping", "tls.probe_failed")
_BY_METRICS = tuple(row.id for row in ROWS)

RULES = (
    Rule(
        "metrics-gone",
        "Without Prometheus, Grafana's data source does not answer, its rules are in error, and what only metrics told "
        "cannot be checked again.",
        causes("source.unreachable"),
        symptoms(
            "grafana.datasource",
            "alert.rule_health",
            "target.down",
            "target.slow",
            "target.job_gone",
            "filesystem.full",
            "guest.restart_loop",
            "node.oom_kills",
            *_BY_METRICS,
        ),
        reach=joins.metrics_of_source,
        needs=joins.metrics_needed,
    ),
    Rule(
        "datasource-broken",
        "Rules on a data source that does not answer are in error or find no data, the watchdog among them.",
        causes("grafana.datasource"),
        symptoms("alert.rule_health", "alert.watchdog_missing"),
        reach=joins.its_source,
        needs=joins.its_source,
    ),
    Rule(
        "power-cut",
        "A UPS on its battery empties, and everybody who watches it says so.",
        causes("ups.on_battery"),
        symptoms("ups.low_battery", "ups.charge", "ups.runtime", "ups.battery_voltage", "alert.firing"),
        reach=joins.its_ups,
        needs=joins.its_ups,
    ),
    Rule(
        "names-gone",
        "When no name server answers, whatever is asked by its name fails.",
        causes("probe.failed"),
        symptoms(*_PROBES),
        reach=joins.names_lost,
        needs=joins.asked_by_name,
    ),
    Rule(
        "proxy-gone",
        "When no page that is asked for by name answers, and the reverse proxy is in trouble, it is that.",
        causes(
            *MACHINE_AWAY,
            "service.down",
            "target.down",
        ),
        symptoms("probe.failed", "probe.http_error", "tls.probe_failed"),
        reach=joins.in_front_of_pages,
        needs=joins.behind_the_proxy,
    ),
    Rule(
        "page-misses-something",
        "A page that is reached and answers 500 or 503 misses something, most likely the database or the file server "
        "that is away.",
        causes(
            "service.down",
            "storage.inactive",
            *MACHINE_AWAY,
        ),
        symptoms("probe.failed", "probe.http_error"),
        reach=joins.needed_by_pages,
        needs=joins.misses_something,
    ),
    Rule(
        "probe-of-target",
        "One instance that is probed and does not answer has no other trouble that counts, and its alerts say no more.",
        causes("probe.failed", "probe.certificate", "tls.probe_failed", "tls.certificate", "target.slow"),
        symptoms(
            "probe.http_error", "probe.slow", "probe.unsteady", "tls.certificate", "tls.probe_failed", "alert.firing"
        ),
        reach=joins.its_instance,
        needs=joins.its_instance,
    ),
    Rule(
        "series-of-a-target",
        "Prometheus has many more series because one target gives them.",
        causes("prometheus.target_cardinality"),
        symptoms("prometheus.cardinality"),
        reach=joins.series_stored,
        needs=joins.series_stored,
    ),
    Rule(
        "container-out-of-memory",
        "A container that the kernel kills for memory is started anew each time.",
        causes("container.oom"),
        symptoms("container.restarting", "container.memory", "container.unhealthy"),
        reach=joins.part_of_it,
        needs=joins.part_of_it,
    ),
    Rule(
        "job-gone",
        "An alert about a scrape job that is gone says no more than that.",
        causes("target.job_gone"),
        symptoms("alert.firing"),
        reach=joins.its_job,
        needs=joins.instance_or_job,
    ),
)
