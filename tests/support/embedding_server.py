"""A real HTTP server on loopback that speaks the OpenAI embeddings protocol and fails on demand.

    with EmbeddingServer() as server:
        ...                       # point an embedder at server.base_url
        server.fail_with = 503    # from now on
    server.texts                  # every text that it was sent

The vector of a text counts its letters: texts with the same words are near to each other.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


class EmbeddingServer:
    """The server; a context manager. `fail_with` is an HTTP status, or `html` for a page that is no answer."""

    def __init__(self, fail_with: int | str | None = None) -> None:
        self.fail_with = fail_with
        self.fail_after: int | None = None
        self.texts: list[str] = []
        self.keys: list[str | None] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.keys.append(self.headers.get("Authorization"))
                used_up = server.fail_after is not None and len(server.texts) >= server.fail_after
                server.texts += body["input"]
                if server.fail_with == "html":
                    self._send(200, "<html>not here</html>", "text/html")
                elif isinstance(server.fail_with, int) or used_up:
                    self._send(int(server.fail_with or 503), json.dumps({"error": {"message": "no: sk-hidden"}}))
                else:
                    rows = [
                        {"object": "embedding", "index": number, "embedding": vector_of(text)}
                        for number, text in enumerate(body["input"])
                    ]
                    usage = {"prompt_tokens": 1, "total_tokens": 1}
                    self._send(200, json.dumps({"object": "list", "data": rows, "model": "tiny", "usage": usage}))

            def _send(self, status: int, body: str, content_type: str = "application/json") -> None:
                data = body.encode()
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> EmbeddingServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)


def vector_of(text: str) -> list[float]:
    """How often each letter occurs."""
    counts = [float(text.lower().count(letter)) for letter in "abcdefghijklmnopqrstuvwxyz"]
    return [1.0 + count for count in counts]
