"""Times told from now: `last hour`, `two days ago`, `last night`, `since Friday`, `yesterday afternoon`, `at 3am`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from nightshift.agent.builtin.times.clock_times import (
    MEALS,
    Clock,
    at_clock,
    between,
    clock_pattern,
    just_now,
    meal,
    noon,
    other_day,
    this_time,
    until,
)
from nightshift.agent.builtin.times.dates import DAY_NAME, WEEKDAYS, Found

_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "couple of": 2, "three": 3, "few": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "twenty-four": 24,
    "thirty": 30, "forty-eight": 48, "sixty": 60, "seventy-two": 72, "ninety": 90, "half an": 0.5,
    "quarter of an": 0.25, "three quarters of an": 0.75, "three quarter of an": 0.75, "dozen": 12,
}  # fmt: skip
_UNIT_S = {
    "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600,
    "d": 86_400, "day": 86_400, "night": 86_400, "w": 604_800, "wk": 604_800, "week": 604_800, "month": 2_592_000,
    "fortnight": 1_209_600,
}  # fmt: skip
_UNIT = r"(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|nights?|w|wks?|weeks?|months?|fortnights?)"
_COUNT = rf"(?P<count>\d+(?:\.\d+)?|{'|'.join(sorted(_COUNTS, key=len, reverse=True))})"
_DAY = rf"(?P<day>{DAY_NAME})"
_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], Clock], Found]]


def by_rule(text: str, clock: Clock) -> tuple[datetime, datetime, re.Match[str]] | None:
    """The first such time in the text (lower case), by the most specific rule."""
    for pattern, reckon in _RULES:
        match = pattern.search(text)
        found = reckon(match, clock) if match else None
        if match and found and found[0] < found[1]:
            return *found, match
    return None


def _span_s(count: str | None, unit: str) -> float:
    number = _COUNTS.get(count or "one", 0.0) or float(count or 1)
    singular = unit if unit in _UNIT_S else unit.rstrip("s")
    return number * _UNIT_S[singular]


def _last_span(match: re.Match[str], clock: Clock) -> Found:
    length = timedelta(seconds=_span_s(match.group("count"), match.group("unit")))
    return clock.local - length, clock.local


def _ago(match: re.Match[str], clock: Clock) -> Found:
    """Around a moment in the past: a tenth of the distance to each side, at least a quarter of an hour; half of it
    where the moment itself is only about that."""
    distance = timedelta(seconds=_span_s(match.group("count"), match.group("unit")))
    moment = clock.local - distance
    if match.group("since"):
        return moment, clock.local
    margin = max(distance / 10, timedelta(minutes=15))
    if match.group("around"):
        margin = max(distance / 2, timedelta(minutes=30))
    return moment - margin, clock.until(moment + margin)


def _hours(days_ago: int, first: int, last: int) -> Callable[[re.Match[str], Clock], Found]:
    """From one full hour to another of a day; hour 24 and more belong to the next day."""

    def reckon(_match: re.Match[str], clock: Clock) -> Found:
        start = clock.at(days_ago, first)
        end = clock.at(days_ago, 0) + timedelta(hours=last)
        if start >= clock.local:
            start, end = start - timedelta(days=1), end - timedelta(days=1)
        return start, clock.until(end)

    return reckon


def _since(days_ago: int, hour: int) -> Callable[[re.Match[str], Clock], Found]:
    """From an hour of a day until now."""
    return lambda _match, clock: (clock.at(days_ago, hour), clock.local)


def _past(length: timedelta) -> Callable[[re.Match[str], Clock], Found]:
    """As long as that until now."""
    return lambda _match, clock: (clock.local - length, clock.local)


_STILL_YESTERDAY = 2


def _last_night(_match: re.Match[str], clock: Clock) -> Found:
    """From six in the evening to eight in the morning: the latest such night that has begun before today. Shortly after
    midnight that one has hardly begun: whoever is up then may mean the one before as well, so both are taken."""
    days = 1 if clock.local.hour < _STILL_YESTERDAY else 0
    return clock.at(days + 1, 18), clock.until(clock.at(0, 8))


_NIGHT_BEGINS = 22
# In the evening `which guests got no backup tonight?` is still of the night before, and of what has been since.
_HAS_BEEN = re.compile(r"\b(?:got|did|didn't|was|were|ran|failed|missed|went|made|had)\b")


def _tonight(match: re.Match[str], clock: Clock) -> Found:
    """The night that runs now or ended this morning."""
    if clock.local.hour >= 18:
        before = clock.local.hour < _NIGHT_BEGINS and _HAS_BEEN.search(match.string)
        return clock.at(1 if before else 0, 18), clock.local
    return clock.at(1, 18), clock.until(clock.at(0, 8))


def _days_back(name: str, clock: Clock) -> int:
    """How many days ago the last such weekday was; today's name means a week ago."""
    index = next(at for at, day in enumerate(WEEKDAYS) if day.startswith(name[:3]))
    return (clock.local.weekday() - index) % 7 or 7


