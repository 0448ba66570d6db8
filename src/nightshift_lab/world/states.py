"""In which state every node, guest and storage is at one instant: what the inventory is made from."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from nightshift_lab.world.inventory import GuestState, Inventory, NodeState, StorageState
from nightshift_lab.world.nouns import Disk, Guest, Node, Storage
from nightshift_lab.world.world import World


@lru_cache(maxsize=8)
def inventory_at(world: World, t: float) -> Inventory:
    """The whole cluster. For one guest, node or storage ask for that alone."""
    cluster = world.cluster
    nodes = {node.name: node_state(world, node, t) for node in cluster.nodes}
    guests = {guest.vmid: guest_state(world, guest, nodes, t) for guest in cluster.guests}
    storages = tuple(
        storage_state(world, storage, nodes[name], t) for storage in cluster.storages for name in storage.nodes
    )
    return Inventory(t, nodes, guests, storages)


def node_state(world: World, node: Node, t: float) -> NodeState:
    entity = f"node/{node.name}"
    online = bool(world.up(entity, t))
    return NodeState(
        node=node,
        online=online,
        boot_at=float(world.boot_time(entity, t)) if online else None,
        fresh=online and world.condition(entity, "statistics", t, "fresh") == "fresh",
        maintenance=bool(world.condition(entity, "maintenance", t, False)),
    )


def guest_state_at(world: World, vmid: int, t: float) -> GuestState:
    """One guest as its node itself sees it, whether or not the cluster has statistics of it. Raises KeyError."""
    guest = world.cluster.guest(vmid)
    name = where(world, guest, t)
    node = node_state(world, world.cluster.node(name), t)
    return guest_state(world, guest, {name: replace(node, fresh=node.online)}, t)


def where(world: World, guest: Guest, t: float) -> str:
    """The node that has the guest at `t`."""
    if guest.vmid not in world.wanderers:
        return guest.node
    return str(world.condition(f"guest/{guest.vmid}", "node", t, guest.node))


def guests_on(world: World, node: str, t: float) -> tuple[Guest, ...]:
    """The guests on a node at `t`, by vmid; those that somebody moved are where they are then."""
    usual = world.cluster.guests_of(node)
    if not world.wanderers:
        return usual
    there = [guest for guest in usual if where(world, guest, t) == node]
    come = [guest for guest in world.cluster.guests if guest.node != node and where(world, guest, t) == node]
    return tuple(sorted((*there, *come), key=lambda guest: guest.vmid))


def disks_of(world: World, guest: Guest, t: float) -> tuple[Disk, ...]:
    """The disks of a guest at `t`: what lay on a storage of its node moved to one of the node that it was moved to."""
    node = where(world, guest, t)
    if node == guest.node:
        return guest.disks
    storages = [storage for storage in world.cluster.storages if node in storage.nodes]
    there = {storage.name for storage in storages}
    moved_to = next(storage.name for storage in storages if "images" in storage.content)
    return tuple(disk if disk.storage in there else replace(disk, storage=moved_to) for disk in guest.disks)


def guest_state(world: World, guest: Guest, nodes: dict[str, NodeState], t: float) -> GuestState:
    entity = f"guest/{guest.vmid}"
    node = nodes[where(world, guest, t)]
    if not node.fresh:
        managed = None
        if guest.ha:  # high availability has its own word, whatever pvestatd does
            managed = world.condition(entity, "ha_state", t, "started") if node.online else "fence"
        return GuestState(guest, node.node.name, "unknown", None, None, ha_state=managed, node_online=node.online)
    running = bool(world.up(entity, t))
    return GuestState(
        guest=guest,
        node=node.node.name,
        status="running" if running else "stopped",
        name=guest.name,
        boot_at=float(world.boot_time(entity, t)) if running else None,
        ha_state=world.condition(entity, "ha_state", t, "started") if guest.ha else None,
        lock=str(world.condition(entity, "lock", t, guest.lock)),
        qmp_status=world.condition(entity, "qmpstatus", t, guest.qmp_status) if running else "stopped",
    )


def storage_state(world: World, storage: Storage, node: NodeState, t: float) -> StorageState:
    return StorageState(
        storage, node.node.name, active=node.online and reachable(world, storage, node.node.name, t), known=node.fresh
    )


def reachable(world: World, storage: Storage, node: str, t: float) -> bool:
    """Whether a storage answers when a node asks: its server runs, and nothing else is in the way."""
    served = storage.served_by is None or bool(world.up(f"guest/{storage.served_by}", t))
    if storage.datastore is not None:
        server, datastore = storage.datastore
        world_of_it = world.home or world
        served = world.server_up(server, t) and not world_of_it.condition(
            f"datastore/{server}/{datastore}", "error", t, ""
        )
    return bool(world.condition(f"storage/{node}/{storage.name}", "active", t, served))
