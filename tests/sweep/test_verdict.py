"""What a sweep comes down to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.checks.world import NOW, world

from nightshift.facts.finding import Finding, FindingState, Severity
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.sweep import Sweep
from nightshift.sweep.verdict import exit_code, verdict

GAP = Gap("pve", "tasks", "timed_out", "no answer")
ABSENT = Gap("pbs", "gc", "not_configured", "no PBS")


def finding(severity: Severity, state: FindingState = "ongoing") -> Finding:
    return replace(Finding("a.b", severity, Entity("node:pve/x", "x"), "t", "d", "r"), state=state)


CASES = [
    ([], [], 0, "healthy"),
    ([finding("info")], [], 0, "healthy"),
    ([finding("warning")], [], 1, "problem"),
    ([finding("critical")], [], 2, "problem"),
    ([], [GAP], 3, "unknown"),
    ([finding("info")], [GAP], 3, "unknown"),
    ([finding("warning")], [GAP], 3, "problem"),
    ([finding("critical")], [GAP], 2, "problem"),
    ([finding("warning"), finding("critical")], [], 2, "problem"),
    ([finding("critical", "unknown")], [], 3, "unknown"),
    ([finding("critical", "unknown"), finding("warning")], [], 3, "problem"),
    ([finding("critical", "resolved")], [], 0, "healthy"),
    ([], [ABSENT], 0, "healthy"),
]


@pytest.mark.parametrize(("findings", "gaps", "code", "word"), CASES)
def test_the_worst_known_wins(findings: list[Finding], gaps: list[Gap], code: int, word: str) -> None:
    assert exit_code(findings, gaps) == code
    assert verdict(Sweep("s", world(), tuple(findings), tuple(gaps), NOW, 1.0)) == word


def test_nothing_configured_is_not_healthy() -> None:
    assert verdict(Sweep("s", Snapshot(NOW), (), (), NOW, 1.0)) == "unknown"
