"""The parameters of a kind of fault, from a scenario file to the fields of its class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field
from typing import Any

from nightshift_lab.scenarios.units import duration_s, fraction, size_bytes
from nightshift_lab.world.faults import Fault

_SUFFIXES = ("_s", "_bytes")


class WrongParameter(ValueError):
    """`name` is the parameter, the message what is wrong with it; `unknown` when the kind has no such parameter."""

    def __init__(self, name: str, text: str, *, unknown: bool = False) -> None:
        super().__init__(text)
        self.name, self.unknown = name, unknown


def written_name(field: Field[Any]) -> str:
    """As scenario files spell it: the unit stands with the value, not in the name."""
    name = field.name
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def parsed_parameters(kind: type[Fault], written: Mapping[str, object]) -> dict[str, Any]:
    """The values by field name. Raises WrongParameter for the first that is unknown or cannot be read."""
    known = {written_name(field): field for field in kind.parameters()}
    values: dict[str, Any] = {}
    for name, value in written.items():
        if name not in known:
            there = f"there are: {', '.join(known)}" if known else "it takes none"
            raise WrongParameter(name, f"{kind.kind} has no parameter {name!r}; {there}", unknown=True)
        try:
            values[known[name].name] = _parsed(known[name], value)
        except ValueError as error:
            raise WrongParameter(name, str(error)) from error
    return values


def _parsed(field: Field[Any], value: object) -> Any:
    choices = field.metadata["choices"]
    if choices and value not in choices:
        raise ValueError(f"{value!r} is not one of: {', '.join(choices)}")
    return _READERS[field.metadata["quantity"]](value)


def _number(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise ValueError(f"{value!r} is not a number")


def _count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError(f"{value!r} is not a whole number")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError(f"{value!r} is not a text")


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(f"{value!r} is not true or false")


_READERS: Mapping[str, Callable[[object], Any]] = {
    "fraction": fraction,
    "duration": duration_s,
    "size": size_bytes,
    "number": _number,
    "count": _count,
    "text": _text,
    "flag": _flag,
}
