"""Pressure stall information (PSI): how long tasks waited for processors, disks or memory.

`some` is the share of the time in which at least one task waited; of that `full` is where none could go on.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from nightshift_lab.world.curves import Times
from nightshift_lab.world.world import World

Resource = Literal["cpu", "io", "memory"]
_OF_CPU, _OF_IOWAIT = 0.06, 1.4
FULL_OF_SOME = {"cpu": 0.0, "io": 0.75, "memory": 0.6}


def pressure_fraction(world: World, entity: str, resource: Resource, t: ArrayLike) -> Times:
    """`some` of a node or guest as a share of the time at each `t`; NaN while it is off."""
    times = np.asarray(t, dtype=np.float64)
    base = _usual(resource, world.signal(entity, "cpu_fraction", times), world.signal(entity, "iowait_fraction", times))
    bent = world.bent(entity, f"pressure_{resource}_fraction", times, base, float("nan"))
    return np.minimum(bent, 1.0)


def pressure_seconds(world: World, entity: str, resource: Resource, t: ArrayLike) -> Times:
    """`some` of a node or guest in seconds since its boot; NaN while it is off."""
    times = np.asarray(t, dtype=np.float64)
    cores = world.signal(entity, "cores", times)
    busy = world.signal(entity, "cpu_seconds", times) / cores
    waited = world.signal(entity, "iowait_seconds", times) / cores
    return world.grown(entity, f"pressure_{resource}_seconds", times, _usual(resource, busy, waited))


def _usual(resource: Resource, cpu: Times, iowait: Times) -> Times:
    """What follows from how busy a machine is and how much it waits for disks."""
    if resource == "cpu":
        return cpu * _OF_CPU
    return iowait * _OF_IOWAIT if resource == "io" else cpu * 0.0
