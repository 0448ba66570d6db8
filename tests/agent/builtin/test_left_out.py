"""Kinds of guest that a question leaves out, and counts of both kinds together."""

from __future__ import annotations

import pytest
from tests.agent.builtin.driver import ask
from tests.tools.homelab import snapshot

from nightshift.agent.builtin.sentences.left_out import left_out, without_denied
from nightshift.tools.resolve import EntityIndex


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("how many VMs, not counting containers or templates?", {"CT", "TEMPLATE"}),
        ("excluding containers as well as templates, how many VMs are there?", {"CT", "TEMPLATE"}),
        ("number of LXCs that run, VMs don't count", {"VM"}),
        ("leave the templates out", {"TEMPLATE"}),
        ("how many VMs, counting containers too", set()),
        ("VMs not running", set()),
        ("all guests without counting containers", {"CT"}),
        ("VMs including templates", set()),
        ("how many guests, templates left aside", {"TEMPLATE"}),
        ("count the VMs, containers put aside", {"CT"}),
        ("how many guests? don't count the templates", {"TEMPLATE"}),
    ],
)
def test_what_is_left_out(text: str, kinds: set[str]) -> None:
    assert left_out(text) == kinds


@pytest.mark.parametrize(
    ("question", "first"),
    [
        (
            "how many VMs and containers run on pve1?",
            "There are 3 VMs and 4 containers running on pve1, 7 together [E1, E2].",
        ),
        (
            "do I have more containers or more VMs?",
            "There are 7 containers against 7 VMs: as many of one as of the other [",
        ),
    ],
)
async def test_both_kinds(question: str, first: str) -> None:
    said = await ask(question)

    assert said.text.startswith(first)
    assert said.unverified == ()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("stop web, not jellyfin", "stop web"),
        ("sorry, I meant jellyfin, not web", "sorry, I meant jellyfin"),
        ("the memory of web (not of jellyfin) today", "the memory of web  today"),
        ("is web not on pve1?", "is web not on pve1?"),
        ("not web", "not web"),
        ("who is saved in tank but not in vault?", "who is saved in tank but not in vault?"),
    ],
)
def test_what_is_named_to_say_that_it_is_not_meant(text: str, meant: str) -> None:
    assert without_denied(text, EntityIndex.of(snapshot())) == meant
