"""Locks whose task is dead, and whether they may be taken off."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.checks.world import Told, ago, complete, container, guest, run, task, told, world

from nightshift.facts.snapshot import Snapshot
from nightshift.facts.tasks import Task

WEB = "guest:pve/104"
LOCKED = guest(lock="backup")


def locked(*tasks: Task, lock: str = "backup") -> Snapshot:
    return world(guests=complete(guest(lock=lock)), tasks=complete(task("qmstart", hours=20, worker_id="9"), *tasks))


LEFT = [("warning", WEB, "web (VM 104) is still locked (backup), and no task works on it")]
RUNNING = replace(task(hours=0.5), outcome="running", ended_at=None)

CASES: list[tuple[str, Snapshot, list[Told]]] = [
    ("no lock", world(), []),
    ("left behind", locked(), LEFT),
    ("its backup runs", locked(replace(RUNNING, worker_id="104")), []),
    ("a backup of several guests runs on its node", locked(RUNNING), []),
    ("a backup of several guests runs on another node", locked(replace(RUNNING, node="pve2")), LEFT),
    ("its backup ended just now", locked(replace(task(worker_id="104"), ended_at=ago(seconds=299))), []),
    ("its backup ended five minutes ago", locked(replace(task(worker_id="104"), ended_at=ago(seconds=300))), LEFT),
    ("hibernated", locked(lock="suspended"), []),
    ("its tasks cannot be seen", world(guests=complete(LOCKED), tasks=complete()), []),
    ("only another node tells tasks", world(guests=complete(LOCKED), tasks=complete(task(node="pve2"))), []),
    ("its state is unknown", world(guests=complete(guest(lock="backup", status="unknown"))), []),
]


@pytest.mark.parametrize(("snapshot", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_who_is_locked_in_vain(snapshot: Snapshot, expected: list[Told]) -> None:
    assert told("guest.locked", snapshot) == expected


VERDICTS = {
    "backup": "It is safe to unlock",
    "snapshot": "It can be unlocked once nothing half-made is left",
    "snapshot-delete": "It can be unlocked once nothing half-made is left",
    "rollback": "Do not start it before the rollback is repeated",
    "migrate": "It can be unlocked once it is certain that it is on one node only",
    "disk": "It can be unlocked once nothing half-made is left",
    "clone": "As a copy it may be incomplete",
    "create": "Do not unlock it to use it",
    "restore": "Do not unlock it to use it",
    "destroyed": "Do not unlock it to use it",
    "something new": "It can be unlocked once nothing half-made is left",
}


@pytest.mark.parametrize(("lock", "verdict"), VERDICTS.items())
def test_whether_it_may_be_unlocked(lock: str, verdict: str) -> None:
    (finding,) = run("guest.locked", locked(lock=lock)).findings
    assert verdict in finding.detail
    assert finding.remedy.endswith("Then `qm unlock 104`.")


def test_the_task_that_died_is_told() -> None:
    died = task("qmsnapshot", "interrupted by signal", hours=5, worker_id="104")
    (finding,) = run("guest.locked", locked(died, lock="snapshot")).findings
    assert "The last such task began 5 h ago and ended with: interrupted by signal." in finding.detail
    assert finding.since == ago(hours=5)
    assert "qm listsnapshot 104" in finding.remedy
    assert [row[2:] for row in finding.evidence[1].rows] == [("qmsnapshot", "root@pam", "interrupted by signal")]


def test_a_container_has_its_own_tool() -> None:
    snapshot = world(guests=complete(container(lock="snapshot")), tasks=complete(task()))
    (finding,) = run("guest.locked", snapshot).findings
    assert "pct listsnapshot 105" in finding.remedy
    assert "pct unlock 105" in finding.remedy
