"""Skipping what cannot change a rule gives the very states that stepping through everything gives."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from nightshift_lab.grafana.rules import RULES
from nightshift_lab.grafana.states import RuleStatus
from nightshift_lab.grafana.timeline import Timeline

RULE = next(rule for rule in RULES if rule.title == "NodeDown")
TIMES = range(1_795_000_000, 1_795_000_000 + 600 * 60, 60)
NAMES = ((("instance", "a"),), (("instance", "b"),), (("instance", "c"),))


def _story(seed: int) -> tuple[Timeline, list[dict[tuple[tuple[str, str], ...], float]], list[str]]:
    """Three series that mostly are 1: now and then one is 0, is missing, or nothing can be asked at all."""
    rng = random.Random(seed)
    timeline, steps = Timeline(TIMES), [dict[tuple[tuple[str, str], ...], float]() for _ in TIMES]
    for name in NAMES:
        samples: list[tuple[float, str]] = []
        index = 0
        while index < len(TIMES):
            lasts, value = rng.choice(((120, 1.0), (90, 1.0), (1, 0.0), (4, 0.0), (12, 0.0), (2, None), (30, None)))
            for step in range(index, min(index + lasts, len(TIMES))):
                if value is not None:
                    samples.append((float(TIMES[step]), str(value)))
                    steps[step][name] = value
            index += lasts
        timeline.add(name, samples, np.ones(len(TIMES), dtype=np.bool_))
    errors = ["" for _ in TIMES]
    broken_from = rng.randrange(len(TIMES))
    for step in range(broken_from, min(broken_from + rng.choice((0, 3, 40)), len(TIMES))):
        errors[step] = "no route to host"
    return timeline, steps, errors


@pytest.mark.parametrize("for_s", [0, 120, 600])
@pytest.mark.parametrize("seed", range(12))
def test_states_are_the_same_as_without_skipping(seed: int, for_s: int) -> None:
    timeline, steps, errors = _story(seed)
    skipping, stepping = (RuleStatus(replace(RULE, for_s=for_s)) for _ in range(2))
    for at, error, series in timeline.evaluations(skipping, errors):
        skipping.failed(at, error) if error else skipping.evaluated(at, series)
    for at, error, series in zip(TIMES, errors, steps, strict=True):
        stepping.failed(float(at), error) if error else stepping.evaluated(float(at), series)
    assert skipping.instances == stepping.instances
    assert list(skipping.changes) == list(stepping.changes)
    assert (skipping.health, skipping.state, skipping.active_at) == (
        stepping.health,
        stepping.state,
        stepping.active_at,
    )


def test_a_healthy_week_is_evaluated_twice() -> None:
    timeline = Timeline(TIMES)
    for name in NAMES:
        timeline.add(name, [(float(at), "1") for at in TIMES], np.ones(len(TIMES), dtype=np.bool_))
    status = RuleStatus(RULE)
    evaluated = []
    for at, _, series in timeline.evaluations(status, [""] * len(TIMES)):
        status.evaluated(at, series)
        evaluated.append(at)
    assert evaluated == [float(TIMES[0]), float(TIMES[-1])]
