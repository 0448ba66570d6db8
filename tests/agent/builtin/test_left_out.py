"""Kinds of guest that a question leaves out, and counts of both kinds together."""

from __future__ import annotations

import pytest
from tests.agent.builtin.driver import ask

from nightshift.agent.builtin.left_out import left_out


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("how many VMs, not counting containers or templates?", {"CT", "TEMPLATE"}),
        ("excluding containers as well as templates, how many VMs are there?", {"CT", "TEMPLATE"}),
        ("number of LXCs that run, VMs don't count", {"VM"}),
        ("leave the templates out", {"TEMPLATE"}),
        ("how many VMs, counting containers too", set()),
        ("VMs not running", set()),
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
