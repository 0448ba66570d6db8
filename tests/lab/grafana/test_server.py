"""The HTTP API over a Prometheus that answers what a test wants."""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from aiohttp import web

from nightshift_lab.grafana.rules import RULES
from nightshift_lab.grafana.server import GrafanaServer
from nightshift_lab.grafana.silences import Matcher, Silence
from nightshift_lab.knobs import Knobs
from nightshift_lab.scenarios import build_scenario
from nightshift_lab.world.current import WorldHolder

_CONTRACTS = Path(os.environ.get("CONTRACTS_DIR", Path(__file__).resolve().parents[4] / "shared" / "contracts"))
EVENING = 1_795_469_000.0
RULES_PATH = "/api/prometheus/grafana/api/v1/rules"
ALERTS_PATH = "/api/prometheus/grafana/api/v1/alerts"
NOTIFICATIONS_PATH = "/api/alertmanager/grafana/api/v2/alerts"
SILENCES_PATH = "/api/alertmanager/grafana/api/v2/silences"
PROVISIONING_PATH = "/api/v1/provisioning/alert-rules"


class FakePrometheus:
    """Answers instant queries from a table of expressions, everything else with an empty vector; no past."""

    def __init__(self) -> None:
        self.series: dict[str, list[tuple[dict[str, str], str]]] = {"vector(1)": [({}, "1")]}
        self.broken: set[str] = set()
        app = web.Application()
        app.router.add_route("*", "/api/v1/{kind:query|query_range}", self._answer)
        self.runner = web.AppRunner(app, access_log=None)
        self.url = ""

    async def start(self) -> None:
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    async def _answer(self, request: web.Request) -> web.Response:
        form = {**request.query, **await request.post()}
        expr = str(form["query"])
        if expr in self.broken:
            body = {"status": "error", "errorType": "execution", "error": "found duplicate series"}
            return web.json_response(body, status=422)
        ranged = request.match_info["kind"] == "query_range"
        rows = [{"metric": labels, "value": [EVENING, value]} for labels, value in self.series.get(expr, [])]
        data = {"resultType": "matrix" if ranged else "vector", "result": [] if ranged else rows}
        return web.json_response({"status": "success", "data": data})


class Running:
    def __init__(self, server: GrafanaServer, knobs: Knobs, client: httpx.AsyncClient) -> None:
        self.server, self.knobs, self.client = server, knobs, client

    async def data(self, path: str, **query: str) -> Any:
        response = await self.client.get(path, params=query)
        assert response.status_code == 200, (path, response.status_code, response.text)
        return response.json()


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def prometheus() -> AsyncIterator[FakePrometheus]:
    fake = FakePrometheus()
    await fake.start()
    yield fake
    await fake.runner.cleanup()


@pytest.fixture
async def start(prometheus: FakePrometheus) -> AsyncIterator[Start]:
    started: list[Running] = []

    async def start_server(*, scenario: str = "healthy", started_at: float = EVENING, **options: Any) -> Running:
        holder = WorldHolder(build_scenario(scenario, seed=7, started_at=started_at))
        knobs = Knobs("grafana", encrypted=False)
        server = GrafanaServer(holder, knobs, prometheus.url, **options)
        await server.start()
        headers = {"Authorization": f"Bearer {server.env['GRAFANA_SERVICE_ACCOUNT_TOKEN']}"}
        started.append(Running(server, knobs, httpx.AsyncClient(base_url=server.url, headers=headers)))
        return started[-1]

    yield start_server
    for running in started:
        await running.client.aclose()
        await running.server.stop()


def _expr(title: str) -> str:
    return next(rule.expr for rule in RULES if rule.title == title)


