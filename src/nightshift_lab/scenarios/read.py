"""Reads scenario files. Whatever is wrong with one is told with file, line and column, and with what is allowed."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from nightshift_lab.knobs import KNOBS
from nightshift_lab.scenarios.entities import UnknownEntity, names_of, resolve
from nightshift_lab.scenarios.model import FaultEntry, Scenario, Truth, WorldPart
from nightshift_lab.scenarios.parameters import WrongParameter, parsed_parameters
from nightshift_lab.scenarios.positions import Document, ScenarioError, read_yaml
from nightshift_lab.scenarios.positions import Path as Place
from nightshift_lab.world.faults import FAULT_KINDS

Problem = tuple[Place, str, bool]  # where, what is wrong, and whether the key is meant rather than its value


def read_scenario(path: Path) -> Scenario:
    """The scenario of a file. Raises ScenarioError; OSError when the file cannot be read."""
    return parse_scenario(path.read_text(encoding="utf-8"), source=path.name, name=path.stem)


def parse_scenario(text: str, *, source: str, name: str) -> Scenario:
    """The scenario that `text` describes; it is called `name` unless it says so itself. Raises ScenarioError."""
    document = read_yaml(text, source)
    if not isinstance(document.content, dict):
        raise ScenarioError([document.problem((), "a scenario is a mapping: name, summary, family, faults, …")])
    try:
        scenario = Scenario.model_validate({"name": name, **document.content})
    except ValidationError as error:
        raise ScenarioError([_told(document, problem) for problem in error.errors()]) from error
    problems = [document.problem(place, said, key=key) for place, said, key in _meaning(scenario)]
    if problems:
        raise ScenarioError(problems)
    return scenario


def _told(document: Document, problem: Any) -> str:
    """Pydantic's error in our words, at its place."""
    location = problem["loc"]
    place = _place(location, document.content)
    match problem["type"]:
        case "extra_forbidden":
            allowed = _fields_at(location[:-1])
            near = get_close_matches(str(location[-1]), allowed, n=1)
            meant = f" (did you mean {near[0]}?)" if near else ""
            return document.problem(place, f"unknown field{meant}; there are: {', '.join(allowed)}", key=True)
        case "missing":
            return document.problem(place, f"{location[-1]} is missing")
        case "union_tag_not_found":
            return document.problem(place, "kind is missing; there are: step, ramp, burst, flap")
        case "union_tag_invalid":
            told = problem["ctx"]
            return document.problem((*place, "kind"), f"{told['tag']!r} is not one of: {told['expected_tags']}")
        case "value_error":
            return document.problem(place, str(problem["ctx"]["error"]))
    text = f"{problem['msg'][0].lower()}{problem['msg'][1:]}"
    return document.problem(place, text, key=location[-1] == "[key]")


def _place(location: Iterable[str | int], content: Any) -> Place:
    """The part of pydantic's location that the document has: without the tags of unions, and what is missing."""
    place: list[str | int] = []
    for step in location:
        there = (isinstance(content, dict) and step in content) or (
            isinstance(content, list) and isinstance(step, int) and step < len(content)
        )
        if there:
            place.append(step)
            content = content[step]
    return tuple(place)


def _fields_at(location: Iterable[str | int]) -> list[str]:
    """The fields that the model has at pydantic's location, whose tags say which member of a union is meant."""
    models: list[type[BaseModel]] = [Scenario]
    for step in location:
        tagged = [model for model in models if step in typing.get_args(_annotation(model, "kind"))]
        inside = [found for model in models for found in _models_in(_annotation(model, step))]
        models = tagged or inside or models
    return list(dict.fromkeys(field.alias or name for model in models for name, field in model.model_fields.items()))


def _annotation(model: type[BaseModel], name: str | int) -> Any:
    """The type of the field that files call `name`; None when there is none."""
    fields = model.model_fields.items()
    return next((field.annotation for own, field in fields if (field.alias or own) == name), None)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    arguments = typing.get_args(annotation)
    if not arguments and isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in arguments:
        yield from _models_in(argument)


