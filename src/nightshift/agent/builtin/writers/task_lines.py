"""Lines about tasks: what is alike is said once."""

from __future__ import annotations

from collections.abc import Sequence

from nightshift.agent.builtin.story import Row, Story, joined, short_reason
from nightshift.facts.evidence import Evidence
from nightshift.facts.units import format_duration

NAMED = 5
LISTED = 15
BEFORE = 4


def grouped(rows: Sequence[Row]) -> list[str]:
    """A line for each kind of failure: twenty backups that failed for one reason are one fact."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.show("task"), row.show("outcome"), short_reason(row.show("reason"))), []).append(row)
    many_guests_first = sorted(
        groups.values(), key=lambda group: -sum(row.number("failed_guests") or 0 for row in group)
    )
    return [task_line(group[0]) if len(group) == 1 else _group_line(group) for group in many_guests_first]


def _group_line(group: Sequence[Row]) -> str:
    """`23 × backup on localhost, 2026-11-23 02:00 UTC and later: … (tank:ct/129, tank:vm/128 and 21 more)`."""
    first = min(group, key=lambda row: str(row.get("started_at")))
    nodes = joined(list(dict.fromkeys(row.show("node") for row in group)))
    about = list(dict.fromkeys(name for row in group if row.known("about") for name in row.show("about").split(", ")))
    names = f" ({_few(about)})" if about else ""
    reason = f": {short_reason(first.show('reason'))}" if first.known("reason") else ""
    return f"{len(group)} × {first.show('task')} on {nodes}, the first at {first.show('started_at')}{reason}{names}"


def _few(names: Sequence[str]) -> str:
    return f"{', '.join(names[:NAMED])}, …" if len(names) > NAMED else ", ".join(names)


def full_line(row: Row) -> str:
    """With who started it and how long it took."""
    by = f", by {row.show('user')}" if row.known("user") else ""
    told = row.known("duration_s") and row.get("outcome") != "failed"
    return f"{task_line(row)}{by}{', it took ' + row.show('duration_s') if told else ''}"


def task_line(row: Row) -> str:
    guests = row.show("about").split(", ") if row.known("about") else []
    about = f" of {_few(guests)}" if guests else ""
    if row.known("failed_guests") and len(guests) > NAMED:
        about = f" of {row.show('failed_guests')} guests ({_few(guests)})"
    reason = f": {short_reason(row.show('reason'))}" if row.known("reason") else ""
    ended = "" if row.get("outcome") == "failed" else f" ({row.show('outcome')})"
    lasted = f", after {row.show('duration_s')}" if row.known("duration_s") and row.get("outcome") == "failed" else ""
    return f"{row.show('started_at')} {row.show('task')}{about} on {row.show('node')}{ended}{lasted}{reason}"


def when_of(story: Story, table: Evidence | None) -> str:
    """The time that was asked for; else how far back was looked."""
    if story.when or table is None or table.window is None:
        return story.when or "in the last 24 h"
    return f"in the last {format_duration((table.window.end - table.window.start).total_seconds())}"
