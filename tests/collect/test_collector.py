"""Snapshots: whole when all goes well; when a source fails, a Gap on exactly what it would have told."""

from __future__ import annotations

import asyncio
import time
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from tests.collect.doubles import (
    HANG,
    NOW,
    Double,
    GrafanaDouble,
    PbsDouble,
    PrometheusDouble,
    ProxmoxDouble,
    Pve,
    backup,
    group,
    sources,
)

from nightshift.collect.collector import Collector
from nightshift.collect.grafana import CHANGES_PAGES, CHANGES_READ
from nightshift.collect.lanes import FIRST_READS
from nightshift.errors import SourceFailed, SourceForbidden, SourceUnreachable, SourceUnsupported
from nightshift.facts.backups import Datastore
from nightshift.facts.gap import Gap
from nightshift.facts.hardware import Disk, ZfsPool
from nightshift.facts.inventory import Guest, GuestConfig, Node, Storage, StorageConfig
from nightshift.facts.monitoring import Alert, AlertChange, AlertRule, Sample, Silenced, Target
from nightshift.facts.pbs_jobs import PbsJob
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.sources import Sources

REFUSED = SourceUnreachable("x", "GET /", "connection refused")
PVE = {
    "clusters", "nodes", "guests", "guest_configs", "storages", "storage_configs", "backup_jobs", "not_backed_up",
    "tasks", "disks", "smart", "zfs_pools", "zfs_status", "thin_pools", "guest_filesystems", "guest_snapshots",
    "guest_tasks", "job_volumes", "storage_archives", "backup_runs", "restore_tests",
    "corosync", "ha", "ha_rules", "replication", "node_history", "services", "clocks", "software", "repositories",
    "certificates", "boot_journals", "space_history",
}  # fmt: skip
OF_NODES = 10  # slow reads before the guests' configurations: votes, rules, and four of each of two nodes
PBS = {"datastores", "backup_groups", "backup_snapshots", "gc", "pbs_tasks", "pbs_jobs", "pbs_hosts"}
PROMETHEUS = {"targets", "scrape_pools", "recording_rules", "alertmanagers", "metric_names"}
GRAFANA = {"alerts", "silences", "alert_rules", "grafana_datasources", "alert_changes"}
QUERIES = {"a": "up", "b": "vector(1)"}


async def collect(of: Sources, queries: dict[str, str] | None = None, timeout_s: float = 2.0) -> Snapshot:
    snapshot, _ = await Collector(of, queries=queries or {}, source_timeout_s=timeout_s).collect(NOW)
    return snapshot


def states(snapshot: Snapshot) -> dict[str, str]:
    named = ((item.name, getattr(snapshot, item.name)) for item in fields(snapshot))
    return {name: value.state for name, value in named if isinstance(value, Dataset)}


def everything(**doubles: Double) -> Sources:
    usual = {
        "pve": ProxmoxDouble(),
        "pbs": PbsDouble(),
        "prometheus": PrometheusDouble(),
        "grafana": GrafanaDouble(),
    } | doubles
    return sources(**{kind: (double,) for kind, double in usual.items()})


async def test_all_goes_well() -> None:
    snapshot = await collect(everything())
    assert {name for name, state in states(snapshot).items() if state == "complete"} == PVE | PBS | PROMETHEUS | GRAFANA
    assert snapshot.gaps == ()
    assert [(status.id, status.reachable, status.version) for status in snapshot.sources] == [
        ("pve", True, "1.0"),
        ("pbs", True, "1.0"),
        ("prometheus", True, "1.0"),
        ("grafana", True, "1.0"),
    ]
    assert [node.uptime_s for node in snapshot.nodes] == [900_000, 900_000]
    assert [node.ip for node in snapshot.nodes] == ["192.0.2.11", "192.0.2.12"]
    assert snapshot.clusters.rows[0].version == "1.0"


async def test_nothing_configured_is_no_fault() -> None:
    snapshot = await collect(sources())
    assert set(states(snapshot).values()) == {"not_configured"}
    assert (snapshot.gaps, snapshot.sources) == ((), ())


