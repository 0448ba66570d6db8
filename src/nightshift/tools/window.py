"""Spans of time as tools take them: `1h`, `24h`, `7d`, or two ISO 8601 times."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from nightshift.errors import ToolInputError
from nightshift.facts.evidence import Window

LONGEST = timedelta(days=366)
POINTS = 240

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"(\d+)\s*(s|min|m|h|d|w)", re.IGNORECASE)
_STEPS_S = (15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)


def parse_window(now: datetime, zone: tzinfo, *, span: str = "", start: str = "", end: str = "") -> Window:
    """The window that the arguments name, in UTC; `start` wins over `span`. Times without an offset are the viewer's.

    Raises ToolInputError when they name none.
    """
    if start:
        finish = parse_time(end, zone) if end else now
        begin = parse_time(start, zone)
    else:
        finish = parse_time(end, zone) if end else now
        begin = finish - parse_span(span or "1h")
    if begin >= finish:
        raise ToolInputError("The window ends before it starts.", "Give start before end, in ISO 8601.")
    if finish - begin > LONGEST:
        raise ToolInputError("The window is longer than a year.", "Use at most 366d.")
    return Window(begin, finish, step_for((finish - begin).total_seconds()))


def parse_span(text: str) -> timedelta:
    """`1h`, `90m`, `7d`, `1d12h` → a duration."""
    compact = text.strip().lower()
    parts = _SPAN.findall(compact)
    if not parts or _SPAN.sub("", compact).strip():
        raise ToolInputError(f"'{text}' is not a span of time.", "Use a number and a unit: 30m, 1h, 24h, 7d, 4w.")
    span = timedelta(seconds=sum(int(count) * _UNITS_S[unit[0].lower()] for count, unit in parts))
    if not span:
        raise ToolInputError("The window is empty.", "Use a span such as 1h.")
    return span


def parse_time(text: str, zone: tzinfo) -> datetime:
    """ISO 8601 (`2026-11-23T02:00`, `2026-11-23`) → an aware time; without an offset it is in the viewer's zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ToolInputError(f"'{text}' is not a time.", "Use ISO 8601: 2026-11-23T02:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def step_for(length_s: float) -> float:
    """The distance of samples that keeps a series near 240 points: enough for a chart, little enough to read."""
    wanted = length_s / POINTS
    return float(next((step for step in _STEPS_S if step >= wanted), _STEPS_S[-1]))
