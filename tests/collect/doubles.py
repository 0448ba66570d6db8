"""Clients that answer from facts, or fail as told: what the collector is tested on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from nightshift.facts.backup_hosts import BackupHost, HostPool, HostService, PendingUpdate
from nightshift.facts.backup_runs import JobVolumes
from nightshift.facts.backups import BackupGroup, BackupSnapshot, Datastore, GcStatus
from nightshift.facts.cluster import Corosync, Ha, HaRules, ReplicationJob
from nightshift.facts.guest_items import GuestFileSystems, GuestSnapshots, GuestTasks
from nightshift.facts.hardware import CephStatus, Disk, SmartReport, SpaceHistory, ThinPool, ZfsPool, ZfsStatus
from nightshift.facts.inventory import BackupJob, Cluster, Guest, GuestConfig, Node, NotBackedUp, Storage, StorageConfig
from nightshift.facts.monitoring import (
    Alert,
    AlertChange,
    Alertmanagers,
    AlertRule,
    DataSource,
    MetricNames,
    PrometheusRules,
    QueryResult,
    Sample,
    ScrapePool,
    Silence,
    Silenced,
    Target,
)
from nightshift.facts.nodes import (
    NodeCertificates,
    NodeClock,
    NodeHistory,
    NodeRepositories,
    NodeSoftware,
    Service,
)
from nightshift.facts.pbs_jobs import PbsJob
from nightshift.facts.tasks import Task, outcome_of
from nightshift.sources import ClusterStatus, NodeMember, NodeStatus, Permissions, Resources, Sources, TaskPage

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HANG = "hang"


class Double:
    """`failures` maps a method to the error that it raises, or to HANG. Calls are counted in `calls`."""

    def __init__(self, source: str, failures: Mapping[str, Exception | str] | None = None) -> None:
        self.source = source
        self.failures = dict(failures or {})
        self.calls: list[str] = []
        connection = SimpleNamespace(base_url=f"https://{source}.example")
        self.release = "1.0"
        self.transport = SimpleNamespace(stats=SimpleNamespace(requests=0, slow=0), connection=connection)

    async def _called(self, method: str, *arguments: object) -> None:
        self.calls.append(" ".join([method, *map(str, arguments)]))
        self.transport.stats.requests += 1
        failure = self.failures.get(self.calls[-1], self.failures.get(method, self.failures.get("*")))
        if isinstance(failure, Exception):
            raise failure
        if failure == HANG:
            await asyncio.sleep(60)
        await asyncio.sleep(0)

    async def version(self) -> str:
        await self._called("version")
        return self.release


@dataclass
class Pve:
    """What a PVE double holds."""

    cluster: Cluster = field(default_factory=lambda: Cluster("pve", "homelab", True, 2))
    nodes: tuple[Node, ...] = (Node("pve", "pve1", True), Node("pve", "pve2", True))
    guests: tuple[Guest, ...] = (
        Guest("pve", 104, "qemu", "pve1", "web", "running"),
        Guest("pve", 105, "lxc", "pve2", "db", "running"),
    )
    storages: tuple[Storage, ...] = (Storage("pve", "local", "pve1", "dir", False, True),)
    storage_configs: tuple[StorageConfig, ...] = ()
    jobs: tuple[BackupJob, ...] = ()
    tasks: tuple[Task, ...] = ()
    disks: tuple[Disk, ...] = (Disk("pve", "pve1", "/dev/sda", "ssd", serial="S1"),)
    pools: tuple[ZfsPool, ...] = (ZfsPool("pve", "pve1", "rpool", "ONLINE"),)
    logs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    truncated: bool = False
    replicated: tuple[ReplicationJob, ...] = ()
    journal: tuple[str, ...] = ()
    uptime_s: int = 900_000


class HardwareDouble:
    """The disks of a double's nodes: answers and failures are those of its `pve`."""

    def __init__(self, pve: ProxmoxDouble) -> None:
        self._pve = pve

    async def disks(self, node: str) -> tuple[Disk, ...]:
        await self._pve.asked("disks", node)
        return tuple(disk for disk in self._pve.holds.disks if disk.node == node)

    async def zfs_pools(self, node: str) -> tuple[ZfsPool, ...]:
        await self._pve.asked("zfs_pools", node)
        return tuple(pool for pool in self._pve.holds.pools if pool.node == node)

    async def thin_pools(self, node: str) -> tuple[ThinPool, ...]:
        await self._pve.asked("thin_pools", node)
        return ()

    async def ceph_status(self) -> CephStatus:
        await self._pve.asked("ceph_status")
        return CephStatus(self._pve.source, "HEALTH_OK")

    async def smart(self, disk: Disk, *, read_at: datetime) -> SmartReport:
        await self._pve.asked("smart", disk.path)
        return SmartReport(disk.source, disk.node, disk.path, read_at, "PASSED")

    async def zfs_status(self, pool: ZfsPool, *, read_at: datetime) -> ZfsStatus:
        await self._pve.asked("zfs_status", pool.name)
        return ZfsStatus(pool.source, pool.node, pool.name, read_at, pool.health, ())


