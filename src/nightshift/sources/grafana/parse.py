"""Grafana's answers → facts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from pydantic import JsonValue

from nightshift.facts.monitoring import (
    Alert,
    AlertChange,
    AlertRule,
    AlertState,
    DataSource,
    RuleHealth,
    RuleState,
    Silence,
    Silenced,
    label,
)
from nightshift.facts.units import from_epoch
from nightshift.sources.grafana.models import (
    AlertRow,
    AnnotationRow,
    DataSourceRow,
    FrontendSettingsWire,
    MatcherRow,
    NotificationRow,
    ProvisionedRule,
    QueryStep,
    RuleGroupRow,
    RuleRow,
    SilenceRow,
)
from nightshift.sources.prometheus.parse import duration_s, labels_hash, pairs

RULE_UID: Final = "__alert_rule_uid__"

_ALERT_STATES: Final[dict[str, AlertState]] = {
    "normal": "normal",
    "inactive": "normal",
    "alerting": "firing",
    "firing": "firing",
    "pending": "pending",
    "nodata": "nodata",
    "error": "error",
    "recovering": "recovering",
}
_RULE_STATES: Final[dict[str, RuleState]] = {
    "inactive": "inactive",
    "pending": "pending",
    "firing": "firing",
    "recovering": "recovering",
}
_HEALTH: Final[dict[str, RuleHealth]] = {"ok": "ok", "error": "error", "err": "error", "nodata": "nodata"}
_DATASOURCE_ALERTS: Final = ("DatasourceError", "DatasourceNoData")
_BUILT_IN: Final = "-- "
_COMPARISONS: Final = {"gt": ">", "lt": "<", "gte": ">=", "lte": "<=", "eq": "==", "ne": "!="}


def alerts(source: str, rows: Iterable[AlertRow], known: Iterable[AlertRule] = ()) -> tuple[Alert, ...]:
    """Every instance that is not Normal. `known` rules give the uid where old versions keep it to themselves."""
    uids = {rule.name: rule.uid for rule in known}
    found = (_alert(source, row, uids) for row in rows)
    return tuple(alert for alert in found if alert.state != "normal")


def silenced(source: str, rows: Iterable[NotificationRow]) -> tuple[Silenced, ...]:
    """Those that a silence keeps quiet."""
    return tuple(
        Silenced(source, row.labels.get(RULE_UID, ""), _rule_name(row.labels), pairs(_public(row.labels)))
        for row in rows
        if row.status.silenced_by
    )


def silences(source: str, rows: Iterable[SilenceRow]) -> tuple[Silence, ...]:
    """Those in force, whether or not an alert is there for them."""
    return tuple(
        Silence(
            source,
            tuple(map(_matcher, row.matchers)),
            row.created_by or None,
            row.comment or None,
            row.starts_at,
            row.ends_at,
        )
        for row in rows
        if row.status.state == "active"
    )


def _matcher(row: MatcherRow) -> str:
    sign = ("=~" if row.is_equal else "!~") if row.is_regex else ("=" if row.is_equal else "!=")
    return f"{row.name}{sign}{row.value}"


def _alert(source: str, row: AlertRow, uids: Mapping[str, str]) -> Alert:
    state, reason = alert_state(row.state)
    public = pairs(_public(row.labels))
    name = _rule_name(row.labels)
    return Alert(
        source=source,
        rule_uid=row.labels.get(RULE_UID) or uids.get(name) or name,
        name=name,
        state=state,
        reason=reason,
        severity=label(public, "severity"),
        active_since=row.active_at,
        value=row.value or None,
        labels=public,
        annotations=pairs(_public(row.annotations or {})),
        instance_hash=labels_hash(public),
    )


def alert_state(text: str) -> tuple[AlertState, str | None]:
    """`Alerting (NoData)` → firing because of NoData. A word that Grafana may yet invent is not normal: firing."""
    word, _, reason = text.partition(" (")
    return _ALERT_STATES.get(word.strip().lower(), "firing"), reason.rstrip(")") or None


def _public(labels: Mapping[str, str]) -> dict[str, str]:
    """Without Grafana's own, which begin and end with two underscores."""
    return {name: value for name, value in labels.items() if not (name.startswith("__") and name.endswith("__"))}


def _rule_name(labels: Mapping[str, str]) -> str:
    """The rule's title: Error and NoData arrive as alerts of another name, the true one is in `rulename`."""
    name = labels.get("alertname", "")
    return labels.get("rulename") or name if name in _DATASOURCE_ALERTS else name


def rules(source: str, groups: Iterable[RuleGroupRow]) -> tuple[AlertRule, ...]:
    return tuple(_rule(source, group, row) for group in groups for row in group.rules if row.type == "alerting")


