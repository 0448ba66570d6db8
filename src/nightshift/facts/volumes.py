"""What lies in a storage, volume by volume. Frozen, no I/O."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Volume:
    """One volume of a storage (PVE API: /nodes/{node}/storage/{storage}/content).

    `size_bytes` is what it may hold, `used_bytes` what it takes, where the storage tells (thin pools and ZFS do not
    always). `is_disk` tells a guest's disk from what else lies there: images, templates, backups. `vmid` is its
    owner's.
    """

    source: str
    node: str
    storage: str
    volid: str
    is_disk: bool
    size_bytes: int | None
    used_bytes: int | None = None
    vmid: int | None = None
