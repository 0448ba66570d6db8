"""Closed-form curves over absolute time: value and integral are known at every instant, without a simulation step.

That is what lets one world answer "now", back-fill a month of history, and keep counters continuous between the two:
a counter is the difference of its rate's integral at two times. Times are epoch seconds, vectorised as float64 arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nightshift_lab.world.hashing import between, fraction
from nightshift_lab.world.nouns import DAY_S

Times = NDArray[np.float64]
# Integrals start here rather than at the epoch, so that counters keep their precision and look like a machine's.
ORIGIN = 1_700_000_000.0


class Curve(Protocol):
    """A function of time whose antiderivative is known, up to a constant that differences cancel."""

    def value(self, t: Times) -> Times: ...

    def integral(self, t: Times) -> Times: ...


@dataclass(frozen=True, slots=True)
class Constant:
    level: float

    def value(self, t: Times) -> Times:
        return np.full_like(t, self.level)

    def integral(self, t: Times) -> Times:
        return self.level * (t - ORIGIN)


@dataclass(frozen=True, slots=True)
class Linear:
    """`per_s` a second, zero at `zero_at`."""

    per_s: float
    zero_at: float

    def value(self, t: Times) -> Times:
        return self.per_s * (t - self.zero_at)

    def integral(self, t: Times) -> Times:
        return self.per_s * ((t - self.zero_at) ** 2 - (ORIGIN - self.zero_at) ** 2) / 2


@dataclass(frozen=True, slots=True)
class Sine:
    amplitude: float
    period_s: float
    phase: float

    def value(self, t: Times) -> Times:
        wave: Times = np.sin(2 * np.pi * (t - ORIGIN) / self.period_s + self.phase)
        return self.amplitude * wave

    def integral(self, t: Times) -> Times:
        scale = self.amplitude * self.period_s / (2 * np.pi)
        wave: Times = np.cos(2 * np.pi * (t - ORIGIN) / self.period_s + self.phase)
        return scale * (float(np.cos(self.phase)) - wave)


@dataclass(frozen=True, slots=True)
class DailyPulse:
    """`height` for `duration_s` from `start_of_day_s` (UTC) on, every day; zero otherwise. May wrap over midnight."""

    height: float
    start_of_day_s: float
    duration_s: float

    def value(self, t: Times) -> Times:
        return np.where((t - self.start_of_day_s) % DAY_S < self.duration_s, self.height, 0.0)

    def integral(self, t: Times) -> Times:
        shifted = t - self.start_of_day_s - (ORIGIN - ORIGIN % DAY_S)
        days = np.floor(shifted / DAY_S)
        return self.height * (days * self.duration_s + np.minimum(shifted - days * DAY_S, self.duration_s))


@dataclass(frozen=True, slots=True)
class Sum:
    terms: Sequence[Curve]

    def value(self, t: Times) -> Times:
        total = np.zeros_like(t)
        for term in self.terms:
            total += term.value(t)
        return total

    def integral(self, t: Times) -> Times:
        total = np.zeros_like(t)
        for term in self.terms:
            total += term.integral(t)
        return total


@dataclass(frozen=True, slots=True)
class Scaled:
    curve: Curve
    factor: float

    def value(self, t: Times) -> Times:
        return self.factor * self.curve.value(t)

    def integral(self, t: Times) -> Times:
        return self.factor * self.curve.integral(t)


@dataclass(frozen=True, slots=True)
class Sawtooth:
    """Grows by `height` over each period and falls back at `reset_of_period_s` (UTC, for a period of one day)."""

    height: float
    period_s: float
    reset_of_period_s: float

    def value(self, t: Times) -> Times:
        return self.height * (((t - self.reset_of_period_s) % self.period_s) / self.period_s)

    def integral(self, t: Times) -> Times:
        shifted = t - self.reset_of_period_s
        whole = np.floor(shifted / self.period_s)
        rest = shifted / self.period_s - whole
        return self.height * self.period_s * (whole + rest**2) / 2


# Periods that share no small common multiple: their sum never visibly repeats within a month.
_NOISE_PERIODS_S = (173.0, 409.0, 1_129.0, 3_793.0, 13_007.0)


def lively(level: float, *, swing: float, peak_hour: float, words: tuple[object, ...]) -> Curve:
    """A positive quantity around `level` with a daily rhythm and noise.

    `swing` in 0…1 is how far the day moves it; the whole never reaches zero. `peak_hour` (UTC) is when it is highest.
    """
    noise = 0.9 * (1 - swing) / len(_NOISE_PERIODS_S)
    terms: list[Curve] = [Constant(level), daily(level * swing * 0.9, peak_hour)]
    for period in _NOISE_PERIODS_S:
        amplitude = level * noise * between(0.3, 1.0, *words, period)
        terms.append(
            Sine(amplitude, period * between(0.9, 1.1, *words, "p", period), 6.2832 * fraction(*words, "f", period))
        )
    return Sum(tuple(terms))


def daily(amplitude: float, peak_hour: float) -> Sine:
    """One sine a day that is highest at `peak_hour` UTC."""
    hour_of_origin = (ORIGIN % DAY_S) / 3_600.0
    return Sine(amplitude, DAY_S, float(2 * np.pi * (hour_of_origin - peak_hour) / 24.0 + np.pi / 2))
