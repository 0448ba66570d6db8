"""Answers about backup jobs: which there are, which are off, when the next one runs."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.sentences.forms import denies, wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line, plural
from nightshift.agent.builtin.writers.findings import entity_rows, graded, serious_causes
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.lines import summary_line
from nightshift.facts.evidence import Evidence
from nightshift.facts.ids import Entity

MOST_AGAINST = 5
MOST_DUE = 12
_WHOSE = "Who changed a job, when and what for I cannot tell: of that PVE keeps nothing that I read."
_NUMBER = re.compile(r"\b\d+\b")


def backup_jobs(story: Story) -> str:
    """The jobs that were named, all when none was; what was asked of them first."""
    table = story.table("inventory", "schedule", "enabled")
    others = [_other(story, row) for row in entity_rows(story)]
    if others and table is None:
        return "\n\n".join(filter(None, (*others, not_seen(story.gaps()))))
    if table is None or table.kind == "none":
        return "\n\n".join(filter(None, ("The backup jobs could not be read.", not_seen(story.gaps()))))
    keys = {entity.key.rpartition("/")[2] for entity in story.question.of_kind("job")}
    rows = [row for row in story.rows(table) if not keys or row.get("id") in keys]
    places = story.question.of_kind("storage", "datastore")
    there = [row for row in rows if any(_saves_to(row, place) for place in places)]
    if places and not there:
        none = _none_saves_to(places, "None of the jobs that were named" if keys else "No backup job", table)
        return "\n\n".join(filter(None, (none, *others, not_seen(story.gaps()))))
    saving = _saving(story, rows)
    rows = there or saving or rows
    if story.question.has("@ahead"):
        return "\n\n".join(filter(None, (_due(story, rows), not_seen(story.gaps()))))
    head = _of_one(story, rows[0]) if len(rows) == 1 and (keys or there or saving) else _head(story, rows, table)
    lines = bullet(map(_line, rows))
    if keys and not rows:
        head = f"None of the backup jobs that I see is meant{cite(table)}"
    text = f"{head[0].upper()}{head[1:]}:\n{lines}" if rows else f"{head}."
    first = _WHOSE if story.question.has("CULPRIT", "ASKS_WHO", "INTENDED", "@who_did") else _ahead(story)
    if not (first or saving) and story.question.has("COUNT") and (keys or story.question.has("GUEST", "VM", "CT")):
        first = " ".join(_so_many(row) for row in rows if row.known("count"))
    return "\n\n".join(filter(None, (first, text, *others, not_seen(story.gaps()))))


def _due(story: Story, jobs: Sequence[Row]) -> str:
    """What runs next by the schedules of PVE's backups and of the backup servers, in order of time."""
    due = [(row, f"backup job {_name(row)}") for row in jobs if row.get("enabled")]
    for item in story.evidence("subsystem"):
        what = item.title.lower().removesuffix(" jobs")
        due += [(row, f"{what} of {row.show('datastore')}") for row in story.rows(item) if row.known("datastore")]
    known = sorted(
        (pair for pair in due if pair[0].known("next_run_at")), key=lambda pair: str(pair[0].get("next_run_at"))
    )
    if not known:
        return "What runs next is not told by any schedule that I read."
    first, *others = [f"{row.show('next_run_at')}: {what}{cite(row.evidence)}" for row, what in known[:MOST_DUE]]
    then = f"\n\nThen:\n{bullet(others)}" if others else ""
    return f"Next by the schedules of backups and backup servers: {first}.{then}"


def _saves_to(row: Row, place: Entity) -> bool:
    """A job names a storage; that of a datastore is mostly called after it: `pbs-tank`."""
    storage, name = str(row.get("storage")), place.key.rpartition("/")[2]
    return storage == name if place.kind == "storage" else storage.endswith(name)


def _none_saves_to(places: Sequence[Entity], which: str, table: Evidence) -> str:
    named = joined(sorted({one_line(place.key.rpartition("/")[2]) for place in places}))
    if all(place.kind == "storage" for place in places):
        return f"{which} saves to {named}{cite(table)}."
    return (
        f"{which} saves to a storage called {named}{cite(table)}; whether one of another name lies in that datastore "
        "the jobs do not tell."
    )


def _saving(story: Story, rows: Sequence[Row]) -> list[Row]:
    """The jobs that select a guest that was named."""
    ids = {entity.key.rpartition("/")[2] for entity in story.question.of_kind("guest")}
    return [row for row in rows if _selects(str(row.get("guests")), ids)]


def _selects(guests: str, ids: Set[str]) -> bool:
    """Of `100, 104`, `all except 105`, `pool media: 112, 134`."""
    numbers = set(_NUMBER.findall(guests.rpartition(": ")[2]))
    return bool(ids - numbers if guests.startswith("all") else ids & numbers)


