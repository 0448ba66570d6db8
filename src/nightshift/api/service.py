"""What the API needs of a running Nightshift, as protocols: the runtime fits them, and so does a small double."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol

from nightshift.facts.sweep import Sweep

Json = dict[str, Any]


class Event(Protocol):
    """Something that happened while an answer was being found, e.g. `tool_started`, `backups`, `last 7 days`."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def detail(self) -> str: ...


class Asks(Protocol):
    """Answers a question with the answer's JSON (see docs/api.md)."""

    async def __call__(
        self,
        question: str,
        *,
        conversation_id: str | None,
        fresh: bool,
        on_event: Callable[[Event], None] | None,
    ) -> Json: ...


class Sweeps(Protocol):
    """The owner of the sweep. Callers at the same time share one run."""

    async def sweep(self, *, max_age_s: float = ..., fresh: bool = ...) -> Sweep: ...


class Recalls(Protocol):
    """The turns of a stored conversation, oldest first, or None when there is none with this id."""

    async def __call__(self, conversation_id: str) -> list[Json] | None: ...


@dataclass(frozen=True, slots=True)
class Probe:
    """One component to look at. `call` gives a line about it (its version) or raises.

    `missing` is set instead when the component is not configured: then it says what to set, and nothing is called.
    """

    name: str
    call: Callable[[], Awaitable[str]] | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """The ready parts that the API serves. `zone` is the viewer's, for the times in tables."""

    ask: Asks
    sweeper: Sweeps
    recall: Recalls
    probes: tuple[Probe, ...] = ()
    brain: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    zone: tzinfo = UTC
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
