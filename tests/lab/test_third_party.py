"""Clients that other people wrote take the lab for the real thing."""

from __future__ import annotations

import asyncio
import os
import re
import warnings
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import pytest
from proxmoxer import ProxmoxAPI
from proxmoxer.core import ResourceException

from nightshift_lab.pbs.routes import ROUTES as PBS_ROUTES
from nightshift_lab.pve.routes import ROUTES as PVE_ROUTES
from nightshift_lab.scenarios import SCENARIOS
from nightshift_lab.world.node_tasks import pve_tasks
from nightshift_lab.world.server_tasks import pbs_tasks

SOAK = pytest.mark.skipif(os.environ.get("NIGHTSHIFT_SOAK") != "1", reason="takes minutes; NIGHTSHIFT_SOAK=1 runs it")
StartApi = Callable[..., Awaitable[Any]]
EVENING = 1_795_469_000.0
UNCOVERED = {
    "guest-without-backup": ["lxc/114"],
    "guest-dropped-from-job": ["lxc/118"],
    "hostile-name": ["lxc/114"],
    "backup-pool-left": ["lxc/134"],
    "guest-left-its-jobs-node": ["qemu/142"],
    "healthy-guest-excluded": ["qemu/142"],
    "three-unrelated": ["lxc/118"],
}
# One of each family; the exporter, which reads less, is tried on all.
READ = ("healthy", "node-offline", "guest-io-error", "backup-host-down", "old-alert-new-cause", "datastore-full")
SECRET = "7c0f5a1e-0000-4000-8000-000000000001"


def _proxmoxer(api: Any, service: str) -> ProxmoxAPI:
    port = api.server.server.port
    user = "nightshift@pve" if service == "PVE" else "nightshift@pbs"
    return ProxmoxAPI(
        "127.0.0.1", port=port, user=user, token_name="lab", token_value=SECRET, verify_ssl=False, service=service
    )


@pytest.fixture(autouse=True)
def _unverified_on_purpose() -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Unverified HTTPS request")
        warnings.filterwarnings("ignore", category=ResourceWarning)
        yield


@pytest.mark.parametrize("scenario", READ)
async def test_proxmoxer_reads_the_cluster(scenario: str, start_pve: StartApi) -> None:
    api = await start_pve(scenario)

    states = api.holder.world.inventory_at(EVENING)

    def read() -> None:
        pve = _proxmoxer(api, "PVE")
        online = [row["name"] for row in pve.cluster.status.get() if row["type"] == "node" and row["online"]]
        assert set(online) == {name for name, state in states.nodes.items() if state.online}
        assert pve.version.get()["release"] == "9.1"
        for node in online:
            assert pve.nodes(node).status.get()["uptime"] > 0
            upid = pve.nodes(node).tasks.get(limit=1)[0]["upid"]
            assert pve.nodes(node).tasks(upid).log.get(limit=0)[-1]["t"].startswith("TASK")
            for guest in pve.nodes(node).lxc.get():
                assert pve.nodes(node).lxc(guest["vmid"]).config.get()["hostname"] == guest["name"]
        with pytest.raises(ResourceException, match=r"^403 "):
            pve.nodes("pve1").journal.get()

    await asyncio.to_thread(read)


async def test_proxmoxer_reads_the_backup_server(start_pbs: StartApi) -> None:
    api = await start_pbs()

    def read() -> None:
        pbs = _proxmoxer(api, "PBS")
        assert [row["store"] for row in pbs.admin.datastore.get()] == ["tank", "vault"]
        assert len(pbs.admin.datastore("vault").snapshots.get(ns="homelab")) == 208
        assert pbs.nodes("localhost").tasks.get(limit=1)[0]["status"] == "OK"

    await asyncio.to_thread(read)


def _asked_of(templates: Iterable[str], values: Mapping[str, list[str]]) -> list[tuple[str, dict[str, str]]]:
    """Every path of the templates with the first of each {parameter}'s values, and the query that some must have."""
    asked = []
    for template in templates:
        names = re.findall(r"{(\w+)}", template)
        if any(not values.get(name) for name in names):
            continue
        query = next((query for end, query in _QUERIES.items() if template.endswith(end)), {})
        asked.append((template.format(**{name: values[name][0] for name in names}).strip("/"), query))
    return asked


