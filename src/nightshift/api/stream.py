"""An answer as server-sent events: what is being looked at, the text as it is written, then the whole answer.

    event: progress
    data: {"kind": "tool_started", "name": "backups", "detail": "guest web"}

    event: answer
    data: {"schema": 1, …}

A failure ends the stream with `event: problem` and the problem's JSON.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from typing import Any

from nightshift.api import problems
from nightshift.api.service import Event, Json

KEEP_ALIVE_S = 15.0


async def events_of(
    ask: Callable[[Callable[[Event], None]], Coroutine[Any, Any, Json]], *, keep_alive_s: float = KEEP_ALIVE_S
) -> AsyncIterator[bytes]:
    """The stream of one question. `ask` gets the function to report to, and is cancelled when the client goes."""
    queue: asyncio.Queue[Event | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(ask(lambda event: _put(loop, queue, event)))
    running.add_done_callback(lambda _: _put(loop, queue, None))
    try:
        while True:
            try:
                async with asyncio.timeout(keep_alive_s):
                    event = await queue.get()
            except TimeoutError:
                yield b": still working\n\n"  # proxies close a stream that says nothing
                continue
            if event is None:
                break
            yield _frame("progress", {"kind": event.kind, "name": event.name, "detail": event.detail})
        yield _outcome(running)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await running


def _put(loop: asyncio.AbstractEventLoop, queue: asyncio.Queue[Event | None], event: Event | None) -> None:
    """Events may come from another thread; all take the same way, so that they keep their order."""
    loop.call_soon_threadsafe(queue.put_nowait, event)


def _outcome(finished: asyncio.Task[Json]) -> bytes:
    if finished.cancelled():
        return _frame("problem", problems.problem_body(503, "stopping", "The server is stopping."))
    error = finished.exception()
    if isinstance(error, Exception):
        return _frame("problem", problems.body_of(error))
    return _frame("answer", finished.result())


def _frame(event: str, data: Json) -> bytes:
    """JSON has no bare line ends, so one data line is enough."""
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
