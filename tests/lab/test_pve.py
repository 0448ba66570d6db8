from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from nightshift_lab.pve import ADMIN, AUDITOR

EVENING = 1_795_469_000.0
NIGHT = EVENING - EVENING % 86_400 + 7_230.0  # half a minute into the backup window
StartApi = Callable[..., Awaitable[Any]]

PLAIN = (
    "/version",
    "/cluster/status",
    "/cluster/resources",
    "/cluster/tasks",
    "/cluster/backup",
    "/cluster/backup-info/not-backed-up",
    "/cluster/ha/status/current",
    "/cluster/ha/resources",
    "/cluster/replication",
    "/access/permissions",
    "/storage",
    "/nodes",
)
OF_NODE = (
    "/nodes/{node}/status",
    "/nodes/{node}/version",
    "/nodes/{node}/subscription",
    "/nodes/{node}/replication",
    "/nodes/{node}/tasks",
    "/nodes/{node}/storage",
    "/nodes/{node}/qemu",
    "/nodes/{node}/lxc",
)


async def _check(api: Any, validate: Callable[..., None], template: str, values: dict[str, Any], **query: Any) -> Any:
    response = await api.get(template.format_map(values), **query)
    assert response.status_code == 200, (template, values, response.text)
    validate("pve", template, response.json())
    return response.json()["data"]


@pytest.mark.contracts
@pytest.mark.parametrize("scenario", ["healthy", "node-offline", "backup-host-down"])
async def test_every_answer_keeps_its_contract(
    scenario: str, start_pve: StartApi, validate: Callable[..., None]
) -> None:
    api = await start_pve(scenario, grants={"/": ADMIN})
    for template in PLAIN:
        await _check(api, validate, template, {})
    for job in await api.data("/cluster/backup"):
        await _check(api, validate, "/cluster/backup/{id}", job)
        await _check(api, validate, "/cluster/backup/{id}/included_volumes", job)
    online = [row["name"] for row in await api.data("/cluster/status") if row.get("online")]
    for node in online:
        for template in OF_NODE:
            await _check(api, validate, template, {"node": node})
        await _check(api, validate, "/nodes/{node}/rrddata", {"node": node}, timeframe="hour")
        await _check(api, validate, "/nodes/{node}/journal", {"node": node})
        for storage in await api.data(f"/nodes/{node}/storage"):
            values = {"node": node, **storage}
            await _check(api, validate, "/nodes/{node}/storage/{storage}/status", values)
            if storage["active"]:
                await _check(api, validate, "/nodes/{node}/storage/{storage}/content", values)
        for task in await api.data(f"/nodes/{node}/tasks", limit=6 if scenario == "healthy" else 1):
            await _check(api, validate, "/nodes/{node}/tasks/{upid}/status", task)
            await _check(api, validate, "/nodes/{node}/tasks/{upid}/log", task, limit=0)
    # All guests once; elsewhere those that something befell, and some others.
    touched = {fault.target for fault in api.holder.world.faults}
    for number, guest in enumerate(await api.data("/cluster/resources", type="vm")):
        wanted = scenario == "healthy" or number % 11 == 0 or f"guest/{guest['vmid']}" in touched
        if wanted and guest["node"] in online:
            kind = guest["type"]
            await _check(api, validate, f"/nodes/{{node}}/{kind}/{{vmid}}/config", guest)
            await _check(api, validate, f"/nodes/{{node}}/{kind}/{{vmid}}/status/current", guest)
    for kind, vmid, node in (("qemu", 104, "pve1"), ("lxc", 116, "pve2")):
        if node not in online:
            continue
        values = {"node": node, "vmid": vmid}
        await _check(api, validate, f"/nodes/{{node}}/{kind}/{{vmid}}/rrddata", values, timeframe="hour")
        await _check(api, validate, f"/nodes/{{node}}/{kind}/{{vmid}}/snapshot", values)
    for template in ("get-fsinfo", "network-get-interfaces") if "pve2" in online else ():
        await _check(api, validate, f"/nodes/{{node}}/qemu/{{vmid}}/agent/{template}", {"node": "pve2", "vmid": 113})


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "/nothing/here": ({}, 501, "Method 'GET /nothing/here' not implemented"),
    "/nodes/pve9/status": ({}, 500, "hostname lookup 'pve9' failed - failed to get address info for: pve9"),
    "/nodes/pve1/qemu/100/config": ({}, 500, "Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist"),
    "/nodes/pve1/qemu/110/agent/get-fsinfo": ({}, 500, "VM 110 is not running"),
    "/nodes/pve1/tasks": ({"colour": "red"}, 400, "Parameter verification failed."),
    "/nodes/pve1/rrddata": ({}, 400, "Parameter verification failed."),
    "/nodes/pve1/journal": ({}, 403, "Permission check failed (/nodes/pve1, Sys.Syslog)"),
    "/nodes/pve1/tasks/nonsense/log": ({}, 400, "Parameter verification failed."),
    "/cluster/resources": ({"type": "planet"}, 400, "Parameter verification failed."),
    "/cluster/backup/none": ({}, 500, "No such job 'none'"),
    "/nodes/pve1/storage/none/status": ({}, 500, "storage 'none' does not exist"),
    "/nodes/pve3/storage/local-zfs/status": ({}, 500, "storage 'local-zfs' is not available on node 'pve3'"),
}