def _meaning(scenario: Scenario) -> Iterator[Problem]:
    """What the schema cannot say: kinds, targets, parameters, knobs and entities that do not exist."""
    base = scenario.world.base
    for section, entries in (("faults", scenario.faults), ("red_herrings", scenario.red_herrings)):
        for number, entry in enumerate(entries):
            yield from _of_entry((section, number), entry, base)
    for backend, knobs in scenario.knobs.items():
        for knob in knobs.keys() - KNOBS.keys():
            yield ("knobs", backend, knob), f"unknown knob {knob!r}; there are: {', '.join(KNOBS)}", True
    for guest in scenario.world.guests:
        yield from _of_entity(("world", "guests", guest), base, f"guest/{guest}", ("guest",))
    yield from _of_jobs(scenario.world)
    yield from _of_truth(scenario.truth, base)


def _of_jobs(part: WorldPart) -> Iterator[Problem]:
    """Backup jobs and resource pools name guests, nodes, pools and storages."""
    for pool, members in part.pools.items():
        for number, guest in enumerate(members):
            yield from _of_entity(("world", "pools", pool, number), part.base, f"guest/{guest}", ("guest",))
    for name, job in part.jobs.items():
        place = ("world", "jobs", name)
        for field in ("guests", "without"):
            for number, guest in enumerate(getattr(job, field) or ()):
                yield from _of_entity((*place, field, number), part.base, f"guest/{guest}", ("guest",))
        for field, kind in (("node", "node"), ("storage", "storage")):
            if written := getattr(job, field):
                yield from _of_entity((*place, field), part.base, f"{kind}/{written}", (kind,))
        if job.pool is not None and job.pool not in part.pools:
            yield (*place, "pool"), f"unknown pool {job.pool!r}; there are: {', '.join(part.pools) or 'none'}", False
        if job.storage is None and f"job/{name}" not in names_of(part.base):
            yield place, "storage is missing: a new job must say where it saves to", False


def _of_truth(truth: Truth, base: str) -> Iterator[Problem]:
    for number, cause in enumerate(truth.root_causes):
        yield from _of_entity(("truth", "root_causes", number, "entity"), base, cause.entity)
    for kind in ("findings_required", "findings_forbidden"):
        for number, finding in enumerate(getattr(truth, kind)):
            if finding.entity and "*" not in finding.entity:
                yield from _of_entity(("truth", kind, number, "entity"), base, finding.entity)
    for number, fact in enumerate(truth.facts):
        for field in ("figure", "of"):
            if written := getattr(fact, field):
                yield from _of_entity(("truth", "facts", number, field), base, written.partition(" ")[0])


def _of_entry(place: Place, entry: FaultEntry, base: str) -> Iterator[Problem]:
    kind = FAULT_KINDS.get(entry.kind)
    if kind is None:
        there = ", ".join(sorted(FAULT_KINDS))
        yield (*place, "kind"), f"unknown kind of fault {entry.kind!r}; there are: {there}", False
        return
    if kind.targets and not entry.target:
        yield place, f"target is missing: {entry.kind} befalls a {' or '.join(kind.targets)}", False
    elif entry.target and not kind.targets:
        yield (*place, "target"), f"{entry.kind} has no target", True
    else:
        for number, target in enumerate(entry.all_targets if kind.targets else ()):
            spot = (*place, "target") if isinstance(entry.target, str) else (*place, "target", number)
            yield from _of_entity(spot, base, target, kind.targets)
    for where, written in ((("with",), entry.parameters), (("live", "with"), entry.live.parameters)):
        try:
            parsed_parameters(kind, written)
        except WrongParameter as error:
            yield (*place, *where, error.name), str(error), error.unknown


def _of_entity(place: Place, base: str, name: str, kinds: tuple[str, ...] = ()) -> Iterator[Problem]:
    try:
        resolve(names_of(base), name, kinds)
    except UnknownEntity as error:
        yield place, str(error), False
