"""Disks, pools, power, probes, containers and backups: what befalls them shows in what their exporters say."""

from __future__ import annotations

import numpy as np
import pytest

from nightshift_lab.exporters.exposition import Figures
from nightshift_lab.exporters.targets import scrape_targets
from nightshift_lab.scenarios import build_scenario
from nightshift_lab.world.world import World

NOW = 1_795_469_000.0
BEFORE = NOW - 30 * 86_400.0


def _told(world: World, instance: str, metric: str, at: float, **labels: str) -> list[float]:
    target = next(target for target in scrape_targets(world) if target.instance == instance)
    return [
        float(values[0])
        for family in target.families(Figures(world, np.array([at])))
        if family.name == metric
        for own, values in family.series
        if labels.items() <= own.items() and not np.isnan(values[0])
    ]


@pytest.mark.parametrize(
    ("scenario", "instance", "metric", "labels", "before", "now"),
    [
        ("disk-failing", "pve1:9633", "smartctl_device_smart_status", {"device": "sda"}, [1.0], [0.0]),
        ("power-cut", "pve1:9199", "network_ups_tools_ups_status", {"flag": "OB"}, [0.0], [1.0]),
        ("power-cut", "pve1:9199", "network_ups_tools_ups_status", {"flag": "OL"}, [1.0], [0.0]),
        ("zfs-degraded", "pve1:9100", "node_zfs_zpool_state", {"state": "degraded"}, [0.0], [1.0]),
        ("zfs-degraded", "pve1:9100", "node_zfs_zpool_state", {"state": "online"}, [1.0], [0.0]),
        ("scrub-errors", "pve2:9100", "zpool_status_errors", {"type": "checksum"}, [0.0], [37.0]),
        ("node-service-failed", "pve2:9100", "node_systemd_unit_state",
         {"name": "pve-firewall.service", "state": "failed"}, [0.0], [1.0]),
        ("datastore-unavailable", "pbs:10019", "pbs_used", {"datastore": "vault"}, None, None),
        ("dns-down", "adguard1:53", "probe_success", {}, [1.0], [0.0]),
        ("dns-down", "https://cloud.home.example", "probe_http_status_code", {}, [200.0], [0.0]),
        ("dns-down", "https://192.0.2.11:8006", "probe_http_status_code", {}, [200.0], [200.0]),
        ("ha-error", "https://git.home.example", "probe_http_status_code", {}, [200.0], [0.0]),
        ("database-down", "https://docs.home.example", "probe_http_status_code", {}, [200.0], [500.0]),
        ("guest-stopped-by-hand", "https://chat.home.example", "probe_http_status_code", {}, [200.0], [502.0]),
        ("file-server-down", "https://films.home.example", "probe_success", {}, [1.0], [0.0]),
        ("file-server-down", "https://git.home.example", "probe_success", {}, [1.0], [1.0]),
    ],
)  # fmt: skip
def test_what_befalls_the_homelab_shows(
    scenario: str,
    instance: str,
    metric: str,
    labels: dict[str, str],
    before: list[float] | None,
    now: list[float] | None,
) -> None:
    world = build_scenario(scenario, seed=7, started_at=NOW)
    told = [_told(world, instance, metric, at, **labels) for at in (BEFORE, NOW)]
    if before is None:
        assert all(len(values) == 1 for values in told)
    else:
        assert told == [before, now]


def test_a_battery_empties() -> None:
    world = build_scenario("power-cut", seed=7, started_at=NOW)
    charge = [_told(world, "pve1:9199", "network_ups_tools_battery_charge", at)[0] for at in (BEFORE, NOW, NOW + 600)]
    assert charge[0] == 100.0 > charge[1] > charge[2] > 0.0


def test_an_unreachable_page_shows_no_certificate() -> None:
    world = build_scenario("dns-down", seed=7, started_at=NOW)
    page, metric = "https://vault.home.example", "probe_ssl_earliest_cert_expiry"
    (expiry,) = _told(world, page, metric, BEFORE)
    assert 20 < (expiry - BEFORE) / 86_400.0 <= 91
    assert _told(world, page, metric, NOW) == []


def test_every_disk_with_smart_is_told_and_no_stick() -> None:
    world = build_scenario("healthy", seed=7, started_at=NOW)
    for node in world.cluster.nodes:
        told = _told(world, f"{node.name}:9633", "smartctl_device_temperature", NOW)
        assert len(told) == sum(disk.kind != "usb" for disk in node.disks)
        assert all(20 < celsius < 60 for celsius in told)


def test_the_newest_backup_of_every_guest_is_younger_than_a_day() -> None:
    world = build_scenario("healthy", seed=7, started_at=NOW)
    stamps = _told(world, "pbs:10019", "pbs_snapshot_vm_last_timestamp", NOW, namespace="homelab")
    assert len(stamps) == len(world.cluster.guests)
    assert all(0 < NOW - at < 26 * 3_600.0 for at in stamps)


def test_containers_share_what_their_host_uses() -> None:
    world = build_scenario("healthy", seed=7, started_at=NOW)
    used = _told(world, "docker-host:8081", "container_memory_working_set_bytes", NOW)
    assert 0.5 < sum(used) / world.at("guest/122", "mem_used_bytes", NOW) < 1.0
