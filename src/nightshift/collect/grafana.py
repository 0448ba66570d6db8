"""What a sweep reads of one Grafana: alerts that are not normal, and the rules with their health."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from nightshift.collect.reading import Deadline, Gathering, Probe, probe
from nightshift.errors import SourceError
from nightshift.facts.gap import Gap
from nightshift.facts.monitoring import Alert, AlertChange, AlertRule, DataSource, Labels, Silenced
from nightshift.facts.snapshot import Dataset, not_configured

if TYPE_CHECKING:
    from nightshift.sources import GrafanaClient


Row = TypeVar("Row")

_NEWER = frozenset({"grafana_datasources", "alert_changes"})
CHANGES_BACK = timedelta(days=1)
CHANGES_READ = 1000
HEALTH_ASKED = 20
# What one of an alert and its notification has only, or in another way: Error and NoData arrive under another name.
_NOT_COMPARED = frozenset({"alertname", "rulename", "grafana_folder", "datasource_uid", "ref_id"})


@dataclass(frozen=True, slots=True)
class GrafanaFacts:
    probe: Probe
    alerts: Dataset[Alert]
    silences: Dataset[Silenced]
    rules: Dataset[AlertRule]
    datasources: Dataset[DataSource]
    changes: Dataset[AlertChange]


async def collect_grafana(client: GrafanaClient, now: datetime, deadline: Deadline) -> GrafanaFacts:
    """Six requests and one for each data source (Grafana API: /api/health, /api/datasources, /api/annotations,
    /api/prometheus/grafana/api/v1/{alerts,rules}, /api/alertmanager/grafana/api/v2/alerts).

    What a version does not have is not configured there, which is no gap.
    """
    version, alerts, silenced, rules, datasources, changes = await asyncio.gather(
        probe(client, deadline),
        deadline.read("alerts", client.alerts()),
        deadline.read("silences", client.silenced()),
        deadline.read("alert_rules", client.rules()),
        _read_datasources(client, now, deadline),
        deadline.read("alert_changes", client.alert_changes(since=now - CHANGES_BACK, limit=CHANGES_READ)),
    )
    return GrafanaFacts(
        probe=version,
        alerts=_part(_with_silences(alerts, silenced), now),
        silences=_part(silenced, now),
        rules=_part(rules, now),
        datasources=datasources,
        changes=_changes(client.source, changes, now),
    )


def _with_silences(alerts: tuple[Alert, ...] | Gap, silenced: tuple[Silenced, ...] | Gap) -> tuple[Alert, ...] | Gap:
    """The alerts, each told whether it is silenced; unchanged when the silences could not be read."""
    if isinstance(alerts, Gap) or isinstance(silenced, Gap):
        return alerts
    keys = {(item.rule_uid, item.rule, _compared(item.labels)) for item in silenced}
    return tuple(
        replace(alert, silenced=(alert.rule_uid, alert.name, _compared(alert.labels)) in keys) for alert in alerts
    )


def _compared(labels: Labels) -> frozenset[tuple[str, str]]:
    return frozenset(item for item in labels if item[0] not in _NOT_COMPARED)


async def _read_datasources(client: GrafanaClient, now: datetime, deadline: Deadline) -> Dataset[DataSource]:
    """The data sources, each with its own word on how it is; a Gap for each that may not be asked."""
    listed = await deadline.read("grafana_datasources", client.datasources())
    if isinstance(listed, Gap):
        return _part(listed, now)
    asked = listed[:HEALTH_ASKED]
    answers = await asyncio.gather(*(deadline.read("grafana_datasources", client.with_health(item)) for item in asked))
    gaps = tuple(
        replace(answer, detail=f"how the data source {item.name} is: {answer.detail}")
        for item, answer in zip(asked, answers, strict=True)
        if isinstance(answer, Gap)
    )
    rows = tuple(item if isinstance(answer, Gap) else answer for item, answer in zip(asked, answers, strict=True))
    return Dataset("partial" if gaps else "complete", (*rows, *listed[HEALTH_ASKED:]), gaps, now)


def _changes(source: str, answer: tuple[AlertChange, ...] | Gap, now: datetime) -> Dataset[AlertChange]:
    """The changes, the newest ones; a Gap where there may be more of them than were read."""
    dataset = _part(answer, now)
    if len(dataset.rows) < CHANGES_READ:
        return dataset
    gap = Gap(source, "alert_changes", "truncated", "Grafana has more changes of alerts in this time than were read")
    return replace(dataset, state="partial", gaps=(*dataset.gaps, gap))


def _part(answer: tuple[Row, ...] | Gap, now: datetime) -> Dataset[Row]:
    if isinstance(answer, Gap) and answer.kind == "unsupported" and answer.dataset in _NEWER:
        return not_configured()
    gathered: Gathering[Row] = Gathering()
    gathered.add(answer)
    return gathered.dataset(now)


async def rules_with_queries(client: GrafanaClient) -> tuple[AlertRule, ...]:
    """The rules with what only the provisioning API tells: expression, `for`, paused.

    A Viewer may not read that on older versions, which is normal: those fields then stay None. Raises SourceError
    when the rules themselves cannot be read.
    """
    rules, provisioned = await asyncio.gather(client.rules(), _provisioned(client))
    by_uid = {rule.uid: rule for rule in provisioned}
    return tuple(_completed(rule, by_uid.get(rule.uid)) for rule in rules)


async def _provisioned(client: GrafanaClient) -> tuple[AlertRule, ...]:
    try:
        return await client.provisioned_rules()
    except SourceError:
        return ()


def _completed(rule: AlertRule, provisioned: AlertRule | None) -> AlertRule:
    if provisioned is None:
        return rule
    return replace(
        rule,
        query=provisioned.query or rule.query,
        for_s=provisioned.for_s if provisioned.for_s is not None else rule.for_s,
        paused=provisioned.paused if provisioned.paused is not None else rule.paused,
    )
