"""Rules and alerts as Grafana's HTTP API words them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import groupby
from typing import Any

from nightshift_lab.grafana.rule import AlertRule
from nightshift_lab.grafana.states import Instance, RuleStatus
from nightshift_lab.grafana.template import expand

DATASOURCE_UID = "prometheus-homelab"
_NEVER = "0001-01-01T00:00:00Z"
_UPDATED = "2026-02-08T17:20:11Z"

Json = dict[str, Any]


def rule_groups(statuses: Sequence[RuleStatus], interval_s: float) -> Json:
    """`/api/prometheus/grafana/api/v1/rules`"""
    groups = [_group(list(members), interval_s) for _, members in groupby(_by_group(statuses), key=_group_key)]
    totals: dict[str, int] = {}
    for group in groups:
        for state, count in group["totals"].items():
            totals[state] = totals.get(state, 0) + count
    return {"status": "success", "data": {"groups": groups, "totals": totals}}


def alerts(statuses: Iterable[RuleStatus], *, internal_labels: bool = False) -> Json:
    """`/api/prometheus/grafana/api/v1/alerts`: every instance, those in the state Normal included."""
    rows = [_alert(status.rule, instance, internal_labels) for status in statuses for instance in _sorted(status)]
    return {"status": "success", "data": {"alerts": rows}}


def notifications(statuses: Iterable[RuleStatus], now: float, url: str) -> list[Json]:
    """`/api/alertmanager/grafana/api/v2/alerts`: what fires, NoData and Error under names of their own."""
    return [
        _notification(status.rule, status.error, instance, now, url)
        for status in statuses
        for instance in _sorted(status)
        if instance.fires
    ]


def provisioned(rule: AlertRule, number: int) -> Json:
    """One element of `/api/v1/provisioning/alert-rules`."""
    return {
        "id": number,
        "uid": rule.uid,
        "orgID": 1,
        "folderUID": rule.folder.uid,
        "ruleGroup": rule.group,
        "title": rule.title,
        "condition": "C",
        "data": _query_steps(rule),
        "updated": _UPDATED,
        "noDataState": rule.no_data,
        "execErrState": rule.on_error,
        "for": _duration(rule.for_s),
        "keep_firing_for": "0s",
        "annotations": rule.annotations,
        "labels": rule.own_labels,
        "isPaused": rule.paused,
        "notification_settings": None,
        "record": None,
    }


def _by_group(statuses: Iterable[RuleStatus]) -> list[RuleStatus]:
    return sorted(statuses, key=_group_key)


def _group_key(status: RuleStatus) -> tuple[str, str]:
    return status.rule.folder.title, status.rule.group


def _group(statuses: Sequence[RuleStatus], interval_s: float) -> Json:
    rules = [_rule(status) for status in statuses]
    totals: dict[str, int] = {}
    for status, rule in zip(statuses, rules, strict=True):
        totals[rule["state"]] = totals.get(rule["state"], 0) + 1
        if status.health in {"error", "nodata"}:
            totals[status.health] = totals.get(status.health, 0) + 1
    first = statuses[0].rule
    return {
        "name": first.group,
        "file": first.folder.title,
        "folderUid": first.folder.uid,
        "rules": rules,
        "totals": totals,
        "interval": interval_s,
        "lastEvaluation": rfc3339_time(max((status.evaluated_at or 0.0 for status in statuses), default=0.0) or None),
        "evaluationTime": round(sum(status.evaluation_s for status in statuses), 6),
    }


def _rule(status: RuleStatus) -> Json:
    rule = status.rule
    rows = [_alert(rule, instance, internal_labels=False) for instance in _sorted(status)]
    totals: dict[str, int] = {}
    for instance in status.instances.values():
        totals[instance.state.lower()] = totals.get(instance.state.lower(), 0) + 1
    row: Json = {
        "state": status.state,
        "name": rule.title,
        "folderUid": rule.folder.uid,
        "uid": rule.uid,
        "query": rule.expr,
        "queriedDatasourceUIDs": [DATASOURCE_UID],
        "duration": rule.for_s,
        "annotations": rule.annotations,
        "alerts": rows,
        "totals": totals,
        "totalsFiltered": totals,
        "labels": rule.own_labels,
        "health": status.health,
        "isPaused": rule.paused,
        "type": "alerting",
        "lastEvaluation": rfc3339_time(status.evaluated_at),
        "evaluationTime": round(status.evaluation_s, 6),
    }
    if status.active_at is not None:
        row["activeAt"] = rfc3339_time(status.active_at)
    if status.error:
        row["lastError"] = status.error
    return row


def _alert(rule: AlertRule, instance: Instance, internal_labels: bool) -> Json:
    labels = _labels(rule, instance)
    if internal_labels:
        labels |= {"__alert_rule_uid__": rule.uid, "__alert_rule_namespace_uid__": rule.folder.uid}
    shows_value = instance.state in {"Alerting", "Pending", "Recovering"} and instance.value is not None
    return {
        "labels": labels,
        "annotations": _annotations(rule, instance),
        "state": instance.told,
        "activeAt": rfc3339_time(instance.since),
        "value": _values(rule, instance.value) if shows_value and instance.value is not None else "",
    }


def _notification(rule: AlertRule, error: str, instance: Instance, now: float, url: str) -> Json:
    labels = {"__alert_rule_uid__": rule.uid, **_labels(rule, instance)}
    notes = {"__orgId__": "1", **_annotations(rule, instance)}
    if instance.state in {"NoData", "Error"}:
        labels |= {
            "alertname": "DatasourceNoData" if instance.state == "NoData" else "DatasourceError",
            "rulename": rule.title,
            "datasource_uid": DATASOURCE_UID,
            "ref_id": "A",
        }
    if instance.state == "Error":
        notes["Error"] = error
    if instance.value is not None:
        notes["__value_string__"] = f"[ var='A' labels={{{_pairs(instance)}}} value={instance.value:.6g} ]"
    return {
        "annotations": notes,
        "endsAt": rfc3339_time(now + 240.0, milliseconds=True),
        "fingerprint": blake2b(json.dumps(labels, sort_keys=True).encode(), digest_size=8).hexdigest(),
        "receivers": [{"name": "grafana-default-email"}],
        "startsAt": rfc3339_time(instance.since, milliseconds=True),
        "status": {"inhibitedBy": [], "mutedBy": [], "silencedBy": [], "state": "active"},
        "updatedAt": rfc3339_time(instance.seen_at, milliseconds=True),
        "generatorURL": f"{url}/alerting/grafana/{rule.uid}/view?orgId=1",
        "labels": labels,
    }


def _labels(rule: AlertRule, instance: Instance) -> dict[str, str]:
    names = {"alertname": rule.title, "grafana_folder": rule.folder.title}
    return {**dict(instance.labels), **rule.own_labels, **names}


def _annotations(rule: AlertRule, instance: Instance) -> dict[str, str]:
    labels = dict(instance.labels)
    return {name: expand(text, labels, instance.value) for name, text in rule.annotations.items()}


def _values(rule: AlertRule, value: float) -> str:
    """Query A and threshold C, in Go's shortest exponent form."""
    return f"A: {_exponent(value)}, C: {_exponent(float(rule.breached(value)))}"


