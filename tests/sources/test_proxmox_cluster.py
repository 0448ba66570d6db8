"""What PVE says of votes, high availability and replication, over real HTTP, → facts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.sources.conftest import http

from nightshift.facts.cluster import Corosync, Ha, HaAgent, HaResource, HaRule, HaRules, ReplicationJob, Voter
from nightshift.facts.inventory import Guest
from nightshift.facts.units import from_epoch
from nightshift.sources import ProxmoxClient
from nightshift.sources.proxmox.configs import guest_config

API = "/api2/json"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
async def pve(serve, routes, open_transport):
    """A client of a PVE that answers `{path: data}` with `{"data": data}`."""

    async def start(**table):
        stage = await serve(routes({f"{API}{path}": {"data": data} for path, data in table.items()}))
        transport = open_transport("pve", stage.url)
        return ProxmoxClient(transport.connection, transport)

    return start


async def test_votes_links_and_the_external_vote(pve):
    rows = [
        {"node": "pve2", "name": "pve2", "nodeid": "2", "quorum_votes": "2", "ring0_addr": "192.0.2.12"},
        {
            "node": "pve1",
            "name": "pve1",
            "nodeid": "1",
            "quorum_votes": "1",
            "ring0_addr": "192.0.2.11",
            "ring1_addr": "198.51.100.11",
        },
    ]
    client = await pve(**{"/cluster/config/nodes": rows, "/cluster/config/qdevice": {"State": "Connected"}})
    told = await client.corosync(read_at=NOW)
    voters = (Voter("pve1", 1, ("192.0.2.11", "198.51.100.11")), Voter("pve2", 2, ("192.0.2.12",)))
    assert told == Corosync("pve", voters, "Connected", NOW)
    assert told.link_count == 1


async def test_a_stand_alone_host_has_no_voters(pve):
    client = await pve(**{"/cluster/config/nodes": [], "/cluster/config/qdevice": {}})
    told = await client.corosync(read_at=NOW)
    assert (told, told.link_count) == (Corosync("pve", (), None, NOW), None)


async def test_the_agents_of_high_availability_and_what_they_manage(pve):
    rows = [
        {"id": "quorum", "type": "quorum", "node": "pve1", "status": "OK", "quorate": 1},
        {
            "id": "master",
            "type": "master",
            "node": "pve1",
            "status": "pve1 (active, Mon Nov 23 08:00:00 2026) - static load CRS",
            "timestamp": 1795420800,
        },
        {"id": "lrm:pve1", "type": "lrm", "node": "pve1", "status": "pve1 (idle, Mon Nov 23 08:00:00 2026)"},
        {"id": "lrm:pve2", "type": "lrm", "node": "pve2", "status": "pve2 (old timestamp - dead?, Mon Nov 23 2026)"},
        {"id": "lrm:pve3", "type": "lrm", "node": "pve3", "status": "pve3 (unable to read lrm status)"},
        {"id": "fencing", "type": "fencing", "node": "pve1", "status": "armed", "armed-state": "armed"},
        {"id": "service:vm:104", "type": "service", "sid": "vm:104", "node": "pve1", "state": "error"},
        {"id": "service:ct:105", "type": "service", "state": "queued", "request_state": "started"},
    ]
    client = await pve(**{"/cluster/ha/status/current": rows})
    assert await client.ha_status() == Ha(
        "pve",
        True,
        HaAgent("pve1", "active", from_epoch(1795420800)),
        (
            HaAgent("pve1", "idle"),
            HaAgent("pve2", "old timestamp - dead?"),
            HaAgent("pve3", "unable to read lrm status"),
        ),
        (HaResource("pve", "vm:104", "pve1", "error"), HaResource("pve", "ct:105", None, "queued", "started")),
        "armed",
    )


@pytest.mark.parametrize(("sid", "vmid"), [("vm:104", 104), ("ct:105", 105), ("fs:data", None)])
def test_the_guest_of_a_resource(sid, vmid):
    assert HaResource("pve", sid, None, "started").vmid == vmid


async def test_a_stand_alone_host_has_no_manager(pve):
    rows = [{"id": "quorum", "type": "quorum", "node": "solo", "status": "OK", "quorate": 1}]
    client = await pve(**{"/cluster/ha/status/current": rows})
    assert await client.ha_status() == Ha("pve", True, None)


async def test_replication_jobs_and_how_they_stand(pve):
    rows = [
        {
            "id": "102-0",
            "guest": "102",
            "jobnum": 0,
            "type": "local",
            "source": "pve1",
            "target": "pve2",
            "schedule": "*/15",
            "last_sync": 1795419904,
            "last_try": 1795420804,
            "next_sync": 1795421104,
            "fail_count": 2,
            "error": "exit code 255",
        },
        {"id": "103-1", "guest": 103, "target": "pve3", "last_sync": 0, "next_sync": 0, "disable": 1, "pid": 4711},
    ]
    jobs = [{"id": "102-0", "guest": 102}, {"id": "103-1", "guest": 103, "disable": 1}, {"id": "104-0", "guest": 104}]
    client = await pve(**{"/nodes/pve1/replication": rows, "/cluster/replication": jobs})
    assert await client.replicated_vmids() == frozenset({102, 104})
    assert await client.replication("pve1") == (
        ReplicationJob(
            "pve",
            "102-0",
            102,
            "pve1",
            "pve2",
            "*/15",
            True,
            from_epoch(1795419904),
            from_epoch(1795420804),
            from_epoch(1795421104),
            2,
            "exit code 255",
        ),
        ReplicationJob("pve", "103-1", 103, "pve1", "pve3", None, False, None, None, None, running=True),
    )


@pytest.mark.parametrize(
    ("config", "bound"),
    [
        ({"scsi0": "local:vm-100-disk-0", "net0": "virtio=AA"}, ()),
        ({"hostpci0": "0000:01:00,pcie=1", "usb1": "host=10c4:ea60"}, ("hostpci0", "usb1")),
        ({"hostpci0": "mapping=gpu", "usb0": "spice"}, ()),
        ({"mp0": "/srv/media,mp=/media", "mp1": "tank:subvol-1,mp=/x", "dev0": "/dev/ttyUSB0"}, ("dev0", "mp0")),
        ({"mp0": "/mnt/nas,mp=/media,shared=1"}, ()),
        ({"scsi1": "/dev/disk/by-id/ata-WDC_WD80,size=8T", "ide2": "none,media=cdrom"}, ("scsi1",)),
    ],
)
def test_what_binds_a_guest_to_its_node(config, bound):
    guest = Guest("pve", 100, "qemu", "pve1", "web", "running")
    assert guest_config(guest, config, NOW).passthrough == bound


async def test_rules_that_bind_guests_to_nodes(pve):
    rows = [
        {"rule": "gpu", "type": "node-affinity", "nodes": "pve1:2,pve2", "resources": "vm:104,ct:105", "strict": 1},
        {"rule": "soft", "type": "node-affinity", "nodes": "pve2", "resources": "vm:106"},
        {"rule": "off", "type": "node-affinity", "nodes": "pve2", "resources": "vm:107", "disable": 1},
        {"rule": "apart", "type": "resource-affinity", "affinity": "negative", "resources": "vm:104,vm:106"},
    ]
    client = await pve(**{"/cluster/ha/rules": rows})
    rules = (HaRule("gpu", ("pve1", "pve2"), (104, 105), strict=True), HaRule("soft", ("pve2",), (106,), strict=False))
    assert await client.ha_rules(read_at=NOW) == HaRules("pve", rules, NOW)


async def test_groups_are_rules_before_pve_9(serve, routes, open_transport):
    told = {
        "/cluster/ha/groups": {
            "data": [{"group": "gpu", "nodes": "pve1", "restricted": 1}, {"group": "empty", "nodes": "pve2"}]
        },
        "/cluster/ha/resources": {"data": [{"sid": "vm:104", "group": "gpu"}, {"sid": "ct:105"}]},
        "/cluster/ha/rules": http(501, {"data": None}),
    }
    stage = await serve(routes({f"{API}{path}": answer for path, answer in told.items()}))
    transport = open_transport("pve", stage.url)
    client = ProxmoxClient(transport.connection, transport)
    assert await client.ha_rules(read_at=NOW) == HaRules("pve", (HaRule("gpu", ("pve1",), (104,), strict=True),), NOW)
