"""Exact figures of a series."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from nightshift.facts.evidence import Stats
from nightshift.tools.stats import describe, extremes_by_hour, mean_by_hour, percentile, slope_per_s, time_to_full


def test_the_figures_of_a_straight_line() -> None:
    points = [(1000.0 + 10 * i, 2.0 * i) for i in range(11)]
    assert describe(points, "bytes", limit=40.0) == Stats(
        count=11, minimum=0.0, maximum=20.0, mean=10.0, p95=19.0, first=0.0, last=20.0, rate_per_s=pytest.approx(0.2),
        unit="bytes", time_to_full_s=pytest.approx(100.0), median=10.0,
    )  # fmt: skip


def test_values_that_are_no_numbers_are_left_out() -> None:
    points = [(0.0, 1.0), (1.0, math.nan), (2.0, math.inf), (3.0, 3.0)]
    stats = describe(points)
    assert stats is not None
    assert (stats.count, stats.minimum, stats.maximum, stats.last) == (2, 1.0, 3.0, 3.0)
    assert describe([(0.0, math.nan)]) is None
    assert describe([]) is None


@pytest.mark.parametrize(
    ("last", "slope", "limit", "left"),
    [
        (50.0, 1.0, 100.0, 50.0),
        (100.0, 1.0, 100.0, 0.0),
        (120.0, -1.0, 100.0, 0.0),
        (50.0, 0.0, 100.0, None),
        (50.0, -1.0, 100.0, None),
        (50.0, 1.0, None, None),
        (50.0, 1.0, math.inf, None),
        (0.0, 1e-9, 100.0, None),
    ],
)
def test_time_to_full(last: float, slope: float, limit: float | None, left: float | None) -> None:
    assert time_to_full(last, slope, limit) == left


@pytest.mark.parametrize(
    ("values", "share", "wanted"),
    [([1.0], 0.95, 1.0), ([1.0, 2.0], 0.5, 1.5), ([3.0, 1.0, 2.0], 1.0, 3.0), ([3.0, 1.0, 2.0], 0.0, 1.0)],
)
def test_percentile(values: list[float], share: float, wanted: float) -> None:
    assert percentile(values, share) == wanted


def test_too_few_points_have_no_slope() -> None:
    assert slope_per_s([(0.0, 0.0), (1.0, 5.0)]) == 0.0
    assert slope_per_s([(1.0, 0.0), (1.0, 5.0), (1.0, 9.0)]) == 0.0


def test_the_hours_of_a_day_are_the_viewers_and_their_average_is_over_the_days() -> None:
    morning, evening = (datetime(2026, 11, 26, hour, tzinfo=UTC).timestamp() for hour in (6, 18))
    points = [(morning, 1.0), (morning - 86_400, 3.0), (evening, 9.0)]
    means = mean_by_hour(points, ZoneInfo("Europe/Berlin"))
    assert means == {7: 2.0, 19: 9.0}
    assert extremes_by_hour(means) == (("busiest", 19), ("quietest", 7))
    assert extremes_by_hour({}) == ()
