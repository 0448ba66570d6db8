"""Which guests need one, as far as something that is read names both: its exporter's series, others' notes.

An exporter names its clients in labels: `pg_database_size_bytes{datname="nextcloud"}` at the database,
`traefik_service_requests_total{service="immich@file"}` at the proxy. That is no proof that nobody else needs it.
"""

from __future__ import annotations

import re

from nightshift.facts.evidence import Cell, Evidence
from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.tools.context import ToolContext
from nightshift.tools.metric_queries import regex_literal
from nightshift.tools.tables import table

COLUMNS = ("guest", "vmid", "told_by", "key")
ALIKE_COLUMNS = ("twin", "runs_on", "status", "key")
_LABELS = {
    "datname": "a database there", "database": "a database there", "db": "a database there",
    "service": "served through it", "exported_service": "served through it", "backend": "served through it",
    "proxy": "served through it", "vhost": "a virtual host there", "client": "a client of it",
}  # fmt: skip
_REST = re.compile(r"[@:/].*$")  # `nextcloud@file`, `web:8080`
_NUMBER = re.compile(r"[-_]?\d+$")


async def dependants(ctx: ToolContext, snapshot: Snapshot, guest: Guest) -> list[Evidence]:
    """Who is named by the series of its exporters, or names it in the notes; and its twin, where it has one."""
    others = {other.name.lower(): other for other in snapshot.guests if other.name and other != guest}
    return [
        *await _by_series(ctx, snapshot, guest, others),
        *_by_notes(ctx, snapshot, guest),
        *_alike(ctx, snapshot, guest),
    ]


async def _by_series(ctx: ToolContext, snapshot: Snapshot, guest: Guest, others: dict[str, Guest]) -> list[Evidence]:
    own = sorted({target.instance for target in snapshot.targets if target.entity_key == guest.entity.key})
    if not own:
        return []
    instances = "|".join(map(regex_literal, own))
    read = await ctx.live.query(f'group by ({", ".join(_LABELS)}) (last_over_time({{instance=~"{instances}"}}[6h]))')
    found: dict[str, tuple[Cell, ...]] = {}
    for sample in read.value.samples if read.value else ():
        for label, value in sample.labels:
            other = others.get(_REST.sub("", value).lower())
            if other is not None and label in _LABELS:
                found[other.entity.key] = (other.name, other.vmid, _LABELS[label], other.entity.key)
    rows = sorted(found.values(), key=str)
    title = f"Guests that the metrics of {guest.entity.label} name"
    told = table(
        read.source, read.request, title, COLUMNS, rows, taken_at=read.taken_at, now=ctx.clock(), gaps=read.gaps
    )
    return [told] if rows or read.gaps else []


def _by_notes(ctx: ToolContext, snapshot: Snapshot, guest: Guest) -> list[Evidence]:
    """Those whose notes have its name as a word of its own, capitals or not."""
    if not guest.name:
        return []
    by_vmid = {(other.source, other.vmid): other for other in snapshot.guests}
    name = re.compile(rf"(?<![\w-]){re.escape(guest.name)}(?![\w-])", re.IGNORECASE)
    naming = [
        by_vmid[config.source, config.vmid]
        for config in snapshot.guest_configs
        if (config.source, config.vmid) in by_vmid
        and (config.source, config.vmid) != (guest.source, guest.vmid)
        and name.search(config.description or "")
    ]
    rows = [(other.name, other.vmid, "its notes name it", other.entity.key) for other in naming]
    title = f"Guests whose notes name {guest.entity.label}"
    request = "GET /nodes/{node}/{qemu,lxc}/{vmid}/config"
    at = snapshot.guest_configs.taken_at or snapshot.taken_at
    return [table(guest.source, request, title, COLUMNS, rows, taken_at=at, now=ctx.clock())] if rows else []


def _alike(ctx: ToolContext, snapshot: Snapshot, guest: Guest) -> list[Evidence]:
    """`adguard2` beside `adguard1`: of the same name but for its number, and the same tags."""
    stem = _NUMBER.sub("", guest.name or "")
    if not stem or stem == guest.name:
        return []
    twins = [
        other
        for other in snapshot.guests
        if other != guest and _NUMBER.sub("", other.name or "") == stem and other.tags == guest.tags
    ]
    rows = [(twin.name, twin.node, twin.status, twin.entity.key) for twin in twins]
    title = f"Guests of the same name and tags as {guest.entity.label}"
    taken_at = snapshot.guests.taken_at or snapshot.taken_at
    return (
        [table(guest.source, "GET /cluster/resources", title, ALIKE_COLUMNS, rows, taken_at=taken_at, now=ctx.clock())]
        if rows
        else []
    )
