# ruff: noqa: E501  (one disk or storage a row: this is a table)
"""Other homelabs made of the standard one: with Ceph, or with a fourth node. Data, not behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nightshift_lab.world.ceph import STORAGE
from nightshift_lab.world.hardware import PhysicalDisk
from nightshift_lab.world.homelab import CLUSTER
from nightshift_lab.world.homelab_nodes import node_row
from nightshift_lab.world.nouns import MIB, Cluster, Exporter, Guest, Node, Storage

_SIZE = 960_197_124_096
_SERIALS = ("S64DNG0R400117", "S64DNG0R400121", "S64DNG0R400136", "S64DNG0R400140", "S64DNG0R400152", "S64DNG0R400169")
# Those that moved to Ceph when it came.
_MOVED = frozenset({115, 118, 128, 135, 137})
_EXPORTER = Exporter("ceph", "pve1:9283")


def _with_osds(number: int, node: Node) -> Node:
    """Two SSDs more, each an OSD."""
    osds = tuple(
        PhysicalDisk(path, "ssd", "SAMSUNG MZ7L3960HCJR-00A07", _SERIALS[osd], _SIZE, "LVM", "ATA", 0.04, 6_204, celsius=32.0, osd=osd)
        for path, osd in (("/dev/sdy", 2 * number), ("/dev/sdz", 2 * number + 1))
    )  # fmt: skip
    exporters = (*node.exporters, _EXPORTER) if number == 0 else node.exporters
    return replace(node, disks=(*node.disks, *osds), exporters=exporters)


def _on_ceph(guest: Guest) -> Guest:
    if guest.vmid not in _MOVED:
        return guest
    return replace(guest, disks=tuple(replace(disk, storage=STORAGE) for disk in guest.disks))


_CEPH_STORAGE = Storage(
    STORAGE, "rbd", ("images", "rootdir"), tuple(node.name for node in CLUSTER.nodes), int(_SIZE * 6 / 3 * 0.95), 0.21,
    shared=True, growth_bytes_per_day=120 * MIB, options={"pool": STORAGE, "krbd": 1},
)  # fmt: skip

WITH_CEPH = replace(
    CLUSTER,
    nodes=tuple(_with_osds(number, node) for number, node in enumerate(CLUSTER.nodes)),
    guests=tuple(_on_ceph(guest) for guest in CLUSTER.guests),
    storages=(*CLUSTER.storages, _CEPH_STORAGE),
    ceph=True,
    base="homelab-with-ceph",
)

_SPARE = node_row(
    4, cores=4, memory_gib=16, cpu_model="Intel(R) N100", port="enp1s0",
    disks=(PhysicalDisk("/dev/nvme0n1", "nvme", "CT500P3SSD8", "2239E66D8A41", 500_107_862_016, "LVM", "unknown", 0.03, 1_911, celsius=41.0),),
)  # fmt: skip


def _seen_by_all(storage: Storage) -> Storage:
    everywhere = len(storage.nodes) == len(CLUSTER.nodes)
    return replace(storage, nodes=(*storage.nodes, _SPARE.name)) if everywhere else storage


WITH_FOUR_NODES = replace(
    CLUSTER,
    nodes=(*CLUSTER.nodes, _SPARE),
    storages=tuple(_seen_by_all(storage) for storage in CLUSTER.storages),
    base="homelab-of-four-nodes",
)

BASES: Mapping[str, Cluster] = {cluster.base: cluster for cluster in (CLUSTER, WITH_CEPH, WITH_FOUR_NODES)}
