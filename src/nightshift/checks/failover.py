"""Failover that would not work: guests that another node cannot start, and nodes whose guests fit nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nightshift.checks.check import Check
from nightshift.checks.evidence import RESOURCES, counted, named, table
from nightshift.checks.ha import HA_STATUS
from nightshift.checks.nodes import memory_free
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.cluster import HaResource
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import guest_key
from nightshift.facts.inventory import Guest, GuestConfig, Node
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_bytes

GUEST_CONFIG = "GET /nodes/{node}/{kind}/{vmid}/config"
_NOT_WANTED = frozenset({"stopped", "disabled", "ignored"})


def guest(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A guest under high availability that no other node can start: a disk on a storage that only its node has and that
    is not replicated, or a device or folder of the node in it. When its node fails, it stays down.

    Judges (PVE API: /nodes/{node}/{qemu,lxc}/{vmid}/config, /cluster/resources, /cluster/replication):
        {"scsi0": "local-lvm:vm-121-disk-0,size=32G", "usb0": "host=10c4:ea60"}
        {"type": "storage", "storage": "local-lvm", "node": "pve1", "shared": 0}
    """
    bonds = bonds_of(snapshot)
    findings = []
    for guest_, resource in managed_guests(snapshot):
        bond = bonds.get(guest_.entity.key)
        if bond is not None and bond.holds and _nodes_of(snapshot, guest_.source) > 1:
            findings.append(_stays_down(snapshot, guest_, resource, bond.disks, bond.devices))
    return CheckResult(tuple(findings))


