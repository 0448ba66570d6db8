"""The endpoints. Each one validates, calls one part and turns the result into JSON; nothing is decided here."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from nightshift.api.health import Health
from nightshift.api.models import ConversationId, Problem, Question
from nightshift.api.problems import MEDIA_TYPE, problem
from nightshift.api.service import Json, Service
from nightshift.api.stream import events_of
from nightshift.api.wire import sweep_json, with_display

ASK_TIMEOUT_S = 120.0
SWEEP_TIMEOUT_S = 30.0

_PROBLEM: dict[str, Any] = {"model": Problem, "content": {MEDIA_TYPE: {}}}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {**_PROBLEM, "description": meaning}
    for status, meaning in {
        400: "the body is not JSON",
        401: "an API key is required",
        403: "the key lacks the scope",
        404: "no such conversation",
        421: "unknown Host header",
        422: "the request is not valid",
        504: "no answer in time",
    }.items()
}

router = APIRouter(responses=_REFUSALS)


def _service(request: Request) -> Service:
    service: Service = request.state.service
    return service


@router.get("/", summary="What is served here")
async def index(request: Request) -> Json:
    endpoints = ["POST /ask", "POST /ask/stream", "GET /findings", "GET /conversations/{id}", "GET /health"]
    return {
        "name": "nightshift",
        "version": _service(request).version,
        "endpoints": endpoints,
        "description": "/openapi.json",
    }


@router.get("/health", summary="Liveness, readiness and the state of every component")
async def health(
    request: Request, ready: Annotated[bool, Query(description="Answer 503 when nothing can be read.")] = False
) -> Response:
    state: Health = request.state.health
    body = state.to_json(detailed=request.state.trusted)
    return JSONResponse(body, status_code=503 if ready and not state.ready else 200)


@router.post("/ask", summary="Ask a question; the answer comes whole")
async def ask(request: Request, question: Question) -> Response:
    unknown = await _unknown_conversation(request, question.conversation_id)
    return unknown or JSONResponse(await _answer(_service(request), question, None))


@router.post("/ask/stream", summary="Ask a question; progress and then the answer, as server-sent events")
async def ask_stream(request: Request, question: Question) -> Response:
    unknown = await _unknown_conversation(request, question.conversation_id)
    if unknown:
        return unknown
    service = _service(request)
    stream = events_of(lambda report: _answer(service, question, report))
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.get("/findings", summary="The current sweep: causes, findings, gaps")
async def findings(
    request: Request, fresh: Annotated[bool, Query(description="Sweep anew instead of using a recent sweep.")] = False
) -> Response:
    service = _service(request)
    async with asyncio.timeout(SWEEP_TIMEOUT_S):
        sweep = await service.sweeper.sweep(max_age_s=60.0, fresh=fresh)
    return JSONResponse(sweep_json(sweep, service.clock(), service.zone))


@router.get("/conversations/{conversation_id}", summary="The questions and answers of a conversation")
async def conversation(request: Request, conversation_id: ConversationId) -> Response:
    turns = await _service(request).recall(conversation_id)
    if turns is None:
        return _no_conversation()
    return JSONResponse({"schema": 1, "id": conversation_id, "turns": turns})


async def _answer(service: Service, question: Question, report: Any) -> Json:
    async with asyncio.timeout(ASK_TIMEOUT_S):
        answer = await service.ask(
            question.question, conversation_id=question.conversation_id, fresh=question.fresh, on_event=report
        )
    return {**answer, "evidence": [with_display(item, service.zone) for item in answer["evidence"]]}


async def _unknown_conversation(request: Request, conversation_id: str | None) -> Response | None:
    if conversation_id is None or await _service(request).recall(conversation_id) is not None:
        return None
    return _no_conversation()


def _no_conversation() -> Response:
    return problem(404, "no-conversation", "There is no conversation with this id.", title="No such conversation")
