"""Random worlds: no verdict raises, and none is better than what was seen."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.checks.random_facts import SNAPSHOTS

from nightshift.facts.snapshot import Snapshot
from nightshift.protection import matrix_of

SOAK = bool(os.environ.get("NIGHTSHIFT_SOAK"))
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")  # a whole world is large


@settings(
    max_examples=1_000 if SOAK else 40,
    derandomize=not SOAK,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(SNAPSHOTS)
def test_no_world_breaks_the_verdicts_or_makes_them_lie(snapshot: Snapshot) -> None:
    matrix = matrix_of(snapshot)
    assert sum(item.guest is not None for item in matrix.protections) == len(snapshot.guests)
    assert sum(matrix.counts.values()) == len(matrix.protections)
    for found in matrix.protections:
        assert found.reasons, found.entity
        assert all(reason.text.endswith(".") for reason in found.reasons), found.reasons
        if found.verdict == "protected":
            assert found.last_at is not None, found.entity
            assert snapshot.backup_jobs.known or found.guest is None
        if found.reason("never") and not found.covering:
            assert not snapshot.backup_groups.gaps
    assert matrix_of(snapshot) is matrix, "asked again, it is the same"
