"""A small homelab as facts: two nodes up and one down, a dozen guests, backups, tasks, alerts, metrics.

`pbs` is full, `web` failed its last backup, `gitea` is in no job, `pve3` is away with `cams` on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

from nightshift.checks.thresholds import Thresholds
from nightshift.facts.backups import BackupGroup, Datastore
from nightshift.facts.evidence import Evidence, Window
from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.hardware import Disk, SmartReport
from nightshift.facts.ids import Entity
from nightshift.facts.inventory import BackupJob, Cluster, Guest, GuestConfig, Node, Storage
from nightshift.facts.monitoring import Alert, AlertRule, QueryResult, Sample, Series, Silence, Target
from nightshift.facts.read import Read
from nightshift.facts.snapshot import Dataset, Snapshot, SourceStatus
from nightshift.facts.sweep import Sweep
from nightshift.facts.tasks import Task
from nightshift.facts.volumes import Volume
from nightshift.protection import Matrix, matrix_of
from nightshift.tools.context import ToolContext

NOW = datetime(2026, 11, 23, 21, 45, tzinfo=UTC)  # a Monday, 22:45 in Berlin
ZONE = ZoneInfo("Europe/Berlin")
GIB = 1 << 30
TIB = 1 << 40


def node(name: str, *, online: bool = True, cpu: float = 0.12, memory: float = 0.5) -> Node:
    if not online:
        return Node("pve", name, online=False, ip=f"192.0.2.{name[-1]}")
    total = 64 * GIB
    return Node(
        "pve", name, online=True, ip=f"192.0.2.{name[-1]}", cpu_fraction=cpu, cpu_count=16,
        memory_used_bytes=int(total * memory), memory_total_bytes=total, rootfs_used_bytes=20 * GIB,
        rootfs_total_bytes=94 * GIB, uptime_s=864_000, pve_version="8.4.1",
    )  # fmt: skip


def guest(
    vmid: int, name: str | None, kind: str, where: str, status: str = "running", tags: str = "", cpu: float = 0.05,
    memory: float = 0.5, template: bool = False,
) -> Guest:  # fmt: skip
    running = status == "running"
    total = 4 * GIB
    return Guest(
        "pve", vmid, "qemu" if kind == "vm" else "lxc", where, name, status, template=template,
        tags=tuple(tags.split()),
        cpu_fraction=cpu if running else None, cpu_count=4, memory_used_bytes=int(total * memory) if running else None,
        memory_total_bytes=total, disk_used_bytes=8 * GIB if kind == "ct" and running else None,
        disk_total_bytes=32 * GIB, uptime_s=3600 * vmid if running else None,
    )  # fmt: skip


NODES = (node("pve1", cpu=0.31, memory=0.81), node("pve2"), node("pve3", online=False))
GUESTS = (
    guest(100, "adguard1", "ct", "pve1", tags="dns"),
    guest(101, "traefik", "ct", "pve1", tags="proxy"),
    guest(103, "nas", "vm", "pve1", tags="storage"),
    guest(104, "web", "vm", "pve1", cpu=0.62, memory=0.93),
    guest(105, "postgres", "ct", "pve1", tags="db"),
    guest(107, "prometheus", "ct", "pve1", tags="monitoring"),
    guest(109, "home-assistant", "vm", "pve1", tags="iot"),
    guest(110, "debian-template", "vm", "pve1", "stopped", template=True),
    guest(111, "pbs", "vm", "pve2", tags="backup"),
    guest(112, "jellyfin", "ct", "pve2", tags="media", cpu=0.41),
    guest(113, "immich", "vm", "pve2", tags="media"),
    guest(115, "gitea", "ct", "pve2", tags="dev"),
    guest(120, "windows-11", "vm", "pve2", "stopped"),
    guest(121, "adguard2", "ct", "pve2", tags="dns"),
    guest(123, None, "vm", "pve3", "unknown"),
)
STORAGES = (
    Storage("pve", "local", "pve1", "dir", False, True, ("iso",), 20 * GIB, 94 * GIB),
    Storage("pve", "local", "pve2", "dir", False, True, ("iso",), 30 * GIB, 94 * GIB),
    Storage("pve", "local-lvm", "pve1", "lvmthin", False, True, ("images",), 600 * GIB, 794 * GIB),
    Storage("pve", "local-lvm", "pve2", "lvmthin", False, True, ("images",), 200 * GIB, 794 * GIB),
    Storage("pve", "nas-media", None, "nfs", True, True, ("iso",), 9 * TIB, 14 * TIB),
)
DATASTORES = (
    Datastore(
        "pbs", "tank", 4 * TIB, 79 * TIB // 20, TIB // 20,
        history=tuple(0.90 + 0.0875 * i / 30 for i in range(31)), history_start=NOW - timedelta(days=30),
        history_step_s=86_400.0,
    ),
    Datastore("pbs", "vault", 8 * TIB, 4 * TIB, 4 * TIB),
)  # fmt: skip


def group(vmid: int, kind: str, age: timedelta, store: str = "tank", key: str | None = None) -> BackupGroup:
    owner = f"guest:pve/{vmid}" if key is None else (key or None)
    return BackupGroup("pbs", store, "homelab", kind, str(vmid), NOW - age, 14, "pve@pbs", guest=owner)  # type: ignore[arg-type]


GROUPS = tuple(
    group(g.vmid, "vm" if g.kind == "qemu" else "ct", timedelta(hours=45 if g.name == "web" else 21))
    for g in GUESTS
    if not g.template and g.name != "gitea"
)
JOBS = (
    BackupJob(
        "pve", "backup-1", True, "02:00", "pbs-tank", False, tuple(g.vmid for g in GUESTS if g.name != "gitea"), (),
        None,
        None, NOW + timedelta(hours=4), "nightly",
    ),
    BackupJob("pve", "backup-2", False, "04:00", "nas-media", False, (115,), (), None, None, None, "old job"),
)  # fmt: skip


def task(
    worker: str, about: str, ago: timedelta, outcome: str = "ok", status: str | None = "OK", source: str = "pve",
    where: str = "pve1", **more: Any,
) -> Task:  # fmt: skip
    started = NOW - ago
    ended = None if outcome == "running" else started + timedelta(minutes=12)
    upid = f"UPID:{where}:0000:{worker}:{about}:{int(started.timestamp())}"
    return Task(source, upid, where, worker, about, "root@pam", started, ended, status, outcome, **more)  # type: ignore[arg-type]


FAILED = task("vzdump", "", timedelta(hours=20), "failed", "job errors", failed_vmids=(104,))
TASKS = (
    FAILED,
    task("vzdump", "112", timedelta(hours=21), where="pve2"),
    task("qmigrate", "113", timedelta(hours=30), where="pve2"),
    task("qmstart", "111", timedelta(hours=3), where="pve2"),
    task("garbage_collection", "tank", timedelta(hours=16), "failed", "ENOSPC: No space left", "pbs", "localhost"),
)
VOLUMES = (
    Volume("pve", "pve1", "local-lvm", "local-lvm:vm-104-disk-0", True, 64 * GIB, 41 * GIB, 104),
    Volume("pve", "pve1", "local-lvm", "local-lvm:vm-104-disk-1", True, 200 * GIB, 180 * GIB, 104),
    Volume("pve", "pve1", "local-lvm", "local-lvm:vm-199-disk-0", True, 32 * GIB, 12 * GIB, 199),
    Volume("pve", "pve2", "local-lvm", "local-lvm:vm-113-disk-0", True, 96 * GIB, 96 * GIB, 113),
)
CONFIGS = (
    GuestConfig(
        "pve", 104, True, True, (),
        (("scsi0", "local-lvm:vm-104-disk-0,size=64G"), ("unused0", "local-lvm:vm-104-disk-1")), None, NOW,
    ),
)  # fmt: skip
DISKS = (
    Disk("pve", "pve1", "/dev/nvme0n1", "nvme", 2 * TIB, "WD Red", "AA11", "/dev/disk/by-id/nvme-WD_AA11", "ZFS"),
    Disk("pve", "pve1", "/dev/nvme1n1", "nvme", 2 * TIB, "WD Red", "BB22", "/dev/disk/by-id/nvme-WD_BB22", "ZFS"),
    Disk("pve", "pve2", "/dev/sda", "hdd", 8 * TIB, "WD Gold", "CC33", "/dev/disk/by-id/ata-WD_CC33", "ext4"),
)
SMART = tuple(
    SmartReport("pve", disk.node, disk.path, NOW - timedelta(hours=2), "PASSED", 0.81, 44) for disk in DISKS[:2]
)
LOGS: Mapping[str, tuple[str, ...]] = {
    FAILED.upid: (
        "INFO: Starting Backup of VM 104 (qemu)",
        "ERROR: Backup of VM 104 failed - backup write data failed: ENOSPC: No space left on device",
        "INFO: Backup job finished with errors",
        "TASK ERROR: job errors",
    )
}
TARGETS = (
    Target("prometheus", "node", "pve1:9100", "up", None, NOW, entity_key="node:pve/pve1"),
    Target("prometheus", "node", "web:9100", "up", None, NOW, entity_key="guest:pve/104"),
    Target("prometheus", "node", "immich:9100", "down", "connection refused", NOW, entity_key="guest:pve/113"),
)
ALERTS = (
    Alert(
        "grafana", "ds-full", "DatastoreAlmostFull", "firing", "critical", NOW - timedelta(hours=5), "0.98",
        (("alertname", "DatastoreAlmostFull"), ("datastore", "tank")), (("summary", "tank is nearly full"),), "a1",
        entity_key="datastore:pbs/tank",
    ),
    Alert(
        "grafana", "cpu", "HighCpu", "pending", "warning", NOW - timedelta(minutes=3), "0.9",
        (("alertname", "HighCpu"), ("instance", "web:9100")), (("summary", "CPU is high"),), "b2",
        entity_key="guest:pve/104",
    ),
)  # fmt: skip
RULES = (
    AlertRule("grafana", "ds-full", "DatastoreAlmostFull", "homelab", "g", "firing", "ok", None, NOW, query="x > 0.9"),
    AlertRule("grafana", "cpu", "HighCpu", "homelab", "g", "pending", "ok", None, NOW),
    AlertRule("grafana", "old", "OldDisk", "homelab", "g", "inactive", "error", "no such datasource", NOW),
)

TANK = Entity("datastore:pbs/tank", "datastore tank")
WEB = Entity("guest:pve/104", "web (VM 104)")
CAUSE = Finding(
    "datastore.full", "critical", TANK, "Datastore tank is 98.8 % full",
    "3.95 TiB of 4 TiB are used; at the trend of 7 days it is full in 16 d.",
    "Remove old backups, then run garbage collection.", runbook="datastore-full.md#steps",
    since=NOW - timedelta(hours=22),
    evidence=(
        Evidence("pbs", "rows", "GET /status/datastore-usage", "Usage of tank", NOW, columns=("name", "used_fraction"),
                 rows=(("tank", 0.9875),), total=1, shown=1),
    ),
)  # fmt: skip
SYMPTOM = Finding(
    "backup.failed", "warning", WEB, "The last backup of web failed", "ENOSPC: No space left on device",
    "Free space on the datastore.", cause=CAUSE.fingerprint, since=NOW - timedelta(hours=20),
)  # fmt: skip
DOWN = Finding(
    "node.offline", "critical", Entity("node:pve/pve3", "pve3"), "Node pve3 is offline", "It left the cluster.",
    "Look at its console.", since=NOW - timedelta(hours=2),
)  # fmt: skip


def complete(*rows: Any) -> Dataset[Any]:
    return Dataset("complete", tuple(rows), taken_at=NOW)


def snapshot(**changed: Dataset[Any]) -> Snapshot:
    """The homelab, every dataset complete, but for those given."""
    whole = Snapshot(
        taken_at=NOW - timedelta(seconds=20),
        sources=tuple(SourceStatus(id_, kind, True, "8.4.1", 3.0) for id_, kind in (
            ("pve", "pve"), ("pbs", "pbs"), ("prometheus", "prometheus"), ("grafana", "grafana"))),
        clusters=complete(Cluster("pve", "homelab", True, 3)), nodes=complete(*NODES), guests=complete(*GUESTS),
        storages=complete(*STORAGES), backup_jobs=complete(*JOBS), tasks=complete(*TASKS[:4]),
        datastores=complete(*DATASTORES), backup_groups=complete(*GROUPS), pbs_tasks=complete(TASKS[4]),
        targets=complete(*TARGETS), alerts=complete(*ALERTS), alert_rules=complete(*RULES),
        guest_configs=complete(*CONFIGS), disks=complete(*DISKS), smart=complete(*SMART),
        names={"192.0.2.104": WEB, "web.lan": WEB},
    )  # fmt: skip
    return replace(whole, **changed)


PBS_GONE = Gap("pbs", "backup_groups", "unreachable", "connection refused", "Check PBS_URL.")
NOTHING: Dataset[Any] = Dataset("unavailable", gaps=(PBS_GONE,))


@dataclass
class FakeSweeper:
    """Gives the same sweep to everyone."""

    snapshot: Snapshot = field(default_factory=snapshot)
    findings: tuple[Finding, ...] = (CAUSE, SYMPTOM, DOWN)

    async def sweep(self, *, max_age_s: float = 60.0, fresh: bool = False, on_progress: object = None) -> Sweep:
        return Sweep("01", self.snapshot, self.findings, self.snapshot.gaps, NOW, 0.1)

    def matrix(self, sweep: Sweep) -> Matrix:
        return matrix_of(sweep.snapshot)


@dataclass
class FakeLive:
    """Reads from the fixed facts. `series` and `samples` answer PromQL by a part of the expression."""

    tasks_known: tuple[Task, ...] = TASKS
    series: Mapping[str, tuple[Series, ...]] = field(default_factory=dict)
    samples: Mapping[str, tuple[Sample, ...]] = field(default_factory=dict)
    names: tuple[str, ...] = ("up", "node_load5", "node_hwmon_temp_celsius", "pve_cpu_usage_ratio")
    silences_known: tuple[Silence, ...] = ()
    notes: str | None = None
    gap: Gap | None = None
    asked: list[str] = field(default_factory=list)

    def _read(self, request: str, value: Any) -> Read[Any]:
        self.asked.append(request)
        if self.gap:
            return Read(None, self.gap.source, request, NOW, (self.gap,))
        return Read(value, "prometheus", request, NOW)

    async def query(self, expr: str, *, at: datetime | None = None) -> Read[QueryResult]:
        found = next((v for k, v in self.samples.items() if k in expr), ())
        return self._read(expr, QueryResult(expr, samples=found))

    async def query_range(self, expr: str, window: Window) -> Read[QueryResult]:
        found = next((v for k, v in self.series.items() if k in expr), ())
        return self._read(expr, QueryResult(expr, series=found))

    async def silences(self) -> Read[tuple[Silence, ...]]:
        return self._read("GET /api/alertmanager/grafana/api/v2/silences", self.silences_known)

    async def metric_names(self) -> Read[tuple[str, ...]]:
        return self._read("names", self.names)

    async def metric_metadata(self, metric: str | None = None) -> Read[Mapping[str, Any]]:
        return self._read("metadata", {})

    async def guest_now(self, found: Guest) -> Read[Guest]:
        return self._read(f"GET guest {found.vmid}", found)

    async def guest_config(self, found: Guest) -> Read[GuestConfig]:
        known = next((config for config in CONFIGS if config.vmid == found.vmid), None)
        plain = GuestConfig("pve", found.vmid, True, True, (), (("scsi0", "local-lvm:disk,size=32G"),), None, NOW)
        network = (("net0", "virtio=BC:24:11:00:00:09,bridge=vmbr0,tag=20"),)
        told = replace(known or plain, ips=("192.0.2.9",), os_type="l26", networks=network, description=self.notes)
        return self._read("config", told)

    async def node_now(self, found: Node) -> Read[Node]:
        return self._read(
            f"GET node {found.name}", replace(found, load=(1.5, 1.2, 1.1), iowait_fraction=0.01, kernel="6.8.12-4-pve")
        )

    async def volumes(self, source: str, where: str, storage: str) -> Read[tuple[Volume, ...]]:
        found = tuple(volume for volume in VOLUMES if (volume.node, volume.storage) == (where, storage))
        return self._read(f"GET content of {storage} on {where}", found)

    async def alert_rules(self) -> Read[tuple[AlertRule, ...]]:
        return self._read("rules", RULES)

    async def tasks(self, *, since: datetime, until: datetime | None = None) -> Read[tuple[Task, ...]]:
        last = until or NOW
        return self._read("tasks", tuple(t for t in self.tasks_known if since <= t.started_at <= last))

    async def task_log(self, found: Task) -> Read[tuple[str, ...]]:
        return self._read("log", LOGS.get(found.upid, ("TASK OK",)))


@dataclass(frozen=True)
class Passage:
    file: str = "datastore-full.md"
    heading: str = "Steps"
    heading_path: tuple[str, ...] = ("Datastore full", "Steps")
    line: int = 12
    text: str = "1. Prune.\n2. `proxmox-backup-manager garbage-collection start tank`"
    score: float = 1.0


class FakeRunbooks:
    def find(self, query: str, limit: int = 3) -> Any:
        fits = "datastore" in query or "full" in query
        return SimpleNamespace(passages=(Passage(),) if fits else (), gaps=())


def context(
    sweeper: FakeSweeper | None = None, live: FakeLive | None = None, thresholds: Thresholds | None = None
) -> ToolContext:
    return ToolContext(
        cast("Any", sweeper or FakeSweeper()),
        cast("Any", live or FakeLive()),
        cast("Any", FakeRunbooks()),
        lambda: NOW,
        ZONE,
        thresholds=thresholds or Thresholds(),
    )
