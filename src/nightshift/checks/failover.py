"""Failover that would not work: guests that another node cannot start, and nodes whose guests fit nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nightshift.checks.bonds import Bond, bonds_of, managed_guests, nodes_elsewhere
from nightshift.checks.check import Check
from nightshift.checks.evidence import RESOURCES, counted, named, table
from nightshift.checks.ha import HA_STATUS
from nightshift.checks.nodes import memory_free, memory_free_at_best
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.cluster import HaResource
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.ids import node_key
from nightshift.facts.inventory import Guest, Node
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_bytes

GUEST_CONFIG = "GET /nodes/{node}/{kind}/{vmid}/config"


def guest(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A guest under high availability that no other node can start: a disk on a storage that only its node has and that
    is not replicated, a device or folder of the node in it, or a strict rule that allows it nowhere else. When its node
    fails, it stays down.

    Judges (PVE API: /nodes/{node}/{qemu,lxc}/{vmid}/config, /cluster/resources, /cluster/replication,
    /cluster/ha/rules):
        {"scsi0": "local-lvm:vm-121-disk-0,size=32G", "usb0": "host=10c4:ea60"}
        {"type": "storage", "storage": "local-lvm", "node": "pve1", "shared": 0}
        {"rule": "gpu", "type": "node-affinity", "resources": "vm:121", "nodes": "pve1", "strict": 1}
    """
    bonds = bonds_of(snapshot)
    findings = []
    for guest_, resource in managed_guests(snapshot):
        bond = bonds.get(guest_.entity.key)
        if bond is not None and bond.holds and _nodes_of(snapshot, guest_.source) > 1:
            findings.append(_stays_down(snapshot, guest_, resource, bond))
    return CheckResult(tuple(findings))


def _nodes_of(snapshot: Snapshot, source: str) -> int:
    return sum(1 for node in snapshot.nodes if node.source == source)


