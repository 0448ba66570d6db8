"""Orders about what is in no inventory: the command by hand, and never one that does more."""

from __future__ import annotations

import pytest
from tests.agent.builtin.driver import ask

from nightshift.agent.builtin.writers.talk import READ_ONLY


@pytest.mark.parametrize(
    ("order", "command"),
    [
        ("restart the statistics daemon over on pve2", "systemctl restart pvestatd    # on pve2"),
        ("restart pveproxy on pve1", "systemctl restart pveproxy    # on pve1"),
        ("stop the scrub on pve1", "zpool scrub -s <pool>"),
        ("clear the error counters of rpool on pve2", "zpool clear <pool>"),
        ("Bring the dead monitor back up.", "systemctl restart ceph-mon@<node>"),
        ("lvextend pve/data +50G, do it", "lvextend -L +50G <vg>/<pool>"),
        ("enlarge the thin pool by 20G", "lvextend -L +20G <vg>/<pool>"),
        ("can you boot the second backup server for me now", "etherwake"),
        ("Please give web a hard reset.", "qm stop 104    # hard, like pulling the plug"),
        ("well start web again then!", "qm start 104"),
        ("take a snap of web real quick please?", "qm snapshot 104 <name>"),
        ("give the rootfs of 105 another 20G", "pct resize 105 rootfs +20G"),
        ("bring pve2 up to 9 for me", "apt update && apt full-upgrade    # on pve2"),
        ("bring pve2 to proxmox 9 please", "pve8to9 --full    # on pve2"),
        ("lift pve2 to version 9 for us, please", "pve8to9 --full    # on pve2"),
        ("take pve2 to PVE 9 tonight", "pve8to9 --full    # on pve2"),
        ("make vault writable again", "datastore update vault --delete maintenance-mode"),
        ("Throw the oldest copy of web away, it only takes up space.", "pvesm free <volume>"),
        ("put a mute on alert HighCpu over the weekend, will you", "make a silence under Alerting › Silences"),
        ("please get rid of that old before-mods thing on CT 115", "`pct delsnapshot 115 before-mods`"),
    ],
)
async def test_the_command_by_hand(order: str, command: str) -> None:
    said = await ask(order)

    assert said.text.startswith(READ_ONLY)
    assert command in said.text
    assert said.unverified == ()


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("who was using jellyfin at 2 am, and what did they play", "I cannot answer that: nothing that I read"),
        ("was a person in the driveway last night, home-assistant must know", "I cannot answer that: nothing that"),
        ("at what hour is the next power outage going to be", "I cannot know that: I do not predict"),
        ("read me anna's latest mail", "I cannot answer that: nothing that I read records it."),
        ("Give me a recipe for sourdough", "No runbook fits this, and I do not make one up. I can only answer what"),
        ("pihole saved nightly?", "I know nothing called “pihole”."),
        ("is the file server up", "Yes: nas (VM 103) is running on pve1"),
    ],
)
async def test_what_nobody_can_know(question: str, first: str) -> None:
    assert (await ask(question)).text.startswith(first)
