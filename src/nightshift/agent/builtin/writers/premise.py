"""What a question takes for granted and is not so: `why is tank full?` where it is not."""

from __future__ import annotations

from nightshift.agent.builtin.story import Row, Story, cite
from nightshift.agent.builtin.writers.findings import entity_rows

NEARLY_FULL = 0.8


def false_premise(story: Story) -> str:
    """The sentence that corrects it; empty where it holds, is of the past, or cannot be judged."""
    question = story.question
    if question.span is not None or question.has("IF", "LATER", "WILL", "REBOOT", "BACKUP", "METRIC", "TARGET"):
        return ""
    rows = [row for row in entity_rows(story) if row.get("key") in {entity.key for entity in question.entities}]
    return "\n".join(filter(None, (_corrected(story, row) for row in rows)))


def _corrected(story: Story, row: Row) -> str:
    question, name = story.question, row.show("name")
    if question.has("DOWN", "STOPPED"):
        if row.get("online") is True or row.get("status") == "running":
            state = "online" if row.get("online") is True else "running"
            return f"{name} is not down: it is {state}, up for {row.show('uptime_s')}{cite(row.evidence)}."
        return ""
    if question.has("FULL"):
        used = row.number("used_fraction")
        if used is not None and used < NEARLY_FULL:
            return f"{name} is not full: {row.show('used_fraction')} of it is used{cite(row.evidence)}."
        return ""
    if question.has("LOCK") and "lock" in row.evidence.columns and row.get("status") in ("running", "stopped"):
        return "" if row.known("lock") else f"{name} is not locked{cite(row.evidence)}."
    if question.has("RUNNING") and row.get("status") == "stopped":
        return f"{name} does not run: it is stopped{cite(row.evidence)}."
    return ""
