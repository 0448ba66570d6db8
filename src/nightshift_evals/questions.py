"""Questions with everything that a right answer must hold, read from YAML.

    scenario: datastore-full            # asked in this scenario alone; or where: healthy, see below
    questions:
      - id: backup-storage
        topic: storage
        ask: ["How full is the backup storage?", "How much room is left for backups?"]
        verdict: [problem, info]
        mentions: [tank, [vault, offsite], {truth: node_of, of: immich}]   # all of these; a list is "one of these"
        first: {truth: busiest, of: cpu}             # of all of its sort (`among: guests`) this one is named first
        numbers: [{truth: datastore_used_percent, of: tank, unit: "%", tolerance: 1.5}]   # a list is "one of these"
        times: [{truth: last_backup, of: immich}]
        listed: {truth: running, of: vm}             # each in the text or in a cited table
        affirms: {truth: task_running, of: vzdump}   # the first sentence affirms it when this is not 0, else denies it
        given: [{truth: up_for_days, of: pve1}]      # asked only where this can be read
        says: ["nothing (has )?failed"]              # regular expressions, one of which must be found
        forbid: ["everything is fine"]               # and these must not be
        sources: [pbs]                               # where the cited evidence must come from; a list is "one of these"
        root_cause: "datastore:pbs/tank"             # the first root cause; or {truth: root_cause}
        gaps: [grafana]                              # sources that the answer must admit not having seen
        expect: no_such_thing                        # it is no answer that is right, but this (see `abstention.py`)
        about: foobar                                # the name that an abstention is about
        how: ["qm reboot 104"]                       # a request for a change: how to do it by hand, one of these
        then: [{ask: [and vault?], mentions: [vault]}]   # the next turns of the conversation, each graded

A right answer cites evidence that it carries and holds no claim that its own grounding could not verify. A value may be
a `truth`: then it is read from the systems themselves when the question is asked (see `readings.py`).

A file says either `scenario:`, the one that its questions belong to, or `where:`, the families in which they may be
asked: `any`, `healthy`, `ill` (something is wrong) or the name of a family. A free question is asked in a few scenarios
of its split, chosen by hash (see `plan.py`). `{root}` in a question is the name of what is wrong in the scenario.
Questions of a file that says `batch: later` have figures of their own in the report, beside those of all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args

from nightshift_evals.abstention import Expect
from nightshift_evals.files import QuestionError, check_keys, check_list, check_word, line_of, read_mapping

ANY_SCENARIO = "any"
WHERE = (ANY_SCENARIO, "ill", "healthy", "single", "compound", "blind", "hostile")
QUESTIONS = Path(__file__).parent / "questions"
FOLDER = QUESTIONS / "smoke"

OneOf = tuple[str, ...]
_MONITORING = frozenset({"prometheus", "grafana"})


@dataclass(frozen=True, slots=True)
class Truth:
    """A value to be read when the question is asked: `datastore_used_percent` of `tank`."""

    name: str
    of: str | None = None
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class ExpectedNumber:
    """A number that the text must hold. `tolerance` is absolute, in `unit` (`%`, `bytes`, `s`, or none for a count);
    `relative` is a share of the value."""

    value: float | Truth
    unit: str = ""
    tolerance: float = 0.0
    relative: float = 0.0


@dataclass(frozen=True, slots=True)
class ExpectedTime:
    """A moment that the text must hold, as a date and time or as an age."""

    value: Truth
    tolerance_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Question:
    """One question in its phrasings, and what a right answer holds. `then` are the next turns of the conversation."""

    id: str
    topic: str
    ask: tuple[str, ...]
    verdict: OneOf = ()
    mentions: tuple[OneOf | Truth, ...] = ()
    first: Truth | None = None
    among: str = "guests"
    numbers: tuple[tuple[ExpectedNumber, ...], ...] = ()
    times: tuple[ExpectedTime, ...] = ()
    listed: Truth | None = None
    affirms: Truth | None = None
    given: tuple[Truth, ...] = ()
    says: OneOf = ()
    forbid: tuple[str, ...] = ()
    sources: tuple[OneOf, ...] = ()
    root_cause: str | Truth | None = None
    gaps: tuple[str, ...] | Truth = ()
    expect: Expect | None = None
    about: str = ""
    how: OneOf = ()
    cites: bool = True
    then: tuple[Question, ...] = ()
    scenario: str = ""
    where: str = ANY_SCENARIO
    batch: str = ""

    @property
    def asks_for_something(self) -> bool:
        """Whether anything is required of the answer: a question without would be right whatever is said."""
        return bool(
            self.mentions or self.first or self.numbers or self.times or self.listed or self.affirms or self.says
            or self.root_cause or self.expect or self.gaps
        )  # fmt: skip

    @property
    def truths(self) -> tuple[Truth, ...]:
        """What of this turn's answer is read from the systems."""
        numbers = [one.value for either in self.numbers for one in either]
        places = (self.first, self.listed, self.affirms, *self.given, self.root_cause, self.gaps)
        among = Truth(self.among) if self.first else None
        found = (*self.mentions, *numbers, *(one.value for one in self.times), *places, among)
        return tuple(one for one in found if isinstance(one, Truth))

    @property
    def needs_monitoring(self) -> bool:
        """Whether only metrics or alerts can answer it: such a source is required of this turn or of a later one."""
        return any(set(sources) <= _MONITORING for turn in self.turns for sources in turn.sources)

    @property
    def turns(self) -> tuple[Question, ...]:
        """This one and the next ones, in order."""
        return (self, *(replace(one, batch=self.batch) for one in self.then))


