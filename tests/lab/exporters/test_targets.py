"""What exporters say agrees with the world, and how they fail."""

from __future__ import annotations

import numpy as np
import pytest

from nightshift_lab.exporters.exposition import Figures
from nightshift_lab.exporters.targets import ScrapeTarget, scrape_targets
from nightshift_lab.scenarios import build_scenario
from nightshift_lab.world import World

NOW = 1_795_469_123.0


def _target(world: World, instance: str) -> ScrapeTarget:
    return next(target for target in scrape_targets(world) if target.instance == instance)


def _values(world: World, instance: str, metric: str, times: np.ndarray, **labels: str) -> np.ndarray:
    families = _target(world, instance).families(Figures(world, times))
    found = [
        values
        for family in families
        if family.name == metric
        for own, values in family.series
        if labels.items() <= own.items()
    ]
    assert found, (instance, metric, labels)
    return np.sum(found, axis=0)


def test_a_node_exporter_tells_the_memory_and_disk_that_pve_tells() -> None:
    world, at = build_scenario("healthy", seed=7, started_at=NOW), np.array([NOW])
    for instance, owner in (("pve2:9100", "node/pve2"), ("nextcloud:9100", "guest/104")):
        total = _values(world, instance, "node_memory_MemTotal_bytes", at)
        used = total - _values(world, instance, "node_memory_MemAvailable_bytes", at)
        assert used == pytest.approx(world.signal(owner, "mem_used_bytes", at), abs=2_048)
        size = _values(world, instance, "node_filesystem_size_bytes", at, mountpoint="/")
        free = _values(world, instance, "node_filesystem_avail_bytes", at, mountpoint="/")
        assert size - free == pytest.approx(world.signal(f"fs/{owner}//", "used_bytes", at), abs=2_048)


def test_the_modes_of_all_cores_add_up_to_the_uptime() -> None:
    world, at = build_scenario("healthy", seed=7, started_at=NOW), np.array([NOW])
    total = _values(world, "pve1:9100", "node_cpu_seconds_total", at)
    assert total == pytest.approx(12 * world.at("node/pve1", "uptime_s", NOW), abs=1.0)


def test_the_rate_of_busy_seconds_is_the_cpu_fraction() -> None:
    world = build_scenario("healthy", seed=7, started_at=NOW)
    times = np.arange(NOW - 3_600, NOW, 60.0)
    idle = _values(world, "immich:9100", "node_cpu_seconds_total", times, mode="idle")
    waiting = _values(world, "immich:9100", "node_cpu_seconds_total", times, mode="iowait")
    busy = 1 - (idle[-1] - idle[0] + waiting[-1] - waiting[0]) / (times[-1] - times[0]) / 6
    assert busy == pytest.approx(world.signal("guest/113", "cpu_fraction", times).mean(), rel=0.02)


def test_counters_never_fall_while_the_machine_runs() -> None:
    world = build_scenario("healthy", seed=7, started_at=NOW)
    times = np.arange(NOW - 7_200, NOW, 30.0)
    seen = 0
    for target in scrape_targets(world):
        for family in target.families(Figures(world, times)):
            if family.type == "counter":
                for labels, values in family.series:
                    assert (np.diff(values) >= 0).all(), (target, family.name, labels)
                    seen += 1
    assert seen > 300


@pytest.mark.parametrize(
    ("scenario", "instance", "expected"),
    [
        ("healthy", "postgres:9187", "answers"),
        ("target-down", "postgres:9187", "refuses"),
        ("target-down", "traefik:8080", "answers"),
        ("node-offline", "pve3:9100", "silent"),
        ("node-offline", "docker-host:9100", "silent"),
        ("node-offline", "pve1:9100", "answers"),
    ],
)
def test_how_a_target_fails(scenario: str, instance: str, expected: str) -> None:
    world = build_scenario(scenario, seed=7, started_at=NOW)
    assert _target(world, instance).reachability(world, NOW) == expected


def test_what_is_down_said_everything_before_and_nothing_since() -> None:
    world = build_scenario("node-offline", seed=7, started_at=NOW)
    times = np.array([NOW - 7_200, NOW - 60])
    for family in _target(world, "pve3:9100").families(Figures(world, times)):
        for labels, values in family.series:
            assert np.isnan(values).tolist() == [False, True], (family.name, labels)


def test_an_oom_loop_shows_on_the_host() -> None:
    world = build_scenario("container-oom-loop", seed=7, started_at=NOW)
    kills = _values(world, "pve2:9100", "node_vmstat_oom_kill", np.array([NOW - 3 * 3_600, NOW - 3_600, NOW]))
    assert kills[0] == 0 < kills[1] < kills[2]
