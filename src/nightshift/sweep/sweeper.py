"""The owner of a sweep: collects, checks, finds causes, keeps history, and shares one run among all who ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from ulid import ULID

from nightshift.checks.backup_evidence import rules_of
from nightshift.checks.judge import Judgement
from nightshift.checks.policy import NO_POLICY, Policy, judge_all
from nightshift.checks.previous import Previous
from nightshift.checks.registry import CHECKS
from nightshift.checks.thresholds import Thresholds
from nightshift.errors import StoreError
from nightshift.facts.finding import Remembered
from nightshift.facts.gap import EVERYTHING, Gap
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.sweep import StageTiming, Sweep
from nightshift.protection import Matrix, matrix_of
from nightshift.sweep.alike import told_once
from nightshift.sweep.causes import explain
from nightshift.sweep.exemptions import exempt_from_backups
from nightshift.sweep.lifecycle import Lives, advance
from nightshift.sweep.set_aside import SettingAside
from nightshift.sweep.sight import could_see, merged
from nightshift.sweep.stopwatch import Stopwatch

if TYPE_CHECKING:
    from nightshift.store.findings import FindingStore
    from nightshift.store.restores import RestoreStore

Progress = Callable[[str], None]
STORE = "store"


class Collects(Protocol):
    """What a sweep needs of `collect.collector.Collector`."""

    async def collect(
        self, now: datetime, on_progress: Progress | None = None
    ) -> tuple[Snapshot, tuple[StageTiming, ...]]: ...


class Sweeper:
    """Gives the latest Sweep, and makes a new one when that is too old.

    `store` None keeps the history in memory only. `clock` returns aware UTC.
    """

    def __init__(
        self,
        collector: Collects,
        store: FindingStore | None,
        *,
        thresholds: Thresholds,
        policy: Policy = NO_POLICY,
        restores: RestoreStore | None = None,
        clock: Callable[[], datetime],
    ) -> None:
        self._collector = collector
        self._store = store
        self._thresholds = thresholds
        self._policy = policy
        self._restores = restores
        self._clock = clock
        self._latest: Sweep | None = None
        self._watching_since: datetime | None = None
        self._memory: dict[str, Remembered] = {}
        self._running: asyncio.Task[Sweep] | None = None
        self._listeners: list[Progress] = []

    @property
    def latest(self) -> Sweep | None:
        """The last finished sweep, however old, without making one."""
        return self._latest

    def matrix(self, sweep: Sweep) -> Matrix:
        """The verdicts about the backups of every guest that this sweep saw, with the operator's limits and exemptions.

        Takes a while with thousands of guests: call it off the event loop.
        """
        exempt = exempt_from_backups(sweep.snapshot, self._policy, self._thresholds.absences)
        return matrix_of(sweep.snapshot, rules_of(sweep.snapshot, self._thresholds, exempt))

    async def sweep(
        self, *, max_age_s: float = 60.0, fresh: bool = False, on_progress: Progress | None = None
    ) -> Sweep:
        """The latest sweep when its snapshot is younger than `max_age_s`, else a new one; `fresh` always makes one.

        Callers at the same time share one run: it goes on when one of them gives up. Failing sources do not raise,
        they leave Gaps.
        """
        if not fresh and self._running is None and self._latest is not None:
            age_s = (self._clock() - self._latest.snapshot.taken_at).total_seconds()
            if age_s <= max_age_s:
                return self._latest
        if on_progress is not None:
            self._listeners.append(on_progress)
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="sweep")
            self._running.add_done_callback(self._finished)
        return await asyncio.shield(self._running)

    async def aclose(self) -> None:
        """Give up the sweep that is under way, if there is one: what it reads from is about to be closed."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def _finished(self, _task: asyncio.Task[Sweep]) -> None:
        self._running = None
        self._listeners.clear()

    def _tell(self, step: str) -> None:
        for listener in self._listeners:
            listener(step)

    async def _run(self) -> Sweep:
        started_at = self._clock()
        watch = Stopwatch()
        snapshot, stages = await self._collector.collect(started_at, self._tell)
        collected = watch.lap("collect", sum(it.requests for it in stages), sum(it.slow_requests for it in stages))
        snapshot, restore_gaps = await asyncio.to_thread(self._with_restores, snapshot)
        self._tell("checks")
        # Off the event loop: with thousands of guests the checks take longer than a request may be kept waiting.
        remembered, store_gaps = await asyncio.to_thread(self._recall)
        previous = _previous_of(self._latest, remembered, self._watching_since)
        judgements = await asyncio.to_thread(judge_all, CHECKS, snapshot, previous, self._thresholds, self._policy)
        checked = watch.lap("checks")
        if store_gaps:
            lives = self._advance(snapshot, judgements, remembered)
        else:
            lives, store_gaps = await asyncio.to_thread(self._keep, snapshot, judgements, remembered)
        kept_history = watch.lap("history")
        blind = () if snapshot.sources else (_NOTHING_TO_WATCH,)
        checks_gaps = (gap for item in judgements for gap in item.result.gaps)
        setting_aside = SettingAside(self._policy, self._thresholds.absences, CHECKS, snapshot)
        seen_now = (gap for gap in snapshot.gaps if not gap.is_of_the_past)
        gaps = (*blind, *seen_now, *checks_gaps, *store_gaps, *restore_gaps)
        kept = setting_aside.split(lives.findings, gaps)
        findings = told_once(await asyncio.to_thread(explain, kept.findings, snapshot))
        explained = watch.lap("causes")
        sweep = Sweep(
            id=str(ULID()),
            snapshot=snapshot,
            findings=findings,
            gaps=merged(kept.gaps),
            started_at=started_at,
            duration_s=watch.elapsed_s,
            resolved=tuple(finding for finding in lives.resolved if setting_aside.why(finding) is None),
            profile=(*stages, collected, checked, kept_history, explained),
            set_aside=kept.aside,
            away=merged(kept.away),
            switched_off=self._policy.switched_off(CHECKS),
        )
        self._watching_since = self._watching_since or snapshot.taken_at
        self._latest = sweep
        return sweep

    def _with_restores(self, snapshot: Snapshot) -> tuple[Snapshot, tuple[Gap, ...]]:
        """The snapshot with the restore tests of earlier times; what it saw itself is remembered."""
        if self._restores is None:
            return snapshot, ()
        seen = snapshot.restore_tests
        try:
            known = self._restores.known()
            fresh = [test for test in seen if test not in known]
            if fresh:
                self._restores.remember(fresh)
        except StoreError as error:
            return snapshot, (Gap(STORE, "restore tests", "unreachable", str(error)),)
        rows = tuple(dict.fromkeys((*seen.rows, *known)))
        return replace(snapshot, restore_tests=replace(seen, rows=rows)), ()

    def _recall(self) -> tuple[dict[str, Remembered], tuple[Gap, ...]]:
        """The history so far. A disk that fails costs the history, never the sweep."""
        if self._store is None:
            return self._memory, ()
        try:
            return self._store.remembered(), ()
        except StoreError as error:
            return self._memory, (_history_gap(error),)

    def _advance(
        self, snapshot: Snapshot, judgements: tuple[Judgement, ...], remembered: dict[str, Remembered]
    ) -> Lives:
        """The findings with their history, kept in memory."""
        found = [finding for judgement in judgements for finding in judgement.result.findings]
        lives = advance(remembered, found, could_see(snapshot, judgements), snapshot.taken_at)
        self._memory = remembered | {item.fingerprint: item for item in lives.changed}
        return lives

    def _keep(
        self, snapshot: Snapshot, judgements: tuple[Judgement, ...], remembered: dict[str, Remembered]
    ) -> tuple[Lives, tuple[Gap, ...]]:
        """The same, and written to the store where there is one."""
        lives = self._advance(snapshot, judgements, remembered)
        if self._store is None:
            return lives, ()
        try:
            self._store.remember(lives.changed, snapshot.taken_at)
        except StoreError as error:
            return lives, (_history_gap(error),)
        return lives, ()


