"""One run of the evals: scenarios, questions, grades, and the figures that come of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Literal

import httpx

from nightshift_evals.figures import Figure, Report, at_least, at_most, exactly, median_of, percentile_of, share_of
from nightshift_evals.graders import Grade, Lookup, grade
from nightshift_evals.processes import running_lab, running_product
from nightshift_evals.questions import Question
from nightshift_evals.truth import Systems

Brain = Literal["builtin", "model"]
Ask = Callable[[str], dict[str, Any]]

HEALTHY = "healthy"


@dataclass(frozen=True, slots=True)
class Case:
    """One phrasing of one question in one scenario, its answer and its grade. `answer` is None when there was none."""

    scenario: str
    question: Question
    asked: str
    answer: Mapping[str, Any] | None
    grade: Grade
    latency_s: float


def run_scenario(scenario: str, questions: Sequence[Question], *, brain: Brain, seed: int) -> list[Case]:
    """Start lab and product, ask everything in fresh conversations, and grade it."""
    with (
        running_lab(scenario, seed=seed) as lab,
        Systems(lab.environ) as truth,
        running_product(lab, brain_environ(brain)) as product,
    ):
        return list(grade_all(scenario, questions, product.ask, truth))


def grade_all(scenario: str, questions: Iterable[Question], ask: Ask, truth: Lookup) -> Iterable[Case]:
    """Ask every phrasing and grade the answers. An answer that does not come is wrong, not an end."""
    for question in questions:
        for phrasing in question.ask:
            started = perf_counter()
            try:
                answer = ask(phrasing)
            except httpx.HTTPError as error:
                failed = Grade((f"no answer: {type(error).__name__}",))
                yield Case(scenario, question, phrasing, None, failed, perf_counter() - started)
                continue
            latency_s = perf_counter() - started
            outcome = grade(question, answer, truth, datetime.now(UTC))
            yield Case(scenario, question, phrasing, answer, outcome, latency_s)


def brain_environ(brain: Brain) -> dict[str, str]:
    """What makes the product use a brain; a model's address and key come from the caller's OPENAI_* variables."""

    if brain == "builtin":
        return {"NIGHTSHIFT_BRAIN": "builtin"}
    model = {name: value for name, value in os.environ.items() if name.startswith("OPENAI_")}
    return {"NIGHTSHIFT_BRAIN": "model", **model}


def report_of(cases: Sequence[Case], brain: Brain) -> Report:
    """The figures of a run: how much is right, by topic too, the errors that matter most, and the cost."""
    return Report(f"evals-{brain}", (*_accuracy(cases), *_alarms(cases), *_latency(cases, brain), *_cost(cases)))


def _accuracy(cases: Sequence[Case]) -> Iterable[Figure]:
    yield _share("answers right", cases, goal=0.9)
    causes = [case for case in cases if case.question.root_cause]
    if causes:
        named = [_first_cause(case) == case.question.root_cause for case in causes]
        yield share_of("root cause first", sum(named), len(named), goal=at_least(0.95))
    for topic in sorted({case.question.topic for case in cases}):
        yield _share(f"right: {topic}", [case for case in cases if case.question.topic == topic])


def _share(name: str, cases: Sequence[Case], goal: float | None = None) -> Figure:
    right = sum(case.grade.right for case in cases)
    return share_of(name, right, len(cases), goal=None if goal is None else at_least(goal))


def _first_cause(case: Case) -> str | None:
    causes = case.answer["root_causes"] if case.answer else []
    return causes[0]["entity"] if causes else None


def _alarms(cases: Sequence[Case]) -> Iterable[Figure]:
    """The two errors that cost an operator most: "all well" when it is not, and alarm when all is well."""
    asked = [case for case in cases if case.question.topic == "health" and case.answer]
    ill = [case for case in asked if case.scenario != HEALTHY]
    well = [case for case in asked if case.scenario == HEALTHY]
    if ill:
        clears = sum(_verdict(case) == "healthy" for case in ill)
        yield Figure("false all-clears", clears, "answers", exactly(0), n=len(ill))
    if well:
        alarms = sum(_verdict(case) == "problem" for case in well)
        yield Figure("false alarms", alarms, "answers", exactly(0), n=len(well))


def _verdict(case: Case) -> str:
    return str(case.answer["verdict"]) if case.answer else ""


def _latency(cases: Sequence[Case], brain: Brain) -> Iterable[Figure]:
    samples = [case.latency_s for case in cases]
    yield median_of("latency p50", samples, "s")
    yield percentile_of("latency p95", samples, 95, "s", goal=at_most(1.5) if brain == "builtin" else None)


def _cost(cases: Sequence[Case]) -> Iterable[Figure]:
    usages = [case.answer["usage"] for case in cases if case.answer]
    for name, unit in (
        ("model_calls", "calls"),
        ("bytes_sent", "bytes"),
        ("tokens_in", "tokens"),
        ("tokens_out", "tokens"),
    ):
        if any(usage[name] for usage in usages):
            yield median_of(f"{name.replace('_', ' ')} a question", [usage[name] for usage in usages], unit)


def details(cases: Sequence[Case]) -> str:
    """Markdown: a table of the scenarios, then every wrong answer with its reasons and its words."""
    lines = ["| scenario | right | asked |", "| --- | ---: | ---: |"]
    for scenario in dict.fromkeys(case.scenario for case in cases):
        own = [case for case in cases if case.scenario == scenario]
        lines.append(f"| {scenario} | {sum(case.grade.right for case in own)} | {len(own)} |")
    for case in cases:
        if not case.grade.right:
            lines += ["", f"### {case.scenario}: {case.asked}", ""]
            lines += [f"- {reason}" for reason in case.grade.reasons]
            text = str(case.answer["text"]) if case.answer else "(none)"
            lines += ["", *(f"> {line}".rstrip() for line in text.splitlines())]
    return "\n".join(lines)
