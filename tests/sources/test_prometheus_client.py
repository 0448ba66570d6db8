"""Prometheus and its relatives, over real HTTP, → facts."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from nightshift.errors import SourceFailed, SourceMalformed, SourceUnsupported
from nightshift.facts.evidence import Window
from nightshift.facts.monitoring import Alert, AlertRule, QueryResult, RecordingRule, Sample, Series, Target
from nightshift.sources import MetricMetadata, PrometheusClient
from nightshift.sources.prometheus.parse import MAX_POINTS, labels_hash, step_for

AT = 1435781451.781
TIME = datetime(2015, 7, 1, 20, 10, 51, 781_000, tzinfo=UTC)


def success(data, **more):
    return {"status": "success", "data": data, **more}


def vector(*rows, **more):
    return success({"resultType": "vector", "result": list(rows)}, **more)


@pytest.fixture
async def prometheus(serve, routes, open_transport):
    async def start(**table):
        stage = await serve(routes({f"/api/v1{path}": reply for path, reply in table.items()}))
        transport = open_transport("prometheus", stage.url)
        return PrometheusClient(transport.connection, transport), stage

    return start


UP = {"metric": {"job": "node", "__name__": "up"}, "value": [AT, "1"]}
UP_LABELS = (("__name__", "up"), ("job", "node"))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (vector(UP), QueryResult("e", (Sample(UP_LABELS, 1.0, TIME),))),
        (vector(), QueryResult("e")),
        (success({"resultType": "scalar", "result": [AT, "42"]}), QueryResult("e", (Sample((), 42.0, TIME),))),
        (
            success({"resultType": "string", "result": [AT, "words"]}),
            QueryResult("e", warnings=("the result is a string, not a number",)),
        ),
        (
            success({"resultType": "matrix", "result": [{"metric": {}, "values": [[1, "1"], [2, "+Inf"]]}]}),
            QueryResult("e", series=(Series((), ((1.0, 1.0), (2.0, math.inf))),)),
        ),
        (
            vector(UP, {"metric": {}, "histogram": [AT, {"count": "12.5", "sum": "42.1", "buckets": []}]}),
            QueryResult(
                "e",
                (Sample(UP_LABELS, 1.0, TIME),),
                warnings=("1 native histograms were left out; histogram_quantile() gives numbers",),
            ),
        ),
        (
            vector(UP, warnings=["results truncated due to limit"]),
            QueryResult(
                "e", (Sample(UP_LABELS, 1.0, TIME),), warnings=("results truncated due to limit",), truncated=True
            ),
        ),
        (
            vector(warnings=["No StoreAPIs matched for this query"]),
            QueryResult("e", warnings=("No StoreAPIs matched for this query",), truncated=True),
        ),
        (
            vector(warnings=["PromQL warning: metric might not be a counter"]),
            QueryResult("e", warnings=("PromQL warning: metric might not be a counter",)),
        ),
        (vector(isPartial=True), QueryResult("e", truncated=True)),
        (vector(isPartial=False, infos=["x"], stats={"seriesFetched": "1"}), QueryResult("e")),
    ],
    ids=[
        "vector",
        "empty",
        "scalar",
        "string",
        "matrix",
        "histogram",
        "limit",
        "thanos",
        "warning",
        "victoria partial",
        "victoria",
    ],
)
async def test_what_a_query_gives(prometheus, answer, expected):
    client, _ = await prometheus(**{"/query": answer})
    assert await client.query("e") == expected


@pytest.mark.parametrize(("text", "value"), [("+Inf", math.inf), ("-Inf", -math.inf), ("1e+00", 1.0), ("-0.5", -0.5)])
async def test_values_are_text(prometheus, text, value):
    client, _ = await prometheus(**{"/query": vector({"metric": {}, "value": [AT, text]})})
    assert (await client.query("e")).samples[0].value == value


async def test_nan_is_a_value(prometheus):
    client, _ = await prometheus(**{"/query": vector({"metric": {}, "value": [AT, "NaN"]})})
    assert math.isnan((await client.query("e")).samples[0].value)


async def test_the_form_of_a_query(prometheus):
    client, stage = await prometheus(**{"/query": vector(UP, UP)})
    result = await client.query('up{job=~"node\\\\-.*"} + 1', at=TIME, limit=1)
    seen = stage.seen[0]
    assert (seen.method, seen.target) == ("POST", "/api/v1/query")
    assert seen.form == {"query": 'up{job=~"node\\\\-.*"} + 1', "time": "1435781451.781", "limit": "1"}
    assert (len(result.samples), result.truncated) == (1, True)


async def test_a_proxy_without_post_gets_gets(prometheus, answer):
    def only_get(seen):
        return vector(UP) if seen.method == "GET" else answer(405, "Method Not Allowed")

    client, stage = await prometheus(**{"/query": only_get})
    for _ in range(2):
        assert len((await client.query("up")).samples) == 1
    assert [seen.method for seen in stage.seen] == ["POST", "GET", "GET"]
    assert stage.seen[1].query == {"query": "up"}


async def test_an_endpoint_that_is_nowhere_is_unsupported(prometheus):
    client, stage = await prometheus()
    for _ in range(2):
        with pytest.raises(SourceUnsupported):
            await client.query("up")
    assert [seen.method for seen in stage.seen] == ["POST", "GET", "POST", "GET"]


START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "step_s", "chosen", "warns"),
    [
        (timedelta(hours=1), None, 15, False),
        (timedelta(hours=24), None, 120, False),
        (timedelta(days=7), None, 900, False),
        (timedelta(days=30), None, 3600, False),
        (timedelta(days=4000), None, 345_600, False),
        (timedelta(0), None, 15, False),
        (timedelta(hours=1), 60, 60, False),
        (timedelta(days=30), 15, 236, True),
        (timedelta(hours=1), 0, 1, True),
        (timedelta(seconds=10_999), 1, 1, False),
        (timedelta(seconds=11_001), 1, 2, True),
    ],
)
def test_steps_stay_below_the_limit_of_points(span, step_s, chosen, warns):
    window = Window(START, START + span, step_s)
    step, warning = step_for(window)
    assert (step, warning is not None) == (chosen, warns)
    assert span.total_seconds() / step + 1 <= MAX_POINTS


async def test_a_range(prometheus):
    data = {"resultType": "matrix", "result": [{"metric": {"a": "b"}, "values": [[1, "1"], [61, "NaN"]]}]}
    client, stage = await prometheus(**{"/query_range": success(data)})
    result = await client.query_range("up", Window(START, START + timedelta(hours=1), 60.0))
    assert result.series[0].labels == (("a", "b"),)
    assert result.series[0].points[0] == (1.0, 1.0)
    assert math.isnan(result.series[0].points[1][1])
    start = START.timestamp()
    assert stage.seen[0].form == {"query": "up", "start": f"{start:.3f}", "end": f"{start + 3600:.3f}", "step": "60"}


async def test_a_widened_step_is_told(prometheus):
    client, _ = await prometheus(**{"/query_range": success({"resultType": "matrix", "result": []})})
    result = await client.query_range("up", Window(START, START + timedelta(days=30), 15.0))
    assert result.warnings == ("the step was widened to 3 min 56 s to stay below 11000 points",)


async def test_a_promql_mistake_is_rejected_with_the_servers_words(prometheus, answer):
    body = {"status": "error", "errorType": "bad_data", "error": "1:4: parse error: unexpected <eof>"}
    client, stage = await prometheus(**{"/query": answer(400, body)})
    with pytest.raises(SourceFailed, match="parse error: unexpected <eof>") as caught:
        await client.query("up{")
    assert caught.value.rejected
    assert len(stage.seen) == 1


async def test_an_error_with_status_200_is_an_error(prometheus):
    client, _ = await prometheus(**{"/query": {"status": "error", "errorType": "execution", "error": "too much"}})
    with pytest.raises(SourceFailed, match="refused the request: too much"):
        await client.query("up")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "success"}, "field data"),
        (
            {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "x"]}]}},
            "field data",
        ),
        ({"status": "success", "data": {"resultType": "tensor", "result": []}}, "field data"),
        ({"hello": "world"}, "field status"),
    ],
)
async def test_wrong_shapes_name_the_field(prometheus, body, field):
    client, _ = await prometheus(**{"/query": body})
    with pytest.raises(SourceMalformed, match=field):
        await client.query("up")


async def test_version_and_that_of_a_relative_without_one(prometheus):
    client, _ = await prometheus(**{"/status/buildinfo": success({"version": "3.7.3"})})
    assert await client.version() == "3.7.3"
    relative, _ = await prometheus(**{"/query": vector()})
    assert await relative.version() == "unknown"
    nobody, _ = await prometheus()
    with pytest.raises(SourceUnsupported):
        await nobody.version()


async def test_metadata(prometheus):
    rows = {
        "up": [{"type": "gauge", "help": "first", "unit": ""}, {"type": "counter", "help": "second", "unit": ""}],
        "none": [],
    }
    client, stage = await prometheus(**{"/metadata": success(rows)})
    assert await client.metadata("up") == {"up": MetricMetadata("gauge", "first", "")}
    assert stage.seen[0].query == {"metric": "up"}


async def test_label_values_and_whether_a_metric_exists(prometheus):
    def values(seen):
        known = {'{__name__="up"}': ["up"]}
        return success(known.get(seen.query.get("match[]", "")) if seen.query else ["b", "a"])

    client, _ = await prometheus(**{"/label/__name__/values": values})
    assert await client.label_values("__name__") == ("a", "b")
    assert await client.metric_exists("up")
    assert not await client.metric_exists('no"pe')


async def test_targets(prometheus):
    rows = [
        {
            "labels": {"instance": "pve1:9100", "job": "node"},
            "health": "up",
            "lastError": "",
            "lastScrape": "2026-01-02T13:36:40.200Z",
            "scrapeUrl": "http://pve1:9100/metrics",
        },
        {
            "labels": {"instance": "dns:9100", "job": "node"},
            "health": "down",
            "lastError": "connection refused",
            "lastScrape": "0001-01-01T00:00:00Z",
        },
        {"labels": {}, "health": "unknown", "scrapePool": "pool", "scrapeUrl": "http://x/metrics"},
        {"labels": {}, "health": "unknown", "scrapePool": "odd", "scrapeUrl": "http://["},
    ]
    client, stage = await prometheus(**{"/targets": success({"activeTargets": rows, "droppedTargets": []})})
    scraped = datetime(2026, 1, 2, 13, 36, 40, 200_000, tzinfo=UTC)
    assert await client.targets() == (
        Target(
            "prometheus",
            "node",
            "pve1:9100",
            "up",
            None,
            scraped,
            (("instance", "pve1:9100"), ("job", "node")),
            scraped_at="pve1:9100",
        ),
        Target(
            "prometheus",
            "node",
            "dns:9100",
            "down",
            "connection refused",
            None,
            (("instance", "dns:9100"), ("job", "node")),
        ),
        Target("prometheus", "pool", "http://x/metrics", "unknown", None, None, pool="pool", scraped_at="x"),
        Target("prometheus", "odd", "http://[", "unknown", None, None, pool="odd"),
    )
    assert stage.seen[0].query == {"state": "active"}


FIRING = {
    "labels": {"alertname": "High", "severity": "page", "instance": "a"},
    "annotations": {"summary": "s"},
    "state": "firing",
    "activeAt": "2026-01-02T13:36:40Z",
    "value": "1e+00",
}
GROUPS = [
    {
        "name": "g",
        "file": "/rules.yaml",
        "rules": [
            {
                "type": "recording",
                "name": "job:x",
                "query": "sum(x)",
                "health": "err",
                "lastError": "many-to-many matching",
            },
            {
                "type": "alerting",
                "name": "High",
                "query": "x > 1",
                "duration": 600,
                "health": "ok",
                "state": "firing",
                "labels": {"severity": "page"},
                "annotations": {"summary": "s"},
                "alerts": [FIRING],
                "lastEvaluation": "2026-01-02T13:36:40Z",
            },
            {
                "type": "alerting",
                "name": "High",
                "query": "x >",
                "health": "err",
                "lastError": "parse error",
                "state": "inactive",
            },
        ],
    }
]


async def test_rules_and_alerts(prometheus):
    client, _ = await prometheus(**{"/rules": success({"groups": GROUPS})})
    at = datetime(2026, 1, 2, 13, 36, 40, tzinfo=UTC)
    rules = await client.rules()
    assert rules.recording == (
        RecordingRule("prometheus", "g/job:x", "job:x", "g", "error", "many-to-many matching", None, "sum(x)"),
    )
    assert rules.alerting == (
        AlertRule(
            "prometheus",
            "g/High",
            "High",
            "/rules.yaml",
            "g",
            "firing",
            "ok",
            None,
            at,
            (("severity", "page"),),
            (("summary", "s"),),
            "x > 1",
            600.0,
            False,
        ),
        AlertRule(
            "prometheus",
            "g/High#2",
            "High",
            "/rules.yaml",
            "g",
            "inactive",
            "error",
            "parse error",
            None,
            query="x >",
            paused=False,
        ),
    )
    labels = (("alertname", "High"), ("instance", "a"), ("severity", "page"))
    assert rules.alerts == (
        Alert(
            "prometheus",
            "g/High",
            "High",
            "firing",
            "page",
            at,
            "1e+00",
            labels,
            (("summary", "s"),),
            labels_hash(labels),
        ),
    )


async def test_a_target_tells_what_its_scrapes_take(prometheus):
    row = {"labels": {"job": "node", "instance": "a"}, "health": "up", "lastScrapeDuration": 0.25,
           "scrapeInterval": "1m30s", "scrapeTimeout": "10s"}  # fmt: skip
    client, _ = await prometheus(**{"/targets": success({"activeTargets": [row]})})
    (target,) = await client.targets()
    assert (target.duration_s, target.interval_s, target.timeout_s) == (0.25, 90.0, 10.0)


@pytest.mark.parametrize(
    ("data", "active"),
    [
        ({"activeAlertmanagers": [{"url": "http://am:9093/api/v2/alerts"}]}, ("http://am:9093/api/v2/alerts",)),
        ({"activeAlertmanagers": []}, ()),
        ({"activeAlertmanagers": None}, ()),
    ],
)
async def test_where_alerts_go(prometheus, data, active):
    client, _ = await prometheus(**{"/alertmanagers": success(data)})
    assert (await client.alertmanagers()).active == active


@pytest.mark.parametrize(
    ("data", "names"), [({"scrapePools": ["node", "pve"]}, ["node", "pve"]), ({"scrapePools": None}, [])]
)
async def test_the_jobs_that_it_is_configured_to_scrape(prometheus, data, names):
    client, _ = await prometheus(**{"/scrape_pools": success(data)})
    assert [pool.name for pool in await client.scrape_pools()] == names


async def test_a_relative_without_alertmanagers(prometheus):
    client, _ = await prometheus()
    with pytest.raises(SourceUnsupported):
        await client.alertmanagers()


async def test_all_names_of_metrics_in_one_request(prometheus):
    client, stage = await prometheus(**{"/label/__name__/values": success(["up", "node_load1"])})
    assert (await client.metric_names()).names == {"up", "node_load1"}
    assert len(stage.seen) == 1
