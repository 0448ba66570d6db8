"""Grafana's alerting endpoints, over real HTTP, → facts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from nightshift.errors import SourceFailed, SourceForbidden, SourceMalformed, SourceUnauthorized, SourceUnsupported
from nightshift.facts.monitoring import Alert, AlertRule, DataSource, Silence, Silenced
from nightshift.sources import GrafanaClient, GrafanaViewer
from nightshift.sources.grafana.parse import alert_state, duration_s
from nightshift.sources.prometheus.parse import labels_hash

ALERTS = "/api/prometheus/grafana/api/v1/alerts"
RULES = "/api/prometheus/grafana/api/v1/rules"
NOTIFICATIONS = "/api/alertmanager/grafana/api/v2/alerts"
SILENCES = "/api/alertmanager/grafana/api/v2/silences"
PROVISIONED = "/api/v1/provisioning/alert-rules"
AT = datetime(2026, 3, 10, 14, 1, tzinfo=UTC)
ISO = "2026-03-10T14:01:00Z"
REFUSAL = {"message": "You'll need additional permissions. Permissions needed: alert.provisioning:read"}


@pytest.fixture
async def grafana(serve, routes, open_transport):
    async def start(table):
        stage = await serve(routes(table))
        transport = open_transport("grafana", stage.url)
        return GrafanaClient(transport.connection, transport), stage

    return start


def alerts(*rows):
    return {"status": "success", "data": {"alerts": list(rows)}}


def rules(*rows, folder="SRE", group="node"):
    return {
        "status": "success",
        "data": {"groups": [{"name": group, "file": folder, "interval": 60, "rules": list(rows)}]},
    }


def row(state="Alerting", uid="aaaa", active_at=ISO, value="1.1e+00", **labels):
    own = {"__alert_rule_uid__": uid, "__alert_rule_namespace_uid__": "n"} if uid else {}
    known = {"alertname": "DiskFilling", "instance": "web01", **labels}
    return {
        "labels": {**known, **own},
        "annotations": {"summary": "s", "__dashboardUid__": "d"},
        "state": state,
        "activeAt": active_at,
        "value": value,
    }


LABELS = (("alertname", "DiskFilling"), ("instance", "web01"))
FIRING = Alert(
    "grafana", "aaaa", "DiskFilling", "firing", None, AT, "1.1e+00", LABELS, (("summary", "s"),), labels_hash(LABELS)
)


@pytest.mark.parametrize(
    ("health", "version"),
    [({"database": "ok", "version": "12.2.1", "commit": "x"}, "12.2.1"), ({"database": "ok"}, "unknown")],
)
async def test_version(grafana, health, version):
    client, _ = await grafana({"/api/health": health})
    assert await client.version() == version


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Normal", ("normal", None)),
        ("Normal (MissingSeries)", ("normal", "MissingSeries")),
        ("Alerting", ("firing", None)),
        ("Alerting (NoData)", ("firing", "NoData")),
        ("Pending", ("pending", None)),
        ("Pending (Error)", ("pending", "Error")),
        ("NoData", ("nodata", None)),
        ("Error", ("error", None)),
        ("Recovering", ("recovering", None)),
        ("Exploding", ("firing", None)),
    ],
)
def test_states_and_their_reasons(text, state):
    assert alert_state(text) == state


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (row(), (FIRING,)),
        (row("Normal"), ()),
        (row("Normal (MissingSeries)"), ()),
        (row("Alerting (NoData)"), (replace(FIRING, reason="NoData"),)),
        (row(active_at="0001-01-01T00:00:00Z", value=""), (replace(FIRING, active_since=None, value=None),)),
        (row(active_at=None), (replace(FIRING, active_since=None),)),
    ],
)
async def test_alerts_that_are_not_normal(grafana, sent, expected):
    client, stage = await grafana({ALERTS: alerts(sent)})
    assert await client.alerts() == expected
    queries = {seen.name: seen.query for seen in stage.seen}
    assert queries[ALERTS] == {"includeInternalLabels": "true"}


async def test_severity_is_a_label(grafana):
    client, _ = await grafana({ALERTS: alerts(row(severity="critical"))})
    assert (await client.alerts())[0].severity == "critical"


async def test_the_name_of_a_datasource_alert_is_its_rule(grafana):
    sent = row("Error", alertname="DatasourceError", rulename="QueueTooLong", uid="bbbb")
    client, _ = await grafana({ALERTS: alerts(sent)})
    (alert,) = await client.alerts()
    assert (alert.name, alert.rule_uid, alert.state) == ("QueueTooLong", "bbbb", "error")


def notification(silenced, **labels):
    status = {
        "state": "suppressed" if silenced else "active",
        "silencedBy": ["0c2e"] if silenced else [],
        "inhibitedBy": [],
    }
    return {"labels": labels, "fingerprint": "8f8c", "status": status, "annotations": {}}


async def test_silences(grafana):
    labels = {"__alert_rule_uid__": "aaaa", "alertname": "DatasourceError", "rulename": "DiskFilling", "ref_id": "A"}
    rows = [notification(True, **labels), notification(False, **labels | {"instance": "web02"})]
    client, stage = await grafana({NOTIFICATIONS: rows})
    told = (("alertname", "DatasourceError"), ("ref_id", "A"), ("rulename", "DiskFilling"))
    assert await client.silenced() == (Silenced("grafana", "aaaa", "DiskFilling", told),)
    assert [seen.query for seen in stage.seen] == [{"active": "true", "silenced": "true", "inhibited": "true"}]


@pytest.mark.parametrize(("status", "error"), [(403, SourceForbidden), (404, SourceUnsupported), (500, SourceFailed)])
async def test_silences_that_cannot_be_read_are_no_silence(grafana, answer, status, error):
    client, _ = await grafana({NOTIFICATIONS: answer(status, REFUSAL)})
    with pytest.raises(error):
        await client.silenced()


async def test_silences_in_force(grafana):
    matchers = [
        {"isEqual": True, "isRegex": False, "name": "alertname", "value": "TargetDown"},
        {"isEqual": True, "isRegex": True, "name": "name", "value": "karakeep|dozzle"},
        {"isEqual": False, "isRegex": False, "name": "env", "value": "lab"},
    ]
    row = {"status": {"state": "active"}, "comment": "new disk", "createdBy": "anna", "matchers": matchers,
           "startsAt": "2026-11-23T08:00:00.000Z", "endsAt": "2026-11-30T08:00:00.000Z"}  # fmt: skip
    client, _ = await grafana({SILENCES: [row, row | {"status": {"state": "expired"}}]})
    told = ("alertname=TargetDown", "name=~karakeep|dozzle", "env!=lab")
    times = (datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 11, 30, 8, tzinfo=UTC))
    assert await client.silences() == (Silence("grafana", told, "anna", "new disk", *times),)


async def test_an_old_version_keeps_the_uid_in_its_rules(grafana):
    client, _ = await grafana(
        {ALERTS: alerts(row(uid=None)), RULES: rules({"name": "DiskFilling", "uid": "aaaa", "health": "ok"})}
    )
    assert [alert.rule_uid for alert in await client.alerts()] == ["aaaa"]


async def test_no_alerts_may_be_null(grafana):
    client, _ = await grafana({ALERTS: {"status": "success", "data": {"alerts": None}}})
    assert await client.alerts() == ()


STEPS = [
    {"refId": "A", "datasourceUid": "prom", "model": {"expr": "node_filesystem_avail_bytes", "refId": "A"}},
    {
        "refId": "C",
        "datasourceUid": "__expr__",
        "model": {
            "type": "threshold",
            "expression": "A",
            "conditions": [{"evaluator": {"type": "lt", "params": [0.1]}}],
        },
    },
]
RULE = AlertRule(
    "grafana", "aaaa", "DiskFilling", "SRE", "node", "inactive", "ok", None, AT, query="up == 0", for_s=300.0
)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, RULE),
        ({"state": "firing", "isPaused": False}, replace(RULE, state="firing", paused=False)),
        (
            {"health": "error", "lastError": "connection refused"},
            replace(RULE, health="error", last_error="connection refused"),
        ),
        ({"health": "nodata"}, replace(RULE, health="nodata")),
        ({"health": "new", "state": ""}, replace(RULE, health="unknown", state="unknown")),
        ({"lastEvaluation": "0001-01-01T00:00:00Z"}, replace(RULE, last_evaluated_at=None)),
        (
            {"query": json.dumps(STEPS)},
            replace(RULE, query="node_filesystem_avail_bytes < 0.1", datasources=("prom",)),
        ),
        ({"query": "[broken"}, replace(RULE, query="[broken")),
        (
            {"labels": {"severity": "warning", "__x__": "y"}, "annotations": {"summary": "s", "__panelId__": "1"}},
            replace(RULE, labels=(("severity", "warning"),), annotations=(("summary", "s"),)),
        ),
        ({"uid": None, "labels": {"__alert_rule_uid__": "bbbb"}}, replace(RULE, uid="bbbb")),
        ({"uid": None, "alerts": [row(uid="cccc")]}, replace(RULE, uid="cccc")),
        ({"uid": None}, replace(RULE, uid="SRE/node/DiskFilling")),
    ],
)
async def test_rules(grafana, sent, expected):
    base = {
        "name": "DiskFilling",
        "uid": "aaaa",
        "query": "up == 0",
        "state": "inactive",
        "health": "ok",
        "duration": 300,
        "type": "alerting",
        "lastEvaluation": ISO,
        "evaluationTime": 0.1,
    }
    recording = {"name": "job:x", "query": "x", "health": "ok", "type": "recording"}
    client, _ = await grafana({RULES: rules({**base, **sent}, recording)})
    assert await client.rules() == (expected,)


PROVISIONED_ROW = {
    "uid": "aaaa",
    "title": "DiskFilling",
    "folderUID": "f",
    "ruleGroup": "node",
    "condition": "C",
    "data": STEPS,
    "for": "1h30m",
    "isPaused": True,
    "noDataState": "NoData",
    "execErrState": "Error",
    "labels": {"severity": "warning"},
    "annotations": None,
    "record": None,
}


async def test_provisioned_rules_join_their_evaluation(grafana):
    evaluated = {
        "name": "DiskFilling",
        "uid": "aaaa",
        "query": "x",
        "state": "firing",
        "health": "ok",
        "lastEvaluation": ISO,
    }
    recorded = {**PROVISIONED_ROW, "uid": "rrrr", "record": {"from": "A", "metric": "m"}}
    client, _ = await grafana(
        {PROVISIONED: [PROVISIONED_ROW, {**PROVISIONED_ROW, "uid": "zzzz"}, recorded], RULES: rules(evaluated)}
    )
    query = "node_filesystem_avail_bytes < 0.1"
    assert await client.provisioned_rules() == (
        AlertRule(
            "grafana",
            "aaaa",
            "DiskFilling",
            "SRE",
            "node",
            "firing",
            "ok",
            None,
            AT,
            query=query,
            for_s=5400.0,
            paused=True,
        ),
        AlertRule(
            "grafana",
            "zzzz",
            "DiskFilling",
            None,
            "node",
            "unknown",
            "unknown",
            None,
            None,
            labels=(("severity", "warning"),),
            query=query,
            for_s=5400.0,
            paused=True,
        ),
    )


async def test_a_viewer_of_an_old_version_may_not_read_provisioned_rules(grafana, answer):
    client, _ = await grafana({PROVISIONED: answer(403, REFUSAL), RULES: rules()})
    with pytest.raises(SourceForbidden) as caught:
        await client.provisioned_rules()
    assert caught.value.privilege == "alert.provisioning:read"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5m", 300),
        ("0s", 0),
        ("1d2h", 93_600),
        ("1w", 604_800),
        ("500ms", 0.5),
        ("0", 0),
        (None, None),
        ("soon", None),
        ("", None),
    ],
)
def test_durations(text, seconds):
    assert duration_s(text) == seconds


@pytest.mark.parametrize(
    ("table", "viewer"),
    [
        (
            {
                "/api/user": {"login": "sa-1-nightshift", "orgId": 1, "isGrafanaAdmin": False},
                "/api/user/orgs": [
                    {"orgId": 2, "name": "x", "role": "Admin"},
                    {"orgId": 1, "name": "Main", "role": "Viewer"},
                ],
            },
            GrafanaViewer("sa-1-nightshift", "Viewer", False),
        ),
        ({"/api/user": {"login": "", "name": "nightshift", "orgId": 1}}, GrafanaViewer("nightshift", None, False)),
        ({"/api/user": {"login": "admin", "isGrafanaAdmin": True}}, GrafanaViewer("admin", None, True)),
        ({"/api/org": {"id": 1, "name": "Main Org."}}, GrafanaViewer("service account", None, False)),
    ],
    ids=["member", "service account", "admin", "old version"],
)
async def test_whose_token_it_is(grafana, table, viewer):
    client, _ = await grafana(table)
    assert await client.viewer() == viewer


async def test_a_wrong_token(grafana, answer):
    refused = answer(401, {"message": "Invalid API key"})
    client, _ = await grafana({"/api/user": refused, "/api/org": refused, "/api/user/orgs": refused})
    with pytest.raises(SourceUnauthorized, match=r"Invalid API key.*GRAFANA_SERVICE_ACCOUNT_TOKEN"):
        await client.viewer()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "success", "data": []}, "field data"),
        ({"status": "success", "data": {"alerts": [{"labels": {}}]}}, r"field data\.alerts\.0\.state"),
        ([1, 2], "Input should be"),
    ],
)
async def test_wrong_shapes_name_the_field(grafana, body, field):
    client, _ = await grafana({ALERTS: body, NOTIFICATIONS: []})
    with pytest.raises(SourceMalformed, match=field):
        await client.alerts()


PROMETHEUS = {"id": 1, "uid": "prom", "name": "Prometheus", "type": "prometheus", "url": "http://localhost:9090"}
LISTED = DataSource("grafana", "prom", "Prometheus", "prometheus")
UNWELL = {"status": "ERROR", "message": "connection refused"}
DATASOURCES = "/api/datasources"
DATASOURCE_HEALTH = "/api/datasources/uid/prom/health"
SETTINGS = "/api/frontend/settings"
TOLD_TO_PAGES = {
    "defaultDatasource": "Prometheus",
    "datasources": {
        "Prometheus": {
            "id": 1,
            "uid": "prom",
            "type": "prometheus",
            "name": "Prometheus",
            "meta": {"id": "prometheus"},
        },
        "Old": {"id": 2, "type": "graphite", "name": "Old"},
        "-- Grafana --": {"type": "datasource", "uid": "grafana", "name": "-- Grafana --"},
        "-- Mixed --": {"type": "datasource", "uid": "-- Mixed --"},
    },
}


@pytest.mark.parametrize(
    ("health", "healthy", "message"),
    [
        ((200, {"status": "OK", "message": "fine"}), True, "fine"),
        ((200, UNWELL), False, "connection refused"),
        ((400, UNWELL), False, "refused the request (400): connection refused"),
        ((404, {"message": "no such endpoint"}), None, None),
    ],
    ids=["well", "unwell", "unwell with 400", "cannot tell"],
)
async def test_a_data_source_tells_how_it_is(grafana, answer, health, healthy, message):
    client, _ = await grafana({DATASOURCE_HEALTH: answer(*health)})
    assert await client.with_health(LISTED) == replace(LISTED, healthy=healthy, message=message)


async def test_how_a_data_source_is_may_not_be_asked(grafana, answer):
    client, _ = await grafana({DATASOURCE_HEALTH: answer(403, REFUSAL)})
    with pytest.raises(SourceForbidden):
        await client.with_health(LISTED)


async def test_data_sources(grafana):
    client, stage = await grafana({DATASOURCES: [PROMETHEUS]})
    assert await client.datasources() == (LISTED,)
    assert len(stage.seen) == 1


async def test_who_may_not_list_data_sources_is_told_what_pages_are(grafana, answer):
    client, _ = await grafana({DATASOURCES: answer(403, REFUSAL), SETTINGS: TOLD_TO_PAGES})
    assert await client.datasources() == (LISTED,)


@pytest.mark.parametrize("settings", [(403, {}), (500, {}), (200, {"datasources": {}}), (200, [])])
async def test_data_sources_that_nobody_tells_leave_the_first_refusal(grafana, answer, settings):
    client, _ = await grafana({DATASOURCES: answer(403, REFUSAL), SETTINGS: answer(*settings)})
    with pytest.raises(SourceForbidden) as caught:
        await client.datasources()
    assert caught.value.request == "GET /api/datasources"


async def test_changes_of_alerts(grafana):
    rows = [
        {"alertName": "Disk", "newState": "Alerting", "prevState": "Pending", "time": 1764108000000,
         "text": "Disk {instance=web:9100} - Alerting"},
        {"newState": "Normal (MissingSeries)", "time": 1764108060000, "text": "Disk {instance=web - 2} - Normal"},
        {"newState": "", "time": 1764108000000, "text": "Kernel updates", "tags": ["update"]},
    ]  # fmt: skip
    client, stage = await grafana({"/api/annotations": rows})
    since = datetime(2025, 11, 24, tzinfo=UTC)
    until = datetime(2025, 11, 26, tzinfo=UTC)
    first, second = await client.alert_changes(since=since, until=until, limit=7)
    assert (first.rule, first.instance, first.state) == ("Disk", "Disk {instance=web:9100}", "firing")
    assert (second.rule, second.instance, second.state) == ("Disk", "Disk {instance=web - 2}", "normal")
    assert first.at == datetime(2025, 11, 25, 22, 0, tzinfo=UTC)
    bounds = {"from": "1763942400000", "to": "1764115200000"}  # one without the other counts for nothing
    assert stage.seen[0].query == {"type": "alert", **bounds, "limit": "7"}


@pytest.mark.parametrize(
    ("row", "uids"),
    [
        ({"queriedDatasourceUIDs": ["prom"]}, ("prom",)),
        ({"query": json.dumps([{"refId": "A", "datasourceUid": "prom"}, {"refId": "B", "datasourceUid": "__expr__"}])},
         ("prom",)),
        ({"query": "up == 0"}, ()),
    ],
)  # fmt: skip
async def test_which_data_sources_a_rule_asks(grafana, row, uids):
    client, _ = await grafana({RULES: rules({"name": "Disk", "type": "alerting", "uid": "aaaa", **row})})
    (found,) = await client.rules()
    assert found.datasources == uids
