"""What belongs to the form of a question alone is left out of it, in a time that grows with its length only."""

from __future__ import annotations

import time

import pytest

from nightshift.agent.builtin.forms import without_form


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("where does web live because i want to look at it", "where does web live"),
        ("what's eating web since i upgraded it", "what's eating web"),
        ("what's that DiskTooHot thing on my phone, what sets it off?", None),
        ("which guests were saved last night", None),
    ],
)
def test_a_reason_is_left_out(asked: str, left: str | None) -> None:
    assert without_form(asked) == (left or asked)


def test_many_long_words_are_read_at_once() -> None:
    asked = f"what is {'NetworkLinkFlapping' * 20} on my phone and how many of them make it go off"
    began = time.perf_counter()
    assert without_form(asked) == asked
    assert time.perf_counter() - began < 1.0
