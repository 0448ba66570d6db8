"""Typing errors are put right in the text; what may be a name, and what is a word, stays as it was typed."""

from __future__ import annotations

import pytest
from tests.tools.homelab import snapshot

from nightshift.agent.builtin.words.spelling import respelt
from nightshift.tools.resolve import EntityIndex

INDEX = EntityIndex.of(snapshot())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("how mcuh memroy has web", "how much memory has web"),
        ("who did taht?", "who did that?"),
        ("Waht failed adn when", "what failed and when"),
        ("is evrything inculded", "is everything included"),
        ("pls rebot web", "pls reboot web"),
        ("free space on tnak", "free space on tank"),
        ("is there a runbok for it", "is there a runbook for it"),
        ("free bytes local-lvm@pve2", "free bytes local-lvm on pve2"),
        ("pve2:local-lvm full?", "local-lvm on pve2 full?"),
    ],
)
def test_a_typing_error_is_put_right(typed: str, meant: str) -> None:
    assert respelt(typed, INDEX) == meant


@pytest.mark.parametrize(
    "text",
    ["how is kodi", "is octoprint slow", "the memory eater of pve1", "any leeks", "broker down", "GUI of pve1",
     "qm agent 105 ping", "why did NodeDown fire", "what does `umont` say", "how full is jelyfin"],
)  # fmt: skip
def test_what_is_no_typing_error_stays(text: str) -> None:
    assert respelt(text, INDEX) == text
