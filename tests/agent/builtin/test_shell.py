"""Commands that only look are questions; all others stay what they are."""

from __future__ import annotations

import pytest
from tests.agent.builtin.driver import ask

from nightshift.agent.builtin.reading.shell import as_question, without_commands


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("qm status 912", "what is the state of guest 912"),
        ("`pct status 105`?", "what is the state of guest 105"),
        ("qm list", "list the VMs"),
        ("pct list on pve2", "which containers are on pve2"),
        ("df -h / in CT 105", "root disk of CT 105, how full in percent"),
        ("pct exec 115 -- df -h /", "root disk of guest 115, how full in percent"),
        ("pveversion on all three hosts", "proxmox version of all nodes"),
        ("what does zpool status say on pve1?", "state of the pools on pve1"),
        ("zpool status rpool on pve2", "state of the pool rpool on pve2"),
        ("root@pve2:~# zpool list", "state of the pools on pve2"),
        ("ssh root@pve2 free -h", "how much memory is in use on pve2"),
        ("pve2: free -h", "how much memory is in use on pve2"),
        ("systemctl --failed on pve2", "failed services on pve2"),
        ("systemctl status pveproxy on pve1", "state of the service pveproxy on pve1"),
        ("amtool silence query - anything active?", "which silences are active"),
        ("smartctl -a /dev/sda on pve2", "SMART values of disk sda on pve2"),
        ("the third figure that uptime prints on pve1", "load average of pve1"),
        ("uptime", "uptime of each node"),
    ],
)
def test_a_command_that_looks_is_a_question(typed: str, question: str) -> None:
    assert as_question(typed) == question


@pytest.mark.parametrize(
    "text",
    [
        "qm start 104",
        "run zpool status on pve1",
        "uptime of web",
        "how free is tank",
        "top guests by cpu",
        "what does web eat in terms of ram?",
        "is last week's report there",
        "service desk",
    ],
)
def test_what_is_no_such_command_stays_as_it_is(text: str) -> None:
    assert as_question(text) == text


@pytest.mark.parametrize(
    ("sentence", "read"),
    [
        ("why is df -h / in ct 105 so high", "why is how full is the root disk in ct 105 so high"),
        ("does ceph osd tree look right", "does ceph health look right"),
        ("nproc and lscpu of pve1", "how many cores and cpu model of pve1"),
        ("which pvesr jobs fail", "which replication jobs fail"),
        ("did the qmrestore task end", "did the restore task end"),
        ("pvenode task list of pve1", "the last tasks of pve1"),
        ("is there free space on pve1", "is there free space on pve1"),
        ("top guests by cpu", "top guests by cpu"),
    ],
)
def test_a_command_in_a_sentence_gives_way_to_what_it_shows(sentence: str, read: str) -> None:
    assert without_commands(sentence) == read


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("qm status 912", "I know nothing called “guest 912”."),
        ("qm status 104", "web (VM 104) is running on pve1"),
        ("df -h / in CT 105", "Root file system of postgres (CT 105): 8 GiB of 32 GiB (25 %) [E3]."),
        ("pct list on pve2", "There are 3 containers on pve2 [E1]:"),
        ("free -h on pve2", "Memory of pve2: 32 GiB of 64 GiB (50 %) [E2]."),
        ("amtool alert", "1 alert is firing [E1]:"),
        ("zpool list", "Nothing that is set up and read here tells of ZFS pools."),
    ],
)
async def test_the_first_line(typed: str, first: str) -> None:
    assert (await ask(typed)).text.startswith(first)
