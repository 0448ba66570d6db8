"""PBS's answers, over real HTTP, → facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from nightshift.errors import SourceFailed, SourceForbidden, SourceMalformed, ToolInputError
from nightshift.facts.backups import BackupGroup, BackupSnapshot, Datastore, GcStatus
from nightshift.facts.tasks import Task
from nightshift.sources import PbsClient

API = "/api2/json"
NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
AT = 1752854279
TIME = datetime(2025, 7, 18, 15, 57, 59, tzinfo=UTC)
UPID = "UPID:pbs:000009F5:00000A4E:00000012:687A6F07:backup:main\\x3avm-100:pve@pbs!pve1:"


@pytest.fixture
async def pbs(serve, routes, open_transport):
    async def start(**table):
        known = {
            f"{API}{path}": ({"data": data} if not isinstance(data, bytes) else data) for path, data in table.items()
        }
        stage = await serve(routes(known))
        transport = open_transport("pbs", stage.url)
        return PbsClient(transport.connection, transport, clock=lambda: NOW), stage

    return start


@pytest.mark.parametrize(
    ("data", "version"),
    [({"version": "4.2", "release": "2", "repoid": "79bee2"}, "4.2-2"), ({"version": "3.4"}, "3.4")],
)
async def test_version(pbs, data, version):
    client, _ = await pbs(**{"/version": data})
    assert await client.version() == version


TANK = Datastore("pbs", "tank")


@pytest.mark.parametrize(
    ("usage", "listed", "datastore"),
    [
        (
            {
                "store": "tank",
                "total": 100,
                "used": 80,
                "avail": 20,
                "mount-status": "nonremovable",
                "history": [0.7, None, 0.8],
                "history-start": AT,
                "history-delta": 86400,
                "estimated-full-date": int(NOW.timestamp()) + 60,
            },
            {"store": "tank"},
            replace(
                TANK,
                total_bytes=100,
                used_bytes=80,
                available_bytes=20,
                mount_status="nonremovable",
                history=(0.7, None, 0.8),
                history_start=TIME,
                history_step_s=86400.0,
                estimated_full_at=datetime(2026, 11, 23, 20, 1, tzinfo=UTC),
            ),
        ),
        (
            {"store": "tank", "total": 100, "used": 0, "avail": 100},
            {"store": "tank"},
            replace(TANK, total_bytes=100, used_bytes=0, available_bytes=100),
        ),
        (
            {
                "store": "tank",
                "error": "datastore is in offline maintenance mode: disk swap",
                "mount-status": "nonremovable",
            },
            {"store": "tank", "maintenance": 'type=offline,message="disk swap"'},
            replace(
                TANK,
                error="datastore is in offline maintenance mode: disk swap",
                mount_status="nonremovable",
                maintenance="offline: disk swap",
            ),
        ),
        (
            {"store": "tank", "total": 0, "used": 0, "avail": 0, "error": "unmounted"},
            {"store": "tank"},
            replace(TANK, error="unmounted"),
        ),
        (
            {"store": "tank"},
            {"store": "tank", "mount-status": "notmounted", "comment": None},
            replace(TANK, mount_status="notmounted"),
        ),
        (
            {"store": "tank", "estimated-full-date": 0},
            {"store": "tank", "maintenance": "read-only"},
            replace(TANK, maintenance="read-only"),
        ),
        ({"store": "tank", "estimated-full-date": 1000}, {"store": "other", "maintenance": "offline"}, TANK),
        ({"store": "tank", "estimated-full-date": -5}, {"store": "tank"}, TANK),
        ({"store": "tank", "estimated-full-date": 9_000_000_000_000}, {"store": "tank"}, TANK),
    ],
    ids=[
        "full figures",
        "empty",
        "offline",
        "broken with zeros",
        "no privilege",
        "flat",
        "shrinking",
        "long shrinking",
        "never",
    ],
)
async def test_datastores(pbs, usage, listed, datastore):
    client, _ = await pbs(**{"/status/datastore-usage": [usage], "/admin/datastore": [listed]})
    assert await client.datastores() == (datastore,)


async def test_datastores_of_a_server_that_does_not_list_them(pbs):
    client, _ = await pbs(**{"/status/datastore-usage": [{"store": "tank"}]})
    assert await client.datastores() == (TANK,)


async def test_datastores_fail_aloud_when_one_half_fails(pbs, answer):
    client, _ = await pbs(**{"/status/datastore-usage": [], "/admin/datastore": answer(500, "no")})
    with pytest.raises(SourceFailed):
        await client.datastores()


@pytest.mark.parametrize(
    ("rows", "namespaces"),
    [
        ([], ("",)),
        ([{"ns": ""}], ("",)),
        ([{"ns": "b"}, {"ns": "a/x"}, {"ns": ""}, {"ns": "a"}], ("", "a", "a/x", "b")),
        ([{"ns": "only/mine"}], ("", "only/mine")),
    ],
)
async def test_namespaces_have_the_root_first(pbs, rows, namespaces):
    client, _ = await pbs(**{"/admin/datastore/tank/namespace": rows})
    assert await client.namespaces("tank") == namespaces


@pytest.mark.parametrize(("namespace", "query"), [("", {}), ("cluster-a/nightly", {"ns": "cluster-a/nightly"})])
async def test_groups_of_one_namespace(pbs, namespace, query):
    rows = [
        {
            "backup-type": "vm",
            "backup-id": "100",
            "last-backup": AT,
            "backup-count": 7,
            "files": ["index.json.blob"],
            "owner": "pve@pbs!pve1",
            "comment": "web01",
        },
        {"backup-type": "host", "backup-id": 42, "last-backup": AT, "backup-count": 1, "files": []},
    ]
    client, stage = await pbs(**{"/admin/datastore/tank/groups": rows})
    assert await client.groups("tank", namespace) == (
        BackupGroup("pbs", "tank", namespace, "vm", "100", TIME, 7, "pve@pbs!pve1", "web01"),
        BackupGroup("pbs", "tank", namespace, "host", "42", TIME, 1),
    )
    assert stage.seen[0].query == query


@pytest.mark.parametrize(
    ("more", "size", "verified", "protected"),
    [
        ({}, None, None, False),
        ({"size": 5, "verification": {"state": "ok", "upid": "UPID:…"}}, 5, True, False),
        ({"size": 5, "verification": {"state": "failed", "upid": "UPID:…"}, "protected": True}, 5, False, True),
    ],
    ids=["unreadable manifest", "verified", "failed verification"],
)
async def test_snapshots(pbs, more, size, verified, protected):
    row = {"backup-type": "ct", "backup-id": "101", "backup-time": AT, "files": [{"filename": "x"}], **more}
    client, stage = await pbs(**{"/admin/datastore/tank/snapshots": [row]})
    found = await client.snapshots("tank", "a", backup_type="ct", backup_id="101")
    assert found == (BackupSnapshot("pbs", "tank", "a", "ct", "101", TIME, size, verified, protected),)
    assert stage.seen[0].query == {"ns": "a", "backup-type": "ct", "backup-id": "101"}


@pytest.mark.parametrize(
    ("more", "verified_at", "encrypted"),
    [
        ({}, None, None),
        ({"verification": {"state": "ok", "upid": "UPID:odd"}}, None, None),
        ({"verification": {"state": "ok", "upid": UPID}}, TIME, None),
        ({"files": [{"filename": "index.json.blob", "crypt-mode": "none"}]}, None, False),
        (
            {"files": [{"filename": "a", "crypt-mode": "encrypt"}, {"filename": "b", "crypt-mode": "sign-only"}]},
            None,
            True,
        ),
    ],
    ids=["nothing told", "odd task id", "verified then", "plain", "encrypted"],
)
async def test_when_a_snapshot_was_verified_and_whether_it_is_encrypted(pbs, more, verified_at, encrypted):
    row = {"backup-type": "vm", "backup-id": "101", "backup-time": AT, "size": 5, "files": [], **more}
    client, _ = await pbs(**{"/admin/datastore/tank/snapshots": [row]})
    (found,) = await client.snapshots("tank", "")
    assert (found.verified_at, found.encrypted) == (verified_at, encrypted)


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (
            {
                "store": "tank",
                "upid": "UPID:…",
                "schedule": "daily",
                "next-run": AT,
                "last-run-endtime": AT,
                "last-run-state": "OK",
                "pending-bytes": 9,
                "still-bad": 3,
                "disk-bytes": 1,
            },
            GcStatus("pbs", "tank", "daily", TIME, "OK", TIME, 9, 3),
        ),
        (
            {"store": "tank", "upid": None, "pending-bytes": 0, "still-bad": 0},
            GcStatus("pbs", "tank", None, None, None, None, 0, 0),
        ),
    ],
    ids=["ran", "never ran"],
)
async def test_garbage_collection(pbs, row, status):
    client, _ = await pbs(**{"/admin/gc": [row]})
    assert await client.gc() == (status,)


@pytest.mark.parametrize(
    ("more", "ended", "status", "outcome"),
    [
        ({}, None, None, "running"),
        ({"endtime": AT, "status": "OK"}, TIME, "OK", "ok"),
        ({"endtime": AT, "status": "WARNINGS: 1"}, TIME, "WARNINGS: 1", "warnings"),
        ({"endtime": AT, "status": "connection error: broken pipe"}, TIME, "connection error: broken pipe", "failed"),
        ({"endtime": AT, "status": "unknown"}, TIME, "unknown", "unknown"),
    ],
)
async def test_tasks(pbs, more, ended, status, outcome):
    row = {
        "upid": UPID,
        "node": "localhost",
        "pid": 1,
        "pstart": 1,
        "starttime": AT,
        "worker_type": "backup",
        "worker_id": "main:vm/100",
        "user": "pve@pbs!pve1",
        **more,
    }
    client, stage = await pbs(**{"/nodes/localhost/tasks": [row, {**row, "worker_id": None}]})
    page = await client.tasks(since=TIME, until=NOW, limit=1)
    expected = Task("pbs", UPID, "localhost", "backup", "main:vm/100", "pve@pbs!pve1", TIME, ended, status, outcome)
    assert (page.tasks, page.truncated) == ((expected,), True)
    assert stage.seen[0].query == {"limit": "2", "since": str(AT), "until": str(int(NOW.timestamp()))}


async def test_a_task_log_is_found_under_its_upid(pbs):
    path = f"/nodes/localhost/tasks/{UPID}/log"
    client, _ = await pbs(**{path: [{"n": 1, "t": "starting"}, {"n": 2, "t": "TASK OK"}]})
    assert await client.task_log(UPID) == ("starting", "TASK OK")


async def test_permissions(pbs):
    data = {"/": {"Sys.Audit": True}, "/datastore/tank": {"Datastore.Audit": False}}
    client, _ = await pbs(**{"/access/permissions": data})
    assert await client.permissions() == {
        "/": frozenset({"Sys.Audit"}),
        "/datastore/tank": frozenset({"Datastore.Audit"}),
    }


async def test_plain_text_labelled_json_is_the_reason(pbs, answer):
    refusal = answer(403, "permission check failed - missing Datastore.Audit on /datastore/tank")
    client, _ = await pbs(**{"/admin/datastore/tank/groups": refusal})
    with pytest.raises(SourceForbidden) as caught:
        await client.groups("tank", "")
    assert caught.value.privilege == "Datastore.Audit on /datastore/tank"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"backup-type": "tape", "backup-id": "1", "last-backup": AT, "backup-count": 1}, r"data\.0\.backup-type"),
        ({"backup-type": "vm", "backup-id": "1", "last-backup": 0, "backup-count": 1}, "last-backup"),
        ({"backup-type": "vm", "backup-id": "1", "last-backup": AT}, r"data\.0\.backup-count"),
    ],
)
async def test_wrong_shapes_name_the_field(pbs, row, field):
    client, _ = await pbs(**{"/admin/datastore/tank/groups": [row]})
    with pytest.raises(SourceMalformed, match=f"field {field}"):
        await client.groups("tank", "")


async def test_an_endless_namespace_is_refused(pbs):
    client, stage = await pbs()
    with pytest.raises(ToolInputError):
        await client.groups("tank", "a" * 300)
    assert stage.seen == []
