"""Reads words by the vocabulary: the longest phrase first, typos undone. Intents weigh concepts, never single words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nightshift.agent.builtin.words import (
    attributes,
    compare_words,
    families,
    onset_words,
    task_words,
    thing_words,
    window_words,
)
from nightshift.agent.builtin.words.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.words.likeness import concept_like, is_english
from nightshift.agent.builtin.words.tokens import Token, stem
from nightshift.agent.builtin.words.verbs import ACTIONS
from nightshift.agent.builtin.words.vocabulary import PHRASES
from nightshift.knowledge.terms import stem as basic_form

TYPO_FLOOR = 0.79
SHORTEST_TYPO = 4
LONG = 5


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrases by their stems, the longest first, and every known stem."""

    by_stems: Mapping[tuple[str, ...], tuple[str, ...]]
    longest: int
    known: frozenset[str]
    strange: frozenset[str]

    def concepts(self, words: Iterable[Token]) -> tuple[frozenset[str], frozenset[int]]:
        """The concepts of these words, and the positions of the words that carry one."""
        sequence = list(words)
        stems = [self.corrected(token) for token in sequence]
        found: set[str] = set()
        used: set[int] = set()
        for length in range(self.longest, 0, -1):
            for at in range(len(stems) - length + 1):
                concepts = self.by_stems.get(tuple(stems[at : at + length]))
                # A word inside a longer phrase that was found speaks for that phrase only.
                if concepts and not used.intersection(range(at, at + length)):
                    found.update(concepts)
                    used.update(range(at, at + length))
        for at, token in enumerate(sequence):
            concept = self._like(token) if at not in used else ""
            if concept:
                found.add(concept)
                used.add(at)
        return frozenset(found), frozenset(used)

    def corrected(self, token: Token) -> str:
        """The stem, or the known one that it is a form (`warnings`) or a typo of (`bakcup`). `charged` is none."""
        if token.stem in self.known or len(token.text) < SHORTEST_TYPO or not token.text.isalpha():
            return token.stem
        if is_english(token.text):
            return _forms().get(basic_form(token.text), token.stem)
        return _nearest(token.text) or token.stem

    def knows(self, token: Token) -> bool:
        """Whether it is a word of the language and not a name."""
        return self.lists(token) or bool(self._like(token))

    def lists(self, token: Token) -> bool:
        """Whether it is a word of the vocabulary, and not only like one. The stem of `care` is a `car`."""
        if token.text in FUNCTION_WORDS:
            return True
        return token.stem in self.known and (len(token.text) >= SHORTEST_TYPO or token.text in _short_words())

    def _like(self, token: Token) -> str:
        """The concept of a word that is in no vocabulary and no typo, by what it means."""
        if self.lists(token) or not token.text.isalpha():
            return ""
        return concept_like(token.text) if self.corrected(token) == token.stem else ""

    def may_be_a_name(self, token: Token) -> bool:
        """Whether it means nothing here by itself: `scratch`, though things are up to scratch."""
        return not self.lists(token) or (token.stem in self.strange and token.text not in FUNCTION_WORDS)

    def in_phrase(self, words: Sequence[Token], at: int) -> bool:
        """Whether it is part of words that mean something together: the test in `restore test`, in `test a restore`."""
        near = (words[max(0, at - 1) : at + 1], words[at : at + 2], words[at : at + 3])
        return any(len(some) > 1 and tuple(token.stem for token in some) in self.by_stems for some in near)

    def is_ordinary(self, token: Token) -> bool:
        """Whether it means something else as a name: `backup`, but not `mail`, of which nothing here knows."""
        return self.knows(token) and token.stem not in self.strange


def _phrases() -> Iterable[tuple[str, str]]:
    """The phrases of every concept; a concept may have some in several places."""
    return (
        *PHRASES.items(),
        *attributes.WORDS.items(),
        *families.WORDS.items(),
        *task_words.TASK_WORDS.items(),
        *compare_words.COMPARE_WORDS.items(),
        *thing_words.THING_WORDS.items(),
        *onset_words.ONSET_WORDS.items(),
        *window_words.WINDOW_WORDS.items(),
    )


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    by_stems: dict[tuple[str, ...], tuple[str, ...]] = {}
    for concept, phrases in _phrases():
        for phrase in phrases.split("|"):
            stems = tuple(map(stem, phrase.split()))
            by_stems[stems] = (*by_stems.get(stems, ()), concept)
    words = {part for stems in by_stems for part in stems}
    words.update(map(stem, FUNCTION_WORDS))
    words.update(map(stem, ACTIONS))
    ours = {stems[0] for stems, concepts in by_stems.items() if len(stems) == 1 and set(concepts) != {"BEYOND"}}
    ours.update(map(stem, (*FUNCTION_WORDS, *ACTIONS)))
    return Lexicon(by_stems, max(map(len, by_stems)), frozenset(words), frozenset(words) - ours)


@lru_cache(maxsize=1)
def spellings() -> tuple[str, ...]:
    """Every word of the vocabulary as it is written, for finding what a typo meant."""
    phrases = (word for _, text in _phrases() for phrase in text.split("|") for word in phrase.split())
    every = (*phrases, *ACTIONS, *sorted(FUNCTION_WORDS))  # of two that are as near the first is meant, every time
    return tuple(dict.fromkeys(word for word in every if len(word) >= SHORTEST_TYPO))


@lru_cache(maxsize=1)
def _short_words() -> frozenset[str]:
    """The words of the vocabulary that are too short for a stem of their own."""
    phrases = (word for _, text in _phrases() for phrase in text.split("|") for word in phrase.split())
    return frozenset(word for word in (*phrases, *ACTIONS) if len(word) < SHORTEST_TYPO)


@lru_cache(maxsize=1)
def _forms() -> Mapping[str, str]:
    """The basic form of each word, and its stem."""
    return {basic_form(word): stem(word) for word in reversed(spellings())}


@lru_cache(maxsize=1)
def _long_stems() -> tuple[str, ...]:
    return tuple(dict.fromkeys(found for word in spellings() if len(found := stem(word)) >= LONG))


@lru_cache(maxsize=512)
def _nearest(word: str) -> str | None:
    """The stem of the word that is meant: `bakcup`, `bakups`; of a short word only a letter may be missing (`wich`)."""
    best = process.extractOne(word, spellings(), scorer=OSA.normalized_similarity, score_cutoff=TYPO_FLOOR)
    if best is not None and word[1:] == best[0]:
        return None  # nobody types a letter before the first one: `gmail`, `icloud`
    if best is not None:
        return stem(best[0]) if len(word) >= LONG or len(best[0]) > len(word) else None
    rest = stem(word)
    if len(rest) < LONG:
        return None
    near = process.extractOne(rest, _long_stems(), scorer=OSA.normalized_similarity, score_cutoff=TYPO_FLOOR)
    return near[0] if near else None
