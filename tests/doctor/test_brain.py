"""Who answers: the built-in brain, or a model whose server is asked for its models."""

from __future__ import annotations

import httpx
import pytest
import respx
from pydantic import SecretStr

from nightshift.sweep.doctor_brain import ModelServer, brain_line

SERVER = ModelServer("qwen3:14b", "http://127.0.0.1:11434/v1", SecretStr("sk-s3cr3t"))
LISTED = {"data": [{"id": "llama"}, {"id": "qwen3:14b"}]}

STATES = [
    (httpx.Response(200, json=LISTED), "ok", None, "qwen3:14b at 127.0.0.1"),
    (
        httpx.Response(200, json={"data": [{"id": "llama"}]}),
        "warn",
        "OPENAI_MODEL",
        "has no model qwen3:14b; it has llama",
    ),
    (httpx.Response(200, json={"data": []}), "warn", "OPENAI_MODEL", "it has none"),
    (httpx.Response(200, text="<html>"), "warn", "OPENAI_BASE_URL", "not like an OpenAI-compatible server"),
    (httpx.Response(401, text="sk-s3cr3t is wrong"), "warn", "OPENAI_API_KEY", "does not accept the key"),
    (httpx.Response(404), "warn", "OPENAI_BASE_URL", "does not list its models (HTTP 404)"),
    (httpx.ConnectError("refused"), "warn", "OPENAI_BASE_URL", "cannot be reached"),
    (httpx.ReadTimeout("slow"), "warn", "OPENAI_BASE_URL", "cannot be reached"),
]


@pytest.mark.parametrize(("answer", "status", "variable", "words"), STATES, ids=[row[3] for row in STATES])
@respx.mock
async def test_states_of_the_model_server(
    answer: httpx.Response | Exception, status: str, variable: str | None, words: str
) -> None:
    route = respx.get("http://127.0.0.1:11434/v1/models")
    if isinstance(answer, Exception):
        route.mock(side_effect=answer)
    else:
        route.mock(return_value=answer)
    (line,) = await brain_line(SERVER)
    assert (line.subject, line.status, line.variable) == ("brain", status, variable)
    assert words in line.text
    assert "s3cr3t" not in repr(line)
    assert route.calls.last.request.headers["authorization"] == "Bearer sk-s3cr3t"


@respx.mock
async def test_a_local_server_gets_no_key_and_may_leave_the_tag_out() -> None:
    route = respx.get("http://127.0.0.1:11434/v1/models").respond(json={"data": [{"id": "qwen3:latest"}]})
    (line,) = await brain_line(ModelServer("qwen3", "http://127.0.0.1:11434/v1/", None))
    assert line.status == "ok"
    assert "authorization" not in route.calls.last.request.headers


async def test_the_built_in_brain_needs_nothing() -> None:
    (line,) = await brain_line(None)
    assert (line.status, line.text) == ("ok", "the built-in brain answers; it needs no network")
