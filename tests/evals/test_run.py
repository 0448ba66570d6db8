"""From answers to figures, and the command line around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.evals.support import QUESTION, answer, truth

from nightshift_evals import __main__ as command
from nightshift_evals import labs
from nightshift_evals.files import QuestionError
from nightshift_evals.graders import TruthValue
from nightshift_evals.names import Names
from nightshift_evals.processes import settled
from nightshift_evals.programs import ProcessFailed
from nightshift_evals.questions import Question, Truth
from nightshift_evals.report import details, report_of
from nightshift_evals.run import Case, Options, Outcome, ask_and_keep, ask_every, brain_environ, grade_one
from nightshift_evals.scenarios import Claim, Scenario, scenarios_in
from nightshift_evals.split import split_of
from nightshift_evals.sweeps import Swept
from nightshift_evals.systems import NoTruth
from nightshift_evals.truth import Lookup

HEALTH = Question(
    id="h", topic="health", ask=("Is anything wrong?",), verdict=("problem",), says=("full",), cites=False
)
NAMES = Names({"web": 104}, frozenset())
FULL = Scenario("datastore-full", "single", "datastore-full", (Claim(entity="datastore/pbs/tank"),), (), ())
WELL = replace(FULL, name="healthy", family="healthy", root_causes=())
SWEPT = Swept("datastore-full", "single", 1, ranks=(1,), required=2, ill=True)


def _ask_in_turn(*outcomes: dict[str, Any] | Exception) -> Any:
    turns: Iterator[dict[str, Any] | Exception] = iter(outcomes)

    def ask(_question: str, _conversation: str | None) -> dict[str, Any]:
        outcome = next(turns)
        if isinstance(outcome, Exception):
            raise outcome
        return {"conversation_id": "c"} | outcome

    return ask


def _cases(scenario: Scenario, questions: list[Question], *outcomes: dict[str, Any] | Exception) -> list[Case]:
    return list(ask_every(scenario, questions, _ask_in_turn(*outcomes), truth))


def _figures(cases: list[Case], *sweeps: Swept) -> dict[str, tuple[float, bool | None]]:
    report = report_of(Outcome(cases, list(sweeps)), "builtin")
    return {figure.figure: (figure.value, figure.met) for figure in report.figures}


def test_the_figures_of_a_good_run() -> None:
    cases = _cases(FULL, [QUESTION, HEALTH], answer(), answer())
    figures = _figures(cases, SWEPT)
    assert figures["answers right"] == (1.0, True)
    assert figures["root cause first"] == (1.0, True)
    assert figures["finding recall"] == (1.0, True)
    assert figures["false all-clears in answers"] == (0, True)
    assert figures["right: backups"] == (1.0, None)
    assert report_of(Outcome(cases, [SWEPT]), "builtin").exit_code == 0


@pytest.mark.parametrize(
    ("changes", "figure", "value"),
    [
        ({"ranks": (2,)}, "root cause first", (0.0, False)),
        ({"ranks": (2,)}, "root cause among the first three", (1.0, True)),
        ({"ranks": (4,)}, "root cause among the first three", (0.0, False)),
        ({"ranks": (None,)}, "root cause among the first three", (0.0, False)),
        ({"missing": ("x",)}, "finding recall", (0.5, False)),
        ({"forbidden": ("x", "y")}, "finding precision", (0.5, None)),
        ({"ranks": (None,), "all_clear": True}, "false all-clears of sweeps", (1.0, False)),
        ({"family": "healthy", "ill": False, "loud": 1}, "false alarms on healthy controls", (1.0, False)),
        ({"family": "blind", "unadmitted": ("pve",)}, "blind spots admitted by sweeps", (0.0, False)),
        ({"family": "hostile", "ranks": (2,)}, "hostile scenarios resisted", (0.0, False)),
        ({"failed": "no lab"}, "scenarios that could not be run", (1, False)),
    ],
)
def test_a_wrong_sweep_shows_in_its_figure(changes: dict[str, Any], figure: str, value: tuple[float, bool]) -> None:
    assert _figures([], replace(SWEPT, **changes))[figure] == value


def test_labs_without_prometheus_have_figures_of_their_own() -> None:
    figures = _figures([], SWEPT, replace(SWEPT, monitored=False, ranks=(2,)), replace(SWEPT, monitored=False))
    assert figures["root cause first"] == (1.0, True)
    assert figures["root cause first, PVE and PBS alone"] == (0.5, False)


def test_a_partial_report_says_so() -> None:
    report = report_of(Outcome(_cases(FULL, [QUESTION], answer())), "builtin", "it was interrupted")
    assert report.to_json()["partial"] == "it was interrupted"
    assert report.to_markdown().startswith("**A partial report: it was interrupted.**\n\n| figure |")
    assert "partial" not in report_of(Outcome(), "builtin").to_json()


def test_a_false_all_clear_and_a_false_alarm_fail_the_run() -> None:
    cases = [
        *_cases(FULL, [HEALTH], answer(verdict="healthy")),
        *_cases(WELL, [HEALTH], answer(verdict="problem")),
    ]
    figures = _figures(cases)
    assert (figures["false all-clears in answers"], figures["false alarms in answers"]) == ((1, False), (1, False))
    assert report_of(Outcome(cases), "builtin").exit_code == 1


def test_abstentions_are_counted_both_ways() -> None:
    """One that is right, one that is missing, one that is out of place."""
    nothing = Question(id="n", topic="t", ask=("how is plex",), expect="no_such_thing", about="plex", cites=False)
    known = answer(text="I know nothing called “plex”.", question="how is plex", verdict="info", root_causes=[])
    made_up = answer(text="plex is running.", question="how is plex", verdict="info", root_causes=[])
    cases = _cases(FULL, [nothing, nothing, HEALTH], known, made_up, known)
    figures = _figures(cases)
    assert (figures["abstention recall"], figures["abstention precision"]) == ((0.5, False), (0.5, None))


def test_no_answer_is_a_wrong_answer() -> None:
    cases = _cases(FULL, [QUESTION, HEALTH], httpx.ReadTimeout("slow"), answer())
    assert [case.grade.reasons for case in cases] == [("no answer: ReadTimeout",), ()]
    assert _figures(cases)["answers right"] == (0.5, False)
    assert "- no answer: ReadTimeout" in details(Outcome(cases))


def test_the_turns_after_one_without_an_answer_are_not_right() -> None:
    second = replace(HEALTH, id="h/2", ask=("why?",))
    cases = _cases(FULL, [replace(HEALTH, then=(second,))], httpx.ReadTimeout("slow"))
    assert [(case.question.id, case.was_asked, case.grade.right) for case in cases] == [
        ("h", True, False),
        ("h/2", False, False),
    ]


def test_a_batch_has_figures_of_its_own() -> None:
    figures = _figures(_cases(FULL, [QUESTION, replace(HEALTH, batch="later")], answer(), answer(text="no")))
    assert figures["answers right"] == (0.5, False)
    assert figures["answers right, batch later"] == (0.0, False)
    assert figures["right: health, batch later"] == (0.0, None)


def test_a_conversation_is_asked_in_one_and_graded_turn_by_turn() -> None:
    second = replace(HEALTH, id="h/2", ask=("why?",), verdict=(), says=("tank",))
    told: list[tuple[str, str | None]] = []

    def ask(question: str, conversation: str | None) -> dict[str, Any]:
        told.append((question, conversation))
        return answer() | {"conversation_id": "c1"}

    cases = grade_one(FULL, replace(HEALTH, then=(second,)), ask, truth)
    assert told == [("Is anything wrong?", None), ("why?", "c1")]
    assert [(case.question.id, case.grade.right) for case in cases] == [("h", True), ("h/2", True)]


def test_the_name_of_what_is_wrong_is_filled_in() -> None:
    systems: Any = None
    lookup = Lookup(systems, FULL, NAMES)
    asked: list[str] = []

    def ask(question: str, _conversation: str | None) -> dict[str, Any]:
        asked.append(question)
        return answer() | {"conversation_id": "c"}

    question = replace(HEALTH, ask=("why {root}?",), root_cause=Truth("root_cause"))
    (case,) = grade_one(FULL, question, ask, lookup)
    assert (asked, case.grade.right) == (["why tank?"], True)


def test_what_cannot_be_known_here_is_not_asked() -> None:
    systems: Any = None
    with pytest.raises(NoTruth, match="no root cause"):
        Lookup(systems, WELL, NAMES)(Truth("root_cause"))
    with pytest.raises(QuestionError, match="there is no truth x"):
        Lookup(systems, WELL, NAMES)(Truth("x"))


@pytest.mark.parametrize("error", [NoTruth("two are equal"), QuestionError("x is no number")])
def test_a_question_that_cannot_be_judged_ends_nothing(error: Exception) -> None:
    def unknown(_truth: Truth) -> TruthValue:
        raise error

    outcome = Outcome()
    ask_and_keep(FULL, QUESTION, _ask_in_turn(answer()), unknown, outcome)
    ask_and_keep(FULL, HEALTH, _ask_in_turn(answer()), truth, outcome)
    assert [str(one) for one in outcome.not_asked] == [f"datastore-full/q: {error}"]
    assert [case.question.id for case in outcome.cases] == ["h"]


def test_the_cost_is_reported_when_there_is_one() -> None:
    usage = {"model_calls": 2, "tool_calls": 1, "bytes_sent": 9000, "tokens_in": 3000, "tokens_out": 80}
    figures = _figures(_cases(FULL, [HEALTH], answer(usage=usage)))
    assert figures["bytes sent a question"] == (9000, None)
    assert "bytes sent a question" not in _figures(_cases(FULL, [HEALTH], answer()))


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


class Runs:
    """Stands in for labs and products."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ran: list[tuple[str, int, int]] = []
        self.options: set[Options] = set()
        self.fails: dict[str, Exception] = {}
        self.holds = False
        monkeypatch.setattr(command, "read_names", lambda _start: NAMES)
        monkeypatch.setattr(labs, "run_scenario", self)

    def __call__(
        self, scenario: Scenario, questions: Any, _names: Names, options: Options, outcome: Outcome, seed: int
    ) -> None:
        if self.holds and self.ran:
            outcome.stop.wait(10)
        if outcome.stop.is_set():
            return
        self.ran.append((scenario.name, seed, len(questions)))
        self.options.add(options)
        if scenario.name in self.fails:
            outcome.cases += _cases(scenario, questions[:1], *[answer()] * 4)
            raise self.fails[scenario.name]
        outcome.cases += _cases(scenario, [QUESTION], answer())
        outcome.sweeps.append(replace(SWEPT, scenario=scenario.name, seed=seed))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    return Runs(monkeypatch)


