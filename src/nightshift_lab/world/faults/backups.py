"""What befalls backup jobs and the backups of single guests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nightshift_lab.world.faults.fault import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestUnprotected(Fault):
    """A guest is in no backup job from the onset on; with `start: always` it never was. Its older snapshots stay."""

    kind: ClassVar[str] = "guest-unprotected"
    targets: ClassVar[tuple[str, ...]] = ("guest",)

    def unprotected(self, vmid: int, t: float) -> bool:
        return self.target == f"guest/{vmid}" and self.active_at(t)


KINDS: tuple[type[Fault], ...] = (GuestUnprotected,)
