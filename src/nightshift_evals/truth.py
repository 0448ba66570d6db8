"""The values that a question may ask for, each read from the systems themselves when it is asked.

Nothing here goes through the product, so that an error in its reading cannot confirm itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches

import httpx

from nightshift_evals.files import QuestionError
from nightshift_evals.graders import TruthValue
from nightshift_evals.names import Names
from nightshift_evals.questions import Question, Truth
from nightshift_evals.readings import TRUTHS
from nightshift_evals.scenarios import Scenario
from nightshift_evals.sweeps import explains
from nightshift_evals.systems import NoTruth, Systems


def check_truths(questions: Iterable[Question]) -> None:
    """Raises QuestionError when a question asks for a truth that cannot be looked up."""
    for question in questions:
        for turn in question.turns:
            for truth in turn.truths:
                if truth.name not in TRUTHS and truth.name not in _OF_SCENARIO:
                    known = sorted({*TRUTHS, *_OF_SCENARIO})
                    near = "".join(f"; did you mean {name}?" for name in get_close_matches(truth.name, known, n=1))
                    raise QuestionError(
                        f"{turn.id}: there is no truth {truth.name}{near} (there are {', '.join(known)})"
                    )


class Lookup:
    """Reads truths in one scenario. `names` turns the lab's names into the keys of entities."""

    def __init__(self, systems: Systems, scenario: Scenario | None = None, names: Names | None = None) -> None:
        self._systems = systems
        self._scenario = scenario
        self._names = names

    def __call__(self, truth: Truth) -> TruthValue:
        """The value. Raises QuestionError for an unknown truth, NoTruth when it cannot be read here."""
        of_scenario = _OF_SCENARIO.get(truth.name)
        if of_scenario is not None:
            if self._scenario is None or self._names is None:
                raise NoTruth(f"{truth.name} is a scenario's")
            return of_scenario(self._scenario, self._names)
        read = TRUTHS.get(truth.name)
        if read is None:
            known = ", ".join(sorted({*TRUTHS, *_OF_SCENARIO}))
            raise QuestionError(f"there is no truth {truth.name}; there are {known}")
        try:
            value = read(self._systems, truth.of or "")
        except (httpx.HTTPError, KeyError, IndexError, TypeError, ValueError, ZeroDivisionError) as error:
            raise NoTruth(f"{truth.name} of {truth.of}: {type(error).__name__}: {error}") from error
        return value * truth.scale if isinstance(value, float) else value


def _causes(scenario: Scenario, names: Names) -> TruthValue:
    if not scenario.visible_causes:
        raise NoTruth("no root cause")
    return explains(scenario, names)


def _label(scenario: Scenario, names: Names) -> TruthValue:
    if not scenario.visible_causes:
        raise NoTruth("no root cause")
    return names.label(scenario.visible_causes[0].entity)


_OF_SCENARIO: Mapping[str, Callable[[Scenario, Names], TruthValue]] = {
    "root_cause": _causes,
    "root_label": _label,
    "blind_sources": lambda scenario, _names: scenario.blind,
}
