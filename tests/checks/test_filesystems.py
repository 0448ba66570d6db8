"""File systems that are full, or will be."""

from __future__ import annotations

import pytest
from tests.checks.world import GIB, NOW, Told, complete, config, container, metrics, run, sample, told, world

from nightshift.checks.thresholds import DAY_S
from nightshift.facts.snapshot import Snapshot

SIZE = 100.0 * GIB
WEB = "guest:pve/104"


def filesystem(
    used: float,
    *,
    daily_6h: float | None = None,
    daily_24h: float | None = None,
    history: bool = True,
    mountpoint: str = "/",
    instance: str = "web:9100",
) -> Snapshot:
    """One file system; `daily_…` is its growth a day as a share of its size."""
    labels = {"instance": instance, "job": "node", "device": "/dev/sda1", "mountpoint": mountpoint, "fstype": "ext4"}
    free = (1 - used) * SIZE
    slopes = {
        f"filesystem_slope_{span}": [sample(-growth * SIZE / DAY_S, **labels)]
        for span, growth in (("6h", daily_6h), ("24h", daily_24h))
        if growth is not None
    }
    before = [sample(free + (daily_6h or 0) * SIZE / 4, **labels)] if history else []
    return world(
        metrics=metrics(
            filesystem_size=[sample(SIZE, **labels)],
            filesystem_available=[sample(free, **labels)],
            filesystem_available_6h_ago=before,
            **slopes,
        )
    )


CASES: list[tuple[str, Snapshot, list[Told]]] = [
    ("no exporter", world(), []),
    ("half full", filesystem(0.5), []),
    ("below the limit", filesystem(0.8999), []),
    ("at the limit", filesystem(0.9), [("warning", WEB, "/ of web (VM 104) is 90 % full")]),
    ("critical", filesystem(0.97), [("critical", WEB, "/ of web (VM 104) is 97 % full")]),
    (
        "filling",
        filesystem(0.85, daily_6h=0.05, daily_24h=0.05),
        [("warning", WEB, "/ of web (VM 104) is 85 % full, full in 3 d")],
    ),
    (
        "full within a day",
        filesystem(0.85, daily_6h=0.2, daily_24h=0.2),
        [("critical", WEB, "/ of web (VM 104) is 85 % full, full in 18 h")],
    ),
    ("four days are far enough", filesystem(0.799, daily_6h=0.05, daily_24h=0.05), []),
    ("a copy that began an hour ago", filesystem(0.85, daily_6h=0.5, daily_24h=0.01), []),
    ("it grew yesterday, not today", filesystem(0.85, daily_6h=0.0, daily_24h=0.3), []),
    ("shrinking", filesystem(0.85, daily_6h=-0.1, daily_24h=-0.1), []),
    ("mostly empty, whatever the trend", filesystem(0.59, daily_6h=0.3, daily_24h=0.3), []),
    ("too young for a trend", filesystem(0.85, daily_6h=0.2, daily_24h=0.2, history=False), []),
    (
        "full and filling is one finding",
        filesystem(0.97, daily_6h=0.05, daily_24h=0.05),
        [("critical", WEB, "/ of web (VM 104) is 97 % full, full in 14 h 24 min")],
    ),
    ("a node's root is PVE's to tell", filesystem(0.95, instance="pve1:9100"), []),
    (
        "a node's root that is filling",
        filesystem(0.8, daily_6h=0.1, daily_24h=0.1, instance="pve1:9100"),
        [("warning", "node:pve/pve1", "/ of pve1 is 80 % full, full in 2 d")],
    ),
    (
        "another file system of a node",
        filesystem(0.95, instance="pve1:9100", mountpoint="/srv"),
        [("warning", "node:pve/pve1", "/srv of pve1 is 95 % full")],
    ),
    (
        "a machine that nothing is known of",
        filesystem(0.95, instance="nas.lan:9100"),
        [("warning", "target:node/nas.lan:9100", "/ of nas.lan:9100 is 95 % full")],
    ),
]


