"""What befalls Prometheus itself: its rules, its configuration, its targets, and whom it sends to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import Bend, Fault, Reading, parameter

_TROUBLES = {
    "rule-failing": "a recording rule cannot be evaluated: two series have the same labels",
    "no-alertmanager": "it has alert rules of its own, and nobody to send the alerts to",
    "reload-failed": "its configuration was changed and cannot be read: the old one stays in force",
    "remote-write-behind": "it sends its samples to a store that does not answer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrometheusTrouble(Fault):
    """Something is wrong with Prometheus itself, and its own metrics tell.

    Must have begun before the lab starts: a running Prometheus keeps its configuration.
    """

    kind: ClassVar[str] = "prometheus-trouble"

    what: str = parameter(
        "rule-failing",
        "text",
        "; ".join(f"{name}: {meaning}" for name, meaning in _TROUBLES.items()),
        choices=tuple(_TROUBLES),
    )

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend("prometheus", self.what, True),)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSlow(Fault):
    """An exporter takes so long to answer that scrapes are near their deadline or miss it."""

    kind: ClassVar[str] = "target-slow"
    targets: ClassVar[tuple[str, ...]] = ("target",)

    takes_s: float = parameter(4.2, "duration", "how long an answer takes")

    def signal(self, read: Reading) -> Times:
        if (read.entity, read.quantity) != (self.target, "takes_s"):
            return read.base
        return read.base + self.takes_s * self.level(read.t)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardinalityJump(Fault):
    """An exporter puts something that never ends into a label: its series become many."""

    kind: ClassVar[str] = "cardinality-jump"
    targets: ClassVar[tuple[str, ...]] = ("target",)

    series: int = parameter(6_000, "count", "how many series it adds at last")

    def signal(self, read: Reading) -> Times:
        if (read.entity, read.quantity) != (self.target, "extra_series"):
            return read.base
        return read.base + self.series * self.level(read.t)


KINDS: tuple[type[Fault], ...] = (PrometheusTrouble, TargetSlow, CardinalityJump)
