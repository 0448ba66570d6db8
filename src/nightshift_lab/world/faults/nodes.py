"""What befalls nodes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import Fault, Flags

if TYPE_CHECKING:
    from nightshift_lab.world.world import World


def entities_of_node(world: World, node: str) -> frozenset[str]:
    """The node and its guests: what loses power with it."""
    guests = (f"guest/{guest.vmid}" for guest in world.cluster.guests if guest.node == node)
    return frozenset((f"node/{node}", *guests))


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeOffline(Fault):
    """A node is gone: with it its guests, its exporters and its view of every storage."""

    kind: ClassVar[str] = "node-offline"
    targets: ClassVar[tuple[str, ...]] = ("node",)

    entities: frozenset[str] = field(default=frozenset(), repr=False)

    def bound(self, world: World) -> Self:
        return replace(self, entities=entities_of_node(world, self.target.partition("/")[2]))

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        return base & ~self.active(t) if entity in self.entities else base

    def boots(self, entity: str, t: Times, base: Times) -> Times:
        if entity not in self.entities:
            return base
        recovered = self.recovered_at(t)
        return np.where(np.isnan(recovered), base, np.fmax(base, recovered))


KINDS: tuple[type[Fault], ...] = (NodeOffline,)
