"""What a name means: joined where it is certain, nothing where it is not."""

from __future__ import annotations

import pytest
from tests.collect.doubles import NOW, group

from nightshift.collect.joins import (
    entity_of_labels,
    index_names,
    join_alerts,
    join_groups,
    join_targets,
)
from nightshift.facts.backups import BackupGroup, Datastore
from nightshift.facts.instances import entity_of_host, host_of
from nightshift.facts.inventory import Guest, GuestConfig, Node, Storage
from nightshift.facts.monitoring import Alert, Labels, Target
from nightshift.facts.snapshot import Dataset, not_configured
from nightshift.protection.places import Places

PVE1 = Node("pve", "pve1", True, ip="192.0.2.11")
WEB = Guest("pve", 104, "qemu", "pve1", "Web", "running")
DB = Guest("pve", 105, "lxc", "pve1", "db", "running")
TWIN = Guest("pve", 106, "lxc", "pve1", "db", "running")
NODE_NAMED_GUEST = Guest("pve", 107, "lxc", "pve1", "pve1", "running")
CONFIG = GuestConfig("pve", 104, True, True, ("192.0.2.104/24", "fd00::104"), (), None, NOW)
LOCAL = Storage("pve", "local", "pve1", "dir", False, True)
NAS = Storage("pve", "nas", None, "nfs", True, True)
TANK = Datastore("pbs", "tank")
INDEX = index_names([PVE1], [WEB, DB], [CONFIG], [LOCAL, NAS], [TANK])
NAMES = INDEX.certain()


@pytest.mark.parametrize(
    ("instance", "host"),
    [
        ("web:9100", "web"),
        ("WEB", "web"),
        ("192.0.2.1:9100", "192.0.2.1"),
        ("[fd00::1]:9100", "fd00::1"),
        ("fd00::1", "fd00::1"),
        ("https://nas.lan/health", "nas.lan"),
        ("http://nas.lan:8080/x", "nas.lan"),
        ("", ""),
    ],
)
def test_the_host_of_an_instance(instance: str, host: str) -> None:
    assert host_of(instance) == host


@pytest.mark.parametrize(
    ("instance", "key"),
    [
        ("web:9100", "guest:pve/104"),
        ("WEB.home.lan:9100", "guest:pve/104"),
        ("192.0.2.104:9100", "guest:pve/104"),
        ("[fd00::104]:9100", "guest:pve/104"),
        ("pve1:9100", "node:pve/pve1"),
        ("192.0.2.11:9100", "node:pve/pve1"),
        ("127.0.0.1:9100", None),
        ("localhost:9100", None),
        ("[::1]:9100", None),
        ("104", None),
        ("104:9100", None),
        ("192.0.2.9:9100", None),
        ("nas:9100", None),
        ("", None),
    ],
)
def test_what_an_instance_is(instance: str, key: str | None) -> None:
    found = entity_of_host(NAMES, instance)
    assert (found.key if found else None) == key


LABELS: list[tuple[Labels, str | None]] = [
    ((("id", "qemu/104"), ("instance", "pve1:9221")), "guest:pve/104"),
    ((("id", "node/pve1"),), "node:pve/pve1"),
    ((("id", "storage/pve1/local"),), "storage:pve/pve1/local"),
    ((("id", "lxc/104"),), None),
    ((("vmid", "105"),), "guest:pve/105"),
    ((("vm_name", "web"),), "guest:pve/104"),
    ((("datastore", "tank"),), "datastore:pbs/tank"),
    ((("storage", "local"), ("node", "pve1")), "storage:pve/pve1/local"),
    ((("storage", "nas"), ("node", "pve1")), "storage:pve/shared/nas"),
    ((("instance", "web:9100"), ("node", "pve1")), "guest:pve/104"),
    ((("instance", "127.0.0.1:9221"), ("node", "pve1")), "node:pve/pve1"),
    ((("name", "nginx.service"), ("instance", "web:9100")), "guest:pve/104"),
    ((("instance", "unknown:1"),), None),
    ((("severity", "critical"),), None),
    ((), None),
]


