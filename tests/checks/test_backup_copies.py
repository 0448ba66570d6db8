# ruff: noqa: E501  (one case a row: this is a table)
"""Findings about the backups that there are. The verdicts behind them have a table of their own, tests/protection."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.checks.world import BY_ID, LIMITS
from tests.protection.world import (
    LAST_NIGHT,
    LOCAL_ZFS,
    NOW,
    TANK,
    ago,
    archive,
    archives,
    backups,
    complete,
    config,
    container,
    directory,
    guest,
    job,
    kept,
    listed,
    log,
    logs,
    nights,
    prune_job,
    run,
    unavailable,
    verify_job,
    world,
)

from nightshift.checks.judge import judge
from nightshift.checks.previous import NOTHING
from nightshift.facts.backup_runs import GuestVolumes, JobVolume, JobVolumes
from nightshift.facts.backups import KeptSnapshot
from nightshift.facts.snapshot import Snapshot

WEB, STORE, CLUSTER = "guest:pve/104", "datastore:pbs/tank", "cluster:pve/homelab"
GOOD = list(map(kept, nights()))
PBS_VM = guest(111, "pbs")


def web(*snapshots: Any) -> Snapshot:
    return world((listed(backups(*snapshots), TANK[1]),))


def as_vm(**changes: Any) -> Snapshot:
    usual: dict[str, Any] = {"guests": complete(guest(), container(), PBS_VM), "names": {"192.0.2.9": PBS_VM.entity},
                             "backup_jobs": complete(job(vmids=(104, 105, 111)))}  # fmt: skip
    return world((listed(*TANK, backups(*map(kept, nights()), number=111)),), **(usual | changes))


def slow_runs(*vmids: int) -> Snapshot:
    before = logs(nights(6, newest=ago(days=1, hours=6)), duration_s=2400.0)
    return world(backup_runs=complete(*before, log(*(run(vmid, duration_s=21_600.0) for vmid in vmids))))


ON_LOCAL = world(
    (), storage_configs=complete(LOCAL_ZFS, directory()), storages=complete(), backup_jobs=complete(job(storage="local")),
    storage_archives=complete(archives(*(archive(moment, vmid=vmid, kind=kind)
                                         for vmid, kind in ((104, "qemu"), (105, "lxc")) for moment in nights()))),
    backup_runs=complete(*logs(storage="local")),
)  # fmt: skip
MOUNTS = JobVolumes("pve", "nightly", NOW, (GuestVolumes(105, (
    JobVolume("rootfs", "z:1", True, "rootfs"), JobVolume("mp0", "z:2", False, "disabled"))),))  # fmt: skip


def unread(items: Iterable[KeptSnapshot]) -> list[KeptSnapshot]:
    return [replace(item, verified=None, verified_at=None) for item in items]


def no_verify_job(*items: KeptSnapshot) -> Snapshot:
    return replace(web(*items), pbs_jobs=complete(prune_job()))


CASES: list[tuple[str, str, Snapshot, list[tuple[str, str, str]]]] = [
    ("backup.corrupt", "all verified", world(), []),
    ("backup.corrupt", "the newest failed", web(*GOOD[:-1], replace(GOOD[-1], verified=False)),
     [("critical", WEB, "The newest backup of web (VM 104) failed verification")]),
    ("backup.corrupt", "an old one failed", web(replace(GOOD[0], verified=False), *GOOD[1:]), []),
    ("backup.corrupt", "all failed", web(*(replace(item, verified=False) for item in GOOD)),
     [("critical", WEB, "No backup of web (VM 104) can be restored")]),
    ("backup.encryption", "never encrypted", world(), []),
    ("backup.encryption", "ended", web(*(replace(item, encrypted=True) for item in GOOD[:-1]), GOOD[-1]),
     [("warning", WEB, "Backups of web (VM 104) are not encrypted any more")]),
    ("backup.shrunk", "as large as ever", world(), []),
    ("backup.shrunk", "exactly half", web(*GOOD[:-1], replace(GOOD[-1], size_bytes=32 * 2**30)), []),
    ("backup.shrunk", "less than half", web(*GOOD[:-1], replace(GOOD[-1], size_bytes=31 * 2**30)),
     [("warning", WEB, "The newest backup of web (VM 104) is much smaller than before")]),
    ("backup.slow", "as ever", world(), []),
    ("backup.slow", "one guest", slow_runs(104), [("warning", WEB, "The last backup of web (VM 104) took very long")]),
    ("backup.slow", "two guests to one storage", slow_runs(104, 105),
     [("warning", "storage:pve/shared/tank", "The last backups of 2 guests to tank took very long")]),
    ("copies.unverified", "verified", world(), []),
    ("copies.unverified", "no verify job",
     replace(world((listed(backups(*(replace(item, verified=None) for item in GOOD)), TANK[1]),)),
             pbs_jobs=complete(prune_job())),
     [("info", STORE, "Backups of 1 guest in datastore tank are not verified")]),
    ("copies.unverified", "verified until a month ago", no_verify_job(kept(ago(days=31)), *unread(GOOD)),
     [("warning", STORE, "Backups of 1 guest in datastore tank are not verified any more")]),
    ("copies.unverified", "verified every night until a week ago",
     no_verify_job(*(kept(ago(days=days)) for days in (11, 10, 9, 8)), *unread(GOOD[-7:])),
     [("warning", STORE, "Backups of 1 guest in datastore tank are not verified any more")]),
    ("copies.unverified", "verified every five days until twelve days ago",
     no_verify_job(*(kept(ago(days=days)) for days in (27, 22, 17, 12)), *unread(GOOD[-7:])), []),
    ("copies.unverified", "younger than the last verification",
     replace(web(*GOOD[:-1], replace(GOOD[-1], verified=None)), pbs_jobs=complete(verify_job(last_run_at=ago(hours=9)))), []),
    ("copies.retention", "as the prune job says", world(), []),
    ("copies.retention", "nothing is pruned", web(*map(kept, nights(15))),
     [("info", STORE, "What is kept of 1 guest in datastore tank is not what one would expect")]),
    ("copies.retention", "twice as much is normal", web(*map(kept, nights(14))), []),
    ("copies.same_place", "another machine", world(), []),
    ("copies.same_place", "on their node", ON_LOCAL,
     [("warning", "storage:pve/pve1/local", "2 guests have their only backups on their own node, in local on pve1")]),
    ("copies.same_place", "the backup server in itself", as_vm(),
     [("info", "guest:pve/111", "The backups of pbs (VM 111) lie in itself")]),
    ("copies.with_server", "another machine", world(), []),
    ("copies.with_server", "the backup server on their node", as_vm(),
     [("info", STORE, "2 guests with backups in tank alone would lose the backup server together with their node")]),
    ("copies.orphaned", "none", world(), []),
    ("copies.orphaned", "a guest is gone", world((listed(*TANK, backups(kept(ago(days=90)), number=201)),)),
     [("info", STORE, "1 backup group in tank is of guests that are gone")]),
    ("copies.orphaned", "the guests could not be read",
     replace(world((listed(*TANK, backups(kept(ago(days=90)), number=201)),)), guests=replace(
         world().guests, state="partial", gaps=unavailable("guests", "site2").gaps)), []),
    ("restores.untested", "both were tried", world(), []),
    ("restores.untested", "none was", world(restore_tests=complete()),
     [("info", CLUSTER, "No recent restore is known of 2 of 2 guests")]),
    ("restores.untested", "nobody tries a template", replace(
        world(restore_tests=complete()), guests=complete(guest(), container(template=True))),
     [("info", CLUSTER, "No recent restore is known of 1 of 1 guest")]),
    ("backup.partial", "the whole of them", world(), []),
    ("backup.partial", "a mount point is left out", world(job_volumes=complete(MOUNTS)),
     [("info", "guest:pve/105", "Backups of db (CT 105) leave out volumes")]),
    ("backup.partial", "nothing is saved", world(job_volumes=complete(replace(MOUNTS, guests=(GuestVolumes(
        104, (JobVolume("scsi0", "z:1", False, "disabled"),)),)))),
     [("warning", WEB, "Nothing of web (VM 104) is saved but its configuration")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "snapshot", "expected"), [(case[0], *case[2:]) for case in CASES], ids=[f"{c[0]}: {c[1]}" for c in CASES]
)
def test_findings(check: str, snapshot: Snapshot, expected: list[tuple[str, str, str]]) -> None:
    result = judge(BY_ID[check], snapshot, NOTHING, LIMITS).result
    assert [(finding.severity, finding.entity.key, finding.title) for finding in result.findings] == expected
    assert result.gaps == ()


def test_every_check_of_backups_says_that_it_could_not_judge() -> None:
    blind = replace(world(), guests=unavailable("guests", "pve"))
    for check in BY_ID.values():
        if check.family == "backups" and "guests" in check.datasets:
            result = judge(check, blind, NOTHING, LIMITS).result
            assert (result.findings, [gap.kind for gap in result.gaps]) == ((), ["unreachable"]), check.id


def test_a_disk_elsewhere_keeps_the_guest_out_of_its_backups_place() -> None:
    moved = replace(ON_LOCAL, guest_configs=complete(config(104, ("scsi0", "local:104/disk.qcow2,size=8G"))))
    result = judge(BY_ID["copies.same_place"], moved, NOTHING, LIMITS).result
    assert sorted(finding.discriminator for finding in result.findings) == ["same node", "same storage"]
    assert LAST_NIGHT.isoformat() in str(result.findings[0].evidence[0].rows)


def test_a_backup_is_late_since_the_run_that_left_none_had_its_time() -> None:
    """Runs come at two every night; the last two left none of web, and each may take four hours."""
    snapshot = replace(web(*map(kept, nights()[:-2])), backup_runs=complete(*logs(vmids=(105,))))
    (finding,) = judge(BY_ID["backup.stale"], snapshot, NOTHING, LIMITS).result.findings
    assert finding.since == nights()[-2] + timedelta(hours=4)
