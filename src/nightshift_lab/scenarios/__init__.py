"""Scenarios: YAML files that say what is wrong in the homelab, and what is true. One file, one scenario."""

from nightshift_lab.scenarios.library import (
    FAULTS,
    SCENARIOS,
    build_scenario,
    random_scenario,
    scenario_from,
)
from nightshift_lab.scenarios.model import Scenario
from nightshift_lab.scenarios.positions import ScenarioError

__all__ = [
    "FAULTS",
    "SCENARIOS",
    "Scenario",
    "ScenarioError",
    "build_scenario",
    "random_scenario",
    "scenario_from",
]
