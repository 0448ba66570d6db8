"""The virtual disks of guests: on which storage they are, what nobody uses any more, and forgotten snapshots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nightshift.checks.check import Check
from nightshift.checks.evidence import counted, iso, table
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.evidence import Evidence
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.guest_items import GuestSnapshot, GuestSnapshots
from nightshift.facts.inventory import Guest, GuestConfig, Storage
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_age, format_bytes, format_percent, fraction

_CONFIG = "GET /nodes/{node}/{qemu,lxc}/{vmid}/config"
_SNAPSHOTS = "GET /nodes/{node}/{qemu,lxc}/{vmid}/snapshot"
_THIN = ("lvmthin", "zfspool", "rbd")
_TRIMMABLE = ("scsi", "virtio", "sata", "ide")
_Key = tuple[str, str, str | None]


@dataclass(frozen=True, slots=True)
class VirtualDisk:
    """`scsi0: local-lvm:vm-104-disk-0,discard=on,size=32G` of a configuration, taken apart."""

    slot: str
    storage: str
    volume: str
    options: tuple[str, ...]

    @classmethod
    def of(cls, slot: str, text: str) -> VirtualDisk | None:
        """None for what is on no storage: a device or a directory of the host that is passed through."""
        first, *options = text.split(",")
        volume = first.removeprefix("volume=").removeprefix("file=")
        storage, colon, _ = volume.partition(":")
        if not colon or volume.startswith("/"):
            return None
        return cls(slot, storage, volume, tuple(options))

    @property
    def is_unused(self) -> bool:
        return self.slot.startswith("unused")


def disks_of(config: GuestConfig) -> tuple[VirtualDisk, ...]:
    found = (VirtualDisk.of(slot, text) for slot, text in config.disks)
    return tuple(disk for disk in found if disk is not None)


class _Storages:
    """Storages by where a guest finds them."""

    def __init__(self, storages: Iterable[Storage]) -> None:
        self._by_place: dict[_Key, Storage] = {}
        self._names: set[tuple[str, str]] = set()
        for storage in storages:
            self._by_place[storage.source, storage.name, storage.node] = storage
            self._names.add((storage.source, storage.name))

    def of(self, guest: Guest, name: str) -> Storage | None:
        """The storage as the guest's node sees it."""
        own = self._by_place.get((guest.source, name, guest.node))
        return own or self._by_place.get((guest.source, name, None))

    def anywhere(self, source: str, name: str) -> bool:
        return (source, name) in self._names

    def tight(self, guest: Guest, names: Iterable[str], thresholds: Thresholds) -> Storage | None:
        """The fullest of these storages, when it is at its limit: what lies on it in vain is then worth acting on."""
        shares = {
            name: share
            for name in names
            if (found := self.of(guest, name)) is not None and (share := _share(found)) is not None
        }
        fullest = max(shares, key=lambda name: (shares[name], name), default=None)
        if fullest is None or shares[fullest] < thresholds.storage_warning:
            return None
        return self.of(guest, fullest)


def _share(storage: Storage) -> float | None:
    if storage.used_bytes is None or storage.total_bytes is None:
        return None
    return fraction(storage.used_bytes, storage.total_bytes)


def _configured(snapshot: Snapshot) -> Iterable[tuple[Guest, GuestConfig]]:
    configs = {(config.source, config.vmid): config for config in snapshot.guest_configs}
    for guest in snapshot.guests:
        config = configs.get((guest.source, guest.vmid))
        if config is not None and not guest.template:
            yield guest, config


