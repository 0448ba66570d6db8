"""Figures that follow from two others of the same line: by how much, how many times, and in sum.

`tank has 1.32 TiB free against 3.67 TiB: 2.35 TiB less` says two things that were read, and one that was reckoned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from nightshift.agent.quantities import Quantity

_COMPARES = re.compile(
    r"\b(?:more|less|fewer|difference|points?|times|against|ahead|grew|grown|rose|risen|fell|fallen|by|higher|lower|"
    r"longer|shorter|apart|together|minus|change|changed)\b",
    re.IGNORECASE,
)
MOST_FIGURES = 8


def compares(line: str) -> bool:
    """Whether a line speaks of figures against each other."""
    return bool(_COMPARES.search(line))


def follows(claim: Quantity, others: Sequence[Quantity]) -> bool:
    """Whether a figure is the difference, the sum or the ratio of two others, given the digits that are shown."""
    return any(_is_of(claim, one, other) for one, other in combinations(others[:MOST_FIGURES], 2))


def _is_of(claim: Quantity, one: Quantity, other: Quantity) -> bool:
    if one.dimension != other.dimension:
        return _is_mean(claim, one, other) or _is_mean(claim, other, one)
    if one.dimension == claim.dimension == "number" and all(item.value.is_integer() for item in (claim, one, other)):
        return abs(claim.value) in (abs(one.value - other.value), one.value + other.value) or _is_ratio(
            claim, one, other
        )
    low_first, high_first = _apart(one, other)
    whole = (one.low + other.low, one.high + other.high)
    if claim.dimension == one.dimension and (_meet(claim, low_first, high_first) or _meet(claim, *whole)):
        return True
    if claim.dimension != "number":
        return claim.dimension == "fraction" and other.high > 0 and one.high > 0 and _is_share(claim, one, other)
    if one.dimension == "fraction" and _meet(claim, low_first * 100, high_first * 100):
        return True  # `3.5 points`
    return _is_ratio(claim, one, other)


def _is_mean(claim: Quantity, whole: Quantity, count: Quantity) -> bool:
    """`2 min on average: 14 tasks took 28 min together`."""
    if claim.dimension != whole.dimension or count.dimension != "number" or count.value < 1:
        return False
    return _meet(claim, whole.low / count.value, whole.high / count.value)


def _apart(one: Quantity, other: Quantity) -> tuple[float, float]:
    """The least and the most by which two figures can differ."""
    high = max(abs(one.high - other.low), abs(other.high - one.low))
    low = max(0.0, max(one.low, other.low) - min(one.high, other.high))
    return low, high


def _is_ratio(claim: Quantity, one: Quantity, other: Quantity) -> bool:
    large, small = (one, other) if one.value >= other.value else (other, one)
    return small.low > 0 and _meet(claim, large.low / small.high, large.high / small.low)


def _is_share(claim: Quantity, one: Quantity, other: Quantity) -> bool:
    """`19 % more`: the difference as a share of either."""
    low, high = _apart(one, other)
    return any(base.low > 0 and _meet(claim, low / base.high, high / base.low) for base in (one, other))


def _meet(claim: Quantity, low: float, high: float) -> bool:
    return claim.low <= high and low <= claim.high
