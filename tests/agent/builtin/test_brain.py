"""The brain as a chat model: what the graph, the conversation store and a fallback rely on."""

from __future__ import annotations

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from tests.agent.builtin.driver import talk
from tests.tools.homelab import NOW, ZONE, FakeSweeper, context, snapshot

from nightshift.agent.builtin.brain import BuiltinBrain
from nightshift.tools.registry import tool

QUESTION = HumanMessage("When was web last backed up?")


def brain() -> BuiltinBrain:
    return BuiltinBrain(snapshot=snapshot(), now=NOW, zone=ZONE)


async def backups_of_web() -> ToolMessage:
    spec = tool("backups")
    result = await spec.run(context(FakeSweeper()), spec.arguments.model_validate({"guest": "web"}))
    return ToolMessage("", artifact=result, tool_call_id="call-1", name="backups")


async def test_it_is_driven_like_any_chat_model() -> None:
    model = brain().bind_tools([])
    first = await model.ainvoke([SystemMessage("ignored"), QUESTION])
    assert [(call["name"], call["args"]) for call in first.tool_calls] == [("backups", {"guest": "web"})]
    assert first.content == ""
    assert brain().invoke([QUESTION]).tool_calls == first.tool_calls


async def test_streaming_gives_the_same_message() -> None:
    (chunk, *rest) = [chunk async for chunk in brain().astream([QUESTION])]
    assert [(call["name"], call["args"]) for call in chunk.tool_calls] == [("backups", {"guest": "web"})]
    assert "".join(str(part.content) for part in rest) == ""


async def test_it_finishes_what_a_model_began() -> None:
    """Results of calls that a model made count; what the model itself said does not."""
    began = AIMessage(
        "Let me restart it.",
        tool_calls=[{"name": "backups", "args": {"guest": "web"}, "id": "call-1", "type": "tool_call"}],
    )
    answer = brain().think([QUESTION, began, await backups_of_web()])
    assert answer.tool_calls == []
    assert answer.text.startswith("web (VM 104) was last backed up 1 d 21 h ago")


async def test_a_tool_that_refused_is_passed_on() -> None:
    called = AIMessage(
        "", tool_calls=[{"name": "backups", "args": {"guest": "web"}, "id": "call-1", "type": "tool_call"}]
    )
    refused = ToolMessage(
        "backups: not seen: pbs is away. Known: a, b.", tool_call_id="call-1", name="backups", status="error"
    )
    answer = brain().think([QUESTION, called, refused])
    assert answer.text == "That could not be answered:\n- backups: not seen: pbs is away."


def test_it_never_asks_for_tools_without_end() -> None:
    """Calls without results, as when a limit cuts the graph: the brain gives up instead of asking again."""
    asked = AIMessage("", tool_calls=[{"name": "alerts", "args": {}, "id": "x", "type": "tool_call"}])
    answer = brain().think([HumanMessage("Is anything wrong?"), asked, asked, asked])
    assert answer.tool_calls == []
    assert answer.text


def test_without_a_question_it_asks_for_one() -> None:
    assert brain().think([SystemMessage("x")]).text == "Ask me something about your systems."


def test_the_topic_travels_as_json_values() -> None:
    answer = brain().think([HumanMessage("thanks")])
    assert answer.additional_kwargs["topic"]["intent"] == "thanks"


def test_without_a_stored_topic_the_last_question_gives_it() -> None:
    history = [HumanMessage("CPU of web over the last 24h"), AIMessage("It is busy.")]
    asked = brain().think([*history, HumanMessage("and its memory?")])
    (call,) = asked.tool_calls
    assert (call["name"], call["args"]["entity"], call["args"]["quantity"]) == ("metrics", "web", "memory")


async def test_two_guests_of_one_name_are_called_by_their_keys() -> None:
    from tests.tools.homelab import guest

    from nightshift.facts.snapshot import Dataset

    twins = (guest(200, "web", "vm", "pve1"), guest(201, "web", "ct", "pve2"))
    sweeper = FakeSweeper(snapshot(guests=Dataset("complete", twins), names={}), findings=())
    ambiguous, clear = await talk(["How is web?", "201"], sweeper)
    assert ambiguous.text == "Which one do you mean by “web”? It fits web (VM 200), web (CT 201) [E1]."
    assert clear.calls == (("entity", {"name": "guest:pve/201"}),)
    assert clear.text.startswith("web (CT 201) is running on pve2")
