"""What the points of a range do not show: a peak of a minute falls through wide steps, and so does a part of a sum."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nightshift.facts.evidence import Stats, Window
from nightshift.facts.monitoring import Labels, QueryResult
from nightshift.facts.read import Read

if TYPE_CHECKING:
    from nightshift.collect.live import Live

LONG_S = 2 * 3600.0
MOST_POINTS = 10_000
FINEST_S = 60.0
_SELECTOR = re.compile(r"[a-zA-Z_:][\w:]*(?:\{[^{}]*\})?")


_RATE = re.compile(r"\brate\(([^()]*)\[[^\]]*\]\)")


@dataclass(frozen=True, slots=True)
class Extremes:
    """The true highest and lowest values by the labels of their series."""

    highest: Mapping[Labels, float]
    lowest: Mapping[Labels, float]

    def widen(self, stats: Stats, labels: Labels) -> Stats:
        """The figures with the extremes that the points alone do not show."""
        return replace(
            stats,
            maximum=max(stats.maximum, self.highest.get(labels, stats.maximum)),
            minimum=min(stats.minimum, self.lowest.get(labels, stats.minimum)),
        )


async def extremes_of(live: Live, expr: str, window: Window) -> Extremes | None:
    """Ask Prometheus for both over the whole window; None for a short one, whose points lie close enough.

    What cannot be asked leaves the extremes of the points: the range itself tells of Gaps.
    """
    length_s = (window.end - window.start).total_seconds()
    if length_s < LONG_S:
        return None
    inner = expr if _SELECTOR.fullmatch(expr) else f"({expr})"
    step = "" if inner is expr else f":{max(FINEST_S, length_s / MOST_POINTS):.0f}s"
    over = f"{inner}[{length_s:.0f}s{step}]"
    highest, lowest = await asyncio.gather(
        live.query(f"max_over_time({over})", at=window.end), live.query(f"min_over_time({over})", at=window.end)
    )
    return Extremes(_by_labels(highest), _by_labels(lowest))


async def totals_of(live: Live, expr: str, unit: str, window: Window) -> Mapping[Labels, float]:
    """What came together over the window where the expression is a rate of bytes, by the labels of the series."""
    if unit != "bytes/s":
        return {}
    length_s = (window.end - window.start).total_seconds()
    return _by_labels(await live.query(_RATE.sub(rf"increase(\1[{length_s:.0f}s])", expr), at=window.end))


def _by_labels(read: Read[QueryResult]) -> Mapping[Labels, float]:
    return {without_name(sample.labels): sample.value for sample in (read.value.samples if read.value else ())}


def without_name(labels: Labels) -> Labels:
    """What stays of the labels when a function is applied."""
    return tuple(sorted(pair for pair in labels if pair[0] != "__name__"))
