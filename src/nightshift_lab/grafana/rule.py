"""An alert rule as Grafana has it: a query, a threshold, a pending period, and what to do without data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Comparison = Literal["gt", "lt"]
NoDataState = Literal["NoData", "Alerting", "OK"]
ErrorState = Literal["Error", "Alerting", "OK"]
Severity = Literal["critical", "warning", "info", "none"]


@dataclass(frozen=True, slots=True)
class Folder:
    uid: str
    title: str


@dataclass(frozen=True, slots=True)
class AlertRule:
    """`expr` is query A; threshold C is `A <comparison> threshold`, judged for each series of A.

    A `paused` rule is shown and never evaluated.
    """

    uid: str
    title: str
    folder: Folder
    group: str
    expr: str
    comparison: Comparison
    threshold: float
    for_s: int
    severity: Severity
    summary: str
    description: str
    runbook_url: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    no_data: NoDataState = "NoData"
    on_error: ErrorState = "Error"
    paused: bool = False

    def breached(self, value: float) -> bool:
        return value > self.threshold if self.comparison == "gt" else value < self.threshold

    def breaches(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """`breached` of each value."""
        return values > self.threshold if self.comparison == "gt" else values < self.threshold

    @property
    def own_labels(self) -> dict[str, str]:
        severity = {} if self.severity == "none" else {"severity": self.severity}
        return {**severity, **self.labels}

    @property
    def annotations(self) -> dict[str, str]:
        """As written, with the templates in them."""
        runbook = {"runbook_url": self.runbook_url} if self.runbook_url else {}
        return {"summary": self.summary, "description": self.description, **runbook}
