"""One side of tasks: who started them, how long they took, which took the longest, what came first after a boot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from nightshift.agent.builtin.questions.bounds import Bound
from nightshift.agent.builtin.story import Row, Story, bullet, cite, plural
from nightshift.agent.builtin.writers.findings import entity_rows
from nightshift.agent.builtin.writers.task_lines import full_line
from nightshift.facts.evidence import Evidence
from nightshift.facts.units import format_duration

LISTED = 15
BESIDE = 3
# Work that goes on by itself: what somebody did is told before it.
_ROUTINE = (
    "vzdump", "backup", "garbage_collection", "prune", "verif", "sync", "logrotate", "acme", "reader", "aptupdate",
)  # fmt: skip
# What changes nothing: a console that somebody opened, a list that was read.
_READ_ONLY = ("vncproxy", "vncshell", "spiceproxy", "termproxy", "aptupdate", "imgcopy")


def is_routine(row: Row) -> bool:
    return row.show("task").startswith(_ROUTINE)


def changing(rows: Sequence[Row]) -> list[Row]:
    """The tasks that change something."""
    return [row for row in rows if row.get("task") not in _READ_ONLY]


def deeds(rows: Sequence[Row]) -> list[Row]:
    """What somebody changed: no routine."""
    return [row for row in changing(rows) if not is_routine(row)]


def by_length(story: Story, table: Evidence, what: str, when: str) -> str:
    """The longest, or the shortest; or all that took longer than a bound, the longest first."""
    rows = _in_order_of_length(story, table)
    if story.question.has("@task_bound") and story.question.bound is not None:
        return _beyond(story, story.question.bound, rows, table, f"{what} took", when)
    if not rows:
        return f"No {what} that ended is known {when}{cite(table)}."
    if story.question.has("MEAN"):
        return _on_average(rows, table, what, when)
    shortest, first = story.question.has("SHORTEST"), rows[0]
    if shortest:
        when += _of_the_newest(table)
    if not first.known("duration_s"):
        return f"The longest {what} {when} still runs: {full_line(first)}{cite(table)}."
    which = f"The {'shortest' if shortest else 'longest'} {what} {when}"
    head = f"{which} took {first.show('duration_s')}, on {first.show('node')}"
    next_ones = [full_line(row) for row in rows[1 : 1 + BESIDE]]
    more = f"\n\nThen:\n{bullet(next_ones)}" if next_ones else ""
    return f"{head}: {full_line(first)}{cite(table)}.{more}"


def _beyond(story: Story, bound: Bound, rows: Sequence[Row], table: Evidence, took: str, when: str) -> str:
    """All that took longer than the bound, or less."""
    than = f"{'longer' if bound.more else 'less'} than {bound.amount} {when}"
    than += "" if bound.more else _of_the_newest(table)
    fitting = [row for row in rows if bound.holds(_lasted_s(story, row) or 0.0)]
    if not fitting:
        return f"No {took} {than}{cite(table)}."
    # What took longer is chosen before the list is cut, so the total tells how many.
    count = max(len(fitting), table.total) if bound.more else len(fitting)
    more = [f"and {count - LISTED} more, in the evidence"] if count > LISTED else []
    head = f"{plural(count, took.removesuffix(' took'))} took {than}{cite(table)}"
    return f"{head}:\n{bullet([*map(full_line, fitting[:LISTED]), *more])}"


def _of_the_newest(table: Evidence) -> str:
    """That the list was cut, where what is told of it is true of the newest tasks only."""
    return f" (of the newest {table.shown}, which are all that I looked at)" if table.total > table.shown else ""


def _in_order_of_length(story: Story, table: Evidence) -> list[Row]:
    """Those whose length is known, the longest first; the shortest of those that ended where that is asked for."""
    rows = [row for row in story.rows(table) if _lasted_s(story, row) is not None]
    if story.question.has("SHORTEST"):
        ended = (row for row in rows if row.known("duration_s"))
        return sorted(ended, key=lambda row: row.number("duration_s") or 0.0)
    return sorted(rows, key=lambda row: -(_lasted_s(story, row) or 0.0))


def _on_average(rows: Sequence[Row], table: Evidence, what: str, when: str) -> str:
    ended = [row for row in rows if row.known("duration_s")]
    whole = sum(row.number("duration_s") or 0.0 for row in ended)
    if not ended:
        return f"No {what} that ended is known {when}{cite(table)}."
    mean, when = format_duration(whole / len(ended)), f"{when}{_of_the_newest(table)}"
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
    rows = sorted(story.rows(table), key=is_routine)
    more = [f"and {table.total - LISTED} more, in the evidence"] if table.total > LISTED else []
    head = f"{user} started {plural(table.total, what)} {when}{cite(table)}"
    return f"{head}:\n{bullet([*map(full_line, rows[:LISTED]), *more])}"


_BROKEN_OFF = re.compile(r"interrupt|abort|cancel|signal|stopped|unexpected status", re.IGNORECASE)


def cancelled(story: Story, table: Evidence, what: str, when: str) -> str:
    """The tasks that were broken off. PVE and PBS keep who started a task, and not who stopped it."""
    rows = [row for row in story.rows(table) if _BROKEN_OFF.search(row.show("reason"))]
    if not rows:
        others = f" Failed for another reason: {plural(table.total, 'task')}." if table.rows else ""
        return f"No {what} was cancelled or broken off {when}{cite(table)}.{others}"
    head = f"{plural(len(rows), what)} {'was' if len(rows) == 1 else 'were'} broken off {when}{cite(table)}"
    return (
        f"{head}:\n{bullet(map(full_line, rows[:LISTED]))}\n\nNamed is who started it; who stopped a task is kept "
        "nowhere."
    )


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


def aspect(story: Story, table: Evidence, what: str) -> str:
    """What is asked back about the task that was told: `how long did that take?`, `who did that?`, `and its result?`"""
    rows = _told(story, table)
    if not rows:
        return ""
    if story.question.has("@taskkind_running", "@task_now") and rows[0].get("outcome") != "running":
        return (
            f"No {what} is running now; since when none is I do not see{cite(table)}. The last: {full_line(rows[0])}."
        )
    sentences = [_sentence(story, row) for row in rows[:BESIDE]]
    return f"{sentences[0]}{cite(table)}: {full_line(rows[0])}." + "".join(
        f"\n\nBefore it: {full_line(row)}." for row in rows[1:2]
    )


def _told(story: Story, table: Evidence) -> Sequence[Row]:
    """The tasks in the order in which the answer before told them: of changes what is no routine, else the newest."""
    if story.question.has("@longest"):
        return _in_order_of_length(story, table)
    rows = sorted(story.rows(table), key=lambda row: str(row.get("started_at")), reverse=True)
    return deeds(rows) if story.question.has("@deed") else rows


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
