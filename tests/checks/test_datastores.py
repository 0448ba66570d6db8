"""Space on datastores, the time until it ends, and garbage collection."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from tests.checks.world import GIB, NOW, Told, ago, complete, datastore, gc, run, told, world

from nightshift.checks.thresholds import DAY_S
from nightshift.checks.trends import daily_lows, days_to_full
from nightshift.facts.snapshot import Snapshot

STEP_S = 21_600.0


def sawtooth(start: float, daily_growth: float, days: int = 14) -> tuple[float, ...]:
    """Four points a day: backups add 4 % over the day, garbage collection takes them away, the lows grow."""
    return tuple(start + daily_growth * (index // 4) + 0.01 * (index % 4) for index in range(days * 4))


def used(share: float, **changes: object) -> Snapshot:
    store = datastore(used_bytes=round(share * 1000 * GIB), available_bytes=round((1 - share) * 1000 * GIB), **changes)
    return world(datastores=complete(store))


def filling(start: float, growth: float, share: float, days: int = 14) -> Snapshot:
    return used(share, history=sawtooth(start, growth, days), history_step_s=STEP_S)


FULL = "datastore:pbs/tank"

CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("half full", "datastore.full", world(), []),
    ("below the limit", "datastore.full", used(0.8499), []),
    ("at the limit", "datastore.full", used(0.85), [("warning", FULL, "Datastore tank is 85 % full")]),
    ("critical", "datastore.full", used(0.95), [("critical", FULL, "Datastore tank is 95 % full")]),
    (
        "nothing available though 98 % used",
        "datastore.full",
        world(datastores=complete(datastore(used_bytes=980 * GIB, available_bytes=40_960))),
        [("critical", FULL, "Datastore tank is full")],
    ),
    (
        "offline without sizes is not 0 %",
        "datastore.full",
        world(datastores=complete(datastore(used_bytes=None, total_bytes=None, error="not mounted"))),
        [],
    ),
    ("available", "datastore.unavailable", world(), []),
    (
        "broken",
        "datastore.unavailable",
        world(datastores=complete(datastore(total_bytes=None, used_bytes=None, error="I/O error"))),
        [("critical", FULL, "Datastore tank is broken")],
    ),
    (
        "a removable one that is not plugged in",
        "datastore.unavailable",
        world(datastores=complete(datastore(total_bytes=None, error="not mounted", mount_status="notmounted"))),
        [("info", FULL, "Datastore tank is away")],
    ),
    ("no history", "datastore.filling", used(0.7), []),
    ("flat", "datastore.filling", filling(0.6, 0.0, 0.6), []),
    ("shrinking", "datastore.filling", filling(0.8, -0.01, 0.6), []),
    (
        "full in ten days",
        "datastore.filling",
        filling(0.5, 0.02, 0.8),
        [("warning", FULL, "Datastore tank will be full in 10 d")],
    ),
    ("full in fourteen days", "datastore.filling", filling(0.4, 0.02, 0.72), []),
    (
        "full tomorrow",
        "datastore.filling",
        filling(0.3, 0.05, 0.94),
        [("critical", FULL, "Datastore tank will be full in 1 d 4 h")],
    ),
    ("three days are no trend", "datastore.filling", filling(0.5, 0.1, 0.8, days=3), []),
    (
        "PBS's own estimate where we have no history",
        "datastore.filling",
        used(0.8, estimated_full_at=NOW + timedelta(days=3)),
        [("warning", FULL, "Datastore tank will be full in 3 d")],
    ),
    ("an estimate in the past means shrinking", "datastore.filling", used(0.8, estimated_full_at=ago(days=3)), []),
    ("full already is told once", "datastore.filling", filling(0.7, 0.02, 0.96), []),
    ("collected last night", "datastore.gc", world(), []),
    ("never ran: a new datastore", "datastore.gc", world(gc=complete(gc(last_run_at=None, last_run_state=None))), []),
    ("with warnings", "datastore.gc", world(gc=complete(gc(last_run_state="WARNINGS: 2"))), []),
    (
        "failed",
        "datastore.gc",
        world(gc=complete(gc(last_run_state="unable to open chunk store"))),
        [("warning", FULL, "Garbage collection of datastore tank failed")],
    ),
    ("once a month", "datastore.gc", world(gc=complete(gc(schedule="monthly", last_run_at=ago(days=20)))), []),
    (
        "once a month, and missed",
        "datastore.gc",
        world(gc=complete(gc(schedule="monthly", last_run_at=ago(days=32), next_run_at=ago(hours=3)))),
        [("warning", FULL, "Garbage collection of datastore tank is overdue")],
    ),
    (
        "no schedule, eight days ago",
        "datastore.gc",
        world(gc=complete(gc(schedule=None, next_run_at=None, last_run_at=ago(days=8)))),
        [],
    ),
    (
        "no schedule, more than eight days ago",
        "datastore.gc",
        world(gc=complete(gc(schedule=None, next_run_at=None, last_run_at=ago(days=8, seconds=1)))),
        [("warning", FULL, "Garbage collection of datastore tank is overdue")],
    ),
    (
        "bad chunks",
        "datastore.gc",
        world(gc=complete(gc(still_bad=2))),
        [("critical", FULL, "Datastore tank holds 2 bad chunks")],
    ),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


def test_two_problems_of_one_collection_are_two_findings() -> None:
    found = run("datastore.gc", world(gc=complete(gc(still_bad=1, last_run_state="failed")))).findings
    assert [finding.discriminator for finding in found] == ["bad-chunks", "failed"]
    assert len({finding.fingerprint for finding in found}) == 2


def test_the_share_is_the_one_that_pbs_shows_and_the_reserve_is_told() -> None:
    """970 of 1,000 GiB are 97 % on every page, though only 10 GiB are left."""
    kept_back = world(datastores=complete(datastore(used_bytes=970 * GIB, available_bytes=10 * GIB)))
    (finding,) = run("datastore.full", kept_back).findings
    assert (finding.severity, finding.title) == ("critical", "Datastore tank is 97 % full")
    assert finding.detail.startswith(
        "970 GiB of 1000 GiB are used, 10 GiB are left: 20 GiB are reserved by the file system beneath, and no backup"
    )
    table = finding.evidence[0]
    assert table.rows[0][table.columns.index("used_fraction")] == 0.97


@pytest.mark.parametrize(
    ("changes", "share"),
    [
        ({}, 0.5),
        ({"available_bytes": None}, 0.5),
        ({"used_bytes": None}, None),
        ({"total_bytes": 0}, None),
        ({"used_bytes": 0, "available_bytes": 0}, None),
    ],
)
def test_the_reserve_of_the_file_system_counts_as_used(changes: dict[str, object], share: float | None) -> None:
    assert datastore(**changes).used_share == share


def test_only_the_lows_of_the_sawtooth_count() -> None:
    lows = daily_lows(sawtooth(0.5, 0.02, days=5), STEP_S)
    assert [round(value, 3) for _, value in lows] == [0.5, 0.52, 0.54, 0.56, 0.58]
    assert {round(later[0] - earlier[0]) for earlier, later in itertools.pairwise(lows)} == {round(DAY_S)}


def test_holes_in_the_history_do_not_matter_unless_a_day_is_mostly_missing() -> None:
    history: list[float | None] = list(sawtooth(0.5, 0.02, days=6))
    history[1] = None
    assert len(daily_lows(history, STEP_S)) == 6
    history[4:7] = [None, None, None]
    assert len(daily_lows(history, STEP_S)) == 5


@pytest.mark.parametrize("step_s", [None, 0.0, -1.0])
def test_a_history_without_steps_tells_nothing(step_s: float | None) -> None:
    assert days_to_full(sawtooth(0.5, 0.02), step_s, 0.8) is None
