"""The past of the lab's Prometheus: written as OpenMetrics text and made into blocks by promtool.

Older history is coarse, the last day and a half fine, and the last minutes as dense as live scrapes, so that a rate
over two minutes works at once. Every value is a closed form of time: where the history ends, the live scrapes go on.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from nightshift_lab.children import Child, ChildFailed, first_failure
from nightshift_lab.exporters.exposition import Figures, history_text, still
from nightshift_lab.exporters.history import HistoryTarget
from nightshift_lab.world.nouns import DAY_S
from nightshift_lab.world.world import World

# Sizes that promtool knows. It reads a file once for each block that it spans: a slice is a block. Smaller ones can be
# made side by side, larger ones are less work in all.
_SMALL_BLOCK_S = 64_800
_LARGE_BLOCK_S = 583_200
_PARALLEL = 2
_STILL_EVERY_S = 60
# What people count over time, e.g. how many scrapes failed.
_ALWAYS_DENSE = frozenset({"up", "probe_success"})


@dataclass(frozen=True, slots=True)
class Slice:
    """Samples at `first`, `first + step_s`, … before `end` (epoch s).

    Of a series that does not move in that time there is a sample only every `still_every` steps: half of all series are
    sizes, names and states. `block_s` is the size of the block that it lies in.
    """

    first: int
    end: int
    step_s: int
    still_every: int = 1
    block_s: int = _SMALL_BLOCK_S

    @property
    def times(self) -> range:
        return range(self.first, self.end, self.step_s)


@dataclass(frozen=True, slots=True)
class Span:
    """How far back history goes and how dense it is, seen from the start of the lab."""

    coarse_s: float = 7 * DAY_S
    coarse_step_s: int = 300
    fine_s: float = 1.5 * DAY_S
    fine_step_s: int = 60
    fine_still_every: int = 4  # within the five minutes that Prometheus looks back
    dense_s: float = 600.0
    block_s: int = _SMALL_BLOCK_S

    def slices(self, now: float) -> tuple[Slice, ...]:
        """The coarse and the fine part, cut at the borders of blocks; what is most work first."""
        fine_from = int(now - self.fine_s) // self.coarse_step_s * self.coarse_step_s
        coarse_from = int(now - self.coarse_s) // self.coarse_step_s * self.coarse_step_s
        parts = [
            *self._cut(fine_from, self.dense_from(now), self.fine_step_s, self.fine_still_every),
            *self._cut(coarse_from, fine_from, self.coarse_step_s),
        ]
        return tuple(sorted(parts, key=lambda part: len(part.times), reverse=True))

    def seam(self, now: float, until: float, step_s: int) -> Slice:
        """What is left between the fine part of a history made at `now` and the first live scrape after `until`."""
        return Slice(self.dense_from(now), int(until), step_s, max(_STILL_EVERY_S // step_s, 1), self.block_s)

    def dense_from(self, now: float) -> int:
        return int(now - self.dense_s) // self.fine_step_s * self.fine_step_s

    def _cut(self, first: int, end: int, step_s: int, still_every: int = 1) -> list[Slice]:
        borders = range(first - first % self.block_s + self.block_s, end, self.block_s)
        pairs = [(start, stop) for start, stop in pairwise((first, *borders, end)) if start < stop]
        return [Slice(-(-start // step_s) * step_s, stop, step_s, still_every, self.block_s) for start, stop in pairs]


# Long enough for what looks back a day and compares it with half a day before; made in a sixth of the time.
SHORT = Span(coarse_s=1.6 * DAY_S, fine_s=3_600.0, dense_s=420.0, block_s=_LARGE_BLOCK_S)


class HistoryWriter:
    """Turns slices of the past into blocks in `blocks_dir`. Text files pass through `scratch_dir` and are removed."""

    def __init__(self, promtool: Path, targets: Sequence[HistoryTarget], blocks_dir: Path, scratch_dir: Path) -> None:
        self._promtool = promtool
        self._targets = tuple(targets)
        self._blocks_dir = blocks_dir
        self._scratch_dir = scratch_dir
        self._room = asyncio.Semaphore(_PARALLEL)

    async def write(self, world: World, slices: Sequence[Slice]) -> int:
        """Write all slices; returns the most series that any of them has. Raises ChildFailed, OSError."""
        self._blocks_dir.mkdir(parents=True, exist_ok=True)
        self._scratch_dir.mkdir(parents=True, exist_ok=True)
        with first_failure():
            async with asyncio.TaskGroup() as group:
                writing = [group.create_task(self._write_one(world, piece)) for piece in slices if piece.times]
        return max((task.result() for task in writing), default=0)

    async def _write_one(self, world: World, piece: Slice) -> int:
        path = self._scratch_dir / f"{piece.first}.om"
        async with self._room:
            try:
                count = await asyncio.to_thread(write_openmetrics, world, self._targets, piece, path)
                await self._make_block(path, piece.block_s)
            finally:
                path.unlink(missing_ok=True)
        return count

    async def _make_block(self, path: Path, size_s: int) -> None:
        command = (
            str(self._promtool),
            *("tsdb", "create-blocks-from", "openmetrics", "--quiet", f"--max-block-duration={size_s // 3_600}h"),
            *(str(path), str(self._blocks_dir)),
        )
        # A little more memory for a few seconds, a tenth less time.
        child = Child("promtool", command, path.with_suffix(".log"), {**os.environ, "GOGC": "400"})
        try:
            await child.start()
            if await child.wait() != 0:
                raise ChildFailed(f"promtool could not make a block of the history:\n{child.log_tail()}")
        finally:
            await child.stop()
            path.with_suffix(".log").unlink(missing_ok=True)


def write_openmetrics(world: World, targets: Sequence[HistoryTarget], piece: Slice, path: Path) -> int:
    """Write the samples of `piece` as OpenMetrics text; returns the number of series."""
    stamps = [str(time) for time in piece.times]
    seldom = _seldom(len(stamps), piece.still_every)
    few_stamps = [stamps[index] for index in seldom]
    figures = Figures(world, np.array(piece.times, dtype=np.float64))
    count = 0
    with path.open("w", encoding="utf-8", buffering=1 << 20) as file:
        for target in targets:
            for family in target.families(figures):
                watched = family.name in _ALWAYS_DENSE
                for labels, values in family.series:
                    own = {**labels, **target.labels}
                    if watched or not still(values):
                        file.write(history_text(family.name, own, values, stamps))
                    else:
                        file.write(history_text(family.name, own, values[seldom], few_stamps))
                    count += 1
        file.write("# EOF\n")
    return count


def _seldom(count: int, every: int) -> list[int]:
    """The index of one sample out of so many, and of the last."""
    return sorted({*range(0, count, every), count - 1} - {-1})
