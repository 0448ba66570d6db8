"""The verdict on all backups in one line: nobody is told that all is saved while some of it is not safe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from nightshift.agent.builtin.sentences.forms import wants_yes_or_no, yes_or_no
from nightshift.agent.builtin.story import Row, Story, cite, guest_name, joined, plural, sentence, short_reason
from nightshift.facts.evidence import Evidence
from nightshift.tools.backup_states import NO_JOB

ILL = ("unprotected", "unknown", "at risk")
REASONS = 2
NAMED = 3
LISTED = 15


def verdict_line(story: Story, rows: Sequence[Row], table: Evidence) -> str:
    """`No: 36 of 43 guests are not well protected, 36 at risk. 35 of them: …`; empty without verdicts."""
    judged = [row for row in rows if row.known("verdict") and row.get("verdict") != "excluded"]
    if not judged:
        return ""
    unknown = [row for row in judged if row.get("verdict") == "unknown"]
    ill = [row for row in judged if row.get("verdict") in ILL and row not in unknown]
    word = _word(story, bool(ill), whole=table.complete)
    of_all = plural(len(judged), "guest")
    if unknown and not ill:
        untold = f"Whether {len(unknown)} of {of_all} are well protected I cannot tell{cite(table)}."
        return " ".join((untold, *_reasons(unknown)))
    if not ill:
        return sentence(f"{word}{of_all} {'is' if len(judged) == 1 else 'are'} protected{cite(table)}")
    counts = Counter(str(row.get("verdict")) for row in ill)
    counts["unknown"] = len(unknown)
    told = joined([f"{counts[verdict]} {verdict}" for verdict in ILL if counts[verdict]])
    be = "is" if len(ill) == 1 else "are"
    return " ".join((f"{word}{len(ill)} of {of_all} {be} not well protected, {told}{cite(table)}.", *_reasons(ill)))


def _reasons(ill: Sequence[Row]) -> list[str]:
    """The most common reasons, each with the guests that it is of: by name while they are few."""
    hit: dict[str, list[Row]] = {}
    for row in ill:
        hit.setdefault(reason_of(row), []).append(row)
    most = sorted(hit.items(), key=lambda item: -len(item[1]))[:REASONS]
    return [f"{_whose(rows)}: {sentence(reason)}" for reason, rows in most]


def _whose(rows: Sequence[Row]) -> str:
    return names_of(rows) if len(rows) <= NAMED else f"{len(rows)} of them"


def _word(story: Story, ill: bool, *, whole: bool) -> str:
    """`Yes: ` only where everything was read."""
    question = story.question
    if not wants_yes_or_no(question.text) or question.has("LACK", "COUNT", "FAIL", "WRONG"):
        return ""
    return yes_or_no(not ill) if ill or whole else ""


def reason_of(row: Row) -> str:
    """Why it has its verdict; where vzdump only says `job errors`, what its log says."""
    reason = short_reason(row.show("reason")) if row.known("reason") else ""
    if reason.endswith("job errors.") and row.known("last_failure"):
        return f"{reason.removesuffix('job errors.')}{short_reason(row.show('last_failure'))}"
    return reason


def names_of(rows: Sequence[Row]) -> str:
    """`web (VM 104), nas (CT 112) and others`"""
    return joined([guest_name(row, "guest") for row in rows], LISTED)


def excluded_from(rows: Sequence[Row]) -> list[Row]:
    """Those that were left out of the backups on purpose."""
    return [row for row in rows if row.get("verdict") == "excluded"]


def in_no_job(rows: Sequence[Row]) -> list[Row]:
    """Those that no enabled job saves, though nobody left them out on purpose."""
    return [row for row in rows if row.get("covered_by") == NO_JOB and row.get("verdict") != "excluded"]
