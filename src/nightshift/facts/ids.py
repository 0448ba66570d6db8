"""Identifiers of entities, agreed on by every part (see docs/architecture.md).

An entity is known by a key that is stable over time and unique over sources; a label is what people call it.
Guests repeat names and vmids across clusters, so the source id is part of every key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EntityKind = Literal[
    "node",
    "guest",
    "storage",
    "datastore",
    "group",
    "target",
    "alert",
    "disk",
    "pool",
    "job",
    "task",
    "source",
    "cluster",
]


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that can be healthy or not. `key` identifies it, `label` is for people (`web (VM 104)`)."""

    key: str
    label: str

    @property
    def kind(self) -> str:
        """The part of the key before the first colon, one of `EntityKind`."""
        return self.key.partition(":")[0]

    @property
    def source(self) -> str:
        """The source id in the key (`guest:pve/104` → `pve`); a target's is its job."""
        return self.key.partition(":")[2].partition("/")[0]


def key_parts(key: str) -> tuple[str, tuple[str, ...]]:
    """`guest:pve/104` → (`guest`, (`pve`, `104`)): the kind of a key and what identifies it.

    A target's instance and a group's namespace may hold slashes themselves: of a target there are two parts.
    """
    kind, _, rest = key.partition(":")
    return kind, tuple(rest.split("/", 1) if kind == "target" else rest.split("/"))


def node_key(source: str, name: str) -> str:
    return f"node:{source}/{name}"


def guest_key(source: str, vmid: int) -> str:
    return f"guest:{source}/{vmid}"


def storage_key(source: str, node: str | None, name: str) -> str:
    """`node` is None for a storage that the whole cluster shares."""
    return f"storage:{source}/{node or 'shared'}/{name}"


def datastore_key(source: str, name: str) -> str:
    return f"datastore:{source}/{name}"


def group_key(source: str, datastore: str, namespace: str, backup_type: str, backup_id: str) -> str:
    """`namespace` is empty for the root namespace."""
    return f"group:{source}/{datastore}/{namespace}/{backup_type}/{backup_id}"


def target_key(job: str, instance: str) -> str:
    return f"target:{job}/{instance}"


def alert_key(source: str, rule_uid: str, instance_hash: str) -> str:
    return f"alert:{source}/{rule_uid}/{instance_hash}"


def disk_key(source: str, node: str, serial_or_path: str) -> str:
    return f"disk:{source}/{node}/{serial_or_path}"


def pool_key(source: str, node: str, name: str) -> str:
    """A ZFS pool, or an LVM thin pool as `group/volume`."""
    return f"pool:{source}/{node}/{name}"


def job_key(source: str, job_id: str) -> str:
    """A backup, prune, verify, sync or replication job."""
    return f"job:{source}/{job_id}"


def cluster_key(source: str, name: str) -> str:
    """`name` is the cluster's own; a stand-alone host has none and no such entity."""
    return f"cluster:{source}/{name}"


def source_key(source: str) -> str:
    return f"source:{source}"
