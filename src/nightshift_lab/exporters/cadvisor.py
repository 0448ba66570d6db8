"""What cAdvisor says of the containers on a Docker host. The containers share what their guest uses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nightshift_lab.exporters.exposition import Family, Figures
from nightshift_lab.world.hashing import between
from nightshift_lab.world.nouns import MIB

JOB = "cadvisor"


@dataclass(frozen=True, slots=True)
class _Container:
    """`share` is its part of the guest's processor time and memory; `limit_mib` 0 means no limit."""

    name: str
    image: str
    share: float
    limit_mib: int = 0


_CONTAINERS = (
    _Container("changedetection", "ghcr.io/dgtlmoon/changedetection.io:0.50.43", 0.16, 2_048),
    _Container("dozzle", "amir20/dozzle:v8.14", 0.02),
    _Container("freshrss", "freshrss/freshrss:1.27.1", 0.06),
    _Container("karakeep", "ghcr.io/karakeep-app/karakeep:0.28.0", 0.21, 3_072),
    _Container("stirling-pdf", "stirlingtools/stirling-pdf:1.5.0", 0.24, 4_096),
)


def cadvisor(figures: Figures, owner: str) -> list[Family]:
    """All families of the guest `owner` (`guest/<vmid>`)."""
    started = Family("container_start_time_seconds", "gauge", "Start time of the container since unix epoch in seconds")
    processor = Family("container_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed in seconds")
    memory = Family("container_memory_working_set_bytes", "gauge", "Current working set in bytes")
    limit = Family("container_spec_memory_limit_bytes", "gauge", "Memory limit for the container")
    for container in _CONTAINERS:
        labels = {"name": container.name, "image": container.image}
        after_boot_s = between(18.0, 70.0, owner, container.name)
        started.add(np.floor(figures.of(owner, "boot_time_s") + after_boot_s), **labels)
        processor.add(np.round(figures.of(owner, "cpu_seconds") * container.share, 2), **labels)
        memory.add(np.floor(figures.of(owner, "mem_used_bytes") * container.share / 4_096.0) * 4_096.0, **labels)
        limit.add(figures.constant(float(container.limit_mib * MIB)), **labels)
    return [started, processor, memory, limit]
