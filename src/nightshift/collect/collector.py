"""Sources → Snapshot: every dataset once, all sources at the same time, each failing alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from nightshift.collect.alert_places import place_alerts
from nightshift.collect.grafana import GrafanaFacts, collect_grafana
from nightshift.collect.guest_names import EXPR, GuestNames
from nightshift.collect.guest_names import ROW_ID as GUEST_NAMES
from nightshift.collect.joins import index_names, join_alerts, join_groups, join_targets
from nightshift.collect.lanes import SlowLane, lane_of
from nightshift.collect.pbs import PbsFacts, collect_pbs
from nightshift.collect.pbs_items import LongReads
from nightshift.collect.prometheus import PrometheusFacts, collect_prometheus
from nightshift.collect.pve import PveFacts, collect_pve
from nightshift.collect.reading import Deadline, HungSources, Probe, joined
from nightshift.facts.monitoring import Sample
from nightshift.facts.snapshot import Dataset, Snapshot, SourceStatus, not_configured
from nightshift.facts.sweep import StageTiming
from nightshift.protection.places import Places

if TYPE_CHECKING:
    from nightshift.sources import Sources
    from nightshift.sources.transport import Transport

SOURCE_TIMEOUT_S = 6.0
TASKS_BACK = timedelta(hours=36)

Progress = Callable[[str], None]


class _Probed(Protocol):
    @property
    def probe(self) -> Probe: ...


class _Client(Protocol):
    @property
    def source(self) -> str: ...
    @property
    def transport(self) -> Transport: ...


Facts = TypeVar("Facts", bound=_Probed)
Client = TypeVar("Client", bound=_Client)


@dataclass(slots=True)
class _Collected(Generic[Facts]):
    """What one source gave, with its stage's time."""

    kind: str
    source: str
    facts: Facts
    timing: StageTiming


class Collector:
    """Collects Snapshots from `sources`.

    `queries` are the rows of the PromQL table (row id → expression), answered in `Snapshot.metrics`. No source has
    more than `source_timeout_s`; since all run at the same time, that bounds the whole. What is slow to read and
    changes rarely is read a little at a time and kept from one Snapshot to the next (`lanes`), in the folder `keep_in`
    also from one process to the next. `hung` knows the sources that let the last collect wait: give
    it to `Live`, so that a question does not wait for them a second time.
    """

    def __init__(
        self,
        sources: Sources,
        *,
        queries: Mapping[str, str],
        source_timeout_s: float = SOURCE_TIMEOUT_S,
        tasks_back: timedelta = TASKS_BACK,
        keep_in: Path | None = None,
    ) -> None:
        self._sources = sources
        self._queries = {**queries, GUEST_NAMES: EXPR}
        self._source_timeout_s = source_timeout_s
        self._tasks_back = tasks_back
        self._lanes = {client.source: _lane(client, keep_in) for client in sources.pve}
        self._lanes |= {client.source: _lane(client, keep_in) for client in sources.pbs}
        self._long = {client.source: LongReads() for client in sources.pbs}
        self._names = GuestNames()
        self.hung = HungSources()

    async def finish_lists(self) -> None:
        """Wait for the lists of snapshots that take longer than a sweep, two minutes at most: the next one has them.
        For a process that ends after its answer; one that goes on sweeping gets them by itself."""
        await asyncio.gather(*(long.finish() for long in self._long.values()))

    async def aclose(self) -> None:
        """Give up the reads that outlive a sweep."""
        await asyncio.gather(*(long.aclose() for long in self._long.values()))

    async def collect(
        self, now: datetime, on_progress: Progress | None = None
    ) -> tuple[Snapshot, tuple[StageTiming, ...]]:
        """One Snapshot as of `now`, with how long each source took. Never raises a SourceError: failures are Gaps."""
        tell = on_progress or _silent
        sources = self._sources
        pve, pbs, prometheus, grafana = await asyncio.gather(
            self._each(
                "pve",
                sources.pve,
                lambda client, deadline: collect_pve(
                    client,
                    now,
                    deadline,
                    self._tasks_back,
                    self._lanes[client.source],
                    with_servers=not sources.pbs,
                ),
                tell,
            ),
            self._each(
                "pbs",
                sources.pbs,
                lambda client, deadline: collect_pbs(
                    client, now, deadline, self._tasks_back, self._lanes[client.source], self._long[client.source]
                ),
                tell,
            ),
            self._each(
                "prometheus",
                sources.prometheus,
                lambda client, deadline: collect_prometheus(client, self._queries, now, deadline),
                tell,
            ),
            self._each(
                "grafana", sources.grafana, lambda client, deadline: collect_grafana(client, now, deadline), tell
            ),
        )
        started_s = time.perf_counter()
        snapshot = await asyncio.to_thread(_assemble, now, pve, pbs, prometheus, grafana, self._names)
        snapshot = await place_alerts(snapshot, self._sources.prometheus, now, self._source_timeout_s)
        joins = StageTiming("collect joins", time.perf_counter() - started_s)
        timings = (item.timing for items in (pve, pbs, prometheus, grafana) for item in items)
        return snapshot, (*timings, joins)

    async def _each(
        self,
        kind: str,
        clients: Iterable[Client],
        collect: Callable[[Client, Deadline], Awaitable[Facts]],
        tell: Progress,
    ) -> tuple[_Collected[Facts], ...]:
        async def one(client: Client) -> _Collected[Facts]:
            started_s = time.perf_counter()
            stats = client.transport.stats
            requests_before, slow_before = stats.requests, stats.slow
            facts = await collect(client, Deadline.after(client.source, self._source_timeout_s))
            wall_s = time.perf_counter() - started_s
            requests, slow_requests = stats.requests - requests_before, stats.slow - slow_before
            timing = StageTiming(f"collect {client.source}", wall_s, requests, slow_requests)
            self.hung.note(client.source, facts.probe)
            tell(f"collected {client.source}")
            return _Collected(kind, client.source, facts, timing)

        return tuple(await asyncio.gather(*(one(client) for client in clients)))


