"""One listening server of the lab: an aiohttp application on a loopback port that knobs can close or re-certify."""

from __future__ import annotations

import ssl

from aiohttp import web

from nightshift_lab.knobs import Knobs
from nightshift_lab.tls import Certificates

HOST = "127.0.0.1"


class LabServer:
    """Serves `app` on a free port of the loopback; keeps the port when the knob `refuse` closes and opens it again."""

    def __init__(self, app: web.Application, knobs: Knobs, certificates: Certificates | None = None) -> None:
        self.knobs = knobs
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

    async def stop(self) -> None:
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
        if self.knobs["refuse"] and self._site is not None:
            await self._site.stop()
            self._site = None
        elif not self.knobs["refuse"] and self._site is None:
            await self._listen()

    def _drop_connections(self) -> None:
        """Connections kept alive from before would not notice a closed port or another certificate."""
        server = self._runner.server
        for connection in server.connections if server is not None else ():
            connection.force_close()
            if connection.transport is not None:
                connection.transport.close()
