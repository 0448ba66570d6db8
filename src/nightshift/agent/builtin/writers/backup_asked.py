"""What is asked of one guest's backups, as the first line: how many are kept and how far back they go, whether the
newest is encrypted or verified, how large it is, when the next one is made, what would be lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Row, Story, cite, guest_name, joined
from nightshift.agent.builtin.words.attributes import OF_A_BACKUP, asked
from nightshift.agent.builtin.writers.attributes import attribute_lines
from nightshift.agent.builtin.writers.rhythm import rhythm_of
from nightshift.facts.evidence import Evidence
from nightshift.facts.units import format_duration
from nightshift.tools.backup_states import FOUND, UNKNOWN

_LEFT_OUT = re.compile(r"\b(?:missing|left out|leaves? out|excluded?|skip(?:s|ped)?)\b", re.IGNORECASE)
_INCLUDED = re.compile(
    r"\b(?:includ\w+|in(?:to)? (?:the|its|a|any|our) (?:\w+ )?backups?|cover\w*|contain\w*|back(?:ed|s)? up|saved?|"
    r"part of)\b",
    re.IGNORECASE,
)
_SLOT = re.compile(r"\b(?:scsi|virtio|sata|ide|mp)\d+\b|\brootfs\b")
# A yes or a no about the newest backup: the concept, the column, what is so and what is not.
_FLAGS = (("ENCRYPTED", "encrypted", (True, "yes"), "encrypted"), ("VERIFIED", "verified", ("yes",), "verified"))


def asked_first(story: Story, row: Row, name: str) -> str:
    """One thing about it that was asked for; empty when nothing was."""
    question = story.question
    verdict = _verdict_first(story, row, name) if wants_yes_or_no(question.text) else ""
    copies = _copies(story, row)
    if question.has("@loss") and question.intent == "backups":
        return loss(story, row)
    if question.has("OLDEST"):
        return _oldest(story, row, copies, name)
    if question.has("COUNT") and row.known("backups"):
        return f"{row.show('backups')} backups of {name} are kept, in {row.show('where')}{cite(row.evidence)}."
    if question.has("NEXT"):
        if row.known("next_run_at"):
            job = f"job {row.show('covered_by')}{cite(row.evidence)}"
            return f"The next backup of {name}: {row.show('next_run_at')}, {job}."
        return f"When {name} is backed up next is not known{cite(row.evidence)}."
    if question.has("@rhythm"):
        return rhythm_of(row, name)
    if question.has("RESTORE_TEST"):
        return _tested(row, name)
    if question.has("@left_out") or (verdict and question.has("EXCLUDED")):
        return _whole(story, row, name)
    wanted = asked(question.concepts, OF_A_BACKUP)
    if not wanted:
        return verdict
    if not copies:
        nouns = joined([attribute.noun for attribute in wanted])
        return f"The {nouns} of the newest backup of {name}: not known, I see no backup of it{cite(row.evidence)}."
    return _flag(story, copies[0], name) or attribute_lines(copies[0], wanted, f"the newest backup of {name}")


def _whole(story: Story, row: Row, name: str) -> str:
    """Which of its disks are in no backup. None known is a yes only as far as it was read what jobs leave out."""
    if row.get("backup") != FOUND:
        return "" if row.get("backup") == UNKNOWN else f"{name} has no backup at all{cite(row.evidence)}."
    text = story.question.text
    out, within = _LEFT_OUT.search(text), _INCLUDED.search(text)
    denied = story.question.has("LACK", "NOT") or bool(out and not (within and within.start() < out.start()))
    slot = _SLOT.search(text.lower())
    if slot and row.known("left_out") and slot[0] not in row.show("left_out"):
        beside = f"left out is {row.show('left_out')}{cite(row.evidence)}"
        return f"{yes_or_no(not denied)}{slot[0]} of {name} is in its backups, if there is such a disk; {beside}."
    if not row.known("left_out"):
        word = "No" if denied else "Yes"
        there = f", and if it has a {slot[0]}" if slot else ""
        return f"{word}, as far as is known{there}: no disk of {name} is left out of its backups{cite(row.evidence)}."
    asks = wants_yes_or_no(story.question.text) or not story.question.has("LIST")
    word = yes_or_no(denied) if asks else ""
    said = f"left out of the backups of {name}: {row.show('left_out')}{cite(row.evidence)}"
    return f"{word}{said}." if word else f"{said[0].upper()}{said[1:]}."


def _tested(row: Row, name: str) -> str:
    if not row.known("restore_tested_at"):
        return (
            f"No: I know of no restore test of {name}{cite(row.evidence)}. One that was made elsewhere is noted with "
            "`nightshift backups tested`."
        )
    return f"Yes: a restore of {name} was last tested at {row.show('restore_tested_at')}{cite(row.evidence)}."


def restore_tests(story: Story, rows: Sequence[Row], table: Evidence) -> str:
    """`When was the last restore test?`: of whom, and of how many none is known."""
    tested = sorted((row for row in rows if row.known("restore_tested_at")),
                    key=lambda row: str(row.get("restore_tested_at")))  # fmt: skip
    if not tested:
        return f"None: I know of no restore test of any of {len(rows)} guests{cite(table)}."
    last = tested[-1]
    head = f"The last restore test was of {guest_name(last, 'guest')}, {last.show('restore_tested_at')}{cite(table)}."
    others = joined([guest_name(row, "guest") for row in tested[:-1]])
    rest = f" Also tested: {others}." if others else ""
    untested = len(rows) - len(tested)
    rest += f" Of {untested} none is known." if untested else ""
    word = yes_or_no(True) if wants_yes_or_no(story.question.text) else ""
    return f"{word}{head[0].lower() if word else head[0]}{head[1:]}{rest}"


def _copies(story: Story, row: Row) -> list[Row]:
    """What is known of its newest backup in each place, the newest first."""
    tables = (item for item in story.evidence("backups") if {"encrypted", "oldest_at"} <= set(item.columns))
    return [copy for table in tables for copy in story.rows(table) if copy.get("key") == row.get("key")]


def _flag(story: Story, copy: Row, name: str) -> str:
    """`Is the backup of web encrypted?`; empty where no yes or no is wanted, or nobody read it."""
    if not wants_yes_or_no(story.question.text):
        return ""
    found = next((flag for flag in _FLAGS if story.question.has(flag[0]) and copy.known(flag[1])), None)
    if found is None:
        return ""
    _, column, so, word = found
    holds = copy.get(column) in so
    failed = " its verification failed" if copy.get(column) == "failed" else ""
    when = f", {copy.show('verified_at')}" if column == "verified" and copy.known("verified_at") else ""
    said = failed or f" the newest backup of {name} is {'' if holds else 'not '}{word}"
    denied = story.question.has("NOT", "LACK")
    return f"{yes_or_no(holds != denied).strip()}{said}{when}{cite(copy.evidence)}."


def _oldest(story: Story, row: Row, copies: Sequence[Row], name: str) -> str:
    known = [copy for copy in copies if copy.known("oldest_at")]
    if not known:
        why = "I see no backup of it" if row.get("backup") != FOUND else "only its newest backup was read"
        return f"How far back the backups of {name} go is not known: {why}{cite(row.evidence)}."
    first = min(known, key=lambda copy: str(copy.get("oldest_at")))
    age = (story.now - datetime.fromisoformat(str(first.get("oldest_at")))).total_seconds()
    kept = f", {first.show('backups')} are kept there" if first.known("backups") else ""
    return (
        f"The oldest backup of {name} that is kept: {first.show('oldest_at')} ({format_duration(age)} ago), in "
        f"{first.show('where')}{kept}{cite(first.evidence)}."
    )


def loss(story: Story, row: Row) -> str:
    """What could not be brought back of a guest that is lost now: all since its last backup, and what is in none."""
    name = guest_name(row, "guest")
    if row.get("backup") == UNKNOWN:
        return f"What of {name} would be lost I cannot tell: its backups could not be seen{cite(row.evidence)}."
    if row.get("backup") != FOUND:
        return f"All of {name} would be lost: I see no backup of it{cite(row.evidence)}."
    left_out = next((copy for copy in _copies(story, row) if copy.known("left_out")), None)
    since = f"Lost of {name} would be what changed since its last backup, {row.show('last_backup_at')}, "
    text = f"{since}{row.show('age_s')} ago{cite(row.evidence)}."
    if left_out is None:
        return f"{text} No disk of it is known to be left out of its backups."
    never = f"Never saved, and so lost whole, is what its backups leave out: {left_out.show('left_out')}"
    return f"{text} {never}{cite(left_out.evidence)}."


def _verdict_first(story: Story, row: Row, name: str) -> str:
    """`Is the backup of web ok?`, `does web have a backup?`"""
    question = story.question
    verdict, state = row.get("verdict"), row.get("backup")
    if question.has("FINE", "PROTECTED", "UPDATES", "WRONG", "FAIL"):
        if verdict == "unknown":
            return f"I cannot tell whether the backups of {name} are well{cite(row.evidence)}."
        well = verdict == "protected" and not fails_now(row)
        said = f"{name} is {verdict}" if verdict != "protected" else f"the newest try to back up {name} failed"
        said = f"the backups of {name} are well" if well else said
        return f"{yes_or_no(well != question.has('WRONG', 'FAIL'))}{said}{cite(row.evidence)}."
    asks_for_one = not question.has("LAST", "NEXT", "RESTORE", "RUNNING", "@past") and state != UNKNOWN
    if not asks_for_one or question.span is not None:
        return ""
    has = f"has {'a' if state == FOUND else 'no'} backup"
    return f"{yes_or_no((state == FOUND) != question.has('LACK'))}{name} {has}{cite(row.evidence)}."


def fails_now(row: Row) -> bool:
    """Whether nothing was saved since a try that failed."""
    return row.known("last_failure_at") and str(row.get("last_failure_at")) > str(row.get("last_backup_at") or "")