_NOTHING_TO_WATCH = Gap(
    "nightshift",
    EVERYTHING,
    "not_configured",
    "no system to watch is set up, so nothing was looked at",
    "Set PROMETHEUS_URL, GRAFANA_URL, PROXMOX_URL or PBS_URL.",
)


def _history_gap(error: StoreError) -> Gap:
    return Gap(STORE, "history of findings", "unreachable", str(error))


def _previous_of(
    latest: Sweep | None, remembered: Mapping[str, Remembered], watching_since: datetime | None
) -> Previous:
    """What a check may know of the past: uptimes of the last sweep of this process, findings of the whole history."""
    still_open = [item for item in remembered.values() if item.resolved_at is None]
    starts = [item.first_seen for item in remembered.values()]
    since = {item.fingerprint: item.finding.since for item in still_open if item.finding.since is not None}
    past = Previous(
        open_findings=frozenset(item.fingerprint for item in still_open),
        remarks=frozenset(item.fingerprint for item in still_open if item.finding.severity == "info"),
        since=since,
        watching_since=min((*starts, *([watching_since] if watching_since else [])), default=None),
    )
    if latest is None:
        return past
    snapshot = latest.snapshot
    uptimes = {node.entity.key: node.uptime_s for node in snapshot.nodes if node.uptime_s is not None}
    uptimes |= {guest.entity.key: guest.uptime_s for guest in snapshot.guests if guest.uptime_s is not None}
    return replace(past, taken_at=snapshot.taken_at, uptimes_s=uptimes)
