"""The one HTTP door to the watched systems: GET, and POST for Prometheus' queries, and nothing else.

It owns authentication, TLS, timeouts, retries, concurrency and size limits, and maps every failure to the error tree.
Nothing in it can change a watched system.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections import Counter
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError

from nightshift import __version__
from nightshift.errors import SourceError, SourceMalformed, SourceTooLarge
from nightshift.facts.units import format_bytes
from nightshift.sources import failures
from nightshift.sources.answer import HttpAnswer
from nightshift.sources.connection import Connection
from nightshift.sources.endpoint import MEBIBYTE, Endpoint, Shape
from nightshift.sources.statuses import of_status, web_page
from nightshift.sources.tls import tls_context
from nightshift.sources.wire import first_problem

Params = Mapping[str, str | int]

QUERY_PATHS: Final = ("/api/v1/query", "/api/v1/query_range")
_API_ROOTS: Final = {"pve": "/api2/json", "pbs": "/api2/json", "prometheus": "", "grafana": ""}
_RETRIED_STATUSES: Final = frozenset({429, 502, 503, 504})
_ERROR_BODY_BYTES: Final = 64 << 10
_OFF_LOOP_BYTES: Final = MEBIBYTE


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often. `total_s` bounds one read with its retries and its wait for a free connection."""

    connect_s: float = 3.0
    total_s: float = 6.0
    attempts: int = 3
    backoff_s: float = 0.2
    concurrency: int = 6


in_slow_lane: ContextVar[bool] = ContextVar("in_slow_lane", default=False)
"""Whether what is sent now is of the slow lane: one item of it may take several requests."""


@dataclass(slots=True)
class TransportStats:
    """What went over the wire so far; `slow` of the requests were sent `in_slow_lane`, `by_endpoint` counts by path
    template, `bytes_received` before unpacking."""

    requests: int = 0
    slow: int = 0
    retries: int = 0
    bytes_received: int = 0
    by_endpoint: Counter[str] = field(default_factory=Counter)


class WriteRefused(AssertionError):
    """A bug: this program tried to send what is not a read, or to another host."""


class ReadOnlyDoor(httpx.AsyncBaseTransport):
    """Lets reads to the addresses of one system through and refuses everything else, whoever sends it."""

    def __init__(self, network: httpx.AsyncBaseTransport, connection: Connection) -> None:
        self._network = network
        ways = [urlsplit(way.base_url) for way in connection.ways]
        self._origins = {(way.scheme, way.netloc) for way in ways}
        self._query_urls = {way.path + path for way in ways for path in QUERY_PATHS if connection.kind == "prometheus"}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        is_query = request.method == "POST" and request.url.path in self._query_urls
        if request.method != "GET" and not is_query:
            raise WriteRefused(f"{request.method} {request.url.path} is not a read")
        if urlsplit(str(request.url))[:2] not in self._origins:
            raise WriteRefused(f"{request.url.host} is no address of this system")
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        await self._network.aclose()


@dataclass(slots=True)
class _Session:
    """A client and its slots belong to one event loop."""

    loop: asyncio.AbstractEventLoop
    client: httpx.AsyncClient
    slots: asyncio.Semaphore


@dataclass(slots=True)
class _Read:
    """One read under way: `GET /version`, what goes with it, its time, whether it ever got a connection, and which
    addresses of the system did not answer it."""

    request: str
    values: Params
    total_s: float
    was_sent: bool = False
    silent: set[str] = field(default_factory=set)


