"""Agents that say nothing, and file systems that only they see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.checks.world import (
    GIB,
    NOW,
    Told,
    ago,
    complete,
    filesystems,
    guest,
    metrics,
    run,
    sample,
    task,
    told,
    world,
)

from nightshift.checks.levels import fingerprint_of
from nightshift.checks.previous import Previous
from nightshift.facts.guest_items import GuestFileSystem
from nightshift.facts.snapshot import Snapshot

WEB = "guest:pve/104"
MUTE = filesystems(agent_answers=False, file_systems=())
RUNNING = replace(task(hours=0.5, worker_id="104"), outcome="running", ended_at=None)


def agent(answers: object = MUTE, **changes: Any) -> Snapshot:
    return world(guest_filesystems=complete(answers), **changes)


def root(share: float, **changes: Any) -> Snapshot:
    return world(guest_filesystems=complete(filesystems(share=share)), **changes)


DEAD = [("warning", WEB, "The guest agent of web (VM 104) does not answer")]
CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("it answers", "guest.agent", world(), []),
    ("it does not", "guest.agent", agent(), DEAD),
    ("PVE did not ask it", "guest.agent", agent(replace(MUTE, agent_answers=None)), []),
    ("the VM has been off since", "guest.agent", agent(guests=complete(guest(status="stopped"))), []),
    ("the VM is gone", "guest.agent", agent(guests=complete()), []),
    ("asked in its first quarter of an hour", "guest.agent", agent(guests=complete(guest(uptime_s=1_199))), []),
    ("asked after its first quarter of an hour", "guest.agent", agent(guests=complete(guest(uptime_s=1_200))), DEAD),
    ("a backup holds it", "guest.agent", agent(tasks=complete(RUNNING)), []),
    ("locked", "guest.agent", agent(guests=complete(guest(lock="backup"))), []),
    ("half full", "guest.filesystem", world(), []),
    ("just below what is worth a remark", "guest.filesystem", root(0.799), []),
    ("well filled", "guest.filesystem", root(0.899), [("info", WEB, "/ of web (VM 104) is 89.9 % full")]),
    ("nearly full", "guest.filesystem", root(0.90), [("warning", WEB, "/ of web (VM 104) is 90 % full")]),
    ("full", "guest.filesystem", root(0.97), [("critical", WEB, "/ of web (VM 104) is 97 % full")]),
    (
        "told by a node_exporter inside",
        "guest.filesystem",
        root(0.97, metrics=metrics(filesystem_available=[sample(1.0, instance="web:9100", mountpoint="/")])),
        [],
    ),
    (
        "another one is told by a node_exporter inside",
        "guest.filesystem",
        root(0.97, metrics=metrics(filesystem_available=[sample(1.0, instance="web:9100", mountpoint="/data")])),
        [("critical", WEB, "/ of web (VM 104) is 97 % full")],
    ),
    ("its VM is off", "guest.filesystem", root(0.97, guests=complete(guest(status="stopped"))), []),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


def test_a_file_system_at_its_limit_does_not_flap() -> None:
    told_already = frozenset({fingerprint_of("guest.filesystem", guest().entity, "/")})
    before = Previous(ago(minutes=5), told_already)
    assert [level for level, *_ in told("guest.filesystem", root(0.89), before)] == ["warning"]
    assert [level for level, *_ in told("guest.filesystem", root(0.87), before)] == ["info"]
    a_remark = replace(before, remarks=told_already)
    assert [level for level, *_ in told("guest.filesystem", root(0.89), a_remark)] == ["info"]


def test_windows_is_looked_at_in_its_own_way_and_its_age_is_told() -> None:
    drive = GuestFileSystem("C:\\", "ntfs", "C:", 98 * GIB, 100 * GIB)
    (finding,) = run("guest.filesystem", agent(filesystems(file_systems=(drive,), read_at=ago(hours=2)))).findings
    assert finding.detail == "2 GiB of 100 GiB are left, as its guest agent said 2 h ago."
    assert finding.remedy.startswith("Inside: Settings → System → Storage")
    assert finding.evidence[0].rows == (("C:\\", "C:", "ntfs", 98 * GIB, 100 * GIB, 0.98, ago(hours=2).isoformat()),)


def test_a_mount_point_cannot_smuggle_a_command_into_the_remedy() -> None:
    evil = GuestFileSystem("/x; rm -rf ~", "ext4", "sda1", 98 * GIB, 100 * GIB)
    (finding,) = run("guest.filesystem", agent(filesystems(file_systems=(evil,)))).findings
    assert "'/x; rm -rf ~'" in finding.remedy


def test_the_mute_agent_is_shown_with_the_time_of_asking() -> None:
    (finding,) = run("guest.agent", agent()).findings
    assert finding.evidence[0].rows == (("web (VM 104)", False, ago(minutes=5).isoformat()),)
    assert finding.evidence[0].taken_at == NOW
