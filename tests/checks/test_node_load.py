"""Processors, waiting for disks, load, swap and pressure of nodes: over a quarter of an hour, never a peak."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.checks.world import (
    GIB,
    NOW,
    Told,
    ago,
    complete,
    history,
    metrics,
    node,
    partial,
    pool,
    run,
    sample,
    task,
    told,
    world,
)

from nightshift.checks.levels import fingerprint_of
from nightshift.checks.previous import Previous
from nightshift.facts.nodes import NodeClock, NodeHistory
from nightshift.facts.snapshot import Snapshot

CPU = "The processors of pve1 have been 95 % busy for 15 min"
WAITS = "pve1 waits for its disks (40 % of the time)"


def with_history(**figures: float | None) -> Snapshot:
    return world(node_history=complete(history("pve1", **figures)))


def lately(minutes: int, *, usual: float, now: float) -> Snapshot:
    """An hour of one figure of the processors, the last minutes of another."""
    past = history("pve1", minutes=60 - minutes, until=NOW - timedelta(minutes=minutes), cpu=usual).points
    return world(node_history=complete(NodeHistory("pve", "pve1", (*past, *history(minutes=minutes, cpu=now).points))))


def loaded(load: tuple[float, float, float] | None, cpus: int | None = 8, **more: bool) -> Snapshot:
    return world(nodes=complete(node(load=load, cpu_count=cpus, **more)))


def swapped(share: float, *, memory: float = 0.3, stalled: float | None = None) -> Snapshot:
    nodes = complete(
        node(
            swap_used_bytes=round(share * 8 * GIB), swap_total_bytes=8 * GIB,
            memory_used_bytes=round(memory * 64 * GIB), memory_total_bytes=64 * GIB,
        )
    )  # fmt: skip
    told = complete(history("pve1", pressure_memory_some=stalled))
    return world(nodes=nodes, node_history=told, zfs_pools=complete())


def saving(snapshot: Snapshot) -> Snapshot:
    running = task(status="RUNNING", hours=0.5, ended_at=None, outcome="running")
    return replace(snapshot, tasks=complete(running))


def behind(*, minutes: int, **figures: float) -> Snapshot:
    """Fresh records of a node whose clock is behind ours."""
    told = (NodeClock("pve", "pve1", -60.0 * minutes - 0.5, 0.5 - 60 * minutes, "UTC", NOW),)
    return world(
        node_history=complete(history(until=ago(minutes=minutes), **figures)), clocks=complete(*told)
    )  # fmt: skip


CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("processors with time to spare", "node.cpu", with_history(cpu=0.5), []),
    ("processors just below the limit", "node.cpu", with_history(cpu=0.899), []),
    ("processors at the limit", "node.cpu", with_history(cpu=0.95), [("warning", "node:pve/pve1", CPU)]),
    ("a peak of five minutes", "node.cpu", lately(5, usual=0.2, now=1.0), []),
    ("busy for a quarter of an hour", "node.cpu", lately(15, usual=0.2, now=0.95), [("warning", "node:pve/pve1", CPU)]),
    ("no history of the node", "node.cpu", world(node_history=complete()), []),
    ("a node that just booted", "node.cpu", world(node_history=complete(history(minutes=8, cpu=1.0))), []),
    ("records that stand still", "node.cpu", world(node_history=complete(history(until=ago(minutes=11), cpu=1.0))), []),
    (
        "records of a clock that is behind",
        "node.cpu",
        behind(minutes=20, cpu=0.95),
        [("warning", "node:pve/pve1", CPU)],
    ),
    ("a figure that is not told", "node.cpu", with_history(cpu=None), []),
    ("a figure that is no number", "node.cpu", with_history(cpu=float("nan")), []),
    ("hardly any waiting", "node.iowait", with_history(iowait=0.249), []),
    ("waiting at the limit", "node.iowait", with_history(iowait=0.4), [("warning", "node:pve/pve1", WAITS)]),
    ("waiting during a backup", "node.iowait", saving(with_history(iowait=0.4)), [("info", "node:pve/pve1", WAITS)]),
    ("load below the limit", "node.load", loaded((30.0, 20.0, 15.9)), []),
    (
        "load at the limit",
        "node.load",
        loaded((1.0, 9.0, 16.0)),
        [("warning", "node:pve/pve1", "pve1 has more work than processors (load 16 on 8)")],
    ),
    ("load unknown", "node.load", loaded(None), []),
    ("processors unknown", "node.load", loaded((99.0, 99.0, 99.0), None), []),
    ("an offline node has no load", "node.load", loaded((99.0, 99.0, 99.0), online=False), []),
    ("swap half used", "node.swap", swapped(0.5), []),
    ("swap just below the limit", "node.swap", swapped(0.79), []),
    (
        "old pages in swap",
        "node.swap",
        swapped(0.8),
        [("info", "node:pve/pve1", "pve1 has used 80 % of its swap")],
    ),
    (
        "swap used and memory short",
        "node.swap",
        swapped(0.9, memory=0.93),
        [("warning", "node:pve/pve1", "pve1 has used 90 % of its swap")],
    ),
    (
        "swap used and memory full of a cache that gives way",
        "node.swap",
        replace(swapped(0.9, memory=0.93), metrics=metrics(arc_reclaimable=[sample(16 * GIB, instance="pve1:9100")])),
        [("info", "node:pve/pve1", "pve1 has used 90 % of its swap")],
    ),
    (
        "swap used and memory full, of what nobody tells",
        "node.swap",
        replace(swapped(0.9, memory=0.93), zfs_pools=complete(pool())),
        [("info", "node:pve/pve1", "pve1 has used 90 % of its swap")],
    ),
    (
        "swap used and tasks waiting for memory",
        "node.swap",
        swapped(0.9, stalled=0.1),
        [("warning", "node:pve/pve1", "pve1 has used 90 % of its swap")],
    ),
    ("no swap at all", "node.swap", world(nodes=complete(node(swap_used_bytes=0, swap_total_bytes=0))), []),
    ("swap unknown", "node.swap", world(), []),
    ("no pressure", "node.pressure", with_history(pressure_io_some=0.1, pressure_memory_some=0.0), []),
    ("a node before PVE 9", "node.pressure", with_history(), []),
    ("pressure below the limits", "node.pressure", with_history(pressure_io_some=0.399, pressure_cpu_some=0.499), []),
    (
        "pressure of disks",
        "node.pressure",
        with_history(pressure_io_some=0.4),
        [("warning", "node:pve/pve1", "Tasks on pve1 wait for disks 40 % of the time")],
    ),
    (
        "pressure of disks during a backup",
        "node.pressure",
        saving(with_history(pressure_io_some=0.4)),
        [("info", "node:pve/pve1", "Tasks on pve1 wait for disks 40 % of the time")],
    ),
    (
        "pressure of memory and processors",
        "node.pressure",
        with_history(pressure_memory_some=0.1, pressure_cpu_some=0.6),
        [
            ("warning", "node:pve/pve1", "Tasks on pve1 wait for memory 10 % of the time"),
            ("warning", "node:pve/pve1", "Tasks on pve1 wait for processors 60 % of the time"),
        ],
    ),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


@pytest.mark.parametrize(("share", "was_open", "count"), [(0.89, False, 0), (0.89, True, 1), (0.879, True, 0)])
def test_an_open_finding_closes_only_well_below_its_limit(share: float, was_open: bool, count: int) -> None:
    open_findings = frozenset({fingerprint_of("node.cpu", node().entity)} if was_open else ())
    assert len(run("node.cpu", with_history(cpu=share), Previous(open_findings=open_findings)).findings) == count


def test_the_course_is_shown_in_steps_of_five_minutes_latest_first() -> None:
    (finding,) = run("node.iowait", with_history(iowait=0.5)).findings
    evidence = finding.evidence[0]
    assert evidence.columns == ("until_at", "iowait_fraction", "cpu_fraction", "load")
    assert evidence.rows[0] == (NOW.isoformat(), 0.5, 0.2, 0.8)
    assert len(evidence.rows) == 12
    assert evidence.request == "GET /nodes/pve1/rrddata?timeframe=hour"


def test_what_is_partly_read_is_judged_as_far_as_it_goes() -> None:
    snapshot = world(node_history=partial("node_history", history("pve1", cpu=0.95)))
    result = run("node.cpu", snapshot)
    assert [finding.entity.key for finding in result.findings] == ["node:pve/pve1"]
    assert not result.findings[0].evidence[0].complete
