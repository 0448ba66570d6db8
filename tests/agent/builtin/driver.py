"""Drives the built-in brain as the graph does, without the graph: plan, call, number the evidence, write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from tests.tools.homelab import NOW, ZONE, FakeLive, FakeSweeper, context

from nightshift.agent.builtin.brain import BuiltinBrain
from nightshift.agent.builtin.times.spans import times_in
from nightshift.agent.grounding import Background, ground, names_of
from nightshift.agent.limits import Limits
from nightshift.agent.wrap import text_of
from nightshift.errors import ToolInputError
from nightshift.facts.evidence import Evidence
from nightshift.tools.registry import tool
from nightshift.tools.render import render

MOST_STEPS = 5


@dataclass(frozen=True)
class Said:
    """One answer: its text, the tool calls behind it, the evidence, and the claims that are not in it."""

    text: str
    calls: tuple[tuple[str, dict[str, Any]], ...]
    evidence: tuple[Evidence, ...]
    unverified: tuple[str, ...]


async def talk(
    questions: Sequence[str], sweeper: FakeSweeper | None = None, live: FakeLive | None = None
) -> list[Said]:
    """The answers to questions of one conversation."""
    sweeper = sweeper or FakeSweeper()
    ctx = context(sweeper, live)
    brain = BuiltinBrain(snapshot=sweeper.snapshot, now=NOW, zone=ZONE)
    history: list[BaseMessage] = []
    return [await _ask(brain, ctx, history, question, sweeper) for question in questions]


async def ask(question: str, sweeper: FakeSweeper | None = None, live: FakeLive | None = None) -> Said:
    return (await talk([question], sweeper, live))[0]


async def _ask(brain: BuiltinBrain, ctx: Any, history: list[BaseMessage], question: str, sweeper: FakeSweeper) -> Said:
    messages: list[BaseMessage] = [*history, HumanMessage(question)]
    calls: list[tuple[str, dict[str, Any]]] = []
    evidence: list[Evidence] = []
    for _ in range(MOST_STEPS):
        message = brain.think(messages)
        messages.append(message)
        if not message.tool_calls:
            break
        for call in message.tool_calls:
            calls.append((call["name"], call["args"]))
            messages.append(await _run(ctx, call, evidence))
    else:
        raise AssertionError(f"no end: {calls}")
    history += [HumanMessage(question), AIMessage(message.text, additional_kwargs=message.additional_kwargs)]
    names, alert_names = names_of(sweeper.snapshot)
    background = Background(
        question=question,
        said_before=tuple(message.text for message in history[:-1]),
        unseen=sweeper.snapshot.gaps,
        asked_times=times_in(question, NOW, ZONE),
        names=names,
        alert_names=alert_names,
        now=NOW,
        zone=ZONE,
    )
    grounding = ground(message.text, evidence, background).grounding
    return Said(message.text, tuple(calls), tuple(evidence), tuple(claim.text for claim in grounding.unverified))


async def _run(ctx: Any, call: Any, evidence: list[Evidence]) -> ToolMessage:
    spec = tool(call["name"])
    try:
        result = await spec.run(ctx, spec.arguments.model_validate(call["args"]))
    except ToolInputError as error:
        return ToolMessage(str(error), tool_call_id=call["id"], name=call["name"], status="error")
    numbered = tuple(replace(item, id=f"E{len(evidence) + at}") for at, item in enumerate(result.evidence, start=1))
    evidence += numbered
    text = text_of(result, render, ZONE, Limits().tool_chars)  # as a model would get it: what cannot be told fails here
    return ToolMessage(text, artifact=replace(result, evidence=numbered), tool_call_id=call["id"], name=call["name"])
