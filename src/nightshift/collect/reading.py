"""One read of one source within its deadline: a value, or the Gap that it left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from nightshift.errors import SourceError
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Dataset, DatasetState

Value = TypeVar("Value")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Deadline:
    """When one source has to be done, on the event loop's clock: one that hangs costs its own time only."""

    source: str
    at_s: float
    allowed_s: float

    @classmethod
    def after(cls, source: str, allowed_s: float) -> Deadline:
        return cls(source, asyncio.get_running_loop().time() + allowed_s, allowed_s)

    async def read(self, dataset: str, request: Awaitable[Value]) -> Value | Gap:
        """What `request` gives, or the Gap on `dataset` that its failure leaves."""
        try:
            async with asyncio.timeout_at(self.at_s):
                return await request
        except SourceError as error:
            return Gap.of(error, dataset)
        except TimeoutError:
            return Gap(self.source, dataset, "timed_out", f"no answer within {self.allowed_s:.0f} s")


@dataclass(slots=True)
class Gathering(Generic[Row]):
    """A dataset while its parts come in: rows and Gaps from several requests and sources.

    `answered` tells whether any request for it succeeded, so that "no rows" and "nothing could be read" differ.
    """

    rows: list[Row] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    answered: bool = False

    def add(self, answer: Iterable[Row] | Gap, dataset: str | None = None) -> None:
        """Take in the rows of one request, or its Gap (renamed to `dataset` when that is given)."""
        if isinstance(answer, Gap):
            self.gaps.append(on(answer, dataset) if dataset else answer)
            return
        self.answered = True
        self.rows.extend(answer)

    def dataset(self, taken_at: datetime) -> Dataset[Row]:
        if not self.answered:
            return Dataset("unavailable", (), tuple(self.gaps), taken_at)
        state: DatasetState = "partial" if self.gaps else "complete"
        return Dataset(state, tuple(self.rows), tuple(self.gaps), taken_at)


def joined(parts: Iterable[Dataset[Row]]) -> Dataset[Row]:
    """One dataset of all sources of a kind; `not_configured` when there is none.

    It is unavailable only when no source gave anything; one that failed among others leaves it partial.
    """
    every = tuple(parts)
    present = [part for part in every if part.state != "not_configured"]
    gaps = tuple(gap for part in every for gap in part.gaps)
    if not present:
        return Dataset("not_configured", (), gaps)
    rows = tuple(row for part in present for row in part.rows)
    progress = tuple(item for part in present for item in part.progress)
    taken_at = present[0].taken_at
    if all(part.state == "unavailable" for part in present):
        return Dataset("unavailable", (), gaps, taken_at, progress)
    whole = all(part.state == "complete" for part in present)
    return Dataset("complete" if whole else "partial", rows, gaps, taken_at, progress)


def on(gap: Gap, dataset: str) -> Gap:
    """The same failure, seen from another dataset that came with the same request."""
    return replace(gap, dataset=dataset)


class HungSources:
    """Sources that let the last sweep wait until its deadline. Who asks them again at once waits as long again, so that
    for half a minute they are taken at their silence."""

    _REMEMBERED_S = 30.0

    def __init__(self) -> None:
        self._until_s: dict[str, float] = {}

    def note(self, source: str, probe: Probe) -> None:
        """Remember whether a source answered the question that costs it least."""
        if probe.gap is not None and probe.gap.kind == "timed_out":
            self._until_s[source] = asyncio.get_running_loop().time() + self._REMEMBERED_S
        else:
            self._until_s.pop(source, None)

    def __contains__(self, source: str) -> bool:
        return self._until_s.get(source, 0.0) > asyncio.get_running_loop().time()


class Versioned(Protocol):
    """Any client: it has a source id and can be asked for its version."""

    @property
    def source(self) -> str: ...

    async def version(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether a source answers, how fast, and its version."""

    version: str | None
    latency_ms: float | None
    gap: Gap | None


async def probe(client: Versioned, deadline: Deadline) -> Probe:
    """Ask for the version, which every token may read."""
    clock = asyncio.get_running_loop().time
    started_s = clock()
    answer = await deadline.read("version", client.version())
    if isinstance(answer, Gap):
        return Probe(None, None, answer)
    return Probe(answer, (clock() - started_s) * 1000, None)