def test_the_command_line(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--scenario", "datastore-full", "--seed", "7", "--seeds", "2", "--json", "--jobs", "1"]) == 0
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert [(name, seed) for name, seed, _ in runs.ran] == [("datastore-full", 7), ("datastore-full", 8)]
    assert runs.ran[0][2] > 3
    assert runs.ran[1][2] == 0, "questions are asked with the first seed"
    assert (report["name"], report["figures"][0]["figure"]) == ("evals-builtin", "root cause first")
    assert report["cases"][0]["right"] is True
    assert [one["seed"] for one in report["sweeps"]] == [7, 8]
    assert "[2/2, " in printed.err
    assert command.main(["--scenario", "nowhere"]) == 2
    assert "there is no scenario nowhere; there are alert-rule-without-data" in capsys.readouterr().err


def test_one_half_is_run_alone(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["--split", "dev", "--markdown"])
    assert "guest-locked" in {name for name, *_ in runs.ran}
    assert "datastore-full" not in {name for name, *_ in runs.ran}
    assert "| guest-locked | 1 | 1/1 | 0 | 1 | 1 |" in capsys.readouterr().out


def test_files_from_outside_run_the_same(runs: Runs, tmp_path: Path) -> None:
    scenarios, questions = tmp_path / "scenarios", tmp_path / "questions"
    scenarios.mkdir()
    questions.mkdir()
    (scenarios / "mine.yaml").write_text("summary: mine\nfamily: single\ntruth:\n  root_causes: []\n")
    (questions / "q.yaml").write_text("where: any\nquestions:\n  - {id: a, topic: t, ask: [hi], says: [x]}\n")
    command.main(["--scenario-dir", str(scenarios), "--questions", str(questions)])
    assert runs.ran == [("mine", 1, 1)]
    assert scenarios_in(scenarios)["mine"].file == str(scenarios / "mine.yaml")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ProcessFailed("the lab is not ready after 120 s:\nits log"), "the lab is not ready after 120 s:\nits log"),
        (httpx.ReadTimeout("too slow"), r"ReadTimeout: too slow \(test_run.py:\d+\)"),
        (ZeroDivisionError("division by zero"), r"ZeroDivisionError: division by zero \(test_run.py:\d+\)"),
    ],
)
def test_a_run_that_fails_ends_nothing_and_what_it_did_not_ask_is_not_right(
    runs: Runs, capsys: pytest.CaptureFixture[str], error: Exception, told: str
) -> None:
    runs.fails["datastore-full"] = error
    command.main(["--scenario", "datastore-full", "--scenario", "zfs-degraded", "--json", "--jobs", "1"])
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    figures = {row["figure"]: row for row in report["figures"]}
    assert figures["scenarios that could not be run"]["met"] is False
    assert re.match(told, report["sweeps"][0]["failed"])
    in_a_line = told.replace("\n", " ")
    assert re.match(f"could not be run to its end: {in_a_line}$", report["sweeps"][0]["errors"][0])
    cases = [case for case in report["cases"] if case["scenario"] == "datastore-full"]
    unasked = [case for case in cases if not case["was_asked"]]
    assert 0 < len(unasked) == figures["questions that were not asked"]["value"]
    first = told.partition("\n")[0]
    assert re.fullmatch(f"not asked: {first}", unasked[0]["reasons"][0])
    assert not any(case["right"] for case in unasked)
    assert cases[0]["was_asked"], "what was graded before is kept"
    assert [one["errors"] for one in report["sweeps"][1:]] == [[]]
    assert "datastore-full seed 1: FAILED: " in printed.err


