"""The built-in brain as a chat model: the same graph, tools and evidence as with a language model, and no network.

It reads the messages, plans tool calls for the question, looks at what they returned, perhaps calls once more, and
writes the answer with citations. It never takes an instruction from data: only the question decides what is called.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache, cached_property
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, ToolMessage
from langchain_core.messages.tool import ToolCallChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from pydantic import ConfigDict

from nightshift.agent.builtin.plan import Planner
from nightshift.agent.builtin.questions.question import Question, Topic
from nightshift.agent.builtin.reading.clauses import Read
from nightshift.agent.builtin.reading.parts import parts_of
from nightshift.agent.builtin.reading.reader import Reader
from nightshift.agent.builtin.steps.calls import Call
from nightshift.agent.builtin.story import Story
from nightshift.agent.builtin.topics import topic_after
from nightshift.agent.builtin.write import write
from nightshift.facts.snapshot import Snapshot
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import ToolResult

TOPIC = "topic"
MOST_ROUNDS = 3
_ABOUT_NOTHING = frozenset({"unclear", "lookup", "thanks", "help"})


class BuiltinBrain(BaseChatModel):
    """One brain for one question: `snapshot` gives the names, `now` and `zone` the meaning of `last night`.

    Evidence comes from the tools alone; the snapshot is never quoted.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, ignored_types=(cached_property,))

    snapshot: Any
    now: datetime
    zone: Any

    @property
    def _llm_type(self) -> str:
        return "nightshift-builtin"

    @cached_property
    def index(self) -> EntityIndex:
        snapshot: Snapshot = self.snapshot
        return EntityIndex.of(snapshot)

    @cached_property
    def _reading(self) -> Read:
        """Reads each text once, however many rounds the question takes and however often its clauses are weighed."""
        return cache(self._reader.read)

    @cached_property
    def _of_all(self) -> Callable[[Question], Question]:
        return cache(self._reader.of_all)

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.index, self.now, self._zone)

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],  # noqa: ARG002 - it knows its tools
        *,
        tool_choice: str | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> Runnable[LanguageModelInput, AIMessage]:
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - arguments of langchain's interface
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self.think(messages))])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        return self._generate(messages, stop, None, **kwargs)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> Iterator[ChatGenerationChunk]:
        message = self.think(messages)
        chunks = [
            ToolCallChunk(
                name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=at, type="tool_call_chunk"
            )
            for at, call in enumerate(message.tool_calls)
        ]
        chunk = AIMessageChunk(
            content=message.content, additional_kwargs=message.additional_kwargs, tool_call_chunks=chunks
        )
        yield ChatGenerationChunk(message=chunk)

    def think(self, messages: Sequence[BaseMessage]) -> AIMessage:
        """The next message: tool calls that are still missing, or the answer."""
        asked = max((at for at, message in enumerate(messages) if isinstance(message, HumanMessage)), default=-1)
        if asked < 0:
            return AIMessage("Ask me something about your systems.")
        questions = self._read(messages, asked)
        done = _Done.of(messages[asked + 1 :])
        lines = [self._follow(question, done, alone=len(questions) == 1) for question in questions]
        calls = list({(call.tool, repr(call.arguments)): call for line in lines for call in line.missing}.values())
        if calls and done.rounds < MOST_ROUNDS:
            return _asking(calls, done.rounds)
        stories = [Story(line.question, line.results, self.index, self.now, self._zone, done.errors) for line in lines]
        return AIMessage(_written(stories), additional_kwargs={TOPIC: topic_after(stories[-1]).to_json()})

    def _follow(self, question: Question, done: _Done, *, alone: bool) -> _Line:
        """How far one question has come: what it has, and what it still wants.

        A question that stands alone takes every result there is, those of a model that gave up before too.
        """
        planner = Planner(self.index)
        first = planner.first(question)
        results = done.results if alone else done.results_of(first)
        missing = [call for call in first if not done.has(call)]
        if not missing and (results or done.errors):
            more = planner.more(question, results)
            results = done.results if alone else done.results_of((*first, *more))
            missing = [call for call in more if not done.has(call)]
        return _Line(question, results, tuple(missing))

    @property
    def _zone(self) -> tzinfo:
        zone: tzinfo = self.zone
        return zone

    def _read(self, messages: Sequence[BaseMessage], asked: int) -> tuple[Question, ...]:
        topic = _earlier_topic(messages[:asked], self._reading)
        questions = parts_of(messages[asked].text, self._reading, topic)
        of_a_list = topic is not None and topic.intent != "health"  # `newest first` is after that
        if of_a_list or len(questions) > 1:
            return questions
        return (self._of_all(questions[0]),)


