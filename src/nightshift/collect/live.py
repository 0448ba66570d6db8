"""Bounded reads for one question: what is true now, of one thing. Failures come back as Gaps, never as exceptions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from nightshift.collect.grafana import rules_with_queries
from nightshift.collect.reading import Deadline, Gathering, HungSources
from nightshift.collect.tasks import pbs_tasks, pve_tasks
from nightshift.facts.backups import BackupGroup, BackupSnapshot
from nightshift.facts.evidence import Window
from nightshift.facts.gap import Gap
from nightshift.facts.inventory import Guest, GuestConfig, Node
from nightshift.facts.monitoring import AlertRule, QueryResult, Silence, Target
from nightshift.facts.read import Read
from nightshift.facts.tasks import Task
from nightshift.facts.volumes import Volume

if TYPE_CHECKING:
    from nightshift.sources import MetricMetadata, PbsClient, PrometheusClient, ProxmoxClient, Sources

Value = TypeVar("Value")
Row = TypeVar("Row")

_TIMEOUT_S = 6.0


class _Named(Protocol):
    @property
    def source(self) -> str: ...


Client = TypeVar("Client", bound=_Named)


class Live:
    """Reads for the tools. Every method returns a `Read`: a value, and the Gaps that say what is missing from it.

    With several sources of a kind, lists are joined; a metric query goes to the first Prometheus. What is in `hung` is
    not asked again so soon.
    """

    def __init__(
        self,
        sources: Sources,
        *,
        clock: Callable[[], datetime],
        timeout_s: float = _TIMEOUT_S,
        hung: HungSources | None = None,
    ) -> None:
        self._sources = sources
        self._clock = clock
        self._timeout_s = timeout_s
        self._hung = hung or HungSources()

    async def query(self, expr: str, *, at: datetime | None = None) -> Read[QueryResult]:
        """An instant query. A rejected expression is a Gap whose detail is Prometheus' own message."""
        return await self._prometheus(expr, lambda client: client.query(expr, at=at))

    async def query_range(self, expr: str, window: Window) -> Read[QueryResult]:
        """A range query over `window`; the client picks the step when the window has none."""
        return await self._prometheus(expr, lambda client: client.query_range(expr, window))

    async def metric_names(self) -> Read[tuple[str, ...]]:
        """The names of all metrics that Prometheus has."""
        return await self._prometheus("label values of __name__", lambda client: client.label_values("__name__"))

    async def metric_metadata(self, metric: str | None = None) -> Read[Mapping[str, MetricMetadata]]:
        """Type, help and unit by metric name, of one metric or of all."""
        return await self._prometheus("GET /api/v1/metadata", lambda client: client.metadata(metric))

    async def guest_now(self, guest: Guest) -> Read[Guest]:
        """The guest with its live status (PVE API: /nodes/{node}/{qemu,lxc}/{vmid}/status/current)."""
        request = f"GET /nodes/{guest.node}/{guest.kind}/{guest.vmid}/status/current"
        client = _of_source(self._sources.pve, guest.source)
        return await self._one(client, guest.source, request, lambda found: found.guest_current(guest))

    async def guest_config(self, guest: Guest) -> Read[GuestConfig]:
        """The guest's configuration (PVE API: /nodes/{node}/{qemu,lxc}/{vmid}/config)."""
        request = f"GET /nodes/{guest.node}/{guest.kind}/{guest.vmid}/config"
        client = _of_source(self._sources.pve, guest.source)
        now = self._clock()
        return await self._one(client, guest.source, request, lambda found: found.guest_config(guest, read_at=now))

    async def node_now(self, node: Node) -> Read[Node]:
        """The node with its live status (PVE API: /nodes/{node}/status)."""
        request = f"GET /nodes/{node.name}/status"
        client = _of_source(self._sources.pve, node.source)
        read = await self._one(client, node.source, request, lambda found: found.node_status(node.name))
        value = read.value.over(node) if read.value is not None else None
        return Read(value, read.source, read.request, read.taken_at, read.gaps)

    async def volumes(self, source: str, node: str, storage: str) -> Read[tuple[Volume, ...]]:
        """What lies in a storage (PVE API: /nodes/{node}/storage/{storage}/content)."""
        request = f"GET /nodes/{node}/storage/{storage}/content"
        client = _of_source(self._sources.pve, source)
        return await self._one(client, source, request, lambda found: found.volumes(node, storage))

    async def task_log(self, task: Task) -> Read[tuple[str, ...]]:
        """The lines of a task's log (PVE and PBS API: /nodes/{node}/tasks/{upid}/log)."""
        request = f"GET /nodes/{task.node}/tasks/{task.upid}/log"
        pbs = _of_source(self._sources.pbs, task.source)
        if pbs is not None:
            return await self._one(pbs, task.source, request, lambda found: found.task_log(task.upid))
        pve = _of_source(self._sources.pve, task.source)
        return await self._one(pve, task.source, request, lambda found: found.task_log(task.node, task.upid))

    async def backup_snapshots(self, group: BackupGroup) -> Read[tuple[BackupSnapshot, ...]]:
        """The snapshots of one group (PBS API: /admin/datastore/{store}/snapshots)."""
        request = f"GET /admin/datastore/{group.datastore}/snapshots"
        client = _of_source(self._sources.pbs, group.source)
        return await self._one(
            client,
            group.source,
            request,
            lambda found: found.snapshots(
                group.datastore, group.namespace, backup_type=group.backup_type, backup_id=group.backup_id
            ),
        )

    async def alert_rules(self) -> Read[tuple[AlertRule, ...]]:
        """Grafana's rules with state and health, completed from the provisioning API where it may be read."""
        request = "GET /api/prometheus/grafana/api/v1/rules"
        return await self._all(self._sources.grafana, "grafana", request, rules_with_queries)

    async def silences(self) -> Read[tuple[Silence, ...]]:
        """Grafana's silences that are in force, whatever they keep quiet now."""
        request = "GET /api/alertmanager/grafana/api/v2/silences"
        return await self._all(self._sources.grafana, "grafana", request, lambda client: client.silences())

    async def targets(self) -> Read[tuple[Target, ...]]:
        """Prometheus' active scrape targets."""
        request = "GET /api/v1/targets?state=active"
        return await self._all(self._sources.prometheus, "prometheus", request, lambda client: client.targets())

    async def tasks(self, *, since: datetime, until: datetime | None = None) -> Read[tuple[Task, ...]]:
        """Tasks that started in the window, of all online PVE nodes and of PBS, newest first."""
        now = self._clock()
        request = "GET /nodes/{node}/tasks"
        if not self._sources.pve and not self._sources.pbs:
            return _not_configured("pve", "PVE or PBS", request, "tasks", now)
        reads = [self._pve_tasks(client, since, until) for client in self._sources.pve]
        reads += [self._pbs_tasks(client, since, until) for client in self._sources.pbs]
        gathered: Gathering[Task] = Gathering()
        for part in await asyncio.gather(*reads):
            gathered.answered = gathered.answered or part.answered
            gathered.rows += part.rows
            gathered.gaps += part.gaps
        asked = [client.source for client in self._sources.pve] + [client.source for client in self._sources.pbs]
        rows = tuple(sorted(gathered.rows, key=lambda task: task.started_at, reverse=True))
        return Read(rows if gathered.answered else None, ", ".join(asked), request, now, tuple(gathered.gaps))

    async def _pve_tasks(self, client: ProxmoxClient, since: datetime, until: datetime | None) -> Gathering[Task]:
        deadline = self._deadline(client.source)
        status = await self._ask(client.source, "tasks", client.cluster_status)
        if isinstance(status, Gap):
            return Gathering(gaps=[status])
        members = [(node.name, node.online) for node in status.nodes]
        return await pve_tasks(client, members, deadline, since=since, until=until)

    async def _pbs_tasks(self, client: PbsClient, since: datetime, until: datetime | None) -> Gathering[Task]:
        if client.source in self._hung:
            return Gathering(gaps=[_still_hung(client.source, "pbs_tasks")])
        return await pbs_tasks(client, self._deadline(client.source), since=since, until=until)

    async def _prometheus(self, request: str, ask: Callable[[PrometheusClient], Awaitable[Value]]) -> Read[Value]:
        client = self._sources.prometheus[0] if self._sources.prometheus else None
        return await self._one(client, "prometheus", request, ask)

    async def _one(
        self, client: Client | None, source: str, request: str, ask: Callable[[Client], Awaitable[Value]]
    ) -> Read[Value]:
        now = self._clock()
        if client is None:
            return _not_configured(source, source, request, request, now)
        answer = await self._ask(client.source, request, partial(ask, client))
        if isinstance(answer, Gap):
            return Read(None, client.source, request, now, (answer,))
        return Read(answer, client.source, request, now)

    async def _all(
        self, clients: Sequence[Client], kind: str, request: str, ask: Callable[[Client], Awaitable[tuple[Row, ...]]]
    ) -> Read[tuple[Row, ...]]:
        now = self._clock()
        if not clients:
            return _not_configured(kind, kind, request, request, now)
        gathered: Gathering[Row] = Gathering()
        answers = await asyncio.gather(*(self._ask(client.source, request, partial(ask, client)) for client in clients))
        for answer in answers:
            gathered.add(answer)
        source = ", ".join(client.source for client in clients)
        rows = tuple(gathered.rows) if gathered.answered else None
        return Read(rows, source, request, now, tuple(gathered.gaps))

    async def _ask(self, source: str, dataset: str, ask: Callable[[], Awaitable[Value]]) -> Value | Gap:
        if source in self._hung:
            return _still_hung(source, dataset)
        return await self._deadline(source).read(dataset, ask())

    def _deadline(self, source: str) -> Deadline:
        return Deadline.after(source, self._timeout_s)


def _of_source(clients: Iterable[Client], source: str) -> Client | None:
    return next((client for client in clients if client.source == source), None)


def _still_hung(source: str, dataset: str) -> Gap:
    return Gap(source, dataset, "timed_out", "it did not answer a moment ago and was not asked again")


def _not_configured(source: str, what: str, request: str, dataset: str, now: datetime) -> Read[Value]:
    gap = Gap(source, dataset, "not_configured", f"no {what} is configured")
    return Read(None, source, request, now, (gap,))
