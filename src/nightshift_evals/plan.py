"""Which question is asked where: a scenario's own ones in it, each free one in a few scenarios of its own half."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from nightshift_evals.files import QuestionError
from nightshift_evals.questions import QUESTIONS, Question, read_all
from nightshift_evals.scenarios import Scenario
from nightshift_evals.split import SPLITS, Split, order_of, split_of

TIMES_ASKED = 3
"""In how many scenarios a free question is asked. Those that may be asked only where something is wrong are asked in
all, but for those of a batch: one of them would outweigh the rest of its batch."""


def questions_of(split: Split | None, folder: Path | None = None) -> tuple[Question, ...]:
    """The questions of one half or of both; those of a folder of one's own as they are. Raises QuestionError."""
    if folder is not None:
        return read_all(folder)
    wanted = SPLITS if split is None else (split,)
    return tuple(question for half in wanted for question in read_all(QUESTIONS / half))


def half_of(question: Question) -> Split:
    """Where a question or one of its turns belongs: with its scenario, or by its own id."""
    return split_of(question.scenario or question.id.partition("/")[0])


def plan(
    questions: Iterable[Question], scenarios: Mapping[str, Scenario], *, everywhere: bool = False
) -> dict[str, list[Question]]:
    """The questions by scenario. With `everywhere` each is asked wherever it may be, in both halves: for one's own.

    Raises QuestionError for a question about a scenario that is not there.
    """
    planned: dict[str, list[Question]] = {name: [] for name in scenarios}
    for question in questions:
        for name in _places(question, scenarios, everywhere):
            planned[name].append(question)
    return planned


def _places(question: Question, scenarios: Mapping[str, Scenario], everywhere: bool) -> Sequence[str]:
    if question.scenario:
        if question.scenario not in scenarios:
            raise QuestionError(f"{question.id}: there is no scenario {question.scenario}")
        return (question.scenario,)
    half = half_of(question)
    able = [
        name
        for name, scenario in scenarios.items()
        if (everywhere or split_of(name) == half) and scenario.takes(question)
    ]
    able.sort(key=lambda name: order_of(question.id, name))
    few = question.batch or question.where in ("any", "healthy")
    return able[:TIMES_ASKED] if few and not everywhere else able
