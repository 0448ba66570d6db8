"""The question files: all of them say what a right answer is, and each lies in the half where its hash puts it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.evals.made_answers import LISTS as OF_ANSWERS
from tests.evals.made_answers import TIMES, is_name
from tests.evals.support import NOW, answer

from nightshift_evals.files import QuestionError
from nightshift_evals.graders import TruthValue, grade
from nightshift_evals.plan import TIMES_ASKED, half_of, plan, questions_of
from nightshift_evals.questions import QUESTIONS, Question, Truth, load, read_all
from nightshift_evals.scenarios import scenarios_of_lab
from nightshift_evals.split import SPLITS, split_of
from nightshift_evals.truth import check_truths

SCENARIOS = {
    "healthy",
    "datastore-full",
    "vm-disk-filling",
    "node-offline",
    "container-oom-loop",
    "guest-without-backup",
    "target-down",
}
SMOKE = load()
FREE = questions_of(None)
TWICE = """
scenario: x
questions:
  - {id: a, topic: t, ask: [hi], says: [x]}
  - {id: a, topic: t, ask: [ho], says: [x]}
"""
TOPICS = {"health", "inventory", "backups", "storage", "alerts", "metrics", "why", "runbooks", "tasks", "nodes"}
LISTS = OF_ANSWERS | {"guests", "datastores"}


def any_value(truth: Truth) -> TruthValue:
    """A value of the right sort, which no question can hold by chance."""
    if truth.name in TIMES:
        return NOW
    if is_name(truth):
        return "nobody"
    return ("nobody",) if truth.name in LISTS else 12.5


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_the_ten_questions_are_asked_in_every_scenario(scenario: str) -> None:
    questions = SMOKE[scenario]
    assert {question.topic for question in questions} == TOPICS
    assert len(questions) >= 10
    assert all(len(question.ask) >= 2 for question in questions)


def test_there_are_no_other_scenarios() -> None:
    assert set(SMOKE) == SCENARIOS


def test_there_are_enough_questions_and_no_two_of_a_name() -> None:
    assert len({question.id for question in FREE}) == len(FREE) >= 260
    assert sum(question.expect is not None for question in FREE) >= 60
    assert sum(len(question.turns) > 1 for question in FREE) >= 12


@pytest.mark.parametrize("split", SPLITS)
def test_a_question_lies_where_its_hash_puts_it(split: str) -> None:
    assert {question.id for question in read_all(QUESTIONS / split) if half_of(question) != split} == set()


def test_the_halves_never_meet() -> None:
    planned = plan(FREE, scenarios_of_lab())
    wrong = [
        (name, one.id) for name, questions in planned.items() for one in questions if half_of(one) != split_of(name)
    ]
    assert wrong == []
    asked = {one.id for questions in planned.values() for one in questions}
    assert {question.id for question in FREE} - asked == set(), "a question that is asked nowhere"


def test_every_scenario_is_asked_whether_all_is_well() -> None:
    """Where something is wrong, or where the watcher is blind, the plainest question is put in every scenario."""
    scenarios = scenarios_of_lab()
    for name, questions in plan(FREE, scenarios).items():
        if scenarios[name].is_ill:
            assert [one.id for one in questions if one.topic == "health"], name


def test_a_question_of_a_batch_is_asked_in_a_few_scenarios() -> None:
    """One that is put wherever something is wrong would be a third of its batch."""
    planned = plan(FREE, scenarios_of_lab())
    times = Counter(one.id for questions in planned.values() for one in questions if one.batch)
    assert max(times.values()) == TIMES_ASKED


def _turns(questions: tuple[Question, ...]) -> list[Question]:
    return [turn for question in questions for turn in question.turns]


EVERY = [
    *(pytest.param(one, id=f"{name}-{one.id}") for name in sorted(SMOKE) for one in SMOKE[name]),
    *(pytest.param(turn, id=turn.id) for turn in _turns(FREE)),
]


@pytest.mark.parametrize("question", EVERY)
def test_no_question_is_its_own_answer(question: Question) -> None:
    """An answer that repeats the question is wrong, and every truth that is named exists."""
    check_truths([question])
    for asked in question.ask:
        echo = answer(question=asked, text=asked, evidence=[], root_causes=[], gaps=[], verdict="info")
        assert not grade(question, echo, any_value, NOW).right


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scenario: x\nquestions:\n  - {id: a, topic: t, ask: [hi]}", "asks for nothing in the answer"),
        ("scenario: x\nquestions:\n  - {id: a, topic: t, ask: [], says: [x]}", "asks nothing"),
        ("scenario: x\nquestions:\n  - {id: a, topic: t, ask: [hi], mention: [x]}", "no such key: mention"),
        ("scenario: x\nquestions:\n  - {id: a, topic: t, ask: [hi], expect: shrug}", "expect is one of abstain"),
        ("scenario: x\nquestions:\n  - {id: a, topic: t, ask: [hi], says: [x], then: [{ask: [and]}]}", "a/2: asks"),
        ("scenario: x\nquestions:\n  - {id: a, ask: [hi], says: [x]}", "topic"),
        (TWICE, "x.yaml: the id a is there twice"),
        ("questions: [", "x.yaml: this is no YAML: .* line [12]"),
        ("[]", "x.yaml: it must hold keys and values"),
        ("where: nowhere\nquestions: []", "x.yaml: line 1: where is one of any, ill, healthy, .*, not nowhere"),
        ("questions: {a: b}", "line 1: questions must be a list"),
        ("questions: [hi]", "'hi' must be a mapping of about, affirms, among, ask"),
        ("questions:\n  - {id: a, topic: t, ask: hi, sayz: x}", "line 2: no such key: sayz; did you mean says"),
        ("questions:\n  - {id: a, topic: t, ask: hi, says: '('}", "line 2: a: “\\(” is no regular expression"),
        ("questions:\n  - {id: a, topic: t, ask: hi, numbers: [{value: x}]}", "line 2: a: ValueError: could not"),
        ("questions:\n  - {id: a, topic: t, ask: hi, numbers: [{unit: '%'}]}", "either a truth or a value"),
        ("questions:\n  - {id: a, topic: t, ask: hi, numbers: [{value: 1, unit: GB}]}", "unit is one of %, bytes, s"),
        ("questions:\n  - {id: a, topic: t, ask: hi, times: [{of: web}]}", "truth must be said"),
        ("scenario: any\nquestions: []", "no questions of a scenario"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(QuestionError, match=told):
        load(tmp_path)


def test_a_scenario_replaces_a_common_question_by_its_id(tmp_path: Path) -> None:
    (tmp_path / "any.yaml").write_text("scenario: any\nquestions:\n  - {id: a, topic: t, ask: [common], says: [x]}")
    (tmp_path / "s.yaml").write_text(
        "scenario: s\nquestions:\n  - {id: b, topic: t, ask: [own], says: [x]}\n"
        "  - {id: a, topic: t, ask: [special], says: [x]}"
    )
    assert {question.id: question.ask for question in load(tmp_path)["s"]} == {"a": ("special",), "b": ("own",)}


def test_the_turns_of_a_conversation_are_questions(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        "where: healthy\nquestions:\n  - {id: a, topic: t, ask: [hi], says: [x], then: [{ask: [and], mentions: [b]}]}"
    )
    (question,) = read_all(tmp_path)
    assert [(turn.id, turn.ask) for turn in question.turns] == [("a", ("hi",)), ("a/2", ("and",))]


def test_a_truth_that_cannot_be_looked_up_is_told_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        "questions:\n  - {id: a, topic: t, ask: hi, numbers: [{truth: guest_cuont}], then: [{ask: and, says: [x]}]}"
    )
    with pytest.raises(
        QuestionError, match=r"a: there is no truth guest_cuont; did you mean guest_count\? \(there are"
    ):
        check_truths(read_all(tmp_path))