@dataclass(frozen=True, slots=True)
class Bond:
    """What binds a guest to the node that it is on: `disks` that only this node has and that are not replicated, and
    its `devices` and folders."""

    disks: tuple[str, ...]
    devices: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether no other node could start it."""
        return bool(self.disks or self.devices)


def bonds_of(snapshot: Snapshot) -> dict[str, Bond]:
    """The bonds of every guest whose configuration was read, by entity key."""
    shared = _shared_storages(snapshot)
    replicated = {job.guest for job in snapshot.replication if job.enabled}
    bonds: dict[str, Bond] = {}
    for config in snapshot.guest_configs:
        key = guest_key(config.source, config.vmid)
        disks = () if key in replicated else tuple(_local_disks(config, shared))
        bonds[key] = Bond(disks, config.passthrough)
    return bonds


def managed_guests(snapshot: Snapshot) -> Iterable[tuple[Guest, HaResource]]:
    """The guests that high availability is to keep running."""
    guests = {(guest_.source, guest_.vmid): guest_ for guest_ in snapshot.guests}
    for ha in snapshot.ha:
        for resource in ha.resources:
            found = guests.get((resource.source, resource.vmid or 0))
            if found is not None and resource.requested not in _NOT_WANTED and resource.state not in _NOT_WANTED:
                yield found, resource


def _nodes_of(snapshot: Snapshot, source: str) -> int:
    return sum(1 for node in snapshot.nodes if node.source == source)


def _shared_storages(snapshot: Snapshot) -> dict[tuple[str, str], bool]:
    """Whether a storage is shared, by source and name; one that nobody lists is left out: nothing is known of it."""
    shared: dict[tuple[str, str], bool] = {}
    for storage in snapshot.storages:
        key = (storage.source, storage.name)
        shared[key] = shared.get(key, False) or storage.shared
    return shared


def _local_disks(config: GuestConfig, shared: dict[tuple[str, str], bool]) -> Iterable[str]:
    for key, value in config.disks:
        storage, separator, _ = value.partition(":")
        if separator and not key.startswith("unused") and shared.get((config.source, storage)) is False:
            yield f"{key} on {storage}"


def _stays_down(
    snapshot: Snapshot, guest_: Guest, resource: HaResource, local: tuple[str, ...], devices: tuple[str, ...]
) -> Finding:
    reasons = []
    if local:
        reasons.append(f"{', '.join(local)} is on {guest_.node} only and not replicated")
    if devices:
        reasons.append(f"{', '.join(devices)} is a device or folder of {guest_.node}")
    tool = "qm" if guest_.kind == "qemu" else "pct"
    return Finding(
        check="failover.guest",
        severity="warning",
        entity=guest_.entity,
        title=f"{guest_.entity.label} could not be started on another node",
        detail=f"It is under high availability, but {'; '.join(reasons)}. When {guest_.node} fails it stays down, in "
        "state error.",
        remedy=f"`{tool} config {guest_.vmid}` shows it. Move its disks to a shared storage (`{tool} "
        f"{'disk move' if tool == 'qm' else 'move-volume'} {guest_.vmid} DISK STORAGE`), or replicate them where they "
        f"are on ZFS (`pvesr create-local-job {guest_.vmid}-0 TARGET`); map devices (Datacenter, Resource Mappings), "
        f"or take it out of high availability (`ha-manager remove {resource.sid}`).",
        evidence=(
            table(
                snapshot,
                guest_.source,
                GUEST_CONFIG.format(node=guest_.node, kind=guest_.kind, vmid=guest_.vmid),
                f"What binds {guest_.entity.label} to {guest_.node}",
                ("what",),
                ((item,) for item in (*local, *devices)),
            ),
            table(
                snapshot,
                guest_.source,
                HA_STATUS,
                f"High availability of {guest_.entity.label}",
                ("sid", "node", "state", "requested"),
                ((resource.sid, resource.node, resource.state, resource.requested),),
            ),
        ),
        runbook="failover.md#steps",
    )


def memory(snapshot: Snapshot, _previous: Previous, thresholds: Thresholds) -> CheckResult:
    """A node whose guests under high availability find no room elsewhere: the other nodes have too little memory free
    for all of them, or none of them enough for the largest. A VM counts with what it may use, a container with what it
    uses.

    Judges (PVE API: /cluster/resources, /cluster/ha/status/current, /nodes/{node}/status):
        {"type": "qemu", "vmid": 104, "node": "pve2", "maxmem": 17179869184}
        {"memory": {"total": 33554432000, "available": 9663676416}}
    """
    free = memory_free(snapshot)
    needs: dict[str, list[tuple[Guest, int]]] = {}
    for guest_, _ in managed_guests(snapshot):
        needed = guest_.memory_total_bytes if guest_.kind == "qemu" else guest_.memory_used_bytes
        if guest_.status == "running" and needed:
            needs.setdefault(f"node:{guest_.source}/{guest_.node}", []).append((guest_, needed))
    findings = []
    for node in snapshot.nodes:
        moving = needs.get(node.entity.key, [])
        others = [other for other in snapshot.nodes if other.source == node.source and other.name != node.name]
        rooms = {other.name: room_for_guests(other, free, thresholds) for other in others if other.online}
        if not node.online or not moving or not rooms or None in rooms.values():
            continue
        room = {name: size for name, size in rooms.items() if size is not None}
        largest = max(needed for _, needed in moving)
        if sum(needed for _, needed in moving) > sum(room.values()) or largest > max(room.values()):
            findings.append(_no_room(snapshot, node, moving, room))
    return CheckResult(tuple(findings))


def room_for_guests(node: Node, free: dict[str, float], thresholds: Thresholds) -> float | None:
    """What a node can take before its memory becomes critical; None when it does not say."""
    spare = free.get(node.entity.key)
    if spare is None or not node.memory_total_bytes:
        return None
    return max(spare - node.memory_total_bytes * (1.0 - thresholds.node_memory_critical), 0.0)


def _no_room(snapshot: Snapshot, node: Node, moving: list[tuple[Guest, int]], room: dict[str, float]) -> Finding:
    needed = sum(size for _, size in moving)
    moving = sorted(moving, key=lambda item: -item[1])
    others = ", ".join(f"{name} {format_bytes(size)}" for name, size in sorted(room.items()))
    return Finding(
        check="failover.memory",
        severity="warning",
        entity=node.entity,
        title=f"If {node.name} fails, its guests do not fit on the other nodes",
        detail=f"{counted(len(moving), 'guest')} under high availability on {node.name} need {format_bytes(needed)}; "
        f"there is room for {format_bytes(sum(room.values()))} elsewhere ({others}). The largest is "
        f"{moving[0][0].entity.label} with {format_bytes(moving[0][1])}.",
        remedy="Give guests less memory (`qm set VMID --memory N --balloon M`), take those that can wait out of high "
        "availability (`ha-manager remove SID`), or add memory. The largest first: "
        f"{named(item.entity for item, _ in moving)}.",
        evidence=(
            table(
                snapshot,
                node.source,
                RESOURCES,
                f"Guests of {node.name} that would have to move",
                ("vmid", "name", "kind", "needed_bytes"),
                ((item.vmid, item.name, item.kind, size) for item, size in moving),
            ),
            table(
                snapshot,
                node.source,
                "GET /nodes/{node}/status",
                "Room on the other nodes",
                ("node", "room_bytes"),
                sorted(room.items()),
            ),
        ),
        runbook="failover.md#steps",
    )


CHECKS = (
    Check(
        "failover.guest", "high availability", "warning", ("ha", "guests", "guest_configs"), guest,
        "Guests that no other node can start", also=("storages", "replication", "nodes"),
    ),
    Check(
        "failover.memory", "high availability", "warning", ("ha", "guests", "nodes"), memory,
        "Memory for a failover", also=("node_history",),
    ),
)  # fmt: skip