async def test_who_may_read(start: Start) -> None:
    running = await start()
    async with httpx.AsyncClient(base_url=running.server.url) as nobody:
        assert (await nobody.get("/api/health")).json()["database"] == "ok"
        refused = await nobody.get("/api/org")
        assert (refused.status_code, refused.json()["messageId"]) == (401, "auth.unauthorized")
        wrong = await nobody.get("/api/org", headers={"Authorization": "Bearer glsa_wrong"})
        assert (wrong.status_code, wrong.json()["message"]) == (401, "Invalid API key")
    assert (await running.data("/api/org"))["name"] == "Main Org."
    user = await running.data("/api/user")
    assert (user["login"], user["isGrafanaAdmin"], user["uid"]) == ("sa-1-nightshift", False, "service-account:2")
    assert (await running.client.get("/api/nothing")).status_code == 404


async def test_a_permission_can_be_taken_away(start: Start) -> None:
    running = await start()
    await running.knobs.turn("error403", "alert.rules:read")
    refused = await running.client.get(RULES_PATH)
    assert (refused.status_code, refused.json()["title"]) == (403, "Access denied")
    assert refused.json()["message"].endswith("Permissions needed: alert.rules:read")
    assert "alert.rules:read" not in await running.data("/api/access-control/user/permissions")
    await running.data(ALERTS_PATH)


@pytest.mark.parametrize(
    ("version", "role", "status"), [("12.3.0", "Viewer", 200), ("10.4.19", "Viewer", 403), ("10.4.19", "Admin", 200)]
)
async def test_provisioned_rules_are_the_admins_before_11(start: Start, version: str, role: str, status: int) -> None:
    running = await start(version=version, role=role)
    assert (await running.client.get(PROVISIONING_PATH)).status_code == status


async def test_only_the_watchdog_fires_when_prometheus_is_empty_and_rules_without_data_say_so(start: Start) -> None:
    running = await start()
    groups = (await running.data(RULES_PATH))["data"]["groups"]
    rules = {rule["name"]: rule for group in groups for rule in group["rules"]}
    assert rules.keys() == {rule.title for rule in RULES}
    assert [name for name, rule in rules.items() if rule["state"] == "firing"] == ["Watchdog"]
    assert rules["GuestNotBackedUp"]["health"] == "ok"
    assert rules["OomKills"]["health"] == "nodata"
    assert rules["OomKills"]["state"] == "inactive"


async def test_what_fires_is_told_alike_in_every_place(start: Start, prometheus: FakePrometheus) -> None:
    prometheus.series[_expr("OomKills")] = [
        ({"instance": "pve2:9100", "job": "node"}, "2"),
        ({"instance": "pve1:9100", "job": "node"}, "0"),
    ]
    running = await start()
    alerts = (await running.data(ALERTS_PATH))["data"]["alerts"]
    oom = [alert for alert in alerts if alert["labels"]["alertname"] == "OomKills"]
    assert [(alert["labels"]["instance"], alert["state"]) for alert in oom] == [
        ("pve2:9100", "Alerting"),
        ("pve1:9100", "Normal"),
    ]
    labels = {
        "alertname": "OomKills",
        "grafana_folder": "Hosts",
        "instance": "pve2:9100",
        "job": "node",
        "severity": "warning",
    }
    assert oom[0]["labels"] == labels
    assert oom[0]["value"] == "A: 2e+00, C: 1e+00"
    assert oom[0]["annotations"]["summary"] == "The kernel of pve2:9100 killed a process for lack of memory"
    (sent,) = await running.data(NOTIFICATIONS_PATH, filter='alertname="OomKills"')
    assert sent["labels"] == {**labels, "__alert_rule_uid__": "hosts-oom-kills"}
    assert sent["startsAt"][:19] == oom[0]["activeAt"][:19]
    assert (await running.client.get(NOTIFICATIONS_PATH, params={"filter": "active"})).status_code == 400


