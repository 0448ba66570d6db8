"""What the writers ask of findings: which are causes, and what a cause does to the thing asked about."""

from __future__ import annotations

from collections.abc import Sequence

from nightshift.agent.builtin.story import Row, Story
from nightshift.facts.finding import Finding


def causes_of(findings: Sequence[Finding]) -> list[Finding]:
    """Findings that nothing else here explains."""
    present = {finding.fingerprint for finding in findings}
    return [finding for finding in findings if finding.cause is None or finding.cause not in present]


def effect_on(own: set[str], cause: Finding, findings: Sequence[Finding]) -> Finding | None:
    """What a cause elsewhere does to the things asked about: a finding of their own, or a failed run they are in."""
    explained = [f for f in findings if f.cause == cause.fingerprint]
    explained.sort(key=lambda f: f.check.startswith("alert."))  # an alert only repeats what a check has found
    return next((f for f in explained if f.entity.key in own), None) or next(
        (f for f in explained if f.check.startswith("backup.")), None
    )


def entity_rows(story: Story) -> list[Row]:
    """The first row of the first table of every `entity` result: the thing itself. Of disks, pools and jobs every table
    tells."""
    rows: list[Row] = []
    for result in story.of("entity"):
        tables = [item for item in result.evidence if item.rows]
        told = [item for item in tables if item.request.startswith("dataset ")] or tables[:1]
        rows += [story.rows(item)[0] for item in told]
    return rows
