"""What others lose with a guest or a datastore."""

from __future__ import annotations

from nightshift.agent.builtin.story import Row, Story, bullet, cite, plural


def drags(row: Row) -> str:
    users = f"; disks there: {row.show('guests_with_disks_there')}" if row.known("guests_with_disks_there") else ""
    return f"{row.show('goes_too')}, served by {row.show('served_by')}{users}"


def what_it_serves(story: Story, name: str) -> str:
    """What others lose when a guest is off, first: that is what its own state does not show."""
    table = story.table("impact", "goes_too")
    if table is None:
        return _who_saves_there(story, name)
    if not table.rows:
        return (
            f"As far as I can see no storage and no backup server that others use is in {name}{cite(table)}; what "
            "speaks to it over the network I cannot see."
        )
    lines = [drags(row) for row in story.rows(table)]
    return f"Without {name} these are gone too{cite(table)}:\n{bullet(lines)}"


def _who_saves_there(story: Story, name: str) -> str:
    """Whose backup job would have nowhere to save to without a datastore."""
    table = story.table("impact", "saves_to", "count")
    if table is None:
        return ""
    rows = [row for row in story.rows(table) if row.number("count")]
    if not rows:
        return f"No enabled backup job saves to {name}{cite(table)}."
    total = sum(row.number("count") or 0.0 for row in rows)
    lines = [f"{row.show('job')} ({row.show('schedule')}): {row.show('guests')}" for row in rows]
    return f"Without {name} {plural(int(total), 'guest')} have no place for their backup{cite(table)}:\n{bullet(lines)}"
