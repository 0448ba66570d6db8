"""How often guests are saved: by the distance of their last runs, and by what the schedules of their jobs say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Row, Story, bullet, cite, guest_name, joined, plural
from nightshift.agent.builtin.writers.backup_verdict import LISTED, excluded_from, in_no_job, names_of
from nightshift.facts.evidence import Evidence
from nightshift.facts.units import format_duration
from nightshift.tools.backup_states import NO_JOB, UNKNOWN

DAILY_S = 36 * 3600.0
"""What is saved once a day may start some hours later than the day before."""
_SELDOM = re.compile(r"\b(?:less (?:often|frequently)|seldom|rarely|infrequently)\b", re.IGNORECASE)
_DAILY = re.compile(r"\b(?:daily|(?:every|each|a|per) (?:\w+ )?(?:day|night))\b", re.IGNORECASE)


def rhythm_of(row: Row, name: str) -> str:
    """`frigate (VM 123) is saved about every 7 d, by the job Once a week (sat 04:00)`"""
    if row.get("covered_by") == UNKNOWN:
        return f"How often {name} is saved I cannot tell: the backup jobs could not be read{cite(row.evidence)}."
    if row.get("covered_by") == NO_JOB:
        return f"{name} is saved by no enabled job{cite(row.evidence)}."
    return f"{name} is saved {_often(row)}{cite(row.evidence)}."


def rhythms(story: Story, rows: Sequence[Row], table: Evidence) -> str:
    """Who is saved less often than daily; by which schedule, where too few runs are known to tell."""
    uncovered, excluded = in_no_job(rows), excluded_from(rows)
    covered = [row for row in rows if row.get("covered_by") not in (NO_JOB, UNKNOWN)]
    seldom = [row for row in covered if (row.number("every_s") or 0.0) > DAILY_S]
    untold = [row for row in covered if row.number("every_s") is None]
    unread = len(rows) - len(covered) - sum(row.get("covered_by") == NO_JOB for row in rows)
    word = _verdict(story.question.text, bool(seldom or uncovered), sure=table.complete and not (untold or unread))
    be = "is" if len(seldom) == 1 else "are"
    head = (
        f"{len(seldom) or 'None'} of {plural(len(rows), 'guest')} {be if seldom else 'is'} known to be saved less often"
    )
    if word and uncovered and not seldom:
        many = plural(len(uncovered), "guest")
        none_else = "no other is known to be saved less often"
        head = f"{many} {'is' if len(uncovered) == 1 else 'are'} in no enabled job, {none_else}"
    head = f"{word}{head if seldom or not word else head[0].lower() + head[1:]} than daily{cite(table)}"
    lines = bullet(f"{guest_name(row, 'guest')}: {_often(row)}" for row in seldom)
    daily = len(covered) - len(seldom) - len(untold)
    told = [f"{daily} {'is' if daily == 1 else 'are'} saved at least daily{cite(table)}."] if daily else []
    told += [f"In no enabled job: {names_of(uncovered)}."] if uncovered else []
    told += [f"Left out of the backups on purpose: {names_of(excluded)}."] if excluded else []
    told += [f"Of {plural(unread, 'guest')} I do not know the jobs."] if unread else []
    told += (
        [f"Of too few runs to tell a rhythm: {joined([_scheduled(row) for row in untold], LISTED)}."] if untold else []
    )
    return "\n\n".join(filter(None, (f"{head}:\n{lines}" if seldom else f"{head}.", " ".join(told))))


def _verdict(text: str, some: bool, *, sure: bool) -> str:
    """`Is everything saved daily?`, `is anything saved less often?`: what is no to the one is yes to the other; that
    there is nothing of it is said only where all was read."""
    seldom = bool(_SELDOM.search(text))
    if not wants_yes_or_no(text) or not (seldom or _DAILY.search(text)) or not (some or sure):
        return ""
    return yes_or_no(some == seldom)


def _often(row: Row) -> str:
    seconds = row.number("every_s")
    schedule = f" ({row.show('schedule')})" if row.known("schedule") else ""
    job = f"by the job {row.show('covered_by')}{schedule}"
    return f"about every {format_duration(seconds)}, {job}" if seconds else f"{job}; its runs tell no rhythm yet"


def _scheduled(row: Row) -> str:
    return f"{guest_name(row, 'guest')} ({row.show('schedule') if row.known('schedule') else 'no schedule'})"
