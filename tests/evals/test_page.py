"""The tables of a report for the docs: all figures, and nothing of what was asked in the half `test`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.evals.support import QUESTION, answer, truth

from nightshift_evals.graders import Grade
from nightshift_evals.page import figures_of, main, page
from nightshift_evals.plan import half_of
from nightshift_evals.report import json_of, report_of, wrong_as
from nightshift_evals.run import Outcome, ask_every
from nightshift_evals.scenarios import Scenario
from nightshift_evals.sweeps import Swept

FULL = Scenario("datastore-full", "single", "datastore-full", (), (), ())
DEV, TEST = replace(QUESTION, id="b", ask=("asked in dev",)), replace(QUESTION, id="d", ask=("asked in test",))
LATER = replace(TEST, batch="later", topic="tasks")


def _report() -> Outcome:
    wrong = answer(text="made up [E1]")
    cases = ask_every(FULL, [DEV, TEST, LATER], lambda _text, _conversation: wrong | {"conversation_id": "c"}, truth)
    sweeps = [Swept("datastore-full", "single", 1, ranks=(2,)), Swept("healthy", "healthy", 1)]
    return Outcome(list(cases), sweeps)


def test_the_page_holds_the_figures_and_no_question_of_the_half_test(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (half_of(DEV), half_of(TEST)) == ("dev", "test")
    outcome = _report()
    report = report_of(outcome, "builtin")
    file = tmp_path / "report.json"
    file.write_text(json.dumps(json_of(outcome, report)))
    assert main([str(file)]) == 0
    printed = capsys.readouterr().out
    assert set(report.to_markdown().splitlines()) - set(printed.splitlines()) == {
        line for line in report.to_markdown().splitlines() if line.startswith("| right: ")
    }
    assert "2 scenarios, 2 sweeps with 1 seeds, 3 answers to 2 questions (dev and test)" in printed
    assert "| datastore-full | 0 | 3 | the root cause is not first |" in printed
    assert "1 scenarios had nothing wrong; the others:" in printed
    assert "Of the half `test` 2 answers to 1 questions were wrong" in printed
    assert "- datastore-full, “asked in dev”: " in printed
    assert "asked in test" not in printed
    assert "made up" not in printed


def test_batches_stand_side_by_side() -> None:
    data = json.loads(json.dumps(json_of(_report(), report_of(_report(), "builtin"))))
    data["cases"][2]["right"] = True
    printed = page(data)
    assert (
        """\
| answers right | right | of | share | spread |
| --- | ---: | ---: | ---: | --- |
| `dev` | 0 | 1 | 0.000 | 0.000 … 0.793 |
| `test` | 0 | 1 | 0.000 | 0.000 … 0.793 |
| `test` later | 1 | 1 | 1.000 | 0.207 … 1.000 |
| all | 1 | 3 | 0.333 | 0.061 … 0.792 |"""
        in printed
    )
    assert (
        f"""\
| topic | `dev` | `test` | `test` later |
| --- | ---: | ---: | ---: |
| {QUESTION.topic} | 0 of 1 | 0 of 1 |  |
| tasks |  |  | 1 of 1 |"""
        in printed
    )


def test_errors_are_told_by_their_kind() -> None:
    """To decline what could be answered costs less than to say what is not so."""
    outcome = _report()
    said = {
        "declined": (None, "I cannot tell that."),
        "wrong answer": (None, "It is 12 % full [E1]."),
        "answered": ("abstain", "It is 12 % full [E1]."),
        "wrong abstention": ("refuse_action", "I cannot tell."),
    }
    case = outcome.cases[0]
    made = [
        replace(case, question=replace(DEV, expect=expect), answer=answer(text=text, verdict="info", root_causes=[]))
        for expect, text in said.values()
    ]
    cases = [*made, replace(case, answer=None), replace(case, grade=Grade(()))]
    assert [wrong_as(one) for one in cases] == [*said, "no answer", None]
    data = json_of(Outcome(cases, outcome.sweeps), report_of(outcome, "builtin"))
    assert "| `dev` | 1 | 1 | 1 | 1 | 1 |" in page(data)
    assert f"| {QUESTION.topic} | 1 | 1 | 1 | 1 | 1 |" in page(data)


def test_a_partial_report_stays_partial() -> None:
    data = json.loads(json.dumps(json_of(_report(), report_of(_report(), "builtin", "it was interrupted"))))
    assert figures_of(data).partial == "it was interrupted"
    assert "**A partial report: it was interrupted.**" in page(data)


def test_what_is_no_report_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.json")]) == 2
    assert "none.json is no report: FileNotFoundError" in capsys.readouterr().err


def test_a_question_that_is_wrong_in_many_scenarios_stands_once_and_its_pattern_is_no_link() -> None:
    data = json.loads(json.dumps(json_of(_report(), report_of(_report(), "builtin"))))
    wrong = data["cases"][0] | {"reasons": [r"it does not say [678](\.\d+)? h"]}
    printed = page(data | {"cases": [wrong, wrong | {"scenario": "disk-hot"}]})
    assert "Of the half `dev` 2 were wrong:" in printed
    assert "- datastore-full and 1 more, “asked in dev”: it does not say [678]\\(\\.\\d+)? h" in printed
    assert printed.count("asked in dev") == 1
