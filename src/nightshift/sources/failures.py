"""Failures of the network, of TLS and of the HTTP protocol → the error tree, naming the variable to mend."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import httpx

from nightshift.errors import SourceError, SourceMalformed, SourceTimedOut, SourceUnreachable
from nightshift.sources.connection import Connection
from nightshift.sources.tls import FingerprintMismatch

_EXPIRED: Final = 10
_NOT_YET_VALID: Final = 9
_HOST_MISMATCH: Final = (62, 64)
_PLAIN_HTTP_REASONS: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST")


@dataclass(frozen=True, slots=True)
class Failure:
    """The error to raise, whether the same read may be tried again at once, and whether another address of the same
    system may still answer: nothing was sent, and nothing is suspicious."""

    error: SourceError
    retriable: bool
    elsewhere: bool = False


def of_network(connection: Connection, request: str, error: httpx.RequestError, connect_s: float) -> Failure:
    """What a failure below HTTP means. Timeouts are not retried: a backend that hangs must not hang three times."""
    tls_error = next((cause for cause in _causes(error) if isinstance(cause, ssl.SSLError)), None)
    if isinstance(tls_error, ssl.SSLError) and not isinstance(error, httpx.TimeoutException):
        return Failure(_of_tls(connection, request, tls_error), retriable=False)
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        silent = isinstance(error, httpx.ConnectTimeout)
        return Failure(_no_connection(connection, request, connect_s), retriable=False, elsewhere=silent)
    if isinstance(error, httpx.TimeoutException):
        return Failure(SourceTimedOut(connection.source, request, "stopped answering"), retriable=False)
    if isinstance(error, httpx.ConnectError):
        return _of_connect(connection, request, error)
    if isinstance(error, httpx.DecodingError):
        return Failure(
            SourceMalformed(connection.source, request, "sent a body that cannot be decompressed"), retriable=False
        )
    return _of_protocol(connection, request, error)


def of_all(connection: Connection, last: SourceError, silent: Collection[str]) -> SourceError:
    """What to say when a system was looked for at several addresses in vain; `last` is what the last one said."""
    if len(silent) < 2:
        return last
    hosts = ", ".join(way.host for way in connection.ways if way.base_url in silent)
    return SourceUnreachable(
        connection.source,
        last.request,
        f"none of its addresses answers ({hosts}); of the last: {last.detail}",
        fix=f"Check that one of them is up, {_url(connection)} and {connection.setting('FAILOVER_URLS')}.",
    )


def timed_out(connection: Connection, request: str, total_s: float, *, waited_for_slot: bool) -> SourceTimedOut:
    """No complete answer within the time that one request has, retries included."""
    if waited_for_slot:
        detail = f"was busy with other requests for {total_s:g} s"
    else:
        detail = f"gave no answer within {total_s:g} s"
    return SourceTimedOut(connection.source, request, detail, fix=f"Check {connection.host}, or {_url(connection)}.")


def _no_connection(connection: Connection, request: str, connect_s: float) -> SourceUnreachable:
    return SourceUnreachable(
        connection.source,
        request,
        f"no connection to {connection.host} within {connect_s:g} s",
        fix=f"Check that it is up and {_url(connection)} is right.",
    )


def _of_connect(connection: Connection, request: str, error: httpx.ConnectError) -> Failure:
    host_error = next((cause for cause in _causes(error) if isinstance(cause, socket.gaierror)), None)
    if host_error is not None:
        host = connection.host.rpartition(":")[0] or connection.host
        unknown = SourceUnreachable(
            connection.source, request, f"the host name {host} cannot be resolved", fix=f"Check {_url(connection)}."
        )
        passing = getattr(host_error, "errno", None) == socket.EAI_AGAIN
        return Failure(unknown, retriable=passing, elsewhere=True)
    refused = any(isinstance(cause, ConnectionRefusedError) for cause in _causes(error))
    detail = f"{connection.host} refused the connection" if refused else f"no connection to {connection.host}"
    fix = f"Check that it is up and the address and port in {_url(connection)}."
    return Failure(SourceUnreachable(connection.source, request, detail, fix=fix), retriable=True, elsewhere=True)


def _of_protocol(connection: Connection, request: str, error: httpx.RequestError) -> Failure:
    text = str(error)
    if "without sending complete message" in text or "incomplete chunked read" in text:
        cut = SourceMalformed(connection.source, request, "the answer was cut off before its end")
        return Failure(cut, retriable=True)
    silent = "without sending a response" in text or isinstance(error, httpx.ReadError | httpx.WriteError)
    if connection.tls_mode == "plain":
        fix = f"If {connection.host} speaks HTTPS, write https:// in {_url(connection)}."
    else:
        fix = f"Check that {_url(connection)} is the address of the API."
    if silent:
        dropped = SourceUnreachable(
            connection.source, request, f"{connection.host} closed the connection without an answer", fix=fix
        )
        return Failure(dropped, retriable=True)
    alien = SourceUnreachable(
        connection.source, request, f"{connection.host} does not speak HTTP on this port", fix=fix
    )
    return Failure(alien, retriable=False)


def _of_tls(connection: Connection, request: str, error: ssl.SSLError) -> SourceUnreachable:
    detail, fix = _tls_words(connection, error)
    return SourceUnreachable(connection.source, request, detail, fix=fix)


def _tls_words(connection: Connection, error: ssl.SSLError) -> tuple[str, str]:
    host, authority = connection.host, connection.setting("CA_CERT")
    pins = connection.kind in ("pve", "pbs")
    if isinstance(error, FingerprintMismatch):
        variable = connection.setting("FINGERPRINT")
        return (
            f"{host} showed a certificate with another fingerprint than the pinned one; the token was not sent",
            f"If the certificate was renewed, set {variable}={error.shown}; if not, find out who answers there.",
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in (_EXPIRED, _NOT_YET_VALID):
            state = "has expired" if error.verify_code == _EXPIRED else "is not valid yet"
            return f"the certificate of {host} {state}", f"Renew it, then check {authority} and the clocks."
        if error.verify_code in _HOST_MISMATCH:
            return (
                f"the certificate of {host} is for another name",
                f"Use in {_url(connection)} a name that the certificate carries"
                + (f", or pin it with {connection.setting('FINGERPRINT')}." if pins else "."),
            )
        pin = f", or pin the certificate with {connection.setting('FINGERPRINT')}" if pins else ""
        return (
            f"the certificate of {host} is not signed by a trusted authority",
            f"Set {authority} to the PEM file of its authority{pin}.",
        )
    if any(mark in (error.reason or str(error)) for mark in _PLAIN_HTTP_REASONS):
        return (
            f"{host} does not speak HTTPS on this port",
            f"If it speaks plain HTTP, write http:// in {_url(connection)}.",
        )
    return f"no secure connection to {host} ({error.reason or 'TLS failed'})", f"Check {_url(connection)}."


def _url(connection: Connection) -> str:
    return connection.setting("URL")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything behind it, groups of failed connection attempts included."""
    seen: set[int] = set()
    queue: list[BaseException] = [error]
    while queue:
        current = queue.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            queue.extend(current.exceptions)
        queue.extend(cause for cause in (current.__cause__, current.__context__) if cause is not None)
