"""Knobs: what an operator of the lab can make each backend do to its clients while it runs.

A knob bends how a backend answers, not what is true: slow, hanging, broken bodies, wrong certificates. What is true
is bent by faults (`world/faults.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

Backend = Literal["pve", "pbs", "prometheus", "grafana"]
KnobValue = bool | float | str

KNOBS: dict[str, str] = {
    "slow": "answer after so many milliseconds",
    "hang": "accept the request and never answer",
    "error500": "answer 500 to everything",
    "error401": "refuse the token",
    "error403": "take a privilege away, e.g. Sys.Audit; without a value refuse everything",
    "malformed": "answer with JSON that does not parse",
    "truncated": "announce the whole body, send half, close",
    "html": "answer with an HTML page and status 200, as a login portal does",
    "huge": "answer with so many megabytes (50)",
    "expired_certificate": "present a certificate that has run out",
    "refuse": "close the listening port",
}
_DEFAULTS: dict[str, KnobValue] = {"slow": 2_000.0, "huge": 50.0}
_CHUNK = b'{"padding":"' + b"x" * 65_520 + b'"},'


class KnobUnknown(ValueError):
    """A knob, backend or value that does not exist; the message lists those that do."""


class ErrorBodies(Protocol):
    """How a backend words its errors."""

    async def __call__(self, status: int, detail: str, /) -> web.Response: ...


@dataclass
class Knobs:
    """The knobs of one backend. `latency_ms` is added to every answer, always.

    `watchers` are called after each change (a server opens or closes its port then). `closed` is whether that port is
    closed on purpose.
    """

    backend: Backend
    encrypted: bool
    latency_ms: float = 0.0
    closed: bool = False
    _turned: dict[str, KnobValue] = field(default_factory=dict)
    watchers: list[Callable[[], Awaitable[None]]] = field(default_factory=list, repr=False)

    async def turn(self, knob: str, value: object = None) -> None:
        """Turn a knob: no value is its default, False or "off" turns it back. Raises KnobUnknown."""
        if knob not in KNOBS:
            raise KnobUnknown(f"unknown knob {knob!r}; there are: {', '.join(KNOBS)}")
        if knob == "expired_certificate" and not self.encrypted:
            raise KnobUnknown(f"{self.backend} is served without TLS: it has no certificate to expire")
        if value is False or value in ("off", "false", "0"):
            self._turned.pop(knob, None)
        else:
            self._turned[knob] = _parsed(knob, value)
        for watcher in self.watchers:
            await watcher()

    def __getitem__(self, knob: str) -> KnobValue | None:
        """The value that a knob is turned to; None when it is not turned."""
        return self._turned.get(knob)

    def turned(self) -> dict[str, KnobValue]:
        return dict(self._turned)


def _parsed(knob: str, value: object) -> KnobValue:
    if knob in _DEFAULTS:
        if value is None or value is True or value == "on":
            return _DEFAULTS[knob]
        try:
            number = float(str(value))
        except ValueError as error:
            raise KnobUnknown(f"{knob} takes a number, not {str(value)!r}") from error
        if number < 0:
            raise KnobUnknown(f"{knob} takes a number that is not negative")
        return number
    if knob == "error403" and isinstance(value, str) and value not in ("on", "true", "1"):
        return value
    if value in (None, True, "on", "true", "1"):
        return True
    raise KnobUnknown(f"{knob} takes on or off, not {str(value)!r}")


def knob_middleware(knobs: Knobs, errors: ErrorBodies) -> Middleware:
    """The aiohttp middleware that obeys the knobs.

    `error403` with a privilege as its value is the business of the backend's own permission checks, not of this.
    """

    @web.middleware
    async def obey(request: web.Request, handler: Handler) -> web.StreamResponse:
        delay_ms = knobs["slow"]
        wait_ms = knobs.latency_ms + (delay_ms if isinstance(delay_ms, float) else 0.0)
        if wait_ms:
            await asyncio.sleep(wait_ms / 1_000.0)
        if knobs["hang"]:
            await asyncio.sleep(3_600.0)
        for knob, status in (("error500", 500), ("error401", 401)):
            if knobs[knob]:
                return await errors(status, f"knob {knob}")
        if knobs["error403"] is True:
            return await errors(403, "")
        megabytes = knobs["huge"]
        if isinstance(megabytes, float):
            return await _stream(request, _huge(megabytes))
        return _spoiled(request, knobs, await handler(request))

    return obey


def _spoiled(request: web.Request, knobs: Knobs, response: web.StreamResponse) -> web.StreamResponse:
    if knobs["html"]:
        page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"
        return web.Response(text=page, content_type="text/html")
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes | bytearray):
        return response
    if knobs["malformed"]:
        cut = response.body[: max(1, len(response.body) - 2)]
        return web.Response(body=bytes(cut) + b',,"', content_type="application/json")
    if knobs["truncated"]:
        return _Truncated(bytes(response.body), request)
    return response


class _Truncated(web.StreamResponse):
    """Announces a whole body, sends half of it and drops the connection."""

    def __init__(self, body: bytes, request: web.Request) -> None:
        super().__init__(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
        self._half = body[: len(body) // 2]
        self._request = request

    async def write_eof(self, _data: bytes = b"") -> None:
        await self.write(self._half)
        transport = self._request.transport
        if transport is not None:
            transport.close()


async def _huge(megabytes: float) -> AsyncIterator[bytes]:
    yield b'{"data":['
    for _ in range(int(megabytes * 1_000_000 / len(_CHUNK)) + 1):
        yield _CHUNK
    yield b"null]}"


async def _stream(request: web.Request, chunks: AsyncIterator[bytes]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    async for chunk in chunks:
        await response.write(chunk)
    await response.write_eof()
    return response
