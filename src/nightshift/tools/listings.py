"""Lists of what the sweep reads beside nodes, guests and storages: settings of guests, the newest copies in the
datastores, data sources. One row for each, as the `inventory` tool shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nightshift.facts.backups import NamespaceSnapshots
from nightshift.facts.inventory import Guest, GuestConfig
from nightshift.facts.monitoring import DataSource
from nightshift.facts.snapshot import Dataset, Snapshot
from nightshift.facts.units import disk_size_bytes
from nightshift.tools.particulars import listed, note_of, system_of
from nightshift.tools.selection import Row
from nightshift.tools.tables import iso


@dataclass(frozen=True)
class World:
    """A snapshot, with its guests by source and vmid, found once for a whole list."""

    snapshot: Snapshot

    @cached_property
    def guests(self) -> Mapping[tuple[str, int], Guest]:
        return {(guest.source, guest.vmid): guest for guest in self.snapshot.guests}

    @cached_property
    def managed(self) -> Mapping[tuple[str, int | None], str]:
        """The state of each guest under high availability, as that tells it."""
        return {(item.source, item.vmid): item.state for ha in self.snapshot.ha for item in ha.resources}

    @cached_property
    def agents(self) -> Mapping[tuple[str, int], bool | None]:
        """Whether a guest's agent answered when it was asked."""
        return {(one.source, one.vmid): one.agent_answers for one in self.snapshot.guest_filesystems}

    @cached_property
    def owners(self) -> Mapping[tuple[str, str, str, str, str], Guest]:
        """The guest of each group of backups that is one's."""
        guests = {guest.entity.key: guest for guest in self.guests.values()}
        return {
            (group.source, group.datastore, group.namespace, group.backup_type, group.backup_id): guests[group.guest]
            for group in self.snapshot.backup_groups
            if group.guest in guests
        }


@dataclass(frozen=True, slots=True)
class Listing:
    """How one kind is listed: its dataset, its columns, and the rows of each of its things."""

    dataset: Callable[[Snapshot], Dataset[Any]]
    columns: tuple[str, ...]
    rows: Callable[[World, Any], Iterable[Row]]
    request: str
    source_kind: str
    wanted: Callable[[Any], bool] = lambda _thing: True


def _data_source(_world: World, found: DataSource) -> Iterator[Row]:
    yield found.name, found.kind, found.healthy, found.message


def _config(world: World, found: GuestConfig) -> Iterator[Row]:
    guest = world.guests.get((found.source, found.vmid))
    if guest is None or guest.template:
        return
    answers = world.agents.get((found.source, found.vmid))
    vm = guest.kind == "qemu"
    yield (
        guest.vmid, guest.name, "VM" if vm else "CT", guest.node, guest.status, found.onboot,
        found.agent_enabled if vm else None, answers if vm else None, found.startup, ", ".join(found.ips) or None,
        listed(found.disks), listed(found.devices), found.protected, note_of(found),
        iso(found.created_at), system_of(found.os_type), listed(found.networks), found.firmware, found.unprivileged,
        guest.entity.key,
    )  # fmt: skip


def _newest_copies(world: World, found: NamespaceSnapshots) -> Iterator[Row]:
    """The newest snapshot of each group of a guest."""
    for group in found.groups:
        guest = world.owners.get((found.source, found.datastore, found.namespace, group.backup_type, group.backup_id))
        last = group.snapshots[-1]
        yield (
            f"{group.backup_type}/{group.backup_id}", guest.name if guest else None,
            guest.vmid if guest else None, found.datastore, found.namespace or None, len(group.snapshots),
            iso(last.taken_at), last.size_bytes, last.encrypted, last.verified, iso(last.verified_at),
            guest.entity.key if guest else None,
        )  # fmt: skip


BOOT_DISK = "boot disk, by PVE's list"


def with_largest_disk(world: World, columns: tuple[str, ...], rows: Iterable[Row]) -> tuple[tuple[str, ...], list[Row]]:
    """The list of guests with `largest_disk` (`scsi1`) and `largest_disk_bytes` of each; `BOOT_DISK` and its size where
    the configuration was not read or tells no size."""
    largest: dict[str, tuple[str, int]] = {}
    for config in world.snapshot.guest_configs:
        guest = world.guests.get((config.source, config.vmid))
        sizes = [(slot, int(disk_size_bytes(text))) for slot, text in config.disks if "media=cdrom" not in text]
        if guest is not None and any(size for _, size in sizes):
            largest[guest.entity.key] = max(sizes, key=lambda disk: disk[1])
    key, boot = columns.index("key"), columns.index("disk_total_bytes")
    found = [(*row, *largest.get(str(row[key]), (BOOT_DISK, row[boot]))) for row in rows]
    return (*columns, "largest_disk", "largest_disk_bytes"), found


FURTHER: Mapping[str, Listing] = {
    "data_sources": Listing(
        lambda snapshot: snapshot.grafana_datasources, ("name", "type", "healthy", "message"), _data_source,
        "GET /api/datasources", "grafana",
    ),
    "guest_settings": Listing(
        lambda snapshot: snapshot.guest_configs,
        ("vmid", "name", "type", "node", "status", "onboot", "agent", "agent_answers", "startup", "ips", "disks",
         "devices", "protected", "notes", "created_at", "os", "networks", "firmware", "unprivileged", "key"),
        _config, "GET /nodes/*/{qemu,lxc}/*/config", "pve",
    ),
    "newest_copies": Listing(
        lambda snapshot: snapshot.backup_snapshots,
        ("group", "name", "vmid", "datastore", "namespace", "copies", "taken_at", "size_bytes", "encrypted",
         "verified", "verified_at", "key"),
        _newest_copies, "GET /admin/datastore/*/snapshots", "pbs",
    ),
}  # fmt: skip
