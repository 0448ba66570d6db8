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

from nightshift_evals.abstention import problems
from nightshift_evals.files import QuestionError
from nightshift_evals.quantities import moments, quantities
from nightshift_evals.questions import ExpectedNumber, OneOf, Question, Truth

Answer = Mapping[str, Any]
TruthValue = float | datetime | str | tuple[str, ...] | Callable[[Mapping[str, Any]], bool]
Lookup = Callable[[Truth], TruthValue]

_NONE = re.compile(r"\b(no|none|nothing|not a single|zero)\b", re.IGNORECASE)
_NONE_OF_THEM = re.compile(r"\b(no|none|nothing|not|zero|all|every)\b", re.IGNORECASE)  # "all targets are up"
_DENIES = re.compile(r"\b(no|none|nothing|nobody|not|never|isn't|aren't)\b", re.IGNORECASE)
_NOT_UNDERSTOOD = re.compile(
    r"\b(did|do) not understand\b|\A\W*(sorry\W+)?I (can ?not|can't|could not) answer\b", re.IGNORECASE
)
_CITED = re.compile(r"\[(E\d+(?:\s*[,;]\s*E\d+)*)\]")


@dataclass(frozen=True, slots=True)
class Grade:
    """The outcome for one answer. Right means: nothing is wrong with it."""

    reasons: tuple[str, ...]

    @property
    def right(self) -> bool:
        return not self.reasons


def grade(question: Question, answer: Answer, truth: Lookup, now: datetime) -> Grade:
    """Judge the answer. `now` is when it was given; `truth` reads the values that the question leaves open.

    Raises what `truth` raises where a question cannot be asked.
    """
    for condition in question.given:
        truth(condition)
    reasons = [
        *_echo(answer),
        *_given_up(question, answer),
        *_verdict(question, answer),
        *_abstention(question, answer),
        *_mentions(question, answer, truth),
        *_first(question, answer, truth),
        *_numbers(question, answer, truth),
        *_times(question, answer, truth, now),
        *_listed(question, answer, truth),
        *_affirms(question, answer, truth),
        *_says(question, answer),
        *_sources(question, answer),
        *_root_cause(question, answer, truth),
        *_gaps(question, answer, truth),
        *_citations(question, answer),
        *_grounding(answer),
    ]
    return Grade(tuple(reasons))


def _echo(answer: Answer) -> Iterable[str]:
    """An answer whose every word stands in the question says nothing."""
    said, asked = (set(re.findall(r"[\w.%-]+", _CITED.sub("", answer[key]).lower())) for key in ("text", "question"))
    if said <= asked:
        yield "it only repeats the question"


def _given_up(question: Question, answer: Answer) -> Iterable[str]:
    """Where there is an answer, to say that the question was not understood is none, whatever words it holds."""
    if question.expect is None and _NOT_UNDERSTOOD.search(answer["text"]):
        yield "it does not answer what can be answered"


def _verdict(question: Question, answer: Answer) -> Iterable[str]:
    if question.verdict and answer["verdict"] not in question.verdict:
        yield f"the verdict is {answer['verdict']}, not {_either(question.verdict)}"


def _abstention(question: Question, answer: Answer) -> Iterable[str]:
    if question.expect is not None:
        yield from problems(question.expect, answer, about=question.about, how=question.how)


def _mentions(question: Question, answer: Answer, truth: Lookup) -> Iterable[str]:
    for entry in question.mentions:
        for names in _names(truth(entry)) if isinstance(entry, Truth) else (entry,):
            if not any(mentioned(name, answer["text"]) for name in names):
                yield f"{_either(names)} is not mentioned"


def _names(value: TruthValue) -> Iterable[OneOf]:
    if isinstance(value, tuple):
        return [(name,) for name in value]
    if not isinstance(value, str):
        raise QuestionError(f"{value} is no name")
    return [(value,)]


def _first(question: Question, answer: Answer, truth: Lookup) -> Iterable[str]:
    """Of all things of its sort, the right one is named first: a list of everything is no answer to "which"."""
    if question.first is None:
        return
    right, peers = truth(question.first), truth(Truth(question.among))
    if not isinstance(right, str) or not isinstance(peers, tuple):
        raise QuestionError(f"{question.first.name} is no name, or {question.among} are none")
    places = {name: place for name in peers if (place := _place(name, answer["text"])) is not None}
    named = min(places, key=lambda name: places[name], default=None)
    if named != right:
        yield f"{named or 'nothing'} is named first, not {right}"


