"""Time expressions in English: `last hour`, `over the last 24h`, `last night`, `since Friday`, `at 3am`.

Relative to the moment of the question and in the viewer's zone; windows come back in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from nightshift.agent.builtin.dates import WEEKDAYS, Found, find_day
from nightshift.facts.evidence import Window

_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "couple of": 2, "three": 3, "few": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "ten": 10, "twelve": 12, "half an": 0.5,
}  # fmt: skip
_UNIT_S = {
    "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600,
    "d": 86_400, "day": 86_400, "night": 86_400, "w": 604_800, "wk": 604_800, "week": 604_800, "month": 2_592_000,
    "fortnight": 1_209_600,
}  # fmt: skip

_UNIT = r"(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|nights?|w|wks?|weeks?|months?|fortnights?)"
_COUNT = r"(?P<count>\d+(?:\.\d+)?|half an|couple of|an?|one|two|three|few|four|five|six|seven|eight|ten|twelve)"
_DAY = rf"(?P<day>{'|'.join(WEEKDAYS)}|mon|tues?|wed|thur?s?|fri|sat|sun)"


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A window, the words that named it, where they stand, and the window in words for an answer."""

    window: Window
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Clock:
    """The moment of the question in the viewer's zone."""

    now: datetime
    zone: tzinfo

    @property
    def local(self) -> datetime:
        return self.now.astimezone(self.zone)

    def at(self, days_ago: int, hour: int, minute: int = 0) -> datetime:
        day = self.local.date() - timedelta(days=days_ago)
        return datetime.combine(day, time(hour, minute), self.zone)

    def until(self, moment: datetime) -> datetime:
        return min(moment, self.local)


_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], _Clock], Found]]


def find_time(text: str, now: datetime, zone: tzinfo) -> TimeSpan | None:
    """The first time expression of the text (lower case), by the most specific rule; None when there is none."""
    clock = _Clock(now, zone)
    day = find_day(text, clock.local, zone)
    if day is not None:
        start, end, said = day
        window = Window(start.astimezone(UTC), end.astimezone(UTC))
        return TimeSpan(window, said.group().strip(), said.start(), said.end())
    for pattern, reckon in _RULES:
        match = pattern.search(text)
        if match is None:
            continue
        found = reckon(match, clock)
        if found is not None and found[0] < found[1]:
            window = Window(found[0].astimezone(UTC), found[1].astimezone(UTC))
            return TimeSpan(window, match.group().strip(), match.start(), match.end())
    return None


def _span_s(count: str | None, unit: str) -> float:
    number = _COUNTS.get(count or "one", 0.0) or float(count or 1)
    singular = unit if unit in _UNIT_S else unit.rstrip("s")
    return number * _UNIT_S[singular]


def _last_span(match: re.Match[str], clock: _Clock) -> Found:
    length = timedelta(seconds=_span_s(match.group("count"), match.group("unit")))
    return clock.local - length, clock.local


def _ago(match: re.Match[str], clock: _Clock) -> Found:
    """Around a moment in the past: a tenth of the distance to each side, at least a quarter of an hour."""
    distance = timedelta(seconds=_span_s(match.group("count"), match.group("unit")))
    moment = clock.local - distance
    if match.group("since"):
        return moment, clock.local
    margin = max(distance / 10, timedelta(minutes=15))
    return moment - margin, clock.until(moment + margin)


def _hours(days_ago: int, first: int, last: int) -> Callable[[re.Match[str], _Clock], Found]:
    """From one full hour to another of a day; hour 24 and more belong to the next day."""

    def reckon(_match: re.Match[str], clock: _Clock) -> Found:
        start = clock.at(days_ago, first)
        end = clock.at(days_ago, 0) + timedelta(hours=last)
        if start >= clock.local:
            start, end = start - timedelta(days=1), end - timedelta(days=1)
        return start, clock.until(end)

    return reckon


_STILL_YESTERDAY = 2


