"""Thin pools and Ceph."""

from __future__ import annotations

from typing import Any

import pytest
from tests.checks.world import GIB, Told, complete, run, storage, thin, told, world

from nightshift.facts.hardware import CephCheck, CephStatus
from nightshift.facts.snapshot import Snapshot

POOL = "pool:pve/pve1/pve/data"


def metadata(share: float) -> Snapshot:
    return world(thin_pools=complete(thin(metadata_size_bytes=1000, metadata_used_bytes=int(1000 * share))))


def data(share: float, **changes: Any) -> Snapshot:
    return world(thin_pools=complete(thin(used_bytes=int(1000 * GIB * share))), **changes)


def ceph(health: str, *checks: CephCheck, osds: int | None = None, up: int | None = None) -> Snapshot:
    return world(ceph=complete(CephStatus("pve", health, checks, osds=osds, osds_up=up)))


DOWN = CephCheck("OSD_DOWN", "HEALTH_WARN", "1 osds down")
MUTED = CephCheck("OSD_DOWN", "HEALTH_WARN", "1 osds down", muted=True)
META = "The metadata of thin pool pve/data on pve1 is"
CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("metadata with room", "thin.metadata", metadata(0.799), []),
    ("metadata nearly full", "thin.metadata", metadata(0.80), [("warning", POOL, f"{META} 80 % full")]),
    ("metadata full", "thin.metadata", metadata(0.95), [("critical", POOL, f"{META} 95 % full")]),
    ("metadata unknown", "thin.metadata", world(thin_pools=complete(thin(metadata_used_bytes=None))), []),
    ("data with room", "thin.data", data(0.84), []),
    ("data nearly full", "thin.data", data(0.85), [("warning", POOL, "Thin pool pve/data on pve1 is 85 % full")]),
    ("data full", "thin.data", data(0.96), [("critical", POOL, "Thin pool pve/data on pve1 is 96 % full")]),
    (
        "data that a storage tells of",
        "thin.data",
        data(0.96, storages=complete(storage("local-lvm", plugin="lvmthin", total_bytes=1000 * GIB))),
        [],
    ),
    (
        "data of another node's storage",
        "thin.data",
        data(0.96, storages=complete(storage("l", node="pve2", plugin="lvmthin", total_bytes=1000 * GIB))),
        [("critical", POOL, "Thin pool pve/data on pve1 is 96 % full")],
    ),
    ("Ceph is well", "ceph.health", world(), []),
    (
        "Ceph warns",
        "ceph.health",
        ceph("HEALTH_WARN", DOWN),
        [("warning", "source:pve", "Ceph of pve says HEALTH_WARN")],
    ),
    (
        "Ceph fails",
        "ceph.health",
        ceph("HEALTH_ERR", DOWN),
        [("critical", "source:pve", "Ceph of pve says HEALTH_ERR")],
    ),
    (
        "Ceph gives no reason",
        "ceph.health",
        ceph("HEALTH_WARN"),
        [("warning", "source:pve", "Ceph of pve says HEALTH_WARN")],
    ),
    ("its operator muted it", "ceph.health", ceph("HEALTH_WARN", MUTED, osds=6, up=5), []),
    ("all OSDs run", "ceph.health", ceph("HEALTH_OK", osds=6, up=6), []),
    ("it does not tell of its OSDs", "ceph.health", ceph("HEALTH_OK", osds=6), []),
    (
        "an OSD was marked out, and Ceph is content again",
        "ceph.health",
        ceph("HEALTH_OK", osds=6, up=5),
        [("warning", "source:pve", "1 of 6 OSDs is down in Ceph of pve")],
    ),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


def test_ceph_is_quoted_and_the_rest_is_counted() -> None:
    many = tuple(CephCheck(f"CODE_{n}", "HEALTH_WARN", f"matter {n}") for n in range(7))
    (finding,) = run("ceph.health", ceph("HEALTH_WARN", *many)).findings
    assert finding.detail.startswith("matter 0 (CODE_0); matter 1 (CODE_1)")
    assert finding.detail.endswith("; and 2 more.")
    assert finding.evidence[0].rows[0] == ("CODE_0", "HEALTH_WARN", "matter 0", False)


def test_osds_that_are_down_are_counted_beside_the_complaints() -> None:
    (finding,) = run("ceph.health", ceph("HEALTH_WARN", DOWN, osds=6, up=4)).findings
    assert finding.detail == "1 osds down (OSD_DOWN). 2 of 6 OSDs are down."


def test_no_ceph_is_no_problem() -> None:
    assert told("ceph.health", world(ceph=complete())) == []
