"""What disks say of themselves, and which one it is."""

from __future__ import annotations

from typing import Any

import pytest
from tests.checks.world import GIB, Told, ago, complete, disk, pool_status, run, smart, told, world

from nightshift.checks.disks import is_device_of
from nightshift.checks.levels import fingerprint_of
from nightshift.checks.previous import Previous
from nightshift.facts.hardware import Disk
from nightshift.facts.snapshot import Snapshot

S1 = "disk:pve/pve1/S1"


def says(kind: str = "ssd", **changes: Any) -> Snapshot:
    return world(disks=complete(disk(kind=kind)), smart=complete(smart(**changes)))


FAILS = [("critical", S1, "Disk S1 on pve1 fails")]
SECTORS = [("warning", S1, "Disk S1 on pve1 has sectors that it cannot read")]
CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("well", "disk.health", world(), []),
    ("failed", "disk.health", says(health="FAILED!"), FAILS),
    ("SMART is off", "disk.health", says(health="SMART Disabled"), []),
    ("unknown", "disk.health", says(health="UNKNOWN"), []),
    ("an attribute at its threshold", "disk.health", says(failing=("Spin_Retry_Count",)), FAILS),
    ("spare blocks left", "disk.health", says(spare_left=0.06), []),
    ("no spare blocks left", "disk.health", says(spare_left=0.05), FAILS),
    (
        "a virtual disk",
        "disk.health",
        world(disks=complete(disk(model="QEMU HARDDISK")), smart=complete(smart(health="FAILED!"))),
        [],
    ),
    ("a disk that is gone", "disk.health", world(disks=complete(), smart=complete(smart(health="FAILED!"))), []),
    ("no bad sectors", "disk.sectors", world(), []),
    ("one that waits", "disk.sectors", says(pending=1), SECTORS),
    ("one uncorrectable", "disk.sectors", says(uncorrectable=1), SECTORS),
    ("one media error", "disk.sectors", says(media_errors=1), SECTORS),
    ("a few replaced", "disk.sectors", says(reallocated=19), []),
    ("many replaced", "disk.sectors", says(reallocated=20), SECTORS),
    ("it does not count", "disk.sectors", says(pending=None, reallocated=None, uncorrectable=None), []),
    ("it has failed, which is told there", "disk.sectors", says(health="FAILED!", pending=72), []),
    ("much left", "disk.wear", says(wear_left=0.11), []),
    (
        "little left",
        "disk.wear",
        says(wear_left=0.02),
        [("warning", S1, "Disk S1 on pve1 has used up 98 % of its endurance")],
    ),
    (
        "nothing left",
        "disk.wear",
        says(wear_left=0.0),
        [("critical", S1, "Disk S1 on pve1 has used up 100 % of its endurance")],
    ),
    ("N/A", "disk.wear", says(wear_left=None), []),
    ("warm", "disk.temperature", says(temperature_celsius=59), []),
    ("hot", "disk.temperature", says(temperature_celsius=60), [("warning", S1, "Disk S1 on pve1 is at 60 °C")]),
    ("too hot", "disk.temperature", says(temperature_celsius=75), [("critical", S1, "Disk S1 on pve1 is at 75 °C")]),
    ("an NVMe drive that is warm", "disk.temperature", says("nvme", temperature_celsius=74), []),
    (
        "an NVMe drive that is hot",
        "disk.temperature",
        says("nvme", temperature_celsius=75),
        [("warning", S1, "Disk S1 on pve1 is at 75 °C")],
    ),
    ("no thermometer", "disk.temperature", says(temperature_celsius=None), []),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


def test_which_disk_it_is_what_it_carries_and_how_old_the_report_is() -> None:
    (finding,) = run("disk.health", says(health="FAILED!", reallocated=1184, pending=72)).findings
    assert finding.detail == (
        "SMART says FAILED!. It is /dev/sda on pve1 (Disk, serial number S1, /dev/disk/by-id/ata-Disk_S1, 1000 GiB). "
        "It is part of ZFS pool rpool. SMART was read 5 h ago."
    )
    assert "zpool replace rpool" in finding.remedy
    columns = finding.evidence[0].columns
    shown = dict(zip(columns, finding.evidence[0].rows[0], strict=True))
    assert (shown["serial"], shown["reallocated"], shown["pools"]) == ("S1", 1184, "rpool")


def test_a_disk_in_no_pool_tells_what_it_carries() -> None:
    snapshot = world(
        disks=complete(disk("S2", path="/dev/sdb", used_for="LVM")), smart=complete(smart("/dev/sdb", health="FAILED!"))
    )
    (finding,) = run("disk.health", snapshot).findings
    assert "It carries LVM." in finding.detail
    assert "zpool" not in finding.remedy


def test_a_temperature_at_its_limit_does_not_flap() -> None:
    before = Previous(ago(minutes=5), frozenset({fingerprint_of("disk.temperature", disk().entity)}))
    assert [level for level, *_ in told("disk.temperature", says(temperature_celsius=58), before)] == ["warning"]
    assert told("disk.temperature", says(temperature_celsius=57), before) == []


DEVICES = [
    ("/dev/disk/by-id/ata-Disk_S1-part3", disk(), True),
    ("ata-Disk_S1", disk(), True),
    ("/dev/sda3", disk(), True),
    ("/dev/sdaa3", disk(by_id=None, serial=None), False),
    ("/dev/nvme0n1p3", disk(path="/dev/nvme0n1"), True),
    ("/dev/nvme0n10", disk(path="/dev/nvme0n1", by_id=None, serial=None), False),
    ("/dev/disk/by-id/scsi-SATA_Disk_S1-part1", disk(), True),
    ("/dev/disk/by-id/ata-Disk_S12-part3", disk(), False),
    ("/dev/sdb", disk(), False),
]


@pytest.mark.parametrize(("device", "of", "same"), DEVICES, ids=[f"{row[0]} {row[2]}" for row in DEVICES])
def test_a_device_of_a_pool_and_a_disk(device: str, of: Disk, same: bool) -> None:
    assert is_device_of(device, of) is same


VIRTUAL = {"/dev/vda": True, "/dev/zd16": True, "/dev/rbd0": True, "/dev/sda": False, "/dev/nvme0n1": False}


@pytest.mark.parametrize(("path", "virtual"), VIRTUAL.items())
def test_virtual_disks(path: str, virtual: bool) -> None:
    assert disk(path=path).is_virtual is virtual


def test_disks_without_a_serial_number_go_by_their_path() -> None:
    assert Disk("pve", "pve1", "/dev/sda", "hdd", 8 * GIB).entity.key == "disk:pve/pve1//dev/sda"
    assert pool_status().devices[1].errors == 0