def _weekday(match: re.Match[str], clock: Clock) -> Found:
    back = _days_back(match.group("day"), clock)
    start = clock.at(back, 0)
    if match.group("since"):
        return start, clock.local
    if match.group("part"):
        return clock.at(back, 18), clock.at(back - 1, 8)
    return start, clock.until(start + timedelta(days=1))


def _this_week(_match: re.Match[str], clock: Clock) -> Found:
    return clock.at(clock.local.weekday(), 0), clock.local


def _hours_and_minutes(match: re.Match[str], clock: Clock) -> Found:
    return clock.local - timedelta(hours=int(match["h"]), minutes=int(match["m"])), clock.local


def _date(match: re.Match[str], clock: Clock) -> Found:
    try:
        start = datetime(int(match.group("y")), int(match.group("m")), int(match.group("d")), tzinfo=clock.zone)
    except ValueError:
        return None
    if match.group("since"):
        return start, clock.local
    return start, clock.until(start + timedelta(days=1))


def _rule(pattern: str, reckon: Callable[[re.Match[str], Clock], Found]) -> _Rule:
    return re.compile(pattern), reckon


_IN = r"(?:(?:over|in|during|within|for|of|from|on) )?(?:the )?"
_SINCE = r"(?P<since>since |after |from )?"
_AROUND = r"(?P<around>(?:around|about|roughly|approximately|circa|some|maybe) )?"
_DAY_OF = r"(?P<day{}>yesterday|last week|a (?:week|day) (?:ago|back|earlier)|last month)"
# The most specific first: the first that fits wins.
_RULES: tuple[_Rule, ...] = (
    _rule(rf"{_SINCE}(?:on )?\b(?P<y>20\d\d)-(?P<m>\d{{1,2}})-(?P<d>\d{{1,2}})\b", _date),
    _rule(
        rf"\b(?:between|from) {clock_pattern(1)} ?(?:and|to|until|till|-) ?{clock_pattern(2, '|now')}"
        r"(?: yesterday)?",
        between,
    ),
    _rule(
        rf"(?P<since>\bsince )?(?:\b(?:at )?(?:this|the same|same) (?:time|hour) {_DAY_OF.format(1)}|"
        rf"\b{_DAY_OF.format(2)},? (?:at )?(?:this|the same|same) (?:time|hour)\b)",
        this_time,
    ),
    _rule(rf"\b(?:until|till|before|by) {clock_pattern(1)}(?: this morning| today)?(?P<yesterday> yesterday)?", until),
    _rule(rf"\b{clock_pattern(1, minutes=True)} ?(?:to|until|till|-|–) ?{clock_pattern(2, minutes=True)}", between),
    _rule(rf"{_SINCE}{_AROUND}\b{_COUNT} ?{_UNIT} (?:ago|back|earlier|before(?= now|\W*$))\b", _ago),
    _rule(rf"(?P<since>)\bbefore (?P<around>){_COUNT} ?{_UNIT}\b(?=\W*$)", _ago),
    _rule(r"(?P<since>since )?(?P<around>)(?P<count>)\b(?P<unit>hour|day|week|month) ago\b", _ago),
    _rule(rf"{_IN}\b(?:last|past|previous) (?:hour|1h) and a half\b", _past(timedelta(minutes=90))),
    _rule(r"\b(?:last|past) (?P<h>\d+) ?h(?:ours?)? ?(?:and )?(?P<m>\d+) ?m(?:in(?:ute)?s?)?\b", _hours_and_minutes),
    _rule(r"\b(?P<word>since|at|around|after) (?P<noon>noon)\b", noon),
    _rule(r"\b(?:in )?(?:the )?(?:early|small|wee) hours\b", _hours(0, 0, 6)),
    _rule(
        rf"\b(?:(?P<since>since|after|from)|at|over|during|around|before) (?P<meal>{'|'.join(MEALS)})(?:time)?\b",
        meal,
    ),
    _rule(r"\b(?:just now|a (?:moment|second|bit) ago|moments ago)\b", just_now),
    _rule(r"\bthe other day\b", other_day),
    _rule(r"\b(?:during|throughout|over(?: the course of)?|all through) the day\b|\ball day(?: long)?\b", _since(0, 0)),
    _rule(rf"{_IN}\b(?:last|past|previous) (?!night\b|week\b)(?:{_COUNT} ?)?{_UNIT}\b", _last_span),
    _rule(
        rf"{_IN}\b(?:{_COUNT} )?(?!nights?\b){_UNIT} "
        r"(?:(?:that )?(?:just|has just|have just) (?:past|passed|gone|ended)|behind us)\b",
        _last_span,
    ),
    _rule(rf"\bsince {_COUNT} ?{_UNIT}\b(?! ago)", _last_span),
    _rule(r"(?:,|\bover|\bwithin|\bacross|\bin|\bof) (?P<count>one|a|1) (?P<unit>day)(?=\W*$)", _last_span),
    _rule(r"\b(?:since )?(?:yesterday evening|yesterday night|last evening)\b", _hours(1, 18, 24)),
    _rule(r"\byesterday morning\b", _hours(1, 5, 12)),
    _rule(r"\byesterday afternoon\b", _hours(1, 12, 18)),
    _rule(rf"\b(?P<word>at|around|since|after|from) {clock_pattern(1)}(?P<yesterday> yesterday)?", at_clock),
    _rule(
        r"\bsince (?:last night|yesterday evening)\b|\bfrom (?:last night|yesterday evening) (?:on|to|until|till)\b",
        _since(1, 18),
    ),
    _rule(r"\bsince yesterday\b", _since(1, 0)),
    _rule(
        r"\b(?:last night|overnight|over night|(?:during|in|through) the night|past night|night just (?:past|gone)|"
        r"while (?:i|we|everybody|everyone) (?:was |were )?(?:sleeping|slept|asleep|in bed))\b",
        _last_night,
    ),
    _rule(r"\btonight\b|\bthis night\b", _tonight),
    _rule(r"\b(?:since )?this morning\b", _hours(0, 5, 12)),
    _rule(r"\bthis afternoon\b", _hours(0, 12, 18)),
    _rule(r"\bthis evening\b", _hours(0, 18, 24)),
    _rule(r"\byesterday\b", _hours(1, 0, 24)),
    _rule(r"\b(?:since )?(?:today|midnight)\b", _since(0, 0)),
    _rule(r"\bthis week\b", _this_week),
    _rule(r"\b(?:last|past|previous) week\b", _past(timedelta(days=7))),
    _rule(rf"\b{_SINCE}(?:last |on )?{_DAY}\b(?: (?P<part>night)\b)?", _weekday),
    _rule(rf"\b(?:for|over|in|during|within) (?:the )?{_COUNT} ?{_UNIT}\b", _last_span),
    _rule(rf"\b(?P<count>\d+) ?{_UNIT}\b(?! (?:of|each|left|old))", _last_span),
)
