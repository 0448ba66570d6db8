"""Which sections fit a question: BM25 over words and over classes of words, with feedback from the best.

Five things make up for a question and a runbook that do not use the same words:
- classes of the vocabulary count like words (`drive` finds `disk`), each with a rarity of its own;
- the fields above the text count more than the text (see `bags`);
- sections that say what to do go before those that say when it is over (see `roles`);
- the terms that the best few sections share are looked for as well, with little weight (pseudo relevance feedback);
- sections whose words mean what those of the question mean come nearer (see `meanings`), and with an embedder those
  that it finds similar.

In a folder of up to a few hundred sections every one is scored. In larger ones those with the rarer terms are, and
common terms decide among the best of these.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import TYPE_CHECKING, Protocol

from nightshift.knowledge.bags import Bag, is_class
from nightshift.knowledge.terms import is_telling, words_of
from nightshift.knowledge.vocabulary import Vocabulary, homelab

if TYPE_CHECKING:
    from nightshift.knowledge.meanings import Direction

SATURATION = 2.0
LENGTH_INFLUENCE = 0.6
SAME_WEIGHT = 2.0
"""What all the classes of a word weigh together, a word itself 1: one that may mean many things says less of each."""
FIELD_OF_WORK_WEIGHT = 0.1
FEEDBACK_SECTIONS = 5
FEEDBACK_TERMS = 10
FEEDBACK_WEIGHT = 0.15
LIKENESS_WEIGHT = 0.5
SIMILARITY_WEIGHT = 0.5
"""What a likeness by `meanings` and a similarity by an embedder count beside the share of the best possible score."""
ROLE_IN_MEANING = 1.5
"""How much more a section's role counts where similarity alone decides: all sections of a file mean much the same."""
LIKE = 50
"""So many of the most like sections are looked at though they have none of the question's words."""
ALL_UP_TO = 400
CANDIDATES = 200
"""A term in more sections than ALL_UP_TO (or a twentieth of all) is common; so many candidates need no more."""
FEWEST = 100
"""Rarities are told as if there were at least so many sections: in three of them every word is common."""
LIGHT, LIGHT_PHRASE, LIGHT_CLASS = 0.25, 0.6, 0.5
EVERYWHERE = 0.25
"""A class rarer than this is worth a look; one that nearly every section speaks of only costs time."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Where one term occurs: section numbers in ascending order, and the weighted frequency in each."""

    sections: Sequence[int]
    frequencies: Sequence[float]

    def frequency(self, section: int) -> float:
        """0 when the term is not in it."""
        at = bisect_left(self.sections, section)
        return self.frequencies[at] if at < len(self.sections) and self.sections[at] == section else 0.0


class Postings(Protocol):
    """Where terms occur. Sections are numbered from 0."""

    @property
    def count(self) -> int: ...
    def sections_with(self, term: str) -> Posting: ...
    def occurrences(self, term: str) -> int: ...
    def terms_in(self, section: int) -> Mapping[str, float]: ...
    def likeness(self, words: Mapping[str, float]) -> Direction: ...
    def standing(self, section: int) -> float: ...
    def file_of(self, section: int) -> int: ...


@dataclass(frozen=True, slots=True)
class Hit:
    """One section that may be meant. `score` is 0 to about 2; `likeness` is that of its words to those of the question,
    `similarity` what an embedder finds, 0 without one."""

    section: int
    score: float
    likeness: float
    similarity: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """One telling word or phrase of a question: the words, the classes that they stand for, and how much the place
    matters beside others, 1 for a word that is no mere saying."""

    words: tuple[str, ...]
    classes: tuple[str, ...]
    matters: float


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
    mentions = tuple((vocabulary or homelab()).mentions(words))
    classes = Counter(at for found in mentions if found.term[0] == "=" for at in range(found.start, found.end))
    for mention in mentions:
        length = mention.end - mention.start
        if mention.term[0] == "~":
            fields[mention.term].update(range(mention.start, mention.end))
        elif mention.term[0] == "!":
            names.add(mention.term)
        else:
            among = min(classes[at] for at in range(mention.start, mention.end))
            light = LIGHT_CLASS if length == 1 and words[mention.start] in homelab().light else 1.0
            weight = SAME_WEIGHT * light * math.sqrt(length) / among
            weights[mention.term] = max(weights.get(mention.term, 0.0), weight)
            places.setdefault((mention.start, mention.end), []).append(mention.term)
    weights |= {term: FIELD_OF_WORK_WEIGHT * math.sqrt(len(at)) for term, at in fields.items()}
    return Asked(weights, tuple(map(_place, _merged(places))), frozenset(names))


