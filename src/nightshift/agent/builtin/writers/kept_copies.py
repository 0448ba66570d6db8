"""What is asked of the copies that a datastore keeps, as the first line: the oldest, the largest, whether all were
verified."""

from __future__ import annotations

from collections.abc import Sequence

from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Row, Story, cite, joined, plural

LARGEST_SHOWN = 5


def asked_of_copies(story: Story, place: str) -> str:
    """Empty where nothing of this was asked, or where the copies were not read."""
    table = story.table("backups", "copies", "oldest_at")
    rows = story.rows(table) if table is not None else []
    question = story.question
    if table is None or not rows:
        return ""
    if question.has("OLDEST"):
        return _oldest(rows, place)  # those with the oldest copies are listed first, and never cut
    told, cut = "", table.total > table.shown
    if question.has("MOST", "LEAST") and question.has("SIZE", "FULL", "EATS"):
        told = _largest(rows, place, least=question.has("LEAST"))
    elif question.has("MOST", "LEAST") and question.has("COUNT", "BACKUP"):
        told = _most(rows, place, least=question.has("LEAST"))
    elif question.has("VERIFIED", "VERIFY", "PROVEN"):
        told = _verified(story, rows, place, cut=cut)
    unseen = f" I looked at {table.shown} of {table.total} groups of backups only{cite(table)}."
    return f"{told}{unseen}" if told and cut else told


def _name(row: Row) -> str:
    return row.show("owner") if row.known("owner") else row.show("group")


def _oldest(rows: Sequence[Row], place: str) -> str:
    first = min(rows, key=lambda row: str(row.get("oldest_at")))
    return f"The oldest backup in {place} is of {_name(first)}, {first.show('oldest_at')}{cite(first.evidence)}."


def _largest(rows: Sequence[Row], place: str, *, least: bool) -> str:
    known = sorted((row for row in rows if row.known("size_bytes")), key=lambda row: row.number("size_bytes") or 0.0)
    if not known:
        return ""
    ranked = known if least else known[::-1]
    next_ones = joined([f"{_name(row)} {row.show('size_bytes')}" for row in ranked[1:LARGEST_SHOWN]])
    rest = f" Then {next_ones}." if next_ones else ""
    word = "smallest" if least else "largest"
    size = f"{ranked[0].show('size_bytes')}{cite(ranked[0].evidence)}"
    return (
        f"The {word} backup in {place} is of {_name(ranked[0])}: {size}, by the size of its disks; what it takes of "
        f"the datastore is less, since equal data is stored once.{rest}"
    )


def _most(rows: Sequence[Row], place: str, *, least: bool) -> str:
    ranked = sorted(rows, key=lambda row: (1 if least else -1) * (row.number("copies") or 0.0))
    word = "fewest" if least else "most"
    return f"{_name(ranked[0])} has the {word} backups in {place}: {ranked[0].show('copies')}{cite(rows[0].evidence)}."


def _verified(story: Story, rows: Sequence[Row], place: str, *, cut: bool) -> str:
    failed = [row for row in rows if row.number("failed_copies")]
    never = sum(int(row.number("never_verified_copies") or 0) for row in rows)
    all_of_them = sum(int(row.number("copies") or 0) for row in rows)
    good = sum(int(row.number("verified_copies") or 0) for row in rows)
    asks = wants_yes_or_no(story.question.text)
    denied = story.question.has("LACK", "NOT", "FAIL", "WRONG")
    well = not failed and not never
    word = yes_or_no(well != denied) if asks and not (well and cut) else ""
    told = [f"{good} of {plural(all_of_them, 'backup')} in {place} were verified and are readable"]
    if failed:
        names = joined([f"{_name(row)} ({row.show('failed_copies')}, the newest of {row.show('failed_at')})"
                        for row in failed])  # fmt: skip
        told.insert(0, f"copies of {names} failed their verification")
    if never:
        told.append(f"{never} were not verified yet")
    return f"{word}{'; '.join(told)}{cite(rows[0].evidence)}."
