"""One attribute of one thing: the value first, and what nobody read is said to be not read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.agent.builtin.driver import ask, talk
from tests.tools.homelab import TASKS, FakeSweeper, complete, snapshot, task

from nightshift.agent.builtin.forms import wants_yes_or_no

FIRST_LINES = [
    ("uname -r pve2", "Kernel of pve2: 6.8.12-4-pve [E1]."),
    ("which kernel does pve1 run", "Kernel of pve1: 6.8.12-4-pve [E1]."),
    ("what ip has pve2", "Address of pve2: 192.0.2.2 [E1]."),
    ("ip of pve1 and pve2", "Address of pve1: 192.0.2.1 [E1]."),
    ("how many cores does pve2 have", "Cores of pve2: 16 [E1]."),
    ("what cpu model is in pve1", "Processor of pve1: not told by what I read [E1]."),
    ("bios version of pve1", "Firmware of pve1: not read, I do not look at that [E1]."),
    ("prometheus container os?", "Operating system of prometheus (CT 107): Linux (l26) [E1]."),
    (
        "does home assistant have the guest agent",
        "Guest agent of home-assistant (VM 109): yes; whether it answers was not asked [E1].",
    ),
    (
        "which vlan is nas in",
        "Network interfaces of nas (VM 103): net0: virtio=BC:24:11:00:00:09,bridge=vmbr0,tag=20 [E1].",
    ),
    (
        "web disks",
        "Disks of web (VM 104): scsi0: local-lvm:vm-104-disk-0,size=64G; unused0: local-lvm:vm-104-disk-1 [E1].",
    ),
    ("is immich a vm or a container", "Type of immich (VM 113): VM [E1]."),
    ("how full is root on pve1", "Root file system of pve1: 20 GiB of 94 GiB (21.3 %) [E1]."),
    ("jellyfin root disk usage", "Root file system of jellyfin (CT 112): 8 GiB of 32 GiB (25 %) [E3]."),
    ("io wait on pve1 high?", "I/O wait of pve1: 1 % [E2]."),
    ("cpu of web", "CPU of web (VM 104): 62 % of 4 cores [E2]."),
    ("amount of RAM VM 111 has got", "Memory of pbs (VM 111): 2 GiB of 4 GiB (50 %) [E2]."),
    ("on what for a node lays jellyfin?", "jellyfin runs on pve2 (running) [E1]."),
    ("what is the ip of 123?", "Address of VM 123: not known, its node does not report [E1]."),
    (
        "is windows-11 on",
        "No: windows-11 (VM 120) is stopped on pve2; since when is not known, I see no task that stopped it [E1].",
    ),
    (
        "since when is windows-11 off",
        "windows-11 (VM 120) is stopped on pve2; since when is not known, I see no task that stopped it [E1].",
    ),
    ("is pve3 down?", "Yes: Node pve3 is offline [E1]. The state of its 1 guest is unknown [E2]."),
]


@pytest.mark.parametrize(("question", "line"), FIRST_LINES)
async def test_the_value_comes_first(question: str, line: str) -> None:
    said = await ask(question)

    assert said.text.splitlines()[0] == line
    assert said.unverified == ()


@pytest.mark.parametrize(
    ("first", "then", "line"),
    [
        ("web ok?", "which ip", "Address of web (VM 104): 192.0.2.9 [E1]."),
        ("cpu of web", "of how many cores", "Cores of web (VM 104): 4 [E1]."),
    ],
)
async def test_an_attribute_of_what_was_spoken_of(first: str, then: str, line: str) -> None:
    assert (await talk([first, then]))[1].text.splitlines()[0] == line


async def test_since_when_a_guest_is_off_and_who_stopped_it() -> None:
    stop = task("qmshutdown", "120", timedelta(hours=3), where="pve2")

    said = await ask("since when is windows-11 off", FakeSweeper(snapshot(tasks=complete(*TASKS[:4], stop))))

    assert said.text.splitlines()[0] == (
        "windows-11 (VM 120) is stopped on pve2 since 2026-11-23 19:57 CET, stopped by root@pam [E1]."
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("is nas up?", True),
        ("so, are the backups ok", True),
        ("are the backups ok? my boss wants a yes or no", True),
        ("tell me if web runs", True),
        ("is it a vm or a container", False),
        ("is it running or not", True),
        ("can you tell me what is wrong", False),
        ("which guests run?", False),
        ("how full is tank", False),
    ],
)
def test_the_form_of_a_question(text: str, wanted: bool) -> None:
    assert wants_yes_or_no(text) == wanted
