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
from time import perf_counter
from typing import Any, Literal

import httpx

from nightshift_evals import graders
from nightshift_evals.files import QuestionError
from nightshift_evals.graders import Grade, grade
from nightshift_evals.names import Names
from nightshift_evals.processes import Lab, Product, check, running_lab, running_product, settled
from nightshift_evals.programs import Forked, Fresh, ProcessFailed, Start
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
class Case:
    """One turn of one question in one scenario, its answer and its grade. `answer` is None when there was none."""

    scenario: str
    family: str
    question: Question
    asked: str
    answer: Mapping[str, Any] | None
    grade: Grade
    latency_s: float


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is to do."""

    brain: Brain = "builtin"
    level: Level = "quick"
    first_seed: int = 1
    repeat: int = 1
    start: Start = Forked


@dataclass
class Outcome:
    """What was graded so far; kept when the run is interrupted. Threads add to it."""

    cases: list[Case] = field(default_factory=list)
    sweeps: list[Swept] = field(default_factory=list)
    not_asked: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


def read_names(start: Start = Fresh) -> Names:
    """The names of the homelab, from a healthy lab of PVE and PBS alone."""
    options = _LAB_OPTIONS["snapshots"]
    with running_lab("healthy", options=options, start=start) as lab, Systems(lab.environ) as systems:
        return Names.read(systems)


def run_scenario(
    scenario: Scenario, questions: Sequence[Question], names: Names, options: Options, outcome: Outcome, seed: int
) -> None:
    """Start the lab; with the first seed start the product, judge its sweep and ask everything; else only sweep.

    A lab or a product that does not start is an outcome: the sweep has failed.
    """
    level = options.level if seed == options.first_seed else "snapshots"
    judged = partial(judge, scenario, names=names, seed=seed, monitored=level != "snapshots")
    asked = [question for question in questions if level != "snapshots" or not question.needs_monitoring]
    try:
        with running_lab(scenario.file, seed=seed, options=_LAB_OPTIONS[level], start=options.start) as found:
            lab = found.with_further_systems() if scenario.is_about(found.further) else found
            if asked and seed == options.first_seed:
                _ask_all(lab, scenario, asked, names, options, outcome, judged)
            else:
                with tempfile.TemporaryDirectory(prefix="nightshift-evals-data-") as data:
                    sweep, took_s = _settled(partial(check, lab, Path(data), start=options.start))
                outcome.sweeps.append(judged(sweep, duration_s=took_s))
    except (ProcessFailed, httpx.HTTPError) as error:
        failed = Swept(scenario.name, scenario.family, seed, level != "snapshots", failed=str(error))
        outcome.sweeps.append(failed)


def _settled(sweep: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], float]:
    started = perf_counter()
    return settled(sweep), perf_counter() - started


def _ask_all(
    lab: Lab,
    scenario: Scenario,
    questions: Sequence[Question],
    names: Names,
    options: Options,
    outcome: Outcome,
    judged: Callable[..., Swept],
) -> None:
    brain = brain_environ(options.brain)
    with Systems(lab.environ) as systems, running_product(lab, brain, start=options.start) as product:
        sweep, took_s = _settled(partial(product.findings, fresh=True))
        outcome.sweeps.append(judged(sweep, duration_s=took_s))
        lookup = Lookup(systems, scenario, names)
        for _ in range(options.repeat):
            for question in questions:
                if outcome.stop.is_set():
                    return
                ask_and_keep(scenario, question, _asking(product), lookup, outcome)


def ask_and_keep(scenario: Scenario, question: Question, ask: Ask, truth: graders.Lookup, outcome: Outcome) -> None:
    """Ask one question and keep what came of it; one that cannot be judged here is told, and ends nothing."""
    try:
        outcome.cases += grade_one(scenario, question, ask, truth)
    except (NoTruth, QuestionError) as reason:
        outcome.not_asked.append(f"{scenario.name}/{question.id}: {reason}")


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


def _conversation(
    scenario: Scenario, question: Question, ask: Ask, truth: graders.Lookup, number: int
) -> Iterator[Case]:
    conversation: str | None = None
    for turn in question.turns:
        asked = _filled(turn.ask[number % len(turn.ask)], truth)
        started = perf_counter()
        try:
            answer = ask(asked, conversation)
        except httpx.HTTPError as error:
            failed = Grade((f"no answer: {type(error).__name__}",))
            yield Case(scenario.name, scenario.family, turn, asked, None, failed, perf_counter() - started)
            return
        latency_s = perf_counter() - started
        conversation = str(answer["conversation_id"])
        outcome = grade(turn, answer, truth, datetime.now(UTC))
        yield Case(scenario.name, scenario.family, turn, asked, answer, outcome, latency_s)


def _filled(text: str, truth: graders.Lookup) -> str:
    """`What is wrong with {root}?` → the name of what is wrong here."""
    return text.replace("{root}", str(truth(Truth("root_label")))) if "{root}" in text else text


def brain_environ(brain: Brain) -> dict[str, str]:
    """What makes the product use a brain; a model's address and key come from the caller's OPENAI_* variables."""
    if brain == "builtin":
        return {"NIGHTSHIFT_BRAIN": "builtin"}
    model = {name: value for name, value in os.environ.items() if name.startswith("OPENAI_")}
    return {"NIGHTSHIFT_BRAIN": "model", **model}
