"""What would go with a disk: nothing while the rest of its group bears it, else all that lies on its pool."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.story import Row, Story, cite, joined, one_line
from nightshift.agent.builtin.writers.which_disks import is_ill, of_the_pool
from nightshift.facts.evidence import Evidence

NAMED = 4
# How many of its disks a group bears to lose; a disk of no group bears none.
_BORNE = {"": 0, "raidz1": 1, "raidz": 1, "raidz2": 2, "raidz3": 3}
_Place = tuple[object, object, object]


def disk_lost(story: Story, meant: Sequence[Row], table: Evidence) -> str:
    """Of the disk that is named, else of any one of each group of the pools that are meant; of a pool that lacks one
    already of what is left."""
    seen = story.rows(table)
    every = seen if len(meant) == 1 else of_the_pool(story.question, seen)
    one = meant if len(meant) == 1 else []
    groups: dict[_Place, list[Row]] = {}
    for row in every:
        if row.known("pool"):
            groups.setdefault(_place(row), []).append(row)
    if one and not one[0].known("pool"):
        return _in_no_pool(one, table)
    ill = {place for place, rows in groups.items() if any(map(is_ill, rows))}
    wanted = [_place(row) for row in one] or list(ill or groups)
    gone = one or (every if _SEVERAL.search(story.question.text.lower()) else [])
    lines = [_of_group(groups[place], [row for row in gone if _place(row) == place], table) for place in wanted]
    loose = [] if gone or ill else [row for row in every if not row.known("pool")]
    lines += [_in_no_pool(loose, table)] if loose else []
    return "\n".join(lines) or f"Of no disk that I see it is known what lies on it{cite(table)}."


_SEVERAL = re.compile(r"\b(?:both|all|two|every)\b")


def _place(row: Row) -> _Place:
    return row.get("node"), row.get("pool"), row.get("pool_group")


def _of_group(rows: list[Row], lost: list[Row], table: Evidence) -> str:
    """`lost` are those that are supposed to go; one of them, whichever, where none is named."""
    pool, group = f"{rows[0].show('pool')} on {rows[0].show('node')}", str(rows[0].get("pool_group") or "")
    kind = group.rpartition("-")[0] or group
    going = {row.get("key") for row in lost}
    left = [row for row in rows if not is_ill(row) and row.get("key") not in going]
    borne = len(rows) - 1 if kind == "mirror" else _BORNE.get(kind)
    before = sum(map(is_ill, rows))
    gone = len(rows) - len(left) + (not lost)
    names = joined([_disk(row) for row in (lost or left or rows)], NAMED)
    whose = names if lost or len(left) == 1 else f"one of {names}"
    if borne is None:  # `cache`, `spares`, `logs`, dRAID
        return f"What {pool} loses with {whose} I cannot tell: what {group} bears I do not know{cite(table)}."
    if gone > borne:
        why = f"{group} has lost a disk already" if before else f"{group or 'it'} does not bear that"
        return f"With {whose} all of {pool} is lost, {why}{cite(table)}: what lies on it is in its backups alone then."
    keeps = joined([_disk(row) for row in left], NAMED) if lost else "the rest"
    more = "the next one would take the whole pool with it" if gone == borne else "it would bear another one"
    return (
        f"{pool} survives the loss of {whose}: it is in {group}, and {keeps} still has the data{cite(table)}. The "
        f"pool is degraded then, no guest stops and nothing is lost; {more}, so replace it soon."
    )


def _disk(row: Row) -> str:
    return f"{one_line(row.show('disk'))} ({row.show('path')}, serial {row.show('serial')})"


def _in_no_pool(rows: Sequence[Row], table: Evidence) -> str:
    """A mirror that hardware makes, or a guest of the disks that are handed to it, is not seen."""
    unread = [row for row in rows if row.get("used_for") == "ZFS"]
    if unread:
        these = joined([f"{_disk(row)} on {row.show('node')}" for row in unread], 2 * NAMED)
        return (
            f"I cannot tell: which pool {these} is in, and with which others, is not told by what I read{cite(table)}."
        )
    named = [f"{_disk(row)} on {row.show('node')}{_use(row)}" for row in rows]
    them = "it" if len(rows) == 1 else "them"
    return (
        f"In no ZFS pool that I read: {joined(named, 2 * NAMED)}{cite(table)}. What is on {them} is lost with {them}, "
        "as far as I can see; a mirror made by hardware or inside a guest I would not see."
    )


def _use(row: Row) -> str:
    return f", used for {row.show('used_for')}" if row.known("used_for") else ""
