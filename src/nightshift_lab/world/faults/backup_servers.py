"""What befalls backup servers and their datastores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nightshift_lab.world.curves import Times
from nightshift_lab.world.faults.fault import Fault, parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class DatastoreFull(Fault):
    """A datastore runs full in the fault's shape; from when it is, backups to it fail.

    Usage on the backup server and on every PVE storage that stands for it, the vzdump tasks and the server's own tasks
    with their logs, and the snapshots that are missing.
    """

    kind: ClassVar[str] = "datastore-full"
    targets: ClassVar[tuple[str, ...]] = ("datastore",)

    full_fraction: float = parameter(0.98, "fraction", "how full it is when nothing fits any more")

    def signal(self, entity: str, quantity: str, t: Times, base: Times, size: float) -> Times:
        if entity != self.target or quantity not in {"used_bytes", "available_bytes"}:
            return base
        progress = self.level(t)
        if quantity == "available_bytes":
            return np.where(progress >= 1.0, 40_960.0 + np.floor(t / 60.0) % 7 * 4_096.0, base)
        return base + (self.full_fraction * size - base) * progress

    def backup_error(self, datastore: str, vmid: int, t: float) -> str | None:  # noqa: ARG002
        full = self.target == f"datastore/{datastore}" and float(self.level(t)) >= 1.0
        return "ENOSPC: No space left on device" if full else None


KINDS: tuple[type[Fault], ...] = (DatastoreFull,)
