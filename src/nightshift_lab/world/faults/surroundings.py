"""What befalls the network and the power."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import Bend, Fault, Reading, parameter

if TYPE_CHECKING:
    from nightshift_lab.world.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDown(Fault):
    """A network port loses its carrier; with the shape `flap` again and again, as with a broken plug."""

    kind: ClassVar[str] = "link-down"
    targets: ClassVar[tuple[str, ...]] = ("link",)

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "carrier", False),)

    def journal(self, node: str, since: float, until: float) -> tuple[tuple[float, str], ...]:
        """The driver's two lines for each change, at most a hundred changes."""
        _, own_node, port = self.target.split("/")
        if node != own_node:
            return ()
        times = np.arange(max(since, self.starts_at - 1.0), min(until, self.ends_at), 1.0)
        down = self.active(times).astype(np.int8)
        changes = np.flatnonzero(np.diff(down))[-100:] + 1
        return tuple(
            (
                float(times[index]),
                f"kernel: igc 0000:02:00.0 {port}: NIC Link is {'Down' if down[index] else 'Up 2500 Mbps Full Duplex'}",
            )
            for index in changes
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsOnBattery(Fault):
    """The mains failed: a UPS runs on its battery, which empties."""

    kind: ClassVar[str] = "ups-on-battery"
    targets: ClassVar[tuple[str, ...]] = ("ups",)

    low: float = parameter(0.2, "fraction", "below this it says that the battery is low")
    runtime_s: float = 0.0

    def knowing(self, world: World) -> Self:
        return replace(self, runtime_s=world.at(self.target, "runtime_s", self.starts_at))

    def _charge(self, t: Times) -> Times:
        return np.clip(1.0 - self.elapsed(t) / self.runtime_s, 0.03, 1.0)

    def touches(self, entity: str, name: str) -> bool:
        return (entity, name) == (self.target, "status")

    def condition(self, entity: str, name: str, t: float, base: object) -> object:
        if not self.touches(entity, name) or not self.active_at(t):
            return base
        return "OB DISCHRG LB" if float(self._charge(np.array(t))) < self.low else "OB DISCHRG"

    def signal(self, read: Reading) -> Times:
        if read.entity != self.target or read.quantity not in {"battery_charge", "runtime_s", "input_voltage"}:
            return read.base
        there = {"battery_charge": self._charge(read.t), "runtime_s": read.base * self._charge(read.t)}
        return np.where(self.active(read.t), there.get(read.quantity, np.zeros_like(read.base)), read.base)


KINDS: tuple[type[Fault], ...] = (LinkDown, UpsOnBattery)
