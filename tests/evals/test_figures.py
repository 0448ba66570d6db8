"""The report format of benchmarks and evals."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import pytest

from nightshift_evals.figures import (
    Figure,
    Goal,
    Report,
    at_least,
    at_most,
    exactly,
    median_of,
    percentile_of,
    share_of,
    wilson_interval,
)

AT = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("goal", "value", "met"),
    [
        (at_most(0.5), 0.5, True),
        (at_most(0.5), 0.501, False),
        (at_least(0.95), 0.95, True),
        (at_least(0.95), 0.949, False),
        (exactly(0), 0, True),
        (exactly(0), 1, False),
        (at_most(0.5), math.nan, False),
        (at_least(0.5), math.nan, False),
        (None, 3, None),
    ],
)
def test_a_goal_is_kept_or_missed(goal: Goal | None, value: float, met: bool | None) -> None:
    assert Figure("x", value, "s", goal).met is met


@pytest.mark.parametrize(
    ("samples", "percent", "value"),
    [([3, 1, 2], 50, 2), ([1, 2], 50, 1.5), ([1, 2, 3, 4], 95, 4), (list(range(1, 101)), 95, 95), ([7], 95, 7)],
)
def test_percentiles(samples: list[float], percent: float, value: float) -> None:
    figure = percentile_of("p", samples, percent, "s")
    assert (figure.value, figure.n, figure.spread) == (value, len(samples), (min(samples), max(samples)))


def test_nothing_measured_meets_no_goal() -> None:
    figures = (median_of("latency", [], "s", goal=at_most(1)), share_of("right", 0, 0, goal=at_least(0.9)))
    assert [(figure.met, figure.to_json()["value"], figure.n) for figure in figures] == [(False, None, 0)] * 2
    assert not Report("empty", ()).ok


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"), [(10, 10, 0.722, 1.0), (0, 10, 0.0, 0.278), (50, 100, 0.404, 0.596)]
)
def test_wilson_interval(hits: int, total: int, low: float, high: float) -> None:
    assert wilson_interval(hits, total) == pytest.approx((low, high), abs=0.001)


def test_the_shape_of_a_report() -> None:
    report = Report(
        "ask",
        (
            median_of("answer p50", [0.2, 0.1, 0.4], "s", goal=at_most(0.15)),
            share_of("right", 3, 4),
            Figure("help", 0.3, "s", at_most(0.5)),
        ),
        AT,
    )
    data = json.loads(report.to_text(as_json=True))
    machine = data.pop("machine")
    assert set(machine) == {"cpu", "cores", "memory_bytes", "system", "python"}
    assert data == {
        "name": "ask",
        "at": "2026-11-23T21:30:00+00:00",
        "figures": [
            {
                "figure": "answer p50",
                "value": 0.2,
                "unit": "s",
                "goal": "<= 0.15",
                "met": False,
                "n": 3,
                "spread": [0.1, 0.4],
            },
            {
                "figure": "right",
                "value": 0.75,
                "unit": "fraction",
                "n": 4,
                "spread": [pytest.approx(0.3006, abs=1e-3), pytest.approx(0.9544, abs=1e-3)],
            },
            {"figure": "help", "value": 0.3, "unit": "s", "goal": "<= 0.5", "met": True, "n": 1, "spread": None},
        ],
    }
    assert report.exit_code == 1
    assert "| answer p50 | 0.2 s | <= 0.15 | **no** | 3 | 0.1 … 0.4 |" in report.to_text(as_json=False)
