"""The reverse proxy in front of Prometheus: it passes everything on, unless a knob bends the answers."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp
from aiohttp import web

from nightshift_lab.knobs import Knobs, knob_middleware
from nightshift_lab.serving import LabServer

_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "host", "upgrade", "te"}
)
_STATUS_TEXT = {401: "401 Unauthorized", 403: "403 Forbidden", 500: "500 Internal Server Error"}


class PrometheusProxy:
    """Serves what `upstream` (the address of Prometheus, known once it runs) answers."""

    def __init__(self, upstream: Callable[[], str], knobs: Knobs) -> None:
        self._upstream = upstream
        self._session: aiohttp.ClientSession | None = None
        app = web.Application(middlewares=[knob_middleware(knobs, _proxy_error)], client_max_size=16 * 1024**2)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        self._server = LabServer(app, knobs)

    @property
    def url(self) -> str:
        return self._server.url

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(auto_decompress=True)
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()
        if self._session is not None:
            await self._session.close()

    async def _pass_on(self, request: web.Request) -> web.Response:
        if self._session is None:
            raise web.HTTPServiceUnavailable
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        try:
            async with self._session.request(
                request.method,
                f"{self._upstream()}{request.raw_path}",
                headers=headers,
                data=await request.read() if request.can_read_body else None,
                allow_redirects=False,
            ) as answer:
                kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
                return web.Response(status=answer.status, headers=kept, body=await answer.read())
        except (aiohttp.ClientError, TimeoutError):
            return web.Response(status=502, text="502 Bad Gateway")


async def _proxy_error(status: int, _detail: str) -> web.Response:
    """What a reverse proxy says itself: Prometheus knows no tokens."""
    headers = {"WWW-Authenticate": 'Basic realm="prometheus"'} if status == 401 else {}
    return web.Response(status=status, text=f"{_STATUS_TEXT.get(status, str(status))}\n", headers=headers)
