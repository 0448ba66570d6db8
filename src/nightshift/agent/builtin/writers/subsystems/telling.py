"""How a part of the systems is told from its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nightshift.agent.builtin.story import Row
from nightshift.facts.units import format_age

MOST = 4


@dataclass(frozen=True, slots=True)
class Telling:
    """`none` is said where everything was read and there is nothing of it, `none_of` where there is none of one thing.

    `summary` is what the rows come to, `line` one row, `when` answers when it last happened, `coming` when it will.
    `holds` is whether what is asked for is so (`do we have quorum?`; with `found` the findings tell that: `does a node
    need a restart?`), `well` whether the rows show no trouble by themselves, None where they do not tell.
    """

    noun: str
    none: str
    summary: Callable[[Sequence[Row], datetime], str]
    line: Callable[[Row, datetime], str]
    when: Callable[[Sequence[Row], datetime], str] | None = None
    holds: Callable[[Sequence[Row], bool], bool | None] = field(default=lambda rows, _soon: bool(rows))
    none_of: str = "{who} has none"
    well: Callable[[Sequence[Row]], bool | None] = field(default=lambda _rows: True)
    counted: Callable[[Sequence[Row]], str] = field(default=lambda rows: str(len(rows)))
    found: bool = False
    none_found: str = "none"
    coming: Callable[[Sequence[Row], datetime], str] | None = None
    going: Callable[[Sequence[Row], datetime], str] | None = None


def age(row: Row, column: str, now: datetime) -> str:
    """`2026-11-25 22:30 CET (7 h ago)`, `never` when there is no such time."""
    cell = row.get(column)
    if not isinstance(cell, str):
        return "never"
    return f"{row.show(column)} ({format_age(datetime.fromisoformat(cell), now)})"


def total(rows: Sequence[Row], column: str) -> int:
    return round(sum(row.number(column) or 0 for row in rows))


def upcoming(row: Row, now: datetime) -> str:
    """When a job runs next."""
    for column in ("next_run_at", "next_sync_at"):
        if row.known(column):
            return f"next run {age(row, column, now)}"
    return "no next run is planned" if not row.known("schedule") else f"schedule {row.show('schedule')}"


def job_name(row: Row) -> str:
    if "datastore" in row.evidence.columns and "job" not in row.evidence.columns:
        return row.show("datastore")
    off = "" if row.get("enabled") else " (DISABLED)"
    return f"job {row.show('job')}{off}"


def planned(rows: Sequence[Row], now: datetime) -> str:
    return "; ".join(f"{job_name(row)}: {upcoming(row, now)}" for row in rows[:MOST])
