"""What binds guests to nodes: disks, devices, and the rules of high availability."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from nightshift.facts.cluster import HaResource
from nightshift.facts.ids import guest_key
from nightshift.facts.inventory import Guest, GuestConfig
from nightshift.facts.snapshot import Snapshot

_NOT_WANTED = frozenset({"stopped", "disabled", "ignored"})


@dataclass(frozen=True, slots=True)
class Bond:
    """What binds a guest to the node that it is on: `disks` that only this node has and that are not replicated, its
    `devices` and folders, and the `rules` of high availability that allow it nowhere else."""

    disks: tuple[str, ...]
    devices: tuple[str, ...]
    rules: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether no other node could start it."""
        return bool(self.disks or self.devices or self.rules)

    @property
    def named(self) -> tuple[str, ...]:
        """All of it, for a table or a sentence."""
        return (*self.disks, *self.devices, *(f"rule {rule}" for rule in self.rules))


def bonds_of(snapshot: Snapshot, lost: Collection[tuple[str, str]] = ()) -> dict[str, Bond]:
    """The bonds of every guest whose configuration was read, by entity key. One with disks on its node alone, of which
    nobody could tell whether they are replicated, is left out. What only nodes have that are `lost` (source, name)
    binds as well."""
    shared = _shared_storages(snapshot)
    limited = {
        (config.source, config.name): frozenset(config.nodes)
        for config in snapshot.storage_configs
        if config.nodes is not None
    }
    replicated = {job.guest for job in snapshot.replication if job.enabled and (job.source, job.target) not in lost}
    untold = {gap.source for gap in snapshot.replication.gaps}
    elsewhere = nodes_elsewhere(snapshot, lost)
    rules = _strict_rules(snapshot)
    bonds: dict[str, Bond] = {}
    for config in snapshot.guest_configs:
        key = guest_key(config.source, config.vmid)
        others = elsewhere.get(key, frozenset())
        disks = () if key in replicated else tuple(_local_disks(config, shared, limited, others))
        if disks and config.source in untold:
            continue
        binding = tuple(rules.get(key, {})) if key in elsewhere and not others else ()
        bonds[key] = Bond(disks, config.passthrough, binding)
    return bonds


def nodes_elsewhere(snapshot: Snapshot, lost: Collection[tuple[str, str]] = ()) -> dict[str, frozenset[str]]:
    """The other nodes of its cluster, but for those that are `lost`, on which a guest may run by the strict rules of
    high availability, by key."""
    members: dict[str, set[str]] = {}
    for node in snapshot.nodes:
        if (node.source, node.name) not in lost:
            members.setdefault(node.source, set()).add(node.name)
    rules = _strict_rules(snapshot)
    found: dict[str, frozenset[str]] = {}
    for guest in snapshot.guests:
        allowed = members.get(guest.source, set()) - {guest.node}
        for nodes in rules.get(guest.entity.key, {}).values():
            allowed = allowed & nodes
        found[guest.entity.key] = frozenset(allowed)
    return found


def _strict_rules(snapshot: Snapshot) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """The nodes that each strict rule allows, by guest key and the name of the rule."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for row in snapshot.ha_rules:
        for rule in row.rules:
            if rule.strict:
                for vmid in rule.vmids:
                    found.setdefault(guest_key(row.source, vmid), {})[rule.name] = frozenset(rule.nodes)
    return found


def managed_guests(snapshot: Snapshot) -> Iterable[tuple[Guest, HaResource]]:
    """The guests that high availability is to keep running."""
    guests = {(guest.source, guest.vmid): guest for guest in snapshot.guests}
    for ha in snapshot.ha:
        for resource in ha.resources:
            found = guests.get((resource.source, resource.vmid or 0))
            if found is not None and resource.requested not in _NOT_WANTED and resource.state not in _NOT_WANTED:
                yield found, resource


def managed_keys(snapshot: Snapshot) -> set[str]:
    """The keys of those guests; where high availability itself may not be read, by what the list of guests tells."""
    told = {ha.source for ha in snapshot.ha}
    listed = (guest for guest in snapshot.guests if guest.source not in told and guest.ha_state)
    keys = {guest.entity.key for guest in listed if guest.ha_state not in _NOT_WANTED}
    return keys | {guest.entity.key for guest, _ in managed_guests(snapshot)}


def _shared_storages(snapshot: Snapshot) -> dict[tuple[str, str], bool]:
    """Whether a storage is shared, by source and name; one that nobody lists is left out: nothing is known of it."""
    shared: dict[tuple[str, str], bool] = {}
    for storage in snapshot.storages:
        key = (storage.source, storage.name)
        shared[key] = shared.get(key, False) or storage.shared
    return shared


def _local_disks(
    config: GuestConfig,
    shared: Mapping[tuple[str, str], bool],
    limited: Mapping[tuple[str, str], frozenset[str]],
    others: frozenset[str],
) -> Iterable[str]:
    """Disks on storages that no other node has on which the guest may run."""
    for slot, value in config.disks:
        storage, separator, _ = value.partition(":")
        key = (config.source, storage)
        if separator and not slot.startswith("unused"):
            out_of_reach = key in limited and bool(others) and not others & limited[key]
            if shared.get(key) is False or (shared.get(key) and out_of_reach):
                yield f"{slot} on {storage}"
