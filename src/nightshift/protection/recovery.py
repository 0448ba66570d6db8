"""For the day on which the cluster is down: every guest, where its newest good copies lie, in which order to restore.

Nothing in it is a secret: addresses, names, times and commands, no tokens, no keys, no notes of guests.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from nightshift.facts.inventory import Guest, GuestConfig, StorageConfig, guests_in_words
from nightshift.facts.snapshot import Snapshot
from nightshift.protection.matrix import Matrix
from nightshift.protection.verdict import Copy, Protection

_ORDER = re.compile(r"\border=(\d+)")
_NO_ORDER = 10_000
_COPIES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Source:
    """Where backups lie: a storage of PVE with the address of its server. `encrypted` says that a key is needed."""

    cluster: str
    name: str
    plugin: str
    server: str | None
    datastore: str | None
    namespace: str
    username: str | None
    encrypted: bool
    runs_as: str | None


@dataclass(frozen=True, slots=True)
class Restorable:
    """A copy with the command that restores it; None when no storage of this cluster reaches it. `inside` says that
    it lies in the guest itself, which has to be made anew before anything in it can be read."""

    place: str
    at: datetime
    size_bytes: int | None
    verified: bool | None
    encrypted: bool | None
    command: str | None
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One guest in its turn. `first_because` says why it comes before others."""

    guest: Guest
    verdict: str
    headline: str
    startup: str | None
    first_because: str | None
    copies: tuple[Restorable, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The recovery sheet. `keys` are sentences on what has to be at hand besides, `guests` how many there are, in
    words; templates have no turn in it."""

    taken_at: datetime
    sources: tuple[Source, ...]
    keys: tuple[str, ...]
    steps: tuple[Step, ...]
    blind: tuple[str, ...]
    guests: str


def sheet_of(snapshot: Snapshot, matrix: Matrix) -> Sheet:
    """The recovery sheet of a snapshot."""
    configs = {(item.source, item.vmid): item for item in snapshot.guest_configs}
    providers = _providers(snapshot)
    items = [item for item in matrix.protections if item.guest is not None and not item.guest.template]
    items.sort(key=lambda item: _turn(item, configs, providers))
    sources = tuple(_source(snapshot, item) for item in snapshot.storage_configs if "backup" in item.content)
    steps = tuple(_step(item, configs, providers) for item in items)
    return Sheet(
        taken_at=snapshot.taken_at,
        sources=sources,
        keys=tuple(dict.fromkeys(_keys(sources, steps))),
        steps=steps,
        blind=tuple(dict.fromkeys(gap.detail for gap in matrix.blind)),
        guests=guests_in_words(item.guest for item in matrix.protections if item.guest is not None),
    )


def _providers(snapshot: Snapshot) -> dict[str, str]:
    """Why a guest comes first, by its key: others cannot be restored or started without it."""
    found: dict[str, str] = {}
    for config in snapshot.storage_configs:
        entity = snapshot.names.get((config.server or "").lower())
        if entity is not None and entity.kind == "guest":
            what = "backups" if config.plugin == "pbs" else "storage"
            found.setdefault(entity.key, f"it serves the {what} {config.name}")
    return found


def _turn(
    item: Protection, configs: Mapping[tuple[str, int], GuestConfig], providers: Mapping[str, str]
) -> tuple[str, int, int, int]:
    """Backup servers, then those that serve storages, then by PVE's own start order, then by number."""
    guest = item.guest
    assert guest is not None
    why = providers.get(item.entity.key, "")
    rank = 0 if "the backups" in why else 1 if why else 2
    config = configs.get((guest.source, guest.vmid))
    order = _ORDER.search(config.startup or "") if config else None
    return guest.source, rank, int(order[1]) if order else _NO_ORDER, guest.vmid


def _source(snapshot: Snapshot, config: StorageConfig) -> Source:
    entity = snapshot.names.get((config.server or "").lower())
    return Source(
        cluster=config.source,
        name=config.name,
        plugin=config.plugin,
        server=config.server,
        datastore=config.datastore,
        namespace=config.namespace,
        username=config.username,
        encrypted=config.encrypted,
        runs_as=entity.label if entity is not None and entity.kind in ("guest", "node") else None,
    )


def _step(
    item: Protection,
    configs: Mapping[tuple[str, int], GuestConfig],
    providers: Mapping[str, str],
) -> Step:
    guest = item.guest
    assert guest is not None
    config = configs.get((guest.source, guest.vmid))
    good = sorted((copy for copy in item.copies if copy.good_at), key=lambda copy: copy.good_at or copy.newest_at)
    return Step(
        guest=guest,
        verdict=item.verdict,
        headline=item.headline,
        startup=config.startup if config else None,
        first_because=providers.get(item.entity.key),
        copies=tuple(_restorable(guest, copy, config) for copy in reversed(good))[:_COPIES_SHOWN],
    )


def _restorable(guest: Guest, copy: Copy, config: GuestConfig | None) -> Restorable:
    at = copy.good_at or copy.newest_at
    return Restorable(
        copy.place, at, copy.size_bytes, copy.verified if at == copy.newest_at else None, copy.encrypted,
        _command(guest, copy, at, _disk_storage(config)), inside=copy.domain == "itself",
    )  # fmt: skip


def _command(guest: Guest, copy: Copy, at: datetime, disk_storage: str | None) -> str | None:
    if copy.storage is None or copy.archive is None:
        return None
    if copy.container.startswith("datastore:"):
        volume = f"{copy.storage}:backup/{copy.archive}/{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    elif at == copy.newest_at:
        volume = copy.archive
    else:
        return None
    to = f" --storage {shlex.quote(disk_storage)}" if disk_storage else ""
    if guest.kind == "qemu":
        return f"qmrestore {shlex.quote(volume)} {guest.vmid}{to}"
    return f"pct restore {guest.vmid} {shlex.quote(volume)}{to}"


def _disk_storage(config: GuestConfig | None) -> str | None:
    """The storage of the first disk: where the guest lived."""
    names = [text.partition(":")[0] for _, text in config.disks if ":" in text.partition(",")[0]] if config else []
    return names[0] if names else None


def _keys(sources: Iterable[Source], steps: Iterable[Step]) -> Iterable[str]:
    """What has to be at hand that is in no backup."""
    encrypted = sorted({source.name for source in sources if source.encrypted})
    places = sorted({copy.place for step in steps for copy in step.copies if copy.encrypted})
    for name in encrypted:
        yield (
            f"The encryption key of the storage {name} (on a node: /etc/pve/priv/storage/{name}.enc). Without it "
            f"nothing "
            "that was encrypted with it can be read."
        )
    if places and not encrypted:
        yield f"The encryption key of the backups in {', '.join(places)}."
    for source in sources:
        if source.plugin == "pbs" and source.server:
            user = f", user {source.username}" if source.username else ""
            yield f"Access to the backup server {source.server}{user}: its password or token, and its fingerprint."
    yield "Root's password of the nodes, and an installation medium of Proxmox VE and of Proxmox Backup Server."
