"""Whether alerting can be relied on: rules that watch nothing, watchdogs, data sources, and alerts over time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.checks.world import (
    Told,
    ago,
    alert,
    complete,
    metrics,
    partial,
    rule,
    run,
    sample,
    target,
    told,
    unavailable,
    world,
)

from nightshift.checks.promql import needed_metrics
from nightshift.facts.monitoring import AlertChange, Alertmanagers, AlertRule, DataSource, MetricNames, ScrapePool
from nightshift.facts.snapshot import Snapshot

RULE = "alert:grafana/uid1/rule"
NAMES = MetricNames("prometheus", frozenset({"node_filesystem_avail_bytes", "up"}))
SOURCE = DataSource("grafana", "prom", "Prometheus", "prometheus", healthy=True)
ASKS = {"query": "zfs_pool_health > 0", "datasources": ("prom",)}
OWN = replace(rule("Down", source="prometheus", uid="g/Down"), query="up == 0")


def rules(*rows: AlertRule, **changes: object) -> Snapshot:
    usual = {"alert_rules": complete(*rows), "metric_names": complete(NAMES), "grafana_datasources": complete(SOURCE)}
    return world(**(usual | changes))


def changes(count: int, instance: str = "DiskFull {instance=web:9100}", state: str = "firing") -> Snapshot:
    rows = (AlertChange("grafana", "DiskFull", instance, state, ago(hours=index)) for index in range(count))  # type: ignore[arg-type]
    return world(alert_changes=complete(*rows))


def scrape(**changes: object) -> Snapshot:
    return world(targets=complete(target(**({"timeout_s": 10.0, "interval_s": 60.0} | changes))))


def gone(*series: tuple[str, str], targets: tuple[object, ...] = (), pools: tuple[str, ...] = ()) -> Snapshot:
    rows = [sample(1.0, job=job, instance=instance) for job, instance in series]
    configured = complete(*(ScrapePool("prometheus", name) for name in pools))
    return world(metrics=metrics(jobs_gone=rows), targets=complete(*targets), scrape_pools=configured)


ZFS = "Alert rule ZFS asks for a metric that does not exist"
CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("a rule on what exists", "alert.unknown_metric", rules(rule("Disk", query="node_filesystem_avail_bytes < 1")), []),
    ("a rule on what does not", "alert.unknown_metric", rules(rule("ZFS", **ASKS)), [("warning", RULE, ZFS)]),
    (
        "a metric that may exist only in trouble",
        "alert.unknown_metric",
        rules(rule("Nodes", query="node_md_failed > 0")),
        [("info", RULE, "Alert rule Nodes asks for a metric that does not exist")],
    ),
    (
        "a metric that has another unit now",
        "alert.unknown_metric",
        rules(rule("Nodes", query="node_filesystem_avail < 1")),
        [("warning", RULE, "Alert rule Nodes asks for a metric that does not exist")],
    ),
    ("paused", "alert.unknown_metric", rules(rule("ZFS", paused=True, **ASKS)), []),
    ("absent is the question", "alert.unknown_metric", rules(rule("ZFS", query="absent(zfs_pool_health)")), []),
    ("no PromQL", "alert.unknown_metric", rules(rule("Log", query='{app="web"} |= "error"')), []),
    ("no query told", "alert.unknown_metric", rules(rule("ZFS")), []),
    (
        "it asks a data source that is no Prometheus",
        "alert.unknown_metric",
        rules(rule("ZFS", query="x > 0", datasources=("loki",))),
        [],
    ),
    (
        "Grafana knows a Prometheus that is not watched",
        "alert.unknown_metric",
        rules(rule("ZFS", **ASKS), grafana_datasources=complete(SOURCE, replace(SOURCE, uid="other"))),
        [],
    ),
    (
        "names not all told",
        "alert.unknown_metric",
        rules(rule("ZFS", **ASKS), metric_names=complete(MetricNames("prometheus", frozenset()))),
        [],
    ),
    ("not paused", "alert.paused", world(), []),
    ("old versions do not tell", "alert.paused", world(alert_rules=complete(rule(paused=None))), []),
    (
        "paused",
        "alert.paused",
        world(alert_rules=complete(rule(paused=True))),
        [("info", RULE, "Alert rule DiskFull is paused")],
    ),
    ("no watchdog ever", "alert.watchdog_missing", world(), []),
    (
        "a watchdog that fires",
        "alert.watchdog_missing",
        world(alert_rules=complete(rule("Watchdog", state="firing"))),
        [],
    ),
    (
        "a watchdog that does not",
        "alert.watchdog_missing",
        world(alert_rules=complete(rule("Watchdog", state="inactive"))),
        [("critical", RULE, "The watchdog Watchdog does not fire")],
    ),
    (
        "a watchdog of unknown state",
        "alert.watchdog_missing",
        world(alert_rules=complete(rule("Watchdog", state="unknown"))),
        [],
    ),
    (
        "a watchdog that was there yesterday",
        "alert.watchdog_missing",
        world(metrics=metrics(watchdogs_gone=[sample(1.0, alertname="DeadMansSwitch")])),
        [("critical", "alert:prometheus/DeadMansSwitch/rule", "The watchdog DeadMansSwitch is gone")],
    ),
    (
        "no rules, nobody needed",
        "prometheus.no_alertmanager",
        world(alertmanagers=complete(Alertmanagers("prometheus", ()))),
        [],
    ),
    (
        "rules and an Alertmanager",
        "prometheus.no_alertmanager",
        world(alertmanagers=complete(Alertmanagers("prometheus", ("http://am:9093",))), alert_rules=complete(OWN)),
        [],
    ),
    (
        "rules and nobody",
        "prometheus.no_alertmanager",
        world(alertmanagers=complete(Alertmanagers("prometheus", ())), alert_rules=complete(OWN)),
        [("warning", "source:prometheus", "Alerts of prometheus go to nobody")],
    ),
    ("a data source is well", "grafana.datasource", rules(), []),
    (
        "one that cannot tell",
        "grafana.datasource",
        rules(grafana_datasources=complete(replace(SOURCE, healthy=None))),
        [],
    ),
    (
        "one that nobody's rules ask",
        "grafana.datasource",
        rules(grafana_datasources=complete(replace(SOURCE, healthy=False, message="refused"))),
        [("warning", "source:grafana/datasource/prom", "Grafana cannot reach its data source Prometheus")],
    ),
    (
        "one that rules ask",
        "grafana.datasource",
        rules(rule(datasources=("prom",)), grafana_datasources=complete(replace(SOURCE, healthy=False))),
        [("critical", "source:grafana/datasource/prom", "Grafana cannot reach its data source Prometheus")],
    ),
    ("fires since an hour", "alert.unattended", world(alerts=complete(alert())), []),
    ("fires for a day", "alert.unattended", world(alerts=complete(alert(active_since=ago(hours=24)))), []),
    (
        "two instances for over a day",
        "alert.unattended",
        world(
            alerts=complete(alert(active_since=ago(hours=25)), alert(active_since=ago(hours=30), instance_hash="hash2"))
        ),
        [("info", RULE, "Alert DiskFull has fired for 1 d 6 h without a silence")],
    ),
    ("silenced", "alert.unattended", world(alerts=complete(alert(active_since=ago(days=3), silenced=True))), []),
    (
        "whether it is silenced is not known",
        "alert.unattended",
        world(alerts=complete(alert(active_since=ago(hours=30), silenced=None))),
        [("info", RULE, "Alert DiskFull has fired for 1 d 6 h")],
    ),
    (
        "a constant fires for ever",
        "alert.unattended",
        world(alerts=complete(alert(active_since=ago(days=9))), alert_rules=complete(rule(query="vector(1)"))),
        [],
    ),
    ("no start told", "alert.unattended", world(alerts=complete(alert(active_since=None))), []),
    (
        "a watchdog fires for ever",
        "alert.unattended",
        world(alerts=complete(alert("Watchdog", active_since=ago(days=9)))),
        [],
    ),
    ("fired four times", "alert.flapping", changes(4), []),
    (
        "fired five times",
        "alert.flapping",
        changes(5),
        [("warning", "alert:grafana/DiskFull/rule", "Alert DiskFull comes and goes")],
    ),
    ("recovered five times", "alert.flapping", changes(5, state="normal"), []),
    ("a quick scrape", "target.slow", scrape(duration_s=0.05), []),
    ("below the limit", "target.slow", scrape(duration_s=7.99), []),
    (
        "at the limit",
        "target.slow",
        scrape(duration_s=8.0),
        [("warning", "target:node/web:9100", "Scrapes of web:9100 (job node) take nearly too long")],
    ),
    ("down is another check", "target.slow", scrape(duration_s=10.0, health="down"), []),
    ("nothing told", "target.slow", scrape(duration_s=None, interval_s=None, timeout_s=None), []),
    (
        "not scraped for six intervals",
        "target.slow",
        scrape(last_scrape_at=ago(minutes=6)),
        [("warning", "target:node/web:9100", "Prometheus has not scraped web:9100 (job node) for 6 min")],
    ),
    ("not scraped for five", "target.slow", scrape(last_scrape_at=ago(minutes=5)), []),
    ("no job is gone", "target.job_gone", gone(), []),
    (
        "a job of one target is gone",
        "target.job_gone",
        gone(("mosquitto", "mqtt:9234")),
        [("warning", "target:mosquitto/mqtt:9234", "Scrape job mosquitto is gone")],
    ),
    (
        "a job of two targets is gone",
        "target.job_gone",
        gone(("node", "a:9100"), ("node", "b:9100")),
        [("warning", "target:node/*", "Scrape job node is gone")],
    ),
    (
        "a job was given another name",
        "target.job_gone",
        gone(("node", "web:9100"), targets=(target(job="hosts"),)),
        [],
    ),
    (
        "a job is configured and its targets are gone",
        "target.job_gone",
        gone(("mosquitto", "mqtt:9234"), pools=("mosquitto",)),
        [("warning", "target:mosquitto/mqtt:9234", "Scrape job mosquitto has no target any more")],
    ),
    ("which is told once", "target.job_empty", gone(("mosquitto", "mqtt:9234"), pools=("mosquitto",)), []),
    (
        "a job that never had a target",
        "target.job_empty",
        gone(pools=("node", "docker"), targets=(target(pool="node"),)),
        [("info", "target:docker/*", "Scrape job docker has no target")],
    ),
    (
        "a job whose targets have another name",
        "target.job_empty",
        gone(pools=("hosts",), targets=(target(pool="hosts"),)),
        [],
    ),
    ("jobs are not told", "target.job_empty", world(targets=complete(target())), []),
    (
        "a job without samples, but with targets",
        "target.job_gone",
        gone(("node", "web:9100"), targets=(target(health="unknown"),)),
        [],
    ),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


@pytest.mark.parametrize(
    ("check_id", "missing"),
    [
        ("alert.unknown_metric", {"metric_names": unavailable("metric_names", "prometheus")}),
        ("alert.watchdog_missing", {"alert_rules": unavailable("alert_rules", "grafana")}),
        ("grafana.datasource", {"grafana_datasources": unavailable("grafana_datasources", "grafana")}),
        ("alert.flapping", {"alert_changes": unavailable("alert_changes", "grafana")}),
        ("target.slow", {"targets": unavailable("targets", "prometheus")}),
        ("alert.unattended", {"alerts": unavailable("alerts", "grafana")}),
    ],
)
def test_what_cannot_be_read_is_said(check_id: str, missing: dict[str, object]) -> None:
    result = run(check_id, rules(rule("ZFS", **ASKS), **missing))
    assert result.findings == ()
    assert [gap.dataset for gap in result.gaps] == [f"check {check_id}"]


def test_metrics_are_not_unknown_while_not_all_names_are_told() -> None:
    cut = partial("metric_names", NAMES, source="prometheus")
    assert run("alert.unknown_metric", rules(rule("ZFS", **ASKS), metric_names=cut)).findings == ()


def test_a_rule_without_data_says_that_its_metric_does_not_exist() -> None:
    (finding,) = run("alert.rule_health", rules(rule("ZFS", health="nodata", **ASKS))).findings
    assert finding.severity == "warning"
    assert "Prometheus has never stored zfs_pool_health" in finding.detail


def test_a_rule_of_prometheus_is_mended_there() -> None:
    (finding,) = run("alert.rule_health", rules(replace(OWN, health="error"))).findings
    assert "Prometheus (page /rules)" in finding.remedy


def test_flapping_counts_each_instance_by_itself() -> None:
    three = changes(3).alert_changes.rows
    other = changes(3, "DiskFull {instance=db:9100}").alert_changes.rows
    assert told("alert.flapping", world(alert_changes=complete(*three, *other))) == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("up == 0", set()),
        ("sum by (job) (rate(a_total[$__rate_interval])) / on (job) b > 0.5", {"a_total", "b"}),
        ("a or b", set()),
        ("a unless b", {"a"}),
        ("absent_over_time(a[5m])", set()),
        ('{__name__=~"node_.*"}', set()),
        ("max_over_time((a > 1)[10m:1m]) > -(b)", {"a", "b"}),
        ("a > 1; b < 2", {"a", "b"}),
        ("rate(a[$window])", None),
        ("not promql at all", None),
        ("", None),
    ],
)
def test_what_an_expression_cannot_do_without(query: str, names: set[str] | None) -> None:
    assert needed_metrics(query) == names
