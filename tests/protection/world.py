"""A small homelab whose backups are as they should be, as facts, and the means to change it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from nightshift.facts.backup_runs import BackupRun, PveArchive, RestoreTest, RunLog, StorageArchives
from nightshift.facts.backups import (
    BackupGroup,
    Datastore,
    GroupSnapshots,
    KeptSnapshot,
    NamespaceSnapshots,
)
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.inventory import BackupJob, Cluster, Guest, GuestConfig, Node, Storage, StorageConfig
from nightshift.facts.pbs_jobs import Keep, PbsJob
from nightshift.facts.snapshot import Dataset, Snapshot, SourceStatus
from nightshift.facts.tasks import Task, outcome_of
from nightshift.protection.identity import attribute
from nightshift.protection.places import Places

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # a Monday
LAST_NIGHT = NOW - timedelta(hours=6)
GIB = 2**30
OWNER = "pve@pbs!home"


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def nights(count: int = 7, *, newest: datetime = LAST_NIGHT, every: timedelta = timedelta(days=1)) -> list[datetime]:
    """Times of backups, oldest first."""
    return [newest - every * number for number in reversed(range(count))]


def complete(*rows: Any) -> Dataset[Any]:
    return Dataset("complete", rows, (), NOW)


def partial(*rows: Any, gap: Gap) -> Dataset[Any]:
    return Dataset("partial", rows, (gap,), NOW)


def unavailable(dataset: str, source: str) -> Dataset[Any]:
    return Dataset("unavailable", (), (Gap(source, dataset, "unreachable", "connection refused"),), NOW)


def node(name: str = "pve1", source: str = "pve", **changes: Any) -> Node:
    return replace(Node(source, name, online=True, ip=f"192.0.2.1{name[-1]}"), **changes)


def guest(vmid: int = 104, name: str = "web", **changes: Any) -> Guest:
    return replace(Guest("pve", vmid, "qemu", "pve1", name, "running"), **changes)


def container(vmid: int = 105, name: str = "db", **changes: Any) -> Guest:
    return replace(guest(vmid, name), **({"kind": "lxc"} | changes))


def config(vmid: int = 104, *disks: tuple[str, str], source: str = "pve") -> GuestConfig:
    usual = (("scsi0", f"local-zfs:vm-{vmid}-disk-0,size=64G"),)
    return GuestConfig(source, vmid, True, False, (), disks or usual, None, NOW)


def storage_config(name: str = "tank", **changes: Any) -> StorageConfig:
    usual = StorageConfig(
        "pve", name, "pbs", ("backup",), shared=True, server="192.0.2.9", datastore="tank", namespace="home",
        username=OWNER,
    )  # fmt: skip
    return replace(usual, **changes)


def directory(name: str = "local", **changes: Any) -> StorageConfig:
    return replace(StorageConfig("pve", name, "dir", ("backup", "iso")), **changes)


LOCAL_ZFS = StorageConfig("pve", "local-zfs", "zfspool", ("images", "rootdir"))


def job(job_id: str = "nightly", **changes: Any) -> BackupJob:
    usual = BackupJob(
        "pve", job_id, True, "02:00", "tank", False, (104, 105), (), None, None, NOW + timedelta(hours=18)
    )
    return replace(usual, **changes)


def group(backup_id: int | str = 104, at: datetime = LAST_NIGHT, **changes: Any) -> BackupGroup:
    usual = BackupGroup("pbs", "tank", "home", "vm", str(backup_id), at, 7, owner=OWNER)
    return replace(usual, **changes)


def kept(moment: datetime, **changes: Any) -> KeptSnapshot:
    verified_at = moment + timedelta(hours=4)
    return replace(KeptSnapshot(moment, 64 * GIB, True, verified_at=verified_at, encrypted=False), **changes)


def backups(*snapshots: KeptSnapshot, kind: str = "vm", number: int | str = 104, owner: str = OWNER) -> GroupSnapshots:
    return GroupSnapshots(kind, str(number), owner, snapshots)  # type: ignore[arg-type]


def listed(*groups: GroupSnapshots, place: tuple[str, str, str] = ("pbs", "tank", "home")) -> NamespaceSnapshots:
    return NamespaceSnapshots(*place, NOW - timedelta(minutes=20), groups)


def groups_of(lists: Iterable[NamespaceSnapshots]) -> tuple[BackupGroup, ...]:
    """The groups that these lists of snapshots are of."""
    return tuple(
        BackupGroup(
            item.source, item.datastore, item.namespace, found.backup_type, found.backup_id,
            found.snapshots[-1].taken_at, len(found.snapshots), found.owner,
        )
        for item in lists
        for found in item.groups
    )  # fmt: skip


def run(vmid: int = 104, at: datetime = LAST_NIGHT, **changes: Any) -> BackupRun:
    usual = BackupRun("pve", f"U{at:%m%d%H%M}", "pve1", vmid, at, ok=True, storage="tank", duration_s=600.0,
                      transferred_bytes=GIB, bitmap="kept")  # fmt: skip
    return replace(usual, **changes)


def log(*runs: BackupRun, **changes: Any) -> RunLog:
    first = runs[0] if runs else run()
    usual = RunLog("pve", first.upid, first.node, first.started_at, NOW, runs, first.storage)
    return replace(usual, **changes)


def logs(times: Iterable[datetime] | None = None, vmids: Iterable[int] = (104, 105), **changes: Any) -> list[RunLog]:
    """Nightly runs of these guests."""
    return [log(*(run(vmid, moment, **changes) for vmid in vmids)) for moment in times or nights()]


def task(kind: str = "vzdump", status: str | None = "OK", *, at: datetime = LAST_NIGHT, **changes: Any) -> Task:
    usual = Task(
        "pve", f"U{at:%m%d%H%M}", "pve1", kind, "", "root@pam", at, at + timedelta(minutes=30), status,
        outcome_of(status, running=status is None),
    )  # fmt: skip
    return replace(usual, **changes)


def datastore(name: str = "tank", source: str = "pbs", **changes: Any) -> Datastore:
    return replace(Datastore(source, name, 4000 * GIB, 2000 * GIB, 2000 * GIB), **changes)


def verify_job(**changes: Any) -> PbsJob:
    usual = PbsJob("pbs", "verify", "v-1", "tank", "", "daily", last_run_at=ago(hours=1), last_run_state="OK",
                   ignore_verified=True, outdated_after_days=30)  # fmt: skip
    return replace(usual, **changes)


def prune_job(**changes: Any) -> PbsJob:
    return replace(PbsJob("pbs", "prune", "p-1", "tank", "", "daily", keep=Keep(daily=7)), **changes)


def sync_job(**changes: Any) -> PbsJob:
    usual = PbsJob("pbs2", "sync", "s-1", "mirror", "copies", "daily", remote="pbs", remote_datastore="tank",
                   remote_namespace="home", direction="pull")  # fmt: skip
    return replace(usual, **changes)


def archive(at: datetime = LAST_NIGHT, **changes: Any) -> PveArchive:
    usual = PveArchive("pve", "local", "pve1", 104, "qemu", at, f"local:backup/vzdump-qemu-104-{at:%Y_%m_%d}.vma.zst",
                       8 * GIB)  # fmt: skip
    return replace(usual, **changes)


def archives(*rows: PveArchive, storage: str = "local", node: str | None = "pve1", may_list: bool = True) -> Any:
    return StorageArchives("pve", storage, node, NOW, may_list, rows)


def restored(vmid: int = 104, *, days: float = 30, **changes: Any) -> RestoreTest:
    return replace(RestoreTest("pve", vmid, ago(days=days), "whole", "root@pam"), **changes)


TANK = (
    backups(*map(kept, nights())),
    backups(*map(kept, nights(newest=LAST_NIGHT + timedelta(minutes=10))), kind="ct", number=105),
)
SOURCES = (SourceStatus("pve", "pve", True, "9.1", 5.0), SourceStatus("pbs", "pbs", True, "4.1", 5.0))


def world(lists: Iterable[NamespaceSnapshots] | None = None, **changes: Any) -> Snapshot:
    """The homelab with some datasets exchanged. Groups come from the lists of snapshots unless they are given, and get
    their owner as the collector gives it."""
    found = tuple(lists) if lists is not None else (listed(*TANK),)
    usual = Snapshot(
        taken_at=NOW,
        sources=SOURCES,
        clusters=complete(Cluster("pve", "homelab", True, 2)),
        nodes=complete(node("pve1"), node("pve2")),
        guests=complete(guest(), container()),
        guest_configs=complete(config(104), config(105, ("rootfs", "local-zfs:subvol-105-disk-0,size=8G"))),
        storages=complete(Storage("pve", "tank", None, "pbs", True, True, ("backup",), 2000 * GIB, 4000 * GIB)),
        storage_configs=complete(LOCAL_ZFS, storage_config()),
        storage_archives=complete(),
        backup_jobs=complete(job()),
        not_backed_up=complete(),
        tasks=complete(*(task(at=moment) for moment in nights(2))),
        datastores=complete(datastore()),
        backup_groups=complete(*groups_of(found)),
        backup_snapshots=complete(*found),
        job_volumes=complete(),
        backup_runs=complete(*logs()),
        restore_tests=complete(restored(104), restored(105)),
        pbs_jobs=complete(verify_job(), prune_job()),
        pbs_tasks=complete(),
        gc=complete(),
        names={"pve1": Entity("node:pve/pve1", "pve1"), "192.0.2.11": Entity("node:pve/pve1", "pve1")},
    )
    snapshot = replace(usual, **changes)
    places = Places.of(
        snapshot.storage_configs,
        snapshot.datastores,
        snapshot.storages,
        snapshot.pbs_jobs,
        snapshot.backup_snapshots,
    )
    unread = {gap.source for gap in snapshot.storage_configs.gaps}
    configured = frozenset(item.source for item in snapshot.storage_configs if item.source not in unread)
    groups = attribute(snapshot.backup_groups, snapshot.guests, places, snapshot.backup_snapshots, configured)
    return replace(snapshot, backup_groups=groups)
