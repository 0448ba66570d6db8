"""When something is expected to be away: windows by day and hour, over midnight, in their own zone."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from nightshift.checks.absences import EVERY_DAY, Absence, Window, expected_away
from nightshift.checks.backup_evidence import rules_of
from nightshift.checks.selection import Selector
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.backups import Datastore
from nightshift.facts.snapshot import Dataset, Snapshot, SourceStatus

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = frozenset({6})
NIGHT = Window(EVERY_DAY, time(23), time(7), UTC)
SUNDAY_NIGHT = Window(SUNDAY, time(23), time(7), UTC)
MORNING = Window(SUNDAY, time(2), time(6), BERLIN)
WHOLE_DAY = Window(SUNDAY, time(), time(), UTC)


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    """In November 2026; the 22nd is a Sunday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


HOLDS = [
    ("inside", MORNING, utc(22, 3), True),
    ("its zone counts: 01:30 UTC is 02:30 in Berlin", MORNING, utc(22, 1, 30), True),
    ("at the start", MORNING, utc(22, 1), True),
    ("a minute before", MORNING, utc(22, 0, 59), False),
    ("at the end", MORNING, utc(22, 5), False),
    ("another day", MORNING, utc(23, 3), False),
    ("before midnight", NIGHT, utc(24, 23, 30), True),
    ("after midnight", NIGHT, utc(24, 6, 59), True),
    ("by day", NIGHT, utc(24, 7), False),
    ("over midnight from its day", SUNDAY_NIGHT, utc(23, 1), True),
    ("over midnight from another day", SUNDAY_NIGHT, utc(22, 1), False),
    ("the whole day, first minute", WHOLE_DAY, utc(22, 0), True),
    ("the whole day, last minute", WHOLE_DAY, utc(22, 23, 59), True),
    ("not the day after", WHOLE_DAY, utc(23, 0), False),
]


@pytest.mark.parametrize(("window", "at", "holds"), [row[1:] for row in HOLDS], ids=[row[0] for row in HOLDS])
def test_a_window(window: Window, at: datetime, holds: bool) -> None:
    assert window.holds(at) is holds


ATTIC = Absence(Selector(source=("pbs-attic",)), (MORNING,), present=True, reason="powered for its window")
NAS = Absence(Selector(storage=("nas-*",)), (NIGHT,), present=False)


@pytest.mark.parametrize(
    ("source", "at", "absence"),
    [
        ("pbs-attic", utc(22, 12), ATTIC),
        ("pbs-attic", utc(22, 3), None),
        ("pbs-attic", utc(22, 1, 10), ATTIC),  # switched on ten minutes ago: give it time
        ("pbs", utc(22, 12), None),
    ],
)
def test_present_only_in_its_window(source: str, at: datetime, absence: Absence | None) -> None:
    assert expected_away((NAS, ATTIC), {"source": (source,)}, at) is absence


def test_checks_ask_their_thresholds() -> None:
    limits = Thresholds(absences=(NAS, ATTIC))
    assert limits.away(utc(24, 2), storage="NAS-media", source="pve")
    assert not limits.away(utc(24, 12), storage="nas-media")
    assert not limits.away(utc(24, 2), storage="local")
    assert not Thresholds().away(utc(24, 2), storage="nas-media")


def test_it_says_why() -> None:
    assert str(ATTIC) == "expected to be away now: powered for its window"
    assert str(NAS) == "expected to be away now"


def test_what_sleeps_reaches_the_verdicts_about_backups() -> None:
    """By the server and by the datastore alone; a server that is not named stays missed."""
    usb = Absence(Selector(source=("pbs",), datastore=("usb",)), (NIGHT,), present=False)
    silent = (SourceStatus("pbs", "pbs", True, "4.1", 5.0), SourceStatus("pbs-attic", "pbs", False, None, None))
    stores = Dataset("complete", (Datastore("pbs", "tank"), Datastore("pbs", "usb", error="not mounted")), ())
    snapshot = Snapshot(taken_at=utc(24, 23, 30), sources=silent, datastores=stores)
    rules = rules_of(snapshot, Thresholds(absences=(ATTIC, usb)))
    assert dict(rules.asleep) == {
        "source:pbs-attic": "expected to be away now: powered for its window",
        "datastore:pbs/usb": "expected to be away now",
    }
