"""Alerts of one rule about one thing are told once: forty instances of it are one line with a count."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Finding

ROWS_KEPT = 30
_WORDS_OF = 3
_ALERT = "alert.firing"

_Alike = tuple[str, ...]


def told_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in their order; alerts that a reader could not tell apart are one.

    Alike are those of one rule, about one entity, under one cause, as bad as one another, that the operator has said
    the same of. The oldest stands for all, so that it is the same one from sweep to sweep.
    """
    every = tuple(findings)
    groups: dict[_Alike, list[Finding]] = {}
    causes = {finding.cause for finding in every}
    for finding in every:
        groups.setdefault(_alike(finding, causes), []).append(finding)
    return tuple(_as_one(group) if len(group) > 1 else group[0] for group in groups.values())


def _alike(finding: Finding, causes: set[str | None]) -> _Alike:
    fingerprint = finding.fingerprint
    if finding.check != _ALERT or fingerprint in causes:  # what something is put under stays itself
        return (fingerprint,)
    rule = finding.discriminator.rpartition("/")[0]
    word = finding.ack.kind if finding.ack else ""
    seen = "unseen" if finding.state == "unknown" else ""
    return rule, finding.entity.key, finding.title, finding.severity, finding.cause or "", word, seen


def _as_one(group: Sequence[Finding]) -> Finding:
    oldest = min(group, key=lambda item: (item.since.timestamp() if item.since else math.inf, item.fingerprint))
    others = len(group) - _WORDS_OF
    words = " ".join(f"({number}) {item.detail.rstrip('.')}." for number, item in enumerate(group[:_WORDS_OF], start=1))
    more = f" And {others} more." if others > 0 else ""
    return replace(
        oldest,
        title=f"{oldest.title} ({len(group)} instances)",
        detail=f"{len(group)} instances of this rule fire for it. {words}{more}",
        evidence=_tables(group),
    )


def _tables(group: Sequence[Finding]) -> tuple[Evidence, ...]:
    """The first table with the rows of all."""
    tables = [item for finding in group for item in finding.evidence]
    if not tables:
        return ()
    rows = tuple(row for item in tables if item.columns == tables[0].columns for row in item.rows)
    shown = rows[:ROWS_KEPT]
    whole = len(shown) == len(rows)
    return (replace(tables[0], rows=shown, total=len(rows), shown=len(shown), complete=whole),)
