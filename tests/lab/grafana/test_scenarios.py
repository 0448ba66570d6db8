"""In every scenario the right rules fire on the real Prometheus, at once and since the right time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from nightshift_lab.grafana.evaluation import Evaluator
from nightshift_lab.grafana.rules import RULES
from nightshift_lab.prometheus.binaries import find_binaries
from nightshift_lab.prometheus.history import HistoryWriter, Span
from nightshift_lab.prometheus.process import PrometheusProcess
from nightshift_lab.prometheus.side import history_targets
from nightshift_lab.scenarios import SCENARIOS, build_scenario

pytestmark = pytest.mark.e2e
SPAN = Span(coarse_s=26 * 3_600, fine_s=3_600, dense_s=300)
MINUTE_S = 60.0
DAY_S = 86_400.0

# (rule, state, something in its labels, it is so for at least and at most so many seconds)
FIRING: dict[str, set[tuple[str, str, str, float, float]]] = {
    "healthy": set(),
    "datastore-full": {("DatastoreAlmostFull", "Alerting", "pbs-tank", 2 * 3_600, 27 * 3_600)},
    "vm-disk-filling": {("FilesystemFillingUp", "Alerting", "immich:9100", 2 * 3_600, 27 * 3_600)},
    "node-offline": {
        ("NodeDown", "Alerting", "pve3:9100", 30 * MINUTE_S, 45 * MINUTE_S),
        ("PveNodeOffline", "Alerting", "node/pve3", 30 * MINUTE_S, 45 * MINUTE_S),
        *(("PveGuestDown", "Alerting", name, 30 * MINUTE_S, 45 * MINUTE_S)
          for name in ("adguard2", "docker-host", "frigate", "arr-stack", "uptime-kuma", "tailscale", "matrix",
                       "xn--kche-0ra-display", "speedtest")),
        *(("TargetDown", "Alerting", instance, 25 * MINUTE_S, 45 * MINUTE_S)
          for instance in ("adguard2:9617", "docker-host:9100", "frigate:9100", "matrix:9100", "pve3:9100")),
    },
    "container-oom-loop": {
        ("OomKills", "Alerting", "pve2:9100", 90 * MINUTE_S, 125 * MINUTE_S),
        ("PveGuestRestarting", "Alerting", "unifi", 60 * MINUTE_S, 125 * MINUTE_S),
    },
    "guest-without-backup": {("GuestNotBackedUp", "Alerting", "paperless", 20 * 3_600, 27 * 3_600)},
    "target-down": {
        ("TargetDown", "Alerting", "postgres:9187", 10 * MINUTE_S, 30 * MINUTE_S),
        ("PostgresDown", "NoData", "postgres:9187", 10 * MINUTE_S, 30 * MINUTE_S),
    },
}  # fmt: skip


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_rules_fire_as_the_scenario_has_it(scenario: str, tmp_path: Path) -> None:
    now = time.time()
    world = build_scenario(scenario, seed=7, started_at=now)
    binaries = find_binaries()
    prometheus = PrometheusProcess(binaries, tmp_path, lambda _: {"scrape_configs": []})
    writer = HistoryWriter(binaries.promtool, history_targets(world), prometheus.blocks_dir, tmp_path / "scratch")
    await writer.write(world, [*SPAN.slices(now), SPAN.seam(now, time.time(), 30)])
    await prometheus.start()
    evaluator = Evaluator(RULES, prometheus.url)
    try:
        await evaluator.start()
        unwell = [
            (status.rule.title, instance)
            for status in evaluator.statuses
            for instance in status.instances.values()
            if instance.state != "Normal" and status.rule.title != "Watchdog"
        ]
        errors = {status.rule.title: status.error for status in evaluator.statuses if status.error}
    finally:
        await evaluator.stop()
        await prometheus.stop()
    assert errors == {}
    expected = FIRING[scenario]
    told = {
        (title, instance.state, key, low, high)
        for title, instance in unwell
        for rule, state, key, low, high in expected
        if (rule, state) == (title, instance.state) and key in dict(instance.labels).values()
        if low <= now - instance.since <= high
    }
    assert told == expected
    assert len(unwell) == len(expected), unwell
