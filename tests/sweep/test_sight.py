"""When the absence of a finding proves that it is gone, and Gaps told once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.checks.world import (
    LIMITS,
    complete,
    container,
    datastore,
    guest,
    node,
    partial,
    storage,
    target,
    unavailable,
    world,
)

from nightshift.checks.judge import run_checks
from nightshift.checks.previous import NOTHING
from nightshift.checks.registry import CHECKS
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Dataset, Progress, Snapshot, SourceStatus
from nightshift.facts.tasks import Task
from nightshift.sweep.sight import could_see, merged

WEB = Entity("guest:pve/104", "web")
OFFLINE = node("pve2", online=False)
LANE: Dataset[Task] = Dataset("partial", progress=(Progress("pve", "guests' tasks", 1, 2, frozenset({WEB.key})),))
ONE_FAILED: Dataset[Task] = Dataset("partial", (), (Gap("pve", "tasks", "timed_out", "slow", None, (WEB.key,)),))


def about(check: str, key: str) -> Finding:
    return Finding(check, "warning", Entity(key, key), "t", "d", "r")


CASES: list[tuple[str, Snapshot, Finding, bool]] = [
    ("everything was read", world(), about("node.memory", "node:pve/pve1"), True),
    ("its data is missing", world(nodes=unavailable("nodes")), about("node.memory", "node:pve/pve1"), False),
    ("its data was partly read", world(nodes=partial("nodes", node())), about("node.memory", "node:pve/pve1"), False),
    (
        "other data is missing",
        world(alerts=unavailable("alerts", "grafana")),
        about("node.memory", "node:pve/pve1"),
        True,
    ),
    ("what sharpens it is missing", world(tasks=unavailable("tasks")), about("guest.restart_loop", WEB.key), False),
    ("the slow lane has not reached it", world(tasks=LANE), about("guest.restart_loop", WEB.key), False),
    ("the slow lane has reached it", world(tasks=LANE), about("guest.restart_loop", "guest:pve/105"), True),
    ("a failed read hides it", world(tasks=ONE_FAILED), about("guest.restart_loop", WEB.key), False),
    ("a failed read hides another", world(tasks=ONE_FAILED), about("guest.restart_loop", "guest:pve/105"), True),
    (
        "the node of its disk is offline",
        world(nodes=complete(node(), OFFLINE)),
        about("disk.health", "disk:pve/pve2/S1"),
        False,
    ),
    ("its node is offline", world(nodes=complete(node(), OFFLINE)), about("node.memory", "node:pve/pve2"), False),
    (
        "its guest is on a node that is offline",
        world(nodes=complete(node(), OFFLINE), guests=complete(guest(node="pve2"))),
        about("guest.memory", WEB.key),
        False,
    ),
    (
        "the state of its guest is unknown",
        world(guests=complete(guest(status="unknown"))),
        about("guest.memory", WEB.key),
        False,
    ),
    (
        "its exporter is down",
        world(targets=complete(target(health="down", entity_key=WEB.key))),
        about("filesystem.full", WEB.key),
        False,
    ),
    (
        "its storage is gone",
        world(storages=complete(storage(active=False))),
        about("storage.full", "storage:pve/pve1/local"),
        False,
    ),
    ("its storage is back", world(), about("storage.inactive", "storage:pve/pve1/local"), True),
    (
        "its datastore is broken",
        world(datastores=complete(datastore(error="x"))),
        about("datastore.full", "datastore:pbs/tank"),
        False,
    ),
    ("its node is back", world(), about("node.offline", "node:pve/pve2"), True),
    ("its guest is gone", world(guests=complete(container())), about("guest.memory", "guest:pve/999"), True),
    ("its check is gone", world(), about("no.such", WEB.key), True),
]


@pytest.mark.parametrize(("snapshot", "finding", "sees"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_whether_a_finding_is_gone(snapshot: Snapshot, finding: Finding, sees: bool) -> None:
    assert could_see(snapshot, run_checks(CHECKS, snapshot, NOTHING, LIMITS))(finding) is sees


def test_the_failure_of_a_sister_cluster_hides_nothing_here() -> None:
    two = world(nodes=partial("nodes", node(), source="site2"))
    sources = (*two.sources, SourceStatus("site2", "pve", False, None, None))
    snapshot = replace(two, sources=sources)
    sees = could_see(snapshot, run_checks(CHECKS, snapshot, NOTHING, LIMITS))
    assert sees(about("node.memory", "node:pve/pve1")) is True
    assert sees(about("node.memory", "node:site2/pve1")) is False


def test_one_failure_is_one_gap() -> None:
    refused = [Gap("pve", name, "unreachable", "refused", "look") for name in ("nodes", "guests", "tasks")]
    other = Gap("pve", "guest_configs", "forbidden", "no VM.Audit")
    checks = [
        Gap("pve", f"check {name}", "unreachable", f"{name} could not be checked: refused") for name in ("a", "b")
    ]
    assert merged([*refused, other, *checks, refused[0]]) == (
        Gap("pve", "nodes, guests, tasks", "unreachable", "refused", "look"),
        other,
        Gap("pve", "checks", "unreachable", "2 checks could not be judged: a, b."),
    )


def test_a_single_check_keeps_its_own_words() -> None:
    gap = Gap("pve", "check a.b", "unreachable", "A could not be checked: refused")
    assert merged([gap]) == (gap,)


def test_a_hundred_names_of_one_family_are_told_by_it() -> None:
    datasets = [Gap("prometheus", f"metrics.row{index}", "timed_out", "slow") for index in range(7)]
    checks = [Gap("prometheus", f"check host.c{index}", "timed_out", f"c{index}: slow") for index in range(6)]
    few = [Gap("prometheus", "check node.oom_kills", "timed_out", "kills: slow")]
    assert [(gap.dataset, gap.detail) for gap in merged((*datasets, *few, *checks))] == [
        ("metrics.* (7)", "slow"),
        ("checks", "7 checks could not be judged: node.oom_kills, host.* (6)."),
    ]


def test_one_privilege_is_one_thing_to_grant_on_however_many_nodes_it_is_missing() -> None:
    def lacks(dataset: str, path: str, privilege: str = "Sys.Audit") -> Gap:
        fix = f"Grant {privilege} on {path} to the token and to its user."
        return Gap("pve", dataset, "forbidden", f"the token lacks a privilege ({path}, {privilege})", fix)

    other = lacks("software", "/nodes/pve1", "Sys.Modify")
    gaps = [lacks("nodes", "/nodes/pve1"), lacks("clusters", "/"), lacks("disks", "/nodes/pve2"), other]
    assert merged(gaps) == (replace(lacks("", "/"), dataset="nodes, clusters, disks"), other)
