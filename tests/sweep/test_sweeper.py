"""The owner of a sweep: cached by age, shared by all who ask, with a history that survives a failing disk."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.checks.world import complete, node, unavailable, world

from nightshift.checks.check import Check
from nightshift.checks.judge import Judgement
from nightshift.checks.policy import Adjustment, Exclusion, Policy
from nightshift.checks.previous import NOTHING, Previous
from nightshift.checks.registry import CHECKS
from nightshift.checks.selection import Selector
from nightshift.checks.thresholds import Thresholds
from nightshift.errors import StoreError
from nightshift.facts.finding import CheckResult, Finding, Remembered
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.facts.sweep import StageTiming
from nightshift.store.database import open_database
from nightshift.store.findings import FindingStore
from nightshift.sweep.sweeper import Progress, Sweeper
from nightshift.sweep.verdict import verdict

OFFLINE = complete(node(), node("pve2", online=False))


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


class FixedCollector:
    """Gives the world that it was told last, after a moment, and counts."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.runs = 0
        self.held = asyncio.Event()
        self.held.set()

    async def collect(
        self, now: datetime, on_progress: Progress | None = None
    ) -> tuple[Snapshot, tuple[StageTiming, ...]]:
        self.runs += 1
        await self.held.wait()
        if on_progress is not None:
            on_progress("collected pve")
        return replace(self.snapshot, taken_at=now), (StageTiming("collect pve", 0.1, 7),)


class BrokenStore(FindingStore):
    """A disk that is full."""

    def __init__(self) -> None:
        pass

    def remembered(self) -> dict[str, Remembered]:
        raise StoreError("the disk is full")


def sweeper_on(snapshot: Snapshot, store: FindingStore | None = None) -> tuple[Sweeper, FixedCollector, Clock]:
    collector, clock = FixedCollector(snapshot), Clock()
    return Sweeper(collector, store, thresholds=Thresholds(), clock=clock), collector, clock


async def test_a_sweep_is_kept_for_a_minute() -> None:
    sweeper, collector, clock = sweeper_on(world())
    assert sweeper.latest is None
    first = await sweeper.sweep()
    clock.forward(seconds=60)
    assert await sweeper.sweep() is first
    clock.forward(seconds=1)
    second = await sweeper.sweep()
    assert second.id != first.id
    assert await sweeper.sweep(fresh=True) is not second
    assert collector.runs == 3
    assert sweeper.latest is not second


async def test_callers_at_the_same_time_share_one_run() -> None:
    sweeper, collector, _ = sweeper_on(world())
    collector.held.clear()
    steps: list[str] = []
    callers = [asyncio.create_task(sweeper.sweep(fresh=True, on_progress=steps.append)) for _ in range(5)]
    await asyncio.sleep(0)
    callers[0].cancel()
    collector.held.set()
    sweeps = await asyncio.gather(*callers[1:])
    assert collector.runs == 1
    assert len({sweep.id for sweep in sweeps}) == 1
    assert steps.count("collected pve") == 5


async def test_a_sweep_knows_causes_gaps_and_its_profile() -> None:
    sweeper, _, clock = sweeper_on(world(nodes=OFFLINE, gc=unavailable("gc", "pbs")))
    sweep = await sweeper.sweep()
    assert [(finding.check, finding.state) for finding in sweep.causes] == [("node.offline", "new")]
    assert sweep.gaps == (
        Gap("pbs", "gc", "unreachable", "connection refused"),
        Gap("pbs", "check datastore.gc", "unreachable", "Garbage collection could not be checked: connection refused"),
    )
    assert [timing.stage for timing in sweep.profile] == ["collect pve", "collect", "checks", "history", "causes"]
    assert sweep.started_at == clock.now


async def test_a_history_of_alerts_that_was_cut_does_not_hide_how_things_are() -> None:
    cut = Gap("grafana", "alert_changes", "truncated", "only the newest 10000 were read")
    sweeper, _, _ = sweeper_on(world(alert_changes=Dataset("partial", (), (cut,))))
    sweep = await sweeper.sweep()
    assert (sweep.gaps, verdict(sweep)) == ((), "healthy")
    assert sweep.snapshot.gaps == (cut,)  # who asks for the history is told