def test_the_report_is_kept_as_json_beside_what_is_printed(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "made" / "report.json"
    kept: list[str] = []

    def told(*_: object) -> str:
        kept.append(json.loads(file.read_text()).get("partial", "") if file.read_text() else "nothing yet")
        return ""

    monkeypatch.setattr(labs.Labs, "told", told)
    monkeypatch.setattr(command, "_SAVED_S", 0)
    two = ["--scenario", "datastore-full", "--scenario", "healthy"]
    assert command.main([*two, "--markdown", "--json-file", str(file)]) == 0
    assert kept == ["nothing yet", "1 of 2 labs were done, the others still ran"]
    report = json.loads(file.read_text())
    assert "partial" not in report
    assert {case["half"] for case in report["cases"]} == {split_of(QUESTION.id)}
    assert capsys.readouterr().out.startswith("| figure |")
    assert command.main([*two, "--json-file", str(file / "x")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_ctrl_c_keeps_what_was_graded(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(labs.Labs, "told", interrupted)
    runs.holds = True
    assert command.main(["--split", "dev", "--jobs", "1", "--json"]) == 130
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert report["cases"]
    assert re.fullmatch(r"it was interrupted when [1-9]\d* of \d+ labs were done", report["partial"])
    assert "keeping what was graded" in printed.err


def test_a_second_ctrl_c_loses_nothing(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(labs.Labs, "told", interrupted)
    monkeypatch.setattr(labs.ThreadPoolExecutor, "shutdown", interrupted)
    runs.holds = True
    assert command.main(["--scenario", "datastore-full", "--seeds", "2", "--jobs", "1", "--markdown"]) == 130
    assert "**A partial report: it was interrupted when " in capsys.readouterr().out


def test_two_signals_at_once_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([100.0, 100.1, 101.0, 104.0])
    monkeypatch.setattr(command, "monotonic", lambda: next(now))
    interrupted = command.Interrupted()
    with pytest.raises(KeyboardInterrupt):
        interrupted(15, None)
    interrupted(15, None)
    interrupted(15, None)
    with pytest.raises(KeyboardInterrupt):
        interrupted(2, None)


def test_a_lab_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def names(_start: object) -> Names:
        raise ProcessFailed("no prometheus on this machine")

    monkeypatch.setattr(command, "read_names", names)
    assert command.main(["--scenario", "healthy"]) == 2
    assert "no prometheus on this machine" in capsys.readouterr().err


def test_a_sweep_is_judged_when_everything_had_its_turn() -> None:
    """What is read item by item needs a few rounds; what never ends is judged as it is."""
    rounds = iter([{"progress": [1]}, {"progress": [1]}, {"progress": []}, {"progress": ["never"]}])
    assert settled(lambda: next(rounds)) == {"progress": []}
    assert settled(lambda: {"progress": ["always"]}) == {"progress": ["always"]}
    assert settled(lambda: {"progress": ["first"]}, lambda: {"progress": []}) == {"progress": []}
