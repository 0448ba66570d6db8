"""Memory, root file system and kernel kills on nodes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.checks.world import (
    GIB,
    Told,
    complete,
    container,
    guest,
    history,
    metrics,
    node,
    pool,
    run,
    sample,
    storage,
    told,
    world,
)

from nightshift.checks.levels import fingerprint_of
from nightshift.checks.previous import Previous
from nightshift.facts.snapshot import Snapshot

TOTAL = 100 * GIB


def memory_at(share: float) -> Snapshot:
    """A node without ZFS: what is used is used."""
    used = node(memory_used_bytes=round(share * TOTAL), memory_total_bytes=TOTAL)
    return world(nodes=complete(used), zfs_pools=complete())


def rootfs_at(share: float) -> Snapshot:
    return world(nodes=complete(node(rootfs_used_bytes=round(share * TOTAL), rootfs_total_bytes=TOTAL)))


CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("memory below the limit", "node.memory", memory_at(0.919), []),
    (
        "memory at the limit",
        "node.memory",
        memory_at(0.92),
        [("warning", "node:pve/pve1", "Node pve1 has used 92 % of its memory")],
    ),
    (
        "memory critical",
        "node.memory",
        memory_at(0.97),
        [("critical", "node:pve/pve1", "Node pve1 has used 97 % of its memory")],
    ),
    ("memory unknown", "node.memory", world(nodes=complete(node(memory_used_bytes=None))), []),
    ("total memory zero", "node.memory", world(nodes=complete(node(memory_total_bytes=0))), []),
    ("root below the limit", "node.rootfs", rootfs_at(0.849), []),
    (
        "root at the limit",
        "node.rootfs",
        rootfs_at(0.85),
        [("warning", "node:pve/pve1", "The root file system of pve1 is 85 % full")],
    ),
    (
        "root critical",
        "node.rootfs",
        rootfs_at(0.951),
        [("critical", "node:pve/pve1", "The root file system of pve1 is 95.1 % full")],
    ),
    ("root unknown", "node.rootfs", world(nodes=complete(node(rootfs_used_bytes=None))), []),
    ("no kills", "node.oom_kills", world(), []),
    (
        "less than one kill",
        "node.oom_kills",
        world(metrics=metrics(oom_kills_1h=[sample(0.4, instance="pve1:9100")])),
        [],
    ),
    (
        "kills on a node",
        "node.oom_kills",
        world(metrics=metrics(oom_kills_1h=[sample(2.9, instance="pve1:9100")])),
        [("warning", "node:pve/pve1", "The kernel of pve1 killed 3 processes for want of memory")],
    ),
    (
        "kills that a container counts as well are its node's",
        "node.oom_kills",
        world(metrics=metrics(oom_kills_1h=[sample(2, instance="db:9100"), sample(2, instance="pve1:9100")])),
        [("warning", "node:pve/pve1", "The kernel of pve1 killed 2 processes for want of memory")],
    ),
    (
        "one kill on a machine that nothing is known of",
        "node.oom_kills",
        world(metrics=metrics(oom_kills_1h=[sample(1, instance="nas.lan:9100", job="node")])),
        [("warning", "target:node/nas.lan:9100", "The kernel of nas.lan:9100 killed 1 process for want of memory")],
    ),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


def test_what_the_zfs_cache_can_give_back_is_free() -> None:
    arc = metrics(arc_reclaimable=[sample(10 * GIB, instance="pve1:9100")])
    nodes = complete(node(memory_used_bytes=95 * GIB, memory_total_bytes=TOTAL))
    assert told("node.memory", world(nodes=nodes, metrics=arc)) == []
    assert len(told("node.memory", world(nodes=nodes))) == 1


@pytest.mark.parametrize(("share", "was_open", "severities"), [
    (0.91, False, []),
    (0.91, True, ["warning"]),
    (0.90, True, ["warning"]),
    (0.899, True, []),
])  # fmt: skip
def test_an_open_finding_closes_only_well_below_its_limit(share: float, was_open: bool, severities: list[str]) -> None:
    open_findings = frozenset({fingerprint_of("node.memory", node().entity)} if was_open else ())
    found = run("node.memory", memory_at(share), Previous(open_findings=open_findings)).findings
    assert [finding.severity for finding in found] == severities


def test_memory_names_the_guests_that_use_most() -> None:
    snapshot = replace(
        memory_at(0.95), guests=complete(guest(memory_used_bytes=1 * GIB), container(memory_used_bytes=3 * GIB))
    )
    (finding,) = run("node.memory", snapshot).findings
    assert [row[1] for row in finding.evidence[1].rows] == ["db", "web"]
    assert finding.evidence[0].rows == (("pve1", 95 * GIB, TOTAL, 0.95),)


def test_without_node_exporter_pve_tells_what_the_zfs_cache_can_give_back() -> None:
    nodes = complete(node(memory_used_bytes=95 * GIB, memory_total_bytes=96 * GIB))
    cached = complete(history("pve1", arc_bytes=13 * GIB, memory_total_bytes=96 * GIB))
    assert told("node.memory", world(nodes=nodes, node_history=cached)) == []
    at_its_least = complete(history("pve1", arc_bytes=3 * GIB, memory_total_bytes=96 * GIB))
    assert len(told("node.memory", world(nodes=nodes, node_history=at_its_least))) == 1


@pytest.mark.parametrize(("available", "count"), [(20, 0), (7, 1), (None, 1)])
def test_what_the_kernel_calls_available_counts_where_pve_tells_it(available: int | None, count: int) -> None:
    told_available = None if available is None else available * GIB
    nodes = complete(node(memory_used_bytes=95 * GIB, memory_total_bytes=TOTAL, memory_available_bytes=told_available))
    assert len(told("node.memory", world(nodes=nodes))) == count


NO_CACHE_TOLD = "neither a node_exporter on it nor PVE (from 9 on) tells how large that is"


def test_without_the_size_of_the_zfs_cache_used_memory_is_a_remark() -> None:
    """The nodes of PVE 8 with ZFS and no node_exporter: half of what counts as used may be given back."""
    nodes = complete(node(memory_used_bytes=98 * GIB, memory_total_bytes=TOTAL))
    (unsure,) = run("node.memory", world(nodes=nodes, zfs_pools=complete(pool()))).findings
    assert (unsure.severity, NO_CACHE_TOLD in unsure.detail) == ("info", True)
    on_zfs = complete(storage("local-zfs", plugin="zfspool", node="pve1"))
    assert [item.severity for item in run("node.memory", world(nodes=nodes, storages=on_zfs)).findings] == ["info"]
    told_small = metrics(arc_reclaimable=[sample(0, instance="pve1:9100")])
    (sure,) = run("node.memory", world(nodes=nodes, zfs_pools=complete(pool()), metrics=told_small)).findings
    assert (sure.severity, NO_CACHE_TOLD in sure.detail) == ("critical", False)


def test_guests_that_fill_a_memory_leave_no_room_for_a_cache() -> None:
    nodes = complete(node(memory_used_bytes=62 * GIB, memory_total_bytes=64 * GIB))
    guests = complete(guest(104, memory_used_bytes=40 * GIB), guest(106, memory_used_bytes=20 * GIB))
    (finding,) = run("node.memory", world(nodes=nodes, zfs_pools=complete(pool()), guests=guests)).findings
    assert (finding.severity, "ZFS cache" in finding.detail) == ("warning", False)
