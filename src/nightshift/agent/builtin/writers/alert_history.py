"""Answers about alerts that have fired: when each began, how long it lasted, which came most often."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta

from nightshift.agent.builtin.story import Row, Story, bullet, cite, plural

LISTED = 15
BACK = timedelta(days=1)
_LABEL = re.compile(r"\b(?:name|storage|ups|zpool|ceph_daemon|instance|id)=([^,}\s]+)")
_COUNTED = re.compile(r"\b(?:noisiest|loudest|most often|how often|how many times|flapp\w*)\b")


def before_now(story: Story, about: str) -> str:
    """What began to fire in the time that is asked about, of the last day; empty where that was not read."""
    table = story.table("alerts", "instance", "began_at")
    if table is None or table.kind == "none":
        return ""
    span = story.question.span
    rows = [row for row in story.rows(table) if span is None or _within(row, span.window.start, span.window.end)]
    short = span is None or span.window.start < table.taken_at - BACK
    if span is not None and span.window.end < table.taken_at - BACK:
        return f"What fired then ({span.text}) and has ended I do not read, only the last day{cite(table)}."
    when = f" in {'the last day of ' if short else ''}that time ({span.text})" if span else " within the last day"
    when = f"{about}{when}"
    if table.total > table.shown:
        when += f", among the {table.shown} newest of {table.total}"
    further = "What fired more than a day ago and has ended I do not read." if short else ""
    if not rows:
        return f"No alert began to fire{when}{cite(table)}. {further}".rstrip()
    if _COUNTED.search(story.question.text.lower()):
        counted = Counter(row.show("alert") for row in rows).most_common()
        lines = [f"{name}: {plural(count, 'time')}" for name, count in counted]
    else:
        newest = story.question.has("LAST") and not story.question.has("OLDEST")
        lines = [_line(row) for row in (rows if newest else rows[::-1])]
    more = "\nThe others are in the evidence." if len(lines) > LISTED else ""
    earlier = span is not None and any(_began(row) < span.window.start for row in rows)
    fired = "fired" if earlier else "began to fire"  # what came before the time and lasted into it fired then too
    head = f"{plural(len(rows), 'alert')} {fired}{when}{cite(table)}:\n{bullet(lines[:LISTED])}{more}"
    return "\n\n".join(filter(None, (head, further)))


def _began(row: Row) -> datetime:
    return datetime.fromisoformat(str(row.get("began_at")))


def _within(row: Row, start: datetime, end: datetime) -> bool:
    ended = row.get("ended_at")
    return _began(row) <= end and (not ended or datetime.fromisoformat(str(ended)) >= start)


def _line(row: Row) -> str:
    labels = _LABEL.search(row.show("instance"))
    about = f" on {labels[1]}" if labels else ""
    until = f" until {row.show('ended_at')}, {row.show('lasted_s')}" if row.known("ended_at") else ", fires still"
    return f"{row.show('alert')}{about}: from {row.show('began_at')}{until}"
