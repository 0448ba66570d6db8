"""Every endpoint keeps its published contract, whatever the seed, the release, the site and the hour."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from nightshift_lab.access import Token
from nightshift_lab.pbs import PBS_ADMIN
from nightshift_lab.pbs.api import Call as PbsCall
from nightshift_lab.pbs.api import Page as PbsPage
from nightshift_lab.pbs.routes import ROUTES as PBS_ROUTES
from nightshift_lab.pve.api import Call as PveCall
from nightshift_lab.pve.api import Page as PvePage
from nightshift_lab.pve.api import Refusal as PveRefusal
from nightshift_lab.pve.api import Route
from nightshift_lab.pve.permissions import ADMIN, ADMIN_8
from nightshift_lab.pve.routes import ROUTES as PVE_ROUTES
from nightshift_lab.scenarios import SCENARIOS, build_scenario
from nightshift_lab.world import World, build_world
from nightshift_lab.world.homelab import BACKUP_SERVERS, CLUSTER
from nightshift_lab.world.releases import PBS_RELEASES, PVE_RELEASES
from nightshift_lab.world.snapshots import snapshots_at

EVENING = 1_795_469_000.0
DAY_S = 86_400.0
SEEDS = (7, 8, 21, 1_000, 2**31)
Validate = Callable[[str, str, Any], None]

# Not in the published description, or of another release.
UNDESCRIBED = {
    "/pools",
    "/cluster/ha/groups",
    "/cluster/ha/rules",
    "/cluster/config/nodes",
    "/cluster/config/qdevice",
    "/cluster/config/totem",
}


@dataclass(frozen=True)
class Asked:
    """One request that an endpoint is tried with."""

    template: str
    path: dict[str, str]
    query: dict[str, str]


def _world(seed: int, pve: str = "9.1", pbs: str = "4.1") -> World:
    from dataclasses import replace

    servers = tuple(replace(server, release=PBS_RELEASES[pbs]) for server in BACKUP_SERVERS)
    return build_world(seed, EVENING, cluster=replace(CLUSTER, release=PVE_RELEASES[pve]), servers=servers)


def _pve_token(world: World) -> Token:
    return Token("a@pve!b", "x", {"/": ADMIN if world.cluster.release.major >= 9 else ADMIN_8})


def _values(world: World, at: float) -> dict[str, list[str]]:
    """What each {parameter} of a PVE path may be."""
    from nightshift_lab.world.node_tasks import pve_tasks

    cluster = world.cluster
    first = cluster.nodes[0]
    return {
        "node": [first.name],
        "vmid": [str(guest.vmid) for guest in cluster.guests_of(first.name)],
        "id": [job.id for job in cluster.backup_jobs],
        "storage": [storage.name for storage in cluster.storages if first.name in storage.nodes],
        "service": ["pveproxy", "corosync"],
        "name": [pool.name for pool in first.pools],
        "upid": [task.upid for task in pve_tasks(world, first.name, at)[:4]],
        "userid": ["a@pve"],
        "volume": ["local:iso/debian-13.2.0-amd64-netinst.iso"],
    }


_QUERIES: dict[str, list[dict[str, str]]] = {
    "rrddata": [{"timeframe": frame} for frame in ("hour", "day", "week", "month", "year")],
    "disks/list": [{}, {"skipsmart": "1"}],
    "tasks": [{}, {"source": "all", "limit": "500"}],
    "storage": [{}, {"format": "1"}],
    "log": [{}, {"limit": "0"}],
}


def _asked(world: World, template: str, at: float) -> Iterator[Asked]:
    values = _values(world, at)
    if "/replication/{id}" in template:
        first = world.cluster.nodes[0].name
        values["id"] = [job.id for job in world.cluster.replications if job.source == first]
    if "/disks/smart" in template:
        node = world.cluster.nodes[0]
        for disk in node.disks:
            yield Asked(template, {"node": node.name}, {"disk": disk.path})
        return
    names = [part[1:-1] for part in template.split("/") if part.startswith("{")]
    if template.endswith("/{vmid}/rrddata"):
        values["vmid"] = [vmid for vmid in values["vmid"] if vmid in {"100", "102", "104", "105", "141"}]
    queries = next((queries for end, queries in _QUERIES.items() if template.endswith(f"/{end}")), [{}])
    paths: list[dict[str, str]] = [{}]
    for name in names:
        paths = [path | {name: value} for path in paths for value in values[name]]
    for path in paths:
        for query in queries:
            yield Asked(template, path, query)


def _answer(route: Route, call: PveCall) -> tuple[Any, PveRefusal | None]:
    try:
        return route.answer(call), None
    except PveRefusal as refusal:
        return None, refusal


def _not_there(refusal: PveRefusal) -> bool:
    """What a cluster of this make refuses rightly: a VM's path with a container's id, an agent that is not there."""
    words = ("does not exist", "agent", "not running", "binary not installed", "not implemented", "migrated to")
    words += ("is not online", "Unable to detect device type")
    return any(word in refusal.reason for word in words)


@pytest.mark.contracts
@pytest.mark.parametrize("release", PVE_RELEASES)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_endpoint_of_pve_keeps_its_contract(seed: int, release: str, validate: Validate) -> None:
    world = _world(seed, pve=release)
    _try_all(world, EVENING, validate)


@pytest.mark.contracts
@pytest.mark.parametrize("hour", [0, 2, 5, 13])
def test_a_host_that_stands_alone_keeps_them_at_any_hour(hour: int, validate: Validate) -> None:
    attic = _world(7).attic
    assert attic is not None
    _try_all(attic, EVENING - EVENING % DAY_S + hour * 3_600.0 + 45.0, validate)


@pytest.mark.contracts
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_keeps_them(scenario: str, validate: Validate) -> None:
    """What befalls things shows in lists and states, not in figures: without recorded ones it is quick enough."""
    world = build_scenario(scenario, seed=7, started_at=EVENING)
    token = _pve_token(world)
    for route in PVE_ROUTES:
        if "rrddata" in route.template or route.template in UNDESCRIBED:
            continue
        for asked in _asked(world, route.template, EVENING):
            call = PveCall(world, EVENING, token, asked.path, asked.query)
            data, refused = _answer(route, call)
            if refused is not None:
                assert _not_there(refused), (asked, refused)
            else:
                validate("pve", route.template, _body(data))
    if world.server_up("pbs", EVENING):
        _try_jobs_of_pbs(world, validate)


SHOWING_TROUBLE = (
    "/admin/datastore",
    "/status/datastore-usage",
    "/admin/gc",
    "/admin/prune",
    "/admin/verify",
    "/config/datastore",
    "/nodes/{node}/tasks",
    "/nodes/{node}/status",
    "/nodes/{node}/services",
)


def _try_jobs_of_pbs(world: World, validate: Validate) -> None:
    token = Token("a@pbs!b", "x", {"/": PBS_ADMIN})
    for template in SHOWING_TROUBLE:
        route = next(route for route in PBS_ROUTES if route.template == template)
        data = route.answer(PbsCall(world, world.server("pbs"), EVENING, token, {"node": "localhost"}, {}, "AA:BB"))
        validate("pbs", template, _body(data))


def _body(data: Any) -> dict[str, Any]:
    return {"data": data.rows, "total": data.total} if isinstance(data, (PvePage, PbsPage)) else {"data": data}


def _try_all(world: World, at: float, validate: Validate) -> None:
    token = _pve_token(world)
    answered: set[str] = set()
    for route in PVE_ROUTES:
        for asked in _asked(world, route.template, at):
            call = PveCall(world, at, token, asked.path, asked.query)
            assert route.check is None or route.check.missing(token, asked.path, world.cluster.release.major) is None
            data, refused = _answer(route, call)
            if refused is not None:
                assert _not_there(refused), (asked, refused)
                continue
            body = _body(data)
            answered.add(route.template)
            if route.template not in UNDESCRIBED:
                validate("pve", route.template, body)
    silent = {route.template for route in PVE_ROUTES} - answered
    expected = {"/cluster/ceph/status", "/nodes/{node}/ceph/status"}
    expected |= {"/cluster/ha/groups"} if world.cluster.release.major >= 9 else {"/cluster/ha/rules"}
    if world.cluster.standalone:
        expected |= {f"/nodes/{{node}}/replication/{{id}}/{end}" for end in ("status", "log")}
    assert silent == expected


@pytest.mark.contracts
@pytest.mark.parametrize("release", PBS_RELEASES)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("server", ["pbs", "pbs2"])
def test_every_endpoint_of_pbs_keeps_its_contract(server: str, seed: int, release: str, validate: Validate) -> None:
    world = _world(seed, pbs=release)
    # In the hours of its window, shortly after its garbage collection.
    at = EVENING - EVENING % DAY_S + 7_200.0 + 8_100.0 + 6_900.0 if server == "pbs2" else EVENING
    token = Token("a@pbs!b", "x", {"/": PBS_ADMIN})
    answered = set()
    for route in PBS_ROUTES:
        for path, query in _pbs_asked(world, server, route.template, at):
            call = PbsCall(world, world.server(server), at, token, path, query, "AA:BB")
            data = route.answer(call)
            body = _body(data)
            answered.add(route.template)
            validate("pbs", route.template, body)
    bare = {"/nodes/{node}/disks/smart", "/nodes/{node}/disks/zfs/{name}"}
    assert {route.template for route in PBS_ROUTES} - answered == (bare if server == "pbs" else set())


def _pbs_asked(world: World, name: str, template: str, at: float) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    from nightshift_lab.world.server_tasks import pbs_tasks

    server = world.server(name)
    paths: list[dict[str, str]] = [{"node": "localhost"}]
    if "{store}" in template:
        paths = [{"store": store.name} for store in server.datastores]
    if template.endswith("/{name}"):
        names = (
            [store.name for store in server.datastores] if "/config/" in template else [p.name for p in server.pools]
        )
        paths = [{"node": "localhost", "name": value} for value in names]
    if "{upid}" in template:
        paths = [{"node": "localhost", "upid": task.upid} for task in pbs_tasks(world, name, at)[:40:8]]
    for path in paths:
        yield from ((path, query) for query in _pbs_queries(world, server.name, template, path, at))


def _pbs_queries(world: World, server: str, template: str, path: dict[str, str], at: float) -> Iterator[dict[str, str]]:
    end = template.rpartition("/")[2]
    if end == "rrd":
        yield from ({"timeframe": frame, "cf": "AVERAGE"} for frame in ("hour", "day", "year"))
    elif end in {"groups", "snapshots"}:
        yield from ({"ns": namespace} for namespace in world.server(server).datastore(path["store"]).namespaces)
    elif end in {"notes", "protected", "group-notes"}:
        for namespace in world.server(server).datastore(path["store"]).namespaces:
            for snapshot in snapshots_at(world, server, path["store"], namespace, at)[:2]:
                yield {
                    "ns": namespace,
                    "backup-type": snapshot.backup_type,
                    "backup-id": snapshot.backup_id,
                    "backup-time": str(snapshot.taken_at),
                }
    elif end == "smart":
        yield from ({"disk": disk.name} for disk in world.server(server).disks)
    else:
        yield {"verbose": "1"} if end == "status" and "{store}" in template else {}


ADDED_IN_9: dict[str, tuple[dict[str, str], dict[str, str], tuple[str, ...]]] = {
    "/nodes/{node}/status": ({"node": "pve1"}, {}, ("memory.available",)),
    "/nodes/{node}/qemu": ({"node": "pve1"}, {}, ("memhost", "pressurecpusome")),
    "/nodes/{node}/lxc": ({"node": "pve1"}, {}, ("pressurecpusome", "pressurememoryfull")),
    "/nodes/{node}/qemu/{vmid}/status/current": ({"node": "pve1", "vmid": "104"}, {}, ("memhost", "pressureiofull")),
    "/cluster/resources": ({}, {"type": "vm"}, ("memhost",)),
    "/cluster/ha/status/current": ({}, {}, ("failback", "armed-state")),
    "/nodes/{node}/storage": ({"node": "pve1"}, {"format": "1"}, ("formats",)),
    "/nodes/{node}/rrddata": ({"node": "pve1"}, {"timeframe": "hour"}, ("memavailable",)),
    "/nodes/{node}/qemu/{vmid}/rrddata": ({"node": "pve1", "vmid": "104"}, {"timeframe": "hour"}, ("memhost",)),
}


@pytest.mark.parametrize("template", ADDED_IN_9)
def test_fields_that_9_brought_are_absent_on_8(template: str) -> None:
    path, query, names = ADDED_IN_9[template]
    route = next(route for route in PVE_ROUTES if route.template == template)
    for release, there in (("8.4", False), ("9.1", True)):
        world = _world(7, pve=release)
        text = str(_flat(route.answer(PveCall(world, EVENING, _pve_token(world), path, query))))
        assert {name: f"'{name}'" in text for name in names} == dict.fromkeys(names, there), release


def _flat(data: Any) -> set[str]:
    """The names of all fields, those inside others with a point."""
    if isinstance(data, list):
        return set().union(*(_flat(row) for row in data)) if data else set()
    names: set[str] = set()
    for name, value in data.items() if isinstance(data, dict) else ():
        names |= {name} | {f"{name}.{inner}" for inner in _flat(value)}
    return names


@pytest.mark.parametrize(
    ("release", "frame", "points", "step_s"),
    [
        ("8.4", "hour", 70, 60),
        ("8.4", "day", 70, 1_800),
        ("8.4", "year", 70, 604_800),
        ("9.1", "hour", 60, 60),
        ("9.1", "day", 1_440, 60),
        ("9.1", "decade", 520, 604_800),
    ],
)
def test_recorded_figures_are_as_dense_as_the_release_keeps_them(
    release: str, frame: str, points: int, step_s: int
) -> None:
    world = _world(7, pve=release)
    route = next(route for route in PVE_ROUTES if route.template == "/nodes/{node}/rrddata")
    rows = route.answer(PveCall(world, EVENING, _pve_token(world), {"node": "pve1"}, {"timeframe": frame}))
    assert (len(rows), rows[1]["time"] - rows[0]["time"]) == (points, step_s)


def test_8_does_not_know_a_decade() -> None:
    world = _world(7, pve="8.4")
    route = next(route for route in PVE_ROUTES if route.template == "/nodes/{node}/rrddata")
    with pytest.raises(PveRefusal) as refused:
        route.answer(PveCall(world, EVENING, _pve_token(world), {"node": "pve1"}, {"timeframe": "decade"}))
    assert refused.value.status == 400


BROUGHT_BY_4 = {"backend-type", "cache-stats", "verify-threads"}


@pytest.mark.parametrize(("release", "names"), [("3.4", set()), ("4.1", BROUGHT_BY_4)])
def test_fields_that_pbs_4_brought_are_absent_on_3(release: str, names: set[str]) -> None:
    world = _world(7, pbs=release)
    token = Token("a@pbs!b", "x", {"/": PBS_ADMIN})
    call = PbsCall(world, world.server("pbs"), EVENING, token)
    told: set[str] = set()
    for template in ("/admin/datastore", "/admin/gc", "/admin/verify", "/status/datastore-usage"):
        told |= _flat(next(route for route in PBS_ROUTES if route.template == template).answer(call))
    assert told & BROUGHT_BY_4 == names
