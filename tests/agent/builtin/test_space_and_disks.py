"""What takes the space, which disk to pull, what goes with a node: answers from the tools made for them."""

from __future__ import annotations

import pytest
from tests.agent.builtin.driver import ask
from tests.tools.homelab import FakeSweeper, snapshot

from nightshift.facts.finding import Finding
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Dataset

ASKING = [
    ("what is eating local-lvm?", "volumes"),
    ("what takes up the space on local-lvm", "volumes"),
    ("whats hogging local-lvm", "volumes"),
    ("where did the space of local-lvm go", "volumes"),
    ("which disk do I pull?", "disks"),
    ("which drive should I replace", "disks"),
    ("are the disks ok?", "disks"),
    ("how hot are the drives", "disks"),
    ("SMART status of pve1", "disks"),
    ("is a disk failing?", "disks"),
    ("what dies if pve2 dies?", "impact"),
    ("can I reboot pve2", "impact"),
    ("what happens if pve1 goes down", "impact"),
    ("is it safe to take pve2 offline", "impact"),
]

NOT_ALLOWED = Gap("pve", "disks", "forbidden", "the token lacks Sys.Audit on /", "Grant PVEAuditor on /.")


@pytest.mark.parametrize(("question", "tool"), ASKING)
async def test_the_tool_made_for_it_is_asked(question: str, tool: str) -> None:
    said = await ask(question)
    assert next(name for name, _ in said.calls) == tool
    assert said.unverified == ()


async def test_volumes_the_largest_first_and_what_nobody_uses() -> None:
    said = await ask("what is eating local-lvm?")
    assert said.text.startswith(
        "web (VM 104) takes the most of local-lvm on pve1: 221 GiB in 2 volumes [E2].\n\n"
        "3 volumes lie in local-lvm on pve1, the largest first [E1]:\n"
        "- vm-104-disk-1 of web (VM 104): 180 GiB (may grow to 200 GiB), unused disk\n"
        "- vm-104-disk-0 of web (VM 104): 41 GiB (may grow to 64 GiB)\n"
        "- vm-199-disk-0 of guest 199: 12 GiB (may grow to 32 GiB), its guest is gone\n\n"
        "Nobody uses [E1]: vm-104-disk-1 of web (VM 104)"
    )
    assert "1 volume lies in local-lvm on pve2" in said.text


async def test_no_disk_has_to_be_pulled() -> None:
    said = await ask("which disk do I pull?")
    assert said.text.startswith(
        "No disk has to be pulled: 3 disks, and nothing wrong [E1]; of 1 no SMART values are known, so of that I "
        "cannot tell: WD Gold (/dev/sda on pve2)."
    )


async def test_the_finding_names_the_disk() -> None:
    bad = Finding(
        "zfs.state", "critical", Entity("pool:pve/pve1/rpool", "pool rpool on pve1"), "ZFS pool rpool is DEGRADED",
        "The disk to pull: BB22.", "On pve1: `zpool status -v rpool`.",
    )  # fmt: skip
    said = await ask("which disk do I pull?", FakeSweeper(snapshot(), (bad,)))
    assert said.text.startswith(
        "Wrong with disks and pools [E1, E2]:\n- ZFS pool rpool is DEGRADED (critical). The disk to pull: BB22."
    )


async def test_of_the_other_disks_the_one_that_fails_is_not_told() -> None:
    (first, *_) = snapshot().disks.rows
    bad = Finding(
        "smart.failed",
        "critical",
        Entity("disk:pve/pve1/AA11", "WD Red"),
        f"Disk {first.serial} fails",
        "SMART says so.",
        "Replace it.",
    )
    said = await ask("are the other disks ok?", FakeSweeper(snapshot(), (bad,)))
    assert "Nothing is known to be wrong with" in said.text
    assert first.serial not in said.text


async def test_disks_that_cannot_be_seen_are_not_well() -> None:
    blind = snapshot(disks=Dataset("unavailable", gaps=(NOT_ALLOWED,)), smart=Dataset("unavailable"))
    said = await ask("are the disks ok?", FakeSweeper(blind, ()))
    assert said.text.startswith("The disks could not be read.")
    assert "Sys.Audit" in said.text


async def test_a_datastore_and_a_storage_are_both_told() -> None:
    said = await ask("how full are local-lvm and vault")
    assert "vault on pbs: 50 % full" in said.text
    assert "local-lvm on pve1: 75.6 % full" in said.text


async def test_which_of_two_storages_is_fuller_is_asked_of_them_and_not_of_guests() -> None:
    said = await ask("which of local-lvm and nas-media is fuller?")
    assert "the fullest is local-lvm, 75.6 % full" in said.text.splitlines()[0]


async def test_what_dies_with_a_node() -> None:
    said = await ask("what dies if pve2 dies?")
    assert said.text.startswith("If pve2 fails now, the cluster loses its quorum [E1]: 1 of the 2 votes")


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("is vault full?", "No: vault is 50 % full"),
        ("are you sure vault is not full?", "Yes: vault is 50 % full"),
        ("are you sure tank is not full?", "No: tank is 98.7 % full"),
    ],
)
async def test_whether_a_place_is_not_full(question: str, start: str) -> None:
    assert (await ask(question)).text.startswith(start)


@pytest.mark.parametrize(
    "question", ["does 20 GB more fit on tank?", "can I put another 20 GB on tank?", "can tank take 20 GB more?"]
)
async def test_what_fits_now_is_told_with_the_trend(question: str) -> None:
    said = await ask(question)
    assert said.text.startswith("Now that fits, 51.2 GiB are free, but by its trend it is full in 4 d")
    assert "20 GB more leave 32.6 GiB" in said.text
