"""Runs the API: from settings to a server that listens, and to a clean end on SIGTERM or Ctrl-C."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Protocol

import uvicorn

from nightshift import __version__
from nightshift.agent.answer import to_json
from nightshift.api.access import Access, check_binding
from nightshift.api.app import create_app
from nightshift.api.background import repeat, running
from nightshift.api.service import Event, Json, Probe, Service
from nightshift.errors import ConfigError
from nightshift.runtime import Runtime, open_runtime
from nightshift.settings import BrainSettings, Settings
from nightshift.store.conversations import ConversationNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nightshift.agent.agent import Agent

log = logging.getLogger(__name__)

_GRACE_S = 5
RUNBOOKS_INTERVAL_S = 15.0
_URL_VARIABLES = {"prometheus": "PROMETHEUS_URL", "grafana": "GRAFANA_URL", "pve": "PROXMOX_URL", "pbs": "PBS_URL"}


class Client(Protocol):
    """A client of a watched system, as far as a probe needs it."""

    @property
    def source(self) -> str: ...
    async def version(self) -> str: ...


def serve(settings: Settings, *, announce: Callable[[str], None] = print) -> None:
    """Serve until SIGTERM or Ctrl-C, then let open requests end (5 s at most) and return.

    `announce` is told the address when the port is open; port 0 takes a free one. Raises ConfigError when the server
    may not or cannot listen there, or cannot be set up.
    """
    server = settings.server
    check_binding(server.host, server.api_keys)
    with _listening(server.host, server.port) as listener, _ending_quietly():
        announce(f"Nightshift's API: {_url_of(listener)}")
        asyncio.run(_serve(settings, listener))


async def _serve(settings: Settings, listener: socket.socket) -> None:
    access = Access.of(settings.server.host, settings.server.api_keys, settings.server.host_names)
    async with _open_service(settings) as service:
        config = uvicorn.Config(
            create_app(service, access, sweep_interval_s=settings.sweep_interval_s),
            log_level=settings.log_level,
            access_log=settings.log_level in ("debug", "info"),
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
            lifespan="on",
        )
        await uvicorn.Server(config).serve(sockets=[listener])


@asynccontextmanager
async def _open_service(settings: Settings) -> AsyncIterator[Service]:
    async with open_runtime(settings) as runtime:
        for warning in runtime.warnings:
            log.warning("%s", warning)
        noticing = repeat("the look at the runbooks", partial(_notice_runbooks, runtime), RUNBOOKS_INTERVAL_S)
        making = asyncio.create_task(runtime.warm_up())  # seconds of imports: before the first question, not in it
        try:
            async with running(noticing):
                yield service_of(runtime, making)
        finally:
            making.cancel()
            with suppress(asyncio.CancelledError):
                await making


async def _notice_runbooks(runtime: Runtime) -> None:
    """Index what has changed in the runbooks, and make the vectors that are missing: seconds of work, in a thread."""
    search = await asyncio.to_thread(lambda: runtime.runbooks)
    synced = await asyncio.to_thread(search.refresh)
    if synced is None:
        return
    log.info("runbooks: %d changed, %d removed, %d sections", len(synced.changed), len(synced.removed), synced.sections)
    for trouble in synced.trouble:
        log.warning("runbooks: %s", trouble)


def service_of(runtime: Runtime, making: asyncio.Task[Agent]) -> Service:
    """What the API serves, from the parts of the runtime. `making` gives the agent when it is ready."""

    async def ask(
        question: str, *, conversation_id: str | None, fresh: bool, on_event: Callable[[Event], None] | None
    ) -> Json:
        agent = await asyncio.shield(making)
        answer = await agent.ask(question, conversation_id=conversation_id, fresh=fresh, on_event=on_event)
        return to_json(answer)

    async def recall(conversation_id: str) -> list[Json] | None:
        try:
            turns = await asyncio.to_thread(runtime.conversations.turns, conversation_id)
        except ConversationNotFound:
            return None
        return [dict(turn.answer) for turn in turns]

    return Service(
        ask=ask,
        sweeper=runtime.sweeper,
        recall=recall,
        probes=probes_of(runtime),
        brain=_brain(runtime.settings.brain),
        version=__version__,
        zone=runtime.settings.zone,
        clock=runtime.clock,
    )


def probes_of(runtime: Runtime) -> tuple[Probe, ...]:
    """A look at every configured system, a word about every kind that is not, and the store."""
    sources = runtime.sources
    clients: dict[str, tuple[Client, ...]] = {
        "prometheus": sources.prometheus,
        "grafana": sources.grafana,
        "pve": sources.pve,
        "pbs": sources.pbs,
    }
    probes: list[Probe] = []
    for kind, variable in _URL_VARIABLES.items():
        probes += [Probe(client.source, _version_of(client.version)) for client in clients[kind]]
        if not clients[kind]:
            probes.append(Probe(kind, missing=f"Not set up; {variable} would."))
    return (*probes, Probe("store", _store_probe(runtime)))


def _version_of(version: Callable[[], Awaitable[str]]) -> Callable[[], Awaitable[str]]:
    async def probe() -> str:
        return f"version {await version()}"

    return probe


def _store_probe(runtime: Runtime) -> Callable[[], Awaitable[str]]:
    async def probe() -> str:
        count = await asyncio.to_thread(runtime.conversations.count)
        return f"{count} conversation" + ("" if count == 1 else "s")

    return probe


def _brain(settings: BrainSettings) -> dict[str, str]:
    if settings.uses_model:
        return {"kind": "model", "name": settings.model}
    return {"kind": "builtin", "name": "built-in"}


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The open port, closed at the end. Bound here, so that a port in use is a setting to mend and no traceback."""
    bare = host.strip("[]")
    try:
        family, *_, address = socket.getaddrinfo(bare, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server(address[:2], family=family, backlog=128)
    except socket.gaierror as error:
        raise ConfigError("NIGHTSHIFT_HOST", "this machine cannot resolve the name", "127.0.0.1") from error
    except OSError as error:
        reason = (error.strerror or "it failed").lower()
        raise ConfigError(
            "NIGHTSHIFT_PORT", f"cannot listen on {bare} port {port}: {reason}; choose another", "8010"
        ) from error
    with listener:
        yield listener


@contextmanager
def _ending_quietly() -> Iterator[None]:
    """Uvicorn ends its work on a signal and then raises the signal again: here a signal is a normal end."""

    def ignore(_signal: int, _frame: FrameType | None) -> None:
        """The server has ended already; the caller cleans up and returns."""

    kept = {number: signal.signal(number, ignore) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
