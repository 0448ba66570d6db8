"""Could it be restored, tonight? The verdicts on backups as an answer: yes or no first, then the worst with reasons."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from nightshift.agent.builtin.sentences.forms import is_polar
from nightshift.agent.builtin.story import Row, Story, bullet, cite, guest_name, joined, one_line, plural, sentence
from nightshift.agent.builtin.writers.backup_asked import loss
from nightshift.agent.builtin.writers.backup_sets import nodes_meant
from nightshift.agent.builtin.writers.backup_verdict import ILL, reason_of
from nightshift.agent.builtin.writers.backups import backups
from nightshift.agent.builtin.writers.gaps import not_seen
from nightshift.facts.evidence import Evidence
from nightshift.protection.verdict import VERDICTS
from nightshift.tools.backup_states import NONE_FOUND

SHOWN = 10
NAMED = 4
# A full datastore takes no new backups; of these the old ones may not come back either.
_SPOILS = ("verif", "corrupt", "chunk", "damage", "offline", "unavailable", "unreachable", "still_bad", "broken")
_ONE = {
    "protected": "Yes, by all that I can see, {name} could be restored",
    "at risk": "Yes, today, but the backups of {name} are at risk",
    "unprotected": "No, do not count on it: {name} is unprotected",
    "unknown": "I cannot promise it: too little of the backups of {name} could be seen",
    "excluded": "{name} is left out of the backups on purpose",
}


_ALL_OF_IT = re.compile(
    r"\b(?:all|everything|whole|full|fully|complete\w*|entire\w*|files?|data|photos?|documents?|disks?|scsi\d|mp\d|"
    r"too|as well)\b",
    re.IGNORECASE,
)


def recovery(story: Story) -> str:
    """Of the guests that were named, else of all; as the answers about backups when no verdict could be had."""
    tables = [item for item in story.evidence("backups") if "verdict" in item.columns and "reason" in item.columns]
    rows = [row for item in tables for row in story.rows(item)]
    if not rows:
        return backups(story)
    if story.question.has("@site_lost"):
        return "\n\n".join(filter(None, (_away_from_here(story, tables[0]), not_seen(story.gaps()))))
    spoilt = _of_datastores(story) if story.question.of_kind("datastore") else ""
    if spoilt:
        parts = [f"Not without care. {spoilt}", *_of_all(story, rows, tables[0]), not_seen(story.gaps())]
        return "\n\n".join(filter(None, parts))
    if story.question.of_kind("guest"):
        lost = [loss(story, row) for row in rows] if story.question.has("@loss") else []
        parts = [*lost, *(_verdict_of(story, row) for row in rows)]
        return "\n\n".join(filter(None, (*parts, _of_datastores(story), backups(story))))
    nodes = nodes_meant(story)
    parts = _of_node(story, rows, nodes[0], tables[0]) if nodes else _of_all(story, rows, tables[0])
    return "\n\n".join(filter(None, (*parts, _of_datastores(story), not_seen(story.gaps()))))


def _away_from_here(story: Story, saved: Evidence) -> str:
    """Whether copies lie elsewhere: what no sync job carries away is lost with the place."""
    jobs = story.table("subsystem", "remote", "datastore")
    if jobs is None:
        return f"Whether any backup lies in another place I cannot tell: the sync jobs could not be read{cite(saved)}."
    away = [row for row in story.rows(jobs) if row.known("remote")]
    if not away:
        return (
            f"No, as far as I can see: no sync job copies the backups to another place{cite(jobs)}, so that they are "
            "lost with it. What is carried away by other means, such as tapes or disks that are swapped, I do not see."
        )
    told = [f"{row.show('datastore')}, {row.show('direction')} {row.show('remote')}" for row in away]
    return (
        f"Sync jobs copy backups between backup servers{cite(jobs)}:\n{bullet(told)}\n\nWhether the other one "
        "stands in another place I cannot tell."
    )


def _of_datastores(story: Story) -> str:
    """What is wrong with where the backups lie, which a verdict on a single guest does not hold."""
    stores = story.question.of_kind("datastore") or story.index.all_of("datastore")
    found = [finding for finding in story.findings("health") if finding.severity != "info" and finding.entity in stores
             and any(word in finding.check for word in _SPOILS)]  # fmt: skip
    table = story.table("health", "finding", "remedy")
    lines = [f"{one_line(finding.title)}. {one_line(finding.detail)}" for finding in found[:NAMED]]
    return f"But something is wrong with where they lie{cite(table)}:\n{bullet(lines)}" if lines else ""


def _verdict_of(story: Story, row: Row) -> str:
    verdict = str(row.get("verdict"))
    head = _ONE[verdict].format(name=guest_name(row, "guest"))
    if verdict == "protected" and row.known("left_out") and _ALL_OF_IT.search(story.question.text):
        head = f"Not all of it: {head.removeprefix('Yes, ')}, but without {row.show('left_out')}, which no backup holds"
    return f"{head}{cite(row.evidence)}. {sentence(reason_of(row))}".rstrip()


def _of_all(story: Story, rows: Sequence[Row], table: Evidence) -> list[str]:
    counted = story.table("backups", "verdict", "guests")
    counts: Mapping[str, int] = (
        {str(row.get("verdict")): int(row.number("guests") or 0) for row in story.rows(counted)} if counted else {}
    )
    counts = counts or Counter(str(row.get("verdict")) for row in rows)
    head = f"{_head(counts)}: of {plural(table.total, 'guest')} {_counts(counts)}{cite(counted, table)}."
    return [*_in_order(story, _lost_of(story, rows, table), head), *_told(rows, table)]


def _in_order(story: Story, lost: list[str], head: str) -> list[str]:
    """What would be lost first, where that was asked; behind the yes or no, where one was."""
    return [head, *lost] if is_polar(story.question.text) else [*lost, head]


def _lost_of(story: Story, rows: Sequence[Row], table: Evidence) -> list[str]:
    """`What would I lose?`: of each what changed since its last backup, of some all there is."""
    if not story.question.has("@loss"):
        return []
    saved = sorted((row for row in rows if row.known("last_backup_at")), key=lambda row: str(row.get("last_backup_at")))
    none = [row for row in rows if row.get("backup") == NONE_FOUND]
    told = [f"all of {joined([guest_name(row, 'guest') for row in none], SHOWN)}, which has no backup"] if none else []
    if saved:
        oldest = (
            f"up to {saved[0].show('age_s')} ({guest_name(saved[0], 'guest')}, saved {saved[0].show('last_backup_at')})"
        )
        told.append(f"of the other guests what changed since their last backup, {oldest}" if none else
                    f"what changed since the last backup of each guest, {oldest}")  # fmt: skip
    return [f"Lost would be {joined(told)}{cite(table)}."] if told else []


def _of_node(story: Story, rows: Sequence[Row], node: str, table: Evidence) -> list[str]:
    """What is on one node: it would all have to come back from backups."""
    there = [row for row in rows if row.get("node") == node]
    if not there:
        return [f"No guest that I see is on {node}{cite(table)}."]
    counts = Counter(str(row.get("verdict")) for row in there)
    head = f"{_head(counts)}: of {plural(len(there), 'guest')} on {node} {_counts(counts)}{cite(table)}."
    return [*_in_order(story, _lost_of(story, there, table), head), *_told(there, table)]


def _told(rows: Sequence[Row], table: Evidence) -> list[str]:
    """The ill ones, the worst first, and what is left out on purpose."""
    parts = []
    for verdict in ILL:
        ill = [row for row in rows if row.get("verdict") == verdict]
        if ill:
            parts.append(f"{verdict.capitalize()}{cite(table)}:\n{bullet(_by_reason(ill))}")
    left_out = [guest_name(row, "guest") for row in rows if row.get("verdict") == "excluded"]
    if left_out:
        parts.append(f"Left out on purpose{cite(table)}: {joined(left_out, SHOWN)}.")
    if any(row.get("verdict") in ILL for row in rows):
        parts.append("`nightshift backups plan` lists the changes that would protect all of them.")
    return parts


def _head(counts: Mapping[str, int]) -> str:
    """The worst verdict decides."""
    if counts.get("unprotected"):
        return "No, not everything"
    if counts.get("unknown"):
        return "I cannot promise it"
    if counts.get("at risk"):
        return "Yes, today, but not all of it is safe"
    return "Yes, by all that I can see" if counts.get("protected") else "I cannot promise it"


def _counts(counts: Mapping[str, int]) -> str:
    return joined([f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts.get(verdict)])


def _by_reason(rows: Sequence[Row]) -> list[str]:
    """A line for each reason with the guests that have it, in the order of the rows."""
    reasons: dict[str, list[Row]] = {}
    for row in rows:
        reasons.setdefault(reason_of(row), []).append(row)
    lines = [f"{joined([guest_name(row, 'guest') for row in hit], NAMED)}: {reason}" for reason, hit in reasons.items()]
    return lines if len(lines) <= SHOWN else [*lines[:SHOWN], "and more, in the evidence"]
