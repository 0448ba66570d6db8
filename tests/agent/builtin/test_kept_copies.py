"""What is asked of the copies in a datastore, and that what was cut off is not spoken for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.agent.builtin.driver import ask
from tests.tools.homelab import GIB, NOW, FakeSweeper, complete, snapshot

from nightshift.facts.backups import GroupSnapshots, KeptSnapshot, NamespaceSnapshots
from nightshift.tools import kept_copies


def group(backup_id: str, size_gib: int, *days: int, verified: bool | None = True) -> GroupSnapshots:
    copies = tuple(KeptSnapshot(NOW - timedelta(days=day), size_gib * GIB, verified) for day in days)
    return GroupSnapshots("ct", backup_id, "pve@pbs", copies)


def keeping(*groups: GroupSnapshots) -> FakeSweeper:
    spaces = NamespaceSnapshots("pbs", "tank", "homelab", NOW, groups)
    return FakeSweeper(snapshot(backup_snapshots=complete(spaces)))


BOTH = (group("112", 32, 9, 1), group("999", 8, 30, 20, 10))
OLDEST = "The oldest backup in tank is of ct/999, 2026-10-24 23:45 CEST [E3]."
FAILED = "ct/999 (3, the newest of 2026-11-13 22:45 CET)"
READABLE = "2 of 5 backups in tank were verified and are readable"
UNSEEN = " I looked at 1 of 2 groups of backups only [E3]."
BY_SIZE = "by the size of its disks; what it takes of the datastore is less, since equal data is stored once."
QUESTIONS = [
    ("which is the oldest backup in tank?", OLDEST, OLDEST),
    (
        "which backup in tank is the largest?",
        f"The largest backup in tank is of jellyfin (CT 112): 32 GiB [E3], {BY_SIZE} Then ct/999 8 GiB.",
        f"The largest backup in tank is of ct/999: 8 GiB [E3], {BY_SIZE}{UNSEEN}",
    ),
    (
        "who has the most backups in tank?",
        "ct/999 has the most backups in tank: 3 [E3].",
        f"ct/999 has the most backups in tank: 3 [E3].{UNSEEN}",
    ),
    (
        "are all backups in tank verified?",
        "Yes: 5 of 5 backups in tank were verified and are readable [E3].",
        f"3 of 3 backups in tank were verified and are readable [E3].{UNSEEN}",
    ),
]


@pytest.mark.parametrize(("question", "line", "of_one"), QUESTIONS)
async def test_what_is_asked_of_copies(monkeypatch: pytest.MonkeyPatch, question: str, line: str, of_one: str) -> None:
    whole = await ask(question, keeping(*BOTH))
    monkeypatch.setattr(kept_copies, "SHOWN", 1)
    cut = await ask(question, keeping(*BOTH))

    assert [said.text.splitlines()[0] for said in (whole, cut)] == [line, of_one]
    assert whole.unverified == cut.unverified == ()


@pytest.mark.parametrize(
    ("verified", "line"),
    [
        (None, f"No: {READABLE}; 3 were not verified yet [E3]."),
        (False, f"No: copies of {FAILED} failed their verification; {READABLE} [E3]."),
    ],
)
async def test_copies_that_were_not_verified(verified: bool | None, line: str) -> None:
    said = await ask(
        "are all backups in tank verified?", keeping(BOTH[0], group("999", 8, 30, 20, 10, verified=verified))
    )

    assert said.text.splitlines()[0] == line
    assert said.unverified == ()
