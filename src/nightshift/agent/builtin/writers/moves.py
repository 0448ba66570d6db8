"""How a guest came to where it is: its last migration, by whom, and from where."""

from __future__ import annotations

from nightshift.agent.builtin.story import Story, cite, guest_name
from nightshift.agent.builtin.writers.findings import entity_rows
from nightshift.agent.builtin.writers.gaps import not_seen


def moved(story: Story) -> str:
    """`matrix (VM 128) is on pve2; it was moved there from pve3 at …, by anna@pam.` Why, no task tells."""
    guest = next((row for row in entity_rows(story) if row.known("vmid")), None)
    table = story.table("tasks", "task", "outcome")
    if guest is None or table is None or table.kind == "none":
        return "\n\n".join(filter(None, ("Where it was before could not be read.", not_seen(story.gaps()))))
    name, node = guest_name(guest), guest.show("node")
    here = f"{name} is on {node} now{cite(guest.evidence)}"
    went = [row for row in story.rows(table) if row.get("outcome") == "ok" and row.known("node")]
    away = [row for row in went if row.get("node") != guest.get("node")]
    if not away:
        over = story.question.span.text if story.question.span else "in the last 7 d"
        text = f"{here}; no migration that brought it there is among the tasks that I read of it {over}{cite(table)}."
        return "\n\n".join(filter(None, (text, not_seen(story.gaps()))))
    last = max(away, key=lambda row: str(row.get("started_at")))
    by = f", started by {last.show('user')}" if last.known("user") else ""
    text = f"{here}: the task {last.show('task')} moved it there from {last.show('node')}, "
    text += f"{last.show('started_at')}{by}{cite(table)}."
    text += " Why, the task does not tell." if story.question.has("WHY") else ""
    return "\n\n".join(filter(None, (text, not_seen(story.gaps()))))
