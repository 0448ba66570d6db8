"""Bounds in a question: `more than 80 %`, `less than 1 GB`, `older than two days`, `at least 4 cores`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nightshift.facts.units import format_bytes, format_duration, format_number, format_percent

Dimension = Literal["fraction", "bytes", "seconds", "celsius", "count"]

_NUMBERS = {
    "half": 0.5, "half a": 0.5, "half of": 0.5, "a quarter": 0.25, "three quarters": 0.75, "four fifths": 0.8,
    "two thirds": 2 / 3, "nine tenths": 0.9, "three fifths": 0.6, "a": 1.0, "an": 1.0,
    "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "eight": 8.0, "ten": 10.0,
}  # fmt: skip
_UNITS: Mapping[str, tuple[Dimension, float]] = {
    r"%|percent|per cent|pct": ("fraction", 0.01),
    r"ti?b|terabytes?|terra?|t": ("bytes", 2.0**40),
    r"gi?b|gigs?|gigabytes?|g": ("bytes", 2.0**30),
    r"mi?b|megs?|megabytes?": ("bytes", 2.0**20),
    r"degrees?(?: celsius)?|° ?c?|celsius|c": ("celsius", 1.0),
    r"seconds?|secs?": ("seconds", 1.0),
    r"minutes?|mins?": ("seconds", 60.0),
    r"hours?|hrs?|h": ("seconds", 3600.0),
    r"days?|nights?|d": ("seconds", 86_400.0),
    r"weeks?|w": ("seconds", 604_800.0),
    r"months?": ("seconds", 2_592_000.0),
    r"years?": ("seconds", 31_536_000.0),
}
_MORE = (
    r"(?:not |no )?(?:more|greater|larger|bigger|higher|longer|older|hotter|warmer|fuller|beyond) than|at least|above|"
    r"over|exceed(?:s|ed|ing)?|surpass(?:es|ed)?|>=?"
)
_LESS = r"(?:not |no )?(?:less|fewer|smaller|lower|shorter|newer|younger|cooler|colder) than|at most|below|under|<=?"
_SHARES = frozenset(
    {"half", "half of", "a quarter", "three quarters", "four fifths", "two thirds", "nine tenths", "three fifths"}
)
_NUMBER = rf"\d+(?:\.\d+)?|(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})(?!\w)"
_FIGURE = rf" ?(?P<number>{_NUMBER})(?: ?(?P<unit>{'|'.join(_UNITS)})(?!\w))?(?P<old> old| of age)?"
_BOUND = re.compile(rf"(?<!\w)(?:(?P<more>{_MORE})|(?P<less>{_LESS})){_FIGURE}")
# What lies behind is a bound, `when will it reach 90 %` a question about the days to come.
_REACHED = re.compile(
    r"\b(?:did|has|have|had)\b.{0,60}?\b(?P<more>hit|reach(?:ed)?|pass(?:ed)?|cross(?:ed)?|"
    rf"(?:get|got|go|went|gone|climb(?:ed)?) (?:to|past|over|above))(?P<less>(?!))?{_FIGURE}"
)
# `over 3 hours` is a stretch of time where nothing lasts or is old.
_STRETCH = frozenset({"over", "under", "above", "below"})
_LASTING = re.compile(r"\b(?:took|takes?|taking|lasted|lasts?|ran|running|up|old)(?: for)? $")


LIFE_OF_A_DISK_S = 3_000 * 3600.0
"""Nobody asks for so many hours back: it is how long a disk was on."""


@dataclass(frozen=True, slots=True)
class Bound:
    """`value` is in the base unit of its dimension: a fraction of 1, bytes, seconds, °C; `start` and `end` are its
    place in the text, `amount` the value as it was written: `an hour`."""

    more: bool
    value: float
    dimension: Dimension
    start: int
    end: int
    amount: str = ""

    def holds(self, figure: float) -> bool:
        return figure > self.value if self.more else figure < self.value

    @property
    def operator(self) -> str:
        return ">" if self.more else "<"


def find_bound(text: str) -> Bound | None:
    """The first bound of the (lower case) text; None when there is none."""
    for match in (*_BOUND.finditer(text), *_REACHED.finditer(text)):
        bound = _bound(match, text)
        if bound is not None:
            return bound
    return None


def _bound(match: re.Match[str], text: str) -> Bound | None:
    said, unit, word = match["number"], match["unit"], match["more"] or match["less"]
    number = _NUMBERS[said] if said in _NUMBERS else float(said)
    more = (match["more"] is not None) != word.startswith(("not ", "no "))
    place = (max(match.start("more"), match.start("less")), match.end())
    if unit is None:
        share = said in _SHARES
        if not share and not said[0].isdigit():
            return None  # `over a`, `under one`: no figure
        return Bound(more, number, "fraction" if share else "count", *place, said)
    dimension, size = next(found for pattern, found in _UNITS.items() if re.fullmatch(pattern, unit))
    stretch = dimension == "seconds" and word in _STRETCH and number * size < LIFE_OF_A_DISK_S
    if stretch and not match["old"] and not _LASTING.search(text[: match.start()]):
        return None
    return Bound(more, number * size, dimension, *place, f"{said} {unit}")


_AMOUNT = re.compile(rf"(?<![\w.-])(\d+(?:\.\d+)?) ?({'|'.join(list(_UNITS)[1:4])})(?!\w)", re.IGNORECASE)


def find_amount(text: str) -> tuple[str, float] | None:
    """The first size in the text as it is written, and in bytes: `300 GB`; None when there is none."""
    match = _AMOUNT.search(text)
    if match is None:
        return None
    size = next(size for pattern, (_, size) in _UNITS.items() if re.fullmatch(pattern, match[2], re.IGNORECASE))
    return match[0], float(match[1]) * size


_OF_A_DISK = re.compile(r"\d ?[gt](?:i?b)? (?:of |for )?(?:\w+ )?(?:disk|storage|space|ssd|nvme|drive)", re.IGNORECASE)


def find_memory(text: str) -> float | None:
    """The first size in the text that is not said to be of a disk, in bytes: `6 GB of RAM and 200 GB of disk`."""
    found = find_amount(_OF_A_DISK.sub(" ", text))
    return found[1] if found else None


# What a bound without a share or a size in it must be about to be one: `fuller than a week ago` is none.
_ABOUT: Mapping[Dimension, frozenset[str]] = {
    "seconds": frozenset({"UPTIME", "RUNNING", "TASK", "DURATION", "BACKUP", "PROGNOSIS", "SNAPSHOT"}),
    "count": frozenset({"CORES", "CPU", "LOAD"}),
    "celsius": frozenset({"HEAT"}),
}


def fits(bound: Bound, concepts: frozenset[str]) -> bool:
    """Whether something that is asked about has figures of this dimension by which things can be chosen."""
    of_disks = bound.dimension == "celsius" and "DISK" in concepts  # they are all told, each with its temperature
    if bound.dimension == "seconds" and bound.value > LIFE_OF_A_DISK_S and concepts & {"PHYSICAL", "DISK", "STORAGE"}:
        return True
    return bound.dimension not in _ABOUT or (bool(_ABOUT[bound.dimension] & concepts) and not of_disks)


def limit_of(bound: Bound) -> str:
    """The value as people read it: `80 %`, `1 GiB`, `2 d`."""
    show = {"fraction": format_percent, "bytes": format_bytes, "seconds": format_duration}
    return show.get(bound.dimension, format_number)(bound.value)
