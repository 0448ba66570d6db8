"""What goes with a snapshot of a guest that is taken away."""

from __future__ import annotations

from nightshift.agent.builtin.story import Row, Story, cite
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.order_notes import is_vm
from nightshift.facts.ids import Entity
from nightshift.facts.units import format_duration


def snapshot_gone(story: Story) -> str:
    """The way back to it, and nothing of what runs; then what else there is to go back to."""
    table = story.table("subsystem", "snapshot", "taken_at")
    if table is None:
        return "\n\n".join(filter(None, ("The snapshots could not be read.", not_seen(story.gaps()))))
    rows = story.rows(table)
    named = [row for row in rows if row.show("snapshot").lower() in story.question.text.lower()] or rows
    guest = next(iter(story.question.of_kind("guest")))
    if not named:
        seen = "" if story.gaps("subsystem") else f"{guest.label} keeps no snapshot{cite(table)}."
        return "\n\n".join(filter(None, (seen, not_seen(story.gaps()))))
    told = " ".join(_told(row, guest) for row in named)
    needed = "Whether somebody still wants to go back to it I cannot tell."
    return "\n\n".join(filter(None, (f"{told} {needed}", _saved(story), not_seen(story.gaps()))))


def _told(row: Row, guest: Entity) -> str:
    name, tool, vmid = row.show("snapshot"), "qm" if is_vm(guest) else "pct", guest.key.rpartition("/")[2]
    age = row.number("age_s")
    taken = f", taken {row.show('taken_at')}" if row.known("taken_at") else ""
    old = f" ({format_duration(age)} ago)" if age is not None else ""
    return (
        f"{guest.label} runs on as it is without {name}{taken}{old}: what is lost is the way back (rollback) to that "
        f"state{cite(row.evidence)}. By hand: `{tool} delsnapshot {vmid} {name}`."
    )


def _saved(story: Story) -> str:
    table = next((item for item in story.evidence("backups") if "last_backup_at" in item.columns), None)
    row = next(iter(story.rows(table)), None) if table else None
    if row is None or not row.known("last_backup_at"):
        return ""
    return f"Its last backup is of {row.show('last_backup_at')}{cite(table)}."
