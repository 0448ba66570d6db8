"""What the loss of a node would do: guest by guest, quorum, memory, and what hangs on its guests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.checks.world import (
    GIB,
    LIMITS,
    NOW,
    ago,
    complete,
    config,
    guest,
    ha,
    node,
    replication,
    storage,
    unavailable,
)

from nightshift.checks.impact import NodeImpact, impact_of_node
from nightshift.facts.backups import BackupGroup
from nightshift.facts.cluster import HaResource
from nightshift.facts.ids import Entity
from nightshift.facts.inventory import Cluster, Node, StorageConfig
from nightshift.facts.snapshot import Snapshot

SHARED = (("scsi0", "ceph:vm-disk-0,size=32G"),)
LOCAL = (("scsi0", "local-lvm:vm-disk-0,size=32G"),)
WEB = guest(104, "web")
DB = guest(105, "db", kind="lxc", memory_used_bytes=2 * GIB)
MANAGED = (HaResource("pve", "vm:104", "pve1", "started", "started"), HaResource("pve", "ct:105", "pve1", "started"))
CALM = Snapshot(
    taken_at=NOW,
    clusters=complete(Cluster("pve", "homelab", True, 3)),
    nodes=complete(node("pve1"), node("pve2"), node("pve3")),
    guests=complete(WEB, DB, guest(106, "off", status="stopped"), guest(107, "elsewhere", node="pve2")),
    guest_configs=complete(config(104, disks=SHARED), config(105, disks=SHARED)),
    storages=complete(storage("ceph", node=None, shared=True), storage("local-lvm")),
    ha=complete(ha(resources=MANAGED)),
)


def of_pve1(also: tuple[str, ...] = (), **changes: Any) -> NodeImpact:
    snapshot = replace(CALM, **changes)
    lost = {row.name: row for row in snapshot.nodes}
    return impact_of_node(snapshot, lost["pve1"], LIMITS, [lost[name] for name in also])


def told(impact: NodeImpact) -> dict[str, str]:
    return {str(item.guest.name): f"{item.fate}: {item.why}" for item in impact.fates}


MOVES = "restarts elsewhere: under high availability, with its disks within reach of another node"
HIDDEN = {"ha": unavailable("ha")}
LISTED = replace(WEB, ha_state="started")
FATES: list[tuple[str, dict[str, Any], str]] = [
    ("managed, on shared disks", {}, MOVES),
    ("not managed", {"ha": complete(ha())}, "stays down: not under high availability"),
    (
        "managed, but meant to be off",
        {"ha": complete(ha(resources=(replace(MANAGED[0], requested="stopped"),)))},
        "stays down: not under high availability",
    ),
    (
        "a local disk",
        {"guest_configs": complete(config(104, disks=LOCAL))},
        "stays down: under high availability, but bound to its node: scsi0 on local-lvm",
    ),
    (
        "a local disk that is replicated",
        {"guest_configs": complete(config(104, disks=LOCAL)), "replication": complete(replication("104-0"))},
        MOVES,
    ),
    (
        "a device of the node",
        {"guest_configs": complete(config(104, disks=SHARED, passthrough=("hostpci0",)))},
        "stays down: under high availability, but bound to its node: hostpci0",
    ),
    (
        "its configuration was not read",
        {"guest_configs": unavailable("guest_configs")},
        "not known: under high availability; its configuration, or whether it is replicated, has not been read yet",
    ),
    ("managed by the list of guests, for want of a better one", {**HIDDEN, "guests": complete(LISTED)}, MOVES),
    (
        "meant to be off by that list",
        {**HIDDEN, "guests": complete(replace(LISTED, ha_state="ignored"))},
        "stays down: not under high availability",
    ),
    ("in no list", HIDDEN, "stays down: not under high availability"),
    (
        "managed, with votes that may not be read",
        {**HIDDEN, "guests": complete(LISTED), "clusters": unavailable("clusters")},
        "not known: under high availability; whether the nodes that are left have a quorum could not be read",
    ),
    (
        "no quorum is left",
        {"nodes": complete(node("pve1"), node("pve2"), node("pve3", online=False))},
        "stays down: under high availability, but the nodes that are left have no quorum",
    ),
    (
        "the others are full",
        {"nodes": complete(node("pve1"), *(node(name, memory_used_bytes=61 * GIB) for name in ("pve2", "pve3")))},
        "stays down: under high availability, but the other nodes have no memory left for it",
    ),
]


@pytest.mark.parametrize(("_case", "changes", "fate"), FATES, ids=[case for case, _, _ in FATES])
def test_what_becomes_of_a_guest(_case: str, changes: dict[str, Any], fate: str) -> None:
    assert told(of_pve1(**changes))["web"] == fate


FIVE = tuple(node(f"pve{number}") for number in range(1, 6))
AWAY = "stays down: under high availability, but bound to nodes that are away then: "


@pytest.mark.parametrize(
    ("nodes", "also", "fate"),
    [
        (FIVE, ("pve4",), MOVES),
        (FIVE, ("pve2",), f"{AWAY}scsi0 on local-lvm"),
        ((FIVE[0], replace(FIVE[1], online=False), *FIVE[2:]), (), f"{AWAY}scsi0 on local-lvm"),
        (FIVE, ("pve2", "pve3"), "stays down: under high availability, but the nodes that are left have no quorum"),
    ],
)
def test_a_copy_on_a_node_that_is_away_too_helps_nobody(
    nodes: tuple[Node, ...], also: tuple[str, ...], fate: str
) -> None:
    """Its only replica is on pve2."""
    local, copied = complete(config(104, disks=LOCAL)), complete(replication("104-0"))
    impact = of_pve1(also, nodes=complete(*nodes), guest_configs=local, replication=copied)
    assert told(impact)["web"] == fate
    assert [row.name for row in impact.nodes] == ["pve1", *also]


def test_what_runs_on_all_that_are_lost_counts() -> None:
    assert set(told(of_pve1(("pve2",)))) == {"web", "db", "elsewhere"}


def test_only_what_runs_there_counts() -> None:
    assert set(told(of_pve1())) == {"web", "db"}


def test_quorum_and_memory() -> None:
    impact = of_pve1()
    assert (impact.votes_left, impact.votes_needed, impact.keeps_quorum) == (2, 2, True)
    assert impact.needed_bytes == 6 * GIB  # a VM with what it may use, a container with what it uses
    assert impact.room_bytes == pytest.approx(2 * (48 - 64 * 0.03) * GIB, rel=1e-6)


def test_a_host_that_stands_alone_has_no_quorum_to_lose() -> None:
    impact = of_pve1(clusters=complete(Cluster("pve", None, None, None)), nodes=complete(node("pve1")))
    assert (impact.keeps_quorum, impact.room_bytes) == (None, 0)


def test_what_hangs_on_its_guests_goes_with_them() -> None:
    served = StorageConfig("pve", "media", "nfs", server="192.0.2.104")
    far = StorageConfig("pve", "attic", "nfs", server="192.0.2.200")
    uses = config(107, disks=(("scsi1", "media:vm-107-disk-0"),))
    impact = of_pve1(
        storage_configs=complete(served, far),
        guest_configs=complete(uses),
        names={"192.0.2.104": WEB.entity, "192.0.2.200": Entity("node:pve/pve2", "pve2")},
    )
    assert [(item.what, item.through, [user.name for user in item.users]) for item in impact.dragged] == [
        ("nfs storage media", WEB, ["elsewhere"])
    ]


def test_the_newest_backup_of_each() -> None:
    groups = [
        BackupGroup("pbs", store, "", "vm", "104", ago(hours=hours), 3, None, guest="guest:pve/104")
        for store, hours in (("tank", 30), ("vault", 20))
    ]
    found = {item.guest.name: item.last_backup_at for item in of_pve1(backup_groups=complete(*groups)).fates}
    assert found == {"web": ago(hours=20), "db": None}
