"""What is lost with a thing, who starts again elsewhere, whether the rest has room for it, and what the UPS says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.agent.builtin.driver import ask, talk
from tests.tools.homelab import GUESTS, NODES, NOW, FakeLive, FakeSweeper, complete, snapshot

from nightshift.agent.builtin.sentences.lost_nodes import lost_nodes, lost_one, nodes_lost
from nightshift.agent.builtin.steps.expressions import UPS_QUERY
from nightshift.agent.builtin.writers.impact import LOCKED, PRUNED, UNPLUGGED
from nightshift.facts.cluster import HaRule, HaRules
from nightshift.facts.gap import Gap
from nightshift.facts.hardware import ZfsDevice, ZfsPool, ZfsStatus
from nightshift.facts.ids import Entity
from nightshift.facts.monitoring import Sample

WEB_BOUND = (
    "Yes, but slowly: disks of web (VM 104) lie on pve1 alone (scsi0 on local-lvm) and are copied with it; no device "
    "binds it there [E2]. pve2 has 32 GiB of memory free, enough for its 4 GiB [E12]."
)
NO_QUORUM = "No: the cluster does not bear every loss: without pve1, it would have no quorum [E1, E3, E5]."
NO_MOVE = "None of the 5 guests of pve2 would start again elsewhere [E2]."
FIRST_LINES = [
    (
        "have the others enough memory for the guests of pve2?",
        (
            "Yes for what they use now, no for all that they may use: the others have room for 10.2 GiB, and its "
            "5 guests may use 20 GiB, 10 GiB of it now [E1, E2]."
        ),
    ),
    ("would anything of pve2 start somewhere else if it burns down?", NO_MOVE),
    ("what dies with pve2? >> and does any of it come back on its own?", NO_MOVE),
    ("blast radius of pve2? >> which of those would HA bring up elsewhere?", NO_MOVE),
    (
        "what is wrong with pve3? >> who else is hit by that?",
        (
            "pve3 is offline already [E3]. Gone with it, their state unknown [E4]: VM 123. The cluster still has its "
            "quorum [E1]: 2 votes are there, 2 are needed."
        ),
    ),
    ("can web be migrated to pve2 without harm?", WEB_BOUND),
    ("any objection to moving web over to pve2", WEB_BOUND),
    (
        "would 4 GiB more for web fit into its host?",
        (
            "Yes: pve1 has 12.2 GiB of its 64 GiB free, 81 % is used; "
            "that is enough for what web (VM 104) shall have more [E9, E3]."
        ),
    ),
    (
        "is there room on its node for giving immich another 40 gb of ram",
        (
            "No: pve2 has 32 GiB of its 64 GiB free, 50 % is used; "
            "that is too little for what immich (VM 113) shall have more [E5, E3]."
        ),
    ),
    (
        "how much of web would a failover to pve2 lose right now",
        (
            "All of web (VM 104): its disks lie on pve1 alone and are not replicated [E2]; what is left is its last "
            "backup."
        ),
    ),
    (
        "what if pve1 and pve2 both die at the same time",
        (
            "If pve1 and pve2 fail now, the cluster loses its quorum [E1]: 0 of the 2 votes that are needed would be "
            "left. Nothing starts elsewhere then."
        ),
    ),
    ("could I run everything on two nodes?", NO_QUORUM),
    ("do the other nodes have enough memory if one goes down?", NO_QUORUM),
    ("is the cluster n-1 safe?", NO_QUORUM),
    (
        "can the cluster lose two nodes?",
        "No: the cluster does not bear the loss of any 2 nodes at once, it would have no quorum [E1, E3, E5].",
    ),
    (
        "I'd shift two more VMs over to pve2 in this minute, objections?",
        (
            "Nothing that I see speaks against it: pve2 has 32 GiB of 64 GiB of memory free, and CPU 12 % in "
            "use [E1]. How much they will use I do not know."
        ),
    ),
    (
        "windows-11, can that go?",
        (
            "Whether it is still needed I cannot tell; windows-11 (VM 120) has no notes [E3]. It is stopped on pve2. "
            "As far as I can see no storage and no backup server that others use is in windows-11 [E1]; what speaks to "
            "it over the network I cannot see."
        ),
    ),
    (
        "may I throw away windows-11 or is it precious?",
        (
            "Whether it is still needed I cannot tell; windows-11 (VM 120) has no notes [E3]. It is stopped on pve2. "
            "As far as I can see no storage and no backup server that others use is in windows-11 [E1]; what speaks to "
            "it over the network I cannot see."
        ),
    ),
    ("may I unplug the grey cable?", UNPLUGGED),
    ("what does a lock block exactly?", LOCKED),
    (
        "will web come up on another node by itself?",
        "No: web (VM 104) is not under high availability; it stays down until pve1 is back, or by hand [E2].",
    ),
    ("can I reboot pve2 now or is it a bad moment", "Rather not now: Node pve3 is offline [E6]."),
    (
        "the web server: if its node explodes, is it up again?",
        "No: web (VM 104) is not under high availability; it stays down until pve1 is back, or by hand [E2].",
    ),
    ("migrate web to pve2 safe?", WEB_BOUND),
    (
        "who notices when I restart web",
        (
            "As far as I can see no storage and no backup server that others use is in web [E7]; what speaks to it "
            "over the network I cannot see."
        ),
    ),
    (
        "are we safe if the office burns down?",
        "Whether any backup lies in another place I cannot tell: the sync jobs could not be read [E1].",
    ),
    ("may I drop the snapshot before-upgrade of web?", "The snapshots could not be read."),
    ("drop both snaps of web - any risk", "The snapshots could not be read."),
    ("anything running on pve1 that I would interrupt by a reboot?", "No task on pve1 is running now [E1]."),
    (
        "what is scheduled to run tonight?",
        "Next by the schedules of backups and backup servers: 2026-11-24 02:45 CET: backup job nightly [E1].",
    ),
    (
        "any task that ended with warnings last night?",
        "No task ended with warnings last night (2026-11-22 18:00 to 2026-11-23 08:00 CET) [E1].",
    ),
    (
        "would a vm with 8 gigs of memory fit on pve2?",
        "Yes: pve2 has 32 GiB of its 64 GiB free, 50 % is used; that is enough for one such guest [E1].",
    ),
    ("where to put a new 8G/100G vm", "By memory, of each node:"),
    (
        "blast radius of pve2? >> would the cluster still have a majority?",
        (
            "If pve2 fails now, the cluster loses its quorum [E1]: 1 of the 2 votes that are needed would be left. "
            "Nothing starts elsewhere then."
        ),
    ),
    ("can I prune the old backups of web?", PRUNED),
    (
        "if the power supply of pve2 dies, what goes dark?",
        (
            "If pve2 fails now, the cluster loses its quorum [E1]: 1 of the 2 votes that are needed would be left. "
            "Nothing starts elsewhere then."
        ),
    ),
    ("if pve2 caught fire, what of immich and web?", "immich stays down: not under high availability [E2]."),
    ("how is 912", "I know nothing called “912”. Did you mean VM 123 [E1]?"),
    (
        "how many nodes can fail before quorum is lost",
        "No more node may fail before the quorum is lost: 2 votes are needed [E1, E3, E5].",
    ),
    (
        "pve3 is dead. how many machines did we lose with it",
        (
            "1 guest went with pve3, 1 VM and no container; their state is unknown [E4]: VM 123. pve3 is offline "
            "already [E3]. The cluster still has its quorum [E1]: 2 votes are there, 2 are needed."
        ),
    ),
    (
        "how many guests go down with pve2?",
        (
            "If pve2 fails now, the cluster loses its quorum [E1]: 1 of the 2 votes that are needed would be left. "
            "Nothing starts elsewhere then."
        ),
    ),
]


@pytest.mark.parametrize(("questions", "line"), FIRST_LINES, ids=[text for text, _ in FIRST_LINES])
async def test_a_loss(questions: str, line: str) -> None:
    said = (await talk(questions.split(" >> ")))[-1]

    assert said.text.splitlines()[0] == line
    assert said.unverified == ()


async def test_a_rule_that_binds_a_guest_comes_before_disks_that_could_be_copied() -> None:
    rules = complete(HaRules("pve", (HaRule("pin-web", ("pve1",), (104,), strict=True),), NOW))
    said = await ask("can web move to pve2?", FakeSweeper(snapshot(ha_rules=rules)))

    assert said.text.startswith("No: high availability allows web (VM 104) on pve1 alone (rule pin-web) [E2].")


async def test_notes_of_what_is_passed_through_speak_against_a_move() -> None:
    said = await ask("can web move to pve2?", live=FakeLive(notes="The data disks are passed through."))

    assert said.text.startswith("Not without care: no setting binds web (VM 104) to pve1, but its owner wrote of")
    assert said.unverified == ()


MANY_NODES = complete(*(replace(NODES[0], name=f"pve{number}") for number in range(1, 15)))


async def test_guests_of_unknown_size_are_no_reason_for_a_yes() -> None:
    unknown = complete(*(replace(guest, memory_total_bytes=None) for guest in GUESTS))
    said = await ask(
        "would the others have enough memory for all guests of pve2?", FakeSweeper(snapshot(guests=unknown))
    )

    assert said.text.startswith("Whether the other nodes have memory for the guests of pve2 is not known [E1].")


@pytest.mark.parametrize(
    ("sweeper", "line"),
    [
        (
            FakeSweeper(snapshot(clusters=complete())),
            (
                "Whether a quorum would be left without any one node is not known; the others have memory for what its "
                "guests use [E1, E3, E5]."
            ),
        ),
        (
            FakeSweeper(snapshot(nodes=MANY_NODES)),
            (
                "As far as I looked: without any one node the cluster keeps its quorum, and the others have memory for "
                "what its guests use [E1, E3, E5, E7, E9, E11, E13, E15, E17, E19, E21, E23]."
            ),
        ),
    ],
    ids=["votes not known", "more nodes than were looked at"],
)
async def test_a_loss_that_is_known_in_part_is_no_yes(sweeper: FakeSweeper, line: str) -> None:
    said = await ask("is the cluster n-1 safe?", sweeper)

    assert said.text.splitlines()[0] == line
    assert said.unverified == ()


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("could pve1 and pve2 together carry the guests of pve3", "pve3"),
        ("can pve1 take over if pve2 is gone", "pve2"),
        ("without pve3, is pve1 enough?", "pve3"),
        ("if pve1 fails, does pve2 have room for its guests", "pve1"),
        ("can I safely reboot pve1 now while pve3 is off?", "pve1"),
        ("enough ram on pve1 and pve2 for everything that ran on pve3?", "pve3"),
    ],
)
def test_of_several_nodes_the_one_that_is_lost(text: str, lost: str) -> None:
    named = [Entity(f"node:pve/{name}", name) for name in ("pve1", "pve2", "pve3") if name in text]

    assert lost_one(text, named).label == lost


def test_of_one_that_carries_everything_all_others_are_lost() -> None:
    nodes = [Entity(f"node:pve/{name}", name) for name in ("pve1", "pve2", "pve3")]

    assert [node.label for node in lost_nodes("could pve2 carry everything", nodes[1:2], nodes)] == ["pve1", "pve3"]
    assert [node.label for node in lost_nodes("if pve1 and pve3 die", nodes[::2], nodes)] == ["pve3", "pve1"]
    assert [node.label for node in lost_nodes("if pve1 dies, does web go to pve3", nodes[::2], nodes)] == ["pve1"]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("can we survive losing two nodes", 2), ("could i run everything on one node", 2), ("is it n-1 safe", 1),
        ("is there enough memory if any node dies", 1), ("run it all on just two hosts", 1), ("how is pve1", 0),
        ("quorum with 1 node left?", 2), ("two out of three nodes dead - do we keep quorum?", 2),
    ],
)  # fmt: skip
def test_how_many_unnamed_nodes_are_lost(text: str, lost: int) -> None:
    assert nodes_lost(text, 3) == lost


def _ups(**told: float) -> FakeLive:
    samples = tuple(
        Sample((("ups", "apc"), ("instance", "pve1:9199"), ("what", what.replace("_", " "))), value, NOW)
        for what, value in told.items()
    )
    return FakeLive(samples={UPS_QUERY: samples})


@pytest.mark.parametrize(
    ("live", "line"),
    [
        (
            _ups(on_battery=1, charge=49.5, runtime=1227),
            "UPS apc runs on its battery, the mains are gone: 49.5 % charged, it lasts for another 20 min 27 s [E3].",
        ),
        (
            _ups(on_battery=1, charge=47.8, falls=2.4392),
            "UPS apc runs on its battery, the mains are gone: 47.8 % charged, falling by 2.4 % each minute [E3].",
        ),
        (
            _ups(on_battery=0, charge=100, runtime=2460),
            "UPS apc is on the mains, not on its battery: 100 % charged, its battery would last for 41 min [E3].",
        ),
        (FakeLive(), "I see no UPS: Prometheus has no metric of one [E3]."),
        (
            FakeLive(gap=Gap("prometheus", "metrics", "unreachable", "connection refused")),
            "What the UPS says could not be read [E3].",
        ),
    ],
    ids=["battery", "falling", "mains", "none", "blind"],
)
async def test_what_the_ups_says(live: FakeLive, line: str) -> None:
    said = await talk(["why did the ups switch to battery?"], live=live)

    assert said[0].text.splitlines()[0] == line
    assert said[0].unverified == ()


def _pool(name: str, *disks: tuple[str, str | None]) -> ZfsStatus:
    devices = tuple(ZfsDevice(disk, "ONLINE", group, True) for disk, group in disks)
    return ZfsStatus("pve", "pve1", name, NOW, "ONLINE", devices)


DISKS_LOST = [
    (
        "if disk BB22 dies, do I lose data?",
        (_pool("rpool", ("nvme0n1", "mirror-0"), ("nvme1n1", "mirror-0")),),
        "rpool on pve1 survives the loss of WD Red (/dev/nvme1n1, serial BB22): it is in mirror-0",
    ),
    (
        "if disk BB22 dies, do I lose data?",
        (_pool("rpool", ("nvme0n1", None), ("nvme1n1", None)),),
        "With WD Red (/dev/nvme1n1, serial BB22) all of rpool on pve1 is lost, it does not bear that [E1]",
    ),
    (
        "if disk BB22 dies, do I lose data?",
        (_pool("rpool", ("nvme0n1", None), ("nvme1n1", "cache")),),
        "What rpool on pve1 loses with WD Red (/dev/nvme1n1, serial BB22) I cannot tell: what cache bears I do not",
    ),
    (
        "ok to pull disk BB22 out of pve1 for cleaning?",
        (_pool("rpool", ("nvme0n1", None), ("nvme1n1", None)),),
        "With WD Red (/dev/nvme1n1, serial BB22) all of rpool on pve1 is lost, it does not bear that [E1]",
    ),
    (
        "if disk BB22 dies, is rpool on pve1 lost?",
        (_pool("rpool", ("nvme0n1", None)), _pool("fast", ("nvme1n1", None))),
        "With WD Red (/dev/nvme1n1, serial BB22) all of fast on pve1 is lost, it does not bear that [E1]",
    ),
]


@pytest.mark.parametrize(("question", "pools", "said"), DISKS_LOST)
async def test_what_goes_with_a_disk(question: str, pools: tuple[ZfsStatus, ...], said: str) -> None:
    known = complete(*(ZfsPool(pool.source, pool.node, pool.name, pool.state) for pool in pools))
    answer = await ask(question, FakeSweeper(snapshot(zfs_pools=known, zfs_status=complete(*pools)), ()))
    assert answer.text.startswith(said)
    assert answer.unverified == ()
