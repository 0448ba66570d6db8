"""The homelab with what the slow lane reads beside: votes, high availability, replication, certificates, jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.tools.homelab import ALERTS, NOW, WEB, FakeSweeper, complete, snapshot, task

from nightshift.facts.backups import GcStatus
from nightshift.facts.cluster import Ha, HaAgent, HaResource, ReplicationJob
from nightshift.facts.finding import Finding
from nightshift.facts.guest_items import GuestSnapshot, GuestSnapshots
from nightshift.facts.hardware import CephCheck, CephStatus, ZfsPool, ZfsStatus
from nightshift.facts.ids import Entity, job_key
from nightshift.facts.monitoring import Silenced
from nightshift.facts.nodes import (
    Certificate,
    NodeCertificates,
    NodeClock,
    NodeRepositories,
    NodeSoftware,
    Service,
    Update,
)
from nightshift.facts.pbs_jobs import Keep, PbsJob
from nightshift.facts.snapshot import Dataset, Progress, Snapshot


def ago(**how_long: float) -> datetime:
    return NOW - timedelta(**how_long)


HA = Ha(
    "pve", True, HaAgent("pve1", "active", NOW), (HaAgent("pve2", "idle", NOW),),
    (HaResource("pve", "ct:101", "pve1", "error", "started"), HaResource("pve", "vm:104", "pve1", "started")),
)  # fmt: skip
REPLICATION = (
    ReplicationJob(
        "pve", "104-0", 104, "pve1", "pve2", "*/15", True, ago(hours=7), ago(minutes=5), None, 28, "exit 255"
    ),
    ReplicationJob("pve", "105-0", 105, "pve1", "pve2", None, True, ago(minutes=9), ago(minutes=9), None),
)
CERTIFICATES = (
    NodeCertificates("pve", "pve1", (Certificate("pve-ssl.pem", None, None, NOW + timedelta(days=300)),), NOW),
    NodeCertificates("pve", "pve2", (Certificate("pve-ssl.pem", None, None, NOW + timedelta(days=4)),), NOW),
)
SOFTWARE = (
    NodeSoftware("pve", "pve1", "6.8.12-4-pve", ("6.8.12-4-pve", "6.8.12-9-pve"),
                 tuple(Update(name, "1", "2") for name in ("pve-manager", "openssl", "zfsutils")), True, NOW),
    NodeSoftware("pve", "pve2", "6.8.12-9-pve", ("6.8.12-9-pve",), (), True, NOW),
)  # fmt: skip
SNAPSHOTS = (
    GuestSnapshots("pve", 104, (GuestSnapshot("before-upgrade", ago(days=212)),), NOW),
    GuestSnapshots("pve", 105, (), NOW),
)
TRAEFIK_IN_ERROR = Finding(
    "ha.resource", "critical", Entity("guest:pve/101", "traefik (CT 101)"),
    "High availability has traefik (CT 101) in state error", "It gave up.", "`ha-manager status`.",
    runbook="ha.md#steps", since=ago(hours=1),
)  # fmt: skip
REPLICATION_FAILS = Finding(
    "replication.failing", "warning", Entity(job_key("pve", "104-0"), "replication 104-0"),
    "The replication of web (VM 104) to pve2 fails", "It failed 28 times in a row.", "`pvesr status`.",
    since=ago(hours=7),
)  # fmt: skip
CERTIFICATE_ENDS = Finding(
    "node.certificate", "warning", Entity("node:pve/pve2", "pve2"), "Certificate pve-ssl.pem of pve2 ends in 4 d",
    "It is valid until Friday.", "`pvecm updatecerts`.",
)  # fmt: skip
GC_FAILED = Finding(
    "datastore.gc", "warning", Entity("datastore:pbs/tank", "datastore tank"),
    "Garbage collection of datastore tank failed",
    "No space.", "Free space.",
)  # fmt: skip
OLD_SNAPSHOT = Finding(
    "guest.snapshots", "info", WEB, "web (VM 104) keeps 1 snapshot, the eldest taken 212 d ago", "", ""
)
FINDINGS = (TRAEFIK_IN_ERROR, REPLICATION_FAILS, CERTIFICATE_ENDS, GC_FAILED, OLD_SNAPSHOT)


def machinery(**changed: Dataset[object]) -> Snapshot:
    """The homelab with all of this read, but for what is given."""
    read: dict[str, Dataset[object]] = {
        "ha": complete(HA),
        "replication": complete(*REPLICATION),
        "certificates": complete(*CERTIFICATES),
        "software": complete(*SOFTWARE),
        "repositories": complete(NodeRepositories("pve", "pve1", ("no-subscription",), (), (), "notfound", NOW)),
        "services": complete(Service("pve", "pve1", "pveproxy", "running", "active"),
                             Service("pve", "pve1", "postfix", "dead", "failed")),
        "clocks": complete(NodeClock("pve", "pve1", 0.0, 0.4, "Europe/Berlin", NOW),
                           NodeClock("pve", "pve2", 40.0, 41.0, "Europe/Berlin", NOW)),
        "zfs_pools": complete(ZfsPool("pve", "pve1", "rpool", "ONLINE", 100, 40)),
        "zfs_status": complete(ZfsStatus("pve", "pve1", "rpool", NOW, "ONLINE", (), "scrub repaired 0B", ago(days=15))),
        "guest_snapshots": complete(*SNAPSHOTS),
        "ceph": complete(CephStatus("pve", "HEALTH_WARN", (CephCheck("OSD_DOWN", "HEALTH_WARN", "1 osds down"),))),
        "gc": complete(
            GcStatus("pbs", "tank", "06:30", ago(hours=16), "ENOSPC: no space", NOW + timedelta(hours=8), 1 << 30, 0),
            GcStatus("pbs", "vault", "07:30", ago(hours=15), "OK", NOW + timedelta(hours=9), 0, 0),
        ),
        "pbs_tasks": complete(
            task("garbage_collection", "tank", timedelta(hours=16), "failed", "ENOSPC: no space", "pbs", "localhost"),
            task("garbage_collection", "tank", timedelta(days=4), "ok", "OK", "pbs", "localhost"),
        ),
        "pbs_jobs": complete(
            PbsJob("pbs", "sync", "s-1", "vault", "", "daily", True, None, ago(hours=3), "OK", None,
                   NOW + timedelta(hours=21), None, "pbs2", "main", "", "pull"),
            PbsJob("pbs", "prune", "p-1", "tank", "", "daily", True, None, ago(hours=2), "OK", None,
                   NOW + timedelta(hours=22), keep=Keep(daily=7, weekly=4)),
            PbsJob("pbs", "verify", "v-1", "tank", "", None, False),
        ),
        "silences": complete(Silenced("grafana", "cpu", "HighCpu", ALERTS[1].labels)),
    }  # fmt: skip
    return snapshot(**{**read, **changed})


def sweeper(*findings: Finding, **changed: Dataset[object]) -> FakeSweeper:
    return FakeSweeper(machinery(**changed), findings)


def half_read() -> Dataset[object]:
    """Snapshots of the first guests; the others have had no turn yet."""
    return Dataset("partial", SNAPSHOTS[1:], taken_at=NOW, progress=(Progress("pve", "guests' snapshots", 1, 12),))
