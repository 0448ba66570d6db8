"""How a subsystem is told: its rows, which entities each row concerns, and which checks judge it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nightshift.facts.evidence import Cell
from nightshift.facts.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Told:
    """One row, and the keys of the entities that it is about: a replication job is about its guest and two nodes."""

    keys: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Subsystem:
    """`datasets` are fields of the Snapshot, the first one that which the rows are of: it tells whether they are all.

    `checks` are the ids, or the beginnings of ids, of the checks that judge it, `words` what alerts of the operator's
    own that concern it have in their names. Where a check judges several subsystems, `shared` are its ids and `named`
    the word that the titles of those of this one begin with.
    """

    title: str
    kind: str
    datasets: tuple[str, ...]
    request: str
    columns: tuple[str, ...]
    rows: Callable[[Snapshot], Iterable[Told]]
    checks: tuple[str, ...]
    words: tuple[str, ...]
    shared: tuple[str, ...] = ()
    named: str = ""
