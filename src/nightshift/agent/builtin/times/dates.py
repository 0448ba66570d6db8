"""Times that name a day: `on the 20th`, `Friday at 3am`, `from 2 to 4 am on Nov 20`, `over the weekend`.

The grammar here reads what is said around the day (a clock, a part of the day, `since`); dates that are spelled out are
read by dateparser, which is imported only when a question has one (docs/decisions/0011).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?"
)
_NTH = r"(?:3[01]|[12]\d|[1-9])(?:st|nd|rd|th)"
_NUMBER = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:,? 20\d\d)?"
# A bare `the 20th` needs something before it and nothing after it that it could count: `the 2nd node`.
_AFTER_ON = r"(?:(?<=on )|(?<=since )|(?<=of )|(?<=from )|(?<=around ))"
_DATE = (
    rf"(?:the )?{_NUMBER}(?: of)? (?:{_MONTHS})\b{_YEAR}|(?:{_MONTHS}) (?:the )?{_NUMBER}\b{_YEAR}|"
    rf"\b20\d\d-\d{{1,2}}-\d{{1,2}}\b|\b\d{{1,2}}\.\d{{1,2}}\.20\d\d\b|{_AFTER_ON}\d{{1,2}}\.\d{{1,2}}\.|"
    rf"\b(?:1[3-9]|2\d|3[01])/\d{{1,2}}(?:/20\d\d)?\b|\b\d{{1,2}}/(?:1[3-9]|2\d|3[01])(?:/20\d\d)?\b|"
    rf"{_AFTER_ON}the {_NTH}(?=\s*(?:$|[?.,!;]|at |around |between |from |and |in ))"
)
DAY_NAME = rf"{'|'.join(WEEKDAYS)}|mon|tues?|wed|thur?s?|fri|(?<!that )(?<!which )(?<!what )(?<!who )sat|sun"
_WEEKDAY = rf"(?:last )?(?:{DAY_NAME})"
_AGO = r"(?:\d{1,3}|two|three|four|five|six|seven) (?:days|nights) ago"
_DAYS: tuple[tuple[str, str], ...] = (
    ("before", r"(?:the )?day before yesterday"),
    ("nights", r"(?:the )?night before last"),
    ("ago", _AGO),
    ("yesterday", r"yesterday"),
    ("today", r"today"),
    ("date", _DATE),
    ("weekday", _WEEKDAY),
)
_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_PARTS = {
    "early hours": (0, 6), "morning": (5, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 32),
}  # fmt: skip


def _day(which: int = 1) -> str:
    return "(?:" + "|".join(rf"(?P<{kind}{which}>{pattern})" for kind, pattern in _DAYS) + r")(?!\w)"


def _clock(which: int) -> str:
    """`3am`, `14:30`, `noon`, as one group."""
    return rf"(?P<c{which}>noon|midnight|\d{{1,2}}(?::\d{{2}})? ?(?:am|pm|h|o'clock)?(?![\w:/.]))"


_SINCE = r"(?P<since>since |after |from )?"
_PART = rf"(?P<part>{'|'.join(_PARTS)})"
_TWO_CLOCKS = r"(?=\d{1,2}:\d{2} ?(?:to|till|until|-|–) ?\d{1,2}:\d{2})"
_RANGE = rf"(?:between |from |{_TWO_CLOCKS}){_clock(1)} ?(?:and|to|till|until|-|–) ?{_clock(2)}"
_MARKED = r"(?P<c1>noon|midnight|\d{1,2}:\d{2} ?(?:am|pm)?|\d{1,2} ?(?:am|pm))(?![\w:])"
_AT = rf"(?:at|around|about) {_clock(1)}"


@dataclass(frozen=True, slots=True)
class _Now:
    """The wall clock of the viewer at the moment of the question."""

    local: datetime
    zone: tzinfo

    def at(self, day: date, minutes: int) -> datetime:
        """So many minutes after midnight of a day, by the wall clock; more than a day's belong to the next."""
        days, left = divmod(minutes, 24 * 60)
        return datetime.combine(day + timedelta(days=days), time(left // 60, left % 60), self.zone)


Found = tuple[datetime, datetime] | None


def find_day(text: str, local: datetime, zone: tzinfo) -> tuple[datetime, datetime, re.Match[str]] | None:
    """The first window that names a day together with a time of day, or a day as a date; `text` in lower case."""
    now = _Now(local, zone)
    for pattern, reckon in _RULES:
        match = pattern.search(text)
        found = reckon(match, now) if match else None
        if match and found and found[0] < found[1]:
            return *found, match
    return None


def _day_of(match: re.Match[str], now: _Now, which: int = 1) -> date | None:
    """The day that the expression names: the last such day up to now."""
    today = now.local.date()
    for kind, _ in _DAYS:
        said = match.groupdict().get(f"{kind}{which}")
        if said:
            return _BACK[kind](said, today)
    return None


def _weekday(said: str, today: date) -> date:
    name = said.removeprefix("last ")
    at = next(number for number, day in enumerate(WEEKDAYS) if day.startswith(name[:3]))
    return today - timedelta(days=(today.weekday() - at) % 7 or 7)


def _ago(said: str, today: date) -> date:
    count = said.split(maxsplit=1)[0]
    return today - timedelta(days=_WORDS.get(count) or int(count))


def _date(said: str, today: date) -> date | None:
    """A date as people write it; without a year, or a month, the last such date."""
    import dateparser  # a quarter of a second: only who names a date pays for it

    settings = {
        "RELATIVE_BASE": datetime.combine(today, time(12)),
        "PREFER_DATES_FROM": "past",
        "DATE_ORDER": "DMY" if "." in said else "YMD" if re.match(r"20\d\d-", said) else "MDY",
    }
    # `20.11.` alone would be a quarter past eight in the evening.
    years = (f"{said}{today.year}", f"{said}{today.year - 1}") if said.endswith(".") else (said,)
    read = (dateparser.parse(text, languages=["en"], settings=settings) for text in years)
    return next((found.date() for found in read if found is not None and found.date() <= today), None)


_BACK: dict[str, Callable[[str, date], date | None]] = {
    "before": lambda _said, today: today - timedelta(days=2),
    "nights": lambda _said, today: today - timedelta(days=2),
    "ago": _ago,
    "yesterday": lambda _said, today: today - timedelta(days=1),
    "today": lambda _said, today: today,
    "date": _date,
    "weekday": _weekday,
}


def _minutes(clock: str, half: str = "") -> int | None:
    """Minutes after midnight of `3am`, `14:30`, `noon`; `half` is the am or pm that another clock bears."""
    if clock in ("noon", "midnight"):
        return 720 if clock == "noon" else 0
    read = re.match(r"(\d{1,2})(?::(\d{2}))? ?(am|pm)?", clock)
    if read is None:
        return None
    hour, minute, own = int(read[1]), int(read[2] or 0), read[3] or half
    if own:
        hour = hour % 12 + (12 if own == "pm" else 0)
    return hour * 60 + minute if hour <= 24 and minute <= 59 else None


def _half_of(clock: str) -> str:
    return next((half for half in ("am", "pm") if clock.strip().endswith(half)), "")


def _range(match: re.Match[str], now: _Now) -> Found:
    """`from 2 to 4 am on Friday`; past midnight the end is on the next day."""
    day, last = _day_of(match, now), match["c2"]
    first_m, last_m = _minutes(match["c1"], _half_of(last)), _minutes(last)
    if day is None or first_m is None or last_m is None:
        return None
    if last_m <= first_m:
        last_m += 24 * 60
    return now.at(day, first_m), min(now.at(day, last_m), now.local)


def _at(match: re.Match[str], now: _Now) -> Found:
    """`Friday at 3am` is half an hour to each side, `since Friday at 3am` from then on."""
    day, minutes = _day_of(match, now), _minutes(match["c1"])
    if day is None or minutes is None:
        return None
    moment = now.at(day, minutes)
    if match.groupdict().get("since"):
        return moment, now.local
    return moment - timedelta(minutes=30), min(moment + timedelta(minutes=30), now.local)


def _part(match: re.Match[str], now: _Now) -> Found:
    day = _day_of(match, now)
    if day is None:
        return None
    first, last = _PARTS[match["part"]]
    start = now.at(day, first * 60)
    return start, now.local if match["since"] else min(now.at(day, last * 60), now.local)


def _whole(match: re.Match[str], now: _Now) -> Found:
    """The whole day; a night that is named is from six in the evening to eight in the morning."""
    day = _day_of(match, now)
    if day is None:
        return None
    night = "night" in match.group()
    first, last = (18 * 60, 32 * 60) if night else (0, 24 * 60)
    start = now.at(day, first)
    return start, now.local if match["since"] else min(now.at(day, last), now.local)


def _days(match: re.Match[str], now: _Now) -> Found:
    """`between Monday and Wednesday`: both days whole."""
    first, last = _day_of(match, now), _day_of(match, now, 2)
    if first is None or last is None:
        return None
    if last < first:
        first -= timedelta(days=7 if match["weekday1"] else 365)
    return now.at(first, 0), min(now.at(last, 24 * 60), now.local)


def _weekend(match: re.Match[str], now: _Now) -> Found:
    """From Saturday to Sunday; on such a day `last weekend` is the one before."""
    today = now.local.date()
    back = (today.weekday() - 5) % 7
    if match["which"] == "last " and back <= 1:
        back += 7
    saturday = today - timedelta(days=back)
    return now.at(saturday, 0), now.local if match["since"] else min(now.at(saturday, 48 * 60), now.local)


def _month(match: re.Match[str], now: _Now) -> Found:
    """`in November`, `this month`, `since October`: the last such month that has begun."""
    local, name = now.local, match["month"]
    number = local.month
    if name != "this month":
        number = next(at for at, month in enumerate(_MONTHS.split("|"), start=1) if re.fullmatch(month, name))
    year = local.year - (number > local.month)
    start = now.at(date(year, number, 1), 0)
    following = now.at(date(year + number // 12, number % 12 + 1, 1), 0)
    return start, now.local if match["since"] else min(following, now.local)


def _rules() -> Iterator[tuple[str, Callable[[re.Match[str], _Now], Found]]]:
    on = r",? (?:on |of |in )?"
    yield rf"\bbetween (?:the )?{_day(1)} and (?:the )?{_day(2)}", _days
    yield rf"\bfrom (?:the )?{_day(1)} (?:to|until|till) (?:the )?{_day(2)}", _days
    yield rf"\b{_RANGE}{on}{_day()}", _range
    yield rf"\b(?:on )?{_day()},? {_RANGE}", _range
    yield rf"\b{_AT}{on}{_day()}", _at
    yield rf"\b{_SINCE}{_MARKED}{on}{_day()}", _at
    yield rf"\b{_SINCE}(?:on )?{_day()},? {_MARKED}", _at
    yield rf"\b{_SINCE}(?:on )?{_day()},? {_AT}", _at
    yield rf"\b{_SINCE}(?:in |on |during )?(?:the )?{_PART} (?:of |on ){_day()}", _part
    yield rf"\b{_SINCE}(?:on )?{_day()} {_PART}\b", _part
    yield rf"\b{_SINCE}(?:(?:over|on|during|at|for) )?(?:the |this )?(?P<which>last )?weekend\b", _weekend
    yield rf"\b{_SINCE}(?:in|during|over) (?P<month>{_MONTHS})\b(?! \d)", _month
    yield rf"\b(?P<since>since )(?P<month>{_MONTHS})\b(?! (?:the )?\d)", _month
    yield r"\b(?P<since>since )?(?:in |during |over )?(?P<month>this month)\b", _month
    named = "|".join(rf"(?P<{kind}1>{p})" for kind, p in _DAYS if kind in ("before", "nights", "date"))
    yield rf"{_SINCE}(?:on )?(?:{named})(?!\w)", _whole
    yield rf"(?P<since>since )?(?P<ago1>{_AGO.replace('days|nights', 'nights')})", _whole


_RULES = tuple((re.compile(pattern), reckon) for pattern, reckon in _rules())