@pytest.mark.parametrize(
    ("kind", "double", "datasets"),
    [
        ("pve", ProxmoxDouble(**{"*": REFUSED}), PVE),
        ("pbs", PbsDouble(**{"*": REFUSED}), PBS),
        ("prometheus", PrometheusDouble(**{"*": REFUSED}), PROMETHEUS),
        ("grafana", GrafanaDouble(**{"*": REFUSED}), GRAFANA),
    ],
)
async def test_a_source_that_fails_spoils_only_its_own(kind: str, double: Double, datasets: set[str]) -> None:
    snapshot = await collect(everything(**{kind: double}), QUERIES)
    assert {name for name, state in states(snapshot).items() if state == "unavailable"} == datasets
    # a Prometheus that does not answer may have alert rules of its own
    shared = {"alerts", "alert_rules"} if kind == "prometheus" else set()
    lost = {gap.dataset for gap in snapshot.gaps} - {"metrics.a", "metrics.b", "metrics.guest_names"}
    assert lost == datasets | shared
    assert {gap.kind for gap in snapshot.gaps} == {"unreachable"}
    status = next(status for status in snapshot.sources if status.id == kind)
    assert (status.reachable, status.gap is not None) == (False, True)
    expected = "unavailable" if kind == "prometheus" else "complete"
    assert {dataset.state for dataset in snapshot.metrics.values()} == {expected}


async def test_rules_of_prometheus_itself_are_told_beside_grafanas() -> None:
    own, grafanas = (
        AlertRule(source, name, name, None, None, "inactive", "ok", None, None)
        for source, name in (("prometheus", "Down"), ("grafana", "Disk"))
    )
    prometheus = PrometheusDouble()
    prometheus.own_rules = (own,)
    snapshot = await collect(everything(prometheus=prometheus, grafana=GrafanaDouble(rules=(grafanas,))), QUERIES)
    assert (snapshot.alert_rules.state, set(snapshot.alert_rules)) == ("complete", {own, grafanas})
    without = await collect(sources(prometheus=(PrometheusDouble(),)), QUERIES)
    assert without.alert_rules.state == "not_configured"


async def test_what_a_relative_of_prometheus_does_not_have_is_no_gap() -> None:
    absent = SourceUnsupported("prometheus", "GET /", "there is no such endpoint")
    thanos = PrometheusDouble(alertmanagers=absent, rules=absent, scrape_pools=absent)
    thanos.failures["targets"] = absent
    snapshot = await collect(sources(prometheus=(thanos,)), QUERIES)
    assert (snapshot.gaps, snapshot.targets.state, snapshot.alertmanagers.state) == (
        (), "not_configured", "not_configured",
    )  # fmt: skip


async def test_a_grafana_that_does_not_list_data_sources_is_no_gap_but_a_refusal_is() -> None:
    old = GrafanaDouble(datasources=SourceUnsupported("grafana", "GET /", "there is no such endpoint"))
    assert (await collect(sources(grafana=(old,)), {})).gaps == ()
    refused = GrafanaDouble(datasources=SourceForbidden("grafana", "GET /", "needs datasources:read"))
    (gap,) = (await collect(sources(grafana=(refused,)), {})).gaps
    assert (gap.dataset, gap.kind, gap.detail) == ("grafana_datasources", "forbidden", "needs datasources:read")


RUN = replace(backup("S", "OK"), source="pbs", worker_type="syncjob", worker_id="rack:main:tank::s-1")
MIRROR = PbsJob("pbs", "sync", "s-1", "tank", "", "daily", remote="rack", remote_datastore="main")
HIDDEN = Gap(
    "pbs",
    "pbs_jobs",
    "forbidden",
    "a sync job of datastore tank with rack runs, and PBS leaves it out of its list: whether it is overdue cannot be "
    "seen",
    "Grant Remote.Audit on /remote to the token and to its user (role RemoteAudit).",
    ("datastore:pbs/tank",),
)


