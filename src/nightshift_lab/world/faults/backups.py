"""What befalls backup jobs and the backups of single guests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nightshift_lab.world.faults.fault import Bend, Fault, parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestUnprotected(Fault):
    """A guest is in no backup job from the onset on; with `start: always` it never was. Its older snapshots stay."""

    kind: ClassVar[str] = "guest-unprotected"
    targets: ClassVar[tuple[str, ...]] = ("guest",)

    def unprotected(self, vmid: int, t: float) -> bool:
        return self.target == f"guest/{vmid}" and self.active_at(t)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDisabled(Fault):
    """Somebody disabled a backup job: nothing of it runs from then on, and its guests' newest backups grow old."""

    kind: ClassVar[str] = "backup-job-disabled"
    targets: ClassVar[tuple[str, ...]] = ("job",)

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "enabled", False),)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestBackupFailing(Fault):
    """The backup of one guest fails every night before any data is sent; those of the others succeed."""

    kind: ClassVar[str] = "guest-backup-failing"
    targets: ClassVar[tuple[str, ...]] = ("guest",)

    error: str = parameter(
        "start failed: QEMU exited with code 1", "text", "what vzdump says after `Backup of VM 104 failed - `"
    )

    def guest_backup_error(self, vmid: int, t: float) -> str | None:
        return self.error if self.target == f"guest/{vmid}" and self.active_at(t) else None


KINDS: tuple[type[Fault], ...] = (GuestUnprotected, JobDisabled, GuestBackupFailing)
