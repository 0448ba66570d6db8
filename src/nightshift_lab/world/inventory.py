"""What is where, and in which state, at one instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nightshift_lab.world.nouns import Guest, Node, Storage

GuestStatus = Literal["running", "stopped", "unknown"]


@dataclass(frozen=True, slots=True)
class NodeState:
    """`boot_at` is None while the node is offline. Not `fresh`: the cluster has no new statistics of it."""

    node: Node
    online: bool
    boot_at: float | None
    fresh: bool = True
    maintenance: bool = False


@dataclass(frozen=True, slots=True)
class GuestState:
    """`name` is None when PVE has no fresh statistics of it; then `status` is `unknown`."""

    guest: Guest
    node: str
    status: GuestStatus
    name: str | None
    boot_at: float | None
    ha_state: str | None = None
    lock: str = ""
    qmp_status: str = "running"
    node_online: bool = True

    @property
    def running(self) -> bool:
        return self.status == "running"


@dataclass(frozen=True, slots=True)
class StorageState:
    """One storage as one node sees it. `active` False: configured, but not reachable from there."""

    storage: Storage
    node: str
    active: bool
    known: bool


@dataclass(frozen=True, slots=True)
class Inventory:
    at: float
    nodes: Mapping[str, NodeState]
    guests: Mapping[int, GuestState]
    storages: tuple[StorageState, ...]

    def guests_on(self, node: str) -> tuple[GuestState, ...]:
        return tuple(state for state in self.guests.values() if state.node == node)
