"""Reads for one question: a value with its Gaps, and never an exception."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.collect.doubles import (
    HANG,
    NOW,
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
from nightshift.collect.live import Live
from nightshift.errors import SourceForbidden, SourceUnreachable
from nightshift.facts.evidence import Window
from nightshift.facts.inventory import Guest, Node
from nightshift.facts.monitoring import AlertRule
from nightshift.facts.read import Read

WEB = Guest("pve", 104, "qemu", "pve1", "web", "running")
NODE = Node("pve", "pve1", True)
REFUSED = SourceUnreachable("x", "GET /", "connection refused")
PBS_TASK = replace(backup("P"), source="pbs")
RULE = AlertRule("grafana", "u", "Full", None, None, "inactive", "ok", None, None)

READS: dict[str, Callable[[Live], Awaitable[Read[Any]]]] = {
    "query": lambda live: live.query("up"),
    "guest_now": lambda live: live.guest_now(WEB),
    "guest_config": lambda live: live.guest_config(WEB),
    "node_now": lambda live: live.node_now(NODE),
    "tasks": lambda live: live.tasks(since=NOW),
    "task_log": lambda live: live.task_log(backup("U")),
    "task_log of pbs": lambda live: live.task_log(PBS_TASK),
    "backup_snapshots": lambda live: live.backup_snapshots(group()),
    "alert_rules": lambda live: live.alert_rules(),
    "silences": lambda live: live.silences(),
    "targets": lambda live: live.targets(),
}


def live_on(timeout_s: float = 2.0, **doubles: Any) -> Live:
    usual = {"pve": ProxmoxDouble(), "pbs": PbsDouble(), "prometheus": PrometheusDouble(), "grafana": GrafanaDouble()}
    given = {kind: (double,) for kind, double in (usual | doubles).items() if double is not None}
    return Live(sources(**given), clock=lambda: NOW, timeout_s=timeout_s)


@pytest.mark.parametrize("name", READS)
async def test_a_read_gives_a_value(name: str) -> None:
    read = await READS[name](live_on())
    assert read.complete
    assert read.taken_at == NOW
    assert read.request


@pytest.mark.parametrize("name", READS)
async def test_a_failure_is_a_gap(name: str) -> None:
    broken = {"*": REFUSED}
    read = await READS[name](
        live_on(
            pve=ProxmoxDouble(**broken),
            pbs=PbsDouble(**broken),
            prometheus=PrometheusDouble(**broken),
            grafana=GrafanaDouble(**broken),
        )
    )
    assert read.value is None
    assert {gap.kind for gap in read.gaps} == {"unreachable"}


@pytest.mark.parametrize("name", READS)
async def test_what_is_not_configured_says_so(name: str) -> None:
    read = await READS[name](live_on(pve=None, pbs=None, prometheus=None, grafana=None))
    assert read.value is None
    assert [gap.kind for gap in read.gaps] == ["not_configured"]


async def test_a_read_that_hangs_is_given_up() -> None:
    started_s = time.perf_counter()
    read = await live_on(0.1, pve=ProxmoxDouble(**{"*": HANG})).guest_now(WEB)
    assert time.perf_counter() - started_s < 1
    assert [gap.kind for gap in read.gaps] == ["timed_out"]


@pytest.mark.parametrize("name", READS)
async def test_a_source_that_hung_in_the_sweep_is_not_waited_for_again(name: str) -> None:
    doubles = {
        "pve": ProxmoxDouble(**{"*": HANG}),
        "pbs": PbsDouble(**{"*": HANG}),
        "prometheus": PrometheusDouble(**{"*": HANG}),
        "grafana": GrafanaDouble(**{"*": HANG}),
    }
    of = sources(**{kind: (double,) for kind, double in doubles.items()})
    collector = Collector(of, queries={}, source_timeout_s=0.05)
    await collector.collect(NOW)
    for double in doubles.values():
        double.calls.clear()
    read = await READS[name](Live(of, clock=lambda: NOW, hung=collector.hung))
    assert read.value is None
    assert {gap.kind for gap in read.gaps} == {"timed_out"}
    assert not any(double.calls for double in doubles.values())


async def test_a_source_that_answers_again_is_asked_again() -> None:
    pve = ProxmoxDouble(version=HANG)
    of = sources(pve=(pve,))
    collector = Collector(of, queries={}, source_timeout_s=0.05)
    await collector.collect(NOW)
    assert "pve" in collector.hung
    pve.failures.clear()
    await collector.collect(NOW)
    assert (await Live(of, clock=lambda: NOW, hung=collector.hung).guest_now(WEB)).complete


async def test_values_are_the_live_ones() -> None:
    live = live_on()
    guest = (await live.guest_now(WEB)).value
    node = (await live.node_now(NODE)).value
    assert guest is not None
    assert guest.cpu_fraction == 0.5
    assert node is not None
    assert (node.name, node.uptime_s) == ("pve1", 900_000)


async def test_tasks_come_from_all_online_nodes_newest_first() -> None:
    tasks = (backup("old", hours=9), backup("new", hours=1, node="pve2"), backup("mid", hours=5))
    nodes = (Node("pve", "pve1", True), Node("pve", "pve2", True), Node("pve", "pve3", False))
    read = await live_on(pve=ProxmoxDouble(Pve(nodes=nodes, tasks=tasks))).tasks(since=NOW)
    assert [task.upid for task in read.value or ()] == ["new", "mid", "old"]
    assert [gap.detail for gap in read.gaps] == ["node pve3 is offline: the tasks that ran there cannot be read"]


async def test_tasks_of_one_system_come_without_the_other() -> None:
    read = await live_on(pve=ProxmoxDouble(Pve(tasks=(backup("x"),))), pbs=PbsDouble(tasks=REFUSED)).tasks(since=NOW)
    assert [task.upid for task in read.value or ()] == ["x"]
    assert [gap.dataset for gap in read.gaps] == ["pbs_tasks"]


async def test_rules_are_completed_from_provisioning_where_it_may_be_read() -> None:
    grafana = GrafanaDouble(rules=(RULE,))
    grafana.provisioned = (replace(RULE, query="up < 1", for_s=60.0, paused=False),)
    read = await live_on(grafana=grafana).alert_rules()
    assert read.value == (replace(RULE, query="up < 1", for_s=60.0, paused=False),)
    forbidden = SourceForbidden("grafana", "GET /", "Viewer")
    viewer = GrafanaDouble(rules=(RULE,), provisioned_rules=forbidden)
    assert (await live_on(grafana=viewer).alert_rules()).value == (RULE,)


async def test_the_window_reaches_prometheus() -> None:
    class Ranged(PrometheusDouble):
        async def query_range(self, expr: str, window: Window) -> tuple[str, Window]:
            return expr, window

        async def label_values(self, label: str) -> tuple[str, ...]:
            return (label,)

        async def metadata(self, metric: str | None) -> dict[str, str | None]:
            return {"asked": metric}

    live = live_on(prometheus=Ranged())
    window = Window(NOW, NOW)
    assert (await live.query_range("up", window)).value == ("up", window)
    assert (await live.metric_names()).value == ("__name__",)
    assert (await live.metric_metadata("up")).value == {"asked": "up"}
