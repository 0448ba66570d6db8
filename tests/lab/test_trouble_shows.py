# ruff: noqa: E501  (one place where a trouble shows a row: this is a table)
"""What a scenario breaks shows in the answers of PVE and PBS, and in a healthy homelab the same place says nothing."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from nightshift_lab.access import Token
from nightshift_lab.pbs import PBS_ADMIN
from nightshift_lab.pbs.api import Call as PbsCall
from nightshift_lab.pbs.api import Page as PbsPage
from nightshift_lab.pbs.routes import ROUTES as PBS_ROUTES
from nightshift_lab.pve.api import Call as PveCall
from nightshift_lab.pve.api import Page as PvePage
from nightshift_lab.pve.permissions import ADMIN
from nightshift_lab.pve.routes import routed
from nightshift_lab.scenarios import build_scenario
from nightshift_lab.world import World
from nightshift_lab.world.backups import weekday_of
from nightshift_lab.world.node_tasks import pve_tasks
from nightshift_lab.world.snapshots import snapshots_at

EVENING = 1_795_469_000.0
DAY_S = 86_400.0


@cache
def _world(scenario: str) -> World:
    return build_scenario(scenario, seed=7, started_at=EVENING)


def _pve(scenario: str, address: str) -> Any:
    """The answer of an address, whose query stands behind `?`."""
    path, _, query = address.partition("?")
    found = routed(tuple(path.strip("/").split("/")))
    assert found is not None, address
    route, values = found
    asked = dict(pair.split("=") for pair in query.split("&") if pair)
    data = route.answer(PveCall(_world(scenario), EVENING, Token("a@pve!b", "x", {"/": ADMIN}), values, asked))
    return data.rows if isinstance(data, PvePage) else data


def _pbs(scenario: str, server: str, address: str) -> Any:
    path, _, query = address.partition("?")
    segments = tuple(path.strip("/").split("/"))
    route, values = next((route, found) for route in PBS_ROUTES if (found := route.match(segments)) is not None)
    asked = dict(pair.split("=") for pair in query.split("&") if pair)
    world = _world(scenario)
    token = Token("a@pbs!b", "x", {"/": PBS_ADMIN})
    data = route.answer(PbsCall(world, world.server(server), EVENING, token, values, asked, "AA:BB"))
    return data.rows if isinstance(data, PbsPage) else data


def _dug(data: Any, place: str) -> Any:
    """`cpu`, `[node=pve2].status`, `#` (how many rows), `data.0.x`; None where there is nothing."""
    for step in place.split(".") if place else ():
        if step == "#":
            data = len(data)
        elif step.startswith("["):
            name, _, value = step[1:-1].partition("=")
            data = next((row for row in data if str(row.get(name)) == value), None)
        elif isinstance(data, list):
            data = data[int(step)] if int(step) < len(data) else None
        else:
            data = None if data is None else data.get(step)
    return data


@pytest.mark.parametrize(
    ("scenario", "address", "place", "healthy", "broken"),
    [
        ("node-updates-pending", "/nodes/pve2/apt/update", "#", 5, 143),
        ("node-repository-broken", "/nodes/pve3/apt/update", "#", 5, 0),
        ("node-repository-broken", "/nodes/pve3/apt/repositories", "standard-repos.[handle=enterprise].status", 0, 1),
        ("node-reboot-needed", "/nodes/pve1/status", "current-kernel.release", "6.17.4-1-pve", "6.17.2-1-pve"),
        ("node-reboot-needed", "/nodes/pve1/apt/versions", "[Package=proxmox-ve].RunningKernel", "6.17.4-1-pve", "6.17.2-1-pve"),
        ("versions-mixed", "/nodes/pve3/version", "release", "9.1", "8.4"),
        ("versions-mixed", "/nodes/pve3/status", "pveversion", "pve-manager/9.1.4/5ac30304265fbd8e", "pve-manager/8.4.14/b502d23c55afcba1"),
        ("cluster-even-votes", "/cluster/status", "0.nodes", 3, 4),
        ("cluster-even-votes", "/cluster/config/nodes", "#", 3, 4),
        ("external-vote-lost", "/cluster/config/qdevice", "State", None, "Connect failed"),
        ("healthy-external-vote", "/cluster/config/qdevice", "State", None, "Connected"),
        ("ha-agent-dead", "/cluster/ha/status/current", "[id=lrm:pve1].status", "pve1 (active, Mon Nov 23 21:23:20 2026)", "pve1 (old timestamp - dead?, Mon Nov 23 21:08:20 2026)"),
        ("ha-manager-dead", "/cluster/ha/status/current", "[id=master].status", "pve1 (active, Mon Nov 23 21:23:20 2026)", "pve1 (old timestamp - dead?, Mon Nov 23 21:08:20 2026)"),
        ("failover-forbidden", "/cluster/ha/rules", "[rule=only-traefik].strict", None, 1),
        ("failover-doomed", "/cluster/ha/resources", "[sid=vm:109].state", None, "started"),
        ("guest-disk-unused", "/nodes/pve2/qemu/113/config", "unused0", None, "local-zfs:vm-113-disk-9"),
        ("guest-disk-unused", "/nodes/pve2/storage/local-zfs/content?vmid=113", "[volid=local-zfs:vm-113-disk-9].size", None, 200 * 1024**3),
        ("guest-without-discard", "/nodes/pve3/qemu/122/config", "scsi0", "local-lvm:vm-122-disk-0,discard=on,iothread=1,size=80G,ssd=1", "local-lvm:vm-122-disk-0,iothread=1,size=80G,ssd=1"),
        ("guest-disk-on-missing-storage", "/nodes/pve3/qemu/128/config", "scsi9", None, "old-ssd:vm-128-disk-3,size=100G"),
        ("guest-snapshot-forgotten", "/nodes/pve2/qemu/117/snapshot", "[name=before-dovecot].snaptime", None, int(EVENING - 212 * DAY_S)),
        ("guest-snapshot-forgotten", "/nodes/pve2/qemu/117/config", "parent", None, "before-dovecot"),
        ("guest-internal-error", "/cluster/resources?type=vm", "[vmid=123].status", "running", "internal-error"),
        ("disk-gone", "/nodes/pve1/disks/zfs/rpool", "state", "ONLINE", "DEGRADED"),
        ("disk-gone", "/nodes/pve1/disks/list", "[serial=2234AB801877].devpath", "/dev/nvme1n1", None),
        ("thin-metadata-filling", "/nodes/pve3/disks/lvmthin", "0.metadata_used", "", int(8_101 * 1024**2 * 0.96)),
        ("replication-behind", "/nodes/pve2/replication", "[id=116-0].fail_count", 0, 0),
        ("replication-behind", "/nodes/pve2/replication", "[id=116-0].last_sync", 1_795_468_504, 1_795_436_104),
        ("healthy-weekly-job", "/cluster/backup/backup-3ad77b10-51c8", "schedule", "", "wed 04:00"),
        ("healthy-weekly-job", "/cluster/backup/backup-3ad77b10-51c8", "next-run", "", 1_795_579_200),
        ("healthy-pool-job", "/cluster/backup/backup-e90b6f42-7d15", "pool", "", "media"),
        ("healthy-pool-job", "/pools?poolid=media", "0.members.#", "", 3),
        ("healthy-pool-job", "/cluster/resources?type=vm", "[vmid=112].pool", None, "media"),
        ("healthy-pool-job", "/cluster/backup-info/not-backed-up", "#", 0, 0),
        ("backup-pool-left", "/cluster/backup-info/not-backed-up", "0.vmid", "", 134),
        ("guest-left-its-jobs-node", "/cluster/backup/backup-58c1d7ee-02b4", "node", "", "pve2"),
        ("guest-left-its-jobs-node", "/cluster/backup-info/not-backed-up", "0.vmid", "", 142),
        ("guest-disk-excluded", "/nodes/pve2/qemu/117/config", "scsi0", "local-zfs:vm-117-disk-0,discard=on,iothread=1,size=80G,ssd=1", "local-zfs:vm-117-disk-0,discard=on,iothread=1,backup=0,size=80G,ssd=1"),
        ("guest-disk-excluded", "/cluster/backup/backup-b7e4415a-03fc/included_volumes", "children.[id=117].children.0.reason", "backup=yes", "backup=no"),
        ("guest-bind-mount", "/nodes/pve2/lxc/114/config", "mp1", None, "/rpool/documents,mp=/mnt/documents"),
        ("guest-bind-mount", "/cluster/backup/backup-6f1d20c3-9a51/included_volumes", "children.[id=114].children.[id=mp1].reason", None, "not a volume"),
        ("backup-server-on-guest-storage", "/nodes/pve2/qemu/111/config", "scsi1", None, "local-zfs:vm-111-disk-1,discard=on,iothread=1,backup=0,size=616G,ssd=1"),
        ("datastore-offline", "/nodes/pve1/storage/pbs-vault/status", "active", 1, 0),
        ("backup-groups-mixed", "/nodes/pve1/storage/pbs-tank/content?vmid=104", "0.notes", None, "nextcloud"),
        ("ceph-osd-down", "/cluster/ceph/status", "osdmap.num_up_osds", "", 5),
        ("ceph-osd-down", "/cluster/ceph/status", "health.checks.OSD_DOWN.summary.message", None, "1 osds down"),
        ("ceph-osd-down", "/cluster/ceph/status", "health.checks.PG_DEGRADED.severity", None, "HEALTH_WARN"),
        ("ceph-osd-nearfull", "/cluster/ceph/status", "health.checks.OSD_NEARFULL.summary.message", None, "1 nearfull osd(s)"),
        ("ceph-damaged", "/nodes/pve1/ceph/status", "health.status", None, "HEALTH_ERR"),
        ("ceph-monitor-down", "/cluster/ceph/status", "health.checks.MON_DOWN.summary.message", None, "1/3 mons down, quorum pve1,pve2"),
        ("ceph-node-offline", "/cluster/ceph/status", "osdmap.num_in_osds", None, 5),
        ("ceph-node-offline", "/cluster/ceph/status", "health.checks.OSD_DOWN.summary.message", None, "1 osds down"),
        ("healthy-with-ceph", "/cluster/ceph/status", "health.status", None, "HEALTH_OK"),
        ("healthy-with-ceph", "/nodes/pve2/disks/list", "[osdid=3].used", None, "LVM"),
    ],
)  # fmt: skip
def test_it_shows_in_pve(scenario: str, address: str, place: str, healthy: Any, broken: Any) -> None:
    assert _dug(_pve(scenario, address), place) == broken
    if "ceph/status" not in address and healthy != "":
        assert _dug(_pve("healthy", address), place) == healthy


@pytest.mark.parametrize(
    ("scenario", "address", "place", "healthy", "broken"),
    [
        ("datastore-read-only", "/admin/datastore", "[store=vault].maintenance", None, 'read-only,message="moving to the new disk"'),
        ("garbage-collection-off", "/admin/gc", "[store=vault].next-run", 1_795_501_800, None),
        ("garbage-collection-off", "/config/datastore/vault", "gc-schedule", "06:30", None),
        ("garbage-collection-never-ran", "/admin/gc", "[store=tank].last-run-state", "OK", None),
        ("garbage-collection-never-ran", "/admin/datastore/tank/status?verbose=1", "gc-status.upid", "", None),
        ("chunks-bad", "/admin/gc", "[store=tank].still-bad", 0, 17),
        ("prune-failing", "/admin/prune", "[store=tank].last-run-state", "OK", "prune failed - unable to lock group"),
        ("verification-off", "/admin/verify", "[store=vault].schedule", "08:30", None),
        ("healthy-orphaned-groups", "/admin/datastore/tank/groups?ns=homelab", "[backup-id=150].backup-count", None, 5),
        ("host-backup-stale", "/admin/datastore/tank/snapshots?ns=", "[backup-id=thinkpad-anna].owner", None, "anna@pbs"),
        ("backup-server-service-failed", "/nodes/localhost/services", "[service=postfix].state", "running", "failed"),
    ],
)  # fmt: skip
def test_it_shows_in_pbs(scenario: str, address: str, place: str, healthy: Any, broken: Any) -> None:
    assert _dug(_pbs(scenario, "pbs", address), place) == broken
    if healthy != "":
        assert _dug(_pbs("healthy", "pbs", address), place) == healthy


def test_a_node_that_asks_the_enterprise_repository_fails_to_update_each_night_and_says_why() -> None:
    tasks = [task for task in pve_tasks(_world("node-repository-broken"), "pve3", EVENING) if task.kind == "aptupdate"]
    recent = [task for task in tasks if task.started_at > EVENING - 8 * DAY_S]
    assert {task.status for task in recent} == {"command 'apt-get update' failed: exit code 100"}
    assert any("401  Unauthorized" in line for line in recent[0].log_at(EVENING))
    assert {task.status for task in tasks if task.started_at < EVENING - 9 * DAY_S} == {"OK"}


def test_backups_to_a_datastore_in_maintenance_are_turned_away_before_any_data_is_sent() -> None:
    tasks = pve_tasks(_world("datastore-read-only"), "pve1", EVENING)
    log = next(task for task in tasks if task.status == "job errors").log_at(EVENING)
    reason = "datastore 'vault' is in read-only maintenance mode: moving to the new disk"
    connect = f"VM 104 qmp command 'backup' failed - backup connect failed: command error: {reason}"
    assert f"ERROR: Backup of VM 104 failed - {connect}" in log
    assert log[-1] == "TASK ERROR: job errors"


def test_what_garbage_collection_does_not_take_stays() -> None:
    off, usual = (
        _world(name).at("datastore/pbs/vault", "used_bytes", EVENING) for name in ("garbage-collection-off", "healthy")
    )
    assert off - usual == 20 * 16.0 * 1024**3
    failing = _world("garbage-collection-failing").at("datastore/pbs/tank", "used_bytes", EVENING)
    assert failing - _world("healthy").at("datastore/pbs/tank", "used_bytes", EVENING) == 4 * 24.0 * 1024**3


def test_encryption_ended_with_the_key() -> None:
    rows = _pbs("backup-encryption-dropped", "pbs", "/admin/datastore/vault/snapshots?ns=homelab")
    modes = [(row["backup-time"], row["files"][1]["crypt-mode"]) for row in rows if row["backup-id"] == "102"]
    dropped = EVENING - 9 * DAY_S
    assert {mode for at, mode in modes if at > dropped} == {"none"}
    assert {mode for at, mode in modes if at < dropped - DAY_S} == {"encrypt"}
    assert {
        row["files"][1]["crypt-mode"] for row in _pbs("healthy", "pbs", "/admin/datastore/vault/snapshots?ns=homelab")
    } == {"none"}


def test_a_backup_that_lost_its_bitmap_reads_all_of_the_disk_and_takes_hours() -> None:
    def log(scenario: str) -> tuple[str, ...]:
        tasks = pve_tasks(_world(scenario), "pve2", EVENING)
        return next(task for task in tasks if task.kind == "vzdump" and 113 in task.vmids).log_at(EVENING)

    slow, usual = log("backup-slow"), log("healthy")
    assert "INFO: scsi0: dirty-bitmap status: existing bitmap was invalid and has been cleared" in slow
    assert "INFO: Finished Backup of VM 113 (02:41:02)" in slow
    assert any(line.startswith("INFO: Finished Backup of VM 113 (00:00:") for line in usual)


def test_a_weekly_job_saves_once_a_week() -> None:
    world = _world("healthy-weekly-job")
    times = [
        snapshot.taken_at
        for snapshot in snapshots_at(world, "pbs", "vault", "homelab", EVENING)
        if snapshot.group == "vm/123"
    ]
    assert {weekday_of(at) for at in times} == {2}
    assert 4 * DAY_S < EVENING - times[-1] < 6 * DAY_S
    missed = [
        s.taken_at
        for s in snapshots_at(_world("backup-weekly-missed"), "pbs", "vault", "homelab", EVENING)
        if s.group == "vm/123"
    ]
    assert 11 * DAY_S < EVENING - missed[-1] < 13 * DAY_S


def test_two_sites_that_share_a_namespace_have_their_guests_in_the_same_groups() -> None:
    rows = _pbs("backup-groups-mixed", "pbs", "/admin/datastore/tank/groups?ns=homelab")
    assert {f"{row['backup-type']}/{row['backup-id']}" for row in rows} >= {
        "vm/104",
        "ct/102",
        "ct/105",
        "vm/100",
        "ct/100",
    }
    assert {row["owner"] for row in rows} == {"pve@pbs!homelab"}
    usual = _pbs("healthy", "pbs", "/admin/datastore/tank/groups?ns=homelab")
    assert not {"102", "104", "105"} & {row["backup-id"] for row in usual}


def test_pressure_is_recorded_where_tasks_wait() -> None:
    for scenario, low, high in (("node-disk-pressure", 50.0, 60.0), ("healthy", 0.0, 10.0)):
        last = _pve(scenario, "/nodes/pve2/rrddata?timeframe=hour")[-1]
        assert low <= last["pressureiosome"] <= high
        assert last["pressureiofull"] < last["pressureiosome"]


def test_a_scrub_that_is_overdue_is_a_date_of_months_ago() -> None:
    scan = _pve("scrub-overdue", "/nodes/pve2/disks/zfs/rpool")["scan"]
    assert scan.endswith("2026")
    assert " Jun " in scan
