"""What PVE says of one node's records, services, clock, packages and certificates, over real HTTP, → facts."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from nightshift.errors import SourceForbidden
from nightshift.facts.hardware import SpaceHistory
from nightshift.facts.nodes import (
    Certificate,
    NodeCertificates,
    NodeClock,
    NodeHistory,
    NodePoint,
    NodeRepositories,
    NodeSoftware,
    Service,
    Update,
)
from nightshift.facts.units import from_epoch
from nightshift.sources import ProxmoxClient

API = "/api2/json"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
async def pve(serve, routes, open_transport):
    """A client of a PVE that answers `{path: data}` with `{"data": data}`, or with the bytes given."""

    async def start(**table):
        known = {f"{API}{path}": data if isinstance(data, bytes) else {"data": data} for path, data in table.items()}
        stage = await serve(routes(known))
        transport = open_transport("pve", stage.url)
        return ProxmoxClient(transport.connection, transport), stage

    return start


async def test_the_last_hour_without_empty_points_oldest_first(pve):
    rows = [
        {"time": 1795420860, "cpu": 0.5, "iowait": 0.1, "loadavg": 3.5, "pressureiofull": 12.5, "arcsize": 8e9},
        {"time": 1795420800, "cpu": 0.25, "memused": 1e9, "memtotal": 4e9, "swapused": 0, "swaptotal": 1e9},
        {"time": 1795420920},
    ]
    client, stage = await pve(**{"/nodes/pve1/rrddata": rows})
    assert await client.node_history("pve1") == NodeHistory(
        "pve",
        "pve1",
        (
            NodePoint(
                from_epoch(1795420800),
                cpu=0.25,
                memory_used_bytes=1e9,
                memory_total_bytes=4e9,
                swap_used_bytes=0,
                swap_total_bytes=1e9,
            ),
            NodePoint(from_epoch(1795420860), cpu=0.5, iowait=0.1, load=3.5, arc_bytes=8e9, pressure_io_full=0.125),
        ),
    )
    assert stage.seen[0].query == {"timeframe": "hour", "cf": "AVERAGE"}


DAY_S = 86_400


@pytest.mark.parametrize(
    ("storage", "path", "used", "total"),
    [
        ("local", "/nodes/pve1/storage/local/rrddata", "used", "total"),
        (None, "/nodes/pve1/rrddata", "rootused", "roottotal"),
    ],
)
async def test_how_full_a_storage_was_by_the_lowest_share_of_each_day(pve, storage, path, used, total):
    start = 1795392000  # midnight, UTC
    rows = [
        {"time": start, used: 50.0, total: 100.0},
        {"time": start + DAY_S // 2, used: 40.0, total: 100.0},
        {"time": start + DAY_S},
        {"time": start + 2 * DAY_S, used: 60.0, total: 100.0},
        {"time": start + 3 * DAY_S, used: 0.0, total: 0.0},
    ]
    client, stage = await pve(**{path: rows})
    assert await client.space_history("k", "pve1", storage) == SpaceHistory("pve", "k", (0.4, None, 0.6))
    assert stage.seen[0].query == {"timeframe": "month", "cf": "AVERAGE"}


async def test_a_storage_too_young_for_records_has_no_history(pve, answer):
    client, _ = await pve(**{"/nodes/pve1/storage/new/rrddata": answer(500, {"data": None}, reason="RRD error")})
    assert await client.space_history("k", "pve1", "new") == SpaceHistory("pve", "k", ())


async def test_services_in_the_words_of_systemd(pve):
    rows = [
        {"service": "chrony", "name": "chrony", "desc": "NTP", "state": "failed", "active-state": "failed"},
        {"service": "corosync", "state": "dead", "unit-state": "not-found"},
        {"service": "odd"},
    ]
    client, _ = await pve(**{"/nodes/pve1/services": rows})
    assert await client.services("pve1") == (
        Service("pve", "pve1", "chrony", "failed", "failed", None, "NTP"),
        Service("pve", "pve1", "corosync", "dead", None, "not-found"),
        Service("pve", "pve1", "odd", "unknown"),
    )


@pytest.mark.parametrize(("ahead_s", "skew_s"), [(0, 0.0), (60, 59.0), (-60, -59.0)])
async def test_a_clock_is_known_to_the_second(pve, ahead_s, skew_s):
    client, _ = await pve(**{"/nodes/pve1/time": {"time": int(time.time()) + ahead_s, "timezone": "Europe/Berlin"}})
    clock = await client.node_clock("pve1", read_at=NOW)
    assert (clock.source, clock.node, clock.timezone, clock.read_at) == ("pve", "pve1", "Europe/Berlin", NOW)
    assert 1.0 <= clock.ahead_at_most_s - clock.ahead_at_least_s < 2.0
    assert clock.skew_s == pytest.approx(skew_s, abs=1.2)


@pytest.mark.parametrize(
    ("bounds", "skew_s"), [((-0.4, 0.7), 0.0), ((1.4, 2.5), 1.4), ((-3.0, -1.9), -1.9), ((0.0, 1.0), 0.0)]
)
def test_the_skew_is_what_is_sure(bounds, skew_s):
    assert NodeClock("pve", "pve1", *bounds, None, NOW).skew_s == skew_s


VERSIONS = [
    {"Package": "proxmox-ve", "OldVersion": "9.1.0", "Version": "9.1.0", "RunningKernel": "6.17.2-1-pve"},
    {"Package": "pve-manager", "OldVersion": "9.1.4", "Version": "9.1.6", "Origin": "Proxmox"},
    {"Package": "proxmox-kernel-6.17", "OldVersion": "6.17.4-1", "Version": "6.17.4-1", "CurrentState": "Installed"},
    {"Package": "proxmox-kernel-6.17.4-1-pve-signed", "Version": "6.17.4-1", "CurrentState": "Installed"},
    {"Package": "proxmox-kernel-6.14", "OldVersion": "6.14.11-4", "Version": "6.14.11-4", "CurrentState": "Removed"},
    {"Package": "pve-kernel-6.2", "OldVersion": "6.2.16-20", "Version": "6.2.16-20", "CurrentState": "Installed"},
    {"Package": "pve-firmware", "Version": "3.16-1"},
]


async def test_packages_with_the_updates_of_the_whole_system(pve):
    updates = [{"Package": "openssl", "OldVersion": "3.5.4-1", "Version": "3.5.4-2", "Origin": "Debian"}]
    client, _ = await pve(**{"/nodes/pve1/apt/versions": VERSIONS, "/nodes/pve1/apt/update": updates})
    assert await client.node_software("pve1", read_at=NOW) == NodeSoftware(
        "pve",
        "pve1",
        "6.17.2-1-pve",
        ("6.17.4-1", "6.2.16-20"),
        (Update("openssl", "3.5.4-1", "3.5.4-2", "Debian"),),
        True,
        NOW,
    )


async def test_a_token_that_may_not_modify_learns_of_pve_s_own_packages(pve, answer):
    forbidden = answer(403, b"", reason="Permission check failed (/nodes/pve1, Sys.Modify)")
    client, _ = await pve(**{"/nodes/pve1/apt/versions": VERSIONS, "/nodes/pve1/apt/update": forbidden})
    software = await client.node_software("pve1", read_at=NOW)
    assert (software.updates, software.whole) == ((Update("pve-manager", "9.1.4", "9.1.6", "Proxmox"),), False)


async def test_a_token_that_may_not_audit_is_refused(pve, answer):
    forbidden = answer(403, b"", reason="Permission check failed (/nodes/pve1, Sys.Audit)")
    client, _ = await pve(**{"/nodes/pve1/apt/versions": forbidden})
    with pytest.raises(SourceForbidden) as caught:
        await client.node_software("pve1", read_at=NOW)
    assert caught.value.privilege == "Sys.Audit on /nodes/pve1"


async def test_repositories_and_the_subscription(pve):
    found = {
        "errors": [{"path": "/etc/apt/x.list", "error": "malformed"}],
        "infos": [
            {"kind": "warning", "message": "old suite"},
            {"kind": "origin", "message": "Debian"},
            {"kind": "warning"},
        ],
        "standard-repos": [
            {"handle": "enterprise", "name": "Enterprise", "status": 1},
            {"handle": "no-subscription", "name": "No-Subscription", "status": 0},
            {"handle": "test", "name": "Test"},
        ],
    }
    client, _ = await pve(**{"/nodes/pve1/apt/repositories": found, "/nodes/pve1/subscription": {"status": "notfound"}})
    assert await client.node_repositories("pve1", read_at=NOW) == NodeRepositories(
        "pve", "pve1", ("enterprise",), (("/etc/apt/x.list", "malformed"),), ("old suite",), "notfound", NOW
    )
    silent, _ = await pve(**{"/nodes/pve1/apt/repositories": {}, "/nodes/pve1/subscription": {}})
    assert await silent.node_repositories("pve1", read_at=NOW) == NodeRepositories(
        "pve", "pve1", None, (), (), None, NOW
    )


async def test_certificates_by_the_names_of_their_files(pve):
    rows = [
        {
            "filename": "/etc/pve/nodes/pve1/pve-ssl.pem",
            "subject": "CN=pve1",
            "issuer": "CN=CA",
            "notafter": 1826956800,
        },
        {"filename": "pveproxy-ssl.pem"},
    ]
    client, _ = await pve(**{"/nodes/pve1/certificates/info": rows})
    assert await client.node_certificates("pve1", read_at=NOW) == NodeCertificates(
        "pve", "pve1", (Certificate("pve-ssl.pem", "CN=pve1", "CN=CA", from_epoch(1826956800)),), NOW
    )


async def test_a_journal_is_asked_for_a_span_of_time(pve):
    client, stage = await pve(**{"/nodes/pve1/journal": ["a line", "another"]})
    assert await client.journal("pve1", since=NOW, until=NOW) == ("a line", "another")
    assert stage.seen[0].query == {"since": "1795420800", "until": "1795420800"}
