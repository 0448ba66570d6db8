"""What others lose with a guest or a datastore."""

from __future__ import annotations

from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, plural


def drags(row: Row) -> str:
    users = f"; disks there: {row.show('guests_with_disks_there')}" if row.known("guests_with_disks_there") else ""
    return f"{row.show('goes_too')}, served by {row.show('served_by')}{users}"


def what_it_serves(story: Story, name: str) -> str:
    """What others lose when a guest is off, first: that is what its own state does not show."""
    table = story.table("impact", "goes_too")
    if table is None:
        return _who_saves_there(story, name)
    lines = [drags(row) for row in story.rows(table)]
    gone = f"Without {name} these are gone too{cite(table)}:\n{bullet(lines)}" if lines else ""
    if any(line.startswith("backup") for line in lines):
        gone += "\n\nUntil it is back no backup can be made there and none can be restored from there."
    users = _who_needs_it(story, name)
    twin = _its_twin(story, name)
    if twin and not users:
        twin += " What speaks to it over the network I cannot see."
    nothing = (
        f"As far as I can see no storage and no backup server that others use is in {name}{cite(table)}; what "
        "speaks to it over the network I cannot see."
    )
    return "\n\n".join(filter(None, (gone, users, twin))) or nothing


def _who_needs_it(story: Story, name: str) -> str:
    """`nextcloud (a database there)`: whom its metrics or their notes name; it need not be all."""
    tables = [item for item in story.evidence("impact") if "told_by" in item.columns and item.rows]
    rows = [row for item in tables for row in story.rows(item)]
    if not rows:
        return ""
    told: dict[str, list[str]] = {}
    for row in rows:
        told.setdefault(row.show("told_by"), []).append(row.show("guest"))
    users = "; ".join(f"{joined(names, 12)} ({how})" for how, names in told.items())
    need = "needs" if len(rows) == 1 else "need"
    return f"By what I read {users} {need} {name}{cite(*tables)}; what else speaks to it over the network I cannot see."


def _its_twin(story: Story, name: str) -> str:
    table = story.table("impact", "twin")
    if table is None:
        return ""
    off = {entity.label.split(" (")[0] for entity in story.question.of_kind("guest")}
    rows = [row for row in story.rows(table) if row.show("twin") not in off]
    if not rows:
        both = joined([row.show("twin") for row in story.rows(table)])
        return f"With {both} off too no guest of the same name and tags as {name} is left{cite(table)}."
    twins = [f"{row.show('twin')} on {row.show('runs_on')} is {row.show('status')}" for row in rows]
    return f"Of the same name and tags as {name}: {joined(twins)}{cite(table)}; whether it stands in I cannot tell."


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
