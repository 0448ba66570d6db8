"""Every scenario on the whole lab: what must be found is found, nothing that is forbidden, the root cause first."""

from __future__ import annotations

import json
import os

import pytest
from tests.e2e.conftest import Cli
from tests.support.scenario_truth import broken_promises, scenario

from nightshift_evals.processes import Lab
from nightshift_lab.scenarios import SCENARIOS

pytestmark = pytest.mark.skipif(
    not os.environ.get("NIGHTSHIFT_SOAK"), reason="starts every scenario: NIGHTSHIFT_SOAK=1"
)


@pytest.mark.parametrize("lab", tuple(SCENARIOS), indirect=True, scope="session")
def test_a_scenario_keeps_its_promises(lab: Lab, cli: Cli) -> None:
    about_others = scenario(lab.scenario).is_about(lab.further)
    sweep = json.loads(cli("check", "--json", "--quiet", **(lab.further_environ if about_others else {})).stdout)
    assert broken_promises(lab.scenario, sweep) == []
