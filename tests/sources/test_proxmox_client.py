"""PVE's odd answers, over real HTTP, → facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from nightshift.errors import SourceForbidden, SourceMalformed, SourceUnreachable, ToolInputError
from nightshift.facts.inventory import BackupJob, Cluster, Guest, GuestConfig, Node, NotBackedUp, Storage
from nightshift.facts.tasks import Task
from nightshift.sources import ClusterStatus, NodeMember, NodeStatus, ProxmoxClient
from nightshift.sources.proxmox.properties import split_tags

API = "/api2/json"
SINCE = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


@pytest.fixture
async def pve(serve, routes, open_transport):
    """A client of a PVE that answers `{path: data}` with `{"data": data}`."""

    async def start(**table):
        known = {
            f"{API}{path}": ({"data": data} if not isinstance(data, bytes) else data) for path, data in table.items()
        }
        stage = await serve(routes(known))
        transport = open_transport("pve", stage.url)
        client = ProxmoxClient(transport.connection, transport)
        return client, stage

    return start


async def test_version(pve):
    client, _ = await pve(**{"/version": {"version": "9.1-1", "release": "9.1", "repoid": "x"}})
    assert await client.version() == "9.1-1"


async def test_a_cluster_and_its_members(pve):
    rows = [
        {"type": "cluster", "id": "cluster", "name": "lab", "quorate": 1, "nodes": 3, "version": 7},
        {"type": "node", "id": "node/pve1", "name": "pve1", "online": 1, "ip": "192.0.2.1", "local": 1},
        {"type": "node", "id": "node/pve2", "name": "pve2", "online": 0, "ip": "192.0.2.2"},
        {"type": "node", "id": "node/pve3", "name": "pve3"},
    ]
    client, _ = await pve(**{"/cluster/status": rows})
    assert await client.cluster_status() == ClusterStatus(
        Cluster("pve", "lab", quorate=True, expected_nodes=3),
        (
            NodeMember("pve1", True, "192.0.2.1"),
            NodeMember("pve2", False, "192.0.2.2"),
            NodeMember("pve3", False, None),
        ),
    )


async def test_a_stand_alone_host_has_no_cluster_row(pve):
    client, _ = await pve(**{"/cluster/status": [{"type": "node", "id": "node/solo", "name": "solo", "online": 1}]})
    assert await client.cluster_status() == ClusterStatus(
        Cluster("pve", name=None, quorate=None, expected_nodes=None), (NodeMember("solo", True),)
    )


GUEST = Guest("pve", 100, "qemu", "pve1", "web", "running")

GUEST_ROWS = [
    pytest.param(
        {
            "type": "qemu",
            "id": "qemu/100",
            "vmid": 100,
            "name": "web",
            "node": "pve1",
            "status": "running",
            "template": 0,
            "tags": "prod;web",
            "cpu": 0.25,
            "maxcpu": 2,
            "mem": 512,
            "maxmem": 1024,
            "disk": 0,
            "maxdisk": 4096,
            "uptime": 60,
            "hastate": "started",
            "pool": "p",
        },
        Guest(
            "pve",
            100,
            "qemu",
            "pve1",
            "web",
            "running",
            tags=("prod", "web"),
            pool="p",
            cpu_fraction=0.25,
            cpu_count=2,
            memory_used_bytes=512,
            memory_total_bytes=1024,
            disk_total_bytes=4096,
            uptime_s=60,
            ha_state="started",
        ),
        id="a VM's disk usage is unknown, not 0",
    ),
    pytest.param(
        {"type": "qemu", "id": "qemu/201", "vmid": 201, "node": "pve2", "status": "unknown"},
        Guest("pve", 201, "qemu", "pve2", None, "unknown"),
        id="stale statistics: the name is lost",
    ),
    pytest.param(
        {
            "type": "lxc",
            "id": "lxc/101",
            "vmid": "101",
            "node": "pve1",
            "name": "dns",
            "status": "running",
            "disk": 7,
            "maxdisk": 9,
        },
        Guest("pve", 101, "lxc", "pve1", "dns", "running", disk_used_bytes=7, disk_total_bytes=9),
        id="a vmid as text, a running container's disk",
    ),
    pytest.param(
        {
            "type": "lxc",
            "id": "lxc/102",
            "vmid": 102,
            "node": "pve1",
            "name": "old",
            "status": "stopped",
            "disk": 0,
            "maxdisk": 9,
        },
        Guest("pve", 102, "lxc", "pve1", "old", "stopped", disk_total_bytes=9),
        id="a stopped container's disk is unknown",
    ),
    pytest.param(
        {
            "type": "qemu",
            "id": "qemu/103",
            "vmid": 103,
            "node": "pve1",
            "name": 12345,
            "status": "io-error",
            "tags": 2024,
            "lock": "backup",
        },
        Guest("pve", 103, "qemu", "pve1", "12345", "io-error", tags=("2024",), lock="backup"),
        id="a name and a tag written as numbers, a QMP state",
    ),
    pytest.param(
        {
            "type": "qemu",
            "id": "qemu/104",
            "node": "pve1",
            "name": "tpl",
            "status": "stopped",
            "template": "1",
            "tags": "",
        },
        Guest("pve", 104, "qemu", "pve1", "tpl", "stopped", template=True),
        id="vmid only in the id",
    ),
]


@pytest.mark.parametrize(("row", "guest"), GUEST_ROWS)
async def test_guests(pve, row, guest):
    client, _ = await pve(**{"/cluster/resources": [row]})
    assert (await client.resources()).guests == (guest,)


@pytest.mark.parametrize(
    ("row", "node"),
    [
        (
            {
                "type": "node",
                "id": "node/pve1",
                "node": "pve1",
                "status": "online",
                "cpu": 0.1,
                "maxcpu": 8,
                "mem": 2,
                "maxmem": 4,
                "disk": 1,
                "maxdisk": 3,
                "uptime": 99,
            },
            Node(
                "pve",
                "pve1",
                True,
                cpu_fraction=0.1,
                cpu_count=8,
                memory_used_bytes=2,
                memory_total_bytes=4,
                rootfs_used_bytes=1,
                rootfs_total_bytes=3,
                uptime_s=99,
            ),
        ),
        ({"type": "node", "id": "node/pve2", "node": "pve2", "status": "offline"}, Node("pve", "pve2", False)),
        (
            {"type": "node", "id": "node/pve3", "status": "offline", "maxcpu": 8, "maxmem": 4, "mem": 0, "cpu": 0},
            Node("pve", "pve3", False, cpu_count=8, memory_total_bytes=4),
        ),
        ({"type": "node", "id": "node/pve4", "node": "pve4", "status": "online"}, Node("pve", "pve4", True)),
    ],
    ids=["online", "offline", "offline with sizes", "without Sys.Audit"],
)
async def test_nodes(pve, row, node):
    client, _ = await pve(**{"/cluster/resources": [row]})
    assert (await client.resources()).nodes == (node,)


def storage_row(node, name="nas", status="available", shared=1, **more):
    sizes = {"disk": 10, "maxdisk": 100} if status == "available" else {}
    return {
        "type": "storage",
        "id": f"storage/{node}/{name}",
        "storage": name,
        "node": node,
        "status": status,
        "shared": shared,
        "plugintype": "nfs",
        "content": "backup,iso",
        **sizes,
        **more,
    }


def node_row(name, status="online"):
    return {"type": "node", "id": f"node/{name}", "node": name, "status": status}


NAS = Storage("pve", "nas", None, "nfs", True, True, ("backup", "iso"), 10, 100)
LOST = replace(NAS, active=False, used_bytes=None, total_bytes=None)


@pytest.mark.parametrize(
    ("rows", "storages"),
    [
        ([storage_row("a"), storage_row("b")], (NAS,)),
        ([storage_row("a", status="unknown"), storage_row("b", status="unknown")], (LOST,)),
        ([storage_row("b"), storage_row("c", status="unknown")], (NAS,)),
        ([storage_row("a"), storage_row("b", status="unknown")], (NAS, replace(LOST, node="b"))),
        ([storage_row("c", status="unknown")], (LOST,)),
        (
            [storage_row("a", shared=0), storage_row("b", shared=0)],
            (replace(NAS, node="a", shared=False), replace(NAS, node="b", shared=False)),
        ),
        ([storage_row("a", disk=0, maxdisk=0)], (replace(NAS, used_bytes=None, total_bytes=None),)),
        ([storage_row("a", shared=0, status="unknown")], (replace(LOST, node="a", shared=False),)),
    ],
    ids=[
        "shared storage once",
        "unreachable everywhere",
        "an offline node has no say",
        "one online node is cut off",
        "only an offline node has it",
        "local ones each",
        "active without a size",
        "inactive has no sizes",
    ],
)
async def test_storages(pve, rows, storages):
    nodes = [node_row("a"), node_row("b"), node_row("c", "offline")]
    client, _ = await pve(**{"/cluster/resources": [*nodes, *rows, {"type": "sdn", "id": "sdn/a/zone", "sdn": "z"}]})
    assert (await client.resources()).storages == storages


async def test_node_status(pve):
    data = {
        "cpu": 0.5,
        "wait": 0.01,
        "uptime": 86400,
        "loadavg": ["0.15", "0.25", "0.30"],
        "memory": {"used": 2, "total": 8, "available": 5},
        "swap": {"used": 0, "total": 4, "free": 4},
        "rootfs": {"used": 1, "total": 9, "avail": 8},
        "cpuinfo": {"cpus": 8, "model": "Xeon"},
        "pveversion": "pve-manager/9.1-1/9a1b2c3d",
        "kversion": "Linux 6.14.1-1-pve #1 SMP",
        "current-kernel": {"release": "6.17.2-1-pve", "sysname": "Linux"},
    }
    client, _ = await pve(**{"/nodes/pve1/status": data})
    status = await client.node_status("pve1")
    assert status == NodeStatus(
        0.5, 8, 2, 8, 1, 9, 0, 4, 86400, (0.15, 0.25, 0.3), 0.01, "9.1-1", "6.17.2-1-pve", 5, "Xeon"
    )
    node = Node("pve", "pve1", True, ip="192.0.2.1", uptime_s=1)
    assert status.over(node) == Node(
        "pve",
        "pve1",
        True,
        "192.0.2.1",
        0.5,
        8,
        2,
        8,
        1,
        9,
        86400,
        (0.15, 0.25, 0.3),
        0.01,
        0,
        4,
        "9.1-1",
        "6.17.2-1-pve",
        5,
        "Xeon",
    )


async def test_node_status_of_an_older_version_says_less(pve):
    client, _ = await pve(**{"/nodes/pve1/status": {"kversion": "Linux 6.8.12-2-pve #1 SMP", "loadavg": ["1"]}})
    assert await client.node_status("pve1") == NodeStatus(kernel="6.8.12-2-pve")


def upid(number):
    return f"UPID:pve1:0000000{number}:00000001:65538000:vzdump::root@pam:"


def task_row(number=1, **more):
    return {
        "upid": upid(number),
        "node": "pve1",
        "type": "vzdump",
        "id": "",
        "user": "root@pam",
        "starttime": 1700000000,
        "pid": 1,
        "pstart": 1,
        **more,
    }


def task(number=1, **more):
    known = {"ended_at": None, "status": None, "outcome": "running", **more}
    return Task(
        "pve", upid(number), "pve1", "vzdump", "", "root@pam", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), **known
    )


ENDED = {"endtime": 1700000060}
ENDED_AT = datetime(2023, 11, 14, 22, 14, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (task_row(), task()),
        (task_row(status="RUNNING"), task(status="RUNNING")),
        (task_row(**ENDED, status="OK"), task(ended_at=ENDED_AT, status="OK", outcome="ok")),
        (task_row(**ENDED, status="WARNINGS: 2"), task(ended_at=ENDED_AT, status="WARNINGS: 2", outcome="warnings")),
        (task_row(**ENDED, status="job errors"), task(ended_at=ENDED_AT, status="job errors", outcome="failed")),
        (
            task_row(**ENDED, status="unexpected status"),
            task(ended_at=ENDED_AT, status="unexpected status", outcome="unknown"),
        ),
        (task_row(starttime="1700000000", id=None), task()),
        (task_row(status="job errors"), task(status="job errors", outcome="failed")),
    ],
)
async def test_tasks(pve, row, expected):
    client, stage = await pve(**{"/nodes/pve1/tasks": [row]})
    page = await client.tasks("pve1", since=SINCE)
    assert page.tasks == (expected,)
    assert stage.seen[0].query == {"source": "all", "limit": "501", "since": str(int(SINCE.timestamp()))}


@pytest.mark.parametrize(("limit", "count", "truncated"), [(2, 2, True), (3, 3, False), (0, 1, True)])
async def test_a_task_page_says_whether_there_are_more(serve, answer, open_transport, limit, count, truncated):
    async def paged(seen, writer):
        rows = [task_row(number) for number in range(1, 4)]
        writer.write(answer(200, {"data": rows[: int(seen.query["limit"])], "total": 3}))

    stage = await serve(paged)
    transport = open_transport("pve", stage.url)
    page = await ProxmoxClient(transport.connection, transport).tasks("pve1", since=SINCE, until=SINCE, limit=limit)
    assert (len(page.tasks), page.truncated) == (count, truncated)
    assert stage.seen[0].query["until"] == str(int(SINCE.timestamp()))


@pytest.mark.parametrize(
    ("total", "limit", "lines", "requests"),
    [(3, 10, ("line 1", "line 2", "line 3"), 1), (5, 2, ("line 4", "line 5"), 2)],
)
async def test_a_long_log_gives_its_end(serve, answer, open_transport, total, limit, lines, requests):
    async def paged(seen, writer):
        start, count = int(seen.query["start"]), int(seen.query["limit"])
        rows = [{"n": number, "t": f"line {number}"} for number in range(1, total + 1)]
        writer.write(answer(200, {"data": rows[start : start + count], "total": total}))

    stage = await serve(paged)
    transport = open_transport("pve", stage.url)
    assert await ProxmoxClient(transport.connection, transport).task_log("pve1", upid(1), limit=limit) == lines
    assert len(stage.seen) == requests
    assert stage.seen[0].name == f"{API}/nodes/pve1/tasks/{upid(1)}/log"


async def test_an_empty_log(pve):
    path = f"/nodes/pve1/tasks/{upid(1)}/log"
    client, _ = await pve(**{path: [{"n": 1, "t": "no content"}]})
    assert await client.task_log("pve1", upid(1)) == ()


JOB = BackupJob("pve", "backup-1", True, None, None, False, (), (), None, None, None)


@pytest.mark.parametrize(
    ("row", "job"),
    [
        ({"id": "backup-1"}, JOB),
        (
            {
                "id": "backup-1",
                "enabled": 0,
                "vmid": "101,102",
                "schedule": "sat 02:00",
                "storage": "nas",
                "next-run": 1700000000,
            },
            replace(
                JOB,
                enabled=False,
                vmids=(101, 102),
                schedule="sat 02:00",
                storage="nas",
                next_run=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
            ),
        ),
        (
            {"id": "backup-1", "enabled": "1", "all": 1, "exclude": "105,106", "fleecing": "enabled=1,storage=fast"},
            replace(JOB, selects_all=True, vmids=None, excluded_vmids=(105, 106), fleecing=True),
        ),
        (
            {"id": "backup-1", "vmid": ["101", 102], "exclude": [103]},
            replace(JOB, vmids=(101, 102), excluded_vmids=(103,)),
        ),
        ({"id": "backup-1", "vmid": 101, "node": "pve2"}, replace(JOB, vmids=(101,), node="pve2")),
        (
            {"id": "backup-1", "pool": "gold", "comment": "nightly"},
            replace(JOB, vmids=None, pool="gold", comment="nightly"),
        ),
        ({"id": "backup-1", "fleecing": {"enabled": 0}}, replace(JOB, fleecing=False)),
    ],
)
async def test_backup_jobs(pve, row, job):
    client, _ = await pve(**{"/cluster/backup": [row]})
    assert await client.backup_jobs() == (job,)


async def test_not_backed_up(pve):
    rows = [{"vmid": 100, "type": "qemu", "name": "web"}, {"vmid": "101", "type": "lxc"}]
    client, _ = await pve(**{"/cluster/backup-info/not-backed-up": rows})
    assert await client.not_backed_up() == (
        NotBackedUp("pve", 100, "web", "qemu"),
        NotBackedUp("pve", 101, None, "lxc"),
    )


CONFIG = GuestConfig("pve", 100, False, False, (), (), None, SINCE, firmware="seabios")


@pytest.mark.parametrize(
    ("data", "config"),
    [
        ({}, CONFIG),
        ({"onboot": 1, "agent": 1}, replace(CONFIG, onboot=True, agent_enabled=True)),
        ({"onboot": "0", "agent": "enabled=1,fstrim_cloned_disks=1"}, replace(CONFIG, agent_enabled=True)),
        ({"agent": "0"}, CONFIG),
        ({"agent": "1,type=virtio"}, replace(CONFIG, agent_enabled=True)),
        (
            {
                "ipconfig0": "ip=192.0.2.10/24,gw=192.0.2.1,ip6=2001:DB8::10/64",
                "net0": "virtio=BC:24:11:2E:C5:4A,bridge=vmbr0",
            },
            replace(
                CONFIG,
                ips=("192.0.2.10", "2001:db8::10"),
                networks=(("net0", "virtio=BC:24:11:2E:C5:4A,bridge=vmbr0"),),
            ),
        ),
        (
            {"net0": "name=eth0,bridge=vmbr0,ip=192.0.2.53/24,ip6=auto", "net1": "name=eth1", "ostype": "debian"},
            replace(
                CONFIG,
                ips=("192.0.2.53",),
                os_type="debian",
                networks=(("net0", "name=eth0,bridge=vmbr0,ip=192.0.2.53/24,ip6=auto"), ("net1", "name=eth1")),
            ),
        ),
        (
            {
                "scsi0": "lvm:vm-100-disk-0,size=32G",
                "ide2": "local:iso/debian.iso,media=cdrom",
                "ide0": "none,media=cdrom",
                "unused0": "lvm:vm-100-disk-1",
                "rootfs": "lvm:x,size=8G",
                "mp0": "/srv,mp=/data",
                "scsihw": "virtio-scsi-pci",
                "description": "the web server",
            },
            replace(
                CONFIG,
                disks=(
                    ("mp0", "/srv,mp=/data"),
                    ("rootfs", "lvm:x,size=8G"),
                    ("scsi0", "lvm:vm-100-disk-0,size=32G"),
                    ("unused0", "lvm:vm-100-disk-1"),
                ),
                description="the web server",
                passthrough=("mp0",),
                devices=(("mp0", "/srv,mp=/data"),),
            ),
        ),
        (
            {
                "usb0": "host=10c4:ea60",
                "protection": 1,
                "bios": "ovmf",
                "cpu": "x86-64-v2-AES,flags=+pcid",
                "meta": "creation-qemu=9.2.0,ctime=1737830400",
            },
            replace(
                CONFIG,
                passthrough=("usb0",),
                devices=(("usb0", "host=10c4:ea60"),),
                protected=True,
                firmware="ovmf",
                cpu_type="x86-64-v2-AES",
                created_at=datetime(2025, 1, 25, 18, 40, tzinfo=UTC),
            ),
        ),
        (
            {
                "hostpci0": "mapping=gpu",
                "hostpci1": "0000:01:00",
                "usb0": "spice",
                "mp0": "/srv,mp=/a,shared=1",
                "cpu": "cputype=host",
            },
            replace(
                CONFIG,
                disks=(("mp0", "/srv,mp=/a,shared=1"),),
                passthrough=("hostpci1",),
                devices=(
                    ("hostpci0", "mapping=gpu"),
                    ("hostpci1", "0000:01:00"),
                    ("mp0", "/srv,mp=/a,shared=1"),
                    ("usb0", "spice"),
                ),
                cpu_type="host",
            ),
        ),
    ],
)
async def test_guest_config(pve, data, config):
    client, _ = await pve(**{"/nodes/pve1/qemu/100/config": data})
    assert await client.guest_config(GUEST, read_at=SINCE) == config


@pytest.mark.parametrize(("data", "unprivileged"), [({"unprivileged": 1}, True), ({}, False)])
async def test_a_container_has_no_firmware_and_may_be_unprivileged(pve, data, unprivileged):
    client, _ = await pve(**{"/nodes/pve1/lxc/100/config": data | {"dev0": "/dev/ttyUSB0"}})
    assert await client.guest_config(replace(GUEST, kind="lxc"), read_at=SINCE) == replace(
        CONFIG, firmware=None, unprivileged=unprivileged, passthrough=("dev0",), devices=(("dev0", "/dev/ttyUSB0"),)
    )


@pytest.mark.parametrize(
    ("before", "data", "after"),
    [
        (GUEST, {"status": "stopped", "vmid": 100, "uptime": 0}, replace(GUEST, status="stopped", uptime_s=0)),
        (GUEST, {"status": "running", "qmpstatus": "paused"}, replace(GUEST, status="paused")),
        (GUEST, {"status": "stopped", "qmpstatus": "stopped"}, replace(GUEST, status="stopped")),
        (
            replace(GUEST, lock="backup", ha_state="started"),
            {
                "status": "running",
                "ha": {"managed": 1, "state": "stopped"},
                "cpus": 4,
                "cpu": 0.1,
                "mem": 5,
                "maxmem": 9,
            },
            replace(
                GUEST, ha_state="stopped", cpu_count=4, cpu_fraction=0.1, memory_used_bytes=5, memory_total_bytes=9
            ),
        ),
        (replace(GUEST, ha_state="started"), {"status": "running", "ha": {"managed": 0}}, GUEST),
        (
            replace(GUEST, name=None, status="unknown"),
            {
                "status": "running",
                "name": "web",
                "tags": "a b,c",
                "lock": "migrate",
                "disk": 0,
                "maxdisk": 7,
                "template": 0,
            },
            replace(GUEST, tags=("a", "b", "c"), lock="migrate", disk_total_bytes=7),
        ),
    ],
)
async def test_guest_current_is_merged_over_the_guest(pve, before, data, after):
    client, _ = await pve(**{"/nodes/pve1/qemu/100/status/current": data})
    assert await client.guest_current(before) == after


async def test_a_running_container_knows_its_disk(pve):
    container = Guest("pve", 101, "lxc", "pve1", "dns", "running")
    client, _ = await pve(**{"/nodes/pve1/lxc/101/status/current": {"status": "running", "disk": 7, "maxdisk": 9}})
    assert await client.guest_current(container) == replace(container, disk_used_bytes=7, disk_total_bytes=9)


@pytest.mark.parametrize(
    ("data", "storage"),
    [
        (
            {"type": "dir", "content": "iso, backup", "active": 1, "shared": 0, "used": 10, "total": 60, "avail": 50},
            Storage("pve", "local", "pve1", "dir", False, True, ("iso", "backup"), 10, 60),
        ),
        (
            {"type": "nfs", "content": "backup", "active": 0, "shared": 1, "used": 0, "total": 0, "avail": 0},
            Storage("pve", "local", None, "nfs", True, False, ("backup",)),
        ),
        ({"type": "dir"}, Storage("pve", "local", "pve1", "dir", False, False)),
    ],
)
async def test_storage_status(pve, data, storage):
    client, _ = await pve(**{"/nodes/pve1/storage/local/status": data})
    assert await client.storage_status("pve1", "local") == storage


async def test_permissions_without_propagation_are_still_granted(pve):
    data = {"/": {"Sys.Audit": 1, "VM.Audit": "1"}, "/vms/100": {"VM.Backup": 0}}
    client, _ = await pve(**{"/access/permissions": data})
    assert await client.permissions() == {
        "/": frozenset({"Sys.Audit", "VM.Audit"}),
        "/vms/100": frozenset({"VM.Backup"}),
    }


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"not": "a list"}, "field data: "),
        ([{"id": "qemu/1"}], r"field data\.0\.type: "),
        ([{"type": "qemu", "id": "qemu/1", "vmid": "x"}], r"field data\.0\.vmid: "),
        ([{"type": "qemu", "id": "qemu/1", "vmid": 1}], "guest 1 has no field node"),
        ([{"type": "qemu", "id": "web", "node": "pve1"}], "no field vmid"),
        ([{"type": "node", "id": "node/a", "cpu": "much"}], r"field data\.0\.cpu: "),
    ],
)
async def test_wrong_shapes_name_the_field(pve, rows, words):
    client, _ = await pve(**{"/cluster/resources": rows})
    with pytest.raises(SourceMalformed, match=words):
        await client.resources()


async def test_data_null_is_no_status(pve, answer):
    client, _ = await pve(**{"/nodes/gone/status": answer(200, {"data": None})})
    with pytest.raises(SourceMalformed, match="field data: "):
        await client.node_status("gone")


async def test_a_missing_privilege_is_named(pve, answer):
    body = {"data": None, "message": "Permission check failed (/, Sys.Audit)\n"}
    client, _ = await pve(**{"/cluster/backup": answer(403, body)})
    with pytest.raises(SourceForbidden) as caught:
        await client.backup_jobs()
    assert caught.value.privilege == "Sys.Audit on /"


async def test_a_dead_peer_is_named(pve, answer):
    client, _ = await pve(**{"/nodes/pve2/status": answer(595, b"", reason="No route to host")})
    with pytest.raises(SourceUnreachable, match=r"could not reach node pve2 \(595\): No route to host"):
        await client.node_status("pve2")


async def test_nothing_is_sent_for_a_path_that_is_none(pve):
    client, stage = await pve()
    with pytest.raises(ToolInputError):
        await client.task_log("pve1/../../access", upid(1))
    assert stage.seen == []


@pytest.mark.parametrize(
    ("text", "tags"), [(None, ()), ("", ()), ("a;b", ("a", "b")), ("a, b c", ("a", "b", "c")), (";a;", ("a",))]
)
def test_tags(text, tags):
    assert split_tags(text) == tags