@pytest.mark.parametrize(
    ("listed", "granted", "expected"),
    [
        ((), {"/": frozenset({"Datastore.Audit"})}, (HIDDEN,)),
        ((), {"/": frozenset({"Datastore.Audit"}), "/remote": frozenset({"Remote.Audit"})}, ()),
        ((), {"/remote/other": frozenset({"Remote.Audit"})}, (HIDDEN,)),
        ((MIRROR,), {}, ()),
    ],
    ids=["hidden", "deleted since", "another remote may be seen", "listed"],
)
async def test_sync_jobs_that_the_server_keeps_to_itself_are_a_gap(listed, granted, expected) -> None:
    server = PbsDouble()
    server.ran, server.syncs, server.granted = (RUN,), listed, granted
    assert (await collect(sources(pbs=(server,)), {})).gaps == expected
    assert ("permissions" in server.calls) == (not listed)


FIRING = Alert("grafana", "aaaa", "Disk", "firing", None, NOW, None, (("alertname", "Disk"), ("host", "web")), (), "h")
NO_DATA = replace(FIRING, labels=(("alertname", "Disk"), ("datasource_uid", "prom"), ("host", "web")))


@pytest.mark.parametrize(
    ("alert", "silenced", "expected"),
    [
        (FIRING, Silenced("grafana", "aaaa", "Disk", (*FIRING.labels, ("grafana_folder", "SRE"))), True),
        (FIRING, Silenced("grafana", "cccc", "Disk", FIRING.labels), False),
        (FIRING, Silenced("grafana", "aaaa", "Disk", (("alertname", "Disk"), ("host", "nas"))), False),
        (
            NO_DATA,
            Silenced("grafana", "aaaa", "Disk", (("alertname", "DatasourceNoData"), ("host", "web"), ("ref_id", "A"))),
            True,
        ),
    ],
    ids=["silenced", "another rule", "another instance", "under the name of no data"],
)
async def test_an_alert_is_silenced_when_its_notification_is(alert: Alert, silenced: Silenced, expected: bool) -> None:
    grafana = GrafanaDouble((alert,))
    grafana.quiet = (silenced,)
    snapshot = await collect(sources(grafana=(grafana,)), {})
    assert [alert.silenced for alert in snapshot.alerts] == [expected]


async def test_silences_that_may_not_be_read_are_a_gap_and_the_alerts_are_seen() -> None:
    refused = SourceForbidden("grafana", "GET /", "needs alert.instances:read", fix="Grant alert.instances:read.")
    snapshot = await collect(sources(grafana=(GrafanaDouble((FIRING,), silenced=refused),)), {})
    assert (snapshot.alerts.state, [alert.silenced for alert in snapshot.alerts]) == ("complete", [None])
    assert snapshot.gaps == (
        Gap("grafana", "silences", "forbidden", "needs alert.instances:read", "Grant alert.instances:read."),
    )


async def test_a_data_source_that_may_not_be_asked_how_it_is_leaves_a_gap() -> None:
    refused = SourceForbidden("grafana", "GET /", "needs datasources:query")
    snapshot = await collect(sources(grafana=(GrafanaDouble(with_health=refused),)), {})
    assert (snapshot.grafana_datasources.state, [row.healthy for row in snapshot.grafana_datasources]) == (
        "partial", [None],
    )  # fmt: skip
    assert [gap.detail for gap in snapshot.gaps] == ["how the data source Prometheus is: needs datasources:query"]


@pytest.mark.parametrize("kind", ["pve", "pbs", "prometheus", "grafana"])
async def test_a_source_that_hangs_costs_its_own_time_only(kind: str) -> None:
    doubles = {"pve": ProxmoxDouble, "pbs": PbsDouble, "prometheus": PrometheusDouble, "grafana": GrafanaDouble}
    hanging = doubles[kind](**{"*": HANG})
    started_s = time.perf_counter()
    snapshot = await collect(everything(**{kind: hanging}), QUERIES, timeout_s=0.2)
    assert time.perf_counter() - started_s < 1.0
    gaps = [gap for gap in snapshot.gaps if gap.kind == "timed_out"]
    assert {gap.source for gap in gaps} == {kind}
    assert len(gaps) == len(snapshot.gaps)


