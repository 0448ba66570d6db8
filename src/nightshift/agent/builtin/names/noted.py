"""A guest that is called by what its owner wrote down about it: `the tax software vm`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nightshift.agent.builtin.words.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.words.lexicon import lexicon
from nightshift.agent.builtin.words.tokens import Token
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex

_OWN = frozenset({"the", "our", "my"})
_KINDS = frozenset({"vm", "ct", "container", "lxc", "guest"})
MOST_WORDS = 3
SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Noted:
    """The words between `the` and the kind of thing, and the one guest whose notes have all of them."""

    text: str
    first: int
    last: int
    entity: Entity


def noted(words: Sequence[Token], index: EntityIndex) -> Iterator[Noted]:
    """Each of them. Words of the vocabulary alone are no name: `the running vm`."""
    for end, token in enumerate(words):
        if token.text not in _KINDS:
            continue
        for first in range(max(1, end - MOST_WORDS), end):
            said = words[first:end]
            if words[first - 1].text not in _OWN or not any(map(_tells, said)):
                continue
            guests = (e for e in index.entries if e.entity.kind == "guest")
            meant = [e.entity for e in guests if all(word.text in e.notes for word in said)]
            if len(meant) == 1:
                yield Noted(" ".join(word.text for word in said), first, end, meant[0])


def _tells(word: Token) -> bool:
    return len(word.text) >= SHORTEST and word.text not in FUNCTION_WORDS and not lexicon().lists(word)
