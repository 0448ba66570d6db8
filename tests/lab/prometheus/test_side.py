"""The real Prometheus of the lab with a short past: one series from history into live scrapes, faults, knobs."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from nightshift_lab.access import Delays, Token
from nightshift_lab.knobs import Knobs
from nightshift_lab.prometheus.history import Span
from nightshift_lab.prometheus.side import PrometheusSide
from nightshift_lab.pve import AUDITOR, PveServer
from nightshift_lab.scenarios import build_scenario
from nightshift_lab.tls import make_certificates
from nightshift_lab.world.current import WorldHolder

pytestmark = pytest.mark.e2e
INTERVAL_S = 1.0
SHORT = Span(coarse_s=1_800, fine_s=900, dense_s=120)


class Running:
    """A started side, its world and its knobs."""

    def __init__(self, side: PrometheusSide, holder: WorldHolder, knobs: Knobs, client: httpx.AsyncClient) -> None:
        self.side, self.holder, self.knobs, self.client = side, holder, knobs, client

    async def query(self, expr: str, **more: str) -> list[dict[str, Any]]:
        answer = (await self.client.get("/api/v1/query", params={"query": expr, **more})).json()
        assert answer["status"] == "success", answer
        rows: list[dict[str, Any]] = answer["data"]["result"]
        return rows

    async def until(self, expr: str, within_s: float = 15.0) -> list[dict[str, Any]]:
        """Ask until the answer is not empty."""
        deadline = time.monotonic() + within_s
        while not (rows := await self.query(expr)):
            assert time.monotonic() < deadline, f"{expr} stayed empty"
            await asyncio.sleep(0.2)
        return rows

    async def last_error(self, instance: str) -> str:
        targets = (await self.client.get("/api/v1/targets")).json()["data"]["activeTargets"]
        return next(str(row["lastError"]) for row in targets if row["labels"]["instance"] == instance)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    holder = WorldHolder(build_scenario("healthy", seed=7, started_at=time.time()))
    certificates = make_certificates(tmp_path, "pve1", organisation="PVE Cluster Node")
    token = Token("nightshift@pve!lab", "7c0f5a1e", {"/": AUDITOR})
    pve = PveServer(holder, Knobs("pve", encrypted=True), certificates, (token,), Delays(0.0, 0.0, 0.0))
    await pve.start()
    side = PrometheusSide(tmp_path, scrape_interval_s=INTERVAL_S, span=SHORT)
    knobs = Knobs("prometheus", encrypted=False)
    try:
        await side.start(holder, pve.endpoint, knobs)
        async with httpx.AsyncClient(
            base_url=side.url, timeout=10, limits=httpx.Limits(max_keepalive_connections=0)
        ) as client:
            yield Running(side, holder, knobs, client)
    finally:
        await side.stop()
        await pve.stop()


async def test_history_goes_on_in_live_scrapes(running: Running) -> None:
    """No label set is only in the past or only live, no gap at the seam, no counter falls over it."""
    assert 1_000 < running.side.times.series < 2_500
    await running.until("min(count_over_time(up[3s])) >= 2 and min(up) == 1")
    everything = '{job=~".+", job!="prometheus"}'
    live = await running.query(f"{everything}[3s]")
    before = await running.query(f"{everything}[5m]", time=f"{time.time() - 600:.0f}")
    keys = [{tuple(sorted(row["metric"].items())) for row in rows} for rows in (live, before)]
    assert keys[0] == keys[1]
    assert len(keys[0]) > 1_000
    for row in await running.query("up[5m]"):
        times = [at for at, _ in row["values"]]
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert max(gaps) <= 60 + 2 * INTERVAL_S, row["metric"]
    counters = await running.query('{__name__=~"node_cpu_seconds_total|node_.*_bytes_total|pve_.*_bytes_total"}[5m]')
    assert len(counters) > 300
    for row in counters:
        values = [float(value) for _, value in row["values"]]
        assert values == sorted(values), row["metric"]
    for row in await running.query('1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[2m]))'):
        assert 0 < float(row["value"][1]) < 0.8, row
    # Prometheus scrapes itself last of all when the machine is busy: its own series may come after everybody's `up`.
    await running.until('prometheus_build_info{instance="prometheus:9090"}')


async def test_prometheus_and_the_world_agree(running: Running) -> None:
    await running.until('pve_memory_usage_bytes{id="qemu/104"}')
    world = running.holder.world
    for expr, entity, quantity in (
        ('pve_memory_usage_bytes{id="qemu/104"}', "guest/104", "mem_used_bytes"),
        ('node_memory_MemTotal_bytes{instance="pve3:9100"}', "node/pve3", "mem_total_bytes"),
        ('pve_disk_usage_bytes{id="storage/pve1/pbs-tank"}', "storage/pve1/pbs-tank", "used_bytes"),
        ('node_boot_time_seconds{instance="immich:9100"}', "guest/113", "boot_time_s"),
    ):
        for back_s in (0.0, 1_200.0):
            at = time.time() - back_s
            (row,) = await running.query(expr, time=f"{at}")
            (scraped,) = await running.query(f"timestamp({expr})", time=f"{at}")
            expected = world.at(entity, quantity, float(scraped["value"][1]))
            assert float(row["value"][1]) == pytest.approx(expected, rel=0.01), (expr, back_s)


async def test_faults_reach_prometheus_as_real_failures(running: Running) -> None:
    await running.until("min(up) == 1")
    running.holder.switch("target-down", active=True)
    running.holder.switch("node-offline", active=True)
    await running.until('up{instance="postgres:9187"} == 0')
    await running.until('up{instance="pve3:9100"} == 0')
    refused = await running.last_error("postgres:9187")
    assert refused.startswith("Get ")
    assert refused.endswith("connect: connection refused")
    assert "context deadline exceeded" in await running.last_error("pve3:9100")
    await running.until('pve_up{id="node/pve3"} == 0')
    running.holder.switch("target-down", active=False)
    await running.until('up{instance="postgres:9187"} == 1')
    assert await running.last_error("postgres:9187") == ""


async def test_knobs_bend_the_answers_of_the_proxy_only(running: Running) -> None:
    await running.knobs.turn("error500")
    assert (await running.client.get("/api/v1/query", params={"query": "up"})).status_code == 500
    await running.knobs.turn("error500", False)
    posted = await running.client.post("/api/v1/query", data={"query": "vector(1) > bool 0"})
    assert posted.json()["data"]["result"][0]["value"][1] == "1"
    wrong = await running.client.get("/api/v1/query", params={"query": "up{"})
    assert (wrong.status_code, wrong.json()["errorType"]) == (400, "bad_data")
    await running.knobs.turn("refuse")
    with pytest.raises(httpx.ConnectError):
        await running.client.get("/api/v1/query", params={"query": "up"})
    async with httpx.AsyncClient() as direct:
        assert (await direct.get(f"{running.side.direct_url}/-/ready")).status_code == 200


async def test_stop_leaves_no_process(running: Running) -> None:
    pids = dict(running.side.pids)
    assert set(pids) == {"prometheus", "pve_exporter"}
    await running.side.stop()
    for name, pid in pids.items():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert name not in running.side.pids
