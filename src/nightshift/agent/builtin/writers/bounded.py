"""Whether a series was beyond a figure, since when, and whether it went up or down."""

from __future__ import annotations

import re

from nightshift.agent.builtin.questions.bounds import Bound, limit_of
from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Story, cite, one_line
from nightshift.agent.builtin.writers.compared import stats_of
from nightshift.agent.builtin.writers.series import course, when_last
from nightshift.facts.evidence import Evidence, Stats
from nightshift.facts.units import format_percent, from_epoch
from nightshift.tools.render import format_value

PERCENT = 100
_UP = re.compile(
    r"\b(?:up|rise|rising|risen|rose|climb\w*|grow\w*|grew|increas\w*|more|higher|creep\w*)\b", re.IGNORECASE
)
_DOWN = re.compile(r"\b(?:down|fall\w*|fell|drop\w*|sink\w*|decreas\w*|less|lower|shrink\w*)\b", re.IGNORECASE)


def bounded(story: Story) -> str:
    """The answer by the one series that was read; empty where no bound was asked for that it can be held against."""
    question, only = story.question, _only_series(story)
    if question.bound is None or only is None:
        return ""
    item, stats = only
    scale = _scale(question.bound, stats)
    if not scale:
        return ""
    if question.has("@onset"):
        return _onset(story, question.bound, item, stats, scale)
    return _beyond(question.bound, item, stats, scale) if wants_yes_or_no(question.text) else ""


def went(story: Story) -> str:
    """`Did it go up since yesterday?`: by the line through the window, and its first and last values."""
    only = _only_series(story)
    up, down = (pattern.search(story.question.text) for pattern in (_UP, _DOWN))
    asks = story.question.has("TREND") and wants_yes_or_no(story.question.text) and bool(up) != bool(down)
    if not asks or only is None or not only[0].series[0].points:
        return ""
    (item, stats), points = only, only[0].series[0].points
    how = course(stats, points[-1][0] - points[0][0])
    first, last = (format_value(value, stats.unit) for value in (stats.first, stats.last))
    return f"{yes_or_no(how == ('rising' if up else 'falling'))}it is {how}, from {first} to {last}{cite(item)}."


def _only_series(story: Story) -> tuple[Evidence, Stats] | None:
    """The one series that was read, and its figures; None where there are several, or none."""
    told = [(item, stats) for item in story.evidence("metrics", "series") if (stats := stats_of(item)) is not None]
    return told[0] if len(told) == 1 else None


def _scale(bound: Bound, stats: Stats) -> float:
    """By what the values are divided to be of the bound's dimension; 0 where they cannot be."""
    unit = stats.unit.split("/")[0]
    if bound.dimension == "fraction" and unit == "bytes":
        return stats.limit or 0.0
    if bound.dimension == "count" and unit == "fraction":
        return 1 / PERCENT  # `CPU above 80`
    return 1.0 if unit == bound.dimension or not unit else 0.0


def _shown(bound: Bound, value: float, stats: Stats) -> str:
    of_whole = bound.dimension == "fraction" and stats.unit == "bytes" and stats.limit
    share = f"{format_percent(value / stats.limit)}, " if of_whole and stats.limit else ""
    return f"{share}{format_value(value, stats.unit)}"


def _beyond(bound: Bound, item: Evidence, stats: Stats, scale: float) -> str:
    """`Did its CPU go above 50 % today?`: by the highest value of the window, or the lowest."""
    return f"{yes_or_no(bound.holds(_extreme(bound, stats) / scale))}{_was_at_most(bound, stats)}{cite(item)}."


def _extreme(bound: Bound, stats: Stats) -> float:
    """The value that comes nearest to the bound, or goes farthest beyond it."""
    return stats.maximum if bound.more else stats.minimum


def _was_at_most(bound: Bound, stats: Stats) -> str:
    extreme = "at most" if bound.more else "at least"
    return f"it was {extreme} {_shown(bound, _extreme(bound, stats), stats)}"


def _onset(story: Story, bound: Bound, item: Evidence, stats: Stats, scale: float) -> str:
    """`Since when is it above 80 %?`: the first sample of the stretch that it has been so without a break."""
    side = "above" if bound.more else "below"
    limit = f"{limit_of(bound)}{' %' if bound.dimension == 'count' and scale < 1 else ''}"
    about, when = one_line(item.title).split(",")[0], when_last(story, item, item.series[0])
    now = f"{_shown(bound, stats.last, stats)} {when}{cite(item)}"
    is_not, has_been = ("is not", "has been") if when == "now" else ("did not end", "was")
    held = [bound.holds(value / scale) for _, value in item.series[0].points]
    times = [story.time(from_epoch(at)) for at, _ in item.series[0].points]
    if not any(held):
        was = _was_at_most(bound, stats)
        return f"{about} was not {side} {limit} between {times[0]} and {times[-1]}: {was}, {now}."
    first = times[held.index(True)]
    if not held[-1]:
        last = times[len(held) - 1 - held[::-1].index(True)]
        return f"{about} {is_not} {side} {limit}: {now}. It was so first at {first} and last at {last}."
    since = len(held) - (held[::-1].index(False) if False in held else len(held))
    if since == 0:
        return f"{about} {has_been} {side} {limit} at least since {times[0]}, where what was read begins: {now}."
    before = f"; before that it was so at {first} already" if first != times[since] else ""
    return f"{about} {has_been} {side} {limit} since {times[since]}: {now}{before}."
