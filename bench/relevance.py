"""How the relevance floor of the runbook search is found: fits its weights to the dev questions, and tells what each
floor costs. Nothing is written: the figures go into `nightshift/knowledge/relevance.py` by hand, rounded.

    python -m bench.relevance

The weights are fitted (logistic regression, questions with and without an answer weighing the same in sum) and judged
on questions that were left out of the fit, five times a fifth. Only the dev halves are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightshift.knowledge.ranking import asked, rank
from nightshift.knowledge.relevance import FIRST, FLOOR, INTERCEPT, WEIGHTS, figures
from nightshift.knowledge.words import up_to_date
from nightshift_evals.retrieval.corpus import CORPORA, folder_of, questions_of

NAMES = tuple(WEIGHTS)
FLOORS = (-1.0, -0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5)
FOLDS = 5
ROUNDS = 4_000
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """A question: the figures of its best section, whether it has an answer, and whether that is among the first."""

    figures: tuple[float, ...]
    answerable: bool
    found: bool


def examples() -> list[Example]:
    """Every dev question over its corpus."""
    made = []
    for corpus in CORPORA:
        index = up_to_date([folder_of(corpus)], None).index
        for question in questions_of(corpus, "dev"):
            terms = asked(question.question, index.corrected)
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


def main() -> None:
    cases = examples()
    values = np.array([case.figures for case in cases])
    answerable = np.array([case.answerable for case in cases])
    weights = fitted(values, answerable)
    fold = np.random.default_rng(1).integers(0, FOLDS, len(cases))
    left_out = np.zeros(len(cases))
    for number in range(FOLDS):
        own = fitted(values[fold != number], answerable[fold != number])
        left_out[fold == number] = values[fold == number] @ own[:-1] + own[-1]
    in_use = values @ np.array(list(WEIGHTS.values())) + INTERCEPT
    print(f"{answerable.sum()} questions with an answer, {(~answerable).sum()} without")
    for name, weight in zip((*NAMES, "intercept"), weights, strict=True):
        print(f"  {name:10} {weight:7.2f}   in use {WEIGHTS.get(name, INTERCEPT):6.2f}")
    print(f"\nfloor     left out: false, recall@3   in use (floor {FLOOR:g}): false, recall@3")
    for floor in FLOORS:
        a, b = costs(left_out, cases, floor), costs(in_use, cases, floor)
        print(f"{floor:5.2f}          {a[0]:10.3f} {a[1]:10.3f}                  {b[0]:10.3f} {b[1]:10.3f}")


if __name__ == "__main__":
    main()
