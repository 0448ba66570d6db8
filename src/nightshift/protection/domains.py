"""What dies together with a guest: where a copy lies as seen from it.

Backups on the storage of the guest, on its node, or in a backup server that runs on that node are lost in the same
fire. Who serves a storage is told by the address in its configuration, as far as that is a guest or node here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from nightshift.facts.ids import Entity
from nightshift.facts.inventory import Guest, GuestConfig, StorageConfig
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import disk_size_bytes
from nightshift.protection.places import Place, Places
from nightshift.protection.verdict import Domain

_CEPH = frozenset({"rbd", "cephfs"})
_HOLDS = 0.9  # a file system is a little smaller than the disk that it is on
_LARGE = 64 * 2**30


@dataclass(frozen=True)
class Domains:
    """Places and guests of one snapshot, and how far they are from each other."""

    snapshot: Snapshot
    places: Places

    @cached_property
    def _guests(self) -> Mapping[str, Guest]:
        return {guest.entity.key: guest for guest in self.snapshot.guests}

    @cached_property
    def _configs(self) -> Mapping[str, GuestConfig]:
        return {f"guest:{item.source}/{item.vmid}": item for item in self.snapshot.guest_configs}

    @cached_property
    def _hosts(self) -> Mapping[str, Entity | None]:
        """The guest or node that each watched backup server is, None for a machine of its own; servers that no storage
        configuration names are left out: nothing is known of them."""
        found: dict[str, Entity | None] = {}
        for (source, storage), servers in self.places.servers.items():
            address = self.places.config[source, storage].server
            if address is not None and len(servers) == 1:
                (server,) = servers
                found[server] = found.get(server) or self._machine(address)
        return found

    @cached_property
    def _datastore_disks(self) -> Mapping[tuple[str, str], str]:
        """The storage on which the virtual disk of a datastore lies, where its backup server is a guest: the disk of
        the datastore's size, else the only large one that is kept out of the server's own backups, as one does with a
        disk full of backups. Disks that are passed through are not seen."""
        found: dict[tuple[str, str], str] = {}
        for datastore in self.snapshot.datastores:
            host = self._hosts.get(datastore.source)
            config = self._configs.get(host.key) if host is not None else None
            texts = [text for _, text in config.disks if not text.startswith("/")] if config else []
            disks = [(text, disk_size_bytes(text)) for text in texts]
            total = datastore.total_bytes or 0
            fitting = [text for text, size in disks if total and _HOLDS * total <= size <= total / _HOLDS]
            left_out = [text for text, size in disks if size >= _LARGE and "backup=0" in text]
            chosen = fitting or (left_out if len(left_out) == 1 else [])
            if chosen:
                found[datastore.source, datastore.name] = chosen[0].partition(":")[0]
        return found

    def _machine(self, address: str) -> Entity | None:
        """The guest or node that has this address or name."""
        for name in (address.lower(), address.lower().partition(".")[0]):
            entity = self.snapshot.names.get(name)
            if entity is not None and entity.kind in ("guest", "node") and not name.isdigit():
                return entity
        return None

    def host_of(self, server: str) -> Entity | None:
        """The guest or node that a watched backup server is, if it is one."""
        return self._hosts.get(server)

    def of_group(self, guest: Guest, place: Place) -> Domain:
        """How far a namespace of a backup server is from a guest."""
        server, datastore, _ = place
        host = self._hosts.get(server)
        if host is not None:
            disk = self._datastore_disks.get((server, datastore))
            near = self._near(guest, host, disk)
            if near != "other box":
                return near
        if self.places.crosses(place):
            return "other site"
        return "other box" if server in self._hosts else "unknown"

    def of_archive(self, guest: Guest, storage: str, node: str | None) -> Domain:
        """How far an archive in a storage of the guest's own cluster is from it."""
        config = self.places.config.get((guest.source, storage))
        if self._has_disk_on(guest, storage, config) and node in (None, guest.node):
            return "same storage"
        if node is not None:
            return "same node" if node == guest.node else "other box"
        if config is None or config.server is None:
            return "unknown"
        host = self._machine(config.server)
        return "other box" if host is None else self._near(guest, host, None)

    def _near(self, guest: Guest, host: Entity, disk_storage: str | None) -> Domain:
        """How far what is on this guest or node is from a guest; `disk_storage` is where its data lies."""
        if host.key == guest.entity.key:
            return "itself"
        if host.kind == "node":
            return "same node" if host.key == f"node:{guest.source}/{guest.node}" else "other box"
        server = self._guests.get(host.key)
        if server is None or server.source != guest.source:
            return "other box"
        if disk_storage is not None:
            config = self.places.config.get((guest.source, disk_storage))
            here = server.node == guest.node
            shared = config is not None and config.shared
            if (here or shared) and self._has_disk_on(guest, disk_storage, config):
                return "same storage"
            if here and not shared:
                return "same node"
        return "same host" if server.node == guest.node else "other box"

    def _has_disk_on(self, guest: Guest, storage: str, config: StorageConfig | None) -> bool:
        known = self._configs.get(guest.entity.key)
        if known is None:
            return False
        mine = {text.partition(":")[0] for _, text in known.disks}
        if storage in mine:
            return True
        if config is None or config.plugin not in _CEPH:
            return False
        plugins = (self.places.config.get((guest.source, name)) for name in mine)
        return any(item is not None and item.plugin in _CEPH for item in plugins)
