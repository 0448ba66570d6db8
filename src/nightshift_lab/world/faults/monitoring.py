"""What befalls those who watch: exporters, Prometheus, Grafana."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import Fault, Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetDown(Fault):
    """An exporter refuses connections; the machine that it runs on is well."""

    kind: ClassVar[str] = "target-down"
    targets: ClassVar[tuple[str, ...]] = ("target",)

    def up(self, entity: str, t: Times, base: Flags) -> Flags:
        return base & ~self.active(t) if entity == self.target else base


KINDS: tuple[type[Fault], ...] = (TargetDown,)
