"""The lab's scenarios against PVE and PBS alone: what must be found is found, and nothing that is forbidden.

A few in every run, all of them in the soak; tests/e2e/test_truths.py asks the same of the whole lab with Prometheus.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.support.scenario_truth import broken_promises
from tests.sweep.test_on_the_lab import lab, sweep_of

from nightshift.checks.registry import CHECKS
from nightshift.facts.as_json import sweep_to_json
from nightshift_lab.scenarios import SCENARIOS

_OF_MONITORING = frozenset({"targets", "alerts", "alert_rules"})
JUDGED = [
    check.id
    for check in CHECKS
    if not any(name in _OF_MONITORING or name.startswith("metrics.") for name in check.datasets)
]
SAMPLE = (
    "backup-host-down",
    "backup-server-missed-its-window",
    "datastore-unavailable",
    "garbage-collection-failing",
    "guest-backup-failing",
    "guest-io-error",
    "healthy-migration",
    "healthy-rolling-upgrade",
    "node-rootfs-full",
    "node-statistics-stuck",
    "thin-pool-full-pauses-guests",
    "two-faults",
)
CHOSEN = tuple(SCENARIOS) if os.environ.get("NIGHTSHIFT_SOAK") else SAMPLE


def is_about(scenario: str, word: str) -> bool:
    """Whether the truth of a scenario names something."""
    truth = SCENARIOS[scenario].truth
    return any(word in claim.entity for claim in (*truth.root_causes, *truth.findings_required))


def further_systems(folder: Path) -> dict[str, str]:
    """The variables that lead to the lab's second site and second backup server, which nightshift.yaml names."""
    told = json.loads((folder / "ready.json").read_text())
    tokens = {source["token_env"]: source["token"] for source in told["sources"]}
    return {"NIGHTSHIFT_CONFIG": str(folder / "state" / "nightshift.yaml"), **tokens}


@pytest.mark.parametrize("name", CHOSEN)
async def test_a_scenario_keeps_its_promises(name: str, tmp_path: Path) -> None:
    with lab(name, tmp_path, "--state-dir", str(tmp_path / "state")) as environ:
        further = further_systems(tmp_path) if is_about(name, "pbs2") else {}
        sweep = await sweep_of(environ | further)
    told = sweep_to_json(sweep, sweep.findings, sweep.snapshot.taken_at)
    assert broken_promises(SCENARIOS[name], told, judged=JUDGED) == []


@pytest.mark.parametrize("seed", range(20) if os.environ.get("NIGHTSHIFT_SOAK") else (1, 2))
@pytest.mark.parametrize("size", [(), ("--nodes", "8", "--guests", "500")], ids=["homelab", "fleet"])
async def test_what_is_healthy_gives_nothing_above_a_remark(seed: int, size: tuple[str, ...], tmp_path: Path) -> None:
    with lab("healthy", tmp_path, "--seed", str(seed), *size) as environ:
        sweep = await sweep_of(environ)
    assert [(item.check, item.title) for item in sweep.findings if item.severity != "info"] == []
    assert sweep.gaps == ()