def _numbers(question: Question, answer: Answer, truth: Lookup) -> Iterable[str]:
    for either in question.numbers:
        missing = [told for expected in either if (told := _missing(expected, answer, truth))]
        if len(missing) == len(either):
            yield f"{' or '.join(missing)} is not in the text"


def _missing(expected: ExpectedNumber, answer: Answer, truth: Lookup) -> str:
    """The number when it is not there. One that stands in the question as well proves nothing: it must be there more
    often than it was asked."""
    value = _value(expected, truth)
    off = expected.tolerance + abs(value) * expected.relative
    hits, echoes = (
        sum(one.unit == expected.unit and abs(one.value - value) <= off for one in quantities(answer[key]))
        for key in ("text", "question")
    )
    none = value == 0 and not expected.unit and _NONE.search(answer["text"])
    return "" if none or hits > echoes else f"{value:g} {expected.unit} (± {off:g})".replace("  ", " ")


def _value(expected: ExpectedNumber, truth: Lookup) -> float:
    if isinstance(expected.value, float):
        return expected.value
    value = truth(expected.value)
    if not isinstance(value, float):
        raise QuestionError(f"{expected.value.name} is no number")
    return value


def _times(question: Question, answer: Answer, truth: Lookup, now: datetime) -> Iterable[str]:
    found = moments(answer["text"], now)
    for expected in question.times:
        moment = truth(expected.value)
        if not isinstance(moment, datetime):
            raise QuestionError(f"{expected.value.name} is no time")
        if not any(abs((one - moment).total_seconds()) <= expected.tolerance_s + blur for one, blur in found):
            yield f"{moment:%Y-%m-%d %H:%M} UTC is not in the text"


def _listed(question: Question, answer: Answer, truth: Lookup) -> Iterable[str]:
    """Names may stand in a table that the text cites."""
    if question.listed is None:
        return
    names = truth(question.listed)
    if not isinstance(names, tuple):
        raise QuestionError(f"{question.listed.name} is no list of names")
    if not names and not _NONE_OF_THEM.search(answer["text"]):
        yield "it does not say that there is none"
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


def _affirms(question: Question, answer: Answer, truth: Lookup) -> Iterable[str]:
    """A question that wants yes or no: its first sentence says which. "Nothing is running" is a no."""
    if question.affirms is None:
        return
    value = truth(question.affirms)
    if not isinstance(value, float):
        raise QuestionError(f"{question.affirms.name} is neither yes nor no")
    first = re.split(r"(?<=[.!?])\s|\n", answer["text"].strip(), maxsplit=1)[0]
    denies = bool(_DENIES.search(first))
    if denies == bool(value):
        yield "it denies what is the case" if value else "it does not deny what is not the case"


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


def _root_cause(question: Question, answer: Answer, truth: Lookup) -> Iterable[str]:
    """The first root cause is one of those that are true."""
    if question.root_cause is None:
        return
    right = question.root_cause
    wanted = truth(right) if isinstance(right, Truth) else right
    first = next(iter(answer["root_causes"]), None)
    if first is None:
        yield "the first root cause is missing"
    elif not (wanted(first) if callable(wanted) else first["entity"] in _keys(wanted)):
        told = "what is wrong here" if callable(wanted) else _either(_keys(wanted))
        yield f"the first root cause is {first['entity']}, not {told}"


def _keys(value: TruthValue) -> OneOf:
    return value if isinstance(value, tuple) else (str(value),)


def _gaps(question: Question, answer: Answer, truth: Lookup) -> Iterable[str]:
    admitted = {gap["source"] for gap in answer["gaps"]}
    for source in _keys(truth(question.gaps)) if isinstance(question.gaps, Truth) else question.gaps:
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
    return _place(name, text) is not None


def _place(name: str, text: str) -> int | None:
    match = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w]|-\w)", text, re.IGNORECASE)
    return match.start() if match else None


def _either(names: OneOf) -> str:
    return " or ".join(names)