class Transport:
    """Reads from one watched system. Safe to share between tasks; may be made before there is an event loop."""

    def __init__(
        self,
        connection: Connection,
        *,
        patience: Patience = Patience(),
        network: Callable[[], httpx.AsyncBaseTransport] | None = None,
    ) -> None:
        """Raises ConfigError when the CA file cannot be used. `network` replaces the real one in tests."""
        self.connection = connection
        self.patience = patience
        self.stats = TransportStats()
        self._tls = tls_context(connection) if connection.tls_mode != "plain" else None
        self._network = network or self._real_network
        self._open: _Session | None = None
        self._way = connection

    async def get(
        self,
        endpoint: Endpoint[Shape],
        *,
        params: Params | None = None,
        timeout_s: float | None = None,
        **pieces: str | int,
    ) -> Shape:
        """Read one endpoint and check its shape. `pieces` fill the path, `timeout_s` replaces the usual total.

        Raises a SourceError, or ToolInputError when a piece cannot be part of a path.
        """
        return await self._read("GET", endpoint, endpoint.path(**pieces), params or {}, timeout_s)

    async def query(self, endpoint: Endpoint[Shape], form: Params, *, timeout_s: float | None = None) -> Shape:
        """Send one of Prometheus' queries as a form, which has no limit of length. Raises a SourceError."""
        if self.connection.kind != "prometheus" or endpoint.template not in QUERY_PATHS:
            raise WriteRefused(f"POST {endpoint.template} is not a query")
        return await self._read("POST", endpoint, endpoint.template, form, timeout_s)

    async def aclose(self) -> None:
        """Close every connection. The transport opens new ones when it is used again."""
        session, self._open = self._open, None
        if session and session.loop is asyncio.get_running_loop():
            await session.client.aclose()

    @property
    def way(self) -> Connection:
        """The connection as it is used now: by its usual address, or by the one that answered when that did not."""
        return self._way

    def __repr__(self) -> str:
        return f"Transport({self.connection.source!r}, {self.connection.base_url!r})"

    async def _read(
        self, method: str, endpoint: Endpoint[Shape], path: str, values: Params, timeout_s: float | None
    ) -> Shape:
        read = _Read(f"{method} {path}", values, timeout_s or self.patience.total_s)
        try:
            async with asyncio.timeout(read.total_s) as deadline:
                answer = await self._persist(read, endpoint)
                return await self._checked(read.request, endpoint, answer)
        except TimeoutError:
            if not deadline.expired():
                raise
            way = self._way
            if read.was_sent:
                self._turn_from(way, read.silent)  # for the reads to come: this one has no time left
            raise failures.timed_out(way, read.request, read.total_s, waited_for_slot=not read.was_sent) from None

    async def _persist(self, read: _Read, endpoint: Endpoint[Shape]) -> HttpAnswer:
        """Send a read until it gives an answer worth keeping, or neither attempts nor time are left."""
        session = self._session()
        gives_up_at = session.loop.time() + read.total_s
        attempt = 0
        while True:
            attempt += 1
            pause_s = self.patience.backoff_s * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)
            is_last = attempt >= self.patience.attempts
            way = self._way
            try:
                async with session.slots:
                    read.was_sent = True
                    answer = await self._exchange(session.client, way, read, endpoint)
            except httpx.RequestError as error:
                failure = failures.of_network(way, read.request, error, self.patience.connect_s)
                if failure.elsewhere and self._turn_from(way, read.silent):
                    attempt -= 1
                    pause_s = 0.0
                elif is_last or not failure.retriable or session.loop.time() + pause_s >= gives_up_at:
                    raise failures.of_all(self.connection, failure.error, read.silent) from error
            else:
                pause_s = _asked_pause_s(answer, pause_s)
                is_final = answer.status not in _RETRIED_STATUSES or answer.error_type is not None
                if is_last or is_final or session.loop.time() + pause_s >= gives_up_at:
                    return answer
            self.stats.retries += 1
            await asyncio.sleep(pause_s)

    def _turn_from(self, way: Connection, silent: set[str]) -> bool:
        """Note that a way leads nowhere, and take the next one for all reads from now on; False when none is left."""
        silent.add(way.base_url)
        left = [other for other in self.connection.ways if other.base_url not in silent]
        if left and self._way.base_url in silent:
            self._way = left[0]
        return bool(left)

    async def _exchange(
        self, client: httpx.AsyncClient, way: Connection, read: _Read, endpoint: Endpoint[Shape]
    ) -> HttpAnswer:
        method, _, path = read.request.partition(" ")
        self.stats.requests += 1
        self.stats.slow += in_slow_lane.get()
        self.stats.by_endpoint[endpoint.template] += 1
        url = way.base_url + _API_ROOTS[way.kind] + path
        timeout = httpx.Timeout(read.total_s, connect=min(self.patience.connect_s, read.total_s))
        form = dict(read.values) if method == "POST" else None
        query = dict(read.values) if method == "GET" and read.values else None
        async with client.stream(method, url, params=query, data=form, timeout=timeout) as response:
            is_good = response.is_success
            try:
                body = await self._body(response, read.request, endpoint.max_bytes, is_good)
            finally:
                self.stats.bytes_received += response.num_bytes_downloaded
        return HttpAnswer(
            status=response.status_code,
            reason=response.reason_phrase,
            content_type=response.headers.get("content-type", "").lower(),
            body=body,
            location=response.headers.get("location"),
            retry_after=response.headers.get("retry-after"),
        )

    async def _body(self, response: httpx.Response, request: str, max_bytes: int, is_good: bool) -> bytes:
        """The body up to its limit. A larger answer is an error before it is read; a larger error text is cut."""
        limit = max_bytes if is_good else _ERROR_BODY_BYTES
        declared = response.headers.get("content-length", "")
        if is_good and declared.isdigit() and int(declared) > limit:
            raise self._too_large(request, limit)
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > limit:
                if is_good:
                    raise self._too_large(request, limit)
                break
        return bytes(body) if len(body) <= limit else bytes(body[:limit])

    async def _checked(self, request: str, endpoint: Endpoint[Shape], answer: HttpAnswer) -> Shape:
        if not 200 <= answer.status < 300:
            raise of_status(self._way, request, answer)
        if answer.is_web_page:
            raise web_page(self._way, request)
        try:
            if len(answer.body) > _OFF_LOOP_BYTES:
                return await asyncio.to_thread(endpoint.parse, answer.body)
            return endpoint.parse(answer.body)
        except ValidationError as error:
            raise self._malformed(request, answer, error) from None

    def _malformed(self, request: str, answer: HttpAnswer, error: ValidationError) -> SourceError:
        if not answer.body:
            detail = "sent an empty answer"
        elif error.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid":
            detail = "sent something that is not complete JSON"
        else:
            detail = f"sent an answer of an unexpected shape: {first_problem(error)}"
        fix = f"Check that {self.connection.setting('URL')} leads to the right service."
        return SourceMalformed(self.connection.source, request, detail, fix=fix)

    def _too_large(self, request: str, limit: int) -> SourceTooLarge:
        return SourceTooLarge(self.connection.source, request, f"sent more than {format_bytes(limit)}; it was not read")

    def _session(self) -> _Session:
        loop = asyncio.get_running_loop()
        if self._open is None or self._open.loop is not loop:
            client = httpx.AsyncClient(
                transport=ReadOnlyDoor(self._network(), self.connection),
                headers={
                    "Accept": "application/json",
                    "Accept-Encoding": "gzip",
                    "User-Agent": f"nightshift/{__version__}",
                    **self.connection.headers(),
                },
                follow_redirects=False,
                trust_env=False,
            )
            self._open = _Session(loop, client, asyncio.Semaphore(self.patience.concurrency))
        return self._open

    def _real_network(self) -> httpx.AsyncBaseTransport:
        limits = httpx.Limits(max_connections=self.patience.concurrency, keepalive_expiry=30.0)
        verify: ssl.SSLContext | bool = self._tls if self._tls is not None else False
        return httpx.AsyncHTTPTransport(verify=verify, trust_env=False, http2=False, limits=limits)


def _asked_pause_s(answer: HttpAnswer, usual_s: float) -> float:
    """The server's Retry-After in seconds when it gives one; a date is not worth parsing for a pause this short."""
    asked = (answer.retry_after or "").strip()
    return max(float(asked), usual_s) if asked.isdigit() else usual_s
