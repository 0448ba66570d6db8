"""What a word of no vocabulary is like, by the table of meanings: `terrible` is like `bad`, `daughter` like `kid`.

Read from it is only what has no opposite that matters, since the table takes opposites for like: that something is
wrong, and what nothing here knows of (people, money, play).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from nightshift.agent.builtin.words.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.words.vocabulary import PHRASES
from nightshift.knowledge.terms import stem

if TYPE_CHECKING:  # it is loaded at the first strange word
    from nightshift.knowledge.meanings import Direction

LIKE: Mapping[str, float] = {"WRONG": 0.6, "PEOPLE": 0.55, "BEYOND": 0.55}
"""How like the nearest word has to be for each concept, when most of those next to it are of the same one."""
NEIGHBOURS = 4
AGREEING = 0.5
THE_SAME = 0.8
"""A word so much like another means the same, whatever else is near."""


def is_english(word: str) -> bool:
    """Whether it is a word of everyday English, and so neither a typing error nor a made-up name."""
    from nightshift.knowledge.meanings import meanings

    return meanings().is_common(stem(word))


@lru_cache(maxsize=512)
def concept_like(word: str) -> str:
    """The concept whose words are near `word` and hold most of its neighbours; empty when there is none."""
    from nightshift.knowledge.meanings import meanings

    if not meanings().is_common(stem(word)):
        return ""
    words, directions = _single_words()
    near = directions @ meanings().direction({stem(word): 1.0})
    nearest = sorted(range(len(words)), key=lambda at: -float(near[at]))[:NEIGHBOURS]
    first = words[nearest[0]]
    total = sum(float(near[at]) for at in nearest)
    for concept, floor in LIKE.items():
        agreeing = sum(float(near[at]) for at in nearest if words[at] in _of(concept))
        likeness = float(near[nearest[0]])
        if first in _of(concept) and (likeness >= THE_SAME or (likeness >= floor and agreeing >= AGREEING * total)):
            return concept
    return ""


@cache
def _of(concept: str) -> frozenset[str]:
    return frozenset(phrase for phrase in PHRASES[concept].split("|") if " " not in phrase)


@cache
def _single_words() -> tuple[tuple[str, ...], Direction]:
    """The words of the vocabulary that stand alone, and their directions."""
    import numpy as np

    from nightshift.knowledge.meanings import meanings

    every = dict.fromkeys(word for text in PHRASES.values() for word in text.split("|") if word.isalpha())
    known = {word: meanings().direction({stem(word): 1.0}) for word in every if word not in FUNCTION_WORDS}
    found = {word: direction for word, direction in known.items() if direction.any()}
    return tuple(found), np.array(list(found.values()))
