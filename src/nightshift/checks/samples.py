"""Samples of the PromQL table, joined to what they are about."""

from __future__ import annotations

import math

from nightshift.facts.ids import Entity, node_key, target_key
from nightshift.facts.instances import entity_of_host
from nightshift.facts.monitoring import Labels, label
from nightshift.facts.snapshot import Snapshot, not_configured


def instance_entity(snapshot: Snapshot, labels: Labels) -> Entity | None:
    """The node or guest of a series by its `instance`; when nothing is known of that, the instance as a target.

    None for a series without an instance.
    """
    instance = label(labels, "instance")
    if not instance:
        return None
    known = entity_of_host(snapshot.names, instance)
    if known is not None:
        return known
    return Entity(target_key(label(labels, "job") or "", instance), instance)


def guest_of_exporter_id(snapshot: Snapshot, labels: Labels) -> Entity | None:
    """The guest of a `pve_*` series by its `id` (`lxc/116`), when that is certain."""
    known = snapshot.names.get((label(labels, "id") or "").lower())
    return known if known is not None and known.kind == "guest" else None


def hosts_of_containers(snapshot: Snapshot) -> dict[str, Entity]:
    """The node of every container by the container's key: whose kernel an exporter in it sees."""
    return {
        guest.entity.key: Entity(node_key(guest.source, guest.node), guest.node)
        for guest in snapshot.guests
        if guest.kind == "lxc"
    }


def by_entity(snapshot: Snapshot, row_id: str) -> dict[str, float]:
    """The finite values of one row by entity key; of two series about one entity, the larger."""
    values: dict[str, float] = {}
    for sample in snapshot.metrics.get(row_id, not_configured()):
        entity = guest_of_exporter_id(snapshot, sample.labels) or instance_entity(snapshot, sample.labels)
        if entity is not None and math.isfinite(sample.value):
            values[entity.key] = max(sample.value, values.get(entity.key, -math.inf))
    return values


def filesystems_told(snapshot: Snapshot) -> frozenset[tuple[str, str]]:
    """The (entity key, mount point) of every file system that a node_exporter sees."""
    return frozenset(
        (entity.key, label(sample.labels, "mountpoint") or "")
        for sample in snapshot.metrics.get("filesystem_available", not_configured())
        if (entity := instance_entity(snapshot, sample.labels)) is not None and math.isfinite(sample.value)
    )
