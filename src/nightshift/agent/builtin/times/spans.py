"""Time expressions in English: `last hour`, `over the last 24h`, `last night`, `since Friday`, `at 3am`.

Relative to the moment of the question and in the viewer's zone; windows come back in UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from nightshift.agent.builtin.times.clock_times import Clock
from nightshift.agent.builtin.times.date_ranges import find_range
from nightshift.agent.builtin.times.dates import find_day
from nightshift.agent.builtin.times.long_ago import find_long_ago
from nightshift.agent.builtin.times.relative_times import by_rule
from nightshift.agent.builtin.times.time_edges import is_since, is_to_come, without_happenings
from nightshift.agent.builtin.words.tokens import plain
from nightshift.facts.evidence import Window

LONGEST = timedelta(days=366)
_STILL_NOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A window, the words that named it, and where they stand. `over` tells that it ended before now: of such a time
    the present tells nothing."""

    window: Window
    text: str
    start: int
    end: int
    over: bool = False


def times_in(question: str, now: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    """The two ends of the time that a question speaks of; nothing where it names none."""
    span = find_time(plain(question), now, zone)
    return (span.window.start, span.window.end) if span else ()


def find_time(text: str, now: datetime, zone: tzinfo) -> TimeSpan | None:
    """The first time expression of the text (lower case), by the most specific rule; None when there is none."""
    clock, asked = Clock(now, zone), text
    text = _clock_in_digits(without_happenings(text))
    dated = find_range(text, zone)
    if dated is not None and clock.local - LONGEST < dated[0] < clock.local:
        start, end, said = dated
        window = Window(start.astimezone(UTC), min(end, clock.local).astimezone(UTC))
        return TimeSpan(window, said.group(), said.start(), said.end(), over=end < clock.local - _STILL_NOW)
    found = find_long_ago(text, clock.local, zone) or find_day(text, clock.local, zone) or by_rule(text, clock)
    if found is None:
        return None
    start, end, said = found
    lead = said.start() + len(said.group()) - len(said.group().lstrip())
    if is_since(text, lead, said.group().strip()):
        end = clock.local
    if is_to_come(text, lead, said.group(), end, clock.local):
        return None
    behind = text[said.end() :]
    last = len(asked[: said.end() + len(behind) - len(behind.lstrip())].rstrip())  # a number in digits is shorter
    word = asked[said.start() : last].strip()
    if is_since(text, lead, word) and not word.startswith(("since", "ever")) and "since" in text[:lead][-20:]:
        word = f"since {word}"
    window = Window(max(start, end - LONGEST).astimezone(UTC), end.astimezone(UTC))
    return TimeSpan(window, word, said.start(), last, over=end < clock.local - _STILL_NOW)


_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SPELLED_CLOCK = re.compile(
    rf"\b({'|'.join(_HOURS)})(?= (?:o'clock|am|pm|in the (?:morning|afternoon|evening)|at night)\b)"
)

_BETWEEN = re.compile(
    rf"\bbetween ({'|'.join(_HOURS)}) and ({'|'.join(_HOURS)})\b(?! (?:hours|days|weeks|minutes|guests|nodes)\b)"
)


def _clock_in_digits(text: str) -> str:
    """`three o'clock` as `3 o'clock`, as long as it was."""
    text = _BETWEEN.sub(lambda said: f"between {_digit(said[1])} and {_digit(said[2])}".ljust(len(said[0])), text)
    return _SPELLED_CLOCK.sub(lambda said: _digit(said[1]).ljust(len(said[1])), text)


def _digit(said: str) -> str:
    return str(_HOURS.index(said) + 1)
