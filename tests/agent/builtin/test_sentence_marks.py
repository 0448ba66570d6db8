"""First lines of answers to what the form of a sentence asks for: one cause or several, members of a mirror, an OSD."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.agent.builtin.driver import ask, talk
from tests.tools.homelab import DISKS, GIB, GUESTS, JOBS, NOW, RULES, FakeLive, FakeSweeper, complete, snapshot, task

from nightshift.agent.agent import MAX_QUESTION_CHARS
from nightshift.agent.builtin.sentences import copy_words, place_words, sentence_marks
from nightshift.facts.hardware import CephStatus, ZfsDevice, ZfsPool, ZfsStatus
from nightshift.facts.inventory import GuestConfig
from nightshift.facts.monitoring import Sample
from nightshift.facts.snapshot import Dataset

MIRROR = ZfsStatus(
    "pve", "pve1", "rpool", NOW, "DEGRADED",
    (
        ZfsDevice("mirror-0", "DEGRADED", None, False),
        ZfsDevice("/dev/disk/by-id/nvme-WD_BB22-part3", "FAULTED", "mirror-0", True),
        ZfsDevice("/dev/disk/by-id/nvme-WD_AA11-part3", "ONLINE", "mirror-0", True),
    ),
)  # fmt: skip
CEPH = CephStatus("pve", "HEALTH_WARN", osds=3, osds_up=2)
OSD_DOWN = Sample((("__name__", "ceph_osd_up"), ("ceph_daemon", "osd.2")), 0.0, NOW)
FLAPS = Sample((("device", "eno1"), ("instance", "pve1:9100")), 14.2, NOW)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "do those two findings have one cause?",
            "No: I see no common cause of these 2 [E1]: Datastore tank is 98",
        ),
        (
            "what should I fix first, what second?",
            "First: Datastore tank is 98.8 % full (critical, since 2026-11-23 00",
        ),
        ("are those two findings unrelated?", "Yes: I see no common cause of these 2 [E1]: Datastore tank is 98"),
        ("which port flaps?", "No port is found to lose its link or packets [E1]."),
        ("why did no alarm come?", "What keeps alerts from coming, of what I can see:"),
    ],
)
async def test_the_first_line(question: str, said: str) -> None:
    answer = await ask(question)
    assert answer.text.startswith(said)
    assert answer.unverified == ()


async def one_line(question: str, live: FakeLive | None = None, **changed: Dataset[object]) -> str:
    return (await ask(question, FakeSweeper(snapshot=snapshot(**changed)), live)).text.splitlines()[0]


async def test_the_other_half_of_a_mirror() -> None:
    line = await one_line("which disk is the other half of the mirror on pve1?", zfs_status=complete(MIRROR))
    assert line == (
        "rpool on pve1 is made of WD Red (/dev/nvme0n1, serial AA11) ONLINE and WD Red (/dev/nvme1n1, serial BB22) "
        "FAULTED [E1]."
    )


async def test_which_osd_is_down_and_where() -> None:
    osd = replace(DISKS[2], used_for="Ceph osd.2")
    live = FakeLive(samples={"ceph_osd_up": (OSD_DOWN,)})
    asked = {"ceph": complete(CEPH), "disks": complete(osd)}
    line = await one_line("which OSD is down, and where?", live, **asked)
    assert line == "Down: osd.2 (WD Gold, /dev/sda on pve2, serial CC33) [E2, E3]."
    untold = await one_line("which OSD is down, and where?", **asked)
    assert untold.startswith("Which OSD is down, and on which node, is not told by what I read;")


async def test_how_often_a_link_changed() -> None:
    said = await ask("which cable flaps?", live=FakeLive(samples={"carrier_changes": (FLAPS,)}))
    assert "a restart of the node makes some too:\n- eno1 of pve1:9100: 14 times" in said.text


async def test_nothing_keeps_alerts_from_coming() -> None:
    well = tuple(rule for rule in RULES if rule.health == "ok" and not rule.paused)
    line = await one_line("why did no alarm come?", alert_rules=complete(*well), silences=complete())
    assert line.startswith("No rule is paused, none fails to be evaluated, and no silence is set [E1]:")
    unread = await one_line("why did no alarm come?", alert_rules=complete(*well))
    assert unread == "Of the rules that I can see none is paused, and none fails to be evaluated [E1]."


async def test_jobs_by_pool_and_who_is_in_it() -> None:
    guests = tuple(replace(guest, pool="media") if guest.vmid in (104, 113) else guest for guest in GUESTS)
    job = replace(JOBS[0], vmids=None, pool="media", selects_all=False)
    changed = {"guests": complete(*guests), "backup_jobs": complete(job)}
    said = await ask("which jobs select by pool?", FakeSweeper(snapshot=snapshot(**changed)))
    assert "guests pool media: 104, 113" in said.text
    assert said.unverified == ()
    members = await one_line("who is in pool media?", **changed)
    assert members == "There are 2 guests in pool media [E1]:"


async def test_how_often_guests_are_saved() -> None:
    line = await one_line("which guests are saved less often than daily?")
    assert line.startswith("None of ")
    assert "is known to be saved less often than daily [E1]." in line
    assert (await one_line("how often is gitea saved?")).startswith("gitea (CT 115) is saved by no enabled job [E1].")


async def test_whether_all_is_saved_daily() -> None:
    assert (await one_line("is everything saved daily?")).startswith("No: 1 guest is in no enabled job, ")
    assert (await one_line("is any guest saved less often than daily?")).startswith(
        "Yes: 1 guest is in no enabled job, "
    )


async def test_who_falls_out_of_the_jobs_and_why() -> None:
    line = await one_line("which guests fall out of the nightly jobs and why?")
    assert line.startswith("In no enabled job: ")
    assert "gitea (CT 115)" in line


MOVED = replace(task("qmigrate", "104", timedelta(hours=3), where="pve2"), user="anna@pam")


async def test_how_a_guest_came_to_where_it_is() -> None:
    told = (await ask("why did web end up on pve1?", live=FakeLive(tasks_known=(MOVED,)))).text
    assert told.startswith(
        "web (VM 104) is on pve1 now [E2]: the task qmigrate moved it there from pve2, 2026-11-23 19:45"
    )
    assert told.endswith("started by anna@pam [E1]. Why, the task does not tell.")
    untold = (await ask("since when is web on pve1?")).text
    assert untold.startswith("web (VM 104) is on pve1 now [E2]; no migration that brought it there is among the tasks")


async def test_who_moved_it_is_still_of_the_guest_where_the_node_is_named_again() -> None:
    said = await talk(["who moved web to this node?", "who did that on pve1?"], live=FakeLive(tasks_known=(MOVED,)))
    assert said[1].text.startswith(
        "web (VM 104) is on pve1 now [E2]: the task qmigrate moved it there from pve2, 2026-11-23 19:45"
    )


async def test_what_moved_is_asked_of_no_guest_where_none_is_certain() -> None:
    calls = (await ask("tank who relocated the dns server")).calls
    assert calls[0][0] == "tasks"


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("how big is the database called grafana?", "The database grafana: 1 GiB [E1]."),
        ("how big are all my databases together?", "All 2 databases together: 4 GiB [E1]."),
        ("which postgres database is the biggest?", "The largest database is nextcloud: 3 GiB [E1]."),
        ("which database is the biggest?", "The largest database is nextcloud: 3 GiB [E1]."),
    ],
)
async def test_sizes_of_databases(question: str, said: str) -> None:
    sizes = tuple(Sample((("datname", name), ("instance", "db:9187")), gib * GIB, NOW)
                  for name, gib in (("nextcloud", 3.0), ("grafana", 1.0)))  # fmt: skip
    assert await one_line(question, FakeLive(samples={"pg_database_size_bytes": sizes})) == said


async def test_the_slowest_page() -> None:
    pages = tuple(
        Sample((("instance", name),), seconds, NOW) for name, seconds in (("a.example", 0.2), ("b.example", 1))
    )
    line = await one_line("which web site answers slowest?", FakeLive(samples={"probe_duration": pages}))
    assert line == "The slowest of 2 probes, on average over 15 min: b.example: 1000 ms [E1]."


@pytest.mark.parametrize(
    ("scan", "question", "said"),
    [
        ("scrub in progress, 60.00% done", "is a scrub running?", "Yes: rpool on pve1: scrub in progress, 60.00% done"),
        ("scrub in progress, 60.00% done", "is the scrub finished?", "No: rpool on pve1: scrub in progress"),
        (None, "is pve1 scrubbing right now?", "No: no pool is being scrubbed now; rpool on pve1:"),
    ],
)
async def test_whether_a_scrub_runs(scan: str | None, question: str, said: str) -> None:
    pool = ZfsPool("pve", "pve1", "rpool", "ONLINE")
    status = replace(MIRROR, state="ONLINE", devices=(), scan=scan, scanning=scan is not None)
    line = await one_line(question, zfs_pools=complete(pool), zfs_status=complete(status))
    assert line.startswith(said)


SETTINGS = (
    GuestConfig("pve", 104, True, True, (), (), None, NOW, os_type="win11", firmware="ovmf",
                networks=(("net0", "virtio=BC:24:11:00:00:09,bridge=vmbr0,tag=20"),)),
    GuestConfig("pve", 113, True, False, (), (), None, NOW, os_type="l26", firmware="seabios",
                networks=(("net0", "virtio=BC:24:11:00:00:10,bridge=vmbr1,tag=200"),)),
    GuestConfig("pve", 101, True, False, ("192.0.2.7",), (), None, NOW, os_type="debian", unprivileged=False,
                networks=(("net0", "name=eth0,bridge=vmbr0"),)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("which VMs use UEFI?", "1 of 2 guests that tell it is set to UEFI [E1]:"),
        ("which guests run Debian?", "1 of 2 guests that tell it is set up as Debian [E1]:"),
        ("which guests run Windows?", "1 of 3 guests that tell it is set up as Windows [E1]:"),
        ("which guests are in vlan 20?", "1 of 3 guests that tell it is in VLAN 20 [E1]:"),
        ("which guests are not on vmbr0?", "1 of 3 guests that tell it is not in vmbr0 [E1]:"),
        ("which containers are privileged?", "1 of 1 container that tells it is privileged [E1]:"),
    ],
)
async def test_which_guests_have_a_setting(question: str, said: str) -> None:
    assert await one_line(question, guest_configs=complete(*SETTINGS)) == said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("is memory overcommitted?", "No: on no node more memory is given to the running guests than it has [E1, E3]:"),
        ("where should I put a new VM?", "pve2 has the most memory free: 32 GiB of 64 GiB [E1]."),
    ],
)
async def test_what_nodes_have_and_gave(question: str, said: str) -> None:
    assert await one_line(question) == said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("which node rebooted last?", "pve1 has been up shortest: 10 d [E1]."),
        ("how many containers does web run?", "I cannot answer that: nothing that I read records it."),
    ],
)
async def test_what_started_last_and_what_runs_inside(question: str, said: str) -> None:
    assert (await one_line(question)).startswith(said)


async def test_a_guest_by_the_words_of_its_notes() -> None:
    noted = GuestConfig("pve", 104, True, True, (), (), "Runs the tax software, ask Anna.", NOW)
    line = await one_line("how is the tax software vm?", guest_configs=complete(noted))
    assert line.startswith("web (VM 104) is running on pve1")


async def test_a_node_that_scrubs_is_at_work() -> None:
    pool = ZfsPool("pve", "pve1", "rpool", "ONLINE")
    status = replace(MIRROR, state="ONLINE", devices=(), scan="scrub in progress, 60.00% done", scanning=True)
    changed = {"zfs_pools": complete(pool), "zfs_status": complete(status)}
    said = await ask("why is pve1 so busy?", FakeSweeper(snapshot=snapshot(**changed)))
    assert "ZFS is at work, which slows disks down" in said.text


@pytest.mark.parametrize(
    ("marks", "said", "concepts"),
    [
        (copy_words.marks_in, "could get back from ", {"@guest"}),
        (place_words.marks_in, "if server does ", {"@guest"}),
        (sentence_marks.with_marks, "what moved another ", set()),
        (sentence_marks.with_marks, "fails start ", {"@node"}),
    ],
)
def test_half_a_question_over_and_over_is_read_at_once(
    marks: Callable[[str, frozenset[str]], frozenset[str]], said: str, concepts: set[str]
) -> None:
    began = time.perf_counter()
    marks(said * (MAX_QUESTION_CHARS // len(said)), frozenset(concepts))
    assert time.perf_counter() - began < 1.0


def test_no_mark_drops_what_it_does_not_fit_beside() -> None:
    assert [mark.marks for mark in sentence_marks.MARKS if mark.drops & mark.without] == []
