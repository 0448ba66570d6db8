"""From the rows of an answer to facts, without holding up the event loop when they are thousands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

Row = TypeVar("Row")
Fact = TypeVar("Fact")
Facts = TypeVar("Facts")

_MANY: Final = 500  # a few milliseconds of work


async def facts_of(rows: Sequence[Row], fact: Callable[[Row], Fact]) -> tuple[Fact, ...]:
    """The fact of every row."""
    return await made_of(rows, lambda given: tuple(map(fact, given)))


async def made_of(rows: Sequence[Row], make: Callable[[Sequence[Row]], Facts]) -> Facts:
    """What `make` makes of all rows: in a thread when they are many, so that requests go on meanwhile."""
    return await asyncio.to_thread(make, rows) if len(rows) > _MANY else make(rows)
