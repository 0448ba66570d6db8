"""One fault, one finding: who stands back for whom."""

from __future__ import annotations

import pytest
from tests.checks.world import NOTHING, world

from nightshift.checks.check import Check
from nightshift.checks.judge import run_checks
from nightshift.checks.overlap import _is
from nightshift.checks.previous import Previous
from nightshift.checks.registry import CHECKS
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Snapshot

PVE1, PVE2 = Entity("node:pve/pve1", "pve1"), Entity("node:pve/pve2", "pve2")


def check(
    check_id: str, *about: tuple[Entity, str], yields_to: tuple[str, ...] = (), same_thing: bool = False
) -> Check:
    findings = tuple(Finding(check_id, "warning", entity, "t", "d", "r", discriminator=what) for entity, what in about)

    def say(_snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
        return CheckResult(findings)

    return Check(check_id, "x", "warning", ("nodes",), say, "X", yields_to=yields_to, same_thing=same_thing)


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (check("disk.smart", (PVE1, "")), check("smart.failed", (PVE1, "sda"), yields_to=("disk.*",)), []),
        (
            check("disk.smart", (PVE2, "")),
            check("smart.failed", (PVE1, "sda"), yields_to=("disk.*",)),
            ["smart.failed"],
        ),
        (check("disks.other", (PVE1, "")), check("smart.failed", (PVE1, ""), yields_to=("disk.*",)), ["smart.failed"]),
        (
            check("node.service", (PVE1, "pveproxy")),
            check("systemd.unit", (PVE1, "pveproxy.service"), yields_to=("node.service",), same_thing=True),
            [],
        ),
        (
            check("node.service", (PVE1, "pveproxy")),
            check("systemd.unit", (PVE1, "restic.service"), yields_to=("node.service",), same_thing=True),
            ["systemd.unit"],
        ),
        (check("node.service", (PVE1, "")), check("systemd.unit", (PVE1, "")), ["systemd.unit"]),
    ],
    ids=["family", "another entity", "another family", "same thing", "another thing", "yields to nobody"],
)
def test_the_better_source_stands(first: Check, second: Check, kept: list[str]) -> None:
    for order in ((first, second), (second, first)):
        judgements = run_checks(order, world(), NOTHING, Thresholds())
        told = [finding.check for judgement in judgements for finding in judgement.result.findings]
        assert sorted(told) == sorted([first.id, *kept])


def test_checks_yield_to_checks_that_exist() -> None:
    ids = {item.id for item in CHECKS}
    for item in CHECKS:
        for wanted in item.yields_to:
            assert any(_is(other, wanted) for other in ids - {item.id}), (item.id, wanted)
