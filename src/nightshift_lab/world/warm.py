"""What the first question would wait for, done beforehand: worth it for thousands of guests."""

from __future__ import annotations

from nightshift_lab.world.batch import guest_figures_at
from nightshift_lab.world.snapshots import snapshots_at
from nightshift_lab.world.states import inventory_at
from nightshift_lab.world.world import World


def warm(world: World) -> None:
    """Build the curves of all guests and nodes, and what the datastores hold."""
    at = world.started_at
    inventory = inventory_at(world, at)
    boots = {state.guest.vmid: state.boot_at for state in inventory.guests.values() if state.boot_at is not None}
    guest_figures_at(world, at, boots)
    for node in world.cluster.nodes:
        world.at(f"node/{node.name}", "cpu_fraction", at)
    for guest in world.cluster.guests:
        world.table(f"fs/guest/{guest.vmid}/{guest.disks[0].mountpoint}")
    for server in world.servers:
        for store in server.datastores:
            for namespace in store.namespaces:
                snapshots_at(world, server.name, store.name, namespace, at)
