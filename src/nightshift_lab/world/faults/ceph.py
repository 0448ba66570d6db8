"""What befalls Ceph, where the homelab has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nightshift_lab.world.faults.fault import Bend, Fault, parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class OsdDown(Fault):
    """An OSD does not run any more: its placement groups have a copy less until the data is copied elsewhere."""

    kind: ClassVar[str] = "ceph-osd-down"
    targets: ClassVar[tuple[str, ...]] = ("osd",)

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "down", True),)


@dataclass(frozen=True, slots=True, kw_only=True)
class OsdFull(Fault):
    """An OSD is nearly full, although the cluster as a whole is not; at 95 % nothing can be written any more."""

    kind: ClassVar[str] = "ceph-osd-full"
    targets: ClassVar[tuple[str, ...]] = ("osd",)

    fraction: float = parameter(0.87, "fraction", "how full it is")

    def touches(self, entity: str, name: str) -> bool:
        return (entity, name) == (self.target, "fraction")

    def condition(self, entity: str, name: str, t: float, base: Any) -> Any:
        """It fills in the fault's shape."""
        return base + (self.fraction - base) * float(self.level(t)) if self.touches(entity, name) else base


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorDown(Fault):
    """A monitor of Ceph does not run although its node does."""

    kind: ClassVar[str] = "ceph-monitor-down"
    targets: ClassVar[tuple[str, ...]] = ("mon",)

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "down", True),)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsInconsistent(Fault):
    """A scrub of Ceph found copies that differ: the health is HEALTH_ERR until somebody has them repaired."""

    kind: ClassVar[str] = "ceph-groups-inconsistent"

    groups: int = parameter(1, "count", "how many placement groups")

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend("ceph", "inconsistent_groups", self.groups),)


KINDS: tuple[type[Fault], ...] = (OsdDown, OsdFull, MonitorDown, GroupsInconsistent)
