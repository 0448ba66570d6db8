"""Questions that stay in the field of the one before, whatever their own words would mean alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.agent.builtin.driver import talk
from tests.tools.homelab import NOW, ZONE, snapshot

from nightshift.agent.builtin.plan import Planner
from nightshift.agent.builtin.reading.reader import Reader
from nightshift.tools.resolve import EntityIndex

READER = Reader(EntityIndex.of(snapshot()), NOW, ZONE)
CONVERSATIONS = [
    ("when was jellyfin saved last", "how many of those are kept",
     "14 backups of jellyfin (CT 112) are kept, in tank/homelab [E1]."),
    ("how is immich", "since when is it running?",
     "immich (VM 113) last started at 2026-11-19 05:44 CET, 4 d 17 h ago [E1]."),
    ("how is immich", "who else lives there?", "5 guests on pve2 are running [E1]:"),
    ("which node has nas", "what are its neighbours on that box", "7 guests on pve1 are running [E1]:"),
    ("is any node down?", "how many guests are hit by that?", "There is 1 guest on pve3 [E1]:"),
    ("all nodes there?", "which guests does that affect", "There is 1 guest on pve3 [E1]:"),
    ("is any disk bad", "how many hours has it been running",
     "Power-on time of WD Red (/dev/nvme0n1 on pve1): not told by what I read [E1]."),
    ("how full is vault?", "percent?", "vault on pbs: 50 % full, 4 TiB of 8 TiB used, 4 TiB free [E1]."),
    ("how full is vault?", "and in GB?", "vault on pbs: 50 % full, 4 TiB of 8 TiB used, 4 TiB free [E1]."),
    ("how much memory does web use?", "in percent?", "Memory of web (VM 104): 3.72 GiB of 4 GiB (93 %) [E2]."),
    ("how long will the UPS last?", "as a percentage?", "I see no UPS: Prometheus has no metric of one [E3]."),
    ("The lights are out. How long do the computers have left?", "percent?",
     "I see no UPS: Prometheus has no metric of one [E3]."),
    ("is any disk bad", "serial?", "Serial of WD Red (/dev/nvme0n1 on pve1): AA11 [E1]."),
    ("is some storage nearly full?", "so what do I do", "Wrong with it now [E3]:"),
    ("which guests have no backup?", "since when?",
     "gitea (CT 115) has no backup in any datastore that I can see, and all of them could be read [E1]."),
    ("how many guests are stopped", "which ones?", "1 guest is stopped [E1]:"),
    ("show me the containers on pve2", "how many is that", "There are 3 containers on pve2 [E1]:"),
    ("how full is vault", "who fills it", "I see no backup of any guest in vault [E1]."),
    ("how full are tank and vault", "so which of the two is the fuller one",
     "tank is fuller than vault: 98.7 % against 50 %, 48.7 points more [E1]."),
    ("how full are the datastores", "which is fuller", "2 backup datastores, the fullest is tank, 98.7 % full [E1]:"),
    ("free space of vault and tank", "which is fuller",
     "tank is fuller than vault: 98.7 % against 50 %, 48.7 points more [E1]."),
    ("are backups being made at the moment", "when does the next one start",
     "The next backup: 2026-11-24 02:45 CET, job nightly [E1]:"),
    ("tell me about the job nightly", "How many guests does it save?", "nightly saves 14 guests [E1]."),
    ("are all disks ok", "how old are they", "Power-on time of 3 disks [E1]:"),
    ("which guests are stopped", "is that on purpose",
     ("No: by its settings it is set to start at boot, and windows-11 (VM 120) is stopped on pve2; since when is not "
     "known, I see no task that stopped it [E1].")),
    ("who eats local-lvm on pve1", "and on pve2?",
     "immich (VM 113) takes the most of local-lvm on pve2: 96 GiB in 1 volume [E2]."),
]  # fmt: skip


@pytest.mark.parametrize(("first", "then", "line"), CONVERSATIONS)
async def test_it_stays_in_its_field(first: str, then: str, line: str) -> None:
    _, said = await talk([first, then])

    assert said.text.splitlines()[0] == line
    assert said.unverified == ()


async def test_a_procedure_goes_on() -> None:
    _, said = await talk(["how do I replace a disk in a zfs pool?", "what is different when it's a boot disk"])

    assert said.calls == (("runbooks", {"query": "what is different when it's a boot disk"}),)


@pytest.mark.parametrize("question", ["are the media boxes ok", "how are the media machines"])
async def test_all_that_carry_a_tag_are_meant(question: str) -> None:
    (said,) = await talk([question])

    assert [arguments["name"] for _, arguments in said.calls] == ["jellyfin", "immich"]


@pytest.mark.parametrize(
    ("then", "query"),
    [
        ("and up again?", "ups.md"),
        ("and how do I verify it?", "ups.md#how-to-verify"),
        ("at which point is there no turning back?", "ups.md#when-to-stop"),
    ],
)
async def test_what_follows_a_runbook_is_asked_of_it(then: str, query: str) -> None:
    topic = replace(READER.read("how do I switch the whole lab off?").topic, subject="ups.md")

    (call,) = Planner(READER.index).first(READER.read(then, topic))

    assert call.arguments == {"query": query}