@pytest.mark.parametrize("path", REFUSED)
async def test_refusals_are_worded_as_pve_words_them(path: str, start_pve: StartApi) -> None:
    query, status, reason = REFUSED[path]
    response = await (await start_pve()).get(path, **query)
    assert (response.status_code, response.reason_phrase) == (status, reason)
    body = response.json()
    assert body["data"] is None
    assert body["message"] == f"{reason}\n"
    assert ("errors" in body) == (status == 400)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "No ticket"),
        ("Bearer x", "No ticket"),
        ("PVEAPIToken=nightshift", "unable to parse token ID"),
        ("PVEAPIToken=nightshift@pve!gone=x", "no such token 'gone' for user 'nightshift@pve'"),
        ("PVEAPIToken=nightshift@pve!lab=wrong", "invalid token value!"),
    ],
)
async def test_a_bad_token_is_told_in_the_status_line_alone(
    header: str | None, reason: str, start_pve: StartApi
) -> None:
    api = await start_pve()
    headers = {"Authorization": header} if header else {}
    async with httpx.AsyncClient(base_url=api.server.endpoint.url, verify=False) as client:
        response = await client.get("/api2/json/version", headers=headers)
    assert (response.status_code, response.reason_phrase, response.content) == (401, reason, b"")


async def test_a_get_with_a_body_is_not_implemented(start_pve: StartApi) -> None:
    api = await start_pve()
    response = await api.client.request("GET", "/api2/json/version", content=b"{}")
    assert (response.status_code, response.reason_phrase) == (501, "Unexpected content for method 'GET'")


MISSING: list[tuple[str, str, str]] = [
    ("Sys.Audit", "/cluster/status", "Permission check failed (/, Sys.Audit)"),
    ("Sys.Audit", "/cluster/backup", "Permission check failed (/, Sys.Audit)"),
    ("Sys.Audit", "/cluster/backup-info/not-backed-up", "Permission check failed (/, Sys.Audit)"),
    ("Sys.Audit", "/cluster/ha/status/current", "Permission check failed (/, Sys.Audit)"),
    ("Sys.Audit", "/nodes/pve1/status", "Permission check failed (/nodes/pve1, Sys.Audit)"),
    ("VM.Audit", "/nodes/pve1/qemu/104/config", "Permission check failed (/vms/104, VM.Audit)"),
    ("VM.Audit", "/nodes/pve1/lxc/100/status/current", "Permission check failed (/vms/100, VM.Audit)"),
    (
        "VM.GuestAgent.Audit",
        "/nodes/pve1/qemu/104/agent/get-fsinfo",
        "Permission check failed (/vms/104, VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted)",
    ),
    (
        "Datastore.Audit",
        "/nodes/pve1/storage/local/status",
        "Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)",
    ),
]