def missing_storage(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A guest with a disk on a storage that is not there: it cannot start any more.

    Judges (PVE API: …/config and /cluster/resources):
        {"scsi1": "old-nas:104/vm-104-disk-1.qcow2,size=100G"}    and no storage `old-nas` on the guest's node
    PVE lists a storage neither when it is disabled nor when the token may not see it: the finding says so.
    """
    storages = _Storages(snapshot.storages)
    findings = []
    for guest, config in _configured(snapshot):
        gone = [disk for disk in disks_of(config) if not disk.is_unused and storages.of(guest, disk.storage) is None]
        if gone and any(storage.source == guest.source for storage in snapshot.storages):
            elsewhere = all(storages.anywhere(guest.source, disk.storage) for disk in gone)
            findings.append(_gone(snapshot, guest, gone, elsewhere=elsewhere))
    return CheckResult(tuple(findings))


def _gone(snapshot: Snapshot, guest: Guest, gone: list[VirtualDisk], *, elsewhere: bool) -> Finding:
    names = ", ".join(dict.fromkeys(disk.storage for disk in gone))
    where = (
        f"is not available on {guest.node}" if elsewhere else "does not exist, is disabled, or is hidden from the token"
    )
    running = guest.status == "running"
    return Finding(
        check="guest.missing_storage",
        severity="warning",
        entity=guest.entity,
        title=f"{guest.entity.label} has a disk on storage {names}, which {where}",
        detail=f"{counted(len(gone), 'disk')} of it: {', '.join(f'{disk.slot} ({disk.volume})' for disk in gone)}. "
        + ("It runs now, and may not start again." if running else "It cannot start like this."),
        remedy=f"On {guest.node}: `pvesm status` and `cat /etc/pve/storage.cfg`. Bring the storage back, or take the "
        "disk "
        f"out: `{_tool(guest)} set {guest.vmid} --delete {gone[0].slot}`.",
        evidence=(_disk_table(snapshot, guest, gone),),
        runbook="unused-disks.md#steps",
    )


def unused(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Disks that were taken out of a guest and still take room. A remark, until their storage is nearly full.

    Judges (PVE API: …/config):
        {"unused0": "local-lvm:vm-104-disk-2"}
    """
    storages = _Storages(snapshot.storages)
    findings = []
    for guest, config in _configured(snapshot):
        idle = [disk for disk in disks_of(config) if disk.is_unused]
        if idle:
            tight = storages.tight(guest, {disk.storage for disk in idle}, thresholds)
            findings.append(_idle(snapshot, guest, idle, tight))
    return CheckResult(tuple(findings))


def _idle(snapshot: Snapshot, guest: Guest, idle: list[VirtualDisk], tight: Storage | None) -> Finding:
    return Finding(
        check="guest.unused_disks",
        severity="warning" if tight else "info",
        entity=guest.entity,
        title=f"{guest.entity.label} keeps {counted(len(idle), 'disk')} that it does not use",
        detail=f"{', '.join(f'{disk.slot}: {disk.volume}' for disk in idle)}. {_tightness(tight)}".strip(),
        remedy=f"On {guest.node}: `{_tool(guest)} config {guest.vmid} | grep unused`. When nothing on it is needed: "
        f"`{_tool(guest)} set {guest.vmid} --delete {idle[0].slot}` deletes it for good.",
        evidence=(_disk_table(snapshot, guest, idle),),
        runbook="unused-disks.md#steps",
    )


def no_discard(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Disks of a VM on thin storage that do not hand back what is deleted inside: the volume only ever grows.

    Judges (PVE API: …/config, with the storage's plugin from /cluster/resources):
        {"scsi0": "local-lvm:vm-104-disk-0,size=32G"}    and `local-lvm` is `lvmthin`
    A remark, until the storage is nearly full. Containers are trimmed from outside (`pct fstrim`).
    """
    storages = _Storages(snapshot.storages)
    findings = []
    for guest, config in _configured(snapshot):
        if guest.kind != "qemu":
            continue
        keeping = [
            disk
            for disk in disks_of(config)
            if disk.slot.startswith(_TRIMMABLE)
            and "discard=on" not in disk.options
            and (found := storages.of(guest, disk.storage)) is not None
            and found.plugin in _THIN
        ]
        if keeping:
            tight = storages.tight(guest, {disk.storage for disk in keeping}, thresholds)
            findings.append(_keeping(snapshot, guest, keeping, tight))
    return CheckResult(tuple(findings))


def _keeping(snapshot: Snapshot, guest: Guest, keeping: list[VirtualDisk], tight: Storage | None) -> Finding:
    slot, volume = keeping[0].slot, keeping[0].volume
    return Finding(
        check="guest.no_discard",
        severity="warning" if tight else "info",
        entity=guest.entity,
        title=f"{guest.entity.label} never gives space back to its thin storage",
        detail=f"{', '.join(f'{disk.slot} on {disk.storage}' for disk in keeping)} without discard: what is deleted "
        "inside "
        f"stays allocated. {_tightness(tight)}".strip(),
        remedy=f"On {guest.node}: `qm set {guest.vmid} --{slot} {volume},discard=on,ssd=1` (keep the other options "
        "that "
        f"`qm config {guest.vmid}` shows), restart the VM, then `fstrim -av` inside.",
        evidence=(_disk_table(snapshot, guest, keeping),),
        runbook="discard.md#steps",
    )


def snapshots(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """Snapshots that were forgotten: old ones, many of them, or such that keep the memory of the VM as well.

    Judges (PVE API: …/snapshot, without the present state `current`):
        {"name": "before-upgrade", "snaptime": 1792857600, "vmstate": 1}
    A remark, until the storage that they are on is nearly full: how large one is, PVE does not tell.
    """
    guests = {(guest.source, guest.vmid): guest for guest in snapshot.guests}
    configs = {(config.source, config.vmid): config for config in snapshot.guest_configs}
    storages = _Storages(snapshot.storages)
    findings = []
    for taken in snapshot.guest_snapshots:
        guest = guests.get((taken.source, taken.vmid))
        old = [item for item in taken.snapshots if _is_old(item, snapshot, thresholds)]
        if guest is None or not (old or len(taken.snapshots) >= thresholds.snapshots_warning):
            continue
        config = configs.get((taken.source, taken.vmid))
        names = {disk.storage for disk in disks_of(config)} if config is not None else set()
        findings.append(_forgotten(snapshot, guest, taken, old, storages.tight(guest, names, thresholds)))
    return CheckResult(tuple(findings))


def _is_old(item: GuestSnapshot, snapshot: Snapshot, thresholds: Thresholds) -> bool:
    # `__replicate_…` and `vzdump` are the system's own: replication renews the one, a backup deletes the other.
    own = item.name.startswith(("__", "vzdump"))
    age_s = (snapshot.taken_at - item.taken_at).total_seconds() if item.taken_at is not None else 0.0
    return not own and age_s >= thresholds.snapshot_age_warning_s


def _forgotten(
    snapshot: Snapshot, guest: Guest, taken: GuestSnapshots, old: list[GuestSnapshot], tight: Storage | None
) -> Finding:
    shown = sorted(old or taken.snapshots, key=lambda item: item.taken_at or snapshot.taken_at)
    eldest = shown[0]
    age = format_age(eldest.taken_at, snapshot.taken_at) if eldest.taken_at else "at an unknown time"
    with_memory = [item for item in taken.snapshots if item.with_memory]
    memory = (
        f" {counted(len(with_memory), 'snapshot')} of it {'keeps' if len(with_memory) == 1 else 'keep'} the memory "
        "of the "
        f"VM too, up to {format_bytes(guest.memory_total_bytes)} each."
        if with_memory and guest.memory_total_bytes
        else ""
    )
    rows = ((item.name, iso(item.taken_at), item.with_memory) for item in taken.snapshots)
    return Finding(
        check="guest.snapshots",
        severity="warning" if tight else "info",
        entity=guest.entity,
        title=f"{guest.entity.label} keeps {counted(len(taken.snapshots), 'snapshot')}, the eldest taken {age}",
        detail=f"The eldest is {eldest.name}. A snapshot keeps every block that has changed since, and grows with "
        "every "
        f"day.{memory} {_tightness(tight)}".rstrip(),
        remedy=f"On {guest.node}: `{_tool(guest)} listsnapshot {guest.vmid}`. What nobody will roll back to: "
        f"`{_tool(guest)} delsnapshot {guest.vmid} NAME`.",
        since=eldest.taken_at,
        evidence=(
            table(
                snapshot,
                guest.source,
                _SNAPSHOTS,
                f"Snapshots of {guest.entity.label}",
                ("snapshot", "taken_at", "with_memory"),
                rows,
            ),
        ),
        runbook="snapshots.md#steps",
    )


def _tightness(tight: Storage | None) -> str:
    if tight is None:
        return ""
    return f"Storage {tight.name} is {format_percent(_share(tight) or 0.0)} full."


def _tool(guest: Guest) -> str:
    return "qm" if guest.kind == "qemu" else "pct"


def _disk_table(snapshot: Snapshot, guest: Guest, disks: Iterable[VirtualDisk]) -> Evidence:
    rows = ((disk.slot, disk.storage, disk.volume, ",".join(disk.options)) for disk in disks)
    return table(
        snapshot,
        guest.source,
        _CONFIG,
        f"Disks of {guest.entity.label}",
        ("slot", "storage", "volume", "options"),
        rows,
    )


CHECKS = (
    Check(
        "guest.missing_storage",
        "guests",
        "warning",
        ("guests", "guest_configs", "storages"),
        missing_storage,
        "Disks on storages that are not there",
    ),
    Check(
        "guest.unused_disks",
        "guests",
        "warning",
        ("guests", "guest_configs"),
        unused,
        "Unused disks",
        also=("storages",),
    ),
    Check(
        "guest.no_discard",
        "guests",
        "warning",
        ("guests", "guest_configs", "storages"),
        no_discard,
        "Disks on thin storage without discard",
    ),
    Check(
        "guest.snapshots",
        "guests",
        "warning",
        ("guests", "guest_snapshots"),
        snapshots,
        "Forgotten snapshots",
        also=("guest_configs", "storages"),
    ),
)
