# ruff: noqa: E501  (one figure, condition or task a row: these are tables)
"""What each story changes in the world, and when: figures, conditions, tasks and journals, before and after."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from nightshift_lab.scenarios import SCENARIOS, build_scenario
from nightshift_lab.world import World
from nightshift_lab.world.backups import night_of, runs_of_night
from nightshift_lab.world.faults import FAULT_KINDS
from nightshift_lab.world.faults.shapes import STEP, Burst, Flap, Ramp
from nightshift_lab.world.node_tasks import pve_tasks
from nightshift_lab.world.server_tasks import pbs_tasks

START = 1_795_469_000.0
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


@cache
def world_of(scenario: str) -> World:
    return build_scenario(scenario, seed=7, started_at=START)


def at(world: World, figure: str, t: float) -> float:
    """`<entity> <quantity>`, or the ratio of two quantities of an entity: `<entity> <quantity>/<quantity>`."""
    entity, _, quantities = figure.partition(" ")
    first, _, second = quantities.partition("/")
    return world.at(entity, first, t) / (world.at(entity, second, t) if second else 1.0)


@pytest.mark.parametrize(
    ("scenario", "figure", "before_s", "before", "after"),
    [
        ("node-memory-pressure", "node/pve2 mem_used_bytes/mem_total_bytes", 4 * HOUR, (0.3, 0.8), (0.97, 0.98)),
        ("node-rootfs-full", "fs/node/pve1// used_bytes/size_bytes", 6 * DAY, (0.2, 0.35), (0.85, 0.98)),
        ("node-rootfs-full", "storage/pve1/local used_bytes/total_bytes", 6 * DAY, (0.1, 0.35), (0.75, 0.98)),
        ("node-swap-storm", "node/pve3 swap_used_bytes/swap_total_bytes", 2 * HOUR, (0.0, 0.05), (0.95, 0.97)),
        ("node-swap-storm", "node/pve3 iowait_fraction", 2 * HOUR, (0.0, 0.1), (0.4, 0.55)),
        ("node-high-iowait", "node/pve2 iowait_fraction", 2 * HOUR, (0.0, 0.1), (0.4, 0.55)),
        ("node-high-iowait", "node/pve2 load1", 2 * HOUR, (0.1, 8.0), (6.5, 16.0)),
        ("node-unexpected-reboot", "node/pve2 uptime_s", 3 * HOUR, (DAY, 90 * DAY), (1.7 * HOUR, 2.1 * HOUR)),
        ("node-unexpected-reboot", "guest/113 uptime_s", 3 * HOUR, (DAY, 90 * DAY), (1.7 * HOUR, 2.1 * HOUR)),
        ("container-crash-loop", "guest/102 uptime_s", 3 * HOUR, (DAY, 90 * DAY), (0.0, 260.0)),
        ("guest-memory-near-limit", "guest/113 mem_used_bytes/mem_total_bytes", 6 * HOUR, (0.4, 0.8), (0.96, 0.99)),
        ("guest-cpu-saturated", "guest/123 cpu_fraction", 5 * HOUR, (0.05, 0.5), (0.95, 1.0)),
        ("thin-pool-full", "storage/pve3/local-lvm used_bytes/total_bytes", 4 * DAY, (0.3, 0.5), (0.96, 0.97)),
        ("guest-io-error", "guest/122 cpu_fraction", 2 * HOUR, (0.01, 0.5), (0.0, 0.0)),
        ("power-cut", "ups/apc battery_charge", HOUR, (1.0, 1.0), (0.4, 0.6)),
        ("power-cut", "ups/apc input_voltage", HOUR, (220.0, 240.0), (0.0, 0.0)),
        ("healthy-cpu-spikes", "guest/130 up", 7 * DAY, (1.0, 1.0), (1.0, 1.0)),
    ],
)
def test_figures_before_and_after(
    scenario: str, figure: str, before_s: float, before: tuple[float, float], after: tuple[float, float]
) -> None:
    world = world_of(scenario)
    assert before[0] <= at(world, figure, START - before_s) <= before[1]
    assert after[0] <= at(world, figure, START) <= after[1]
    undisturbed = at(world.with_faults(()), figure, START - before_s)
    assert at(world, figure, START - before_s) == undisturbed


@pytest.mark.parametrize(
    ("scenario", "entity", "name", "base", "before_s", "now"),
    [
        ("node-service-failed", "service/pve2/pve-firewall", "state", "running", 3 * HOUR, "failed"),
        ("node-maintenance-left-on", "node/pve3", "maintenance", False, 10 * DAY, True),
        ("node-statistics-stuck", "node/pve2", "statistics", "fresh", HOUR, "stuck"),
        ("node-certificate-expiring", "certificate/pve2", "not_after", START + 300 * DAY, 30 * DAY, START + 4 * DAY),
        ("guest-locked", "guest/104", "lock", "", 2 * DAY, "backup"),
        ("guest-io-error", "guest/122", "qmpstatus", "running", 2 * HOUR, "io-error"),
        ("guest-agent-dead", "guest/109", "agent_answers", True, 3 * DAY, False),
        ("zfs-degraded", "pool/pve1/rpool", "state", "ONLINE", 2 * DAY, "DEGRADED"),
        ("zfs-degraded", "pool/pve1/rpool", "member:2234AB801877", "ONLINE", 2 * DAY, "FAULTED"),
        ("disk-failing", "disk/pve1/WD-CA1L4J7K", "health", "PASSED", 2 * DAY, "FAILED"),
        ("disk-failing", "disk/pve1/WD-CA1L4J7K", "pending", 0, 10 * DAY, 72),
        ("disk-worn-out", "disk/pve3/2212E6179A0C", "wear", 0.23, 301 * DAY, 0.98),
        ("scrub-errors", "pool/pve2/rpool", "cksum", 0, 4 * DAY, 37),
        ("nfs-storage-gone", "storage/pve2/nas-media", "active", True, HOUR, False),
        ("backup-job-disabled", "job/backup-b7e4415a-03fc", "enabled", True, 4 * DAY, False),
        ("garbage-collection-failing", "gc/pbs/tank", "error", "", 5 * DAY, "unable to parse active worker status 'UPID:pbs' - not a valid user id"),
        ("verification-failed", "snapshots/pbs/vault/homelab/vm/104", "verification", "ok", 3 * DAY, "failed"),
        ("sync-failing", "sync/pbs2/mirror", "error", "", 5 * DAY, "sync failed with some errors."),
        ("ha-error", "guest/101", "ha_state", "started", 2 * HOUR, "error"),
        ("scrape-job-gone", "scrape-job/mosquitto", "configured", True, 2 * DAY, False),
        ("alert-rule-without-data", "rule/hosts-zpool", "query", "up", 4 * DAY, 'zfs_pool_health{state!="online"}'),
        ("power-cut", "ups/apc", "status", "OL", HOUR, "OB DISCHRG"),
        ("healthy-migration", "guest/142", "lock", "", HOUR, "migrate"),
        ("healthy-scrub-running", "pool/pve2/rpool", "scrub", "", HOUR, "running"),
    ],
)  # fmt: skip
def test_conditions_before_and_after(
    scenario: str, entity: str, name: str, base: Any, before_s: float, now: Any
) -> None:
    world = world_of(scenario)
    assert world.condition(entity, name, START - before_s, base) == base
    assert world.condition(entity, name, START, base) == now
    times = np.array([START - before_s, START])
    assert world.conditions(entity, name, times, base).tolist() == [base, now]


@pytest.mark.parametrize(
    ("scenario", "entity", "down_s"),
    [
        ("guest-stopped", "guest/117", 3 * HOUR),
        ("guest-stopped", "target/node/mail:9100", 3 * HOUR),
        ("guest-stopped-by-hand", "guest/128", 5 * HOUR),
        ("guest-io-error", "target/node/docker-host:9100", 55 * MINUTE),
        ("ha-error", "guest/101", 65 * MINUTE),
        ("ha-error", "target/traefik/traefik:8080", 65 * MINUTE),
        ("file-server-down", "guest/103", 50 * MINUTE),
        ("backup-host-down", "guest/111", 18 * MINUTE),
    ],
)
def test_what_is_down_has_been_since_the_onset(scenario: str, entity: str, down_s: float) -> None:
    world = world_of(scenario)
    assert not world.up(entity, START)
    assert not world.up(entity, START - down_s + 11 * MINUTE)
    assert world.up(entity, START - down_s - 11 * MINUTE)


@pytest.mark.parametrize(
    ("scenario", "node", "kind", "task_id", "status", "count"),
    [
        ("container-crash-loop", "pve1", "vzstart", "102", "OK", (20, 21)),
        ("guest-stopped-by-hand", "pve3", "qmshutdown", "128", "OK", (1,)),
        ("guest-stopped", "pve2", "qmshutdown", "117", "OK", (0,)),
        ("node-unexpected-reboot", "pve2", "startall", "", "OK", (1,)),
        ("node-unexpected-reboot", "pve2", "stopall", "", "OK", (0,)),
        ("healthy-rolling-upgrade", "pve1", "stopall", "", "OK", (1,)),
        ("healthy-migration", "pve2", "qmigrate", "142", "OK", (1,)),
        ("healthy-fresh-guest", "pve2", "vzcreate", "135", "OK", (1,)),
        ("guest-backup-failing", "pve2", "vzdump", "", "job errors", (3,)),
    ],
)
def test_tasks_of_the_last_three_days(
    scenario: str, node: str, kind: str, task_id: str, status: str, count: tuple[int, ...]
) -> None:
    found = [
        task
        for task in pve_tasks(world_of(scenario), node, START)
        if (task.kind, task.id, task.status) == (kind, task_id, status) and task.started_at > START - 3 * DAY
    ]
    assert len(found) in count


@pytest.mark.parametrize(
    ("scenario", "node", "words"),
    [
        ("node-service-failed", "pve2", "pve-firewall.service: Failed with result 'exit-code'."),
        ("node-clock-skew", "pve3", "chronyd[811]: System clock wrong by"),
        ("node-unexpected-reboot", "pve2", "corrupted or uncleanly shut down"),
        ("guest-stopped", "pve2", "segfault"),
        ("guest-io-error", "pve3", "block I/O error in device 'drive-scsi0'"),
        ("ha-error", "pve1", "service 'ct:101' is in an error state"),
        ("container-crash-loop", "pve1", "service 'ct:102' stopped unexpectedly"),
        ("container-oom-loop", "pve2", "Memory cgroup out of memory"),
        ("link-flapping", "pve2", "eno1: NIC Link is Down"),
    ],
)
def test_journals(scenario: str, node: str, words: str) -> None:
    def told(world: World, since: float, until: float) -> list[str]:
        return [text for fault in world.faults for _, text in fault.journal(node, since, until) if words in text]

    world = world_of(scenario)
    onset = world.faults[0].starts_at
    assert told(world, onset - 2 * MINUTE, START)
    assert told(world, onset - 3 * DAY, onset - 5 * MINUTE) == []


def test_a_backup_that_fails_for_one_guest_succeeds_for_the_others() -> None:
    world = world_of("guest-backup-failing")
    runs = runs_of_night(world, night_of(world, world.last_night_at + 1))
    assert {run.guest.name for run in runs if run.error} == {"mail"}
    assert len(runs) > 40
    task = next(task for task in pve_tasks(world, "pve2", START) if task.status == "job errors")
    assert "ERROR: Backup of VM 117 failed - job failed with err -61 - No data available" in task.log_at(START)
    assert not any("117" in task.id for task in pbs_tasks(world, "pbs", START) if task.started_at > START - DAY)


def test_a_disabled_job_leaves_old_backups_and_makes_no_new_ones() -> None:
    world = world_of("backup-stale")
    last_night = night_of(world, world.last_night_at + 1)
    saved = {run.job.id for run in runs_of_night(world, last_night)}
    assert saved == {"backup-b7e4415a-03fc"}
    before = {run.job.id for run in runs_of_night(world, last_night - 13)}
    assert before == {"backup-b7e4415a-03fc", "backup-6f1d20c3-9a51"}


def test_a_guest_younger_than_its_first_backup_is_in_a_job_all_the_same() -> None:
    from nightshift_lab.world.backups import vmids_of

    world = world_of("healthy-fresh-guest")
    assert any(135 in vmids_of(world, job, START) for job in world.cluster.backup_jobs)
    assert all(run.guest.vmid != 135 for run in runs_of_night(world, night_of(world, world.last_night_at + 1)))
    assert any(run.guest.vmid == 135 for run in runs_of_night(world, night_of(world, world.last_night_at + 1) + 1))


def test_two_faults_of_one_world_leave_each_other_alone() -> None:
    both, full, down = (world_of(name) for name in ("two-faults", "datastore-full", "target-down"))
    times = START - np.arange(0.0, 20 * DAY, HOUR)
    entity = "datastore/pbs/tank"
    np.testing.assert_array_equal(both.signal(entity, "used_bytes", times), full.signal(entity, "used_bytes", times))
    assert not both.up("target/postgres/postgres:9187", START)
    assert not down.up("target/postgres/postgres:9187", START)


def test_counters_stay_counters_whatever_befalls_their_owner() -> None:
    times = np.arange(START - 8 * HOUR, START, 30.0)
    for scenario in ("guest-cpu-saturated", "node-high-iowait", "guest-io-error", "node-unexpected-reboot"):
        world = world_of(scenario)
        for entity in ("node/pve2", "node/pve3", "guest/123", "guest/122"):
            boots = world.boot_time(entity, times)
            for quantity in ("cpu_seconds", "iowait_seconds", "netin", "diskwrite"):
                values = world.signal(entity, quantity, times)
                falls = np.diff(values) < 0
                assert not (falls & (np.diff(boots) == 0)).any(), (scenario, entity, quantity)


@pytest.mark.parametrize(
    "shape", [STEP, Ramp(600.0), Burst(300.0), Flap(240.0, 30.0)], ids=lambda shape: type(shape).__name__
)
def test_the_integral_of_a_shape_is_the_sum_of_its_level(shape: Any) -> None:
    age = np.arange(0.0, 2_000.0, 1.0)
    summed = np.concatenate([[0.0], np.cumsum(shape.level(age + 0.5))[:-1]])
    np.testing.assert_allclose(shape.elapsed(age), summed, atol=1e-6)
    assert ((shape.level(age) >= 0) & (shape.level(age) <= 1)).all()


@pytest.mark.parametrize("seed", [1, 2, 3, 11, 97])
def test_every_scenario_builds_with_any_seed_and_what_is_up_has_figures(seed: int) -> None:
    """At the start of the lab, for everything of the world; NaN only where the owner is not up."""
    for name in SCENARIOS:
        world = build_scenario(name, seed=seed, started_at=START + seed * 7_919.0)
        now = np.array([world.started_at])
        assert len(world.inventory_at(world.started_at).guests) == len(world.cluster.guests)
        touched = {fault.target for fault in world.faults} | {
            "node/pve1",
            "node/pve2",
            "guest/104",
            "datastore/pbs/tank",
        }
        for entity in touched & set(world.entities()):
            owner = world.owner(entity)
            on = owner is None or bool(world.up(owner, world.started_at))
            for quantity in world.quantities(entity):
                value = float(world.signal(entity, quantity, now)[0])
                assert np.isnan(value) != on or quantity in {"up", "mem_total_bytes", "cores", "size_bytes"}, (
                    name,
                    entity,
                    quantity,
                )
                assert not value < 0, (name, entity, quantity)


def test_a_fault_kind_says_what_it_befalls() -> None:
    kinds = {
        "node",
        "guest",
        "storage",
        "datastore",
        "server",
        "job",
        "replication",
        "pool",
        "disk",
        "link",
        "mon",
        "osd",
        "thin",
        "ups",
        "target",
    }
    assert {target for kind in FAULT_KINDS.values() for target in kind.targets} == kinds


def test_a_guest_that_others_need_can_be_called_otherwise() -> None:
    """The names that others depend on follow it, and so do probes; jobs name guests as they were."""
    from nightshift_lab.exporters.exposition import Figures
    from nightshift_lab.exporters.reach import Reach
    from nightshift_lab.scenarios.read import parse_scenario

    text = (
        "summary: x\nfamily: healthy\nworld:\n  guests:\n    postgres: {name: db-old}\n"
        "  jobs:\n    backup-b7e4415a-03fc: {without: [postgres]}\n"
    )
    world = build_scenario(parse_scenario(text, source="my.yaml", name="my"), seed=7, started_at=START)
    assert "db-old" in world.cluster.guest_named("gitea").depends_on
    reach = Reach(Figures(world, np.array([START])))
    assert all(bool(reach.works(guest.name)[0]) for guest in world.cluster.guests if guest.runs)
    job = next(job for job in world.cluster.backup_jobs if job.id == "backup-b7e4415a-03fc")
    assert 105 not in job.vmids
