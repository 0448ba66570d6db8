"""What is read of the lab's Grafana over HTTP, with one privilege taken away at a time: a gap names it, nothing is made
up, and what can be had another way is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from tests.lab.grafana.test_server import EVENING, FakePrometheus

from nightshift.collect.grafana import collect_grafana
from nightshift.collect.reading import Deadline
from nightshift.sources import BearerToken, Connection, GrafanaClient
from nightshift_lab.grafana.server import GrafanaServer
from nightshift_lab.knobs import Knobs
from nightshift_lab.scenarios import build_scenario
from nightshift_lab.world.current import WorldHolder

NOW = datetime.fromtimestamp(EVENING, UTC)


@pytest.fixture
async def grafana() -> AsyncIterator[tuple[GrafanaClient, Knobs]]:
    prometheus = FakePrometheus()
    await prometheus.start()
    knobs = Knobs("grafana", encrypted=False)
    holder = WorldHolder(build_scenario("healthy", seed=7, started_at=EVENING))
    server = GrafanaServer(holder, knobs, prometheus.url)
    await server.start()
    token = BearerToken(SecretStr(server.env["GRAFANA_SERVICE_ACCOUNT_TOKEN"]))
    client = GrafanaClient(Connection("grafana", "grafana", server.url, token))
    yield client, knobs
    await client.aclose()
    await server.stop()
    await prometheus.runner.cleanup()


@pytest.mark.parametrize(
    ("lost", "datasets", "healthy"),
    [
        (None, [], [True]),
        ("alert.instances:read", ["alerts", "silences"], [True]),
        ("alert.rules:read", ["alert_rules"], [True]),
        ("datasources:read", [], [True]),
        ("datasources:query", ["grafana_datasources"], [None]),
        ("annotations:read", ["alert_changes"], [True]),
    ],
)
async def test_what_a_token_may_not_see_is_a_gap_that_names_the_privilege(
    grafana: tuple[GrafanaClient, Knobs], lost: str | None, datasets: list[str], healthy: list[bool | None]
) -> None:
    client, knobs = grafana
    if lost is not None:
        await knobs.turn("error403", lost)
    facts = await collect_grafana(client, NOW, Deadline.after("grafana", 10.0))
    parts = (facts.alerts, facts.silences, facts.rules, facts.datasources, facts.changes)
    gaps = [gap for part in parts for gap in part.gaps]
    assert [(gap.dataset, gap.kind, gap.fix) for gap in gaps] == [
        (dataset, "forbidden", f"Grant {lost}.") for dataset in datasets
    ]
    assert [item.healthy for item in facts.datasources] == healthy
