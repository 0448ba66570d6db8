"""What one piece of evidence can bear witness to: its figures and what follows from them, its times, its words.

What follows is what a careful reader may work out without being wrong: counts of rows and of equal cells, a part of a
whole, free from total and used, how long ago a time is, a rate over a day.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from itertools import chain, combinations
from typing import Literal

from nightshift.agent.quantities import Dimension, Literally, Moment, Quantity, scan
from nightshift.facts.evidence import Cell, Evidence, LabelledSeries
from nightshift.facts.units import from_epoch

_FEW = 12
"""A column with at most so many different texts sorts rows into kinds that can be counted."""
_SERIES_UNITS: dict[str, Dimension] = {
    "bytes": "bytes",
    "bytes/s": "bytes/s",
    "fraction": "fraction",
    "seconds": "seconds",
}
_RATES: dict[Dimension, Dimension] = {"bytes": "bytes/s", "fraction": "fraction/s", "number": "number/s"}


@dataclass(frozen=True, slots=True)
class _Seen:
    """A figure that is there, or follows.

    `count` is a whole number that only ever counts or names something (rows, a vmid in a text); a `number` is a
    measured value without a unit, which a reader may give one.
    """

    dimension: Dimension | Literal["count"]
    value: float


_Values = Mapping[Dimension | Literal["count"], Sequence[float]]
"""All that is shown, by dimension and in order, so that a claim is looked up without reading every cell."""


class Witness:
    """One piece of evidence, ready to be asked. `now` is when the answer was written, for "3 h ago"."""

    def __init__(self, evidence: Evidence, now: datetime, zone: tzinfo) -> None:
        self.evidence = evidence
        self._now = now
        self._zone = zone

    def shows(self, claim: Quantity | Moment | Literally) -> bool:
        match claim:
            case Quantity():
                return self._shows_quantity(claim)
            case Moment():
                return any(self._is(claim, moment) for moment in self._times) or self._is_written(claim)
            case Literally():
                return self.says(claim.text)

    def says(self, name: str) -> bool:
        """Whether the name occurs as a word, whatever its case."""
        return re.search(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])", self._blob) is not None

    def is_of_another(self, claim: Quantity, names: Collection[str]) -> bool:
        """Whether a measured figure that is shown here belongs to something else than `names`: it is in other rows of
        a table that has rows about them, and follows neither from those nor from the table as a whole.

        Counts are left alone: they are about many rows at once.
        """
        about = {at for name in names for at in self._rows_about(name)}
        if claim.dimension == "number" or not about or _hold(self._values_aside, claim):
            return False
        return not _hold(_sorted(seen for at in about for seen in self._figures_of(self.evidence.rows[at])), claim)

    def _rows_about(self, name: str) -> tuple[int, ...]:
        if name not in self._about:
            word = re.compile(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])")
            self._about[name] = tuple(at for at, text in enumerate(self._row_texts) if word.search(text))
        return self._about[name]

    @cached_property
    def _about(self) -> dict[str, tuple[int, ...]]:
        return {}

    @cached_property
    def _row_texts(self) -> list[str]:
        return ["\n".join(_words_of(row)).lower() for row in self.evidence.rows]

    def _shows_quantity(self, claim: Quantity) -> bool:
        if _hold(self._values, claim):
            return True
        return claim.dimension == "number" and claim.value == 0 and self.evidence.complete and not self.evidence.gaps

    @cached_property
    def _values(self) -> _Values:
        rows = (seen for row in self.evidence.rows for seen in self._figures_of(row))
        return _sorted(chain(self._figures_aside(), rows))

    @cached_property
    def _values_aside(self) -> _Values:
        return _sorted(self._figures_aside())

    def _figures_of(self, row: Sequence[Cell]) -> Iterator[_Seen]:
        """What one row shows: its cells, what its texts say, and how long before or after now, or before or after
        another of its times, something was."""
        yield from _row_figures(self.evidence.columns, row)
        yield from _said(_words_of(row))
        times = [time for time in map(_time_of, row) if time is not None]
        for moment in times:
            yield _Seen("seconds", (self._now - moment).total_seconds())
            yield _Seen("seconds", (self.evidence.taken_at - moment).total_seconds())
        for earlier, later in combinations(times, 2):
            yield _Seen("seconds", (later - earlier).total_seconds())

    def _figures_aside(self) -> Iterator[_Seen]:
        """What shows without looking at a single row: counts, sums, texts, series."""
        evidence = self.evidence
        counts = (
            evidence.total,
            evidence.shown,
            evidence.total - evidence.shown,
            len(evidence.gaps),
            len(evidence.series),
        )
        yield from (_Seen("count", count) for count in counts)
        yield _Seen("seconds", evidence.age_s)
        if evidence.window:
            yield _Seen("seconds", (evidence.window.end - evidence.window.start).total_seconds())
        yield from _said(self._texts_aside())
        yield from _column_figures(evidence.columns, evidence.rows)
        for series in evidence.series:
            yield from _series_figures(series)

    @cached_property
    def _cell_times(self) -> list[datetime]:
        return [time for row in self.evidence.rows for time in map(_time_of, row) if time is not None]

    @cached_property
    def _times(self) -> list[datetime]:
        times = [self.evidence.taken_at, *self._cell_times]
        if self.evidence.window:
            times += [self.evidence.window.start, self.evidence.window.end]
        times += [from_epoch(at) for series in self.evidence.series for at, _ in series.points]
        return times

    def _is(self, claim: Moment, moment: datetime) -> bool:
        zones: tuple[tzinfo, ...] = (UTC,) if claim.utc else (self._zone, UTC)
        return any(_same(claim, moment.astimezone(zone)) for zone in zones)

    def _is_written(self, claim: Moment) -> bool:
        """Whether a text of the evidence (a log, a runbook) has this date or time."""
        return any(isinstance(item, Moment) and _agree(claim, item) for item in self._written)

    @cached_property
    def _written(self) -> list[Quantity | Moment | Literally]:
        return [item for text in self._texts() for item in scan(text)]

    @cached_property
    def _blob(self) -> str:
        return "\n".join(self._texts()).lower()

    def _texts(self) -> Iterator[str]:
        yield from self._texts_aside()
        for row in self.evidence.rows:
            yield from _words_of(row)

    def _texts_aside(self) -> Iterator[str]:
        evidence = self.evidence
        yield from (evidence.title, evidence.request, evidence.source)
        for series in evidence.series:
            yield from (value for _, value in series.labels)
        for gap in evidence.gaps:
            yield f"{gap.source} {gap.dataset} {gap.kind} {gap.detail} {gap.fix or ''}"
        if evidence.document:
            yield from (evidence.document.text, evidence.document.file or "", evidence.document.heading or "")


def _sorted(figures: Iterable[_Seen]) -> _Values:
    collected: dict[Dimension | Literal["count"], set[float]] = defaultdict(set)
    for seen in figures:
        if math.isfinite(seen.value) and (seen.value or seen.dimension != "count"):
            collected[seen.dimension].add(abs(seen.value))
    return {dimension: sorted(values) for dimension, values in collected.items()}


def _hold(values: _Values, claim: Quantity) -> bool:
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


def _words_of(row: Iterable[Cell]) -> Iterator[str]:
    return (str(cell) for cell in row if isinstance(cell, str | int))


def _said(texts: Iterable[str]) -> Iterator[_Seen]:
    """The figures that texts speak of."""
    for text in texts:
        for item in scan(text):
            if isinstance(item, Quantity):
                yield _Seen("count" if item.dimension == "number" else item.dimension, item.value)


def _row_figures(columns: Sequence[str], row: Sequence[Cell]) -> Iterator[_Seen]:
    """Cells in the unit of their column; what is left of a whole, and its share."""
    sizes: list[float] = []
    for column, cell in zip(columns, row, strict=False):
        if isinstance(cell, bool) or not isinstance(cell, int | float):
            continue
        dimension = _dimension(column)
        yield _Seen(dimension, cell)
        if dimension == "fraction":
            yield _Seen("fraction", 1 - cell)
        if dimension == "bytes":
            sizes.append(cell)
    for one, other in combinations(sizes, 2):
        part, whole = sorted((one, other))
        yield _Seen("bytes", whole - part)
        if whole:
            yield _Seen("fraction", part / whole)
            yield _Seen("fraction", 1 - part / whole)


def _column_figures(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Iterator[_Seen]:
    """Counts of equal cells, alone, in pairs of columns, and of one without the other (what fires and is no watchdog);
    sums of sizes, counts and durations."""
    kinds: list[int] = []
    for at, column in enumerate(columns):
        cells = [row[at] for row in rows if at < len(row)]
        numbers = [cell for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool)]
        if numbers and _dimension(column) != "fraction":
            yield _Seen(_dimension(column), sum(numbers))
        counts = Counter(cell for cell in cells if isinstance(cell, str | bool))
        yield _Seen("count", len(counts))
        yield from _counted(counts.values(), len(rows))
        if 1 < len(counts) <= _FEW:
            kinds.append(at)
    for one, other in combinations(kinds, 2):
        pairs = Counter((row[one], row[other]) for row in rows)
        alone = Counter(row[one] for row in rows), Counter(row[other] for row in rows)
        for (first, second), count in pairs.items():
            yield from (_Seen("count", n) for n in (count, alone[0][first] - count, alone[1][second] - count))
    yield _Seen("count", len(rows))


def _counted(counts: Iterable[int], whole: int) -> Iterator[_Seen]:
    for count in counts:
        yield _Seen("count", count)
        yield _Seen("count", whole - count)
        yield _Seen("fraction", count / whole)


def _series_figures(series: LabelledSeries) -> Iterator[_Seen]:
    stats = series.stats
    dimension = _SERIES_UNITS.get(stats.unit, "number") if stats else "number"
    yield from (_Seen(dimension, value) for _, value in series.points)
    if stats is None:
        return
    median = stats.mean if stats.median is None else stats.median
    figures = (stats.minimum, stats.maximum, stats.mean, median, stats.p95, stats.first, stats.last)
    yield from (_Seen(dimension, value) for value in figures)
    if stats.limit:
        yield _Seen(dimension, stats.limit)
        yield from (_Seen("fraction", value / stats.limit) for value in figures)
        yield from (_Seen(dimension, stats.limit - value) for value in figures)
    if stats.total is not None:
        yield _Seen("bytes", stats.total)
    yield from (_Seen(dimension, one - other) for one, other in combinations(figures, 2))
    yield from (_Seen("fraction", 1 - value) for value in figures if dimension == "fraction")
    yield _Seen("count", stats.count)
    yield _Seen(_RATES.get(dimension, "number/s"), stats.rate_per_s)
    # "3 GiB a day" is also told as what it is over the day: a size.
    yield from (_Seen(dimension, stats.rate_per_s * period_s) for period_s in (3_600, 86_400, 604_800))
    if stats.time_to_full_s is not None:
        yield _Seen("seconds", stats.time_to_full_s)


def _dimension(column: str) -> Dimension:
    for suffix, dimension in (("_bytes", "bytes"), ("_fraction", "fraction"), ("_s", "seconds")):
        if column.endswith(suffix):
            return dimension  # type: ignore[return-value]  # the table above holds nothing else
    return "number"


def _time_of(cell: Cell) -> datetime | None:
    """The time in a cell of a `_at` column: ISO 8601 with a zone."""
    if not isinstance(cell, str) or len(cell) < 19 or cell[4:5] != "-":
        return None
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _same(claim: Moment, local: datetime) -> bool:
    return _same_day(claim, local) and _same_clock(claim, local)


def _same_day(claim: Moment, local: datetime) -> bool:
    if claim.day is None:
        return True
    if claim.has_year:
        return claim.day == local.date()
    return (claim.day.month, claim.day.day) == (local.month, local.day)


def _same_clock(claim: Moment, local: datetime) -> bool:
    if claim.clock is None:
        return True
    shows_seconds = claim.text.count(":") > 1
    same_minute = (claim.clock.hour, claim.clock.minute) == (local.hour, local.minute)
    return same_minute and (not shows_seconds or claim.clock.second == local.second)


def _agree(claim: Moment, written: Moment) -> bool:
    """Whether two texts tell the same time, as far as both tell it."""
    if claim.day is not None:
        if written.day is None or (claim.day.month, claim.day.day) != (written.day.month, written.day.day):
            return False
        if claim.has_year and written.has_year and claim.day.year != written.day.year:
            return False
    if claim.clock is None:
        return True
    return written.clock is not None and (claim.clock.hour, claim.clock.minute) == (
        written.clock.hour,
        written.clock.minute,
    )
