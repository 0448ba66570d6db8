"""Answers from one list of the inventory: what there is, whether it is well, and what is found about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.steps.subjects import Subject, subject_of
from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line, plural
from nightshift.agent.builtin.writers.findings import graded
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.having import cut_list, having_setting
from nightshift.facts.evidence import Evidence

LISTED = 15
FOUND = 3
NEXT_TO_IT = 5
# Questions for yes or no about a column: those with it, those without it, those of whom it is not known.
_FLAGS = (
    ("ENCRYPTED", "encrypted"), ("VERIFY", "verified"), ("AGENT", "agent"), ("AUTOSTART", "onboot"),
    ("PROTECTION", "protected"),
)  # fmt: skip
# What some have and others have not.
_HAVE = (("DEVICES", "devices", "passed-through devices"), ("NOTES", "notes", "notes"))
_SAID = {"encrypted": "encrypted", "verified": "verified", "agent": "set to use the guest agent",
         "onboot": "set to start at boot", "protected": "protected from deletion"}  # fmt: skip


def inspect(story: Story) -> str:
    subject = subject_of(story.question)
    table = next((item for item in story.evidence("inventory") if item.kind == "rows"), None)
    gaps = not_seen(dict.fromkeys((*story.gaps("inventory"), *(table.gaps if table else ()))))
    if table is None:
        absent = f"The {subject.nouns} could not be read." if gaps else f"No {subject.noun} is known here."
        note = next(iter(story.notes("inventory")), absent)
        return "\n\n".join(filter(None, (note, gaps)))
    rows = _chosen(story.question, story.rows(table), story.now)
    parts = [_head(story, subject, table, rows), *story.notes("inventory"), _found(story, subject), gaps]
    return "\n\n".join(filter(None, parts))


def _figure(row: Row, dimension: str, now: datetime) -> float | None:
    """What a bound is about: the size, or the age of the copy."""
    if dimension == "bytes":
        return row.number("size_bytes")
    taken_at = row.get("taken_at")
    return (
        (now - datetime.fromisoformat(str(taken_at))).total_seconds() if dimension == "seconds" and taken_at else None
    )


def _chosen(question: Question, rows: Sequence[Row], now: datetime) -> list[Row]:
    """In the order that was asked for, beyond the bound that was asked for."""
    chosen = list(rows)
    if question.bound is not None:
        figures = ((row, _figure(row, question.bound.dimension, now)) for row in rows)
        chosen = [row for row, figure in figures if figure is not None and question.bound.holds(figure)]
    if question.has("MOST", "LEAST") and any("size_bytes" in row.evidence.columns for row in chosen):
        chosen = [row for row in chosen if row.number("size_bytes") is not None]
        chosen.sort(key=lambda row: (1 if question.has("LEAST") else -1) * (row.number("size_bytes") or 0.0))
    return chosen


def _head(story: Story, subject: Subject, table: Evidence, rows: Sequence[Row]) -> str:
    about = joined([entity.label.split(" (")[0] for entity in story.question.of_kind("guest", "node")])
    of = f" of {about}" if about else ""
    if not rows:
        known = "fits what you ask for" if table.rows else "is known"
        return f"No {subject.noun}{of} {known}{cite(table)}."
    told = _of_the_set(story, subject, table, rows)
    if told:
        return told
    flag = next((column for concept, column in _FLAGS if story.question.has(concept)), "")
    if flag and flag in table.columns:
        return _by_flag(story, subject, table, rows, flag)
    if story.question.has("BOOT_ORDER") and "startup" in table.columns:
        return _by_order(story, subject, rows)
    have = next(((column, noun) for concept, column, noun in _HAVE if story.question.has(concept)), None)
    if have is not None and have[0] in table.columns:
        return _having(story, subject, rows, *have)
    if subject.is_well is None:
        count = plural(len(rows), subject.noun, subject.nouns)
        verb = "is" if len(rows) == 1 else "are"
        return _listed(subject, f"There {verb} {count}{of}{cite(table)}", rows)
    ill = [row for row in rows if subject.is_well(row) is False]
    unknown = [row for row in rows if subject.is_well(row) is None]
    count = plural(len(rows), subject.noun, subject.nouns) if len(rows) > 1 else f"the {subject.noun}"
    if len(unknown) == len(rows):
        head = f"Whether {count}{of} {'is' if len(rows) == 1 else 'are'} {subject.well} is not known"
    elif len(rows) == 1:
        head = f"The {subject.noun}{of} is {'not ' if ill else ''}{subject.well}"
    elif ill:
        head = f"{len(ill)} of {count}{of} {'is' if len(ill) == 1 else 'are'} not {subject.well}"
    elif unknown:
        well = len(rows) - len(unknown)
        head = f"{well} of {count}{of} {'is' if well == 1 else 'are'} {subject.well}"
    else:
        head = f"All {count}{of} are {subject.well}"
    more = f"; of {len(unknown)} it is not known" if 0 < len(unknown) < len(rows) else ""
    first = [*ill, *unknown]
    return _listed(subject, f"{head}{cite(table)}{more}", [*first, *(row for row in rows if row not in first)])


def _of_the_set(story: Story, subject: Subject, table: Evidence, rows: Sequence[Row]) -> str:
    """The newest guest, those with a setting, the largest backup; empty where none of it is asked for."""
    question = story.question
    if question.has("@guest_age") and "created_at" in table.columns:
        return _by_age(story, subject, rows)
    if question.has("MOST", "LEAST") and rows[0].known("size_bytes"):
        of_guests = [row for row in rows if row.known("vmid")] if question.has("GUEST", "VM", "CT") else list(rows)
        first, *others = of_guests or rows
        head = f"The {'smallest' if question.has('LEAST') else 'largest'}: {_line(subject, first)}{cite(table)}."
        return _listed(subject, f"{head} Next to it", others[:NEXT_TO_IT]) if others else head
    return having_setting(story, table, rows) if question.has("@setting_of_all") else ""


def _by_flag(story: Story, subject: Subject, table: Evidence, rows: Sequence[Row], flag: str) -> str:
    """Those with it and those without it; the ones that were asked for are named."""
    if len(rows) == 1:
        holds = "is" if rows[0].get(flag) else "is not"
        state = f"{holds if rows[0].known(flag) else 'may be or not be'} {_SAID[flag]}"
        return f"{_name(subject, rows[0])} {state}{cite(table)}: {_line(subject, rows[0])}."
    yes, no = [row for row in rows if row.get(flag) is True], [row for row in rows if row.get(flag) is False]
    unknown = len(rows) - len(yes) - len(no)
    lacking = story.question.has("LACK", "STOPPED", "NOT")
    head = f"{len(yes)} of {plural(len(rows), subject.noun, subject.nouns)} {'is' if len(yes) == 1 else 'are'}"
    head += f" {_SAID[flag]}{cite(table)}, {len(no)} {'is' if len(no) == 1 else 'are'} not"
    head += f"; of {unknown} it is not known" if unknown else ""
    named = rows if len(rows) <= 2 else (no if lacking or len(no) <= len(yes) else yes)
    title = "" if len(rows) <= 2 else ("\n\nNot:" if named is no else "")
    if not named:
        return f"{head}."
    return _listed(subject, f"{head}.{title}" if title else head, named)


_PLACE = re.compile(r"\border[ =]*(\d+)")
_ASKED_PLACE = re.compile(r"(?:\border|\bposition|\bplace|\bnumber)[ =]*(\d+)|\b(first)\b")


_ELDEST = re.compile(r"\b(?:oldest|eldest|first)\b")


def _by_age(story: Story, subject: Subject, rows: Sequence[Row]) -> str:
    """`Which guest is the newest?`: of those whose configuration tells when they were made."""
    known = sorted((row for row in rows if row.known("created_at")), key=lambda row: str(row.get("created_at")))
    untold = len(rows) - len(known)
    rest = f"Of {plural(untold, 'guest')} no configuration tells when they were made" if untold else ""
    if not known:
        return f"I cannot tell: {rest[0].lower()}{rest[1:]}{cite(rows[0].evidence)}."
    eldest = bool(_ELDEST.search(story.question.text.lower()))
    known = known if eldest else known[::-1]
    word = "oldest" if eldest else "newest"
    head = f"The {word} guest whose making is known is {_line(subject, known[0])}{cite(rows[0].evidence)}"
    listed = _listed(subject, f"{head}. Next to it", known[1:NEXT_TO_IT]) if known[1:] else f"{head}."
    return f"{listed}\n\n{rest}{cite(rows[0].evidence)}." if rest else listed


def _by_order(story: Story, subject: Subject, rows: Sequence[Row]) -> str:
    """Guests in the order in which their node starts them; those of one place where one was asked for."""
    placed = [(int(place[1]), row) for row in rows if (place := _PLACE.search(str(row.get("startup"))))]
    placed.sort(key=lambda pair: pair[0])
    asked = _ASKED_PLACE.search(story.question.text.lower())
    if not placed:
        return f"No guest that was read has a place in the boot order{cite(rows[0].evidence)}."
    if asked is None:
        head = f"{plural(len(placed), 'guest')} {'has' if len(placed) == 1 else 'have'} a place in the boot order"
        return _listed(subject, f"{head}{cite(rows[0].evidence)}", [row for _, row in placed])
    wanted = placed[0][0] if asked[2] else int(asked[1])
    found = [row for place, row in placed if place == wanted]
    if not found:
        return f"No guest that was read has order={wanted}{cite(rows[0].evidence)}."
    head = f"{plural(len(found), 'guest')} with order={wanted}{cite(rows[0].evidence)}"
    return _listed(subject, head, found)


def _having(story: Story, subject: Subject, rows: Sequence[Row], column: str, noun: str) -> str:
    """`Which guests have a USB device?`: those where the column has something, or those where it has not."""
    lacking = story.question.has("LACK", "NOT")
    found = [row for row in rows if row.known(column) != lacking]
    head = f"{len(found) or 'None'} of {plural(len(rows), subject.noun, subject.nouns)} "
    head += f"{'has' if len(found) < 2 else 'have'} {'no ' if lacking else ''}{noun}{cite(rows[0].evidence)}"
    return _listed(subject, head, found) if found else f"{head}."


def _listed(subject: Subject, head: str, rows: Sequence[Row]) -> str:
    return cut_list(head.removesuffix(":"), [_line(subject, row) for row in rows], LISTED)


def _line(subject: Subject, row: Row) -> str:
    facts = [words.format(row.show(column)) for column, words in subject.lines if row.known(column)]
    return f"{_name(subject, row)}: {', '.join(facts)}" if facts else _name(subject, row)


def _name(subject: Subject, row: Row) -> str:
    return next((row.show(column) for column in subject.named if row.known(column)), "–")


def _found(story: Story, subject: Subject) -> str:
    """What the checks found about it; what is only worth knowing too, since it was asked for."""
    table = story.table("health", "finding", "remedy")
    found = [f for f in story.findings("health") if f.check.startswith(subject.checks)] if subject.checks else []
    wanted = {entity.key for entity in story.question.of_kind("guest", "node")}
    found = [finding for finding in found if not wanted or finding.entity.key in wanted] or found[:0]
    lines = [f"{graded(f)}. {one_line(f.detail)}" for f in found[:FOUND]]
    return f"Found about it{cite(table)}:\n{bullet(lines)}" if lines else ""
