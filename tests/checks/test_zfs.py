"""Pools: degraded, with errors, or unread for long; and which disk to pull."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.checks.world import GIB, Told, ago, complete, disk, pool, pool_status, run, told, unavailable, world

from nightshift.facts.hardware import ZfsDevice
from nightshift.facts.snapshot import Dataset, Progress, Snapshot

RPOOL = "pool:pve/pve1/rpool"
LEAF = pool_status().devices[1]


def zfs(health: str = "ONLINE", device: ZfsDevice = LEAF, **changes: Any) -> Snapshot:
    status = pool_status(state=health, devices=(pool_status().devices[0], device), **changes)
    return world(zfs_pools=complete(pool(health=health)), zfs_status=complete(status))


FAULTED = replace(LEAF, state="FAULTED", read_errors=14, write_errors=236)
DEGRADED = "ZFS pool rpool on pve1 is DEGRADED: disk S1 is FAULTED"
COUNTS = "ZFS pool rpool on pve1 counts errors on disk S1"
LOST = "ZFS pool rpool on pve1 has files that are damaged"
FILES = "Permanent errors have been detected in the following files: /x"

CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("online", "zfs.state", world(), []),
    ("degraded", "zfs.state", zfs("DEGRADED", FAULTED), [("critical", RPOOL, DEGRADED)]),
    ("suspended", "zfs.state", zfs("SUSPENDED"), [("critical", RPOOL, "ZFS pool rpool on pve1 is SUSPENDED")]),
    ("faulted", "zfs.state", zfs("FAULTED"), [("critical", RPOOL, "ZFS pool rpool on pve1 is FAULTED")]),
    (
        "degraded, and not looked at yet",
        "zfs.state",
        world(
            zfs_pools=complete(pool(health="DEGRADED")),
            zfs_status=Dataset("partial", progress=(Progress("pve", "pools", 0, 1, frozenset({RPOOL})),)),
        ),
        [("critical", RPOOL, "ZFS pool rpool on pve1 is DEGRADED")],
    ),
    ("no errors", "zfs.errors", world(), []),
    ("checksum errors", "zfs.errors", zfs(device=replace(LEAF, checksum_errors=37)), [("warning", RPOOL, COUNTS)]),
    ("damaged files", "zfs.errors", zfs(errors=FILES), [("critical", RPOOL, LOST)]),
    ("degraded with errors, which is told there", "zfs.errors", zfs("DEGRADED", FAULTED), []),
    ("degraded with damaged files", "zfs.errors", zfs("DEGRADED", FAULTED, errors=FILES), [("critical", RPOOL, LOST)]),
    ("no word on files", "zfs.errors", zfs(errors=None), []),
    ("room in a pool", "zfs.full", world(zfs_pools=complete(pool(allocated_bytes=849 * GIB))), []),
    (
        "a pool at the limit",
        "zfs.full",
        world(zfs_pools=complete(pool(allocated_bytes=850 * GIB))),
        [("warning", RPOOL, "ZFS pool rpool on pve1 is 85 % full")],
    ),
    (
        "a pool that is nearly full",
        "zfs.full",
        world(zfs_pools=complete(pool(allocated_bytes=950 * GIB))),
        [("critical", RPOOL, "ZFS pool rpool on pve1 is 95 % full")],
    ),
    ("a pool of unknown size", "zfs.full", world(zfs_pools=complete(pool(size_bytes=None))), []),
    ("a pool without a word on its use", "zfs.full", world(zfs_pools=complete(pool(allocated_bytes=None))), []),
    ("scrubbed this month", "zfs.scrub", world(), []),
    ("scrubbed 44 days ago", "zfs.scrub", zfs(scanned_at=ago(days=44.9)), []),
    (
        "scrubbed 45 days ago",
        "zfs.scrub",
        zfs(scanned_at=ago(days=45)),
        [("warning", RPOOL, "ZFS pool rpool on pve1 has not been scrubbed for 45 d")],
    ),
    (
        "never scrubbed",
        "zfs.scrub",
        zfs(scan="none requested", scanned_at=None),
        [("info", RPOOL, "ZFS pool rpool on pve1 has not been scrubbed since it was made, or imported")],
    ),
    ("being scrubbed", "zfs.scrub", zfs(scan="scrub in progress since Sun", scanned_at=None, scanning=True), []),
    ("worded in another way", "zfs.scrub", zfs(scan="scrub paused", scanned_at=None), []),
    ("a pool that is gone", "zfs.scrub", replace(zfs(scanned_at=ago(days=90)), zfs_pools=complete()), []),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


def test_the_disk_to_pull_from_the_group_to_its_serial_number() -> None:
    (finding,) = run("zfs.state", zfs("DEGRADED", FAULTED, status="One or more devices are faulted.")).findings
    assert finding.detail == (
        "In this state it works on without redundancy. The disk to pull: /dev/disk/by-id/ata-Disk_S1-part3 in "
        "mirror-0, "
        "which is /dev/sda on pve1 (Disk, serial number S1, /dev/disk/by-id/ata-Disk_S1, 1000 GiB). "
        "ZFS says: One or more devices are faulted."
    )
    assert "zpool replace rpool /dev/disk/by-id/ata-Disk_S1-part3" in finding.remedy
    assert finding.evidence[1].rows[1] == (
        "/dev/disk/by-id/ata-Disk_S1-part3", "mirror-0", "FAULTED", 14, 236, 0, "S1",
    )  # fmt: skip


def test_a_disk_that_is_not_listed_any_more_keeps_its_name() -> None:
    snapshot = replace(
        zfs("DEGRADED", replace(LEAF, state="REMOVED")), disks=complete(disk("S2", path="/dev/sdb", by_id=None))
    )
    (finding,) = run("zfs.state", snapshot).findings
    assert finding.title == "ZFS pool rpool on pve1 is DEGRADED: disk ata-Disk_S1-part3 is REMOVED"


def test_a_pool_is_judged_without_its_devices_and_the_lack_is_told() -> None:
    blind = world(zfs_pools=complete(pool(health="DEGRADED")), zfs_status=unavailable("zfs_status"))
    result = run("zfs.state", blind)
    assert [finding.severity for finding in result.findings] == ["critical"]
    assert "could not be read yet" in result.findings[0].detail
    assert [gap.dataset for gap in result.gaps] == ["check zfs.state"]
