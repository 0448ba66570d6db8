"""The health of Nightshift and of what it watches, probed in the background so that asking costs nothing.

A backend that hangs would make `/health` hang, and a liveness probe would then restart a server that is fine. So
every component is looked at every 15 s for 5 s at most (PVE holds back a 401 for 3 s), and the last result is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Literal

from nightshift.api.service import Json, Probe, Service
from nightshift.errors import NightshiftError, SourceError, SourceForbidden, SourceUnsupported

ComponentStatus = Literal["ok", "degraded", "down", "not_configured"]

PROBE_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Component:
    """One line of `/health`. `checked_at` is None until the first look; `latency_ms` when there was no answer."""

    name: str
    status: ComponentStatus
    detail: str
    checked_at: datetime | None = None
    latency_ms: float | None = None

    def to_json(self) -> Json:
        return {
            "name": self.name,
            "status": self.status,
            "detail": self.detail,
            "checked_at": self.checked_at.isoformat(timespec="seconds") if self.checked_at else None,
            "latency_ms": self.latency_ms,
        }


class Health:
    """The last known state of every component. `probe_all` renews it; `to_json` only reads."""

    def __init__(self, service: Service, *, timeout_s: float = PROBE_TIMEOUT_S) -> None:
        self._service = service
        self._timeout_s = timeout_s
        self._components = tuple(_before_the_first_look(probe) for probe in service.probes)

    async def probe_all(self) -> None:
        """Look at every component at once; takes as long as the slowest, at most the timeout."""
        looked_at = await asyncio.gather(*(self._look(probe) for probe in self._service.probes))
        self._components = tuple(looked_at)

    @property
    def ready(self) -> bool:
        """Whether questions can be answered from something: looked at once, and not everything is down."""
        return self.status != "down" and all(
            component.checked_at or component.status == "not_configured" for component in self._components
        )

    @property
    def status(self) -> Literal["ok", "degraded", "down"]:
        return overall(self._components)

    def to_json(self, *, detailed: bool = True) -> Json:
        """The body of `GET /health`; without `detailed` it tells a stranger no more than the status."""
        return {
            "status": self.status,
            "version": self._service.version,
            "brain": dict(self._service.brain) if detailed else {},
            "components": [component.to_json() for component in self._components] if detailed else [],
        }

    async def _look(self, probe: Probe) -> Component:
        if probe.call is None:
            return Component(probe.name, "not_configured", probe.missing)
        started, now = perf_counter(), self._service.clock()
        try:
            async with asyncio.timeout(self._timeout_s):
                detail = await probe.call()
        except TimeoutError:
            return Component(probe.name, "down", f"No answer within {self._timeout_s:g} s.", now)
        except NightshiftError as error:
            return _failed(probe.name, error, now)
        latency_ms = round((perf_counter() - started) * 1000, 1)
        return Component(probe.name, "ok", detail, now, latency_ms)


def overall(components: Sequence[Component]) -> Literal["ok", "degraded", "down"]:
    """`down` when everything that is set up is down, `ok` when all of it is ok; nothing set up is `degraded`."""
    states = [component.status for component in components if component.status != "not_configured"]
    if states and all(state == "down" for state in states):
        return "down"
    return "ok" if states and all(state == "ok" for state in states) else "degraded"


def _before_the_first_look(probe: Probe) -> Component:
    if probe.call is None:
        return Component(probe.name, "not_configured", probe.missing)
    return Component(probe.name, "degraded", "Not looked at yet.")


def _failed(name: str, error: NightshiftError, now: datetime) -> Component:
    """A backend that answers, but not all: degraded. One that does not answer us at all: down."""
    if isinstance(error, SourceError):
        status: ComponentStatus = "degraded" if isinstance(error, SourceForbidden | SourceUnsupported) else "down"
        return Component(name, status, f"{error.detail} {error.fix or ''}".strip(), now)
    return Component(name, "down", str(error), now)
