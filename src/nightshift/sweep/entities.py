"""How entities hang together: what runs on a node, what is measured where, which storage is which datastore."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from nightshift.facts.backups import Datastore
from nightshift.facts.ids import guest_key, node_key, target_key
from nightshift.facts.inventory import Storage
from nightshift.facts.snapshot import Snapshot

_SAME_SIZE = 0.001  # PVE and PBS read the same file system a moment apart


@dataclass(frozen=True)
class EntityGraph:
    """Questions about who depends on whom, each answered from indexes that are built once."""

    snapshot: Snapshot

    @cached_property
    def guests_of_node(self) -> dict[str, frozenset[str]]:
        """Guest keys by node key."""
        found: dict[str, set[str]] = {}
        for guest in self.snapshot.guests:
            found.setdefault(node_key(guest.source, guest.node), set()).add(guest.entity.key)
        return {key: frozenset(keys) for key, keys in found.items()}

    @cached_property
    def node_of_guest(self) -> dict[str, str]:
        """Node key by guest key."""
        return {guest.entity.key: node_key(guest.source, guest.node) for guest in self.snapshot.guests}

    @cached_property
    def targets_of(self) -> dict[str, frozenset[str]]:
        """Target keys by the key of the guest or node that they run on."""
        found: dict[str, set[str]] = {}
        for target in self.snapshot.targets:
            if target.entity_key is not None:
                found.setdefault(target.entity_key, set()).add(target_key(target.job, target.instance))
        return {key: frozenset(keys) for key, keys in found.items()}

    @cached_property
    def instance_of_target(self) -> dict[str, str]:
        """The `instance` by target key, lower-cased."""
        return {target_key(item.job, item.instance): item.instance.lower() for item in self.snapshot.targets}

    @cached_property
    def job_of_target(self) -> dict[str, str]:
        """The `job` by target key."""
        return {target_key(item.job, item.instance): item.job for item in self.snapshot.targets}

    @cached_property
    def alert_labels(self) -> dict[str, dict[str, str]]:
        """The labels of every alert by `rule uid/instance hash`, the discriminator of its finding."""
        return {f"{alert.rule_uid}/{alert.instance_hash}": dict(alert.labels) for alert in self.snapshot.alerts}

    @cached_property
    def alert_names(self) -> dict[str, str]:
        """The name of every alert by the discriminator of its finding."""
        return {f"{alert.rule_uid}/{alert.instance_hash}": alert.name for alert in self.snapshot.alerts}

    @cached_property
    def storages_of_datastore(self) -> dict[str, frozenset[str]]:
        """Keys of the PVE storages that are a datastore of a backup server, by datastore key."""
        storages = [item for item in self.snapshot.storages if item.plugin == "pbs"]
        return {
            datastore.entity.key: frozenset(item.entity.key for item in _storages_of(datastore, storages))
            for datastore in self.snapshot.datastores
        }

    @cached_property
    def guests_saved_to_storage(self) -> dict[str, frozenset[str]]:
        """Guest keys by the key of the storage to which an enabled job saves them."""
        keys = {(item.source, item.name): item.entity.key for item in self.snapshot.storages}
        found: dict[str, set[str]] = {}
        for job in self.snapshot.backup_jobs:
            storage = keys.get((job.source, job.storage or ""))
            if not job.enabled or storage is None:
                continue
            for guest in self.snapshot.guests:
                selected = job.vmids is None or guest.vmid in job.vmids
                if guest.source == job.source and selected and guest.vmid not in job.excluded_vmids:
                    found.setdefault(storage, set()).add(guest_key(guest.source, guest.vmid))
        return {key: frozenset(guests) for key, guests in found.items()}

    def on_node(self, node: str) -> frozenset[str]:
        """The node, its guests, and everything that is scraped on them."""
        machines = {node, *self.guests_of_node.get(node, ())}
        return frozenset(machines.union(*(self.targets_of.get(machine, frozenset()) for machine in machines)))

    def machine_of(self, entity: str) -> str | None:
        """The guest or node that a target runs on; a guest or node itself."""
        if entity.startswith(("guest:", "node:")):
            return entity
        return next((machine for machine, targets in self.targets_of.items() if entity in targets), None)


def _storages_of(datastore: Datastore, storages: Iterable[Storage]) -> list[Storage]:
    """PVE does not tell in its resources which datastore a storage is: the one whose size is the same is it. When
    several datastores could be meant, the name has to agree too."""
    if not datastore.total_bytes:
        return [item for item in storages if datastore.name.lower() in item.name.lower()]
    same = [
        item
        for item in storages
        if item.total_bytes and abs(item.total_bytes - datastore.total_bytes) <= _SAME_SIZE * datastore.total_bytes
    ]
    by_name = [item for item in same if datastore.name.lower() in item.name.lower()]
    return by_name or same
