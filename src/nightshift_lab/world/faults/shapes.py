"""How a fault comes and goes: at once, slowly, for a while, or on and off again.

A shape is a closed form of the time since the onset, like every curve of the world, and knows its own integral, so that
counters that a fault drives stay continuous.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nightshift_lab.world.curves import Times


class Shape(Protocol):
    """`age` is the time since the onset (s), never negative."""

    def level(self, age: Times) -> Times:
        """How far the fault has come: 0 not at all, 1 altogether."""
        ...

    def elapsed(self, age: Times) -> Times:
        """The integral of `level` from the onset on (s)."""
        ...

    def begun(self, age: Times) -> Times:
        """How often it has come by then, the onset included."""
        ...

    def recovered(self, age: Times) -> Times:
        """The age at which it last went from on to off; NaN before it ever did."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """At once, and it stays."""

    def level(self, age: Times) -> Times:
        return np.ones_like(age)

    def elapsed(self, age: Times) -> Times:
        return age

    def begun(self, age: Times) -> Times:
        return np.ones_like(age)

    def recovered(self, age: Times) -> Times:
        return np.full_like(age, np.nan)


@dataclass(frozen=True, slots=True)
class Ramp:
    """Evenly over `over_s`, then it stays."""

    over_s: float

    def level(self, age: Times) -> Times:
        return np.clip(age / self.over_s, 0.0, 1.0)

    def elapsed(self, age: Times) -> Times:
        rising = np.minimum(age, self.over_s)
        return rising**2 / (2 * self.over_s) + np.maximum(age - self.over_s, 0.0)

    def begun(self, age: Times) -> Times:
        return np.ones_like(age)

    def recovered(self, age: Times) -> Times:
        return np.full_like(age, np.nan)


@dataclass(frozen=True, slots=True)
class Burst:
    """At once, and over again after `lasts_s`."""

    lasts_s: float

    def level(self, age: Times) -> Times:
        return (age < self.lasts_s).astype(np.float64)

    def elapsed(self, age: Times) -> Times:
        return np.minimum(age, self.lasts_s)

    def begun(self, age: Times) -> Times:
        return np.ones_like(age)

    def recovered(self, age: Times) -> Times:
        return np.where(age >= self.lasts_s, self.lasts_s, np.nan)


@dataclass(frozen=True, slots=True)
class Flap:
    """On for `on_s` at the beginning of every `period_s`, off for the rest of it."""

    period_s: float
    on_s: float

    def level(self, age: Times) -> Times:
        return (age % self.period_s < self.on_s).astype(np.float64)

    def elapsed(self, age: Times) -> Times:
        cycles = np.floor(age / self.period_s)
        return cycles * self.on_s + np.minimum(age - cycles * self.period_s, self.on_s)

    def begun(self, age: Times) -> Times:
        return np.floor(age / self.period_s) + 1.0

    def recovered(self, age: Times) -> Times:
        cycles = np.floor((age - self.on_s) / self.period_s)
        return np.where(cycles >= 0, cycles * self.period_s + self.on_s, np.nan)


STEP = Step()
