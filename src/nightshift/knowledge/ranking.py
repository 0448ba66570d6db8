"""Which sections fit a question: BM25 over words and over classes of words, with feedback from the best.

Five things make up for a question and a runbook that do not use the same words:
- classes of the vocabulary count like words (`drive` finds `disk`), each with a rarity of its own;
- the fields above the text count more than the text (see `bags`);
- sections that say what to do go before those that say when it is over (see `roles`);
- the terms that the best few sections share are looked for as well, with little weight (pseudo relevance feedback);
- sections whose words mean what those of the question mean come nearer (see `meanings`), and with an embedder those
  that it finds similar.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nightshift.knowledge.bags import Bag, is_class
from nightshift.knowledge.terms import is_telling, words_of
from nightshift.knowledge.vocabulary import Vocabulary, homelab

SATURATION = 2.0
LENGTH_INFLUENCE = 0.6
SAME_WEIGHT = 2.0
"""What all the classes of a word weigh together, a word itself 1: one that may mean many things says less of each."""
FIELD_OF_WORK_WEIGHT = 0.1
FEEDBACK_SECTIONS = 5
FEEDBACK_TERMS = 10
FEEDBACK_WEIGHT = 0.15
LIKENESS_WEIGHT = 0.6
SIMILARITY_WEIGHT = 0.5
"""What a likeness by `meanings` and a similarity by an embedder count beside the share of the best possible score."""
ROLE_IN_MEANING = 1.5
"""How much more a section's role counts where similarity alone decides: all sections of a file mean much the same."""
BEST = 50
"""So many hits are given by `rank`."""
FEWEST = 100
"""Rarities are told as if there were at least so many sections: in three of them every word is common."""
LIGHT, LIGHT_PHRASE, LIGHT_CLASS = 0.25, 0.6, 0.5
EVERYWHERE = 0.25
"""A class rarer than this is worth a look; one that nearly every section speaks of only costs time."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Where one term occurs: section numbers in ascending order, and the weighted frequency in each."""

    sections: NDArray[np.uint32]
    frequencies: NDArray[np.float32]


