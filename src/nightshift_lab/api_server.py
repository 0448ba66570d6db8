"""What the servers of PVE and PBS have in common: a port with knobs, tokens, a clock, answers kept for a while."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from aiohttp import web

from nightshift_lab.access import Delays, Token
from nightshift_lab.endpoints import Endpoint
from nightshift_lab.knobs import Knobs, knob_middleware
from nightshift_lab.serving import KeptAnswers, LabServer
from nightshift_lab.tls import Certificates
from nightshift_lab.world.current import WorldHolder

API_PREFIX = "/api2/json"


class ApiServer(ABC):
    """Serves an API on loopback over HTTPS. The first token is the one that `endpoint` hands out."""

    def __init__(
        self,
        holder: WorldHolder,
        knobs: Knobs,
        certificates: Certificates,
        tokens: tuple[Token, ...],
        delays: Delays | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.holder = holder
        self.knobs = knobs
        self.delays = delays or Delays()
        self.clock = clock
        self.kept = KeptAnswers()
        self._tokens = {token.id: token for token in tokens}
        self._first = tokens[0]
        app = web.Application(middlewares=[knob_middleware(knobs, self.knob_error)])
        app.router.add_route("*", "/{path:.*}", self.answer)
        self.server = LabServer(app, knobs, certificates, self.powered)

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.server.url, self._first.id, self._first.secret, self.fingerprint)

    @property
    def fingerprint(self) -> str:
        """Of the certificate that it presents."""
        return self.server.fingerprint or ""

    async def start(self) -> None:
        await self.server.start()

    async def stop(self) -> None:
        await self.server.stop()

    def token(self, token_id: str) -> Token | None:
        """The token of that name; None when there is none."""
        return self._tokens.get(token_id)

    def in_force(self, token: Token) -> Token:
        """A token without the privilege that a knob takes away."""
        lost = self.knobs["error403"]
        return token.without(lost) if isinstance(lost, str) else token

    @abstractmethod
    async def answer(self, request: web.Request) -> web.Response:
        """The response to any request."""

    @abstractmethod
    def powered(self) -> bool:
        """Whether the machine is on: else the port is closed."""

    @abstractmethod
    async def knob_error(self, status: int, detail: str, /) -> web.Response:
        """How it words an error that a knob asks for."""
