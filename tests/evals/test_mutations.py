"""Every question of every topic: what is asked for is right, and the same answer with one thing spoilt is wrong."""

from __future__ import annotations

import pytest
from tests.evals.made_answers import right_answer, spoilt, truth
from tests.evals.support import NOW

from nightshift_evals.graders import grade
from nightshift_evals.plan import questions_of
from nightshift_evals.questions import Question

TURNS = [turn for question in questions_of(None) for turn in question.turns]


@pytest.mark.parametrize("question", TURNS, ids=lambda question: question.id)
def test_a_right_answer_is_right_and_a_spoilt_one_wrong(question: Question) -> None:
    assert grade(question, right_answer(question), truth, NOW).reasons == ()
    passed = [name for name, bad in spoilt(question).items() if grade(question, bad, truth, NOW).right]
    assert passed == []


def test_every_kind_of_error_is_tried() -> None:
    tried = {name for question in TURNS for name in spoilt(question)}
    assert tried >= {
        "an echo", "a wrong number", "a number without its unit", "a wrong guest", "the second first", "a wrong time",
        "a missing gap", "a wrong cause", "no cause", "a wrong verdict", "evidence from elsewhere", "no evidence",
        "an answer", "a verdict", "an unverified claim", "the contrary",
    }  # fmt: skip
