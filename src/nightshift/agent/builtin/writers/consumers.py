"""What takes the space of a storage: by guest first, then the volumes, and what of it could go."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line, plural, sentence
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.storage import storage
from nightshift.facts.evidence import Evidence
from nightshift.tools.volumes import DETACHED, NO_OWNER

SHOWN = 8
_GIVEN = re.compile(r"\b(?:over-?\w+|provisioned|promised)\b", re.IGNORECASE)
GUESTS_NAMED = 40


def consumers(story: Story) -> str:
    """Table by table: each node has a storage of its own under the same name."""
    tables = [item for item in story.evidence("volumes") if not item.rows or "volume" in item.columns]
    if not tables:
        return storage(story)
    if story.question.has("ORPHAN"):
        tables.sort(key=lambda table: not _unused(story.rows(table)))
    else:  # `which guest has the biggest disk on local-zfs?`: of those of all nodes
        tables.sort(key=lambda table: -_most_of_one(story, table))
    parts = [_given(story), *(_one(story, table) for table in tables)]
    return "\n\n".join(filter(None, (*parts, not_seen(story.gaps("volumes")))))


def _given(story: Story) -> str:
    """`Is the thin pool overcommitted?`: the sizes of all volumes against what the storage has."""
    if not _GIVEN.search(story.question.text):
        return ""
    told = [
        f"{row.show('size_bytes')} are given to volumes in {row.show('storage')}, {row.show('given_fraction')} of the "
        f"{row.show('storage_bytes')} that it has{cite(table)}"
        for table in story.evidence("volumes")
        if "given_fraction" in table.columns
        for row in story.rows(table)
        if row.known("given_fraction")
    ]
    return sentence("; ".join(told))


def _owners(story: Story, volumes: Evidence) -> list[Row]:
    """Who has something in it, who takes most first."""
    title = f"Who has something in {volumes.title.removeprefix('What lies in ')}"
    table = next((item for item in story.evidence("volumes") if item.title == title), None)
    return story.rows(table) if table is not None else []


def _most_of_one(story: Story, volumes: Evidence) -> float:
    return max((row.number("takes_bytes") or 0.0 for row in _owners(story, volumes)), default=0.0)


def _one(story: Story, table: Evidence) -> str:
    where = table.title.removeprefix("What lies in ")
    if table.kind == "none":
        return f"The contents of {where} could not be read{cite(table)}."
    rows = story.rows(table)
    if not rows:
        return f"Nothing that I may see lies in {where}{cite(table)}."
    head = f"1 volume lies in {where}" if len(rows) == 1 else f"{table.total} volumes lie in {where}, the largest first"
    lines = [_line(row) for row in rows[:SHOWN]]
    text = f"{_by_owner(story, where, table)}{head}{cite(table)}:\n{bullet(lines)}"
    if not any(row.number("takes_bytes") != row.number("size_bytes") for row in rows):
        text += "\n\nThese are their sizes: PVE does not tell here how much of each is really used."
    loose = _unused(rows)
    if story.question.has("ORPHAN"):
        return f"{_loose(where, loose, table)}\n\n{text}"
    if loose:
        text += f"\n\nNobody uses{cite(table)}: {'; '.join(_line(row) for row in loose[:SHOWN])}."
    return text


def _by_owner(story: Story, where: str, volumes: Evidence) -> str:
    """Who takes most of it, and, where guests were asked for, all who have something there."""
    rows = _owners(story, volumes)
    if not rows or story.question.has("ORPHAN"):
        return ""
    most, count = rows[0], int(rows[0].number("volumes") or 0)
    text = f"{most.show('owner')} takes the most of {where}: {most.show('takes_bytes')} in {plural(count, 'volume')}"
    text += f"{cite(most.evidence)}."
    if story.question.has("GUEST", "VM", "CT", "@lies_on"):
        names = joined([row.show("owner") for row in rows], GUESTS_NAMED)
        text += f" {plural(len(rows), 'guest')} with something there: {names}."
    return f"{text}\n\n"


def _unused(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.get("use") in (DETACHED, NO_OWNER)]


def _loose(where: str, loose: Sequence[Row], table: Evidence) -> str:
    """What nobody uses, and that this is no leave to delete it."""
    if not loose:
        return f"In {where} there is no volume that nobody uses{cite(table)}."
    them = "it" if len(loose) == 1 else "them"
    lines = bullet(_line(row) for row in loose[:SHOWN])
    return (
        f"{plural(len(loose), 'volume')} in {where} that nobody uses{cite(table)}:\n{lines}\n\n"
        f"Look into {them} before you delete {them}: what nobody uses may still be the only copy of its data."
    )


def _line(row: Row) -> str:
    owner = f" of {row.show('owner')}" if row.known("owner") else ""
    use = f", {row.show('use')}" if row.get("use") in (DETACHED, NO_OWNER) else ""
    limit = row.show("size_bytes")
    size = row.show("takes_bytes")
    may = f" (may grow to {limit})" if limit != size and row.known("size_bytes") else ""
    return f"{one_line(row.show('volume'))}{owner}: {size}{may}{use}"
