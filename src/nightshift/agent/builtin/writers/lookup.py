"""Answers with what a metric says of things that are in no inventory: a room, a UPS, a web page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.questions.discovery import subject_of
from nightshift.agent.builtin.steps.metered import COUNTED_S, found_series, is_counter, told_of, unit_of
from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line
from nightshift.agent.builtin.writers.databases import database_sizes
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.facts.evidence import Evidence
from nightshift.facts.units import format_duration, format_percent, from_epoch
from nightshift.tools.render import format_value

LISTED = 12
_VALUE = re.compile(
    r"\b(?:how (?:many|much|high|low|hot|cold|warm|fast|long|big|loud|bright|humid|often)|what(?:'s| is| are)|value|"
    r"level|reading|figure|number|count|rate|average|total|percent\w*|temperature|humidity)\b",
    re.IGNORECASE,
)
_OF_THE_SCRAPE = ("job", "entity", "value", "__name__", "instance")
_HOW = {"min_": "at its lowest", "max_": "at its highest", "avg_": "on average"}
_PLAIN = frozenset({"%", "V", "W", "MiB", "per second"})


def lookup(story: Story) -> str:
    """The value that was found; that nothing measures it, where nothing does."""
    if story.question.has("@database_sizes"):
        return database_sizes(story)
    if story.question.has("@retention"):
        return _kept_since(story)
    told = told_values(story)
    if told:
        return told
    gaps = not_seen(story.gaps())
    about = " ".join(subject_of(story.question))
    known = next((item for item in story.evidence("find_metrics") if item.kind == "rows"), None)
    if known is None:
        return gaps or "Prometheus could not be asked."
    alike = [f"`{row.show('metric')}`" for row in story.rows(known)[:4]]
    like = f" The nearest: {joined(alike)}." if alike else ""
    return "\n\n".join(
        filter(None, (f"I cannot tell: nothing here measures “{one_line(about)}”{cite(known)}.{like}", gaps))
    )


def _kept_since(story: Story) -> str:
    """How far back Prometheus has samples, to the day."""
    item = next((item for item in story.evidence("promql", "series") if item.series), None)
    if item is None:
        return not_seen(story.gaps()) or f"I cannot tell: Prometheus shows no samples{cite(*story.evidence('promql'))}."
    first = from_epoch(item.series[0].points[0][0])
    kept = "How long it is set to keep them I do not read."
    return f"Prometheus has samples since {story.time(first)}, to within a day{cite(item)}. {kept}"


def told_values(story: Story) -> str:
    """What the metric says that has all the words of the question; empty where there is none."""
    series = found_series(story.results)
    if series is None:
        return ""
    if story.question.intent == "unclear" and not _is_asked_for(story, series):
        return ""
    kind, told = told_of(story.results, series.title)
    read = next((item for item in story.evidence("promql") if item.rows), None)
    item = read or series
    over = read is not None
    unit = unit_of(series.title, told)
    rows = sorted(story.rows(item), key=lambda row: -(row.number("value") or 0.0))
    counted = is_counter(series.title, kind)
    when = (
        (story.question.span.text if story.question.span else f"in the last {format_duration(COUNTED_S)}")
        if over
        else "now"
    )
    how = f" {_HOW.get(item.request[:4], '')}".rstrip() if over and not counted else ""
    what = _what(series, told)
    if counted and not over:
        return ""
    if over and counted and len(rows) == 1 and item.request.startswith("sum(increase("):
        return f"{what}, {when}: {format_percent(rows[0].number('value') or 0.0)} of all{cite(item)}."
    if over and counted and story.question.has("PER_SECOND"):
        counted, unit, when = False, "per second", story.when or "now"
    both = [row for one in story.evidence("promql") if one.request[:4] in _HOW for row in story.rows(one)]
    if len({row.evidence.request for row in both}) > 1:
        said = ((row, f"{_HOW[row.evidence.request[:4]]}: {_value(row, unit)}{cite(row.evidence)}") for row in both)
        return f"{what}, {when}:\n" + bullet(f"{_thing(row, rows)} {told}" for row, told in said)
    if len(rows) == 1:
        return f"{what} of {_thing(rows[0], rows)}, {when}{how}: {_value(rows[0], unit)}{cite(item)}."
    lines = [f"{_thing(row, rows)}: {_value(row, unit)}" for row in rows[:LISTED]]
    more = "\nThe others are in the evidence." if len(rows) > LISTED else ""
    whole = sum(row.number("value") or 0.0 for row in rows)
    total = f" {in_unit(whole, unit)} in total, of" if counted or story.question.has("TOTAL") else ""
    return f"{what}, {when}{how}{cite(item)}:{total}\n{bullet(lines)}{more}"


def _is_asked_for(story: Story, series: Evidence) -> bool:
    """Whether a metric that some words of an unclear question fit is what it asks for: `could one go back to before?`
    is not about `pve_not_backed_up_total`, and a metric that only tells what there is has no figure."""
    return not series.title.endswith("_info") and (
        len(subject_of(story.question)) > 1 or bool(_VALUE.search(story.question.text))
    )


def _what(series: Evidence, told: str) -> str:
    """`Temperature (`homeassistant_…`)`: the help of the metric, as far as it is one short phrase."""
    phrase = one_line(told).split(". ")[0].rstrip(".")
    short = phrase if 0 < len(phrase) <= 80 else ""
    return f"{short} (`{one_line(series.title)}`)" if short else f"`{one_line(series.title)}`"


def _thing(row: Row, rows: Sequence[Row]) -> str:
    """What tells a series from the others; of one alone the label that says most."""
    names = [name for name in row.evidence.columns if name not in _OF_THE_SCRAPE and row.known(name)]
    if len(rows) > 1:
        names = [name for name in names if len({one.get(name) for one in rows}) > 1]
    labels = " ".join(row.show(name) for name in names[:3])
    place = row.show("entity") if row.known("entity") else row.show("instance")
    differs = len(rows) == 1 or len({one.get("instance") for one in rows}) > 1
    if not labels:
        return place
    return f"{labels} on {place}" if differs and row.known("instance") else labels


def _value(row: Row, unit: str) -> str:
    return in_unit(row.number("value") or 0.0, unit)


def in_unit(value: float, unit: str) -> str:
    """`21.5 °C`, `230 V`."""
    return f"{format_value(value, '')} {unit}" if unit in _PLAIN else format_value(value, unit)
