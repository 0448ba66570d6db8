"""The releases that the lab can play: Proxmox VE 8.4 and 9.1, Proxmox Backup Server 3.4 and 4.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PveRelease:
    """`version` as `/version` tells it; `qemu` is the emulator that its guests run on."""

    version: str
    repoid: str
    kernel: str
    kernel_build: str
    debian: str
    qemu: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    @property
    def release(self) -> str:
        """`9.1` of `9.1.4`."""
        return self.version.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class PbsRelease:
    """`version` and `release` as `/version` tells them: 4.1 and 2 for 4.1.2."""

    version: str
    release: str
    repoid: str
    kernel: str
    debian: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


PVE_9 = PveRelease(
    version="9.1.4",
    repoid="5ac30304265fbd8e",
    kernel="6.17.4-1-pve",
    kernel_build="#1 SMP PREEMPT_DYNAMIC PMX 6.17.4-1 (2025-12-03T15:42Z)",
    debian="trixie",
    qemu="10.1.2",
)
PVE_8 = PveRelease(
    version="8.4.14",
    repoid="b502d23c55afcba1",
    kernel="6.8.12-16-pve",
    kernel_build="#1 SMP PREEMPT_DYNAMIC PMX 6.8.12-16 (2025-10-14T08:58Z)",
    debian="bookworm",
    qemu="9.2.0",
)
PBS_4 = PbsRelease("4.1", "2", "2a2ff0ba2f9a8d2e", "6.17.4-1-pve", "trixie")
PBS_3 = PbsRelease("3.4", "8", "0a4ce0f3c2a61d7b", "6.8.12-16-pve", "bookworm")

PVE_RELEASES: Mapping[str, PveRelease] = {"8.4": PVE_8, "9.1": PVE_9}
PBS_RELEASES: Mapping[str, PbsRelease] = {"3.4": PBS_3, "4.1": PBS_4}
