"""A small healthy homelab as facts, and the means to change it: what the check tests judge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from nightshift.checks.judge import judge
from nightshift.checks.previous import NOTHING, Previous
from nightshift.checks.registry import CHECKS
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.backup_hosts import BackupHost, HostService
from nightshift.facts.backup_runs import RestoreTest
from nightshift.facts.backups import BackupGroup, Datastore, GcStatus
from nightshift.facts.cluster import Corosync, Ha, HaAgent, HaResource, HaRules, ReplicationJob, Voter
from nightshift.facts.finding import CheckResult
from nightshift.facts.gap import Gap
from nightshift.facts.guest_items import GuestFileSystem, GuestFileSystems, GuestSnapshots
from nightshift.facts.hardware import CephStatus, Disk, SmartReport, ThinPool, ZfsDevice, ZfsPool, ZfsStatus
from nightshift.facts.inventory import BackupJob, Cluster, Guest, GuestConfig, Node, Storage
from nightshift.facts.monitoring import Alert, AlertRule, MetricNames, Sample, ScrapePool, Target
from nightshift.facts.nodes import (
    Certificate,
    NodeCertificates,
    NodeClock,
    NodeHistory,
    NodePoint,
    NodeRepositories,
    NodeSoftware,
    Service,
)
from nightshift.facts.pbs_jobs import PbsJob
from nightshift.facts.snapshot import Dataset, Snapshot, SourceStatus
from nightshift.facts.tasks import Task, outcome_of

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
GIB = 2**30
LIMITS = Thresholds()
BY_ID = {check.id: check for check in CHECKS}

Told = tuple[str, str, str]
"""Severity, entity key and title of a finding."""


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def complete(*rows: Any) -> Dataset[Any]:
    return Dataset("complete", rows, (), NOW)


def unavailable(dataset: str, source: str = "pve") -> Dataset[Any]:
    return Dataset("unavailable", (), (Gap(source, dataset, "unreachable", "connection refused"),), NOW)


def partial(dataset: str, *rows: Any, source: str = "pve") -> Dataset[Any]:
    return Dataset("partial", rows, (Gap(source, dataset, "timed_out", "no answer"),), NOW)


def node(name: str = "pve1", **changes: Any) -> Node:
    usual = Node(
        "pve",
        name,
        online=True,
        ip=f"192.0.2.1{name[-1]}",
        memory_used_bytes=16 * GIB,
        memory_total_bytes=64 * GIB,
        rootfs_used_bytes=20 * GIB,
        rootfs_total_bytes=100 * GIB,
        uptime_s=900_000,
    )
    return replace(usual, **changes)


def guest(vmid: int = 104, name: str | None = "web", **changes: Any) -> Guest:
    usual = Guest("pve", vmid, "qemu", "pve1", name, "running", memory_total_bytes=4 * GIB, uptime_s=800_000)
    return replace(usual, **changes)


def container(vmid: int = 105, name: str = "db", **changes: Any) -> Guest:
    return replace(guest(vmid, name), kind="lxc", **changes)


def config(vmid: int = 104, **changes: Any) -> GuestConfig:
    disks = (("scsi0", f"local:{vmid}/vm-{vmid}-disk-0.qcow2,discard=on,size=32G"),)
    return replace(GuestConfig("pve", vmid, True, True, (), disks, None, NOW), **changes)


def filesystems(vmid: int = 104, share: float = 0.5, **changes: Any) -> GuestFileSystems:
    root = GuestFileSystem("/", "ext4", "/dev/sda1", int(100 * GIB * share), 100 * GIB)
    return replace(GuestFileSystems("pve", vmid, True, (root,), ago(minutes=5)), **changes)


def disk(serial: str = "S1", **changes: Any) -> Disk:
    by_id = f"/dev/disk/by-id/ata-Disk_{serial}"
    usual = Disk("pve", "pve1", "/dev/sda", "ssd", 1000 * GIB, "Disk", serial, by_id, "ZFS")
    return replace(usual, **changes)


def smart(path: str = "/dev/sda", **changes: Any) -> SmartReport:
    return replace(SmartReport("pve", "pve1", path, ago(hours=5), "PASSED", 0.9, 35, 0, 0, 0), **changes)


def pool(name: str = "rpool", **changes: Any) -> ZfsPool:
    return replace(ZfsPool("pve", "pve1", name, "ONLINE", 1000 * GIB, 400 * GIB), **changes)


def pool_status(name: str = "rpool", **changes: Any) -> ZfsStatus:
    leaf = ZfsDevice("/dev/disk/by-id/ata-Disk_S1-part3", "ONLINE", "mirror-0", is_disk=True)
    scan = "scrub repaired 0B in 00:12:34 with 0 errors on Sun Nov 8 00:36:34 2026"
    usual = ZfsStatus(
        "pve", "pve1", name, ago(minutes=20), "ONLINE", (ZfsDevice("mirror-0", "ONLINE", None, is_disk=False), leaf),
        scan, datetime(2026, 11, 8, 0, 36, 34, tzinfo=UTC), errors="No known data errors",
    )  # fmt: skip
    return replace(usual, **changes)


def thin(volume: str = "data", **changes: Any) -> ThinPool:
    return replace(ThinPool("pve", "pve1", "pve", volume, 1000 * GIB, 300 * GIB, 8 * GIB, 1 * GIB), **changes)


def storage(name: str = "local", **changes: Any) -> Storage:
    usual = Storage("pve", name, "pve1", "dir", shared=False, active=True, used_bytes=20 * GIB, total_bytes=100 * GIB)
    return replace(usual, **changes)


def pbs_storage(name: str = "pbs-tank", **changes: Any) -> Storage:
    return replace(storage(name), node=None, plugin="pbs", shared=True, total_bytes=1000 * GIB, **changes)


def job(job_id: str = "backup-1", **changes: Any) -> BackupJob:
    usual = BackupJob(
        "pve", job_id, True, "02:00", "pbs-tank", False, (104, 105), (), None, None, NOW + timedelta(hours=18)
    )
    return replace(usual, **changes)


def group(backup_id: int = 104, at: datetime | None = None, **changes: Any) -> BackupGroup:
    usual = BackupGroup(
        "pbs", "tank", "homelab", "vm", str(backup_id), at or ago(hours=6), 14, guest=f"guest:pve/{backup_id}"
    )
    return replace(usual, **changes)


def datastore(name: str = "tank", **changes: Any) -> Datastore:
    usual = Datastore("pbs", name, total_bytes=1000 * GIB, used_bytes=500 * GIB, available_bytes=500 * GIB)
    return replace(usual, **changes)


def gc(name: str = "tank", **changes: Any) -> GcStatus:
    usual = GcStatus("pbs", name, "daily", ago(hours=3), "OK", NOW + timedelta(hours=21), 10, 0)
    return replace(usual, **changes)


def pbs_job(kind: str = "verify", **changes: Any) -> PbsJob:
    usual = PbsJob(
        "pbs", kind, f"{kind[0]}-1", "tank", "", "daily", last_run_at=ago(hours=6), last_run_state="OK",  # type: ignore[arg-type]
        last_run_upid="UPID:pbs:1", next_run_at=NOW + timedelta(hours=18),
    )  # fmt: skip
    return replace(usual, **changes)


def pbs_host(**changes: Any) -> BackupHost:
    usual = BackupHost(
        "pbs", rootfs_used_bytes=20 * GIB, rootfs_available_bytes=80 * GIB, rootfs_total_bytes=105 * GIB,
        services=(HostService("proxmox-backup-proxy", "running", "enabled"),), updates=(),
    )  # fmt: skip
    return replace(usual, **changes)


def task(kind: str = "vzdump", status: str = "OK", *, hours: float = 6, **changes: Any) -> Task:
    upid = f"UPID:pve1:{hours}:{kind}:{status}:{changes}"
    usual = Task(
        "pve", upid, "pve1", kind, "", "root@pam", ago(hours=hours), ago(hours=hours - 0.1), status,
        outcome_of(status, running=False),
    )  # fmt: skip
    return replace(usual, **changes)


def corosync(*voters: Voter, qdevice: str | None = "Connected") -> Corosync:
    usual = (Voter("pve1", 1, ("192.0.2.11", "198.51.100.11")), Voter("pve2", 1, ("192.0.2.12", "198.51.100.12")))
    return Corosync("pve", voters or usual, qdevice, NOW)


def agent(name: str, state: str = "active") -> HaAgent:
    return HaAgent(name, state, ago(seconds=5))


def resource(sid: str = "vm:104", state: str = "started", **changes: Any) -> HaResource:
    return replace(HaResource("pve", sid, "pve1", state, "started"), **changes)


def ha(**changes: Any) -> Ha:
    usual = Ha("pve", True, agent("pve1"), (agent("pve1", "idle"), agent("pve2", "idle")), (), "armed")
    return replace(usual, **changes)


def replication(job_id: str = "105-0", **changes: Any) -> ReplicationJob:
    usual = ReplicationJob(
        "pve", job_id, int(job_id.partition("-")[0]), "pve1", "pve2", "0/4:00", True, ago(hours=1), ago(hours=1),
        NOW + timedelta(hours=3),
    )  # fmt: skip
    return replace(usual, **changes)


def history(name: str = "pve1", *, minutes: int = 60, until: datetime = NOW, **figures: float | None) -> NodeHistory:
    """The same figures in every minute."""
    usual: dict[str, Any] = {"cpu": 0.2, "iowait": 0.01, "load": 0.8} | figures
    points = (NodePoint(until - timedelta(minutes=minutes - 1 - back), **usual) for back in range(minutes))
    return NodeHistory("pve", name, tuple(points))


def service(name: str = "pveproxy", **changes: Any) -> Service:
    return replace(Service("pve", "pve1", name, "running", "active", "enabled", f"the {name}"), **changes)


def clock(name: str = "pve1", ahead_at_least_s: float = -0.5, ahead_at_most_s: float = 0.6) -> NodeClock:
    return NodeClock("pve", name, ahead_at_least_s, ahead_at_most_s, "UTC", NOW)


def software(name: str = "pve1", **changes: Any) -> NodeSoftware:
    return replace(NodeSoftware("pve", name, "6.17.4-1-pve", ("6.17.4-1",), (), False, NOW), **changes)


def repositories(name: str = "pve1", **changes: Any) -> NodeRepositories:
    return replace(NodeRepositories("pve", name, ("no-subscription",), (), (), "notfound", NOW), **changes)


def certificates(name: str = "pve1", *, days: float = 400, file: str = "pve-ssl.pem") -> NodeCertificates:
    ends_at = NOW + timedelta(days=days)
    return NodeCertificates("pve", name, (Certificate(file, f"/CN={name}", "/CN=CA", ends_at),), NOW)


def target(instance: str = "web:9100", health: str = "up", **changes: Any) -> Target:
    usual = Target(
        "prometheus", "node", instance, health, None, ago(seconds=20), (("instance", instance), ("job", "node"))
    )
    return replace(usual, **changes)


def alert(name: str = "DiskFull", **changes: Any) -> Alert:
    labels = (("alertname", name), ("instance", "web:9100"))
    summary = (("summary", "the disk is full"),)
    usual = Alert(
        "grafana", "uid1", name, "firing", "warning", ago(hours=1), "9.1e+01", labels, summary, "hash1", False
    )
    return replace(usual, **changes)


def rule(name: str = "DiskFull", **changes: Any) -> AlertRule:
    usual = AlertRule("grafana", "uid1", name, "Hosts", "hosts", "inactive", "ok", None, ago(minutes=1))
    return replace(usual, **changes)


def sample(value: float, **labels: str) -> Sample:
    return Sample(tuple(labels.items()), value, NOW)


def metrics(**rows: Iterable[Sample]) -> dict[str, Dataset[Sample]]:
    """All rows of the table, empty where they are not given."""
    from nightshift.checks.metric_rows import QUERIES

    return {row: complete(*rows.get(row, ())) for row in QUERIES}


def world(**changes: Any) -> Snapshot:
    """A healthy homelab with some datasets exchanged."""
    web, db = guest(), container()
    pve1, pve2 = node("pve1"), node("pve2")
    usual = Snapshot(
        taken_at=NOW,
        sources=(
            SourceStatus("pve", "pve", True, "9.1", 5.0),
            SourceStatus("pbs", "pbs", True, "4.0", 5.0),
            SourceStatus("prometheus", "prometheus", True, "2.42", 5.0),
            SourceStatus("grafana", "grafana", True, "13.0", 5.0),
        ),
        clusters=complete(Cluster("pve", "homelab", True, 2)),
        nodes=complete(pve1, pve2),
        corosync=complete(corosync()),
        ha=complete(ha()),
        ha_rules=complete(HaRules("pve", (), NOW)),
        replication=complete(replication()),
        node_history=complete(history("pve1"), history("pve2")),
        services=complete(service(), service("corosync")),
        clocks=complete(clock("pve1"), clock("pve2")),
        software=complete(software("pve1"), software("pve2")),
        repositories=complete(repositories("pve1"), repositories("pve2")),
        certificates=complete(certificates("pve1"), certificates("pve2")),
        boot_journals=complete(),
        guests=complete(web, db),
        guest_configs=complete(config(104), config(105, agent_enabled=False, disks=(("rootfs", "local:105/r.raw"),))),
        guest_filesystems=complete(filesystems()),
        guest_snapshots=complete(GuestSnapshots("pve", 104, (), NOW)),
        guest_tasks=complete(),
        disks=complete(disk()),
        smart=complete(smart()),
        zfs_pools=complete(pool()),
        zfs_status=complete(pool_status()),
        thin_pools=complete(thin()),
        ceph=complete(CephStatus("pve", "HEALTH_OK")),
        storages=complete(storage(), pbs_storage()),
        backup_jobs=complete(job()),
        not_backed_up=complete(),
        tasks=complete(task()),
        datastores=complete(datastore()),
        backup_groups=complete(group(104), group(105, backup_type="ct")),
        backup_snapshots=complete(),
        backup_runs=complete(),
        restore_tests=complete(*(RestoreTest("pve", vmid, ago(days=9), "whole", "root@pam") for vmid in (104, 105))),
        gc=complete(gc()),
        pbs_tasks=complete(),
        pbs_jobs=complete(pbs_job()),
        pbs_hosts=complete(pbs_host()),
        scrape_pools=complete(ScrapePool("prometheus", "node")),
        targets=complete(target(entity_key=web.entity.key)),
        alerts=complete(),
        alert_rules=complete(rule()),
        alertmanagers=complete(),
        metric_names=complete(MetricNames("prometheus", frozenset({"up"}))),
        grafana_datasources=complete(),
        alert_changes=complete(),
        metrics=metrics(),
        names={
            "web": web.entity,
            "web:9100": web.entity,
            "db": db.entity,
            "qemu/104": web.entity,
            "lxc/105": db.entity,
            "pve1": pve1.entity,
            "pve2": pve2.entity,
        },
    )
    return replace(usual, **changes)


def run(
    check_id: str, snapshot: Snapshot, previous: Previous = NOTHING, thresholds: Thresholds = LIMITS
) -> CheckResult:
    return judge(BY_ID[check_id], snapshot, previous, thresholds).result


def told(
    check_id: str, snapshot: Snapshot, previous: Previous = NOTHING, thresholds: Thresholds = LIMITS
) -> list[Told]:
    """What a check says: severity, entity and title of each finding, and that it has no Gap."""
    result = run(check_id, snapshot, previous, thresholds)
    assert result.gaps == ()
    return [(finding.severity, finding.entity.key, finding.title) for finding in result.findings]
