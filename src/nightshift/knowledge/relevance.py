"""When the best section is still not what was asked for: the honest answer is then "no runbook".

A few figures of a section and a question are weighed. Their weights and two limits are in `relevance.json`, for each
way of searching: from `floor` on a section is quoted in answers, from `near` on it is worth the look of somebody who
searches. `python -m bench.relevance` fits them to the dev questions in `nightshift_evals/retrieval`, with and without
an answer, and tells how many false hits and lost answers each floor costs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from nightshift.knowledge.bags import is_class
from nightshift.knowledge.meanings import meanings
from nightshift.knowledge.ranking import Asked, Hit, Place, Postings, rarity

FILE = Path(__file__).with_name("relevance.json")
Way = Literal["words", "meaning", "both"]
"""With what was searched: the words of a question, an embedder, or both."""
FIRST = 3
"""One of so many must be an answer, or none is shown."""
Least = Literal["floor", "near", "all"]
"""What is shown: answers; when there is none, also what is near one; everything that was found."""
BESIDE = 3.0
"""So much less relevant may be what is shown beside an answer."""
NAMED_BY = 3
NUMBER, EVERYDAY = 0.1, 0.3
"""What it matters that a section does not say a number or a name with a digit (`pve3`, `97`), or that no section says a
word of everyday English. Another word that no section says matters wholly: it may name what is asked about."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is weighed. Shares are of the question's weight, 0 to 1.

    `hinted`: spoken of in the section, and for what is not how like it the likest word of the section is; names of
    products are left out, the trouble is what tells; `foreign`: how many products the question names that the file
    never mentions; `nameless`: 1 when it names none; `length`: the root of how many telling words and phrases it has,
    because few are soon found; `scored`: the score of the hit, whatever the section is for; `rivalled`:
    what the second hit scores, as a share of the first; `similarity`: that of the hit. `exact`, which outweighs all: it
    says every word of the question itself, or a name with a digit (`unit4711`) that hardly another section says.
    """

    hinted: float
    foreign: float
    nameless: float
    length: float
    scored: float
    rivalled: float
    similarity: float
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """How figures are weighed into a log-odds: above 0 it is likelier an answer, from `floor` on taken for one."""

    weights: Mapping[str, float]
    intercept: float
    floor: float
    near: float

    def relevance(self, seen: Figures) -> float:
        if seen.exact and "hinted" in self.weights:
            return math.inf
        return self.intercept + sum(weight * float(getattr(seen, name)) for name, weight in self.weights.items())


@cache
def scales() -> Mapping[Way, Scale]:
    """The scales of `relevance.json`."""
    return TypeAdapter(dict[Way, Scale]).validate_json(FILE.read_bytes())


def judged(
    question: Asked, hits: Sequence[Hit], postings: Postings, way: Way, least: Least = "floor"
) -> Iterator[tuple[Hit, bool]]:
    """The hits that are shown, in their order, and whether each is an answer. None is when even the best ones are not;
    then those near an answer are shown if they may be, and none when even the best ones are not near."""
    scale = scales()[way]
    rivals = rivalry(hits, postings)

    def relevance(hit: Hit) -> float:
        return scale.relevance(figures(question, hit, postings, rivals))

    first = [relevance(hit) for hit in hits[:FIRST]]
    best = max(first, default=-math.inf)
    fits = best >= scale.floor
    if not fits and (least == "floor" or (least == "near" and best < scale.near)):
        return
    lowest = (scale.floor if fits else scale.near) - BESIDE
    for hit, weight in zip(hits, chain(first, map(relevance, hits[FIRST:])), strict=True):
        shown = weight >= lowest
        if shown or least == "all":
            yield hit, fits and shown


def rivalry(hits: Sequence[Hit], postings: Postings) -> float:
    """What the second hit scores, as a share of the first: near 1 when many sections fit alike."""
    if len(hits) < 2:
        return 0.0
    return scored(hits[1], postings) / (scored(hits[0], postings) or 1.0)


def scored(hit: Hit, postings: Postings) -> float:
    """The score of a hit, whatever its section is for."""
    return hit.score / float(postings.standings[hit.section])


def figures(question: Asked, hit: Hit, postings: Postings, rivals: float) -> Figures:
    """The figures of one section. `rivals` is the `rivalry` of all that was found."""
    terms = postings.terms_in(hit.section)
    file = int(postings.files[hit.section])
    like = meanings().nearest([word for place in question.places for word in place.words if word not in terms], terms)
    total = hinted = 0.0
    for place in (place for place in question.places if not place.is_name):
        says = any(term in terms for term in (*place.words, *place.classes))
        weight = place.matters * max(rarity(term, postings) for term in (*place.words, *place.classes))
        weight *= 1.0 if says else _misses(place, postings)
        total += weight
        hinted += weight * (1.0 if says else max((like[word] for word in place.words), default=0.0))
    return Figures(
        hinted=hinted / total if total else 1.0,
        foreign=float(sum(not _says(file, name, postings) for name in question.names)),
        nameless=float(not question.names),
        length=math.sqrt(len(question.places)),
        scored=scored(hit, postings),
        rivalled=rivals,
        similarity=hit.similarity,
        exact=_is_exact(question, terms, postings),
    )


def _misses(place: Place, postings: Postings) -> float:
    """How much it matters that a section does not speak of a place of the question."""
    if _is_number(place):
        return NUMBER
    return EVERYDAY if _is_unheard(place, postings) and any(map(meanings().is_common, place.words)) else 1.0


def _is_unheard(place: Place, postings: Postings) -> bool:
    return not any(postings.occurrences(term) for term in (*place.words, *place.classes))


def _is_number(place: Place) -> bool:
    return bool(place.words) and all(any(char.isdigit() for char in word) for word in place.words)


def _is_exact(question: Asked, terms: Mapping[str, float], postings: Postings) -> bool:
    if any(word in terms and _is_rare_name(word, postings) for word in question.weights):
        return True
    words = [word for place in question.places for word in place.words]
    return any(place.matters == 1.0 for place in question.places) and all(word in terms for word in words)


def _is_rare_name(word: str, postings: Postings) -> bool:
    mixed = any(char.isdigit() for char in word) and any(char.isalpha() for char in word)
    return mixed and not is_class(word) and 0 < postings.occurrences(word) <= NAMED_BY


def _says(file: int, term: str, postings: Postings) -> bool:
    return file in postings.files[postings.sections_with(term).sections]
