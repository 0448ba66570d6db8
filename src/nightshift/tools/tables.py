"""Evidence made of rows: cells are raw, the column's name tells the unit (see `facts.evidence`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from nightshift.facts.evidence import Cell, Evidence, Window
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Dataset


def table(
    source: str,
    request: str,
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    taken_at: datetime,
    now: datetime,
    gaps: Iterable[Gap] = (),
    limit: int | None = None,
    window: Window | None = None,
) -> Evidence:
    """Rows as Evidence, the first `limit` of them; `total` still counts all."""
    every = [tuple(row) for row in rows]
    shown = every if limit is None else every[:limit]
    found_gaps = tuple(dict.fromkeys(gaps))
    return Evidence(
        source=source,
        kind="rows",
        request=request,
        title=title,
        taken_at=taken_at,
        age_s=age_s(taken_at, now),
        window=window,
        columns=tuple(columns),
        rows=tuple(shown),
        total=len(every),
        shown=len(shown),
        complete=not found_gaps and len(shown) == len(every),
        gaps=found_gaps,
    )


def nothing_seen(
    source: str, request: str, title: str, *, taken_at: datetime, now: datetime, gaps: Iterable[Gap]
) -> Evidence:
    """Evidence that a read gave nothing: it carries the Gaps that say why."""
    return Evidence(
        source=source,
        kind="none",
        request=request,
        title=title,
        taken_at=taken_at,
        age_s=age_s(taken_at, now),
        complete=False,
        gaps=tuple(dict.fromkeys(gaps)),
    )


def age_s(taken_at: datetime, now: datetime) -> float:
    """How old it is, in whole seconds: never negative when two clocks differ."""
    return float(max(0, round((now - taken_at).total_seconds())))


def iso(moment: datetime | None) -> str | None:
    """A time as a cell: ISO 8601, None when unknown."""
    return moment.isoformat(timespec="seconds") if moment else None


def sources_of(dataset: Dataset[Any], fallback: str) -> str:
    """The source ids of a dataset's rows, comma-separated."""
    ids = dict.fromkeys(str(getattr(row, "source", fallback)) for row in dataset.rows)
    return ",".join(ids) or fallback


def known_share(used: float | None, total: float | None) -> float | None:
    """used / total, None when either is unknown or the total is 0: an unreachable storage is not 0 % used."""
    return used / total if used is not None and total else None
