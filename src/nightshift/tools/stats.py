"""Exact figures of a series: computed here, so that no model has to reckon."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import tzinfo

from nightshift.facts.evidence import Stats
from nightshift.facts.units import from_epoch

Points = Sequence[tuple[float, float]]

FEWEST_POINTS_FOR_A_TREND = 3


def describe(points: Points, unit: str = "", limit: float | None = None) -> Stats | None:
    """The figures of one series, None when it has no finite value.

    `limit` is where it is full, in the unit of the values; time to full is None without a limit, when it does not grow,
    or when there are too few points for a trend.
    """
    finite = [(at, value) for at, value in points if math.isfinite(value)]
    if not finite:
        return None
    values = [value for _, value in finite]
    slope = slope_per_s(finite)
    return Stats(
        count=len(values),
        minimum=min(values),
        maximum=max(values),
        mean=math.fsum(values) / len(values),
        p95=percentile(values, 0.95),
        first=values[0],
        last=values[-1],
        rate_per_s=slope,
        unit=unit,
        time_to_full_s=time_to_full(values[-1], slope, limit),
        median=percentile(values, 0.5),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie, interpolated between neighbours. Needs at least one value."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def mean_by_hour(points: Points, zone: tzinfo) -> dict[int, float]:
    """The average over the days, by the hour of the day there."""
    hours: dict[int, list[float]] = {}
    for at, value in points:
        if math.isfinite(value):
            hours.setdefault(from_epoch(at).astimezone(zone).hour, []).append(value)
    return {hour: math.fsum(values) / len(values) for hour, values in hours.items()}


def extremes_by_hour(means: Mapping[int, float]) -> tuple[tuple[str, int], ...]:
    """The hours with the highest and the lowest average."""
    if not means:
        return ()
    return ("busiest", max(means, key=means.__getitem__)), ("quietest", min(means, key=means.__getitem__))


def slope_per_s(points: Points) -> float:
    """The slope of the least-squares line through the points, per second; 0 when there are too few."""
    if len(points) < FEWEST_POINTS_FOR_A_TREND:
        return 0.0
    start = points[0][0]
    times = [at - start for at, _ in points]
    values = [value for _, value in points]
    mean_time = math.fsum(times) / len(times)
    mean_value = math.fsum(values) / len(values)
    spread = math.fsum((at - mean_time) ** 2 for at in times)
    if spread == 0:
        return 0.0
    together = math.fsum((at - mean_time) * (v - mean_value) for at, v in zip(times, values, strict=True))
    return together / spread


def time_to_full(last: float, slope: float, limit: float | None) -> float | None:
    """Seconds until `limit` at this slope; 0 when it is reached; None when it is not growing towards it.

    A slope that would need more than ten years is not a trend.
    """
    if limit is None or not math.isfinite(limit):
        return None
    if last >= limit:
        return 0.0
    if slope <= 0:
        return None
    left_s = (limit - last) / slope
    return left_s if left_s <= 10 * 365 * 86_400 else None
