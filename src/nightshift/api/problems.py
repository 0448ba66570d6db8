"""Errors as the API tells them: RFC 9457 `application/problem+json`, with a reason and never with a secret.

{"type": "urn:nightshift:problem:invalid-request", "title": "The request is not valid", "status": 422,
 "detail": "question: it is empty", "errors": [{"field": "question", "problem": "it is empty"}]}
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from nightshift.errors import BudgetExceeded, ConfigError, NightshiftError, StoreError, ToolInputError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
SAFE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every response: nothing here is a page, so a browser may neither sniff, frame, cache nor run it."""
_FIELD_CHARS = 80


def problem(
    status: int,
    slug: str,
    detail: str,
    *,
    title: str | None = None,
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> JSONResponse:
    """A problem response. `slug` becomes the last part of `type`; further members are added as they are."""
    body = problem_body(status, slug, detail, title=title, **members)
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def problem_body(
    status: int, slug: str, detail: str, *, title: str | None = None, **members: object
) -> dict[str, object]:
    return {
        "type": f"urn:nightshift:problem:{slug}",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **members,
    }


def body_of(error: Exception) -> dict[str, object]:
    """The problem that an error is, for the faces that cannot send a response of their own (a stream under way)."""
    if isinstance(error, ConfigError):
        return problem_body(
            500, "configuration", str(error), title="The configuration is not valid", variable=error.variable
        )
    if isinstance(error, BudgetExceeded | TimeoutError):
        return problem_body(504, "out-of-time", str(error) or "The question took too long.", title="Out of time")
    if isinstance(error, StoreError):
        return problem_body(503, "store", str(error), title="The data folder cannot be used")
    if isinstance(error, ToolInputError):
        return problem_body(422, "invalid-request", str(error), title="The request is not valid")
    if isinstance(error, NightshiftError):
        return problem_body(502, "source", str(error), title="A watched system did not answer")
    log.error("a request failed", exc_info=error)
    return problem_body(500, "bug", "Nightshift failed in a way that it should not; the server's log has the details.")


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem."""
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(NightshiftError, _failure)
    app.add_exception_handler(TimeoutError, _failure)
    app.add_exception_handler(Exception, _bug)


async def _failure(_request: Request, error: Exception) -> Response:
    body = body_of(error)
    return JSONResponse(body, status_code=int(str(body["status"])), media_type=MEDIA_TYPE)


async def _bug(request: Request, error: Exception) -> Response:
    """The last resort, outside of all middleware, hence the headers. The server closes the connection after it."""
    response = await _failure(request, error)
    response.headers.update({**SAFE_HEADERS, "Connection": "close"})
    return response


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    return problem(
        error.status_code, phrase.lower().replace(" ", "-"), str(error.detail), title=phrase, headers=error.headers
    )


async def _invalid_request(_request: Request, error: Exception) -> Response:
    """422 with a sentence per field, and 400 for a body that is not JSON. The input itself is not repeated."""
    assert isinstance(error, RequestValidationError)
    raw = error.errors()
    if any(item["type"] == "json_invalid" for item in raw):
        return problem(400, "malformed-json", "The body is not valid JSON.", title="The request is not valid")
    errors = [{"field": _field(item["loc"]), "problem": _sentence(item)} for item in raw]
    detail = "; ".join(f"{item['field']}: {item['problem']}" for item in errors[:5])
    return problem(422, "invalid-request", detail, title="The request is not valid", errors=errors)


def _field(location: Sequence[object]) -> str:
    return ".".join(str(part) for part in location[1:])[:_FIELD_CHARS] or str(location[0])


def _sentence(item: Mapping[str, object]) -> str:
    match item["type"]:
        case "missing":
            return "it is required"
        case "extra_forbidden":
            return "no such field"
        case "value_error":
            return str(item["msg"]).removeprefix("Value error, ")
        case "model_attributes_type" | "dict_type":
            return "a JSON object is expected, sent as application/json"
        case _:
            return str(item["msg"])
