"""Questions and what was found → figures."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nightshift_evals.figures import Figure, Goal, at_least, at_most, share_of
from nightshift_evals.retrieval.corpus import Question
from nightshift_evals.retrieval.plain import Place

RECALL_GOAL = at_least(0.75)
MARGIN_GOAL = at_least(0.15)
FALSE_HITS_GOAL = at_most(0.10)
_RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Case:
    """One question and the place (from 1) of the first section that answers it; None when it was not found. `answered`
    tells whether anything was found at all."""

    corpus: str
    question: Question
    rank: int | None
    answered: bool


def cases_of(corpus: str, questions: Iterable[Question], found: Mapping[str, Sequence[Place]]) -> list[Case]:
    """Each question graded."""
    cases = []
    for question in questions:
        places = found.get(question.id, ())
        wanted = {(target.file, target.heading) for target in question.targets}
        rank = next((number for number, place in enumerate(places, 1) if place in wanted), None)
        cases.append(Case(corpus, question, rank, bool(places)))
    return cases


def recall_at(cases: Sequence[Case], places: int) -> tuple[int, int]:
    """(found among the first `places`, answerable questions)."""
    answerable = [case for case in cases if case.question.targets]
    return sum(case.rank is not None and case.rank <= places for case in answerable), len(answerable)


def figures_of(method: str, cases: Sequence[Case], goal: Goal | None = None) -> Iterable[Figure]:
    """Recall@1, recall@3 and MRR of one method, with 95 % intervals."""
    yield share_of(f"{method}: recall@1", *recall_at(cases, 1))
    yield share_of(f"{method}: recall@3", *recall_at(cases, 3), goal=goal)
    yield mean_reciprocal_rank(f"{method}: MRR", cases)


def mean_reciprocal_rank(figure: str, cases: Sequence[Case]) -> Figure:
    """The mean of 1 / rank, 0 for what was not found, with its bootstrap interval."""
    values = [1 / case.rank if case.rank else 0.0 for case in cases if case.question.targets]
    if not values:
        return Figure(figure, float("nan"), "1/rank", n=0)
    chance = random.Random(1)
    means = sorted(sum(chance.choices(values, k=len(values))) / len(values) for _ in range(_RESAMPLES))
    spread = (means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES)])
    return Figure(figure, sum(values) / len(values), "1/rank", n=len(values), spread=spread)


def false_hits(method: str, cases: Sequence[Case], goal: Goal | None = None) -> Figure:
    """The share of questions without an answer for which something was found."""
    unanswerable = [case for case in cases if not case.question.targets]
    return share_of(f"{method}: false hits", sum(case.answered for case in unanswerable), len(unanswerable), goal=goal)
