"""A real HTTP server on loopback that speaks the OpenAI chat-completions protocol and follows a script.

    with OpenAIServer([Reply(calls=(ToolCall("health", {}),)), Reply("All is well [E1].")]) as server:
        ...  # point a model at server.base_url

    server.requests[0].body["messages"]      what was sent
    server.requests[0].size_bytes            the real bytes of that body

A step of the script is used for one request, in order; when the script is used up, the last step repeats. Instead of a
list, a function `(Request) -> Step` may decide. Streaming (`stream: true`) and plain requests are both answered, with
usage. `Fail`, `Malformed`, `Hang` and `Cut` are the ways in which servers fail.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool. `arguments` is a dict, or a string that is sent as it is (also when it is no JSON)."""

    name: str
    arguments: dict[str, Any] | str = field(default_factory=dict)

    @property
    def raw_arguments(self) -> str:
        return self.arguments if isinstance(self.arguments, str) else json.dumps(self.arguments)


@dataclass(frozen=True)
class Reply:
    """A usual answer: text, tool calls, or both. `cut_short` is an answer that ran into the limit of tokens."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    cut_short: bool = False

    @property
    def finish_reason(self) -> str:
        if self.cut_short:
            return "length"
        return "tool_calls" if self.calls else "stop"


@dataclass(frozen=True)
class Fail:
    """An HTTP error with the error body of the real service."""

    status: int
    message: str = "The server had an error."
    retry_after_s: int | None = None


@dataclass(frozen=True)
class Malformed:
    """Status 200 and a body that is not what the protocol promises."""

    body: str = "<html>Bad gateway</html>"
    content_type: str = "text/html"


@dataclass(frozen=True)
class Hang:
    """No answer at all until the server is closed."""


@dataclass(frozen=True)
class Cut:
    """The connection ends in the middle of the reply."""

    text: str = "The first half of an ans"


Step = Reply | Fail | Malformed | Hang | Cut


@dataclass(frozen=True)
class Request:
    """One request as it arrived. `number` counts from 0."""

    number: int
    path: str
    headers: dict[str, str]
    raw: bytes
    body: dict[str, Any]

    @property
    def size_bytes(self) -> int:
        return len(self.raw)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body.get("messages", []))

    @property
    def tool_names(self) -> list[str]:
        return [tool["function"]["name"] for tool in self.body.get("tools", [])]


class OpenAIServer:
    """The server; a context manager. `requests` are the chat requests so far."""

    def __init__(self, script: Sequence[Step] | Callable[[Request], Step], *, model: str = "scripted") -> None:
        self.model = model
        self.requests: list[Request] = []
        self._script = script
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> OpenAIServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)

    def next_step(self, path: str, headers: dict[str, str], raw: bytes) -> tuple[Request, Step]:
        with self._lock:
            request = Request(len(self.requests), path, headers, raw, json.loads(raw))
            self.requests.append(request)
            if callable(self._script):
                return request, self._script(request)
            return request, self._script[min(request.number, len(self._script) - 1)]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

            def do_GET(self) -> None:
                if self.path.endswith("/models"):
                    self._send(200, json.dumps({"object": "list", "data": [{"id": server.model, "object": "model"}]}))
                else:
                    self._send(404, json.dumps({"error": {"message": "Not found"}}))

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request, step = server.next_step(self.path, headers, raw)
                try:
                    self._answer(request, step)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the client went away first

            def _answer(self, request: Request, step: Step) -> None:
                match step:
                    case Fail():
                        extra = {"Retry-After": str(step.retry_after_s)} if step.retry_after_s is not None else {}
                        body = {"error": {"message": step.message, "type": "scripted", "code": None}}
                        self._send(step.status, json.dumps(body), extra=extra)
                    case Malformed():
                        self._send(200, step.body, content_type=step.content_type)
                    case Hang():
                        server._closing.wait(timeout=120)
                        self.close_connection = True
                    case Cut():
                        self._cut(request, step)
                    case Reply():
                        self._reply(request, step)

            def _reply(self, request: Request, reply: Reply) -> None:
                if not request.body.get("stream"):
                    self._send(200, json.dumps(completion(server.model, request, reply)))
                    return
                self._start_stream()
                for chunk in chunks(server.model, request, reply):
                    self._event(json.dumps(chunk))
                self._event("[DONE]")
                self._chunk(b"")

            def _cut(self, request: Request, step: Cut) -> None:
                if request.body.get("stream"):
                    self._start_stream()
                    self._event(json.dumps(next(iter(chunks(server.model, request, Reply(step.text))))))
                else:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", "4000")
                    self.end_headers()
                    self.wfile.write(b'{"id": "x", "choices": [')
                self.wfile.flush()
                self.close_connection = True

            def _start_stream(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()

            def _event(self, data: str) -> None:
                self._chunk(f"data: {data}\n\n".encode())

            def _chunk(self, data: bytes) -> None:
                self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
                self.wfile.flush()

            def _send(
                self,
                status: int,
                body: str,
                *,
                content_type: str = "application/json",
                extra: dict[str, str] | None = None,
            ) -> None:
                data = body.encode()
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(data)))
                for name, value in (extra or {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

        return Handler


def completion(model: str, request: Request, reply: Reply) -> dict[str, Any]:
    """The body of an answer that is not streamed."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    if reply.calls:
        message["tool_calls"] = [
            {
                "id": call_id(request, index),
                "type": "function",
                "function": {"name": call.name, "arguments": call.raw_arguments},
            }
            for index, call in enumerate(reply.calls)
        ]
    choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
    return {**_head(model, request, "chat.completion"), "choices": [choice], "usage": usage(request, reply)}


def chunks(model: str, request: Request, reply: Reply) -> Iterator[dict[str, Any]]:
    """The same answer as a stream: text and arguments in small pieces, usage last when it was asked for."""
    head = _head(model, request, "chat.completion.chunk")

    def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    yield chunk({"role": "assistant", "content": ""})
    for piece in _pieces(reply.text, 12):
        yield chunk({"content": piece})
    for index, call in enumerate(reply.calls):
        opening = {"name": call.name, "arguments": ""}
        yield chunk(
            {"tool_calls": [{"index": index, "id": call_id(request, index), "type": "function", "function": opening}]}
        )
        for piece in _pieces(call.raw_arguments, 7):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk({}, reply.finish_reason)
    if (request.body.get("stream_options") or {}).get("include_usage"):
        yield {**head, "choices": [], "usage": usage(request, reply)}


def usage(request: Request, reply: Reply) -> dict[str, int]:
    """Four bytes a token: crude, and the same every time."""
    sent = request.size_bytes // 4
    written = (len(reply.text) + sum(len(call.raw_arguments) for call in reply.calls)) // 4 + 1
    return {"prompt_tokens": sent, "completion_tokens": written, "total_tokens": sent + written}


def call_id(request: Request, index: int) -> str:
    return f"call_{request.number}_{index}"


def _head(model: str, request: Request, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{request.number}", "object": kind, "created": 1_700_000_000, "model": model}


def _pieces(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]