def _last_night(_match: re.Match[str], clock: _Clock) -> Found:
    """From six in the evening to eight in the morning: the latest such night that has begun before today. Shortly after
    midnight that one has hardly begun: whoever is up then means the one before."""
    days = 1 if clock.local.hour < _STILL_YESTERDAY else 0
    return clock.at(days + 1, 18), clock.until(clock.at(days, 8))


def _tonight(_match: re.Match[str], clock: _Clock) -> Found:
    """The night that runs now or ended this morning."""
    if clock.local.hour >= 18:
        return clock.at(0, 18), clock.local
    return clock.at(1, 18), clock.until(clock.at(0, 8))


def _today(_match: re.Match[str], clock: _Clock) -> Found:
    return clock.at(0, 0), clock.local


def _days_back(name: str, clock: _Clock) -> int:
    """How many days ago the last such weekday was; today's name means a week ago."""
    index = next(at for at, day in enumerate(WEEKDAYS) if day.startswith(name[:3]))
    return (clock.local.weekday() - index) % 7 or 7


def _weekday(match: re.Match[str], clock: _Clock) -> Found:
    back = _days_back(match.group("day"), clock)
    start = clock.at(back, 0)
    if match.group("since"):
        return start, clock.local
    if match.group("part"):
        return clock.at(back, 18), clock.at(back - 1, 8)
    return start, clock.until(start + timedelta(days=1))


def _since_yesterday(_match: re.Match[str], clock: _Clock) -> Found:
    return clock.at(1, 0), clock.local


def _since_last_evening(_match: re.Match[str], clock: _Clock) -> Found:
    return clock.at(1, 18), clock.local


def _this_week(_match: re.Match[str], clock: _Clock) -> Found:
    return clock.at(clock.local.weekday(), 0), clock.local


def _last_week(_match: re.Match[str], clock: _Clock) -> Found:
    return clock.local - timedelta(days=7), clock.local


def _moment(hour: str, minute: str | None, half: str | None, clock: _Clock) -> datetime | None:
    """The most recent time that a clock showed this."""
    number = int(hour)
    if half == "pm" and number < 12:
        number += 12
    if half == "am" and number == 12:
        number = 0
    if number > 23 or int(minute or 0) > 59:
        return None
    moment = clock.at(0, number, int(minute or 0))
    return moment if moment <= clock.local else moment - timedelta(days=1)


def _between(match: re.Match[str], clock: _Clock) -> Found:
    first, last = match.group("h1", "m1", "p1"), match.group("h2", "m2", "p2")
    half = first[2] or last[2]
    end = _moment(last[0], last[1], last[2] or half, clock)
    start = _moment(first[0], first[1], half, clock)
    if start is None or end is None:
        return None
    if start > end:
        start -= timedelta(days=1)
    if match.group("yesterday"):
        shift = timedelta(days=(start.date() - clock.at(1, 0).date()).days)
        start, end = start - shift, end - shift
    return start, end


def _at_clock(match: re.Match[str], clock: _Clock) -> Found:
    """`at 3am` is half an hour to each side, `since 3am` from then on."""
    hour, minute, half = match.group("h1", "m1", "p1")
    moment = _moment(hour, minute, half, clock)
    if moment is None:
        return None
    if match.group("word") in ("since", "after", "from"):
        return moment, clock.local
    if match.group("yesterday"):
        moment -= timedelta(days=(moment.date() - clock.at(1, 0).date()).days)
    return moment - timedelta(minutes=30), clock.until(moment + timedelta(minutes=30))


def _hour_and_a_half(_match: re.Match[str], clock: _Clock) -> Found:
    return clock.local - timedelta(minutes=90), clock.local


def _hours_and_minutes(match: re.Match[str], clock: _Clock) -> Found:
    return clock.local - timedelta(hours=int(match["h"]), minutes=int(match["m"])), clock.local


def _noon(match: re.Match[str], clock: _Clock) -> Found:
    noon = clock.at(0, 12) if clock.local.hour >= 12 else clock.at(1, 12)
    if match["word"] in ("since", "after"):
        return noon, clock.local
    return noon - timedelta(minutes=30), clock.until(noon + timedelta(minutes=30))


