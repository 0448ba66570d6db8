"""What the slow lane reads of PBS: the snapshots of every namespace, hourly, since PBS reads every manifest for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
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
    "backup_snapshots", NamespaceSnapshots, timedelta(hours=1), "namespaces' snapshots", rank=1
)  # fmt: skip
_MANY: Final = 2_000


async def want_snapshots(
    turn: Turn,
    client: PbsClient,
    namespaces: Iterable[tuple[str, str]],
    unreadable: Mapping[str, str],
    now: datetime,
) -> None:
    """The snapshots of every namespace (datastore, namespace). What was read earlier of datastores that are
    `unreadable` now (name → why) stays: it is the last that is known of the backups in them."""
    wanted = {f"{store}/{namespace}": (store, namespace) for store, namespace in namespaces}
    orders = [
        Order(key, datastore_key(client.source, store), partial(_snapshots, client, store, namespace, now))
        for key, (store, namespace) in wanted.items()
    ]
    for kind, key in await turn.lane.kept(now):
        store = key.partition("/")[0]
        if kind == SNAPSHOTS.name and key not in wanted and (store in unreadable or "" in unreadable):
            why = unreadable.get(store) or unreadable[""]
            orders.append(Order(key, datastore_key(client.source, store), partial(_away, client.source, why)))
    turn.want(SNAPSHOTS, orders)


async def _snapshots(client: PbsClient, store: str, namespace: str, now: datetime) -> NamespaceSnapshots:
    rows = await client.snapshots(store, namespace)
    of = partial(NamespaceSnapshots.of, client.source, store, namespace, now, rows)
    return await asyncio.to_thread(of) if len(rows) > _MANY else of()


async def _away(source: str, why: str) -> NamespaceSnapshots:
    raise SourceUnreachable(source, "GET /admin/datastore/{store}/snapshots", why)
