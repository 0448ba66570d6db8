"""nightshift.yaml on checks: what it may say, and mistakes named by their line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nightshift.checks.absences import EVERY_DAY, Absence, Window
from nightshift.checks.policy import Adjustment, Exclusion, Policy
from nightshift.checks.selection import Selector
from nightshift.checks.thresholds import Thresholds
from nightshift.errors import ConfigError
from nightshift.settings import Settings, load_settings

BERLIN = ZoneInfo("Europe/Berlin")
PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def load(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "nightshift.yaml"
    file.write_text(text)
    return load_settings({"NIGHTSHIFT_TIMEZONE": "Europe/Berlin"}, config_file=file)


def test_checks_are_switched_and_adjusted(tmp_path: Path) -> None:
    text = """
checks:
  guest.memory: off
  storage: on
  cluster: {at_most: warning}
  storage.full:
    severity: info
    thresholds: {storage_warning: 0.5, gc_age_warning_s: 2d, restarts_warning: 4}
  node.memory: {off: true}
"""
    assert load(tmp_path, text).policy.adjustments == {
        "guest.memory": Adjustment(off=True),
        "storage": Adjustment(off=False),
        "cluster": Adjustment(at_most="warning"),
        "storage.full": Adjustment(
            severity="info", thresholds={"storage_warning": 0.5, "gc_age_warning_s": 172_800.0, "restarts_warning": 4}
        ),
        "node.memory": Adjustment(off=True),
    }


def test_exclusions_choose_by_names_and_end(tmp_path: Path) -> None:
    text = """
exclusions:
  - {guest: "test-*", reason: scratch, until: 2026-12-31}
  - vmid: [9000-9099, 104]
    tag: lab
    check: backup.*
    until: 2026-12-31T12:00:00Z
"""
    place = "nightshift.yaml line {}, exclusions[{}]".format
    assert load(tmp_path, text).policy == Policy(
        exclusions=(
            Exclusion(
                Selector(guest=("test-*",)), "scratch", datetime(2027, 1, 1, tzinfo=BERLIN), place(3, 0)
            ),
            Exclusion(
                Selector(vmid=("9000-9099", "104"), tag=("lab",), check=("backup.*",)),
                None,
                datetime(2026, 12, 31, 12, tzinfo=UTC),
                place(4, 1),
            ),
        )
    )  # fmt: skip


def test_absences_are_windows(tmp_path: Path) -> None:
    text = """
expected_absence:
  - source: pbs-attic
    present: {days: sun, from: "02:00", to: "06:30", zone: UTC}
    reason: its window
  - storage: nas
    away:
      - {from: 23:00, to: 24:00}
      - {days: [mon-wed, sat], to: 7:00}
  - node: pve3
    away: {days: "fri-mon"}
"""
    everyday = Window(EVERY_DAY, time(23), time(), BERLIN)
    assert load(tmp_path, text).thresholds == Thresholds(
        absences=(
            Absence(
                Selector(source=("pbs-attic",)),
                (Window(frozenset({6}), time(2), time(6, 30), ZoneInfo("UTC")),),
                present=True,
                reason="its window",
            ),
            Absence(
                Selector(storage=("nas",)),
                (everyday, Window(frozenset({0, 1, 2, 5}), time(), time(7), BERLIN)),
                present=False,
            ),
            Absence(
                Selector(node=("pve3",)), (Window(frozenset({4, 5, 6, 0}), time(), time(), BERLIN),), present=False
            ),
        )
    )


WRONG = [
    ("checks:\n  guest.memroy: off\n", "is no check and no family of checks; did you mean guest.memory?"),
    ("checks: []\n", "line 1, checks: must be a mapping of checks or families"),
    ("checks:\n  guest.memory: hidden\n", "line 2, checks.guest.memory: must be on or off"),
    ("checks:\n  guest.memory:\n", "line 2, checks.guest.memory: is empty"),
    ("checks:\n  guest.memory: [off]\n", "line 2, checks.guest.memory: must be on, off, or a mapping"),
    ("checks:\n  storage: {severity: hidden}\n", "checks.storage.severity: must be one of critical, warning, info"),
    ("checks:\n  storage:\n    at_mots: info\n", "is no setting of a check; did you mean at_most"),
    ("checks:\n  storage: {thresholds: {storage_waring: 1}}\n", "is not a threshold; did you mean storage_warning?"),
    ("exclusions: {}\n", "line 1, exclusions: must be a list of exclusions"),
    ("exclusions:\n  - reason: why\n", "line 2, exclusions[0]: chooses nothing: name at least one of guest, tag"),
    ("exclusions:\n  - {gest: a}\n", "exclusions[0].gest: is nothing to choose by; did you mean guest?"),
    ("exclusions:\n  - {guest: }\n", "exclusions[0].guest: is empty"),
    ("exclusions:\n  - {vmid: hidden}\n", "exclusions[0].vmid: must be a number or a range of numbers"),
    ("exclusions:\n  - {vmid: 1, until: hidden}\n", "exclusions[0].until: must be a date, as in `2026-12-31`"),
    ("expected_absence:\n  - {storage: nas}\n", "line 2, expected_absence[0]: must say either when it is away or"),
    ("expected_absence:\n  - {storage: nas, away: {}, present: {}}\n", "must say either when it is away or"),
    ("expected_absence:\n  - {check: a, away: {}}\n", "expected_absence[0].check: is nothing to choose by"),
    ("expected_absence:\n  - {storage: nas, away: {days: hidden}}\n", ".away.days: must be days of the week (mon"),
    ("expected_absence:\n  - {storage: nas, away: {from: 25:00}}\n", ".away.from: must be a time of the day"),
    ("expected_absence:\n  - {storage: nas, away: {to: 24:30}}\n", ".away.to: must be a time of the day"),
    ("expected_absence:\n  - {storage: nas, away: {zone: Hidden/hidden}}\n", ".away.zone: is not the name of a time"),
    ("expected_absence:\n  - {storage: nas, away: [{until: 1}]}\n", "away[0].until: is no part of a window"),
    ("excludes: []\n", "line 1, excludes: is not a key of this file; did you mean exclusions?"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[row[1] for row in WRONG])
def test_a_mistake_is_named_by_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert words in str(caught.value)
    assert "hidden" not in str(caught.value) + repr(caught.value)


def test_the_example_of_the_page_is_valid(tmp_path: Path) -> None:
    _, example = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    settings = load(tmp_path, example)
    assert len(settings.policy.adjustments) == 4
    assert len(settings.policy.exclusions) == 3
    assert len(settings.thresholds.absences) == 2
