"""Metric families over time, and their text: one description gives the live exposition and the back-filled history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults import Flags
from nightshift_lab.world.world import World

MetricType = Literal["counter", "gauge", "untyped"]
Labels = Mapping[str, str]


class Figures:
    """The world's figures at given times; each is computed once, however many series are made of it."""

    def __init__(self, world: World, times: Times) -> None:
        self.world = world
        self.times = times
        self._known: dict[tuple[str, str], Times] = {}

    def of(self, entity: str, quantity: str) -> Times:
        """NaN where the entity gives no data. Raises KeyError for what the world does not know."""
        key = (entity, quantity)
        if key not in self._known:
            self._known[key] = self.world.signal(entity, quantity, self.times)
        return self._known[key]

    def up(self, entity: str) -> Times:
        return self.of(entity, "up")

    def when(self, entity: str, name: str, value: object, base: object) -> Flags:
        """Whether a condition of an entity has a value at each time."""
        return np.array([found == value for found in self.world.conditions(entity, name, self.times, base)], np.bool_)

    def bent(self, entity: str, quantity: str, values: Times) -> Times:
        """A figure that only exporters know, as faults bend it."""
        return self.world.bent(entity, quantity, self.times, values, float("nan"))

    def times_bent(self, entity: str, name: str) -> Times:
        """How often faults have begun to bend a condition by each time."""
        count = self.constant(0.0)
        for fault in self.world.here:
            if fault.touches(entity, name):
                count += fault.times_begun(self.times)
        return count

    def constant(self, value: float) -> Times:
        return np.full_like(self.times, value)

    def as_of(self, every_s: float) -> Figures:
        """The figures as someone tells them who looks only every so many seconds, at whole multiples."""
        return Figures(self.world, self.times - self.times % every_s)


@dataclass(slots=True)
class Family:
    """One metric: its name, type, help and series. A NaN in a series means that there is no sample then."""

    name: str
    type: MetricType
    help: str
    series: list[tuple[Labels, Times]] = field(default_factory=list)

    def add(self, values: Times, /, **labels: str) -> None:
        self.series.append((labels, values))


def single(name: str, kind: MetricType, text: str, values: Times, /, **labels: str) -> Family:
    """A family of one series."""
    family = Family(name, kind, text)
    family.add(values, **labels)
    return family


def render_live(families: Iterable[Family]) -> str:
    """The Prometheus text format of the families' first sample."""
    return "".join(_live_lines(families))


def _live_lines(families: Iterable[Family]) -> Iterator[str]:
    for family in families:
        samples = [
            f"{series_text(family.name, labels)} {number_text(float(values[0]))}\n"
            for labels, values in family.series
            if not np.isnan(values[0])
        ]
        if samples:
            yield f"# HELP {family.name} {family.help}\n# TYPE {family.name} {family.type}\n"
            yield from samples


def history_text(name: str, labels: Labels, values: Times, stamps: Sequence[str]) -> str:
    """OpenMetrics sample lines of one series; `stamps` are the times as text. Times without a sample are left out."""
    series = series_text(name, labels)
    gaps = np.isnan(values)
    if gaps.any():
        values = values[~gaps]
        stamps = [stamp for stamp, gap in zip(stamps, gaps.tolist(), strict=True) if not gap]
    if not stamps:
        return ""
    texts: list[int] | list[float] = values.tolist()
    if np.array_equal(values, np.floor(values)) and np.abs(values).max() < 1e15:
        texts = values.astype(np.int64).tolist()
    if still(values):  # half of all series, and ten times as quick
        begin = f"{series} {texts[0]} "
        return begin + f"\n{begin}".join(stamps) + "\n"
    return "".join([f"{series} {value} {stamp}\n" for value, stamp in zip(texts, stamps, strict=True)])


def still(values: Times) -> bool:
    """Whether a series is the same at all times; one without any is not."""
    return bool(values.size) and bool((values == values[0]).all())


def series_text(name: str, labels: Labels) -> str:
    if not labels:
        return name
    inside = ",".join(f'{key}="{_escaped(value)}"' for key, value in labels.items())
    return f"{name}{{{inside}}}"


def number_text(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
