"""Curves taken apart into arrays of their terms, so that numpy reckons all of them in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nightshift_lab.world.curves import ORIGIN, Constant, Curve, DailyPulse, Linear, Sawtooth, Scaled, Sine, Sum, Times

Owners = NDArray[np.int64]
_IN_ONE_GO = 300  # times; beyond, taking the terms one by one is as quick


@dataclass
class _Terms:
    """The sines, and whatever else a curve is made of, with the number of the curve that each belongs to."""

    sines: list[tuple[int, float, float, float]] = field(default_factory=list)
    others: dict[type[Curve], list[tuple[int, float, Curve]]] = field(default_factory=dict)

    def take_apart(self, number: int, curve: Curve, factor: float = 1.0) -> None:
        if isinstance(curve, Crowd):
            self.take_apart(number, curve.curve, factor)
        elif isinstance(curve, Sum):
            for term in curve.terms:
                self.take_apart(number, term, factor)
        elif isinstance(curve, Scaled):
            self.take_apart(number, curve.curve, factor * curve.factor)
        elif isinstance(curve, Sine):
            self.sines.append((number, factor * curve.amplitude, 2 * np.pi / curve.period_s, curve.phase))
        else:
            self.others.setdefault(type(curve), []).append((number, factor, curve))


class Batch:
    """Curves compiled for evaluation together, each at a time of its own."""

    def __init__(self, curves: Sequence[Curve]) -> None:
        terms = _Terms()
        for number, curve in enumerate(curves):
            terms.take_apart(number, curve)
        self._count = len(curves)
        sines = np.array(terms.sines, dtype=np.float64).reshape(-1, 4)
        self._sine_owner: Owners = sines[:, 0].astype(np.int64)
        self._amplitude, self._speed, self._phase = sines[:, 1], sines[:, 2], sines[:, 3]
        self._others = [_merged(kind, rows) for kind, rows in terms.others.items()]

    def value(self, t: Times) -> Times:
        """Each curve's value at its time; `t` has one time a curve."""
        waves = self._amplitude * np.sin(self._speed * (t[self._sine_owner] - ORIGIN) + self._phase)
        total = self._gathered(self._sine_owner, waves)
        for owner, factor, curve in self._others:
            total += self._gathered(owner, factor * curve.value(t[owner]))
        return total

    def over(self, t: Times) -> Times:
        """The sum of all curves at each of these times."""
        waves: Times = self._amplitude @ np.sin(np.multiply.outer(self._speed, t - ORIGIN) + self._phase[:, np.newaxis])
        for _, factor, curve in self._others:
            waves = waves + curve.value(np.broadcast_to(t[:, np.newaxis], (t.size, factor.size))) @ factor
        return waves

    def integral(self, t: Times) -> Times:
        """Each curve's integral up to its time."""
        begun, now = np.cos(self._phase), np.cos(self._speed * (t[self._sine_owner] - ORIGIN) + self._phase)
        total = self._gathered(self._sine_owner, self._amplitude / self._speed * (begun - now))
        for owner, factor, curve in self._others:
            total += self._gathered(owner, factor * curve.integral(t[owner]))
        return total

    def _gathered(self, owner: Owners, parts: Times) -> Times:
        return np.bincount(owner, weights=parts, minlength=self._count).astype(np.float64)


def _merged(kind: type[Curve], rows: list[tuple[int, float, Curve]]) -> tuple[Owners, Times, Curve]:
    """Curves of one kind as one curve whose parameters are arrays: their formulas hold element by element."""
    owner = np.array([number for number, _, _ in rows], dtype=np.int64)
    factor = np.array([share for _, share, _ in rows])
    names = {Constant: ("level",), Linear: ("per_s", "zero_at"), DailyPulse: ("height", "start_of_day_s", "duration_s"),
             Sawtooth: ("height", "period_s", "reset_of_period_s")}[kind]  # fmt: skip
    columns = {name: np.array([float(getattr(curve, name)) for _, _, curve in rows]) for name in names}
    return owner, factor, kind(**columns)


@dataclass(frozen=True)
class Crowd:
    """A sum of very many terms, such as a node's figure of all its guests: some hours of it are reckoned in one go, a
    longer history term by term, which needs less memory."""

    curve: Sum

    def value(self, t: Times) -> Times:
        return self._batch.over(t.reshape(-1)).reshape(t.shape) if t.size <= _IN_ONE_GO else self.curve.value(t)

    def integral(self, t: Times) -> Times:
        return self.curve.integral(t)

    @cached_property
    def _batch(self) -> Batch:
        return Batch([self.curve])
