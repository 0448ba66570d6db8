"""Whether one thing comes of another, and what a question takes for granted that is not so."""

from __future__ import annotations

import pytest
from tests.agent.builtin.driver import ask

from nightshift.agent.builtin.sentences.relation import blamed_in, is_named_in
from nightshift.facts.ids import Entity

FIRST_LINES = {
    "did the backup of web fail because tank is full?": (
        "Yes: Datastore tank is 98.8 % full, and that explains it: The last backup of web failed [E1]."
    ),
    "is pve3 the reason that the backup of web failed?": (
        "No, I see no link between them, they are separate things: The last backup of web failed; Node pve3 is offline "
        "[E1]."
    ),
    "is web broken because of vault?": "No: nothing is wrong with datastore vault [E1].",
    "is gitea slow because pve3 is down?": (
        "Not that I can see: Node pve3 is offline, but nothing that I see is wrong with gitea [E1]."
    ),
    "are things failing because a host died?": (
        "Perhaps: Node pve3 is offline; that it is the reason I cannot show [E1]."
    ),
    "The backup of web failed because of tank being full, didn't it?": (
        "Yes: Datastore tank is 98.8 % full, and that explains it: The last backup of web failed [E1]."
    ),
    "the backup of web failed because of the network, didn’t it?": (
        "No, by what is found it comes of something else: Datastore tank is 98.8 % full [E1]."
    ),
    "gitea is slow because of a failed update, right?": "Not that I can see: I find nothing of that kind [E1].",
    "web is slow because of a failed update, right?": "Not that I can see: I find nothing of that kind [E1].",
    "why is web down?": "web is not down: it is running, up for 4 d 8 h [E1].",
    "why is vault full?": "vault is not full: 50 % of it is used [E1].",
    "what took pve1 down": "pve1 is not down: it is online, up for 10 d [E1].",
    "what made the second dns server disappear": "adguard2 is not down: it is running, up for 5 d 1 h [E1].",
    "why is gitea locked?": "gitea is not locked [E1].",
}


@pytest.mark.parametrize(("question", "line"), FIRST_LINES.items(), ids=list(FIRST_LINES))
async def test_the_first_line(question: str, line: str) -> None:
    said = await ask(question)

    assert said.text.splitlines()[0] == line
    assert said.unverified == ()


@pytest.mark.parametrize("question", ["why is tank full?", "why is pve3 down?", "why is windows-11 off?"])
async def test_what_is_so_is_not_denied(question: str) -> None:
    said = (await ask(question)).text

    assert " is not down" not in said
    assert " is not full" not in said


def test_who_is_blamed_is_named_by_the_whole_name() -> None:
    first, tenth = (Entity(f"node:home/{name}", name) for name in ("pve1", "pve10"))

    blamed, hit, _ = blamed_in("is pve1 slow because of pve10?", (first, tenth))

    assert (blamed, hit) == ((tenth,), (first,))


@pytest.mark.parametrize(
    "label", ["tank", "tank (VM 104)", "datastore tank", "alert Tank", "alert rule Tank", "tank on pve1"]
)
def test_a_thing_is_called_by_its_bare_name(label: str) -> None:
    assert is_named_in("because tank's disk is full", Entity("some:key", label))
