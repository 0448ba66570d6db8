"""A place in a question that names something."""

from __future__ import annotations

from dataclasses import dataclass

from nightshift.facts.ids import Entity


@dataclass(frozen=True, slots=True)
class Mention:
    """One place in the question that names something.

    `entities` is what it may mean: one when clear, several when ambiguous. `weak` when the words mean something else
    as well (a guest called `backup`): it counts only if the question needs a name and has no better one. A word that
    stands where a name is expected and fits nothing has no entities. `every`: all are meant (`the dns servers`). `odd`:
    a word of the language that the vocabulary lacks, and no name. `told`: it is said to be a name, whatever it means.
    """

    text: str
    first: int
    last: int
    entities: tuple[Entity, ...]
    weak: bool = False
    every: bool = False
    odd: bool = False
    told: bool = False

    @property
    def positions(self) -> frozenset[int]:
        return frozenset(range(self.first, self.last + 1))
