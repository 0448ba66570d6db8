"""Where the alerts are that name no place: what adds up over machines has no `instance` any more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from nightshift.collect.joins import names_a_thing
from nightshift.collect.prometheus import read_rows
from nightshift.collect.reading import Deadline
from nightshift.facts.monitoring import Alert, Sample, label
from nightshift.facts.snapshot import Dataset, Snapshot

if TYPE_CHECKING:
    from nightshift.sources import PrometheusClient

MOST_ALERTS = 16
MOST_PLACES = 8
_SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(\{[^{}]*\})?")

Key = tuple[str, str, str]
"""Source, rule and instance hash of an alert."""


async def place_alerts(
    snapshot: Snapshot, clients: Iterable[PrometheusClient], now: datetime, timeout_s: float
) -> Snapshot:
    """The snapshot, its placeless alerts told which instances have the series that their rule adds up.

    Asks the first Prometheus once, and only when there is such an alert. That it does not answer is told elsewhere; the
    alert then stands by itself.
    """
    client = next(iter(clients), None)
    queries = placeless(snapshot)
    if client is None or not queries:
        return snapshot
    names = {f"alert_{number}": key for number, key in enumerate(queries)}
    asked = {name: queries[key] for name, key in names.items()}
    answers = await read_rows(client, asked, now, Deadline.after(client.source, timeout_s))
    places = {names[name]: _instances(samples) for name, samples in answers.items()}
    return replace(snapshot, alerts=_placed(snapshot.alerts, places))


def placeless(snapshot: Snapshot) -> dict[Key, str]:
    """For each alert that is about nothing by its labels: the expression for the series behind its rule. One that names
    a storage which nobody knows adds up over no machines: its instance would be that of an exporter.

    `sum(adguard_running)` gives `count by (job, instance) (adguard_running)`. Only metrics that exist are asked for.
    """
    known = frozenset(name for item in snapshot.metric_names for name in item.names)
    rules = {(rule.source, rule.uid): rule.query for rule in snapshot.alert_rules if rule.query}
    found: dict[Key, str] = {}
    for alert in snapshot.alerts:
        query = rules.get((alert.source, alert.rule_uid))
        if query and alert.state == "firing" and alert.entity_key is None and not names_a_thing(alert.labels):
            selectors = [name + matchers for name, matchers in _SELECTOR.findall(query) if name in known]
            if selectors and len(found) < MOST_ALERTS:
                found[_key(alert)] = f"count by (job, instance) ({' or '.join(dict.fromkeys(selectors))})"
    return found


def _instances(samples: Dataset[Sample]) -> tuple[str, ...]:
    """Nothing where it adds up over half a fleet: then it is about none of it."""
    found = sorted({instance for sample in samples if (instance := label(sample.labels, "instance"))})
    return tuple(found) if len(found) <= MOST_PLACES else ()


def _placed(alerts: Dataset[Alert], places: Mapping[Key, tuple[str, ...]]) -> Dataset[Alert]:
    return replace(alerts, rows=tuple(replace(alert, instances=places.get(_key(alert), ())) for alert in alerts))


def _key(alert: Alert) -> Key:
    return alert.source, alert.rule_uid, alert.instance_hash
