"""Could it be restored? Yes or no first, from the verdicts on backups."""

from __future__ import annotations

import pytest
from tests.agent.builtin.driver import ask
from tests.tools.homelab import NOTHING, FakeSweeper, complete, snapshot

from nightshift.agent.builtin.writers.recovery import _head


@pytest.mark.parametrize(
    "question",
    [
        "can I restore everything?",
        "is everything backed up properly?",
        "if it all burned down, could we recover?",
        "would we be able to get everything back?",
        "which guests are at risk?",
    ],
)
async def test_all_of_it(question: str) -> None:
    said = await ask(question)

    assert said.calls == (("backups", {}), ("health", {"about": "datastore tank"}))
    assert said.text.startswith("No, not everything: of 14 guests 1 unprotected, 1 at risk and 12 protected [E2, E1].")
    assert "- gitea (CT 115): It was never backed up." in said.text
    assert said.text.index("gitea") < said.text.index("web (VM 104)")
    assert "ENOSPC: No space left on device" in said.text
    assert said.unverified == ()


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("could I restore immich tonight?", "Yes, by all that I can see, immich (VM 113) could be restored [E1]."),
        ("could we get gitea back if it died?", "No, do not count on it: gitea (CT 115) is unprotected [E1]."),
        ("would I be able to restore web?", "Yes, today, but the backups of web (VM 104) are at risk [E1]."),
        ("is nas recoverable?", "Yes, by all that I can see, nas (VM 103) could be restored [E1]."),
        (
            "if pve2 burned down, would we lose data?",
            "Lost would be all of gitea (CT 115), which has no backup and of the other guests what changed",
        ),
        (
            "what would we lose if the house burned down?",
            "Lost would be all of gitea (CT 115), which has no backup and of the other guests what changed",
        ),
        (
            "which part of web would I never get back?",
            "Lost of web (VM 104) would be what changed since its last backup, ",
        ),
    ],
)
async def test_one_thing(question: str, start: str) -> None:
    said = await ask(question)

    assert said.text.startswith(start)
    assert said.unverified == ()


async def test_promises_nothing_when_the_backup_server_is_away() -> None:
    said = await ask("can I restore everything?", FakeSweeper(snapshot(backup_groups=NOTHING)))

    assert not said.text.startswith("Yes")
    assert "Not seen:\n- pbs: Connection refused." in said.text


async def test_says_yes_only_when_all_are_protected() -> None:
    whole = snapshot()
    kept = tuple(g for g in whole.guests if g.vmid in (100, 101))
    said = await ask("can I restore everything?", FakeSweeper(snapshot(guests=complete(*kept), tasks=complete())))

    assert said.text == "Yes, by all that I can see: of 2 guests 2 protected [E2, E1]."


@pytest.mark.parametrize(
    ("question", "tool"),
    [
        ("did the restore of web work last night?", "tasks"),
        ("is a restore running?", "tasks"),
        ("how do I restore web?", "runbooks"),
        ("restore web", "inventory"),
        ("is pve2 back?", "entity"),
    ],
)
async def test_other_questions_about_restores(question: str, tool: str) -> None:
    said = await ask(question)

    assert said.calls[0][0] == tool


@pytest.mark.parametrize("counts", [{}, {"excluded": 3}])
def test_where_nothing_is_protected_nothing_is_promised(counts: dict[str, int]) -> None:
    assert _head(counts) == "I cannot promise it"


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("which guests of pve1 have no backup, how many?", "Of the 7 guests on pve1: Every guest has a backup [E1]."),
        ("age of the newest copy of all on pve2", "5 of 6 guests on pve2 have a backup [E1]."),
    ],
)
async def test_of_one_node_nothing_is_said_of_the_others(question: str, said: str) -> None:
    answer = await ask(question)
    assert said in answer.text
    assert "Verdicts" not in answer.text
    assert answer.unverified == ()


@pytest.mark.parametrize("question", ["is web left out of the backups?", "is anything of web left out of its backups?"])
async def test_a_backup_is_no_yes_to_what_is_left_out_of_it(question: str) -> None:
    answer = await ask(question)
    begins = "No, as far as is known: no disk of web (VM 104) is left out of its backups [E1]."
    assert answer.text.splitlines()[0] == begins
