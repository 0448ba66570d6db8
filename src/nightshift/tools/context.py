"""What a tool may reach: the sweep, bounded live reads and the runbooks. Never a source directly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from nightshift.checks.thresholds import Thresholds
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.sweep import Sweep

if TYPE_CHECKING:
    from nightshift.collect.live import Live
    from nightshift.knowledge.search import RunbookSearch
    from nightshift.sweep.sweeper import Sweeper


@dataclass(frozen=True, slots=True)
class ToolContext:
    """The reach of every tool. `zone` is the viewer's; `fresh` asks for a new snapshot instead of a recent one.

    `thresholds` are the operator's, so that an answer and a finding judge alike.
    """

    sweeper: Sweeper
    live: Live
    runbooks: RunbookSearch
    clock: Callable[[], datetime]
    zone: tzinfo
    fresh: bool = False
    thresholds: Thresholds = field(default_factory=Thresholds)

    async def sweep(self) -> Sweep:
        return await self.sweeper.sweep(fresh=self.fresh)

    async def snapshot(self) -> Snapshot:
        return (await self.sweep()).snapshot
