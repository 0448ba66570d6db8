"""Whether alerting can be relied on: rules that watch nothing, paused ones, the watchdog, where alerts go."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.evidence import RULES, counted, iso, metric_source, table
from nightshift.checks.metric_rows import expr_of
from nightshift.checks.monitoring import is_watchdog, rule_entity, where_rules_are
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.checks.unknown_metrics import UnknownMetrics
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import Entity, alert_key, source_key
from nightshift.facts.monitoring import AlertRule, DataSource, label
from nightshift.facts.snapshot import Snapshot, not_configured

_RUNBOOK = "rule-health.md#steps"
_ALERTMANAGERS = "GET /api/v1/alertmanagers"


def unknown_metric(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A rule that asks for a metric which no Prometheus has ever stored: renamed, mistyped, or its exporter was never
    there. It reads healthy and can never fire. Where other metrics of its exporter are there, it may be one that exists
    only in trouble, and is a remark, unless it is there with another unit (`node_memory_MemAvailable_bytes`). What a
    rule asks with `absent`, `or` and `unless` may be missing.

    Judges (Grafana API: …/api/v1/rules, Prometheus API: /api/v1/rules, /api/v1/label/__name__/values):
        {"name": "ZFS pool unhealthy", "query": "zfs_pool_health > 0", "health": "ok"}
    """
    unknown = UnknownMetrics.of(snapshot)
    findings = []
    for rule in snapshot.alert_rules:
        names = unknown.in_rule(rule)
        if names and not rule.paused:
            findings.append(_unknown(snapshot, rule, names, unknown))
    return CheckResult(tuple(findings))


def _unknown(snapshot: Snapshot, rule: AlertRule, names: tuple[str, ...], unknown: UnknownMetrics) -> Finding:
    may_come, renamed = unknown.may_come(names), unknown.renamed(names)
    listed = ", ".join(f"{name} (there is {renamed[name]})" if name in renamed else name for name in names)
    unless = " unless it exists only in trouble: other metrics of its exporter are there" if may_come else ""
    return Finding(
        check="alert.unknown_metric",
        severity="info" if may_come else "warning",
        entity=rule_entity(rule),
        title=f"Alert rule {rule.name} asks for a metric that does not exist",
        detail=f"Prometheus has never stored {listed}. The rule reads as if all were well, and can never fire{unless}.",
        remedy=f"Open it in {where_rules_are(snapshot, rule.source)}. Look for the metric's new name (the exporter's "
        "/metrics page), or scrape what provides it; a rule that is not needed any more should go.",
        evidence=(_rules_table(snapshot, rule),),
        runbook=_RUNBOOK,
    )


def _rules_table(snapshot: Snapshot, rule: AlertRule) -> Evidence:
    return table(
        snapshot,
        rule.source,
        RULES,
        f"Alert rule {rule.name}",
        ("rule", "folder", "state", "health", "paused", "last_evaluated_at", "query"),
        ((rule.name, rule.folder, rule.state, rule.health, rule.paused, iso(rule.last_evaluated_at), rule.query),),
    )


