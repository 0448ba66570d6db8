"""Spans of time as tools take them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.tools.homelab import NOW, ZONE

from nightshift.errors import ToolInputError
from nightshift.tools.window import parse_span, parse_window, step_for


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h", 3600),
        ("90m", 5400),
        ("90min", 5400),
        ("7d", 604_800),
        ("1d12h", 129_600),
        ("2w", 1_209_600),
        ("30 s", 30),
    ],
)
def test_a_span(text: str, seconds: int) -> None:
    assert parse_span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "h", "an hour", "1x", "-1h", "0h", "1h later"])
def test_what_is_no_span_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ToolInputError) as caught:
        parse_span(text)
    assert "1h" in str(caught.value)


def test_a_window_ends_now_and_begins_an_hour_ago() -> None:
    window = parse_window(NOW, ZONE)
    assert (window.start, window.end, window.step_s) == (NOW - timedelta(hours=1), NOW, 15.0)


def test_times_without_an_offset_are_the_viewers() -> None:
    window = parse_window(NOW, ZONE, start="2026-11-23T02:00", end="2026-11-23T03:00")
    assert window.start == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert window.end == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-11-23T03:00", "2026-11-23T02:00"), ("2020-01-01", ""), ("yesterday", ""), ("2027-01-01", "")],
)
def test_an_impossible_window_is_refused(start: str, end: str) -> None:
    with pytest.raises(ToolInputError):
        parse_window(NOW, ZONE, start=start, end=end)


@pytest.mark.parametrize(("length_s", "step_s"), [(60, 15), (3600, 15), (86_400, 600), (604_800, 3600), (31e6, 86_400)])
def test_a_series_stays_near_240_points(length_s: float, step_s: float) -> None:
    assert step_for(length_s) == step_s
