"""What a rule's query gave over a stretch of the past, and at which of its times there is anything to evaluate.

Most rules see the same healthy series all week: to step through every minute of it would take longer than all the rest
of the lab's start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nightshift_lab.grafana.states import LabelSet, RuleStatus

Flags = NDArray[np.bool_]


class Timeline:
    """The series of a range query: a value or nothing at each of `times`."""

    def __init__(self, times: range) -> None:
        self.times = times
        self._labels: list[LabelSet] = []
        self._values: list[NDArray[np.float64]] = []
        self._there: list[Flags] = []

    def add(self, labels: LabelSet, samples: Sequence[Sequence[float | str]], during: Flags) -> None:
        """A series as Prometheus gives it, `[[time, "value"], …]`; only what lies in `during` counts."""
        index = (
            ((np.array([float(at) for at, _ in samples]) - self.times[0]) / self.times.step).round().astype(np.int64)
        )
        values = np.zeros(len(self.times))
        there = np.zeros(len(self.times), dtype=np.bool_)
        values[index] = [float(value) for _, value in samples]
        there[index] = True
        self._labels.append(labels)
        self._values.append(values)
        self._there.append(there & during)

    def evaluations(
        self, status: RuleStatus, errors: Sequence[str]
    ) -> Iterator[tuple[float, str, dict[LabelSet, float]]]:
        """(time, error, series) of every time whose evaluation can change the rule, and of the last.

        `errors` are those of the data source, one for each time. What is skipped: nothing failed, no series came or
        went, none is over the threshold, and no instance is anything but Normal.
        """
        stirred = self._stirred(status) | np.array([bool(error) for error in errors], dtype=np.bool_)
        last = len(self.times) - 1
        for index, at in enumerate(self.times):
            if stirred[index] or index == last or not status.calm:
                rows = zip(self._labels, self._values, self._there, strict=True)
                series = {labels: float(values[index]) for labels, values, there in rows if there[index]}
                yield float(at), errors[index], series

    def _stirred(self, status: RuleStatus) -> Flags:
        """The times at which a series came, went or is over the threshold; and those without any series."""
        count = len(self.times)
        if not self._labels:
            return np.ones(count, dtype=np.bool_)
        there, values = np.array(self._there), np.array(self._values)
        moved = np.ones(count, dtype=np.bool_)
        moved[1:] = (there[:, 1:] != there[:, :-1]).any(axis=0)
        over = (there & status.rule.breaches(values)).any(axis=0)
        stirred: Flags = moved | over | ~there.any(axis=0)
        return stirred
