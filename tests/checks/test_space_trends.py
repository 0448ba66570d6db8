"""How soon storages and containers' disks are full, from PVE's figures in Prometheus."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.checks.world import (
    GIB,
    Told,
    complete,
    container,
    metrics,
    node,
    run,
    sample,
    storage,
    told,
    unavailable,
    world,
)

from nightshift.checks.thresholds import DAY_S
from nightshift.facts.hardware import SpaceHistory
from nightshift.facts.inventory import Guest, Storage
from nightshift.facts.snapshot import Snapshot

LOCAL = "storage:pve/pve1/local"
DB = "guest:pve/105"


def growing(item: str, per_day_gib: float, *, now_gib: float, slower_gib: float | None = None, **rows: object) -> dict:
    """The three rows of something that grows by so much a day, and by another rate within the last six hours."""
    slope = per_day_gib * GIB / DAY_S
    recent = slope if slower_gib is None else slower_gib * GIB / DAY_S
    usual = {
        "pve_space_slope_6h": [sample(recent, id=item)],
        "pve_space_slope_24h": [sample(slope, id=item)],
        "pve_space_used_6h_ago": [sample((now_gib - per_day_gib / 4) * GIB, id=item)],
    }
    return metrics(**(usual | rows))


def space(used_gib: float, per_day_gib: float, of: Storage | None = None, **more: object) -> Snapshot:
    item = replace(of or storage(), used_bytes=int(used_gib * GIB))
    name = f"storage/{item.node or 'pve2'}/{item.name}"
    return world(storages=complete(item), metrics=growing(name, per_day_gib, now_gib=used_gib, **more))


def disk(used_gib: int, per_day_gib: float, of: Guest | None = None) -> Snapshot:
    guest = replace(of or container(), disk_used_bytes=used_gib * GIB, disk_total_bytes=100 * GIB)
    return world(guests=complete(guest), metrics=growing("lxc/105", per_day_gib, now_gib=used_gib))


def full(severity: str, words: str) -> list[Told]:
    return [(severity, LOCAL, f"Storage local on pve1 is {words}")]


CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("full in five days", "storage.full", space(80, 4), []),
    ("full in exactly four days", "storage.full", space(80, 5), []),
    ("full in less than four days", "storage.full", space(80, 5.2), full("warning", "80 % full, full in 3 d 20 h")),
    ("full in less than a day", "storage.full", space(80, 21), full("critical", "80 % full, full in 22 h 51 min")),
    ("nearly full, and not growing", "storage.full", space(86, 0), full("warning", "86 % full")),
    ("shrinking", "storage.full", space(80, -21), []),
    ("still half empty", "storage.full", space(59, 30), []),
    ("it grew for some hours only", "storage.full", space(80, 3, slower_gib=80), []),
    (
        "a guest was restored to it",
        "storage.full",
        space(63, 12, pve_space_used_6h_ago=[sample(46 * GIB, id="storage/pve1/local")]),
        [],
    ),
    (
        "it fills fast and has little room left",
        "storage.full",
        space(82, 12, pve_space_used_6h_ago=[sample(65 * GIB, id="storage/pve1/local")]),
        full("warning", "82 % full, full in 1 d 12 h"),
    ),
    ("it has stopped growing", "storage.full", space(80, 21, slower_gib=0), []),
    ("too short a history", "storage.full", space(80, 21, pve_space_used_6h_ago=[]), []),
    ("a figure that is none", "storage.full", space(80, 21, pve_space_slope_6h=[sample(float("nan"), id="x")]), []),
    ("a backup server goes up and down", "storage.full", space(80, 21, storage("b", plugin="pbs")), []),
    (
        "a shared one, told by any node",
        "storage.full",
        space(80, 21, storage("nas", node=None, shared=True)),
        [("critical", "storage:pve/shared/nas", "Storage nas is 80 % full, full in 22 h 51 min")],
    ),
    ("a container with room", "container.disk", disk(80, 4), []),
    (
        "a container that fills",
        "container.disk",
        disk(80, 10),
        [("warning", DB, "/ of db (CT 105) is 80 % full, full in 2 d")],
    ),
    ("a container that is full", "container.disk", disk(97, 0), [("critical", DB, "/ of db (CT 105) is 97 % full")]),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


def recorded(share: float, *lows: float | None, daily: float = 0.0) -> Snapshot:
    """A storage and the root file system beneath, with daily lows, by default a straight line to `share`."""
    told = lows or tuple(share - daily * back for back in reversed(range(20)))
    nodes = complete(node(rootfs_used_bytes=round(share * 1000 * GIB), rootfs_total_bytes=1000 * GIB))
    history = complete(*(SpaceHistory("pve", key, told) for key in ("storage:pve/pve1/local", "node:pve/pve1")))
    storages = complete(storage(used_bytes=round(share * 1000 * GIB), total_bytes=1000 * GIB))
    return world(storages=storages, nodes=nodes, space_history=history)


DAYS = range(13, -1, -1)
SLOW: list[tuple[str, Snapshot, str | None]] = [
    ("half a per cent a day", recorded(0.84, daily=0.005), "84 % full, full in 32 d"),
    ("that is two months from full", recorded(0.84, daily=0.0025), None),
    ("with room", recorded(0.74, daily=0.01), None),
    ("that does not grow", recorded(0.84, daily=0.0), None),
    ("that shrinks", recorded(0.84, daily=-0.005), None),
    ("that a restore filled at once", recorded(0.84, *[0.7] * 10, *[0.84] * 4), None),
    ("that a restore filled a week ago", recorded(0.84, *[0.7] * 7, *[0.84] * 7), None),
    ("that began to grow this week", recorded(0.84, *[0.7] * 9, 0.73, 0.76, 0.78, 0.81, 0.84), None),
    ("too young for a trend", recorded(0.84, 0.81, 0.82, 0.83, 0.84), None),
    ("with days unknown", recorded(0.84, *(None if back in (3, 9) else 0.84 - back * 0.005 for back in DAYS)),
     "84 % full, full in 32 d"),
]  # fmt: skip


@pytest.mark.parametrize(("snapshot", "expected"), [case[1:] for case in SLOW], ids=[case[0] for case in SLOW])
def test_what_fills_slowly_is_a_remark_by_the_records_of_pve(snapshot: Snapshot, expected: str | None) -> None:
    for check_id in ("storage.full", "node.rootfs"):
        assert [(severity, title.partition(" is ")[2]) for severity, _, title in told(check_id, snapshot)] == (
            [("info", expected)] if expected else []
        )


def test_what_is_full_already_stays_a_warning_and_tells_when() -> None:
    assert told("node.rootfs", recorded(0.9, daily=0.005)) == [
        ("warning", "node:pve/pve1", "The root file system of pve1 is 90 % full, full in 20 d")
    ]


def test_the_time_that_is_left_is_in_the_evidence() -> None:
    (finding,) = run("storage.full", space(80, 10)).findings
    assert finding.evidence[0].columns[-1] == "time_to_full_s"
    assert finding.evidence[0].rows[0][-1] == pytest.approx(2 * DAY_S)


def test_a_storage_that_two_clusters_have_is_not_guessed() -> None:
    ours, theirs = storage(used_bytes=80 * GIB), replace(storage(), source="site2", used_bytes=80 * GIB)
    nodes = complete(node(), replace(node(), source="site2"))
    rows = growing("storage/pve1/local", 21, now_gib=80)
    assert told("storage.full", world(storages=complete(ours, theirs), nodes=nodes, metrics=rows)) == []


def test_without_prometheus_the_fullness_is_still_judged() -> None:
    blind = {row: unavailable(f"metrics.{row}", "prometheus") for row in metrics()}
    result = run("storage.full", replace(space(90, 0), metrics=blind))
    assert [finding.severity for finding in result.findings] == ["warning"]
    assert [gap.source for gap in result.gaps] == ["prometheus"]
