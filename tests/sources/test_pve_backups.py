"""What PVE tells about backups, over real HTTP, → facts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nightshift.errors import ToolInputError
from nightshift.facts.backup_runs import GuestVolumes, JobVolume, JobVolumes, PveArchive
from nightshift.facts.inventory import StorageConfig
from nightshift.sources import ProxmoxClient

API = "/api2/json"
AT = 1752854279
TIME = datetime(2025, 7, 18, 15, 57, 59, tzinfo=UTC)


@pytest.fixture
async def pve(serve, routes, open_transport):
    async def start(**table):
        stage = await serve(routes({f"{API}{path}": {"data": data} for path, data in table.items()}))
        transport = open_transport("pve", stage.url)
        return ProxmoxClient(transport.connection, transport), stage

    return start


CONFIGS = [
    (
        {"storage": "tank", "type": "pbs", "content": "backup", "server": "192.0.2.9", "datastore": "tank",
         "namespace": "home", "username": "pve@pbs!home", "encryption-key": "1", "nodes": "pve1,pve2",
         "prune-backups": "keep-all=1"},
        StorageConfig("pve", "tank", "pbs", ("backup",), ("pve1", "pve2"), shared=True, server="192.0.2.9",
                      datastore="tank", namespace="home", username="pve@pbs!home", encrypted=True),
    ),
    (
        {"storage": "local", "type": "dir", "content": "iso,backup", "prune-backups": {"keep-last": "3"}},
        StorageConfig("pve", "local", "dir", ("iso", "backup"), prune="keep-last=3"),
    ),
    (
        {"storage": "local-zfs", "type": "zfspool", "content": "images,rootdir", "pool": "rpool/data", "sparse": 1},
        StorageConfig("pve", "local-zfs", "zfspool", ("images", "rootdir"), pool="rpool/data"),
    ),
    (
        {"storage": "local-lvm", "type": "lvmthin", "content": "images", "vgname": "pve", "thinpool": "data"},
        StorageConfig("pve", "local-lvm", "lvmthin", ("images",), pool="pve/data"),
    ),
    (
        {"storage": "nas", "type": "nfs", "server": "nas", "disable": 1},
        StorageConfig("pve", "nas", "nfs", shared=True, enabled=False, server="nas"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("row", "config"), CONFIGS, ids=[row["storage"] for row, _ in CONFIGS])
async def test_storages_as_configured(pve, row, config):
    client, _ = await pve(**{"/storage": [row]})
    assert await client.storage_configs() == (config,)


PBS_VM = {"volid": "tank:backup/vm/104/2025-07-18T15:57:59Z", "ctime": AT, "size": 5, "vmid": 104, "protected": 1}
ARCHIVES = [
    (
        {**PBS_VM, "verification": {"state": "failed", "upid": "UPID:…"}, "notes": "web"},
        {"verified": False, "encrypted": False, "protected": True, "notes": "web"},
    ),
    ({**PBS_VM, "encrypted": "1"}, {"encrypted": True, "protected": True}),
    ({"volid": "nas:backup/vzdump-lxc-105-2025_07_18-15_57_59.tar.zst", "ctime": AT}, {"vmid": 105, "kind": "lxc"}),
]


@pytest.mark.parametrize(("row", "expected"), ARCHIVES, ids=["of a backup server", "encrypted", "a file"])
async def test_backups_in_a_storage(pve, row, expected):
    client, stage = await pve(**{"/nodes/pve1/storage/nas/content": [row]})
    usual = {"vmid": 104, "kind": "qemu", "volid": row["volid"], "size_bytes": row.get("size")}
    (found,) = await client.storage_archives("pve1", "nas", shared=True)
    assert found == PveArchive("pve", "nas", None, taken_at=TIME, **(usual | expected))
    assert stage.seen[0].query == {"content": "backup"}


async def test_a_storage_of_one_node_keeps_its_node(pve):
    client, _ = await pve(**{"/nodes/pve1/storage/nas/content": [PBS_VM]})
    assert [archive.node for archive in await client.storage_archives("pve1", "nas", shared=False)] == ["pve1"]


@pytest.mark.parametrize("row", [{"volid": "nas:backup/odd.tar", "ctime": AT}, {**PBS_VM, "ctime": 0}])
async def test_what_nobody_can_place_is_no_backup(pve, row):
    client, _ = await pve(**{"/nodes/pve1/storage/nas/content": [row]})
    assert await client.storage_archives("pve1", "nas", shared=True) == ()


async def test_volumes_of_a_job(pve):
    children = [
        {"id": 104, "name": "web", "type": "qemu", "children": [
            {"id": "scsi0", "name": "local:vm-104-disk-0", "included": 1, "reason": "enabled"},
            {"id": "scsi1", "name": "local:vm-104-disk-1", "included": 0, "reason": "disabled"}]},
        {"id": 999, "type": "unknown"},
    ]  # fmt: skip
    client, _ = await pve(**{"/cluster/backup/backup-1/included_volumes": {"children": children}})
    disks = (
        JobVolume("scsi0", "local:vm-104-disk-0", True, "enabled"),
        JobVolume("scsi1", "local:vm-104-disk-1", False, "disabled"),
    )
    assert await client.job_volumes("backup-1", read_at=TIME) == JobVolumes(
        "pve", "backup-1", TIME, (GuestVolumes(104, disks), GuestVolumes(999, ()))
    )


@pytest.mark.parametrize("job", ["a/b", "", "..", "a b", "x" * 51])
async def test_a_job_that_no_path_can_hold(pve, job):
    client, stage = await pve()
    with pytest.raises(ToolInputError):
        await client.job_volumes(job, read_at=TIME)
    assert stage.seen == []


async def test_tasks_of_one_kind(pve):
    client, stage = await pve(**{"/nodes/pve1/tasks": []})
    await client.tasks("pve1", since=TIME, kind="qmrestore", limit=9)
    assert stage.seen[0].query == {"source": "all", "limit": "10", "since": str(AT), "typefilter": "qmrestore"}
