"""Disks of guests: where they lie, what lies there in vain, and snapshots that nobody remembers."""

from __future__ import annotations

from typing import Any

import pytest
from tests.checks.world import GIB, NOW, Told, ago, complete, config, container, guest, run, storage, told, world

from nightshift.checks.guest_disks import VirtualDisk
from nightshift.facts.guest_items import GuestSnapshot, GuestSnapshots
from nightshift.facts.inventory import Storage
from nightshift.facts.snapshot import Snapshot

WEB = "guest:pve/104"


def disks(*pairs: tuple[str, str], **changes: Any) -> Snapshot:
    return world(guest_configs=complete(config(disks=pairs)), **changes)


def thin(used: int = 20, **changes: Any) -> Storage:
    return storage("thin", plugin="lvmthin", used_bytes=used * GIB, **changes)


def taken(*snapshots: GuestSnapshot, **changes: Any) -> Snapshot:
    changes.setdefault("guest_configs", complete(config(disks=(("scsi0", "thin:vm-104-disk-0,size=32G"),))))
    return world(guest_snapshots=complete(GuestSnapshots("pve", 104, snapshots, NOW)), **changes)


def shot(days: float, name: str = "before", *, memory: bool = False) -> GuestSnapshot:
    return GuestSnapshot(name, ago(days=days), memory)


ON_THIN = ("scsi0", "thin:vm-104-disk-0,size=32G")
OFF = guest(status="stopped")
GONE = "web (VM 104) has a disk on storage old-nas, which does not exist, is disabled, or is hidden from the token"
ELSEWHERE = "web (VM 104) has a disk on storage ssd, which is not available on pve1"
UNUSED = "web (VM 104) keeps 1 disk that it does not use"
GREEDY = "web (VM 104) never gives space back to its thin storage"

CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("all where they should be", "guest.missing_storage", world(), []),
    (
        "a storage that is gone",
        "guest.missing_storage",
        disks(("scsi1", "old-nas:104/disk.qcow2"), guests=complete(OFF)),
        [("warning", WEB, GONE)],
    ),
    (
        "it runs, so that its disk is somewhere",
        "guest.missing_storage",
        disks(("scsi1", "old-nas:104/disk.qcow2")),
        [("warning", WEB, GONE)],
    ),
    (
        "a storage of another node",
        "guest.missing_storage",
        disks(("scsi1", "ssd:vm-104-disk-1"), guests=complete(OFF), storages=complete(storage("ssd", node="pve2"))),
        [("warning", WEB, ELSEWHERE)],
    ),
    (
        "a shared storage",
        "guest.missing_storage",
        disks(("scsi1", "nas:vm-104-disk-1"), storages=complete(storage("nas", node=None, shared=True))),
        [],
    ),
    ("a device of the host", "guest.missing_storage", disks(("scsi1", "/dev/disk/by-id/ata-X,size=8T")), []),
    ("a directory of the host", "guest.missing_storage", disks(("mp0", "/srv/media,mp=/media")), []),
    ("an unused disk on it", "guest.missing_storage", disks(("unused0", "old-nas:104/disk.qcow2")), []),
    ("the token sees no storage", "guest.missing_storage", disks(ON_THIN, storages=complete()), []),
    ("a template", "guest.missing_storage", disks(("scsi1", "x:1"), guests=complete(guest(template=True))), []),
    ("no unused disk", "guest.unused_disks", world(), []),
    ("an unused disk", "guest.unused_disks", disks(("unused0", "local:104/x.qcow2")), [("info", WEB, UNUSED)]),
    (
        "an unused disk where it is tight",
        "guest.unused_disks",
        disks(("unused0", "thin:vm-104-disk-1"), storages=complete(thin(85))),
        [("warning", WEB, UNUSED)],
    ),
    (
        "an unused disk, and it is tight elsewhere",
        "guest.unused_disks",
        disks(("unused0", "local:104/x.qcow2"), storages=complete(storage(), thin(85))),
        [("info", WEB, UNUSED)],
    ),
    ("discards", "guest.no_discard", disks(("scsi0", "thin:x,discard=on"), storages=complete(thin())), []),
    ("keeps", "guest.no_discard", disks(ON_THIN, storages=complete(thin())), [("info", WEB, GREEDY)]),
    ("keeps, just not tight", "guest.no_discard", disks(ON_THIN, storages=complete(thin(84))), [("info", WEB, GREEDY)]),
    (
        "keeps where it is tight",
        "guest.no_discard",
        disks(ON_THIN, storages=complete(thin(85))),
        [("warning", WEB, GREEDY)],
    ),
    ("keeps where nothing is thin", "guest.no_discard", disks(("scsi0", "local:x.raw")), []),
    ("its boot variables", "guest.no_discard", disks(("efidisk0", "thin:x"), storages=complete(thin())), []),
    (
        "a container",
        "guest.no_discard",
        world(
            guests=complete(container(104)),
            guest_configs=complete(config(disks=(("rootfs", "thin:x"),))),
            storages=complete(thin()),
        ),
        [],
    ),
    ("no snapshots", "guest.snapshots", world(), []),
    ("a young one", "guest.snapshots", taken(shot(29.9)), []),
    (
        "an old one",
        "guest.snapshots",
        taken(shot(30)),
        [("info", WEB, "web (VM 104) keeps 1 snapshot, the eldest taken 30 d ago")],
    ),
    (
        "an old one where it is tight",
        "guest.snapshots",
        taken(shot(30), storages=complete(thin(85))),
        [("warning", WEB, "web (VM 104) keeps 1 snapshot, the eldest taken 30 d ago")],
    ),
    ("nine young ones", "guest.snapshots", taken(*(shot(1, f"s{n}") for n in range(9))), []),
    (
        "ten young ones",
        "guest.snapshots",
        taken(*(shot(1, f"s{n}") for n in range(10))),
        [("info", WEB, "web (VM 104) keeps 10 snapshots, the eldest taken 1 d ago")],
    ),
    ("one of replication", "guest.snapshots", taken(shot(40, "__replicate_104-0_1")), []),
    ("one of unknown age", "guest.snapshots", taken(GuestSnapshot("x", None)), []),
    ("its guest is gone", "guest.snapshots", taken(shot(90), guests=complete()), []),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