def _date(match: re.Match[str], clock: _Clock) -> Found:
    try:
        start = datetime(int(match.group("y")), int(match.group("m")), int(match.group("d")), tzinfo=clock.zone)
    except ValueError:
        return None
    if match.group("since"):
        return start, clock.local
    return start, clock.until(start + timedelta(days=1))


def _rule(pattern: str, reckon: Callable[[re.Match[str], _Clock], Found]) -> _Rule:
    return re.compile(pattern), reckon


def _clock_pattern(which: int) -> str:
    """`3am`, `14:30`, `3` as groups h1, m1, p1 (or h2, …)."""
    return rf"(?P<h{which}>\d{{1,2}})(?::(?P<m{which}>\d{{2}}))?(?: ?(?P<p{which}>am|pm|h|o'clock))?\b"


_IN = r"(?:(?:over|in|during|within|for|of|from|on) )?(?:the )?"
_SINCE = r"(?P<since>since |after |from )?"

# The most specific first: the first that fits wins.
_RULES: tuple[_Rule, ...] = (
    _rule(rf"{_SINCE}(?:on )?\b(?P<y>20\d\d)-(?P<m>\d{{1,2}})-(?P<d>\d{{1,2}})\b", _date),
    _rule(
        rf"\b(?:between|from) {_clock_pattern(1)} ?(?:and|to|until|till|-) ?{_clock_pattern(2)}"
        r"(?P<yesterday> yesterday)?",
        _between,
    ),
    _rule(rf"{_SINCE}\b{_COUNT} ?{_UNIT} ago\b", _ago),
    _rule(rf"{_IN}\b(?:last|past|previous) (?:hour|1h) and a half\b", _hour_and_a_half),
    _rule(r"\b(?:last|past) (?P<h>\d+) ?h(?:ours?)? ?(?:and )?(?P<m>\d+) ?m(?:in(?:ute)?s?)?\b", _hours_and_minutes),
    _rule(r"\b(?P<word>since|at|around|after) (?P<noon>noon)\b", _noon),
    _rule(r"\b(?:in )?(?:the )?early hours\b", _hours(0, 0, 6)),
    _rule(rf"{_IN}\b(?:last|past|previous) (?!night\b|week\b)(?:{_COUNT} ?)?{_UNIT}\b", _last_span),
    _rule(r"\b(?:since )?(?:yesterday evening|yesterday night|last evening)\b", _hours(1, 18, 24)),
    _rule(r"\byesterday morning\b", _hours(1, 5, 12)),
    _rule(r"\byesterday afternoon\b", _hours(1, 12, 18)),
    _rule(rf"\b(?P<word>at|around|since|after|from) {_clock_pattern(1)}(?P<yesterday> yesterday)?", _at_clock),
    _rule(r"\b(?:since|from) (?:last night|yesterday evening)\b", _since_last_evening),
    _rule(r"\bsince yesterday\b", _since_yesterday),
    _rule(r"\b(?:last night|overnight|over night|(?:during|in|through) the night|past night)\b", _last_night),
    _rule(r"\btonight\b|\bthis night\b", _tonight),
    _rule(r"\b(?:since )?this morning\b", _hours(0, 5, 12)),
    _rule(r"\bthis afternoon\b", _hours(0, 12, 18)),
    _rule(r"\bthis evening\b", _hours(0, 18, 24)),
    _rule(r"\byesterday\b", _hours(1, 0, 24)),
    _rule(r"\b(?:since )?(?:today|midnight)\b", _today),
    _rule(r"\bthis week\b", _this_week),
    _rule(r"\b(?:last|past|previous) week\b", _last_week),
    _rule(rf"\b{_SINCE}(?:last |on )?{_DAY}\b(?: (?P<part>night)\b)?", _weekday),
    _rule(rf"\b(?:for|over|in|during|within) (?:the )?{_COUNT} ?{_UNIT}\b", _last_span),
    _rule(rf"\b(?P<count>\d+) ?{_UNIT}\b(?! (?:of|each|left|old))", _last_span),
)
