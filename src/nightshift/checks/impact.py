"""What would happen if one node failed now: reckoned from the facts, guest by guest, never guessed.

A guest under high availability starts again elsewhere when nothing binds it to its node and a survivor has room for it;
every other guest stays down until its node is back, or until somebody restores it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from nightshift.checks.bonds import Bond, bonds_of, managed_keys
from nightshift.checks.failover import room_for_guests
from nightshift.checks.nodes import memory_free
from nightshift.checks.thresholds import Thresholds
from nightshift.checks.votes import votes_of
from nightshift.facts.ids import guest_key
from nightshift.facts.inventory import Guest, Node
from nightshift.facts.snapshot import Snapshot

Fate = Literal["restarts elsewhere", "stays down", "not known"]


@dataclass(frozen=True, slots=True)
class GuestFate:
    """What becomes of one guest that runs on the node, and why."""

    guest: Guest
    fate: Fate
    why: str
    last_backup_at: datetime | None


@dataclass(frozen=True, slots=True)
class Dragged:
    """What else goes with the node: a storage or a backup server that one of its guests serves, and who uses it."""

    what: str
    through: Guest
    users: tuple[Guest, ...]


@dataclass(frozen=True, slots=True)
class NodeImpact:
    """`nodes` fail together. `votes_left` of `votes_needed`: whether the cluster keeps its quorum, None for a host that
    stands alone.

    `room_bytes` is what the survivors can take, `needed_bytes` what the guests that would restart may use; None when a
    survivor does not say.
    """

    nodes: tuple[Node, ...]
    fates: tuple[GuestFate, ...]
    dragged: tuple[Dragged, ...]
    votes_left: int | None
    votes_needed: int | None
    needed_bytes: int
    room_bytes: float | None

    @property
    def keeps_quorum(self) -> bool | None:
        if self.votes_left is None or self.votes_needed is None:
            return None
        return self.votes_left >= self.votes_needed


def impact_of_node(snapshot: Snapshot, node: Node, thresholds: Thresholds, also: Sequence[Node] = ()) -> NodeImpact:
    """What the loss of `node`, and of others of its cluster with it, would do, as far as the snapshot tells."""
    gone = {node.name, *(other.name for other in also if other.source == node.source)}
    here = [guest for guest in snapshot.guests if guest.source == node.source and guest.node in gone]
    # Of a node that is gone already nobody knows what ran there: all that was not known to be off.
    up = {"running", "unknown"} if not node.online else {"running"}
    running = [guest for guest in here if guest.status in up and not guest.template]
    others = [other for other in snapshot.nodes if other.source == node.source and other.name not in gone]
    quorum = _quorum_without(snapshot, node, others)
    room = _room(snapshot, others, thresholds)
    managed = managed_keys(snapshot)
    away = {(row.source, row.name) for row in snapshot.nodes if row.source == node.source and not row.online}
    away |= {(node.source, name) for name in gone}
    bonds, backups = bonds_of(snapshot, away), _last_backups(snapshot)
    fates: list[GuestFate] = []
    needed = 0
    for guest in sorted(running, key=lambda guest: guest.vmid):
        fate, why = _fate(guest, managed, bonds, quorum, "its node" if len(away) == 1 else "nodes that are away then")
        size = (guest.memory_total_bytes if guest.kind == "qemu" else guest.memory_used_bytes) or 0
        if fate == "restarts elsewhere":
            needed += size
            if room is not None and needed > room:
                fate, why = "stays down", "under high availability, but the other nodes have no memory left for it"
        fates.append(GuestFate(guest, fate, why, backups.get(guest.entity.key)))
    left, wanted = quorum or (None, None)
    lost = tuple(row for row in snapshot.nodes if row.source == node.source and row.name in gone)
    return NodeImpact(lost, tuple(fates), tuple(dragged_by(snapshot, running)), left, wanted, needed, room)


def _fate(
    guest: Guest, managed: set[str], bonds: Mapping[str, Bond], quorum: tuple[int, int] | None, away: str
) -> tuple[Fate, str]:
    if guest.entity.key not in managed:
        return "stays down", "not under high availability"
    if quorum is None:
        return "not known", "under high availability; whether the nodes that are left have a quorum could not be read"
    if quorum is not None and quorum[0] < quorum[1]:
        return "stays down", "under high availability, but the nodes that are left have no quorum"
    bond = bonds.get(guest.entity.key)
    if bond is None:
        return (
            "not known",
            "under high availability; its configuration, or whether it is replicated, has not been read yet",
        )
    if bond.holds:
        return "stays down", f"under high availability, but bound to {away}: {', '.join(bond.named)}"
    return "restarts elsewhere", "under high availability, with its disks within reach of another node"


def _quorum_without(snapshot: Snapshot, node: Node, others: Iterable[Node]) -> tuple[int, int] | None:
    """Votes that are left and votes that are needed; None for a host that stands alone."""
    cluster = next((row for row in snapshot.clusters if row.source == node.source), None)
    if cluster is None or cluster.name is None:
        return None
    corosync = next((row for row in snapshot.corosync if row.source == node.source), None)
    every = [row for row in snapshot.nodes if row.source == node.source]
    _, total = votes_of(every, corosync)
    left, _ = votes_of(others, corosync)
    return left, total // 2 + 1


def _room(snapshot: Snapshot, others: Iterable[Node], thresholds: Thresholds) -> float | None:
    free = memory_free(snapshot)
    rooms = [room_for_guests(other, free, thresholds) for other in others if other.online]
    return sum(room for room in rooms if room is not None) if None not in rooms else None


def _last_backups(snapshot: Snapshot) -> dict[str, datetime]:
    newest: dict[str, datetime] = {}
    for group in snapshot.backup_groups:
        if group.guest is not None and group.backup_count:
            newest[group.guest] = max(group.last_backup_at, newest.get(group.guest, group.last_backup_at))
    return newest


def dragged_by(snapshot: Snapshot, running: Iterable[Guest]) -> Iterable[Dragged]:
    """Storages that one of these guests serves (a NAS VM, a backup server), with those who have disks there."""
    here = {guest.entity.key: guest for guest in running}
    users: dict[tuple[str, str], list[Guest]] = {}
    guests = {guest.entity.key: guest for guest in snapshot.guests}
    for config in snapshot.guest_configs:
        user = guests.get(guest_key(config.source, config.vmid))
        if user is None:
            continue
        for name in {value.partition(":")[0] for _, value in config.disks if ":" in value}:
            users.setdefault((config.source, name), []).append(user)
    for storage in snapshot.storage_configs:
        server = snapshot.names.get((storage.server or "").lower()) or snapshot.names.get(storage.server or "")
        through = here.get(server.key) if server is not None else None
        if through is not None and storage.enabled:
            kind = "backup storage" if storage.plugin == "pbs" else f"{storage.plugin} storage"
            using = tuple(sorted(users.get((storage.source, storage.name), []), key=lambda guest: guest.vmid))
            yield Dragged(f"{kind} {storage.name}", through, using)
