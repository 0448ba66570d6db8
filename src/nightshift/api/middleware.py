"""The gate in front of every request: known host, valid key, bounded body, and headers that keep browsers at bay.

Plain ASGI, outermost first: a request that is refused here has not been read, parsed or routed.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from fastapi.responses import Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nightshift.api.access import Access, may
from nightshift.api.access import Scope as KeyScope
from nightshift.api.problems import SAFE_HEADERS, problem
from nightshift.settings import ApiKey

MAX_BODY_BYTES = 64 * 1024  # 4,000 characters, each escaped as a surrogate pair, and the rest of the object
_LINGER_BYTES = 64 * 1024 * 1024
_LINGER_S = 5.0


class SecurityHeaders:
    """Adds the headers to every answer, errors included. There are no CORS headers: other origins may not read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class Gate:
    """Refuses unknown hosts (421), missing or wrong keys (401), keys without the scope (403), huge bodies (422)."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        key = self.access.key_for(_presented_key(headers))
        refusal = self._refusal(scope, headers, key)
        if refusal is not None:
            await _refuse(refusal, receive, send)
            return
        scope.setdefault("state", {})["trusted"] = not self.access.keys or key is not None
        await _with_bounded_body(self.app, scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers, key: ApiKey | None) -> Response | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self.access.knows_host(hosts[0]):
            return problem(
                421,
                "unknown-host",
                "The Host header does not name this server. Use the address that it listens on (http://127.0.0.1 and"
                " its port), or have its operator add the name to NIGHTSHIFT_HOST_NAMES.",
                title="Unknown host",
            )
        refusal = self._key_refusal(scope, key)
        if refusal is not None:
            return refusal
        declared = headers.get("content-length", "0")
        return _too_large() if declared.isdigit() and int(declared) > MAX_BODY_BYTES else None

    def _key_refusal(self, scope: Scope, key: ApiKey | None) -> Response | None:
        """`/health` stays open for liveness probes; what it tells a stranger is decided there."""
        if not self.access.keys or scope["path"] == "/health":
            return None
        if key is None:
            return problem(
                401,
                "key-required",
                "A valid API key is required: send `Authorization: Bearer KEY` or `X-API-Key: KEY`.",
                title="API key required",
                headers={"WWW-Authenticate": "Bearer"},
            )
        needed: KeyScope = "ask" if scope["method"] not in ("GET", "HEAD") else "read"
        if not may(key, needed):
            return problem(
                403, "scope", f"The key '{key.name}' may {key.scope}, but not {needed}.", title="Scope missing"
            )
        return None


def _presented_key(headers: Headers) -> bytes | None:
    """The key as bytes, from either header; latin-1 is how HTTP carries what it does not understand."""
    bearer = headers.get("authorization", "")
    scheme, _, value = bearer.partition(" ")
    text = value.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "").strip()
    return text.encode("latin-1", errors="replace") or None


def _too_large() -> Response:
    return problem(
        422,
        "too-large",
        f"The body is larger than {MAX_BODY_BYTES // 1024} KiB. A question has at most 4,000 characters.",
        title="The request is too large",
    )


async def _with_bounded_body(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Count what arrives: a chunked body declares no length, and a declared one may lie.

    Above the bound the application is told that the client has gone, and what it says to that is dropped.
    """
    received_bytes = 0
    oversized = False

    async def counted() -> Message:
        nonlocal received_bytes, oversized
        message = await receive()
        received_bytes += len(message.get("body", b""))
        oversized = oversized or received_bytes > MAX_BODY_BYTES
        return {"type": "http.disconnect"} if oversized else message

    async def passed_on(message: Message) -> None:
        if not oversized:
            await send(message)

    await app(scope, counted, passed_on)
    if oversized:
        await _refuse(_too_large(), receive, send)


async def _refuse(response: Response, receive: Receive, send: Send) -> None:
    """Answer at once, then throw away what the client still sends, up to a bound.

    A connection that is closed on unread data is reset, and the client loses the answer that says why.
    """
    response.headers["Connection"] = "close"
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    await _drain(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _drain(receive: Receive) -> None:
    rest_bytes = _LINGER_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_S):
            while rest_bytes > 0:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
                rest_bytes -= len(message.get("body", b""))
