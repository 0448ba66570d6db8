"""One side of tasks: who started them, how long they took, which took the longest, what came first after a boot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from nightshift.agent.builtin.story import Row, Story, bullet, cite, plural
from nightshift.agent.builtin.writers.findings import entity_rows
from nightshift.agent.builtin.writers.task_lines import full_line
from nightshift.facts.evidence import Evidence
from nightshift.facts.units import format_duration

LISTED = 15
BESIDE = 3
# Work that goes on by itself: what somebody did is told before it.
ROUTINE = (
    "vzdump",
    "backup",
    "garbage_collection",
    "prune",
    "verif",
    "sync",
    "logrotate",
    "acme",
    "reader",
    "aptupdate",
)


def by_length(story: Story, table: Evidence, what: str, when: str) -> str:
    """The longest, or the shortest; or all that took longer than a bound, the longest first."""
    rows = [row for row in story.rows(table) if _lasted_s(story, row) is not None]
    bound = story.question.bound if story.question.has("@task_bound") else None
    if bound is not None:
        than = f"{'longer' if bound.more else 'less'} than {bound.amount}"
        rows = [row for row in rows if bound.holds(_lasted_s(story, row) or 0.0)]
        if not rows:
            return f"No {what} took {than} {when}{cite(table)}."
        return f"{plural(len(rows), what)} took {than} {when}{cite(table)}:\n{bullet(map(full_line, rows[:LISTED]))}"
    if not rows:
        return f"No {what} that ended is known {when}{cite(table)}."
    if story.question.has("MEAN"):
        return _on_average(rows, table, what, when)
    shortest = story.question.has("SHORTEST")
    rows.sort(key=lambda row: (1 if shortest else -1) * (_lasted_s(story, row) or 0.0))
    first = rows[0]
    if not first.known("duration_s"):
        return f"The longest {what} {when} still runs: {full_line(first)}{cite(table)}."
    which = f"The {'shortest' if shortest else 'longest'} {what} {when}"
    head = f"{which} took {first.show('duration_s')}, on {first.show('node')}"
    next_ones = [full_line(row) for row in rows[1 : 1 + BESIDE]]
    more = f"\n\nThen:\n{bullet(next_ones)}" if next_ones else ""
    return f"{head}: {full_line(first)}{cite(table)}.{more}"


def _on_average(rows: Sequence[Row], table: Evidence, what: str, when: str) -> str:
    ended = [row for row in rows if row.known("duration_s")]
    whole = sum(row.number("duration_s") or 0.0 for row in ended)
    if not ended:
        return f"No {what} that ended is known {when}{cite(table)}."
    mean = format_duration(whole / len(ended))
    return (
        f"On average {mean}: {plural(len(ended), what)} {when} took {format_duration(whole)} together{cite(table)}.\n\n"
        f"The longest: {full_line(max(ended, key=lambda row: row.number('duration_s') or 0.0))}."
    )


def _lasted_s(story: Story, row: Row) -> float | None:
    """How long it took, of one that still runs how long until now."""
    if row.get("outcome") == "running":
        return (story.now - datetime.fromisoformat(str(row.get("started_at")))).total_seconds()
    return row.number("duration_s")


def of_user(story: Story, table: Evidence, what: str, when: str) -> str:
    """What somebody did, what is no routine first."""
    user = story.question.user
    if not table.rows:
        return f"{user} started no {what} {when}{cite(table)}."
    rows = sorted(story.rows(table), key=lambda row: row.show("task").startswith(ROUTINE))
    more = [f"and {table.total - LISTED} more, in the evidence"] if table.total > LISTED else []
    head = f"{user} started {plural(table.total, what)} {when}{cite(table)}"
    return f"{head}:\n{bullet([*map(full_line, rows[:LISTED]), *more])}"


def after_boot(story: Story, table: Evidence, what: str) -> str:
    """The first tasks since the thing came up; empty where nobody knows when that was."""
    thing = next((row for row in entity_rows(story) if row.known("uptime_s")), None)
    if thing is None:
        return ""
    booted = story.now - timedelta(seconds=(thing.number("uptime_s") or 0.0) + 60)
    later = [row for row in story.rows(table) if datetime.fromisoformat(str(row.get("started_at"))) >= booted]
    later.sort(key=lambda row: str(row.get("started_at")))
    if table.window and booted < table.window.start:
        return (
            f"{thing.show('name')} came up {thing.show('uptime_s')} ago{cite(thing.evidence)}: tasks of that time are "
            "further back than I look."
        )
    since = f"since {thing.show('name')} came up {thing.show('uptime_s')} ago"
    if not later:
        return f"No {what} ran {since}{cite(table, thing.evidence)}."
    then = f"\n\nThen:\n{bullet(map(full_line, later[1 : 1 + BESIDE]))}" if later[1:] else ""
    return f"The first {what} {since}{cite(table, thing.evidence)}: {full_line(later[0])}.{then}"


def aspect(story: Story, table: Evidence) -> str:
    """What is asked back about the task that was told: `how long did that take?`, `who did that?`, `and its result?`"""
    rows = _told(story, table)
    if not rows:
        return ""
    sentences = [_sentence(story, row) for row in rows[:BESIDE]]
    return f"{sentences[0]}{cite(table)}: {full_line(rows[0])}." + "".join(
        f"\n\nBefore it: {full_line(row)}." for row in rows[1:2]
    )


def _told(story: Story, table: Evidence) -> Sequence[Row]:
    """The tasks in the order in which the answer before told them: of changes what is no routine, else the newest."""
    rows = sorted(story.rows(table), key=lambda row: str(row.get("started_at")), reverse=True)
    if story.question.has("@longest"):
        rows.sort(key=lambda row: -(row.number("duration_s") or 0.0))
    if story.question.has("@deed"):
        rows = [row for row in rows if not row.show("task").startswith(ROUTINE)]
    return rows


def _sentence(story: Story, row: Row) -> str:
    question, lasted = story.question, row.show("duration_s")
    ended = row.get("outcome")
    if question.has("ASKS_WHO"):
        return f"{row.show('user')} started it" if row.known("user") else "Who started it is not told"
    if question.has("DURATION"):
        if ended == "running":
            return f"It still runs, since {row.show('started_at')}"
        if not row.known("duration_s"):
            return "How long it took is not known"
        return f"It ran for {lasted} and did not end well" if ended in ("failed", "unknown") else f"It took {lasted}"
    if question.has("@result"):
        results = {"ok": "Yes: it ended well (ok)", "running": "It still runs", "warnings": "It ended with warnings"}
        return results.get(str(ended), "No: it did not end well")
    if question.has("WHERE"):
        return f"On {row.show('node')}"
    return f"It started at {row.show('started_at')}"
