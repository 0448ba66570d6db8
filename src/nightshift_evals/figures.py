"""The report that benchmarks and evals share: named figures with their goals, on a described machine.

    {"name": "ask", "at": "2026-11-23T21:30:00+00:00", "machine": {"cpu": …, "cores": 2, …},
     "figures": [{"figure": "answer p50", "value": 0.21, "unit": "s", "goal": "<= 1.5", "met": true,
                  "n": 70, "spread": [0.11, 0.9]}]}

`goal` and `met` are absent for a figure that is only reported. `spread` is what the value can be trusted to: the
smallest and the largest sample of a measurement, or the 95 % interval of a share; null for a single value.
"""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Literal

Sense = Literal["<=", ">=", "=="]


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound that a figure must keep, in the figure's own unit."""

    sense: Sense
    bound: float

    def met_by(self, value: float) -> bool:
        """NaN meets no goal: what was not measured has not been reached."""
        if self.sense == "<=":
            return value <= self.bound
        if self.sense == ">=":
            return value >= self.bound
        return value == self.bound

    def __str__(self) -> str:
        return f"{self.sense} {self.bound:g}"


def at_most(bound: float) -> Goal:
    return Goal("<=", bound)


def at_least(bound: float) -> Goal:
    return Goal(">=", bound)


def exactly(bound: float) -> Goal:
    return Goal("==", bound)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `n` is how many samples or cases it stands on."""

    figure: str
    value: float
    unit: str
    goal: Goal | None = None
    n: int = 1
    spread: tuple[float, float] | None = None

    @property
    def met(self) -> bool | None:
        """None when there is no goal."""
        return None if self.goal is None else self.goal.met_by(self.value)

    def to_json(self) -> dict[str, object]:
        data: dict[str, object] = {"figure": self.figure, "value": _plain(self.value), "unit": self.unit}
        if self.goal is not None:
            data |= {"goal": str(self.goal), "met": self.met}
        return data | {"n": self.n, "spread": [_plain(end) for end in self.spread] if self.spread else None}


def median_of(figure: str, samples: Sequence[float], unit: str, *, goal: Goal | None = None) -> Figure:
    """The median of samples, with the smallest and the largest as spread."""
    return percentile_of(figure, samples, 50, unit, goal=goal)


def percentile_of(
    figure: str, samples: Sequence[float], percent: float, unit: str, *, goal: Goal | None = None
) -> Figure:
    """The smallest sample that at least `percent` per cent of the samples do not exceed; the median for 50."""
    if not samples:
        return Figure(figure, math.nan, unit, goal, n=0)
    ordered = sorted(samples)
    rank = max(1, math.ceil(percent / 100 * len(ordered)))
    value = median(ordered) if percent == 50 else ordered[rank - 1]
    return Figure(figure, value, unit, goal, n=len(ordered), spread=(ordered[0], ordered[-1]))


def share_of(figure: str, hits: int, total: int, *, goal: Goal | None = None) -> Figure:
    """`hits / total` as a fraction between 0 and 1, with its 95 % Wilson interval."""
    if total <= 0:
        return Figure(figure, math.nan, "fraction", goal, n=0)
    return Figure(figure, hits / total, "fraction", goal, n=total, spread=wilson_interval(hits, total))


def wilson_interval(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson score interval of a share; honest for few cases and for shares near 0 and 1."""
    share = hits / total
    centre = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of one run. `ok` is false when a goal is missed; a report without figures proves nothing.

    `partial` says of a run that was ended early how much of it was done; it stands in every form of the report.
    """

    name: str
    figures: tuple[Figure, ...]
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    partial: str = ""

    @property
    def ok(self) -> bool:
        return bool(self.figures) and all(figure.met is not False for figure in self.figures)

    @property
    def exit_code(self) -> int:
        """0 when every goal is met, else 1."""
        return 0 if self.ok else 1

    def to_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "at": self.at.isoformat(timespec="seconds"),
            **({"partial": self.partial} if self.partial else {}),
            "machine": describe_machine(),
            "figures": [figure.to_json() for figure in self.figures],
        }

    def to_text(self, *, as_json: bool) -> str:
        """Indented JSON, or a table for people."""
        if as_json:
            return json.dumps(self.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
        return f"{self.name}, {self.at:%Y-%m-%d %H:%M} UTC\n\n{self.to_markdown()}"

    def to_markdown(self) -> str:
        lines = [f"**A partial report: {self.partial}.**", ""] if self.partial else []
        lines += ["| figure | value | goal | met | n | spread |", "| --- | ---: | ---: | :---: | ---: | --- |"]
        lines += [_table_row(figure) for figure in self.figures]
        return "\n".join(lines)


def _table_row(figure: Figure) -> str:
    met = {None: "", True: "yes", False: "**no**"}[figure.met]
    spread = " … ".join(_shown(end) for end in figure.spread) if figure.spread else ""
    value = f"{_shown(figure.value)} {figure.unit}".rstrip()
    return f"| {figure.figure} | {value} | {figure.goal or ''} | {met} | {figure.n} | {spread} |"


def _shown(value: float) -> str:
    return "not measured" if math.isnan(value) else f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def _plain(value: float) -> float | None:
    """JSON knows no NaN."""
    return value if math.isfinite(value) else None


def describe_machine() -> dict[str, object]:
    """What the figures were measured on: processor, cores that this process may use, memory, system, Python."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": _memory_bytes(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None