GUEST_ITEMS = ("guest_filesystems", "guest_snapshots", "guest_tasks")
PARTS = [
    (
        "cluster_status",
        {"clusters": "unavailable", "nodes": "partial", "corosync": "unavailable", "ha_rules": "unavailable"},
    ),
    (
        "resources",
        dict.fromkeys(
            ("guests", "storages", "guest_configs", "backup_runs", "restore_tests", *GUEST_ITEMS), "unavailable"
        )
        | {"nodes": "partial"},
    ),
    ("backup_jobs", {"backup_jobs": "unavailable", "job_volumes": "unavailable"}),
    ("not_backed_up", {"not_backed_up": "unavailable"}),
    (
        "storage_configs",
        dict.fromkeys(("storage_configs", "storage_archives", "space_history"), "unavailable"),
    ),
    ("node_status pve2", {"nodes": "partial"}),
    ("tasks pve2", {"tasks": "partial"}),
    ("tasks", dict.fromkeys(("backup_runs", "restore_tests", "tasks"), "unavailable")),
    ("disks pve2", {"disks": "partial", "smart": "partial"}),
    ("disks", {"disks": "unavailable", "smart": "unavailable"}),
    ("zfs_pools", {"zfs_pools": "unavailable", "zfs_status": "unavailable"}),
    ("thin_pools pve1", {"thin_pools": "partial"}),
    ("smart", {"smart": "unavailable"}),
    ("guest_snapshots 104", {"guest_snapshots": "partial"}),
    ("zfs_status", {"zfs_status": "unavailable"}),
    ("guest_config 104", dict.fromkeys(("guest_configs", "guest_filesystems", "guest_tasks"), "partial")),
    ("guest_config", dict.fromkeys(("guest_configs", "guest_filesystems", "guest_tasks"), "unavailable")),
    ("version", {}),
    ("ha_status", {"ha": "unavailable"}),
    ("replicated_vmids", {"replication": "unavailable"}),
    ("corosync", {"corosync": "unavailable"}),
    ("node_history pve1", {"node_history": "partial"}),
    ("services", {"services": "unavailable"}),
    ("node_clock pve1", {"clocks": "partial"}),
    ("node_software", {"software": "unavailable"}),
    ("node_repositories", {"repositories": "unavailable"}),
    ("node_certificates pve2", {"certificates": "partial"}),
    ("space_history pve1 None", {"space_history": "partial"}),
]


@pytest.mark.parametrize(("method", "changed"), PARTS, ids=[method for method, _ in PARTS])
async def test_a_request_that_is_forbidden_leaves_the_rest_of_pve(method: str, changed: dict[str, str]) -> None:
    forbidden = SourceForbidden(
        "pve", "GET /x", "Permission check failed", fix="grant Sys.Audit", privilege="Sys.Audit"
    )
    snapshot = await collect(everything(pve=ProxmoxDouble(**{method: forbidden})))
    assert {name: state for name, state in states(snapshot).items() if name in PVE and state != "complete"} == changed
    assert all(gap.kind == "forbidden" and "Sys.Audit" in (gap.fix or "") for gap in snapshot.gaps)
    assert {gap.dataset for gap in snapshot.gaps} == set(changed)


async def test_without_resources_the_nodes_come_from_the_cluster() -> None:
    snapshot = await collect(everything(pve=ProxmoxDouble(resources=REFUSED)))
    assert [(node.name, node.online, node.uptime_s) for node in snapshot.nodes] == [
        ("pve1", True, 900_000),
        ("pve2", True, 900_000),
    ]


async def test_a_node_that_is_offline_is_not_asked() -> None:
    holds = Pve(nodes=(Node("pve", "pve1", True), Node("pve", "pve2", False)))
    pve = ProxmoxDouble(holds)
    snapshot = await collect(everything(pve=pve))
    assert "node_status pve2" not in pve.calls
    assert "tasks pve2" not in pve.calls
    assert [(gap.dataset, gap.detail) for gap in snapshot.gaps] == [
        ("tasks", "node pve2 is offline: the tasks that ran there cannot be read")
    ]


