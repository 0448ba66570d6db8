"""Work that a server does by itself: the sweep and the health probes, each at its own pace."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from nightshift.errors import NightshiftError

log = logging.getLogger(__name__)


async def repeat(name: str, job: Callable[[], Awaitable[object]], interval_s: float) -> None:
    """Run `job` at once and then `interval_s` after each end, for ever.

    A failure is logged and the next run comes, a bug included: nobody waits for this task who could be told.
    """
    while True:
        try:
            await job()
        except (NightshiftError, TimeoutError) as error:
            log.warning("%s failed: %s", name, error)
        except Exception:
            log.exception("%s failed", name)
        await asyncio.sleep(interval_s)


@asynccontextmanager
async def running(*loops: Awaitable[None]) -> AsyncIterator[None]:
    """The loops run as tasks inside the block and are cancelled at its end."""
    tasks = [asyncio.ensure_future(loop) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