async def test_findings_live_on_without_a_store() -> None:
    sweeper, collector, clock = sweeper_on(world(nodes=OFFLINE))
    await sweeper.sweep()
    clock.forward(minutes=5)
    collector.snapshot = world(nodes=unavailable("nodes"))
    blind = await sweeper.sweep()
    assert [(finding.check, finding.state) for finding in blind.findings] == [("node.offline", "unknown")]
    clock.forward(minutes=5)
    collector.snapshot = world()
    well = await sweeper.sweep()
    assert well.findings == ()
    assert [finding.check for finding in well.resolved] == ["node.offline"]


async def test_history_outlives_the_process(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    first, _, _ = sweeper_on(world(nodes=OFFLINE), FindingStore(database))
    began = (await first.sweep()).findings[0].first_seen
    second, _, clock = sweeper_on(world(nodes=OFFLINE), FindingStore(database))
    clock.forward(hours=1)
    (finding,) = (await second.sweep()).findings
    assert (finding.state, finding.first_seen, finding.last_seen) == ("ongoing", began, clock.now)
    database.close()


async def test_a_failing_disk_costs_the_history_not_the_sweep() -> None:
    sweeper, _, _ = sweeper_on(world(nodes=OFFLINE), BrokenStore())
    sweep = await sweeper.sweep()
    assert [finding.check for finding in sweep.findings] == ["node.offline"]
    assert [(gap.source, gap.dataset, gap.detail) for gap in sweep.gaps] == [
        ("store", "history of findings", "the disk is full")
    ]


async def test_a_bug_in_one_run_does_not_block_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeper, collector, _ = sweeper_on(world())

    async def broken(_now: datetime, _on_progress: object = None) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(collector, "collect", broken)
        with pytest.raises(ZeroDivisionError):
            await sweeper.sweep()
    assert (await sweeper.sweep()).findings == ()


async def test_checks_know_what_was_open_and_since_when_even_in_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Previous] = []

    def noting(checks: object, snapshot: Snapshot, previous: Previous, *_limits: object) -> tuple[Judgement, ...]:
        seen.append(previous)
        found = Finding("x.y", "info", Entity("node:pve/pve1", "pve1"), "t", "d", "r", since=snapshot.taken_at)
        check = Check("x.y", "x", "info", ("nodes",), lambda *_: CheckResult((found,)), "X")
        return (Judgement(check, CheckResult((found,)), ()),)

    monkeypatch.setattr("nightshift.sweep.sweeper.judge_all", noting)
    for _ in range(2):
        database = open_database(tmp_path, None)
        sweeper, _, clock = sweeper_on(world(), FindingStore(database))
        await sweeper.sweep()
        database.close()
    fingerprint = Finding("x.y", "info", Entity("node:pve/pve1", "pve1"), "t", "d", "r").fingerprint
    assert seen[0] == NOTHING
    open_then = frozenset({fingerprint})
    assert seen[1] == Previous(
        open_findings=open_then, remarks=open_then, since={fingerprint: clock.now}, watching_since=clock.now
    )


def test_when_a_finding_began_is_known_only_to_who_watched() -> None:
    now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    earlier = now - timedelta(hours=5)
    assert NOTHING.began("f", now) is None
    assert Previous(watching_since=earlier).began("f", now) == now
    assert Previous(watching_since=earlier, open_findings=frozenset({"f"})).began("f", now) is None
    assert Previous(open_findings=frozenset({"f"}), since={"f": earlier}).began("f", now) == earlier


async def test_what_is_excluded_is_kept_apart_and_keeps_its_history(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    store = FindingStore(database)
    policy = Policy(
        adjustments={"storage": Adjustment(off=True)},
        exclusions=(Exclusion(Selector(node=("pve2",)), "being rebuilt", place="line 2"),),
    )
    collector, clock = FixedCollector(world(nodes=OFFLINE)), Clock()
    sweeper = Sweeper(collector, store, thresholds=Thresholds(), policy=policy, clock=clock)
    first = await sweeper.sweep()
    assert first.findings == ()
    assert [(item.finding.check, item.why) for item in first.set_aside] == [
        ("node.offline", "excluded by line 2: being rebuilt")
    ]
    assert first.switched_off == tuple(check.id for check in CHECKS if check.family == "storage")
    clock.forward(minutes=5)
    again = await sweeper.sweep(fresh=True)
    assert [item.finding.state for item in again.set_aside] == ["ongoing"]
    collector.snapshot = world()
    assert (await sweeper.sweep(fresh=True)).resolved == ()
    plain, _, _ = sweeper_on(world(nodes=OFFLINE), store)
    assert [finding.state for finding in (await plain.sweep()).findings] == ["regressed"]
    database.close()
