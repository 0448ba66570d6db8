"""The slow lane: what a source gives only item by item, a bounded number of requests a sweep, most useful first.

PVE tells guest by guest (configuration, snapshots, file systems), disk by disk (SMART) and node by node (packages,
certificates), PBS namespace by namespace (snapshots). Reading all of it at every sweep would make the requests grow
with the guests, so that each source has one `SlowLane`: a `Kind` says for how long a result is good, an `Order` names
one item and how to read it, and a sweep's `Turn` reads as many as its budget allows. Results are kept until the next
one, with the time at which they were read, also from one process to the next (`lane_file`).

A new kind takes three steps:

    UPDATES = Kind("updates", NodeUpdates, pace=timedelta(hours=6), noun="nodes' package lists")

    turn.want(UPDATES, (                                              # before `turn.run`, wherever the items are known
        Order(node.name, node.entity.key, partial(client.updates, node.name, read_at=now)) for node in online
    ))
    updates: Dataset[NodeUpdates] = turn.dataset(UPDATES)             # after it

`NodeUpdates` is a frozen dataclass of plain values (numbers, texts, times, tuples of such), without secrets: it is
written to disk. Rows that carry their own `read_at` tell their age to whoever judges them.

What has not had its turn is missing from a dataset that is then `partial`, without a Gap: `Dataset.progress` says how
far the lane is, and which entities it has not reached. A read that failed is a Gap, and what was read before stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, cast

from nightshift.collect.lane_file import Form, Kept, LaneFile
from nightshift.collect.reading import Deadline
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Dataset, DatasetState, Progress
from nightshift.sources.transport import in_slow_lane

Value = TypeVar("Value")

STEADY_READS: Final = 32
"""Reads of one source a sweep, when everything was read once."""
READS_PER_NODE: Final = 2
FIRST_READS: Final = 160
"""Reads of one source a sweep while something was never read."""
WHOLE_READS: Final = 240
"""Reads of one source that are not spread over two sweeps when they are all there is: a homelab of 50 guests."""

_ABREAST: Final = 5  # one less than a transport's connections: a dead guest agent must not hold up the fast lane
_STARTS_FOR_S: Final = 2.5  # a read that would begin later waits for the next sweep
_RETRY: Final = timedelta(minutes=15)
_SUSPECT: Final = timedelta(minutes=5)
_REFUSED: Final = ("forbidden", "unauthorized")
_GIVE_UP_AFTER: Final = 3  # so many refusals of a kind without one success: the others would be refused as well


@dataclass(frozen=True, slots=True)
class Kind(Generic[Value]):
    """One kind of slow read.

    `name` is also its dataset in a Gap, `shape` the type of a result, `pace` how long one is good. `noun` is what the
    operator reads in "12 of 50 … read so far". Of equally urgent reads, the kind with the lower `rank` goes first.
    `retry` is when a failed read is tried again, by default after 15 minutes or the pace. `fix` says what to grant
    when reads are refused, for all of them. `unkept` are fields of the result that go to no disk. `version` is raised
    when a result changes its meaning, so that old ones are not used.
    """

    name: str
    shape: type[Value]
    pace: timedelta
    noun: str
    rank: int = 5
    retry: timedelta = _RETRY
    fix: str | None = None
    unkept: tuple[str, ...] = ()
    version: int = 1

    @property
    def form(self) -> Form:
        return Form(self.shape, self.version, self.unkept)


@dataclass(frozen=True, slots=True)
class Order(Generic[Value]):
    """One item that is to be read: its `key` within the kind, the `entity` (key) that it is about.

    `read` sends the request and raises a SourceError. `likely` items (running guests) go before others. What is
    `suspect` goes first and is read anew after five minutes, whatever its pace.
    """

    key: str
    entity: str
    read: Callable[[], Awaitable[Value]]
    likely: bool = True
    suspect: bool = False


@dataclass(slots=True)
class _Wanted:
    kind: Kind[Any]
    orders: tuple[Order[Any], ...]


class SlowLane:
    """The results of one source. `file` keeps them from one process to the next; without it they live as long as this.

    `budget` limits the reads of a sweep (for tests and benchmarks); by default it follows the number of nodes. `reads`
    counts all that were sent so far.
    """

    def __init__(self, source: str, file: LaneFile | None = None, *, budget: int | None = None) -> None:
        self.source = source
        self.reads = 0
        self._file = file
        self._budget = budget
        self._kept: dict[tuple[str, str], Kept] | None = None

    def turn(self, now: datetime, deadline: Deadline, *, nodes: int = 1) -> Turn:
        """This sweep's turn. `nodes` is how large the source is."""
        return Turn(self, now, deadline, self._budget, STEADY_READS + READS_PER_NODE * nodes)

    async def kept(self, now: datetime) -> dict[tuple[str, str], Kept]:
        """All results by (kind, key); the first time they come from the file."""
        if self._kept is None:
            self._kept = await asyncio.to_thread(self._file.load, now) if self._file else {}
        return self._kept

    async def save(self, wanted: frozenset[tuple[str, str]], now: datetime) -> None:
        """Write what is kept. A disk that fails costs the next process its head start, nothing else."""
        if self._file and self._kept is not None:
            await asyncio.to_thread(self._file.save, dict(self._kept), wanted, now)


