"""What would go with a node, the whole first and then by name."""

from __future__ import annotations

from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.things import safety as of_anything_else
from nightshift.agent.builtin.writers.things import under_way
from nightshift.facts.evidence import Evidence


def safety(story: Story) -> str:
    """What speaks for or against touching a thing now: for a node what would go with it, else its state."""
    return impact(story) if story.table("impact", "if_it_fails") else of_anything_else(story)


def impact(story: Story) -> str:
    """What would go with a node, the whole first: guests that stay down by name, quorum, memory, what hangs on them."""
    whole, table = story.table("impact", "keeps_quorum"), story.table("impact", "if_it_fails")
    if whole is None or table is None:
        return "The nodes could not be read, so I cannot tell what depends on it."
    told, rows = story.rows(whole)[0], story.rows(table)
    name = told.show("node")
    down = [row for row in rows if row.get("if_it_fails") == "stays down"]
    moving = [row for row in rows if row.get("if_it_fails") == "restarts elsewhere"]
    unknown = [row for row in rows if row.get("if_it_fails") == "not known"]
    parts = [_verdict_on(told, len(rows), len(down), whole)]
    if down:
        parts.append(f"Stay down until {name} is back{cite(table)}:\n{bullet(_reasons(down))}")
    if moving:
        parts.append(f"Start again on another node{cite(table)}: {joined([row.show('guest') for row in moving], 12)}.")
    if unknown:
        parts.append(f"Not known yet{cite(table)}: {joined([row.show('guest') for row in unknown], 12)}.")
    dragged = story.table("impact", "goes_too")
    if dragged:
        parts.append(f"Goes with them{cite(dragged)}:\n{bullet(_drags(row) for row in story.rows(dragged))}")
    unsaved = [row for row in down if not row.known("last_backup_at")]
    if unsaved:
        parts.append(f"Without any backup{cite(table)}: {joined([row.show('guest') for row in unsaved], 12)}.")
    parts.append(under_way(story, name))
    if story.question.action in ("reboot", "stop") or story.question.has("SAFE"):
        parts.append(
            f"Before you take it down on purpose, move what can be moved: `ha-manager crm-command node-maintenance "
            f"enable {name}` for guests under high availability, `qm migrate` for others. Whether to do it stays your "
            "decision."
        )
    parts.append(not_seen(story.gaps("impact", "tasks")))
    return "\n\n".join(filter(None, parts))


def _verdict_on(told: Row, running: int, down: int, whole: Evidence) -> str:
    name = told.show("node")
    if told.get("keeps_quorum") is False:
        votes = f"{told.show('votes_left')} of the {told.show('votes_needed')} votes that are needed would be left"
        return (
            f"If {name} fails now, the cluster loses its quorum{cite(whole)}: {votes}. Nothing starts elsewhere then."
        )
    quorum = f" The cluster keeps its quorum{cite(whole)}." if told.get("keeps_quorum") else ""
    if not running:
        return f"Nothing runs on {name}{cite(whole)}, so nothing stops with it.{quorum}"
    if not down:
        return f"If {name} fails now, all {running} running guests start again elsewhere{cite(whole)}.{quorum}"
    share = f"all {running}" if down == running else f"{down} of the {running}"
    return f"If {name} fails now, {share} guests that run on it stay down{cite(whole)}.{quorum}"


def _reasons(down: list[Row]) -> list[str]:
    """Guests under the reason that they share, those with a reason of their own first."""
    by_reason: dict[str, list[str]] = {}
    for row in down:
        by_reason.setdefault(row.show("because"), []).append(row.show("guest"))
    ordered = sorted(by_reason.items(), key=lambda item: len(item[1]))
    return [f"{joined(names, 20)}: {one_line(reason)}" for reason, names in ordered]


def _drags(row: Row) -> str:
    users = f"; disks there: {row.show('guests_with_disks_there')}" if row.known("guests_with_disks_there") else ""
    return f"{row.show('goes_too')}, served by {row.show('served_by')}{users}"
