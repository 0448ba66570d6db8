from __future__ import annotations

from dataclasses import replace

import pytest
from tests.agent.support import FINDING, NOW, TABLE

from nightshift.agent.answer import RootCause
from nightshift.agent.run import ToolRun
from nightshift.agent.verdict import root_causes_of, unmentioned_gaps, verdict_of
from nightshift.errors import GapKind
from nightshift.facts.evidence import Evidence
from nightshift.facts.gap import Gap
from nightshift.tools.spec import ToolResult

INFO = replace(FINDING, severity="info")
DOWN = Gap("grafana", "alerts", "unreachable", "no answer.")
ABSENT = Gap("pbs", "datastores", "not_configured", "PBS is not set up.")
CLEAN = ToolRun("health", {}, ToolResult(()))


def health(*findings: object, gaps: tuple[Gap, ...] = (), **arguments: object) -> ToolRun:
    return ToolRun("health", arguments, ToolResult((), findings=findings, gaps=gaps))  # type: ignore[arg-type]


VERDICTS = [
    ("nothing was asked of health", [ToolRun("tasks", {}, ToolResult((), (FINDING,)))], "info"),
    ("a clean sweep", [CLEAN], "healthy"),
    ("only infos", [health(INFO)], "healthy"),
    ("a warning", [health(FINDING)], "problem"),
    ("a warning and a gap", [health(FINDING, gaps=(DOWN,))], "problem"),
    ("clean with a gap", [health(gaps=(DOWN,))], "unknown"),
    (
        "clean with a gap in the evidence",
        [ToolRun("health", {}, ToolResult((replace(TABLE, gaps=(DOWN,)),)))],
        "unknown",
    ),
    ("a source that is not set up is no gap", [health(gaps=(ABSENT,))], "healthy"),
    ("only criticals were asked for", [health(severity="critical")], "info"),
    ("warnings were asked for", [health(severity="warning")], "healthy"),
    ("about one thing", [health(about="web")], "healthy"),
    ("an entity with a finding", [ToolRun("entity", {}, ToolResult((), (FINDING,)))], "problem"),
    ("an entity without", [ToolRun("entity", {}, ToolResult(()))], "info"),
    ("clean, then trouble", [CLEAN, ToolRun("entity", {}, ToolResult((), (FINDING,)))], "problem"),
    ("no tool at all", [], "info"),
]


@pytest.mark.parametrize(("runs", "verdict"), [row[1:] for row in VERDICTS], ids=[row[0] for row in VERDICTS])
def test_verdicts(runs: list[ToolRun], verdict: str) -> None:
    assert verdict_of(runs) == verdict


def test_root_causes_are_what_nothing_else_explains() -> None:
    own = Evidence("pve", "rows", "r", "own", NOW)
    cause = replace(FINDING, title="datastore is full", check="datastore.full", evidence=(own,))
    effect = replace(FINDING, title="backup failed", check="backup.failed", cause=cause.fingerprint)
    orphan = replace(FINDING, title="its cause is not shown", check="x.y", cause="0000")
    listing = replace(TABLE, id="E1", rows=(("datastore is full",), ("its cause is not shown",)))
    evidence = (listing, replace(own, id="E2"))
    runs = [ToolRun("health", {}, ToolResult(evidence, (cause, effect, orphan, INFO)))] * 2
    assert root_causes_of(runs) == (
        RootCause("guest:pve/104", "datastore is full", ("E2",), "datastore.full"),
        RootCause("guest:pve/104", "its cause is not shown", ("E1",), "x.y"),
    )


@pytest.mark.parametrize(
    ("text", "kinds", "lines"),
    [
        ("All is well.", ["unreachable"], 2),
        ("Grafana did not answer.", ["unreachable"], 0),
        ("All is well.", ["not_configured"], 0),
        ("All is well.", [], 0),
    ],
)
def test_a_silent_answer_gets_its_gaps(text: str, kinds: list[GapKind], lines: int) -> None:
    gaps = [Gap("grafana", "alerts", kind, "no answer.") for kind in kinds]
    assert len(unmentioned_gaps(text, gaps).splitlines()) == lines


def test_many_gaps_are_counted() -> None:
    gaps = [Gap(f"source{n}", "x", "timed_out", f"no answer {n}.") for n in range(7)]
    assert unmentioned_gaps("Fine.", gaps).splitlines() == [
        "Not seen:",
        *(f"- source{n}: no answer {n}." for n in range(5)),
        "- and 2 more",
    ]
