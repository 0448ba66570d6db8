"""The tables of a report for the docs: all figures, and nothing of what was asked in the half `test`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.evals.support import QUESTION, answer, truth

from nightshift_evals.page import figures_of, main, page
from nightshift_evals.plan import half_of
from nightshift_evals.report import json_of, report_of
from nightshift_evals.run import Outcome, ask_every
from nightshift_evals.scenarios import Scenario
from nightshift_evals.sweeps import Swept

FULL = Scenario("datastore-full", "single", "datastore-full", (), (), ())
DEV, TEST = replace(QUESTION, id="b", ask=("asked in dev",)), replace(QUESTION, id="d", ask=("asked in test",))


def _report() -> Outcome:
    wrong = answer(text="made up [E1]")
    cases = ask_every(FULL, [DEV, TEST], lambda _text, _conversation: wrong | {"conversation_id": "c"}, truth)
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
    assert report.to_markdown() in printed
    assert "2 scenarios, 2 sweeps with 1 seeds, 2 answers to 2 questions (dev and test)" in printed
    assert "| datastore-full | 0 | 2 | the root cause is not first |" in printed
    assert "1 scenarios had nothing wrong; the others:" in printed
    assert "Of the half `test` 1 answers to 1 questions were wrong" in printed
    assert "- datastore-full, “asked in dev”: " in printed
    assert "asked in test" not in printed
    assert "made up" not in printed


def test_a_partial_report_stays_partial() -> None:
    data = json.loads(json.dumps(json_of(_report(), report_of(_report(), "builtin", "it was interrupted"))))
    assert figures_of(data).partial == "it was interrupted"
    assert "**A partial report: it was interrupted.**" in page(data)


def test_what_is_no_report_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.json")]) == 2
    assert "none.json is no report: FileNotFoundError" in capsys.readouterr().err