def _stays_down(snapshot: Snapshot, guest_: Guest, resource: HaResource, bond: Bond) -> Finding:
    reasons = []
    if bond.disks:
        reasons.append(f"{', '.join(bond.disks)} is on {guest_.node} only and not replicated")
    if bond.devices:
        reasons.append(f"{', '.join(bond.devices)} is a device or folder of {guest_.node}")
    if bond.rules:
        reasons.append(f"rule {', '.join(bond.rules)} allows it on no other node")
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
        f"widen the rule (Datacenter, HA), or take it out of high availability (`ha-manager remove {resource.sid}`).",
        evidence=(
            table(
                snapshot,
                guest_.source,
                GUEST_CONFIG.format(node=guest_.node, kind=guest_.kind, vmid=guest_.vmid),
                f"What binds {guest_.entity.label} to {guest_.node}",
                ("what",),
                ((item,) for item in bond.named),
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
    """A node whose guests under high availability find no room elsewhere: the nodes on which they may run have too
    little memory free for all of them, or none of them enough for the largest. A VM counts with what it may use, a
    container with what it uses. Where only the unknown size of a ZFS cache makes the difference, that is a remark.

    Judges (PVE API: /cluster/resources, /cluster/ha/status/current, /cluster/ha/rules, /nodes/{node}/status):
        {"type": "qemu", "vmid": 104, "node": "pve2", "maxmem": 17179869184}
        {"memory": {"total": 33554432000, "available": 9663676416}}
    """
    free, at_best = memory_free(snapshot), memory_free_at_best(snapshot)
    elsewhere = nodes_elsewhere(snapshot)
    needs: dict[str, list[_Moving]] = {}
    for guest_, _ in managed_guests(snapshot):
        needed = guest_.memory_total_bytes if guest_.kind == "qemu" else guest_.memory_used_bytes
        if guest_.status == "running" and needed:
            moving = _Moving(guest_, needed, elsewhere[guest_.entity.key])
            needs.setdefault(node_key(guest_.source, guest_.node), []).append(moving)
    findings = []
    for node in snapshot.nodes:
        moving_ = needs.get(node.entity.key, [])
        others = [other for other in snapshot.nodes if other.source == node.source and other.name != node.name]
        room = _rooms(others, free, thresholds)
        if node.online and moving_ and room and not _fit(moving_, room):
            sure = not _fit(moving_, _rooms(others, at_best, thresholds) or room)
            findings.append(_no_room(snapshot, node, moving_, room, sure=sure))
    return CheckResult(tuple(findings))


@dataclass(frozen=True, slots=True)
class _Moving:
    """A guest that has to move when its node fails, and the nodes that may take it."""

    guest: Guest
    needed: int
    nodes: frozenset[str]


def _rooms(nodes: Iterable[Node], free: Mapping[str, float], thresholds: Thresholds) -> dict[str, float]:
    """The room on every node that is online; empty when one of them does not say."""
    rooms = {node.name: room_for_guests(node, free, thresholds) for node in nodes if node.online}
    return {name: size for name, size in rooms.items() if size is not None} if None not in rooms.values() else {}


def _fit(moving: Iterable[_Moving], room: Mapping[str, float]) -> bool:
    """Whether nothing speaks against it: each guest fits somewhere, and all that share their nodes fit there together.
    A guest that may go nowhere else has a finding of its own."""
    groups: dict[frozenset[str], list[int]] = {}
    for item in moving:
        reach = item.nodes & room.keys()
        if reach:
            groups.setdefault(frozenset(reach), []).append(item.needed)
    return all(
        max(groups[nodes]) <= max(room[name] for name in nodes)
        and sum(size for reach, sizes in groups.items() if reach <= nodes for size in sizes)
        <= sum(room[name] for name in nodes)
        for nodes in groups
    )


def room_for_guests(node: Node, free: Mapping[str, float], thresholds: Thresholds) -> float | None:
    """What a node can take before its memory becomes critical; None when it does not say."""
    spare = free.get(node.entity.key)
    if spare is None or not node.memory_total_bytes:
        return None
    return max(spare - node.memory_total_bytes * (1.0 - thresholds.node_memory_critical), 0.0)


def _no_room(
    snapshot: Snapshot, node: Node, moving: list[_Moving], room: Mapping[str, float], *, sure: bool
) -> Finding:
    needed = sum(item.needed for item in moving)
    moving = sorted(moving, key=lambda item: -item.needed)
    others = ", ".join(f"{name} {format_bytes(size)}" for name, size in sorted(room.items()))
    doubt = "" if sure else " ZFS caches count as used in that, since nobody tells how large they are; they give way."
    return Finding(
        check="failover.memory",
        severity="warning" if sure else "info",
        entity=node.entity,
        title=f"If {node.name} fails, its guests {'do' if sure else 'may'} not fit on the other nodes",
        detail=f"{counted(len(moving), 'guest')} under high availability on {node.name} need {format_bytes(needed)}; "
        f"there is room for {format_bytes(sum(room.values()))} elsewhere ({others}). The largest is "
        f"{moving[0].guest.entity.label} with {format_bytes(moving[0].needed)}.{doubt}",
        remedy="Give guests less memory (`qm set VMID --memory N --balloon M`), take those that can wait out of high "
        "availability (`ha-manager remove SID`), or add memory. The largest first: "
        f"{named(item.guest.entity for item in moving)}.",
        evidence=(
            table(
                snapshot,
                node.source,
                RESOURCES,
                f"Guests of {node.name} that would have to move",
                ("vmid", "name", "kind", "needed_bytes"),
                ((item.guest.vmid, item.guest.name, item.guest.kind, item.needed) for item in moving),
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
        "Guests that no other node can start", also=("storages", "storage_configs", "replication", "nodes", "ha_rules"),
    ),
    Check(
        "failover.memory", "high availability", "warning", ("ha", "guests", "nodes"), memory,
        "Memory for a failover", also=("node_history", "ha_rules", "zfs_pools", "storages"),
    ),
)  # fmt: skip
