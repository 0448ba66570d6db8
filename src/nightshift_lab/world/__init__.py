"""The world model: what the homelab is, what is wrong with it, and every figure as a closed form of time."""

from nightshift_lab.world.build import build_world
from nightshift_lab.world.faults import Fault
from nightshift_lab.world.inventory import GuestState, Inventory, NodeState, StorageState
from nightshift_lab.world.world import World

__all__ = ["Fault", "GuestState", "Inventory", "NodeState", "StorageState", "World", "build_world"]
