"""What the slow lane reads about backups: archives as far as the token is shown them, snapshots that are remembered."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.collect.doubles import NOW, PbsDouble, ProxmoxDouble, Pve, backup, group, sources

from nightshift.collect.collector import Collector
from nightshift.errors import SourceUnreachable
from nightshift.facts.backup_runs import PveArchive
from nightshift.facts.backups import BackupSnapshot, Datastore
from nightshift.facts.inventory import StorageConfig
from nightshift.facts.snapshot import Snapshot
from nightshift.sources import Permissions

LOCAL = StorageConfig("pve", "local", "dir", ("backup",))
NAS = StorageConfig("pve", "nas", "nfs", ("backup",), shared=True)
TANK = StorageConfig("pve", "tank", "pbs", ("backup",), shared=True)


class Storages(ProxmoxDouble):
    """A cluster with storages for backups, and a token that may do `granted`."""

    def __init__(self, granted: Permissions, *configs: StorageConfig) -> None:
        super().__init__()
        self._granted, self._configs = granted, configs

    async def storage_configs(self) -> tuple[StorageConfig, ...]:
        await self._called("storage_configs")
        return self._configs

    async def permissions(self) -> Permissions:
        await self._called("permissions")
        return self._granted

    async def storage_archives(self, node: str, storage: str, *, shared: bool) -> tuple[PveArchive, ...]:
        await self._called("storage_archives", node, storage)
        return (PveArchive("pve", storage, None if shared else node, 104, "qemu", NOW, f"{storage}:backup/x"),)


async def collected(pve: ProxmoxDouble, pbs: tuple[PbsDouble, ...] = ()) -> Snapshot:
    snapshot, _ = await Collector(sources(pve=(pve,), pbs=pbs), queries={}).collect(NOW)
    return snapshot


AUDITOR = {"/": frozenset({"Sys.Audit", "Datastore.Audit"})}
WRITER = {"/storage": frozenset({"Datastore.AllocateSpace"}), "/vms": frozenset({"VM.Backup"}), "/": frozenset()}


@pytest.mark.parametrize(
    ("granted", "may_list", "read"),
    [
        (AUDITOR, False, 0),
        (WRITER, True, 3),
        ({"/": frozenset({"Datastore.Allocate"})}, True, 3),
        ({"/storage": frozenset({"Datastore.AllocateSpace"}), "/": frozenset()}, False, 3),
        ({"/storage/nas": frozenset({"Datastore.Allocate"}), "/": frozenset()}, None, 1),
    ],
    ids=["auditor", "writer of all guests", "owner of storages", "writer of no guest's backups", "of one storage"],
)
async def test_what_a_token_may_not_list_is_not_taken_for_empty(
    granted: Permissions, may_list: bool | None, read: int
) -> None:
    pve = Storages(granted, LOCAL, NAS)
    found = (await collected(pve)).storage_archives
    assert [(item.storage, item.node) for item in found] == [("local", "pve1"), ("local", "pve2"), ("nas", None)]
    if may_list is not None:
        assert {item.may_list for item in found} == {may_list}
    assert sum(call.startswith("storage_archives") for call in pve.calls) == read


async def test_a_backup_server_is_read_through_pve_only_when_none_is_watched() -> None:
    alone = await collected(Storages(WRITER, TANK))
    assert [item.storage for item in alone.storage_archives] == ["tank"]
    watched = await collected(Storages(WRITER, TANK), (PbsDouble(),))
    assert (watched.storage_archives.state, watched.storage_archives.rows) == ("complete", ())


class Server(PbsDouble):
    """A backup server with one VM's snapshots."""

    async def snapshots(
        self,
        store: str,
        namespace: str,
        *,
        backup_type: str | None = None,
        backup_id: str | None = None,
        timeout_s: float | None = None,
    ) -> tuple[BackupSnapshot, ...]:
        await self._called("snapshots", store, namespace)
        if namespace != "homelab":
            return ()
        times = (NOW - timedelta(hours=hours) for hours in (1, 25))
        done = tuple(BackupSnapshot("pbs", store, namespace, "vm", "104", at, 5, True) for at in times)
        return (*done, replace(done[0], taken_at=NOW, size_bytes=None))


