from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Any, Literal, cast

import pytest
from pydantic import BaseModel, Field
from tests.agent.support import NOW, TABLE
from tests.agent.support import TOOLS as TINY_TOOLS

from nightshift.agent.answer import BrainUsed
from nightshift.agent.limits import Limits
from nightshift.agent.run import Run
from nightshift.agent.wrap import compact_schema, langchain_tools, text_of
from nightshift.facts.evidence import Evidence
from nightshift.facts.gap import Gap
from nightshift.tools.context import ToolContext
from nightshift.tools.registry import TOOLS
from nightshift.tools.spec import Arguments, ToolResult, ToolSpec


class Inner(BaseModel):
    deep: int


class Wide(Arguments):
    name: str = Field(description="which one")
    kind: Literal["vm", "ct"] | None = None
    limit: int = Field(20, ge=1, le=50)
    note: str = ""
    tags: list[str] | None = None
    either: int | str | None = None
    inner: Inner | None = None


def test_a_schema_without_what_a_model_does_not_need() -> None:
    assert compact_schema(Wide) == {
        "type": "object",
        "properties": {
            "name": {"description": "which one", "type": "string"},
            "kind": {"enum": ["vm", "ct"], "type": "string"},
            "limit": {"default": 20, "maximum": 50, "minimum": 1, "type": "integer"},
            "note": {"type": "string"},
            "tags": {"items": {"type": "string"}, "type": "array"},
            "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
            "inner": {"properties": {"deep": {"type": "integer"}}, "required": ["deep"], "type": "object"},
        },
        "required": ["name"],
    }


@pytest.mark.parametrize("spec", TOOLS, ids=lambda spec: spec.name)
def test_the_schemas_of_our_tools_are_plain(spec: ToolSpec) -> None:
    text = str(compact_schema(spec.arguments))
    assert not any(word in text for word in ("$ref", "$defs", "'title'", "'null'"))


def test_the_text_of_a_result() -> None:
    def render(evidence: Evidence, budget_chars: int, zone: tzinfo) -> str:
        return f"<{evidence.title}, {budget_chars}, {zone}>"

    gap = Gap("pbs", "gc", "forbidden", "Datastore.Audit is missing.")
    result = ToolResult((TABLE, TABLE), gaps=(gap,), note="2 of 9 shown.")
    assert text_of(result, render, UTC, 6_000) == (
        "2 of 9 shown.\n\n<Guests, 3000, UTC>\n\n<Guests, 3000, UTC>\n\n"
        "NOT SEEN: pbs gc (forbidden): Datastore.Audit is missing."
    )
    assert text_of(ToolResult(()), render, UTC, 6_000) == "Nothing was found."
    assert text_of(ToolResult((TABLE,) * 20), render, UTC, 6_000).count("700, UTC") == 20
    assert NOW.tzinfo is UTC


async def test_a_late_tool_of_the_built_in_brain_gets_less_time_and_names_what_is_silent() -> None:
    async def reserve(count: int) -> int:
        return 1

    silent = Gap("prometheus", "metrics", "timed_out", "No answer within 8 s.")
    forbidden = Gap("pve", "tasks", "forbidden", "Sys.Audit is missing.")
    limits = Limits(builtin_time_s=0.3, least_tool_s=0.1)
    run = Run("?", BrainUsed("builtin", "built-in"), limits, reserve, unseen_by_sweep=(silent, forbidden))
    context = ToolContext(*cast("Any", (None, None, None)), lambda: NOW, UTC)
    (guests, _) = langchain_tools(TINY_TOOLS, context, run, lambda evidence, budget_chars, zone: evidence.title)
    for _ in range(2):
        text = await guests.ainvoke({"name": "slow"})
        assert text.startswith("guests did not finish within 0.")
        assert "NOT SEEN: prometheus metrics (timed_out): No answer within 8 s." in text
    assert [gap.kind for gap in run.gaps] == ["timed_out"] * 3
    assert run.tool_seconds == 0.1
    run.brain = BrainUsed("model", "m")
    assert run.tool_seconds == limits.tool_s
