"""The `metrics` and `promql` tools: live series with exact figures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pydantic import Field

from nightshift.errors import ToolInputError
from nightshift.facts.evidence import Cell, Evidence, LabelledSeries, Stats, Window
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.monitoring import Labels, QueryResult, Sample, Series
from nightshift.facts.read import Read
from nightshift.facts.units import format_bytes
from nightshift.tools.context import ToolContext
from nightshift.tools.extremes import Extremes, extremes_of, totals_of, without_name
from nightshift.tools.metric_queries import MetricQuery, Quantity, candidates, over_steps
from nightshift.tools.render import format_value
from nightshift.tools.resolve import EntityIndex, prefer_things
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.stats import describe, extremes_by_hour, mean_by_hour
from nightshift.tools.tables import age_s, nothing_seen, table
from nightshift.tools.window import parse_window

SERIES_SHOWN = 20
SAMPLES_SHOWN = 50
HOURS = ("when", "hours", "average")
LONG_ENOUGH_FOR_HOURS = timedelta(days=3)


class MetricsArguments(Arguments):
    entity: str
    quantity: Quantity
    window: str = Field("", description="1h (default), 24h, 7d")
    start: str = Field("", description="ISO 8601, instead of window")
    end: str = ""


class PromqlArguments(Arguments):
    expr: str = Field(min_length=1, max_length=2000)
    window: str = Field("", description="a range (1h, 7d) instead of now")


@dataclass(frozen=True, slots=True)
class Around:
    """What is asked beside the points of a range, by the labels of its series: where each is full, what a rate came to
    in all, and the extremes between the points."""

    limits: Mapping[Labels, float] = field(default_factory=dict)
    totals: Mapping[Labels, float] = field(default_factory=dict)
    extremes: Extremes | None = None


async def metrics(ctx: ToolContext, arguments: MetricsArguments) -> ToolResult:
    """The first query that gives series wins; what the others lacked is said when none does."""
    snapshot = await ctx.snapshot()
    entity = EntityIndex.of(snapshot).resolve(arguments.entity)
    window = parse_window(ctx.clock(), ctx.zone, span=arguments.window, start=arguments.start, end=arguments.end)
    queries = candidates(snapshot, entity.key, arguments.quantity)
    if not queries:
        raise ToolInputError(
            f"There is no way to measure {arguments.quantity} of {entity.label.split(' (')[0]}.",
            "Guests and nodes have cpu, memory, disk, network…; load, swap and iowait need node_exporter; "
            "datastores: use `storage`.",
        )
    title = _title(queries[0], entity, {})
    last: Read[QueryResult] | None = None
    for query in queries:
        ranged = replace(query, expr=over_steps(query.expr, window.step_s or 0.0))
        last = await ctx.live.query_range(ranged.expr, window)
        if last.value is not None and last.value.series:
            limits, totals, extremes = await asyncio.gather(
                _limits(ctx, query, window.end),
                totals_of(ctx.live, query.expr, query.unit, window),
                extremes_of(ctx.live, query.expr, window),
            )
            title = _title(query, entity, limits)
            evidence = _series_evidence(last, ranged, Around(limits, totals, extremes), title, window, ctx.clock())
            return ToolResult((evidence, *_by_hour(evidence, ctx)), gaps=last.gaps)
        if last.value is None:
            break
    assert last is not None
    return _empty(last, title, window, ctx.clock())


def _by_hour(item: Evidence, ctx: ToolContext) -> tuple[Evidence, ...]:
    """At which hours of the viewer's day one series of several days is highest and lowest, by day and by night."""
    window, stats = item.window, item.series[0].stats if len(item.series) == 1 else None
    if stats is None or window is None or window.end - window.start < LONG_ENOUGH_FOR_HOURS:
        return ()
    means = mean_by_hour(item.series[0].points, ctx.zone)
    told = [(word, f"{hour:02d}:00 to {(hour + 1) % 24:02d}:00", [hour]) for word, hour in extremes_by_hour(means)]
    told += [("by day", "08:00 to 22:00", list(range(8, 22))), ("by night", "22:00 to 08:00", [22, 23, *range(8)])]
    rows = []
    for word, hours, of in told:
        known = [means[hour] for hour in of if hour in means]
        if known:
            rows.append((word, hours, format_value(sum(known) / len(known), stats.unit)))
    title = f"Hours of the day: {item.title}"
    return (
        table(item.source, item.request, title, HOURS, rows, taken_at=item.taken_at, now=ctx.clock(), window=window),
    )