def test_a_snapshot_with_memory_tells_how_much_that_may_be() -> None:
    (finding,) = run("guest.snapshots", taken(shot(61, memory=True), shot(2, "now"))).findings
    assert "The eldest is before." in finding.detail
    assert "1 snapshot of it keeps the memory of the VM too, up to 4 GiB each." in finding.detail
    assert finding.since == ago(days=61)
    assert finding.evidence[0].rows == (
        ("before", ago(days=61).isoformat(), True),
        ("now", ago(days=2).isoformat(), False),
    )


def test_the_remedies_name_the_disk() -> None:
    (idle,) = run("guest.unused_disks", disks(("unused0", "local:104/x.qcow2"))).findings
    assert "qm set 104 --delete unused0" in idle.remedy
    (greedy,) = run("guest.no_discard", disks(ON_THIN, storages=complete(thin()))).findings
    assert "qm set 104 --scsi0 thin:vm-104-disk-0,discard=on,ssd=1" in greedy.remedy
    assert greedy.evidence[0].rows == (("scsi0", "thin", "thin:vm-104-disk-0", "size=32G"),)


TEXTS = {
    "local-lvm:vm-104-disk-0,size=32G": VirtualDisk("scsi0", "local-lvm", "local-lvm:vm-104-disk-0", ("size=32G",)),
    "volume=local:105/r.raw,size=8G": VirtualDisk("scsi0", "local", "local:105/r.raw", ("size=8G",)),
    "file=nas:104/x.qcow2": VirtualDisk("scsi0", "nas", "nas:104/x.qcow2", ()),
    "/dev/sdb": None,
    "/srv/a:b,mp=/b": None,
    "none": None,
}


@pytest.mark.parametrize(("text", "disk"), TEXTS.items())
def test_a_disk_of_a_configuration(text: str, disk: VirtualDisk | None) -> None:
    assert VirtualDisk.of("scsi0", text) == disk
