"""One change that a plan proposes, and how guests are named in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nightshift.facts.ids import Entity


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what to do, why, the guests that it mends, and the commands for it, to be run as root on `where`."""

    what: str
    why: str
    mends: tuple[Entity, ...]
    commands: tuple[str, ...] = ()
    where: str = "any node of the cluster"


def listed(vmids: Iterable[int]) -> str:
    numbers = list(map(str, vmids))
    return numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
