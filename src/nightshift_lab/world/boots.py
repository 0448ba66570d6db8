"""When machines booted before the start: seldom, guests with their node, a machine with a power window every day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nightshift_lab.world.hashing import between, fraction
from nightshift_lab.world.nouns import DAY_S

Boots = NDArray[np.float64]

_EPOCH_OF_BOOTS_S = 400 * DAY_S
_POWER_ON_S = 55.0


def node_boots(seed: int, started_at: float, entity: str) -> Boots:
    """Boots of a machine, oldest first (epoch s)."""
    return _sorted(started_at, _by_itself(seed, started_at, entity, 60.0))


def guest_boots(seed: int, started_at: float, entity: str, of_node: Boots) -> Boots:
    """A guest boots whenever its node does, and now and then by itself."""
    boots = _by_itself(seed, started_at, entity, 45.0)
    boots += [node + between(40.0, 220.0, seed, entity, "boot", "after its node") for node in of_node.tolist()]
    return _sorted(started_at, boots)


def window_boots(started_at: float, begins_s: float) -> Boots:
    """A machine that is switched on every day at `begins_s` (s of the UTC day): a year back and a year on."""
    first = started_at - started_at % DAY_S - 365 * DAY_S + begins_s % DAY_S + _POWER_ON_S
    boots: Boots = np.floor(first + DAY_S * np.arange(730, dtype=np.float64))
    return boots


def _by_itself(seed: int, started_at: float, entity: str, longest_days: float) -> list[float]:
    words = (seed, entity, "boot")
    days_ago = [between(4.0, longest_days, *words)]
    while fraction(*words, len(days_ago)) < 0.6:
        days_ago.append(days_ago[-1] + between(9.0, 50.0, *words, len(days_ago), "gap"))
    return [started_at - DAY_S * days for days in days_ago]


def _sorted(started_at: float, boots: list[float]) -> Boots:
    return np.array([float(int(boot)) for boot in sorted([started_at - _EPOCH_OF_BOOTS_S, *boots])])
