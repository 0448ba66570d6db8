"""Backup servers as hosts, and their jobs: root file system, services, updates, what failed and what is overdue."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, time, timedelta

import pytest
from tests.checks.world import (
    GIB,
    NOW,
    Told,
    ago,
    complete,
    datastore,
    gc,
    partial,
    pbs_host,
    pbs_job,
    run,
    task,
    told,
    unavailable,
    world,
)

from nightshift.checks.absences import EVERY_DAY, Absence, Window
from nightshift.checks.previous import Previous
from nightshift.checks.selection import Selector
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.backup_hosts import HostPool, HostService, PendingUpdate
from nightshift.facts.gap import Gap
from nightshift.facts.inventory import StorageConfig
from nightshift.facts.snapshot import Snapshot, SourceStatus

SERVER, TANK = "source:pbs", "datastore:pbs/tank"
PROXY = HostService("proxmox-backup-proxy", "running", "enabled")


def root(share: float) -> Snapshot:
    sizes = {"rootfs_used_bytes": round(share * 100 * GIB), "rootfs_available_bytes": round((1 - share) * 100 * GIB)}
    return world(pbs_hosts=complete(pbs_host(**sizes)))


def pooled(health: str) -> Snapshot:
    return world(pbs_hosts=complete(pbs_host(pools=(HostPool("pbs", "mirror", health),))))


def services(*rows: HostService) -> Snapshot:
    return world(pbs_hosts=complete(pbs_host(services=(PROXY, *rows))))


def jobs(*rows: object) -> Snapshot:
    return world(pbs_jobs=complete(*rows))


def running(kind: str, worker_id: str) -> object:
    return replace(task(kind, worker_id=worker_id), source="pbs", ended_at=None, status=None, outcome="running")


def server_task(kind: str, status: str = "verification failed", **changes: object) -> object:
    return replace(task(kind, status=status, **changes), source="pbs", node="localhost")


LATE = pbs_job(next_run_at=ago(hours=2))
PRUNED = pbs_job("prune", last_run_at=ago(days=4))
SYNCED = pbs_job("sync", last_run_at=ago(days=4), direction="pull", remote="rackB", remote_datastore="main")
SYNCED_OFF = replace(SYNCED, enabled=False)
UPDATE = PendingUpdate("proxmox-backup-server", "4.2.0-1", "4.2.1-1")
MONTH = {"history": (0.5,) * 30, "history_step_s": 86_400.0}

CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("root has room", "server.rootfs", world(), []),
    ("root below the limit", "server.rootfs", root(0.849), []),
    (
        "root at the limit",
        "server.rootfs",
        root(0.85),
        [("warning", SERVER, "Root file system of backup server pbs is 85 % full")],
    ),
    (
        "root critical",
        "server.rootfs",
        root(0.95),
        [("critical", SERVER, "Root file system of backup server pbs is 95 % full")],
    ),
    ("a pool that is well", "server.pool", pooled("ONLINE"), []),
    (
        "a pool that has lost a disk",
        "server.pool",
        pooled("DEGRADED"),
        [("critical", "pool:pbs/localhost/mirror", "ZFS pool mirror on backup server pbs is DEGRADED")],
    ),
    (
        "a pool that stands still",
        "server.pool",
        pooled("SUSPENDED"),
        [("critical", "pool:pbs/localhost/mirror", "ZFS pool mirror on backup server pbs is SUSPENDED")],
    ),
    ("a server without ZFS", "server.pool", world(pbs_hosts=complete(pbs_host(pools=()))), []),
    ("pools that may not be seen", "server.pool", world(pbs_hosts=complete(pbs_host(pools=None))), []),
    ("root unknown", "server.rootfs", world(pbs_hosts=complete(pbs_host(rootfs_used_bytes=None))), []),
    ("services run", "server.service", world(), []),
    ("not installed", "server.service", services(HostService("zfs-zed", "dead", "not-found")), []),
    ("switched off", "server.service", services(HostService("postfix", "failed", "disabled")), []),
    ("has done its work", "server.service", services(HostService("cron", "dead", "enabled")), []),
    (
        "failed",
        "server.service",
        services(HostService("chrony", "failed", "enabled")),
        [("warning", SERVER, "chrony does not run on backup server pbs")],
    ),
    (
        "the API is dead",
        "server.service",
        services(HostService("proxmox-backup", "dead", "enabled")),
        [("critical", SERVER, "proxmox-backup does not run on backup server pbs")],
    ),
    ("services unread", "server.service", world(pbs_hosts=complete(pbs_host(services=None))), []),
    ("nothing waits", "server.updates", world(), []),
    (
        "an update waits",
        "server.updates",
        world(pbs_hosts=complete(pbs_host(updates=(UPDATE,)))),
        [("info", SERVER, "1 update wait on backup server pbs")],
    ),
    ("updates unread", "server.updates", world(pbs_hosts=complete(pbs_host(updates=None))), []),
    ("on time", "server.job_overdue", world(), []),
    ("a little late", "server.job_overdue", jobs(pbs_job(next_run_at=ago(hours=1.99))), []),
    (
        "two hours late",
        "server.job_overdue",
        jobs(LATE),
        [("warning", TANK, "Verification of datastore tank is overdue")],
    ),
    ("switched off", "server.job_overdue", jobs(replace(LATE, enabled=False)), []),
    ("by hand only", "server.job_overdue", jobs(replace(LATE, schedule=None)), []),
    (
        "switched off days ago",
        "server.job_off",
        jobs(replace(PRUNED, enabled=False)),
        [("warning", TANK, "Pruning of datastore tank is switched off")],
    ),
    ("switched off today", "server.job_off", jobs(replace(PRUNED, enabled=False, last_run_at=ago(days=2.99))), []),
    ("it never ran", "server.job_off", jobs(replace(PRUNED, enabled=False, last_run_at=None)), []),
    ("another job does it", "server.job_off", jobs(replace(PRUNED, enabled=False), replace(PRUNED, id="p-2")), []),
    (
        "another job is for elsewhere",
        "server.job_off",
        jobs(replace(PRUNED, enabled=False), replace(PRUNED, id="p-2", datastore="vault")),
        [("warning", TANK, "Pruning of datastore tank is switched off")],
    ),
    (
        "another copies from another server",
        "server.job_off",
        jobs(SYNCED_OFF, replace(SYNCED, id="s-2", remote="rackA")),
        [("warning", TANK, "Sync of datastore tank is switched off")],
    ),
    ("another copies the same", "server.job_off", jobs(SYNCED_OFF, replace(SYNCED, id="s-2")), []),
    (
        "another does not go as deep",
        "server.job_off",
        jobs(replace(PRUNED, enabled=False), replace(PRUNED, id="p-2", max_depth=0)),
        [("warning", TANK, "Pruning of datastore tank is switched off")],
    ),
    (
        "by hand, days ago",
        "server.job_off",
        jobs(pbs_job("sync", schedule=None, next_run_at=None, last_run_at=ago(days=4))),
        [("info", TANK, "Sync of datastore tank has no schedule")],
    ),
    ("no next run told", "server.job_overdue", jobs(pbs_job(next_run_at=None)), []),
    (
        "it runs",
        "server.job_overdue",
        world(pbs_jobs=complete(LATE), pbs_tasks=complete(running("verificationjob", "tank:v-1"))),
        [],
    ),
    (
        "a sync runs, named after its remote",
        "server.job_overdue",
        world(
            pbs_jobs=complete(pbs_job("sync", next_run_at=ago(hours=3))),
            pbs_tasks=complete(running("syncjob", "rack:main:tank::s-1")),
        ),
        [],
    ),
    (
        "another job runs",
        "server.job_overdue",
        world(pbs_jobs=complete(LATE), pbs_tasks=complete(running("verificationjob", "tank:v-2"))),
        [("warning", TANK, "Verification of datastore tank is overdue")],
    ),
    (
        "its datastore is in maintenance",
        "server.job_overdue",
        world(pbs_jobs=complete(LATE), datastores=complete(datastore(maintenance="read-only"))),
        [],
    ),
    ("no failed job", "server.task_failed", world(), []),
    (
        "a job failed long ago",
        "server.task_failed",
        jobs(pbs_job(last_run_state="verification failed", last_run_at=ago(days=5))),
        [("warning", TANK, "Verification of datastore tank failed")],
    ),
    (
        "a job with warnings",
        "server.task_failed",
        jobs(pbs_job(last_run_state="WARNINGS: 2")),
        [],
    ),
    ("a job that never ran", "server.task_failed", jobs(pbs_job(last_run_state=None, last_run_at=None)), []),
    (
        "job and task tell of one run",
        "server.task_failed",
        world(
            pbs_jobs=complete(pbs_job("sync", last_run_state="connection refused")),
            pbs_tasks=complete(server_task("syncjob", worker_id="rack:main:tank::s-1")),
        ),
        [("warning", TANK, "Sync of datastore tank failed")],
    ),
    (
        "a renewal of the certificate failed",
        "server.task_failed",
        world(pbs_tasks=complete(server_task("acme-renew-cert", worker_id=""))),
        [("warning", SERVER, "Renewal of the certificate failed")],
    ),
    (
        "package lists are a remark",
        "server.task_failed",
        world(pbs_tasks=complete(server_task("aptupdate", worker_id=""))),
        [("info", SERVER, "Update of the package lists failed")],
    ),
    (
        "gc never ran on a new datastore",
        "datastore.gc",
        world(gc=complete(gc(last_run_at=None, last_run_state=None))),
        [],
    ),
    (
        "gc never ran in a month",
        "datastore.gc",
        world(
            gc=complete(gc(last_run_at=None, last_run_state=None, schedule=None)),
            datastores=complete(datastore(**MONTH)),
        ),
        [("warning", TANK, "Garbage collection of datastore tank has never run")],
    ),
    (
        "gc known only lately",
        "datastore.gc",
        world(
            gc=complete(gc(last_run_at=None, last_run_state=None)),
            datastores=complete(datastore(history=(None,) * 25 + (0.1,) * 5, history_step_s=86_400.0)),
        ),
        [],
    ),
    (
        "gc missed its time",
        "datastore.gc",
        world(gc=complete(gc(last_run_at=ago(hours=26.1), next_run_at=ago(hours=2.1)))),
        [("warning", TANK, "Garbage collection of datastore tank is overdue")],
    ),
    (
        "gc runs for long",
        "datastore.gc",
        world(
            gc=complete(gc(last_run_at=ago(hours=28), next_run_at=ago(hours=4))),
            pbs_tasks=complete(running("garbage_collection", "tank")),
        ),
        [],
    ),
    (
        "gc waits for maintenance",
        "datastore.gc",
        world(
            gc=complete(gc(last_run_at=ago(days=9))), datastores=complete(datastore(maintenance="offline", error="x"))
        ),
        [],
    ),
    (
        "bad chunks count in maintenance, too",
        "datastore.gc",
        world(gc=complete(gc(still_bad=3)), datastores=complete(datastore(maintenance="read-only"))),
        [("critical", TANK, "Datastore tank holds 3 bad chunks")],
    ),
    ("everything answers", "source.unreachable", world(), []),
    (
        "one refuses the token",
        "source.unreachable",
        world(sources=(SourceStatus("pbs", "pbs", False, None, None, Gap("pbs", "version", "unauthorized", "401")),)),
        [],
    ),
    (
        "one is away",
        "source.unreachable",
        world(
            sources=(SourceStatus("pbs", "pbs", False, None, None, Gap("pbs", "version", "unreachable", "refused")),)
        ),
        [("warning", SERVER, "Backup server pbs does not answer")],
    ),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


@pytest.mark.parametrize("check_id", ["server.rootfs", "server.service", "server.updates"])
def test_a_part_that_may_not_be_read_leaves_its_gap(check_id: str) -> None:
    assert run(check_id, world(pbs_hosts=partial("pbs_hosts", pbs_host(services=None), source="pbs"))).findings == ()
    hidden = run(check_id, world(pbs_hosts=unavailable("pbs_hosts", "pbs")))
    assert [gap.dataset for gap in hidden.gaps] == [f"check {check_id}"]


def test_jobs_that_cannot_be_read_are_not_on_time() -> None:
    for check_id in ("server.job_overdue", "server.job_off", "server.task_failed"):
        result = run(check_id, world(pbs_jobs=unavailable("pbs_jobs", "pbs")))
        assert [gap.dataset for gap in result.gaps] == [f"check {check_id}"]


def maintenance(since_h: float | None, mode: str = "offline: disk swap") -> list[Told]:
    snapshot = world(datastores=complete(datastore(maintenance=mode, error="offline", total_bytes=None)))
    first = run("datastore.maintenance", snapshot).findings[0]
    previous = Previous()
    if since_h is not None:
        key = first.fingerprint
        previous = Previous(open_findings=frozenset({key}), since={key: ago(hours=since_h)}, watching_since=ago(days=9))
    return told("datastore.maintenance", snapshot, previous)


def test_maintenance_is_meant_at_first_and_forgotten_after_a_day() -> None:
    title = "Datastore tank is in maintenance (offline)"
    assert maintenance(None) == [("info", TANK, title)]
    assert maintenance(24.0) == [("info", TANK, title)]
    assert maintenance(24.1) == [("warning", TANK, title)]
    assert maintenance(99, "delete") == [("info", TANK, "Datastore tank is in maintenance (delete)")]
    assert told("datastore.maintenance", world()) == []


def test_maintenance_is_told_once() -> None:
    snapshot = world(datastores=complete(datastore(maintenance="offline", error="offline", total_bytes=None)))
    assert told("datastore.unavailable", snapshot) == []


def test_the_cache_of_a_datastore_on_s3_is_full_by_design() -> None:
    full = datastore(used_bytes=990 * GIB, available_bytes=10 * GIB)
    assert [row[0] for row in told("datastore.full", world(datastores=complete(full)))] == ["critical"]
    assert told("datastore.full", world(datastores=complete(replace(full, on_s3=True)))) == []
    filling = replace(full, used_bytes=700 * GIB, available_bytes=300 * GIB, estimated_full_at=NOW + timedelta(days=1))
    assert [row[0] for row in told("datastore.filling", world(datastores=complete(filling)))] == ["critical"]
    assert told("datastore.filling", world(datastores=complete(replace(filling, on_s3=True)))) == []


def test_jobs_of_what_is_expected_to_be_away_wait() -> None:
    always = Window(EVERY_DAY, time(0), time(0), UTC)
    away = Thresholds(absences=(Absence(Selector(source=("pbs",)), (always,), present=False),))
    assert told("server.job_overdue", jobs(LATE), thresholds=away) == []
    missed = world(gc=complete(gc(last_run_at=ago(hours=26), next_run_at=ago(hours=3))))
    assert told("datastore.gc", missed, thresholds=away) == []


@pytest.mark.parametrize(
    ("status", "storage", "severity"),
    [("job errors", "pbs-tank", "warning"), ("OK", "pbs-tank", "info"), ("job errors", "pbs-vault", "info")],
)
def test_maintenance_that_makes_backups_fail_is_a_warning_at_once(status: str, storage: str, severity: str) -> None:
    snapshot = world(
        datastores=complete(datastore(maintenance="offline", error="offline", total_bytes=None)),
        storage_configs=complete(StorageConfig("pve", "pbs-tank", "pbs", datastore="tank")),
        tasks=complete(task(status=status, storage=storage)),
    )
    assert [row[0] for row in told("datastore.maintenance", snapshot)] == [severity]
