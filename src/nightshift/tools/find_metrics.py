"""The `find_metrics` tool: which metrics Prometheus has about something, and what those say now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field

from nightshift.facts.evidence import Evidence
from nightshift.facts.monitoring import Sample
from nightshift.tools.context import ToolContext
from nightshift.tools.metric_queries import entity_selectors, regex_literal
from nightshift.tools.metric_words import Match, is_a_limit, matches, singular
from nightshift.tools.metrics import samples_table
from nightshift.tools.names import normalise
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.tables import nothing_seen, table

METRICS_SHOWN = 20
METRICS_READ = 12
FEWEST_WITHOUT = 3
MOST_WITHOUT = 2
"""So many words may be nowhere, where at least so many others stand in the name, the help or the labels."""
FEW = 3
"""Where so few metrics have all the words, those that lack one of several are shown as well."""
MOST_SERIES = 2000
"""Of metrics with more series than this no value is shown: those of every guest of a large fleet."""


class FindMetricsArguments(Arguments):
    text: str = Field("", max_length=200)
    entity: str = Field("", description="only those with series about it")
    values: bool = Field(default=False, description="with the current series whose labels have the words left over")


async def find_metrics(ctx: ToolContext, arguments: FindMetricsArguments) -> ToolResult:
    now = ctx.clock()
    names = await ctx.live.metric_names()
    title = f"Metrics like '{arguments.text}'" if arguments.text else "Metrics"
    if names.value is None:
        evidence = nothing_seen(names.source, names.request, title, taken_at=names.taken_at, now=now, gaps=names.gaps)
        return ToolResult((evidence,), gaps=names.gaps)
    metadata = (await ctx.live.metric_metadata()).value or {}
    known, about = names.value, ""
    if arguments.entity:
        known, about = await _of_entity(ctx, arguments.entity, names.value)
    helps = {name: told.help or "" for name, told in metadata.items()}
    if not arguments.text:
        alike = [Match(name, 0, 0, 0.0, ()) for name in sorted(known)]
    else:
        alike = matches(arguments.text, known, helps)
    if about and arguments.text and all(one.lacks for one in alike):
        everywhere = matches(arguments.text, names.value, helps)
        if not all(one.lacks for one in everywhere):
            known, alike, about = names.value, everywhere, ""
    found, note = [one for one in alike if not one.lacks], ""
    if not found:
        most = max((one.hits for one in alike), default=0)
        found = [one for one in alike if one.hits == most or one.hits >= len(one.lacks)]
        note = "No metric has all of these words, these have some of them." if found else ""
    elif len(found) < FEW:
        found = [one for one in alike if len(one.lacks) < min(2, one.hits)]
    said = await _values(ctx, matches(arguments.text, known, helps, exact=True)) if arguments.values else None
    shown = dict.fromkeys([*([said.title] if said else ()), *(one.name for one in found)])
    rows = []
    for name in list(shown)[:METRICS_SHOWN]:
        told = metadata.get(name)
        rows.append((name, told.type if told else None, told.help if told else None))
    evidence = table(
        names.source, names.request, f"{title}{about}", ("metric", "type", "help"), rows,
        taken_at=names.taken_at, now=now, gaps=names.gaps,
    )  # fmt: skip
    return ToolResult((evidence, *([said] if said else ())), gaps=names.gaps, note=note)


async def _of_entity(ctx: ToolContext, name: str, names: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """The metrics that have series about an entity, and how to say so; all of them where none has."""
    snapshot = await ctx.snapshot()
    entity = EntityIndex.of(snapshot).resolve(name)
    selectors = entity_selectors(snapshot, entity.key)
    if not selectors:
        return tuple(names), ""
    every = " or ".join(f"{{{one}}}" for one in selectors)  # not of the counts: `or` does not look at the name
    read = await ctx.live.query(f"count by (__name__) ({every})")
    own = {dict(sample.labels).get("__name__", "") for sample in (read.value.samples if read.value else ())}
    kept = tuple(name for name in names if name in own)
    return (kept, f" of {entity.label}") if kept else (tuple(names), "")


async def _values(ctx: ToolContext, alike: Sequence[Match]) -> Evidence | None:
    """The series that have all of the words: in the metric's name or help, the rest of them in the labels.

    At least one word has to stand in the name: a help text alone says many words about other things. A word, or
    two, may be nowhere where more others are.
    """
    candidates = sorted((one for one in alike if one.in_name), key=is_a_limit)[:METRICS_READ]
    if not candidates:
        return None
    names = "|".join(regex_literal(one.name) for one in candidates)
    read = await ctx.live.query(f'{{__name__=~"{names}"}}')
    if read.value is None:
        return None
    by_name: dict[str, list[Sample]] = {}
    for sample in read.value.samples:
        by_name.setdefault(dict(sample.labels).get("__name__", ""), []).append(sample)
    for without in range(MOST_WITHOUT + 1):
        for one in candidates:
            series = by_name.get(one.name, ())
            if without and one.hits + len(one.lacks) - without < FEWEST_WITHOUT:
                continue
            found = [sample for sample in series if _lacking(sample, one.lacks) <= without]
            if found and len(series) <= MOST_SERIES:
                index = EntityIndex.of(await ctx.snapshot())
                return samples_table(read, found, index, one.name, ctx.clock())
    return None


def _lacking(sample: Sample, words: Iterable[str]) -> int:
    """How many of the words its labels do not have."""
    labels = {part for name, value in sample.labels if name != "__name__" for part in normalise(value).split("-")}
    said = set(map(singular, labels))
    return sum(word not in said for word in words)
