"""How the relevance floor of the runbook search is found: fits its weights to the dev questions, and tells what each
floor costs. Nothing is written: the figures go into `nightshift/knowledge/relevance.py` by hand, rounded.

    python -m bench.relevance

The weights are fitted (logistic regression, questions with and without an answer weighing the same in sum) and judged
on questions that were left out of the fit, five times a fifth. Only the dev halves are read.

The vocabulary grew while these questions were looked at, so they are told in words that it knows: a floor that is right
for them is too high for the words of a stranger. That is why the costs are told a second time with a part of the
vocabulary struck out at random, and the floor is chosen there.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightshift.knowledge.ranking import asked, rank
from nightshift.knowledge.relevance import FIRST, FLOOR, INTERCEPT, WEIGHTS, figures
from nightshift.knowledge.vocabulary import Vocabulary, homelab
from nightshift.knowledge.words import up_to_date
from nightshift_evals.retrieval.corpus import CORPORA, folder_of, questions_of

NAMES = tuple(WEIGHTS)
FLOORS = (-1.0, -0.75, -0.5, -0.3, -0.1, 0.0, 0.25, 0.5, 1.0)
FOLDS = 5
STRANGERS, STRUCK_OUT = 3, 0.45
ROUNDS = 4_000
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """A question: the figures of its best section, whether it has an answer, and whether that is among the first."""

    figures: tuple[float, ...]
    answerable: bool
    found: bool


def examples(vocabulary: Vocabulary) -> list[Example]:
    """Every dev question over its corpus, understood with a vocabulary."""
    made = []
    for corpus in CORPORA:
        index = up_to_date([folder_of(corpus)], None).index
        for question in questions_of(corpus, "dev"):
            terms = asked(question.question, index.corrected, vocabulary)
            first = rank(terms, index)[:FIRST]
            wanted = {(target.file, target.heading) for target in question.targets}
            places = [index.section(hit.section) for hit in first]
            found = any((place.file, place.section.heading or place.title) in wanted for place in places)
            seen = max((figures(terms, hit, index) for hit in first), key=lambda item: item.relevance, default=None)
            values = tuple(float(getattr(seen, name)) for name in NAMES) if seen else (0.0,) * len(NAMES)
            made.append(Example(values, bool(wanted), found))
    return made


def fitted(values: Floats, answerable: NDArray[np.bool_]) -> Floats:
    """Weights and, last, the intercept."""
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = (values - mean) / spread
    weigh = np.where(answerable, 1.0, answerable.sum() / max(1, (~answerable).sum()))
    weights, intercept = np.zeros(values.shape[1]), 0.0
    for _ in range(ROUNDS):
        wrong = (1 / (1 + np.exp(-(scaled @ weights + intercept))) - answerable) * weigh
        weights -= 0.1 * (scaled.T @ wrong + weights) / len(values)
        intercept -= 0.1 * wrong.mean()
    return np.append(weights / spread, intercept - (weights / spread * mean).sum())


def costs(relevance: Floats, cases: Sequence[Example], floor: float) -> tuple[float, float]:
    """(false hits, recall@3) as shares, when nothing below the floor is shown."""
    shown = relevance >= floor
    false = [bool(ok) for ok, case in zip(shown, cases, strict=True) if not case.answerable]
    right = [bool(ok) and case.found for ok, case in zip(shown, cases, strict=True) if case.answerable]
    return sum(false) / len(false), sum(right) / len(right)


def strangers() -> list[Example]:
    """The same questions, with a part of the vocabulary struck out, several times another one."""
    made = []
    for seed in range(STRANGERS):
        classes = homelab().classes
        struck = random.Random(seed).sample(classes, int(STRUCK_OUT * len(classes)))
        made += examples(homelab().without(frozenset(struck)))
    return made


def main() -> None:
    cases, unknown = examples(homelab()), strangers()
    values, answerable = _arrays(cases)
    weights = fitted(values, answerable)
    fold = np.random.default_rng(1).integers(0, FOLDS, len(cases))
    left_out = np.zeros(len(cases))
    for number in range(FOLDS):
        own = fitted(values[fold != number], answerable[fold != number])
        left_out[fold == number] = values[fold == number] @ own[:-1] + own[-1]
    in_use = np.array(list(WEIGHTS.values()))
    print(f"{answerable.sum()} questions with an answer, {(~answerable).sum()} without")
    for name, weight in zip((*NAMES, "intercept"), weights, strict=True):
        print(f"  {name:10} {weight:7.2f}   in use {WEIGHTS.get(name, INTERCEPT):6.2f}")
    print(f"\nfalse hits and recall@3 by floor (in use: {FLOOR:g})")
    print("floor   fitted, left out     in use      in use, strange words")
    for floor in FLOORS:
        columns = (
            costs(left_out, cases, floor),
            costs(values @ in_use + INTERCEPT, cases, floor),
            costs(_arrays(unknown)[0] @ in_use + INTERCEPT, unknown, floor),
        )
        print(f"{floor:5.2f}  " + "     ".join(f"{false:6.3f} {recall:6.3f}" for false, recall in columns))


def _arrays(cases: Sequence[Example]) -> tuple[Floats, NDArray[np.bool_]]:
    return np.array([case.figures for case in cases]), np.array([case.answerable for case in cases])


if __name__ == "__main__":
    main()
