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
from nightshift.facts.units import format_duration

if TYPE_CHECKING:
    from nightshift.sources import GrafanaClient


Row = TypeVar("Row")

_NEWER = frozenset({"grafana_datasources", "alert_changes"})
CHANGES_BACK = timedelta(days=1)
CHANGES_READ = 1000  # in one request
CHANGES_PAGES = 10
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
    """Six requests, one for each data source, and one for each further thousand changes of alerts (Grafana API:
    /api/health, /api/datasources, /api/annotations, /api/prometheus/grafana/api/v1/{alerts,rules},
    /api/alertmanager/grafana/api/v2/alerts).

    What a version does not have is not configured there, which is no gap.
    """
    version, alerts, silenced, rules, datasources, changes = await asyncio.gather(
        probe(client, deadline),
        deadline.read("alerts", client.alerts()),
        deadline.read("silences", client.silenced()),
        deadline.read("alert_rules", client.rules()),
        _read_datasources(client, now, deadline),
        _read_changes(client, now, deadline),
    )
    return GrafanaFacts(
        probe=version,
        alerts=_part(_with_silences(alerts, silenced), now),
        silences=_part(silenced, now),
        rules=_part(rules, now),
        datasources=datasources,
        changes=changes,
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


async def _read_changes(client: GrafanaClient, now: datetime, deadline: Deadline) -> Dataset[AlertChange]:
    """The changes of the last day, the newest first and a page at a time; a Gap where there are more than were read.
    Grafana's clock may be ahead of ours."""
    found: dict[AlertChange, None] = {}
    until = now + CHANGES_BACK
    for _ in range(CHANGES_PAGES):
        asked = client.alert_changes(since=now - CHANGES_BACK, until=until, limit=CHANGES_READ)
        page = await deadline.read("alert_changes", asked)
        if isinstance(page, Gap) and not found:
            return _part(page, now)
        if isinstance(page, Gap):
            break
        found |= dict.fromkeys(page)
        if len(page) < CHANGES_READ:
            return _part(tuple(found), now)
        before, until = until, min(change.at for change in page)
        if until == before:
            break  # more in one moment than a page holds
    age = format_duration(max((now - until).total_seconds(), 0.0))
    detail = f"of the changes of alerts within a day only the newest {len(found)} were read, back to {age} ago"
    return Dataset("partial", tuple(found), (Gap(client.source, "alert_changes", "truncated", detail),), now)


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
