"""A Snapshot: everything a sweep saw, each dataset with its completeness and its Gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Generic, Literal, TypeVar

from nightshift.facts.backup_hosts import BackupHost
from nightshift.facts.backup_runs import JobVolumes, RestoreTest, RunLog, StorageArchives
from nightshift.facts.backups import BackupGroup, Datastore, GcStatus, NamespaceSnapshots
from nightshift.facts.cluster import Corosync, Ha, HaRules, ReplicationJob
from nightshift.facts.gap import Gap
from nightshift.facts.guest_items import GuestFileSystems, GuestSnapshots, GuestTasks
from nightshift.facts.hardware import CephStatus, Disk, SmartReport, SpaceHistory, ThinPool, ZfsPool, ZfsStatus
from nightshift.facts.ids import Entity
from nightshift.facts.inventory import BackupJob, Cluster, Guest, GuestConfig, Node, NotBackedUp, Storage, StorageConfig
from nightshift.facts.monitoring import (
    Alert,
    AlertChange,
    Alertmanagers,
    AlertRule,
    DataSource,
    MetricNames,
    RecordingRule,
    Sample,
    ScrapePool,
    Silenced,
    Target,
)
from nightshift.facts.nodes import (
    BootJournal,
    NodeCertificates,
    NodeClock,
    NodeHistory,
    NodeRepositories,
    NodeSoftware,
    Service,
)
from nightshift.facts.pbs_jobs import PbsJob
from nightshift.facts.tasks import Task

Row = TypeVar("Row")

DatasetState = Literal["complete", "partial", "unavailable", "not_configured"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the slow lane is: it has read `done` of `total` (`12 of 50 guests' file systems`), once at least.

    `waiting` are the keys of the entities that have not had their turn: nothing can be said of them yet.
    """

    source: str
    noun: str
    done: int
    total: int
    waiting: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Dataset(Generic[Row]):
    """Rows of one kind from all sources that have them.

    `complete`: all rows are here. `partial`: some source or page is missing, the Gaps say which. `unavailable`: nothing
    could be read. `not_configured`: no source of this kind is set up, which is not a fault. Empty rows mean "there
    are none" only when the state is `complete`. What is read item by item, a few a sweep, is `partial` without a Gap
    until all had their turn: `progress` tells how far it is.
    """

    state: DatasetState
    rows: tuple[Row, ...] = ()
    gaps: tuple[Gap, ...] = ()
    taken_at: datetime | None = None
    progress: tuple[Progress, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the rows can be judged at all (perhaps not all of them are here)."""
        return self.state in ("complete", "partial")

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def not_configured() -> Dataset[Row]:
    """The dataset of a kind of source that is not set up."""
    return Dataset(state="not_configured")


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One configured system: did it answer, how fast, which version.

    `kind` is `pve | pbs | prometheus | grafana`.
    """

    id: str
    kind: str
    reachable: bool
    version: str | None
    latency_ms: float | None
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The watched world at one moment. `taken_at` is aware UTC and the only clock that a check may use.

    `metrics` holds the answers to the batched PromQL of the check table, by row id. `names` maps every way to write an
    entity (instance, IP, host name, vmid) to it where that is certain. `local_timezone` is PVE's own, if it was read.
    """

    taken_at: datetime
    sources: tuple[SourceStatus, ...] = ()
    clusters: Dataset[Cluster] = field(default_factory=not_configured)
    nodes: Dataset[Node] = field(default_factory=not_configured)
    corosync: Dataset[Corosync] = field(default_factory=not_configured)
    ha: Dataset[Ha] = field(default_factory=not_configured)
    ha_rules: Dataset[HaRules] = field(default_factory=not_configured)
    replication: Dataset[ReplicationJob] = field(default_factory=not_configured)
    node_history: Dataset[NodeHistory] = field(default_factory=not_configured)
    services: Dataset[Service] = field(default_factory=not_configured)
    clocks: Dataset[NodeClock] = field(default_factory=not_configured)
    software: Dataset[NodeSoftware] = field(default_factory=not_configured)
    repositories: Dataset[NodeRepositories] = field(default_factory=not_configured)
    certificates: Dataset[NodeCertificates] = field(default_factory=not_configured)
    boot_journals: Dataset[BootJournal] = field(default_factory=not_configured)
    guests: Dataset[Guest] = field(default_factory=not_configured)
    guest_configs: Dataset[GuestConfig] = field(default_factory=not_configured)
    storages: Dataset[Storage] = field(default_factory=not_configured)
    space_history: Dataset[SpaceHistory] = field(default_factory=not_configured)
    backup_jobs: Dataset[BackupJob] = field(default_factory=not_configured)
    not_backed_up: Dataset[NotBackedUp] = field(default_factory=not_configured)
    tasks: Dataset[Task] = field(default_factory=not_configured)
    datastores: Dataset[Datastore] = field(default_factory=not_configured)
    backup_groups: Dataset[BackupGroup] = field(default_factory=not_configured)
    backup_snapshots: Dataset[NamespaceSnapshots] = field(default_factory=not_configured)
    storage_configs: Dataset[StorageConfig] = field(default_factory=not_configured)
    disks: Dataset[Disk] = field(default_factory=not_configured)
    smart: Dataset[SmartReport] = field(default_factory=not_configured)
    zfs_pools: Dataset[ZfsPool] = field(default_factory=not_configured)
    zfs_status: Dataset[ZfsStatus] = field(default_factory=not_configured)
    thin_pools: Dataset[ThinPool] = field(default_factory=not_configured)
    ceph: Dataset[CephStatus] = field(default_factory=not_configured)
    guest_filesystems: Dataset[GuestFileSystems] = field(default_factory=not_configured)
    guest_snapshots: Dataset[GuestSnapshots] = field(default_factory=not_configured)
    guest_tasks: Dataset[GuestTasks] = field(default_factory=not_configured)
    storage_archives: Dataset[StorageArchives] = field(default_factory=not_configured)
    job_volumes: Dataset[JobVolumes] = field(default_factory=not_configured)
    backup_runs: Dataset[RunLog] = field(default_factory=not_configured)
    restore_tests: Dataset[RestoreTest] = field(default_factory=not_configured)
    pbs_jobs: Dataset[PbsJob] = field(default_factory=not_configured)
    pbs_hosts: Dataset[BackupHost] = field(default_factory=not_configured)
    gc: Dataset[GcStatus] = field(default_factory=not_configured)
    pbs_tasks: Dataset[Task] = field(default_factory=not_configured)
    targets: Dataset[Target] = field(default_factory=not_configured)
    recording_rules: Dataset[RecordingRule] = field(default_factory=not_configured)
    scrape_pools: Dataset[ScrapePool] = field(default_factory=not_configured)
    alerts: Dataset[Alert] = field(default_factory=not_configured)
    silences: Dataset[Silenced] = field(default_factory=not_configured)
    alert_rules: Dataset[AlertRule] = field(default_factory=not_configured)
    alertmanagers: Dataset[Alertmanagers] = field(default_factory=not_configured)
    metric_names: Dataset[MetricNames] = field(default_factory=not_configured)
    grafana_datasources: Dataset[DataSource] = field(default_factory=not_configured)
    alert_changes: Dataset[AlertChange] = field(default_factory=not_configured)
    metrics: Mapping[str, Dataset[Sample]] = field(default_factory=dict)
    names: Mapping[str, Entity] = field(default_factory=dict)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Every Gap of every dataset, each once, in the order of the datasets."""
        seen: dict[Gap, None] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, Dataset):
                seen.update(dict.fromkeys(value.gaps))
        for dataset in self.metrics.values():
            seen.update(dict.fromkeys(dataset.gaps))
        return tuple(seen)

    @property
    def progress(self) -> tuple[Progress, ...]:
        """What the slow lane has not read whole yet, in the order of the datasets."""
        datasets = (value for item in fields(self) if isinstance(value := getattr(self, item.name), Dataset))
        return tuple(item for dataset in datasets for item in dataset.progress)

    def configured(self, kind: str) -> bool:
        """Whether any source of this kind (`pve`, `pbs`, `prometheus`, `grafana`) is set up."""
        return any(source.kind == kind for source in self.sources)
