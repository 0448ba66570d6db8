"""Which finding explains which others, and in what order they are told."""

from __future__ import annotations

from collections.abc import Iterable

from nightshift.facts.finding import SEVERITY_RANK, Finding
from nightshift.facts.snapshot import Snapshot


def explain(findings: Iterable[Finding], snapshot: Snapshot) -> tuple[Finding, ...]:  # noqa: ARG001
    """The findings, ranked."""
    return tuple(sorted(findings, key=lambda finding: (SEVERITY_RANK[finding.severity], finding.title)))
