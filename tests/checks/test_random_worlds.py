"""Random snapshots: no check raises, none says "all well" about what is missing, and all say the same twice."""

from __future__ import annotations

import json
import os
from dataclasses import fields, replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.checks.random_facts import DATASETS, PREVIOUS, SNAPSHOTS
from tests.checks.world import LIMITS

from nightshift.checks.judge import Judgement, dataset_named, run_checks
from nightshift.checks.previous import NOTHING, Previous
from nightshift.checks.registry import CHECKS
from nightshift.facts.as_json import finding_to_json
from nightshift.facts.finding import SEVERITY_RANK, Finding
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.sweep.causes import explain
from nightshift.sweep.verdict import exit_code

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")  # a whole world is large

SOAK = bool(os.environ.get("NIGHTSHIFT_SOAK"))

thrown = settings(
    max_examples=1_000 if SOAK else 30,
    derandomize=not SOAK,  # the same worlds for everybody; the soak looks for new ones
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def test_every_dataset_is_thrown() -> None:
    assert set(DATASETS) == {item.name for item in fields(Snapshot) if "Dataset[" in str(item.type)} - {"metrics"}


@thrown
@given(SNAPSHOTS, PREVIOUS)
def test_no_world_breaks_the_checks_or_makes_them_lie(snapshot: Snapshot, previous: Previous) -> None:
    judgements = run_checks(CHECKS, snapshot, previous, LIMITS)
    for judgement in judgements:
        states = {dataset_named(snapshot, name).state for name in judgement.check.datasets}
        if "not_configured" in states:
            assert not judgement.result.findings, judgement.check.id
        elif "unavailable" in states:
            assert not judgement.result.findings, judgement.check.id
            assert judgement.result.gaps, judgement.check.id
        for finding in judgement.result.findings:
            assert_sound(judgement, finding)
    findings = [finding for judgement in judgements for finding in judgement.result.findings]
    gaps = [gap for judgement in judgements for gap in judgement.result.gaps]
    explained = explain(findings, snapshot)
    assert sorted(item.fingerprint for item in explained) == sorted(item.fingerprint for item in findings)
    roots = {item.fingerprint for item in explained if item.cause is None}
    assert all(item.cause in roots for item in explained if item.cause)
    if any(getattr(snapshot, name).state == "unavailable" for name in DATASETS):
        assert exit_code(explained, (*gaps, *snapshot.gaps)) in (2, 3)


def assert_sound(judgement: Judgement, finding: Finding) -> None:
    """What every finding owes to those who read it."""
    check = judgement.check
    assert finding.check == check.id
    assert SEVERITY_RANK[finding.severity] >= SEVERITY_RANK[check.severity], (check.id, finding.severity)
    assert finding.entity.key, check.id
    assert finding.entity.label, check.id
    assert finding.title, check.id
    assert finding.detail, check.id
    assert finding.remedy, check.id
    assert finding.evidence, check.id
    assert finding.runbook, check.id
    for evidence in finding.evidence:
        assert all(len(row) == len(evidence.columns) for row in evidence.rows), check.id
    json.dumps(finding_to_json(finding), allow_nan=False)


@thrown
@given(SNAPSHOTS)
def test_the_order_of_rows_changes_nothing(snapshot: Snapshot) -> None:
    """Servers give lists in any order: the same world has the same findings, by the same fingerprints, each once."""
    there = fingerprints(snapshot)
    back = fingerprints(reversed_rows(snapshot))
    for check in CHECKS:
        assert len(set(there[check.id])) == len(there[check.id]), f"{check.id} says the same thing twice"
        assert sorted(there[check.id]) == sorted(back[check.id]), f"{check.id} depends on the order of rows"


def fingerprints(snapshot: Snapshot) -> dict[str, list[str]]:
    judgements = run_checks(CHECKS, snapshot, NOTHING, LIMITS)
    return {item.check.id: [finding.fingerprint for finding in item.result.findings] for item in judgements}


def reversed_rows(snapshot: Snapshot) -> Snapshot:
    def turned(dataset: Dataset[object]) -> Dataset[object]:
        return replace(dataset, rows=dataset.rows[::-1])

    changes = {name: turned(getattr(snapshot, name)) for name in DATASETS}
    metrics = {row: turned(dataset) for row, dataset in snapshot.metrics.items()}
    return replace(snapshot, metrics=metrics, **changes)
