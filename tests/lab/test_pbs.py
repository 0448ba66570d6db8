from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from nightshift_lab.pbs import AUDIT

EVENING = 1_795_469_000.0
NIGHT = EVENING - EVENING % 86_400 + 7_230.0
StartApi = Callable[..., Awaitable[Any]]


# Here the server is not there to ask, and here one of its datastores is not.
AWAY = ("backup-host-down", "backup-server-down")
WITHOUT_TANK = "datastore-unavailable"


@pytest.mark.parametrize("scenario", AWAY)
async def test_a_server_that_is_off_does_not_answer(scenario: str, start_pbs: StartApi) -> None:
    api = await start_pbs(scenario)
    with pytest.raises(httpx.ConnectError):
        await api.get("/version")


@pytest.mark.contracts
@pytest.mark.parametrize("scenario", ["healthy", "datastore-full", "verification-failed"])
async def test_every_answer_keeps_its_contract(
    scenario: str, start_pbs: StartApi, validate: Callable[..., None]
) -> None:
    api = await start_pbs(scenario)

    async def check(template: str, values: dict[str, Any], **query: Any) -> Any:
        response = await api.get(template.format_map(values), **query)
        assert response.status_code == 200, (template, response.text)
        validate("pbs", template, response.json())
        return response.json()["data"]

    for template in (
        "/version",
        "/access/permissions",
        "/admin/datastore",
        "/status/datastore-usage",
        "/admin/gc",
        "/admin/prune",
        "/admin/verify",
        "/admin/sync",
        "/nodes/{node}/status",
        "/nodes/{node}/subscription",
        "/nodes/{node}/tasks",
    ):
        await check(template, {"node": "localhost"})
    for store in await api.data("/admin/datastore"):
        if (scenario, store["store"]) == (WITHOUT_TANK, "tank"):
            assert (await api.get("/admin/datastore/tank/status")).status_code == 400
            continue
        await check("/admin/datastore/{store}/status", store, verbose=1)
        await check("/admin/datastore/{store}/gc", store)
        for namespace in await check("/admin/datastore/{store}/namespace", store):
            await check("/admin/datastore/{store}/groups", store, ns=namespace["ns"])
            await check("/admin/datastore/{store}/snapshots", store, ns=namespace["ns"])
    for task in (await api.data("/nodes/localhost/tasks", limit=0))[::40]:
        values = {"node": "localhost", **task}
        await check("/nodes/{node}/tasks/{upid}/status", values)
        await check("/nodes/{node}/tasks/{upid}/log", values, limit=0)


async def test_groups_agree_with_snapshots_and_with_the_tasks(start_pbs: StartApi) -> None:
    api = await start_pbs("datastore-full")
    tasks = await api.data("/nodes/localhost/tasks", limit=0, typefilter="backup")
    for store in ("tank", "vault"):
        groups = await api.data(f"/admin/datastore/{store}/groups", ns="homelab")
        snapshots = await api.data(f"/admin/datastore/{store}/snapshots", ns="homelab")
        assert sum(group["backup-count"] for group in groups) == len(snapshots)
        for group in groups:
            name = f"{store}:{group['backup-type']}/{group['backup-id']}"
            done = [task for task in tasks if task["worker_id"] == name and task["status"] == "OK"]
            assert abs(done[0]["starttime"] - group["last-backup"]) <= 1
            failed = [task for task in tasks if task["worker_id"] == name and task["status"] != "OK"]
            assert len(failed) == (1 if store == "tank" else 0)


async def test_without_a_namespace_only_the_root_is_listed(start_pbs: StartApi) -> None:
    api = await start_pbs()
    assert await api.data("/admin/datastore/tank/groups") == []
    assert [row["ns"] for row in await api.data("/admin/datastore/vault/namespace")] == ["", "homelab", "archive"]
    assert {row["backup-type"] for row in await api.data("/admin/datastore/vault/groups", ns="archive")} == {
        "vm",
        "host",
    }
    refused = await api.get("/admin/datastore/tank/groups", ns="attic")
    assert (refused.status_code, refused.text) == (400, "namespace not found: attic")


async def test_a_snapshot_is_verified_once_the_next_job_has_run(start_pbs: StartApi) -> None:
    evening = await (await start_pbs()).data("/admin/datastore/tank/snapshots", ns="homelab")
    assert {row["verification"]["state"] for row in evening} == {"ok"}
    night = await (await start_pbs(at=NIGHT + 3_000)).data("/admin/datastore/tank/snapshots", ns="homelab")
    fresh = [row for row in night if row["backup-time"] > NIGHT - 60]
    assert len(fresh) == 37
    assert not any("verification" in row for row in fresh)


