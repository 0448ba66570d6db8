"""The first request of a question, caught at a real server: what a model is sent before it has done anything."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from tests.support.openai_server import OpenAIServer, Reply, Request

from nightshift.agent.agent import Agent
from nightshift.agent.brains import ModelSettings
from nightshift.facts.snapshot import Snapshot, SourceStatus
from nightshift.facts.sweep import Sweep
from nightshift.store.conversations import Conversations
from nightshift.store.database import open_database
from nightshift.tools.context import ToolContext

QUESTION = "Is anything wrong?"


async def first_request() -> Request:
    """Ask with every kind of source set up, and give the request as it arrived."""
    now = datetime.now(UTC)
    kinds = ("pve", "pbs", "prometheus", "grafana")
    snapshot = Snapshot(now, tuple(SourceStatus(kind, kind, True, "1", 1.0) for kind in kinds))

    async def sweep(**_: object) -> Sweep:
        return Sweep("s", snapshot, (), (), now, 0.0)

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
