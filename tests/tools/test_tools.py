"""Each tool on the small homelab: what it shows, what it refuses, what it says when it cannot see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.tools.homelab import (
    CAUSE,
    DOWN,
    FAILED,
    GIB,
    GROUPS,
    GUESTS,
    JOBS,
    NODES,
    NOTHING,
    NOW,
    PBS_GONE,
    RULES,
    SYMPTOM,
    TASKS,
    FakeLive,
    FakeSweeper,
    complete,
    context,
    group,
    snapshot,
    task,
)  # fmt: skip

from nightshift.checks.thresholds import Thresholds
from nightshift.errors import ToolInputError
from nightshift.facts.evidence import Evidence
from nightshift.facts.gap import Gap
from nightshift.facts.hardware import SpaceHistory, ThinPool
from nightshift.facts.inventory import GuestConfig, StorageConfig
from nightshift.facts.monitoring import AlertRule, Sample, Series, Silence
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.tools.alerts import AlertRulesArguments, threshold_of
from nightshift.tools.registry import TOOLS, ToolResult, tool
from nightshift.tools.subsystems.alerting import IN_FORCE

NO_SPACE = "Backup of VM 104 failed - backup write data failed: ENOSPC: No space left on device"
DOWN_GAP = Gap("prometheus", "query", "unreachable", "connection refused")


async def call(
    which: str, sweeper: FakeSweeper | None = None, live: FakeLive | None = None, **arguments: Any
) -> ToolResult:
    spec = tool(which)
    return await spec.run(context(sweeper, live), spec.arguments.model_validate(arguments))


def cells(evidence: Evidence, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[evidence.columns.index(column)] for column in columns) for row in evidence.rows]


def points(*values: float, step_s: float = 60.0) -> tuple[tuple[float, float], ...]:
    first = NOW.timestamp() - step_s * len(values)
    return tuple((first + step_s * at, value) for at, value in enumerate(values))


# health


async def test_health_ranks_causes_with_what_they_explain() -> None:
    result = await call("health")
    table = result.evidence[0]
    assert cells(table, "severity", "entity", "finding", "caused_by") == [
        ("critical", "datastore tank", "Datastore tank is 98.8 % full", None),
        ("warning", "web (VM 104)", "The last backup of web failed", "Datastore tank is 98.8 % full"),
        ("critical", "pve3", "Node pve3 is offline", None),
    ]
    assert result.findings == (CAUSE, SYMPTOM, DOWN)
    assert [item.title for item in result.evidence[1:]] == ["Usage of tank"]


async def test_health_by_severity_and_about_one_thing() -> None:
    assert (await call("health", severity="critical")).findings == (CAUSE, DOWN)
    about_web = await call("health", about="web")
    assert about_web.findings == (CAUSE, SYMPTOM)
    assert (await call("health", about="jellyfin")).note == "No findings about it."


async def test_a_finding_about_a_run_of_many_guests_is_about_each_of_them() -> None:
    row = (("2026", FAILED.upid),)
    run = Evidence("pve", "rows", "tasks", "Failed runs", NOW, columns=("started", "upid"), rows=row, total=1, shown=1)
    batch = type(CAUSE)("backup.failed", "warning", NODES[0].entity, "Backups failed", "", "", evidence=(run,))
    sweeper = FakeSweeper(findings=(batch,))
    assert (await call("health", sweeper, about="web")).findings == (batch,)
    assert (await call("health", sweeper, about="jellyfin")).findings == ()


async def test_health_that_could_not_look_everywhere_is_no_all_clear() -> None:
    result = await call("health", FakeSweeper(snapshot(backup_groups=NOTHING), findings=()))
    assert result.note == "No findings. 1 things could not be checked: this is not an all-clear."
    assert cells(result.evidence[1], "source", "dataset", "kind") == [("pbs", "backup_groups", "unreachable")]
    assert result.gaps == (PBS_GONE,)
    assert not result.evidence[0].complete


# inventory


async def test_running_vms_leave_out_what_is_unknown_and_say_so() -> None:
    result = await call("inventory", kind="vms", status="running")
    assert [row[1] for row in result.evidence[0].rows] == ["home-assistant", "immich", "nas", "pbs", "web"]
    assert cells(result.evidence[1], "vmid", "status") == [(123, "unknown")]
    assert result.evidence[1].title == "Of unknown state, not counted in: Running vms"


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ({"kind": "containers", "node": "pve2"}, ["adguard2", "gitea", "jellyfin"]),
        ({"kind": "guests", "match": "media"}, ["immich", "jellyfin"]),
        ({"kind": "guests", "match": "104"}, ["web"]),
        ({"kind": "guests", "status": "stopped"}, ["windows-11"]),
        ({"kind": "guests", "status": "template"}, ["debian-template"]),
        ({"kind": "guests", "sort_by": "memory", "limit": 1}, ["web"]),
        ({"kind": "guests", "sort_by": "cpu", "limit": 2}, ["web", "jellyfin"]),
    ],
)
async def test_lists_are_filtered_and_sorted(arguments: dict[str, Any], wanted: list[str]) -> None:
    result = await call("inventory", **arguments)
    assert [row[0] for row in cells(result.evidence[0], "name")] == wanted


async def test_a_cut_list_counts_the_rest() -> None:
    table = (await call("inventory", kind="guests", limit=3)).evidence[0]
    assert (table.total, table.shown, table.complete) == (len(GUESTS), 3, False)


@pytest.mark.parametrize(
    ("kind", "columns", "wanted"),
    [
        (
            "nodes", ("name", "online", "running_guests", "guests"),
            [("pve1", True, 7, 7), ("pve2", True, 5, 6), ("pve3", False, 0, 1)],
        ),
        ("datastores", ("name", "total_bytes"), [("tank", 4 << 40), ("vault", 8 << 40)]),
        ("targets", ("instance", "health"), [("pve1:9100", "up"), ("web:9100", "up"), ("immich:9100", "down")]),
        ("backup_jobs", ("id", "enabled"), [("backup-1", True), ("backup-2", False)]),
        ("sources", ("id", "reachable"), [("pve", True), ("pbs", True), ("prometheus", True), ("grafana", True)]),
    ],
)  # fmt: skip
async def test_every_kind_is_listed(kind: str, columns: tuple[str, ...], wanted: list[tuple[Any, ...]]) -> None:
    table = (await call("inventory", kind=kind)).evidence[0]
    assert sorted(map(str, cells(table, *columns)))[:3] == sorted(map(str, wanted))[:3]
    assert table.total == len(wanted)


async def test_an_unreachable_storage_is_not_zero_percent_used() -> None:
    lost = Dataset("complete", (type(snapshot().storages.rows[0])("pve", "nfs", None, "nfs", True, False),))
    table = (await call("inventory", FakeSweeper(snapshot(storages=lost)), kind="storages")).evidence[0]
    assert cells(table, "active", "used_fraction") == [(False, None)]


async def test_what_could_not_be_listed_is_a_gap_and_what_is_not_set_up_is_none() -> None:
    gone = await call("inventory", FakeSweeper(snapshot(guests=NOTHING)), kind="guests")
    assert (gone.evidence[0].kind, gone.gaps, gone.note) == ("none", (PBS_GONE,), "")
    absent = await call("inventory", FakeSweeper(snapshot(guests=Dataset("not_configured"))), kind="guests")
    assert (absent.gaps, absent.note) == ((), "No pve source is set up.")


async def test_a_list_refuses_what_it_cannot_do() -> None:
    with pytest.raises(ToolInputError, match="targets are not on a node"):
        await call("inventory", kind="targets", node="pve1")
    with pytest.raises(ToolInputError, match="no figure memory"):
        await call("inventory", kind="targets", sort_by="memory")


# entity


async def test_a_guest_in_depth() -> None:
    result = await call("entity", name="web")
    titles = [item.title for item in result.evidence]
    assert titles == [
        "web (VM 104) now",
        "Backups of web (VM 104)",
        "Findings about web (VM 104)",
        "Alerts about web (VM 104)",
        "Tasks about web (VM 104) that did not end well",
        "Usage of tank",
    ]
    assert cells(result.evidence[0], "name", "status", "onboot", "ips") == [("web", "running", True, "192.0.2.9")]
    assert cells(result.evidence[4], "reason") == [(NO_SPACE,)]


async def test_a_node_in_depth_with_its_guests() -> None:
    result = await call("entity", name="pve1")
    assert cells(result.evidence[0], "name", "load1", "iowait_fraction") == [("pve1", 1.5, 0.01)]
    assert result.evidence[1].total == 8


async def test_what_is_on_a_lost_node_is_not_asked_for_again() -> None:
    live = FakeLive()
    guest = await call("entity", live=live, name="123")
    node = await call("entity", live=live, name="pve3")
    assert live.asked == []
    assert cells(guest.evidence[0], "status") == [("unknown",)]
    assert node.findings == (DOWN,)


@pytest.mark.parametrize("name", ["tank", "nas-media", "DatastoreAlmostFull", "node/web"])
async def test_other_things_come_from_the_snapshot(name: str) -> None:
    result = await call("entity", name=name)
    assert result.evidence[0].total == 1


# metrics


async def test_metrics_give_exact_figures_and_the_limit() -> None:
    live = FakeLive(
        series={"MemAvailable": (Series((("instance", "web:9100"),), points(1e9, 2e9, 3e9)),)},
        samples={"MemTotal": (Sample((("instance", "web:9100"),), 4e9, NOW),)},
    )
    (item,) = (await call("metrics", live=live, entity="web", quantity="memory")).evidence
    assert item.title == "Memory of web (VM 104), in use without caches, 3.73 GiB in total"
    stats = item.series[0].stats
    assert stats is not None
    assert (stats.minimum, stats.maximum, stats.mean, stats.last, stats.unit) == (1e9, 3e9, 2e9, 3e9, "bytes")
    assert stats.time_to_full_s is None  # memory that grows for a minute is no forecast


async def test_a_disk_that_fills_has_its_time_to_full() -> None:
    used = points(*(1e9 + 1e6 * at for at in range(60)))
    labels = (("instance", "web:9100"), ("mountpoint", "/"))
    live = FakeLive(
        series={"node_filesystem": (Series(labels, used),)},
        samples={"node_filesystem_size": (Sample(labels, 2e9, NOW),)},
    )
    (item,) = (await call("metrics", live=live, entity="web", quantity="disk", window="24h")).evidence
    assert item.series[0].stats is not None
    assert item.series[0].stats.time_to_full_s == pytest.approx((2e9 - used[-1][1]) / (1e6 / 60))


async def test_the_second_query_is_tried_when_the_first_is_empty() -> None:
    live = FakeLive(series={"pve_memory_usage_bytes": (Series((("id", "qemu/104"),), points(1.0, 2.0, 3.0)),)})
    (item,) = (await call("metrics", live=live, entity="web", quantity="memory")).evidence
    assert item.request == 'pve_memory_usage_bytes{id="qemu/104"}'


@pytest.mark.parametrize(
    ("live", "note", "kind"),
    [
        (FakeLive(), "There are no samples in this window.", "rows"),
        (FakeLive(gap=DOWN_GAP), "connection refused", "none"),
    ],
)
async def test_no_series_says_why(live: FakeLive, note: str, kind: str) -> None:
    result = await call("metrics", live=live, entity="web", quantity="cpu")
    assert (result.note, result.evidence[0].kind) == (note, kind)


async def test_what_cannot_be_measured_is_refused_with_a_hint() -> None:
    with pytest.raises(ToolInputError, match="no way to measure load of jellyfin"):
        await call("metrics", entity="jellyfin", quantity="load")


async def test_promql_names_the_things_behind_the_labels() -> None:
    live = FakeLive(samples={"up": (Sample((("id", "qemu/104"), ("instance", "pve1")), 1.0, NOW),)})
    (item,) = (await call("promql", live=live, expr="pve_up")).evidence
    assert (item.columns, item.rows) == (
        ("id", "instance", "value", "entity"),
        (("qemu/104", "pve1", 1.0, "web (VM 104)"),),
    )


async def test_promql_over_a_window_and_its_failures() -> None:
    live = FakeLive(series={"up": (Series((("job", "node"),), points(1.0, 1.0)),)})
    assert (await call("promql", live=live, expr="up", window="1h")).evidence[0].kind == "series"
    assert (await call("promql", expr="nope")).note == "The expression matches no series now."
    assert (await call("promql", live=FakeLive(gap=DOWN_GAP), expr="up")).note == "connection refused"


async def test_find_metrics_by_words() -> None:
    (item,) = (await call("find_metrics", text="temperature")).evidence
    assert cells(item, "metric") == [("node_hwmon_temp_celsius",)]
    (item,) = (await call("find_metrics", live=FakeLive(gap=DOWN_GAP), text="temperature")).evidence
    assert item.kind == "none"


async def test_the_name_of_a_metric_stays_a_name_in_the_question_for_its_values() -> None:
    """Prometheus 3 takes any text for one."""
    live = FakeLive(names=('sauna.heat"} or vector(1', "up"))
    await call("find_metrics", live=live, text="sauna", values=True)
    assert live.asked[-1] == r'{__name__=~"sauna\\.heat\"\\} or vector\\(1"}'


# alerts


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ({}, ["DatastoreAlmostFull", "HighCpu"]),
        ({"state": "firing"}, ["DatastoreAlmostFull"]),
        ({"state": "pending"}, ["HighCpu"]),
        ({"match": "web"}, ["HighCpu"]),
        ({"match": "tank"}, ["DatastoreAlmostFull"]),
        ({"match": "nothing"}, []),
    ],
)
async def test_alerts(arguments: dict[str, str], wanted: list[str]) -> None:
    assert [row[0] for row in (await call("alerts", **arguments)).evidence[0].rows] == wanted


async def test_alert_rules_by_health() -> None:
    table = (await call("alert_rules", health="error")).evidence[0]
    assert cells(table, "rule", "last_error") == [("OldDisk", "no such datasource")]


SET = (
    "alertname=HighCpu", "alertname=Node Down", "alertname=TargetDown", "instance=pve1:9100", "instance=pve10:9100",
    "instance=~pve1.*", "name=~(w|e|b)+", "name!=web", "name=~web|nas", "name=web-shop", "storage=local-lvm",
)  # fmt: skip


@pytest.mark.parametrize(
    ("about", "found"),
    [
        ("", list(SET)),
        ("web", ["name=~web|nas"]),
        ("pve1", ["instance=pve1:9100", "instance=~pve1.*"]),
        ("local-lvm on pve1", ["storage=local-lvm"]),
        ("HighCpu", ["alertname=HighCpu"]),
        ("Node Down", ["alertname=Node Down"]),
        ("tank", []),
    ],
)
async def test_of_one_thing_the_silences_that_name_it_in_full(about: str, found: list[str]) -> None:
    known = snapshot(silences=complete(), alert_rules=complete(*RULES, replace(RULES[2], uid="d", name="Node Down")))
    live = FakeLive(silences_known=tuple(Silence("grafana", (one,), None, None, None, None) for one in SET))
    result = await call("subsystem", FakeSweeper(known), live, part="silences", about=about)
    force = next(item for item in result.evidence if item.title == IN_FORCE)
    assert cells(force, "matchers") == [(one,) for one in found]


async def test_silences_that_were_not_told_are_a_gap() -> None:
    known = FakeSweeper(snapshot(silences=complete()))
    refused = Gap("grafana2", "silences", "forbidden", "alert.silences:read is missing")
    result = await call("subsystem", known, FakeLive(gap=refused), part="silences")
    force = next(item for item in result.evidence if item.title == IN_FORCE)
    assert (force.kind, force.source, force.gaps, result.gaps) == ("none", "grafana2", (refused,), (refused,))


# tasks


async def test_failed_tasks_come_with_the_reason_from_their_log() -> None:
    table = (await call("tasks", outcome="failed")).evidence[0]
    assert cells(table, "source", "task", "about", "failed_guests", "reason") == [
        ("pbs", "garbage_collection", "tank", None, "ENOSPC: No space left"),
        ("pve", "vzdump", "web (VM 104)", 1, NO_SPACE),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ({"window": "24h"}, 4),
        ({"window": "48h"}, 5),
        ({"window": "48h", "kind": "migration"}, 1),
        ({"about": "web"}, 1),
        ({"about": "pve2"}, 2),
        ({"about": "tank"}, 1),
        ({"outcome": "running"}, 0),
        ({"start": "2026-11-22T18:00", "end": "2026-11-23T08:00", "outcome": "failed"}, 2),
    ],
)
async def test_tasks_are_filtered(arguments: dict[str, str], count: int) -> None:
    assert (await call("tasks", **arguments)).evidence[0].total == count


async def test_logs_are_read_one_of_each_kind_first_and_no_more_than_five() -> None:
    many = tuple(task("backup", f"tank:ct/{n}", timedelta(hours=1, seconds=n), "failed", "x", "pbs") for n in range(20))
    live = FakeLive(tasks_known=(*many, FAILED))
    table = (await call("tasks", FakeSweeper(snapshot(tasks=Dataset("complete"))), live, outcome="failed")).evidence[0]
    assert live.asked.count("log") == 5
    assert ("vzdump", NO_SPACE) in cells(table, "task", "reason")


async def test_the_log_of_a_known_task_only() -> None:
    result = await call("task_log", upid=FAILED.upid)
    assert result.evidence[0].document is not None
    assert result.evidence[0].document.text.endswith("TASK ERROR: job errors")
    assert result.note.startswith("Backup of VM 104 failed")
    with pytest.raises(ToolInputError, match="No task"):
        await call("task_log", upid="UPID:../../access/ticket")


# backups


async def test_backups_of_one_guest() -> None:
    result = await call("backups", guest="web")
    assert cells(result.evidence[0], "backup", "where", "covered_by", "age_s", "last_failure") == [
        ("found", "tank/homelab", "nightly", 162_000.0, NO_SPACE),
    ]  # fmt: skip
    assert result.evidence[1].title == "Backup groups of web (VM 104)"


async def test_a_disabled_job_covers_nothing() -> None:
    row = cells((await call("backups", guest="gitea")).evidence[0], "backup", "covered_by")
    assert row == [("none found", "no enabled job")]


@pytest.mark.parametrize(
    ("changed", "verdict", "covered"),
    [
        ({"backup_groups": NOTHING}, "unknown", "nightly"),
        ({"backup_groups": Dataset("partial", GROUPS[:1], gaps=(PBS_GONE,))}, "unknown", "nightly"),
        ({"backup_groups": Dataset("not_configured")}, "unknown", "nightly"),
        ({"backup_jobs": NOTHING}, "found", "unknown"),
        ({"backup_groups": Dataset("complete", (group(109, "vm", timedelta(hours=2), key=""),))}, "unknown", "nightly"),
        ({"backup_groups": Dataset("complete")}, "none found", "nightly"),
    ],
)
async def test_no_backup_is_said_only_when_everything_was_seen(
    changed: dict[str, Any], verdict: str, covered: str
) -> None:
    result = await call("backups", FakeSweeper(snapshot(**changed)), guest="home-assistant")
    assert cells(result.evidence[0], "backup", "covered_by") == [(verdict, covered)]


async def test_all_guests_without_templates_worst_first() -> None:
    table = (await call("backups")).evidence[0]
    assert table.total == len(GUESTS) - 1
    assert cells(table, "guest")[:2] == [("gitea",), ("web",)]


async def test_one_datastore_and_one_that_does_not_exist() -> None:
    table = (await call("backups", datastore="vault")).evidence[0]
    assert {row[0] for row in cells(table, "backup")} == {"none found"}
    with pytest.raises(ToolInputError, match="There is no datastore 'attic'"):
        await call("backups", datastore="attic")


# storage


async def test_storage_knows_when_it_is_full() -> None:
    grows = Series((("id", "storage/pve1/local-lvm"),), points(*(500e9 + 1e9 * at for at in range(100)), step_s=3600))
    result = await call("storage", live=FakeLive(series={'id=~"storage/.+"': (grows,)}))
    datastores, storages, found = result.evidence
    assert [finding.entity.label for finding in result.findings] == ["datastore tank"]
    assert cells(found, "finding") == [("Datastore tank is 98.8 % full",)]
    assert cells(datastores, "name", "used_fraction")[0] == ("tank", pytest.approx(0.9875))
    left = cells(datastores, "time_to_full_s")[0][0]
    assert 3 * 86_400 < left < 6 * 86_400
    assert cells(storages, "name", "where", "growth_per_day_bytes")[0] == ("local-lvm", "pve1", pytest.approx(24e9))


async def test_what_is_reserved_can_never_be_used() -> None:
    full = type(snapshot().datastores.rows[0])(
        "pbs", "tank", 1000, 980, 0, history=(0.7, 0.8, 0.9, 0.98), history_step_s=86_400.0
    )
    result = await call("storage", FakeSweeper(snapshot(datastores=Dataset("complete", (full,)))), match="tank")
    assert cells(result.evidence[0], "used_fraction", "time_to_full_s") == [(0.98, 0.0)]


async def test_storage_without_prometheus_has_no_trend_and_says_so() -> None:
    world = snapshot()
    sources = tuple(source for source in world.sources if source.kind != "prometheus")
    blind = Snapshot(world.taken_at, sources, storages=world.storages, datastores=world.datastores)
    result = await call("storage", FakeSweeper(blind))
    assert result.note == "Without Prometheus there is no trend of PVE storages."
    assert (await call("storage", match="attic")).note == "No storage, datastore or file system matches 'attic'."


async def test_storage_without_prometheus_has_the_trend_of_pves_own_records() -> None:
    world = snapshot()
    sources = tuple(source for source in world.sources if source.kind != "prometheus")
    (local,) = (item for item in world.storages if item.entity.key == "storage:pve/pve1/local-lvm")
    lows = (*[0.1] * 16, *(0.5 + day / 100 for day in range(14)))  # of two weeks the trend is told
    history = Dataset("complete", (SpaceHistory("pve", local.entity.key, lows),))
    sweeper = FakeSweeper(Snapshot(world.taken_at, sources, storages=world.storages, space_history=history))
    result = await call("storage", sweeper, match="local-lvm")
    assert result.note == ""
    told = cells(result.evidence[0], "growth_per_day_bytes", "time_to_full_s")
    assert told[:1] == [(pytest.approx(local.total_bytes / 100), pytest.approx(37 * 86_400))]


async def test_that_not_all_thin_pools_were_read_stands_beside_those_that_were() -> None:
    gap = Gap("pve", "thin_pools", "timeout", "pve2 did not answer", "Look at pve2.")
    pools = Dataset("partial", (ThinPool("pve", "pve1", "pve", "data", 100 * GIB, 60 * GIB, GIB, GIB // 2),), (gap,))
    result = await call("storage", FakeSweeper(snapshot(thin_pools=pools)), match="local-lvm")
    (thin,) = (item for item in result.evidence if "metadata_fraction" in item.columns)
    assert cells(thin, "pool", "node", "metadata_fraction") == [("pve/data", "pve1", 0.5)]
    assert (thin.gaps, thin.source) == ((gap,), "pve")
    assert gap in result.gaps


# runbooks


async def test_runbooks_quote_their_place_or_say_that_none_fits() -> None:
    (item,) = (await call("runbooks", query="full datastore")).evidence
    assert item.document is not None
    assert (item.title, item.document.file, item.document.line) == ("Datastore full › Steps", "datastore-full.md", 12)
    none = await call("runbooks", query="espresso machine")
    assert (none.note, none.evidence[0].total) == ("No runbook fits 'espresso machine'.", 0)


# all of them


def test_all_schemas_together_leave_room_for_a_question() -> None:
    """The first request to a model has 12 KB for everything."""
    import json

    from nightshift.agent.wrap import compact_schema

    sizes = {spec.name: len(json.dumps(compact_schema(spec.arguments))) + len(spec.description) for spec in TOOLS}
    assert sum(sizes.values()) < 6_500
    assert max(len(spec.description) for spec in TOOLS) < 120


@pytest.mark.parametrize("spec", TOOLS, ids=lambda spec: spec.name)
def test_explicit_nulls_are_absent_and_unknown_arguments_refused(spec: Any) -> None:
    required = {name for name, item in spec.arguments.model_fields.items() if item.is_required()}
    optional = {name: None for name in spec.arguments.model_fields if name not in required}
    given = {
        "entity": "web", "quantity": "cpu", "expr": "up", "kind": "guests", "name": "web", "upid": "u", "query": "qq",
        "text": "tt", "storage": "local-lvm", "part": "ha",
    }  # fmt: skip
    assert spec.arguments.model_validate(optional | {name: given[name] for name in required})
    with pytest.raises(ValueError, match="nonsense"):
        spec.arguments.model_validate({name: given[name] for name in required} | {"nonsense": 1})


async def test_every_gap_of_a_read_reaches_the_result() -> None:
    live = FakeLive(gap=Gap("pve", "tasks", "forbidden", "Sys.Audit is missing"))
    assert (await call("tasks", live=live)).gaps == (live.gap,)
    assert TASKS


# impact


@pytest.mark.parametrize(("critical", "room_gib"), [(0.97, 30.08), (0.80, 19.2)])
async def test_room_on_the_survivors_is_reckoned_with_the_operators_own_limit(critical: float, room_gib: float) -> None:
    ctx = context(thresholds=Thresholds(node_memory_critical=critical))
    spec = tool("impact")
    result = await spec.run(ctx, spec.arguments.model_validate({"name": "pve1"}))

    (row,) = cells(result.evidence[0], "room_bytes")
    assert row[0] == pytest.approx(room_gib * GIB)


async def test_what_goes_with_a_guest_is_what_it_serves() -> None:
    snap = snapshot()
    share = StorageConfig("pve", "nas-media", "nfs", server="nas.lan")
    names = {**snap.names, "nas.lan": next(guest.entity for guest in GUESTS if guest.name == "nas")}
    served = replace(snap, storage_configs=Dataset("complete", (share,)), names=names)

    result = await call("impact", FakeSweeper(served), name="nas")
    assert cells(result.evidence[0], "goes_too", "served_by") == [("nfs storage nas-media", "nas (VM 103)")]
    assert (await call("impact", FakeSweeper(served), name="web")).evidence[0].rows == ()


async def test_a_guest_is_needed_by_those_whom_its_metrics_and_their_notes_name() -> None:
    names = ({"datname": "immich"}, {"service": "nas@file"}, {"datname": "template1"}, {"job": "gitea"})
    series = tuple(Sample(tuple(labels.items()), 1.0, NOW) for labels in names)
    snap = snapshot()
    gitea = next(guest for guest in GUESTS if guest.name == "gitea")
    noted = GuestConfig("pve", gitea.vmid, True, True, (), (), "Its database is in WEB.", NOW)
    known = replace(snap, guest_configs=Dataset("complete", (noted,)))

    result = await call("impact", FakeSweeper(known), FakeLive(samples={"last_over_time": series}), name="web")
    told = [row for table in result.evidence if "told_by" in table.columns for row in cells(table, "guest", "told_by")]
    assert told == [
        ("immich", "a database there"), ("nas", "served through it"), ("gitea", "its notes name it")
    ]  # fmt: skip


async def test_a_guest_whose_name_pve_forgot_has_no_twin_and_is_named_by_no_dash() -> None:
    snap = snapshot()
    nameless = tuple(replace(guest, name=None, tags=()) if guest.vmid in (104, 115) else guest for guest in GUESTS)
    noted = GuestConfig("pve", 112, True, True, (), (), "media - films and music", NOW)
    known = replace(snap, guests=Dataset("complete", nameless), guest_configs=Dataset("complete", (noted,)))

    result = await call("impact", FakeSweeper(known), name="104")
    assert [item.title for item in result.evidence] == ["What goes with VM 104", "What binds VM 104 to pve1"]


async def test_the_guests_of_a_job_that_selects_all_are_counted_only_where_all_are_known() -> None:
    everything = replace(JOBS[0], selects_all=True, vmids=None, excluded_vmids=(104,))
    known = replace(snapshot(), backup_jobs=Dataset("complete", (everything,)))
    in_part = replace(known, guests=Dataset("partial", GUESTS))

    result = await call("inventory", FakeSweeper(known), kind="backup_jobs")
    assert cells(result.evidence[0], "guests", "count") == [("all except 104", len(GUESTS) - 1)]
    result = await call("inventory", FakeSweeper(in_part), kind="backup_jobs")
    assert cells(result.evidence[0], "count") == [(None,)]


async def test_what_goes_with_a_datastore_are_the_jobs_that_save_there() -> None:
    tank = StorageConfig("pve", "pbs-tank", "pbs", server="192.0.2.5", datastore="tank")
    known = FakeSweeper(replace(snapshot(), storage_configs=Dataset("complete", (tank,))))

    result = await call("impact", known, name="datastore tank")
    assert cells(result.evidence[0], "job", "saves_to", "count") == [("nightly", "pbs-tank", 13)]
    assert cells((await call("impact", known, name="vault")).evidence[0], "job") == []
    assert (await call("impact", name="datastore tank")).evidence[0].kind == "none"


async def test_what_is_only_called_like_a_datastore_does_not_go_with_it() -> None:
    """A pool of PVE, or the storage of another cluster."""
    snap = snapshot()
    tank = StorageConfig("pve", "pbs-tank", "pbs", server="192.0.2.5", datastore="tank")
    elsewhere = replace(tank, source="attic")
    jobs = tuple(
        replace(job, source=source, storage=storage)
        for job in snap.backup_jobs
        for source, storage in (("pve", "vault"), ("attic", "pbs-tank"))
    )
    configs = Dataset("complete", (StorageConfig("pve", "vault", "zfspool"), tank))
    known = replace(snap, storage_configs=configs, backup_jobs=Dataset("complete", jobs))

    for name in ("datastore vault", "datastore tank"):
        assert (await call("impact", FakeSweeper(known), name=name)).evidence[0].rows == ()
    both = replace(known, storage_configs=replace(configs, rows=(*configs.rows, elsewhere)))
    found = (await call("impact", FakeSweeper(both), name="datastore tank")).evidence[0]
    assert set(cells(found, "saves_to")) == {("pbs-tank",)}


async def test_only_nodes_fail_together() -> None:
    whole = (await call("impact", name="pve1", also=["pve2"])).evidence[0]
    assert (whole.title, cells(whole, "keeps_quorum")) == ("If pve1 and pve2 failed now", [(False,)])
    with pytest.raises(ToolInputError, match="Nothing here is called 'web'"):
        await call("impact", name="pve1", also=["web"])


async def test_nothing_can_be_told_of_the_end_of_a_job() -> None:
    with pytest.raises(ToolInputError, match="no node, guest or datastore"):
        await call("impact", name="job backup-1")


# metrics: what lies between the points


@pytest.mark.parametrize(("window", "peak", "low"), [("1h", 0.4, 0.2), ("24h", 0.93, 0.01)])
async def test_the_peak_of_a_long_range_is_asked_for(window: str, peak: float, low: float) -> None:
    labels = (("__name__", "pve_cpu_usage_ratio"), ("id", "qemu/104"))
    live = FakeLive(
        series={"pve_cpu": (Series(labels, points(0.2, 0.4, 0.3)),)},
        samples={
            "max_over_time": (Sample(labels[1:], 0.93, NOW),),
            "min_over_time": (Sample(labels[1:], 0.01, NOW),),
        },
    )
    result = await call("metrics", live=live, entity="web", quantity="cpu", window=window)

    stats = result.evidence[0].series[0].stats
    assert stats is not None
    assert (stats.maximum, stats.minimum, stats.mean) == (peak, low, pytest.approx(0.3))
    asked = [expr for expr in live.asked if "max_over_time" in expr]
    assert asked == (['max_over_time(pve_cpu_usage_ratio{id="qemu/104"}[86400s])'] if window == "24h" else [])


async def test_the_points_of_a_rate_see_the_whole_window_and_its_peak_is_short() -> None:
    live = FakeLive(series={"rate": (Series((("id", "lxc/112"),), points(1.0, 2.0)),)})
    result = await call("metrics", live=live, entity="112", quantity="network_in", window="24h")

    peak = next(expr for expr in live.asked if expr.startswith("max_over_time"))
    assert live.asked[0].startswith('rate(pve_network_receive_bytes_total{id="lxc/112"}[900s])')
    assert result.evidence[0].request == live.asked[0]
    assert "[5m]" in peak
    assert "[900s]" not in peak


async def test_what_a_rate_of_bytes_came_to_is_asked_for() -> None:
    labels = (("id", "qemu/104"),)
    live = FakeLive(
        series={"pve_network_receive": (Series(labels, points(2.0, 4.0, 3.0)),)},
        samples={"increase(": (Sample(labels, 10_800.0, NOW),)},
    )
    result = await call("metrics", live=live, entity="web", quantity="network_in", window="1h")

    stats = result.evidence[0].series[0].stats
    assert stats is not None
    assert (stats.total, stats.median, stats.limit) == (10_800.0, 3.0, None)
    named = ("pve_network_receive_bytes_total", "pve_network_receive_bytes")
    asked = " or ".join(f'increase({name}{{id="qemu/104"}}[3600s])' for name in named)
    assert [expr for expr in live.asked if "increase(" in expr] == [asked]


async def test_a_share_is_no_rate_and_comes_to_nothing() -> None:
    live = FakeLive(series={"pve_cpu": (Series((("id", "qemu/104"),), points(0.2, 0.4)),)})
    result = await call("metrics", live=live, entity="web", quantity="cpu", window="1h")

    assert [one.stats.total for one in result.evidence[0].series if one.stats] == [None]
    assert not any("increase(" in expr for expr in live.asked)


@pytest.mark.parametrize(
    ("match", "rules"),
    [
        ("DatastoreAlmostFull", ["DatastoreAlmostFull"]),
        ("datastore full", ["DatastoreAlmostFull"]),
        ("a datastore that fills up", ["DatastoreAlmostFull"]),
        ("x >", ["DatastoreAlmostFull"]),
        ("sauna", []),
    ],
)
async def test_alert_rules_are_found_by_what_they_are_about(match: str, rules: list[str]) -> None:
    found = await tool("alert_rules").run(context(), AlertRulesArguments(match=match))

    table = found.evidence[0]
    assert [row[table.columns.index("rule")] for row in table.rows] == rules


@pytest.mark.parametrize(
    ("query", "summary", "threshold"),
    [
        ("a / b * 100 > 90", "{{ $labels.storage }} is {{ $value }} % full", "> 90 %"),
        ("(x - time()) / 86400 < 12", "The certificate ends in {{ $value }} days", "< 12 days"),
        ("up == 0", "gone", "== 0"),
        ('up{instance="web:9100"} < bool 1', None, "< 1"),
        ("absent(up)", "gone", None),
        ("x > 5 + 1", None, None),
        ("x > 80+5", None, None),
        ("rate(x[5m]) > 1e3", None, "> 1000"),
        (None, None, None),
    ],
)
def test_the_threshold_of_a_rule(query: str | None, summary: str | None, threshold: str | None) -> None:
    said = (("summary", summary),) if summary else ()
    rule = AlertRule("grafana", "u", "R", None, None, "inactive", "ok", None, None, annotations=said, query=query)

    assert threshold_of(rule) == threshold