def _so_many(job: Row) -> str:
    return f"{_name(job)} saves {plural(int(job.number('count') or 0), 'guest')}{cite(job.evidence)}."


def _ahead(story: Story) -> str:
    """What speaks against the next runs, which is all that can be known of them."""
    if not story.question.has("@backups_ahead"):
        return ""
    kinds = ("datastore", "storage", "job", "guest")
    found = [f for f in serious_causes(story.findings("health")) if f.entity.kind in kinds]
    table = story.table("health", "finding", "remedy")
    lines = [graded(f) for f in found[:MOST_AGAINST]]
    if lines:
        return f"Whether they will succeed nobody knows; this speaks against it{cite(table)}:\n{bullet(lines)}"
    return f"Whether they will succeed nobody knows; I see nothing that speaks against it{cite(table)}."


_ENABLED = re.compile(r"\b(?:enabled|active|activated|switched on|turned on)\b", re.IGNORECASE)


def _asked_on(question: Question) -> bool:
    """`Are all jobs enabled?`, but not `is any job not enabled?`"""
    return question.has("ENABLED") and not denies(question.text, _ENABLED)


def _other(story: Story, row: Row) -> str:
    """A job of a backup server or of replication, as it is known."""
    on = row.get("enabled")
    asked_on = _asked_on(story.question)
    asked = story.question.has("ENABLED") != story.question.has("STOPPED", "DOWN")
    asked = asked and wants_yes_or_no(story.question.text)
    verdict = yes_or_no(on == asked_on) if asked and isinstance(on, bool) else ""
    return f"{verdict}{summary_line(row)}"


def _name(row: Row) -> str:
    return row.show("comment") if row.known("comment") else row.show("id")


def _line(row: Row) -> str:
    state = f"next run {row.show('next_run_at')}" if row.get("enabled") else "DISABLED"
    return f"{_name(row)}: {row.show('schedule')}, to {row.show('storage')}, guests {row.show('guests')}; {state}"


def _head(story: Story, rows: Sequence[Row], table: Evidence) -> str:
    question = story.question
    if question.has("@when_next"):
        return _next_run(rows, table)
    off = [_name(row) for row in rows if not row.get("enabled")]
    asked_on = _asked_on(question)
    if rows and question.has("ENABLED", "STOPPED", "DOWN"):
        verdict = yes_or_no((not off) == asked_on) if wants_yes_or_no(question.text) else ""
        if asked_on and not off:
            return f"{verdict}All {plural(len(rows), 'backup job')} {_are(len(rows))} enabled{cite(table)}"
        named = f" ({joined(off)})" if off else ""
        of_all = f"of {plural(len(rows), 'backup job')}"
        told = f"{len(off) or 'None'} {of_all} {_are(len(off) or 1)} disabled{named}"
        if asked_on and not verdict:
            on = len(rows) - len(off)
            told = f"{on} {of_all} {_are(on)} enabled, {len(off)} disabled{named}"
        return f"{verdict}{told}{cite(table)}"
    if question.has("NEXT", "LAST"):
        return _next_run(rows, table)
    return f"There {_are(len(rows))} {plural(len(rows), 'backup job')}{cite(table)}"


def _of_one(story: Story, row: Row) -> str:
    """Whether the one job that was meant runs, and when next."""
    question, on = story.question, bool(row.get("enabled"))
    asked = question.has("ENABLED", "STOPPED", "DOWN", "RUNNING", "IN_USE") and wants_yes_or_no(question.text)
    off = question.has("STOPPED", "DOWN") or (question.has("ENABLED") and not _asked_on(question))
    verdict = yes_or_no(on != off) if asked else ""
    if not on:
        return f"{verdict}the job {_name(row)} is disabled, so it does not run{cite(row.evidence)}"
    when = (
        f"its next run is {row.show('next_run_at')}" if row.known("next_run_at") else "PVE does not tell its next run"
    )
    return f"{verdict}the job {_name(row)} is enabled, {when}{cite(row.evidence)}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _next_run(rows: Sequence[Row], table: Evidence) -> str:
    """Which enabled job runs next, and when."""
    due = sorted((row for row in rows if row.get("enabled") and row.known("next_run_at")),
                 key=lambda row: str(row.get("next_run_at")))  # fmt: skip
    if not due:
        off = "the job is disabled" if rows and not any(row.get("enabled") for row in rows) else "PVE does not tell it"
        return f"When the next backup runs is not known, {off}{cite(table)}"
    return f"The next backup: {due[0].show('next_run_at')}, job {_name(due[0])}{cite(table)}"
