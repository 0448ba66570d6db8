"""The figures that a piece of evidence shows, and those that follow from them: counts, sums, shares, what is left."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from nightshift.agent.quantities import Dimension, Quantity, scan
from nightshift.facts.evidence import Cell, LabelledSeries

_FEW = 12
"""A column with at most so many different texts sorts rows into kinds that can be counted."""
_SERIES_UNITS: dict[str, Dimension] = {
    "bytes": "bytes",
    "bytes/s": "bytes/s",
    "fraction": "fraction",
    "seconds": "seconds",
}
_SUFFIXES: tuple[tuple[str, Dimension], ...] = (("_bytes", "bytes"), ("_fraction", "fraction"), ("_s", "seconds"))
_RATES: dict[Dimension, Dimension] = {"bytes": "bytes/s", "fraction": "fraction/s", "number": "number/s"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A figure that is there, or follows.

    `count` is a whole number that only ever counts or names something (rows, a vmid in a text); a `number` is a
    measured value without a unit, which a reader may give one.
    """

    dimension: Dimension | Literal["count"]
    value: float


Values = Mapping[Dimension | Literal["count"], Sequence[float]]
"""All that is shown, by dimension and in order, so that a claim is looked up without reading every cell."""


def by_dimension(figures: Iterable[Seen]) -> Values:
    """The figures by what they measure, each once and in order; nothing that is counted nought times."""
    collected: dict[Dimension | Literal["count"], set[float]] = defaultdict(set)
    for seen in figures:
        if math.isfinite(seen.value) and (seen.value or seen.dimension != "count"):
            collected[seen.dimension].add(abs(seen.value))
    return {dimension: sorted(values) for dimension, values in collected.items()}


def hold(values: Values, claim: Quantity) -> bool:
    """Whether one of these figures is what is claimed, as far as the claim was rounded."""
    if _any_between(values.get(claim.dimension, ()), claim.low, claim.high):
        return True
    if claim.dimension == "number":
        return _any_between(values.get("count", ()), claim.low, claim.high)
    # A plain number, such as a PromQL result, has the unit that its reader gives it.
    plain = values.get("number", ())
    if _any_between(plain, claim.low, claim.high):
        return True
    return claim.dimension == "fraction" and _any_between(plain, claim.low * 100, claim.high * 100)


def _any_between(values: Sequence[float], low: float, high: float) -> bool:
    at = bisect_left(values, low)
    return at < len(values) and values[at] <= high


def words_of(row: Iterable[Cell]) -> Iterator[str]:
    """The cells of a row that are read as texts."""
    return (str(cell) for cell in row if isinstance(cell, str | int))


def said(texts: Iterable[str]) -> Iterator[Seen]:
    """The figures that texts speak of."""
    for text in texts:
        for item in scan(text):
            if isinstance(item, Quantity):
                yield Seen("count" if item.dimension == "number" else item.dimension, item.value)


def row_figures(columns: Sequence[str], row: Sequence[Cell]) -> Iterator[Seen]:
    """Cells in the unit of their column; what is left of a whole, and its share."""
    sizes: list[float] = []
    for column, cell in zip(columns, row, strict=False):
        if isinstance(cell, bool) or not isinstance(cell, int | float):
            continue
        dimension = _dimension(column)
        yield Seen(dimension, cell)
        if dimension == "fraction":
            yield Seen("fraction", 1 - cell)
        if dimension == "bytes":
            sizes.append(cell)
    for one, other in combinations(sizes, 2):
        part, whole = sorted((one, other))
        yield Seen("bytes", whole - part)
        if whole:
            yield Seen("fraction", part / whole)
            yield Seen("fraction", 1 - part / whole)


def column_figures(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Iterator[Seen]:
    """Counts of equal cells, alone, in pairs of columns, and of one without the other (what fires and is no watchdog);
    sums of sizes, counts and durations."""
    kinds: list[int] = []
    for at, column in enumerate(columns):
        cells = [row[at] for row in rows if at < len(row)]
        numbers = [cell for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool)]
        if numbers and _dimension(column) != "fraction":
            yield Seen(_dimension(column), sum(numbers))
        counts = Counter(cell for cell in cells if isinstance(cell, str | bool))
        yield Seen("count", len(counts))
        yield from _counted(counts.values(), len(rows))
        if 1 < len(counts) <= _FEW:
            kinds.append(at)
    for one, other in combinations(kinds, 2):
        pairs = Counter((row[one], row[other]) for row in rows)
        alone = Counter(row[one] for row in rows), Counter(row[other] for row in rows)
        for (first, second), count in pairs.items():
            yield from (Seen("count", n) for n in (count, alone[0][first] - count, alone[1][second] - count))
    yield Seen("count", len(rows))


def _counted(counts: Iterable[int], whole: int) -> Iterator[Seen]:
    for count in counts:
        yield Seen("count", count)
        yield Seen("count", whole - count)
        yield Seen("fraction", count / whole)


def series_figures(series: LabelledSeries) -> Iterator[Seen]:
    """The points of a series, its statistics, what they are of its limit, and how fast it grows."""
    stats = series.stats
    dimension = _SERIES_UNITS.get(stats.unit, "number") if stats else "number"
    yield from (Seen(dimension, value) for _, value in series.points)
    if stats is None:
        return
    median = stats.mean if stats.median is None else stats.median
    figures = (stats.minimum, stats.maximum, stats.mean, median, stats.p95, stats.first, stats.last)
    yield from (Seen(dimension, value) for value in figures)
    if stats.limit:
        yield Seen(dimension, stats.limit)
        yield from (Seen("fraction", value / stats.limit) for value in figures)
        yield from (Seen(dimension, stats.limit - value) for value in figures)
    if stats.total is not None:
        yield Seen("bytes", stats.total)
    yield from (Seen(dimension, one - other) for one, other in combinations(figures, 2))
    yield from (Seen("fraction", 1 - value) for value in figures if dimension == "fraction")
    yield Seen("count", stats.count)
    yield Seen(_RATES.get(dimension, "number/s"), stats.rate_per_s)
    # "3 GiB a day" is also told as what it is over the day: a size.
    yield from (Seen(dimension, stats.rate_per_s * period_s) for period_s in (3_600, 86_400, 604_800))
    if stats.time_to_full_s is not None:
        yield Seen("seconds", stats.time_to_full_s)


def _dimension(column: str) -> Dimension:
    return next((dimension for suffix, dimension in _SUFFIXES if column.endswith(suffix)), "number")
