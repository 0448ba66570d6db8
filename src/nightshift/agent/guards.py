"""What stands around every model call of the graph: who thinks, what leaves the house, and what is mended.

Each guard is one langchain middleware, made for one question. The order matters: `BrainSwitch` is outside of
`MaskingBoundary`, so that the built-in brain sees everything and a model only what it may.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse, hook_config
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage
from langgraph.runtime import Runtime

from nightshift.agent.answer import Unverified
from nightshift.agent.brains import BUILTIN_NAME, OutsideModel
from nightshift.agent.masking import Mask
from nightshift.agent.prompt import mend_prompt
from nightshift.agent.run import Run
from nightshift.errors import BrainError

ModelHandler = Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]

MENDING_TAKES_S = 5.0


class BrainSwitch(AgentMiddleware[AgentState[Any], Any, Any]):
    """Lets the model think within its bounds; when it fails, the built-in brain goes on from the messages so far."""

    def __init__(self, run: Run, model: OutsideModel, builtin: BaseChatModel) -> None:
        super().__init__()
        self._run = run
        self._model = model
        self._builtin = builtin

    async def awrap_model_call(self, request: ModelRequest[Any], handler: ModelHandler) -> ModelResponse[Any]:
        if self._run.brain.kind == "model":
            try:
                return await self._ask_model(request, handler)
            except BrainError as error:
                if (draft := _draft(request.messages)) is not None:
                    return ModelResponse(result=[draft])  # better the unmended draft than a start from nothing
                self._run.fall_back(str(error), BUILTIN_NAME)
        return await handler(request.override(model=self._builtin))

    async def _ask_model(self, request: ModelRequest[Any], handler: ModelHandler) -> ModelResponse[Any]:
        run, limits = self._run, self._run.limits
        who = f"The model {self._model.settings.model}"
        if run.model_calls >= limits.model_calls:
            raise BrainError(f"{who} came to no answer within {limits.model_calls} calls.")
        if run.malformed_calls > limits.malformed_calls:
            raise BrainError(f"{who} kept calling tools with arguments that are not valid JSON.")
        run.model_calls += 1
        if run.model_calls == limits.model_calls:
            request = request.override(tool_choice="none")  # the last call: answer with what there is
        try:
            async with asyncio.timeout(max(0.0, run.model_seconds_left)):
                response = await handler(request)
        except TimeoutError as error:
            raise BrainError(f"{who} came to no answer within {limits.model_time_s:g} s.") from error
        except self._model.failures as error:
            raise BrainError(self._model.reason(error)) from error
        message = response.result[-1]
        self._count(message)
        if not isinstance(message, AIMessage) or not (message.text or message.tool_calls or message.invalid_tool_calls):
            raise BrainError(f"{who} gave an empty answer.")
        if message.tool_calls and message.response_metadata.get("finish_reason") == "length":
            # The client library completes half a JSON by itself, which can name another guest than was meant.
            raise BrainError(f"{who} ran out of tokens in the middle of a tool call.")
        if message.invalid_tool_calls:
            run.malformed_calls += 1
        return response

    def _count(self, message: object) -> None:
        usage = message.usage_metadata if isinstance(message, AIMessage) else None
        if usage is not None:
            self._run.tokens_in += usage["input_tokens"]
            self._run.tokens_out += usage["output_tokens"]


class MaskingBoundary(AgentMiddleware[AgentState[Any], Any, Any]):
    """Masks every text that goes to the model outside, and unmasks what comes back. The built-in brain passes as is."""

    def __init__(self, mask: Mask, model: OutsideModel) -> None:
        super().__init__()
        self._mask = mask
        self._model = model

    async def awrap_model_call(self, request: ModelRequest[Any], handler: ModelHandler) -> ModelResponse[Any]:
        if request.model is not self._model.chat:
            return await handler(request)
        system = request.system_message
        masked = request.override(
            messages=[self._outgoing(message) for message in request.messages],
            system_message=None if system is None else SystemMessage(self._mask.outgoing(system.text)),
        )
        response = await handler(masked)
        return ModelResponse(result=[self._incoming(message) for message in response.result])

    def _outgoing(self, message: AnyMessage) -> AnyMessage:
        changes: dict[str, Any] = {"content": self._mask.outgoing(message.text), "additional_kwargs": {}}
        if isinstance(message, ToolMessage):
            changes["artifact"] = None
        if isinstance(message, AIMessage):
            changes["tool_calls"] = [
                {**call, "args": _through(self._mask.outgoing, call["args"])} for call in message.tool_calls
            ]
            changes["invalid_tool_calls"] = [
                {**broken, "args": self._mask.outgoing(broken["args"] or "")} for broken in message.invalid_tool_calls
            ]
        return message.model_copy(update=changes)

    def _incoming(self, message: Any) -> Any:
        if not isinstance(message, AIMessage):
            return message
        calls = [{**call, "args": _through(self._mask.incoming, call["args"])} for call in message.tool_calls]
        return message.model_copy(update={"content": self._mask.incoming(message.text), "tool_calls": calls})


class Mending(AgentMiddleware[AgentState[Any], Any, Any]):
    """Sends a model back once over a draft that says what no evidence shows, and over malformed tool calls."""

    def __init__(self, run: Run, unverified: Callable[[str], tuple[Unverified, ...]]) -> None:
        super().__init__()
        self._run = run
        self._unverified = unverified
        self._mended = False

    @hook_config(can_jump_to=["model"])
    async def aafter_model(self, state: AgentState[Any], runtime: Runtime[Any]) -> dict[str, Any] | None:  # noqa: ARG002
        message = state["messages"][-1]
        if self._run.brain.kind != "model" or not isinstance(message, AIMessage) or message.tool_calls:
            return None
        if message.invalid_tool_calls:
            return {"jump_to": "model"}  # the graph answers the broken calls with an error message by itself
        unverified = self._unverified(message.text)
        room = self._run.model_calls < self._run.limits.model_calls and self._run.model_seconds_left > MENDING_TAKES_S
        if self._mended or not unverified or not room:
            return None
        self._mended = True
        self._run.tell("note", "mending", f"{len(unverified)} claims are not in the evidence")
        claims = [f"{claim.text} ({claim.kind})" for claim in unverified]
        return {"jump_to": "model", "messages": [HumanMessage(mend_prompt(claims), id=MENDING_ID)]}


MENDING_ID = "nightshift-mending"


def _draft(messages: list[AnyMessage]) -> AIMessage | None:
    """The draft that the model was sent back over, if it was."""
    if len(messages) > 1 and messages[-1].id == MENDING_ID and isinstance(messages[-2], AIMessage):
        return messages[-2].model_copy(update={"id": None})
    return None


def _through(change: Callable[[str], str], value: Any) -> Any:
    """Every text in a JSON value changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _through(change, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_through(change, item) for item in value]
    return value