class ProxmoxDouble(Double):
    def __init__(self, holds: Pve | None = None, source: str = "pve", **failures: Exception | str) -> None:
        super().__init__(source, failures)
        self.holds = holds or Pve()
        self.hardware = HardwareDouble(self)
        self.config: GuestConfig | None = None

    async def asked(self, method: str, *arguments: object) -> None:
        await self._called(method, *arguments)

    async def cluster_status(self) -> ClusterStatus:
        await self._called("cluster_status")
        members = tuple(NodeMember(node.name, node.online, f"192.0.2.1{node.name[-1]}") for node in self.holds.nodes)
        return ClusterStatus(self.holds.cluster, members)

    async def resources(self) -> Resources:
        await self._called("resources")
        return Resources(self.holds.nodes, self.holds.guests, self.holds.storages)

    async def node_status(self, node: str) -> NodeStatus:
        await self._called("node_status", node)
        return NodeStatus(memory_used_bytes=1, memory_total_bytes=2, uptime_s=self.holds.uptime_s)

    async def node_history(self, node: str) -> NodeHistory:
        await self._called("node_history", node)
        return NodeHistory(self.source, node, ())

    async def space_history(self, key: str, node: str, storage: str | None) -> SpaceHistory:
        await self._called("space_history", node, storage)
        return SpaceHistory(self.source, key, ())

    async def services(self, node: str) -> tuple[Service, ...]:
        await self._called("services", node)
        return (Service(self.source, node, "pveproxy", "running"),)

    async def node_clock(self, node: str, *, read_at: datetime) -> NodeClock:
        await self._called("node_clock", node)
        return NodeClock(self.source, node, -0.5, 0.5, "UTC", read_at)

    async def node_software(self, node: str, *, read_at: datetime) -> NodeSoftware:
        await self._called("node_software", node)
        return NodeSoftware(self.source, node, "6.17.4-1-pve", ("6.17.4-1",), (), False, read_at)

    async def node_repositories(self, node: str, *, read_at: datetime) -> NodeRepositories:
        await self._called("node_repositories", node)
        return NodeRepositories(self.source, node, ("no-subscription",), (), (), "notfound", read_at)

    async def node_certificates(self, node: str, *, read_at: datetime) -> NodeCertificates:
        await self._called("node_certificates", node)
        return NodeCertificates(self.source, node, (), read_at)

    async def journal(self, node: str, *, since: datetime, until: datetime) -> tuple[str, ...]:
        await self._called("journal", node)
        return self.holds.journal

    async def corosync(self, *, read_at: datetime) -> Corosync:
        await self._called("corosync")
        return Corosync(self.source, (), None, read_at)

    async def ha_rules(self, *, read_at: datetime) -> HaRules:
        await self._called("ha_rules")
        return HaRules(self.source, (), read_at)

    async def ha_status(self) -> Ha:
        await self._called("ha_status")
        return Ha(self.source, True, None)

    async def replicated_vmids(self) -> frozenset[int]:
        await self._called("replicated_vmids")
        return frozenset(job.vmid for job in self.holds.replicated)

    async def replication(self, node: str) -> tuple[ReplicationJob, ...]:
        await self._called("replication", node)
        return tuple(job for job in self.holds.replicated if job.node == node)

    async def tasks(
        self,
        node: str,
        *,
        since: datetime,
        until: datetime | None = None,
        limit: int = 500,
        kind: str | None = None,
    ) -> TaskPage:
        await self._called("tasks", node, *([kind] if kind else ()))
        mine = (task for task in self.holds.tasks if task.node == node and kind in (None, task.worker_type))
        return TaskPage(tuple(mine), self.holds.truncated)

    async def task_log(self, node: str, upid: str, *, limit: int = 2000) -> tuple[str, ...]:
        await self._called("task_log", upid)
        return self.holds.logs.get(upid, ())

    async def backup_jobs(self) -> tuple[BackupJob, ...]:
        await self._called("backup_jobs")
        return self.holds.jobs

    async def storage_configs(self) -> tuple[StorageConfig, ...]:
        await self._called("storage_configs")
        return self.holds.storage_configs

    async def job_volumes(self, job_id: str, *, read_at: datetime) -> JobVolumes:
        await self._called("job_volumes", job_id)
        return JobVolumes(self.source, job_id, read_at, ())

    async def permissions(self) -> Permissions:
        await self._called("permissions")
        return {"/": frozenset({"Sys.Audit"})}

    async def not_backed_up(self) -> tuple[NotBackedUp, ...]:
        await self._called("not_backed_up")
        return ()

    async def guest_config(self, guest: Guest, *, read_at: datetime) -> GuestConfig:
        await self._called("guest_config", guest.vmid)
        if self.config is not None:
            return self.config
        ips = (f"192.0.2.{guest.vmid}/24",)
        return GuestConfig(guest.source, guest.vmid, True, False, ips, (), None, read_at)

    async def guest_snapshots(self, guest: Guest, *, read_at: datetime) -> GuestSnapshots:
        await self._called("guest_snapshots", guest.vmid)
        return GuestSnapshots(guest.source, guest.vmid, (), read_at)

    async def guest_file_systems(self, guest: Guest, *, read_at: datetime) -> GuestFileSystems:
        await self._called("guest_file_systems", guest.vmid)
        return GuestFileSystems(guest.source, guest.vmid, True, (), read_at)

    async def guest_tasks(self, guest: Guest, *, read_at: datetime) -> GuestTasks:
        await self._called("guest_tasks", guest.vmid)
        return GuestTasks(guest.source, guest.vmid, (), read_at)

    async def guest_current(self, guest: Guest) -> Guest:
        await self._called("guest_current", guest.vmid)
        return replace(guest, cpu_fraction=0.5)


