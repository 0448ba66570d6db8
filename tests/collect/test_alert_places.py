"""Alerts that name no place: which instances have the series that their rule adds up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.collect.doubles import NOW, PrometheusDouble

from nightshift.collect.alert_places import MOST_PLACES, place_alerts, placeless
from nightshift.errors import SourceUnreachable
from nightshift.facts.monitoring import Alert, AlertRule, MetricNames, Sample
from nightshift.facts.snapshot import Dataset, Snapshot

NAMES = MetricNames("prometheus", frozenset({"adguard_running", "up"}))
FIRING = Alert("grafana", "dns", "DnsDown", "firing", "critical", NOW, "0", (("alertname", "DnsDown"),), (), "h")
RULE = AlertRule("grafana", "dns", "DnsDown", None, None, "firing", "ok", None, NOW, query="sum(adguard_running) < 1")
KEY = ("grafana", "dns", "h")


def snapshot(alert: Alert = FIRING, query: str = "sum(adguard_running) < 1") -> Snapshot:
    return Snapshot(
        NOW,
        alerts=Dataset("complete", (alert,)),
        alert_rules=Dataset("complete", (replace(RULE, query=query),)),
        metric_names=Dataset("complete", (NAMES,)),
    )


@pytest.mark.parametrize(
    ("found", "asked"),
    [
        (snapshot(), {KEY: "count by (job, instance) (adguard_running)"}),
        (snapshot(query='sum(up{job="dns"}) < 1'), {KEY: 'count by (job, instance) (up{job="dns"})'}),
        (
            snapshot(query="sum(adguard_running) + sum(up) + sum(adguard_running)"),
            {KEY: "count by (job, instance) (adguard_running or up)"},
        ),
        (snapshot(query="sum(unknown_metric) < 1"), {}),
        (snapshot(replace(FIRING, labels=(("instance", "a:1"),))), {}),
        (snapshot(replace(FIRING, labels=(("storage", "pbs-tank"),))), {}),
        (snapshot(replace(FIRING, entity_key="guest:pve/104")), {}),
        (snapshot(replace(FIRING, state="pending")), {}),
        (snapshot(replace(FIRING, rule_uid="other")), {}),
    ],
    ids=[
        "a sum",
        "with a matcher",
        "of two metrics",
        "unknown",
        "an instance",
        "an unknown storage",
        "an entity",
        "pending",
        "no rule",
    ],
)
def test_what_is_asked(found: Snapshot, asked: dict[object, str]) -> None:
    assert placeless(found) == asked


def series(count: int) -> tuple[Sample, ...]:
    return tuple(
        Sample((("nightshift_row", "alert_0"), ("job", "dns"), ("instance", f"dns{number}:9617")), 1.0, NOW)
        for number in range(count)
    )


@pytest.mark.parametrize(
    ("server", "instances"),
    [
        (PrometheusDouble(samples=series(2)), ("dns0:9617", "dns1:9617")),
        (PrometheusDouble(samples=series(MOST_PLACES + 1)), ()),
        (PrometheusDouble(query=SourceUnreachable("prometheus", "POST /", "refused")), ()),
    ],
    ids=["a few", "half the fleet", "no answer"],
)
async def test_where_an_alert_is(server: PrometheusDouble, instances: tuple[str, ...]) -> None:
    placed = await place_alerts(snapshot(), (server,), NOW, 2.0)
    assert placed == replace(snapshot(), alerts=Dataset("complete", (replace(FIRING, instances=instances),)))


async def test_nobody_is_asked_without_need() -> None:
    server = PrometheusDouble()
    known = snapshot(replace(FIRING, entity_key="guest:pve/104"))
    assert await place_alerts(known, (server,), NOW, 2.0) == known
    assert await place_alerts(snapshot(), (), NOW, 2.0) == snapshot()
    assert server.calls == []
