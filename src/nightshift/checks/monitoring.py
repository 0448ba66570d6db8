"""The watchers themselves: scrape targets that are down, alerts that fire, rules that cannot be evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nightshift.checks.check import Check
from nightshift.checks.evidence import ALERTS, RULES, TARGETS, iso, table
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.checks.unknown_metrics import UnknownMetrics
from nightshift.facts.finding import CheckResult, Finding, Severity
from nightshift.facts.ids import Entity, alert_key, target_key
from nightshift.facts.monitoring import Alert, AlertRule, RecordingRule, Target, label
from nightshift.facts.snapshot import Snapshot, not_configured
from nightshift.facts.units import format_duration

# Alerts that fire to prove that alerting works.
_WATCHDOGS = frozenset({"watchdog", "deadmansswitch", "deadmanssnitch", "alwaysfiring", "infoinhibitor"})
# An alert on a constant fires to prove it, too, whatever its name.
_CONSTANT = re.compile(r"\s*vector\(\s*1\s*\)\s*(?:[<>=!]+\s*[\d.]+\s*)?")
_LISTENS_AT = re.compile(r"[^/\s]+:\d+")
_NO_DATA = frozenset({"DatasourceNoData", "DatasourceError"})
_SEVERITIES: dict[str, Severity] = {
    "critical": "critical",
    "page": "critical",
    "emergency": "critical",
    "disaster": "critical",
    "high": "critical",
    "info": "info",
    "information": "info",
    "low": "info",
    "none": "info",
}


def target_down(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A scrape target that does not answer: what it measures is unknown until it does. One whose guest is stopped, or
    that answered within two minutes, is told as information only: any scrape may fail once.

    Judges (Prometheus API: /api/v1/targets, and the PromQL row `up_recently`):
        {"labels": {"instance": "postgres:9187", "job": "postgres"}, "health": "down",
         "lastError": "connect: connection refused", "lastScrape": "2026-11-23T21:40:03.1Z"}
    """
    guests = {guest.entity.key: guest for guest in snapshot.guests}
    hiccups = {
        (label(sample.labels, "job"), label(sample.labels, "instance"))
        for sample in snapshot.metrics.get("up_recently", not_configured())
    }
    findings = []
    for target in snapshot.targets:
        if target.health != "down":
            continue
        guest = guests.get(target.entity_key or "")
        stopped = guest is not None and guest.status == "stopped"
        about = guest.entity.label if guest is not None else _node_label(snapshot, target)
        hiccup = (target.job, target.instance) in hiccups
        findings.append(_down(snapshot, target, about, stopped=stopped, hiccup=hiccup))
    return CheckResult(tuple(findings))


def _node_label(snapshot: Snapshot, target: Target) -> str | None:
    return next((node.name for node in snapshot.nodes if node.entity.key == target.entity_key), None)


def _down(snapshot: Snapshot, target: Target, about: str | None, *, stopped: bool, hiccup: bool) -> Finding:
    runs_on = f" It runs on {about}{', which is stopped' if stopped else ''}." if about else ""
    return Finding(
        check="target.down",
        severity="info" if stopped or hiccup else "warning",
        entity=Entity(target_key(target.job, target.instance), f"target {target.job}/{target.instance}"),
        title=f"Prometheus cannot scrape {target.instance} (job {target.job})",
        detail=f"Error: {target.last_error or 'none given'}.{runs_on} What it measures is unknown until it answers; "
        "alerts on it stay silent or read no data.",
        remedy=_whether_it_answers(target),
        evidence=(
            table(
                snapshot,
                target.source,
                TARGETS,
                f"Target {target.instance}",
                ("job", "instance", "health", "last_scrape_at", "error"),
                ((target.job, target.instance, target.health, iso(target.last_scrape_at), target.last_error),),
            ),
        ),
        runbook="target-down.md#steps",
    )


def _whether_it_answers(target: Target) -> str:
    """Of an instance without a port (`pve1`, `https://wiki.example`) only the exporter that asks it has one."""
    own = _LISTENS_AT.fullmatch(target.instance)
    address = target.instance if own else target.scraped_at or ""
    port = address.rpartition(":")[2] if ":" in address else ""
    asked = f"`curl -sS http://{address}{'/metrics' if own else ''} | head`" if address else "the URL that it has there"
    return (
        f"See whether the exporter runs and listens: on its machine `ss -ltnp{f' | grep {port}' if port else ''}` and "
        f"`systemctl status '*exporter*'`; from Prometheus {asked}."
    )


