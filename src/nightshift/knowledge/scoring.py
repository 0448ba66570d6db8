"""BM25 over weighted fields (BM25F), small enough to be exact: every section is scored, none is approximated away."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SATURATION = 1.2
LENGTH_INFLUENCE = 0.6

Field = str


@dataclass(frozen=True, slots=True)
class Hit:
    """One document of the index. `coverage` is the share of the query's weight that it contains, 0 to 1."""

    index: int
    score: float
    coverage: float


class FieldIndex:
    """Documents as bags of terms by field. Immutable once built."""

    def __init__(self, documents: Sequence[Mapping[Field, Iterable[str]]], weights: Mapping[Field, float]) -> None:
        self._count = len(documents)
        self._postings: dict[str, dict[int, float]] = defaultdict(dict)
        counted = [{field: Counter(terms) for field, terms in document.items()} for document in documents]
        mean_length = _mean_lengths(counted, weights)
        for index, fields in enumerate(counted):
            for field, counts in fields.items():
                length = sum(counts.values())
                norm = 1 - LENGTH_INFLUENCE + LENGTH_INFLUENCE * length / mean_length.get(field, 1.0)
                for term, count in counts.items():
                    posting = self._postings[term]
                    posting[index] = posting.get(index, 0.0) + weights[field] * count / norm

    def search(self, terms: Sequence[str]) -> list[Hit]:
        """Every document that has any of the terms, best first; ties in the order of the documents."""
        wanted = list(dict.fromkeys(terms))
        weight = {term: self.rarity(term) for term in wanted}
        total = sum(weight.values())
        scores: dict[int, float] = defaultdict(float)
        covered: dict[int, float] = defaultdict(float)
        for term in wanted:
            for index, frequency in self._postings.get(term, {}).items():
                scores[index] += weight[term] * frequency * (SATURATION + 1) / (frequency + SATURATION)
                covered[index] += weight[term]
        hits = [Hit(index, score, covered[index] / total) for index, score in scores.items()]
        return sorted(hits, key=lambda hit: (-hit.score, hit.index))

    def rarity(self, term: str) -> float:
        """The weight of a term: the rarer, the heavier; one that occurs nowhere is the heaviest."""
        found = len(self._postings.get(term, ()))
        return math.log(1 + (self._count - found + 0.5) / (found + 0.5))


def _mean_lengths(
    counted: Sequence[Mapping[Field, Counter[str]]], weights: Mapping[Field, float]
) -> dict[Field, float]:
    means = {}
    for field in weights:
        lengths = [sum(fields[field].values()) for fields in counted if field in fields]
        means[field] = max(1.0, sum(lengths) / len(lengths)) if lengths else 1.0
    return means
