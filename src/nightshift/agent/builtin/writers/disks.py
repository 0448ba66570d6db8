"""Physical disks: what is wrong with which, and which one to pull."""

from __future__ import annotations

from nightshift.agent.builtin.story import Row, Story, bullet, cite, one_line, plural
from nightshift.agent.builtin.writers.gaps import not_seen

SHOWN = 12


def disks(story: Story) -> str:
    """The findings about disks and pools first: they name the disk. Without any, what was looked at."""
    table = story.table("disks", "disk", "serial")
    if table is None or (not table.rows and table.gaps):
        return "\n\n".join(filter(None, ("The disks could not be read.", not_seen(story.gaps("disks")))))
    rows = story.rows(table)
    if not rows:
        return f"I see no disk that fits{cite(table)}."
    found = [finding for finding in story.findings("disks") if finding.severity != "info"]
    listed = story.table("disks", "finding", "remedy")
    parts = []
    if found:
        lines = [f"{one_line(finding.title)} ({finding.severity}). {one_line(finding.detail)}" for finding in found[:5]]
        parts.append(f"Wrong with disks and pools{cite(table, listed)}:\n{bullet(lines)}")
        parts.append(f"Do: {one_line(found[0].remedy)}")
    else:
        unread = sum(not row.known("health") for row in rows)
        asked = f"; of {unread} no SMART values are known" if unread else ""
        parts.append(f"No disk has to be pulled: {plural(len(rows), 'disk')}, and nothing wrong{cite(table)}{asked}.")
    if not found or story.question.has("LIST", "STATE"):
        parts.append(bullet(_line(row) for row in rows[:SHOWN]))
    parts.append(not_seen(story.gaps("disks")))
    return "\n\n".join(filter(None, parts))


def _line(row: Row) -> str:
    facts = [f"{row.show('path')} on {row.show('node')}"]
    for column, text in (
        ("serial", "serial {}"),
        ("size_bytes", "{}"),
        ("pool", "in pool {}"),
        ("health", "SMART {}"),
        ("wear_left_fraction", "{} of its endurance left"),
        ("temperature_celsius", "{} °C"),
    ):
        if row.known(column):
            facts.append(text.format(row.show(column)))
    return f"{one_line(row.show('disk'))}: {', '.join(facts)}"
