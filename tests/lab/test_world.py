from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from nightshift_lab.scenarios import build_scenario
from nightshift_lab.world import build_world
from nightshift_lab.world.backups import night_at, night_of, runs_of_night
from nightshift_lab.world.curves import Constant, Curve, DailyPulse, Linear, Sawtooth, Scaled, Sine, Sum, lively
from nightshift_lab.world.node_tasks import pve_tasks
from nightshift_lab.world.nouns import DAY_S
from nightshift_lab.world.server_tasks import pbs_tasks

START = 1_795_469_000.0
MONTH = np.linspace(START - 30 * DAY_S, START, 3_001)
CURVES: dict[str, Curve] = {
    "constant": Constant(3.0),
    "linear": Linear(0.001, START - DAY_S),
    "sine": Sine(2.0, 4_000.0, 0.4),
    "pulse": DailyPulse(5.0, 7_200.0, 5_400.0),
    "pulse over midnight": DailyPulse(5.0, 82_800.0, 7_200.0),
    "sawtooth": Sawtooth(9.0, DAY_S, 19_800.0),
    "lively": lively(4.0, swing=0.5, peak_hour=19.0, words=("a", 1)),
    "sum": Sum((Constant(1.0), Scaled(Sine(0.5, 900.0, 1.0), 2.0))),
}


@pytest.mark.parametrize("name", CURVES)
def test_the_integral_is_the_area_under_the_curve(name: str) -> None:
    curve = CURVES[name]
    t = np.arange(START, START + DAY_S, 5.0)
    summed = np.concatenate([[0.0], np.cumsum((curve.value(t[:-1]) + curve.value(t[1:])) / 2 * 5.0)])
    exact = curve.integral(t) - curve.integral(t[:1])
    assert np.allclose(exact, summed, rtol=1e-3, atol=30.0)


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    first, again, other = (build_world(seed, START) for seed in (7, 7, 8))
    for entity in first.entities():
        for quantity in first.quantities(entity):
            np.testing.assert_array_equal(
                first.signal(entity, quantity, MONTH[-20:]), again.signal(entity, quantity, MONTH[-20:])
            )
    assert first.at("node/pve1", "cpu_fraction", START) != other.at("node/pve1", "cpu_fraction", START)


def test_every_figure_of_a_healthy_month_is_in_its_range() -> None:
    world = build_world(7, START)
    off = {f"guest/{guest.vmid}" for guest in world.cluster.guests if not guest.runs}
    asleep = tuple(f"{kind}/pbs2" for kind in ("server", "datastore"))
    for entity in world.entities():
        if entity.startswith(asleep):
            continue  # most of the day it is off
        if entity in off or any(entity.startswith(f"fs/{name}/") for name in off):
            assert np.isnan(world.signal(entity, world.quantities(entity)[0], MONTH)).all()
            continue
        for quantity in world.quantities(entity):
            values = world.signal(entity, quantity, MONTH)
            assert np.isfinite(values).all(), (entity, quantity)
            assert (values >= 0).all(), (entity, quantity)
            if quantity.endswith("_fraction"):
                assert (values <= 0.95).all(), (entity, quantity, values.max())
        for used, size in (
            ("used_bytes", "size_bytes"),
            ("used_bytes", "total_bytes"),
            ("mem_used_bytes", "mem_total_bytes"),
        ):
            if {used, size} <= set(world.quantities(entity)):
                share = world.signal(entity, used, MONTH) / world.signal(entity, size, MONTH)
                assert share.max() < 0.85, (entity, share.max())


def test_counters_grow_and_begin_again_only_at_a_boot() -> None:
    world = build_world(7, START)
    for entity in ("node/pve2", "guest/104", "guest/100"):
        boots = world.boot_time(entity, MONTH)
        for quantity in ("netin", "netout", "diskread", "diskwrite", "cpu_seconds", "iowait_seconds"):
            falls = np.diff(world.signal(entity, quantity, MONTH)) < 0
            assert not (falls & (np.diff(boots) == 0)).any(), (entity, quantity)


def test_a_guest_boots_when_its_node_does() -> None:
    world = build_world(7, START)
    for guest in world.cluster.guests:
        node_boot, guest_boot = (world.boot_time(name, START) for name in (f"node/{guest.node}", f"guest/{guest.vmid}"))
        assert guest_boot > node_boot


def test_an_unknown_entity_or_quantity_is_a_key_error() -> None:
    world = build_world(7, START)
    for entity, quantity in (
        ("node/pve9", "cpu_fraction"),
        ("guest/999", "cpu_fraction"),
        ("node/pve1", "happiness"),
        ("fs/guest/104//nowhere", "used_bytes"),
        ("storage/pve3/local-zfs", "used_bytes"),
        ("datastore/elsewhere/tank", "used_bytes"),
        ("moon/1", "phase"),
    ):
        with pytest.raises(KeyError):
            world.signal(entity, quantity, MONTH)


@pytest.mark.parametrize("hour", range(24))
def test_last_night_is_over_whenever_the_lab_starts(hour: int) -> None:
    started_at = START - START % DAY_S + hour * 3_600.0 + 1_234.0
    world = build_scenario("datastore-full", seed=7, started_at=started_at)
    runs = runs_of_night(world, night_of(world, world.last_night_at + 1))
    assert night_at(world, night_of(world, world.last_night_at + 1)) == world.last_night_at
    assert max(run.ended_at for run in runs) < started_at
    assert started_at - world.last_night_at < 1.2 * DAY_S
    assert {run.error is not None for run in runs if run.datastore == "tank"} == {True}
    assert {run.error for run in runs if run.datastore == "vault"} == {None}
    before = runs_of_night(world, night_of(world, world.last_night_at + 1) - 1)
    assert {run.error for run in before} == {None}


@pytest.mark.parametrize("window_start_h", [2.0, 20.0, 22.75, 23.9])
def test_a_night_that_goes_on_after_midnight_loses_no_task(window_start_h: float) -> None:
    midnight = START - START % DAY_S
    world = build_world(7, midnight + DAY_S - 60.0, window_start_s=window_start_h * 3_600.0)
    at = midnight + DAY_S - 61.0
    begun = [task for task in pve_tasks(world, "pve1", at) if task.kind == "vzdump"]
    nights = [night_of(world, task.started_at) for task in begun if task.started_at > at - 6 * DAY_S]
    assert {nights.count(night) for night in nights[2:-2]} == {2}, "one of each job of the homelab"
    pulls = [task.started_at for task in pbs_tasks(world, "pbs2", at) if task.kind == "syncjob"]
    assert all(abs(later - sooner - DAY_S) < 60 for later, sooner in pairwise(pulls))
