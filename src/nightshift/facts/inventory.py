"""The nouns of Proxmox VE: nodes, guests, storages, backup jobs. Frozen, no I/O.

Sizes are bytes, CPU is a fraction of what is assigned (0.5 = half of the assigned cores), times are aware UTC.
None means that the source did not say, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from nightshift.facts.ids import Entity, guest_key, job_key, node_key, storage_key

GuestKind = Literal["qemu", "lxc"]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Quorum of one PVE cluster (PVE API: /cluster/status). A stand-alone host has `name` None and no quorum."""

    source: str
    name: str | None
    quorate: bool | None
    expected_nodes: int | None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A PVE host (PVE API: /cluster/resources, /cluster/status, /nodes/{node}/status).

    `memory_available_bytes` is what the kernel could give to a new process, from PVE 9 on; the ZFS cache is not in it.
    """

    source: str
    name: str
    online: bool
    ip: str | None = None
    cpu_fraction: float | None = None
    cpu_count: int | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    rootfs_used_bytes: int | None = None
    rootfs_total_bytes: int | None = None
    uptime_s: int | None = None
    load: tuple[float, float, float] | None = None
    iowait_fraction: float | None = None
    swap_used_bytes: int | None = None
    swap_total_bytes: int | None = None
    pve_version: str | None = None
    kernel: str | None = None
    memory_available_bytes: int | None = None
    cpu_model: str | None = None

    @property
    def entity(self) -> Entity:
        return Entity(node_key(self.source, self.name), self.name)


@dataclass(frozen=True, slots=True)
class Guest:
    """A VM or container (PVE API: /cluster/resources).

    PVE forgets the `name` while its node's statistics are stale: it is then the last one known, or None. `status` is
    the QMP state or `running | stopped | unknown`. `disk_used_bytes` is None for VMs (only their guest agent knows) and
    for stopped containers.
    """

    source: str
    vmid: int
    kind: GuestKind
    node: str
    name: str | None
    status: str
    template: bool = False
    tags: tuple[str, ...] = ()
    lock: str | None = None
    pool: str | None = None
    cpu_fraction: float | None = None
    cpu_count: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    disk_used_bytes: int | None = None
    disk_total_bytes: int | None = None
    uptime_s: int | None = None
    ha_state: str | None = None

    @property
    def entity(self) -> Entity:
        return _guest_entity(self.source, self.vmid, self.kind, self.name)


def guests_in_words(guests: Iterable[Guest]) -> str:
    """`43 guests and 2 templates`: the one way in which guests are counted. A template never runs and is no guest."""
    every = tuple(guests)
    templates = sum(guest.template for guest in every)
    count = len(every) - templates
    told = f"{count} guest{'' if count == 1 else 's'}"
    return f"{told} and {templates} template{'' if templates == 1 else 's'}" if templates else told


@lru_cache(maxsize=1 << 14)  # every check asks every guest for it
def _guest_entity(source: str, vmid: int, kind: str, name: str | None) -> Entity:
    unit = "VM" if kind == "qemu" else "CT"
    return Entity(guest_key(source, vmid), f"{name} ({unit} {vmid})" if name else f"{unit} {vmid}")


@dataclass(frozen=True, slots=True)
class GuestConfig:
    """What PVE tells guest by guest (PVE API: /nodes/{node}/{qemu,lxc}/{vmid}/config), read in the slow lane.

    `passthrough` are the settings (`hostpci0`, `usb1`, `dev0`, `mp1`) that bind it to one node's devices or folders,
    `startup` is its place in PVE's own order of starting (`order=2,up=60`), `os_type` PVE's word for its system (`l26`,
    `win11`, `debian`), `networks` its interfaces as configured (`net0`, `virtio=BC:24:11:2A:00:68,bridge=vmbr0`),
    `devices` what of a node is handed to it (`usb0`, `host=10c4:ea60`), whether that binds it or not, `firmware`
    `seabios | ovmf`, `unprivileged` of containers alone, `created_at` when a VM was made.
    """

    source: str
    vmid: int
    onboot: bool
    agent_enabled: bool
    ips: tuple[str, ...]
    disks: tuple[tuple[str, str], ...]
    description: str | None
    read_at: datetime
    passthrough: tuple[str, ...] = ()
    startup: str | None = None
    os_type: str | None = None
    networks: tuple[tuple[str, str], ...] = ()
    devices: tuple[tuple[str, str], ...] = ()
    protected: bool = False
    firmware: str | None = None
    cpu_type: str | None = None
    unprivileged: bool | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Storage:
    """A storage as one node sees it, or once for all nodes when it is shared (PVE API: /cluster/resources).

    `active` False means that it is configured, wanted and not reachable: its sizes are then None, not 0.
    """

    source: str
    name: str
    node: str | None
    plugin: str
    shared: bool
    active: bool
    content: tuple[str, ...] = ()
    used_bytes: int | None = None
    total_bytes: int | None = None

    @property
    def entity(self) -> Entity:
        where = f" on {self.node}" if self.node else ""
        return Entity(storage_key(self.source, self.node, self.name), f"{self.name}{where}")


@dataclass(frozen=True, slots=True)
class StorageConfig:
    """What an operator set up as a storage, as far as the token may see it (PVE API: /storage).

    `server` is the address of what serves it (NFS, CIFS, a backup server), `datastore`, `namespace` and `username` are
    those of a backup server; the root namespace is `""`. `nodes` is None when all nodes use it. `encrypted` tells
    whether backups to it are encrypted with a key that PVE holds. `pool` is the ZFS dataset (`rpool/data`), the thin
    pool (`pve/data`) or the Ceph pool that it is.
    """

    source: str
    name: str
    plugin: str
    content: tuple[str, ...] = ()
    nodes: tuple[str, ...] | None = None
    shared: bool = False
    enabled: bool = True
    server: str | None = None
    datastore: str | None = None
    namespace: str = ""
    username: str | None = None
    encrypted: bool = False
    prune: str | None = None
    pool: str | None = None


@dataclass(frozen=True, slots=True)
class BackupJob:
    """A vzdump job (PVE API: /cluster/backup). `vmids` is None when it selects all guests or a pool.

    `next_run` is PVE's own reckoning: schedules are in its local time and are not parsed here.
    """

    source: str
    id: str
    enabled: bool
    schedule: str | None
    storage: str | None
    selects_all: bool
    vmids: tuple[int, ...] | None
    excluded_vmids: tuple[int, ...]
    pool: str | None
    node: str | None
    next_run: datetime | None
    comment: str | None = None
    fleecing: bool | None = None

    @property
    def entity(self) -> Entity:
        return Entity(job_key(self.source, self.id), f"backup job {self.comment or self.id}")


@dataclass(frozen=True, slots=True)
class NotBackedUp:
    """A guest that PVE finds in no backup job, enabled or not (PVE API: /cluster/backup-info/not-backed-up)."""

    source: str
    vmid: int
    name: str | None
    kind: GuestKind
