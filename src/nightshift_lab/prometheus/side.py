"""Everything about metrics in one place: exporters, history, Prometheus, and the proxy that the product talks to."""

from __future__ import annotations

import asyncio
import math
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from nightshift_lab.children import first_failure, free_port
from nightshift_lab.endpoints import Endpoint
from nightshift_lab.exporters import pve
from nightshift_lab.exporters.history import HistoryTarget
from nightshift_lab.exporters.listeners import ExporterListeners
from nightshift_lab.exporters.pve_process import PveExporterProcess
from nightshift_lab.exporters.targets import scrape_targets
from nightshift_lab.knobs import Knobs
from nightshift_lab.prometheus.binaries import Binaries, find_binaries
from nightshift_lab.prometheus.config import SELF_INSTANCE, SELF_JOB, Addresses, configuration
from nightshift_lab.prometheus.history import HistoryWriter, Span
from nightshift_lab.prometheus.process import PrometheusProcess
from nightshift_lab.prometheus.proxy import PrometheusProxy
from nightshift_lab.prometheus.rule_files import rule_groups, troubled
from nightshift_lab.serving import HOST
from nightshift_lab.world.current import WorldHolder
from nightshift_lab.world.world import World


@dataclass(frozen=True, slots=True)
class StartTimes:
    """Where the start spent its time (s), and how much history it made."""

    history_s: float
    total_s: float
    series: int


class PrometheusSide:
    """Owns a folder below `state_dir`. `span` None: no history, for tests that need only live values."""

    def __init__(
        self,
        state_dir: Path,
        *,
        scrape_interval_s: float = 5.0,
        span: Span | None = Span(),  # noqa: B008 - frozen
        binaries: Binaries | None = None,
    ) -> None:
        self._state_dir = state_dir / "prometheus"
        self._scrape_interval_s = scrape_interval_s
        self._span = span
        self._binaries = binaries
        self._listeners: ExporterListeners | None = None
        self._pve_exporter: PveExporterProcess | None = None
        self._prometheus: PrometheusProcess | None = None
        self._proxy: PrometheusProxy | None = None
        self.times = StartTimes(0.0, 0.0, 0)

    @property
    def url(self) -> str:
        """The address for clients: the proxy's."""
        return self._proxy.url if self._proxy is not None else ""

    @property
    def direct_url(self) -> str:
        """Prometheus itself, out of reach of the knobs: what the lab's own Grafana asks."""
        return self._prometheus.url if self._prometheus is not None else ""

    @property
    def env(self) -> dict[str, str]:
        return {"PROMETHEUS_URL": self.url}

    @property
    def pids(self) -> dict[str, int]:
        children = {"prometheus": self._prometheus, "pve_exporter": self._pve_exporter}
        return {name: child.pid for name, child in children.items() if child is not None}

    async def start(self, holder: WorldHolder, endpoint: Endpoint, knobs: Knobs) -> None:
        """Returns when history is loaded and Prometheus answers; see `settled`.

        Raises PrometheusMissing, ChildFailed, OSError; `stop` then ends what had started.
        """
        began = time.monotonic()
        binaries = self._binaries or find_binaries()
        self._state_dir.mkdir(parents=True, exist_ok=True)
        listeners = self._listeners = ExporterListeners(holder)
        exporter = self._pve_exporter = PveExporterProcess(endpoint, self._state_dir)
        world = holder.world
        gone = jobs_gone(world)
        rules_path = self._state_dir / "homelab.rules.yml"
        rules_path.write_text(yaml.safe_dump(rule_groups(world), sort_keys=False), encoding="utf-8")

        def configure(address: str) -> dict[str, Any]:
            pve_address = urlsplit(endpoint.url).netloc
            addresses = Addresses(address, listeners.addresses, exporter.address, pve_address)
            store = f"http://{HOST}:{free_port()}/api/v1/write" if troubled(world, "remote-write-behind") else ""
            return configuration(
                addresses, self._scrape_interval_s, gone, rule_files=(rules_path.name,), remote_write=store
            )

        # What an earlier lab left in a kept folder is another world's past.
        await asyncio.to_thread(shutil.rmtree, self._state_dir / "tsdb", ignore_errors=True)
        self._prometheus = PrometheusProcess(binaries, self._state_dir, configure)
        self._proxy = PrometheusProxy(lambda: self.direct_url, knobs)
        await self._listeners.start()
        history_s, series = await self._beside_history(exporter, holder.world, binaries)
        await self._prometheus.start()
        if troubled(world, "reload-failed"):
            self._prometheus.spoil_configuration()
        await self._proxy.start()
        self.times = StartTimes(history_s, time.monotonic() - began, series)

    async def _beside_history(
        self, exporter: PveExporterProcess, world: World, binaries: Binaries
    ) -> tuple[float, int]:
        """The history, while the exporter of PVE, which nobody asks before, gets ready."""
        with first_failure():
            async with asyncio.TaskGroup() as group:
                group.create_task(exporter.start())
                history = group.create_task(self._backfill(world, binaries))
        return history.result()

    async def settled(self) -> None:
        """Waits until every target was tried once, so that none is merely unknown; not for ever."""
        if self._prometheus is not None:
            # A target whose turn takes as long as its timeout is late by one interval more.
            await self._prometheus.wait_scraped(within_s=2.5 * self._scrape_interval_s)

    async def stop(self) -> None:
        for part in (self._proxy, self._prometheus, self._pve_exporter, self._listeners):
            if part is not None:
                await part.stop()
        self._proxy = self._prometheus = self._pve_exporter = self._listeners = None

    async def _backfill(self, world: World, binaries: Binaries) -> tuple[float, int]:
        """The history up to now; the last part is made last, so that little is missing when the scrapes begin."""
        if self._span is None or self._prometheus is None:
            return 0.0, 0
        began, now = time.monotonic(), time.time()
        scratch = self._state_dir / "scratch"
        writer = HistoryWriter(binaries.promtool, history_targets(world), self._prometheus.blocks_dir, scratch)
        series = await writer.write(world, self._span.slices(now))
        await writer.write(world, [self._span.seam(now, time.time(), math.ceil(self._scrape_interval_s))])
        scratch.rmdir()
        return time.monotonic() - began, series


def jobs_gone(world: World) -> frozenset[str]:
    """The scrape jobs that are no longer configured when Prometheus starts."""
    jobs = {exporter.job for exporter, _ in world.exporters}
    now = world.started_at
    return frozenset(job for job in jobs if not world.condition(f"scrape-job/{job}", "configured", now, True))


def history_targets(world: World) -> tuple[HistoryTarget, ...]:
    """Every target of the configuration, as the history knows it."""
    exporters = [
        HistoryTarget(target.job, target.instance, target.families, target.up) for target in scrape_targets(world)
    ]
    cluster = HistoryTarget(pve.JOB, pve.INSTANCE, pve.pve_families, lambda figures: figures.constant(1), took_s=0.35)
    itself = HistoryTarget(SELF_JOB, SELF_INSTANCE, lambda _: (), lambda figures: figures.constant(1))
    return (*exporters, cluster, itself)