class PbsDouble(Double):
    def __init__(
        self,
        datastores: tuple[Datastore, ...] = (Datastore("pbs", "tank", 100, 50, 50),),
        groups: Mapping[str, tuple[BackupGroup, ...]] | None = None,
        **failures: Exception | str,
    ) -> None:
        super().__init__("pbs", failures)
        self._datastores = datastores
        self._groups = groups if groups is not None else {"": (), "homelab": (group(),)}
        self.ran: tuple[Task, ...] = ()
        self.syncs: tuple[PbsJob, ...] = ()
        self.granted: Mapping[str, frozenset[str]] = {"/": frozenset({"Datastore.Audit", "Sys.Audit"})}

    async def sync_jobs(self) -> tuple[PbsJob, ...]:
        await self._called("sync_jobs")
        return self.syncs

    async def permissions(self) -> Mapping[str, frozenset[str]]:
        await self._called("permissions")
        return self.granted

    async def verify_jobs(self) -> tuple[PbsJob, ...]:
        await self._called("verify_jobs")
        return ()

    async def prune_jobs(self) -> tuple[PbsJob, ...]:
        await self._called("prune_jobs")
        return ()

    async def host(self) -> BackupHost:
        await self._called("host")
        return BackupHost("pbs", rootfs_used_bytes=1, rootfs_available_bytes=9, rootfs_total_bytes=10)

    async def services(self) -> tuple[HostService, ...]:
        await self._called("services")
        return (HostService("proxmox-backup-proxy", "running", "enabled"),)

    async def pools(self) -> tuple[HostPool, ...]:
        await self._called("pools")
        return ()

    async def updates(self) -> tuple[PendingUpdate, ...]:
        await self._called("updates")
        return ()

    async def datastores(self) -> tuple[Datastore, ...]:
        await self._called("datastores")
        return self._datastores

    async def namespaces(self, store: str) -> tuple[str, ...]:
        await self._called("namespaces", store)
        return tuple(self._groups)

    async def groups(self, store: str, namespace: str) -> tuple[BackupGroup, ...]:
        await self._called("groups", store, namespace)
        return self._groups[namespace]

    async def gc(self) -> tuple[GcStatus, ...]:
        await self._called("gc")
        return (GcStatus("pbs", "tank", "daily", NOW, "OK", NOW, 0, 0),)

    async def tasks(self, *, since: datetime, until: datetime | None = None, limit: int = 500) -> TaskPage:
        await self._called("tasks")
        return TaskPage(self.ran, False)

    async def task_log(self, upid: str, *, limit: int = 2000) -> tuple[str, ...]:
        await self._called("task_log", upid)
        return ("pbs log",)

    async def snapshots(
        self,
        store: str,
        namespace: str,
        *,
        backup_type: str | None = None,
        backup_id: str | None = None,
        timeout_s: float | None = None,
    ) -> tuple[BackupSnapshot, ...]:
        await self._called("snapshots", store, namespace, *filter(None, (backup_type, backup_id)))
        return ()


