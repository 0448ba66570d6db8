"""What an operator may change: which checks run, how severe they are, which limits they have, what is left out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.checks.world import BY_ID, LIMITS, NOW, clock, complete, metrics, node, sample, storage, world

from nightshift.checks.policy import NO_POLICY, Adjustment, Exclusion, Policy, judge_all
from nightshift.checks.previous import NOTHING
from nightshift.checks.registry import CHECKS
from nightshift.checks.selection import Facets, Selector
from nightshift.facts.finding import Severity

FULL = world(storages=complete(storage(used_bytes=90 * 2**30)), nodes=complete(node(), node("pve2", online=False)))


def told(policy: Policy) -> dict[str, Severity]:
    judgements = judge_all(CHECKS, FULL, NOTHING, LIMITS, policy)
    return {finding.check: finding.severity for item in judgements for finding in item.result.findings}


ADJUSTMENTS: list[tuple[str, dict[str, Adjustment], dict[str, Severity]]] = [
    ("nothing", {}, {"node.offline": "critical", "storage.full": "warning"}),
    ("a check off", {"storage.full": Adjustment(off=True)}, {"node.offline": "critical"}),
    ("a family off", {"storage": Adjustment(off=True)}, {"node.offline": "critical"}),
    (
        "a family off, one of it on",
        {"storage": Adjustment(off=True), "storage.full": Adjustment(off=False)},
        {"node.offline": "critical", "storage.full": "warning"},
    ),
    (
        "a cap lowers what is worse and leaves the rest",
        {"cluster": Adjustment(at_most="warning"), "storage": Adjustment(at_most="warning")},
        {"node.offline": "warning", "storage.full": "warning"},
    ),
    (
        "a severity of its own",
        {"storage.full": Adjustment(severity="critical")},
        {"node.offline": "critical", "storage.full": "critical"},
    ),
    (
        "limits of its own",
        {"storage.full": Adjustment(thresholds={"storage_warning": 0.95})},
        {"node.offline": "critical"},
    ),
]


@pytest.mark.parametrize(
    ("adjustments", "severities"), [row[1:] for row in ADJUSTMENTS], ids=[row[0] for row in ADJUSTMENTS]
)
def test_what_holds_for_a_check(adjustments: dict[str, Adjustment], severities: dict[str, Severity]) -> None:
    assert told(Policy(adjustments)) == severities


def test_what_does_not_run_is_known() -> None:
    assert NO_POLICY.switched_off(CHECKS) == ()
    assert Policy({"storage": Adjustment(off=True)}).switched_off(CHECKS) == tuple(
        check.id for check in CHECKS if check.family == "storage"
    )


def test_a_check_is_more_than_its_family() -> None:
    policy = Policy(
        {
            "storage": Adjustment(at_most="info", thresholds={"storage_warning": 0.5, "storage_critical": 0.6}),
            "storage.full": Adjustment(at_most="warning", thresholds={"storage_warning": 0.7}),
        }
    )
    assert policy.adjustment(BY_ID["storage.full"]) == Adjustment(
        at_most="warning", thresholds={"storage_warning": 0.7, "storage_critical": 0.6}
    )


WEB: Facets = {
    "guest": ("Web-1",),
    "vmid": ("9004",),
    "tag": ("lab", "prod"),
    "node": ("pve1",),
    "source": ("pve",),
    "check": ("guest.memory", "guests"),
}
SELECTORS = [
    (Selector(), False),
    (Selector(guest=("web-*",)), True),
    (Selector(guest=("web",)), False),
    (Selector(guest=("db", "web-?")), True),
    (Selector(vmid=("9000-9099",)), True),
    (Selector(vmid=("9004",)), True),
    (Selector(vmid=("900",)), False),
    (Selector(vmid=("9005-9099",)), False),
    (Selector(tag=("lab",)), True),
    (Selector(tag=("test",)), False),
    (Selector(node=("pve1",), check=("guest.*",)), True),
    (Selector(node=("pve1",), check=("guests",)), True),
    (Selector(node=("pve1",), check=("backup.*",)), False),
    (Selector(datastore=("*",)), False),
]


@pytest.mark.parametrize(("selector", "chosen"), SELECTORS, ids=[str(row[0]) for row in SELECTORS])
def test_what_a_selector_chooses(selector: Selector, chosen: bool) -> None:
    assert selector.chooses(WEB) is chosen


def test_an_exclusion_ends() -> None:
    exclusion = Exclusion(Selector(tag=("lab",)), "scratch", NOW, "nightshift.yaml line 3, exclusions[0]")
    assert exclusion.covers(WEB, NOW - timedelta(seconds=1))
    assert not exclusion.covers(WEB, NOW)
    assert str(exclusion) == "excluded by nightshift.yaml line 3, exclusions[0]: scratch"


def test_what_two_checks_say_is_said_once_by_the_one_that_is_on() -> None:
    offset = [sample(2.4, instance="pve2:9100", job="node")]
    clocks = complete(clock("pve1"), clock("pve2", 1.6, 2.7))
    skewed = world(clocks=clocks, metrics=metrics(host_clock_offset=offset))

    def checks(policy: Policy) -> list[str]:
        judgements = judge_all(CHECKS, skewed, NOTHING, LIMITS, policy)
        return [finding.check for item in judgements for finding in item.result.findings]

    assert checks(NO_POLICY) == ["node.clock"]
    assert checks(Policy({"node.clock": Adjustment(off=True)})) == ["host.clock_offset"]
