"""Every rule of causes, positive and negative; the order of telling."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.checks.world import (
    GIB,
    alert,
    complete,
    config,
    container,
    datastore,
    disk,
    guest,
    job,
    metrics,
    node,
    pbs_storage,
    pool,
    pool_status,
    replication,
    sample,
    storage,
    target,
    world,
)

from nightshift.checks.evidence import table
from nightshift.checks.registry import CHECKS
from nightshift.facts.finding import Finding, Severity
from nightshift.facts.hardware import CephStatus
from nightshift.facts.ids import Entity
from nightshift.facts.inventory import StorageConfig
from nightshift.facts.monitoring import RecordingRule
from nightshift.facts.snapshot import Snapshot, SourceStatus
from nightshift.sweep.causes import RULES, Rule, explain, joins
from nightshift.sweep.entities import EntityGraph

WEB, DB = "guest:pve/104", "guest:pve/105"
PVE1, PVE2 = "node:pve/pve1", "node:pve/pve2"
TANK = "datastore:pbs/tank"
SHARED = "storage:pve/shared/pbs-tank"
VAULT = "storage:pve/shared/pbs-vault"
HOMELAB = "cluster:pve/homelab"
LOCAL = "storage:pve/pve1/local"
S1, S2 = "disk:pve/pve1/S1", "disk:pve/pve1/S2"
RPOOL = "pool:pve/pve1/rpool"
CEPH = "source:pve"
REPLICATED = "job:pve/105-0"

WORLD = world(
    metrics=metrics(
        pages_in_error=[sample(500.0, job="blackbox", instance="https://cloud.lan")],
        probe_failed=[sample(0.0, job="blackbox", instance="dns1:53")],
        smart_failed=[
            sample(0.0, job="smart", instance="pve1:9633", device="sda", serial_number="S9"),
            sample(0.0, job="smart", instance="web:9100", device="sda", serial_number="V1"),
        ],
    ),
    guests=complete(guest(tags=("vault", "web")), container(node="pve2", tags=("chat", "web"))),
    nodes=complete(node("pve1"), node("pve2", online=False)),
    storages=complete(storage(), pbs_storage(), pbs_storage("pbs-vault", used_bytes=1)),
    datastores=complete(datastore(), datastore("vault")),
    backup_jobs=complete(job(), job("old", enabled=False, vmids=(105,))),
    targets=complete(
        target("web:9100", entity_key=WEB),
        target("db:9187", "down", job="postgres", entity_key=DB),
        target("pve1:9100", entity_key=PVE1),
        target("pve2:9100", entity_key=PVE2),
        target("dns1:53", job="blackbox"),
        target("https://web.lan", "down", job="blackbox", entity_key=WEB),
        *(target(f"https://{name}.lan", "down", job="blackbox", scraped_at="prober:9115") for name in "abc"),
        *(
            target(f"switch{n}", health, job="snmp", scraped_at="snmp:9116")
            for n, health in enumerate(("up", "down", "down"))
        ),
    ),
    guest_configs=complete(
        config(104, disks=(("scsi0", "local:104/vm-104-disk-0.qcow2"),)),
        config(105, disks=(("rootfs", "pbs-vault:x"), ("unused0", "gone:y"))),
    ),
    disks=complete(disk("S1"), disk("S2", path="/dev/sdb")),
    zfs_status=complete(
        pool_status(
            devices=(
                replace(pool_status().devices[1], state="FAULTED"),
                replace(pool_status().devices[1], name="/dev/sdb1"),
            )
        )
    ),
    recording_rules=complete(RecordingRule("prometheus", "load/x:ratio", "x:ratio", "load", "error", None, None)),
    alerts=complete(
        alert("DiskSmartFailed", instance_hash="sda", labels=(("instance", "pve1:9633"), ("device", "/dev/sda"))),
        alert("DiskFull", instance_hash="sda1", labels=(("instance", "pve1:9100"), ("device", "/dev/sda1"))),
        alert("ZfsErrors", instance_hash="rpool", labels=(("instance", "pve1:9100"), ("zpool", "rpool"))),
        alert("ZfsErrors", instance_hash="fast", labels=(("instance", "pve1:9100"), ("zpool", "fast"))),
        alert("TargetDown", instance_hash="db", labels=(("instance", "db:9187"), ("job", "postgres"))),
        alert("PostgresSlow", instance_hash="job", labels=(("job", "postgres"),)),
        alert("DiskFull", instance_hash="other", labels=(("instance", "db:9100"),)),
        alert("OomKills", instance_hash="oom", labels=(("instance", "pve1:9100"),)),
        alert("HighLoad", instance_hash="load", labels=(("instance", "pve1:9100"),)),
        alert("PowerCut", instance_hash="ups", labels=(("instance", "nas:9199"), ("ups", "apc"))),
        alert(
            "ProbeFailed", instance_hash="probe", labels=(("instance", "https://cloud.example"), ("job", "blackbox"))
        ),
        alert("CertificateEnds", instance_hash="cn", labels=(("instance", "web:8080"), ("cn", "*.home.example"))),
        alert("CephOsdDown", instance_hash="osd", labels=(("instance", "pve1:9283"), ("ceph_daemon", "osd.3"))),
        alert("NoDnsRuns", instance_hash="sum", labels=(), instances=("db:9187", "gone:9187")),
        alert("BackupTooOld", instance_hash="tank", labels=(("datastore", "tank"), ("vm_id", "104"))),
        alert("StorageFull", instance_hash="named", labels=(("storage", "pbs-tank"),)),
        alert("BackupTooOld", instance_hash="vault", labels=(("datastore", "vault"), ("vm_id", "104"))),
    ),
)


def finding(check: str, key: str, discriminator: str = "", severity: Severity = "warning", **more: object) -> Finding:
    usual = Finding(check, severity, Entity(key, key), f"{check} {key}", "d", "r", discriminator=discriminator)
    return replace(usual, **more)


def firing(key: str, instance_hash: str = "x", severity: Severity = "warning") -> Finding:
    return finding("alert.firing", key, f"uid1/{instance_hash}", severity)


def flapping(rule: str, instance: str = "pve1:9100") -> Finding:
    named = f"{rule} {{alertname={rule}, instance={instance}, job=node}}"
    return finding("alert.flapping", f"alert:grafana/{rule}/rule", named)


PROBED = "target:blackbox/"
UPS = ("node:pve/pve1", "apc")


def ending(host: str, left_s: float) -> Finding:
    told = table(world(), "prometheus", "q", "t", ("instance", "left_s"), ((host, left_s),))
    return finding("probe.certificate", f"{PROBED}https://{host}", evidence=(told,))


CASES: list[tuple[str, Finding, Finding, bool]] = [
    (
        "a broken backup fails the verification",
        finding("backup.corrupt", WEB, severity="critical"),
        finding("server.task_failed", TANK, "verificationjob/tank:v-1"),
        True,
    ),
    (
        "a broken backup fails no sync",
        finding("backup.corrupt", WEB, severity="critical"),
        finding("server.task_failed", TANK, "syncjob/tank:s-1"),
        False,
    ),
    (
        "Prometheus is away, its data source too",
        finding("source.unreachable", "source:prometheus"),
        finding("grafana.datasource", "source:grafana/datasource/prom", "prom"),
        True,
    ),
    (
        "Prometheus is away, a metric cannot be looked at",
        finding("source.unreachable", "source:prometheus"),
        finding("host.cpu", WEB, state="unknown"),
        True,
    ),
    (
        "what is seen now is no echo of it",
        finding("source.unreachable", "source:prometheus"),
        finding("host.cpu", WEB),
        False,
    ),
    (
        "another system is away",
        finding("source.unreachable", "source:pbs"),
        finding("host.cpu", WEB, state="unknown"),
        False,
    ),
    (
        "a rule on a broken data source",
        finding("grafana.datasource", "source:grafana/datasource/prom", "prom"),
        finding("alert.rule_health", "alert:grafana/uid1/rule"),
        True,
    ),
    (
        "the watchdog on a broken data source",
        finding("grafana.datasource", "source:grafana/datasource/prom", "prom"),
        finding("alert.watchdog_missing", "alert:grafana/uid1/rule"),
        True,
    ),
    (
        "a rule of another Grafana",
        finding("grafana.datasource", "source:grafana/datasource/prom", "prom"),
        finding("alert.rule_health", "alert:grafana2/uid1/rule"),
        False,
    ),
    (
        "the verification that found a corrupt backup",
        finding("backup.corrupt", WEB),
        finding("server.task_failed", TANK, "verify/v-1"),
        True,
    ),
    (
        "the sync into the same datastore",
        finding("backup.corrupt", WEB),
        finding("server.task_failed", TANK, "sync/s-1"),
        False,
    ),
    ("the battery empties", finding("ups.on_battery", *UPS), finding("ups.charge", *UPS), True),
    ("another UPS empties", finding("ups.on_battery", *UPS), finding("ups.charge", UPS[0], "other"), False),
    ("an alert names the UPS", finding("ups.on_battery", *UPS), firing("alert:grafana/uid1/ups", "ups"), True),
    ("an alert names no UPS", finding("ups.on_battery", *UPS), firing("alert:grafana/uid1/job", "job"), False),
    (
        "no name server answers",
        finding("probe.failed", f"{PROBED}dns1:53"),
        finding("probe.failed", f"{PROBED}https://cloud.example"),
        True,
    ),
    (
        "a page asked by its address",
        finding("probe.failed", f"{PROBED}dns1:53"),
        finding("probe.failed", f"{PROBED}https://192.0.2.11:8006"),
        False,
    ),
    (
        "a page does not take the name servers with it",
        finding("probe.failed", f"{PROBED}https://cloud.example"),
        finding("probe.failed", f"{PROBED}dns1:53"),
        False,
    ),
    (
        "an alert on the probe",
        finding("probe.failed", f"{PROBED}https://cloud.example"),
        firing("alert:grafana/uid1/probe", "probe"),
        True,
    ),
    (
        "an alert on another probe",
        finding("probe.failed", f"{PROBED}https://other.example"),
        firing("alert:grafana/uid1/probe", "probe"),
        False,
    ),
    (
        "an alert on a job that is gone",
        finding("target.job_gone", "target:postgres/db:9187"),
        firing("alert:grafana/uid1/job", "job"),
        True,
    ),
    (
        "an alert on another job",
        finding("target.job_gone", "target:mosquitto/mqtt:9234"),
        firing("alert:grafana/uid1/job", "job"),
        False,
    ),
    ("a machine of the node", finding("node.offline", PVE2), finding("host.cpu", DB), True),
    ("a machine elsewhere", finding("node.offline", PVE2), finding("host.cpu", WEB), False),
    (
        "a disabled job's guest grows old",
        finding("backup.job_disabled", "job:pve/old"),
        finding("backup.stale", DB),
        True,
    ),
    (
        "a guest that it does not select",
        finding("backup.job_disabled", "job:pve/old"),
        finding("backup.stale", WEB),
        False,
    ),
    ("the guest's runs fail", finding("backup.failed", WEB, "pbs-tank"), finding("backup.stale", WEB), True),
    ("another guest's runs fail", finding("backup.failed", WEB, "pbs-tank"), finding("backup.never", DB), False),
    ("all runs to its storage fail", finding("backup.failed", SHARED, "pbs-tank"), finding("backup.never", WEB), True),
    ("runs to another storage fail", finding("backup.failed", VAULT, "pbs-vault"), finding("backup.stale", WEB), False),
    ("its storage is gone", finding("storage.inactive", SHARED), finding("backup.stale", WEB), True),
    ("another storage is gone", finding("storage.inactive", VAULT), finding("backup.stale", WEB), False),
    ("a target on the node", finding("node.offline", PVE2), finding("target.down", "target:node/pve2:9100"), True),
    (
        "a target on a guest of the node",
        finding("node.offline", PVE2),
        finding("target.down", "target:postgres/db:9187"),
        True,
    ),
    ("a probe of the node", finding("node.offline", PVE2), finding("probe.failed", "target:node/pve2:9100"), True),
    (
        "a probe of another machine",
        finding("node.offline", PVE2),
        finding("probe.failed", "target:node/web:9100"),
        False,
    ),
    ("a target elsewhere", finding("node.offline", PVE2), finding("target.down", "target:node/web:9100"), False),
    ("the failed backup of its guest", finding("node.offline", PVE2), finding("backup.failed", DB, "pbs-tank"), True),
    (
        "the failed backup of another guest",
        finding("node.offline", PVE2),
        finding("backup.failed", WEB, "pbs-tank"),
        False,
    ),
    ("an alert on its guest", finding("node.offline", PVE2), firing(DB), True),
    ("a sum over its guest", finding("probe.failed", DB), firing("alert:grafana/uid1/sum", "sum"), True),
    ("a sum over another guest", finding("probe.failed", WEB), firing("alert:grafana/uid1/sum", "sum"), False),
    (
        "a recording rule and what Prometheus counts",
        finding("alert.rule_health", "alert:prometheus/load/x:ratio/rule"),
        finding("prometheus.rule_failures", PVE1, "/etc/prometheus/rules.yml;load"),
        True,
    ),
    (
        "another group fails",
        finding("alert.rule_health", "alert:prometheus/load/x:ratio/rule"),
        finding("prometheus.rule_failures", PVE1, "/etc/prometheus/rules.yml;nodes"),
        False,
    ),
    (
        "a target with ever more series",
        finding("prometheus.target_cardinality", f"{PROBED}https://cloud.example"),
        finding("prometheus.cardinality", PVE1),
        True,
    ),
    ("pages that share a certificate", ending("cloud.example", 500_000), ending("git.example", 500_000), True),
    ("pages with certificates of their own", ending("cloud.example", 500_000), ending("git.example", 600_000), False),
    ("pages of which nobody knows an end", ending("cloud.example", math.inf), ending("git.example", math.inf), False),
    ("an alert on a wildcard", ending("git.home.example", 500_000), firing(WEB, "cn"), True),
    ("an alert on another domain", ending("git.example", 500_000), firing(DB, "cn"), False),
    (
        "a script on a bad disk",
        finding("disk.health", "disk:pve/pve1/S1"),
        finding("smart.failed_by_script", PVE1, "/dev/sda"),
        True,
    ),
    (
        "a script on another disk",
        finding("disk.health", "disk:pve/pve1/S1"),
        finding("smart.failed_by_script", PVE1, "/dev/sdb"),
        False,
    ),
    (
        "a container out of memory",
        finding("container.oom", WEB, "frigate"),
        finding("container.restarting", WEB, "frigate"),
        True,
    ),
    (
        "another container restarts",
        finding("container.oom", WEB, "frigate"),
        finding("container.restarting", WEB, "gitea"),
        False,
    ),
    (
        "a page called by its tag",
        finding("node.offline", PVE2),
        finding("probe.failed", f"{PROBED}https://chat.lan"),
        True,
    ),
    (
        "a tag of two guests",
        finding("node.offline", PVE2),
        finding("probe.failed", f"{PROBED}https://web.lan.x"),
        False,
    ),
    ("a tag elsewhere", finding("node.offline", PVE2), finding("probe.failed", f"{PROBED}https://vault.lan"), False),
    (
        "a page without its database",
        finding("service.down", DB, "postgresql"),
        finding("probe.failed", f"{PROBED}https://cloud.lan"),
        True,
    ),
    (
        "a page that is not reached at all",
        finding("service.down", DB, "postgresql"),
        finding("probe.failed", f"{PROBED}https://git.lan"),
        False,
    ),
    (
        "a page whose database is a guest that is off",
        finding("guest.stopped", DB),
        finding("probe.failed", f"{PROBED}https://cloud.lan"),
        True,
    ),
    (
        "a page whose database is on a node that is gone",
        finding("node.offline", PVE2),
        finding("probe.http_error", f"{PROBED}https://cloud.lan"),
        True,
    ),
    (
        "a page and a guest that serves no data",
        finding("guest.stopped", WEB),
        finding("probe.http_error", f"{PROBED}https://cloud.lan"),
        False,
    ),
    (
        "a database whose disk is full",
        finding("container.disk", DB, severity="critical"),
        finding("service.down", DB, "postgresql"),
        True,
    ),
    (
        "a guest that is off between two restarts",
        finding("guest.restart_loop", WEB),
        finding("guest.stopped", WEB),
        True,
    ),
    (
        "another guest is off",
        finding("guest.restart_loop", WEB),
        finding("guest.stopped", DB),
        False,
    ),
    (
        "the root file system of a node, seen by an exporter",
        finding("node.rootfs", PVE1),
        finding("filesystem.full", PVE1, "/"),
        True,
    ),
    (
        "another file system of the node",
        finding("node.rootfs", PVE1),
        finding("filesystem.full", PVE1, "/srv"),
        False,
    ),
    (
        "targets of an exporter that answers about none",
        finding("target.down", f"{PROBED}https://a.lan"),
        finding("target.down", f"{PROBED}https://b.lan"),
        True,
    ),
    (
        "targets of an exporter that answers about one",
        finding("target.down", "target:snmp/switch1"),
        finding("target.down", "target:snmp/switch2"),
        False,
    ),
    (
        "a page and a backup server's storage",
        finding("storage.inactive", SHARED),
        finding("probe.failed", f"{PROBED}https://cloud.lan"),
        False,
    ),
    ("its certificate", finding("node.offline", PVE2), ending("chat.lan", 500_000), False),
    ("a certificate of its guest", finding("node.offline", PVE2), finding("probe.certificate", DB), False),
    ("an alert on Ceph", finding("ceph.health", "source:pve"), firing(PVE1, "osd"), True),
    ("another alert of that node", finding("ceph.health", "source:pve"), firing(PVE1, "load"), False),
    ("no sum at all", finding("probe.failed", DB), firing("alert:grafana/uid1/x", "x"), False),
    ("an alert on another guest", finding("node.offline", PVE2), firing(WEB), False),
    ("quorum lost", finding("node.offline", PVE2), finding("cluster.quorum", "cluster:pve/homelab"), True),
    ("quorum lost elsewhere", finding("node.offline", PVE2), finding("cluster.quorum", "cluster:site2/far"), False),
    (
        "a shared storage stalls statistics",
        finding("storage.inactive", SHARED),
        finding("node.statistics_stuck", PVE1),
        True,
    ),
    (
        "a node's storage stalls its statistics",
        finding("storage.inactive", "storage:pve/pve1/nas"),
        finding("node.statistics_stuck", PVE1),
        True,
    ),
    (
        "another node's storage does not",
        finding("storage.inactive", "storage:pve/pve2/nas"),
        finding("node.statistics_stuck", PVE1),
        False,
    ),
    ("backups into the datastore", finding("datastore.full", TANK), finding("backup.failed", SHARED, "pbs-tank"), True),
    (
        "a guest's backup into the datastore",
        finding("datastore.full", TANK),
        finding("backup.failed", WEB, "pbs-tank"),
        True,
    ),
    (
        "backups into another datastore",
        finding("datastore.full", TANK),
        finding("backup.failed", WEB, "pbs-vault"),
        False,
    ),
    ("the same space in PVE", finding("datastore.full", TANK), finding("storage.full", SHARED), True),
    ("another storage", finding("datastore.full", TANK), finding("storage.full", "storage:pve/pve1/local"), False),
    ("backups grown old meanwhile", finding("datastore.full", TANK), finding("backup.stale", WEB), True),
    (
        "backups of a guest in no job of it",
        finding("datastore.full", TANK),
        finding("backup.stale", "guest:pve/999"),
        False,
    ),
    (
        "its garbage collection, for want of room",
        finding("datastore.full", TANK),
        finding("datastore.gc", TANK, "failed", detail="It ended with: ENOSPC: No space left on device."),
        True,
    ),
    ("an alert on the storage in PVE", finding("datastore.full", TANK), firing(SHARED), True),
    ("an alert that names the datastore", finding("datastore.full", TANK), firing(WEB, "tank"), True),
    (
        "an alert on a storage that PVE does not tell of, called like the datastore",
        finding("datastore.full", TANK),
        firing("alert:grafana/uid1/named", "named"),
        True,
    ),
    (
        "another datastore is called otherwise",
        finding("datastore.full", "datastore:pbs/vault"),
        firing("alert:grafana/uid1/named", "named"),
        False,
    ),
    ("an alert that names another datastore", finding("datastore.full", TANK), firing(WEB, "vault"), False),
    ("an alert on what is filling", finding("datastore.filling", TANK), firing(TANK), True),
    (
        "backups to a storage that is gone",
        finding("storage.inactive", "storage:pve/pve1/local"),
        finding("backup.failed", WEB, "local"),
        True,
    ),
    (
        "backups to another storage",
        finding("storage.inactive", "storage:pve/pve1/local"),
        finding("backup.failed", WEB, "nas"),
        False,
    ),
    ("a loop and its memory", finding("guest.restart_loop", WEB), finding("guest.memory", WEB), True),
    ("a loop and the kills of its node", finding("guest.restart_loop", WEB), finding("node.oom_kills", PVE1), True),
    (
        "a loop and the kills of another node",
        finding("guest.restart_loop", WEB),
        finding("node.oom_kills", PVE2),
        False,
    ),
    ("a loop and the OOM alert that comes and goes", finding("guest.restart_loop", WEB), flapping("OomKills"), True),
    ("a loop and another alert that does", finding("guest.restart_loop", WEB), flapping("HighLoad"), False),
    (
        "a loop and an alert on its guest that comes and goes",
        finding("guest.restart_loop", WEB),
        flapping("GuestOff", "web:9100"),
        True,
    ),
    ("a loop and an alert on nobody known", finding("guest.restart_loop", WEB), flapping("OomKills", "gone:1"), False),
    ("a loop and its target", finding("guest.restart_loop", WEB), finding("target.down", "target:node/web:9100"), True),
    ("a loop and the OOM alert of its node", finding("guest.restart_loop", WEB), firing(PVE1, "oom"), True),
    ("a loop and another alert of its node", finding("guest.restart_loop", WEB), firing(PVE1, "load"), False),
    (
        "a target and the alert on its instance",
        finding("target.down", "target:postgres/db:9187"),
        firing(DB, "db"),
        True,
    ),
    (
        "a target and the alert on its job",
        finding("target.down", "target:postgres/db:9187"),
        firing("alert:x", "job"),
        True,
    ),
    (
        "a target and another alert of its guest",
        finding("target.down", "target:postgres/db:9187"),
        firing(DB, "other"),
        False,
    ),
    ("a storage that is gone and its guest", finding("storage.inactive", LOCAL), finding("guest.state", WEB), True),
    (
        "a storage that is gone and a guest that is off",
        finding("storage.inactive", LOCAL),
        finding("guest.stopped", WEB),
        True,
    ),
    ("a storage that is gone and another guest", finding("storage.inactive", LOCAL), finding("guest.state", DB), False),
    ("a full storage and its guest", finding("storage.full", LOCAL), finding("guest.state", WEB), True),
    ("a full storage and another guest", finding("storage.full", LOCAL), finding("guest.state", DB), False),
    (
        "a full storage and what lies on it in vain",
        finding("storage.full", LOCAL),
        finding("guest.snapshots", WEB),
        True,
    ),
    ("a full storage and a guest that is off", finding("storage.full", LOCAL), finding("guest.stopped", WEB), False),
    (
        "a guest that is off and its target",
        finding("guest.stopped", WEB),
        finding("target.down", "target:node/web:9100"),
        True,
    ),
    (
        "a guest that is off and another's target",
        finding("guest.stopped", WEB),
        finding("target.down", "target:postgres/db:9187"),
        False,
    ),
    ("a guest that stands still and its agent", finding("guest.state", WEB), finding("guest.agent", WEB), True),
    (
        "the page of a guest that is off",
        finding("guest.stopped", WEB),
        finding("probe.failed", "target:blackbox/https://web.lan"),
        True,
    ),
    (
        "the page of a guest that HA gave up on",
        finding("ha.resource", WEB),
        finding("probe.failed", "target:blackbox/https://web.lan"),
        True,
    ),
    (
        "a page that nobody can say who serves",
        finding("guest.stopped", WEB),
        finding("probe.failed", "target:blackbox/https://cloud.example"),
        False,
    ),
    (
        "a disk that is gone and the failed backup",
        finding("guest.missing_storage", WEB),
        finding("backup.failed", WEB, "pbs-tank"),
        True,
    ),
    ("a disk that is gone, and it is off", finding("guest.missing_storage", WEB), finding("guest.stopped", WEB), True),
    (
        "a disk that is gone and another guest's backup",
        finding("guest.missing_storage", WEB),
        finding("backup.failed", DB, "pbs-tank"),
        False,
    ),
    ("a lock and the failed backup", finding("guest.locked", WEB), finding("backup.failed", WEB, "pbs-tank"), True),
    (
        "a lock and another's failed backup",
        finding("guest.locked", WEB),
        finding("backup.failed", DB, "pbs-tank"),
        False,
    ),
    ("a disk and its pool", finding("disk.health", S1), finding("zfs.state", RPOOL), True),
    ("a disk that is well in the pool", finding("disk.sectors", S2), finding("zfs.state", RPOOL), False),
    ("a disk and its alert", finding("disk.health", S1), firing(PVE1, "sda"), True),
    ("a disk that only an exporter tells", finding("smart.failed", "disk:pve/pve1/S9"), firing(PVE1, "sda"), True),
    ("a disk inside of a guest", finding("smart.failed", WEB), firing(PVE1, "sda"), False),
    ("a disk that nobody tells", finding("smart.failed", "disk:pve/pve1/S8"), firing(PVE1, "sda"), False),
    ("a disk and an alert on a file system of it", finding("disk.health", S1), firing(PVE1, "sda1"), False),
    ("a disk and another disk's alert", finding("disk.health", S2), firing(PVE1, "sda"), False),
    ("a disk and another node's alert", finding("disk.health", S1), firing(PVE2, "sda"), False),
    ("a pool and its alert", finding("zfs.state", RPOOL), firing(PVE1, "rpool"), True),
    ("a pool and another pool's alert", finding("zfs.errors", RPOOL), firing(PVE1, "fast"), False),
    ("a pool and what its node's exporter says", finding("zfs.state", RPOOL), finding("zpool.unhealthy", PVE1), True),
    (
        "a pool and what another node's exporter says",
        finding("zfs.state", RPOOL),
        finding("zpool.unhealthy", PVE2),
        False,
    ),
    ("a file system and its alert", finding("filesystem.full", WEB, "/"), firing(WEB, "fs"), True),
    ("a file system and another guest's alert", finding("filesystem.full", WEB, "/"), firing(DB, "fs"), False),
    ("an alert explains no finding", firing(WEB), finding("filesystem.full", WEB, "/"), False),
    ("a margin that is thin", finding("node.offline", PVE2), finding("cluster.quorum_margin", HOMELAB), True),
    ("the manager was on it", finding("node.offline", PVE2), finding("ha.manager", HOMELAB), True),
    (
        "the manager of another cluster",
        finding("node.offline", PVE2),
        finding("ha.manager", "cluster:site2/far"),
        False,
    ),
    ("a guest of the lost node is fenced", finding("node.offline", PVE2), finding("ha.resource", DB), True),
    ("a guest elsewhere is in error", finding("node.offline", PVE2), finding("ha.resource", WEB), False),
    ("replication to the lost node", finding("node.offline", PVE2), finding("replication.failing", REPLICATED), True),
    ("replication from the lost node", finding("node.offline", PVE1), finding("replication.behind", REPLICATED), True),
    (
        "replication that has nothing to do with it",
        finding("node.offline", PVE2),
        finding("replication.failing", "job:pve/9-0"),
        False,
    ),
    ("no quorum, no manager", finding("cluster.quorum", HOMELAB), finding("ha.manager", HOMELAB), True),
    ("no quorum, no guest moves", finding("cluster.quorum", HOMELAB), finding("ha.resource", WEB), True),
    ("no quorum, no replication", finding("cluster.quorum", HOMELAB), finding("replication.behind", REPLICATED), True),
    (
        "no quorum in another cluster",
        finding("cluster.quorum", "cluster:site2/far"),
        finding("ha.resource", WEB),
        False,
    ),
    (
        "the external vote is missing",
        finding("cluster.qdevice", HOMELAB),
        finding("cluster.quorum_margin", HOMELAB),
        True,
    ),
    (
        "the external vote of others",
        finding("cluster.qdevice", "cluster:site2/far"),
        finding("cluster.quorum_margin", HOMELAB),
        False,
    ),
    (
        "what is scraped on a guest that was given up",
        finding("ha.resource", WEB),
        finding("target.down", "target:node/web:9100"),
        True,
    ),
    (
        "what is scraped on another guest",
        finding("ha.resource", WEB),
        finding("target.down", "target:postgres/db:9187"),
        False,
    ),
    ("pvestatd failed", finding("node.service", PVE1, "pvestatd"), finding("node.statistics_stuck", PVE1), True),
    (
        "pvestatd failed elsewhere",
        finding("node.service", PVE2, "pvestatd"),
        finding("node.statistics_stuck", PVE1),
        False,
    ),
    ("another service failed", finding("node.service", PVE1, "postfix"), finding("node.statistics_stuck", PVE1), False),
    (
        "the scheduler failed",
        finding("node.service", PVE1, "pvescheduler"),
        finding("replication.behind", REPLICATED),
        True,
    ),
    (
        "the scheduler of the target failed",
        finding("node.service", PVE2, "pvescheduler"),
        finding("replication.behind", REPLICATED),
        False,
    ),
    (
        "its agent of high availability failed",
        finding("node.service", PVE1, "pve-ha-lrm"),
        finding("ha.manager", PVE1, "lrm"),
        True,
    ),
    ("the time service failed", finding("node.service", PVE1, "chrony"), finding("node.clock", PVE1), True),
    ("short of memory, it swaps", finding("node.memory", PVE1), finding("node.swap", PVE1), True),
    ("short of memory, it waits for disks", finding("node.memory", PVE1), finding("node.iowait", PVE1), True),
    ("short of memory elsewhere", finding("node.memory", PVE2), finding("node.swap", PVE1), False),
    (
        "short of memory, processors pressed",
        finding("node.memory", PVE1),
        finding("node.pressure", PVE1, "processors"),
        False,
    ),
    ("swapping, it waits for disks", finding("node.swap", PVE1), finding("node.iowait", PVE1), True),
    ("swapping elsewhere", finding("node.swap", PVE2), finding("node.iowait", PVE1), False),
    ("slow disks press", finding("node.iowait", PVE1), finding("node.pressure", PVE1, "disks"), True),
    ("slow disks do not press memory", finding("node.iowait", PVE1), finding("node.pressure", PVE1, "memory"), False),
    ("busy processors queue", finding("node.cpu", PVE1), finding("node.load", PVE1), True),
    ("busy processors elsewhere", finding("node.cpu", PVE2), finding("node.load", PVE1), False),
    ("pressure counts in the load", finding("node.pressure", PVE1, "disks"), finding("node.load", PVE1), True),
    ("pressure elsewhere", finding("node.pressure", PVE2, "disks"), finding("node.load", PVE1), False),
    ("a full root", finding("node.rootfs", PVE1, severity="critical"), finding("node.service", PVE1, "x"), True),
    ("a root that is not full yet", finding("node.rootfs", PVE1), finding("node.service", PVE1, "x"), False),
    ("a full root elsewhere", finding("node.rootfs", PVE2, severity="critical"), finding("node.service", PVE1), False),
    ("nobody starts backups", finding("node.service", PVE1, "pvescheduler"), finding("backup.stale", WEB), True),
    ("another service failed", finding("node.service", PVE1, "chrony"), finding("backup.stale", WEB), False),
    ("nobody starts them elsewhere", finding("node.service", PVE1, "pvescheduler"), finding("backup.stale", DB), False),
    ("not up after a restart", finding("node.reboot", PVE1), finding("guest.stopped", WEB), True),
    ("off on another node", finding("node.reboot", PVE1), finding("guest.stopped", DB), False),
    ("a node that waits", finding("node.iowait", PVE1), finding("target.slow", "target:node/web:9100"), True),
    ("another node waits", finding("node.iowait", PVE1), finding("target.slow", "target:postgres/db:9187"), False),
    ("a guest that computes", finding("guest.cpu", WEB), finding("target.slow", "target:node/web:9100"), True),
    ("another guest computes", finding("guest.cpu", DB), finding("target.slow", "target:node/web:9100"), False),
    (
        "a guest that can write nothing",
        finding("filesystem.full", DB, "/", severity="critical"),
        finding("target.down", "target:postgres/db:9187"),
        True,
    ),
    (
        "a guest that has some room",
        finding("filesystem.full", DB, "/"),
        finding("target.down", "target:postgres/db:9187"),
        False,
    ),
    ("nothing is collected", finding("datastore.gc", TANK, "failed"), finding("datastore.full", TANK), True),
    ("bad chunks take no room", finding("datastore.gc", TANK, "bad-chunks"), finding("datastore.full", TANK), False),
    ("of another datastore", finding("datastore.gc", TANK), finding("datastore.full", "datastore:pbs/vault"), False),
    ("nothing is pruned", finding("server.task_failed", TANK, "prune/p-1"), finding("datastore.filling", TANK), True),
    ("nothing is copied", finding("server.task_failed", TANK, "sync/s-1"), finding("datastore.filling", TANK), False),
    (
        "a pool of the backup server",
        finding("server.pool", "pool:pbs/localhost/mirror"),
        finding("datastore.unavailable", TANK),
        True,
    ),
    (
        "a pool of another server",
        finding("server.pool", "pool:pbs2/localhost/mirror"),
        finding("datastore.unavailable", TANK),
        False,
    ),
    ("damaged chunks", finding("datastore.gc", TANK, "bad-chunks"), finding("backup.corrupt", WEB), True),
    ("no collection", finding("datastore.gc", TANK, "failed"), finding("backup.corrupt", WEB), False),
    ("a pool that stands still", finding("zfs.state", RPOOL), finding("node.iowait", PVE1), True),
    ("a pool elsewhere", finding("zfs.state", RPOOL), finding("node.iowait", PVE2), False),
    ("an alert on a node that restarted", finding("node.reboot", PVE1), firing(PVE1), True),
    ("an alert on a guest of it", finding("node.reboot", PVE1), firing(WEB), False),
]


@pytest.mark.parametrize(("cause", "symptom", "related"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_explains_what(cause: Finding, symptom: Finding, related: bool) -> None:
    told = {item.fingerprint: item.cause for item in explain([symptom, cause], WORLD)}
    assert told[symptom.fingerprint] == (cause.fingerprint if related else None)


POOLED = "storage:pve/pve1/local-zfs"
FAST = "storage:pve/pve1/fast"
THIN = "pool:pve/pve2/fast/vms"
ISO, MEDIA, OTHER = (f"storage:pve/shared/{name}" for name in ("iso", "media", "other"))
PBS = "source:pbs"
REPLICATION = finding("replication.failing", replication("104-0").entity.key)
ON_ZFS = replace(
    WORLD,
    nodes=complete(node("pve1", rootfs_used_bytes=3 * GIB, rootfs_total_bytes=23 * GIB), node("pve2", online=False)),
    storages=complete(
        storage(used_bytes=3 * GIB, total_bytes=23 * GIB),
        storage("local-zfs", plugin="zfspool", used_bytes=900 * GIB, total_bytes=920 * GIB),
        storage("fast", plugin="zfspool", used_bytes=500 * GIB, total_bytes=510 * GIB),
        storage("usb", used_bytes=90 * GIB, total_bytes=100 * GIB),
        storage("thin", plugin="lvmthin", node="pve2", used_bytes=1, total_bytes=100 * GIB),
        pbs_storage(),
    ),
    guest_configs=complete(
        config(104, disks=(("scsi0", "local-zfs:vm-104-disk-0"),)), config(105, disks=(("rootfs", "thin:vm-105"),))
    ),
    replication=complete(replication("104-0")),
    sources=(SourceStatus("pve", "pve", True, "9.1", 1.0), SourceStatus("pbs", "pbs", False, None, None)),
    storage_configs=complete(
        StorageConfig("pve", "thin", "lvmthin", pool="fast/vms"),
        StorageConfig("pve", "iso", "nfs", shared=True, server="192.0.2.9"),
        StorageConfig("pve", "media", "nfs", shared=True, server="192.0.2.9"),
        StorageConfig("pve", "other", "nfs", shared=True, server="192.0.2.8"),
        StorageConfig("pve", "local-zfs", "zfspool", pool="rpool/data"),
        StorageConfig("pve", "fast", "zfspool", pool="fast"),
    ),
    zfs_pools=complete(pool(), pool("fast")),
)
SPACES: list[tuple[str, Finding, Finding, bool]] = [
    ("guests on a pool", finding("zfs.state", RPOOL), finding("guest.state", WEB), True),
    ("guests on another pool", finding("zfs.state", "pool:pve/pve1/fast"), finding("guest.state", WEB), False),
    ("a pool that is not there", finding("zfs.state", RPOOL), finding("storage.inactive", POOLED), True),
    ("a thin pool stops guests", finding("thin.metadata", THIN), finding("guest.state", DB), True),
    ("a thin pool, and guests elsewhere", finding("thin.metadata", THIN), finding("guest.state", WEB), False),
    ("no room at the target", finding("storage.full", "storage:pve/pve2/local-zfs"), REPLICATION, True),
    ("no room at the source", finding("storage.full", POOLED), REPLICATION, False),
    ("two shares of one NAS", finding("storage.inactive", ISO), finding("storage.inactive", MEDIA), True),
    ("two NAS", finding("storage.inactive", ISO), finding("storage.inactive", OTHER), False),
    (
        "the backup server and its storage",
        finding("storage.inactive", SHARED),
        finding("source.unreachable", PBS),
        True,
    ),
    ("a backup server and a NAS", finding("storage.inactive", ISO), finding("source.unreachable", PBS), False),
    ("a pool and its storage", finding("storage.full", POOLED), finding("zfs.full", RPOOL), True),
    ("an exporter's word on it", finding("storage.full", POOLED), finding("zpool.full", RPOOL), True),
    ("an exporter's word on a pool without a storage", finding("zfs.full", RPOOL), finding("zpool.full", RPOOL), True),
    ("another pool", finding("storage.full", FAST), finding("zfs.full", RPOOL), False),
    ("the root on the pool", finding("storage.full", POOLED), finding("node.rootfs", PVE1), True),
    ("the root, and another pool", finding("storage.full", FAST), finding("node.rootfs", PVE1), False),
    ("a folder on the root", finding("node.rootfs", PVE1), finding("storage.full", LOCAL), True),
    ("a folder on a pool", finding("storage.full", POOLED), finding("storage.full", LOCAL), True),
    ("a folder elsewhere", finding("node.rootfs", PVE1), finding("storage.full", "storage:pve/pve1/usb"), False),
    ("a root that PVE does not tell", finding("node.rootfs", PVE2), finding("storage.full", LOCAL), False),
]


@pytest.mark.parametrize(
    ("cause", "symptom", "related"), [case[1:] for case in SPACES], ids=[case[0] for case in SPACES]
)
def test_what_shares_its_space_is_one_matter(cause: Finding, symptom: Finding, related: bool) -> None:
    told = {item.fingerprint: item.cause for item in explain([symptom, cause], ON_ZFS)}
    assert told[symptom.fingerprint] == (cause.fingerprint if related else None)


@pytest.mark.parametrize(
    ("read", "server", "related"),
    [((104,), "192.0.2.9", True), ((104, 105), "192.0.2.9", False), ((104,), "web", False), ((104,), None, False)],
    ids=["a guest was never read", "all were read", "its server is known", "nobody serves it"],
)
def test_a_storage_may_be_served_from_a_node_that_is_lost(
    read: tuple[int, ...], server: str | None, related: bool
) -> None:
    cause, symptom = finding("node.offline", PVE2), finding("storage.inactive", MEDIA)
    snapshot = replace(
        WORLD,
        guest_configs=complete(*(config(vmid) for vmid in read)),
        storage_configs=complete(StorageConfig("pve", "media", "nfs", shared=True, server=server)),
    )
    told = {item.fingerprint: item.cause for item in explain([symptom, cause], snapshot)}
    assert told[symptom.fingerprint] == (cause.fingerprint if related else None)


def test_a_pool_is_found_without_its_configuration_only_where_it_is_the_only_one() -> None:
    unread = replace(ON_ZFS, storage_configs=complete())
    assert EntityGraph(unread).places.pool_of_storage == {}
    alone = replace(unread, zfs_pools=complete(pool()))
    assert EntityGraph(alone).places.pool_of_storage == {POOLED: RPOOL, FAST: RPOOL}


@pytest.mark.parametrize("change", [{"severity": "info"}, {"state": "unknown"}])
def test_a_remark_and_what_cannot_be_seen_explain_nothing(change: dict[str, str]) -> None:
    cause = replace(finding("filesystem.full", WEB, "/"), **change)
    assert [item.cause for item in explain([cause, firing(WEB)], WORLD)] == [None, None]


def test_a_chain_is_told_from_its_root() -> None:
    root = finding("datastore.full", TANK, severity="critical")
    middle = finding("backup.failed", WEB, "pbs-tank")
    last = firing(WEB)
    told = explain([last, middle, root], WORLD)
    assert [(item.check, item.cause) for item in told] == [
        ("datastore.full", None),
        ("alert.firing", root.fingerprint),
        ("backup.failed", root.fingerprint),
    ]


def test_causes_come_by_severity_then_by_how_much_they_explain() -> None:
    lonely = finding("storage.full", "storage:pve/pve1/local", severity="critical")
    busy = finding("node.offline", PVE2, severity="critical")
    warning = finding("backup.uncovered", WEB)
    unknown = finding("node.memory", PVE1, severity="critical", state="unknown")
    symptom = finding("target.down", "target:node/pve2:9100")
    told = explain([unknown, warning, symptom, lonely, busy], WORLD)
    assert [item.check for item in told] == [
        "node.offline",
        "target.down",
        "storage.full",
        "backup.uncovered",
        "node.memory",
    ]


def test_a_check_is_told_before_a_mere_alert() -> None:
    told = explain([firing("alert:grafana/a/b"), finding("storage.full", "storage:pve/pve1/local")], WORLD)
    assert [item.check for item in told] == ["storage.full", "alert.firing"]


def test_a_mild_cause_ranks_as_its_worst_symptom() -> None:
    mild = finding("filesystem.full", WEB, "/")
    loud = firing(WEB, severity="critical")
    other = finding("backup.uncovered", DB)
    assert next(iter(explain([other, loud, mild], WORLD))).check == "filesystem.full"


def test_what_sums_up_is_told_after_what_is_wrong_with_one_part() -> None:
    told = explain([finding("ceph.health", CEPH), flapping("A"), finding("storage.full", LOCAL)], WORLD)
    assert [item.check for item in told] == ["storage.full", "ceph.health", "alert.flapping"]


@pytest.mark.parametrize(("used_for", "up", "related"), [("osd.1", 5, True), ("LVM", 5, False), ("osd.1", 6, False)])
def test_ceph_misses_an_osd_whose_disk_fails(used_for: str, up: int, related: bool) -> None:
    with_ceph = replace(
        WORLD,
        disks=complete(disk("S1", used_for=used_for)),
        ceph=complete(CephStatus("pve", "HEALTH_WARN", osds=6, osds_up=up)),
    )
    cause, symptom = finding("disk.health", S1), finding("ceph.health", CEPH, severity="critical")
    told = {item.fingerprint: item.cause for item in explain([symptom, cause], with_ceph)}
    assert told[symptom.fingerprint] == (cause.fingerprint if related else None)


def test_a_storage_is_a_datastore_only_when_the_size_says_so() -> None:
    other_size = replace(WORLD, storages=complete(replace(pbs_storage(), total_bytes=7 * GIB)))
    told = explain([finding("datastore.full", TANK), finding("storage.full", SHARED)], other_size)
    assert [item.cause for item in told] == [None, None]


def test_no_world_no_relations() -> None:
    empty = Snapshot(WORLD.taken_at)
    assert explain([], empty) == ()
    told = explain([finding("node.offline", PVE2), finding("target.down", "target:a/b")], empty)
    assert [item.cause for item in told] == [None, None]


def test_rules_name_checks_that_exist() -> None:
    known = {check.id for check in CHECKS}
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.causes | rule.symptoms <= known
        assert rule.meaning.endswith(".")


def test_two_findings_never_explain_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_way(cause: str, symptom: str) -> Rule:
        return Rule(cause, "Why.", frozenset({cause}), frozenset({symptom}), joins.itself, joins.itself)

    ring = (one_way("a", "b"), one_way("b", "c"), one_way("c", "a"))
    monkeypatch.setattr("nightshift.sweep.causes.grouping.RULES", ring)
    a, b, c = (finding(check, WEB) for check in "abc")
    told = explain([a, b, c], WORLD)
    assert {item.check: item.cause for item in told} == {"a": None, "b": a.fingerprint, "c": a.fingerprint}


def _fleet_in_trouble(count: int) -> tuple[list[Finding], Snapshot]:
    """`count` guests on 32 nodes, one of which is down, each with three findings."""
    nodes = [node(f"pve{number}", online=number > 0) for number in range(32)]
    guests = [guest(vmid, name=f"g{vmid}", node=f"pve{vmid % 32}") for vmid in range(100, 100 + count)]
    fleet = world(
        nodes=complete(*nodes),
        guests=complete(*guests),
        storages=complete(storage(), pbs_storage()),
        datastores=complete(datastore()),
        backup_jobs=complete(job()),
    )
    found = [finding("backup.failed", item.entity.key, "pbs-tank") for item in guests]
    found += [finding("guest.memory", item.entity.key) for item in guests]
    found += [firing(item.entity.key, str(item.vmid)) for item in guests]
    found += [finding("node.offline", item.entity.key) for item in nodes if not item.online]
    return [*found, finding("datastore.full", TANK)], fleet


def test_five_thousand_guests_in_trouble_are_explained_at_once() -> None:
    found, fleet = _fleet_in_trouble(5_000)
    told = explain(found, fleet)
    assert len(told) == 15_002
    offline = next(item for item in found if item.check == "node.offline")
    assert sum(1 for item in told if item.cause == offline.fingerprint) >= 3 * 5_000 // 32


def test_eight_times_the_guests_are_not_compared_in_pairs() -> None:
    def cost_s(count: int) -> float:
        found, fleet = _fleet_in_trouble(count)
        began_s = time.thread_time()
        explain(found, fleet)
        return time.thread_time() - began_s

    few, many = (min(cost_s(count) for _ in range(2)) for count in (200, 1_600))
    assert many < 30 * few  # 8 times as much, 64 in pairs


SERVED = replace(
    WORLD,
    storage_configs=complete(
        StorageConfig("pve", "nas-media", "nfs", server="192.0.2.50"),
        StorageConfig("pve", "pbs-tank", "pbs", server="db.lan"),
        StorageConfig("pve", "far", "nfs", server="198.51.100.1"),
    ),
    names={"192.0.2.50": Entity(WEB, "web"), "db": Entity(DB, "db"), "pbs": Entity(DB, "db")},
)
NAS_MEDIA = "storage:pve/shared/nas-media"


@pytest.mark.parametrize(
    ("cause", "symptom", "related"),
    [
        (finding("guest.stopped", WEB), finding("storage.inactive", NAS_MEDIA), True),
        (finding("guest.state", WEB), finding("storage.inactive", "storage:pve/pve2/nas-media"), True),
        (finding("guest.stopped", DB), finding("storage.inactive", SHARED), True),
        (finding("guest.stopped", DB), finding("storage.inactive", NAS_MEDIA), False),
        (finding("guest.stopped", WEB), finding("storage.inactive", "storage:pve/shared/far"), False),
        (finding("node.offline", PVE2), finding("storage.inactive", SHARED), True),
        (finding("node.offline", PVE2), finding("storage.inactive", NAS_MEDIA), False),
        (finding("guest.stopped", DB), finding("source.unreachable", "source:pbs"), True),
        (finding("guest.stopped", WEB), finding("source.unreachable", "source:pbs"), False),
        (finding("storage.inactive", SHARED), finding("source.unreachable", "source:pbs"), True),
    ],
)
def test_a_guest_that_serves_others_takes_them_with_it(cause: Finding, symptom: Finding, related: bool) -> None:
    told = {item.fingerprint: item.cause for item in explain([symptom, cause], SERVED)}
    assert told[symptom.fingerprint] == (cause.fingerprint if related else None)


def test_a_job_of_a_pool_saves_the_guests_of_that_pool() -> None:
    """Its `vmids` are None, as those of a job of all."""
    guests = complete(guest(pool="vms"), container())
    graph = EntityGraph(world(guests=guests, backup_jobs=complete(job(vmids=None, pool="vms"))))
    assert graph.storages_saving == {WEB: frozenset({SHARED})}
    everything = EntityGraph(world(guests=guests, backup_jobs=complete(job(selects_all=True, vmids=None))))
    assert set(everything.storages_saving) == {WEB, DB}


def test_a_reverse_proxy_takes_the_pages_with_it_when_none_answers() -> None:
    pages = ("a", "b", "c")
    down = finding("target.down", "target:traefik/proxy:8080")
    page = finding("probe.failed", f"{PROBED}https://a.lan", severity="critical")

    def related(cause: Finding, *failing: str) -> bool:
        failed = [sample(0.0, job="blackbox", instance=f"https://{name}.lan") for name in failing]
        snapshot = world(
            metrics=metrics(probe_failed=failed),
            guests=complete(guest(), container(tags=("proxy",), node="pve2")),
            nodes=complete(node("pve1"), node("pve2")),
            targets=complete(
                target("proxy:8080", "down", job="traefik", entity_key=DB),
                target("web:9100", "down", entity_key=WEB),
                *(target(f"https://{name}.lan", job="blackbox") for name in pages),
                target("https://192.0.2.1:8006", job="blackbox"),
            ),
        )
        found = explain((cause, page), snapshot)
        return next(item for item in found if item.check == page.check).cause == cause.fingerprint

    assert related(down, *pages)
    assert related(finding("guest.stopped", DB), *pages)
    assert related(finding("node.offline", PVE2), *pages)
    assert not related(down, "a", "b")
    assert not related(finding("target.down", "target:node/web:9100"), *pages)
    assert not related(finding("node.offline", PVE1), *pages)


def test_a_prober_that_answers_about_nothing_is_one_matter_whatever_the_jobs() -> None:
    """Its targets are of two jobs, each of them silent as well."""
    asked = [(job, f"https://{name}.lan") for job in ("http", "icmp") for name in "abc"]
    targets = [target(instance, "down", job=job, scraped_at="prober:9115") for job, instance in asked]
    down = [finding("target.down", f"target:{job}/{instance}") for job, instance in asked]
    found = explain(down, world(targets=complete(*targets)))
    assert len([item for item in found if item.cause is None]) == 1


def test_a_remark_on_what_happened_lately_or_runs_out_is_told_before_those_on_how_things_are() -> None:
    lately = finding("guest.stopped", "guest:pve/134", severity="info", since=WORLD.taken_at - timedelta(hours=4))
    long_ago = finding("guest.snapshots", "guest:pve/119", severity="info", since=WORLD.taken_at - timedelta(days=90))
    standing = finding("copies.orphaned", "datastore:pbs/vault", severity="info")
    filling = finding(
        "storage.full", "storage:pve/pve3/local-lvm", severity="info", title="Storage local-lvm is 84 % full"
    )
    loud = finding("backup.uncovered", "guest:pve/118")
    ranked = [item.check for item in explain([standing, long_ago, filling, lately, loud], WORLD)]
    assert ranked == [
        "backup.uncovered",
        "storage.full",
        "guest.stopped",
        "copies.orphaned",
        "guest.snapshots",
    ]