@pytest.mark.parametrize(("snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_filesystems(snapshot: Snapshot, expected: list[Told]) -> None:
    assert told("filesystem.full", snapshot) == expected


def test_bind_mounts_of_one_device_are_one_file_system() -> None:
    def rows(value: float) -> list[object]:
        return [
            sample(value, instance="web:9100", device="/dev/sda1", mountpoint=path)
            for path in ("/srv/data", "/", "/var")
        ]

    snapshot = world(metrics=metrics(filesystem_size=rows(SIZE), filesystem_available=rows(SIZE * 0.05)))
    assert told("filesystem.full", snapshot) == [("warning", WEB, "/ of web (VM 104) is 95 % full")]


def on_node(volume: str, used: float, *, inside: float | None = None, **changes: object) -> Snapshot:
    """What a node shows of a container's volume; `inside` is what an exporter in the container says of its root."""
    on_host = {"instance": "pve1:9100", "device": f"rpool/data/{volume}", "mountpoint": f"/rpool/data/{volume}"}
    in_guest = {"instance": "db:9100", "device": f"rpool/data/{volume}", "mountpoint": "/"}
    shares = [(used, on_host), *([(inside, in_guest)] if inside is not None else [])]
    rows = metrics(
        filesystem_size=[sample(SIZE, **labels) for _, labels in shares],
        filesystem_available=[sample((1 - share) * SIZE, **labels) for share, labels in shares],
    )
    guests = complete(container(disk_used_bytes=95, disk_total_bytes=100))
    disks = (("rootfs", "local-zfs:subvol-105-disk-0,size=8G"), ("mp0", "local-zfs:subvol-105-disk-1,mp=/srv,size=8G"))
    names = {**world().names, "db": container().entity}
    return world(**{"metrics": rows, "guests": guests, "names": names,
                    "guest_configs": complete(config(105, disks=disks))} | changes)  # fmt: skip


ROOT_FULL = ("warning", "guest:pve/105", "/ of db (CT 105) is 95 % full")
SRV_FULL = ("warning", "guest:pve/105", "/srv of db (CT 105) is 95 % full")
OF_CONTAINERS: list[tuple[str, Snapshot, list[Told]]] = [
    ("its root", on_node("subvol-105-disk-0", 0.95), [ROOT_FULL]),
    ("its root, before its configuration is read",
     on_node("subvol-105-disk-0", 0.95, guest_configs=complete()), [ROOT_FULL]),
    ("another volume of it", on_node("subvol-105-disk-1", 0.95), [SRV_FULL, ROOT_FULL]),
    ("its root, seen from inside as well", on_node("subvol-105-disk-0", 0.95, inside=0.95), [ROOT_FULL]),
    ("what the node sees is as old", on_node("subvol-105-disk-0", 0.95, inside=0.5), []),
    ("a container that is not there any more", on_node("subvol-999-disk-0", 0.95),
     [("warning", "node:pve/pve1", "/rpool/data/subvol-999-disk-0 of pve1 is 95 % full"), ROOT_FULL]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("snapshot", "expected"), [case[1:] for case in OF_CONTAINERS], ids=[c[0] for c in OF_CONTAINERS]
)
def test_a_file_system_of_a_container_is_told_once(snapshot: Snapshot, expected: list[Told]) -> None:
    assert [*told("filesystem.full", snapshot), *told("container.disk", snapshot)] == expected


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), float("-inf")])
def test_figures_that_are_no_figures_are_left_out(odd: float) -> None:
    labels = {"instance": "web:9100", "device": "/dev/sda1", "mountpoint": "/"}
    rows = metrics(filesystem_size=[sample(SIZE, **labels)], filesystem_available=[sample(odd, **labels)])
    assert told("filesystem.full", world(metrics=rows)) == []


def test_a_size_of_zero_is_no_file_system() -> None:
    labels = {"instance": "web:9100", "device": "/dev/sda1", "mountpoint": "/"}
    rows = metrics(filesystem_size=[sample(0.0, **labels)], filesystem_available=[sample(0.0, **labels)])
    assert told("filesystem.full", world(metrics=rows)) == []


def test_what_a_filling_file_system_tells() -> None:
    (finding,) = run("filesystem.full", filesystem(0.85, daily_6h=0.05, daily_24h=0.05)).findings
    assert finding.detail == "15 GiB of 100 GiB are left on /dev/sda1. It grew by 5 GiB a day over the last 24 hours."
    assert "qm disk resize 104 scsi0 +10G" in finding.remedy
    (evidence,) = finding.evidence
    assert evidence.columns[-2:] == ("growth_per_day_bytes", "time_to_full_s")
    assert evidence.rows[0][-1] == pytest.approx(3 * DAY_S)
    assert evidence.taken_at == NOW
    assert evidence.request.startswith("node_filesystem_avail_bytes{")


CONTAINERS: list[tuple[str, Snapshot, list[Told]]] = [
    ("usage unknown", world(), []),
    ("below", world(guests=complete(container(disk_used_bytes=79, disk_total_bytes=100))), []),
    (
        "well filled, and nothing tells how fast",
        world(guests=complete(container(disk_used_bytes=84, disk_total_bytes=100))),
        [("info", "guest:pve/105", "/ of db (CT 105) is 84 % full")],
    ),
    (
        "at the limit",
        world(guests=complete(container(disk_used_bytes=90, disk_total_bytes=100))),
        [("warning", "guest:pve/105", "/ of db (CT 105) is 90 % full")],
    ),
    ("no total", world(guests=complete(container(disk_used_bytes=90, disk_total_bytes=0))), []),
]


@pytest.mark.parametrize(("snapshot", "expected"), [case[1:] for case in CONTAINERS], ids=[c[0] for c in CONTAINERS])
def test_containers(snapshot: Snapshot, expected: list[Told]) -> None:
    assert told("container.disk", snapshot) == expected


def test_one_file_system_is_one_finding() -> None:
    labels = {"instance": "db", "device": "/dev/sda1", "mountpoint": "/"}
    rows = metrics(filesystem_size=[sample(SIZE, **labels)], filesystem_available=[sample(SIZE * 0.05, **labels)])
    snapshot = world(guests=complete(container(disk_used_bytes=95, disk_total_bytes=100)), metrics=rows)
    assert told("filesystem.full", snapshot) == [("warning", "guest:pve/105", "/ of db (CT 105) is 95 % full")]
    assert told("container.disk", snapshot) == []
