"""The `runbooks` tool: passages of the operator's own Markdown."""

from __future__ import annotations

import asyncio

from pydantic import Field

from nightshift.facts.evidence import Document, Evidence
from nightshift.tools.context import ToolContext
from nightshift.tools.spec import Arguments, ToolResult
from nightshift.tools.tables import table

PASSAGES = 3


class RunbooksArguments(Arguments):
    query: str = Field(min_length=2, max_length=300, description="symptom, check id or alert name")


async def runbooks(ctx: ToolContext, arguments: RunbooksArguments) -> ToolResult:
    """The passages that fit: linked ones (a check id, an alert name) first; an empty result says that none does."""
    now = ctx.clock()
    found = await asyncio.to_thread(ctx.runbooks.find, arguments.query, PASSAGES)
    request = f"search '{arguments.query}'"
    if not found.passages:
        title = f"Runbooks for '{arguments.query}'"
        evidence = table("runbooks", request, title, (), (), taken_at=now, now=now, gaps=found.gaps)
        return ToolResult((evidence,), gaps=found.gaps, note=f"No runbook fits '{arguments.query}'.")
    documents = tuple(
        Evidence(
            source="runbooks",
            kind="document",
            request=request,
            title=" › ".join(passage.heading_path) if passage.heading_path else passage.heading,
            taken_at=now,
            document=Document(passage.text, passage.file, passage.heading, passage.line),
            total=1,
            shown=1,
        )
        for passage in found.passages
    )
    return ToolResult(documents, gaps=found.gaps)
