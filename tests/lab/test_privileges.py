"""Named tokens see exactly what the real servers would show them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from nightshift_lab.process import Lab

_SOME = -1

ROWS: list[tuple[str, str, int, int | None]] = [
    # token, path, status, rows (None: not a list, or not counted)
    ("auditor", "/cluster/status", 200, 4),
    ("auditor", "/nodes/pve1/journal", 403, None),
    ("auditor", "/nodes/pve1/syslog", 403, None),
    ("auditor", "/nodes/pve1/apt/update", 403, None),
    ("auditor", "/nodes/pve1/apt/versions", 200, 14),
    ("auditor", "/nodes/pve1/disks/list", 200, 5),
    ("auditor", "/nodes/pve1/disks/zfs", 200, 1),
    ("auditor", "/nodes/pve1/qemu/104/agent/get-fsinfo", 200, None),
    ("auditor", "/nodes/pve1/storage/pbs-tank/content", 200, 0),
    ("auditor", "/access/users/nightshift@pve/token", 200, 1),
    ("auditor", "/access/users/root@pam/token", 403, None),
    ("auditor+syslog", "/nodes/pve1/journal", 200, None),
    ("auditor+syslog", "/nodes/pve1/apt/update", 403, None),
    ("auditor+backups", "/nodes/pve1/storage/pbs-tank/content", 200, _SOME),
    ("auditor-without-sys-audit", "/cluster/status", 403, None),
    ("auditor-without-sys-audit", "/cluster/tasks", 200, 0),
    ("auditor-without-sys-audit", "/cluster/backup", 403, None),
    ("auditor-without-sys-audit", "/cluster/ha/resources", 403, None),
    ("auditor-without-sys-audit", "/nodes/pve1/disks/smart?disk=/dev/sda", 403, None),
    ("auditor-without-sys-audit", "/nodes/pve1/tasks", 200, 0),
    ("auditor-without-sys-audit", "/nodes/pve1/services", 403, None),
    ("auditor-without-sys-audit", "/nodes/pve1/certificates/info", 200, 2),
    ("auditor-without-sys-audit", "/cluster/replication", 200, 3),
    ("auditor-without-sys-audit", "/cluster/ceph/status", 500, None),
    ("pbs-audit", "/admin/datastore", 200, 2),
    ("pbs-audit", "/nodes/localhost/certificates/info", 403, None),
    ("pbs-audit", "/nodes/localhost/services", 200, 8),
    ("pbs-audit", "/config/remote", 200, 0),
    ("pbs-without-datastores", "/admin/datastore", 200, 0),
    ("pbs-without-datastores", "/status/datastore-usage", 200, 0),
    ("pbs-without-datastores", "/admin/datastore/tank/groups", 403, None),
    ("pbs-without-datastores", "/admin/gc", 200, 0),
    ("pbs-without-datastores", "/config/datastore/tank", 403, None),
]


@pytest.mark.parametrize(("name", "path", "status", "count"), ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
async def test_what_a_token_sees(name: str, path: str, status: int, count: int | None, shared_lab: Lab) -> None:
    token: dict[str, str] = shared_lab.backends.tokens[name]
    prefix, scheme = {"pve": ("PROXMOX", "PVEAPIToken"), "pbs": ("PBS", "PBSAPIToken")}[token["source"]]
    headers = {"Authorization": f"{scheme}={token['token']}"}
    async with httpx.AsyncClient(base_url=shared_lab.env[f"{prefix}_URL"], headers=headers, verify=False) as client:
        response = await client.get(f"/api2/json{path}")
    assert response.status_code == status, response.text
    if count is not None:
        rows: Any = response.json()["data"]
        assert len(rows) == count or (count == _SOME and rows)


async def test_the_agent_of_8_asks_for_another_privilege(start_pve: Any) -> None:
    from dataclasses import replace

    from nightshift_lab.pve.permissions import AUDITOR_8
    from nightshift_lab.world.releases import PVE_8

    path = "/nodes/pve1/qemu/104/agent/get-osinfo"
    for grants, status in ((AUDITOR_8, 403), (AUDITOR_8 | {"VM.Monitor"}, 200)):
        api = await start_pve(grants={"/": grants})
        world = api.holder.world
        api.holder.world = replace(world, cluster=replace(world.cluster, release=PVE_8))
        response = await api.get(path)
        assert response.status_code == status
        if status == 403:
            assert response.reason_phrase == "Permission check failed (/vms/104, VM.Monitor)"


@pytest.fixture
def shared_lab(lab: Lab) -> Lab:
    return lab
