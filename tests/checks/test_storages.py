"""Storages that do not answer, and those that run full."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.checks.world import GIB, Told, complete, datastore, node, pbs_storage, run, storage, told, world

from nightshift.facts.inventory import StorageConfig
from nightshift.facts.snapshot import Snapshot


def gone(**changes: object) -> Snapshot:
    return world(storages=complete(storage("nas", active=False, used_bytes=None, total_bytes=None, **changes)))


def used(share: float, **changes: object) -> Snapshot:
    return world(storages=complete(storage(used_bytes=round(share * 100 * GIB), **changes)))


CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("all answer", "storage.inactive", world(), []),
    (
        "one node cannot reach it",
        "storage.inactive",
        gone(),
        [("critical", "storage:pve/pve1/nas", "Storage nas on pve1 does not answer")],
    ),
    (
        "nobody can reach a shared one",
        "storage.inactive",
        gone(node=None, shared=True),
        [("critical", "storage:pve/shared/nas", "Storage nas does not answer")],
    ),
    ("a storage of a node that is offline", "storage.inactive", gone(node="pve9"), []),
    ("below the limit", "storage.full", used(0.8499), []),
    (
        "at the limit",
        "storage.full",
        used(0.85),
        [("warning", "storage:pve/pve1/local", "Storage local on pve1 is 85 % full")],
    ),
    (
        "critical",
        "storage.full",
        used(0.95),
        [("critical", "storage:pve/pve1/local", "Storage local on pve1 is 95 % full")],
    ),
    ("an inactive one is not 0 % used", "storage.full", gone(), []),
    ("a total of zero says nothing", "storage.full", used(0.99, total_bytes=0), []),
    ("sizes unknown", "storage.full", used(0.99, total_bytes=None), []),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


@pytest.mark.parametrize(
    ("plugin", "command"),
    [("zfspool", "zfs list"), ("lvmthin", "lvs -a"), ("pbs", "garbage"), ("dir", "pvesm list local")],
)
def test_the_remedy_fits_the_kind_of_storage(plugin: str, command: str) -> None:
    (finding,) = run("storage.full", used(0.9, plugin=plugin)).findings
    assert command in finding.remedy
    assert finding.evidence[0].rows == (("local", "pve1", plugin, True, 90 * GIB, 100 * GIB, 0.9, None),)


def test_a_node_that_is_offline_takes_its_storages_out_of_sight() -> None:
    snapshot = world(
        nodes=complete(node("pve1", online=False)), storages=complete(storage("nas", active=False, total_bytes=None))
    )
    assert told("storage.inactive", snapshot) == []


def test_the_backup_server_knows_best_what_is_left_in_its_datastore() -> None:
    """PVE tells 98 %, and not that the rest is kept back."""
    snapshot = world(
        storages=complete(pbs_storage(used_bytes=980 * GIB)),
        storage_configs=complete(StorageConfig("pve", "pbs-tank", "pbs", datastore="tank", server="192.0.2.9")),
        datastores=complete(datastore(used_bytes=980 * GIB, available_bytes=40_960)),
    )
    (finding,) = run("storage.full", snapshot).findings
    assert (finding.severity, finding.title) == ("critical", "Storage pbs-tank is full")
    assert finding.detail == "980 GiB of 1000 GiB are used (by the word of the backup server pbs), 40 KiB are left."
    (guessed,) = run("storage.full", replace(snapshot, storage_configs=complete())).findings
    assert guessed.title == "Storage pbs-tank is 98 % full"
