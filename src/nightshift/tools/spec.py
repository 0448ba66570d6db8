"""The shape of a tool: its name, its arguments, what it gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.tools.context import ToolContext


class Arguments(BaseModel):
    """Arguments of a tool. An explicit null means "not given": models like to spell out every optional argument."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: object) -> object:
        if isinstance(data, Mapping):
            return {key: value for key, value in data.items() if value is not None}
        return data


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool saw.

    `findings` are those that the evidence speaks of, `gaps` what could not be seen, `note` one sentence that the
    evidence alone does not say (`no such metric`, `3 of 40 shown`).
    """

    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as an agent is told of it. `run` raises ToolInputError when the arguments cannot be served, and no
    SourceError: what a source did not give is a Gap in the result."""

    name: str
    description: str
    arguments: type[BaseModel]
    run: Callable[[ToolContext, Any], Awaitable[ToolResult]]
