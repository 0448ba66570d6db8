"""What nodes say of disks and pools, and guests of themselves, over real HTTP, → facts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.sources.conftest import http

from nightshift.errors import SourceFailed
from nightshift.facts.guest_items import (
    GuestFileSystem,
    GuestFileSystems,
    GuestSnapshot,
    GuestSnapshots,
)
from nightshift.facts.hardware import (
    CephCheck,
    CephStatus,
    Disk,
    SmartReport,
    ThinPool,
    ZfsDevice,
    ZfsPool,
    ZfsStatus,
)
from nightshift.facts.inventory import Guest
from nightshift.sources import ProxmoxClient

API = "/api2/json"
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WEB = Guest("pve", 104, "qemu", "pve1", "web", "running")
DISK = Disk("pve", "pve1", "/dev/sda", "ssd", serial="S1")
POOL = ZfsPool("pve", "pve1", "rpool", "DEGRADED")


@pytest.fixture
async def pve(serve, routes, open_transport):
    async def start(path, data):
        stage = await serve(routes({f"{API}{path}": {"data": data} if not isinstance(data, bytes) else data}))
        transport = open_transport("pve", stage.url)
        return ProxmoxClient(transport.connection, transport), stage

    return start


async def test_disks_are_listed_without_waking_them(pve):
    rows = [
        {"devpath": "/dev/sda", "type": "hdd", "size": "4000", "model": "WDC_WD40EFPX-68C", "serial": "WD-1",
         "used": "ZFS", "by_id_link": "/dev/disk/by-id/ata-WDC_WD40EFPX-68C_WD-1", "health": "UNKNOWN"},
        {"devpath": "/dev/sdb", "type": "unknown", "model": "unknown", "serial": "unknown", "used": None, "mounted": 1},
        {"devpath": "/dev/sdc", "osdid": -1},
        {"devpath": "/dev/sdd", "used": "LVM", "osdid": 3, "osdid-list": ["3"]},
    ]  # fmt: skip
    client, stage = await pve("/nodes/pve1/disks/list", rows)
    assert await client.hardware.disks("pve1") == (
        Disk(
            "pve", "pve1", "/dev/sda", "hdd", 4000, "WDC WD40EFPX-68C", "WD-1",
            "/dev/disk/by-id/ata-WDC_WD40EFPX-68C_WD-1", "ZFS",
        ),
        Disk("pve", "pve1", "/dev/sdb", "unknown", used_for="mounted"),
        Disk("pve", "pve1", "/dev/sdc", "unknown"),
        Disk("pve", "pve1", "/dev/sdd", "unknown", used_for="Ceph osd.3"),
    )  # fmt: skip
    assert stage.seen[0].query == {"skipsmart": "1"}


def attribute(number, name, value, raw, fail="-"):
    return {
        "id": f"{number:>3}",
        "name": name,
        "value": value,
        "worst": value,
        "threshold": 10,
        "raw": raw,
        "fail": fail,
    }


NVME = """
SMART/Health Information (NVMe Log 0x02)
Critical Warning:                   0x04
Temperature:                        41 Celsius
Available Spare:                    3%
Available Spare Threshold:          10%
Percentage Used:                    112%
Power On Hours:                     12,345
Media and Data Integrity Errors:    7
"""

SMART = {
    "an ATA disk": (
        {
            "health": "FAILED!",
            "type": "ata",
            "attributes": [
                attribute(5, "Reallocated_Sector_Ct", 1, "1184", "FAILING_NOW"),
                attribute(9, "Power_On_Hours", 80, "24123h+12m"),
                attribute(187, "Reported_Uncorrect", 100, "3"),
                attribute(194, "Temperature_Celsius", 64, "36 (Min/Max 20/45)"),
                attribute(197, "Current_Pending_Sector", 28, "72"),
            ],
        },
        SmartReport(
            "pve", "pve1", "/dev/sda", AT, "FAILED!", None, 36, 1184, 72, 3, None, None, 24123,
            ("Reallocated_Sector_Ct",),
        ),
    ),
    "an SSD that counts down": (
        {"health": "PASSED", "type": "ata", "attributes": [attribute(177, "Wear_Leveling_Count", 2, "2940")]},
        SmartReport("pve", "pve1", "/dev/sda", AT, "PASSED", 0.02),
    ),
    "PVE's own wearout wins": (
        {"health": "PASSED", "attributes": [attribute(177, "Wear_Leveling_Count", 50, "1")], "wearout": 97},
        SmartReport("pve", "pve1", "/dev/sda", AT, "PASSED", 0.97),
    ),
    "an attribute that only has the number": (
        {"health": "OK", "attributes": [attribute(177, "Unknown_Attribute", 50, "1")], "wearout": "N/A"},
        SmartReport("pve", "pve1", "/dev/sda", AT, "OK"),
    ),
    "an NVMe drive": (
        {"health": "FAILED!", "type": "text", "text": NVME},
        SmartReport(
            "pve", "pve1", "/dev/sda", AT, "FAILED!", 0.0, 41, None, None, None, 7, 0.03, 12345,
            ("critical warning 0x04",),
        ),
    ),
    "nothing": ({"health": "UNKNOWN"}, SmartReport("pve", "pve1", "/dev/sda", AT, "UNKNOWN")),
}  # fmt: skip


@pytest.mark.parametrize(("wire", "report"), SMART.values(), ids=list(SMART))
async def test_smart(pve, wire, report):
    client, _ = await pve("/nodes/pve1/disks/smart", wire)
    assert await client.hardware.smart(DISK, read_at=AT) == report


async def test_a_pool_and_its_devices(pve):
    leaf = {
        "name": "/dev/disk/by-id/ata-A-part3",
        "state": "FAULTED",
        "read": 14,
        "write": "236",
        "cksum": 0,
        "leaf": 1,
    }
    tree = {
        "name": "rpool", "state": "DEGRADED", "status": "One or more devices\nare faulted.", "action": "Replace it.",
        "scan": "scrub repaired 0B in 00:12:34 with 0 errors on Sun Nov  8 00:36:34 2026",
        "errors": "No known data errors",
        "children": [{"name": "rpool", "state": "DEGRADED", "children": [
            {"name": "mirror-0", "state": "DEGRADED", "children": [leaf | {"msg": "too many errors"}]}]}],
    }  # fmt: skip
    client, _ = await pve("/nodes/pve1/disks/zfs/rpool", tree)
    assert await client.hardware.zfs_status(POOL, read_at=AT) == ZfsStatus(
        "pve", "pve1", "rpool", AT, "DEGRADED",
        (
            ZfsDevice("mirror-0", "DEGRADED", None, False),
            ZfsDevice("/dev/disk/by-id/ata-A-part3", "FAULTED", "mirror-0", True, 14, 236, 0, "too many errors"),
        ),
        "scrub repaired 0B in 00:12:34 with 0 errors on Sun Nov 8 00:36:34 2026",
        datetime(2026, 11, 8, 0, 36, 34, tzinfo=UTC),
        False,
        "No known data errors",
        "One or more devices are faulted.",
        "Replace it.",
    )  # fmt: skip


SCANS = {
    "resilvered 1.2T in 05:00:00 with 0 errors on Sun Nov 15 05:00:00 2026": (
        datetime(2026, 11, 15, 5, 0, tzinfo=UTC),
        False,
    ),
    "scrub in progress since Sun Nov  8 00:24:01 2026\n1G / 2G scanned": (None, True),
    "none requested": (None, False),
    "scrub repaired 0B in 00:01 with 0 errors on Sun Foo 99 00:00:00 2026": (None, False),
}


@pytest.mark.parametrize(("scan", "expected"), SCANS.items())
async def test_the_last_scan(pve, scan, expected):
    client, _ = await pve("/nodes/pve1/disks/zfs/rpool", {"name": "rpool", "state": "ONLINE", "scan": scan})
    status = await client.hardware.zfs_status(POOL, read_at=AT)
    assert (status.scanned_at, status.scanning) == expected


async def test_pools(pve):
    rows = [{"name": "rpool", "size": 1000, "alloc": 200, "free": 800, "frag": 5, "dedup": 1.0, "health": "ONLINE"}]
    client, _ = await pve("/nodes/pve1/disks/zfs", rows)
    assert await client.hardware.zfs_pools("pve1") == (ZfsPool("pve", "pve1", "rpool", "ONLINE", 1000, 200, 0.05),)


async def test_thin_pools(pve):
    rows = [{"lv": "data", "vg": "pve", "lv_size": "400", "used": 50, "metadata_size": 10, "metadata_used": 1},
            {"lv": "empty", "lv_size": 0, "used": 0}]  # fmt: skip
    client, _ = await pve("/nodes/pve1/disks/lvmthin", rows)
    assert await client.hardware.thin_pools("pve1") == (ThinPool("pve", "pve1", "pve", "data", 400, 50, 10, 1),)


async def test_ceph(pve):
    health = {
        "status": "HEALTH_WARN",
        "checks": {"OSD_DOWN": {"severity": "HEALTH_WARN", "summary": {"message": "1 osds down"}, "muted": True}},
    }
    osds = {"epoch": 1893, "num_osds": 6, "num_up_osds": 5, "num_in_osds": 5}
    status = {"health": health, "osdmap": osds, "pgmap": {"bytes_used": 1, "bytes_total": 2}}
    client, _ = await pve("/cluster/ceph/status", status)
    checks = (CephCheck("OSD_DOWN", "HEALTH_WARN", "1 osds down", True),)
    assert await client.hardware.ceph_status() == CephStatus("pve", "HEALTH_WARN", checks, 1, 2, 6, 5)


async def test_snapshots_without_the_present_state(pve):
    rows = [
        {"name": "before", "snaptime": 1693252591, "vmstate": 1},
        {"name": "current", "description": "You are here!"},
    ]
    client, _ = await pve("/nodes/pve1/qemu/104/snapshot", rows)
    taken = GuestSnapshot("before", datetime(2023, 8, 28, 19, 56, 31, tzinfo=UTC), True)
    assert await client.guest_snapshots(WEB, read_at=AT) == GuestSnapshots("pve", 104, (taken,), AT)


async def test_file_systems_each_device_once_and_only_disks(pve):
    root = {
        "name": "sda1",
        "mountpoint": "/",
        "type": "ext4",
        "used-bytes": 10,
        "total-bytes": 100,
        "disk": [{"dev": "/dev/sda1"}],
    }
    rows = [
        root | {"mountpoint": "/mnt/bind"},
        root,
        {"name": "C:", "mountpoint": "C:\\", "type": "NTFS", "used-bytes": 1, "total-bytes": 2, "disk": []},
        {"name": "reserved", "mountpoint": "System Reserved", "type": "NTFS"},
        {"name": "loop0", "mountpoint": "/snap/core", "type": "squashfs", "used-bytes": 5, "total-bytes": 5},
        {"name": "nas", "mountpoint": "/mnt/nas", "type": "nfs4", "used-bytes": 5, "total-bytes": 5},
        {"name": "sda15", "mountpoint": "/boot/efi", "type": "vfat", "used-bytes": 5, "total-bytes": 5},
    ]  # fmt: skip
    client, _ = await pve("/nodes/pve1/qemu/104/agent/get-fsinfo", {"result": rows})
    found = (
        GuestFileSystem("/", "ext4", "/dev/sda1", 10, 100),
        GuestFileSystem("C:\\", "ntfs", "C:", 1, 2),
    )
    assert await client.guest_file_systems(WEB, read_at=AT) == GuestFileSystems("pve", 104, True, found, AT)


AGENTS = {
    "QEMU guest agent is not running": False,
    "VM 104 is not running": None,
    "No QEMU guest agent configured": None,
}


@pytest.mark.parametrize(("message", "answers"), AGENTS.items())
async def test_an_agent_that_does_not_answer_is_a_fact(serve, open_transport, message, answers):
    client = failing(open_transport, await serve(http(500, {"data": None, "message": f"{message}\n"})))
    assert await client.guest_file_systems(WEB, read_at=AT) == GuestFileSystems("pve", 104, answers, (), AT)


async def test_another_failure_of_an_agent_is_one(serve, open_transport):
    client = failing(open_transport, await serve(http(500, {"data": None, "message": "got timeout"})))
    with pytest.raises(SourceFailed, match="got timeout"):
        await client.guest_file_systems(WEB, read_at=AT)


def failing(open_transport, stage):
    transport = open_transport("pve", stage.url)
    return ProxmoxClient(transport.connection, transport)


async def test_an_agent_that_answers_with_an_error_answers(pve):
    client, _ = await pve("/nodes/pve1/qemu/104/agent/get-fsinfo", {"result": {"error": {"class": "GenericError"}}})
    assert (await client.guest_file_systems(WEB, read_at=AT)).agent_answers is True


async def test_the_last_tasks_of_a_guest_newest_first(pve):
    rows = [
        {"upid": "UPID:a", "type": "qmstart", "starttime": 100, "endtime": 101},
        {"upid": "UPID:b", "type": "qmstop", "starttime": 200, "endtime": 201},
    ]
    rows = [row | {"node": "pve1", "id": "104", "user": "anna@pam", "status": "OK"} for row in rows]
    client, _ = await pve("/nodes/pve1/tasks", rows)
    assert [task.worker_type for task in (await client.guest_tasks(WEB, read_at=AT)).tasks] == ["qmstop", "qmstart"]