def _earlier_topic(history: Sequence[BaseMessage], read: Read) -> Topic | None:
    """The topic of the last answer that was about something; when the last one carries none (a language model gave it),
    that of its question."""
    told, empty = False, None
    for message in reversed(history):
        if isinstance(message, AIMessage) and TOPIC in message.additional_kwargs:
            topic = Topic.from_json(message.additional_kwargs[TOPIC])
            if topic is not None and (topic.about or topic.choices or topic.intent not in _ABOUT_NOTHING):
                return topic
            told, empty = True, empty or topic
        elif isinstance(message, HumanMessage) and not told:
            return read(message.text, None).topic
    return empty


def _written(stories: Sequence[Story]) -> str:
    """The answers one after the other; what they have in common, such as what was not seen, is said once."""
    paragraphs = (paragraph for story in stories for paragraph in write(story).split("\n\n"))
    return "\n\n".join(dict.fromkeys(paragraphs)) if len(stories) > 1 else write(stories[0])


@dataclass(frozen=True, slots=True)
class _Line:
    """One question of a text, the results that are its own, and the calls that it still needs."""

    question: Question
    results: Mapping[str, list[ToolResult]]
    missing: tuple[Call, ...]


class _Done:
    """The tool calls since the question, and what they gave: all of it by tool, and each call's own."""

    def __init__(self, calls: list[tuple[str, Mapping[str, Any]]], results: dict[str, list[ToolResult]]) -> None:
        self.calls = calls
        self.results = results
        self.answered: list[tuple[str, Mapping[str, Any], ToolResult]] = []
        self.errors: tuple[str, ...] = ()
        self.rounds = 0

    @classmethod
    def of(cls, messages: Sequence[BaseMessage]) -> _Done:
        done = cls([], {})
        asked: dict[str, tuple[str, Mapping[str, Any]]] = {}
        errors: list[str] = []
        for message in messages:
            if isinstance(message, AIMessage) and message.tool_calls:
                done.rounds += 1
                for call in message.tool_calls:
                    done.calls.append((call["name"], call["args"]))
                    asked[call["id"] or ""] = (call["name"], call["args"])
            elif isinstance(message, ToolMessage):
                name, arguments = asked.get(message.tool_call_id, (message.name or "", {}))
                if isinstance(message.artifact, ToolResult):
                    done.results.setdefault(name, []).append(message.artifact)
                    done.answered.append((name, arguments, message.artifact))
                else:
                    errors.append(message.text)
        done.errors = tuple(errors)
        return done

    def has(self, call: Call) -> bool:
        return any(_is(call, name, arguments) for name, arguments in self.calls)

    def results_of(self, calls: Iterable[Call]) -> dict[str, list[ToolResult]]:
        """What these calls gave, by tool."""
        wanted = tuple(calls)
        own: dict[str, list[ToolResult]] = {}
        for name, arguments, result in self.answered:
            if any(_is(call, name, arguments) for call in wanted):
                own.setdefault(name, []).append(result)
        return own


def _is(call: Call, name: str, arguments: Mapping[str, Any]) -> bool:
    return name == call.tool and dict(arguments) == dict(call.arguments)


def _asking(calls: Sequence[Call], rounds: int) -> AIMessage:
    return AIMessage(
        "",
        tool_calls=[
            {"name": call.tool, "args": dict(call.arguments), "id": f"builtin-{rounds}-{at}", "type": "tool_call"}
            for at, call in enumerate(calls)
        ],
    )