class PrometheusDouble(Double):
    """`answers` maps a part of an expression to the samples of a query that contains it; `rejects` to an error."""

    def __init__(
        self,
        targets: tuple[Target, ...] = (),
        samples: tuple[Sample, ...] = (),
        rejects: Mapping[str, Exception] | None = None,
        result: Mapping[str, Any] | None = None,
        **failures: Exception | str,
    ) -> None:
        super().__init__("prometheus", failures)
        self._targets = targets
        self._samples = samples
        self._rejects = rejects or {}
        self._result = result or {}
        self.asked: list[str] = []
        self.own_rules: tuple[AlertRule, ...] = ()

    async def targets(self) -> tuple[Target, ...]:
        await self._called("targets")
        return self._targets

    async def rules(self) -> PrometheusRules:
        await self._called("rules")
        return PrometheusRules(self.own_rules)

    async def scrape_pools(self) -> tuple[ScrapePool, ...]:
        await self._called("scrape_pools")
        return ()

    async def alertmanagers(self) -> Alertmanagers:
        await self._called("alertmanagers")
        return Alertmanagers("prometheus", ())

    async def metric_names(self) -> MetricNames:
        await self._called("metric_names")
        return MetricNames("prometheus", frozenset({"up"}))

    async def query(self, expr: str, *, at: datetime | None = None, limit: int | None = None) -> QueryResult:
        self.asked.append(expr)
        await self._called("query")
        for part, error in self._rejects.items():
            if part in expr:
                raise error
        return QueryResult(expr, self._samples, **self._result)


class GrafanaDouble(Double):
    def __init__(
        self, alerts: tuple[Alert, ...] = (), rules: tuple[AlertRule, ...] = (), **failures: Exception | str
    ) -> None:
        super().__init__("grafana", failures)
        self._alerts = alerts
        self._rules = rules
        self.provisioned: tuple[AlertRule, ...] = ()
        self.quiet: tuple[Silenced, ...] = ()
        self.changes: tuple[AlertChange, ...] = ()

    async def alerts(self) -> tuple[Alert, ...]:
        await self._called("alerts")
        return self._alerts

    async def silenced(self) -> tuple[Silenced, ...]:
        await self._called("silenced")
        return self.quiet

    async def silences(self) -> tuple[Silence, ...]:
        await self._called("silences")
        return ()

    async def rules(self) -> tuple[AlertRule, ...]:
        await self._called("rules")
        return self._rules

    async def with_health(self, item: DataSource) -> DataSource:
        await self._called("with_health", item)
        return replace(item, healthy=True)

    async def datasources(self) -> tuple[DataSource, ...]:
        await self._called("datasources")
        return (DataSource("grafana", "prom", "Prometheus", "prometheus"),)

    async def alert_changes(self, *, since: datetime, until: datetime, limit: int) -> tuple[AlertChange, ...]:
        await self._called("alert_changes", since)
        within = (change for change in self.changes if since <= change.at <= until)
        return tuple(sorted(within, key=lambda change: change.at, reverse=True)[:limit])

    async def provisioned_rules(self) -> tuple[AlertRule, ...]:
        await self._called("provisioned_rules")
        return self.provisioned


def sources(*, pve: Any = (), pbs: Any = (), prometheus: Any = (), grafana: Any = ()) -> Sources:
    return cast("Sources", SimpleNamespace(pve=pve, pbs=pbs, prometheus=prometheus, grafana=grafana))


def group(backup_id: str = "104", **changes: Any) -> BackupGroup:
    return replace(BackupGroup("pbs", "tank", "homelab", "vm", backup_id, NOW, 3), **changes)


def backup(upid: str, status: str = "job errors", *, hours: float = 6, node: str = "pve1", worker_id: str = "") -> Task:
    began = NOW - timedelta(hours=hours)
    outcome = outcome_of(status, running=False)
    return Task("pve", upid, node, "vzdump", worker_id, "root@pam", began, began, status, outcome)
