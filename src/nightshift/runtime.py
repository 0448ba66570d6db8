"""Composition root: settings in, one frozen value of ready parts out.

    async with open_runtime(load_settings()) as runtime:
        sweep = await runtime.sweeper.sweep()
        answer = await runtime.agent.ask("Is anything wrong?")

What only a question needs (the agent, with the langchain that it stands on) is made when it is first used, so that
`nightshift check` does not wait for it.
"""

from __future__ import annotations

import asyncio
import importlib
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nightshift.errors import StoreError
from nightshift.settings.values import BrainSettings, Settings

if TYPE_CHECKING:
    from nightshift.agent.agent import Agent
    from nightshift.agent.brains import ModelSettings
    from nightshift.collect.collector import Collector
    from nightshift.collect.live import Live
    from nightshift.knowledge.search import RunbookSearch
    from nightshift.sources import Sources
    from nightshift.store.conversations import Conversations
    from nightshift.store.database import Database
    from nightshift.store.findings import FindingStore
    from nightshift.store.restores import RestoreStore
    from nightshift.sweep.sweeper import Sweeper
    from nightshift.tools.context import ToolContext

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock of everything that is not told another one."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Runtime:
    """The ready parts of a running Nightshift.

    `warnings` are sentences that the operator should see; they hold no secrets. `clock` gives aware UTC.
    """

    settings: Settings
    clock: Clock
    sources: Sources
    collector: Collector
    sweeper: Sweeper
    live: Live
    database: Database
    findings: FindingStore
    warnings: tuple[str, ...] = ()

    @cached_property
    def runbooks(self) -> RunbookSearch:
        """The search in the operator's runbooks, or in the starter ones when no folder is set."""
        return open_runbooks(self.settings)

    @cached_property
    def conversations(self) -> Conversations:
        """What was asked and answered before. Raises StoreError."""
        from nightshift.store.conversations import Conversations

        return Conversations(self.database)

    @cached_property
    def tools(self) -> ToolContext:
        """What the tools may reach; they answer without an agent, too."""
        from nightshift.tools.context import ToolContext

        return ToolContext(
            self.sweeper,
            self.live,
            self.runbooks,
            self.clock,
            self.settings.zone,
            thresholds=self.settings.thresholds,
        )

    @cached_property
    def agent(self) -> Agent:
        """The one that answers questions. The first use takes seconds: `warm_up` does it off the event loop."""
        from nightshift.agent.agent import Agent

        settings = self.settings
        return Agent(
            self.tools,
            self.conversations,
            _model_of(settings.brain),
            masking=settings.masking,
            known_secrets=settings.secrets,
        )

    async def warm_up(self) -> Agent:
        """Make the agent, and load what it stands on, in a thread: other work goes on meanwhile."""
        await asyncio.to_thread(load_agent_libraries)
        return self.agent

    async def aclose_agent(self) -> None:
        """Close the agent's connections, if there is an agent."""
        if "agent" in self.__dict__:
            await self.agent.aclose()


def open_runbooks(settings: Settings) -> RunbookSearch:
    """The search that the settings describe. Reads the files, and sends nothing anywhere. Never raises because of the
    files or the disk."""
    from nightshift.knowledge.embedding import open_embedder
    from nightshift.knowledge.loading import starter_runbooks
    from nightshift.knowledge.search import RunbookSearch

    outgoing: Callable[[str], str] = str
    if settings.embedder.kind == "openai":
        from nightshift.agent.masking import SecretMask

        outgoing = SecretMask(settings.secrets).outgoing
    return RunbookSearch.open(
        settings.runbook_dirs or (starter_runbooks(),),
        data_dir=settings.data_dir,
        embedder=open_embedder(settings.embedder, settings.data_dir, outgoing),
        chroma_url=settings.chroma_url,
    )


def load_agent_libraries() -> None:
    """Import what the first question needs: seconds of work, best done while something else is waited for."""
    for module in ("nightshift.agent.agent", "nightshift.agent.builtin.brain", "langchain.agents"):
        importlib.import_module(module)


def _model_of(brain: BrainSettings) -> ModelSettings | None:
    """The chat model that the settings name; None for the built-in brain."""
    from nightshift.agent.brains import ModelSettings

    return ModelSettings(brain.model, brain.base_url, brain.api_key) if brain.uses_model else None


@asynccontextmanager
async def open_runtime(settings: Settings, *, clock: Clock = utc_now) -> AsyncIterator[Runtime]:
    """The parts that `settings` describe, closed at the end of the block.

    Nothing is sent anywhere yet. A data folder that cannot be used costs the history, not the answer: it becomes a
    warning, and findings and conversations are kept in a temporary folder until the end. Raises ConfigError for a
    setting that turns out wrong only here, such as a database driver that is not installed.
    """
    from nightshift.checks.metric_rows import queries_for
    from nightshift.collect.collector import Collector
    from nightshift.collect.live import Live
    from nightshift.sources import Sources
    from nightshift.sweep.set_aside import expired
    from nightshift.sweep.sweeper import Sweeper

    async with AsyncExitStack() as stack:
        database, findings, restores, warnings = await asyncio.to_thread(_open_store, settings, stack)
        sources = Sources.open(settings.connections)
        stack.push_async_callback(sources.aclose)
        collector = Collector(
            sources, queries=queries_for(settings.thresholds), keep_in=settings.data_dir / "slow-lane"
        )
        runtime = Runtime(
            settings=settings,
            clock=clock,
            sources=sources,
            collector=collector,
            sweeper=Sweeper(
                collector,
                findings,
                thresholds=settings.thresholds,
                policy=settings.policy,
                restores=restores,
                clock=clock,
            ),
            live=Live(sources, clock=clock, hung=collector.hung),
            database=database,
            findings=findings,
            warnings=(*settings.warnings, *warnings, *expired(settings.policy, clock())),
        )
        stack.push_async_callback(collector.aclose)
        stack.push_async_callback(runtime.sweeper.aclose)
        stack.push_async_callback(runtime.aclose_agent)
        yield runtime


def _open_store(
    settings: Settings, stack: AsyncExitStack
) -> tuple[Database, FindingStore, RestoreStore, tuple[str, ...]]:
    """The database with what is remembered, or a temporary one and a warning when the disk does not allow it."""
    url = settings.database_url.get_secret_value() if settings.database_url else None
    try:
        return *_opened(settings.data_dir, url, stack), ()
    except StoreError as error:
        warning = f"{error} History is kept only until the end of this run."
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="nightshift-"))
    return *_opened(Path(folder), None, stack), (warning,)


def _opened(data_dir: Path, url: str | None, stack: AsyncExitStack) -> tuple[Database, FindingStore, RestoreStore]:
    from nightshift.store.database import open_database
    from nightshift.store.findings import FindingStore
    from nightshift.store.restores import RestoreStore

    database = open_database(data_dir, url)
    stack.callback(database.close)
    return database, FindingStore(database), RestoreStore(database)
