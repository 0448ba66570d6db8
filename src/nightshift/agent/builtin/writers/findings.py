"""What the writers ask of findings: which are causes, and what a cause does to the thing asked about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nightshift.agent.builtin.story import Row, Story, bullet, cite, joined, one_line, sentence
from nightshift.facts.finding import Finding
from nightshift.facts.units import format_duration
from nightshift.tools.around import BENEATH, ON_IT

AROUND_SHOWN = 6


def causes_of(findings: Sequence[Finding]) -> list[Finding]:
    """Findings that nothing else here explains."""
    present = {finding.fingerprint for finding in findings}
    return [finding for finding in findings if finding.cause is None or finding.cause not in present]


def serious_causes(findings: Sequence[Finding]) -> list[Finding]:
    """Those of them that are more than a remark."""
    return [finding for finding in causes_of(findings) if finding.severity != "info"]


def wrong_now(story: Story, findings: Sequence[Finding]) -> str:
    """`Wrong at this moment: …` of findings of the sweep; empty where there are none."""
    titles = joined([one_line(finding.title) for finding in findings], 3)
    return f"Wrong at this moment{cite(story.table('health', 'finding', 'remedy'))}: {titles}." if findings else ""


def graded(finding: Finding, began: str = "") -> str:
    """`Datastore tank is 98.8 % full (critical)`, with when it began (`since`) behind its severity."""
    return f"{one_line(finding.title)} ({finding.severity}{began})"


def since(story: Story, finding: Finding) -> str:
    """`, since 2026-11-25 22:30 CET`; empty where that is not known."""
    began = began_at(story, finding)
    return f", since {story.time(began)}" if began else ""


def began_at(story: Story, finding: Finding) -> datetime | None:
    """When it began, as far as the data tell: of a node by the first of what is found about it."""
    return finding.since or (seen_since(story, finding.entity.key) if finding.entity.kind == "node" else None)


def seen_since(story: Story, key: str) -> datetime | None:
    """When the first of what is found about this thing began: of a node that is away, when its alarms came."""
    found = (f.since for f in story.findings("entity", "health") if f.entity.key == key and f.since is not None)
    return min(found, default=None)


def when_ago(story: Story, moment: datetime) -> str:
    """`2026-11-26 19:19 CET (48 min ago)`."""
    return f"{story.time(moment)} ({format_duration((story.now - moment).total_seconds())} ago)"


def with_remedy(finding: Finding) -> str:
    """`Datastore tank is 98.8 % full. Do: Prune old backups, …`: one line of a list."""
    return f"{sentence(one_line(finding.title))} Do: {sentence(one_line(finding.remedy))}"


def effect_on(own: set[str], cause: Finding, findings: Sequence[Finding]) -> Finding | None:
    """What a cause elsewhere does to the things asked about: a finding of their own, or a failed run they are in."""
    explained = [f for f in findings if f.cause == cause.fingerprint]
    explained.sort(key=lambda f: f.check.startswith("alert."))  # an alert only repeats what a check has found
    return next((f for f in explained if f.entity.key in own), None) or next(
        (f for f in explained if f.check.startswith("backup.")), None
    )


def around_lines(story: Story) -> str:
    """What is wrong with that which the thing rests on, and with what is on it."""
    table = story.table("entity", "where", "finding", "severity")
    rows = story.rows(table) if table is not None else []
    parts = []
    for where, head in ((BENEATH, "Wrong with what it rests on"), (ON_IT, "Wrong with what is on it")):
        lines = [
            f"{row.show('finding')} ({row.show('severity')}{_began(row)})" for row in rows if row.get("where") == where
        ]
        more = "\nThe others are in the evidence." if len(lines) > AROUND_SHOWN else ""
        parts += [f"{head}{cite(table)}:\n{bullet(lines[:AROUND_SHOWN])}{more}"] if lines else []
    return "\n\n".join(parts)


def _began(row: Row) -> str:
    return f", since {row.show('since_at')}" if row.known("since_at") else ""


def entity_rows(story: Story) -> list[Row]:
    """The first row of the first table of every `entity` result: the thing itself. Of disks, pools and jobs every table
    tells."""
    rows: list[Row] = []
    for result in story.of("entity"):
        tables = [item for item in result.evidence if item.rows]
        told = [item for item in tables if item.request.startswith("dataset ")] or tables[:1]
        rows += [story.rows(item)[0] for item in told]
    return rows
