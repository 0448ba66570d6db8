"""The second PVE host and the second backup server: of their own, and yet of the same homelab."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from nightshift_lab.access import Delays, Token
from nightshift_lab.knobs import Knobs
from nightshift_lab.pbs import AUDIT, PbsServer
from nightshift_lab.process import Fleet, Lab, LabOptions
from nightshift_lab.tls import make_certificates
from nightshift_lab.world import build_world
from nightshift_lab.world.backups import night_at, night_of
from nightshift_lab.world.current import WorldHolder
from nightshift_lab.world.server_tasks import pbs_tasks
from nightshift_lab.world.snapshots import snapshots_at
from nightshift_lab.world.syncs import last_good_sync

EVENING = 1_795_469_000.0
DAY_S = 86_400.0


async def _get(source: dict[str, str], path: str, **query: Any) -> httpx.Response:
    scheme = {"pve": "PVEAPIToken", "pbs": "PBSAPIToken"}[source["kind"]]
    headers = {"Authorization": f"{scheme}={source['token']}"}
    async with httpx.AsyncClient(base_url=source["url"], headers=headers, verify=False) as client:
        return await client.get(f"/api2/json{path}", params=query)


async def test_the_second_host_has_guests_of_its_own_under_the_same_numbers(lab: Lab) -> None:
    ready: dict[str, Any] = lab.ready()
    attic = next(source for source in ready["sources"] if source["id"] == "attic")
    rows = (await _get(attic, "/cluster/resources", type="vm")).json()["data"]
    names = {row["vmid"]: row["name"] for row in rows}
    assert names == {100: "workshop", 102: "jellyfin-kids", 104: "nextcloud", 105: "weather", 300: "octoprint"}
    status = (await _get(attic, "/cluster/status")).json()["data"]
    assert [row["type"] for row in status] == ["node"]
    assert (await _get(attic, "/version")).json()["data"]["release"] == "8.4"
    first = {"kind": "pve", "url": ready["env"]["PROXMOX_URL"], "token": ready["env"]["PROXMOX_API_TOKEN"]}
    here = {row["vmid"] for row in (await _get(first, "/cluster/resources", type="vm")).json()["data"]}
    assert set(names) & here == {100, 102, 104, 105}


async def test_the_configuration_names_the_further_systems_and_holds_no_token(lab: Lab) -> None:
    ready: dict[str, Any] = lab.ready()
    text = (lab.options.state_dir / "nightshift.yaml").read_text()
    entries = yaml.safe_load(text)["sources"]
    assert [entry["id"] for entry in entries] == [source["id"] for source in ready["sources"]] == ["attic", "pbs2"]
    for entry, source in zip(entries, ready["sources"], strict=True):
        assert entry["token"] == f"${{{source['token_env']}}}"
        assert source["token"] not in text
        assert (entry["kind"], entry["url"], entry["fingerprint"]) == (
            source["kind"],
            source["url"],
            source["fingerprint"],
        )
        assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", entry["fingerprint"])


def test_a_fault_of_one_site_leaves_the_other_alone() -> None:
    from nightshift_lab.world.faults.nodes import NodeOffline

    world = build_world(7, EVENING)
    fault = NodeOffline(name="x", starts_at=EVENING - 60, site="attic", target="node/attic")
    assert world.attic is not None
    broken = world.with_faults([fault.bound(world.attic)])
    assert broken.here == ()
    assert broken.attic is not None
    assert not broken.attic.up("node/attic", EVENING)
    assert all(broken.up(f"node/{node.name}", EVENING) for node in broken.cluster.nodes)


def test_both_sites_save_to_the_same_datastore_in_namespaces_of_their_own() -> None:
    world = build_world(7, EVENING)
    groups = {
        ns: {s.group for s in snapshots_at(world, "pbs", "tank", ns, EVENING)} for ns in ("homelab", "attic-host")
    }
    assert groups["attic-host"] == {"vm/100", "ct/102", "vm/104", "ct/105", "ct/300"}
    assert "ct/100" in groups["homelab"]
    owners = {s.owner for s in snapshots_at(world, "pbs", "tank", "attic-host", EVENING)}
    assert owners == {"pve@pbs!attic"}


def test_the_second_server_is_awake_only_in_its_window() -> None:
    world = build_world(7, EVENING)
    begins = world.last_night_at + 8_100.0
    awake = {t: world.server_up("pbs2", begins + t) for t in (-60.0, 60.0, 8_900.0, 9_060.0)}
    assert awake == {-60.0: False, 60.0: True, 8_900.0: True, 9_060.0: False}
    assert not world.server_up("pbs2", EVENING)
    tasks = pbs_tasks(world, "pbs2", EVENING)
    assert {task.kind for task in tasks} == {"syncjob", "prunejob", "garbage_collection", "verificationjob"}
    assert {task.status for task in tasks} == {"OK"}
    assert all(world.server_up("pbs2", task.started_at) and world.server_up("pbs2", task.ended_at) for task in tasks)


def test_the_mirror_holds_what_the_vault_held_when_the_sync_ran() -> None:
    world = build_world(7, EVENING)
    job = world.server("pbs2").sync_jobs[0]
    copied = snapshots_at(world, "pbs2", "mirror", "sites/home/homelab", EVENING)
    synced_at = last_good_sync(world, "pbs2", job, EVENING)
    assert synced_at is not None
    source = [s for s in snapshots_at(world, "pbs", "vault", "homelab", synced_at) if not s.unfinished]
    assert [(s.group, s.taken_at) for s in copied] == [(s.group, s.taken_at) for s in source]
    assert {s.owner for s in copied} == {"root@pam"}
    before = night_at(world, night_of(world, EVENING)) + job.start_offset_s - 60
    assert max(s.taken_at for s in snapshots_at(world, "pbs2", "mirror", "sites/home/homelab", before)) < max(
        s.taken_at for s in copied
    )


async def test_a_server_that_sleeps_refuses_and_answers_again_when_it_wakes(tmp_path: Path) -> None:
    world = build_world(7, EVENING)
    now = [EVENING]
    certificates = make_certificates(tmp_path, "pbs2", organisation="Proxmox Backup Server")
    token = Token("a@pbs!b", "x", {"/": AUDIT | {"Remote.Audit"}})
    knobs = Knobs("pbs", encrypted=True)
    server = PbsServer(WorldHolder(world), knobs, certificates, (token,), Delays(0, 0, 0), lambda: now[0], "pbs2")
    await server.start()
    try:
        source = {"kind": "pbs", "url": server.endpoint.url, "token": "a@pbs!b:x"}
        assert server.endpoint.url.rpartition(":")[2] != "0"
        with pytest.raises(httpx.ConnectError):
            await _get(source, "/version")
        now[0] = world.last_night_at + 8_100.0 + 3_000.0
        await knobs.turn("slow", 0)  # the servers look again whenever a knob is turned
        assert (await _get(source, "/version")).json()["data"]["version"] == "3.4"
        deep = (await _get(source, "/admin/datastore/mirror/namespace")).json()["data"]
        assert [row["ns"] for row in deep] == ["", "sites", "sites/home", "sites/home/homelab"]
        shallow = (await _get(source, "/admin/datastore/mirror/namespace", **{"max-depth": 1})).json()["data"]
        assert [row["ns"] for row in shallow] == ["", "sites"]
        [job] = (await _get(source, "/admin/sync")).json()["data"]
        assert (job["id"], job["last-run-state"]) == ("s-vault-home", "OK")
    finally:
        await server.stop()


async def test_a_fleet_answers_with_as_many_as_were_asked_for(tmp_path: Path) -> None:
    options = LabOptions("healthy", tmp_path, prometheus=False, fleet=Fleet(4, 120, 20), latency_ms=5.0)
    lab = Lab(options)
    await lab.start()
    try:
        env = lab.env
        pve = {"kind": "pve", "url": env["PROXMOX_URL"], "token": env["PROXMOX_API_TOKEN"]}
        pbs = {"kind": "pbs", "url": env["PBS_URL"], "token": env["PBS_API_TOKEN"]}
        rows = (await _get(pve, "/cluster/resources")).json()["data"]
        kinds = [row["type"] for row in rows]
        assert (kinds.count("node"), kinds.count("qemu") + kinds.count("lxc")) == (4, 120)
        assert lab.ready()["sources"] == []
        snapshots = (await _get(pbs, "/admin/datastore/main/snapshots", ns="fleet")).json()["data"]
        assert len(snapshots) >= 120 * 20
        assert lab.knobs["pve"].latency_ms == 5.0
    finally:
        await lab.stop()


@pytest.mark.parametrize(("nodes", "guests", "snapshots"), [(0, 10, 7), (33, 10, 7), (3, 5_001, 7), (3, 10, 0)])
def test_a_fleet_beyond_the_limits_is_refused(nodes: int, guests: int, snapshots: int) -> None:
    from nightshift_lab.world.fleet import fleet

    with pytest.raises(ValueError, match=r"a (fleet|guest) has"):
        fleet(nodes, guests, snapshots)


def test_many_figures_at_once_are_those_of_each_alone() -> None:
    from nightshift_lab.world.batch import GUEST_QUANTITIES, guest_figures_at

    world = build_world(7, EVENING)
    states = world.inventory_at(EVENING).guests
    boots = {vmid: state.boot_at for vmid, state in states.items() if state.boot_at is not None}
    together = guest_figures_at(world, EVENING, boots)
    assert set(together) == set(boots)
    for vmid, figures in together.items():
        alone = {name: world.at(f"guest/{vmid}", name, EVENING) for name in GUEST_QUANTITIES}
        assert figures == pytest.approx(alone, rel=1e-9, abs=0.02)