async def test_requests_do_not_grow_with_guests() -> None:
    many = Pve(guests=tuple(Guest("pve", 100 + n, "qemu", "pve1", f"g{n}", "running") for n in range(300)))
    pve = ProxmoxDouble(many)
    await collect(sources(pve=(pve,)))
    # version, cluster, resources, jobs, not-backed-up, storages, HA, replication; 2 nodes × 7; the first share of the
    # slow lane, where the backup history of a node takes 4 requests
    assert len(pve.calls) == 8 + 14 + FIRST_READS + 2 * 3


async def test_configurations_are_read_a_few_a_sweep_and_kept() -> None:
    count = FIRST_READS - OF_NODES + 4
    guests = tuple(
        Guest("pve", 100 + n, "qemu", "pve1", f"g{n}", "stopped" if n < 4 else "running", template=n < 4)
        for n in range(count)
    )
    pve = ProxmoxDouble(Pve(guests=guests, disks=(), pools=()))
    collector = Collector(sources(pve=(pve,)), queries={})
    first, _ = await collector.collect(NOW)
    read = count - 4 - 2  # the backup histories of two nodes go first
    assert (first.guest_configs.state, len(first.guest_configs), first.gaps) == ("partial", read, ())
    assert min(config.vmid for config in first.guest_configs) == 104
    progress = first.progress[0]
    assert (progress.source, progress.noun, progress.done, progress.total) == (
        "pve", "guests' configurations", read, count,
    )  # fmt: skip
    assert {f"guest:pve/{100 + n}" for n in range(4)} <= progress.waiting
    second, _ = await collector.collect(NOW)
    assert (second.guest_configs.state, len(second.guest_configs)) == ("complete", count)
    assert ([item.noun for item in first.progress], second.progress) == (
        ["guests' configurations", "storages' histories", "guests' snapshots"], (),
    )  # fmt: skip
    pve.calls.clear()
    await collector.collect(NOW)
    assert not [call for call in pve.calls if call.startswith("guest_config")]


async def test_how_storages_filled_is_asked_once_of_a_shared_one() -> None:
    holds = Pve(storage_configs=(
        StorageConfig("pve", "local", "dir"),
        StorageConfig("pve", "lvm", "lvmthin", nodes=("pve2",)),
        StorageConfig("pve", "nas", "nfs", shared=True),
        StorageConfig("pve", "old", "dir", enabled=False),
        StorageConfig("pve", "tank", "pbs", shared=True),
    ))  # fmt: skip
    pve = ProxmoxDouble(holds)
    told = (await collect(everything(pve=pve))).space_history
    assert sorted(call.removeprefix("space_history ") for call in pve.calls if call.startswith("space_history")) == [
        "pve1 None", "pve1 local", "pve1 nas", "pve2 None", "pve2 local", "pve2 lvm",
    ]  # fmt: skip
    assert [row.key for row in told][:3] == ["node:pve/pve1", "node:pve/pve2", "storage:pve/pve1/local"]


async def test_failed_backups_get_their_reason_from_their_logs() -> None:
    tasks = tuple(backup(f"U{n}", hours=n + 1) for n in range(12))
    log = (
        "INFO: starting new backup job: vzdump 104 --storage pbs-tank",
        "INFO: Starting Backup of VM 104 (qemu)",
        "ERROR: Backup of VM 104 failed - no space",
    )
    pve = ProxmoxDouble(Pve(tasks=tasks, logs={task.upid: log for task in tasks}))
    collector = Collector(sources(pve=(pve,)), queries={})
    snapshot, _ = await collector.collect(NOW)
    assert sorted(call for call in pve.calls if call.startswith("task_log")) == sorted(
        f"task_log U{n}" for n in range(12)
    )
    told = {task.upid: (task.reason, task.failed_vmids, task.storage) for task in snapshot.tasks}
    assert set(told.values()) == {("no space", (104,), "pbs-tank")}
    pve.calls.clear()
    await collector.collect(NOW)
    assert not [call for call in pve.calls if call.startswith("task_log")], "a log is read once"


