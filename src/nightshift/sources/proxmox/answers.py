"""What the PVE client returns besides the shared facts. Frozen, sizes in bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nightshift.facts.inventory import Cluster, Guest, Node, Storage


@dataclass(frozen=True, slots=True)
class NodeMember:
    """A node as the cluster sees it: `online` is corosync's view and `ip` its address there."""

    name: str
    online: bool
    ip: str | None = None


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """PVE API: /cluster/status. A stand-alone host is a Cluster without a name and one member."""

    cluster: Cluster
    nodes: tuple[NodeMember, ...]


@dataclass(frozen=True, slots=True)
class Resources:
    """PVE API: /cluster/resources. A shared storage is here once, and again for each online node that cannot reach it
    while others can."""

    nodes: tuple[Node, ...]
    guests: tuple[Guest, ...]
    storages: tuple[Storage, ...]


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """PVE API: /nodes/{node}/status. None where the node did not say."""

    cpu_fraction: float | None = None
    cpu_count: int | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    rootfs_used_bytes: int | None = None
    rootfs_total_bytes: int | None = None
    swap_used_bytes: int | None = None
    swap_total_bytes: int | None = None
    uptime_s: int | None = None
    load: tuple[float, float, float] | None = None
    iowait_fraction: float | None = None
    pve_version: str | None = None
    kernel: str | None = None
    memory_available_bytes: int | None = None
    cpu_model: str | None = None

    def over(self, node: Node) -> Node:
        """`node` with what this status knows better; what it does not know stays."""
        known = {name: getattr(self, name) for name in NodeStatus.__slots__}
        return replace(node, **{name: value for name, value in known.items() if value is not None})
