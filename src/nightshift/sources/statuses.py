"""HTTP statuses → the error tree, with the words of each backend and what would mend it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urljoin, urlsplit

from nightshift.errors import (
    SourceError,
    SourceFailed,
    SourceForbidden,
    SourceMalformed,
    SourceTimedOut,
    SourceUnauthorized,
    SourceUnreachable,
    SourceUnsupported,
)
from nightshift.sources.answer import HttpAnswer, one_line
from nightshift.sources.connection import Connection

_PRIVILEGE_PATTERNS: Final = (
    re.compile(r"Permission check failed \((?P<path>/[^,)]*), (?P<privilege>[\w.|,; ]+)\)"),  # PVE
    re.compile(r"missing (?:permissions? )?'?(?P<privilege>[\w.|]+)'? on '?(?P<path>/[\w./-]*)'?"),  # PBS
    re.compile(r"Permissions? needed: (?P<privilege>[\w.:*, -]+)(?P<path>)"),  # Grafana
)
_PEER_STATUSES: Final = frozenset({595, 596, 597, 599})
_WRONG_SCHEME_WORDS: Final = ("http request to an https", "plain http request was sent to https")


def of_status(connection: Connection, request: str, answer: HttpAnswer) -> SourceError:
    """The error that an answer other than 2xx means. The caller raises it."""
    words = connection.scrub(answer.message(connection.kind))
    if 300 <= answer.status < 400:
        return _redirected(connection, request, answer)
    by_status: dict[int, Callable[[Connection, str, str], SourceError]] = {
        401: _unauthorized,
        403: _forbidden,
        404: _unsupported,
        405: _unsupported,
        501: _unsupported,
    }
    if answer.status in by_status:
        return by_status[answer.status](connection, request, words)
    if answer.status in _PEER_STATUSES and connection.kind == "pve":
        return _peer_unreachable(connection, request, answer.status, words)
    if answer.status == 400 and any(
        mark in answer.body[:500].decode("latin-1").lower() for mark in _WRONG_SCHEME_WORDS
    ):
        return SourceUnreachable(
            connection.source,
            request,
            f"{connection.host} expects HTTPS on this port",
            fix=f"Write https:// in {connection.setting('URL')}.",
        )
    return _failed(connection, request, answer, words)


def web_page(connection: Connection, request: str) -> SourceMalformed:
    """HTML came where JSON was promised."""
    return SourceMalformed(
        connection.source,
        request,
        f"{connection.host} answered with a web page instead of its API",
        fix=f"Check {connection.setting('URL')}: it must lead to the API itself, past any sign-in page or other site.",
    )


def privilege_in(words: str) -> str | None:
    """The privilege that a refusal names: `Permission check failed (/vms/100, VM.Audit)` → `VM.Audit on /vms/100`."""
    for pattern in _PRIVILEGE_PATTERNS:
        match = pattern.search(words)
        if match:
            privilege = " or ".join(part.strip() for part in match["privilege"].split("|")).strip(" .")
            return f"{privilege} on {match['path']}" if match["path"] else privilege
    return None


def _redirected(connection: Connection, request: str, answer: HttpAnswer) -> SourceUnreachable:
    target = urlsplit(urljoin(f"{connection.base_url}/", answer.location or ""))
    own = urlsplit(connection.base_url)
    variable = connection.setting("URL")
    place = one_line(f"{target.scheme}://{target.netloc.rpartition('@')[2]}{target.path}")
    if answer.location is None:
        return SourceUnreachable(
            connection.source, request, "answered with a redirect that leads nowhere", fix=f"Check {variable}."
        )
    asked = request.partition(" ")[2]
    if target.netloc != own.netloc or target.scheme != own.scheme or target.path.endswith(asked):
        base = one_line(place.removesuffix(asked)).removesuffix("/api2/json")
        fix = f"Redirects are not followed, as they could carry the token away. If it is right, set {variable}={base}"
    else:
        fix = f"A sign-in page may stand in front of it. Set {variable} to the address of the API itself."
    return SourceUnreachable(connection.source, request, f"redirects to {place}", fix=fix)


def _unauthorized(connection: Connection, request: str, words: str) -> SourceUnauthorized:
    if connection.auth is None:
        detail, fix = "wants credentials", f"Set {connection.token_setting}."
    else:
        detail, fix = "did not accept the credentials", f"Check {connection.token_setting}."
    return SourceUnauthorized(connection.source, request, _with(detail, words), fix=fix)


def _forbidden(connection: Connection, request: str, words: str) -> SourceForbidden:
    privilege = privilege_in(words)
    if privilege is None:
        fix = f"Check the privileges of the token in {connection.token_setting}."
    elif connection.kind in ("pve", "pbs"):
        fix = f"Grant {privilege} to the token and to its user."
    else:
        fix = f"Grant {privilege}."
    return SourceForbidden(
        connection.source, request, _with("the token lacks a privilege", words), fix=fix, privilege=privilege
    )


def _unsupported(connection: Connection, request: str, words: str) -> SourceUnsupported:
    fix = None
    if connection.kind in ("prometheus", "grafana"):
        fix = f"If this version has it, check the path in {connection.setting('URL')}."
    return SourceUnsupported(connection.source, request, _with("does not know this request", words), fix=fix)


def _peer_unreachable(connection: Connection, request: str, status: int, words: str) -> SourceUnreachable:
    node = re.search(r"/nodes/([^/ ?]+)", request)
    name = f"node {node[1]}" if node else "a cluster member"
    detail = f"{connection.host} could not reach {name} ({status})"
    return SourceUnreachable(connection.source, request, _with(detail, words))


def _failed(connection: Connection, request: str, answer: HttpAnswer, words: str) -> SourceError:
    if answer.error_type == "timeout":
        return SourceTimedOut(connection.source, request, _with("gave up on the query", words))
    status = answer.status
    rejected = 400 <= status < 500 and status != 429
    if status == 429:
        detail = "asks to slow down (429)"
    elif rejected:
        detail = f"refused the request ({status})"
    elif status in (502, 503, 504):
        detail = f"is not available ({status})"
    else:
        detail = f"failed ({status})"
    return SourceFailed(connection.source, request, _with(detail, words), status=status, rejected=rejected)


def _with(detail: str, words: str) -> str:
    return f"{detail}: {words}" if words else detail