_QUERIES = {
    "rrddata": {"timeframe": "hour"},
    "/rrd": {"timeframe": "hour", "cf": "AVERAGE"},
    "disks/smart": {"disk": "/dev/nvme0n1"},
}
# Those of a guest that is of the other kind, of Ceph where there is none, of another release, and without privileges.
_REFUSED = re.compile(r"^(400|403|500|501|595) ")


def _read_all(client: ProxmoxAPI, asked: list[tuple[str, dict[str, str]]]) -> tuple[int, list[str]]:
    """How many were answered, and what the others were refused with."""
    refused = []
    for path, query in asked:
        try:
            client(path).get(**query)
        except ResourceException as error:
            refused.append(f"{path}: {error}")
    return len(asked) - len(refused), refused


@pytest.mark.parametrize(
    "scenario", [*READ, *(pytest.param(name, marks=SOAK) for name in SCENARIOS if name not in READ)]
)
async def test_proxmoxer_gets_every_endpoint(scenario: str, start_pve: StartApi, start_pbs: StartApi) -> None:
    pve, pbs = await start_pve(scenario), await start_pbs(scenario)
    world = pve.holder.world
    node = world.cluster.nodes[0]
    upid = pve_tasks(world, node.name, EVENING)[0].upid
    values = {
        "node": [node.name],
        "vmid": [str(guest.vmid) for guest in world.cluster.guests_of(node.name)],
        "id": [world.cluster.backup_jobs[0].id],
        "storage": ["local"],
        "service": ["pveproxy"],
        "name": [pool.name for pool in node.pools],
        "upid": [upid],
        "userid": ["nightshift@pve"],
    }
    asked = _asked_of((route.template for route in PVE_ROUTES), values)
    answered, refused = await asyncio.to_thread(lambda: _read_all(_proxmoxer(pve, "PVE"), asked))
    assert all(_REFUSED.match(line.partition(": ")[2]) for line in refused), refused
    assert answered > 45, refused
    if not world.server_up("pbs", EVENING):
        return
    stores = [store.name for store in world.server("pbs").datastores]
    upids = [task.upid for task in pbs_tasks(world, "pbs", EVENING)][:1]
    of_pbs = {"node": ["localhost"], "store": stores, "name": stores, "upid": upids}
    asked = _asked_of((route.template for route in PBS_ROUTES), of_pbs)
    answered, refused = await asyncio.to_thread(lambda: _read_all(_proxmoxer(pbs, "PBS"), asked))
    assert all(_REFUSED.match(line.partition(": ")[2]) for line in refused), refused
    assert answered > 30, refused


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_the_prometheus_exporter_scrapes_the_cluster(scenario: str, start_pve: StartApi) -> None:
    from pve_exporter.collector import CollectorsOptions, collect_pve

    api = await start_pve(scenario)
    options = CollectorsOptions(**dict.fromkeys(CollectorsOptions._fields, True))
    settings = {"user": "nightshift@pve", "token_name": "lab", "token_value": SECRET, "verify_ssl": False}

    def scrape() -> str:
        target = f"127.0.0.1:{api.server.server.port}"
        return collect_pve(settings, target, "1", "1", options).decode()

    text = await asyncio.to_thread(scrape)
    up = dict(re.findall(r'^pve_up\{id="([^"]+)"\} (\d)', text, re.MULTILINE))
    states = api.holder.world.inventory_at(EVENING)
    expected = {
        f"{s.guest.kind}/{s.guest.vmid}": str(int(s.running and s.qmp_status == "running"))
        for s in states.guests.values()
    }
    assert {key: value for key, value in up.items() if key.startswith(("qemu/", "lxc/"))} == expected
    online = {f"node/{name}": str(int(state.online)) for name, state in states.nodes.items()}
    assert {key: up[key] for key in online} == online
    uncovered = re.findall(r'^pve_not_backed_up_info\{id="([^"]+)"', text, re.MULTILINE)
    assert uncovered == UNCOVERED.get(scenario, [])
