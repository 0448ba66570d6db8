"""What befalls backup jobs and the backups of single guests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from nightshift_lab.world.faults.fault import Bend, Fault, parameter
from nightshift_lab.world.nouns import DAY_S, GIB

if TYPE_CHECKING:
    from nightshift_lab.world.world import World


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskExcluded(Fault):
    """A disk of a guest is left out of backups: the job succeeds every night, and half of the guest is not in it."""

    kind: ClassVar[str] = "guest-disk-excluded"
    targets: ClassVar[tuple[str, ...]] = ("guest",)

    disk: str = parameter("scsi0", "text", "the disk, e.g. scsi0, mp0")

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "excluded_disk", self.disk),)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSlow(Fault):
    """The backup of a guest takes many times as long as usual; of a VM all is read, since its dirty bitmap is lost."""

    kind: ClassVar[str] = "guest-backup-slow"
    targets: ClassVar[tuple[str, ...]] = ("guest",)

    factor: float = parameter(8.0, "number", "how many times as long, beyond what reading all of it takes")

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "backup_slowdown", self.factor),)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupsEncrypted(Fault):
    """Backups to a datastore are encrypted from the onset on, until the end of the fault: then the key was removed."""

    kind: ClassVar[str] = "backups-encrypted"
    targets: ClassVar[tuple[str, ...]] = ("datastore",)

    key: str = parameter(
        "2f:8c:11:b7:40:9d:e5:63:7a:0e:c4:12:98:fd:5b:31:66:20:af:d3:0c:87:49:be:15:72:ea:04:9b:38:c1:5d",
        "text",
        "the fingerprint of the key",
    )

    def own_bends(self) -> tuple[Bend, ...]:
        return (Bend(self.target, "encryption_key", self.key),)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLeft(Fault):
    """A group in a datastore that no job fills: of a guest that was removed, or of a machine that saves itself."""

    kind: ClassVar[str] = "backup-group-left"
    targets: ClassVar[tuple[str, ...]] = ("datastore",)

    group: str = parameter("ct/150", "text", "its type and id, e.g. vm/150, host/thinkpad")
    namespace: str = parameter("homelab", "text", "in which namespace")
    note: str = parameter("", "text", "what its snapshots are called")
    owner: str = parameter("pve@pbs!homelab", "text", "whose it is")
    size_bytes: float = parameter(24.0 * GIB, "size", "how large")
    newest_s: float = parameter(40 * DAY_S, "duration", "how long before the start of the lab the last was taken")
    snapshots: int = parameter(4, "count", "how many, a day apart")
    taken_at: tuple[int, ...] = ()

    def knowing(self, world: World) -> Self:
        last = world.started_at - self.newest_s
        return replace(self, taken_at=tuple(int(last - DAY_S * back) for back in reversed(range(self.snapshots))))

    def touches(self, entity: str, name: str) -> bool:
        return (entity, name) == (self.target, f"left:{self.namespace}")

    def condition(self, entity: str, name: str, t: float, base: Any) -> Any:
        """Added to those that others left."""
        from nightshift_lab.world.snapshots import LeftGroup

        if not self.touches(entity, name) or not self.active_at(t):
            return base
        return (*base, LeftGroup(self.group, self.note, self.owner, self.size_bytes, self.taken_at))


KINDS: tuple[type[Fault], ...] = (
    GuestUnprotected,
    JobDisabled,
    GuestBackupFailing,
    DiskExcluded,
    BackupSlow,
    BackupsEncrypted,
    GroupLeft,
)
