"""Sentences about time series: their figures, as exact as the tools computed them."""

from __future__ import annotations

import math
import re

from nightshift.agent.builtin.story import Story, bullet, cite, one_line
from nightshift.agent.builtin.writers.compared import apart
from nightshift.agent.builtin.writers.lines import FORESEEABLE_S
from nightshift.facts.evidence import Evidence, LabelledSeries, Stats
from nightshift.facts.units import format_bytes, format_duration, format_percent, from_epoch
from nightshift.tools.render import format_value, labels_text

SERIES_SHOWN = 8
FEWEST_FOR_PERCENTILE = 20
STEADY_SHARE = 0.05
"""A change along the fitted line below this share of the average, or of a quarter of the spread, is none."""
STALE_S = 600.0
_PERCENTILE = re.compile(r"\bp(\d\d)\b|\b(\d\d)(?:th|st|nd|rd)?[ -]percentile\b")


def series_paragraph(story: Story, item: Evidence, note: str) -> str:
    title = one_line(item.title)
    window = story.bounds(item.window) if item.window else ""
    if item.kind != "series":
        if item.kind == "none":
            return f"{title}: Prometheus could not be asked."
        lead = "I cannot tell. " if story.is_long_over else ""
        return f"{lead}{title}: no data{f' from {window}' if window else ''}{cite(item)}. {note}".rstrip()
    head = f"{title}, {window}"
    if len(item.series) == 1:
        return f"{head}: {series_line(story, item, item.series[0])}{cite(item)}."
    lines = [
        f"{one_line(_short_labels(series))}: {series_line(story, item, series)}"
        for series in item.series[:SERIES_SHOWN]
    ]
    more = f"\nand {len(item.series) - SERIES_SHOWN} more series." if len(item.series) > SERIES_SHOWN else ""
    return f"{head}{cite(item)}:\n{bullet(lines)}{more}"


def series_line(story: Story, item: Evidence, series: LabelledSeries) -> str:
    """`3.1 % now, 4 % on average, between 1 % and 31 % (95th percentile 20 %)`, and where it is going."""
    stats = series.stats
    if stats is None:
        return "no finite value"
    least, most, p95 = (format_value(value, stats.unit) for value in (stats.minimum, stats.maximum, stats.p95))
    last, mean = _with_share(stats.last, stats), _with_share(stats.mean, stats)
    text = (
        _lead(story, item, series, stats)
        + f"{last} {when_last(story, item, series)}, {mean} on average, between {least} and {most}"
    )
    if stats.count >= FEWEST_FOR_PERCENTILE:
        text += f" (95th percentile {p95})"
    if stats.total is not None and not story.question.has("@amount"):
        text += f"; {format_bytes(stats.total)} in all"
    if stats.unit == "bytes" and stats.time_to_full_s is not None and stats.time_to_full_s < FORESEEABLE_S:
        growth = format_bytes(stats.rate_per_s * 86_400)
        text += f"; grows by {growth} each day, full in {format_duration(stats.time_to_full_s)}"
    return text


def _with_share(value: float, stats: Stats) -> str:
    """`2.4 GiB (40 %)`: of what there is, where that is known."""
    share = f" ({format_percent(value / stats.limit)})" if stats.limit and stats.unit == "bytes" else ""
    return f"{format_value(value, stats.unit)}{share}"


def _lead(story: Story, item: Evidence, series: LabelledSeries, stats: Stats) -> str:
    """What was asked for comes first: its course, the peak, the lowest value, the average."""
    question = story.question
    mean, least, most = (format_value(value, stats.unit) for value in (stats.mean, stats.minimum, stats.maximum))
    if question.has("@busiest_hour") or ("@when" in question.concepts and question.has("PEAK")):
        highest, _ = max(series.points, key=lambda point: point[1])
        return _by_hour(story, item.title) or f"at most {most}, around {story.time(from_epoch(highest))}; "
    lasted_s = series.points[-1][0] - series.points[0][0]
    if question.has("FREE") and stats.limit and stats.unit == "bytes":
        now, least_free = (format_value(stats.limit - value, stats.unit) for value in (stats.last, stats.maximum))
        return f"at least {least_free} of {format_value(stats.limit, stats.unit)} were free, {now} at the end; used: "
    if question.has("TREND", "@growth", "GROWN"):
        return f"{course(stats, lasted_s)}{_change(stats)}; "
    if question.has("@amount") and stats.total is not None:
        return f"{format_bytes(stats.total)} in all; "
    if question.has("PEAK"):
        return f"at most {most}; "
    if percent := _PERCENTILE.search(question.text.lower()):
        share = int(percent[1] or percent[2])
        return f"{format_value(_percentile(series, stats, share), stats.unit)} at the {share}th percentile; "
    if question.has("MEDIAN") and stats.median is not None:
        return f"{format_value(stats.median, stats.unit)} in the median; "
    if question.has("LOWEST"):
        return f"at least {least}; "
    return f"{mean} on average; " if question.has("MEAN") else ""


def _percentile(series: LabelledSeries, stats: Stats, share: int) -> float:
    """The one that is computed already; of any other the value of the series that is next above it."""
    if share == 95:
        return stats.p95
    ordered = sorted(value for _, value in series.points if math.isfinite(value))
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


def _by_hour(story: Story, title: str) -> str:
    """At which hours of the day it is highest and lowest; by day and by night."""
    item = next((item for item in story.evidence("metrics", "rows") if item.title.endswith(title)), None)
    if item is None:
        return ""
    told = ", ".join(f"{row.show('when')} {row.show('average')} ({row.show('hours')})" for row in story.rows(item))
    return f"{told}{cite(item)}; "


def _change(stats: Stats) -> str:
    """By how much the last value differs from the first."""
    first, last = format_value(stats.first, stats.unit), format_value(stats.last, stats.unit)
    if first == last:
        return f" at {last}"
    by = apart(max(stats.first, stats.last), min(stats.first, stats.last), stats.unit)
    return f", from {first} to {last}: {by} {'more' if stats.last > stats.first else 'less'}"


def course(stats: Stats, lasted_s: float) -> str:
    """Whether it rises, falls or is steady, by the line through all of it."""
    change = stats.rate_per_s * lasted_s
    if abs(change) < max(STEADY_SHARE * abs(stats.mean), (stats.maximum - stats.minimum) / 4):
        return "steady"
    return "rising" if change > 0 else "falling"


def when_last(story: Story, item: Evidence, series: LabelledSeries) -> str:
    """What time the last value is of: now, the end of a window in the past, or when the series broke off."""
    end = item.window.end if item.window else story.now
    latest = from_epoch(series.points[-1][0])
    step_s = (item.window.step_s if item.window else None) or 0.0
    if (end - latest).total_seconds() > max(STALE_S, 3 * step_s):
        return f"in the last sample, of {story.time(latest)}"
    return "now" if (story.now - end).total_seconds() <= STALE_S else "at the end"


def _short_labels(series: LabelledSeries) -> str:
    """The labels that tell series apart; those of every series are noise."""
    labels = dict(series.labels)
    for name in ("mountpoint", "device", "id", "instance"):
        if name in labels:
            return labels[name]
    return labels_text(series)
