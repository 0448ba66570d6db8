"""How scenario files write times, durations, sizes and shares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
_BYTES = {"B": 1.0, "KiB": 1024.0, "MiB": 1024.0**2, "GiB": 1024.0**3, "TiB": 1024.0**4}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB|TiB)")
_TIME = re.compile(r"(last night)?((?:\s*[+-]\s*(?:\d+(?:\.\d+)?\s*(?:s|m|h|d|w))+)*)\s*")
_SHIFT = re.compile(r"([+-])\s*((?:\d+(?:\.\d+)?\s*(?:s|m|h|d|w))+)")

ALWAYS = "always"


def duration_s(value: object) -> float:
    """`7m`, `1d12h`, or a number of seconds. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = str(value).strip()
    if not re.fullmatch(rf"(?:{_PART.pattern}\s*)+", text):
        raise ValueError(f"{text!r} is not a duration; write 90s, 7m, 2h, 1d12h")
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))


def size_bytes(value: object) -> float:
    """`20 GiB`, or a number of bytes. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    found = _SIZE.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(f"{str(value)!r} is not a size; write 512 MiB, 20 GiB, 1.5 TiB")
    return float(found[1]) * _BYTES[found[2]]


def fraction(value: object) -> float:
    """`98%`, or 0.98. Raises ValueError."""
    text = str(value).strip()
    try:
        return float(text[:-1]) / 100.0 if text.endswith("%") else float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a share; write 98% or 0.98") from None


@dataclass(frozen=True, slots=True)
class Moment:
    """A time relative to the lab: from its start or from the beginning of last night's backup window."""

    anchor: Literal["start", "last night", "always"]
    shift_s: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Moment:
        """`-40m`, `last night`, `last night - 12d5m`, `now`, `always`. Raises ValueError."""
        stripped = text.strip()
        if stripped in {"now", "start"}:
            return cls("start")
        if stripped == ALWAYS:
            return cls("always")
        found = _TIME.fullmatch(stripped)
        if found is None or not stripped:
            raise ValueError(f"{text!r} is not a time; write -40m, -6d, last night, last night -2h, now or always")
        shifts = _SHIFT.findall(found[2])
        total = sum((1.0 if sign == "+" else -1.0) * duration_s(length) for sign, length in shifts)
        return cls("last night" if found[1] else "start", total)

    def at(self, started_at: float, last_night_at: float) -> float:
        """The time in epoch seconds; 0 for always."""
        if self.anchor == "always":
            return 0.0
        return self.shift_s + (last_night_at if self.anchor == "last night" else started_at)
