"""Guests in no job, backups that are too old, runs that failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.checks.world import (
    NOW,
    Told,
    ago,
    complete,
    container,
    group,
    guest,
    job,
    pbs_storage,
    run,
    storage,
    task,
    told,
    unavailable,
    world,
)

from nightshift.facts.backup_runs import BackupRun, RunLog
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Dataset, Snapshot, not_configured
from nightshift.facts.tasks import Task

THIRD = guest(106, "wiki")
THREE = complete(guest(), container(), THIRD)
WIKI = "guest:pve/106"
IN_NO_JOB = "wiki (VM 106) is in no backup job"
NEVER = f"{IN_NO_JOB} and was never backed up"


def jobs(*rows: object) -> Snapshot:
    return world(guests=THREE, backup_jobs=complete(*rows))


UNCOVERED: list[tuple[str, Snapshot, list[Told]]] = [
    ("every guest in a job", world(), []),
    ("one in none, never saved", jobs(job()), [("critical", WIKI, NEVER)]),
    ("one in a disabled job only: that job is told", jobs(job(), job("old", enabled=False, vmids=(106,))), []),
    ("a job of all", jobs(job(selects_all=True, vmids=None)), []),
    (
        "left out by name",
        jobs(job(selects_all=True, vmids=None, excluded_vmids=(106,))),
        [],
    ),
    (
        "in the job's pool",
        world(guests=complete(guest(106, "wiki", pool="web")), backup_jobs=complete(job(vmids=None, pool="web"))),
        [],
    ),
    (
        "in another pool",
        world(guests=complete(guest(106, "wiki", pool="x")), backup_jobs=complete(job(vmids=None, pool="web"))),
        [("critical", WIKI, NEVER)],
    ),
    ("a job bound to another node", jobs(job(), job("b", vmids=(106,), node="pve2")), [("critical", WIKI, NEVER)]),
    ("a job bound to its node", jobs(job(), job("b", vmids=(106,), node="pve1")), []),
    (
        "saved lately by other means",
        world(guests=THREE, backup_groups=complete(group(106, ago(days=8)))),
        [("info", WIKI, IN_NO_JOB)],
    ),
    (
        "saved lately, and away from the node of its job",
        world(
            guests=THREE,
            backup_groups=complete(group(106, ago(days=2))),
            backup_jobs=complete(job(), job("b", vmids=(106,), node="pve2")),
        ),
        [("warning", WIKI, IN_NO_JOB)],
    ),
    (
        "saved too long ago by other means",
        world(guests=THREE, backup_groups=complete(group(106, ago(days=8, seconds=1)))),
        [("warning", WIKI, IN_NO_JOB)],
    ),
    ("a template", world(guests=complete(guest(), container(), guest(106, "debian", template=True))), []),
    (
        "made an hour ago",
        world(guests=THREE, tasks=complete(task("qmcreate", worker_id="106", hours=1))),
        [],
    ),
    (
        "made thirty hours ago",
        world(guests=THREE, tasks=complete(task("qmcreate", worker_id="106", hours=30))),
        [("critical", WIKI, NEVER)],
    ),
    (
        "no backup server: cannot say never",
        world(guests=THREE, backup_groups=not_configured(), storages=complete(pbs_storage(content=("backup",)))),
        [("warning", WIKI, IN_NO_JOB)],
    ),
    (
        "no job at all is one finding",
        jobs(),
        [("warning", "cluster:pve/homelab", "No backup job is enabled in homelab")],
    ),
    (
        "only disabled jobs",
        jobs(job(enabled=False)),
        [("warning", "cluster:pve/homelab", "No backup job is enabled in homelab")],
    ),
]


@pytest.mark.parametrize(("snapshot", "expected"), [case[1:] for case in UNCOVERED], ids=[c[0] for c in UNCOVERED])
def test_guests_in_no_job(snapshot: Snapshot, expected: list[Told]) -> None:
    assert told("backup.uncovered", snapshot) == expected


def test_without_the_groups_nobody_says_never() -> None:
    result = run("backup.uncovered", world(guests=THREE, backup_groups=unavailable("backup_groups", "pbs")))
    assert [(finding.severity, finding.title) for finding in result.findings] == [("warning", IN_NO_JOB)]
    assert "No backup of it is in sight" in result.findings[0].detail
    assert [(gap.source, gap.kind) for gap in result.gaps] == [("pbs", "unreachable")]


def test_jobs_that_only_one_cluster_could_not_tell_do_not_accuse_it() -> None:
    other = guest(900, "far", source="site2")
    jobs_partly = Dataset("partial", (job(),), (Gap("site2", "backup_jobs", "forbidden", "no"),), NOW)
    found = run(
        "backup.uncovered", world(guests=complete(guest(), container(), other), backup_jobs=jobs_partly)
    ).findings
    assert [finding.entity.key for finding in found] == []


STALE: list[tuple[str, Snapshot, list[Told]]] = [
    ("fresh backups", world(), []),
    ("eight days old", world(backup_groups=complete(group(104, ago(days=8)), group(105))), []),
    (
        "more than eight days old",
        world(backup_groups=complete(group(104, ago(days=9)), group(105))),
        [("warning", "guest:pve/104", "The last backup of web (VM 104) is 9 d old")],
    ),
    (
        "more than eight days old, and the job runs once a month",
        world(
            backup_groups=complete(group(104, ago(days=9)), group(105)),
            backup_jobs=complete(job(next_run=NOW + timedelta(days=20))),
        ),
        [],
    ),
    (
        "its job was disabled nine days ago",
        world(
            backup_groups=complete(group(104, ago(days=9)), group(105)),
            backup_jobs=complete(job(vmids=(105,)), job("old", enabled=False, vmids=(104,))),
        ),
        [("warning", "guest:pve/104", "The last backup of web (VM 104) is 9 d old")],
    ),
    (
        "the newest of two datastores counts",
        world(backup_groups=complete(group(104, ago(days=9)), group(104, datastore="b"), group(105))),
        [],
    ),
    ("never: another check's business", world(backup_groups=complete(group(105))), []),
    ("in no job: another check's business", world(guests=THREE), []),
]


@pytest.mark.parametrize(("snapshot", "expected"), [case[1:] for case in STALE], ids=[c[0] for c in STALE])
def test_age_of_backups(snapshot: Snapshot, expected: list[Told]) -> None:
    assert told("backup.stale", snapshot) == expected


LOST = [("critical", "guest:pve/104", "web (VM 104) was never backed up")]
NEVER_SAVED: list[tuple[str, Snapshot, list[Told]]] = [
    ("never, though the job saved another", world(backup_groups=complete(group(105))), LOST),
    ("no backup at all: the job has not run yet", world(backup_groups=complete(), tasks=complete()), []),
    ("an empty group is no backup", world(backup_groups=complete(group(104, backup_count=0), group(105))), LOST),
    ("in no job: another check's business", world(guests=THREE), []),
]


@pytest.mark.parametrize(("snapshot", "expected"), [case[1:] for case in NEVER_SAVED], ids=[c[0] for c in NEVER_SAVED])
def test_guests_that_were_never_saved(snapshot: Snapshot, expected: list[Told]) -> None:
    assert told("backup.never", snapshot) == expected


def test_where_nobody_could_look_that_is_said_once() -> None:
    blind = world(
        storages=complete(storage("nas", content=("backup",))),
        backup_jobs=complete(job(storage="nas")),
        backup_groups=not_configured(),
        tasks=complete(),
    )
    result = run("backup.never", blind)
    assert result.findings == ()
    ((source, kind, hides),) = [(gap.source, gap.kind, gap.hides) for gap in result.gaps]
    assert (source, kind, hides) == ("pve", "forbidden", ("guest:pve/104", "guest:pve/105"))
    assert "the archives in storage nas are not shown to this token" in result.gaps[0].detail


DISABLED: list[tuple[str, Snapshot, list[Told]]] = [
    ("no job is disabled", world(), []),
    (
        "the only one of two guests",
        world(guests=THREE, backup_jobs=complete(job(vmids=(106,)), job("old", enabled=False, comment="Old"))),
        [("warning", "job:pve/old", "Backup job Old is disabled, and 2 guests have no other")],
    ),
    ("beside one that is enabled", world(backup_jobs=complete(job(), job("old", enabled=False))), []),
    (
        "two of one guest: by the first of them, in whatever order they are listed",
        world(
            guests=THREE,
            backup_jobs=complete(
                job(), job("z", enabled=False, vmids=(106,)), job("a", enabled=False, vmids=(106,), comment="A")
            ),
        ),
        [("warning", "job:pve/a", "Backup job A is disabled, and 1 guest has no other")],
    ),
    (
        "two that share a guest: by the one that would save more",
        world(
            guests=THREE,
            backup_jobs=complete(
                job(vmids=(106,)), job("a", enabled=False, vmids=(104,)), job("z", enabled=False, comment="Z")
            ),
        ),
        [("warning", "job:pve/z", "Backup job Z is disabled, and 2 guests have no other")],
    ),
    ("no job at all is another finding", world(backup_jobs=complete(job(enabled=False))), []),
    (
        "the guest needs none",
        world(
            guests=complete(guest(tags=("no-backup",)), container()),
            backup_jobs=complete(job(vmids=(105,)), job("old", enabled=False, vmids=(104,))),
        ),
        [],
    ),
]


@pytest.mark.parametrize(("snapshot", "expected"), [case[1:] for case in DISABLED], ids=[c[0] for c in DISABLED])
def test_disabled_jobs(snapshot: Snapshot, expected: list[Told]) -> None:
    assert told("backup.job_disabled", snapshot) == expected


SHARED = "storage:pve/shared/pbs-tank"
FAILED = {"status": "job errors", "outcome": "failed", "storage": "pbs-tank", "reason": "ENOSPC"}
OLD = complete(group(104, ago(days=2)), group(105, ago(days=2), backup_type="ct"))


def runs(*tasks: object, groups: Dataset[object] = OLD) -> Snapshot:
    return world(tasks=complete(*tasks), backup_groups=groups)


def logged(first: Task, second: Task, went_well: dict[int, bool]) -> Snapshot:
    """Two runs of several guests. The log of the second was read: how it went for each of its guests."""
    told = tuple(
        BackupRun("pve", second.upid, second.node, vmid, second.started_at, ok=ok, storage=second.storage)
        for vmid, ok in went_well.items()
    )
    log = RunLog("pve", second.upid, second.node, second.started_at, NOW, told, second.storage)
    return replace(runs(first, second), backup_runs=complete(log))


RUNS: list[tuple[str, Snapshot, list[Told]]] = [
    ("all went well", world(), []),
    (
        "one guest of a run failed",
        runs(task(**FAILED, failed_vmids=(104,))),
        [("warning", "guest:pve/104", "Backup of web (VM 104) to pbs-tank failed")],
    ),
    (
        "two guests failed on the way to one storage",
        runs(task(**FAILED, failed_vmids=(104,)), task(**FAILED, hours=5, node="pve2", failed_vmids=(105,))),
        [("warning", SHARED, "Backups of 2 guests to pbs-tank failed")],
    ),
    (
        "a newer backup of it exists",
        runs(task(**FAILED, failed_vmids=(104,)), groups=complete(group(104, ago(hours=1)))),
        [],
    ),
    (
        "saved by hand later",
        runs(task(**FAILED, failed_vmids=(104,)), task(worker_id="104", hours=2)),
        [],
    ),
    (
        "another guest saved by hand later",
        runs(task(**FAILED, failed_vmids=(104,)), task(worker_id="105", hours=2)),
        [("warning", "guest:pve/104", "Backup of web (VM 104) to pbs-tank failed")],
    ),
    (
        "the same job succeeded since",
        runs(task(**FAILED, failed_vmids=(104,), hours=30), task(storage="pbs-tank")),
        [],
    ),
    (
        "another job on the node succeeded since",
        runs(task(**FAILED, failed_vmids=(104,)), task(storage="pbs-vault", hours=5)),
        [("warning", "guest:pve/104", "Backup of web (VM 104) to pbs-tank failed")],
    ),
    (
        "it succeeded before it failed",
        runs(task(worker_id="104", hours=9), task(**FAILED, failed_vmids=(104,))),
        [("warning", "guest:pve/104", "Backup of web (VM 104) to pbs-tank failed")],
    ),
    (
        "no log told which guests",
        runs(task(status="job errors", outcome="failed")),
        [("warning", "node:pve/pve1", "Backups failed")],
    ),
    (
        "another job saved other guests to the same storage",
        logged(task(**FAILED, failed_vmids=(104,)), task(storage="pbs-tank", hours=5), {105: True}),
        [("warning", "guest:pve/104", "Backup of web (VM 104) to pbs-tank failed")],
    ),
    (
        "the next run saved it, and failed for another",
        logged(
            task(**FAILED, failed_vmids=(104,)),
            task(**FAILED, hours=5, failed_vmids=(105,)),
            {104: True, 105: False},
        ),
        [("warning", "guest:pve/105", "Backup of db (CT 105) to pbs-tank failed")],
    ),
    (
        "it was deleted since",
        runs(task(**FAILED, failed_vmids=(104,)), task("qmdestroy", worker_id="104", hours=2)),
        [],
    ),
    (
        "it was deleted before, and another got its number",
        runs(task(**FAILED, failed_vmids=(104,)), task("qmdestroy", worker_id="104", hours=9)),
        [("warning", "guest:pve/104", "Backup of web (VM 104) to pbs-tank failed")],
    ),
    (
        "deleting it failed",
        runs(task(**FAILED, failed_vmids=(104,)), task("qmdestroy", "can't remove", worker_id="104", hours=2)),
        [("warning", "guest:pve/104", "Backup of web (VM 104) to pbs-tank failed")],
    ),
    ("still running", runs(task(status="RUNNING", outcome="running")), []),
    ("with warnings", runs(task(status="WARNINGS: 1", outcome="warnings")), []),
    ("another kind of task failed", runs(task("qmstart", status="timeout")), []),
]


@pytest.mark.parametrize(("snapshot", "expected"), [case[1:] for case in RUNS], ids=[c[0] for c in RUNS])
def test_backup_runs(snapshot: Snapshot, expected: list[Told]) -> None:
    assert told("backup.failed", snapshot) == expected


def test_a_failed_run_tells_reason_log_and_command() -> None:
    (finding,) = run("backup.failed", runs(task(**FAILED, failed_vmids=(104, 105)))).findings
    assert finding.detail.startswith(
        "Guests: web (VM 104) and db (CT 105). The newest of these runs began 6 h ago on pve1."
    )
    assert finding.detail.endswith("Reason: ENOSPC")
    assert "vzdump 104 105 --storage pbs-tank --mode snapshot" in finding.remedy
    assert finding.since == ago(hours=5.9)  # the end of the run: until then it had not failed
    assert finding.evidence[0].rows[0][2:6] == ("104, 105", "pbs-tank", "job errors", "ENOSPC")


def test_a_failure_is_the_same_finding_the_next_night() -> None:
    first = run("backup.failed", runs(task(**FAILED, failed_vmids=(104,), hours=30))).findings[0]
    second = run("backup.failed", runs(task(**FAILED, failed_vmids=(104,), hours=6))).findings[0]
    assert first.fingerprint == second.fingerprint
