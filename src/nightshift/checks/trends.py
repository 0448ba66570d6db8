"""Straight lines through the past, to say when something is full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nightshift.checks.thresholds import DAY_S, HOUR_S

_FEWEST_DAYS = 4
_TWO_WEEKS = 14
_BURST = 4.0
_BURST_MATTERS_FROM = 0.80


def is_passing_burst(grown_6h: float, slope_24h: float, used_share: float) -> bool:
    """Whether most of a day's growth fell into its last six hours, with room left: a restore or a copy, no trend. A
    line through a day with holes in its history takes such a jump for steady growth."""
    return used_share < _BURST_MATTERS_FROM and grown_6h > _BURST * slope_24h * 6 * HOUR_S


def slope_per_s(points: Sequence[tuple[float, float]]) -> float | None:
    """The least-squares slope of (seconds, value) points; None when they do not span any time."""
    if len(points) < 2:
        return None
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if spread == 0:
        return None
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


def daily_lows(history: Iterable[float | None], step_s: float) -> list[tuple[float, float]]:
    """The lowest value of each full day, counted back from the end, as (seconds before the end, negative; value).

    Usage of a backup server is a sawtooth: backups add, garbage collection takes away. Only its lows tell the growth.
    """
    values = list(history)
    per_day = max(round(DAY_S / step_s), 1)
    lows: list[tuple[float, float]] = []
    for end in range(len(values), per_day - 1, -per_day):
        day = [
            (index, value)
            for index, value in enumerate(values[end - per_day : end], end - per_day)
            if value is not None
        ]
        if len(day) * 2 >= per_day:
            index, low = min(day, key=lambda item: item[1])
            lows.append(((index - len(values)) * step_s, low))
    return lows[::-1]


def days_to_full(history: Iterable[float | None], step_s: float | None, share_now: float) -> float | None:
    """Days until a share of 1 at the growth of the daily lows of the last two weeks.

    None when usage is flat or shrinks, or when fewer than four days are known: that is no trend.
    """
    if not step_s or step_s <= 0:
        return None
    lows = daily_lows(history, step_s)[-14:]
    slope = slope_per_s(lows) if len(lows) >= _FEWEST_DAYS else None
    if slope is None or slope <= 0:
        return None
    return max(1.0 - share_now, 0.0) / slope / DAY_S


def steady_days_to_full(lows: Iterable[float | None], share_now: float) -> float | None:
    """Days until a share of 1 at the slower of the growths of the last two weeks, one by one and together: what came at
    once, a restore or a copy, is no trend. None when one of them shows no growth, or fewer than ten days are known."""
    known = [(day, low) for day, low in enumerate(list(lows)[-_TWO_WEEKS:]) if low is not None]
    if len(known) < _TWO_WEEKS - _FEWEST_DAYS:
        return None
    half = len(known) // 2
    slope = min(slope_per_s(part) or 0.0 for part in (known[:half], known[half:], known))  # a day
    return max(1.0 - share_now, 0.0) / slope if slope > 0 else None
