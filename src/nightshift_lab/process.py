"""The whole lab as one process tree: the APIs here, Prometheus and the PVE exporter as children that end with it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from nightshift_lab.access import Delays
from nightshift_lab.backends import Backends, token_text
from nightshift_lab.control import ControlServer
from nightshift_lab.endpoints import Endpoint
from nightshift_lab.knobs import Backend, Knobs
from nightshift_lab.pbs import AUDIT
from nightshift_lab.pve.permissions import auditor
from nightshift_lab.scenarios import Scenario, build_scenario, scenario_from
from nightshift_lab.scenarios.tokens import granted
from nightshift_lab.world import World, build_world
from nightshift_lab.world.current import WorldHolder
from nightshift_lab.world.fleet import fleet
from nightshift_lab.world.releases import PBS_RELEASES, PVE_RELEASES
from nightshift_lab.world.warm import warm

_ENCRYPTED: Mapping[Backend, bool] = {"pve": True, "pbs": True, "prometheus": False, "grafana": False}


@dataclass(frozen=True, slots=True)
class Fleet:
    """How many nodes, guests, and snapshots a guest."""

    nodes: int
    guests: int
    snapshots: int = 7


@dataclass(frozen=True, slots=True)
class LabOptions:
    """What to start. `state_dir` receives certificates, Prometheus' data and the children's logs.

    Without `prometheus` there is no Grafana either; without `history` Prometheus starts empty, in a second or two;
    with `short_history` it has a day and a half, and the week's slow trends are not to be seen.
    `fleet` replaces the homelab by many nodes and guests, all well; its Prometheus starts empty, since a week of
    thousands of guests takes many minutes to write. `pve` and `pbs` choose another release for the
    first cluster and its backup server. `latency_ms` is added to every answer of every backend.
    """

    scenario: str | Scenario
    state_dir: Path
    seed: int = 7
    ready_file: Path | None = None
    prometheus: bool = True
    history: bool = True
    short_history: bool = False
    delays: Delays = field(default_factory=Delays)
    fleet: Fleet | None = None
    pve: str | None = None
    pbs: str | None = None
    latency_ms: float = 0.0


class Lab:
    """Starts every part on free loopback ports and stops all of them. Raises KeyError for an unknown scenario."""

    def __init__(self, options: LabOptions) -> None:
        self.options = options
        named = options.scenario
        self.scenario = scenario_from(named) if isinstance(named, str) else named
        self.holder = WorldHolder(_world(options, self.scenario), self.scenario)
        self.knobs: dict[str, Knobs] = {
            backend: Knobs(backend, encrypted, options.latency_ms) for backend, encrypted in _ENCRYPTED.items()
        }
        self.backends = Backends(self.holder, self.knobs, options.state_dir, options.seed, options.delays)
        self.env: dict[str, str] = {}
        self.pids: dict[str, int] = {"lab": os.getpid()}
        self.control = ControlServer(self.scenario.name, self.holder, self.knobs)
        self._parts = AsyncExitStack()

    async def start(self) -> None:
        """Start all parts; when one fails, those that run are stopped again."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        await self._parts.aclose()

    def ready(self) -> dict[str, object]:
        """The content of the ready file."""
        return {
            "scenario": self.scenario.name,
            "seed": self.options.seed,
            "control_url": self.control.url,
            "pids": self.pids,
            "env": self.env,
            "sources": [source.told() for source in self.backends.sources],
            "tokens": self.backends.tokens | self._grafana_token(),
        }

    def _grafana_token(self) -> dict[str, dict[str, str]]:
        token = self.env.get("GRAFANA_SERVICE_ACCOUNT_TOKEN")
        return {"grafana-viewer": {"source": "grafana", "token": token}} if token else {}

    async def _start(self) -> None:
        self._write_runbooks()
        self._parts.push_async_callback(self.backends.stop)
        pve = await self.backends.start_pve(granted(self.scenario.tokens.get("pve"), self._auditor()))
        self._announce("PROXMOX", "pve", pve)
        pbs = await self.backends.start_pbs(granted(self.scenario.tokens.get("pbs"), AUDIT))
        self._announce("PBS", "pbs", pbs)
        await self.backends.start_others()
        self.backends.write_configuration()
        if self.options.fleet is not None:
            await asyncio.to_thread(warm, self.holder.world)
        if self.options.prometheus:
            await self._start_prometheus_and_grafana(pve)
        await self.control.start()
        self._parts.push_async_callback(self.control.stop)
        for backend, knobs in self.scenario.knobs.items():
            for knob, value in knobs.items():
                await self.knobs[backend].turn(knob, value)

    def _auditor(self) -> frozenset[str]:
        return auditor(self.holder.world.cluster.release.major)

    async def _start_prometheus_and_grafana(self, pve: Endpoint) -> None:
        from nightshift_lab.grafana.evaluation import past_over
        from nightshift_lab.grafana.rules import rules_of
        from nightshift_lab.grafana.server import GrafanaServer
        from nightshift_lab.grafana.written import changed_rules
        from nightshift_lab.prometheus.history import SHORT, Span
        from nightshift_lab.prometheus.side import PrometheusSide

        past = self.options.history and self.options.fleet is None
        span = None if not past else SHORT if self.options.short_history else Span()
        side = PrometheusSide(self.options.state_dir, span=span)
        self._parts.push_async_callback(side.stop)
        await side.start(self.holder, pve, self.knobs["prometheus"])
        self.env |= side.env
        self.pids |= side.pids
        rules = changed_rules(self.scenario.world.alerts, rules_of(self.holder.world.cluster))
        known = past_over(span.coarse_s, span.fine_s) if span is not None else ()
        grafana = GrafanaServer(self.holder, self.knobs["grafana"], side.direct_url, rules=rules, past=known)
        self._parts.push_async_callback(grafana.stop)
        await asyncio.gather(grafana.start(), side.settled())
        self.env |= grafana.env

    def _write_runbooks(self) -> None:
        """The scenario's own runbooks, in a folder that the product is told to read."""
        if self.scenario.runbooks:
            folder = self.options.state_dir / "runbooks"
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in self.scenario.runbooks.items():
                (folder / name).write_text(text, encoding="utf-8")
            self.env["RUNBOOK_DIRS"] = str(folder)

    def _announce(self, prefix: str, kind: str, endpoint: Endpoint) -> None:
        self.env[f"{prefix}_URL"] = endpoint.url
        self.env[f"{prefix}_API_TOKEN"] = token_text(kind, endpoint.token_id, endpoint.token_secret)
        self.env[f"{prefix}_FINGERPRINT"] = endpoint.fingerprint


