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
    ("will something warn me when a storage gets full?",  # `warn` is no severity here
     "Yes: DatastoreAlmostFull covers that [E1]. Whether its message reaches anybody I cannot see."),
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
    ("memory limit of web", "Memory of web (VM 104): 4 GiB [E1]."),
    ("ip addr of web", "Address of web (VM 104): 192.0.2.9 [E1]."),
    ("verify state vm 104", "Verification of the newest backup of web (VM 104): not told by what I read [E3]."),
    ("from when can I restore web?", ("web (VM 104) was last backed up 1 d 21 h ago, at 2026-11-22 01:45 CET, in "
     "tank/homelab, 14 backups kept [E1, E2].")),
    ("web vs nas: start order?",
     "web (VM 104) starts at boot without a place of its own: after all that have one [E1]."),
    ("would a 200 GB disk still go onto nas-media?", "Yes: that fits, 5 TiB are free [E1]:"),
    ("eta 100% nas-media", ("nas-media: 64.3 % full, 9 TiB of 14 TiB used, 5 TiB free; when it will be full cannot be "
     "told: its growth is not known, its history is too short or not kept [E1].")),
    ("how full was nas-media before one week?", ("I cannot tell. Space of nas-media, used: no data from 2026-11-16 "
     "05:57 to 2026-11-17 15:33 CET [E1]. There are no samples in this window.")),
    ("how fast was the last backup of web",
     "Speed of the newest backup of web (VM 104): not told by what I read [E3]."),
    ("does web have a second backup?", "Yes: web (VM 104) has a backup [E1]."),
    ("tank gc schedule", "Nothing that is set up and read here tells of garbage collection."),
    ("schedule of the backup jobs", "There are 2 backup jobs [E1]:"),
    ("who uses tank", ("tank holds 182 backups of 13 guests [E2]. The newest is 21 h old (adguard1 (CT 100)); the "
     "oldest is of web (VM 104), 1 d 21 h old.")),
    ("how much space do the backups of web take",
     "Size of the newest backup of web (VM 104): not told by what I read [E3]."),
    ("when did somebody last test a restore", "None: I know of no restore test of any of 14 guests [E1]."),
    ("who gets hurt when local-lvm on pve1 is full", ("web (VM 104) takes the most of local-lvm on pve1: 221 GiB in 2 "
     "volumes [E2]. 2 guests with something there: web (VM 104) and guest 199.")),
    ("web interface daemon on pve2 running? (pveproxy)",
     "Nothing that is set up and read here tells of services of the nodes."),
    ("is somebody cloning a machine at the moment?", "No create task is running now [E1]."),
    ("did web fail while we were asleep",
     "1 task failed while we were asleep (2026-11-22 18:00 to 2026-11-23 08:00 CET) [E1]:"),
    ("who disabled the backup job?",
     "Who changed a job, when and what for I cannot tell: of that PVE keeps nothing that I read."),
    ("is scsi9 of web in its backups?",
     "Yes, as far as is known, and if it has a scsi9: no disk of web (VM 104) is left out of its backups [E1]."),
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