def _exponent(value: float) -> str:
    mantissa, _, power = f"{value:.6e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{power}"


def _pairs(instance: Instance) -> str:
    return ", ".join(f"{name}={value}" for name, value in instance.labels)


def _sorted(status: RuleStatus) -> list[Instance]:
    """Grafana gives what fires first."""
    order = {"Alerting": 0, "Recovering": 1, "Pending": 2, "Error": 3, "NoData": 4, "Normal": 5}
    return sorted(status.instances.values(), key=lambda item: (order[item.state], item.since, item.labels))


def _query_steps(rule: AlertRule) -> list[Json]:
    query = {
        "datasource": {"type": "prometheus", "uid": DATASOURCE_UID},
        "editorMode": "code",
        "expr": rule.expr,
        "instant": True,
        "intervalMs": 1000,
        "legendFormat": "__auto",
        "maxDataPoints": 43200,
        "range": False,
        "refId": "A",
    }
    condition = {
        "evaluator": {"params": [rule.threshold], "type": rule.comparison},
        "operator": {"type": "and"},
        "query": {"params": ["C"]},
        "reducer": {"params": [], "type": "last"},
        "type": "query",
    }
    threshold = {
        "conditions": [condition],
        "datasource": {"type": "__expr__", "uid": "__expr__"},
        "expression": "A",
        "intervalMs": 1000,
        "maxDataPoints": 43200,
        "refId": "C",
        "type": "threshold",
    }
    return [
        {
            "refId": "A",
            "queryType": "",
            "relativeTimeRange": {"from": 600, "to": 0},
            "datasourceUid": DATASOURCE_UID,
            "model": query,
        },
        {
            "refId": "C",
            "queryType": "",
            "relativeTimeRange": {"from": 0, "to": 0},
            "datasourceUid": "__expr__",
            "model": threshold,
        },
    ]


def _duration(seconds: int) -> str:
    """As Prometheus writes durations: `1h`, `1h30m`, `0s`."""
    text = ""
    for unit, size in (("h", 3_600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def rfc3339_time(at: float | None, *, milliseconds: bool = False) -> str:
    if at is None:
        return _NEVER
    moment = datetime.fromtimestamp(at, UTC)
    return moment.isoformat(timespec="milliseconds" if milliseconds else "seconds").replace("+00:00", "Z")
