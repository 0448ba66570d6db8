"""Times by the clock: `at 3am`, `between 2 and 4 am`, `until 8 this morning`, `this time yesterday`, `over lunch`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from nightshift.agent.builtin.times.dates import Found

_ON_A_SCALE = re.compile(r"\b(?:scale|range|rate|rank|number|marks?)(?: it| this| us| them)? $")
_UNTIL_NOW = re.compile(r"\b(?:until|till|up to|to) (?:right )?now\b")
_YESTERDAY = re.compile(r"\byesterday\b")
_NOT_PAST = re.compile(r"\b(?:wait|mute|silence|snooze|pause|remind|sleep|will|tomorrow)\b")


@dataclass(frozen=True, slots=True)
class Clock:
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


_NAMED: dict[str, tuple[int, None]] = {"noon": (12, None), "midnight": (0, None)}  # of both halves of the day neither


def moment_at(hour: str, minute: str | None, half: str | None, clock: Clock) -> datetime | None:
    """The most recent time that a clock showed this."""
    if hour == "now":
        return clock.local
    number, half = _NAMED[hour] if hour in _NAMED else (int(hour), half)
    evening = half in ("pm", "in the evening", "in the afternoon") or (half == "at night" and number >= 6)
    if evening and number < 12:
        number += 12
    if half in ("am", "in the morning") and number == 12:
        number = 0
    if number > 23 or int(minute or 0) > 59:
        return None
    moment = clock.at(0, number, int(minute or 0))
    return moment if moment <= clock.local else moment - timedelta(days=1)


_EVENING = re.compile(r"\b(?:last night|tonight|(?:this|last|yesterday) evening|yesterday night)\b")


def _are_of_an_evening(first: str, last: str) -> bool:
    """`Between 6 and 9`, `from noon to 9`, `from 6 to now`: hours that may be those after noon."""
    if first == "midnight" or last == "noon":
        return False
    begins = 0 if first == "noon" else int(first)
    return begins <= (int(last) if last.isdigit() else begins) < 12


def between(match: re.Match[str], clock: Clock) -> Found:
    if _ON_A_SCALE.search(match.string[: match.start()]):
        return None
    first, last = match.group("h1", "m1", "p1"), match.group("h2", "m2", "p2")
    half = first[2] or last[2]
    if not half and _EVENING.search(match.string) and _are_of_an_evening(first[0], last[0]):
        half = "pm"
    end = moment_at(last[0], last[1], last[2] or half, clock)
    start = moment_at(first[0], first[1], half, clock)
    if start is None or end is None:
        return None
    if start > end:
        start -= timedelta(days=1)
    if _YESTERDAY.search(match.string):
        shift = timedelta(days=(start.date() - clock.at(1, 0).date()).days)
        start, end = start - shift, end - shift
    return start, end


def at_clock(match: re.Match[str], clock: Clock) -> Found:
    """`at 3am` is half an hour to each side, `since 3am` from then on."""
    if _ON_A_SCALE.search(match.string[: match.start()]):
        return None
    hour, minute, half = match.group("h1", "m1", "p1")
    moment = moment_at(hour, minute, half, clock)
    if moment is None:
        return None
    if match.group("word") in ("since", "after", "from"):
        return moment, clock.local
    if match.group("yesterday"):
        moment -= timedelta(days=(moment.date() - clock.at(1, 0).date()).days)
    return moment - timedelta(minutes=30), clock.until(moment + timedelta(minutes=30))


def until(match: re.Match[str], clock: Clock) -> Found:
    """`until 8 this morning`, `before noon`: from the midnight before."""
    hour, minute, half = match.group("h1", "m1", "p1")
    moment = moment_at(hour, minute, half, clock)
    if moment is None or _NOT_PAST.search(match.string[: match.start()]):
        return None
    if match.group("yesterday"):
        moment -= timedelta(days=(moment.date() - clock.at(1, 0).date()).days)
    return clock.at((clock.local.date() - (moment - timedelta(minutes=1)).date()).days, 0), moment


def this_time(match: re.Match[str], clock: Clock) -> Found:
    """`this time yesterday`: half an hour to each side; `since` then until now."""
    said = match["day1"] or match["day2"]
    days = 7 if "week" in said else 30 if "month" in said else 1
    moment = clock.local - timedelta(days=days)
    if match["since"] or _UNTIL_NOW.search(match.string):
        return moment, clock.local
    return moment - timedelta(minutes=30), moment + timedelta(minutes=30)


MEALS = {"breakfast": (7, 9), "lunch": (12, 14), "dinner": (18, 20), "supper": (18, 20)}


def meal(match: re.Match[str], clock: Clock) -> Found:
    first, last = MEALS[match["meal"]]
    start, end = clock.at(0, first), clock.at(0, last)
    if start >= clock.local:
        start, end = start - timedelta(days=1), end - timedelta(days=1)
    return start, clock.local if match["since"] else clock.until(end)


_PRESENT = re.compile(r"\b(?:is|are|am|does|do|whose|any)\b")
_PASSED = re.compile(r"\b(?:was|were|did|had|happened|went|came|broke|\w{3,}ed)\b")


def just_now(match: re.Match[str], clock: Clock) -> Found:
    """What was, just now; not what is: `is a VM moving just now?`"""
    said = match.string
    if match.group() == "just now" and _PRESENT.search(said) and not _PASSED.search(said):
        return None
    return clock.local - timedelta(minutes=15), clock.local


def other_day(_match: re.Match[str], clock: Clock) -> Found:
    return clock.at(3, 0), clock.at(0, 0)


def noon(match: re.Match[str], clock: Clock) -> Found:
    noon = clock.at(0, 12) if clock.local.hour >= 12 else clock.at(1, 12)
    if match["word"] in ("since", "after"):
        return noon, clock.local
    return noon - timedelta(minutes=30), clock.until(noon + timedelta(minutes=30))


def clock_pattern(which: int, more: str = "", *, minutes: bool = False) -> str:
    """`3am`, `14:30`, `3` as groups h1, m1, p1 (or h2, …); with `minutes` only `14:30`."""
    half = "am|pm|h|o'clock|in the morning|in the afternoon|in the evening|at night"
    told = rf":(?P<m{which}>\d{{2}})"
    hour = rf"(?P<h{which}>\d{{1,2}})" if minutes else rf"(?P<h{which}>\d{{1,2}}|noon|midnight{more})"
    return rf"{hour}{told if minutes else f'(?:{told})?'}(?: *(?P<p{which}>{half}))?\b"