class Postings(Protocol):
    """Where terms occur. Sections are numbered from 0."""

    @property
    def count(self) -> int: ...
    @property
    def standings(self) -> NDArray[np.float32]: ...
    @property
    def files(self) -> NDArray[np.uint32]: ...
    def sections_with(self, term: str) -> Posting: ...
    def occurrences(self, term: str) -> int: ...
    def terms_in(self, section: int) -> Mapping[str, float]: ...
    def likeness(self, words: Mapping[str, float]) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class Hit:
    """One section that may be meant. `score` is 0 to about 2; `similarity` is what an embedder finds, 0 without one."""

    section: int
    score: float
    similarity: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """One telling word or phrase of a question: the words, the classes that they stand for, and how much the place
    matters beside others, 1 for a word that is no mere saying. `is_name`: it only names a product or technology."""

    words: tuple[str, ...]
    classes: tuple[str, ...]
    matters: float
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as terms with weights, and as places. `names` are the products and technologies in it."""

    weights: Mapping[str, float]
    places: tuple[Place, ...]
    names: frozenset[str]


def asked(question: str, corrected: Callable[[str], str] = str, vocabulary: Vocabulary | None = None) -> Asked:
    """The terms of a question: its telling words, and the classes that they stand for. `corrected` mends the spelling
    of a word in its basic form; `vocabulary` is that of the homelab unless another one is given."""
    words = [corrected(word) if is_telling(word) else word for word in words_of(question)]
    weights: dict[str, float] = {}
    places: dict[tuple[int, int], list[str]] = {}
    for at, word in enumerate(words):
        if is_telling(word):
            weights[word] = 1.0
            places.setdefault((at, at + 1), []).append(word)
    fields: dict[str, set[int]] = defaultdict(set)
    names: set[str] = set()
    naming: set[str] = set()
    mentions = tuple((vocabulary or homelab()).mentions(words))
    classes = Counter(at for found in mentions if found.term[0] == "=" for at in range(found.start, found.end))
    for mention in mentions:
        length = mention.end - mention.start
        if mention.term[0] == "~":
            fields[mention.term].update(range(mention.start, mention.end))
        elif mention.term[0] == "!":
            names.add(mention.term)
            naming.update(words[mention.start : mention.end])
        else:
            among = min(classes[at] for at in range(mention.start, mention.end))
            light = LIGHT_CLASS if length == 1 and words[mention.start] in homelab().light else 1.0
            weight = SAME_WEIGHT * light * math.sqrt(length) / among
            weights[mention.term] = max(weights.get(mention.term, 0.0), weight)
            places.setdefault((mention.start, mention.end), []).append(mention.term)
    weights |= {term: FIELD_OF_WORK_WEIGHT * math.sqrt(len(at)) for term, at in fields.items()}
    return Asked(weights, tuple(_place(terms, naming) for terms in _merged(places)), frozenset(names))


def _merged(places: Mapping[tuple[int, int], list[str]]) -> tuple[tuple[str, ...], ...]:
    """Places that overlap are one: `run out of space` is asked for once, by its words or as a whole."""
    merged: list[tuple[int, list[str]]] = []
    for (start, end), terms in sorted(places.items()):
        if merged and start < merged[-1][0]:
            merged[-1] = (max(end, merged[-1][0]), merged[-1][1] + terms)
        else:
            merged.append((end, list(terms)))
    return tuple(dict.fromkeys(tuple(dict.fromkeys(terms)) for _, terms in merged))


def _place(terms: tuple[str, ...], naming: Collection[str]) -> Place:
    words = tuple(term for term in terms if not is_class(term))
    classes = tuple(term for term in terms if is_class(term))
    light = all(word in homelab().light for word in words)
    matters = 1.0 if not light else LIGHT_PHRASE if classes else LIGHT
    return Place(words, classes, matters, len(words) == 1 and words[0] in naming)


def rank(question: Asked, postings: Postings, similar: Mapping[int, float] | None = None) -> list[Hit]:
    """The BEST sections that may be meant, best first; ties in their order. `similar` is what an embedder found:
    section → similarity, as `Vectors.nearest` tells it."""
    spoken = np.zeros(postings.count, np.float32)
    for term, weight in question.weights.items():
        _add(spoken, term, weight, postings)
    most = (SATURATION + 1) * sum(weight * rarity(term, postings) for term, weight in question.weights.items())
    for term, weight in _feedback(question, spoken, postings).items():
        _add(spoken, term, weight, postings)
    words = {word: rarity(word, postings) for word in question.weights if not is_class(word)}
    likeness = np.maximum(postings.likeness(words), 0)
    similarity = np.zeros(postings.count, np.float32)
    for section, value in (similar or {}).items():
        similarity[section] = max(0.0, value)
    meant = LIKENESS_WEIGHT * likeness + SIMILARITY_WEIGHT * similarity
    scores = (spoken / (most or 1.0) + meant) * postings.standings
    return [Hit(section, float(scores[section]), float(similarity[section])) for section in _best(scores, BEST)]


def rank_by_meaning(similar: Mapping[int, float], postings: Postings) -> list[Hit]:
    """What an embedder found, with respect to what sections are for."""
    hits = [
        Hit(section, similarity * float(postings.standings[section]) ** ROLE_IN_MEANING, similarity)
        for section, similarity in similar.items()
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.section))


def _best(scores: NDArray[np.float32], count: int) -> list[int]:
    """The sections with the highest scores above 0, best first; ties in their order."""
    order = np.argsort(-scores, kind="stable")[:count]
    return [int(section) for section in order if scores[section] > 0]


def rarity(term: str, postings: Postings) -> float:
    """The weight of a term: the rarer, the heavier."""
    return rarity_of(postings.occurrences(term), postings.count)


def rarity_of(found: int, count: int) -> float:
    """The weight of a term that occurs in `found` of `count` sections."""
    return math.log(1 + (max(count, FEWEST) - found + 0.5) / (found + 0.5))


def _add(scores: NDArray[np.float32], term: str, weight: float, postings: Postings) -> None:
    """Add what a term is worth to all sections that have it."""
    rare = rarity(term, postings)
    if is_class(term) and rare < EVERYWHERE:
        return
    found = postings.sections_with(term)
    scores[found.sections] += weight * rare * (SATURATION + 1) * found.frequencies / (found.frequencies + SATURATION)


def _feedback(question: Asked, scores: NDArray[np.float32], postings: Postings) -> dict[str, float]:
    """The terms that the best sections have in common, with weights of at most FEEDBACK_WEIGHT."""
    best = _best(scores, FEEDBACK_SECTIONS)
    total = sum(float(scores[section]) for section in best)
    shared: dict[str, float] = defaultdict(float)
    for section in best:
        share = float(scores[section]) / total
        for term, frequency in postings.terms_in(section).items():
            if not is_class(term):
                shared[term] += share * frequency / (frequency + SATURATION)
    weighed = {
        term: weight * rarity(term, postings) for term, weight in _foremost(shared) if term not in question.weights
    }
    chosen = sorted(weighed, key=lambda term: (-weighed[term], term))[:FEEDBACK_TERMS]
    most = weighed[chosen[0]] if chosen else 1.0
    return {term: FEEDBACK_WEIGHT * weighed[term] / most for term in chosen}


def _foremost(shared: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(shared.items(), key=lambda item: (-item[1], item[0]))[: 6 * FEEDBACK_TERMS]


def frequencies(bags: Sequence[Bag]) -> list[dict[str, float]]:
    """Bags → how often each term occurs in each section, weighted, and with respect to the length of the text."""
    lengths = [bag.length for bag in bags if bag.length]
    mean = sum(lengths) / len(lengths) if lengths else 1.0
    found = []
    for bag in bags:
        norm = 1 - LENGTH_INFLUENCE + LENGTH_INFLUENCE * bag.length / mean
        terms = dict(bag.above)
        for term, count in bag.body.items():
            terms[term] = terms.get(term, 0.0) + count / norm
        found.append(terms)
    return found