async def test_a_log_that_cannot_be_read_is_a_gap_and_keeps_the_task() -> None:
    pve = ProxmoxDouble(Pve(tasks=(backup("U1"),)), task_log=REFUSED)
    snapshot = await collect(sources(pve=(pve,)))
    assert [task.status for task in snapshot.tasks] == ["job errors"]
    assert [(gap.dataset, gap.detail) for gap in snapshot.gaps] == [
        ("tasks", "log of a backup on pve1: connection refused"),
        ("backup_runs", "1 of 1 backup logs: connection refused"),
    ]


async def test_more_tasks_than_were_read_is_a_gap() -> None:
    snapshot = await collect(sources(pve=(ProxmoxDouble(Pve(truncated=True)),)))
    assert {gap.kind for gap in snapshot.gaps} == {"truncated"}
    assert [gap.dataset for gap in snapshot.gaps if gap.dataset == "tasks"] == ["tasks", "tasks"]
    assert snapshot.tasks.state == "partial"


@pytest.mark.parametrize(
    ("changes", "apart_s", "gaps"),
    [
        (CHANGES_READ, 1, []),
        (3 * CHANGES_READ, 1, []),
        (3 * CHANGES_READ, 60, []),  # of two days: those of the last one are asked for
        (CHANGES_PAGES * CHANGES_READ, 1, ["truncated"]),
        (CHANGES_READ + 1, 0, ["truncated"]),
    ],
)
async def test_changes_of_alerts_are_read_page_by_page(changes: int, apart_s: int, gaps: list[str]) -> None:
    grafana = GrafanaDouble()
    grafana.changes = tuple(
        AlertChange(
            "grafana", "DiskFull", f"DiskFull {{instance={one}}}", "firing", NOW - timedelta(seconds=one * apart_s)
        )
        for one in range(changes)
    )
    snapshot = await collect(sources(grafana=(grafana,)), {})
    told = snapshot.alert_changes
    assert [gap.kind for gap in told.gaps] == gaps
    assert all(gap.is_of_the_past for gap in told.gaps)
    assert told.state == ("partial" if gaps else "complete")
    if not gaps:
        within = [change for change in grafana.changes if NOW - change.at <= timedelta(days=1)]
        assert len(told.rows) == len(within)


async def test_a_datastore_that_is_away_hides_only_its_groups() -> None:
    stores = (Datastore("pbs", "tank", 100, 50, 50), Datastore("pbs", "usb", error="not mounted"))
    snapshot = await collect(everything(pbs=PbsDouble(stores)))
    assert (snapshot.datastores.state, snapshot.backup_groups.state) == ("complete", "partial")
    assert {(gap.dataset, gap.detail) for gap in snapshot.gaps} == {
        ("backup_groups", "datastore usb is not available: not mounted"),
        ("backup_snapshots", "datastore usb is not available: not mounted"),
    }


async def test_a_namespace_that_is_forbidden_is_named() -> None:
    forbidden = SourceForbidden("pbs", "GET /", "permission check failed")
    snapshot = await collect(everything(pbs=PbsDouble(**{"groups tank homelab": forbidden})))
    assert snapshot.backup_groups.state == "partial"
    assert [gap.detail for gap in snapshot.gaps] == ["datastore tank, namespace homelab: permission check failed"]


async def test_a_backup_server_without_datastores_has_no_groups_for_certain() -> None:
    snapshot = await collect(everything(pbs=PbsDouble(())))
    assert (snapshot.backup_groups.state, snapshot.backup_groups.rows) == ("complete", ())


async def test_two_clusters_one_of_them_away() -> None:
    away = ProxmoxDouble(Pve(), "site2", **{"*": SourceUnreachable("site2", "GET /", "no route")})
    snapshot = await collect(sources(pve=(ProxmoxDouble(), away)))
    assert (snapshot.guests.state, len(snapshot.guests)) == ("partial", 2)
    assert {gap.source for gap in snapshot.gaps} == {"site2"}


