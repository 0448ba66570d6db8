"""Prometheus and what speaks its API, read only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from nightshift.errors import SourceFailed, SourceMalformed, SourceUnsupported
from nightshift.facts.evidence import Window
from nightshift.facts.monitoring import Alertmanagers, MetricNames, PrometheusRules, QueryResult, ScrapePool, Target
from nightshift.sources.connection import Connection
from nightshift.sources.endpoint import MEBIBYTE, Endpoint
from nightshift.sources.prometheus import parse
from nightshift.sources.prometheus.models import (
    AlertmanagersWire,
    BuildInfoWire,
    MetadataRow,
    PrometheusAnswer,
    QueryWire,
    RulesWire,
    ScrapePoolsWire,
    TargetsWire,
)
from nightshift.sources.transport import Params, Transport

Data = TypeVar("Data")

BUILD_INFO: Final = Endpoint("/api/v1/status/buildinfo", PrometheusAnswer[BuildInfoWire])
QUERY: Final = Endpoint("/api/v1/query", PrometheusAnswer[QueryWire], 32 * MEBIBYTE)
QUERY_RANGE: Final = Endpoint("/api/v1/query_range", PrometheusAnswer[QueryWire], 32 * MEBIBYTE)
METADATA: Final = Endpoint("/api/v1/metadata", PrometheusAnswer[dict[str, list[MetadataRow]]], 32 * MEBIBYTE)
LABEL_VALUES: Final = Endpoint("/api/v1/label/{label}/values", PrometheusAnswer[list[str]], 32 * MEBIBYTE)
TARGETS: Final = Endpoint("/api/v1/targets", PrometheusAnswer[TargetsWire], 32 * MEBIBYTE)
SCRAPE_POOLS: Final = Endpoint("/api/v1/scrape_pools", PrometheusAnswer[ScrapePoolsWire])
ALERTMANAGERS: Final = Endpoint("/api/v1/alertmanagers", PrometheusAnswer[AlertmanagersWire])
RULES: Final = Endpoint("/api/v1/rules", PrometheusAnswer[RulesWire], 32 * MEBIBYTE)


@dataclass(frozen=True, slots=True)
class MetricMetadata:
    """What a metric says of itself: `type` is `counter | gauge | histogram | summary | …`, `unit` is often empty."""

    type: str
    help: str
    unit: str


class PrometheusClient:
    """Every method sends one read and raises a SourceError when it fails.

    A PromQL mistake is a SourceFailed with `rejected` set and Prometheus' own words.
    """

    def __init__(self, connection: Connection, transport: Transport | None = None) -> None:
        self.connection = connection
        self.source = connection.source
        self.transport = transport or Transport(connection)
        self._posts = True

    async def version(self) -> str:
        """`3.7.3` (Prometheus API: /api/v1/status/buildinfo); `unknown` for a relative that has no such endpoint."""
        try:
            return _data(self.source, BUILD_INFO, await self.transport.get(BUILD_INFO)).version
        except SourceUnsupported:
            await self.query("vector(1)")
            return "unknown"

    async def query(self, expr: str, *, at: datetime | None = None, limit: int | None = None) -> QueryResult:
        """The value of an expression at an instant, now by default (Prometheus API: /api/v1/query).

        `limit` bounds the series; servers that do not know it are cut here. A range selector gives series.
        """
        form: dict[str, str | int] = {"query": expr}
        if at is not None:
            form["time"] = f"{at.timestamp():.3f}"
        if limit is not None:
            form["limit"] = limit
        return self._result(expr, QUERY, await self._ask(QUERY, form), limit=limit)

    async def query_range(self, expr: str, window: Window) -> QueryResult:
        """The values of an expression over a window (Prometheus API: /api/v1/query_range).

        Without a step one is chosen that gives about a thousand points; a step too fine for Prometheus is widened, and
        a warning says so.
        """
        step_s, warning = parse.step_for(window)
        form = {
            "query": expr,
            "start": f"{window.start.timestamp():.3f}",
            "end": f"{window.end.timestamp():.3f}",
            "step": f"{step_s:g}",
        }
        answer = await self._ask(QUERY_RANGE, form)
        return self._result(expr, QUERY_RANGE, answer, extra=(warning,) if warning else ())

    async def metric_exists(self, name: str) -> bool:
        """Whether Prometheus has ever stored a metric of that name (one label value, whatever its number of series)."""
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return bool(await self.label_values("__name__", match=f'{{__name__="{quoted}"}}'))

    async def metadata(self, metric: str | None = None) -> Mapping[str, MetricMetadata]:
        """Type, help and unit by metric; the first where targets differ (Prometheus API: /api/v1/metadata)."""
        params = {"metric": metric} if metric else {}
        rows = _data(self.source, METADATA, await self.transport.get(METADATA, params=params))
        return {name: MetricMetadata(row[0].type, row[0].help, row[0].unit) for name, row in rows.items() if row}

    async def label_values(self, label: str, *, match: str | None = None) -> tuple[str, ...]:
        """The values of a label, sorted, of the series that match (Prometheus API: /api/v1/label/{label}/values)."""
        params = {"match[]": match} if match else {}
        answer = await self.transport.get(LABEL_VALUES, params=params, label=label)
        values: list[str] = _data(self.source, LABEL_VALUES, answer, empty=[])
        return tuple(sorted(values))

    async def targets(self) -> tuple[Target, ...]:
        """Active scrape targets (Prometheus API: /api/v1/targets?state=active)."""
        answer = await self.transport.get(TARGETS, params={"state": "active"})
        return tuple(parse.target(self.source, row) for row in _data(self.source, TARGETS, answer).active_targets)

    async def scrape_pools(self) -> tuple[ScrapePool, ...]:
        """The jobs that it is configured to scrape (Prometheus API: /api/v1/scrape_pools). Raises SourceUnsupported
        before 2.42, and for most relatives."""
        data = _data(self.source, SCRAPE_POOLS, await self.transport.get(SCRAPE_POOLS))
        return tuple(ScrapePool(self.source, name) for name in data.scrape_pools or ())

    async def rules(self) -> PrometheusRules:
        """Alerting rules with their pending and firing alerts, and recording rules (Prometheus API: /api/v1/rules)."""
        groups = _data(self.source, RULES, await self.transport.get(RULES)).groups
        return PrometheusRules(
            parse.rules(self.source, groups),
            parse.recording_rules(self.source, groups),
            parse.alerts(self.source, groups),
        )

    async def alertmanagers(self) -> Alertmanagers:
        """Where its alerts go (Prometheus API: /api/v1/alertmanagers). Raises SourceUnsupported for most relatives."""
        data = _data(self.source, ALERTMANAGERS, await self.transport.get(ALERTMANAGERS))
        return Alertmanagers(self.source, tuple(row.url for row in data.active or ()))

    async def metric_names(self) -> MetricNames:
        """Every metric name that it has stored, in one answer (Prometheus API: /api/v1/label/__name__/values)."""
        return MetricNames(self.source, frozenset(await self.label_values("__name__")))

    async def aclose(self) -> None:
        await self.transport.aclose()

    async def _ask(self, endpoint: Endpoint[PrometheusAnswer[QueryWire]], form: Params) -> PrometheusAnswer[QueryWire]:
        """POST, or GET for good where a proxy in front does not let POST through."""
        if self._posts:
            try:
                return await self.transport.query(endpoint, form)
            except SourceUnsupported:
                answer = await self.transport.get(endpoint, params=form)
                self._posts = False
                return answer
        return await self.transport.get(endpoint, params=form)

    def _result(
        self,
        expr: str,
        endpoint: Endpoint[PrometheusAnswer[QueryWire]],
        answer: PrometheusAnswer[QueryWire],
        *,
        limit: int | None = None,
        extra: tuple[str, ...] = (),
    ) -> QueryResult:
        data = _data(self.source, endpoint, answer)
        warnings = (*(answer.warnings or ()), *extra)
        return parse.query_result(expr, data, warnings, partial=answer.is_partial, limit=limit)


def _data(
    source: str, endpoint: Endpoint[PrometheusAnswer[Data]], answer: PrometheusAnswer[Data], empty: Data | None = None
) -> Data:
    """The data of a successful answer. Some relatives send errors with HTTP 200, and null for an empty list."""
    request = f"GET {endpoint.template}"
    if answer.status == "error":
        detail = f"refused the request: {answer.error or answer.error_type or 'no reason given'}"
        raise SourceFailed(source, request, detail, status=200, rejected=True)
    data = empty if answer.data is None else answer.data
    if data is None:
        raise SourceMalformed(source, request, "sent an answer without the field data")
    return data