async def test_a_failing_query_is_an_error_with_its_reason(start: Start, prometheus: FakePrometheus) -> None:
    prometheus.broken.add(_expr("OomKills"))
    running = await start()
    groups = (await running.data(RULES_PATH))["data"]["groups"]
    (rule,) = (rule for group in groups for rule in group["rules"] if rule["name"] == "OomKills")
    assert (rule["state"], rule["health"]) == ("inactive", "error")
    assert rule["lastError"] == "[sse.dataQueryError] failed to execute query [A]: found duplicate series"
    (sent,) = await running.data(NOTIFICATIONS_PATH, filter="rulename=OomKills")
    assert sent["labels"]["alertname"] == "DatasourceError"
    prometheus.broken.clear()
    prometheus.series[_expr("OomKills")] = [({"instance": "pve2:9100"}, "0")]
    await running.server.evaluator.evaluate()
    groups = (await running.data(RULES_PATH))["data"]["groups"]
    (rule,) = (rule for group in groups for rule in group["rules"] if rule["name"] == "OomKills")
    assert (rule["health"], "lastError" in rule) == ("ok", False)


async def test_the_data_source_answers_as_prometheus(start: Start) -> None:
    running = await start()
    (source,) = await running.data("/api/datasources")
    path = f"/api/datasources/proxy/uid/{source['uid']}/api/v1/query"
    by_get = await running.data(path, query="vector(1)")
    by_post = (await running.client.post(path, data={"query": "vector(1)"})).json()
    assert by_get == by_post
    assert by_get["data"]["result"][0]["value"][1] == "1"


async def test_knobs(start: Start) -> None:
    running = await start()
    for knob, status in (("error500", 500), ("error401", 401), ("error403", 403)):
        await running.knobs.turn(knob)
        async with httpx.AsyncClient(base_url=running.server.url) as client:
            assert (await client.get(RULES_PATH)).status_code == status
        await running.knobs.turn(knob, False)


@pytest.mark.contracts
@pytest.mark.skipif(not _CONTRACTS.is_dir(), reason="the contract files are not beside this checkout")
async def test_answers_fit_the_published_descriptions(start: Start, prometheus: FakePrometheus) -> None:
    prometheus.series[_expr("OomKills")] = [({"instance": "pve2:9100"}, "2")]
    prometheus.broken.add(_expr("ClockSkew"))
    running = await start()
    for path, schema in (
        (RULES_PATH, "prometheus.rules"),
        (ALERTS_PATH, "prometheus.alerts"),
        (PROVISIONING_PATH, "provisioning.alert-rules.v13"),
        ("/api/health", "health.v13"),
        ("/api/user", "user.current.v13"),
        ("/api/org", "org.v13"),
        ("/api/datasources", "datasources.v13"),
        ("/api/folders", "folders.v13"),
    ):
        description = json.loads((_CONTRACTS / "grafana" / f"{schema}.schema.json").read_text())
        jsonschema.Draft202012Validator(description).validate(await running.data(path))


async def test_each_role_has_its_own_token(start: Start) -> None:
    running = await start(version="10.4.19")
    told = {}
    for role, token in running.server.tokens.items():
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=running.server.url, headers=headers) as client:
            granted = (await client.get("/api/access-control/user/permissions")).json()
            told[role] = ("alert.rules:write" in granted, (await client.get(PROVISIONING_PATH)).status_code)
    assert told == {"Viewer": (False, 403), "Editor": (True, 403), "Admin": (True, 200)}