def _world(options: LabOptions, scenario: Scenario) -> World:
    """The scenario's homelab, or a fleet in its place, as the wanted releases play it. Raises ValueError."""
    started_at = time.time()
    if options.fleet is None:
        world = build_scenario(scenario, seed=options.seed, started_at=started_at)
    elif scenario.entries:
        raise ValueError("a fleet is always healthy: a scenario is about the homelab's own guests")
    else:
        cluster, servers = fleet(options.fleet.nodes, options.fleet.guests, options.fleet.snapshots)
        world = build_world(options.seed, started_at, cluster=cluster, servers=servers, outpost=None)
    if options.pve is not None:
        world = replace(world, cluster=replace(world.cluster, release=PVE_RELEASES[options.pve]))
    if options.pbs is not None:
        first, *others = world.servers
        world = replace(world, servers=(replace(first, release=PBS_RELEASES[options.pbs]), *others))
    return world


async def serve(options: LabOptions, announce: Callable[[Lab], None]) -> None:
    """Start the lab, write the ready file, tell `announce`, and run until SIGTERM or SIGINT."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    lab = Lab(options)
    starting = asyncio.ensure_future(lab.start())
    interrupted = asyncio.ensure_future(ended.wait())
    await asyncio.wait({starting, interrupted}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        return
    try:
        await starting
        if options.ready_file is not None:
            _write_atomically(options.ready_file, json.dumps(lab.ready(), indent=2))
        announce(lab)
        await interrupted
    finally:
        interrupted.cancel()
        await lab.stop()
        if options.ready_file is not None:
            options.ready_file.unlink(missing_ok=True)


def _write_atomically(path: Path, text: str) -> None:
    """Readers see nothing or all of it; it holds tokens, so nobody else may read it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)
