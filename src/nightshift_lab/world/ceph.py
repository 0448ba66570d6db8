"""Ceph of a cluster that has it: its OSDs and monitors, its placement groups, and what its health says of them.

Three copies on three nodes: with an OSD gone some groups have two, with a node gone all have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nightshift_lab.world.hashing import hex_digits
from nightshift_lab.world.nouns import Node
from nightshift_lab.world.world import World

GROUPS = 129
COPIES = 3
NEARFULL, FULL = 0.85, 0.95
# An OSD that is down so long is marked out, and its data is copied elsewhere; but three quarters stay in.
_OUT_AFTER_S = 600.0
_IN_AT_LEAST = 0.75
_RECOVERY_S = 7_200.0
_STEP_S = 300.0
_OBJECT_BYTES = 4_194_304
STORAGE = "ceph-vm"


@dataclass(frozen=True, slots=True)
class Osd:
    """One OSD at one time. `inside`: data is still placed on it."""

    number: int
    node: str
    serial: str
    size_bytes: int
    up: bool
    down_for_s: float
    node_up: bool
    used_bytes: float
    inside: bool = True

    @property
    def name(self) -> str:
        return f"osd.{self.number}"


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """`code` as Ceph names it, e.g. `OSD_DOWN`; `message` as it words it."""

    code: str
    severity: str
    message: str
    count: int


@dataclass(frozen=True, slots=True)
class CephState:
    osds: tuple[Osd, ...]
    monitors: tuple[str, ...]
    quorum: tuple[str, ...]
    groups: tuple[tuple[str, int], ...]
    degraded_fraction: float
    checks: tuple[HealthCheck, ...]
    managers: tuple[str, ...]

    @property
    def health(self) -> str:
        severities = {check.severity for check in self.checks}
        return next((word for word in ("HEALTH_ERR", "HEALTH_WARN") if word in severities), "HEALTH_OK")

    @property
    def total_bytes(self) -> int:
        return sum(osd.size_bytes for osd in self.osds if osd.inside)

    @property
    def used_bytes(self) -> int:
        return int(sum(osd.used_bytes for osd in self.osds if osd.inside))

    @property
    def objects(self) -> int:
        """About one for each 4 MiB of data."""
        return objects_of(self.osds)


def objects_of(osds: tuple[Osd, ...]) -> int:
    return int(sum(osd.used_bytes for osd in osds) / COPIES / _OBJECT_BYTES)


def fsid(world: World) -> str:
    digits = hex_digits(32, world.seed, "ceph fsid")
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def osd_nodes(world: World) -> Iterator[tuple[Node, int, str]]:
    """(node, number, serial) of every OSD, by number."""
    rows = [
        (node, disk.osd, disk.serial) for node in world.cluster.nodes for disk in node.disks if disk.osd is not None
    ]
    return iter(sorted(rows, key=lambda row: row[1]))


def ceph_state(world: World, t: float) -> CephState:
    """How Ceph stands at `t`."""
    osds = _marked_out(tuple(_osd(world, node, number, serial, t) for node, number, serial in osd_nodes(world)))
    monitors = tuple(node.name for node in world.cluster.nodes)
    quorum = tuple(
        name for name in monitors if world.node_up(name, t) and not world.condition(f"mon/{name}", "down", t, False)
    )
    missing = _degraded(osds)
    inconsistent = int(world.condition("ceph", "inconsistent_groups", t, 0))
    checks = tuple(_checks(world, osds, monitors, quorum, inconsistent, t))
    managers = tuple(name for name in monitors if world.node_up(name, t))
    recovering = any(not osd.inside and osd.node_up for osd in osds)
    return CephState(osds, monitors, quorum, _groups(missing, inconsistent, recovering), missing, checks, managers)


def _osd(world: World, node: Node, number: int, serial: str, t: float) -> Osd:
    entity = f"osd/{number}"
    size = node.disk(serial).size_bytes
    share = world.at(f"storage/{world.cluster.nodes[0].name}/{STORAGE}", "used_bytes", t) * COPIES
    total = sum(n.disk(s).size_bytes for n, _, s in osd_nodes(world))
    spread = 1.0 + 0.06 * ((number * 37) % 11 - 5) / 5.0
    used = size * float(world.condition(entity, "fraction", t, min(share / total * spread, 0.999)))
    down_for = _down_for_s(world, node, number, serial, t)
    return Osd(number, node.name, serial, size, not down_for, down_for, world.node_up(node.name, t), used)


def _down_for_s(world: World, node: Node, number: int, serial: str, t: float) -> float:
    """How long it has been down, in steps, up to a few hours; 0 while it is up."""

    def down(at: float) -> bool:
        gone = not world.condition(f"disk/{node.name}/{serial}", "present", at, True)
        return gone or not world.node_up(node.name, at) or bool(world.condition(f"osd/{number}", "down", at, False))

    if not down(t):
        return 0.0
    steps = 1
    while steps * _STEP_S < _OUT_AFTER_S + _RECOVERY_S and down(t - steps * _STEP_S):
        steps += 1
    return steps * _STEP_S


def _marked_out(osds: tuple[Osd, ...]) -> tuple[Osd, ...]:
    """An OSD that is down for long is marked out, as long as three quarters of all stay in."""
    room = int(len(osds) * (1.0 - _IN_AT_LEAST))
    out = [osd.number for osd in osds if osd.down_for_s > _OUT_AFTER_S][:room]
    return tuple(replace(osd, inside=osd.number not in out) for osd in osds)


def _degraded(osds: tuple[Osd, ...]) -> float:
    """The share of the copies that is missing: what is out is copied elsewhere, unless its whole node is gone."""
    missing = 0.0
    for osd in osds:
        if not osd.up:
            copied = 0.0 if osd.inside or not osd.node_up else (osd.down_for_s - _OUT_AFTER_S) / _RECOVERY_S
            missing += max(0.0, 1.0 - copied)
    return missing / max(len(osds), 1)


def _groups(missing: float, inconsistent: int, recovering: bool) -> tuple[tuple[str, int], ...]:
    """How many placement groups are in which state."""
    degraded = round(GROUPS * min(1.0, missing * COPIES))
    clean = GROUPS - degraded - inconsistent
    word = "active+undersized+degraded+remapped+backfilling" if recovering else "active+undersized+degraded"
    rows = [(word, degraded), ("active+clean+inconsistent", inconsistent), ("active+clean", clean)]
    return tuple((name, count) for name, count in rows if count > 0)


def _checks(
    world: World, osds: tuple[Osd, ...], monitors: tuple[str, ...], quorum: tuple[str, ...], inconsistent: int, t: float
) -> Iterator[HealthCheck]:
    down = [osd for osd in osds if osd.inside and not osd.up]
    lost_hosts = [name for name in monitors if not world.node_up(name, t) and any(osd.node == name for osd in osds)]
    if down:
        yield HealthCheck("OSD_DOWN", "HEALTH_WARN", f"{len(down)} osds down", len(down))
    if lost_hosts and down:
        lost = sum(osd.node in lost_hosts for osd in osds)
        noun = "host" if len(lost_hosts) == 1 else "hosts"
        message = f"{len(lost_hosts)} {noun} ({lost} osds) down"
        yield HealthCheck("OSD_HOST_DOWN", "HEALTH_WARN", message, len(lost_hosts))
    if len(quorum) < len(monitors):
        gone = len(monitors) - len(quorum)
        message = f"{gone}/{len(monitors)} mons down, quorum {','.join(quorum)}"
        yield HealthCheck("MON_DOWN", "HEALTH_WARN", message, gone)
    missing = _degraded(osds)
    if missing:
        degraded = round(GROUPS * min(1.0, missing * COPIES))
        objects = objects_of(osds) * COPIES
        message = (
            f"Degraded data redundancy: {int(objects * missing)}/{objects} objects degraded"
            f" ({100 * missing:.3f}%), {degraded} pgs degraded, {degraded} pgs undersized"
        )
        yield HealthCheck("PG_DEGRADED", "HEALTH_WARN", message, degraded * 2)
    if inconsistent:
        yield HealthCheck("OSD_SCRUB_ERRORS", "HEALTH_ERR", f"{inconsistent * 2} scrub errors", inconsistent * 2)
        message = f"Possible data damage: {inconsistent} pg{'s' * (inconsistent > 1)} inconsistent"
        yield HealthCheck("PG_DAMAGED", "HEALTH_ERR", message, inconsistent)
    shares = [osd.used_bytes / osd.size_bytes for osd in osds if osd.up]
    full, near = sum(share >= FULL for share in shares), sum(NEARFULL <= share < FULL for share in shares)
    if full:
        yield HealthCheck("OSD_FULL", "HEALTH_ERR", f"{full} full osd(s)", full)
    if near:
        yield HealthCheck("OSD_NEARFULL", "HEALTH_WARN", f"{near} nearfull osd(s)", near)
    slow = int(world.condition("ceph", "slow_ops", t, 0))
    if slow:
        message = f"{slow} slow ops, oldest one blocked for 214 sec, daemons [osd.1,osd.4] have slow ops."
        yield HealthCheck("SLOW_OPS", "HEALTH_WARN", message, slow)
