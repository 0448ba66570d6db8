"""How many bytes the first request to a model takes, with every source set up: `python -m bench.model_request --json`.

A real server on loopback counts the body that the client library really sends: instructions, the schemas of all tools,
and the question. The bound matters twice: small local models have small windows, and every call carries it again.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from bench.report import Figure, at_most, exactly, main
from nightshift.agent.agent import Agent
from nightshift.agent.brains import ModelSettings
from nightshift.facts.snapshot import Snapshot, SourceStatus
from nightshift.facts.sweep import Sweep
from nightshift.store.conversations import Conversations
from nightshift.store.database import open_database
from nightshift.tools.context import ToolContext
from nightshift.tools.registry import TOOLS
from tests.support.openai_server import OpenAIServer, Reply, Request

GOAL_BYTES = 12_288
QUESTION = "Is anything wrong?"


async def first_request() -> Request:
    """The first request of a question, as it arrived."""
    now = datetime.now(UTC)
    kinds = ("pve", "pbs", "prometheus", "grafana")
    snapshot = Snapshot(now, tuple(SourceStatus(kind, kind, True, "1", 1.0) for kind in kinds))

    async def sweep(**_: object) -> Sweep:
        return Sweep("bench", snapshot, (), (), now, 0.0)

    sweeper = cast("Any", SimpleNamespace(sweep=sweep))
    context = ToolContext(sweeper, cast("Any", None), cast("Any", None), lambda: now, UTC)
    with tempfile.TemporaryDirectory() as folder, OpenAIServer([Reply("I looked at nothing.")]) as server:
        database = open_database(Path(folder))
        agent = Agent(context, Conversations(database), ModelSettings("scripted", server.base_url))
        try:
            await agent.ask(QUESTION)
        finally:
            await agent.aclose()
            database.close()
        return server.requests[0]


def measure() -> Iterable[Figure]:
    request = asyncio.run(first_request())
    yield Figure("first request to a model", request.size_bytes, "bytes", at_most(GOAL_BYTES))
    yield Figure("tools in it", len(request.tool_names), "tools", exactly(len(TOOLS)))


if __name__ == "__main__":
    main("model_request", measure)
