# ruff: noqa: E501  (one situation a row: this is a table)
"""The truth table: what is said of a guest's backups in every situation that an operator can be in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from tests.protection.world import (
    GIB,
    LAST_NIGHT,
    LOCAL_ZFS,
    NOW,
    OWNER,
    SOURCES,
    TANK,
    ago,
    archive,
    archives,
    backups,
    complete,
    config,
    container,
    datastore,
    directory,
    group,
    guest,
    job,
    kept,
    listed,
    log,
    logs,
    nights,
    node,
    partial,
    prune_job,
    restored,
    run,
    storage_config,
    sync_job,
    task,
    unavailable,
    verify_job,
    world,
)

from nightshift.facts.backup_runs import GuestVolumes, JobVolume, JobVolumes
from nightshift.facts.backups import KeptSnapshot, NamespaceSnapshots
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Dataset, Snapshot, SourceStatus, not_configured
from nightshift.protection import Rules, matrix_of
from nightshift.protection.plan import plan_of

WEB, DB = "guest:pve/104", "guest:pve/105"


@dataclass(frozen=True)
class Row:
    """A situation. `weighty` are the codes of all reasons that are more than remarks, `remarks` some that have to be
    among the remarks, `words` stand in the texts of the reasons."""

    id: str
    snapshot: Snapshot
    verdict: str
    weighty: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    entity: str = WEB
    rules: Rules = field(default_factory=Rules)


def only_db() -> tuple[NamespaceSnapshots, ...]:
    """Nothing of web in the datastore."""
    return (listed(TANK[1]),)


def once_verified(*, days: int) -> tuple[KeptSnapshot, ...]:
    """Backups of which only one, so many days old, was verified."""
    old = kept(LAST_NIGHT - timedelta(days=days))
    return (old, *(replace(item, verified=None, verified_at=None) for item in OLD_FIRST))


def of_web(*snapshots: object, **changes: object) -> tuple[NamespaceSnapshots, ...]:
    """These snapshots of web instead of its own."""
    return (listed(backups(*snapshots, **changes), TANK[1]),)  # type: ignore[arg-type]


def volumes(*items: JobVolume, vmid: int = 104) -> object:
    return complete(JobVolumes("pve", "nightly", NOW, (GuestVolumes(vmid, items),)))


DISK = JobVolume("scsi0", "local-zfs:vm-104-disk-0", True, "enabled")
AWAY = Gap("pbs", "backup_groups", "unreachable", "datastore tank is not available: not mounted")
FORBIDDEN = Gap("pve", "backup_jobs", "forbidden", "Permission check failed", "Sys.Audit on /")
NO_RUNS: dict[str, object] = {"tasks": complete(), "backup_runs": complete()}
ONLY_DB_RUNS: dict[str, object] = {"backup_runs": complete(*logs(vmids=(105,)))}
NOT_WEB = job(vmids=(105,))

COVERED = [
    Row("all is well", world(), "protected", remarks=("saved",), words=("Last saved 6 h ago to tank/home (7 kept, verified)",)),
    Row("in no job, saved last night by hand", world(backup_jobs=complete(NOT_WEB)), "at risk", ("uncovered",),
        words=("No enabled backup job selects it. Its last backup is from 6 h ago.",)),
    Row("in no job, saved last month", world(of_web(*map(kept, nights(3, newest=ago(days=30)))),
        backup_jobs=complete(NOT_WEB), **ONLY_DB_RUNS), "unprotected", ("uncovered",), words=("30 d ago",)),
    Row("in no job and never saved", world(only_db(), backup_jobs=complete(NOT_WEB), **ONLY_DB_RUNS), "unprotected",
        ("never",), words=("It was never backed up. No enabled backup job selects it.",)),
    Row("only a disabled job", world(backup_jobs=complete(NOT_WEB, job("old", enabled=False, vmids=(104,)))), "at risk",
        ("uncovered",), words=("Only the disabled job old selects it",)),
    Row("a disabled job, and never saved", world(only_db(), backup_jobs=complete(job(enabled=False)), **NO_RUNS),
        "unprotected", ("never",), words=("disabled job nightly",)),
    Row("a disabled job beside an enabled one", world(backup_jobs=complete(job(), job("old", enabled=False))), "protected"),
    Row("a job of all", world(backup_jobs=complete(job(selects_all=True, vmids=None))), "protected"),
    Row("a job of all leaves it out by name", world(only_db(), backup_jobs=complete(
        job(selects_all=True, vmids=None, excluded_vmids=(104,))), **ONLY_DB_RUNS), "excluded",
        remarks=("on-purpose",), words=("Job nightly leaves it out by name.",)),
    Row("left out of one job, named by another", world(backup_jobs=complete(
        job(selects_all=True, vmids=None, excluded_vmids=(104,)), job("web", vmids=(104,)))), "protected"),
    Row("a disabled job's exception is no decision", world(only_db(), backup_jobs=complete(NOT_WEB, job(
        "old", enabled=False, selects_all=True, vmids=None, excluded_vmids=(104,))), **ONLY_DB_RUNS), "unprotected",
        ("never",)),
    Row("in the job's pool", world(guests=complete(guest(pool="prod"), container()),
        backup_jobs=complete(job(vmids=None, pool="prod"))), "protected"),
    Row("in a pool below the job's", world(guests=complete(guest(pool="prod/web"), container()),
        backup_jobs=complete(job(vmids=None, pool="prod"))), "protected"),
    Row("in another pool", world(guests=complete(guest(pool="production"), container()),
        backup_jobs=complete(job(vmids=None, pool="prod"))), "at risk", ("uncovered",)),
    Row("PVE knows the pool's guests where it tells no pool", world(
        backup_jobs=complete(job(vmids=None, pool="prod")), job_volumes=volumes(DISK)), "protected"),
    Row("a job bound to its node", world(backup_jobs=complete(job(node="pve1"))), "protected"),
    Row("migrated away from the job's node", world(guests=complete(guest(node="pve2"), container()),
        backup_jobs=complete(job(node="pve1"))), "at risk", ("uncovered",),
        words=("Job nightly only saves what is on pve1, and it is on pve2.",)),
    Row("migrated, the job goes with it", world(guests=complete(guest(node="pve2"), container())), "protected"),
    Row("renamed", world(guests=complete(guest(name="shop"), container())), "protected"),
    Row("a tag says that it needs none", world(only_db(), guests=complete(guest(tags=("No-Backup",)), container()),
        backup_jobs=complete(NOT_WEB), **ONLY_DB_RUNS), "excluded", words=("Its tag No-Backup says",)),
    Row("a tag, and a job all the same", world(guests=complete(guest(tags=("no-backup",)), container())), "protected"),
    Row("the configuration exempts it", world(only_db(), backup_jobs=complete(NOT_WEB), **ONLY_DB_RUNS), "excluded",
        rules=Rules(excluded=frozenset({WEB}))),
    Row("a template in no job", world(only_db(), guests=complete(guest(template=True), container()),
        backup_jobs=complete(NOT_WEB), **ONLY_DB_RUNS), "excluded", words=("It is a template",)),
    Row("a template in a job", world(guests=complete(guest(template=True), container())), "protected"),
    Row("the jobs could not be read", world(backup_jobs=unavailable("backup_jobs", "pve")), "unknown", ("jobs-unread",)),
    Row("the jobs of this cluster were refused", world(backup_jobs=partial(gap=FORBIDDEN)), "unknown", ("jobs-unread",)),
    Row("no backup job at all", world(backup_jobs=complete()), "at risk", ("uncovered",)),
]  # fmt: skip

VOLUMES = [
    Row("a disk is left out on purpose", world(job_volumes=volumes(
        DISK, JobVolume("scsi1", "local-zfs:vm-104-disk-1", False, "disabled"))), "protected", remarks=("left-out",),
        words=("scsi1 (local-zfs:vm-104-disk-1) is left out on purpose",)),
    Row("backup=0 by the configuration alone", world(guest_configs=complete(config(
        104, ("scsi0", "local-zfs:vm-104-disk-0,size=64G"), ("scsi1", "local-zfs:vm-104-disk-1,backup=0,size=8G")))),
        "protected", remarks=("left-out",), words=("scsi1",)),
    Row("every disk is left out", world(job_volumes=volumes(replace(DISK, included=False, reason="disabled"))),
        "unprotected", ("nothing-saved",)),
    Row("a mount point is left out by default", world(job_volumes=volumes(
        JobVolume("rootfs", "local-zfs:subvol-105-disk-0", True, "rootfs"),
        JobVolume("mp0", "local-zfs:subvol-105-disk-1", False, "disabled"), vmid=105)), "at risk", ("partial",),
        words=("mp0 (local-zfs:subvol-105-disk-1) is left out: mount points are left out unless they say backup=1",),
        entity=DB),
    Row("a mount point by the configuration alone", world(guest_configs=complete(config(105,
        ("rootfs", "local-zfs:subvol-105-disk-0,size=8G"), ("mp0", "local-zfs:subvol-105-disk-1,mp=/data,size=8G")))),
        "at risk", ("partial",), entity=DB),
    Row("a mount point that says backup=1", world(guest_configs=complete(config(105,
        ("rootfs", "local-zfs:subvol-105-disk-0,size=8G"), ("mp0", "local-zfs:subvol-105-disk-1,mp=/data,backup=1")))),
        "protected", entity=DB),
    Row("a bind mount", world(job_volumes=volumes(
        JobVolume("rootfs", "local-zfs:subvol-105-disk-0", True, "rootfs"),
        JobVolume("mp0", "/tank/media", False, "not a volume"), vmid=105)), "protected", remarks=("bind-mount",),
        words=("mp0 (/tank/media) is left out: a bind mount",), entity=DB),
    Row("a second job saves what the first leaves out", world(
        backup_jobs=complete(job(), job("disks", vmids=(104,))), job_volumes=complete(
            JobVolumes("pve", "nightly", NOW, (GuestVolumes(104, (DISK, JobVolume("scsi1", "x:1", False, "disabled"))),)),
            JobVolumes("pve", "disks", NOW, (GuestVolumes(104, (JobVolume("scsi1", "x:1", True, "enabled"),)),)))),
        "protected"),
]  # fmt: skip

WEEKLY = job(next_run=NOW + timedelta(days=4, hours=18), schedule="sat 02:00")
SATURDAYS = nights(6, newest=ago(days=2, hours=6), every=timedelta(days=7))
WEEKDAYS = [moment for moment in nights(12, newest=ago(days=3, hours=6)) if moment.weekday() < 5]  # the last on Friday


def weekly(last_weeks: list[object]) -> Snapshot:
    times = list(last_weeks)
    return world(of_web(*map(kept, times)), backup_jobs=complete(WEEKLY), backup_runs=complete(*logs(times, (104,))))  # type: ignore[arg-type]


FRESH = [
    Row("last night failed silently: a day is missing", world(of_web(*map(kept, nights(newest=ago(days=1, hours=6)))),
        **ONLY_DB_RUNS), "at risk", ("late",), words=("The last backup by job nightly is 1 d 6 h old, and it was due",)),
    Row("late by less than the grace", world(of_web(*map(kept, nights(newest=ago(days=1, hours=2)))),
        backup_jobs=complete(job(next_run=NOW + timedelta(hours=22))),
        backup_runs=complete(*logs(nights(newest=ago(days=1, hours=2)), (104,)))), "protected"),
    Row("late for two nights, and by less than the grace for the third", world(
        of_web(*map(kept, nights(newest=ago(days=3, hours=2)))), backup_jobs=complete(job(next_run=NOW + timedelta(hours=22))),
        **ONLY_DB_RUNS), "at risk", ("late",), words=("3 d 2 h old",)),
    Row("a backup is under way", world(of_web(*map(kept, nights(newest=ago(days=1, hours=6)))),
        tasks=complete(task(status=None, at=ago(hours=2)), *(task(at=moment) for moment in nights(2))), **ONLY_DB_RUNS),
        "protected"),
    Row("a weekly job after two days", weekly(SATURDAYS), "protected"),
    Row("a weekly job that missed a week", weekly(SATURDAYS[:-1]), "at risk", ("late",), words=("9 d 6 h old",)),
    Row("a job of working days on a Sunday night", replace(world(of_web(*map(kept, WEEKDAYS)),
        backup_jobs=complete(job(next_run=LAST_NIGHT)), backup_runs=complete(*logs(WEEKDAYS, (104,)))),
        taken_at=NOW - timedelta(hours=12)), "protected"),
    Row("the next run is hours past", world(of_web(*map(kept, nights(newest=ago(days=1, hours=10)))),
        backup_jobs=complete(job(next_run=ago(hours=10))), **ONLY_DB_RUNS), "at risk", ("late",)),
    Row("an hourly job after two hours", world(of_web(*map(kept, nights(9, newest=ago(hours=2), every=timedelta(hours=1)))),
        backup_jobs=complete(job(next_run=NOW + timedelta(minutes=30))), backup_runs=complete()), "protected"),
    Row("an hourly job after a day", world(of_web(*map(kept, nights(9, newest=ago(hours=24), every=timedelta(hours=1)))),
        backup_jobs=complete(job(next_run=NOW + timedelta(minutes=30))), backup_runs=complete()), "at risk", ("late",)),
    Row("one old backup, and the next run soon", world(of_web(kept(ago(days=9))), backup_jobs=complete(job(vmids=(104,))),
        backup_runs=complete(), tasks=complete()), "at risk", ("late",)),
    Row("one old backup of a job that is just slow", world(of_web(kept(ago(days=9))),
        backup_jobs=complete(job(vmids=(104,), next_run=NOW + timedelta(days=20))), backup_runs=complete()), "protected"),
    Row("never, though the job saves others", world(only_db(), **ONLY_DB_RUNS), "unprotected", ("never",),
        words=("It was never backed up, though job nightly covers it and has run.",)),
    Row("an empty group is no backup", world(backup_groups=complete(group(104, backup_count=0)),
        backup_snapshots=complete(listed(TANK[1])), **ONLY_DB_RUNS), "unprotected", ("never",)),
    Row("a job younger than its first run", world(only_db(), backup_jobs=complete(NOT_WEB, job("new", vmids=(104,))),
        **ONLY_DB_RUNS), "at risk", ("first-run",), words=("first due in 18 h",)),
    Row("a guest younger than the job's last run", world(only_db(), tasks=complete(
        task(at=LAST_NIGHT), task("qmcreate", at=ago(hours=3), worker_id="104")), **ONLY_DB_RUNS), "at risk",
        ("first-run",)),
    Row("a young guest in no job", world(only_db(), backup_jobs=complete(NOT_WEB), tasks=complete(
        task(at=LAST_NIGHT), task("qmclone", at=ago(hours=3), worker_id="104")), **ONLY_DB_RUNS), "at risk", ("new",)),
    Row("one of two jobs has stopped", world(backup_jobs=complete(job(), job("copy", storage="nas")),
        storage_configs=complete(LOCAL_ZFS, storage_config(), directory("nas", shared=True, plugin="nfs", server="nas")),
        storage_archives=complete(archives(
            *(archive(moment, storage="nas", node=None) for moment in nights(5, newest=ago(days=4, hours=6))),
            storage="nas", node=None))), "at risk", ("late",), words=("job copy",)),
    Row("a new job has not met it, another has", world(backup_jobs=complete(job(), job("second", storage="nas")),
        storage_configs=complete(LOCAL_ZFS, storage_config(), directory("nas", shared=True, plugin="nfs", server="nas")),
        storage_archives=complete(archives(storage="nas", node=None))), "protected"),
]  # fmt: skip

FAILED_RUN = run(ok=False, reason="qmp command 'backup' failed - got timeout", duration_s=3.0)
FAILED = [
    Row("last night failed", world(of_web(*map(kept, nights(newest=ago(days=1, hours=6)))), backup_runs=complete(
        *logs(nights(6, newest=ago(days=1, hours=6))), log(FAILED_RUN, run(105)))), "at risk", ("late", "failed"),
        words=("the run to tank 6 h ago failed: something did not answer in time", "1 of the last 7 runs failed.")),
    Row("failed, and made good since", world(backup_runs=complete(
        log(run(at=ago(hours=9), ok=False, reason="got timeout")), *logs())), "protected"),
    Row("failed twice, and made good since", world(backup_runs=complete(
        log(run(at=ago(days=2), ok=False, reason="ENOSPC: No space left on device")),
        log(run(at=ago(hours=9), ok=False, reason="ENOSPC: No space left on device")), *logs())), "protected",
        remarks=("failed-before",), words=("2 of the last 9 runs failed.", "the place that it was written to was full")),
    Row("the job gave up before any guest", world(of_web(*map(kept, nights(newest=ago(days=1, hours=6)))),
        backup_runs=complete(*logs(nights(6, newest=ago(days=1, hours=6))), log(
            upid="X", node="pve1", started_at=LAST_NIGHT, storage="tank",
            error="could not activate storage 'tank': No route to host"))), "at risk", ("late", "failed"),
        words=("its storage could not be used",)),
    Row("another job's storage was gone", world(backup_runs=complete(*logs(), log(
        upid="X", node="pve1", started_at=ago(hours=1), storage="elsewhere", error="no route"))), "protected"),
    Row("only the task history tells of the failure", world(of_web(*map(kept, nights(newest=ago(days=1, hours=6)))),
        backup_runs=complete(), tasks=complete(task(status="job errors", failed_vmids=(104,), reason="VM is locked (x)",
                                                    storage="tank"))), "at risk", ("late", "failed"),
        words=("the guest or the job was locked",)),
    Row("failed ever since the job exists", world(only_db(), backup_runs=complete(
        *logs(vmids=(105,)), *(log(run(at=moment, ok=False, reason="start failed: QEMU exited with code 1"))
                               for moment in nights(3)))), "unprotected", ("never", "failed"),
        words=("the VM could not be started for it", "3 of the last 3 runs failed.")),
]  # fmt: skip

OLD_FIRST = list(map(kept, nights()))
NEWEST = OLD_FIRST[-1]


def newest(**changes: object) -> tuple[NamespaceSnapshots, ...]:
    return of_web(*OLD_FIRST[:-1], replace(NEWEST, **changes))  # type: ignore[arg-type]


INTACT = [
    Row("the newest failed verification", world(newest(verified=False)), "at risk", ("corrupt",),
        words=("The newest backup in tank/home failed verification; the newest that did not is from 1 d 6 h ago.",)),
    Row("all failed verification", world(of_web(*(replace(item, verified=False) for item in OLD_FIRST))), "unprotected",
        ("nothing-good",)),
    Row("the newest was not verified yet, the one before failed", world(of_web(
        *OLD_FIRST[:-2], replace(OLD_FIRST[-2], verified=False), replace(OLD_FIRST[-1], verified=None, verified_at=None))),
        "at risk", ("corrupt",), words=("failed verification, and no newer one has been verified yet",)),
    Row("an older one failed, the newest did not", world(of_web(replace(OLD_FIRST[0], verified=False), *OLD_FIRST[1:])),
        "protected"),
    Row("younger than the last verification: not due", world(newest(verified=None, verified_at=None),
        pbs_jobs=complete(verify_job(last_run_at=ago(hours=12)), prune_job())), "protected", remarks=("saved",)),
    Row("the verify job left it out", world(newest(verified=None, verified_at=None)), "protected",
        remarks=("unverified",)),
    Row("the verify job has failed: nobody was left out", world(newest(verified=None, verified_at=None),
        pbs_jobs=complete(verify_job(last_run_state="verification failed"), prune_job())), "protected"),
    Row("the verify job does not reach so deep", world(of_web(*(replace(item, verified=None) for item in OLD_FIRST)),
        pbs_jobs=complete(verify_job(max_depth=0))), "protected", remarks=("never-verified",)),
    Row("no verify job at all", world(of_web(*(replace(item, verified=None) for item in OLD_FIRST)),
        pbs_jobs=complete(prune_job())), "protected", remarks=("never-verified",)),
    Row("no verify job any more", world(of_web(*once_verified(days=31))  , pbs_jobs=complete(prune_job())), "protected",
        remarks=("verification-ended",), words=("the newest backup that was verified is from 31 d 6 h ago",)),
    Row("verified by hand of late", world(of_web(*once_verified(days=29)), pbs_jobs=complete(prune_job())), "protected",
        remarks=("saved",)),
    Row("encrypted before, not any more", world(of_web(*(replace(item, encrypted=True) for item in OLD_FIRST[:-1]), NEWEST)),
        "at risk", ("encryption",), words=("is not encrypted, older ones are",)),
    Row("encrypted since last night", world(newest(encrypted=True)), "protected", remarks=("encrypted-since",)),
    Row("half of a VM is missing", world(newest(size_bytes=8 * GIB)), "at risk", ("shrunk",),
        words=("holds 8 GiB instead of 64 GiB",)),
    Row("protected snapshots are counted", world(of_web(replace(OLD_FIRST[0], protected=True), *OLD_FIRST[1:])), "protected"),
    Row("six hours instead of forty minutes", world(backup_runs=complete(*logs(nights(6, newest=ago(days=1, hours=6)),
        duration_s=2400.0), log(run(duration_s=21_600.0, bitmap="new")))), "protected", remarks=("slow",),
        words=("The last run took 6 h instead of 40 min. The dirty bitmap was lost",)),
    Row("a dirty bitmap lost", world(backup_runs=complete(*logs(nights(6, newest=ago(days=1, hours=6))),
        log(run(bitmap="new")))), "protected", remarks=("bitmap-lost",)),
    Row("far more sent than ever", world(backup_runs=complete(*logs(nights(6, newest=ago(days=1, hours=6))),
        log(run(transferred_bytes=60 * GIB)))), "protected", remarks=("grown",), words=("sent 60 GiB instead of 1 GiB",)),
    Row("slow among too few runs says nothing", world(backup_runs=complete(*logs(nights(2, newest=ago(days=1, hours=6)),
        duration_s=60.0), log(run(duration_s=21_600.0)))), "protected"),
    Row("the list of snapshots is older than the newest backup", world(backup_groups=complete(group(at=ago(minutes=5))),
        backup_snapshots=complete(listed(*TANK))), "protected", words=("Last saved 5 min ago",)),
]  # fmt: skip

PBS_VM = guest(111, "pbs")
AS_VM: dict[str, object] = {
    "guests": complete(guest(), container(), PBS_VM),
    "backup_jobs": complete(job(vmids=(104, 105, 111))),
    "names": {"192.0.2.9": PBS_VM.entity},
}
WITH_PBS = (listed(*TANK, backups(*map(kept, nights()), number=111)),)
MIRROR = listed(*TANK, place=("pbs2", "mirror", "copies"))
TWO_SERVERS = (*SOURCES, SourceStatus("pbs2", "pbs", True, "3.4", 5.0))
SYNCED: dict[str, object] = {
    "sources": TWO_SERVERS,
    "datastores": complete(datastore(), datastore("mirror", "pbs2")),
    "pbs_jobs": complete(verify_job(), prune_job(), sync_job()),
}
NFS = directory("nas", shared=True, plugin="nfs", server="192.0.2.20")
ON_NAS: dict[str, object] = {
    "backup_jobs": complete(job(storage="nas")),
    "backup_runs": complete(*logs(storage="nas")),
    "storage_archives": complete(archives(*(archive(moment, storage="nas", node=None) for moment in nights()),
                                          storage="nas", node=None)),
    "backup_groups": not_configured(), "backup_snapshots": not_configured(), "datastores": not_configured(),
}  # fmt: skip
ON_LOCAL: dict[str, object] = ON_NAS | {
    "backup_jobs": complete(job(storage="local")),
    "backup_runs": complete(*logs(storage="local")),
    "storage_configs": complete(LOCAL_ZFS, directory()),
    "storage_archives": complete(archives(*map(archive, nights()))),
    "storages": complete(),
}

WHERE = [
    Row("a machine of its own", world(), "protected", words=("tank/home",)),
    Row("the backup server is a VM on the same node", world(**AS_VM), "protected", remarks=("with-server",)),
    Row("the backup server is a VM on another node", world(**(AS_VM | {"guests": complete(
        guest(), container(), replace(PBS_VM, node="pve2"))})), "protected", remarks=("saved",)),
    Row("the backup server saves itself into itself", world(WITH_PBS, **AS_VM), "at risk", ("same-place",),
        words=("in the backup server that it is itself",), entity="guest:pve/111"),
    Row("… and a copy is pulled by another server", world(
        (*WITH_PBS, listed(backups(*map(kept, nights()), number=111), place=("pbs2", "mirror", "copies"))),
        **(AS_VM | SYNCED)), "protected", entity="guest:pve/111"),
    Row("its datastore is a disk on the guest's own storage", world(**AS_VM, guest_configs=complete(
        config(104), config(111, ("scsi1", "local-zfs:vm-111-disk-1,size=4T")))), "at risk", ("same-place",),
        words=("on the storage that its own disks are on",)),
    Row("its datastore is a disk on the guest's node", world(**AS_VM, guest_configs=complete(
        config(104), config(111, ("scsi1", "rust:vm-111-disk-1,size=4T")))), "at risk", ("same-place",),
        words=("on the node that it runs on",)),
    Row("the backup server runs on the node itself", world(names={"192.0.2.9": Entity("node:pve/pve1", "pve1")}),
        "at risk", ("same-place",), words=("on the node that it runs on",)),
    Row("a copy at another site", world((listed(*TANK), MIRROR), **SYNCED), "protected",
        words=("also in mirror/copies",)),
    Row("archives on the guest's own storage", world(**(ON_LOCAL | {
        "guest_configs": complete(config(104, ("scsi0", "local:104/vm-104-disk-0.qcow2,size=8G")))})), "at risk",
        ("same-place",), words=("on the storage that its own disks are on",)),
    Row("archives on its node", world(**ON_LOCAL), "at risk", ("same-place",), words=("on the node that it runs on",)),
    Row("archives on the node that it came from", world(**(ON_LOCAL | {
        "guests": complete(guest(node="pve2"), container())})), "protected"),
    Row("archives on a file server", world(**ON_NAS, storage_configs=complete(LOCAL_ZFS, NFS), storages=complete()),
        "protected", words=("to nas (7 kept)",)),
    Row("the file server is the guest itself", world(**ON_NAS, storage_configs=complete(LOCAL_ZFS, NFS),
        storages=complete(), names={"192.0.2.20": guest().entity}), "at risk", ("same-place",)),
    Row("the file server is a guest on the same node", world(**ON_NAS, storage_configs=complete(LOCAL_ZFS, NFS),
        storages=complete(), names={"192.0.2.20": container().entity}), "protected", remarks=("with-server",)),
    Row("only one is kept", world(**(ON_NAS | {"storage_archives": complete(archives(
        archive(storage="nas", node=None), storage="nas", node=None))}), storage_configs=complete(LOCAL_ZFS, NFS),
        storages=complete()), "protected", remarks=("only-one",)),
    Row("nothing is pruned", world(of_web(*map(kept, nights(20)))), "protected", remarks=("not-pruned",),
        words=("20 backups are kept in tank/home, though its prune job keeps 7 daily.",)),
    Row("the datastore with its only copies is offline", world(
        datastores=complete(datastore(error="not mounted")),
        backup_groups=partial(group(104, as_of=ago(hours=2)), group(105, backup_type="ct", as_of=ago(hours=2)), gap=AWAY)),
        "at risk", ("offline",), words=("which cannot be read now: not mounted",)),
]  # fmt: skip

PROVEN = [
    Row("no restore is known", world(restore_tests=complete()), "protected", remarks=("untested",)),
    Row("restored a year ago", world(restore_tests=complete(restored(104, days=365))), "protected",
        remarks=("test-overdue",)),
    Row("restored under another number", world(restore_tests=complete(restored(904, from_vmid=104))), "protected",
        remarks=("saved",)),
    Row("another guest's backup was restored over it", world(restore_tests=complete(restored(104, from_vmid=105))),
        "protected", remarks=("untested",)),
]  # fmt: skip

UNLISTED = directory("local")
BLIND = [
    Row("a storage view without rights, and no job: nobody says never", world(only_db(), backup_jobs=complete(NOT_WEB),
        storage_configs=complete(LOCAL_ZFS, storage_config(), UNLISTED),
        storage_archives=complete(archives(may_list=False)), **ONLY_DB_RUNS), "unprotected", ("uncovered",),
        words=("No backup of it is in sight, and none was made within",)),
    Row("the same, and the task history is unread too", world(only_db(), backup_jobs=complete(NOT_WEB),
        storage_configs=complete(LOCAL_ZFS, storage_config(), UNLISTED),
        storage_archives=complete(archives(may_list=False)), tasks=unavailable("tasks", "pve"),
        backup_runs=complete()), "unknown", ("uncovered",), words=("the archives in storage local are not shown",)),
    Row("the job's storage is not listed, the runs say that it went well", world(
        **(ON_LOCAL | {"storage_archives": complete(archives(may_list=False))})), "protected",
        words=("by the task history",)),
    Row("the job's storage is not listed, and no run is known", world(**(ON_LOCAL | {
        "storage_archives": complete(archives(may_list=False)), "backup_runs": complete(), "tasks": complete()})),
        "unknown", ("unseen",), words=("whether it was ever backed up",)),
    Row("the backup server does not answer, and nothing is remembered", world((),
        backup_groups=unavailable("backup_groups", "pbs"), datastores=unavailable("datastores", "pbs"), **NO_RUNS),
        "unknown", ("unseen",)),
    Row("… but the runs say that it went well", world((), backup_groups=unavailable("backup_groups", "pbs"),
        datastores=unavailable("datastores", "pbs")), "protected", words=("by the task history",)),
    Row("one namespace was refused: that of its job", world((listed(TANK[1], place=("pbs", "tank", "other")),),
        backup_groups=partial(gap=Gap("pbs", "backup_groups", "forbidden", "datastore tank, namespace home: no")),
        **NO_RUNS), "unknown", ("unseen",)),
    Row("another datastore is offline: no matter", world(
        datastores=complete(datastore(), datastore("usb", error="not mounted")),
        backup_groups=partial(*world().backup_groups.rows, gap=Gap("pbs", "backup_groups", "unreachable",
        "datastore usb is not available: not mounted"))), "protected"),
    Row("no backup server is watched, and PVE lists its contents", world((), sources=SOURCES[:1],
        datastores=not_configured(), backup_groups=not_configured(), backup_snapshots=not_configured(),
        storage_archives=complete(archives(*(archive(moment, storage="tank", node=None, verified=True)
                                             for moment in nights()), storage="tank", node=None))), "protected"),
    Row("no backup server is watched, and PVE does not list it", world((), sources=SOURCES[:1],
        datastores=not_configured(), backup_groups=not_configured(), backup_snapshots=not_configured(), **NO_RUNS),
        "unknown", ("unseen",)),
    Row("late, though the newest may be where nobody can look", world(
        of_web(*map(kept, nights(newest=ago(days=3, hours=6)))), backup_runs=complete(), tasks=unavailable("tasks", "pve"),
        datastores=complete(datastore(error="not mounted")), backup_groups=partial(
            group(104, at=ago(days=3, hours=6), as_of=ago(days=2)), gap=AWAY)), "unknown", ("unseen", "offline")),
]  # fmt: skip

SILENT = Gap("pbs", "backup_groups", "unreachable", "connection refused")
SLEEPS = Rules(
    asleep=(("source:pbs", "expected to be away now: attic"), ("datastore:pbs/tank", "expected to be away now: attic"))
)
UNPLUGGED = Rules(asleep=(("datastore:pbs/tank", "expected to be away now: in the safe"),))


def sleeping(*vmids: int, at: datetime = LAST_NIGHT, gap: Gap = SILENT, **changes: object) -> Snapshot:
    """The backup server does not answer; of these guests it held backups when it was read two hours ago."""
    away = SourceStatus("pbs", "pbs", False, None, None, gap)
    rows = (group(vmid, at=at, backup_type="vm" if vmid == 104 else "ct", as_of=ago(hours=2)) for vmid in vmids)
    usual: dict[str, object] = {
        "sources": (SOURCES[0], away),
        "datastores": Dataset("unavailable", (), (gap,), NOW),
        "backup_groups": partial(*rows, gap=gap),
    }
    return world(**(usual | changes))  # type: ignore[arg-type]


ASLEEP = [
    Row("the backup server sleeps as expected", sleeping(104, 105), "protected", remarks=("asleep",), rules=SLEEPS,
        words=("tank/home: expected to be away now: attic. It was last read 2 h ago.",)),
    Row("the same silence when nobody expects it", sleeping(104, 105), "at risk", ("offline",)),
    Row("a removable datastore is away as expected", world(datastores=complete(datastore(error="not mounted")),
        backup_groups=partial(group(104, as_of=ago(hours=2)), group(105, backup_type="ct", as_of=ago(hours=2)), gap=AWAY)),
        "protected", remarks=("asleep",), rules=UNPLUGGED, words=("in the safe",)),
    Row("it sleeps, and nothing of it was ever read", sleeping(lists=(), backup_snapshots=complete(), **NO_RUNS), "unknown",
        ("unseen",), rules=SLEEPS, words=("connection refused (pbs is expected to be away now: attic)",)),
    Row("it sleeps, and a run was due since it was read", sleeping(104, at=ago(days=3, hours=6), lists=of_web(
        *map(kept, nights(newest=ago(days=3, hours=6)))), backup_runs=complete(), tasks=unavailable("tasks", "pve")),
        "unknown", ("unseen",), remarks=("asleep",), rules=SLEEPS, words=("expected to be away now: attic",)),
    Row("it sleeps, and held nothing of a guest in no job", sleeping(105, lists=only_db(), backup_jobs=complete(NOT_WEB),
        **ONLY_DB_RUNS), "unprotected", ("never",), remarks=("asleep",), rules=SLEEPS),
]  # fmt: skip

FAR = replace(guest(104, "far"), source="site2", node="far1")
FAR_CONFIG = storage_config(source="site2", namespace="far", username="pve@pbs!far")
TWO_CLUSTERS: dict[str, object] = {
    "guests": complete(guest(), container(), FAR),
    "nodes": complete(node(), node("pve2"), node("far1", "site2")),
    "backup_jobs": complete(job(), job("far-job", source="site2", vmids=(104,))),
    "sources": (*SOURCES, SourceStatus("site2", "pve", True, "8.4", 5.0)),
    "storage_configs": complete(LOCAL_ZFS, storage_config(), FAR_CONFIG),
}
FAR_KEY = "guest:site2/104"
FAR_BACKUPS = listed(backups(*map(kept, nights()), owner="pve@pbs!far"), place=("pbs", "tank", "far"))
SAME_PLACE = complete(LOCAL_ZFS, storage_config(), replace(FAR_CONFIG, namespace="home"))
SAME_USER = complete(LOCAL_ZFS, storage_config(), replace(FAR_CONFIG, namespace="home", username=OWNER))
NOTES = tuple(kept(moment, comment="far") for moment in nights())

IDENTITY = [
    Row("two clusters, a namespace each", world((listed(*TANK), FAR_BACKUPS), **TWO_CLUSTERS), "protected", entity=FAR_KEY),
    Row("two clusters: the other's backups are not this one's", world((FAR_BACKUPS, listed(TANK[1])), **TWO_CLUSTERS,
        **ONLY_DB_RUNS), "unprotected", ("never",)),
    Row("two clusters in one namespace, a user each", world((listed(*TANK),), **(TWO_CLUSTERS | {
        "storage_configs": SAME_PLACE})), "protected"),
    Row("… and the other one has none", world((listed(*TANK),), **(TWO_CLUSTERS | {"storage_configs": SAME_PLACE}),
        ), "at risk", ("first-run",), entity=FAR_KEY),
    Row("two clusters, one namespace, one user: the notes decide", world((listed(backups(*NOTES), TANK[1]),),
        **(TWO_CLUSTERS | {"storage_configs": SAME_USER})), "protected", entity=FAR_KEY),
    Row("… and without notes nobody can say", world((listed(*TANK),), **(TWO_CLUSTERS | {"storage_configs": SAME_USER}),
        **NO_RUNS), "unknown", ("unseen",), words=("could belong to guests of more than one cluster",), entity=FAR_KEY),
    Row("a namespace three deep", world((listed(*TANK, place=("pbs", "tank", "a/b/c")),), storage_configs=complete(
        LOCAL_ZFS, storage_config(namespace="a/b/c"))), "protected", words=("tank/a/b/c",)),
    Row("a namespace that no watched cluster writes to", world((listed(replace(TANK[0], owner="pve@pbs!strange"),
        place=("pbs", "tank", "strangers")), listed(TANK[1])), **ONLY_DB_RUNS), "unprotected", ("never",)),
    Row("a stranger's VM 104 that is even called the same", world((listed(backups(*(kept(moment, comment="web") for moment in
        nights()), owner="pve@pbs!strange"), place=("pbs", "tank", "strangers")), listed(TANK[1])), **ONLY_DB_RUNS),
        "unprotected", ("never",)),
    Row("an archive that root copied by hand is known by its notes", world((listed(*TANK), listed(backups(
        kept(ago(days=200), comment="web"), owner="root@pam"), place=("pbs", "tank", "archive")))), "protected",
        words=("also in tank/archive",)),
    Row("a copy whose sync job is hidden is known by its times", world((listed(*TANK), MIRROR), **(SYNCED | {
        "pbs_jobs": complete(verify_job(), prune_job())})), "protected", words=("also in mirror/copies",)),
    Row("a copy of a namespace below", world((listed(*TANK), listed(*TANK, place=("pbs2", "mirror", "sites/home"))),
        **(SYNCED | {"pbs_jobs": complete(sync_job(namespace="sites", remote_namespace=""))})), "protected",
        words=("also in mirror/sites/home",)),
    Row("the owner was changed by hand", world((listed(*(replace(item, owner="root@pam") for item in TANK)),)), "protected"),
    Row("a container does not get a VM's backups", world((listed(backups(*map(kept, nights()), number=105), TANK[0]),),
        **NO_RUNS), "unprotected", ("never",), entity=DB),
    Row("PBS 3: no verify time, no crypt mode", world((listed(*(replace(item, snapshots=tuple(
        replace(one, verified_at=None, encrypted=None) for one in item.snapshots)) for item in TANK)),)), "protected"),
    Row("two clusters on one file server: the notes name the guest", world(**(ON_NAS | TWO_CLUSTERS | {
        "backup_jobs": complete(job(storage="nas")), "storages": complete(),
        "storage_configs": complete(NFS, replace(NFS, source="site2")),
        "storage_archives": complete(archives(*(archive(moment, storage="nas", node=None, notes="web")
                                                for moment in nights()), storage="nas", node=None))})), "protected"),
    Row("… and archives of the other's guest are not taken", world(**(ON_NAS | TWO_CLUSTERS | NO_RUNS | {
        "backup_jobs": complete(job(storage="nas", next_run=ago(hours=9))), "storages": complete(),
        "storage_configs": complete(NFS, replace(NFS, source="site2")),
        "storage_archives": complete(archives(*(archive(moment, storage="nas", node=None, notes="far")
                                                for moment in nights()), storage="nas", node=None))})), "unprotected",
        ("never",)),
]  # fmt: skip

LAPTOP = "group:pbs/tank/hosts/host/laptop"


def laptop(*snapshots: object) -> Snapshot:
    return world((listed(*TANK), listed(
        backups(*snapshots, kind="host", number="laptop"), place=("pbs", "tank", "hosts"))))  # type: ignore[arg-type]  # fmt: skip


HOSTS = [
    Row("a host in its rhythm", laptop(*map(kept, nights())), "protected", entity=LAPTOP),
    Row("a host that stopped", laptop(*map(kept, nights(newest=ago(days=6)))), "at risk", ("late",), entity=LAPTOP,
        words=("until then there was one every 1 d",)),
    Row("a host kept for good", laptop(kept(ago(days=300), protected=True)), "excluded", entity=LAPTOP),
    Row("a host that was saved twice", laptop(*map(kept, nights(2))), "unknown", ("no-rhythm",), entity=LAPTOP),
]  # fmt: skip

ROWS = [*COVERED, *VOLUMES, *FRESH, *FAILED, *INTACT, *WHERE, *PROVEN, *BLIND, *ASLEEP, *IDENTITY, *HOSTS]


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_verdicts(row: Row) -> None:
    found = matrix_of(row.snapshot, row.rules).get(row.entity)
    assert found is not None
    weighty = tuple(reason.code for reason in found.reasons if reason.weight != "remark")
    assert (found.verdict, weighty) == (row.verdict, row.weighty), found.reasons
    remarks = {reason.code for reason in found.reasons if reason.weight == "remark"}
    assert set(row.remarks) <= remarks, found.reasons
    text = " ".join(reason.text for reason in found.reasons)
    assert [words for words in row.words if words not in text] == [], text


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_the_plan_has_a_change_for_whatever_is_wrong(row: Row) -> None:
    """But for what only waits for the first run of its job."""
    matrix = matrix_of(row.snapshot, row.rules)
    mended = {entity.key for change in plan_of(row.snapshot, matrix) for entity in change.mends}
    wrong = {
        item.entity.key
        for item in matrix.protections
        if item.guest and item.verdict not in ("protected", "excluded") and item.reasons[0].code != "first-run"
    }
    assert wrong - mended == set()


def test_the_table_is_as_long_as_was_promised() -> None:
    assert len(ROWS) >= 60
    assert len({row.id for row in ROWS}) == len(ROWS)
    assert {row.verdict for row in ROWS} == {"protected", "at risk", "unprotected", "unknown", "excluded"}


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_nobody_says_never_where_backups_may_be_unseen(row: Row) -> None:
    """The loudest word needs that every place which the guest's backups could be in was looked into."""
    for found in matrix_of(row.snapshot, row.rules).protections:
        if found.reason("never") and not found.covering:
            assert [gap for gap in found.blind if gap.dataset in ("backup_groups", "storage_archives")] == []