@pytest.mark.parametrize(("privilege", "path", "reason"), MISSING)
async def test_a_missing_privilege_is_named(privilege: str, path: str, reason: str, start_pve: StartApi) -> None:
    api = await start_pve(grants={"/": AUDITOR - {privilege}})
    response = await api.get(path)
    assert (response.status_code, response.reason_phrase) == (403, reason)
    whole = await start_pve()
    await whole.data(path)
    await whole.knobs.turn("error403", privilege)
    assert (await whole.get(path)).status_code == 403


async def test_lists_leave_out_what_the_token_may_not_see(start_pve: StartApi) -> None:
    blind = await start_pve(grants={"/": AUDITOR - {"VM.Audit"}})
    assert await blind.data("/cluster/resources", type="vm") == []
    assert await blind.data("/nodes/pve1/qemu") == []
    no_store = await start_pve(grants={"/": AUDITOR - {"Datastore.Audit"}})
    assert await no_store.data("/cluster/resources", type="storage") == []
    assert await no_store.data("/nodes/pve1/storage") == []
    no_sys = await start_pve(grants={"/": AUDITOR - {"Sys.Audit"}})
    nodes = await no_sys.data("/cluster/resources", type="node")
    assert [set(row) for row in nodes] == [{"id", "node", "type", "status"}] * 3
    assert await no_sys.data("/cluster/tasks") == []
    assert await no_sys.data("/nodes/pve1/tasks") == []


async def test_backups_in_a_storage_are_omitted_without_a_word(start_pve: StartApi) -> None:
    path = "/nodes/pve1/storage/pbs-tank/content"
    assert await (await start_pve()).data(path) == []
    enough = AUDITOR | {"Datastore.AllocateSpace", "VM.Backup"}
    assert len(await (await start_pve(grants={"/": enough})).data(path)) == 518
    assert len(await (await start_pve(grants={"/": AUDITOR | {"Datastore.Allocate"}})).data(path)) == 518


async def test_a_grant_below_replaces_what_it_would_inherit(start_pve: StartApi) -> None:
    api = await start_pve(grants={"/": AUDITOR, "/vms/104": frozenset()})
    vmids = {row["vmid"] for row in await api.data("/cluster/resources", type="vm")}
    assert 104 not in vmids
    assert len(vmids) == 44
    assert await api.data("/access/permissions", path="/vms/104") == {}


TASK_QUERIES: list[tuple[dict[str, Any], Callable[[list[dict[str, Any]]], bool]]] = [
    ({}, lambda rows: len(rows) == 50),
    ({"limit": 0}, lambda rows: rows == []),
    ({"limit": 7, "start": 3}, lambda rows: len(rows) == 7),
    ({"typefilter": "vzdump", "limit": 500}, lambda rows: {row["type"] for row in rows} == {"vzdump"}),
    ({"typefilter": "vz", "limit": 500}, lambda rows: rows == []),
    ({"vmid": 104, "limit": 500}, lambda rows: {(row["type"], row["id"]) for row in rows} >= {("qmigrate", "104")}),
    ({"errors": 1, "limit": 500}, lambda rows: {row["status"] for row in rows} == {"job errors"}),
    ({"statusfilter": "error", "limit": 500}, lambda rows: {row["status"] for row in rows} == {"job errors"}),
    ({"userfilter": "anna", "limit": 500}, lambda rows: {row["user"] for row in rows} == {"anna@pam"}),
    (
        {"since": int(EVENING - 86_400), "limit": 500},
        lambda rows: all(r["starttime"] >= EVENING - 86_400 for r in rows),
    ),
    (
        {"until": int(EVENING - 86_400), "limit": 500},
        lambda rows: all(r["starttime"] <= EVENING - 86_400 for r in rows),
    ),
]


@pytest.mark.parametrize("index", range(len(TASK_QUERIES)))
async def test_task_queries(index: int, start_pve: StartApi) -> None:
    query, fits = TASK_QUERIES[index]
    api = await start_pve("datastore-full")
    rows = await api.data("/nodes/pve1/tasks", **query)
    assert fits(rows), rows[:3]
    if query.get("limit") == 500 and "typefilter" not in query:
        assert rows


