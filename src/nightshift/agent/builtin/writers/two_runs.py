"""The runs of two times side by side: how many, how they ended, how long they took."""

from __future__ import annotations

from nightshift.agent.builtin.story import Row, Story, bullet, cite, plural
from nightshift.agent.builtin.writers.task_lines import full_line
from nightshift.facts.evidence import Evidence
from nightshift.facts.units import format_duration

LISTED = 6


def two_runs(story: Story) -> str:
    """`Last night's run next to the one before: longer?`"""
    question, tables = story.question, story.evidence("tasks")
    if question.span is None or question.before is None or len(tables) < 2:
        return "The task lists could not be read."
    (late, later), (early, earlier) = zip((question.span, question.before), tables[:2], strict=True)
    rows, before = story.rows(later), story.rows(earlier)
    told = [_told(late.text, story, later, rows), _told(early.text, story, earlier, before)]
    head = _apart(rows, before, cite(later, earlier))
    return "\n\n".join(filter(None, (head, *told)))


def _told(name: str, story: Story, table: Evidence, rows: list[Row]) -> str:
    when = f" ({story.bounds(table.window)})" if table.window else ""
    bad = sum(row.get("outcome") in ("failed", "unknown") for row in rows)
    head = f"{name[0].upper()}{name[1:]}{when}: {plural(table.total, 'run')}, {bad or 'none'} of them ended badly"
    return f"{head}{cite(table)}.\n{bullet(map(full_line, rows[:LISTED]))}".rstrip()


def _apart(rows: list[Row], before: list[Row], source: str) -> str:
    """By how much the one took longer, and how the ends differ."""
    if not rows or not before:
        return f"Only one of the two times has runs{source}." if rows or before else f"Neither time has a run{source}."
    longest, before_that = (max(row.number("duration_s") or 0.0 for row in of) for of in (rows, before))
    bad, bad_before = (sum(row.get("outcome") in ("failed", "unknown") for row in of) for of in (rows, before))
    ends = "all ended well both times" if not bad and not bad_before else f"{bad} ended badly, before that {bad_before}"
    took = f"the longest took {format_duration(longest)} against {format_duration(before_that)}"
    return f"{len(rows)} against {plural(len(before), 'run')}, {took}; {ends}{source}."
