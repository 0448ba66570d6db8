"""The same questions through a chat model: a scripted one, over the real protocol, in a real process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tests.support.openai_server import Cut, Fail, Malformed, OpenAIServer, Reply, Request, Step, ToolCall

from nightshift_evals.graders import grade
from nightshift_evals.processes import Lab, Product, running_product
from nightshift_evals.questions import Question, load
from nightshift_evals.truth import Lookup

SCENARIO = "datastore-full"
QUESTIONS = {question.id: question for question in load()[SCENARIO]}
CALLS = {
    "anything-wrong": ToolCall("health", {}),
    "running-vms": ToolCall("inventory", {"kind": "vms", "status": "running"}),
    "last-backup": ToolCall("backups", {"guest": "vaultwarden"}),
    "backup-storage": ToolCall("storage", {}),
    "firing-alerts": ToolCall("alerts", {}),
    "guest-cpu": ToolCall("metrics", {"entity": "nextcloud", "quantity": "cpu", "window": "1h"}),
    "why-failing": ToolCall("health", {"about": "tank"}),
    "runbook-full-datastore": ToolCall("runbooks", {"query": "full datastore"}),
    "failed-last-night": ToolCall("tasks", {"outcome": "failed", "window": "24h"}),
    "node-status": ToolCall("entity", {"name": "pve1"}),
}

pytestmark = pytest.mark.parametrize("lab", [SCENARIO], indirect=True, scope="session")


class Script:
    """A model that calls the tool for the question, and then repeats that it has looked. `fault` comes first."""

    def __init__(self) -> None:
        self.call = ToolCall("health", {})
        self.fault: Step | None = None
        self.streamed: list[bool] = []

    def __call__(self, request: Request) -> Step:
        self.streamed.append(bool(request.body.get("stream")))
        if self.fault is not None:
            return self.fault
        if request.messages[-1]["role"] == "tool":
            return Reply("This is what there is to see [E1].")
        return Reply(calls=(self.call,))


@pytest.fixture(scope="module")
def script() -> Script:
    return Script()


@pytest.fixture(scope="module")
def thinking(lab: Lab, script: Script) -> Iterator[tuple[Product, OpenAIServer]]:
    """Nightshift with the scripted model as its brain."""
    with OpenAIServer(script) as server:
        environ = {"OPENAI_BASE_URL": server.base_url, "OPENAI_MODEL": "scripted", "NIGHTSHIFT_BRAIN": "model"}
        with running_product(lab, environ) as product:
            yield product, server


@pytest.mark.parametrize("name", CALLS)
def test_a_question(name: str, thinking: tuple[Product, OpenAIServer], script: Script) -> None:
    product, server = thinking
    script.call, script.fault = CALLS[name], None
    before = len(server.requests)
    answer = product.ask(QUESTIONS[name].ask[0])
    assert answer["brain"] == {"kind": "model", "name": "scripted", "fell_back_because": None}
    assert answer["text"].startswith("This is what there is to see [E1].")
    assert len(server.requests) - before == answer["usage"]["model_calls"] >= 2
    assert answer["usage"]["bytes_sent"] == sum(request.size_bytes for request in server.requests[before:])
    assert answer["usage"]["tokens_in"] > 0
    assert answer["usage"]["tool_calls"] == 1
    assert _sources_match(QUESTIONS[name], answer["evidence"])
    assert all(script.streamed)
    told = server.requests[-1].messages[-1]["content"]
    assert "E1" in told, "the model was told the number of its evidence"


def _sources_match(question: Question, evidence: list[dict[str, str]]) -> bool:
    """The evidence is from where the question asks for; the sweep's own findings count as well."""
    seen = {source.strip() for item in evidence for source in item["source"].split(",")}
    return all(seen & {*sources, "nightshift"} for sources in question.sources)


@pytest.mark.parametrize("fault", [Fail(500), Fail(401), Malformed(), Cut()], ids=["500", "401", "malformed", "cut"])
def test_when_the_model_fails_the_built_in_brain_answers(
    fault: Step, thinking: tuple[Product, OpenAIServer], script: Script, truth: Lookup
) -> None:
    product, _server = thinking
    script.fault = fault
    question = QUESTIONS["anything-wrong"]
    answer = product.ask(question.ask[0])
    assert answer["brain"]["kind"] == "builtin"
    assert answer["brain"]["fell_back_because"]
    assert grade(question, answer, truth, datetime.now(UTC)).reasons == (), answer["text"]
