"""Read-only by construction: nothing but GET and Prometheus' queries leaves, to one host, whoever sends it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nightshift import sources
from nightshift.sources.endpoint import Endpoint
from nightshift.sources.prometheus.client import QUERY
from nightshift.sources.proxmox.client import VERSION
from nightshift.sources.transport import WriteRefused

VERSION_BODY = {"data": {"version": "9.1-1", "release": "9.1", "repoid": "9a1b2c3d"}}
NETWORK = r"^(?:import|from) (?:httpx|urllib\.request|http\.client|socket|requests|aiohttp)\b"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("kind", ["pve", "pbs", "grafana", "prometheus"])
async def test_nothing_but_reads_can_leave(serve, answer, open_transport, kind, method):
    """Even code that takes hold of the inner client cannot send a write."""
    stage = await serve(answer(200, {}))
    transport = open_transport(kind, stage.url)
    client = transport._session().client
    for path in ("/api2/json/nodes/pve1/qemu/100/status/stop", "/api/v1/query/", "/api/v1/admin/tsdb/delete_series"):
        with pytest.raises(WriteRefused):
            await client.request(method, stage.url + path)
    assert stage.seen == []


async def test_only_prometheus_gets_posts_and_only_queries(serve, answer, open_transport):
    body = {"status": "success", "data": {"resultType": "vector", "result": []}}
    stage = await serve(answer(200, body))
    prometheus = open_transport("prometheus", stage.url + "/select/0/prometheus")
    await prometheus.query(QUERY, {"query": "up", "time": 1})
    assert (stage.seen[0].method, stage.seen[0].target) == ("POST", "/select/0/prometheus/api/v1/query")
    assert stage.seen[0].form == {"query": "up", "time": "1"}
    with pytest.raises(WriteRefused):
        await prometheus.query(Endpoint("/api/v1/admin/tsdb/snapshot", QUERY.shape), {})
    with pytest.raises(WriteRefused):
        await open_transport("grafana", stage.url).query(QUERY, {"query": "up"})
    assert len(stage.seen) == 1


async def test_no_other_host_can_be_asked(serve, answer, open_transport):
    stage = await serve(answer(200, {}))
    client = open_transport("pve", "http://127.0.0.1:1")._session().client
    with pytest.raises(WriteRefused):
        await client.get(stage.url + "/api2/json/version")
    assert stage.seen == []


async def test_a_proxy_of_the_environment_is_not_used(serve, answer, open_transport, monkeypatch):
    proxy = await serve(answer(200, {"data": {"version": "proxy"}}))
    stage = await serve(answer(200, VERSION_BODY))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    assert (await open_transport("pve", stage.url).get(VERSION)).data.version == "9.1-1"
    assert proxy.seen == []


def test_there_is_no_other_door():
    """Only the door and the mapping of its failures know an HTTP library; nothing else opens a socket."""
    package = Path(sources.__file__).parent
    users = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if re.search(NETWORK, path.read_text(), re.MULTILINE)
    }
    assert users == {"transport.py", "failures.py"}
