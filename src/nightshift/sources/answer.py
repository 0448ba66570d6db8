"""One HTTP answer as the transport hands it on, and what its body says in words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from nightshift.sources.connection import SourceKind

_MESSAGE_LIMIT: Final = 300


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, reason phrase, the headers that matter (lower case) and the whole body, which is below its limit."""

    status: int
    reason: str
    content_type: str
    body: bytes
    location: str | None = None
    retry_after: str | None = None

    @property
    def is_web_page(self) -> bool:
        """Whether this is HTML: a sign-in page, a proxy's error, a web interface instead of an API."""
        start = self.body[:256].lstrip().lower()
        return start.startswith((b"<!doctype", b"<html", b"<head")) or (
            "text/html" in self.content_type and start.startswith(b"<")
        )

    @property
    def error_type(self) -> str | None:
        """Prometheus' own `errorType`, None when the answer is not from Prometheus itself."""
        value = _json_object(self.body).get("errorType")
        return value if isinstance(value, str) and value else None

    def message(self, kind: SourceKind) -> str:
        """What the server says went wrong: one line of plain text, bounded, empty when it says nothing.

        PVE: `message` and `errors` of the body, else the reason phrase (`message` exists since 2025 only). PBS: plain
        text labelled JSON. Grafana: `message`. Prometheus: `error`.
        """
        if self.is_web_page:
            return ""
        body = _json_object(self.body)
        if kind == "pve":
            return one_line(_pve_message(body) or self.reason)
        for name in ("message", "error"):
            if isinstance(body.get(name), str):
                return one_line(str(body[name]))
        return "" if body else one_line(self.body[:2000].decode("utf-8", "replace"))


def one_line(text: str) -> str:
    """A server's words, fit for a message: no control characters, no line breaks, at most 300 characters."""
    plain = re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", text).strip()
    return plain if len(plain) <= _MESSAGE_LIMIT else plain[: _MESSAGE_LIMIT - 1] + "…"


def _json_object(body: bytes) -> dict[str, object]:
    if not body.lstrip().startswith(b"{"):
        return {}
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _pve_message(body: dict[str, object]) -> str:
    parts = []
    if isinstance(body.get("message"), str):
        parts.append(str(body["message"]).strip())
    errors = body.get("errors")
    if isinstance(errors, dict):
        parts.extend(f"{name}: {str(problem).strip()}" for name, problem in errors.items())
    return " ".join(parts)
