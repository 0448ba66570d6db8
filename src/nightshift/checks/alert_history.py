"""Alerts over time: those that fire for days while nobody says a word, and those that come and go."""

from __future__ import annotations

from nightshift.checks.check import Check
from nightshift.checks.evidence import ALERTS, counted, iso, table
from nightshift.checks.monitoring import real_alerts, where_rules_are
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import Entity, alert_key
from nightshift.facts.monitoring import Alert, AlertChange, label
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_duration

_ANNOTATIONS = "GET /api/annotations?type=alert"


def unattended(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """An alert that has fired for over a day and that nobody has silenced: either nobody sees it, or it should not
    fire. One finding a rule, however many instances it has.

    Judges (Grafana API: …/api/v1/alerts, …/api/v2/alerts; Prometheus API: /api/v1/rules):
        {"labels": {"alertname": "Certificate ends soon"}, "state": "Alerting", "activeAt": "2026-11-20T07:12:00Z"}
    """
    by_rule: dict[tuple[str, str], list[Alert]] = {}
    for alert in real_alerts(snapshot):
        if alert.silenced or alert.active_since is None:
            continue
        if (snapshot.taken_at - alert.active_since).total_seconds() > thresholds.alert_unattended_s:
            by_rule.setdefault((alert.source, alert.rule_uid), []).append(alert)
    return CheckResult(tuple(_unattended(snapshot, alerts) for alerts in by_rule.values()))


def _unattended(snapshot: Snapshot, alerts: list[Alert]) -> Finding:
    unseen = any(alert.silenced is None for alert in alerts)
    first = min(alerts, key=lambda alert: alert.active_since or snapshot.taken_at)
    began = first.active_since or snapshot.taken_at
    lasting = format_duration((snapshot.taken_at - began).total_seconds())
    return Finding(
        check="alert.unattended",
        severity="info",
        entity=Entity(alert_key(first.source, first.rule_uid, "rule"), f"alert rule {first.name}"),
        title=f"Alert {first.name} has fired for {lasting}{'' if unseen else ' without a silence'}",
        detail=f"{counted(len(alerts), 'instance')} of it fire, the first for {lasting}"
        f"{'; whether they are silenced could not be seen' if unseen else ''}. An alert that everybody has learnt to "
        "overlook hides the next one.",
        remedy="Mend what it is about; or silence it with a reason and an end; or correct its threshold in "
        f"{where_rules_are(snapshot, first.source)}.",
        since=began,
        evidence=(
            table(
                snapshot,
                first.source,
                ALERTS,
                f"Alert {first.name}",
                ("alert", "instance", "active_since_at", "silenced"),
                (
                    (alert.name, label(alert.labels, "instance"), iso(alert.active_since), alert.silenced)
                    for alert in alerts
                ),
            ),
        ),
        runbook="alert-firing.md#steps",
    )


def flapping(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """An alert that began to fire again and again within a day: its threshold lies where the figure usually is, or its
    pending period is too short. Each time somebody is woken.

    Judges (Grafana API: /api/annotations?type=alert):
        {"alertName": "High load", "newState": "Alerting", "prevState": "Pending", "text": "High load {instance=nas} -
         Alerting", "time": 1764108000000}
    """
    fired: dict[tuple[str, str, str], list[AlertChange]] = {}
    for change in snapshot.alert_changes:
        if change.state == "firing":
            fired.setdefault((change.source, change.rule, change.instance), []).append(change)
    often = [changes for changes in fired.values() if len(changes) >= thresholds.alert_flapping_warning]
    return CheckResult(tuple(_flapping(snapshot, changes) for changes in often))


def _flapping(snapshot: Snapshot, changes: list[AlertChange]) -> Finding:
    change = changes[0]
    return Finding(
        check="alert.flapping",
        severity="warning",
        entity=Entity(alert_key(change.source, change.rule, "rule"), f"alert rule {change.rule}"),
        title=f"Alert {change.rule} comes and goes",
        detail=f"{change.instance} began to fire {len(changes)} times within a day.",
        remedy=f"In {where_rules_are(snapshot, change.source)} give it a longer pending period, keep it "
        f"firing for some "
        "minutes, or set a threshold below which it recovers; unless what it is about really comes and goes.",
        discriminator=change.instance,
        evidence=(
            table(
                snapshot,
                change.source,
                _ANNOTATIONS,
                f"Alert {change.rule} within a day",
                ("alert", "began_at"),
                ((item.instance, iso(item.at)) for item in sorted(changes, key=lambda item: item.at)),
            ),
        ),
        runbook="rule-health.md#steps",
    )


CHECKS = (
    Check("alert.unattended", "monitoring", "info", ("alerts",), unattended, "Alerts that nobody attends to"),
    Check("alert.flapping", "monitoring", "warning", ("alert_changes",), flapping, "Alerts that come and go"),
)
