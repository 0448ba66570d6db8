"""The public collection of alert rules is accounted for, rule by rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nightshift.checks.coverage import COLLECTION
from nightshift.checks.registry import CHECKS

SHARED = Path(__file__).parents[3] / "shared/data/homelab_rules.json"
RULES = [rule for group in COLLECTION.values() for rule in group]
IDS = {check.id for check in CHECKS}


def test_every_rule_is_told_by_a_check_or_has_a_reason() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES) == 152
    for rule in RULES:
        assert bool(rule.checks) != bool(rule.reason), rule.name
        assert set(rule.checks) <= IDS, rule.name


def test_no_critical_rule_is_left_out() -> None:
    assert [rule.name for rule in RULES if rule.severity == "critical" and not rule.checks] == []


@pytest.mark.contracts
@pytest.mark.skipif(not SHARED.exists(), reason="the collection's names are not here")
def test_the_list_is_the_collections_own() -> None:
    public = {rule["name"]: rule["severity"] for rule in json.loads(SHARED.read_text())["rules"]}
    assert {rule.name: rule.severity for rule in RULES} == public
