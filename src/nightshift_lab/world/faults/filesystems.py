"""What befalls file systems and storages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import Fault, parameter
from nightshift_lab.world.nouns import DAY_S

if TYPE_CHECKING:
    from nightshift_lab.world.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFilling(Fault):
    """A file system of a guest or node grows evenly until it is full.

    The guest agent and node_exporter know; PVE's own figures do for containers and nodes only.
    """

    kind: ClassVar[str] = "disk-filling"
    targets: ClassVar[tuple[str, ...]] = ("guest", "node")

    mountpoint: str = parameter("/", "text", "which file system")
    per_day: float = parameter(0.05, "fraction", "how much of its size is written each day")
    filesystem: str = ""
    bytes_per_day: float = 0.0

    def bound(self, world: World) -> Self:
        """Raises KeyError when the target has no file system there."""
        entity = f"fs/{self.target}/{self.mountpoint}"
        size = world.at(entity, "size_bytes", world.started_at)
        return replace(self, filesystem=entity, bytes_per_day=self.per_day * size)

    def signal(self, entity: str, quantity: str, t: Times, base: Times, size: float) -> Times:
        if entity != self.filesystem or quantity != "used_bytes":
            return base
        grown = self.bytes_per_day / DAY_S * (np.minimum(t, self.ends_at) - self.starts_at)
        return np.where(self.active(t), np.minimum(base + np.maximum(grown, 0.0), size), base)


KINDS: tuple[type[Fault], ...] = (DiskFilling,)
