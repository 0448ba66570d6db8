"""The whole way of a question, over real HTTP where a model thinks."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.agent.support import FINDING, KEY, SNAPSHOT, EndlessBrain, FixedSweeper, agent_on, scripted
from tests.support.openai_server import Cut, Fail, Hang, Malformed, Reply, Request, Step, ToolCall

from nightshift.agent.agent import NO_ANSWER
from nightshift.agent.answer import AgentEvent, BrainUsed, RootCause, to_json
from nightshift.agent.limits import Limits
from nightshift.errors import ToolInputError
from nightshift.facts.gap import Gap
from nightshift.store.conversations import ConversationNotFound

LOOK = Reply(calls=(ToolCall("guests", {}),))
GOOD = Reply("web uses 92.3 % of its memory [E1].")
BUILTIN_TEXT = "web uses 92.3 % of its memory [E1]."


async def test_the_built_in_brain_answers(tmp_path: Path) -> None:
    events: list[AgentEvent] = []
    answer = await agent_on(tmp_path).ask("How is web?", on_event=events.append)
    assert answer.text == BUILTIN_TEXT
    assert answer.brain == BrainUsed("builtin", "built-in")
    assert [item.id for item in answer.evidence] == ["E1"]
    assert (answer.grounding.unverified, answer.grounding.checked) == ((), 2)
    assert (answer.verdict, answer.usage.model_calls, answer.usage.tool_calls) == ("info", 0, 1)
    assert events == [
        AgentEvent("tool_started", "guests", ""),
        AgentEvent("tool_finished", "guests", "E1"),
        AgentEvent("text", "", BUILTIN_TEXT),
    ]
    assert json.loads(json.dumps(to_json(answer), allow_nan=False))["brain"]["kind"] == "builtin"


async def test_a_model_looks_and_answers_and_its_cost_is_counted(tmp_path: Path) -> None:
    with scripted(tmp_path, [LOOK, GOOD]) as (agent, server):
        answer = await agent.ask("How is web?")
        await agent.aclose()
    assert answer.text == GOOD.text
    assert answer.brain == BrainUsed("model", "scripted")
    assert [request.body["stream"] for request in server.requests] == [True, True]
    sizes = [request.size_bytes for request in server.requests]
    assert answer.usage.bytes_sent == sum(sizes)
    assert answer.usage.tokens_in == sum(size // 4 for size in sizes)
    assert answer.usage.tokens_out > 0
    assert (answer.usage.model_calls, answer.usage.tool_calls) == (2, 1)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert server.requests[0].tool_names == ["guests", "health"]
    told = server.requests[1].messages[-1]
    assert told["role"] == "tool"
    assert "<data untrusted>" in told["content"]
    assert "web | 104 | running | 92.3 %" in told["content"]


async def test_a_base_url_alone_needs_no_key(tmp_path: Path) -> None:
    with scripted(tmp_path, [LOOK, GOOD], key=None) as (agent, _):
        assert (await agent.ask("How is web?")).brain.kind == "model"
        await agent.aclose()


async def test_health_gives_verdict_causes_and_gaps(tmp_path: Path) -> None:
    script = [Reply(calls=(ToolCall("health"),)), Reply("web is short of memory [E1].")]
    with scripted(tmp_path, script) as (agent, _):
        answer = await agent.ask("Is anything wrong?")
        await agent.aclose()
    assert answer.verdict == "problem"
    assert answer.root_causes == (RootCause("guest:pve/104", "web is short of memory", ("E1",), "guest.memory"),)
    assert answer.findings == (FINDING.fingerprint,)
    assert answer.gaps == (Gap("grafana", "alerts", "unreachable", "connection refused."),)
    assert answer.text.endswith("Not seen:\n- grafana: connection refused.")


async def test_what_the_sweep_could_not_see_may_be_told_without_evidence(tmp_path: Path) -> None:
    sweeper = FixedSweeper(gaps=(Gap("pbs2", "backups", "unreachable", "10.0.0.12:8007 refused it."),))
    script = [LOOK, Reply("I see no old-nas: pbs2 is away, 10.0.0.12:8007 refused it; 10.0.0.99 is up. web runs [E1].")]
    with scripted(tmp_path, script, sweeper=sweeper) as (agent, _):
        answer = await agent.ask("Is old-nas there?")
        await agent.aclose()
    assert [claim.text for claim in answer.grounding.unverified] == ["10.0.0.99"]


async def test_a_gap_that_the_sweep_tells_with_others_may_be_told_in_its_own_words(tmp_path: Path) -> None:
    refused = Gap("pve", "nodes", "forbidden", "status of node pve2: the token lacks a privilege")
    sweeper = FixedSweeper(
        replace(SNAPSHOT, nodes=replace(SNAPSHOT.nodes, state="partial", gaps=(refused,))),
        gaps=(Gap("pve", "nodes, tasks", "forbidden", "the token lacks privileges"),),
    )
    script = [LOOK, Reply("There may be more: status of node pve2 was refused. web runs [E1].")]
    with scripted(tmp_path, script, sweeper=sweeper) as (agent, _):
        answer = await agent.ask("Is old-nas there?")
        await agent.aclose()
    assert answer.grounding.unverified == ()


FAILURES: list[tuple[str, Step, str]] = [
    ("401", Fail(401), "The model scripted at {host} did not accept the API key (HTTP 401)."),
    ("403", Fail(403), "The model scripted at {host} refused access with this API key (HTTP 403)."),
    ("404", Fail(404), "{host} does not exist: check OPENAI_MODEL and OPENAI_BASE_URL (HTTP 404)."),
    ("429", Fail(429, retry_after_s=1), "is over its rate limit or quota (HTTP 429)."),
    ("500", Fail(500), "The model scripted at {host} failed (HTTP 500)."),
    ("html", Malformed(), "The model scripted at {host} sent something that is not a valid answer."),
    ("not json", Malformed("data: {broken\n\n", "text/event-stream"), "that is not a valid answer."),
    ("no choices", Malformed("data: [1, 2]\n\ndata: [DONE]\n\n", "text/event-stream"), "not a valid answer."),
    ("cut", Cut(), "{host} broke off the connection before its answer was complete."),
    ("cut short", Reply(calls=(ToolCall("guests", '{"name": "we'),), cut_short=True), "in the middle of a tool call."),
    ("empty", Reply(""), "The model scripted gave an empty answer."),
]


@pytest.mark.parametrize("looked_before", [False, True], ids=["at the first call", "after a tool"])
@pytest.mark.parametrize(("step", "reason"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES])
async def test_when_the_model_fails_the_built_in_brain_finishes(
    tmp_path: Path, step: Step, reason: str, looked_before: bool
) -> None:
    events: list[AgentEvent] = []
    with scripted(tmp_path, [LOOK, step] if looked_before else [step]) as (agent, server):
        answer = await agent.ask("How is web?", on_event=events.append)
        await agent.aclose()
        host = server.base_url.removeprefix("http://").removesuffix("/v1")
    assert answer.text == BUILTIN_TEXT
    assert answer.brain.kind == "builtin"
    assert answer.brain.fell_back_because is not None
    assert reason.format(host=host) in answer.brain.fell_back_because
    assert KEY not in answer.brain.fell_back_because
    assert [item.id for item in answer.evidence] == ["E1"]
    assert [event.detail for event in events if event.kind == "fell_back"] == [answer.brain.fell_back_because]
    assert len(server.requests) <= 3, "no storm of retries"


async def test_a_model_that_cannot_be_reached(tmp_path: Path) -> None:
    with scripted(tmp_path, [GOOD]) as (agent, _):
        pass  # the server is gone
    answer = await agent.ask("How is web?")
    await agent.aclose()
    assert answer.text == BUILTIN_TEXT
    assert str(answer.brain.fell_back_because).endswith("could not be reached.")


async def test_a_model_that_hangs_costs_its_time_and_no_more(tmp_path: Path) -> None:
    started = time.monotonic()
    with scripted(tmp_path, [LOOK, Hang()], limits=Limits(model_time_s=0.7)) as (agent, _):
        answer = await agent.ask("How is web?")
        await agent.aclose()
    assert answer.text == BUILTIN_TEXT
    assert answer.brain.fell_back_because == "The model scripted came to no answer within 0.7 s."
    assert time.monotonic() - started < 5


async def test_a_model_that_never_stops_calling_tools(tmp_path: Path) -> None:
    with scripted(tmp_path, [LOOK]) as (agent, server):
        answer = await agent.ask("How is web?")
        await agent.aclose()
    assert len(server.requests) == Limits().model_calls
    assert server.requests[-1].body["tool_choice"] == "none"
    assert answer.text == BUILTIN_TEXT
    assert answer.brain.fell_back_because == "The model scripted came to no answer within 8 calls."


async def test_tool_calls_are_bounded(tmp_path: Path) -> None:
    many = Reply(calls=tuple(ToolCall("guests", {}) for _ in range(12)))
    with scripted(tmp_path, [many, many, GOOD]) as (agent, server):
        answer = await agent.ask("How is web?")
        await agent.aclose()
    assert answer.text == GOOD.text
    assert answer.usage.tool_calls == Limits().tool_calls
    refused = [m for m in server.requests[2].messages if m["role"] == "tool" and "limit" in m["content"].lower()]
    assert len(refused) == 24 - Limits().tool_calls


async def test_malformed_arguments_are_mended_by_the_model(tmp_path: Path) -> None:
    broken = Reply(calls=(ToolCall("guests", '{"name" = web}'),))
    with scripted(tmp_path, [broken, LOOK, GOOD]) as (agent, server):
        answer = await agent.ask("How is web?")
        await agent.aclose()
    assert answer.text == GOOD.text
    assert answer.brain.kind == "model"
    told = server.requests[1].messages[-1]
    assert (told["role"], "malformed" in told["content"]) == ("tool", True)


async def test_malformed_arguments_without_end(tmp_path: Path) -> None:
    with scripted(tmp_path, [Reply(calls=(ToolCall("guests", "{{{"),))]) as (agent, server):
        answer = await agent.ask("How is web?")
        await agent.aclose()
    assert len(server.requests) == Limits().malformed_calls + 1
    assert answer.text == BUILTIN_TEXT
    assert "not valid JSON" in str(answer.brain.fell_back_because)


TOOL_TROUBLE = [
    ("unknown tool", ToolCall("reboot", {}), "reboot is not a valid tool"),
    ("wrong argument", ToolCall("guests", {"nme": "web"}), "guests: wrong arguments: nme: Extra inputs"),
    ("what it takes", ToolCall("guests", {"nme": "web"}), "It takes: name."),
    ("wrong type", ToolCall("guests", {"name": 7}), "name: Input should be a valid string"),
    ("null is not given", ToolCall("guests", {"name": None}), "92.3 %"),
    ("cannot be served", ToolCall("guests", {"name": "ghost"}), "no guest named 'ghost'. Known: web, postgres-main."),
    ("source fails", ToolCall("guests", {"name": "pbs"}), "not seen (unreachable): pbs: connection refused."),
    ("too slow", ToolCall("guests", {"name": "slow"}), "guests did not finish within 0.5 s."),
]


@pytest.mark.parametrize(("call", "told"), [row[1:] for row in TOOL_TROUBLE], ids=[row[0] for row in TOOL_TROUBLE])
async def test_tool_trouble_is_told_to_the_model(tmp_path: Path, call: ToolCall, told: str) -> None:
    with scripted(tmp_path, [Reply(calls=(call,)), LOOK, Reply("web is fine.")]) as (agent, server):
        answer = await agent.ask("How is web?")
        await agent.aclose()
    assert told in server.requests[1].messages[-1]["content"]
    assert answer.brain.kind == "model"


@pytest.mark.parametrize(("name", "kind"), [("pbs", "unreachable"), ("slow", "timed_out")])
async def test_what_a_tool_could_not_see_is_a_gap_of_the_answer(tmp_path: Path, name: str, kind: str) -> None:
    script = [Reply(calls=(ToolCall("guests", {"name": name}),)), Reply("I could not look.")]
    with scripted(tmp_path, script) as (agent, _):
        answer = await agent.ask("How is web?")
        await agent.aclose()
    assert [gap.kind for gap in answer.gaps] == [kind]


async def test_a_bug_in_a_tool_is_not_hidden(tmp_path: Path) -> None:
    with scripted(tmp_path, [Reply(calls=(ToolCall("guests", {"name": "bug"}),)), GOOD]) as (agent, _):
        with pytest.raises(ZeroDivisionError):
            await agent.ask("How is web?")
        await agent.aclose()


async def test_a_draft_is_mended_once(tmp_path: Path) -> None:
    draft = Reply("web uses 97 % of its memory [E1], and db uses 41 % [E9].")
    with scripted(tmp_path, [LOOK, draft, GOOD]) as (agent, server):
        answer = await agent.ask("How is web?")
        await agent.aclose()
    sent_back = server.requests[2].messages[-1]
    assert sent_back["role"] == "user"
    assert "- 97 % (number)" in sent_back["content"]
    assert "- [E9] (citation)" in sent_back["content"]
    assert answer.text == GOOD.text
    assert answer.grounding.unverified == ()


async def test_what_stays_unverified_is_marked(tmp_path: Path) -> None:
    draft = Reply("web uses 97 % of its memory [E1].")
    with scripted(tmp_path, [LOOK, draft]) as (agent, server):
        answer = await agent.ask("How is web?")
        await agent.aclose()
    assert len(server.requests) == 3
    assert answer.text == "web uses 97 % [unverified] of its memory [E1]."
    assert [(claim.text, claim.kind) for claim in answer.grounding.unverified] == [("97 %", "number")]


async def test_a_model_that_dies_while_mending_leaves_its_marked_draft(tmp_path: Path) -> None:
    draft = Reply("web uses 97 % of its memory [E1].")
    with scripted(tmp_path, [LOOK, draft, Fail(401)]) as (agent, _):
        answer = await agent.ask("How is web?")
        await agent.aclose()
    assert answer.brain == BrainUsed("model", "scripted")
    assert answer.text == "web uses 97 % [unverified] of its memory [E1]."


async def test_a_built_in_brain_that_never_ends_is_stopped(tmp_path: Path) -> None:
    answer = await agent_on(tmp_path, brain=EndlessBrain).ask("How is web?")
    assert answer.text == NO_ANSWER
    assert answer.usage.tool_calls == Limits().builtin_calls
    assert len(answer.evidence) == Limits().builtin_calls


async def test_a_conversation_goes_on(tmp_path: Path) -> None:
    with scripted(tmp_path, [LOOK, GOOD, LOOK, Reply("It still does [E2].")]) as (agent, server):
        first = await agent.ask("How is web?")
        second = await agent.ask("And now?", conversation_id=first.conversation_id)
        await agent.aclose()
    assert second.conversation_id == first.conversation_id
    assert [item.id for item in second.evidence] == ["E2"]
    sent = server.requests[2].messages[1:]
    assert [(m["role"], m["content"]) for m in sent] == [
        ("user", "How is web?"),
        ("assistant", "web uses 92.3 % of its memory."),
        ("user", "And now?"),
    ]


async def test_the_topic_of_the_built_in_brain_is_kept(tmp_path: Path) -> None:
    agent = agent_on(tmp_path)
    first = await agent.ask("How is web?")
    again = agent_on(tmp_path)  # another process would see the same
    await again.ask("And its disk?", conversation_id=first.conversation_id)
    await again.ask("And its CPU?", conversation_id=first.conversation_id)
    turns = agent._conversations.turns(first.conversation_id)
    assert [turn.topic for turn in turns] == [{"turn": 1}, {"turn": 2}, {"turn": 2}]
    assert [turn.answer["evidence"][0]["id"] for turn in turns] == ["E1", "E2", "E3"]


async def test_an_unknown_conversation_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    sweeper = FixedSweeper()
    with pytest.raises(ConversationNotFound):
        await agent_on(tmp_path, sweeper=sweeper).ask("How is web?", conversation_id="01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert sweeper.asked_fresh == []


@pytest.mark.parametrize("question", ["", " \n ", "x" * 4_001])
async def test_questions_that_are_none(tmp_path: Path, question: str) -> None:
    with pytest.raises(ToolInputError, match="The question"):
        await agent_on(tmp_path).ask(question)


@pytest.mark.parametrize("fresh", [False, True])
async def test_fresh_reads_everything_anew_once(tmp_path: Path, fresh: bool) -> None:
    sweeper = FixedSweeper()
    await agent_on(tmp_path, sweeper=sweeper).ask("How is web?", fresh=fresh)
    assert sweeper.asked_fresh == [fresh]


async def test_a_disk_that_fails_costs_the_memory_and_not_the_answer(tmp_path: Path) -> None:
    agent = agent_on(tmp_path)
    agent._conversations._database.close()
    (tmp_path / "nightshift.db").write_bytes(b"not a database at all" * 200)
    answer = await agent.ask("How is web?")
    assert answer.text == BUILTIN_TEXT
    assert [(gap.source, gap.dataset) for gap in answer.gaps] == [("nightshift", "conversation")]


async def test_many_questions_at_a_time_keep_their_own_bytes(tmp_path: Path) -> None:
    import asyncio

    def step(request: Request) -> Step:
        return GOOD if request.messages[-1]["role"] == "tool" else LOOK

    with scripted(tmp_path, step) as (agent, server):
        answers = await asyncio.gather(*(agent.ask("How is web?" + "?" * 40 * n) for n in range(5)))
        await agent.aclose()
    assert sum(answer.usage.bytes_sent for answer in answers) == sum(r.size_bytes for r in server.requests)
    assert len({answer.usage.bytes_sent for answer in answers}) == 5
