"""Any figure of any set of things: added up, averaged, cut by a bound, grouped, ranked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.agent.builtin.driver import ask
from tests.tools.homelab import GUESTS, NOW, FakeLive, FakeSweeper, complete, snapshot

from nightshift.facts.inventory import GuestConfig
from nightshift.facts.monitoring import Sample

ANSWERS = {
    "how much memory is assigned to all guests together?": "14 guests have 56 GiB of memory in total",
    "total memory assigned to VMs on pve1": "3 VMs on pve1 have 12 GiB of memory in total",
    "how many cores are handed out in total?": "14 guests have 56 cores in total [E1].",
    "what is the average cpu of the containers on pve2?": (
        "3 running containers on pve2 use 17 % of their CPU on average [E1]."
    ),
    "sum of disk sizes of all containers": "7 containers have 224 GiB of disk in total [E1].",
    "how much ram do my VMs use altogether?": "5 running VMs use 11.7 GiB of 20 GiB of memory in total [E1].",
    "total cores of the cluster?": "3 nodes have 32 cores in total [E1].",
    "which guests use more than 50% cpu?": (
        "1 running guest uses more than 50 % of its CPU [E1]:\n- web (VM 104, pve1): 62 % of 4 cores"
    ),
    "are there guests with less than 1 GB of ram?": "No guests have less than 1 GB of memory [E1].",
    "how many guests does each node have?": (
        "Guests by node [E1]:\n- pve1: 7 guests, 7 running\n- pve2: 6 guests, 5 running\n- pve3: 1 guest, 0 running"
    ),
    "which node has the most VMs?": "pve1 has the most VMs [E1]:",
    "guests without a tag": "There are 3 guests without a tag [E1]:",
    "count of powered-down guests (no templates)": "1 guest is stopped [E1]:\n- windows-11 (VM 120) on pve2",
    "how many virtual machines do we own, not counting containers or templates?": "There are 7 VMs [E1]:",
    "how many guests without the templates?": "There are 14 guests [E1]",
    "how many guests are on pve1 and pve2, templates left aside?": "There are 13 guests on pve1 and pve2 [E1]",
    "guests running on pve1, pve2 and pve3": "12 guests on pve1, pve2 and pve3 are running [E1]",
    "how many containers and VMs run on pve1 and pve2?": "There are 5 VMs and 7 containers running on pve1 and pve2",
    "are there no templates?": "There is 1 template [E1]:\n- debian-template (VM 110) on pve1",
    "list guests with a tag": "There are 11 guests with a tag [E1]:",
    "how many dns machines": "There are 2 guests with “dns” as tag or name [E1]:",
    "containers on pve1": "There are 4 containers on pve1 [E1]:",
    "total vcpus handed out on pve2": "6 guests on pve2 have 24 cores in total [E1].",
    "which node has the most free memory": "pve2 has the most memory free: 32 GiB of 64 GiB [E1].",
    "which node has the least free memory": "pve1 has the least memory free: 12.2 GiB of 64 GiB [E1].",
    "is tank fuller than vault": "Yes: tank is fuller than vault: 98.7 % against 50 %, 48.7 points more [E1].",
    "which critical alerts are firing?": "1 critical alert is firing [E1]:\n- DatastoreAlmostFull",
    "how many warnings are firing?": "No warning alert is firing [E1].",
    "anything pending that could wake me up": "1 alert is pending [E1].\n- HighCpu (warning)",
    "Is HighCpu a critical alarm or only a warning?": "HighCpu is pending since 2026-11-23 22:42 CET, its severity",
    "number of alert rules configured, total": "There are 3 alert rules [E1]: DatastoreAlmostFull, HighCpu",
    "which rule is about cpu": "HighCpu fires when its query finds something [E1]; it is pending.",
    "is adguard running": "Which one do you mean by “adguard”?",
    "how many guests per node, templates not counted": "Guests by node [E1]:\n- pve1: 7 guests",
    "which VMs have more than 2 cores": "7 VMs have more than 2 cores [E1]:",
    "is any disk above 50 degrees?": "Temperature of 3 disks [E1]:",
    "count guests by tag": "Guests by tag [E1]:\n- (none): 3 guests, 1 running\n- dns: 2 guests, 2 running",
    "how many guests tagged media use more than 40 % cpu?": (
        "1 running guest tagged media uses more than 40 % of its CPU [E1]:"
    ),
    "which storages are over 70 percent full?": "1 of 2 backup datastores is more than 70 % full [E1]:",
    "how much backup space do I have in total?": "2 backup datastores with 12 TiB in total, 7.95 TiB used",
}


@pytest.mark.parametrize(("question", "expected"), ANSWERS.items(), ids=list(ANSWERS))
async def test_a_survey(question: str, expected: str) -> None:
    said = await ask(question)

    assert said.text.startswith(expected)
    assert said.unverified == ()


async def test_the_largest_of_a_size_need_not_run() -> None:
    large = tuple(replace(one, memory_total_bytes=64 << 30) if one.name == "windows-11" else one for one in GUESTS)
    said = await ask("which VM has the most memory assigned?", FakeSweeper(snapshot(guests=complete(*large))))

    assert said.text.startswith("windows-11 (VM 120, pve2) has the most memory assigned: 64 GiB [E1].")


async def test_an_average_over_a_window_is_asked_of_prometheus() -> None:
    live = FakeLive(samples={"avg(avg_over_time(pve_memory_usage_bytes": (Sample((), float(1 << 30), NOW),)})
    said = await ask("average memory of containers on pve2 yesterday", live=live)

    assert said.text.startswith("Memory on pve2, for each of the containers, on average yesterday: 1 GiB [E1].")
    assert 'pve_guest_info{node="pve2"}' in said.calls[0][1]["expr"]


async def test_what_is_hot_is_told_in_degrees() -> None:
    hot = Sample((("instance", "pve1:9100"),), 71.5, NOW)
    said = await ask("what is the hottest thing here?", live=FakeLive(samples={"node_hwmon_temp_celsius": (hot,)}))

    assert "71.5 °C" in said.text
    assert "B/s" not in said.text


@pytest.mark.parametrize("question", ["biggest virtual disk", "which VM has the largest disk?"])
async def test_the_largest_disk_is_not_only_looked_for_among_boot_disks(question: str) -> None:
    disks = (
        ("ide2", "local:iso/debian.iso,media=cdrom,size=900G"),
        ("scsi0", "local-lvm:vm-113-disk-0,size=32G"),
        ("scsi1", "local-lvm:vm-113-disk-1,size=400G"),
    )
    config = GuestConfig("pve", 113, True, True, (), disks, None, NOW)
    said = await ask(question, FakeSweeper(snapshot(guest_configs=complete(config))))

    assert said.text.splitlines()[0] == "immich (VM 113, pve2) has the biggest virtual disk: 400 GiB (scsi1) [E1]."
    assert "its boot disk counts alone." in said.text
    assert said.unverified == ()


async def test_a_count_over_rows_that_were_cut_says_so() -> None:
    many = [replace(GUESTS[0], vmid=1000 + number, name=f"ct-{number}") for number in range(230)]
    said = await ask("how many containers are running?", FakeSweeper(snapshot(guests=complete(*many))))

    assert said.text.startswith(
        "At least 200 containers are running [E1].\n\nOnly the first 200 of 230 rows are counted here [E1]."
    )
    assert said.unverified == ()
