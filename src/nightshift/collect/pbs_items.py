"""What the slow lane reads of PBS: the snapshots of every namespace, hourly, since PBS reads every manifest for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from nightshift.collect.lanes import Kind, Order, Turn
from nightshift.errors import SourceUnreachable
from nightshift.facts.backups import NamespaceSnapshots
from nightshift.facts.ids import datastore_key

if TYPE_CHECKING:
    from nightshift.sources import PbsClient

SNAPSHOTS: Final = Kind(
    "backup_snapshots", NamespaceSnapshots, timedelta(hours=1), "namespaces' snapshots", rank=1,
    retry=timedelta(seconds=1),
)  # fmt: skip
_MANY: Final = 2_000
_LISTING_S: Final = 120.0  # a server with slow disks reads a few hundred manifests a second


class LongReads:
    """Lists that take longer than a sweep may: the read goes on while the sweep does not wait for it, and a later one
    takes what it gave. One for each source; at most one read of each list at a time."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Future[NamespaceSnapshots]] = {}

    async def read(self, key: str, start: Callable[[], Awaitable[NamespaceSnapshots]]) -> NamespaceSnapshots:
        """The list, from a read that is under way or a new one. Raises what the read raises."""
        running = self._running.get(key)
        if running is None:
            running = asyncio.ensure_future(start())
            running.add_done_callback(_retrieved)
            self._running[key] = running
        try:
            return await asyncio.shield(running)
        finally:
            if running.done():
                self._running.pop(key, None)

    async def finish(self) -> None:
        """Wait for what is being read; the next sweep takes it."""
        running = [read for read in self._running.values() if not read.done()]
        if running:
            await asyncio.wait(running)

    async def aclose(self) -> None:
        """Give up what is still being read."""
        running = [read for read in self._running.values() if not read.done()]
        for read in running:
            read.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _retrieved(read: asyncio.Future[NamespaceSnapshots]) -> None:
    """Nobody may come back for a failure: it is not worth a line in the log."""
    if not read.cancelled():
        read.exception()


async def want_snapshots(
    turn: Turn,
    client: PbsClient,
    namespaces: Iterable[tuple[str, str]],
    unreadable: Mapping[str, str],
    now: datetime,
    long: LongReads,
) -> None:
    """The snapshots of every namespace (datastore, namespace). What was read earlier of datastores that are
    `unreadable` now (name → why) stays: it is the last that is known of the backups in them."""
    wanted = {f"{store}/{namespace}": (store, namespace) for store, namespace in namespaces}
    orders = [
        Order(
            key,
            datastore_key(client.source, store),
            partial(long.read, key, partial(_snapshots, client, store, namespace, now)),
        )
        for key, (store, namespace) in wanted.items()
    ]
    for kind, key in await turn.lane.kept(now):
        store = key.partition("/")[0]
        if kind == SNAPSHOTS.name and key not in wanted and (store in unreadable or "" in unreadable):
            why = unreadable.get(store) or unreadable[""]
            orders.append(Order(key, datastore_key(client.source, store), partial(_away, client.source, why)))
    turn.want(SNAPSHOTS, orders)


async def _snapshots(client: PbsClient, store: str, namespace: str, now: datetime) -> NamespaceSnapshots:
    rows = await client.snapshots(store, namespace, timeout_s=_LISTING_S)
    of = partial(NamespaceSnapshots.of, client.source, store, namespace, now, rows)
    return await asyncio.to_thread(of) if len(rows) > _MANY else of()


async def _away(source: str, why: str) -> NamespaceSnapshots:
    raise SourceUnreachable(source, "GET /admin/datastore/{store}/snapshots", why)
