"""Every target as the history sees it: its families, and the samples that Prometheus itself adds to each scrape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nightshift_lab.exporters.exposition import Family, Figures, single
from nightshift_lab.world.curves import Times
from nightshift_lab.world.hashing import between


@dataclass(frozen=True, slots=True)
class HistoryTarget:
    """`say` gives the families, `up` whether the scrape succeeds (0 or 1)."""

    job: str
    instance: str
    say: Callable[[Figures], Sequence[Family]]
    up: Callable[[Figures], Times]
    took_s: float = 0.01

    @property
    def labels(self) -> dict[str, str]:
        return {"job": self.job, "instance": self.instance}

    def families(self, figures: Figures) -> list[Family]:
        families = list(self.say(figures))
        families += self._scrape(figures, families)
        gone = figures.when(f"scrape-job/{self.job}", "configured", False, base=True)
        if gone.any():
            for family in families:
                family.series = [(labels, np.where(gone, np.nan, values)) for labels, values in family.series]
        return families

    def _scrape(self, figures: Figures, families: Sequence[Family]) -> list[Family]:
        up = self.up(figures)
        samples = np.zeros_like(up)
        for family in families:
            for _, values in family.series:
                samples += ~np.isnan(values)
        ripple = 1.0 + 0.2 * np.sin(figures.times / 37.0 + between(0.0, 6.28, self.job, self.instance))
        slow = figures.bent(f"target/{self.job}/{self.instance}", "takes_s", figures.constant(0.0))
        took = np.asarray(np.where(up > 0, self.took_s * ripple + slow, 0.0003).round(6), dtype=np.float64)
        return [
            single("up", "gauge", "", up),
            single("scrape_duration_seconds", "gauge", "", took),
            single("scrape_samples_scraped", "gauge", "", samples),
            single("scrape_samples_post_metric_relabeling", "gauge", "", samples),
            single("scrape_series_added", "gauge", "", np.zeros_like(up)),
        ]