def _merged(places: Mapping[tuple[int, int], list[str]]) -> tuple[tuple[str, ...], ...]:
    """Places that overlap are one: `run out of space` is asked for once, by its words or as a whole."""
    merged: list[tuple[int, list[str]]] = []
    for (start, end), terms in sorted(places.items()):
        if merged and start < merged[-1][0]:
            merged[-1] = (max(end, merged[-1][0]), merged[-1][1] + terms)
        else:
            merged.append((end, list(terms)))
    return tuple(dict.fromkeys(tuple(dict.fromkeys(terms)) for _, terms in merged))


def _place(terms: tuple[str, ...]) -> Place:
    words = tuple(term for term in terms if not is_class(term))
    classes = tuple(term for term in terms if is_class(term))
    light = all(word in homelab().light for word in words)
    return Place(words, classes, 1.0 if not light else LIGHT_PHRASE if classes else LIGHT)


def rank(question: Asked, postings: Postings, similar: Mapping[int, float] | None = None) -> list[Hit]:
    """The sections that may be meant, best first; ties in their order. `similar` is what an embedder found: section →
    similarity, as `Vectors.nearest` tells it."""
    scores = _scores(question.weights, postings)
    most = (SATURATION + 1) * sum(weight * rarity(term, postings) for term, weight in question.weights.items())
    for term, weight in (_feedback(question, scores, postings) if scores else {}).items():
        _add(scores, term, weight, postings, only=len(scores) >= CANDIDATES)
    like = postings.likeness({word: rarity(word, postings) for word in question.weights if not is_class(word)})
    near = similar or {}
    nearest = (int(section) for section in like.argsort()[-LIKE:] if like[section] > 0)
    hits = []
    for section in {*scores, *near, *nearest}:
        likeness, similarity = max(0.0, float(like[section])), max(0.0, near.get(section, 0.0))
        meant = LIKENESS_WEIGHT * likeness + SIMILARITY_WEIGHT * similarity
        score = (scores.get(section, 0.0) / (most or 1.0) + meant) * postings.standing(section)
        hits.append(Hit(section, score, likeness, similarity))
    return sorted(hits, key=lambda hit: (-hit.score, hit.section))


def rank_by_meaning(similar: Mapping[int, float], postings: Postings) -> list[Hit]:
    """What an embedder found, with respect to what sections are for."""
    hits = [
        Hit(section, similarity * postings.standing(section) ** ROLE_IN_MEANING, 0.0, similarity)
        for section, similarity in similar.items()
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.section))


def rarity(term: str, postings: Postings) -> float:
    """The weight of a term: the rarer, the heavier."""
    return rarity_of(postings.occurrences(term), postings.count)


def rarity_of(found: int, count: int) -> float:
    """The weight of a term that occurs in `found` of `count` sections."""
    return math.log(1 + (max(count, FEWEST) - found + 0.5) / (found + 0.5))


def _scores(weights: Mapping[str, float], postings: Postings) -> dict[int, float]:
    scores: dict[int, float] = defaultdict(float)
    few = max(ALL_UP_TO, postings.count // 20)
    common = []
    for term, weight in weights.items():
        if postings.occurrences(term) <= few:
            _add(scores, term, weight, postings)
        else:
            common.append(term)
    if len(scores) > CANDIDATES:
        scores = dict(nlargest(CANDIDATES, scores.items(), key=lambda item: (item[1], -item[0])))
    for term in common:
        _add(scores, term, weights[term], postings, only=len(scores) >= CANDIDATES)
    return scores


def _add(scores: dict[int, float], term: str, weight: float, postings: Postings, *, only: bool = False) -> None:
    """Add what a term is worth to all sections that have it, or with `only` to those that have a score already."""
    rare = rarity(term, postings)
    if is_class(term) and rare < EVERYWHERE:
        return
    worth = weight * rare * (SATURATION + 1)
    posting = postings.sections_with(term)
    if only:
        for section in scores:
            frequency = posting.frequency(section)
            scores[section] += worth * frequency / (frequency + SATURATION)
        return
    for section, frequency in zip(posting.sections, posting.frequencies, strict=True):
        scores[section] = scores.get(section, 0.0) + worth * frequency / (frequency + SATURATION)


def _feedback(question: Asked, scores: Mapping[int, float], postings: Postings) -> dict[str, float]:
    """The terms that the best sections have in common, with weights of at most FEEDBACK_WEIGHT."""
    best = sorted(scores, key=lambda section: (-scores[section], section))[:FEEDBACK_SECTIONS]
    total = sum(scores[section] for section in best)
    shared: dict[str, float] = defaultdict(float)
    for section in best:
        share = scores[section] / total
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
