"""One run of the evals: scenarios, sweeps, questions, grades.

Three levels of a lab. `full`: a real Prometheus with a week of history, as an operator would have it. `quick`: the same
with a day and a half. `snapshots`: PVE and PBS alone, at once; what only metrics and alerts can tell is not asked for.
With the first seed every scenario is swept and its questions are asked at the level that was chosen; with the further
seeds it is swept at the level of snapshots. At every level the product is a process of its own with an empty data
folder, spoken to over HTTP or by its command line.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic, perf_counter
from traceback import extract_tb
from typing import Any, Literal

import httpx

from nightshift_evals import graders
from nightshift_evals.files import QuestionError
from nightshift_evals.graders import Grade, grade
from nightshift_evals.names import Names
from nightshift_evals.processes import ANSWER_S, Lab, Product, check, running_lab, running_product, settled
from nightshift_evals.programs import Forked, Fresh, ProcessFailed, Start, must_run, warm_up
from nightshift_evals.questions import Question, Truth
from nightshift_evals.scenarios import Scenario
from nightshift_evals.split import order_of
from nightshift_evals.sweeps import Swept, judge
from nightshift_evals.systems import NoTruth, Systems
from nightshift_evals.truth import Lookup

Brain = Literal["builtin", "model"]
Level = Literal["snapshots", "quick", "full"]
_LAB_OPTIONS: Mapping[Level, tuple[str, ...]] = {
    "snapshots": ("--without-prometheus",),
    "quick": ("--short-history",),
    "full": (),
}
Ask = Callable[[str, str | None], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Patience:
    """How long one answer may take, and how long the questions of a lab may take on average, in seconds."""

    answer_s: float
    mean_s: float


_PATIENCE: Mapping[Brain, _Patience] = {"builtin": _Patience(30.0, 5.0), "model": _Patience(ANSWER_S, 60.0)}
_BEFORE_QUESTIONS_S = 60.0


@dataclass(frozen=True, slots=True)
class Case:
    """One turn of one question in one scenario, its answer and its grade. `answer` is None when there was none.

    Of an answer only what figures are made from is kept. One that was not asked because its lab failed is not right.
    """

    scenario: str
    family: str
    question: Question
    asked: str
    answer: Mapping[str, Any] | None
    grade: Grade
    latency_s: float
    was_asked: bool = True


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A question that cannot be judged where it was to be asked: two are equal, a value cannot be read there."""

    scenario: str
    question: str
    why: str

    def __str__(self) -> str:
        return f"{self.scenario}/{self.question}: {self.why}"


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is to do."""

    brain: Brain = "builtin"
    level: Level = "quick"
    first_seed: int = 1
    repeat: int = 1
    start: Start = Forked

    def level_of(self, seed: int) -> Level:
        """The chosen level with the first seed, snapshots with every further one."""
        return self.level if seed == self.first_seed else "snapshots"


@dataclass
class Outcome:
    """What was graded so far, of one lab or of all; kept when the run is interrupted or fails."""

    cases: list[Case] = field(default_factory=list)
    sweeps: list[Swept] = field(default_factory=list)
    not_asked: list[NotAsked] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def add(self, other: Outcome) -> None:
        """Take over what was graded elsewhere."""
        self.cases += other.cases
        self.sweeps += other.sweeps
        self.not_asked += other.not_asked


def read_names(start: Start = Fresh) -> Names:
    """The names of the homelab, from a healthy lab of PVE and PBS alone."""
    options = _LAB_OPTIONS["snapshots"]
    if start is Forked:
        warm_up()
    with running_lab("healthy", options=options, start=start) as lab, Systems(lab.environ) as systems:
        return Names.read(systems)


def run_scenario(
    scenario: Scenario, questions: Sequence[Question], names: Names, options: Options, outcome: Outcome, seed: int
) -> None:
    """Start the lab; with questions start the product, judge its sweep and ask everything; else only sweep.

    Raises whatever goes wrong (see `failed`); what was graded until then is in the outcome.
    """
    if outcome.stop.is_set():
        return
    level = options.level_of(seed)
    judged = partial(judge, scenario, names=names, seed=seed, monitored=level != "snapshots")
    with running_lab(scenario.file, seed=seed, options=_LAB_OPTIONS[level], start=options.start) as found:
        lab = found.with_further_systems() if scenario.is_about(found.further) else found
        if questions:
            _ask_all(lab, scenario, questions, names, options, outcome, judged)
        else:
            with tempfile.TemporaryDirectory(prefix="nightshift-evals-data-") as data:
                outcome.sweeps.append(judged(settled(partial(check, lab, Path(data), start=options.start))))


def failed(
    scenario: Scenario, questions: Sequence[Question], options: Options, done: Outcome, seed: int, error: BaseException
) -> Outcome:
    """What came of a run that an error ended: what was graded, the error, and the rest of its questions as not right.

    A lab that does not start, a server that ends, a grader that fails: none of them ends the others, and none of them
    is left out of the figures.
    """
    why = _told(error)
    dealt_with = {case.question.id for case in done.cases} | {one.question for one in done.not_asked}
    left = [turn for question in questions if question.id not in dealt_with for turn in question.turns]
    monitored = options.level_of(seed) != "snapshots"
    return Outcome(
        done.cases + [_not_asked(scenario, turn, why.partition("\n")[0]) for turn in left],
        [*done.sweeps, Swept(scenario.name, scenario.family, seed, monitored, failed=why)],
        done.not_asked,
        done.stop,
    )


def _told(error: BaseException) -> str:
    """An error in words; one that nobody foresaw with the place where it was raised."""
    if isinstance(error, ProcessFailed):
        return str(error)
    place = extract_tb(error.__traceback__)[-1:]
    where = "".join(f" ({Path(one.filename).name}:{one.lineno})" for one in place)
    return f"{type(error).__name__}: {error}{where}"


def _not_asked(scenario: Scenario, turn: Question, why: str) -> Case:
    grade_of_none = Grade((f"not asked: {why}",))
    return Case(scenario.name, scenario.family, turn, turn.ask[0], None, grade_of_none, 0.0, was_asked=False)


def _ask_all(
    lab: Lab,
    scenario: Scenario,
    questions: Sequence[Question],
    names: Names,
    options: Options,
    outcome: Outcome,
    judged: Callable[..., Swept],
) -> None:
    brain, patience = brain_environ(options.brain), _PATIENCE[options.brain]
    turns = options.repeat * sum(len(question.turns) for question in questions)
    with (
        Systems(lab.environ) as systems,
        running_product(lab, brain, start=options.start, answer_s=patience.answer_s) as product,
    ):
        until = monotonic() + _BEFORE_QUESTIONS_S + patience.mean_s * turns
        outcome.sweeps.append(judged(settled(product.findings, partial(product.findings, fresh=True))))
        lookup = Lookup(systems, scenario, names)
        for _ in range(options.repeat):
            for question in questions:
                if outcome.stop.is_set():
                    return
                if monotonic() > until:
                    raise ProcessFailed(f"{turns} answers took longer than {patience.mean_s:g} s each")
                ask_and_keep(scenario, question, _asking(product), lookup, outcome)
                # Of a lab that has ended nothing that is read is true.
                must_run(lab.program, product.program)


def ask_and_keep(scenario: Scenario, question: Question, ask: Ask, truth: graders.Lookup, outcome: Outcome) -> None:
    """Ask one question and keep what came of it; one that cannot be judged here is told, and ends nothing."""
    try:
        outcome.cases += grade_one(scenario, question, ask, truth)
    except (NoTruth, QuestionError) as reason:
        outcome.not_asked.append(NotAsked(scenario.name, question.id, str(reason)))


def _asking(product: Product) -> Ask:
    return lambda text, conversation: product.ask(text, conversation_id=conversation)


def grade_one(scenario: Scenario, question: Question, ask: Ask, truth: graders.Lookup) -> list[Case]:
    """Ask a question, turn by turn, and grade the answers. An answer that does not come is wrong, not an end.

    Of several phrasings one is taken, by a hash of the question and the scenario; `ask_every` takes them all.
    Raises NoTruth when what is true cannot be read here.
    """
    return list(_conversation(scenario, question, ask, truth, order_of(question.id, scenario.name)))


def ask_every(scenario: Scenario, questions: Iterable[Question], ask: Ask, truth: graders.Lookup) -> Iterator[Case]:
    """Every phrasing of every question, each in a conversation of its own."""
    for question in questions:
        for number in range(len(question.ask)):
            yield from _conversation(scenario, question, ask, truth, number)


_KEPT = ("text", "verdict", "root_causes", "usage")  # of 1,500 answers the evidence would fill the memory


def _conversation(
    scenario: Scenario, question: Question, ask: Ask, truth: graders.Lookup, number: int
) -> Iterator[Case]:
    conversation: str | None = None
    for place, turn in enumerate(question.turns):
        asked = _filled(turn.ask[number % len(turn.ask)], truth)
        started = perf_counter()
        try:
            answer = ask(asked, conversation)
            conversation = str(answer["conversation_id"])
        except (httpx.HTTPError, ValueError, KeyError) as error:
            none = Grade((f"no answer: {type(error).__name__}",))
            yield Case(scenario.name, scenario.family, turn, asked, None, none, perf_counter() - started)
            for later in question.turns[place + 1 :]:
                yield _not_asked(scenario, later, "there was no answer to the turn before")
            return
        latency_s = perf_counter() - started
        outcome = grade(turn, answer, truth, datetime.now(UTC))
        kept = {key: answer[key] for key in _KEPT}
        yield Case(scenario.name, scenario.family, turn, asked, kept, outcome, latency_s)


def _filled(text: str, truth: graders.Lookup) -> str:
    """`What is wrong with {root}?` → the name of what is wrong here."""
    return text.replace("{root}", str(truth(Truth("root_label")))) if "{root}" in text else text


def brain_environ(brain: Brain) -> dict[str, str]:
    """What makes the product use a brain; a model's address and key come from the caller's OPENAI_* variables."""
    if brain == "builtin":
        return {"NIGHTSHIFT_BRAIN": "builtin"}
    model = {name: value for name, value in os.environ.items() if name.startswith("OPENAI_")}
    return {"NIGHTSHIFT_BRAIN": "model", **model}