@pytest.mark.parametrize(("labels", "key"), LABELS, ids=[str(labels) for labels, _ in LABELS])
def test_what_labels_are_about(labels: Labels, key: str | None) -> None:
    found = entity_of_labels(INDEX, NAMES, labels)
    assert (found.key if found else None) == key


def test_a_name_of_two_guests_is_nobodys() -> None:
    index = index_names([PVE1], [DB, TWIN], [], [], [])
    assert "db" not in index.certain()
    assert index.certain()["105"] == DB.entity
    assert entity_of_labels(index, index.certain(), (("guest", "db"),)) is None


def test_a_name_of_a_node_and_a_guest_is_nobodys() -> None:
    index = index_names([PVE1], [NODE_NAMED_GUEST], [], [], [])
    assert "pve1" not in index.certain()
    assert entity_of_host(index.certain(), "pve1:9100") is None


def test_a_vmid_of_two_clusters_is_nobodys() -> None:
    other = Guest("site2", 104, "qemu", "x", "far", "running")
    index = index_names([], [WEB, other], [], [], [])
    assert "qemu/104" not in index.certain()
    assert index.certain()["far"] == other.entity


def test_targets_and_alerts_are_joined() -> None:
    targets = Dataset("complete", (Target("p", "node", "web:9100", "up", None, None),), (), NOW)
    assert [row.entity_key for row in join_targets(targets, INDEX, NAMES).rows] == ["guest:pve/104"]
    alert = Alert("g", "u", "X", "firing", None, None, None, (("datastore", "tank"),), (), "h")
    alerts = Dataset("complete", (alert,), (), NOW)
    assert [row.entity_key for row in join_alerts(alerts, INDEX, NAMES).rows] == ["datastore:pbs/tank"]


def join(groups: Dataset[BackupGroup], guests: Dataset[Guest]) -> Dataset[BackupGroup]:
    """Where nobody knows how PVE's storages are set up."""
    return join_groups(groups, guests, Places((), (), (), ()), not_configured(), not_configured())


FAR = Guest("site2", 104, "qemu", "far1", "far", "running")
GROUPS: list[tuple[str, list[Guest], BackupGroup, str | None, int]] = [
    ("one cluster has the vmid", [WEB], group("104"), "guest:pve/104", 0),
    ("the kind has to agree", [WEB], group("104", backup_type="ct"), None, 0),
    ("a host is no guest", [WEB], group("104", backup_type="host"), None, 0),
    ("nobody has the vmid", [WEB], group("999"), None, 0),
    ("two clusters have it", [WEB, FAR], group("104"), None, 1),
    ("the namespace is a cluster's", [WEB, FAR], group("104", namespace="site2"), "guest:site2/104", 0),
    ("the namespace is below a cluster's", [WEB, FAR], group("104", namespace="all/pve"), "guest:pve/104", 0),
    ("the notes name the guest", [WEB, FAR], group("104", comment=" far "), "guest:site2/104", 0),
    ("the owner's token is a cluster's", [WEB, FAR], group("104", owner="backup@pbs!site2"), "guest:site2/104", 0),
    ("an owner that says nothing", [WEB, FAR], group("104", owner="backup@pbs!x"), None, 1),
]


@pytest.mark.parametrize(("guests", "row", "key", "gaps"), [case[1:] for case in GROUPS], ids=[c[0] for c in GROUPS])
def test_whose_backups_a_group_holds(guests: list[Guest], row: BackupGroup, key: str | None, gaps: int) -> None:
    joined = join(Dataset("complete", (row,), (), NOW), Dataset("complete", tuple(guests), (), NOW))
    assert [item.guest for item in joined.rows] == [key]
    assert len(joined.gaps) == gaps
    assert joined.state == ("partial" if gaps else "complete")


def test_many_ambiguous_groups_are_one_gap() -> None:
    rows = tuple(group("104", datastore=f"d{n}") for n in range(20))
    (gap,) = join(Dataset("complete", rows, (), NOW), Dataset("complete", (WEB, FAR), (), NOW)).gaps
    assert gap.detail == "20 backup groups (vm/104) could belong to guests of more than one cluster"
    assert gap.fix is not None
