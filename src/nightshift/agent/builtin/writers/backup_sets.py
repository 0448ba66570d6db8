"""What is told of the backups of all guests at once: the most copies, who is left out, who was saved since a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from nightshift.agent.builtin.story import Row, Story, bullet, cite, guest_name, plural, sentence
from nightshift.agent.builtin.writers.backup_asked import restore_tests
from nightshift.agent.builtin.writers.backup_verdict import LISTED, excluded_from, in_no_job, names_of
from nightshift.agent.builtin.writers.rhythm import rhythms
from nightshift.facts.evidence import Evidence
from nightshift.tools.backup_states import NONE_FOUND, UNKNOWN

NAMED = 5
_FEWEST = re.compile(r"\b(?:fewest|least)\b")


def _most_copies(story: Story, rows: Sequence[Row], table: Evidence) -> str:
    """`Which guest has the most backups?`"""
    few = bool(_FEWEST.search(story.question.text.lower()))
    known = sorted((row for row in rows if row.known("backups")), key=lambda row: row.number("backups") or 0.0)
    known = known if few else known[::-1]
    if not known:
        return f"How many backups are kept of each guest is not known{cite(table)}."
    lines = [f"{guest_name(row, 'guest')}: {row.show('backups')}" for row in known[:NAMED]]
    among = "" if table.complete else f"Of the {plural(len(rows), 'guest')} that I see: "
    told = sentence(f"{among}the {'fewest' if few else 'most'} backups are kept of {lines[0]}{cite(table)}")
    none = [row for row in rows if row.get("backup") == NONE_FOUND] if few else []
    without = f"None at all is found of {names_of(none)}{cite(table)}." if none else ""
    return "\n\n".join(filter(None, (told, without, bullet(lines[1:]))))


def _in_part(_story: Story, rows: Sequence[Row], table: Evidence) -> str:
    """Of whom some disk is in no backup, and which."""
    found = [row for row in rows if row.known("left_out")]
    if not found:
        return f"Of no guest that is saved a disk is known to be left out{cite(table)}."
    lines = bullet(f"{guest_name(row, 'guest')}: {row.show('left_out')}" for row in found)
    have = "has" if len(found) == 1 else "have"
    return f"{plural(len(found), 'guest')} {have} disks in no backup{cite(table)}:\n{lines}"


def _left_out(story: Story, rows: Sequence[Row], table: Evidence) -> str:
    """`Which guests are excluded?`: those left out on purpose; those that are in no job."""
    excluded, uncovered = excluded_from(rows), in_no_job(rows)
    head = f"{names_of(excluded)} {'is' if len(excluded) == 1 else 'are'} left out of the backups on purpose"
    jobs_known = table.complete and all(row.get("covered_by") != UNKNOWN for row in rows)
    nobody = f"No guest is {'' if jobs_known else 'seen to be '}left out of the backups on purpose"
    head = f"{head if excluded else nobody}{cite(table)}."
    if story.question.has("@in_no_job") and not uncovered and jobs_known:
        head = f"Every guest{' but those' if excluded else ''} is in an enabled job{cite(table)}. {head}"
    if uncovered:
        told = f"In no enabled job: {names_of(uncovered)}{cite(table)}."
        head = f"{told} {head}" if story.question.has("@in_no_job") else f"{head} {told}"
    why = [
        f"{guest_name(row, 'guest')}: {row.show('reason')}" for row in (*uncovered, *excluded) if row.known("reason")
    ]
    return f"{head}\n\n{bullet(why[:LISTED])}" if why else head


TOLD_OF_ALL: Mapping[str, Callable[[Story, Sequence[Row], Evidence], str]] = {
    "@most_copies": _most_copies, "@rhythm": rhythms, "@left_out": _in_part, "RESTORE_TEST": restore_tests,
    "@excluded": _left_out,
}  # fmt: skip
"""What is asked of the backups of all, and how it is told; the first that fits."""


def saved_since(story: Story, start: datetime, rows: Sequence[Row], table: Evidence) -> str:
    """`Which guests were not backed up last night?`: those whose newest backup is older, or that have none."""
    unknown = [row for row in rows if row.get("backup") == UNKNOWN]
    saved = [row for row in rows if _is_saved_since(row, start)]
    late = [row for row in rows if row.get("backup") != UNKNOWN and not _is_saved_since(row, start)]
    wanted, word = (late, "not saved") if story.question.has("LACK", "NOT") else (saved, "saved")
    since = f"since {story.time(start)}"
    of_all = plural(len(rows), "guest")
    lines = bullet(
        age_line(row) if row.known("last_backup_at") else f"{guest_name(row, 'guest')}: no backup" for row in late
    )
    if not wanted:
        head = f"None of {of_all} was {word} {since}" if word == "saved" else f"None: all {of_all} were saved {since}"
        head = f"{head}{cite(table)}." if not unknown else f"No guest is known to be {word} {since}{cite(table)}."
    else:
        head = f"{len(wanted)} of {of_all} {'was' if len(wanted) == 1 else 'were'} {word} {since}{cite(table)}."
    rest = f"Of {len(unknown)} it is not known: {names_of(unknown)}." if unknown else ""
    told = f"Not saved since then:\n{lines}" if late else ""
    return "\n\n".join(filter(None, (head, told, rest)))


def _is_saved_since(row: Row, start: datetime) -> bool:
    return row.known("last_backup_at") and datetime.fromisoformat(str(row.get("last_backup_at"))) >= start


def nodes_meant(story: Story) -> list[str]:
    """`Age of the newest copy of all on pve2`, `of what was on the dead node`: the nodes whose guests are meant, where
    it is not all."""
    named = [node.label for node in story.question.of_kind("node")]
    listed = story.table("inventory", "name", "online")
    away = (row.show("name") for row in (story.rows(listed) if listed else []) if row.get("online") is False)
    return named or list(away)


def few_names(rows: Sequence[Row]) -> str:
    return names_of(rows) if len(rows) <= NAMED else f"{', '.join(guest_name(row, 'guest') for row in rows[:NAMED])}, …"


def age_line(row: Row) -> str:
    return f"{guest_name(row, 'guest')}: {row.show('age_s')} ago, {row.show('last_backup_at')}, {row.show('where')}"
