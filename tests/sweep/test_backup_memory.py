"""What a sweep knows about backups beyond its snapshot: earlier restores, and whom the operator exempts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.checks.world import NOW, complete, container, guest, world
from tests.sweep.test_sweeper import Clock, FixedCollector

from nightshift.checks.policy import NO_POLICY, Exclusion, Policy
from nightshift.checks.selection import Selector
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.backup_runs import RestoreTest
from nightshift.facts.snapshot import Snapshot
from nightshift.store.database import open_database
from nightshift.store.restores import RestoreStore
from nightshift.sweep.sweeper import Sweeper

SEEN = RestoreTest("pve", 104, NOW - timedelta(days=3), "whole", "root@pam", upid="U1")


def sweeper(snapshot: Snapshot, restores: RestoreStore | None = None, policy: Policy = NO_POLICY) -> Sweeper:
    return Sweeper(
        FixedCollector(snapshot), None, thresholds=Thresholds(), policy=policy, restores=restores, clock=Clock()
    )  # fmt: skip


async def test_a_restore_that_pve_forgot_is_remembered(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    try:
        store = RestoreStore(database)
        await sweeper(world(restore_tests=complete(SEEN)), store).sweep()
        later = await sweeper(world(restore_tests=complete()), RestoreStore(database)).sweep()
    finally:
        database.close()
    assert later.snapshot.restore_tests.rows == (SEEN,)
    assert not [gap for gap in later.gaps if gap.source == "store"]


def break_database(folder: Path) -> None:
    for file in folder.glob("nightshift.db*"):
        file.unlink()
    (folder / "nightshift.db").mkdir()


async def test_a_disk_that_fails_is_said_and_costs_nothing_else(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    store = RestoreStore(database)
    database.close()
    break_database(tmp_path)
    sweep = await sweeper(world(restore_tests=complete(SEEN)), store).sweep()
    assert sweep.snapshot.restore_tests.rows == (SEEN,)
    assert [gap.dataset for gap in sweep.gaps if gap.source == "store"] == ["restore tests"]


async def test_an_exclusion_of_the_finding_exempts_the_guest() -> None:
    lonely = world(guests=complete(guest(), container(), guest(106, "wiki")))
    policy = Policy(exclusions=(Exclusion(Selector(check=("backup.uncovered",), guest=("wiki",))),))
    for given, verdict in ((NO_POLICY, "unprotected"), (policy, "excluded")):
        owner = sweeper(lonely, policy=given)
        found = owner.matrix(await owner.sweep()).get("guest:pve/106")
        assert found is not None
        assert found.verdict == verdict
