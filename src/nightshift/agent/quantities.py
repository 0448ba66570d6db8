"""Figures, times and identifiers in a text, read the way a careful person reads them.

`scan` goes through a text once and yields what could be a claim. What is no figure although it has digits (`pve1`,
`web-01`, a URL, a command in backticks, the number of a list item) is recognised and passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Literal

Dimension = Literal["bytes", "fraction", "seconds", "number", "bytes/s", "fraction/s", "number/s"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure with its unit. `value` is in base units (bytes, 1 = 100 %, seconds); `low` to `high` is what it may
    stand for, given the digits shown and words such as "about"."""

    text: str
    start: int
    end: int
    dimension: Dimension
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, a time of day, or both; `utc` when the text says so. `day` without a year has year 1."""

    text: str
    start: int
    end: int
    day: date | None
    clock: time | None
    utc: bool = False

    @property
    def has_year(self) -> bool:
        return self.day is not None and self.day.year > 1


@dataclass(frozen=True, slots=True)
class Literally:
    """Something that must occur as it is: an IP address, a version."""

    text: str
    start: int
    end: int


Claimed = Quantity | Moment | Literally

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905 - words read better as words
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]*\.?"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_BYTES = {"b": 1, "byte": 1, "bytes": 1}
for _power, _letter in enumerate("kmgtpe", start=1):
    _BYTES[f"{_letter}ib"] = 1024**_power
    _BYTES[f"{_letter}b"] = 1000**_power
_SECONDS = {
    "ms": 0.001, "millisecond": 0.001, "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60,
    "h": 3600, "hr": 3600, "hour": 3600, "d": 86_400, "day": 86_400, "night": 86_400,
    "w": 604_800, "wk": 604_800, "week": 604_800, "month": 2_629_800, "year": 31_557_600,
}  # fmt: skip
_TIME_UNIT = (
    r"(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|nights?|w|wks?|weeks?|months?|years?)"
)
_PER = r"(?:\s?(?:/|per\s|an?\s)\s?(?P<{0}>s|sec|second|m|min|minute|h|hr|hour|d|day|w|week|month)\b)?"
_ZONE = r"(?:\s?(?P<{0}>UTC|GMT|Z|[+-]\d\d:?\d\d))?"
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
_AT = rf"\b(?:(?:,?\s|,?\sat\s)(?P<{{0}}>{_CLOCK})\b)?"

_MARGIN = r"(?:[ ]{0,3}|[ ]{0,3}>[ ]{0,8})"  # a command that is quoted, perhaps in a step, is a command too

_TOKEN = re.compile(
    rf"""
      (?P<fence>^{_MARGIN}```.*?(?:^{_MARGIN}```[ \t]*$|\Z))
    | (?P<code>`[^`\n]+`)
    | (?P<citation>\[E\d[^\]\n]{{0,80}}\]|\bE\d+\b)
    | (?P<url>\b[a-z][a-z0-9+.-]*://\S+)
    | (?P<item>^[ \t>]*\d{{1,2}}[.)](?=\s))
    | (?P<iso>\b(?P<iso_day>\d{{4}}-\d\d-\d\d)
        (?:(?:[ T]|,?\sat\s|,\s)(?P<iso_clock>{_CLOCK})(?:\.\d+)?{_ZONE.format("iso_zone")})?)
    | (?P<ip>\b\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?:[:/]\d+)?\b)
    | (?P<version>\bv?\d+(?:\.\d+){{2,}}(?:[-+~]\w[\w.+~-]*)?|\b\d+\.\d+-\d+(?:-\w+)?)
    | (?P<dayfirst>\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<m1>{_MONTH})
        (?:,?\s(?P<y1>\d{{4}})\b)?{_AT.format("clock1")})
    | (?P<monthfirst>\b(?P<m2>{_MONTH})\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:.%])
        (?:,?\s(?P<y2>\d{{4}})\b)?{_AT.format("clock2")})
    | (?P<clock>(?<![\w.:])(?P<clock_text>{_CLOCK})(?:\s?(?P<half>am|pm)\b)?{_ZONE.format("clock_zone")}(?![\w:]))
    | (?P<duration>(?<![\w.])(?:{_NUMBER})\s?-?{_TIME_UNIT}\b(?:(?:\s|,\s|\sand\s)?(?:\d+(?:\.\d+)?)\s?{_TIME_UNIT}\b)*)
    | (?P<size>(?<![\w.])(?P<size_number>{_NUMBER})\s?(?P<size_unit>[KMGTPE]i?B|bytes?|B)\b{_PER.format("per1")})
    | (?P<share>(?<![\w.])(?P<share_number>{_NUMBER})\s?(?:%|percent\b|per\scent\b){_PER.format("per2")})
    | (?P<word>[^\W\d]\w*(?:[-.:/@]\w+)*|\d+(?:\.\d+)*[^\W\d]\w*(?:[-.:/@]\w+)*)
    | (?P<plain>(?<![\w.])(?:{_NUMBER})(?![\w]){_PER.format("per3")})
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_PART = re.compile(rf"(?P<number>{_NUMBER})\s?-?(?P<unit>{_TIME_UNIT})\b", re.IGNORECASE)
_ABOUT = re.compile(r"(?:\babout|\baround|\broughly|\bapproximately|\bapprox\.?|\bsome|\bca\.?|~|≈)\s*$", re.IGNORECASE)
_OVER = re.compile(r"(?:\bover|\bmore than|\babove|\bat least|\bexceeds|>=?|≥)\s*$", re.IGNORECASE)
_UNDER = re.compile(
    r"(?:\bunder|\bless than|\bbelow|\bat most|\bnearly|\balmost|\bup to|\bwithin|<=?|≤)\s*$", re.IGNORECASE
)
_PRODUCT = re.compile(r"\b(?:PVE|PBS|VE|Debian|Ubuntu|ZFS|RAID|RAIDZ|HTTP|IPv|Python|Server)[ -]?$", re.IGNORECASE)
_LOOK_BACK_CHARS = 16


def scan(text: str) -> Iterator[Claimed]:
    """Every figure, time, address and version in the text, in order."""
    for found in _TOKEN.finditer(text):
        match found.lastgroup and _kind(found):
            case "iso" | "clock" | "dayfirst" | "monthfirst" as kind:
                if (moment := _moment(found, kind)) is not None:
                    yield moment
            case "ip" | "version":
                yield Literally(found[0], found.start(), found.end())
            case "duration":
                yield _duration(text, found)
            case "size":
                unit = _BYTES[found["size_unit"].lower()]
                yield _quantity(text, found, found["size_number"], unit, "bytes", found["per1"])
            case "share":
                yield _quantity(text, found, found["share_number"], 0.01, "fraction", found["per2"])
            case "plain" if not _PRODUCT.search(text[max(0, found.start() - _LOOK_BACK_CHARS) : found.start()]):
                digits = found[0].split()[0].split("/")[0]
                yield _quantity(text, found, digits, 1, "number", found["per3"])
            case "code" if (inner := _only_figure(found)) is not None:
                yield inner
            case _:
                pass


_KINDS = (
    "fence", "code", "citation", "url", "item", "iso", "ip", "version", "dayfirst", "monthfirst", "clock", "duration",
    "size", "share", "word", "plain",
)  # fmt: skip


def _kind(found: re.Match[str]) -> str:
    return next(kind for kind in _KINDS if found[kind] is not None)


def _only_figure(found: re.Match[str]) -> Claimed | None:
    """A figure in backticks is still a figure: `92.3 %`. Anything else there is a command or a name."""
    inner = found[0][1:-1].strip()
    for item in scan(inner):
        if isinstance(item, Quantity) and item.text == inner:
            return Quantity(item.text, found.start(), found.end(), item.dimension, item.value, item.low, item.high)
    return None


def _quantity(
    text: str, found: re.Match[str], digits: str, unit: float, dimension: Dimension, per: str | None
) -> Quantity:
    bare = digits.replace(",", "")
    decimals = len(bare.partition(".")[2])
    value = float(bare) * unit
    half = 0.5 * 10**-decimals * unit
    if per is not None:
        period = _SECONDS[per.lower()]
        value, half = value / period, half / period
        dimension = _per_second(dimension)
    high = 1.0 if dimension == "fraction" and bare == "99.9" else value + half  # a share below 100 % never reads 100 %
    low, high = _widened(text[max(0, found.start() - _LOOK_BACK_CHARS) : found.start()], value, value - half, high)
    return Quantity(
        found[0].rstrip(), found.start(), found.start() + len(found[0].rstrip()), dimension, value, low, high
    )


def _per_second(dimension: Dimension) -> Dimension:
    match dimension:
        case "bytes":
            return "bytes/s"
        case "fraction":
            return "fraction/s"
        case _:
            return "number/s"


def _duration(text: str, found: re.Match[str]) -> Quantity:
    """`1 d 2 h` may stand for anything that is cut or rounded to it: 1 d 1 h 30 min up to 1 d 3 h."""
    value, step = 0.0, 1.0
    for part in _PART.finditer(found[0]):
        bare = part["number"].replace(",", "")
        unit = _SECONDS[_singular(part["unit"])]
        value += float(bare) * unit
        step = unit * 10 ** -len(bare.partition(".")[2])
    before = text[max(0, found.start() - _LOOK_BACK_CHARS) : found.start()]
    low, high = _widened(before, value, value - step / 2, value + step)
    return Quantity(found[0], found.start(), found.end(), "seconds", value, low, high)


def _singular(unit: str) -> str:
    lowered = unit.lower()
    return lowered if lowered in _SECONDS else lowered.removesuffix("s")


def _widened(before: str, value: float, low: float, high: float) -> tuple[float, float]:
    """The range again, wider when the words before the figure say that it is not exact."""
    slack = abs(value) * 1e-6
    if _ABOUT.search(before):
        return min(low, value * 0.95), max(high, value * 1.05)
    if _OVER.search(before):
        return low, max(high, value * 1.15)
    if _UNDER.search(before):
        return min(low, value * 0.85), high
    return low - slack, high + slack


def _moment(found: re.Match[str], kind: str) -> Moment | None:
    try:
        match kind:
            case "iso":
                clock = _clock(found["iso_clock"])
                utc = (found["iso_zone"] or "").upper() in ("UTC", "GMT", "Z")
                return Moment(found[0], found.start(), found.end(), date.fromisoformat(found["iso_day"]), clock, utc)
            case "clock":
                utc = (found["clock_zone"] or "").upper() in ("UTC", "GMT", "Z")
                half = (found["half"] or "").lower()
                return Moment(found[0], found.start(), found.end(), None, _clock(found["clock_text"], half), utc)
            case _:
                which = "1" if kind == "dayfirst" else "2"
                number = _MONTHS.index(found[f"m{which}"][:3].lower()) + 1
                day = date(int(found[f"y{which}"] or 1), number, int(found[f"d{which}"]))
                return Moment(found[0], found.start(), found.end(), day, _clock(found[f"clock{which}"]))
    except ValueError:
        return None


def _clock(text: str | None, half: str = "") -> time | None:
    """`2:15` with `pm` → 14:15."""
    if text is None:
        return None
    clock = time.fromisoformat(text if text[1] != ":" else f"0{text}")
    if half == "pm" and clock.hour < 12:
        return clock.replace(hour=clock.hour + 12)
    return clock.replace(hour=0) if half == "am" and clock.hour == 12 else clock
