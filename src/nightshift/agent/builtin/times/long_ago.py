"""Times by the year: `in 2019`, `last year`, `three years ago`, `November 2021`, `last Christmas`.

They are seldom kept by anything. What is asked for all the same is that time, and not the present instead of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo

Found = tuple[datetime, datetime] | None

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
# Month, first day, number of days.
_FEASTS: Mapping[str, tuple[int, int, int]] = {
    "christmas": (12, 24, 3), "xmas": (12, 24, 3), "new year's eve": (12, 31, 1), "new years eve": (12, 31, 1),
    "new year": (12, 31, 2), "halloween": (10, 31, 1),
}  # fmt: skip
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "ten": 10, "couple of": 2, "few": 3}
_MONTH = "|".join(rf"{month[:3]}(?:{month[3:]})?" if len(month) > 3 else month for month in _MONTHS)
_SINCE = r"(?P<since>since )?"
_OVER = r"(?:(?:at|over|on|during|before|around) )?"


def find_long_ago(text: str, local: datetime, zone: tzinfo) -> tuple[datetime, datetime, re.Match[str]] | None:
    """The first such time in the text (lower case); None for what has not begun yet."""
    for pattern, reckon in _RULES:
        match = pattern.search(text)
        found = reckon(match, local, zone) if match else None
        if match and found and found[0] < local:
            return found[0], local if match.groupdict().get("since") else min(found[1], local), match
    return None


def _year(match: re.Match[str], _local: datetime, zone: tzinfo) -> Found:
    year = int(match["year"])
    return datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)


def _this_or_last(match: re.Match[str], local: datetime, zone: tzinfo) -> Found:
    year = local.year - (match["which"] != "this")
    return datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)


def _ago(match: re.Match[str], local: datetime, _zone: tzinfo) -> Found:
    """A month around that day."""
    count = _COUNTS.get(match["count"]) or int(match["count"])
    moment = local - timedelta(days=365.25 * count)
    return moment - timedelta(days=15), moment + timedelta(days=15)


def _month(match: re.Match[str], _local: datetime, zone: tzinfo) -> Found:
    number = next(at for at, month in enumerate(_MONTHS, start=1) if month.startswith(match["month"][:3]))
    year = int(match["year"])
    return (datetime(year, number, 1, tzinfo=zone), datetime(year + number // 12, number % 12 + 1, 1, tzinfo=zone))


def _feast(match: re.Match[str], local: datetime, zone: tzinfo) -> Found:
    """The last one that has begun, or that of the year that is named."""
    month, day, length = _FEASTS[match["feast"]]
    first = datetime(int(match["year"] or local.year), month, day, tzinfo=zone)
    if first > local and not match["year"]:
        first = first.replace(year=first.year - 1)
    return first, first + timedelta(days=length)


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], datetime, tzinfo], Found]], ...] = tuple(
    (re.compile(pattern), reckon)
    for pattern, reckon in (
        (rf"{_SINCE}{_OVER}(?:last )?\b(?P<feast>{'|'.join(_FEASTS)})\b(?: (?P<year>20\d\d))?", _feast),
        (rf"{_SINCE}(?:in |of |during )?\b(?P<month>{_MONTH}) (?P<year>20\d\d)\b", _month),
        (r"\b(?:in|during|throughout|back in|(?P<since>since)) (?:the year )?(?P<year>20\d\d)\b(?![-.:/])", _year),
        (rf"{_SINCE}(?:in |during )?\b(?P<which>this|last|previous) year\b(?! in| at)", _this_or_last),
        (rf"{_SINCE}\b(?P<count>\d{{1,2}}|{'|'.join(_COUNTS)}) years? ago\b", _ago),
    )
)  # fmt: skip
