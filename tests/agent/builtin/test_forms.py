"""What belongs to the form of a question alone is left out of it, in a time that grows with its length only."""

from __future__ import annotations

import re
import time

import pytest

from nightshift.agent.builtin.sentences.forms import denies, wants_yes_or_no, without_form


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


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("can the failed ceph drive come out without hurting our stuff", False),
        ("is it safe to pull the dead disk?", False),
        ("may we reboot pve1 now", False),
        ("can the osd be taken out", False),
        ("can pve3 safely be shut down", False),
        ("are my backups safe?", True),
        ("does a node need a restart?", True),
        ("is ceph ok?", True),
        ("was web rebooted?", True),
    ],
)
def test_a_fact_is_no_leave_to_do_something(asked: str, wanted: bool) -> None:
    assert wants_yes_or_no(asked) is wanted


@pytest.mark.parametrize(
    ("asked", "denied"),
    [
        ("is any node not running the newest kernel?", True),
        ("is any job not enabled?", True),
        ("which storage isn't currently enabled", True),
        ("isn't the job enabled?", False),
        ("is not the newest kernel running on pve1?", False),
        ("is the job enabled, and not late?", False),
        ("is pve1 well?", False),
    ],
)
def test_a_denied_word(asked: str, denied: bool) -> None:
    assert denies(asked, re.compile(r"\b(?:enabled|newest kernel)\b")) is denied


def test_many_long_words_are_read_at_once() -> None:
    asked = f"what is {'NetworkLinkFlapping' * 20} on my phone and how many of them make it go off"
    began = time.perf_counter()
    assert without_form(asked) == asked
    assert time.perf_counter() - began < 1.0
