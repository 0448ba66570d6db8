"""Numbers, durations and moments in an answer's text, as a grader compares them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_CITATION = re.compile(r"\[E\d+(?:\s*[,;]\s*E\d+)*\]")
_NUMBER = re.compile(
    r"(?<![\w.,:/-])(?P<value>-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?)"
    r"(?:\s?(?P<unit>%|percent|[KMGTPE]i?B|bytes|B|ms|min|days?|hours?|minutes?|seconds?|[dhs])(?![\w]))?"
    r"(?![\w]|\.\d|:\d|-\d)"
)
_MOMENT = re.compile(r"(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})")
_AGE = re.compile(r"\bago\b")
_AHEAD = re.compile(r"\bin $")

_BYTES = {f"{prefix}{suffix}": 1024.0**power for power, prefix in enumerate("KMGTPE", 1) for suffix in ("iB", "B")}
_SECONDS = {
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
    **dict.fromkeys(("h", "hour", "hours"), 3_600.0),
    **dict.fromkeys(("min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("s", "second", "seconds"), 1.0),
    "ms": 0.001,
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of the text in its base unit: `%`, `bytes`, `s`, or none. `end` is where it ends in the text."""

    value: float
    unit: str
    start: int
    end: int


def quantities(text: str) -> list[Quantity]:
    """Every number in the text, citations left out; `2 d 3 h` is one duration."""
    plain = _CITATION.sub(lambda match: " " * len(match[0]), text)
    merged: list[Quantity] = []
    for quantity in _single(plain):
        last = merged[-1] if merged else None
        continues = last is not None and last.unit == quantity.unit == "s" and plain[last.end : quantity.start] == " "
        if last is not None and continues and quantity.value < last.value:
            merged[-1] = Quantity(last.value + quantity.value, "s", last.start, quantity.end)
        else:
            merged.append(quantity)
    return merged


def _single(text: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        value, unit = float(match["value"].replace(",", "")), match["unit"] or ""
        if unit in ("%", "percent"):
            yield Quantity(value, "%", *match.span())
        elif unit in ("B", "bytes"):
            yield Quantity(value, "bytes", *match.span())
        elif unit in _BYTES:
            yield Quantity(value * _BYTES[unit], "bytes", *match.span())
        elif unit in _SECONDS:
            yield Quantity(value * _SECONDS[unit], "s", *match.span())
        else:
            yield Quantity(value, "", *match.span())


def moments(text: str, now: datetime) -> list[tuple[datetime, float]]:
    """Every moment in the text with its own blur in seconds: `2026-11-23 02:15` (UTC) to the minute, `19 h ago` and
    `in 3 h` to the last unit that they name."""
    found: list[tuple[datetime, float]] = []
    for match in _MOMENT.finditer(text):
        year, month, day, hour, minute = map(int, match.groups())
        try:
            found.append((datetime(year, month, day, hour, minute, tzinfo=UTC), 60.0))
        except ValueError:
            continue
    for quantity in quantities(text):
        ago = _AGE.match(text, quantity.end + 1)
        if quantity.unit == "s" and (ago or _AHEAD.search(text, 0, quantity.start)):
            blur = max(60.0, 0.08 * quantity.value)
            away_s = -quantity.value if ago else quantity.value
            found.append((datetime.fromtimestamp(now.timestamp() + away_s, UTC), blur))
    return found