def paused(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A rule that is paused: somebody meant it so, and may have forgotten it. Old versions do not tell.

    Judges (Grafana API: /api/prometheus/grafana/api/v1/rules):
        {"name": "Backup too old", "state": "inactive", "health": "unknown", "isPaused": true}
    """
    return CheckResult(tuple(_paused(snapshot, rule) for rule in snapshot.alert_rules if rule.paused))


def _paused(snapshot: Snapshot, rule: AlertRule) -> Finding:
    return Finding(
        check="alert.paused",
        severity="info",
        entity=rule_entity(rule),
        title=f"Alert rule {rule.name} is paused",
        detail="As long as that lasts it is not evaluated and cannot fire.",
        remedy=f"If it is no longer meant so, resume it in {where_rules_are(snapshot, rule.source)}.",
        evidence=(_rules_table(snapshot, rule),),
        runbook=_RUNBOOK,
    )


def watchdog_missing(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A watchdog that does not fire: an alert which fires all the time, so that its silence tells that alerting is
    broken. Who never had one does not miss it.

    Judges (Grafana and Prometheus: …/rules; PromQL: ALERTS an hour and a day ago):
        {"name": "Watchdog", "state": "inactive", "health": "ok"}
    """
    silent = [
        rule
        for rule in snapshot.alert_rules
        if is_watchdog(rule.name) and rule.state in ("inactive", "pending") and not rule.paused
    ]
    findings = [_silent_watchdog(snapshot, rule) for rule in silent]
    listed = {rule.name.lower() for rule in snapshot.alert_rules}
    source = metric_source(snapshot)
    for sample in snapshot.metrics.get("watchdogs_gone", not_configured()):
        name = label(sample.labels, "alertname") or ""
        if is_watchdog(name) and name.lower() not in listed:
            findings.append(_gone_watchdog(snapshot, source, name))
    return CheckResult(tuple(findings))


def _silent_watchdog(snapshot: Snapshot, rule: AlertRule) -> Finding:
    return Finding(
        check="alert.watchdog_missing",
        severity="critical",
        entity=rule_entity(rule),
        title=f"The watchdog {rule.name} does not fire",
        detail=f"It is there to fire all the time, and its state is {rule.state} (health {rule.health}): "
        f"alerts may not be "
        "evaluated at all, and silence means nothing.",
        remedy=f"Open it in {where_rules_are(snapshot, rule.source)}: its expression (`vector(1)`) must "
        f"always be true, and "
        "its data source must answer.",
        evidence=(_rules_table(snapshot, rule),),
        runbook="alertmanager.md#steps",
    )


def _gone_watchdog(snapshot: Snapshot, source: str, name: str) -> Finding:
    return Finding(
        check="alert.watchdog_missing",
        severity="critical",
        entity=Entity(alert_key(source, name, "rule"), f"alert rule {name}"),
        title=f"The watchdog {name} is gone",
        detail="It fired within the last day and does not exist any more: nothing would tell now that "
        "alerting is broken.",
        remedy="Look at the rules that Prometheus loads (`rule_files` in prometheus.yml, page /rules): a "
        "file was removed, "
        "or did not load.",
        evidence=(
            table(
                snapshot, source, expr_of("watchdogs_gone"), f"Watchdog {name}", ("alert", "fires"), ((name, False),)
            ),
        ),
        runbook="alertmanager.md#steps",
    )


def no_alertmanager(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """Prometheus has alert rules and nobody to send their alerts to. Without rules it needs nobody.

    Judges (Prometheus API: /api/v1/alertmanagers, /api/v1/rules):
        {"activeAlertmanagers": [], "droppedAlertmanagers": []}
    """
    findings = []
    for receivers in snapshot.alertmanagers:
        rules = [rule for rule in snapshot.alert_rules if rule.source == receivers.source]
        if receivers.active or not rules:
            continue
        findings.append(
            Finding(
                check="prometheus.no_alertmanager",
                severity="warning",
                entity=Entity(source_key(receivers.source), f"Prometheus {receivers.source}"),
                title=f"Alerts of {receivers.source} go to nobody",
                detail=f"It has {counted(len(rules), 'alert rule')} and no Alertmanager: what fires stays "
                f"on its own page.",
                remedy="Name one under `alerting: alertmanagers:` in prometheus.yml (`promtool check "
                "config`, then reload), "
                "or let Grafana send alerts and take the rules out here.",
                evidence=(
                    table(
                        snapshot,
                        receivers.source,
                        _ALERTMANAGERS,
                        f"Alertmanagers of {receivers.source}",
                        ("prometheus", "alertmanagers", "alert_rules"),
                        ((receivers.source, 0, len(rules)),),
                    ),
                ),
                runbook="alertmanager.md#steps",
            )
        )
    return CheckResult(tuple(findings))


def datasource(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A data source of Grafana that does not answer: its panels are empty, and rules on it are in error.

    Judges (Grafana API: /api/datasources, /api/datasources/uid/{uid}/health):
        {"uid": "prom", "name": "Prometheus", "type": "prometheus"}
        HTTP 400 {"status": "ERROR", "message": "Post \\"http://prometheus:9090/api/v1/query\\": connection refused"}
    """
    asked = {(rule.source, uid) for rule in snapshot.alert_rules if not rule.paused for uid in rule.datasources}
    return CheckResult(
        tuple(
            _datasource(snapshot, item, used=(item.source, item.uid) in asked)
            for item in snapshot.grafana_datasources
            if item.healthy is False
        )
    )


def _datasource(snapshot: Snapshot, item: DataSource, *, used: bool) -> Finding:
    return Finding(
        check="grafana.datasource",
        severity="critical" if used else "warning",
        entity=Entity(f"{source_key(item.source)}/datasource/{item.uid}", f"data source {item.name}"),
        title=f"Grafana cannot reach its data source {item.name}",
        detail=f"It says: {item.message or 'nothing'}. "
        + ("Alert rules ask it: none of them can fire." if used else "Panels that ask it stay empty."),
        remedy="Connections → Data sources → Save & test in Grafana shows the error; from Grafana's "
        "machine `curl -sS` its "
        "address: is it up, and is the address still right?",
        discriminator=item.uid,
        evidence=(
            table(
                snapshot,
                item.source,
                "GET /api/datasources/uid/{uid}/health",
                f"Data source {item.name}",
                ("datasource", "type", "healthy", "message"),
                ((item.name, item.kind, item.healthy, item.message),),
            ),
        ),
        runbook="grafana-datasource.md#steps",
    )


CHECKS = (
    Check(
        "alert.unknown_metric",
        "monitoring",
        "warning",
        ("alert_rules", "metric_names"),
        unknown_metric,
        "Metrics that alert rules ask for",
        also=("grafana_datasources",),
        yields_to=("alert.rule_health",),
    ),
    Check("alert.paused", "monitoring", "info", ("alert_rules",), paused, "Paused alert rules"),
    Check(
        "alert.watchdog_missing",
        "monitoring",
        "critical",
        ("alert_rules",),
        watchdog_missing,
        "Watchdog alerts",
        also=("metrics.watchdogs_gone",),
    ),
    Check(
        "prometheus.no_alertmanager",
        "monitoring",
        "warning",
        ("alertmanagers", "alert_rules"),
        no_alertmanager,
        "Where alerts of Prometheus go",
    ),
    Check(
        "grafana.datasource",
        "monitoring",
        "critical",
        ("grafana_datasources",),
        datasource,
        "Data sources of Grafana",
        also=("alert_rules",),
    ),
)