async def test_a_silence_suppresses_what_it_is_about(start: Start, prometheus: FakePrometheus) -> None:
    prometheus.series[_expr("OomKills")] = [({"instance": "pve2:9100"}, "2"), ({"instance": "pve1:9100"}, "1")]
    now = time.time()
    matchers = (Matcher("alertname", "OomKills"), Matcher("instance", "pve2:.+", is_regex=True))
    active = Silence("5e3c", matchers, now - 60, now + 3_600, "anna", "known")
    over = Silence("77aa", matchers[:1], now - 7_200, now - 3_600, "anna", "was known")
    running = await start(silences=(active, over))
    rows = await running.data(SILENCES_PATH)
    assert [(row["id"], row["status"]["state"], row["comment"]) for row in rows] == [
        ("5e3c", "active", "known"),
        ("77aa", "expired", "was known"),
    ]
    assert rows[0]["matchers"][1] == {"isEqual": True, "isRegex": True, "name": "instance", "value": "pve2:.+"}
    assert (await running.data("/api/alertmanager/grafana/api/v2/silence/77aa")) == rows[1]
    sent = await running.data(NOTIFICATIONS_PATH, filter="alertname=OomKills")
    assert {row["labels"]["instance"]: (row["status"]["state"], row["status"]["silencedBy"]) for row in sent} == {
        "pve2:9100": ("suppressed", ["5e3c"]),
        "pve1:9100": ("active", []),
    }
    (heard,) = await running.data(NOTIFICATIONS_PATH, filter="alertname=OomKills", silenced="false")
    assert heard["labels"]["instance"] == "pve1:9100"


async def test_annotations_tell_what_alerts_did_and_what_people_wrote(start: Start, prometheus: FakePrometheus) -> None:
    running = await start()
    prometheus.series[_expr("OomKills")] = [({"instance": "pve2:9100"}, "2")]
    began = int(time.time() * 1_000)
    await running.server.evaluator.evaluate()
    span = {"from": str(began), "to": str(began + 60_000)}
    rows = await running.data("/api/annotations", **span, type="alert", limit="500")
    ever = await running.data("/api/annotations", **{"from": span["to"], "type": "alert", "limit": "500"})
    assert len(ever) > len(rows)  # a bound alone is none
    (oom,) = (row for row in rows if row["alertName"] == "OomKills" and row["newState"] == "Alerting")
    assert (oom["prevState"], oom["data"]) == ("Normal", {"values": {"A": 2.0}})
    assert oom["text"].startswith("OomKills {alertname=OomKills, grafana_folder=Hosts, instance=pve2:9100")
    assert [row["time"] for row in rows] == sorted((row["time"] for row in rows), reverse=True)
    (note,) = await running.data("/api/annotations", tags="nextcloud")
    assert (note["text"], note["login"], note["newState"]) == ("Nextcloud updated to 31.0.2", "anna", "")
    assert (await running.client.get("/api/annotations", params={"from": "yesterday"})).status_code == 400


async def test_a_paused_rule_is_shown_and_not_evaluated(start: Start, prometheus: FakePrometheus) -> None:
    prometheus.series[_expr("DiskTooHot")] = [({"instance": "pve1:9633", "device": "sda"}, "71")]
    running = await start()
    groups = (await running.data(RULES_PATH))["data"]["groups"]
    (rule,) = (rule for group in groups for rule in group["rules"] if rule["name"] == "DiskTooHot")
    assert (rule["isPaused"], rule["state"], rule["alerts"]) == (True, "inactive", [])
    provisioned = await running.data(PROVISIONING_PATH)
    assert [row["title"] for row in provisioned if row["isPaused"]] == ["DiskTooHot"]


async def test_a_data_source_that_cannot_be_reached_says_so_everywhere(start: Start) -> None:
    health = "/api/datasources/uid/prometheus-homelab/health"
    assert (await (await start()).data(health))["status"] == "OK"
    running = await start(scenario="datasource-broken", started_at=time.time())
    refused = await running.client.get(health)
    assert (refused.status_code, refused.json()["status"]) == (400, "ERROR")
    proxied = "/api/datasources/proxy/uid/prometheus-homelab/api/v1/query"
    assert (await running.client.get(proxied, params={"query": "up"})).status_code == 502
    groups = (await running.data(RULES_PATH))["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"] if not rule["isPaused"]]
    assert len(rules) >= 40
    assert {rule["health"] for rule in rules} == {"error"}
    assert all("no such host" in rule["lastError"] for rule in rules)
