"""A backup server as a host, over real HTTP, → facts."""

from __future__ import annotations

import pytest

from nightshift.errors import SourceForbidden
from nightshift.facts.backup_hosts import BackupHost, HostPool, HostService, PendingUpdate
from nightshift.sources import PbsClient

API = "/api2/json/nodes/localhost"
SPACE = {"total": 100, "used": 12, "avail": 83}
STATUS = {
    "cpu": 0.5,
    "wait": 0.1,
    "uptime": 77,
    "memory": {"total": 16, "used": 3, "free": 13},
    "root": SPACE,
    "current-kernel": {"release": "6.8.12-2-pve"},
}

READS = [
    (
        "host",
        "/status",
        STATUS,
        BackupHost("pbs", 77, 0.5, 0.1, 3, 16, 12, 83, 100, "6.8.12-2-pve"),
    ),
    # PBS 3.4 has no current-kernel
    ("host", "/status", {"uptime": 77, "root": SPACE}, BackupHost("pbs", 77, None, None, None, None, 12, 83, 100)),
    (
        "services",
        "/services",
        [{"name": "ssh", "service": "ssh", "desc": "OpenBSD", "state": "running", "unit-state": "enabled"}],
        (HostService("ssh", "running", "enabled", "OpenBSD"),),
    ),
    (
        "updates",
        "/apt/update",
        [{"Package": "a", "OldVersion": "1", "Version": "2"}, {"Package": "b", "Version": "1"}],
        (PendingUpdate("a", "1", "2"), PendingUpdate("b", None, "1")),
    ),
    (
        "pools",
        "/disks/zfs",
        [{"name": "mirror", "size": 9, "alloc": 5, "free": 4, "frag": 4, "dedup": 1.0, "health": "DEGRADED"}],
        (HostPool("pbs", "mirror", "DEGRADED"),),
    ),
]


@pytest.fixture
async def pbs(serve, routes, open_transport):
    async def start(**table):
        stage = await serve(routes({f"{API}{path}": data for path, data in table.items()}))
        transport = open_transport("pbs", stage.url)
        return PbsClient(transport.connection, transport)

    return start


@pytest.mark.parametrize(
    ("method", "path", "data", "facts"), READS, ids=["host", "old host", "services", "updates", "pools"]
)
async def test_reads(pbs, method, path, data, facts):
    client = await pbs(**{path: {"data": data}})
    assert await getattr(client, method)() == facts


@pytest.mark.parametrize("method", ["host", "services", "updates"])
async def test_a_missing_privilege_is_named(serve, answer, open_transport, method):
    stage = await serve(answer(403, "permission check failed - missing Sys.Audit on /system/status"))
    client = PbsClient((transport := open_transport("pbs", stage.url)).connection, transport)
    with pytest.raises(SourceForbidden, match=r"Sys\.Audit"):
        await getattr(client, method)()
