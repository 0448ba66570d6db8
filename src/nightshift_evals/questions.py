"""Questions and what a right answer holds, read from YAML.

    scenario: datastore-full            # or `any`: asked in every scenario, unless it has one with the same id
    questions:
      - id: backup-storage
        topic: storage
        ask: ["How full is the backup storage?", "How much room is left for backups?"]
        verdict: [problem, info]
        mentions: [tank, [vault, offsite]]           # all of these; a list is "one of these"
        numbers: [{truth: datastore_used_percent, of: tank, unit: "%", tolerance: 1.5}]
        listed: {truth: running_vms}                 # each in the text or in a cited table
        says: ["nothing (has )?failed"]              # regular expressions, one of which must be found
        forbid: ["everything is fine"]               # and these must not be
        sources: [pbs]                               # where the cited evidence must come from; a list is "one of these"
        root_cause: "datastore:pbs/tank"             # the first root cause
        gaps: [grafana]                              # sources that the answer must admit not having seen

A right answer cites evidence that it carries and holds no claim that its own grounding could not verify. A value may be
a `truth`: then it is read from the systems themselves when the question is asked (see `truth.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

ANY_SCENARIO = "any"
FOLDER = Path(__file__).parent / "questions"

OneOf = tuple[str, ...]


class QuestionError(Exception):
    """A question file is wrong; the message says which and how."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A value to be read when the question is asked: `datastore_used_percent` of `tank`."""

    name: str
    of: str | None = None


@dataclass(frozen=True, slots=True)
class ExpectedNumber:
    """A number that the text must hold. `tolerance` is absolute, in `unit` (`%`, `bytes`, `s`, or none for a count)."""

    value: float | Truth
    unit: str = ""
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class ExpectedTime:
    """A moment that the text must hold, as a date and time or as an age."""

    value: Truth
    tolerance_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Question:
    """One question in its phrasings, and what a right answer holds."""

    id: str
    topic: str
    ask: tuple[str, ...]
    verdict: OneOf = ()
    mentions: tuple[OneOf, ...] = ()
    numbers: tuple[ExpectedNumber, ...] = ()
    times: tuple[ExpectedTime, ...] = ()
    listed: Truth | None = None
    says: OneOf = ()
    forbid: tuple[str, ...] = ()
    sources: tuple[OneOf, ...] = ()
    root_cause: str | None = None
    gaps: tuple[str, ...] = ()
    cites: bool = True

    @property
    def asks_for_something(self) -> bool:
        """Whether anything is required of the answer: a question without would be right whatever is said."""
        return bool(self.mentions or self.numbers or self.times or self.listed or self.says or self.root_cause)


def load(folder: Path = FOLDER) -> dict[str, tuple[Question, ...]]:
    """The questions by scenario; those of `any` are in each of them. Raises QuestionError."""
    common: dict[str, Question] = {}
    special: dict[str, dict[str, Question]] = {}
    for file in sorted(folder.glob("*.yaml")):
        scenario, questions = _read(file)
        target = common if scenario == ANY_SCENARIO else special.setdefault(scenario, {})
        target.update(questions)
    if not special:
        raise QuestionError(f"{folder} holds no questions of a scenario")
    return {scenario: tuple({**common, **own}.values()) for scenario, own in special.items()}


def _read(file: Path) -> tuple[str, dict[str, Question]]:
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        questions = [_question(item) for item in data["questions"]]
        scenario = str(data["scenario"])
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise QuestionError(f"{file.name}: {error}") from error
    by_id = {question.id: question for question in questions}
    if len(by_id) != len(questions):
        raise QuestionError(f"{file.name}: an id is there twice")
    return scenario, by_id


_FIELDS = {field.name for field in fields(Question)}


def _question(item: Mapping[str, Any]) -> Question:
    unknown = set(item) - _FIELDS
    if unknown:
        raise ValueError(f"{item.get('id')}: no such key: {', '.join(sorted(unknown))}")
    question = Question(
        id=str(item["id"]),
        topic=str(item["topic"]),
        ask=tuple(map(str, item["ask"])),
        verdict=_one_of(item.get("verdict", ())),
        mentions=tuple(_one_of(entry) for entry in item.get("mentions", ())),
        numbers=tuple(_number(entry) for entry in item.get("numbers", ())),
        times=tuple(
            ExpectedTime(_truth(entry), float(entry.get("tolerance_s", 120.0))) for entry in item.get("times", ())
        ),
        listed=_truth(item["listed"]) if "listed" in item else None,
        says=_one_of(item.get("says", ())),
        forbid=tuple(map(str, item.get("forbid", ()))),
        sources=tuple(_one_of(entry) for entry in item.get("sources", ())),
        root_cause=item.get("root_cause"),
        gaps=tuple(map(str, item.get("gaps", ()))),
        cites=bool(item.get("cites", True)),
    )
    if not question.ask or not question.asks_for_something:
        raise ValueError(f"{question.id}: asks nothing, or asks for nothing in the answer")
    return question


def _one_of(entry: object) -> OneOf:
    return (entry,) if isinstance(entry, str) else tuple(map(str, entry))  # type: ignore[call-overload]


def _truth(entry: Mapping[str, Any]) -> Truth:
    return Truth(str(entry["truth"]), str(entry["of"]) if "of" in entry else None)


def _number(entry: Mapping[str, Any]) -> ExpectedNumber:
    value = _truth(entry) if "truth" in entry else float(entry["value"])
    return ExpectedNumber(value, str(entry.get("unit", "")), float(entry.get("tolerance", 0.0)))
