"""From answers to figures, and the command line around it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.evals.support import QUESTION, answer, truth

from nightshift_evals import __main__ as command
from nightshift_evals.processes import ProcessFailed
from nightshift_evals.questions import Question
from nightshift_evals.run import Case, brain_environ, details, grade_all, report_of

HEALTH = Question(id="h", topic="health", ask=("Is anything wrong?",), says=("full",), cites=False)


def _ask_in_turn(*outcomes: dict[str, Any] | Exception) -> Any:
    turns: Iterator[dict[str, Any] | Exception] = iter(outcomes)

    def ask(_question: str) -> dict[str, Any]:
        outcome = next(turns)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return ask


def _cases(scenario: str, questions: list[Question], *outcomes: dict[str, Any] | Exception) -> list[Case]:
    return list(grade_all(scenario, questions, _ask_in_turn(*outcomes), truth))


def _figures(cases: list[Case]) -> dict[str, tuple[float, bool | None]]:
    return {figure.figure: (figure.value, figure.met) for figure in report_of(cases, "builtin").figures}


def test_the_figures_of_a_good_run() -> None:
    cases = _cases("datastore-full", [QUESTION, HEALTH], answer(), answer())
    figures = _figures(cases)
    assert figures["answers right"] == (1.0, True)
    assert figures["root cause first"] == (1.0, True)
    assert figures["false all-clears"] == (0, True)
    assert figures["right: backups"] == (1.0, None)
    assert report_of(cases, "builtin").exit_code == 0


def test_a_false_all_clear_and_a_false_alarm_fail_the_run() -> None:
    cases = [
        *_cases("datastore-full", [HEALTH], answer(verdict="healthy")),
        *_cases("healthy", [HEALTH], answer(verdict="problem")),
    ]
    figures = _figures(cases)
    assert (figures["false all-clears"], figures["false alarms"]) == ((1, False), (1, False))
    assert report_of(cases, "builtin").exit_code == 1


def test_no_answer_is_a_wrong_answer() -> None:
    cases = _cases("datastore-full", [QUESTION, HEALTH], httpx.ReadTimeout("slow"), answer())
    assert [case.grade.reasons for case in cases] == [("no answer: ReadTimeout",), ()]
    assert _figures(cases)["answers right"] == (0.5, False)
    assert "- no answer: ReadTimeout" in details(cases)


def test_the_cost_is_reported_when_there_is_one() -> None:
    usage = {"model_calls": 2, "tool_calls": 1, "bytes_sent": 9000, "tokens_in": 3000, "tokens_out": 80}
    figures = _figures(_cases("x", [HEALTH], answer(usage=usage)))
    assert figures["bytes sent a question"] == (9000, None)
    assert "bytes sent a question" not in _figures(_cases("x", [HEALTH], answer()))


@pytest.mark.parametrize(
    ("brain", "expected"),
    [
        ("builtin", {"NIGHTSHIFT_BRAIN": "builtin"}),
        ("model", {"NIGHTSHIFT_BRAIN": "model", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}),
    ],
)
def test_which_brain(monkeypatch: pytest.MonkeyPatch, brain: Any, expected: dict[str, str]) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    assert brain_environ(brain) == expected


def test_the_command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ran: list[tuple[str, str, int]] = []

    def run(scenario: str, questions: Any, *, brain: str, seed: int) -> list[Case]:
        ran.append((scenario, brain, seed))
        return _cases(scenario, [QUESTION], answer())

    monkeypatch.setattr(command, "run_scenario", run)
    assert command.main(["--scenario", "datastore-full", "--seed", "7", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert ran == [("datastore-full", "builtin", 7)]
    assert (report["name"], report["figures"][0]["figure"]) == ("evals-builtin", "answers right")
    assert report["cases"][0]["right"] is True
    assert command.main(["--scenario", "nowhere"]) == 2
    assert "no questions for nowhere; there are container-oom-loop" in capsys.readouterr().err


def test_a_lab_that_does_not_start_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def run(*_: Any, **__: Any) -> list[Case]:
        raise ProcessFailed("no prometheus on this machine")

    monkeypatch.setattr(command, "run_scenario", run)
    assert command.main([]) == 2
    assert "no prometheus on this machine" in capsys.readouterr().err