async def test_running_tasks_are_seen_only_with_source_all(start_pve: StartApi) -> None:
    api = await start_pve(at=NIGHT)
    running = [row for row in await api.data("/nodes/pve1/tasks", source="all") if row["status"] == "RUNNING"]
    assert [row["type"] for row in running] == ["vzdump"]
    assert "RUNNING" not in {row["status"] for row in await api.data("/nodes/pve1/tasks")}
    status = await api.data(f"/nodes/pve1/tasks/{running[0]['upid']}/status")
    assert status["status"] == "running"
    assert not {"exitstatus", "endtime"} & set(status)
    log = [row["t"] for row in await api.data(f"/nodes/pve1/tasks/{running[0]['upid']}/log", limit=0)]
    assert log[0].startswith("INFO: starting new backup job")
    assert not log[-1].startswith("TASK")
    locked = [row["vmid"] for row in await api.data("/cluster/resources", type="vm") if row.get("lock") == "backup"]
    assert len(locked) == 3


async def test_a_task_log_is_paged_and_fifty_lines_by_default(start_pve: StartApi) -> None:
    api = await start_pve("datastore-full")
    upid = (await api.data("/nodes/pve1/tasks", errors=1))[0]["upid"]
    first = (await api.get(f"/nodes/pve1/tasks/{upid}/log")).json()
    everything = (await api.get(f"/nodes/pve1/tasks/{upid}/log", limit=0)).json()
    assert len(first["data"]) == 50
    assert first["total"] == everything["total"] == len(everything["data"]) > 100
    assert everything["data"][:50] == first["data"]
    assert everything["data"][-1]["t"] == "TASK ERROR: job errors"


async def test_an_offline_node_answers_595_and_its_guests_have_no_names(start_pve: StartApi) -> None:
    api = await start_pve("node-offline")
    response = await api.get("/nodes/pve3/status")
    assert (response.status_code, response.reason_phrase) == (595, "No route to host")
    resources = await api.data("/cluster/resources")
    lost = [row for row in resources if row["node"] == "pve3"]
    by_type = {
        kind: {frozenset(row) for row in lost if row["type"] == kind} for kind in ("node", "qemu", "lxc", "storage")
    }
    bare = frozenset({"id", "vmid", "node", "type", "status"})
    assert by_type["qemu"] == by_type["lxc"] == {bare}
    assert by_type["node"] == {frozenset({"id", "node", "type", "status"})}
    assert {row["status"] for row in lost if row["type"] != "node"} == {"unknown"}
    status = await api.data("/cluster/status")
    assert status[0]["quorate"] == 1
    assert [row["online"] for row in status[1:]] == [1, 1, 0]


async def test_values_are_encoded_as_pve_encodes_them(start_pve: StartApi) -> None:
    api = await start_pve()
    status = await api.data("/nodes/pve1/status")
    assert [type(load) for load in status["loadavg"]] == [str, str, str]
    resources = {row["id"]: row for row in await api.data("/cluster/resources")}
    assert resources["qemu/104"]["disk"] == 0
    assert resources["lxc/100"]["disk"] > 10**9
    assert resources["qemu/110"]["template"] == 1
    assert resources["qemu/120"]["uptime"] == resources["qemu/120"]["mem"] == resources["qemu/120"]["cpu"] == 0
    assert 0 < resources["qemu/104"]["cpu"] < 1
    assert {type(row["vmid"]) for row in await api.data("/nodes/pve2/lxc")} == {str}
    assert "hostname" in await api.data("/nodes/pve1/lxc/100/config")
    day = await api.data("/nodes/pve1/qemu/104/rrddata", timeframe="day")
    assert len(day) == 1_440
    assert "cpu" not in (await api.data("/nodes/pve2/qemu/120/rrddata", timeframe="hour"))[0]


async def test_the_journal_names_the_victims_of_an_oom_loop(start_pve: StartApi) -> None:
    api = await start_pve("container-oom-loop", grants={"/": AUDITOR | {"Sys.Syslog"}})
    lines = await api.data("/nodes/pve2/journal", since=int(EVENING - 3_600))
    assert sum("Memory cgroup out of memory: Killed process" in line for line in lines) in {8, 9}
    assert not any("oom" in line for line in await api.data("/nodes/pve1/journal", since=int(EVENING - 3_600)))
