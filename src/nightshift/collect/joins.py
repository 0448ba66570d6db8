"""The joins between the systems: what a Prometheus instance, an alert's labels and a backup group are about.

A name joins only where it is certain: one that two entities bear (two guests called `web`, a vmid in two clusters)
joins nothing. A wrong join is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from nightshift.facts.backups import BackupGroup, Datastore, NamespaceSnapshots
from nightshift.facts.ids import Entity
from nightshift.facts.instances import entity_of_host
from nightshift.facts.inventory import Guest, GuestConfig, Node, Storage, StorageConfig
from nightshift.facts.monitoring import Alert, Labels, Target, label
from nightshift.facts.snapshot import Dataset
from nightshift.protection.identity import attribute
from nightshift.protection.places import Places

# What an exporter or a rule calls the thing that it is about, the most specific first. `instance` comes after what
# names a guest: for a series of an exporter that watches many things it is the exporter's own address.
_ID_LABELS = ("id",)
_GUEST_LABELS = ("vmid", "guest", "vm", "vm_name", "guest_name", "container", "ct")
_PLACE_LABELS = ("instance", "node", "nodename", "host", "hostname", "name")
_THING_LABELS = frozenset((*_ID_LABELS, *_GUEST_LABELS, "datastore", "storage", *_PLACE_LABELS))


@dataclass(slots=True)
class _Index:
    """Names of one kind of entity. A name that two entities bear maps to None and stays so."""

    entries: dict[str, Entity | None] = field(default_factory=dict)

    def add(self, name: str | None, entity: Entity) -> None:
        if not name:
            return
        key = name.lower()
        known = self.entries.get(key, entity)
        self.entries[key] = entity if known == entity else None

    def get(self, name: str | None) -> Entity | None:
        return self.entries.get(name.lower()) if name else None


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Every way to write an entity, by kind."""

    nodes: _Index = field(default_factory=_Index)
    guests: _Index = field(default_factory=_Index)
    storages: _Index = field(default_factory=_Index)
    datastores: _Index = field(default_factory=_Index)

    def certain(self) -> dict[str, Entity]:
        """Names that mean one thing over all kinds. A guest and a node with one name leave it out."""
        merged = _Index()
        taken: set[str] = set()
        for index in (self.nodes, self.guests, self.storages, self.datastores):
            for name, entity in index.entries.items():
                if entity is None:
                    taken.add(name)
                else:
                    merged.add(name, entity)
        return {name: entity for name, entity in merged.entries.items() if entity is not None and name not in taken}


def index_names(
    nodes: Iterable[Node],
    guests: Iterable[Guest],
    configs: Iterable[GuestConfig],
    storages: Iterable[Storage],
    datastores: Iterable[Datastore],
) -> NameIndex:
    """Names, IPs, vmids and the ids of prometheus-pve-exporter (`node/pve1`, `qemu/104`, `storage/pve1/local`)."""
    index = NameIndex()
    for node in nodes:
        for name in (node.name, node.ip, f"node/{node.name}"):
            index.nodes.add(name, node.entity)
    by_id: dict[tuple[str, int], Guest] = {}
    for guest in guests:
        by_id[guest.source, guest.vmid] = guest
        for name in (guest.name, str(guest.vmid), f"{guest.kind}/{guest.vmid}"):
            index.guests.add(name, guest.entity)
    for config in configs:
        if found := by_id.get((config.source, config.vmid)):
            for ip in config.ips:
                index.guests.add(ip.partition("/")[0], found.entity)
    for storage in storages:
        index.storages.add(storage.name, storage.entity)
        index.storages.add(f"storage/{storage.node or 'shared'}/{storage.name}", storage.entity)
    for datastore in datastores:
        index.datastores.add(datastore.name, datastore.entity)
    return index


def entity_of_labels(index: NameIndex, names: Mapping[str, Entity], labels: Labels) -> Entity | None:
    """What a series or an alert is about, by its labels; None when they do not say for certain."""
    for name in _ID_LABELS:
        found = _by_exporter_id(index, label(labels, name))
        if found is not None:
            return found
    for name in _GUEST_LABELS:
        value = label(labels, name)
        found = index.guests.get(value)
        if found is not None:
            return found
    datastore = index.datastores.get(label(labels, "datastore"))
    if datastore is not None:
        return datastore
    storage = label(labels, "storage")
    if storage:
        node = label(labels, "node")
        found = index.storages.get(f"storage/{node}/{storage}") or index.storages.get(storage)
        if found is not None:
            return found
    for name in _PLACE_LABELS:
        value = label(labels, name)
        found = entity_of_host(names, value) if value else None
        if found is not None:
            return found
    return None


def names_a_thing(labels: Labels) -> bool:
    """Whether labels say what a series or an alert is about, be it known or not."""
    return any(name in _THING_LABELS and value for name, value in labels)


def _by_exporter_id(index: NameIndex, value: str | None) -> Entity | None:
    return index.guests.get(value) or index.nodes.get(value) or index.storages.get(value) if value else None


def join_targets(targets: Dataset[Target], index: NameIndex, names: Mapping[str, Entity]) -> Dataset[Target]:
    """Targets with the node or guest that they run on."""
    return replace(targets, rows=tuple(_joined_target(target, index, names) for target in targets.rows))


def _joined_target(target: Target, index: NameIndex, names: Mapping[str, Entity]) -> Target:
    found = entity_of_host(names, target.instance)
    if found is None:
        labels = tuple(item for item in target.labels if item[0] != "instance")
        found = entity_of_labels(index, names, labels)
    return replace(target, entity_key=found.key if found else None)


def join_alerts(alerts: Dataset[Alert], index: NameIndex, names: Mapping[str, Entity]) -> Dataset[Alert]:
    """Alerts with the entity that their labels point to."""
    rows = tuple(_joined_alert(alert, index, names) for alert in alerts.rows)
    return replace(alerts, rows=rows)


def _joined_alert(alert: Alert, index: NameIndex, names: Mapping[str, Entity]) -> Alert:
    found = entity_of_labels(index, names, alert.labels)
    return replace(alert, entity_key=found.key if found else None)


def join_groups(
    groups: Dataset[BackupGroup],
    guests: Dataset[Guest],
    places: Places,
    snapshots: Dataset[NamespaceSnapshots],
    configs: Dataset[StorageConfig],
) -> Dataset[BackupGroup]:
    """Groups with the guest whose backups they hold, and what places held that cannot be read now."""
    unread = {gap.source for gap in configs.gaps}
    configured = frozenset(config.source for config in configs if config.source not in unread)
    return attribute(_with_remembered(groups, snapshots), guests, places, snapshots, configured)


def _with_remembered(groups: Dataset[BackupGroup], snapshots: Dataset[NamespaceSnapshots]) -> Dataset[BackupGroup]:
    """The groups, and of places from which none came although their server has a Gap, those of its last list."""
    blind = {gap.source for gap in groups.gaps}
    present = {(group.source, group.datastore, group.namespace) for group in groups}
    remembered = [
        BackupGroup(
            source=item.source,
            datastore=item.datastore,
            namespace=item.namespace,
            backup_type=group.backup_type,
            backup_id=group.backup_id,
            last_backup_at=group.snapshots[-1].taken_at,
            backup_count=len(group.snapshots),
            owner=group.owner,
            as_of=item.read_at,
        )
        for item in snapshots
        if item.source in blind and (item.source, item.datastore, item.namespace) not in present
        for group in item.groups
    ]
    if not remembered:
        return groups
    return replace(groups, state="partial", rows=(*groups.rows, *remembered))
