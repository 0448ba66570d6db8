"""What a sweep reads of one Grafana: alerts that are not normal, and the rules with their health."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from nightshift.collect.reading import Deadline, Gathering, Probe, probe
from nightshift.errors import SourceError
from nightshift.facts.gap import Gap
from nightshift.facts.monitoring import Alert, AlertChange, AlertRule, DataSource
from nightshift.facts.snapshot import Dataset, not_configured

if TYPE_CHECKING:
    from nightshift.sources import GrafanaClient


Row = TypeVar("Row")

_NEWER = frozenset({"grafana_datasources", "alert_changes"})
CHANGES_BACK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class GrafanaFacts:
    probe: Probe
    alerts: Dataset[Alert]
    rules: Dataset[AlertRule]
    datasources: Dataset[DataSource]
    changes: Dataset[AlertChange]


async def collect_grafana(client: GrafanaClient, now: datetime, deadline: Deadline) -> GrafanaFacts:
    """Six requests and one for each of the first six data sources (Grafana API: /api/health, /api/datasources,
    /api/annotations, /api/prometheus/grafana/api/v1/{alerts,rules}).

    What a version does not have is not configured there, which is no gap.
    """
    version, alerts_answer, rules_answer, datasources, changes = await asyncio.gather(
        probe(client, deadline),
        deadline.read("alerts", client.alerts()),
        deadline.read("alert_rules", client.rules()),
        deadline.read("grafana_datasources", client.datasources()),
        deadline.read("alert_changes", client.alert_changes(since=now - CHANGES_BACK)),
    )
    return GrafanaFacts(
        version, _part(alerts_answer, now), _part(rules_answer, now), _part(datasources, now), _part(changes, now)
    )


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
