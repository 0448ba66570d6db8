"""Pressure stall: tasks wait for processors, disks or memory, whatever the usage says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import Fault, Reading, parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressure(Fault):
    """Tasks of a node or guest wait for something (PSI): recorded figures, node_exporter and PVE 9 show it."""

    kind: ClassVar[str] = "pressure"
    targets: ClassVar[tuple[str, ...]] = ("node", "guest")

    cpu: float = parameter(0.0, "fraction", "share of the time in which some task waits for a processor")
    io: float = parameter(0.0, "fraction", "… for a disk")
    memory: float = parameter(0.0, "fraction", "… for memory")

    def _share(self, entity: str, quantity: str, end: str) -> float:
        shares = {"pressure_cpu": self.cpu, "pressure_io": self.io, "pressure_memory": self.memory}
        return shares.get(quantity.removesuffix(end), 0.0) if entity == self.target else 0.0

    def signal(self, read: Reading) -> Times:
        share = self._share(read.entity, read.quantity, "_fraction")
        return read.base + share * self.level(read.t) if share else read.base

    def added(self, entity: str, quantity: str, t: Times) -> Times | float:
        share = self._share(entity, quantity, "_seconds")
        return share * self.elapsed(t) if share else 0.0


KINDS: tuple[type[Fault], ...] = (Pressure,)