def load(folder: Path = FOLDER) -> dict[str, tuple[Question, ...]]:
    """The questions by scenario; those of `any` are in each of them, unless it has one with the same id.

    Raises QuestionError.
    """
    common: dict[str, Question] = {}
    special: dict[str, dict[str, Question]] = {}
    for question in read_all(folder):
        if question.scenario:
            special.setdefault(question.scenario, {})[question.id] = question
        else:
            common[question.id] = question
    if not special:
        raise QuestionError(f"{folder} holds no questions of a scenario")
    return {scenario: tuple({**common, **own}.values()) for scenario, own in special.items()}


def read_all(folder: Path) -> tuple[Question, ...]:
    """Every question of the YAML files in a folder, in the order of the files. Raises QuestionError."""
    if not folder.is_dir():
        raise QuestionError(f"{folder} is no folder")
    return tuple(question for file in sorted(folder.glob("*.yaml")) for question in _read(file))


def _read(file: Path) -> Iterator[Question]:
    read = read_mapping(file)
    try:
        data = check_keys(read, ("scenario", "where", "batch", "questions"), ("questions",))
        batch = str(data.get("batch", ""))
        scenario, where = str(data.get("scenario", "")), str(data.get("where", ANY_SCENARIO))
        scenario = "" if scenario == ANY_SCENARIO else scenario
        if not scenario:
            check_word(data, "where", WHERE)
        made = [_question(item, scenario, where) for item in check_list(data, "questions")]
        questions = [replace(question, batch=batch) for question in made]
    except QuestionError as error:
        raise QuestionError(f"{file.name}: {error}") from error
    for question in questions:
        if sum(other.id == question.id for other in questions) > 1:
            raise QuestionError(f"{file.name}: the id {question.id} is there twice")
    yield from questions


_FIELDS = {field.name for field in fields(Question)} - {"scenario", "batch"}


def _question(item: Mapping[str, Any], scenario: str, where: str) -> Question:
    check_keys(item, _FIELDS, ("id", "topic", "ask"))
    try:
        return _made(item, scenario, where)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise QuestionError(f"{line_of(item)}{item['id']}: {type(error).__name__}: {error}") from error


def _made(item: Mapping[str, Any], scenario: str, where: str) -> Question:
    name, topic = str(item["id"]), str(item["topic"])
    where = check_word(item, "where", WHERE) or where
    following = (
        {"id": f"{name}/{number}", "topic": topic, **check_keys(turn, _FIELDS, ("ask",))}
        for number, turn in enumerate(item.get("then", ()), 2)
    )
    root = item.get("root_cause")
    gaps = item.get("gaps", ())
    expect = item.get("expect")
    check_word(item, "expect", get_args(Expect))
    question = Question(
        id=name,
        topic=topic,
        ask=_one_of(item["ask"]),
        verdict=_one_of(item.get("verdict", ())),
        mentions=tuple(
            _truth(entry) if isinstance(entry, Mapping) else _one_of(entry) for entry in item.get("mentions", ())
        ),
        first=_truth(item["first"]) if "first" in item else None,
        among=str(item.get("among", "guests")),
        numbers=tuple(
            tuple(map(_number, entry)) if isinstance(entry, list) else (_number(entry),)
            for entry in item.get("numbers", ())
        ),
        times=tuple(
            ExpectedTime(_truth(entry), float(entry.get("tolerance_s", 120.0))) for entry in item.get("times", ())
        ),
        listed=_truth(item["listed"]) if "listed" in item else None,
        affirms=_truth(item["affirms"]) if "affirms" in item else None,
        given=tuple(_truth(entry) for entry in item.get("given", ())),
        says=_one_of(item.get("says", ())),
        forbid=_one_of(item.get("forbid", ())),
        sources=tuple(_one_of(entry) for entry in item.get("sources", ())),
        root_cause=_truth(root) if isinstance(root, Mapping) else root,
        gaps=_truth(gaps) if isinstance(gaps, Mapping) else tuple(map(str, gaps)),
        expect=expect,
        about=str(item.get("about", "")),
        how=_one_of(item.get("how", ())),
        cites=bool(item.get("cites", expect is None)),
        then=tuple(_question(turn, scenario, where) for turn in following),
        scenario=scenario,
        where=where,
    )
    if not question.ask or not question.asks_for_something:
        raise QuestionError(f"{line_of(item)}{question.id}: asks nothing, or asks for nothing in the answer")
    for pattern in (*question.says, *question.forbid, *question.how):
        _checked(pattern, f"{line_of(item)}{question.id}")
    return question


def _checked(pattern: str, place: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise QuestionError(f"{place}: “{pattern}” is no regular expression: {error}") from error


def _one_of(entry: object) -> OneOf:
    """One word, or a list of them: YAML would split a word into letters."""
    return (entry,) if isinstance(entry, str) else tuple(map(str, entry))  # type: ignore[call-overload]


def _truth(entry: Mapping[str, Any]) -> Truth:
    check_keys(entry, ("truth", "of", "scale", "tolerance_s", *_NUMBER), ("truth",))
    return Truth(str(entry["truth"]), str(entry["of"]) if "of" in entry else None, float(entry.get("scale", 1.0)))


_NUMBER = ("value", "unit", "tolerance", "relative")


def _number(entry: Mapping[str, Any]) -> ExpectedNumber:
    check_keys(entry, ("truth", "of", "scale", *_NUMBER))
    if ("truth" in entry) == ("value" in entry):
        raise QuestionError(f"{line_of(entry)}a number is either a truth or a value")
    value = _truth(entry) if "truth" in entry else float(entry["value"])
    unit = check_word(entry, "unit", ("%", "bytes", "s"))
    return ExpectedNumber(value, unit, float(entry.get("tolerance", 0.0)), float(entry.get("relative", 0.0)))
