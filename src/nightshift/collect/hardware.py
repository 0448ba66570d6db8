"""Disks, pools and Ceph of one PVE cluster: lists at every sweep, what costs a disk its sleep once a day."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nightshift.collect.lanes import Kind, Order, Turn
from nightshift.collect.reading import Deadline, Gathering, on
from nightshift.facts.gap import Gap
from nightshift.facts.hardware import CephStatus, Disk, SmartReport, ThinPool, ZfsPool, ZfsStatus
from nightshift.facts.inventory import Node, Storage
from nightshift.facts.nodes import NodeClock
from nightshift.facts.snapshot import Dataset, not_configured

if TYPE_CHECKING:
    from nightshift.sources import ProxmoxClient

Row = TypeVar("Row")

SMART: Final = Kind(
    "smart", SmartReport, timedelta(days=1), "disks' SMART reports", rank=1, retry=timedelta(hours=6),
    fix="Grant Sys.Audit on / to the token and to its user.",
)  # fmt: skip
ZFS_STATUS: Final = Kind(
    "zfs_status", ZfsStatus, timedelta(hours=1), "ZFS pools' states in detail", rank=0,
    fix="Grant Sys.Audit on / to the token and to its user.",
)  # fmt: skip
_CEPH_STORAGES: Final = ("rbd", "cephfs")
_NO_CEPH_HERE: Final = re.compile(r"ceph\.conf|not installed|not (?:fully )?configured|not initialized", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HardwareLists:
    """What the nodes list of their hardware."""

    disks: Dataset[Disk]
    zfs_pools: Dataset[ZfsPool]
    thin_pools: Dataset[ThinPool]
    ceph: Dataset[CephStatus]


async def read_hardware(
    client: ProxmoxClient,
    nodes: Iterable[Node],
    unseen: Iterable[Gap],
    storages: Iterable[Storage],
    now: datetime,
    deadline: Deadline,
) -> HardwareLists:
    """Three requests for each online node, and one for Ceph where a storage is on it. `unseen` is why no node is known,
    when none is."""
    known = tuple(nodes)
    if not known:
        return _unknown(tuple(unseen), now)
    names = tuple(node.name for node in known if node.online)
    has_ceph = any(storage.plugin in _CEPH_STORAGES for storage in storages)
    disks, pools, thin, ceph = await asyncio.gather(
        _of_nodes("disks", client.hardware.disks, names, deadline),
        _of_nodes("zfs_pools", client.hardware.zfs_pools, names, deadline),
        _of_nodes("thin_pools", client.hardware.thin_pools, names, deadline),
        _ceph(client, now, deadline) if has_ceph else _no_ceph(),
    )
    return HardwareLists(disks.dataset(now), pools.dataset(now), thin.dataset(now), ceph)


def _unknown(unseen: tuple[Gap, ...], now: datetime) -> HardwareLists:
    return HardwareLists(
        Gathering[Disk](gaps=[on(gap, "disks") for gap in unseen]).dataset(now),
        Gathering[ZfsPool](gaps=[on(gap, "zfs_pools") for gap in unseen]).dataset(now),
        Gathering[ThinPool](gaps=[on(gap, "thin_pools") for gap in unseen]).dataset(now),
        not_configured(),
    )


async def _of_nodes(
    dataset: str, read: Callable[[str], Awaitable[tuple[Row, ...]]], nodes: tuple[str, ...], deadline: Deadline
) -> Gathering[Row]:
    gathered: Gathering[Row] = Gathering(answered=not nodes)
    answers = await asyncio.gather(*(deadline.read(dataset, read(node)) for node in nodes))
    for node, answer in zip(nodes, answers, strict=True):
        gathered.add(replace(answer, detail=f"node {node}: {answer.detail}") if isinstance(answer, Gap) else answer)
    return gathered


async def _ceph(client: ProxmoxClient, now: datetime, deadline: Deadline) -> Dataset[CephStatus]:
    """Its state; a storage may be on a Ceph that other machines run, which PVE knows nothing of."""
    answer = await deadline.read("ceph", client.hardware.ceph_status())
    if not isinstance(answer, Gap):
        return Dataset("complete", (answer,), (), now)
    if _NO_CEPH_HERE.search(answer.detail):
        return not_configured()
    return Dataset("unavailable", (), (answer,), now)


async def _no_ceph() -> Dataset[CephStatus]:
    return not_configured()


def want_hardware(turn: Turn, client: ProxmoxClient, lists: HardwareLists, now: datetime) -> None:
    """SMART of disks that can fail by themselves, and every pool's devices.

    SMART wakes a disk that sleeps, which PVE offers no way around: once a day it may, and no suspicion makes it more.
    """
    turn.want(
        SMART,
        (
            Order(
                f"{disk.node}/{disk.serial or disk.path}",
                disk.entity.key,
                partial(client.hardware.smart, disk, read_at=now),
            )
            for disk in lists.disks
            if is_asked(disk)
        ),
    )
    turn.want(
        ZFS_STATUS,
        (
            Order(
                f"{pool.node}/{pool.name}",
                pool.entity.key,
                partial(client.hardware.zfs_status, pool, read_at=now),
                suspect=pool.health != "ONLINE",
            )
            for pool in lists.zfs_pools
        ),
    )


def is_asked(disk: Disk) -> bool:
    """Whether SMART of a disk is read: it can fail by itself, and does not hide behind USB."""
    return not disk.is_virtual and disk.kind != "usb"


def in_local_time(statuses: Dataset[ZfsStatus], clocks: Iterable[NodeClock]) -> Dataset[ZfsStatus]:
    """The times of the last scrubs by the zone of each node, which ZFS leaves out of its line. A node whose zone nobody
    tells keeps UTC."""
    zones = {clock.node: clock.timezone for clock in clocks if clock.timezone}
    return replace(statuses, rows=tuple(_at_home(row, zones.get(row.node)) for row in statuses))


def _at_home(status: ZfsStatus, zone: str | None) -> ZfsStatus:
    if status.scanned_at is None or zone is None:
        return status
    try:
        local = status.scanned_at.replace(tzinfo=ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return status
    return replace(status, scanned_at=local.astimezone(UTC))