def _rule(source: str, group: RuleGroupRow, row: RuleRow) -> AlertRule:
    return AlertRule(
        source=source,
        uid=_rule_uid(group, row),
        name=row.name,
        folder=group.file,
        group=group.name,
        state=_RULE_STATES.get(row.state or "", "unknown"),
        health=_HEALTH.get(row.health, "unknown"),
        last_error=row.last_error or None,
        last_evaluated_at=row.last_evaluation,
        labels=pairs(_public(row.labels or {})),
        annotations=pairs(_public(row.annotations or {})),
        query=_query_text(row.query),
        for_s=row.duration,
        paused=row.is_paused,
        datasources=_datasources(row),
    )


def _datasources(row: RuleRow) -> tuple[str, ...]:
    """The uids of the data sources that a rule asks; `__expr__` and `-100` are Grafana's own arithmetic."""
    listed = row.queried_datasource_uids or [step.datasource_uid for step in _steps_in(row.query)]
    return tuple(dict.fromkeys(uid for uid in listed if uid and uid not in ("__expr__", "-100")))


def _steps_in(text: str) -> list[QueryStep]:
    """The steps of a rule's query, where it is a list of them."""
    if not text.startswith("["):
        return []
    try:
        return [QueryStep.model_validate(step) for step in json.loads(text)]
    except ValueError:
        return []


def _rule_uid(group: RuleGroupRow, row: RuleRow) -> str:
    from_instances = (alert.labels.get(RULE_UID) for alert in row.alerts or ())
    uid = row.uid or (row.labels or {}).get(RULE_UID) or next((uid for uid in from_instances if uid), None)
    return uid or f"{group.file}/{group.name}/{row.name}"


def _query_text(text: str) -> str | None:
    """A rule's query is PromQL, or its steps as JSON when Grafana does not know the data source's language."""
    return _steps_text(_steps_in(text)) or text or None


def datasource(source: str, row: DataSourceRow) -> DataSource:
    return DataSource(source, row.uid, row.name, row.type)


def frontend_datasources(source: str, settings: FrontendSettingsWire) -> tuple[DataSource, ...]:
    """Without Grafana's own (`-- Grafana --`, `-- Mixed --`, `-- Dashboard --`)."""
    return tuple(
        DataSource(source, row.uid, name, row.type)
        for name, row in settings.datasources.items()
        if row.uid and not name.startswith(_BUILT_IN)
    )


def changes(source: str, rows: Iterable[AnnotationRow]) -> tuple[AlertChange, ...]:
    """Changes of state; a text ends with the state that is new: `Disk full {instance=web:9100} - Alerting`."""
    return tuple(
        AlertChange(
            source,
            row.alert_name or row.text.partition(" {")[0],
            row.text.rpartition(" - ")[0] or row.text,
            alert_state(row.new_state)[0],
            from_epoch(row.time / 1000),
        )
        for row in rows
        if row.new_state
    )


def provisioned_rules(
    source: str, rows: Iterable[ProvisionedRule], evaluated: Iterable[AlertRule]
) -> tuple[AlertRule, ...]:
    """Rules as they are defined, with state and health from their evaluation where that is known."""
    by_uid = {rule.uid: rule for rule in evaluated}
    return tuple(_provisioned(source, row, by_uid.get(row.uid)) for row in rows if not row.record)


def _provisioned(source: str, row: ProvisionedRule, evaluated: AlertRule | None) -> AlertRule:
    base = evaluated or AlertRule(
        source=source,
        uid=row.uid,
        name=row.title,
        folder=None,
        group=row.rule_group or None,
        state="unknown",
        health="unknown",
        last_error=None,
        last_evaluated_at=None,
        labels=pairs(_public(row.labels or {})),
        annotations=pairs(_public(row.annotations or {})),
    )
    query = _steps_text(row.data) or base.query
    return replace(base, query=query, for_s=duration_s(row.pending_period), paused=row.is_paused)


def _steps_text(steps: Iterable[QueryStep]) -> str | None:
    """The PromQL of a rule; `expr < 0.1` when it is one query and one plain threshold."""
    models = [step.model for step in steps if step.model]
    expressions = [str(model["expr"]) for model in models if model.get("expr")]
    comparisons = [text for model in models for text in _comparisons(model)]
    if len(expressions) == 1 and len(comparisons) == 1:
        return f"{expressions[0]} {comparisons[0]}"
    return "; ".join(expressions) or None


def _comparisons(model: Mapping[str, JsonValue]) -> Iterator[str]:
    conditions = model.get("conditions")
    if model.get("type") != "threshold" or not isinstance(conditions, list):
        return
    for condition in conditions:
        evaluator = condition.get("evaluator") if isinstance(condition, dict) else None
        if not isinstance(evaluator, dict):
            continue
        sign, params = _COMPARISONS.get(str(evaluator.get("type"))), evaluator.get("params")
        if sign and isinstance(params, list) and params:
            yield f"{sign} {params[0]}"