@dataclass(slots=True)
class Turn:
    """What one sweep may read, and what it knows afterwards: `want`, then `run`, then `dataset`.

    `want` and `run` may be called again when the first results show what else there is to read; the budget is one.
    """

    lane: SlowLane
    now: datetime
    deadline: Deadline
    budget: int | None
    steady: int
    _wanted: dict[str, _Wanted] = field(default_factory=dict)
    _kept: dict[tuple[str, str], Kept] = field(default_factory=dict)
    _spent: int = 0
    _refused: dict[str, int] = field(default_factory=dict)
    _allowed: set[str] = field(default_factory=set)
    _ends_s: float | None = None

    def want(self, kind: Kind[Value], orders: Iterable[Order[Value]]) -> None:
        """The items of a kind that exist now, all of them, due or not."""
        self._wanted[kind.name] = _Wanted(kind, tuple(orders))

    async def run(self, share: float = 1.0) -> None:
        """Read what is due, as far as the budget and the time go; `share` leaves some of the budget for a later run."""
        self._kept = await self.lane.kept(self.now)
        for wanted in self._wanted.values():
            self._open(wanted)
        due = self._due()
        if not due:
            return
        queue = iter(due[: max(round(self._allowance(due) * share) - self._spent, 0)])
        clock = asyncio.get_running_loop().time
        if self._ends_s is None:
            self._ends_s = clock() + _STARTS_FOR_S
        ends_s = min(self._ends_s, self.deadline.at_s)

        async def work() -> None:
            in_slow_lane.set(True)  # of this task, and of what it starts
            for wanted, order in queue:
                if clock() >= ends_s:
                    return
                await self._read(wanted.kind, order)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(_ABREAST):
                    group.create_task(work())
        finally:  # what was read before a Ctrl-C is not read again
            await self.lane.save(frozenset(self._names()), self.now)

    def dataset(self, kind: Kind[Value]) -> Dataset[Value]:
        """The results of all items that were wanted, however old, in the order of the wanting."""
        wanted = self._wanted.get(kind.name)
        orders = wanted.orders if wanted else ()
        rows: list[Value] = []
        waiting, failed = [], []
        for order in orders:
            kept = self._kept.get((kind.name, order.key))
            if kept is not None and kept.failure is not None:
                failed.append((order, kept.failure))
            if kept is not None and kept.read_at is not None:
                rows.append(cast("Value", kept.value))
            elif kept is None or kept.failure is None:
                waiting.append(order.entity)
        gaps = _gaps(kind, failed, len(orders))
        if gaps and not rows and not waiting:
            return Dataset("unavailable", (), tuple(replace(gap, hides=()) for gap in gaps), self.now)
        state: DatasetState = "partial" if gaps or waiting else "complete"
        done = len(orders) - len(waiting)
        progress = (Progress(self.lane.source, kind.noun, done, len(orders), frozenset(waiting)),) if waiting else ()
        return Dataset(state, tuple(rows), gaps, self.now, progress)

    def read_at(self, kind: Kind[Value], key: str) -> datetime | None:
        """When a result was read; None when it never was."""
        kept = self._kept.get((kind.name, key))
        return kept.read_at if kept else None

    def _open(self, wanted: _Wanted) -> None:
        """Give the results that came from the file their type; what does not fit any more is forgotten."""
        for order in wanted.orders:
            name = (wanted.kind.name, order.key)
            kept = self._kept.get(name)
            if kept is not None and not kept.open(wanted.kind.form):
                del self._kept[name]

    def _allowance(self, due: Sequence[tuple[_Wanted, Order[Any]]]) -> int:
        """How many reads this sweep may send in all."""
        if self.budget is not None:
            return self.budget
        if all((wanted.kind.name, order.key) in self._kept for wanted, order in due):
            return self.steady
        return WHOLE_READS if self._spent + len(due) <= WHOLE_READS else FIRST_READS

    def _due(self) -> list[tuple[_Wanted, Order[Any]]]:
        """What is to be read, most useful first."""
        due = []
        for wanted in self._wanted.values():
            for order in wanted.orders:
                urgency = self._urgency(wanted.kind, order)
                if urgency is not None:
                    due.append((urgency, wanted, order))
        due.sort(key=lambda item: item[0])
        return [(wanted, order) for _, wanted, order in due]

    def _urgency(self, kind: Kind[Any], order: Order[Any]) -> tuple[bool, bool, float, bool, int, int, str] | None:
        """Sorts by: suspects, what was never tried, the longest overdue for its pace, the likely, the rank."""
        kept = self._kept.get((kind.name, order.key))
        length = (len(order.key), order.key)  # 99 before 100
        if kept is None:
            return not order.suspect, False, 0.0, not order.likely, kind.rank, *length
        wait = min(kind.pace, _SUSPECT) if order.suspect else kind.pace
        if kept.failure is not None:
            wait = min(wait, kind.retry)
        age = self.now - kept.tried_at
        if age < wait:
            return None
        return not order.suspect, True, -(age / kind.pace), not order.likely, kind.rank, *length

    async def _read(self, kind: Kind[Any], order: Order[Any]) -> None:
        if kind.name not in self._allowed and self._refused.get(kind.name, 0) >= _GIVE_UP_AFTER:
            self._remember(kind, order, self._refusal_of(kind))
            return
        self._spent += 1
        self.lane.reads += 1
        answer = await self.deadline.read(kind.name, order.read())
        if not isinstance(answer, Gap):
            self._allowed.add(kind.name)
        elif answer.kind in _REFUSED:
            self._refused[kind.name] = self._refused.get(kind.name, 0) + 1
        self._remember(kind, order, answer)

    def _refusal_of(self, kind: Kind[Any]) -> Gap:
        refusals = (
            kept.failure
            for (name, _), kept in self._kept.items()
            if name == kind.name and kept.failure is not None and kept.failure.kind in _REFUSED
        )
        return next(refusals)

    def _remember(self, kind: Kind[Any], order: Order[Any], answer: object) -> None:
        name = (kind.name, order.key)
        before = self._kept.get(name)
        if isinstance(answer, Gap):
            value, read_at = (before.value, before.read_at) if before else (None, None)
            self._kept[name] = Kept(value, read_at, self.now, answer, kind.form)
        else:
            self._kept[name] = Kept(answer, self.now, self.now, form=kind.form)

    def _names(self) -> Iterable[tuple[str, str]]:
        return ((wanted.kind.name, order.key) for wanted in self._wanted.values() for order in wanted.orders)


def _gaps(kind: Kind[Any], failed: list[tuple[Order[Any], Gap]], total: int) -> tuple[Gap, ...]:
    """One Gap for each way in which reads failed, with the entities that it hides."""
    ways: dict[tuple[str, str | None], list[tuple[Order[Any], Gap]]] = {}
    for order, gap in failed:
        ways.setdefault((gap.kind, None if gap.kind in _REFUSED else gap.fix), []).append((order, gap))
    return tuple(
        replace(
            group[0][1],
            dataset=kind.name,
            detail=f"{len(group)} of {total} {kind.noun}: {group[0][1].detail}",
            fix=kind.fix if kind.fix and group[0][1].kind in _REFUSED else group[0][1].fix,
            hides=tuple(sorted({order.entity for order, _ in group})),
        )
        for group in ways.values()
    )


def lane_of(source: str, url: str, folder: Path | None) -> SlowLane:
    """The lane of a source, kept in `folder` when there is one. `url` is the source's address: results of another
    system under the same id are not taken for its own."""
    return SlowLane(source, LaneFile(folder / f"{source}.jsonl", url) if folder else None)
