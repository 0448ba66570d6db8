"""Instances move between states as in Grafana."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nightshift_lab.grafana.rule import AlertRule, Folder
from nightshift_lab.grafana.states import LabelSet, RuleStatus

RULE = AlertRule(
    uid="r",
    title="R",
    folder=Folder("f", "F"),
    group="g",
    expr="up",
    comparison="lt",
    threshold=1,
    for_s=20,
    severity="warning",
    summary="",
    description="",
)
A: LabelSet = (("instance", "a"),)
B: LabelSet = (("instance", "b"),)
# One evaluation each 10 s: values by series, {} for an empty answer, a text for an error.
Step = dict[LabelSet, float] | str
UP, DOWN = {A: 1.0}, {A: 0.0}


def _run(rule: AlertRule, steps: list[Step]) -> RuleStatus:
    status = RuleStatus(rule)
    for number, step in enumerate(steps):
        if isinstance(step, str):
            status.failed(10.0 * number, step)
        else:
            status.evaluated(10.0 * number, step)
    return status


@pytest.mark.parametrize(
    ("steps", "told", "since", "state", "health"),
    [
        ([UP], "Normal", 0, "inactive", "ok"),
        ([UP, DOWN], "Pending", 10, "pending", "ok"),
        ([UP, DOWN, DOWN], "Pending", 10, "pending", "ok"),
        ([UP, DOWN, DOWN, DOWN], "Alerting", 30, "firing", "ok"),
        ([UP, DOWN, DOWN, DOWN, DOWN], "Alerting", 30, "firing", "ok"),
        ([UP, DOWN, UP], "Normal", 20, "inactive", "ok"),
        ([UP, DOWN, UP, DOWN], "Pending", 30, "pending", "ok"),
        ([DOWN, DOWN, DOWN, UP], "Normal", 30, "inactive", "ok"),
        ([UP, {}, {}], "Pending", 10, "pending", "ok"),
        ([UP, {}, {}, {}], "NoData", 30, "inactive", "nodata"),
        ([DOWN, DOWN, DOWN, {}], "NoData", 30, "inactive", "nodata"),
        ([UP, "x", "x", "x"], "Error", 30, "inactive", "error"),
        ([UP, "x", "x", "x", UP], "Normal", 40, "inactive", "ok"),
        ([DOWN, DOWN, DOWN, "x"], "Error", 30, "inactive", "error"),
    ],
)
def test_one_series(steps: list[Step], told: str, since: float, state: str, health: str) -> None:
    status = _run(RULE, steps)
    assert [(item.told, item.since) for item in status.instances.values()] == [(told, since)]
    assert (status.state, status.health) == (state, health)


def test_without_a_pending_period_it_fires_at_once() -> None:
    status = _run(replace(RULE, for_s=0), [DOWN])
    assert [(item.told, item.since) for item in status.instances.values()] == [("Alerting", 0)]


def test_a_rule_that_never_had_data_has_one_instance_without_labels() -> None:
    status = _run(replace(RULE, for_s=0), [{}])
    assert [(item.labels, item.told) for item in status.instances.values()] == [((), "NoData")]
    status.evaluated(10, UP)
    assert [(item.labels, item.told) for item in status.instances.values()] == [(A, "Normal")]


@pytest.mark.parametrize(("wanted", "told"), [("OK", "Normal (NoData)"), ("Alerting", "Alerting (NoData)")])
def test_no_data_as_the_rule_wants_it(wanted: str, told: str) -> None:
    rule = replace(RULE, for_s=0, no_data=wanted)  # type: ignore[arg-type]
    status = _run(rule, [UP, {}])
    assert [item.told for item in status.instances.values()] == [told]
    assert status.health == "ok"


def test_a_series_that_vanishes_resolves_at_the_second_evaluation_and_is_forgotten() -> None:
    both: Step = {A: 0.0, B: 1.0}
    told = []
    for more in range(1, 4):
        status = _run(RULE, [both, both, both, *[{B: 1.0}] * more])
        told.append(status.instances[A].told if A in status.instances else "gone")
    assert told == ["Alerting", "Normal (MissingSeries)", "gone"]


def test_series_are_judged_one_by_one() -> None:
    status = _run(replace(RULE, for_s=0), [{A: 0.0, B: 1.0}])
    assert {item.labels: item.state for item in status.instances.values()} == {A: "Alerting", B: "Normal"}
    assert (status.state, status.active_at) == ("firing", 0)


def test_not_a_number_breaches_nothing() -> None:
    assert _run(replace(RULE, for_s=0), [{A: float("nan")}]).state == "inactive"


def test_before_the_first_evaluation_nothing_is_known() -> None:
    status = RuleStatus(RULE)
    assert (status.state, status.health, status.active_at) == ("inactive", "unknown", None)
