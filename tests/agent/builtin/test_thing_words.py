"""What is asked of one thing beside its figures: the first line tells that, and nothing that was not read is a yes."""

from __future__ import annotations

import pytest
from tests.agent.builtin.driver import ask

FIRST_LINES = [
    ("is web protected against deletion?", "No: Protection from deletion of web (VM 104): off, not protected [E1]."),
    ("which guests have a usb stick passed through", "None of 1 guest has passed-through devices [E1]."),
    ("when was the last restore test?", "None: I know of no restore test of any of 14 guests [E1]."),
    (
        "backup job that writes onto nas-media, is it in use?",
        "The job old job is disabled, so it does not run [E1]:",
    ),
    ("is tank in maintenance mode?", "No: no maintenance mode is set on tank [E1]."),
    ("in what mode is tank?", "No maintenance mode is set on tank [E1]."),
    ("is tank writable?", "No maintenance mode is set on tank [E1]."),
    (
        "is web saved with all its disks in full?",
        "Yes, as far as is known: no disk of web (VM 104) is left out of its backups [E1].",
    ),
    (
        "how much ram was granted to web and how much is in use?",
        "Memory of web (VM 104): 4 GiB assigned, 3.72 GiB of it used now (93 %) [E1].",
    ),
]


@pytest.mark.parametrize(("question", "line"), FIRST_LINES)
async def test_what_was_asked_is_the_first_line(question: str, line: str) -> None:
    said = await ask(question)

    assert said.text.splitlines()[0] == line
    assert said.unverified == ()
