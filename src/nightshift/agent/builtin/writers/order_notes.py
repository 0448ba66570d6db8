"""What is known of a thing that makes the command for it needless, or dear."""

from __future__ import annotations

from nightshift.agent.builtin.orders.aims import ALL
from nightshift.agent.builtin.story import Row, Story, cite, one_line
from nightshift.agent.builtin.writers.findings import serious_causes
from nightshift.facts.ids import Entity

MOST_DISKS = 3


def row_of(story: Story, entity: Entity) -> Row | None:
    """What the inventory told of it."""
    rows = (row for item in story.evidence("inventory") for row in story.rows(item) if "vmid" in item.columns)
    return next((row for row in rows if row.get("key") == entity.key), None)


def is_vm(guest: Entity) -> bool:
    """By its label: `web (VM 104)`, `VM 104` while the name is not known."""
    return "(VM " in guest.label or guest.label.startswith("VM ")


def jobs_meant(story: Story) -> list[Row]:
    """The backup jobs that are meant: those that are named, or all."""
    named = {job.key.rpartition("/")[2] for job in story.question.of_kind("job")}
    return [job for job in rows_of(story, "inventory", "id", "schedule") if not named or job.get("id") in named]


def rows_of(story: Story, tool: str, *columns: str) -> list[Row]:
    """The rows of the first table of a tool that has these columns; none when there is no such table."""
    table = story.table(tool, *columns)
    return story.rows(table) if table else []


def note_on(story: Story, entity: Entity) -> str:
    """One sentence; empty when nothing of it bears on the order."""
    verb, part = story.question.action, story.question.aim.part
    if verb == "replace":
        return which_disk(story)
    if entity.kind == "node" and verb in ("stop", "reboot"):
        return _without_node(story) if part != ALL else ""
    row = row_of(story, entity)
    if row is None:
        return ""
    name = row.show("name")
    if row.get("status") == "unknown" and verb != "unlock":
        return (
            f"Its node {row.show('node')} is not reporting{cite(row.evidence)}: nothing can be done there before it is."
        )
    if (verb == "unlock" or part == "lock") and not row.known("lock"):
        return without_lock(name, row)
    if not part and (verb, row.get("status")) in (("start", "running"), ("stop", "stopped")):
        return f"It is {row.show('status')} already{cite(row.evidence)}."
    if verb == "restore" or (verb == "delete" and part in ("", "backup")):
        return _newest_backup(story, name)
    return ""


def without_lock(name: str, row: Row) -> str:
    """That a guest which is not seen to be locked is not, or that this is not known."""
    if row.get("status") == "unknown":
        return f"Whether {name} is locked is not known: its node is not reporting{cite(row.evidence)}."
    return f"{name} is not locked now{cite(row.evidence)}, so there is nothing to unlock."


def which_disk(story: Story) -> str:
    """What is found about disks and pools, which tells the one to replace."""
    found = [f for f in serious_causes(story.findings("health")) if f.entity.kind in ("pool", "disk")]
    table = story.table("health", "finding", "remedy")
    if not found:
        return f"I see nothing wrong with the disks there{cite(table)}: nothing that I know of has to be replaced."
    return "\n\n".join(
        f"{one_line(f.title)}{cite(table)}. {one_line(f.detail)} {one_line(f.remedy)}" for f in found[:MOST_DISKS]
    )


def _newest_backup(story: Story, name: str) -> str:
    table = story.table("backups", "last_backup_at", "age_s")
    row = next(iter(story.rows(table)), None) if table else None
    if row is None:
        return ""
    if not row.known("last_backup_at"):
        return f"I see no backup of {name}{cite(table)}."
    return f"The newest backup of {name} is from {row.show('last_backup_at')}, {row.show('age_s')} old{cite(table)}."


def _without_node(story: Story) -> str:
    whole = story.table("impact", "keeps_quorum")
    told = next(iter(story.rows(whole)), None) if whole else None
    if told is None:
        return ""
    lost = ""
    if told.get("keeps_quorum") is False:
        lost = (
            f" Without it {votes_left(told)}: the cluster would lose its quorum, and nothing could be started or "
            "changed then."
        )
    return f"{told.show('running_guests')} guests run on it{cite(whole)}.{lost}"


def votes_left(told: Row) -> str:
    return f"{told.show('votes_left')} of the {told.show('votes_needed')} votes that are needed would be left"
