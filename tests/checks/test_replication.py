"""Replication that fails, and replication that does not run any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.checks.world import NOW, Told, ago, complete, replication, run, told, world

from nightshift.facts.snapshot import Snapshot

FAILS: list[Told] = [("warning", "job:pve/105-0", "The replication of db (CT 105) to pve2 fails")]
LATE: list[Told] = [("warning", "job:pve/105-0", "The replication of db (CT 105) to pve2 is behind its schedule")]


def job(**changes: Any) -> Snapshot:
    return world(replication=complete(replication(**changes)))


def due(minutes_ago: float, **changes: Any) -> Snapshot:
    return job(next_sync_at=NOW - timedelta(minutes=minutes_ago), **changes)


CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("a job that succeeds", "replication.failing", job(), []),
    (
        "a job that failed once",
        "replication.failing",
        job(failures=1, error="exit code 255"),
        [("info", "job:pve/105-0", "The replication of db (CT 105) to pve2 fails")],
    ),
    ("a job that failed again", "replication.failing", job(failures=2, error="exit code 255"), FAILS),
    ("a job that fails without a word", "replication.failing", job(failures=9), FAILS),
    ("a job that is switched off", "replication.failing", job(failures=9, enabled=False), []),
    ("no jobs", "replication.failing", world(replication=complete()), []),
    (
        "a guest that the token does not see",
        "replication.failing",
        world(replication=complete(replication("999-1", failures=2))),
        [("warning", "job:pve/999-1", "The replication of guest 999 to pve2 fails")],
    ),
    ("a run in the future", "replication.behind", job(), []),
    ("a run due for 29 minutes", "replication.behind", due(29), []),
    ("a run due for half an hour", "replication.behind", due(30), LATE),
    ("it runs now", "replication.behind", due(300, running=True), []),
    ("it fails: that is told as failing", "replication.behind", due(300, failures=2), []),
    ("it is switched off", "replication.behind", due(300, enabled=False), []),
    ("its next run is not told", "replication.behind", job(next_sync_at=None), []),
    ("no jobs to be late", "replication.behind", world(replication=complete()), []),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


def test_a_failing_job_says_how_old_the_copy_is_and_what_the_last_try_said() -> None:
    (finding,) = run("replication.failing", job(failures=27, error="exit code 255", last_sync_at=ago(hours=7))).findings
    assert finding.detail == (
        "Job 105-0 (pve1 to pve2, 0/4:00) failed 27 times in a row. The copy on pve2 is of 2026-11-23 01:00 UTC (7 h "
        "ago). A failover to pve2 would lose what came since. The last try said: exit code 255"
    )
    assert finding.since == ago(hours=7)
    (never,) = run("replication.failing", job(failures=1, last_sync_at=None)).findings
    assert "There has never been a copy on pve2." in never.detail


def test_a_long_error_is_cut() -> None:
    (finding,) = run("replication.failing", job(failures=1, error="x" * 5_000)).findings
    assert len(finding.detail) < 700
