"""The runs of two times side by side: how many, how they ended, how long they took."""

from __future__ import annotations

from collections.abc import Sequence

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
    told = [_told(late.text, story, later), _told(early.text, story, earlier)]
    return "\n\n".join((_apart(story, later, earlier), *told))


def _told(name: str, story: Story, table: Evidence) -> str:
    name = f"{name[0].upper()}{name[1:]}"
    when = f" ({story.bounds(table.window)})" if table.window else ""
    if table.kind == "none":
        return f"{name}{when}: the task lists could not be read."
    rows = story.rows(table)
    head = f"{name}{when}: {plural(table.total, 'run')}, {_bad(rows) or 'none'} of them ended badly"
    return f"{head}{cite(table)}.\n{bullet(map(full_line, rows[:LISTED]))}".rstrip()


def _bad(rows: Sequence[Row]) -> int:
    return sum(row.get("outcome") in ("failed", "unknown") for row in rows)


def _apart(story: Story, later: Evidence, earlier: Evidence) -> str:
    """By how much the one took longer, and how the ends differ."""
    source = cite(later, earlier)
    if "none" in (later.kind, earlier.kind):
        return f"I cannot compare them: the task lists could not be read of both times{source}."
    rows, before = story.rows(later), story.rows(earlier)
    if not rows or not before:
        return f"Only one of the two times has runs{source}." if rows or before else f"Neither time has a run{source}."
    well = all(row.get("outcome") == "ok" for row in (*rows, *before))
    ends = "all ended well both times" if well else f"{_bad(rows)} ended badly, before that {_bad(before)}"
    lasted = [[took for row in of if (took := row.number("duration_s")) is not None] for of in (rows, before)]
    longest = "how long they took is not known of both times"
    if all(lasted):
        longest = f"the longest took {' against '.join(format_duration(max(each)) for each in lasted)}"
    return f"{later.total} against {plural(earlier.total, 'run')}, {longest}; {ends}{source}."