async def promql(ctx: ToolContext, arguments: PromqlArguments) -> ToolResult:
    now = ctx.clock()
    if arguments.window:
        window = parse_window(now, ctx.zone, span=arguments.window)
        ranged = await ctx.live.query_range(arguments.expr, window)
        if ranged.value is None or not ranged.value.series:
            return _empty(ranged, arguments.expr, window, now)
        query = MetricQuery(arguments.expr, "", "")
        return ToolResult((_series_evidence(ranged, query, Around(), arguments.expr, window, now),), gaps=ranged.gaps)
    read = await ctx.live.query(arguments.expr)
    if read.value is None or not read.value.samples:
        return _empty(read, arguments.expr, None, now)
    index = EntityIndex.of(await ctx.snapshot())
    evidence = samples_table(read, read.value.samples, index, arguments.expr, now)
    return ToolResult((evidence,), gaps=read.gaps, note="; ".join(read.value.warnings))


def _series_evidence(
    read: Read[QueryResult],
    query: MetricQuery,
    around: Around,
    title: str,
    window: Window,
    now: datetime,
) -> Evidence:
    assert read.value is not None
    every = read.value.series
    shown = tuple(
        LabelledSeries(
            series.labels,
            series.points,
            _stats(series, query, around),
        )
        for series in every[:SERIES_SHOWN]
    )
    return Evidence(
        source=read.source,
        kind="series",
        request=query.expr,
        title=title,
        taken_at=read.taken_at,
        age_s=age_s(read.taken_at, now),
        window=window,
        series=shown,
        total=len(every),
        shown=len(shown),
        complete=read.complete and len(shown) == len(every) and not read.value.truncated,
        gaps=read.gaps,
    )


def _stats(series: Series, query: MetricQuery, around: Around) -> Stats | None:
    """The figures of a series, with what its points alone do not tell."""
    identity = without_name(series.labels)
    limit = around.limits.get(identity)
    stats = describe(series.points, query.unit, limit if query.fills else None)
    if stats is None:
        return None
    stats = replace(stats, limit=limit, total=around.totals.get(identity))
    return around.extremes.widen(stats, identity) if around.extremes else stats


async def _limits(ctx: ToolContext, query: MetricQuery, at: datetime) -> dict[Labels, float]:
    if query.limit is None:
        return {}
    read = await ctx.live.query(query.limit, at=at)
    return {without_name(sample.labels): sample.value for sample in (read.value.samples if read.value else ())}


def _title(query: MetricQuery, entity: Entity, limits: dict[Labels, float]) -> str:
    """`Memory of web (VM 104), in use without caches, 4 GiB in total`."""
    total = next(iter(limits.values())) if len(limits) == 1 else None
    details = [query.detail] if query.detail else []
    details += [f"{format_bytes(total)} in total"] if total is not None and query.unit == "bytes" else []
    return ", ".join([f"{query.about} of {entity.label}", *details])


def samples_table(
    read: Read[QueryResult], samples: Iterable[Sample], index: EntityIndex, title: str, now: datetime
) -> Evidence:
    """The labels as columns, the value, and the entity that the labels name where that is certain."""
    every = list(samples)
    names = list(dict.fromkeys(name for sample in every for name, _ in sample.labels))
    rows: list[tuple[Cell, ...]] = []
    for sample in every:
        labels = dict(sample.labels)
        rows.append((*(labels.get(name) for name in names), sample.value, _entity_of(labels, index)))
    return table(
        read.source, title, title, (*names, "value", "entity"), rows,
        taken_at=read.taken_at, now=now, gaps=read.gaps, limit=SAMPLES_SHOWN,
    )  # fmt: skip


def _entity_of(labels: Mapping[str, str], index: EntityIndex) -> str | None:
    """`id` before `instance`: of an exporter that watches many things, the instance is its own address."""
    for name in ("id", "instance"):
        found = prefer_things(index.exact(labels[name])) if labels.get(name) else ()
        if len(found) == 1:
            return found[0].label
    return None


def _empty(read: Read[QueryResult], title: str, window: Window | None, now: datetime) -> ToolResult:
    """No series: say which of "could not be asked", "no such metric" and "nothing in this window" it is."""
    if read.value is None:
        evidence = nothing_seen(read.source, read.request, title, taken_at=read.taken_at, now=now, gaps=read.gaps)
        return ToolResult((evidence,), gaps=read.gaps, note=_failure(read.gaps))
    evidence = table(
        read.source, read.value.expr, title, (), (), taken_at=read.taken_at, now=now, gaps=read.gaps, window=window
    )
    if read.value.metric_exists is False:
        note = "Prometheus has no such metric: no exporter provides it."
    elif window is not None:
        note = "There are no samples in this window."
    else:
        note = "The expression matches no series now."
    return ToolResult((evidence,), gaps=read.gaps, note=note)


def _failure(gaps: tuple[Gap, ...]) -> str:
    return "; ".join(gap.detail for gap in gaps) or "Prometheus gave no answer."
