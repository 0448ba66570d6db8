from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightshift.facts import units

GIB = 2**30
TIB = 2**40


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (GIB - 1, "1 GiB"),
        (GIB, "1 GiB"),
        (1.9 * TIB, "1.9 TiB"),
        (10.25 * TIB, "10.2 TiB"),
        (999.6 * GIB, "1000 GiB"),
        (1023.7 * GIB, "1 TiB"),
        (3 * 2**60, "3 EiB"),
        (5000 * 2**60, "5000 EiB"),
        (-1536, "-1.5 KiB"),
        (math.nan, "unknown"),
        (math.inf, "unknown"),
    ],
)
def test_bytes(size_bytes: float, text: str) -> None:
    assert units.format_bytes(size_bytes) == text


@given(st.floats(min_value=0, max_value=1e21))
def test_bytes_stay_within_a_percent_and_below_1024_of_a_unit(size_bytes: float) -> None:
    number, unit = units.format_bytes(size_bytes).split()
    factor = 1024 ** ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB").index(unit)
    assert float(number) < 1024
    assert float(number) * factor == pytest.approx(size_bytes, rel=0.01, abs=0.5)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.9234, "92.3 %"),
        (0.5, "50 %"),
        (0.99999, "99.9 %"),
        (1.0, "100 %"),
        (1.254, "125.4 %"),
        (math.nan, "unknown"),
    ],
)
def test_percent(share: float, text: str) -> None:
    assert units.format_percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0123, "12 ms"),
        (0.9999, "1 s"),
        (59, "59 s"),
        (59.9, "1 min"),
        (60, "1 min"),
        (3599, "59 min 59 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (93_784, "1 d 2 h"),
        (86_400, "1 d"),
        (-90, "-1 min 30 s"),
        (math.nan, "unknown"),
        (math.inf, "unknown"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert units.format_duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (3.14159, "3.142"), (0.000123456, "0.0001235"), (123_456.7, "123457"), (math.inf, "+Inf")],
)
def test_number(value: float, text: str) -> None:
    assert units.format_number(value) == text


def test_times_are_shown_in_the_viewers_zone() -> None:
    moment = datetime(2026, 7, 1, 0, 15, tzinfo=UTC)
    assert units.format_time(moment) == "2026-07-01 00:15 UTC"
    assert units.format_time(moment, ZoneInfo("Europe/Berlin")) == "2026-07-01 02:15 CEST"


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        (timedelta(hours=3), "3 h ago"),
        (timedelta(minutes=-5), "in 5 min"),
        (timedelta(milliseconds=200), "just now"),
    ],
)
def test_age(delta: timedelta, text: str) -> None:
    now = datetime(2026, 7, 1, tzinfo=UTC)
    assert units.format_age(now - delta, now) == text


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [
        (1, 4, 0.25),
        (0, 4, 0.0),
        (5, 0, None),
        (math.nan, 4, None),
        (1, math.nan, None),
        (None, 4, None),
        (1, None, None),
    ],
)
def test_a_share_of_nothing_is_unknown(part: float | None, whole: float | None, share: float | None) -> None:
    assert units.fraction(part, whole) == share


def test_a_column_that_only_sounds_like_a_time_keeps_its_words() -> None:
    assert units.format_cell("created_at", "the factory") == "the factory"
    assert units.format_cell("taken_at", "2026-11-23T21:45:00+00:00") == "2026-11-23 21:45 UTC"


@pytest.mark.parametrize(
    ("disk", "size_bytes"),
    [
        ("local-zfs:vm-111-disk-1,size=3700G", 3700 * 2**30),
        ("local:104/vm-104-disk-0.qcow2,size=528K,ssd=1", 528 * 2**10),
        ("local-lvm:vm-104-disk-0,size=1.5T", 1.5 * 2**40),
        ("local-lvm:vm-104-disk-0,size=512", 512),
        ("local-lvm:vm-104-disk-1", 0),
    ],
)
def test_the_size_of_a_disk_as_pve_writes_it(disk: str, size_bytes: float) -> None:
    assert units.disk_size_bytes(disk) == size_bytes