def _lane(client: _Client, keep_in: Path | None) -> SlowLane:
    return lane_of(client.source, client.transport.connection.base_url, keep_in)


def _silent(_step: str) -> None:
    return None


def _assemble(
    now: datetime,
    pve: Iterable[_Collected[PveFacts]],
    pbs: Iterable[_Collected[PbsFacts]],
    prometheus: Iterable[_Collected[PrometheusFacts]],
    grafana: Iterable[_Collected[GrafanaFacts]],
    guest_names: GuestNames,
) -> Snapshot:
    """One Snapshot of everything, joined across sources."""
    clusters = [item.facts for item in pve]
    servers = [item.facts for item in pbs]
    monitors = [item.facts for item in prometheus]
    alerting = [item.facts for item in grafana]
    # A Prometheus without rules of its own leaves alerting to Grafana; one that does not answer may have some.
    alarming = [facts for facts in monitors if facts.rules.rows or facts.rules.state in ("partial", "unavailable")]
    own_rules, own_alerts = [facts.rules for facts in alarming], [facts.alerts for facts in alarming]
    nodes = joined(facts.nodes for facts in clusters)
    metrics = _joined_metrics([facts.metrics for facts in monitors])
    seen = joined(facts.guests for facts in clusters)
    guests = guest_names.restore(seen, metrics.get(GUEST_NAMES, not_configured()))
    configs = joined(facts.guest_configs for facts in clusters)
    storages = joined(facts.storages for facts in clusters)
    datastores = joined(facts.datastores for facts in servers)
    storage_configs = joined(facts.storage_configs for facts in clusters)
    backup_snapshots = joined(facts.snapshots for facts in servers)
    pbs_jobs = joined(facts.jobs for facts in servers)
    places = Places.of(storage_configs, datastores, storages, pbs_jobs, backup_snapshots)
    index = index_names(nodes, guests, configs, storages, datastores)
    names = index.certain()
    return Snapshot(
        taken_at=now,
        sources=(*map(_status, pve), *map(_status, pbs), *map(_status, prometheus), *map(_status, grafana)),
        clusters=joined(facts.clusters for facts in clusters),
        nodes=nodes,
        corosync=joined(facts.together.corosync for facts in clusters),
        ha_rules=joined(facts.together.ha_rules for facts in clusters),
        ha=joined(facts.together.ha for facts in clusters),
        replication=joined(facts.together.replication for facts in clusters),
        node_history=joined(facts.nodewise.history for facts in clusters),
        services=joined(facts.nodewise.services for facts in clusters),
        clocks=joined(facts.nodewise.clocks for facts in clusters),
        software=joined(facts.nodewise.software for facts in clusters),
        repositories=joined(facts.nodewise.repositories for facts in clusters),
        certificates=joined(facts.nodewise.certificates for facts in clusters),
        boot_journals=joined(facts.nodewise.boot_journals for facts in clusters),
        guests=guests,
        guest_configs=configs,
        storages=storages,
        space_history=joined(facts.space_history for facts in clusters),
        backup_jobs=joined(facts.backup_jobs for facts in clusters),
        not_backed_up=joined(facts.not_backed_up for facts in clusters),
        storage_configs=storage_configs,
        storage_archives=joined(facts.storage_archives for facts in clusters),
        job_volumes=joined(facts.job_volumes for facts in clusters),
        backup_runs=joined(facts.backup_runs for facts in clusters),
        restore_tests=joined(facts.restores for facts in clusters),
        disks=joined(facts.hardware.disks for facts in clusters),
        smart=joined(facts.smart for facts in clusters),
        zfs_pools=joined(facts.hardware.zfs_pools for facts in clusters),
        zfs_status=joined(facts.zfs_status for facts in clusters),
        thin_pools=joined(facts.hardware.thin_pools for facts in clusters),
        ceph=joined(facts.hardware.ceph for facts in clusters),
        guest_filesystems=joined(facts.guest_filesystems for facts in clusters),
        guest_snapshots=joined(facts.guest_snapshots for facts in clusters),
        guest_tasks=joined(facts.guest_tasks for facts in clusters),
        tasks=joined(facts.tasks for facts in clusters),
        datastores=datastores,
        backup_groups=join_groups(
            joined(facts.groups for facts in servers), guests, places, backup_snapshots, storage_configs
        ),
        backup_snapshots=backup_snapshots,
        gc=joined(facts.gc for facts in servers),
        pbs_tasks=joined(facts.tasks for facts in servers),
        pbs_jobs=pbs_jobs,
        pbs_hosts=joined(facts.hosts for facts in servers),
        targets=join_targets(joined(facts.targets for facts in monitors), index, names),
        alerts=join_alerts(joined((*(facts.alerts for facts in alerting), *own_alerts)), index, names),
        silences=joined(facts.silences for facts in alerting),
        alert_rules=joined((*(facts.rules for facts in alerting), *own_rules)),
        recording_rules=joined(facts.recording for facts in monitors),
        scrape_pools=joined(facts.pools for facts in monitors),
        alertmanagers=joined(facts.alertmanagers for facts in monitors),
        metric_names=joined(facts.metric_names for facts in monitors),
        grafana_datasources=joined(facts.datasources for facts in alerting),
        alert_changes=joined(facts.changes for facts in alerting),
        metrics=metrics,
        names=names,
    )


def _status(item: _Collected[Facts]) -> SourceStatus:
    probe = item.facts.probe
    return SourceStatus(item.source, item.kind, probe.gap is None, probe.version, probe.latency_ms, probe.gap)


def _joined_metrics(parts: list[Mapping[str, Dataset[Sample]]]) -> dict[str, Dataset[Sample]]:
    rows = dict.fromkeys(row for part in parts for row in part)
    return {row: joined(part.get(row, not_configured()) for part in parts) for row in rows}
