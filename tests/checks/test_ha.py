"""High availability: guests it gave up on, its daemons, maintenance mode, failover that would not work."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.checks.world import (
    GIB,
    NOW,
    Told,
    agent,
    ago,
    complete,
    container,
    guest,
    ha,
    node,
    pool,
    replication,
    resource,
    run,
    storage,
    task,
    told,
    unavailable,
    world,
)

from nightshift.checks.levels import fingerprint_of
from nightshift.checks.previous import NOTHING, Previous
from nightshift.facts.cluster import HaAgent, HaRule, HaRules
from nightshift.facts.inventory import GuestConfig, StorageConfig
from nightshift.facts.snapshot import Snapshot

WEB = "guest:pve/104"
DEAD = "old timestamp - dead?"
NO_MANAGER: list[Told] = [("critical", "cluster:pve/homelab", "High availability has no active manager")]
LRM: list[Told] = [("warning", "node:pve/pve2", "The daemon of high availability on pve2 is not alive")]


def managing(*resources: Any, **changes: Any) -> Snapshot:
    return world(ha=complete(ha(resources=resources or (resource(),), **changes)))


def in_state(state: str, requested: str | None = "started") -> Snapshot:
    return managing(resource(state=state, requested=requested))


def agents(first: str, second: str) -> tuple[HaAgent, ...]:
    return (agent("pve1", first), agent("pve2", second))


CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("nothing managed", "ha.resource", world(), []),
    ("a guest that is started", "ha.resource", in_state("started"), []),
    ("a guest that the operator stopped", "ha.resource", in_state("stopped", "stopped"), []),
    ("a guest that is ignored", "ha.resource", in_state("ignored", "ignored"), []),
    (
        "a guest in error",
        "ha.resource",
        in_state("error"),
        [("critical", WEB, "High availability has web (VM 104) in state error")],
    ),
    (
        "a guest being fenced",
        "ha.resource",
        in_state("fence"),
        [("critical", WEB, "High availability has web (VM 104) in state fence")],
    ),
    (
        "a guest that nobody takes over",
        "ha.resource",
        in_state("recovery"),
        [("critical", WEB, "High availability has web (VM 104) in state recovery")],
    ),
    (
        "a guest that the token does not see",
        "ha.resource",
        managing(resource("vm:999", "error")),
        [("critical", "guest:pve/999", "High availability has vm:999 in state error")],
    ),
    (
        "resources that are no guest, as a later PVE may have them",
        "ha.resource",
        managing(resource("sdn:zone-a", "error"), resource("", "fence")),
        [
            ("critical", "cluster:pve/homelab", "High availability has resource sdn:zone-a in state error"),
            ("critical", "cluster:pve/homelab", "High availability has resource without an id in state fence"),
        ],
    ),
    ("no high availability told", "ha.resource", world(ha=complete()), []),
    ("an active manager", "ha.manager", managing(), []),
    ("a manager that is dead", "ha.manager", managing(master=agent("pve1", DEAD)), NO_MANAGER),
    ("no manager at all", "ha.manager", managing(master=None), NO_MANAGER),
    ("no manager and nothing to manage", "ha.manager", world(ha=complete(ha(master=None))), []),
    ("a node's daemon that is dead", "ha.manager", managing(agents=agents("active", DEAD)), LRM),
    ("a node's daemon that lost its lock", "ha.manager", managing(agents=agents("active", "lost_agent_lock")), LRM),
    ("a node's daemon in maintenance", "ha.manager", managing(agents=agents("active", "maintenance mode")), []),
    (
        "the daemon of a node that is offline",
        "ha.manager",
        replace(managing(agents=agents("active", DEAD)), nodes=complete(node("pve1"), node("pve2", online=False))),
        [],
    ),
    (
        "fencing that is switched off",
        "ha.manager",
        managing(armed="disarmed"),
        [("warning", "cluster:pve/homelab", "Fencing of high availability is disarmed")],
    ),
    ("fencing that does not tell", "ha.manager", managing(armed=None), []),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


FINGERPRINT = fingerprint_of("node.maintenance", node("pve2").entity)
IN_MAINTENANCE = world(ha=complete(ha(agents=agents("active", "maintenance mode"))))
AT_WORK = replace(IN_MAINTENANCE, nodes=complete(node("pve1", uptime_s=3_600), node("pve2")))


def watched(hours: float | None, *, before_h: float = 100) -> Previous:
    """It was seen since so many hours; None: somebody watched before and it was not on."""
    if hours is None:
        return Previous(watching_since=ago(hours=before_h))
    since = ago(hours=hours)
    return Previous(open_findings=frozenset({FINGERPRINT}), since={FINGERPRINT: since}, watching_since=since)


MAINTENANCE = [
    ("nobody is in maintenance", world(), NOTHING, []),
    ("at the first look, nobody at work", IN_MAINTENANCE, NOTHING, ["warning"]),
    ("at the first look, a node just started", AT_WORK, NOTHING, ["info"]),
    (
        "at the first look, versions differ",
        replace(IN_MAINTENANCE, nodes=complete(node("pve1", pve_version="9.1.4"), node("pve2", pve_version="8.4.14"))),
        NOTHING,
        ["info"],
    ),
    (
        "at the first look, somebody had a shell",
        replace(IN_MAINTENANCE, tasks=complete(task("vncshell", hours=3))),
        NOTHING,
        ["info"],
    ),
    ("a shell two days ago", replace(IN_MAINTENANCE, tasks=complete(task("vncshell", hours=48))), NOTHING, ["warning"]),
    ("it has just begun", IN_MAINTENANCE, watched(None), ["info"]),
    ("for some hours", IN_MAINTENANCE, watched(11.9), ["info"]),
    ("for half a day", IN_MAINTENANCE, watched(12), ["warning"]),
    ("for days, whatever else is done", AT_WORK, watched(50), ["warning"]),
]


@pytest.mark.parametrize(
    ("snapshot", "previous", "severities"), [case[1:] for case in MAINTENANCE], ids=[case[0] for case in MAINTENANCE]
)
def test_maintenance_mode_left_on(snapshot: Snapshot, previous: Previous, severities: list[str]) -> None:
    findings = run("node.maintenance", snapshot, previous).findings
    assert [finding.severity for finding in findings] == severities
    assert {finding.entity.key for finding in findings} <= {"node:pve/pve2"}


def test_since_when_it_is_in_maintenance_is_kept() -> None:
    (first,) = run("node.maintenance", IN_MAINTENANCE, watched(None)).findings
    assert first.since == NOW
    (later,) = run("node.maintenance", IN_MAINTENANCE, watched(30)).findings
    assert later.since == NOW - timedelta(hours=30)
    assert "It has been so for 1 d 6 h at least." in later.detail


def config(vmid: int = 104, *disks: tuple[str, str], passthrough: tuple[str, ...] = ()) -> GuestConfig:
    return GuestConfig("pve", vmid, True, False, (), disks, None, NOW, passthrough)


LOCAL = ("scsi0", "local:vm-104-disk-0,size=32G")
SHARED = ("scsi0", "ceph:vm-104-disk-0,size=32G")
STORAGES = complete(storage("local"), storage("ceph", shared=True, node=None))


def failing_over(*configs: GuestConfig, **changes: Any) -> Snapshot:
    usual = managing(resource())
    return replace(replace(usual, guest_configs=complete(*configs), storages=STORAGES), **changes)


def ruled(*nodes: str, vmid: int = 104, strict: bool = True) -> Any:
    return complete(HaRules("pve", (HaRule("gpu", nodes, (vmid,), strict),), NOW))


def used_on(*nodes: str) -> StorageConfig:
    return StorageConfig("pve", "ceph", "rbd", ("images",), nodes, shared=True)


STAYS: list[Told] = [("warning", WEB, "web (VM 104) could not be started on another node")]
FAILOVER = [
    ("a disk that all nodes have", failing_over(config(104, SHARED)), []),
    ("a disk that one node has", failing_over(config(104, LOCAL)), STAYS),
    (
        "a disk that is replicated",
        failing_over(config(104, LOCAL), replication=complete(replication("104-0"))),
        [],
    ),
    (
        "a replication that is switched off",
        failing_over(config(104, LOCAL), replication=complete(replication("104-0", enabled=False))),
        STAYS,
    ),
    ("a storage that nobody knows", failing_over(config(104, ("scsi0", "gone:vm-104-disk-0"))), []),
    ("a disk that is not used", failing_over(config(104, ("unused0", "local:vm-104-disk-1"))), []),
    ("a device of the node", failing_over(config(104, SHARED, passthrough=("hostpci0",))), STAYS),
    (
        "a device, though its disk is replicated",
        failing_over(config(104, LOCAL, passthrough=("usb0",)), replication=complete(replication("104-0"))),
        STAYS,
    ),
    ("a configuration that was not read yet", failing_over(), []),
    ("a guest that is not managed", failing_over(config(105, LOCAL)), []),
    (
        "a guest that the operator stopped",
        failing_over(config(104, LOCAL), ha=complete(ha(resources=(resource(state="stopped", requested="stopped"),)))),
        [],
    ),
    ("a rule for its node alone", failing_over(config(104, SHARED), ha_rules=ruled("pve1")), STAYS),
    ("a rule that prefers its node", failing_over(config(104, SHARED), ha_rules=ruled("pve1", strict=False)), []),
    ("a rule with another node", failing_over(config(104, SHARED), ha_rules=ruled("pve1", "pve2")), []),
    ("a rule for another guest", failing_over(config(104, SHARED), ha_rules=ruled("pve1", vmid=105)), []),
    (
        "a shared storage that only its node uses",
        failing_over(config(104, SHARED), storage_configs=complete(used_on("pve1"))),
        STAYS,
    ),
    (
        "a shared storage that another node uses, too",
        failing_over(config(104, SHARED), storage_configs=complete(used_on("pve1", "pve2"))),
        [],
    ),
    ("a host that stands alone", failing_over(config(104, LOCAL), nodes=complete(node("pve1"))), []),
]


@pytest.mark.parametrize(("snapshot", "expected"), [case[1:] for case in FAILOVER], ids=[case[0] for case in FAILOVER])
def test_guests_that_no_other_node_can_start(snapshot: Snapshot, expected: list[Told]) -> None:
    assert told("failover.guest", snapshot) == expected


def crowded(need_gib: int, *, used: float, kind: str = "qemu", **changes: Any) -> Snapshot:
    """A guest of `need_gib` on pve1, and pve2 with 64 GiB of which a share is used."""
    heavy = guest(104, memory_total_bytes=need_gib * GIB, memory_used_bytes=GIB)
    if kind == "lxc":
        heavy = container(104, "web", memory_total_bytes=need_gib * GIB, memory_used_bytes=GIB)
    usual = managing(resource())
    nodes = complete(node("pve1"), node("pve2", memory_used_bytes=round(used * 64 * GIB)))
    return replace(replace(usual, guests=complete(heavy), nodes=nodes), **changes)


def three(need_gib: int, rules: Any, *, pve3: float) -> Snapshot:
    """A third node beside an empty pve2, of which a share is used."""
    nodes = complete(*(node(name, memory_used_bytes=round(used * 64 * GIB)) for name, used in
                       (("pve1", 0.2), ("pve2", 0.1), ("pve3", pve3))))  # fmt: skip
    return crowded(need_gib, used=0.1, nodes=nodes, ha_rules=rules)


MAY_NOT: list[Told] = [("info", "node:pve/pve1", "If pve1 fails, its guests may not fit on the other nodes")]


@pytest.mark.parametrize("check", ["failover.guest", "failover.memory"])
def test_rules_that_were_not_read_leave_a_doubt(check: str) -> None:
    result = run(check, failing_over(config(104, SHARED), ha_rules=unavailable("ha_rules")))
    assert (len(result.findings), [gap.dataset for gap in result.gaps]) == (0, [f"check {check}"])


def test_disks_of_which_nobody_tells_whether_they_are_replicated_are_no_finding() -> None:
    untold = failing_over(config(104, LOCAL), replication=unavailable("replication"))
    result = run("failover.guest", untold)
    assert (result.findings, [gap.dataset for gap in result.gaps]) == ((), ["check failover.guest"])


NO_ROOM: list[Told] = [("warning", "node:pve/pve1", "If pve1 fails, its guests do not fit on the other nodes")]
OFFLINE = complete(node("pve1"), node("pve2", online=False, memory_used_bytes=None))
UNTOLD = complete(node("pve1"), node("pve2", memory_used_bytes=None))
ROOM = [
    ("room enough", crowded(16, used=0.5), []),
    ("just enough", crowded(30, used=0.5), []),
    ("not enough before memory becomes critical", crowded(31, used=0.5), NO_ROOM),
    ("a container counts with what it uses", crowded(31, used=0.5, kind="lxc"), []),
    ("no other node is online", crowded(31, used=0.5, nodes=OFFLINE), []),
    ("a node that does not say what it has", crowded(31, used=0.5, nodes=UNTOLD), []),
    ("no room where it may run", three(16, ruled("pve1", "pve3"), pve3=0.9), NO_ROOM),
    ("room where it may run", three(16, ruled("pve1", "pve3"), pve3=0.3), []),
    ("room somewhere, and no rule", three(16, ruled(vmid=105), pve3=0.9), []),
    ("a full memory that may be a cache", crowded(31, used=0.9, zfs_pools=complete(pool(node="pve2"))), MAY_NOT),
    (
        "guests that leave no room for it",
        crowded(
            31,
            used=0.9,
            zfs_pools=complete(pool(node="pve2")),
            guests=complete(
                guest(104, memory_total_bytes=31 * GIB), guest(106, node="pve2", memory_used_bytes=40 * GIB)
            ),
        ),
        NO_ROOM,
    ),
    ("nothing managed", crowded(31, used=0.5, ha=complete(ha())), []),
]


@pytest.mark.parametrize(("snapshot", "expected"), [case[1:] for case in ROOM], ids=[case[0] for case in ROOM])
def test_room_for_a_failover(snapshot: Snapshot, expected: list[Told]) -> None:
    assert told("failover.memory", snapshot) == expected


def test_two_that_fit_one_by_one_and_not_together() -> None:
    managed = complete(ha(resources=(resource("vm:104"), resource("vm:106"))))
    both = (guest(104, memory_total_bytes=20 * GIB), guest(106, "mail", memory_total_bytes=20 * GIB))
    nodes = complete(node("pve1"), node("pve2", memory_used_bytes=32 * GIB))
    assert told("failover.memory", world(ha=managed, guests=complete(*both), nodes=nodes)) == NO_ROOM
