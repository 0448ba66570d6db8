"""The `alerts` and `alert_rules` tools: what fires now, and which rules could."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Literal

from pydantic import Field

from nightshift.facts.evidence import Cell, Evidence
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.monitoring import Alert, AlertChange, AlertRule, label
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.tools.context import ToolContext
from nightshift.tools.names import normalise
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.tables import iso, nothing_seen, sources_of, table

ALERT_COLUMNS = (
    "alert", "state", "severity", "entity", "since_at", "value", "summary", "labels", "silenced", "source", "rule_uid",
    "key",
)  # fmt: skip
RULE_COLUMNS = (
    "rule", "state", "threshold", "for_s", "severity", "paused", "health", "last_error", "query", "summary",
    "description", "folder", "last_evaluated_at", "source", "uid",
)  # fmt: skip
HISTORY_COLUMNS = ("alert", "instance", "began_at", "ended_at", "lasted_s", "source")
HISTORY = "Alerts that began to fire within the last day"
ALERTS_SHOWN = 50
RULES_SHOWN = 50
_EVERY = ("active", "past")
_STATE_ORDER = {"firing": 0, "error": 1, "nodata": 2, "pending": 3, "recovering": 4, "normal": 5}


class AlertsArguments(Arguments):
    state: Literal["active", "firing", "pending", "nodata", "error", "past"] = Field(
        "active", description="past: ended too"
    )
    match: str = Field("", description="part of a name or label, or an entity")


class AlertRulesArguments(Arguments):
    match: str = Field("", description="a name, or what it is about")
    health: Literal["", "ok", "error", "nodata"] = ""


async def alerts(ctx: ToolContext, arguments: AlertsArguments) -> ToolResult:
    snapshot = await ctx.snapshot()
    title = "Active alerts" if arguments.state in _EVERY else f"Alerts that are {arguments.state}"
    if arguments.match:
        title += f" matching '{arguments.match}'"
    dataset = snapshot.alerts
    rows = [alert for alert in dataset if _in_state(alert, arguments.state)]
    index = EntityIndex.of(snapshot)
    keys = {entity.key for entity in index.exact(arguments.match)}
    if arguments.match:
        rows = [alert for alert in rows if alert.entity_key in keys or _mentions(alert, arguments.match)]
    rows.sort(key=lambda alert: (_STATE_ORDER.get(alert.state, 9), alert.severity or "~", alert.name))
    labels = {entry.entity.key: entry.entity for entry in index.entries}
    told = [_alert_row(alert, labels) for alert in rows]
    further = snapshot.silences.gaps if dataset.known else ()
    result = _result(ctx, snapshot, dataset, title, "GET alerts", ALERT_COLUMNS, told, ALERTS_SHOWN, further)
    if arguments.state != "past":
        return result
    changes = snapshot.alert_changes
    names = {name for entry in index.entries if entry.entity.key in keys for name in entry.names}
    past = [row for row in episodes(changes) if not arguments.match or _is_of(row, arguments.match, names)]
    title = f"{HISTORY}, matching '{arguments.match}'" if arguments.match else HISTORY
    before = _result(
        ctx, snapshot, changes, title, "GET /api/annotations?type=alert", HISTORY_COLUMNS, past, ALERTS_SHOWN
    )
    return ToolResult((*result.evidence, *before.evidence), gaps=(*result.gaps, *before.gaps), note=result.note)


def episodes(changes: Iterable[AlertChange]) -> list[tuple[Cell, ...]]:
    """`HISTORY_COLUMNS` of each time that an instance of a rule began to fire, the newest first; without an end while
    it lasts."""
    by_instance: dict[tuple[str, str, str], list[AlertChange]] = {}
    for change in sorted(changes, key=lambda one: one.at):
        by_instance.setdefault((change.source, change.rule, change.instance), []).append(change)
    found: list[tuple[datetime, tuple[Cell, ...]]] = []
    for (source, rule, instance), own in by_instance.items():
        for began, after in zip(own, (*own[1:], None), strict=True):
            if began.state != "firing":
                continue
            lasted_s = (after.at - began.at).total_seconds() if after else None
            ended = iso(after.at) if after else None
            found.append((began.at, (rule, instance, iso(began.at), ended, lasted_s, source)))
    return [row for _, row in sorted(found, key=lambda one: one[0], reverse=True)]


def _is_of(row: tuple[Cell, ...], text: str, names: Collection[str]) -> bool:
    """Whether an episode has the text, or a label that is one of the names: `GuestDown {id=qemu/104}` is of `web`."""
    labels = _LABEL_VALUE.findall(str(row[1]))
    return normalise(text) in normalise(f"{row[0]} {row[1]}") or any(normalise(value) in names for value in labels)


async def alert_rules(ctx: ToolContext, arguments: AlertRulesArguments) -> ToolResult:
    snapshot = await ctx.snapshot()
    rules = [rule for rule in snapshot.alert_rules if not arguments.health or rule.health == arguments.health]
    rules = await _defined(ctx, rules)
    if arguments.match:
        part = normalise(arguments.match)
        named = [rule for rule in rules if normalise(rule.name) == part]
        named = named or [rule for rule in rules if f"-{part}" in f"-{_spelled_out(rule)}"]
        rules = named or _nearest(rules, arguments.match)
    rules.sort(key=lambda rule: (rule.state != "firing", rule.name))
    rows = [rule_row(rule) for rule in rules]
    return _result(
        ctx, snapshot, snapshot.alert_rules, "Alert rules", "GET alert rules", RULE_COLUMNS, rows, RULES_SHOWN
    )


def _spelled_out(rule: AlertRule) -> str:
    """Its name in words, its uid and its query: `ups` begins a word of `UpsBatteryLow`, and none of `backups`."""
    return normalise(f"{rule.name} {_CAMEL.sub(' ', rule.name)} {rule.uid} {rule.query or ''}")


async def _defined(ctx: ToolContext, rules: list[AlertRule]) -> list[AlertRule]:
    """With the thresholds, which only the definitions of Grafana's rules tell; as they are where those are not to be
    read."""
    read = await ctx.live.alert_rules()
    known = {(rule.source, rule.uid): rule for rule in read.value or ()}
    return [_completed(rule, known.get((rule.source, rule.uid))) for rule in rules]


def _completed(rule: AlertRule, defined: AlertRule | None) -> AlertRule:
    if defined is None:
        return rule
    for_s = rule.for_s if defined.for_s is None else defined.for_s
    paused = rule.paused if defined.paused is None else defined.paused
    return replace(rule, query=defined.query or rule.query, for_s=for_s, paused=paused)


def _nearest(rules: Iterable[AlertRule], text: str) -> list[AlertRule]:
    """The rules that speak of most of these words: in their names first, then in what they say."""
    words = [word for word in _WORD.findall(text.lower()) if len(word) >= SHORTEST_WORD]
    weighed = [(sum(_weight(rule, word) for word in words), rule) for rule in rules]
    most = max((weight // NAMED_BY_A_WORD for weight, _ in weighed), default=0)
    return [rule for weight, rule in weighed if weight // NAMED_BY_A_WORD == most] if most else []


def _weight(rule: AlertRule, word: str) -> int:
    """`expiring` is of the same stem as `CertificateExpiresSoon`: what begins alike counts."""
    begin = word[: max(SHORTEST_WORD, len(word) - 3)]
    if any(part.startswith(begin) for part in _WORD.findall(_CAMEL.sub(" ", rule.name).lower())):
        return NAMED_BY_A_WORD
    said = f"{rule.query or ''} {' '.join(text for _, text in rule.annotations)} {rule.folder or ''}".lower()
    return int(any(part.startswith(begin) for part in _WORD.findall(said.replace("_", " "))))


_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-.]")
_WORD = re.compile(r"[a-z0-9]+")
_LABEL_VALUE = re.compile(r"=([^,{}]+)")
# The last comparison of an expression, which is the threshold: `… / node_memory_total * 100 > 90`.
_THRESHOLD = re.compile(r"(==|!=|>=|<=|<|>) ?(?:bool )?(-?\d+(?:\.\d*)?(?:e[+-]?\d+)?)\s*\)?$")
_UNIT = re.compile(r"\{\{ ?(?:\$value|\$values[.\w]*)[^}]*\}\} ?(%|°C|days?|hours?|minutes?|s\b)?")
SHORTEST_WORD = 3
NAMED_BY_A_WORD = 3


def threshold_of(rule: AlertRule) -> str | None:
    """`> 90 %`: the bound of its expression, with the unit that its summary gives to the value; None where its
    expression has none. Summary: `The datastore behind {{ $labels.storage }} is {{ $value }} % full`."""
    bound = _THRESHOLD.search((rule.query or "").strip())
    if bound is None:
        return None
    unit = _UNIT.search(label(rule.annotations, "summary") or "")
    return f"{bound[1]} {float(bound[2]):g}{f' {unit[1]}' if unit and unit[1] else ''}"


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
        threshold_of(rule),
        rule.for_s,
        label(rule.labels, "severity"),
        rule.paused,
        rule.health,
        rule.last_error,
        rule.query,
        label(rule.annotations, "summary"),
        label(rule.annotations, "description"),
        rule.folder,
        iso(rule.last_evaluated_at),
        rule.source,
        rule.uid,
    )


def _in_state(alert: Alert, state: str) -> bool:
    return alert.state != "normal" if state in _EVERY else alert.state == state


def _mentions(alert: Alert, text: str) -> bool:
    part = normalise(text.partition("://")[2] or text)
    fields = (alert.name, *(value for _, value in alert.labels))
    return any(part in normalise(value) for value in fields)


def _result(
    ctx: ToolContext,
    snapshot: Snapshot,
    dataset: Dataset[Alert] | Dataset[AlertRule] | Dataset[AlertChange],
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
