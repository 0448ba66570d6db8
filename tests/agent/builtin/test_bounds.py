"""Bounds in questions, and what is a stretch of time instead."""

from __future__ import annotations

import pytest

from nightshift.agent.builtin.questions.bounds import find_bound, fits, limit_of

BOUNDS = {
    "guests with more than 80 % memory": (True, "fraction", "80 %"),
    "less than 1 gb of ram": (False, "bytes", "1 GiB"),
    "which vms have at least 4 cores": (True, "count", "4"),
    "storages over 80 percent full": (True, "fraction", "80 %"),
    "more than half used": (True, "fraction", "50 %"),
    "a backup older than a day": (True, "seconds", "1 d"),
    "tasks that took over an hour": (True, "seconds", "1 h"),
    "newer than two weeks": (False, "seconds", "14 d"),
    "any disk above 50 degrees?": (True, "celsius", "50"),
    "no more than 10 guests": (False, "count", "10"),
    "when did tank reach 80 %": (True, "fraction", "80 %"),
}


@pytest.mark.parametrize(("text", "expected"), BOUNDS.items(), ids=list(BOUNDS))
def test_a_bound(text: str, expected: tuple[bool, str, str]) -> None:
    bound = find_bound(text)

    assert bound is not None
    assert (bound.more, bound.dimension, limit_of(bound)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "cpu over 24 hours",
        "cpu over the last hour",
        "does web use more than nas",
        "over pve1",
        "in 3 hours",
        "when will it hit 80 %",
    ],
)
def test_no_bound(text: str) -> None:
    assert find_bound(text) is None


@pytest.mark.parametrize(
    ("text", "concepts", "expected"),
    [
        ("is tank fuller than a week ago", {"FULL"}, False),
        ("guests below id 105", {"GUEST"}, True),
        ("up for more than 3 days", {"UPTIME"}, True),
        ("any disk above 50 degrees?", {"DISK", "HEAT"}, False),
        ("more than 4 cores", {"CORES"}, True),
        ("more than 4 guests", {"GUEST", "NODE"}, False),
        ("over 80 % full", {"FULL"}, True),
    ],
)
def test_a_bound_needs_something_that_it_bounds(text: str, concepts: set[str], expected: bool) -> None:
    bound = find_bound(text)

    assert (bound is None or fits(bound, frozenset(concepts))) == expected
