"""Evaluates alert rules on the real Prometheus: once over the past, then again and again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import numpy as np

from nightshift_lab.grafana.rule import AlertRule
from nightshift_lab.grafana.states import LabelSet, RuleStatus
from nightshift_lab.grafana.timeline import Timeline
from nightshift_lab.world.current import WorldHolder
from nightshift_lab.world.nouns import DAY_S

_HOUR_S = 3_600.0
Past = tuple[tuple[float, float, int], ...]


def past_over(whole_s: float, fine_s: float) -> Past:
    """How far back the states are reckoned, and how finely, where Prometheus knows so much: (from, to, step), seconds
    before now."""
    fine_s = min(fine_s, 6 * _HOUR_S)
    return (whole_s, fine_s, 300), (fine_s, 0.0, 60)


PAST = past_over(7 * DAY_S, 6 * _HOUR_S)
_QUERY_TIMEOUT_S = 30.0
_FAILED = "[sse.dataQueryError] failed to execute query [A]"


class QueryFailed(RuntimeError):
    """Prometheus did not answer a rule's query; the message is what Grafana shows as `lastError`."""


class Ailments:
    """What is wrong with the rules themselves; by default nothing is."""

    def error_at(self, _t: float, /) -> str:
        """Why the data source cannot be reached at `t`; empty when it can."""
        return ""

    def query_at(self, rule: AlertRule, _t: float, /) -> str:
        """The rule's query as it stands at `t`."""
        return rule.expr


@dataclass(frozen=True, slots=True)
class WorldAilments(Ailments):
    """What the faults of the world in force say."""

    holder: WorldHolder

    def error_at(self, t: float) -> str:
        return str(self.holder.world.condition("grafana/prometheus", "error", t, ""))

    def query_at(self, rule: AlertRule, t: float) -> str:
        return str(self.holder.world.condition(f"rule/{rule.uid}", "query", t, rule.expr))


class Evaluator:
    """Keeps the status of all rules. `prometheus_url` is asked for each evaluation, so that it may change."""

    def __init__(
        self,
        rules: Iterable[AlertRule],
        prometheus_url: str,
        *,
        interval_s: float = 10.0,
        clock: Callable[[], float] = time.time,
        ailments: Ailments | None = None,
        past: Past = PAST,
    ) -> None:
        self.statuses = tuple(RuleStatus(rule) for rule in rules)
        self._past_parts = past
        self._as_written = {status.rule.uid: status.rule for status in self.statuses}
        self._ailments = ailments or Ailments()
        self.interval_s = interval_s
        self._url = prometheus_url.rstrip("/")
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Reckon the states from the past, so that what has long been wrong fires at once; then keep evaluating."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_QUERY_TIMEOUT_S))
        now = self._clock()
        await asyncio.gather(*(self._reckon(status, now) for status in self._active))
        await self.evaluate()
        self._loop = asyncio.create_task(self._keep_evaluating())

    async def stop(self) -> None:
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def evaluate(self) -> None:
        """One evaluation of every rule."""
        await asyncio.gather(*(self._evaluate_one(status) for status in self._active))

    @property
    def _active(self) -> tuple[RuleStatus, ...]:
        return tuple(status for status in self.statuses if not status.rule.paused)

    async def _keep_evaluating(self) -> None:
        while True:
            await asyncio.sleep(self.interval_s)
            await self.evaluate()

    async def _evaluate_one(self, status: RuleStatus) -> None:
        at, began = self._clock(), time.monotonic()
        written = self._as_written[status.rule.uid]
        status.rule = replace(written, expr=self._ailments.query_at(written, at))
        try:
            self._reach(at)
            series = await self._query(status.rule.expr, at)
        except QueryFailed as error:
            status.failed(at, str(error))
        else:
            status.evaluated(at, series)
        status.evaluation_s = time.monotonic() - began

    def _reach(self, at: float) -> None:
        if error := self._ailments.error_at(at):
            raise QueryFailed(_unreachable(error))

    async def _reckon(self, status: RuleStatus, now: float) -> None:
        for back_from, back_to, step_s in self._past_parts:
            first = int(now - back_from) // step_s * step_s
            last = int(now - back_to)
            times = range(first, last + 1, step_s)
            try:
                timeline = await self._past(status.rule, times)
            except QueryFailed as error:
                status.failed(now, str(error))
                return
            await asyncio.to_thread(self._replay, status, timeline)

    async def _past(self, rule: AlertRule, times: range) -> Timeline:
        """What the rule's query gave at each time, as it stood then."""
        stood = {at: self._ailments.query_at(rule, float(at)) for at in times}
        timeline = Timeline(times)
        for query in dict.fromkeys(stood.values()):
            answer = await self._query_range(query, times)
            asked_then = np.array([stood[at] == query for at in times], dtype=np.bool_)
            for row in answer:
                timeline.add(_labels(row["metric"]), row["values"], asked_then)
        return timeline

    def _replay(self, status: RuleStatus, timeline: Timeline) -> None:
        """Evaluate the past. Time before the first sample is not without data: it is before our history."""
        errors = [self._ailments.error_at(float(at)) for at in timeline.times]
        for at, error, series in timeline.evaluations(status, errors):
            if error:
                status.failed(at, _unreachable(error))
            elif series or status.evaluated_at is not None:
                status.evaluated(at, series)

    async def _query(self, expr: str, at: float) -> dict[LabelSet, float]:
        answer = await self._ask("query", {"query": expr, "time": f"{at:.3f}"})
        return {_labels(row["metric"]): float(row["value"][1]) for row in answer["result"]}

    async def _query_range(self, expr: str, times: range) -> list[dict[str, Any]]:
        form = {"query": expr, "start": f"{times[0]}", "end": f"{times[-1]}", "step": f"{times.step}"}
        rows: list[dict[str, Any]] = (await self._ask("query_range", form))["result"]
        return rows

    async def _ask(self, endpoint: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        assert self._session is not None
        try:
            async with self._session.post(f"{self._url}/api/v1/{endpoint}", data=form) as response:
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise QueryFailed(f"{_FAILED}: {error}") from error
        if not isinstance(answer, dict) or answer.get("status") != "success":
            told = answer.get("error", "") if isinstance(answer, dict) else ""
            raise QueryFailed(f"{_FAILED}: {told or response.status}")
        data: Mapping[str, Any] = answer["data"]
        return data


def _unreachable(error: str) -> str:
    return f'{_FAILED}: Post "http://prometheus.home.arpa:9090/api/v1/query": {error}'


def _labels(metric: Mapping[str, str]) -> LabelSet:
    return tuple(sorted((name, value) for name, value in metric.items() if name != "__name__"))
