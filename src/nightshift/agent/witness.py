"""What one piece of evidence can bear witness to: its figures and what follows from them, its times, its words.

What follows is what a careful reader may work out without being wrong: counts of rows and of equal cells, a part of a
whole, free from total and used, how long ago a time is, a rate over a day.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from itertools import chain, combinations

from nightshift.agent.figures import (
    Seen,
    Values,
    by_dimension,
    column_figures,
    hold,
    row_figures,
    said,
    series_figures,
    words_of,
)
from nightshift.agent.quantities import Literally, Moment, Quantity, scan
from nightshift.facts.evidence import Cell, Evidence
from nightshift.facts.units import from_epoch


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
        if claim.dimension == "number" or not about or hold(self._values_aside, claim):
            return False
        return not hold(by_dimension(seen for at in about for seen in self._figures_of(self.evidence.rows[at])), claim)

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
        return ["\n".join(words_of(row)).lower() for row in self.evidence.rows]

    def _shows_quantity(self, claim: Quantity) -> bool:
        if hold(self._values, claim):
            return True
        return claim.dimension == "number" and claim.value == 0 and self.evidence.complete and not self.evidence.gaps

    @cached_property
    def _values(self) -> Values:
        rows = (seen for row in self.evidence.rows for seen in self._figures_of(row))
        return by_dimension(chain(self._figures_aside(), rows))

    @cached_property
    def _values_aside(self) -> Values:
        return by_dimension(self._figures_aside())

    def _figures_of(self, row: Sequence[Cell]) -> Iterator[Seen]:
        """What one row shows: its cells, what its texts say, and how long before or after now, or before or after
        another of its times, something was."""
        yield from row_figures(self.evidence.columns, row)
        yield from said(words_of(row))
        times = [time for time in map(_time_of, row) if time is not None]
        for moment in times:
            yield Seen("seconds", (self._now - moment).total_seconds())
            yield Seen("seconds", (self.evidence.taken_at - moment).total_seconds())
        for earlier, later in combinations(times, 2):
            yield Seen("seconds", (later - earlier).total_seconds())

    def _figures_aside(self) -> Iterator[Seen]:
        """What shows without looking at a single row: counts, sums, texts, series."""
        evidence = self.evidence
        counts = (
            evidence.total,
            evidence.shown,
            evidence.total - evidence.shown,
            len(evidence.gaps),
            len(evidence.series),
        )
        yield from (Seen("count", count) for count in counts)
        yield Seen("seconds", evidence.age_s)
        if evidence.window:
            yield Seen("seconds", (evidence.window.end - evidence.window.start).total_seconds())
        yield from said(self._texts_aside())
        yield from column_figures(evidence.columns, evidence.rows)
        for series in evidence.series:
            yield from series_figures(series)

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
            yield from words_of(row)

    def _texts_aside(self) -> Iterator[str]:
        evidence = self.evidence
        yield from (evidence.title, evidence.request, evidence.source)
        for series in evidence.series:
            yield from (value for _, value in series.labels)
        for gap in evidence.gaps:
            yield f"{gap.source} {gap.dataset} {gap.kind} {gap.detail} {gap.fix or ''}"
        if evidence.document:
            yield from (evidence.document.text, evidence.document.file or "", evidence.document.heading or "")


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
