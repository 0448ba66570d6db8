"""The file systems that node_exporters see, each once, with how they grow."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nightshift.checks.samples import instance_entity
from nightshift.checks.thresholds import DAY_S
from nightshift.checks.trends import is_passing_burst
from nightshift.facts.ids import Entity
from nightshift.facts.monitoring import label
from nightshift.facts.snapshot import Snapshot, not_configured

_VOLUME = re.compile(r"(?:subvol|basevol)-(\d+)-disk-\d+")
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class FileSystem:
    """One file system. Slopes are of its available bytes, per second; None when they are not known."""

    entity: Entity
    device: str
    mountpoint: str
    size_bytes: float
    available_bytes: float
    slope_6h: float | None = None
    slope_24h: float | None = None
    available_6h_ago: float | None = None

    @property
    def used_share(self) -> float:
        return 1.0 - self.available_bytes / self.size_bytes

    def days_to_full(self) -> float | None:
        """Days until nothing is available, at the slower of the growth of the last 6 and 24 hours: what grew only for
        an hour (a copy, a build) is not yet a trend. None without six hours of history, or when it does not grow."""
        if self.slope_6h is None or self.slope_24h is None or self.available_6h_ago is None:
            return None
        slope = max(self.slope_6h, self.slope_24h)
        if slope >= 0 or self.available_bytes >= self.available_6h_ago:
            return None
        if is_passing_burst(self.available_6h_ago - self.available_bytes, -self.slope_24h, self.used_share):
            return None
        return self.available_bytes / -slope / DAY_S


def file_systems(snapshot: Snapshot) -> Iterator[FileSystem]:
    """Every file system with a size, each once: an exporter inside a container and one on its node see the same."""
    guests = {(guest.source, guest.vmid): guest for guest in snapshot.guests}
    slots = {
        (config.source, volume[0]): (slot, text)
        for config in snapshot.guest_configs
        for slot, text in config.disks
        if (volume := _VOLUME.search(text))
    }
    of_containers = []
    own: set[tuple[str, str]] = set()
    for item in _mounted(snapshot):
        volume = _VOLUME.search(item.device) if item.entity.kind == "node" else None
        guest = guests.get((item.entity.source, int(volume[1]))) if volume else None
        if volume is None or guest is None:
            own.add((item.entity.key, item.mountpoint))
            yield item
        else:
            path = _path_of(volume[0], slots.get((guest.source, volume[0])))
            of_containers.append(replace(item, entity=guest.entity, mountpoint=path))
    yield from (item for item in of_containers if (item.entity.key, item.mountpoint) not in own)


def _path_of(volume: str, disk: tuple[str, str] | None) -> str:
    """Where a container sees a volume: `mp0`, `local-zfs:subvol-105-disk-1,mp=/srv,size=8G` → `/srv`. Before its
    configuration was read, its first volume is taken for its root."""
    if disk is None:
        return "/" if volume.endswith("-disk-0") else volume
    slot, text = disk
    return "/" if slot == "rootfs" else next((part[3:] for part in text.split(",") if part.startswith("mp=")), slot)


def _mounted(snapshot: Snapshot) -> Iterator[FileSystem]:
    """What exporters see, one a device: bind mounts show it many times, the shortest path counts."""
    sizes = _values(snapshot, "filesystem_size")
    available = _values(snapshot, "filesystem_available")
    slopes_6h = _values(snapshot, "filesystem_slope_6h")
    slopes_24h = _values(snapshot, "filesystem_slope_24h")
    before = _values(snapshot, "filesystem_available_6h_ago")
    taken: set[tuple[str, str]] = set()
    for key in sorted(available, key=lambda key: (key[0], len(key[2]), key[2])):
        (entity, free), size = available[key], sizes.get(key)
        instance, device, mountpoint = key
        if size is None or size[1] <= 0 or (instance, device) in taken:
            continue
        taken.add((instance, device))
        yield FileSystem(
            entity,
            device,
            mountpoint,
            size[1],
            free,
            slopes_6h[key][1] if key in slopes_6h else None,
            slopes_24h[key][1] if key in slopes_24h else None,
            before[key][1] if key in before else None,
        )


def _values(snapshot: Snapshot, row_id: str) -> dict[_Key, tuple[Entity, float]]:
    values: dict[_Key, tuple[Entity, float]] = {}
    for sample in snapshot.metrics.get(row_id, not_configured()):
        entity = instance_entity(snapshot, sample.labels)
        if entity is None or not math.isfinite(sample.value):
            continue
        key = (
            label(sample.labels, "instance") or "",
            label(sample.labels, "device") or "",
            label(sample.labels, "mountpoint") or "",
        )
        values[key] = (entity, sample.value)
    return values
