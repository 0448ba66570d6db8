"""The scrape targets of the homelab: what each says, and how it fails when it does not answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nightshift_lab.exporters import blackbox, cadvisor, ceph, nut, pbs, smartctl
from nightshift_lab.exporters.exposition import Family, Figures
from nightshift_lab.exporters.node import node_exporter
from nightshift_lab.exporters.services import SERVICES
from nightshift_lab.world.curves import Times
from nightshift_lab.world.world import World

METRICS_PATHS = {"homeassistant": "/api/prometheus", nut.JOB: "/ups_metrics", blackbox.JOB: "/probe"}
_EXPORTERS: Mapping[str, Callable[[Figures, str], list[Family]]] = {
    "node": node_exporter,
    smartctl.JOB: smartctl.smartctl_exporter,
    nut.JOB: nut.nut_exporter,
    cadvisor.JOB: cadvisor.cadvisor,
    pbs.JOB: pbs.pbs_exporter,
    ceph.JOB: ceph.ceph_exporter,
    **SERVICES,
}

Reachability = Literal["answers", "refuses", "silent"]


@dataclass(frozen=True, slots=True)
class ScrapeTarget:
    """A simulated exporter. `owner` is the machine that it runs on, `node/<name>` or `guest/<vmid>`."""

    job: str
    instance: str
    owner: str

    @property
    def entity(self) -> str:
        return f"target/{self.job}/{self.instance}"

    @property
    def metrics_path(self) -> str:
        return METRICS_PATHS.get(self.job, "/metrics")

    def up(self, figures: Figures) -> Times:
        """1 when a scrape of it succeeds, else 0."""
        return figures.up(self.entity)

    def families(self, figures: Figures) -> list[Family]:
        """What it says; nothing (NaN) at the times when it does not answer."""
        families = self._families(figures)
        down = figures.up(self.entity) < 0.5
        if down.any():
            for family in families:
                family.series = [(labels, np.where(down, np.nan, values)) for labels, values in family.series]
        return families

    def takes_s(self, figures: Figures) -> float:
        """How long its answer takes, beyond what any answer takes."""
        return float(figures.bent(self.entity, "takes_s", figures.constant(0.0))[0])

    def reachability(self, world: World, now: float) -> Reachability:
        """A stopped exporter refuses the connection; a machine that is off does not answer at all."""
        if world.up(self.entity, now):
            return "answers"
        return "refuses" if world.up(self.owner, now) else "silent"

    def _families(self, figures: Figures) -> list[Family]:
        return [*self._of_exporter(figures), *_leaked(figures, self.entity)]

    def _of_exporter(self, figures: Figures) -> list[Family]:
        if self.job == blackbox.JOB:
            probes = figures.world.cluster.probes
            return blackbox.blackbox(figures, next(probe for probe in probes if probe.instance == self.instance))
        return _EXPORTERS[self.job](figures, self.owner)


def _leaked(figures: Figures, entity: str) -> list[Family]:
    """Series with a label that never ends: a session, a request, a path."""
    extra = figures.bent(entity, "extra_series", figures.constant(0.0))
    family = Family("http_session_requests_total", "counter", "Requests by session.")
    for number in range(int(np.max(extra, initial=0.0))):
        family.add(np.where(extra > number, 1.0 + number % 7, np.nan), session=f"{number * 2654435761 % 2**32:08x}")
    return [family] if family.series else []


def scrape_targets(world: World) -> tuple[ScrapeTarget, ...]:
    """Every exporter of the world. Raises KeyError for a job that nobody has described."""
    targets = tuple(ScrapeTarget(exporter.job, exporter.instance, owner) for exporter, owner in world.exporters)
    for unknown in {target.job for target in targets} - {blackbox.JOB, *_EXPORTERS}:
        raise KeyError(unknown)
    return targets


def jobs_of(targets: Iterable[ScrapeTarget]) -> tuple[str, ...]:
    """The jobs, each once, in the order of the targets."""
    return tuple(dict.fromkeys(target.job for target in targets))
