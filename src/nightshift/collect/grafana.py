"""What a sweep reads of one Grafana: alerts that are not normal, and the rules with their health."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from nightshift.collect.reading import Deadline, Gathering, Probe, probe
from nightshift.errors import SourceError
from nightshift.facts.monitoring import Alert, AlertRule
from nightshift.facts.snapshot import Dataset

if TYPE_CHECKING:
    from nightshift.sources import GrafanaClient


@dataclass(frozen=True, slots=True)
class GrafanaFacts:
    probe: Probe
    alerts: Dataset[Alert]
    rules: Dataset[AlertRule]


async def collect_grafana(client: GrafanaClient, now: datetime, deadline: Deadline) -> GrafanaFacts:
    """Three requests, all at once (Grafana API: /api/health, /api/prometheus/grafana/api/v1/{alerts,rules})."""
    version, alerts_answer, rules_answer = await asyncio.gather(
        probe(client, deadline),
        deadline.read("alerts", client.alerts()),
        deadline.read("alert_rules", client.rules()),
    )
    alerts: Gathering[Alert] = Gathering()
    alerts.add(alerts_answer)
    rules: Gathering[AlertRule] = Gathering()
    rules.add(rules_answer)
    return GrafanaFacts(version, alerts.dataset(now), rules.dataset(now))


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
