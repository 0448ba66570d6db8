"""What each scenario must show, beside `healthy` in which nothing may show."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from nightshift_lab.scenarios import FAULTS, SCENARIOS, build_scenario
from nightshift_lab.world.backups import vmids_of
from nightshift_lab.world.current import WorldHolder
from nightshift_lab.world.node_tasks import pve_tasks
from nightshift_lab.world.nouns import DAY_S
from nightshift_lab.world.server_tasks import pbs_tasks
from nightshift_lab.world.snapshots import snapshots_at

START = 1_795_469_000.0


def _tasks_of_last_days(scenario: str, days: float = 3.0) -> list[tuple[str, str, str]]:
    world = build_scenario(scenario, seed=7, started_at=START)
    tasks = [task for node in ("pve1", "pve2", "pve3") for task in pve_tasks(world, node, START)]
    tasks += pbs_tasks(world, "pbs", START)
    return [(task.kind, task.id, task.status) for task in tasks if task.started_at > START - days * DAY_S]


# What the tasks of the last three days say, where a scenario makes any of them fail.
_UNFINISHED = "backup ended but finished flag is not set."
FAILING_TASKS = {
    "datastore-full": {"job errors", _UNFINISHED},
    "datastore-read-only": {"job errors"},
    "datastore-unavailable": {"job errors"},
    "guest-locked": {"unexpected status"},
    "guest-disk-on-missing-storage": {"job errors"},
    "node-repository-broken": {"command 'apt-get update' failed: exit code 100"},
    "prune-failing": {"prune failed - unable to lock group"},
    "two-faults": {"job errors", _UNFINISHED},
    "hostile-runbook": {"job errors", _UNFINISHED},
    "datastore-offline": {"job errors"},
    "backup-server-down": {
        f"could not activate storage '{storage}': {storage}: error fetching datastores - 500 Can't connect to "
        "192.0.2.111:8007 (No route to host)"
        for storage in ("pbs-tank", "pbs-vault")
    },
    "guest-backup-failing": {"job errors"},
    "garbage-collection-failing": {"unable to parse active worker status 'UPID:pbs' - not a valid user id"},
    "gc-fills-datastore": {
        "job errors",
        _UNFINISHED,
        "unable to parse active worker status 'UPID:pbs' - not a valid user id",
    },
    "verification-failed": {"verification failed - please check the log for details"},
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_tasks_of_the_last_days_fail_only_where_the_story_says_so(scenario: str) -> None:
    tasks = _tasks_of_last_days(scenario)
    assert len(tasks) > 60
    assert {status for _, _, status in tasks} - {"OK"} == FAILING_TASKS.get(scenario, set())


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_kind_of_task_has_a_history(scenario: str) -> None:
    kinds = {kind for kind, _, _ in _tasks_of_last_days(scenario, 14.0)}
    wanted = {
        "vzdump",
        "aptupdate",
        "qmigrate",
        "vzstart",
        "backup",
        "garbage_collection",
        "prunejob",
        "verificationjob",
    }
    assert wanted <= kinds


def test_a_full_datastore_fails_last_nights_backups_and_no_earlier_ones() -> None:
    world = build_scenario("datastore-full", seed=7, started_at=START)
    failed = [
        task
        for node in ("pve1", "pve2", "pve3")
        for task in pve_tasks(world, node, START)
        if task.status == "job errors"
    ]
    assert [task.started_at // DAY_S for task in failed] == [START // DAY_S] * 3
    for task in failed:
        log = "\n".join(task.log_at(START))
        assert "ENOSPC: No space left on device" in log
        assert log.endswith("TASK ERROR: job errors")
    errors = {task.status for task in pbs_tasks(world, "pbs", START) if task.status != "OK"}
    assert errors == {"backup ended but finished flag is not set."}
    used, total, available = (
        world.at("datastore/pbs/tank", q, START) for q in ("used_bytes", "total_bytes", "available_bytes")
    )
    assert 0.979 < used / total < 0.981
    assert available < 1e6
    ramp = world.signal("datastore/pbs/tank", "used_bytes", START - DAY_S * np.arange(12, 1, -1)) / total
    assert (np.diff(ramp) > 0.02).all()
    assert world.at("storage/pve2/pbs-tank", "used_bytes", START) == used
    newest = max(s.taken_at for s in snapshots_at(world, "pbs", "tank", "homelab", START))
    assert DAY_S < START - newest + 6 * 3_600 < 2.2 * DAY_S


def test_a_filling_disk_has_two_to_three_days_left() -> None:
    world = build_scenario("vm-disk-filling", seed=7, started_at=START)
    entity = "fs/guest/113//"
    size = world.at(entity, "size_bytes", START)
    used = world.signal(entity, "used_bytes", np.array([START - DAY_S, START])) / size
    days_left = (1 - used[1]) / (used[1] - used[0])
    assert 0.8 < used[1] < 0.9
    assert 2.0 < days_left < 3.2
    assert world.at(entity, "used_bytes", START + 10 * DAY_S) == size


def test_an_offline_node_takes_its_guests_and_exporters_with_it() -> None:
    world = build_scenario("node-offline", seed=7, started_at=START)
    inventory = world.inventory_at(START)
    assert {name: state.online for name, state in inventory.nodes.items()} == {
        "pve1": True,
        "pve2": True,
        "pve3": False,
    }
    lost = [state for state in inventory.guests.values() if state.node == "pve3"]
    assert len(lost) == 11
    assert {(state.status, state.name) for state in lost} == {("unknown", None)}
    assert not world.up("target/node/pve3:9100", START)
    assert not world.up("target/node/docker-host:9100", START)
    assert world.up("target/node/pve1:9100", START)
    assert np.isnan(world.at("node/pve3", "cpu_fraction", START))
    onset = next(minute for minute in range(60) if world.up("node/pve3", START - minute * 60))
    assert 38 <= onset <= 42


def test_a_container_in_an_oom_loop_restarts_every_seven_minutes() -> None:
    world = build_scenario("container-oom-loop", seed=7, started_at=START)
    t = START - np.arange(6_600.0, 0.0, -5.0)
    up = world.up("guest/116", t)
    share = world.signal("guest/116", "mem_used_bytes", t) / world.at("guest/116", "mem_total_bytes", START)
    uptime = world.signal("guest/116", "uptime_s", t)
    assert np.nanmax(share) > 0.97
    assert np.nanmax(uptime) < 420.0
    assert 0.95 < up.mean() < 1.0
    kills = world.signal("node/pve2", "oom_kills_total", np.array([START - 7_500, START]))
    assert kills[0] == 0
    assert kills[1] in {16.0, 17.0}
    restarts = [task for task in pve_tasks(world, "pve2", START) if task.kind == "vzstart" and task.id == "116"]
    recent = [task for task in restarts if task.started_at > START - 7_200]
    assert len(recent) == kills[1]
    assert {round(a.started_at - b.started_at) for a, b in pairwise(recent)} <= {419, 420, 421}


def test_an_unprotected_guest_is_in_no_job_and_has_no_snapshots() -> None:
    world = build_scenario("guest-without-backup", seed=7, started_at=START)
    assert all(114 not in vmids_of(world, job, START) for job in world.cluster.backup_jobs)
    for store in world.servers[0].datastores:
        for namespace in store.namespaces:
            ids = {s.backup_id for s in snapshots_at(world, "pbs", store.name, namespace, START)}
            assert "114" not in ids
    assert world.inventory_at(START).guests[114].running


def test_a_target_that_is_down_runs_on_a_guest_that_is_well() -> None:
    world = build_scenario("target-down", seed=7, started_at=START)
    down = [
        exporter.instance
        for exporter, owner in world.exporters
        if not world.up(f"target/{exporter.job}/{exporter.instance}", START)
    ]
    assert down == ["postgres:9187"]
    assert world.up("guest/105", START)


def test_in_a_healthy_lab_every_guest_that_should_run_runs_and_is_backed_up() -> None:
    world = build_scenario("healthy", seed=7, started_at=START)
    states = world.inventory_at(START).guests
    assert {vmid for vmid, state in states.items() if not state.running} == {110, 120, 141, 143}
    enabled = {vmid for job in world.cluster.backup_jobs if job.enabled for vmid in job.vmids}
    assert enabled == set(states)
    assert all(world.up(f"target/{exporter.job}/{exporter.instance}", START) for exporter, _ in world.exporters)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_switched_on_and_off_again_leaves_the_past_alone(name: str) -> None:
    holder = WorldHolder(build_scenario("healthy", seed=7, started_at=START))
    before = holder.world
    holder.switch(name, active=True, now=START + 100)
    holder.switch(name, active=True, now=START + 150)
    assert holder.active_faults(START + 200) == (name,)
    assert len(holder.world.faults) == len([target for entry in FAULTS[name] for target in entry.all_targets])
    holder.switch(name, active=False, now=START + 10_000)
    assert holder.active_faults(START + 10_001) == ()
    past = START + 100 - np.arange(1.0, 4_000.0, 60.0)
    for entity, quantity in (
        ("node/pve3", "mem_used_bytes"),
        ("datastore/pbs/tank", "used_bytes"),
        ("guest/116", "netin"),
    ):
        np.testing.assert_array_equal(
            holder.world.signal(entity, quantity, past), before.signal(entity, quantity, past)
        )
    with pytest.raises(KeyError):
        holder.switch("meteor", active=True, now=START)
