"""Tolerant field types for what the four APIs send, and the base of every wire model.

PVE writes booleans as 0 and 1, some numbers as strings, and some strings as numbers (a VM named "100"); nothing is
coerced by the server. A value that cannot be what its field says is still an error that names the field.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.dataclasses import dataclass

from nightshift.facts.units import from_epoch

_YEAR_10000: Final = 253_402_300_800


_RULES: Final = ConfigDict(extra="ignore", hide_input_in_errors=True, populate_by_name=True)


class WireModel(BaseModel):
    """Unknown fields are ignored, inputs never appear in errors, wire names are aliases."""

    model_config = ConfigDict(**_RULES, frozen=True)


listed = partial(dataclass, frozen=True, slots=True, config=_RULES)
"""Makes a wire shape of which answers hold tens of thousands: the same rules, a tenth of a model's memory."""


def _text(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return str(value)


def _flag(value: object) -> object:
    return False if value == "" else value


def _whole(value: object) -> object:
    if isinstance(value, str):
        try:
            value = float(value) if any(mark in value for mark in ".eE") else int(value)
        except ValueError:
            return value
    return int(value) if isinstance(value, float) and value == value and abs(value) != float("inf") else value


def _moment(value: object) -> object:
    """Epoch seconds, ISO 8601, or nothing: Go writes "never" as the year 1."""
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    if not 0 <= value < _YEAR_10000:
        raise ValueError("is not a time")
    return from_epoch(value) if value else None


def _parsed(text: str) -> datetime | int | None:
    if not text or text.startswith("0001-01-01"):
        return None
    if text.isdigit():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a time") from None  # the original repeats the value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Text = Annotated[str, BeforeValidator(_text)]
"""A string, which Perl may have written as a number."""

Flag = Annotated[bool, BeforeValidator(_flag)]
"""0, 1, "0", "1", "", true or false."""

Whole = Annotated[int, BeforeValidator(_whole)]
"""An integer, perhaps written as a string or a float; fractions are dropped."""


Moment = Annotated[datetime | None, BeforeValidator(_moment)]
"""Aware UTC from epoch seconds or ISO 8601; None for 0 and for Go's zero time."""


def first_problem(error: ValidationError) -> str:
    """The first thing wrong with a payload, naming the field and never the value: `data.3.vmid: …`."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    if not problems:
        return "the answer has an unexpected shape"
    place = ".".join(str(step) for step in problems[0]["loc"])
    text = problems[0]["msg"]
    return f"field {place}: {text}" if place else text
