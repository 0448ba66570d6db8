"""Who answers questions, and whether the model's server is there and knows the model."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from nightshift.sweep.doctor_lines import Line

_OPENAI = "https://api.openai.com/v1"
_TIMEOUT_S = 6.0
_MAX_BYTES = 2 << 20


@dataclass(frozen=True, slots=True)
class ModelServer:
    """An OpenAI-compatible server. `base_url` None means OpenAI itself; a local one needs no key."""

    model: str
    base_url: str | None
    api_key: SecretStr | None


class _Model(BaseModel):
    id: str


class _Models(BaseModel):
    data: list[_Model]


async def brain_line(server: ModelServer | None) -> tuple[Line, ...]:
    """One line about the brain. `server` None means that the built-in brain answers by the operator's choice."""
    if server is None:
        return (Line("brain", "model", "ok", "the built-in brain answers; it needs no network"),)
    where = urlsplit(server.base_url or _OPENAI).hostname or "the model's server"
    try:
        response = await _ask(server)
    except (httpx.HTTPError, httpx.InvalidURL):
        return (_worse(f"{where} cannot be reached; the built-in brain answers instead", "OPENAI_BASE_URL"),)
    if response.status_code in (401, 403):
        return (_worse(f"{where} does not accept the key; the built-in brain answers instead", "OPENAI_API_KEY"),)
    if response.status_code != 200:
        text = (
            f"{where} does not list its models (HTTP {response.status_code}); whether it has {server.model} is unknown"
        )
        return (_worse(text, "OPENAI_BASE_URL"),)
    return (_listed_line(server, where, response.content[:_MAX_BYTES]),)


async def _ask(server: ModelServer) -> httpx.Response:
    headers = {"Authorization": f"Bearer {server.api_key.get_secret_value()}"} if server.api_key else {}
    async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=True) as client:
        return await client.get(f"{(server.base_url or _OPENAI).rstrip('/')}/models", headers=headers)


def _listed_line(server: ModelServer, where: str, body: bytes) -> Line:
    try:
        models = [model.id for model in _Models.model_validate_json(body).data]
    except ValidationError:
        return _worse(f"{where} answers, but not like an OpenAI-compatible server", "OPENAI_BASE_URL")
    if server.model in models or f"{server.model}:latest" in models:
        return Line("brain", "model", "ok", f"{server.model} at {where}; the built-in brain is its deputy")
    some = ", ".join(models[:5]) or "none"
    return _worse(f"{where} has no model {server.model}; it has {some}", "OPENAI_MODEL")


def _worse(text: str, variable: str) -> Line:
    return Line("brain", "model", "warn", text, variable=variable)
