"""The alert rules as a scenario has them written: other words in their annotations, other queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nightshift_lab.grafana.rule import AlertRule
from nightshift_lab.scenarios.model import AlertChange


def changed_rules(changes: Mapping[str, AlertChange], rules: tuple[AlertRule, ...]) -> tuple[AlertRule, ...]:
    """The rules of the homelab, with the changes by uid. Raises KeyError for a uid that no rule has."""
    unknown = changes.keys() - {rule.uid for rule in rules}
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    return tuple(_changed(rule, changes[rule.uid]) if rule.uid in changes else rule for rule in rules)


def _changed(rule: AlertRule, change: AlertChange) -> AlertRule:
    return replace(
        rule,
        summary=rule.summary if change.summary is None else change.summary,
        description=rule.description if change.description is None else change.description,
        expr=rule.expr if change.query is None else change.query,
    )
