"""Deterministic judges of one answer. Each gives the reasons why the answer is wrong; no reason means right.

They look at the Answer's JSON as the product's HTTP API gives it, and at values that were read from the systems
themselves. No model judges: the same answer gets the same score on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightshift_evals.quantities import moments, quantities
from nightshift_evals.questions import ExpectedNumber, OneOf, Question, Truth

Answer = Mapping[str, Any]
TruthValue = float | datetime | tuple[str, ...]
Lookup = Callable[[Truth], TruthValue]

_CITED = re.compile(r"\[(E\d+(?:\s*[,;]\s*E\d+)*)\]")


@dataclass(frozen=True, slots=True)
class Grade:
    """The outcome for one answer. Right means: nothing is wrong with it."""

    reasons: tuple[str, ...]

    @property
    def right(self) -> bool:
        return not self.reasons


def grade(question: Question, answer: Answer, truth: Lookup, now: datetime) -> Grade:
    """Judge the answer. `now` is when it was given; `truth` reads the values that the question leaves open."""
    reasons = [
        *_verdict(question, answer),
        *_mentions(question, answer),
        *_numbers(question, answer, truth),
        *_times(question, answer, truth, now),
        *_listed(question, answer, truth),
        *_says(question, answer),
        *_sources(question, answer),
        *_root_cause(question, answer),
        *_gaps(question, answer),
        *_citations(question, answer),
        *_grounding(answer),
    ]
    return Grade(tuple(reasons))


def _verdict(question: Question, answer: Answer) -> Iterable[str]:
    if question.verdict and answer["verdict"] not in question.verdict:
        yield f"the verdict is {answer['verdict']}, not {_either(question.verdict)}"


def _mentions(question: Question, answer: Answer) -> Iterable[str]:
    for names in question.mentions:
        if not any(mentioned(name, answer["text"]) for name in names):
            yield f"{_either(names)} is not mentioned"


def _numbers(question: Question, answer: Answer, truth: Lookup) -> Iterable[str]:
    """A number that stands in the question as well proves nothing: it must be there more often than it was asked."""
    found = quantities(answer["text"])
    asked = quantities(answer["question"])
    for expected in question.numbers:
        value = _value(expected, truth)
        hits = [one for one in found if one.unit == expected.unit and abs(one.value - value) <= expected.tolerance]
        echoes = [one for one in asked if one.unit == expected.unit and abs(one.value - value) <= expected.tolerance]
        if len(hits) <= len(echoes):
            yield f"{value:g} {expected.unit} (± {expected.tolerance:g}) is not in the text".replace("  ", " ")


def _value(expected: ExpectedNumber, truth: Lookup) -> float:
    if isinstance(expected.value, float):
        return expected.value
    value = truth(expected.value)
    assert isinstance(value, float), f"{expected.value.name} is no number"
    return value


def _times(question: Question, answer: Answer, truth: Lookup, now: datetime) -> Iterable[str]:
    found = moments(answer["text"], now)
    for expected in question.times:
        moment = truth(expected.value)
        assert isinstance(moment, datetime), f"{expected.value.name} is no time"
        if not any(abs((one - moment).total_seconds()) <= expected.tolerance_s + blur for one, blur in found):
            yield f"{moment:%Y-%m-%d %H:%M} UTC is not in the text"


def _listed(question: Question, answer: Answer, truth: Lookup) -> Iterable[str]:
    """Names may stand in a table that the text cites."""
    if question.listed is None:
        return
    names = truth(question.listed)
    assert isinstance(names, tuple), f"{question.listed.name} is no list of names"
    cited = _cited_ids(answer["text"])
    cells = [
        str(cell)
        for evidence in answer["evidence"]
        if evidence["id"] in cited
        for row in evidence.get("rows") or []
        for cell in row
    ]
    everything = "\n".join([answer["text"], *cells])
    missing = [name for name in names if not mentioned(name, everything)]
    if missing:
        yield f"missing from the text and the cited tables: {', '.join(missing)}"


def _says(question: Question, answer: Answer) -> Iterable[str]:
    text = answer["text"]
    if question.says and not any(re.search(pattern, text, re.IGNORECASE) for pattern in question.says):
        yield f"it does not say {_either(question.says)}"
    for pattern in question.forbid:
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            yield f"it says “{match[0]}”"


def _sources(question: Question, answer: Answer) -> Iterable[str]:
    cited = _cited_ids(answer["text"])
    seen = {
        source.strip()
        for evidence in answer["evidence"]
        if evidence["id"] in cited
        for source in evidence["source"].split(",")
    }
    for sources in question.sources:
        if not seen.intersection(sources):
            yield f"no cited evidence from {_either(sources)}"


def _root_cause(question: Question, answer: Answer) -> Iterable[str]:
    if question.root_cause is None:
        return
    causes = [cause["entity"] for cause in answer["root_causes"]]
    if causes[:1] != [question.root_cause]:
        yield f"the first root cause is {causes[0] if causes else 'missing'}, not {question.root_cause}"


def _gaps(question: Question, answer: Answer) -> Iterable[str]:
    admitted = {gap["source"] for gap in answer["gaps"]}
    for source in question.gaps:
        if source not in admitted:
            yield f"it does not admit that {source} was not seen"


def _citations(question: Question, answer: Answer) -> Iterable[str]:
    known = {evidence["id"] for evidence in answer["evidence"]}
    cited = _cited_ids(answer["text"])
    if question.cites and not cited & known:
        yield "no evidence is cited"
    for missing in sorted(cited - known):
        yield f"{missing} is cited and not there"


def _grounding(answer: Answer) -> Iterable[str]:
    for claim in answer["grounding"]["unverified"]:
        yield f"“{claim['text']}” is not in its evidence"


def _cited_ids(text: str) -> set[str]:
    return {name for match in _CITED.finditer(text) for name in re.findall(r"E\d+", match[1])}


def mentioned(name: str, text: str) -> bool:
    """Whether `name` stands in the text as a word of its own: `web` is not in `webserver`, nor `pve1` in `pve10`."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w]|-\w)", text, re.IGNORECASE) is not None


def _either(names: OneOf) -> str:
    return " or ".join(names)
