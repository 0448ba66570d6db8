"""The agent: one question in, one checked Answer out, whichever brain thinks.

    answer = await agent.ask("Is anything wrong?")
    answer = await agent.ask("And its memory?", conversation_id=answer.conversation_id)

The graph is langchain's `create_agent`, made anew for every question (a few milliseconds), so that nothing of one
question is left when the next one comes. The brain is a chat model of the operator's choice or the built-in one; the
tools, the bounds and the checks are the same for both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from ulid import ULID

from nightshift.agent.answer import AgentEvent, Answer, BrainUsed, Grounding, to_json
from nightshift.agent.brains import (
    BUILTIN_NAME,
    BuiltinFactory,
    ModelSettings,
    OutsideModel,
    builtin_brain,
    current_meter,
)
from nightshift.agent.grounding import Background, Checked, ground, names_of
from nightshift.agent.limits import Limits
from nightshift.agent.masking import Mask, NameMask, SecretMask
from nightshift.agent.memory import Memory, Past
from nightshift.agent.prompt import system_prompt
from nightshift.agent.run import Run
from nightshift.agent.verdict import root_causes_of, unmentioned_gaps, verdict_of
from nightshift.agent.wrap import Render, error_for_the_model, langchain_tools
from nightshift.errors import ToolInputError
from nightshift.facts.sweep import Sweep
from nightshift.store.conversations import Conversations
from nightshift.tools.context import ToolContext
from nightshift.tools.spec import ToolSpec

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AnyMessage

MAX_QUESTION_CHARS = 4_000
NO_ANSWER = "I could not come to an answer within the bounds of a question. What was seen is in the evidence."


@dataclass(frozen=True, slots=True)
class _Draft:
    """What the graph ended with: the text as written, and the topic that the built-in brain attached."""

    text: str
    topic: dict[str, Any] | None


class Agent:
    """Answers questions. Safe to use for several questions at a time.

    `model` is None for the built-in brain. `masking` is `secrets` or `names`; `known_secrets` are those of the
    settings, which must never reach a model. `tools`, `render` and `builtin` have their usual values when not given.
    """

    def __init__(
        self,
        context: ToolContext,
        conversations: Conversations,
        model: ModelSettings | None = None,
        *,
        masking: str = "secrets",
        known_secrets: Iterable[SecretStr] = (),
        limits: Limits | None = None,
        tools: Sequence[ToolSpec] | None = None,
        render: Render | None = None,
        builtin: BuiltinFactory = builtin_brain,
    ) -> None:
        self._context = context
        self._conversations = conversations
        self._model_settings = model
        self._masks_names = masking == "names"
        self._secret_mask = SecretMask(known_secrets)
        self._limits = limits or Limits()
        self._given_tools = tools
        self._given_render = render
        self._builtin = builtin

    @property
    def brain(self) -> BrainUsed:
        """Who thinks about the next question."""
        if self._model_settings is None:
            return BrainUsed("builtin", BUILTIN_NAME)
        return BrainUsed("model", self._model_settings.model)

    async def ask(
        self,
        question: str,
        *,
        conversation_id: str | None = None,
        fresh: bool = False,
        on_event: Callable[[AgentEvent], None] | None = None,
    ) -> Answer:
        """Answer one question. `fresh` reads everything anew first.

        Raises ToolInputError for an empty or enormous question, ConversationNotFound for an unknown conversation.
        Failures of sources, model and disk are in the Answer, as gaps and as `brain.fell_back_because`.
        """
        started_at, started_s = self._context.clock(), monotonic()
        question = _checked_question(question)
        past = await Memory(self._conversations).recall(conversation_id, started_at)
        run = Run(question, self.brain, self._limits, past.reserve, on_event)
        sweep = await self._context.sweeper.sweep(fresh=fresh)
        run.unseen_by_sweep = sweep.gaps
        draft = await self._think(run, past, sweep)
        checked = self._check(draft.text, run, past, sweep)
        text = self._finished_text(checked, run, draft)
        answer = Answer(
            id=str(ULID()),
            conversation_id=past.conversation_id,
            question=question,
            text=text,
            verdict=verdict_of(run.tool_runs),
            root_causes=root_causes_of(run.tool_runs),
            findings=tuple(finding.fingerprint for finding in run.findings),
            evidence=run.evidence,
            gaps=tuple(run.gaps),
            grounding=checked.grounding if checked else Grounding(),
            brain=run.brain,
            usage=run.usage,
            started_at=started_at,
            duration_s=monotonic() - started_s,
        )
        await past.remember(answer.id, question, text, draft.topic, to_json(answer), self._context.clock())
        run.tell("text", detail=text)
        return replace(answer, gaps=(*answer.gaps, *past.gaps))

    async def aclose(self) -> None:
        """Close the connections to the model."""
        if self._model_settings is not None and "_outside" in self.__dict__:
            await self._outside.aclose()

    async def _think(self, run: Run, past: Past, sweep: Sweep) -> _Draft:
        """Run the graph to its end. What it saw stays in `run`, whatever happens."""
        from langchain.agents.middleware.model_call_limit import ModelCallLimitExceededError
        from langgraph.errors import GraphRecursionError
        from langsmith import tracing_context

        graph = await asyncio.to_thread(self._graph, run, past, sweep)
        token = current_meter.set(run.meter)
        try:
            # A tracing service named by stray variables of the environment must not get the conversation.
            with tracing_context(enabled=False):
                state = await graph.ainvoke(
                    {"messages": _messages(past, run.question)}, {"recursion_limit": self._limits.recursion}
                )
        except (ModelCallLimitExceededError, GraphRecursionError):
            return _Draft(NO_ANSWER, None)
        finally:
            current_meter.reset(token)
        return _last_words(state["messages"])

    def _graph(self, run: Run, past: Past, sweep: Sweep) -> Any:
        from langchain.agents import create_agent
        from langchain.agents.middleware import (
            AgentMiddleware,
            ModelCallLimitMiddleware,
            ToolCallLimitMiddleware,
            ToolErrorMiddleware,
        )

        now, zone = self._context.clock(), self._context.zone
        builtin = self._builtin(sweep.snapshot, now, zone)
        calls = self._limits.builtin_calls + (self._limits.model_calls if run.brain.kind == "model" else 0)
        middleware: list[AgentMiddleware[Any, Any, Any]] = [
            ModelCallLimitMiddleware(run_limit=calls, exit_behavior="error"),
            ToolCallLimitMiddleware(run_limit=self._limits.tool_calls, exit_behavior="continue"),
            ToolErrorMiddleware(error_for_the_model),
        ]
        thinking: BaseChatModel = builtin
        if run.brain.kind == "model":
            thinking = self._outside.chat
            middleware += self._model_guards(run, past, sweep, builtin)
        return create_agent(
            thinking,
            langchain_tools(self._tools, replace(self._context, fresh=False), run, self._render),
            system_prompt=system_prompt(sweep.snapshot.sources, now, zone),
            middleware=middleware,
        )

    def _model_guards(self, run: Run, past: Past, sweep: Sweep, builtin: BaseChatModel) -> list[Any]:
        from nightshift.agent.guards import BrainSwitch, MaskingBoundary, Mending

        mask: Mask = NameMask(self._secret_mask, sweep.snapshot) if self._masks_names else self._secret_mask
        return [
            BrainSwitch(run, self._outside, builtin),
            MaskingBoundary(mask, self._outside),
            Mending(run, lambda text: self._check(text, run, past, sweep).grounding.unverified),
        ]

    def _background(self, run: Run, past: Past, sweep: Sweep) -> Background:
        from nightshift.agent.builtin.times.spans import times_in

        names, alert_names = names_of(sweep.snapshot)
        now = self._context.clock()
        return Background(
            question=run.question,
            said_before=tuple(turn.text for turn in past.turns),
            unseen=tuple(dict.fromkeys((*run.gaps, *sweep.gaps, *sweep.snapshot.gaps))),
            asked_times=times_in(run.question, now, self._context.zone),
            names=names,
            alert_names=alert_names,
            now=now,
            zone=self._context.zone,
        )

    def _check(self, text: str, run: Run, past: Past, sweep: Sweep) -> Checked:
        return ground(text, run.evidence, self._background(run, past, sweep))

    def _finished_text(self, checked: Checked, run: Run, draft: _Draft) -> str:
        """The built-in brain's words as they are; a model's with its doubtful claims marked and its silences filled."""
        if run.brain.kind == "builtin":
            return draft.text
        return "\n\n".join(filter(None, (checked.marked_text, unmentioned_gaps(checked.text, run.gaps))))

    @cached_property
    def _outside(self) -> OutsideModel:
        assert self._model_settings is not None
        return OutsideModel(self._model_settings)

    @cached_property
    def _tools(self) -> Sequence[ToolSpec]:
        if self._given_tools is not None:
            return self._given_tools
        from nightshift.tools.registry import TOOLS

        return TOOLS

    @cached_property
    def _render(self) -> Render:
        if self._given_render is not None:
            return self._given_render
        from nightshift.tools.render import render

        return render


def _checked_question(question: str) -> str:
    stripped = question.strip()
    if not stripped:
        raise ToolInputError("The question is empty.", "Ask something, for example: Is anything wrong?")
    if len(stripped) > MAX_QUESTION_CHARS:
        raise ToolInputError(
            f"The question has {len(stripped):,} characters.", f"At most {MAX_QUESTION_CHARS:,} are allowed."
        )
    return stripped


def _messages(past: Past, question: str) -> list[AnyMessage]:
    """Earlier questions and answers, then this one. Citations are left out: their evidence is not in this question."""
    from langchain_core.messages import AIMessage, HumanMessage

    messages: list[AnyMessage] = []
    for turn in past.turns:
        topic = {} if turn.topic is None else {"topic": dict(turn.topic)}
        messages += [HumanMessage(turn.question), AIMessage(turn.text, additional_kwargs=topic)]
    return [*messages, HumanMessage(question)]


def _last_words(messages: Sequence[AnyMessage]) -> _Draft:
    from langchain_core.messages import AIMessage

    last = messages[-1]
    if not isinstance(last, AIMessage) or not last.text.strip():
        return _Draft(NO_ANSWER, None)
    topic = last.additional_kwargs.get("topic")
    return _Draft(last.text.strip(), topic if isinstance(topic, dict) else None)
