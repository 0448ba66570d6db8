# ruff: noqa: E501  (one disk a row: this is a table)
"""The three nodes of the standard homelab and the UPS in the same cupboard. Data, not behaviour."""

from __future__ import annotations

from nightshift_lab.world.hardware import Link, PhysicalDisk, ThinPool, Ups, ZfsPool
from nightshift_lab.world.nouns import GIB, MIB, Exporter, Node

_TB = 1_000_000_000_000


def _links(number: int, port: str, speed_mbit: int) -> tuple[Link, ...]:
    """One port with a bridge on it; pve1 and pve2 have a second port for migration and replication."""
    links = [
        Link(port, "eth", speed_mbit),
        Link("vmbr0", "bridge", 0, (port,), f"192.0.2.{10 + number}/24", "192.0.2.1", "LAN"),
    ]
    if number < 3:
        links.append(Link("enp3s0", "eth", 10_000, (), f"198.51.100.{10 + number}/24", "", "direct cable pve1-pve2"))
    return tuple(links)


def node_row(number: int, *, cores: int, memory_gib: int, cpu_model: str, disks: tuple[PhysicalDisk, ...],
          pools: tuple[ZfsPool, ...] = (), thin_pools: tuple[ThinPool, ...] = (), port: str, speed_mbit: int = 2_500, exporters: tuple[Exporter, ...] = ()) -> Node:  # fmt: skip
    name = f"pve{number}"
    return Node(
        name=name,
        node_id=number,
        ip=f"192.0.2.{10 + number}",
        cores=cores,
        cpu_model=cpu_model,
        memory_bytes=memory_gib * GIB,
        swap_bytes=8 * GIB,
        rootfs_bytes=94 * GIB,
        idle_cpu_fraction=0.015 + 0.003 * number,
        exporters=(Exporter("node", f"{name}:9100"), Exporter("smartctl", f"{name}:9633"), *exporters),
        disks=disks,
        pools=pools,
        thin_pools=thin_pools,
        links=_links(number, port, speed_mbit),
    )


NODES = (
    node_row(
        1, cores=12, memory_gib=64, cpu_model="12th Gen Intel(R) Core(TM) i5-1240P", port="enp2s0", exporters=(Exporter("nut", "pve1:9199"),),
        disks=(
            PhysicalDisk("/dev/nvme0n1", "nvme", "WD Red SN700 2000GB", "2234AB801234", 2_000_398_934_016, "ZFS", "unknown", 0.11, 21_904, celsius=44.0),
            PhysicalDisk("/dev/nvme1n1", "nvme", "WD Red SN700 2000GB", "2234AB801877", 2_000_398_934_016, "ZFS", "unknown", 0.12, 21_901, celsius=45.0),
            PhysicalDisk("/dev/sda", "hdd", "WDC WD80EFZZ-68BTXN0", "WD-CA1L4J7K", 8 * _TB + 1_563_222_016, "", "ATA", None, 26_118, 5_640, celsius=34.0),
            PhysicalDisk("/dev/sdb", "hdd", "WDC WD80EFZZ-68BTXN0", "WD-CA1L4P02", 8 * _TB + 1_563_222_016, "", "ATA", None, 26_117, 5_640, celsius=35.0),
            PhysicalDisk("/dev/sdc", "usb", "Ultra Fit", "4C530001231120115142", 30_752_636_928, "ext4", "SanDisk", None, 0, celsius=0.0),
        ),
        pools=(ZfsPool("rpool", "mirror-0", ("2234AB801234", "2234AB801877"), 1_992_864_825_344, "local-zfs", 24 * GIB, 1_460.0),),
    ),
    node_row(
        2, cores=16, memory_gib=64, cpu_model="AMD Ryzen 7 5825U with Radeon Graphics", port="eno1",
        disks=(
            PhysicalDisk("/dev/nvme0n1", "nvme", "Samsung SSD 980 PRO 2TB", "S6B0NL0T912345K", 2_000_398_934_016, "ZFS", "unknown", 0.19, 17_733, celsius=47.0),
            PhysicalDisk("/dev/nvme1n1", "nvme", "KINGSTON SFYRD2000G", "50026B7686E4A111", 2_000_398_934_016, "ZFS", "unknown", 0.07, 9_022, celsius=43.0),
            PhysicalDisk("/dev/sda", "ssd", "Samsung SSD 870 EVO 4TB", "S6BCNX0T301552V", 4_000_787_030_016, "", "ATA", 0.05, 15_810, celsius=31.0),
            PhysicalDisk("/dev/sdb", "hdd", "ST8000VN004-3CP101", "WRQ0A5TT", 8 * _TB + 1_563_222_016, "", "ATA", None, 15_806, 7_200, celsius=37.0),
        ),
        pools=(ZfsPool("rpool", "mirror-0", ("S6B0NL0T912345K", "50026B7686E4A111"), 1_992_864_825_344, "local-zfs", 22 * GIB, 1_320.0),),
    ),
    node_row(
        3, cores=8, memory_gib=32, cpu_model="Intel(R) N305", port="enp1s0",
        disks=(
            PhysicalDisk("/dev/sda", "ssd", "CT1000MX500SSD1", "2212E6179A0C", 1_000_204_886_016, "LVM", "ATA", 0.23, 30_552, celsius=33.0),
        ),
        thin_pools=(ThinPool("pve", "data", "2212E6179A0C", 794 * GIB, 8_101 * MIB, "local-lvm"),),
    ),
)  # fmt: skip

UPSES = (Ups("apc", "Back-UPS RS 900MI", "pve1", ("pve1", "pve2", "pve3"), 540.0, 2_460.0, 0.31),)
