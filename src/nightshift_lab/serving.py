"""One listening server of the lab: an aiohttp application on a loopback port that knobs can close or re-certify."""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import Callable, Hashable

from aiohttp import web

from nightshift_lab.knobs import Knobs
from nightshift_lab.tls import Certificates

HOST = "127.0.0.1"
_POWER_EVERY_S = 1.0
_ANSWERS_KEPT = 24


class KeptAnswers:
    """Bodies of large answers, kept while their key is the same."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[Hashable, bytes] = OrderedDict()

    def answer(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        body = self._bodies.get(key)
        if body is None:
            body = self._bodies[key] = make()
            while len(self._bodies) > _ANSWERS_KEPT:
                self._bodies.popitem(last=False)
        return body


class LabServer:
    """Serves `app` on a free port of the loopback; keeps the port when it is closed and opened again.

    The knob `refuse` closes it, and so does a machine that is off: `powered` is asked every second.
    """

    def __init__(
        self,
        app: web.Application,
        knobs: Knobs,
        certificates: Certificates | None = None,
        powered: Callable[[], bool] | None = None,
    ) -> None:
        self.knobs = knobs
        self._powered = powered
        self._power_watch: asyncio.Task[None] | None = None
        self._certificates = certificates
        self._context: ssl.SSLContext | None = certificates.context() if certificates else None
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
        self._site: web.TCPSite | None = None
        self.port = 0
        knobs.watchers.append(self._obey_knobs)

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://{HOST}:{self.port}"

    @property
    def fingerprint(self) -> str | None:
        return self._certificates.valid.fingerprint if self._certificates else None

    async def start(self) -> None:
        await self._runner.setup()
        await self._listen()
        if self._powered is not None:
            await self._open_or_close()
            self._power_watch = asyncio.create_task(self._watch_power())

    async def stop(self) -> None:
        if self._power_watch is not None:
            self._power_watch.cancel()
            await asyncio.gather(self._power_watch, return_exceptions=True)
            self._power_watch = None
        self._drop_connections()
        await self._runner.cleanup()
        self._site = None

    async def _listen(self) -> None:
        self._site = web.TCPSite(self._runner, HOST, self.port, ssl_context=self._context, reuse_address=True)
        await self._site.start()
        if not self.port:
            self.port = int(self._runner.addresses[0][1])

    async def _obey_knobs(self) -> None:
        if self._context is not None and self._certificates is not None:
            self._certificates.present(self._context, expired=bool(self.knobs["expired_certificate"]))
        self._drop_connections()
        await self._open_or_close()

    async def _watch_power(self) -> None:
        while True:
            await asyncio.sleep(_POWER_EVERY_S)
            await self._open_or_close()

    async def _open_or_close(self) -> None:
        answers = not self.knobs["refuse"] and (self._powered is None or self._powered())
        self.knobs.closed = not answers
        if not answers and self._site is not None:
            self._drop_connections()
            await self._site.stop()
            self._site = None
        elif answers and self._site is None:
            await self._listen()

    def _drop_connections(self) -> None:
        """Connections kept alive from before would not notice a closed port or another certificate."""
        server = self._runner.server
        for connection in server.connections if server is not None else ():
            connection.force_close()
            if connection.transport is not None:
                connection.transport.close()