async def test_snapshots_are_listed_once_an_hour_and_by_group() -> None:
    pbs = Server(groups={"homelab": (group("104"),)})
    collector = Collector(sources(pve=(ProxmoxDouble(),), pbs=(pbs,)), queries={})
    snapshot, _ = await collector.collect(NOW)
    (listed,) = snapshot.backup_snapshots
    (found,) = listed.groups
    hours = [(NOW - item.taken_at).total_seconds() / 3600 for item in found.snapshots]
    assert hours == [25, 1], "oldest first, without the one that is being written"
    await collector.collect(NOW + timedelta(minutes=59))
    assert [call for call in pbs.calls if call.startswith("snapshots")] == ["snapshots tank homelab"]
    await collector.collect(NOW + timedelta(minutes=61))
    assert len([call for call in pbs.calls if call.startswith("snapshots")]) == 2


class SlowServer(Server):
    """Its list of snapshots takes longer than a sweep may."""

    async def snapshots(self, store: str, namespace: str, **more: object) -> tuple[BackupSnapshot, ...]:
        await asyncio.sleep(0.5)
        return await super().snapshots(store, namespace)


async def test_a_list_that_takes_longer_than_a_sweep_is_there_at_a_later_one() -> None:
    pbs = SlowServer(groups={"homelab": (group("104"),)})
    collector = Collector(sources(pve=(ProxmoxDouble(),), pbs=(pbs,)), queries={}, source_timeout_s=0.3)
    first, _ = await collector.collect(NOW)
    assert [gap.kind for gap in first.backup_snapshots.gaps] == ["timed_out"]
    await collector.finish_lists()
    second, _ = await collector.collect(NOW + timedelta(minutes=5))
    assert (second.backup_snapshots.state, len(second.backup_snapshots)) == ("complete", 1)
    assert [call for call in pbs.calls if call.startswith("snapshots")] == ["snapshots tank homelab"]


@pytest.mark.parametrize("gone", ["the datastore", "the server"])
async def test_what_was_listed_is_remembered_while_its_place_is_away(gone: str, tmp_path: Path) -> None:
    of = sources(pve=(ProxmoxDouble(),), pbs=(Server(groups={"homelab": (group("104"),)}),))
    await Collector(of, queries={}, keep_in=tmp_path).collect(NOW)
    if gone == "the datastore":
        away = Server((Datastore("pbs", "tank", error="not mounted"),))
    else:
        away = Server(**{"*": SourceUnreachable("pbs", "GET /", "no route")})
    later = Collector(sources(pve=(ProxmoxDouble(),), pbs=(away,)), queries={}, keep_in=tmp_path)
    snapshot, _ = await later.collect(NOW + timedelta(hours=2))
    (remembered,) = snapshot.backup_groups
    assert (remembered.guest, remembered.as_of, remembered.backup_count) == ("guest:pve/104", NOW, 2)
    assert snapshot.backup_groups.state == "partial"
    assert snapshot.backup_groups.gaps


async def test_restores_in_the_task_history_are_tests_of_whose_backup_it_was() -> None:
    restore = replace(backup("R1", "OK", hours=200), worker_type="qmrestore", worker_id="904")
    failed = replace(backup("R2", "job errors", hours=190), worker_type="vzrestore", worker_id="105")
    logs = {"R1": ("restore vma archive: zstd -c /x/vzdump-qemu-104-2026_11_01-02_00_03.vma.zst | vma extract",)}
    snapshot = await collected(ProxmoxDouble(Pve(tasks=(restore, failed), logs=logs)))
    (found,) = snapshot.restore_tests
    assert (found.vmid, found.from_vmid, found.kind, found.upid) == (904, 104, "whole", "R1")


async def test_a_history_that_is_longer_than_what_is_read_is_a_gap() -> None:
    snapshot = await collected(ProxmoxDouble(Pve(tasks=(backup("B1", "OK", hours=8),), truncated=True)))
    detail = "node {} has more backups in its history than were read"
    for dataset in (snapshot.backup_runs, snapshot.restore_tests):
        assert dataset.state == "partial"
        assert [(gap.kind, gap.detail) for gap in dataset.gaps] == [
            ("truncated", detail.format(name)) for name in ("pve1", "pve2")
        ]


async def test_a_history_that_cannot_be_read_is_not_one_without_backups() -> None:
    refused = SourceUnreachable("pve", "GET /", "connection refused")
    snapshot = await collected(ProxmoxDouble(**{"tasks pve1 vzdump": refused, "tasks pve2 vzdump": refused}))
    assert snapshot.backup_runs.state == "unavailable"
    assert {gap.kind for gap in snapshot.backup_runs.gaps} == {"unreachable"}
