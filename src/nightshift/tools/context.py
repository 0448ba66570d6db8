"""What a tool may reach: the sweep, bounded live reads and the runbooks. Never a source directly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from nightshift.facts.snapshot import Snapshot
from nightshift.facts.sweep import Sweep

if TYPE_CHECKING:
    from nightshift.collect.live import Live
    from nightshift.knowledge.search import RunbookSearch
    from nightshift.sweep.sweeper import Sweeper


@dataclass(frozen=True, slots=True)
class ToolContext:
    """The reach of every tool. `zone` is the viewer's; `fresh` asks for a new snapshot instead of a recent one."""

    sweeper: Sweeper
    live: Live
    runbooks: RunbookSearch
    clock: Callable[[], datetime]
    zone: tzinfo
    fresh: bool = False

    async def sweep(self) -> Sweep:
        return await self.sweeper.sweep(fresh=self.fresh)

    async def snapshot(self) -> Snapshot:
        return (await self.sweep()).snapshot