async def test_everything_is_joined() -> None:
    target = Target("prometheus", "node", "db.lan:9100", "up", None, NOW)
    alert = Alert("grafana", "u", "X", "firing", None, NOW, None, (("id", "qemu/104"),), (), "h")
    of = everything(
        pbs=PbsDouble(groups={"": (group("104"), group("999"))}),
        prometheus=PrometheusDouble((target, replace(target, instance="192.0.2.104:9100"))),
        grafana=GrafanaDouble((alert,)),
    )
    snapshot = await collect(of)
    assert [row.entity_key for row in snapshot.targets] == ["guest:pve/105", "guest:pve/104"]
    assert [row.entity_key for row in snapshot.alerts] == ["guest:pve/104"]
    assert [row.guest for row in snapshot.backup_groups] == ["guest:pve/104", None]
    assert snapshot.names["web"].key == "guest:pve/104"


async def test_names_that_pve_forgot_come_from_memory_or_from_prometheus() -> None:
    nameless = Pve(guests=(Guest("pve", 104, "qemu", "pve1", None, "unknown"),))
    row = (("nightshift_row", "guest_names"), ("id", "qemu/104"), ("name", "web"))
    told = await collect(
        everything(pve=ProxmoxDouble(nameless), prometheus=PrometheusDouble(samples=(Sample(row, 1.0, NOW),)))
    )
    assert [guest.name for guest in told.guests] == ["web"]
    pve = ProxmoxDouble()
    collector = Collector(sources(pve=(pve,)), queries={})
    await collector.collect(NOW)
    pve.holds = nameless
    remembered, _ = await collector.collect(NOW)
    assert [guest.name for guest in remembered.guests] == ["web"]
    assert [guest.name for guest in (await collect(everything(pve=ProxmoxDouble(nameless)))).guests] == [None]


async def test_stages_are_timed_and_their_requests_counted() -> None:
    steps: list[str] = []
    collector = Collector(everything(), queries=QUERIES)
    _, timings = await collector.collect(NOW, steps.append)
    counted = {timing.stage: timing.requests for timing in timings}
    assert counted == {
        "collect pve": 48,
        "collect pbs": 16,
        "collect prometheus": 7,
        "collect grafana": 7,
        "collect joins": 0,
    }
    assert sorted(steps) == ["collected grafana", "collected pbs", "collected prometheus", "collected pve"]


async def test_a_collect_that_is_given_up_stops_its_requests() -> None:
    of = everything(pve=ProxmoxDouble(**{"*": HANG}))
    task = asyncio.create_task(collect(of, timeout_s=30))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_rejected_query_is_isolated() -> None:
    rejected = SourceFailed("prometheus", "POST /api/v1/query", "unknown function", status=400, rejected=True)
    prometheus = PrometheusDouble(rejects={"vector(1)": rejected})
    snapshot = await collect(everything(prometheus=prometheus), QUERIES)
    assert {row: dataset.state for row, dataset in snapshot.metrics.items()} == {
        "a": "complete",
        "b": "unavailable",
        "guest_names": "complete",
    }
    assert [(gap.dataset, gap.kind, gap.detail) for gap in snapshot.gaps] == [
        ("metrics.b", "unsupported", "unknown function")
    ]


async def test_disks_that_can_fail_by_themselves_are_asked_once_a_day() -> None:
    disks = (
        Disk("pve", "pve1", "/dev/sda", "hdd", used_for="ZFS"),
        Disk("pve", "pve1", "/dev/sdc", "usb", used_for="mounted"),
        Disk("pve", "pve1", "/dev/sdd", "hdd", model="QEMU HARDDISK", used_for="LVM"),
        Disk("pve", "pve1", "/dev/zd0", "unknown", used_for="partitions"),
        Disk("pve", "pve1", "/dev/nvme0n1", "nvme"),
    )
    pve = ProxmoxDouble(Pve(disks=disks))
    collector = Collector(sources(pve=(pve,)), queries={})
    asked = ["smart /dev/sda", "smart /dev/nvme0n1"]
    for hours in (0, 1, 23):
        await collector.collect(NOW + timedelta(hours=hours))
    assert [call for call in pve.calls if call.startswith("smart")] == asked
    await collector.collect(NOW + timedelta(hours=24))
    assert [call for call in pve.calls if call.startswith("smart")] == asked * 2


