"""Answers about backups. "No backup" is written only where nothing was hidden."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Row, Story, bullet, cite, guest_name, joined, plural, short_reason
from nightshift.agent.builtin.writers.backup_asked import asked_first, fails_now
from nightshift.agent.builtin.writers.backup_sets import (
    NAMED,
    TOLD_OF_ALL,
    age_line,
    few_names,
    nodes_meant,
    saved_since,
)
from nightshift.agent.builtin.writers.backup_verdict import names_of, verdict_line
from nightshift.agent.builtin.writers.findings import causes_of, with_remedy
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.agent.builtin.writers.kept_copies import asked_of_copies
from nightshift.agent.builtin.writers.tasks import failed_lines, tasks
from nightshift.facts.evidence import Evidence
from nightshift.tools.backup_states import FOUND, NO_JOB, NONE_FOUND, UNKNOWN

CAUSES = 3
_OF_BACKUPS = ("backup.", "copies.", "datastore.", "job.", "pbs.", "server.", "storage.")
_EACH = re.compile(r"\b(?:per|each|every|all)\b", re.IGNORECASE)
LISTED = 40
STALE_S = 36 * 3600.0


def backups(story: Story) -> str:
    if story.results.get("tasks") and not story.results.get("backups"):
        return "\n\n".join(filter(None, (f"{_went_well(story)}{tasks(story)}", _behind_failures(story))))
    tables = [item for item in story.evidence("backups") if "covered_by" in item.columns]
    if not tables:
        told = "\n\n".join(filter(None, (*story.notes("backups"), not_seen(story.gaps()))))
        return told or "Backups could not be read."
    if story.question.of_kind("guest"):
        parts = [of_guest(story, story.rows(item)[0]) for item in tables if item.rows]
    elif story.question.of_kind("datastore"):
        both = story.question.has("@two_stores") and len(tables) > 1
        parts = [_two_stores(story, tables)] if both else [_in_datastore(story, tables[0])]
    else:
        parts = [_of_all(story, tables[0])]
    if story.results.get("tasks"):
        parts.append(failed_lines(story))
    return "\n\n".join(filter(None, (*parts, *story.notes("backups"), not_seen(story.gaps()))))


def _went_well(story: Story) -> str:
    """`Did the backups go through last night?`"""
    table = story.table("tasks", "task", "outcome")
    if table is None or not table.rows or not story.question.has("FINE") or not wants_yes_or_no(story.question.text):
        return ""
    outcomes = {row.get("outcome") for row in story.rows(table)}
    if "failed" in outcomes:
        return yes_or_no(False)
    return yes_or_no(True) if outcomes == {"ok"} and table.complete and not story.gaps() else ""


def _behind_failures(story: Story) -> str:
    """What is wrong with what backups need, where some of a night failed."""
    found = causes_of(story.findings("health"))
    found = [f for f in found if f.severity != "info" and f.check.startswith(_OF_BACKUPS)][:CAUSES]
    table = story.table("health", "finding", "remedy")
    lines = [with_remedy(f) for f in found]
    return f"Wrong with backups and where they lie{cite(table)}:\n{bullet(lines)}" if lines else ""


def of_guest(story: Story, row: Row) -> str:
    """When it was last backed up, where to, by which job, and whether the last try failed."""
    name = guest_name(row, "guest")
    groups = next((item for item in story.evidence("backups") if "owner" in item.columns
                   and row.show("guest") in item.title), None)  # fmt: skip
    sources = cite(row.evidence, groups)
    if row.get("backup") == FOUND:
        count = f", {row.show('backups')} backups kept" if row.known("backups") else ""
        text = f"{name} was last backed up {row.show('age_s')} ago, at {row.show('last_backup_at')}, "
        text += f"in {row.show('where')}{count}{sources}."
    elif row.get("backup") == NONE_FOUND:
        text = f"{name} has no backup in any datastore that I can see, and all of them could be read{sources}."
    else:
        text = f"I cannot tell when {name} was last backed up: not every place for backups could be read{sources}."
    first = asked_first(story, row, name)
    lines = (first, text, _job_line(row), _failure_line(row), _verdict_line(row), _left_out_line(story, row))
    return "\n".join(filter(None, lines))


def _left_out_line(story: Story, row: Row) -> str:
    """What of it no backup has; told first where that was asked."""
    if not row.known("left_out") or story.question.has("@left_out", "@loss"):
        return ""
    return f"Left out of its backups: {row.show('left_out')}{cite(row.evidence)}."


def _job_line(row: Row) -> str:
    covered = row.get("covered_by")
    if covered == NO_JOB:
        return f"No enabled backup job covers it{cite(row.evidence)}."
    if covered == UNKNOWN:
        return "Whether a backup job covers it could not be read."
    following = f", next run {row.show('next_run_at')}" if row.known("next_run_at") else ""
    return f"Covered by the job {row.show('covered_by')}{following}{cite(row.evidence)}."


def _verdict_line(row: Row) -> str:
    """The verdict with its reason, where it is not well."""
    verdict = row.get("verdict")
    reason = row.show("reason")
    told = reason.startswith("Its last run failed") and row.known("last_failure_at")
    if verdict in (None, "protected", "excluded") or told:
        return ""
    return f"Verdict: {verdict}. {reason.rstrip('.')}{cite(row.evidence)}."


def _failure_line(row: Row) -> str:
    """The last failed try, louder when nothing succeeded since."""
    if not row.known("last_failure_at"):
        return ""
    failed, last = str(row.get("last_failure_at")), row.get("last_backup_at")
    since = "The newest try failed" if last is None or failed > str(last) else "An earlier try failed"
    reason = short_reason(row.show("last_failure")).rstrip(".")
    return f"{since}: {row.show('last_failure_at')}, {reason}{cite(row.evidence)}."


def _in_datastore(story: Story, table: Evidence) -> str:
    """What one datastore holds. A guest that is not in it may well be in another one."""
    name = story.question.of_kind("datastore")[0].key.rpartition("/")[2]
    rows = story.rows(table)
    held = sorted((row for row in rows if row.get("backup") == FOUND), key=lambda row: row.number("age_s") or 0.0)
    whole = story.table("backups", "backups_held")
    total = story.rows(whole)[0] if whole is not None else None
    if not held or total is None:
        return f"I see no backup of any guest in {name}{cite(table)}."
    text = f"{_holds(name, total)}{cite(whole)}."
    text += f" {_ages(held)}" if table.complete else ""
    others = [row for row in rows if row.get("backup") != FOUND]
    if story.question.has("@saved_since") and story.question.span is not None:
        return f"{saved_since(story, story.question.span.window.start, held, table)}\n\n{text}"
    if _EACH.search(story.question.text):
        text = f"{text}\n{bullet(map(age_line, held[:LISTED]))}"
    first = asked_of_copies(story, name)
    if first:
        return f"{first}\n\n{text}"
    return f"{text}\n\nNot in {name}: {names_of(others)}." if others else text


def _holds(name: str, total: Row) -> str:
    text = f"{name} holds {plural(int(total.number('backups_held') or 0), 'backup')}"
    text += f" of {plural(int(total.number('guests') or 0), 'guest')}"
    others = f", {total.show('backups_of_others')} of them of hosts or of guests that are not here"
    return f"{text}{others}" if total.number("backups_of_others") else text


def _two_stores(story: Story, tables: Sequence[Evidence]) -> str:
    """How many backups of which guests lie in one and in the other, and who is in only one of them."""
    names = [store.key.rpartition("/")[2] for store in story.question.of_kind("datastore")][:2]
    held = [{guest_name(row, "guest"): row for row in story.rows(t) if row.get("backup") == FOUND} for t in tables[:2]]
    wholes = [item for item in story.evidence("backups") if "backups_held" in item.columns]
    same = held[0].keys() == held[1].keys()
    asks = " same " in story.question.text.lower() and wants_yes_or_no(story.question.text) and not story.gaps()
    told = [_holds(name, story.rows(whole)[0]) for name, whole in zip(names, wholes, strict=False)]
    cut = any(table.total > table.shown for table in tables[:2])
    head = f"{yes_or_no(same) if asks and not cut else ''}{joined(told)}{cite(*tables[:2], *wholes)}."
    if cut:
        return f"{head}\n\nWho is in only one of them I cannot tell: not all guests are listed."
    lines = []
    for one, other in ((0, 1), (1, 0)):
        only = [row for name, row in held[one].items() if name not in held[other]]
        lines.append(f"Only in {names[one]}: {names_of(only) if only else 'none'}.")
    return "\n\n".join((head, *lines))


def _of_all(story: Story, table: Evidence) -> str:
    every, nodes = story.rows(table), nodes_meant(story)
    rows = [row for row in every if row.get("node") in nodes] if nodes else every
    if every and not rows:
        return f"No guest that I see is on {joined(nodes)}{cite(table)}."
    if not rows:
        return f"The guests could not be read, so I cannot tell which of them have a backup{cite(table)}."
    question = story.question
    verdicts = _verdicts(story) if rows == every else ""  # they are counted of all guests
    there = f" on {joined(nodes)}" if nodes else ""
    first = next((told for mark, told in TOLD_OF_ALL.items() if question.has(mark)), None)
    if first is not None:
        return first(story, rows, table)
    if question.has("@saved_since") and question.span is not None:
        return saved_since(story, question.span.window.start, rows, table)
    none = [row for row in rows if row.get("backup") == NONE_FOUND]
    unknown = [row for row in rows if row.get("backup") == UNKNOWN]
    uncovered = [row for row in rows if row.get("covered_by") == NO_JOB]
    if question.has("LACK", "PROTECTED", "@in_no_job"):
        counted = f"Of the guests {verdicts}." if question.has("COUNT") and verdicts else ""
        text = " ".join(filter(None, (counted, _lacking(rows, none, unknown, uncovered, table))))
        seen = "" if table.complete else " that I see"
        text = f"Of the {plural(len(rows), 'guest')}{there}{seen}: {text}" if there or seen else text
        verdict = verdict_line(story, rows, table)
        both = (text, verdict) if question.has("LACK", "COUNT", "@in_no_job") else (verdict, text)
        return "\n\n".join(filter(None, both))
    found = sorted((row for row in rows if row.get("backup") == FOUND), key=lambda row: row.number("age_s") or 0.0)
    if question.has("OLDEST") and found:
        oldest = f"The guest with the oldest newest backup is {age_line(found[-1])}{cite(table)}."
        never = f" Without any: {few_names(none)}." if none else ""
        return f"{oldest}{never}"
    share = (
        f"All {len(rows)} guests" if len(found) == len(rows) > 1 else f"{len(found)} of {plural(len(rows), 'guest')}"
    )
    head = f"{share}{there} have a backup{cite(table)}."
    lines = [f"{head} Of {len(unknown)} it is not known." if unknown else head]
    lines = [*filter(None, (_failing_now(story, rows, table), verdict_line(story, rows, table))), *lines]
    if verdicts:
        lines.append(f"Verdicts: {verdicts}.")
    if found:
        lines.append(_ages(found))
    if none or uncovered:
        lines.append(_lacking(rows, none, [], uncovered, table))
    return "\n\n".join((*lines, *_troubles(story, rows, found, table)))


def _failing_now(story: Story, rows: Sequence[Row], table: Evidence) -> str:
    """`Are backups failing?`: for how many guests the newest try did."""
    if not story.question.has("FAIL") or not wants_yes_or_no(story.question.text):
        return ""
    failing = sum(map(fails_now, rows))
    if not failing and not table.complete:
        return ""
    return f"{yes_or_no(failing > 0)}the newest try failed for {plural(failing, 'guest')}{cite(table)}."


def _verdicts(story: Story) -> str:
    """`2 protected and 1 at risk [E1]`; empty where the verdicts were not counted."""
    table = story.table("backups", "verdict", "guests")
    if table is None:
        return ""
    told = [f"{row.show('guests')} {row.show('verdict')}" for row in story.rows(table) if row.number("guests")]
    return f"{joined(told)}{cite(table)}"


def _ages(found: Sequence[Row]) -> str:
    """The newest and the oldest of guests in the order of their newest backup."""
    newest, oldest = found[0], found[-1]
    return (
        f"The newest is {newest.show('age_s')} old ({guest_name(newest, 'guest')}); the oldest is of "
        f"{guest_name(oldest, 'guest')}, {oldest.show('age_s')} old."
    )


def _troubles(story: Story, rows: Sequence[Row], found: Sequence[Row], table: Evidence) -> list[str]:
    """Old backups and failing ones; the most recent ones when nothing fails."""
    lines = []
    stale = [row for row in reversed(found) if (row.number("age_s") or 0.0) > STALE_S]
    if stale:
        lines.append(f"Older than a day and a half: {len(stale)} ({few_names(stale)}).")
    failing = [row for row in rows if fails_now(row)]
    if failing:
        lines.append(f"The newest try failed for {len(failing)}{cite(table)}:\n{bullet(_failing_lines(failing))}")
    elif not story.question.has("FAIL"):
        each = _EACH.search(story.question.text) or len(found) < len(story.rows(table))
        lines.append("The most recent ones:\n" + bullet(map(age_line, found[: LISTED if each else NAMED])))
    return lines


def _failing_lines(rows: Sequence[Row]) -> list[str]:
    """A line for each reason, with the guests that it hit."""
    reasons: dict[str, list[Row]] = {}
    for row in rows:
        reasons.setdefault(short_reason(row.show("last_failure")), []).append(row)
    return [f"{reason} ({few_names(hit)})" for reason, hit in sorted(reasons.items(), key=lambda item: -len(item[1]))]


def _lacking(
    rows: Sequence[Row], none: Sequence[Row], unknown: Sequence[Row], uncovered: Sequence[Row], table: Evidence
) -> str:
    parts = []
    if none:
        verb = "has" if len(none) == 1 else "have"
        parts.append(f"{names_of(none)} {verb} no backup{cite(table)}.")
    elif not unknown:
        parts.append(f"Every guest has a backup{cite(table)}.")
    else:
        parts.append(f"No guest is known to lack a backup{cite(table)}, but not everything could be read.")
    if unknown:
        parts.append(f"Not known for {len(unknown)}: {names_of(unknown)}.")
    only_uncovered = [row for row in uncovered if row not in none]
    covered_none = [row for row in none if row in uncovered]
    if covered_none:
        parts.append(f"No enabled job covers {names_of(covered_none)}.")
    if only_uncovered:
        verb = "is" if len(only_uncovered) == 1 else "are"
        parts.append(f"{names_of(only_uncovered)} {verb} in no enabled job, though there is an older backup.")
    elif not uncovered and not unknown:
        known = all(row.get("covered_by") != UNKNOWN for row in rows)
        parts.append("Every guest is covered by an enabled job." if known else "The backup jobs could not be read.")
    return " ".join(parts)
