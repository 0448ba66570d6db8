"""Thousands of figures at one instant in one go.

`World.at` evaluates one closed form at a time, which is right for histories and for single answers. A list of five
thousand guests would take seconds that way; here it takes milliseconds, and gives the same figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nightshift_lab.world.compiled import Batch
from nightshift_lab.world.world import World

GUEST_QUANTITIES = ("cpu_fraction", "mem_used_bytes", "netin", "netout", "diskread", "diskwrite")
_COUNTERS = frozenset({"netin", "netout", "diskread", "diskwrite"})


@dataclass(frozen=True)
class _Compiled:
    vmids: tuple[int, ...]
    gauges: dict[str, Batch]
    counters: dict[str, Batch]


def guest_figures_at(world: World, t: float, boots: dict[int, float]) -> dict[int, dict[str, float]]:
    """GUEST_QUANTITIES of every running guest, as `World.at` gives them. `boots`: when each running guest booted."""
    compiled = _compiled(world)
    times = np.full(len(compiled.vmids), t)
    booted = np.array([boots.get(vmid, t) for vmid in compiled.vmids])
    columns = {name: batch.value(times) for name, batch in compiled.gauges.items()}
    for name, batch in compiled.counters.items():
        grown = np.maximum(batch.integral(times) - batch.integral(booted), 0.0)
        columns[name] = np.floor(grown * 100.0) / 100.0
    figures = {
        vmid: {name: float(columns[name][row]) for name in GUEST_QUANTITIES}
        for row, vmid in enumerate(compiled.vmids)
        if vmid in boots
    }
    if world.here:
        for vmid in figures:
            figures[vmid] = {name: world.at(f"guest/{vmid}", name, t) for name in GUEST_QUANTITIES}
    return figures


def _compiled(world: World) -> _Compiled:
    """Made once for all worlds of one homelab, whatever their faults."""
    if "guests" not in world.compiled:
        vmids = tuple(guest.vmid for guest in world.cluster.guests if guest.runs)
        tables = [world.table(f"guest/{vmid}") for vmid in vmids]
        batches = {name: Batch([table[name].curve for table in tables]) for name in GUEST_QUANTITIES}
        gauges = {name: batch for name, batch in batches.items() if name not in _COUNTERS}
        counters = {name: batch for name, batch in batches.items() if name in _COUNTERS}
        world.compiled["guests"] = _Compiled(vmids, gauges, counters)
    compiled = world.compiled["guests"]
    assert isinstance(compiled, _Compiled)
    return compiled
