"""The `alerts` and `alert_rules` tools: what fires now, and which rules could."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from nightshift.facts.evidence import Cell, Evidence
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.monitoring import Alert, AlertRule
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.tools.context import ToolContext
from nightshift.tools.resolve import EntityIndex, normalise
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.tables import iso, nothing_seen, sources_of, table

ALERT_COLUMNS = (
    "alert", "state", "severity", "entity", "since_at", "value", "summary", "labels", "silenced", "source", "rule_uid",
    "key",
)  # fmt: skip
RULE_COLUMNS = (
    "rule", "state", "health", "last_error", "query", "for_s", "paused", "folder", "last_evaluated_at", "source", "uid",
)  # fmt: skip
ALERTS_SHOWN = 50
RULES_SHOWN = 50
_STATE_ORDER = {"firing": 0, "error": 1, "nodata": 2, "pending": 3, "recovering": 4, "normal": 5}


class AlertsArguments(Arguments):
    state: Literal["active", "firing", "pending", "nodata", "error"] = Field(
        "active", description="active: all of them"
    )
    match: str = Field("", description="part of a name or label, or an entity")


class AlertRulesArguments(Arguments):
    match: str = ""
    health: Literal["", "ok", "error", "nodata"] = ""


async def alerts(ctx: ToolContext, arguments: AlertsArguments) -> ToolResult:
    snapshot = await ctx.snapshot()
    title = "Active alerts" if arguments.state == "active" else f"Alerts that are {arguments.state}"
    if arguments.match:
        title += f" matching '{arguments.match}'"
    dataset = snapshot.alerts
    rows = [alert for alert in dataset if _in_state(alert, arguments.state)]
    if arguments.match:
        keys = {entity.key for entity in EntityIndex.of(snapshot).exact(arguments.match)}
        rows = [alert for alert in rows if alert.entity_key in keys or _mentions(alert, arguments.match)]
    rows.sort(key=lambda alert: (_STATE_ORDER.get(alert.state, 9), alert.severity or "~", alert.name))
    labels = {entry.entity.key: entry.entity for entry in EntityIndex.of(snapshot).entries}
    told = [_alert_row(alert, labels) for alert in rows]
    further = snapshot.silences.gaps if dataset.known else ()
    return _result(ctx, snapshot, dataset, title, "GET alerts", ALERT_COLUMNS, told, ALERTS_SHOWN, further)


async def alert_rules(ctx: ToolContext, arguments: AlertRulesArguments) -> ToolResult:
    snapshot = await ctx.snapshot()
    rules = [rule for rule in snapshot.alert_rules if not arguments.health or rule.health == arguments.health]
    if arguments.match:
        part = normalise(arguments.match)
        rules = [rule for rule in rules if part in normalise(f"{rule.name} {rule.uid} {rule.query or ''}")]
    rules.sort(key=lambda rule: (rule.state != "firing", rule.name))
    rows = [rule_row(rule) for rule in rules]
    return _result(
        ctx, snapshot, snapshot.alert_rules, "Alert rules", "GET alert rules", RULE_COLUMNS, rows, RULES_SHOWN
    )


def alert_row(alert: Alert, entity: Entity | None) -> tuple[Cell, ...]:
    """`ALERT_COLUMNS` of one alert. Summary and labels are a stranger's words."""
    annotations = dict(alert.annotations)
    text = annotations.get("summary") or annotations.get("description") or annotations.get("message")
    labels = " ".join(f"{name}={value}" for name, value in alert.labels if name not in ("alertname", "severity"))
    key = f"alert:{alert.source}/{alert.rule_uid}/{alert.instance_hash}"
    return (
        alert.name,
        alert.state,
        alert.severity,
        entity.label if entity else None,
        iso(alert.active_since),
        alert.value,
        text,
        labels or None,
        alert.silenced,
        alert.source,
        alert.rule_uid,
        key,
    )


def _alert_row(alert: Alert, labels: dict[str, Entity]) -> tuple[Cell, ...]:
    return alert_row(alert, labels.get(alert.entity_key) if alert.entity_key else None)


def rule_row(rule: AlertRule) -> tuple[Cell, ...]:
    """`RULE_COLUMNS` of one rule."""
    return (
        rule.name,
        rule.state,
        rule.health,
        rule.last_error,
        rule.query,
        rule.for_s,
        rule.paused,
        rule.folder,
        iso(rule.last_evaluated_at),
        rule.source,
        rule.uid,
    )


def _in_state(alert: Alert, state: str) -> bool:
    return alert.state != "normal" if state == "active" else alert.state == state


def _mentions(alert: Alert, text: str) -> bool:
    part = normalise(text)
    fields = (alert.name, *(value for _, value in alert.labels))
    return any(part in normalise(value) for value in fields)


def _result(
    ctx: ToolContext,
    snapshot: Snapshot,
    dataset: Dataset[Alert] | Dataset[AlertRule],
    title: str,
    request: str,
    columns: tuple[str, ...],
    rows: Iterable[tuple[Cell, ...]],
    limit: int,
    further: tuple[Gap, ...] = (),
) -> ToolResult:
    now = ctx.clock()
    taken_at = dataset.taken_at or snapshot.taken_at
    gaps = (*dataset.gaps, *further)
    evidence: Evidence
    if not dataset.known:
        evidence = nothing_seen("grafana", request, title, taken_at=taken_at, now=now, gaps=gaps)
        note = "No Grafana or Prometheus is set up to read alerts from." if dataset.state == "not_configured" else ""
        return ToolResult((evidence,), gaps=gaps, note=note)
    source = sources_of(dataset, "grafana")
    evidence = table(source, request, title, columns, rows, taken_at=taken_at, now=now, gaps=gaps, limit=limit)
    return ToolResult((evidence,), gaps=gaps)
