"""Our tools as langchain tools: arguments checked, time bounded, evidence numbered, progress told.

The model gets a rendering within a budget; the artifact beside it is the `ToolResult` itself, which the built-in brain
and the interfaces use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from nightshift.agent.run import Run
from nightshift.errors import SourceError, ToolInputError
from nightshift.facts.evidence import Evidence
from nightshift.facts.gap import Gap
from nightshift.tools.context import ToolContext
from nightshift.tools.spec import ToolResult, ToolSpec

if TYPE_CHECKING:
    from langchain.agents.middleware import ToolCallRequest
    from langchain_core.tools import StructuredTool

Render = Callable[[Evidence, int, tzinfo], str]

LEAST_CHARS_EACH = 700
DETAIL_CHARS = 120


def langchain_tools(specs: Iterable[ToolSpec], context: ToolContext, run: Run, render: Render) -> list[StructuredTool]:
    """The tools for one question."""
    return [_langchain_tool(spec, context, run, render) for spec in specs]


def error_for_the_model(error: Exception, request: ToolCallRequest) -> str | None:
    """What a model is told of a failed tool, so that it can do better; None for a bug, which ends the run."""
    if isinstance(error, ToolInputError):
        return f"{request.tool_call['name']}: {error}"
    if isinstance(error, SourceError):
        return f"{request.tool_call['name']}: not seen ({error.gap_kind}): {error.source}: {error.detail}"
    return None


def compact_schema(arguments: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a tool's arguments without what a model does not need: titles, nulls, empty defaults, $defs.

    Every request to a model carries all schemas, so each byte counts twelve times.
    """
    schema = arguments.model_json_schema()
    properties = {
        name: _compact(value, schema.get("$defs", {})) for name, value in schema.get("properties", {}).items()
    }
    compact: dict[str, Any] = {"type": "object", "properties": properties}
    if schema.get("required"):
        compact["required"] = schema["required"]
    return compact


def _compact(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        target = definitions[str(schema["$ref"]).rpartition("/")[2]]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    kept = {key: value for key, value in schema.items() if key not in ("title", "default", "anyOf")}
    if schema.get("default") not in (None, "", False, [], ()):
        kept["default"] = schema["default"]
    if "anyOf" in schema:
        options = [_compact(option, definitions) for option in schema["anyOf"] if option.get("type") != "null"]
        kept = {**options[0], **kept} if len(options) == 1 else {**kept, "anyOf": options}
    if isinstance(schema.get("items"), Mapping):
        kept["items"] = _compact(schema["items"], definitions)
    if isinstance(schema.get("properties"), Mapping):
        kept["properties"] = {name: _compact(value, definitions) for name, value in schema["properties"].items()}
    return kept


def _langchain_tool(spec: ToolSpec, context: ToolContext, run: Run, render: Render) -> StructuredTool:
    from langchain_core.tools import StructuredTool

    async def call(**arguments: Any) -> tuple[str, ToolResult]:
        run.tell("tool_started", spec.name, _shown(arguments))
        run.tool_calls += 1
        outcome = "failed"
        try:
            result = await _bounded(spec, context, arguments, run)
            kept = await run.keep(spec.name, arguments, result)
            outcome = ", ".join(item.id for item in kept.evidence) or kept.note
        finally:
            run.tell("tool_finished", spec.name, outcome)
        return text_of(kept, render, context.zone, run.limits.tool_chars), kept

    return StructuredTool(
        name=spec.name,
        description=spec.description,
        args_schema=compact_schema(spec.arguments),
        coroutine=call,
        response_format="content_and_artifact",
    )


async def _bounded(spec: ToolSpec, context: ToolContext, arguments: Mapping[str, Any], run: Run) -> ToolResult:
    """Run the tool; what takes too long becomes a Gap, and so does what a source did not give."""
    checked = _checked(spec, arguments)
    seconds = run.tool_seconds
    try:
        async with asyncio.timeout(seconds):
            return await spec.run(context, checked)
    except TimeoutError:
        detail = f"{spec.name} did not finish within {seconds:.2g} s."
        gap = Gap("nightshift", spec.name, "timed_out", detail)
        silent = tuple(gap for gap in run.unseen_by_sweep if gap.kind in ("timed_out", "unreachable"))
        return ToolResult((), gaps=(gap, *silent), note=detail)
    except SourceError as error:
        run.gaps[Gap.of(error, spec.name)] = None
        raise


def _checked(spec: ToolSpec, arguments: Mapping[str, Any]) -> BaseModel:
    try:
        return spec.arguments.model_validate(arguments)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {item['msg']}" for item in error.errors()[:5]
        )
        known = ", ".join(spec.arguments.model_fields) or "none"
        raise ToolInputError(f"wrong arguments: {problems}.", f"It takes: {known}.") from error


def text_of(result: ToolResult, render: Render, zone: tzinfo, budget_chars: int) -> str:
    """A result as the text that a model reads: its note, its evidence, and what could not be seen."""
    each = max(LEAST_CHARS_EACH, budget_chars // max(1, len(result.evidence)))
    parts = [render(item, each, zone) for item in result.evidence]
    told = {gap for item in result.evidence for gap in item.gaps}
    parts += [
        f"NOT SEEN: {gap.source} {gap.dataset} ({gap.kind}): {gap.detail}" for gap in result.gaps if gap not in told
    ]
    if result.note:
        parts.insert(0, result.note)
    return "\n\n".join(parts) or "Nothing was found."


def _shown(arguments: Mapping[str, Any]) -> str:
    """The arguments in a few words for a progress line: `guest=web, window=24h`."""
    text = ", ".join(f"{name}={value}" for name, value in arguments.items() if value not in (None, ""))
    return text if len(text) <= DETAIL_CHARS else text[: DETAIL_CHARS - 1] + "…"
