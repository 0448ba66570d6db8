"""Which guests no replication job copies."""

from __future__ import annotations

from nightshift.agent.builtin.story import Story, cite, guest_name, joined, plural

GUESTS_NAMED = 20


def unreplicated(story: Story) -> str:
    """`Which guests have no replica?`: those that no replication job copies."""
    guests = story.table("inventory", "vmid", "tags")
    jobs = next((item for item in story.evidence("subsystem") if {"job", "guest"} <= set(item.columns)), None)
    if not story.question.has("@unreplicated") or guests is None or jobs is None:
        return ""
    copied = {row.show("guest") for row in story.rows(jobs)}
    rows = [row for row in story.rows(guests) if row.get("status") != "template"]
    without = [guest_name(row) for row in rows if guest_name(row) not in copied]
    if not without:
        return f"None of {plural(len(rows), 'guest')} is without a replication job{cite(guests, jobs)}."
    head = f"{len(without)} of {plural(len(rows), 'guest')} {'is' if len(without) == 1 else 'are'} copied by no"
    seen = "" if guests.complete and jobs.complete else " that I see"
    return f"{head} replication job{seen}{cite(guests, jobs)}: {joined(without, GUESTS_NAMED)}."