async def test_a_pool_that_is_not_online_is_looked_at_anew_at_every_sweep() -> None:
    pve = ProxmoxDouble(Pve(pools=(ZfsPool("pve", "pve1", "a", "ONLINE"), ZfsPool("pve", "pve1", "b", "DEGRADED"))))
    collector = Collector(sources(pve=(pve,)), queries={})
    for minutes in (0, 5, 10):
        await collector.collect(NOW + timedelta(minutes=minutes))
    asked = [call for call in pve.calls if call.startswith("zfs_status")]
    assert asked == ["zfs_status b", "zfs_status a", "zfs_status b", "zfs_status b"]


AGENT = GuestConfig("pve", 104, True, True, (), (), None, NOW)


@pytest.mark.parametrize(
    ("guest", "config", "asked"),
    [
        (Guest("pve", 104, "qemu", "pve1", "web", "running"), AGENT, ["guest_file_systems 104"]),
        (Guest("pve", 104, "qemu", "pve1", "web", "running"), replace(AGENT, agent_enabled=False), []),
        (Guest("pve", 104, "lxc", "pve1", "web", "running"), AGENT, []),
        (Guest("pve", 104, "qemu", "pve1", "web", "io-error"), AGENT, []),
        (Guest("pve", 104, "qemu", "pve1", "web", "stopped"), AGENT, ["guest_tasks 104"]),
        (Guest("pve", 104, "qemu", "pve1", "web", "stopped"), replace(AGENT, onboot=False), []),
        (
            Guest("pve", 104, "qemu", "pve1", "web", "stopped", ha_state="started"),
            replace(AGENT, onboot=False),
            ["guest_tasks 104"],
        ),
        (Guest("pve", 104, "qemu", "pve1", "web", "stopped", template=True), AGENT, []),
        (Guest("pve", 104, "qemu", "pve1", "web", "unknown"), AGENT, []),
    ],
)
async def test_what_is_asked_of_a_guest(guest: Guest, config: GuestConfig, asked: list[str]) -> None:
    pve = ProxmoxDouble(Pve(guests=(guest,)))
    pve.config = config
    await collect(sources(pve=(pve,)))
    assert [call for call in pve.calls if call.startswith(("guest_file", "guest_tasks"))] == asked


async def test_ceph_is_asked_only_where_a_storage_is_on_it() -> None:
    without, with_ceph = ProxmoxDouble(), ProxmoxDouble(Pve(storages=(Storage("pve", "vms", None, "rbd", True, True),)))
    assert (await collect(sources(pve=(without,)))).ceph.state == "not_configured"
    assert [status.health for status in (await collect(sources(pve=(with_ceph,)))).ceph] == ["HEALTH_OK"]
    assert "ceph_status" not in without.calls


async def test_a_storage_on_a_foreign_ceph_is_no_gap() -> None:
    missing = SourceFailed("pve", "GET /x", "ceph not fully configured - missing '/etc/pve/ceph.conf'", status=500)
    holds = Pve(storages=(Storage("pve", "vms", None, "rbd", True, True),))
    snapshot = await collect(sources(pve=(ProxmoxDouble(holds, ceph_status=missing),)))
    assert (snapshot.ceph.state, snapshot.gaps) == ("not_configured", ())


@pytest.mark.parametrize(
    ("version", "state", "kind"), [("8.4-1", "not_configured", "not_configured"), ("9.1-1", "unavailable", "forbidden")]
)
async def test_what_a_token_does_well_without_is_no_fault(version: str, state: str, kind: str) -> None:
    refused = SourceForbidden("pve", "GET /x", "Permission check failed (/vms/104, VM.Monitor)")
    pve = ProxmoxDouble(Pve(guests=(Guest("pve", 104, "qemu", "pve1", "web", "running"),)), guest_file_systems=refused)
    pve.config, pve.release = AGENT, version
    snapshot = await collect(sources(pve=(pve,)))
    assert snapshot.guest_filesystems.state == state
    (gap,) = snapshot.gaps
    assert (gap.kind, gap.is_blind_spot) == (kind, kind == "forbidden")
    assert "VM.Monitor" in gap.detail
    assert "VM.GuestAgent.Audit" in (gap.fix or "")
