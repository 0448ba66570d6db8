"""Second calls for the log of one task of a list that was told."""

from __future__ import annotations

from collections.abc import Sequence

from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.steps.calls import Call, Results
from nightshift.facts.evidence import Cell


def log_of(question: Question, results: Results) -> tuple[Call, ...]:
    """The log of the task that was meant; none when the list has no such one."""
    tables = [e for r in results.get("tasks", ()) for e in r.evidence if {"upid", "outcome"} <= set(e.columns)]
    for table in tables:
        at = meant(table.columns, table.rows, question.place or 0)
        upid = table.rows[at][table.columns.index("upid")] if at is not None else None
        if upid:
            return (Call("task_log", {"upid": str(upid)}),)
    return ()


def meant(columns: Sequence[str], rows: Sequence[Sequence[Cell]], place: int) -> int | None:
    """The row that stands in this place of the answer: tasks that failed for many guests are told first."""
    guests = columns.index("failed_guests") if "failed_guests" in columns else None
    order = sorted(range(len(rows)), key=lambda at: -_count(rows[at][guests]) if guests is not None else 0)
    return order[place] if -len(order) <= place < len(order) else None


def _count(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else 0.0
