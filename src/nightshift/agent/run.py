"""One question under way: what was seen, who is thinking, and what it has cost so far."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

from nightshift.agent.answer import AgentEvent, BrainUsed, EventKind, Usage
from nightshift.agent.limits import Limits
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.tools.spec import ToolResult


@dataclass(frozen=True, slots=True)
class ToolRun:
    """One call of a tool that gave a result; its evidence is numbered."""

    name: str
    arguments: Mapping[str, Any]
    result: ToolResult


@dataclass(slots=True)
class Meter:
    """Bytes of the request bodies that were sent to a model."""

    bytes_sent: int = 0


@dataclass(slots=True)
class Run:
    """The state of one question. Lives as long as the question; shared by the tools and the guards of the graph."""

    question: str
    brain: BrainUsed
    limits: Limits
    reserve: Callable[[int], Awaitable[int]]
    """Takes so many evidence numbers of the conversation and gives the first."""
    on_event: Callable[[AgentEvent], None] | None = None
    unseen_by_sweep: tuple[Gap, ...] = ()
    """What the sweep could not see: it names the system that a tool waits for in vain."""
    meter: Meter = field(default_factory=Meter)
    started_s: float = field(default_factory=monotonic)
    tool_runs: list[ToolRun] = field(default_factory=list)
    gaps: dict[Gap, None] = field(default_factory=dict)
    model_calls: int = 0
    tool_calls: int = 0
    malformed_calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Everything seen so far, in the order of its numbers."""
        every = (item for tool_run in self.tool_runs for item in tool_run.result.evidence)
        return tuple(sorted(every, key=lambda item: int(item.id[1:])))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding that the evidence speaks of, each once, in the order in which they were seen."""
        every = (finding for tool_run in self.tool_runs for finding in tool_run.result.findings)
        return tuple({finding.fingerprint: finding for finding in every}.values())

    @property
    def model_seconds_left(self) -> float:
        return self.limits.model_time_s - (monotonic() - self.started_s)

    @property
    def tool_seconds(self) -> float:
        """How long a tool may take that starts now."""
        if self.brain.kind == "model":
            return self.limits.tool_s
        left = self.limits.builtin_time_s - (monotonic() - self.started_s)
        return min(self.limits.tool_s, max(self.limits.least_tool_s, left))

    @property
    def usage(self) -> Usage:
        return Usage(self.model_calls, self.tool_calls, self.meter.bytes_sent, self.tokens_in, self.tokens_out)

    async def keep(self, name: str, arguments: Mapping[str, Any], result: ToolResult) -> ToolResult:
        """Number the evidence of a result and remember it."""
        if result.evidence:
            first = await self.reserve(len(result.evidence))
            numbered = (replace(item, id=f"E{first + offset}") for offset, item in enumerate(result.evidence))
            result = replace(result, evidence=tuple(numbered))
        self.tool_runs.append(ToolRun(name, arguments, result))
        self.gaps.update(dict.fromkeys(result.gaps))
        for item in result.evidence:
            self.gaps.update(dict.fromkeys(item.gaps))
        return result

    def fall_back(self, reason: str, builtin_name: str) -> None:
        """From here on the built-in brain thinks."""
        self.brain = BrainUsed("builtin", builtin_name, fell_back_because=reason)
        self.tell("fell_back", builtin_name, reason)

    def tell(self, kind: EventKind, name: str = "", detail: str = "") -> None:
        if self.on_event is not None:
            self.on_event(AgentEvent(kind, name, detail))
