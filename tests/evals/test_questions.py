"""The question files: all of them say what a right answer is."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.evals.support import NOW, answer

from nightshift_evals.graders import TruthValue, grade
from nightshift_evals.questions import Question, QuestionError, load
from nightshift_evals.truth import _TRUTHS

SCENARIOS = {
    "healthy",
    "datastore-full",
    "vm-disk-filling",
    "node-offline",
    "container-oom-loop",
    "guest-without-backup",
    "target-down",
}
ALL = load()
TWICE = """
scenario: x
questions:
  - {id: a, topic: t, ask: [hi], says: [x]}
  - {id: a, topic: t, ask: [ho], says: [x]}
"""
_VALUES: dict[str, TruthValue] = {"last_backup": NOW, "running": ("nobody",), "firing_alerts": ("AnAlert",)}
TOPICS = {"health", "inventory", "backups", "storage", "alerts", "metrics", "why", "runbooks", "tasks", "nodes"}


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_the_ten_questions_are_asked_in_every_scenario(scenario: str) -> None:
    questions = ALL[scenario]
    assert {question.topic for question in questions} == TOPICS
    assert len(questions) >= 10
    assert all(len(question.ask) >= 2 for question in questions)


def test_there_are_no_other_scenarios() -> None:
    assert set(ALL) == SCENARIOS


@pytest.mark.parametrize(
    "question",
    [pytest.param(question, id=f"{scenario}-{question.id}") for scenario in sorted(ALL) for question in ALL[scenario]],
)
def test_no_question_is_its_own_answer(question: Question) -> None:
    """An answer that repeats the question, or the scenario's name, is wrong, and every truth that is named exists."""
    named = [number.value for number in question.numbers if not isinstance(number.value, float)]
    named += [time.value for time in question.times] + ([question.listed] if question.listed else [])
    assert [truth.name for truth in named if truth.name not in _TRUTHS] == []
    for asked in question.ask:
        echo = answer(question=asked, text=asked, evidence=[], root_causes=[], gaps=[], verdict="info")
        assert not grade(question, echo, lambda truth: _VALUES.get(truth.name, 12.5), NOW).right


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scenario: x\nquestions:\n  - {id: a, topic: t, ask: [hi]}", "asks for nothing in the answer"),
        ("scenario: x\nquestions:\n  - {id: a, topic: t, ask: [], says: [x]}", "asks nothing"),
        ("scenario: x\nquestions:\n  - {id: a, topic: t, ask: [hi], mention: [x]}", "no such key: mention"),
        ("scenario: x\nquestions:\n  - {id: a, ask: [hi], says: [x]}", "topic"),
        (TWICE, "an id is there twice"),
        ("questions: [", "x.yaml"),
        ("[]", "x.yaml"),
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
