"""What several words ask together: how a guest is set up, what is kept of it, who lies on a storage, what is shared."""

from __future__ import annotations

import pytest
from tests.agent.builtin.driver import ask
from tests.tools.homelab import NOW, ZONE, snapshot

from nightshift.agent.builtin.reading.parts import parts_of
from nightshift.agent.builtin.reading.reader import Reader
from nightshift.tools.resolve import EntityIndex

FIRST_LINES = [
    ("does web come up by itself after a reboot of pve1?", "Yes: web (VM 104) is set to start at boot [E1]."),
    ("which disks does web have and how big are they",
     "Disks of web (VM 104): scsi0: local-lvm:vm-104-disk-0,size=64 GiB; unused0: local-lvm:vm-104-disk-1 [E1]."),
    ("how many cores and how much ram did I give immich", "Cores of immich (VM 113): 4 [E1]."),
    ("how many copies of jellyfin are kept", "14 backups of jellyfin (CT 112) are kept, in tank/homelab [E1]."),
    ("how far back can I go with jellyfin?",
     "How far back the backups of jellyfin (CT 112) go is not known: only its newest backup was read [E1]."),
    ("shared storages?", "1 storage is shared by the nodes [E1]:"),
    ("which storages can all nodes use together?", "1 storage is shared by the nodes [E1]:"),
    ("is nas-media shared?", "Yes: nas-media is shared by the nodes [E1]."),
    (
        "is the mirror of pve1 still whole?",
        "I cannot tell: nothing that is set up and read here tells of ZFS pools.",
    ),
    ("how much memory did we give the nas box?", "Memory of nas (VM 103): 4 GiB [E1]."),
    ("is local-lvm shared by the nodes?", "No: local-lvm is not: each node has its own [E1]."),
    ("which guests have disks on local-lvm of pve1",
     ("web (VM 104) takes the most of local-lvm on pve1: 221 GiB in 2 volumes [E2]. 2 guests with something there: web "
     "(VM 104) and guest 199.")),
    ("kernel and proxmox release of pve1", "Kernel of pve1: 6.8.12-4-pve [E1]."),
    ("what would I lose of gitea now", "All of gitea (CT 115) would be lost: I see no backup of it [E1]."),
    ("where is the app with our photos running", "immich runs on pve2 (running) [E1]."),
    ("on which node is the photo thing", "immich runs on pve2 (running) [E1]."),
]  # fmt: skip
ONE_CLAUSE = [
    ("My partner wants to put 2 more TB of videos onto nas-media. What is free there?", "storage", "nas-media"),
    ("Tell me how jellyfin is doing, the kids want to watch something", "describe", "jellyfin (CT 112)"),
    ("web restore today - would you trust it", "recovery", "web (VM 104)"),
    ("my wife is waiting (jellyfin), is it on?", "describe", "jellyfin (CT 112)"),
]
NO_CLAUSE = ["who is watching a film on jellyfin, is it the kids?", "my wife is angry, what should I cook?"]
READER = Reader(EntityIndex.of(snapshot()), NOW, ZONE)


@pytest.mark.parametrize(("question", "line"), FIRST_LINES)
async def test_the_first_line_is_what_was_asked(question: str, line: str) -> None:
    said = await ask(question)

    assert said.text.splitlines()[0] == line
    assert said.unverified == ()


@pytest.mark.parametrize(("text", "intent", "about"), ONE_CLAUSE)
def test_the_clause_that_asks_is_answered(text: str, intent: str, about: str) -> None:
    (question,) = parts_of(text, READER.read, None)

    assert (question.intent, [entity.label for entity in question.entities]) == (intent, [about])


@pytest.mark.parametrize("text", NO_CLAUSE)
def test_what_is_nobodys_business_stays_so(text: str) -> None:
    assert [question.intent for question in parts_of(text, READER.read, None)] == ["unclear"]