async def test_a_backup_under_way_has_neither_size_nor_comment(start_pbs: StartApi) -> None:
    rows = await (await start_pbs(at=NIGHT)).data("/admin/datastore/tank/snapshots", ns="homelab")
    unfinished = [row for row in rows if "size" not in row]
    assert len(unfinished) == 3
    assert not any("comment" in row for row in unfinished)


async def test_usage_tells_the_ramp_and_the_day_it_is_full(start_pbs: StartApi) -> None:
    full = {row["store"]: row for row in await (await start_pbs("datastore-full")).data("/status/datastore-usage")}
    assert round(full["tank"]["used"] / full["tank"]["total"], 3) == 0.98
    assert full["tank"]["avail"] < 1e6
    assert 0 < full["tank"]["estimated-full-date"] - EVENING < 14 * 86_400
    assert full["tank"]["history"][-1] > full["tank"]["history"][0] + 0.3
    healthy = {row["store"]: row for row in await (await start_pbs()).data("/status/datastore-usage")}
    assert all(row["used"] / row["total"] < 0.7 for row in healthy.values())
    assert all(row["estimated-full-date"] > EVENING + 60 * 86_400 for row in healthy.values())


async def test_the_status_has_counts_only_when_verbose(start_pbs: StartApi) -> None:
    api = await start_pbs()
    assert "counts" not in await api.data("/admin/datastore/tank/status")
    counts = (await api.data("/admin/datastore/tank/status", verbose=1))["counts"]
    assert counts["ct"]["groups"] + counts["vm"]["groups"] == 37 + 5


TASKS: list[tuple[dict[str, Any], Callable[[list[dict[str, Any]]], bool]]] = [
    ({}, lambda rows: len(rows) == 50),
    ({"limit": 0}, lambda rows: len(rows) > 400),
    (
        {"limit": 0, "typefilter": "job"},
        lambda rows: {r["worker_type"] for r in rows} == {"prunejob", "verificationjob"},
    ),
    ({"limit": 0, "errors": 1}, lambda rows: len(rows) == 42 and all(r["status"] != "OK" for r in rows)),
    ({"limit": 0, "statusfilter": "error"}, lambda rows: len(rows) == 42),
    ({"limit": 0, "store": "vault"}, lambda rows: {r["worker_id"].split(":")[0] for r in rows} == {"vault"}),
    ({"limit": 0, "since": int(EVENING - 86_400)}, lambda rows: 50 < len(rows) < 60),
    ({"limit": 0, "running": 1}, lambda rows: rows == []),
]


@pytest.mark.parametrize("index", range(len(TASKS)))
async def test_task_queries(index: int, start_pbs: StartApi) -> None:
    query, fits = TASKS[index]
    rows = await (await start_pbs("datastore-full")).data("/nodes/localhost/tasks", **query)
    assert fits(rows), (len(rows), rows[:2])


async def test_refusals_are_plain_text_labelled_as_json(start_pbs: StartApi) -> None:
    api = await start_pbs(grants={"/datastore/tank": AUDIT})
    for path, query, status, text in (
        ("/nowhere", {}, 404, "Path '/api2/json/nowhere' not found."),
        ("/admin/datastore/attic/groups", {}, 400, "no such datastore 'attic'"),
        ("/admin/datastore/vault/groups", {}, 403, "permission check failed"),
        ("/nodes/localhost/status", {}, 403, "permission check failed"),
        (
            "/admin/gc",
            {"colour": "red"},
            400,
            "parameter verification errors\n\n  'colour': schema does not allow additional properties",
        ),
    ):
        response = await api.get(path, **query)
        assert (response.status_code, response.text) == (status, text)
        assert response.headers["content-type"].startswith("application/json")
    assert [row["store"] for row in await api.data("/status/datastore-usage")] == ["tank"]
    assert await api.data("/nodes/localhost/tasks") == []


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (None, "authentication failed - no authentication credentials provided."),
        (
            "PBSAPIToken=nightshift@pbs!lab=7c0f5a1e-0000-4000-8000-000000000001",
            "authentication failed - invalid credentials",
        ),
        ("PBSAPIToken=nightshift@pbs!lab:wrong", "authentication failed - invalid credentials"),
    ],
)
async def test_a_bad_token_is_refused(header: str | None, text: str, start_pbs: StartApi) -> None:
    api = await start_pbs()
    headers = {"Authorization": header} if header else {}
    async with httpx.AsyncClient(base_url=api.server.endpoint.url, verify=False) as client:
        response = await client.get("/api2/json/version", headers=headers)
    assert (response.status_code, response.text) == (401, text)