def alert_firing(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """An alert of Grafana or Prometheus that fires, about the entity that its labels name. A watchdog fires to
    show that alerting works.

    Judges (Grafana API: /api/prometheus/grafana/api/v1/alerts):
        {"labels": {"alertname": "Disk almost full", "instance": "immich:9100", "severity": "warning"},
         "annotations": {"summary": "…"}, "state": "Alerting", "activeAt": "2026-11-23T18:04:00Z", "value": "8.6e+01"}
    NoData and Error instances are about the rule, which `alert.rule_health` judges.
    """
    labels = _entity_labels(snapshot)
    findings = [_firing(snapshot, alert, labels) for alert in real_alerts(snapshot) if alert.name not in _NO_DATA]
    return CheckResult(tuple(findings))


def real_alerts(snapshot: Snapshot) -> Iterator[Alert]:
    """Those that fire, without the watchdogs."""
    constant = {(rule.source, rule.uid) for rule in snapshot.alert_rules if _CONSTANT.fullmatch(rule.query or "")}
    for alert in snapshot.alerts:
        proof = is_watchdog(alert.name) or (alert.source, alert.rule_uid) in constant
        if alert.state == "firing" and not proof:
            yield alert


def is_watchdog(name: str) -> bool:
    """Whether an alert of this name fires to prove that alerting works: `Watchdog`, `Dead Man's Switch`."""
    plain = "".join(character for character in name.lower() if character.isalnum())
    return plain in _WATCHDOGS or plain.startswith("deadman")


def rule_entity(rule: AlertRule) -> Entity:
    return Entity(alert_key(rule.source, rule.uid, "rule"), f"alert rule {rule.name}")


def is_of_grafana(snapshot: Snapshot, source: str) -> bool:
    return any(status.id == source and status.kind == "grafana" for status in snapshot.sources)


def where_rules_are(snapshot: Snapshot, source: str) -> str:
    """Where an operator sees a rule: Grafana's page, or Prometheus' own."""
    return "Grafana (Alerting → Alert rules)" if is_of_grafana(snapshot, source) else "Prometheus (page /rules)"


def _entity_labels(snapshot: Snapshot) -> dict[str, str]:
    return {entity.key: entity.label for entity in snapshot.names.values()}


def alert_severity(alert: Alert) -> Severity:
    """The rule's own word for it; a warning when it says nothing that we know. A silenced alert is information."""
    if alert.silenced:
        return "info"
    return _SEVERITIES.get((alert.severity or "").lower(), "warning")


def _firing(snapshot: Snapshot, alert: Alert, labels: dict[str, str]) -> Finding:
    key = alert.entity_key or alert_key(alert.source, alert.rule_uid, alert.instance_hash)
    about = labels.get(key)
    summary = label(alert.annotations, "summary") or label(alert.annotations, "description") or ""
    began = alert.active_since
    lasting = format_duration((snapshot.taken_at - began).total_seconds()) if began else "an unknown time"
    return Finding(
        check="alert.firing",
        severity=alert_severity(alert),
        entity=Entity(key, about or f"alert {alert.name}"),
        title=f"Alert {alert.name} fires{f' for {about}' if about else ''}",
        detail=f"It has been firing for {lasting}{_quiet(snapshot, alert)}."
        + (f" It adds up {', '.join(alert.instances)}." if alert.instances else "")
        + (f" Its summary says: {summary}" if summary else ""),
        remedy=f"Open the rule in {where_rules_are(snapshot, alert.source)} to see its expression and threshold, then "
        "judge the value below against it.",
        discriminator=f"{alert.rule_uid}/{alert.instance_hash}",
        since=alert.active_since,
        evidence=(
            table(
                snapshot,
                alert.source,
                ALERTS,
                f"Alert {alert.name}",
                ("alert", "state", "severity", "active_since_at", "value", "labels"),
                (
                    (
                        alert.name,
                        alert.state,
                        alert.severity,
                        iso(alert.active_since),
                        alert.value,
                        ", ".join(f"{name}={value}" for name, value in alert.labels),
                    ),
                ),
            ),
        ),
        runbook="alert-firing.md#steps",
    )


def _quiet(snapshot: Snapshot, alert: Alert) -> str:
    """Whether somebody has silenced it. Prometheus leaves that to its Alertmanager, and nobody expects it to know."""
    if alert.silenced is None and is_of_grafana(snapshot, alert.source):
        return "; whether it is silenced could not be seen"
    return ", silenced" if alert.silenced else ""


def rule_health(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """An alert rule that cannot be evaluated, or finds no data: it will not fire when it should. Its state reads
    `inactive` then, so that only its health tells. A recording rule that cannot be evaluated starves what asks for it.

    Judges (Grafana API: /api/prometheus/grafana/api/v1/rules, Prometheus API: /api/v1/rules):
        {"name": "Disk almost full", "state": "inactive", "health": "error", "lastError": "failed to query data…"}
    """
    unwell = [rule for rule in snapshot.alert_rules if rule.health in ("error", "nodata") and not rule.paused]
    unknown = UnknownMetrics.of(snapshot)
    broken = [rule for rule in snapshot.recording_rules if rule.health == "error"]
    return CheckResult(
        (
            *(_unwell(snapshot, rule, unknown.in_rule(rule)) for rule in unwell),
            *(_not_recorded(snapshot, rule) for rule in broken),
        )
    )


def _not_recorded(snapshot: Snapshot, rule: RecordingRule) -> Finding:
    return Finding(
        check="alert.rule_health",
        severity="warning",
        entity=Entity(alert_key(rule.source, rule.uid, "rule"), f"recording rule {rule.name}"),
        title=f"Recording rule {rule.name} cannot be evaluated",
        detail=f"Nothing is stored under its name as long as that lasts: dashboards and alerts that ask for it see "
        f"nothing. Its last error: {rule.last_error or 'none given'}.",
        remedy=f"Open it in Prometheus (page /rules, group {rule.group}), run its query, and mend it in its rule file. "
        "Usually two series match where one is expected (aggregate with `by`).",
        evidence=(
            table(
                snapshot,
                rule.source,
                RULES,
                f"Recording rule {rule.name}",
                ("rule", "group", "health", "last_evaluated_at", "error", "query"),
                ((rule.name, rule.group, rule.health, iso(rule.last_evaluated_at), rule.last_error, rule.query),),
            ),
        ),
        runbook="alert-firing.md#steps",
    )


def _unwell(snapshot: Snapshot, rule: AlertRule, unknown: tuple[str, ...]) -> Finding:
    failing = rule.health == "error"
    problem = "cannot be evaluated" if failing else "finds no data"
    why = f" Its last error: {rule.last_error}." if rule.last_error else ""
    if unknown:
        why += f" Prometheus has never stored {', '.join(unknown)}, which it asks for: it will never fire."
    return Finding(
        check="alert.rule_health",
        severity="warning" if failing or unknown else "info",
        entity=rule_entity(rule),
        title=f"Alert rule {rule.name} {problem}",
        detail=f"As long as that lasts it cannot fire.{why}",
        remedy=f"Open it in {where_rules_are(snapshot, rule.source)}, run its query, and mend the expression or the "
        "data source. A metric that no exporter provides any more never comes back by itself.",
        evidence=(
            table(
                snapshot,
                rule.source,
                RULES,
                f"Alert rule {rule.name}",
                ("rule", "folder", "state", "health", "last_evaluated_at", "error"),
                ((rule.name, rule.folder, rule.state, rule.health, iso(rule.last_evaluated_at), rule.last_error),),
            ),
        ),
        runbook="alert-firing.md#steps",
    )


CHECKS = (
    Check(
        "target.down",
        "monitoring",
        "warning",
        ("targets",),
        target_down,
        "Scrape targets",
        also=("guests", "metrics.up_recently"),
        says_absent=True,
    ),
    Check("alert.firing", "monitoring", "critical", ("alerts",), alert_firing, "Firing alerts", says_absent=True),
    Check(
        "alert.rule_health",
        "monitoring",
        "warning",
        ("alert_rules",),
        rule_health,
        "Health of alert rules",
        also=("recording_rules", "metric_names", "grafana_datasources"),
    ),
)
