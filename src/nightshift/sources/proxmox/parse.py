"""PVE's live answers → facts: cluster, nodes, guests, storages, tasks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from nightshift.errors import SourceMalformed
from nightshift.facts.inventory import (
    Cluster,
    Guest,
    GuestKind,
    Node,
    NotBackedUp,
    Storage,
)
from nightshift.facts.tasks import Task, outcome_of
from nightshift.sources.proxmox.answers import ClusterStatus, NodeMember, NodeStatus, Resources
from nightshift.sources.proxmox.models import (
    ClusterStatusRow,
    GuestCurrentWire,
    NodeStatusWire,
    NotBackedUpRow,
    ResourceRow,
    StorageStatusWire,
    TaskRow,
)
from nightshift.sources.proxmox.properties import split_list, split_tags

_KINDS: Final[dict[str, GuestKind]] = {"qemu": "qemu", "lxc": "lxc"}


def cluster_status(source: str, rows: Iterable[ClusterStatusRow]) -> ClusterStatus:
    rows = list(rows)
    whole = next((row for row in rows if row.type == "cluster"), None)
    members = tuple(NodeMember(row.name, bool(row.online), row.ip) for row in rows if row.type == "node")
    if whole is None:
        return ClusterStatus(Cluster(source, name=None, quorate=None, expected_nodes=None), members)
    return ClusterStatus(Cluster(source, whole.name, whole.quorate, whole.nodes), members)


def resources(source: str, rows: Iterable[ResourceRow]) -> Resources:
    rows = list(rows)
    nodes = tuple(_node(source, row) for row in rows if row.type == "node")
    guests = tuple(_guest(source, row) for row in rows if row.type in _KINDS)
    storages = _storages(source, [row for row in rows if row.type == "storage"], nodes)
    return Resources(nodes, guests, storages)


def _last_part(row: ResourceRow) -> str:
    return row.id.rpartition("/")[2]


def _node(source: str, row: ResourceRow) -> Node:
    """A node without Sys.Audit, or offline, has no figures: None, never zero."""
    online = row.status == "online"
    return Node(
        source=source,
        name=row.node or _last_part(row),
        online=online,
        cpu_fraction=row.cpu if online else None,
        cpu_count=_count(row.maxcpu),
        memory_used_bytes=row.mem if online else None,
        memory_total_bytes=row.maxmem or None,
        rootfs_used_bytes=row.disk if online else None,
        rootfs_total_bytes=row.maxdisk or None,
        uptime_s=row.uptime if online else None,
    )


def _guest(source: str, row: ResourceRow) -> Guest:
    vmid = row.vmid if row.vmid is not None else _vmid_of(source, row)
    if row.node is None:
        raise SourceMalformed(source, "GET /cluster/resources", f"guest {vmid} has no field node")
    kind = _KINDS[row.type]
    status = row.status or "unknown"
    return Guest(
        source=source,
        vmid=vmid,
        kind=kind,
        node=row.node,
        name=row.name or None,
        status=status,
        template=bool(row.template),
        tags=split_tags(row.tags),
        lock=row.lock or None,
        pool=row.pool or None,
        cpu_fraction=row.cpu,
        cpu_count=row.maxcpu or None,
        memory_used_bytes=row.mem,
        memory_total_bytes=row.maxmem or None,
        disk_used_bytes=_disk_used(kind, status, row.disk),
        disk_total_bytes=row.maxdisk or None,
        uptime_s=row.uptime,
        ha_state=row.hastate or None,
    )


def _vmid_of(source: str, row: ResourceRow) -> int:
    last = _last_part(row)
    if not last.isdigit():
        raise SourceMalformed(source, "GET /cluster/resources", "a guest has no field vmid")
    return int(last)


def _disk_used(kind: GuestKind, status: str, disk: int | None) -> int | None:
    """PVE cannot see into a VM's disks and says 0; a container's root file system is only mounted while it runs."""
    return disk or None if kind == "lxc" and status == "running" else None


def _storages(source: str, rows: list[ResourceRow], nodes: tuple[Node, ...]) -> tuple[Storage, ...]:
    online = {node.name for node in nodes if node.online}
    alone = [_storage(source, row, row.node) for row in rows if not row.shared]
    by_name: dict[str, list[ResourceRow]] = {}
    for row in rows:
        if row.shared:
            by_name.setdefault(_storage_name(row), []).append(row)
    shared = [storage for views in by_name.values() for storage in _shared(source, views, online)]
    return (*alone, *shared)


def _shared(source: str, views: list[ResourceRow], online: set[str]) -> list[Storage]:
    """One storage for the cluster, plus one for each online node that cannot reach what another node can."""
    judges = [row for row in views if row.node in online] or views
    reached = [row for row in judges if row.status == "available"]
    if not reached:
        return [_storage(source, judges[0], None)]
    cut_off = [row for row in judges if row.status != "available"]
    return [_storage(source, reached[0], None), *(_storage(source, row, row.node) for row in cut_off)]


def _storage(source: str, row: ResourceRow, node: str | None) -> Storage:
    active = row.status == "available"
    has_size = active and bool(row.maxdisk)
    return Storage(
        source=source,
        name=_storage_name(row),
        node=node,
        plugin=row.plugintype or "unknown",
        shared=bool(row.shared),
        active=active,
        content=split_list(row.content),
        used_bytes=row.disk if has_size else None,
        total_bytes=row.maxdisk if has_size else None,
    )


def _storage_name(row: ResourceRow) -> str:
    return row.storage or _last_part(row)


def storage_status(source: str, node: str, name: str, wire: StorageStatusWire) -> Storage:
    active = bool(wire.active)
    has_size = active and bool(wire.total)
    return Storage(
        source=source,
        name=name,
        node=None if wire.shared else node,
        plugin=wire.type,
        shared=bool(wire.shared),
        active=active,
        content=split_list(wire.content),
        used_bytes=wire.used if has_size else None,
        total_bytes=wire.total if has_size else None,
    )


def node_status(wire: NodeStatusWire) -> NodeStatus:
    memory, swap, rootfs = wire.memory, wire.swap, wire.rootfs
    load = wire.loadavg
    kernel = wire.current_kernel.release if wire.current_kernel else None
    return NodeStatus(
        cpu_fraction=wire.cpu,
        cpu_count=wire.cpuinfo.cpus if wire.cpuinfo else None,
        cpu_model=wire.cpuinfo.model if wire.cpuinfo else None,
        memory_used_bytes=memory.used if memory else None,
        memory_total_bytes=memory.total if memory else None,
        rootfs_used_bytes=rootfs.used if rootfs else None,
        rootfs_total_bytes=rootfs.total if rootfs else None,
        swap_used_bytes=swap.used if swap else None,
        swap_total_bytes=swap.total if swap else None,
        uptime_s=wire.uptime,
        load=(load[0], load[1], load[2]) if load and len(load) >= 3 else None,
        iowait_fraction=wire.wait,
        pve_version=_pve_version(wire.pveversion),
        kernel=kernel or _kernel_in(wire.kversion),
        memory_available_bytes=memory.available if memory else None,
    )


def _pve_version(text: str | None) -> str | None:
    """`pve-manager/9.1-1/9a1b2c3d` → `9.1-1`."""
    parts = text.split("/") if text else []
    return parts[1] if len(parts) > 1 else (text or None)


def _kernel_in(text: str | None) -> str | None:
    """`Linux 6.11.0-1-pve #1 SMP …` → `6.11.0-1-pve`."""
    words = text.split() if text else []
    return words[1] if len(words) > 1 else (text or None)


def task(source: str, row: TaskRow) -> Task:
    if row.starttime is None:
        raise SourceMalformed(source, f"GET /nodes/{row.node}/tasks", "a task has no field starttime")
    running = row.endtime is None and row.status in (None, "", "RUNNING", "running")
    return Task(
        source=source,
        upid=row.upid,
        node=row.node,
        worker_type=row.type,
        worker_id=row.id or "",
        user=row.user,
        started_at=row.starttime,
        ended_at=row.endtime,
        status=row.status or None,
        outcome=outcome_of(row.status, running=running),
    )


def not_backed_up(source: str, row: NotBackedUpRow) -> NotBackedUp:
    if row.type not in _KINDS:
        raise SourceMalformed(source, "GET /cluster/backup-info/not-backed-up", "field type is neither qemu nor lxc")
    return NotBackedUp(source, row.vmid, row.name or None, _KINDS[row.type])


def guest_current(guest: Guest, wire: GuestCurrentWire) -> Guest:
    """`guest` with what its own status says. A running VM's state is QEMU's: `paused`, `io-error`, `prelaunch`…"""
    status = wire.qmpstatus if wire.status == "running" and wire.qmpstatus else wire.status
    ha_state = wire.ha.state if wire.ha and wire.ha.managed else None
    return replace(
        guest,
        name=wire.name or guest.name,
        status=status,
        template=guest.template if wire.template is None else wire.template,
        tags=guest.tags if wire.tags is None else split_tags(wire.tags),
        lock=wire.lock or None,
        cpu_fraction=guest.cpu_fraction if wire.cpu is None else wire.cpu,
        cpu_count=wire.cpus or guest.cpu_count,
        memory_used_bytes=guest.memory_used_bytes if wire.mem is None else wire.mem,
        memory_total_bytes=wire.maxmem or guest.memory_total_bytes,
        disk_used_bytes=_disk_used(guest.kind, status, wire.disk),
        disk_total_bytes=wire.maxdisk or guest.disk_total_bytes,
        uptime_s=guest.uptime_s if wire.uptime is None else wire.uptime,
        ha_state=ha_state or (guest.ha_state if wire.ha is None else None),
    )


def _count(value: float | None) -> int | None:
    return int(value) if value else None
