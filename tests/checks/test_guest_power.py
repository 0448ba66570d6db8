"""Guests that are off: who wanted them on, who stopped them, and when that is nobody's business."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.checks.world import (
    NOW,
    Told,
    ago,
    complete,
    config,
    guest,
    node,
    partial,
    run,
    storage,
    target,
    task,
    told,
    unavailable,
    world,
)

from nightshift.checks.levels import fingerprint_of
from nightshift.checks.previous import Previous
from nightshift.facts.gap import Gap
from nightshift.facts.guest_items import GuestTasks
from nightshift.facts.inventory import Guest, StorageConfig
from nightshift.facts.snapshot import Dataset, Progress, Snapshot
from nightshift.facts.tasks import Task

WEB = "guest:pve/104"
OFF = guest(status="stopped", uptime_s=0)


def off(of: Guest = OFF, *tasks: Task, onboot: bool = True, **changes: Any) -> Snapshot:
    """A guest that is off, on a node whose tasks are known."""
    return world(
        guests=complete(of),
        guest_configs=complete(config(onboot=onboot)),
        tasks=complete(task("vzdump", hours=8), *tasks),
        **changes,
    )


def of(kind: str, status: str = "OK", *, hours: float = 3.0, user: str = "anna@pam") -> Task:
    return task(kind, status, hours=hours, worker_id="104", user=user)


def serving(*, active: bool) -> dict[str, Any]:
    """A storage that web serves over the network."""
    return {
        "storages": complete(storage("nas", node=None, plugin="nfs", shared=True, active=active)),
        "storage_configs": complete(StorageConfig("pve", "nas", "nfs", shared=True, server="web")),
    }


NOBODY = [("critical", WEB, "web (VM 104) is off, and nobody stopped it")]
ANNA = [("info", WEB, "web (VM 104) is off: anna@pam shut it down")]
RUNNING = replace(of("qmstart"), ended_at=None, outcome="running", status="RUNNING")

CASES: list[tuple[str, Snapshot, list[Told]]] = [
    ("everything runs", world(), []),
    ("nobody wants it on", off(onboot=False), []),
    ("a template", off(replace(OFF, template=True)), []),
    ("it crashed", off(), NOBODY),
    ("it was started, then crashed", off(OFF, of("qmstart")), NOBODY),
    ("somebody shut it down", off(OFF, of("qmstart", hours=5), of("qmshutdown")), ANNA),
    ("somebody stopped it hard", off(OFF, of("qmstop")), ANNA),
    ("somebody tried to shut it down", off(OFF, of("qmshutdown", "VM quit/powerdown failed")), NOBODY),
    (
        "somebody shut it down, and it is watched",
        off(OFF, of("qmshutdown"), targets=complete(target(health="down", entity_key=WEB))),
        [("warning", WEB, "web (VM 104) is off: anna@pam shut it down")],
    ),
    (
        "somebody shut it down, and the storage that it serves is missed",
        off(OFF, of("qmshutdown"), **serving(active=False)),
        [("warning", WEB, "web (VM 104) is off: anna@pam shut it down")],
    ),
    ("somebody shut it down, and the storage is there", off(OFF, of("qmshutdown"), **serving(active=True)), ANNA),
    (
        "it does not start",
        off(OFF, of("qmshutdown", hours=5), of("qmstart", "volume 'local:vm-104' does not exist")),
        [("critical", WEB, "web (VM 104) does not start")],
    ),
    (
        "its node was shut down",
        off(OFF, of("qmshutdown", user="root@pam"), task("stopall", hours=3.05, user="root@pam")),
        [("critical", WEB, "web (VM 104) did not come back")],
    ),
    (
        "somebody shut it down two weeks ago",
        off(guest_tasks=complete(GuestTasks("pve", 104, (of("qmshutdown", hours=336),), NOW))),
        ANNA,
    ),
    ("something works on it", off(OFF, RUNNING), []),
    (
        "something worked on it a minute ago",
        off(OFF, replace(of("qmshutdown"), ended_at=ago(minutes=1))),
        [],
    ),
    ("a backup of several guests runs on its node", off(OFF, replace(task(hours=0.1), outcome="running")), []),
    ("its node has just started", off(nodes=complete(node(uptime_s=899))), []),
    ("its node has been up for a while", off(nodes=complete(node(uptime_s=900))), NOBODY),
    ("hibernated", off(replace(OFF, lock="suspended")), []),
    ("HA wants it on", off(replace(OFF, ha_state="started"), onboot=False), NOBODY),
    ("HA holds it off", off(replace(OFF, ha_state="stopped")), []),
    ("HA is told to leave it off", off(replace(OFF, ha_state="disabled")), []),
    ("HA ignores it", off(replace(OFF, ha_state="ignored")), []),
    ("HA has failed with it, which is told there", off(replace(OFF, ha_state="error")), []),
    ("its state is unknown", off(replace(OFF, status="unknown")), []),
]


@pytest.mark.parametrize(("snapshot", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_who_is_missed(snapshot: Snapshot, expected: list[Told]) -> None:
    assert told("guest.stopped", snapshot) == expected


def test_it_tells_who_when_and_what_to_do() -> None:
    (finding,) = run("guest.stopped", off(OFF, of("qmshutdown"))).findings
    assert finding.detail == (
        "web (VM 104) on pve1 is off, and it is to start with its host. anna@pam shut it down 3 h ago."
    )
    assert finding.since == ago(hours=3)
    assert "qm start 104" in finding.remedy
    assert [evidence.title for evidence in finding.evidence] == [
        "State of web (VM 104)",
        "Starts and stops of web (VM 104)",
    ]
    assert finding.evidence[1].rows == ((ago(hours=3).isoformat(), "pve1", "qmshutdown", "anna@pam", "OK"),)


RAN = Previous(taken_at=ago(minutes=5), uptimes_s={WEB: 4_000})
OFF_FINDING = fingerprint_of("guest.stopped", OFF.entity)
OPEN = Previous(taken_at=ago(minutes=5), open_findings=frozenset({OFF_FINDING}))


@pytest.mark.parametrize(
    ("previous", "tasks", "expected"),
    [
        (RAN, (), [("warning", WEB, "web (VM 104) is off, and nobody stopped it")]),
        (OPEN, (), [("warning", WEB, "web (VM 104) is off, and nobody stopped it")]),
        (RAN, (of("qmshutdown"),), ANNA),
        (Previous(taken_at=ago(minutes=5), uptimes_s={WEB: 0}), (), []),
        (replace(OPEN, since={OFF_FINDING: ago(days=3)}), (), [("info", WEB, "web (VM 104) is off")]),
        (
            replace(OPEN, since={OFF_FINDING: ago(days=3)}),
            (of("qmstart", hours=2),),
            [("warning", WEB, "web (VM 104) is off, and nobody stopped it")],
        ),
    ],
    ids=[
        "it ran at the last sweep",
        "it was missed at the last sweep",
        "somebody stopped it",
        "it was off before",
        "somebody stopped it, longer ago than tasks are read",
        "somebody stopped it long ago, and it was started since",
    ],
)
def test_what_ran_before_is_missed_though_nothing_starts_it(
    previous: Previous, tasks: tuple[Task, ...], expected: list[Told]
) -> None:
    assert told("guest.stopped", off(OFF, *tasks, onboot=False), previous) == expected


def test_nobody_is_accused_before_the_tasks_were_read() -> None:
    waiting = Progress("pve", "tasks of guests that are off", 0, 1, frozenset({WEB}))
    assert told("guest.stopped", off(guest_tasks=Dataset("partial", (), (), NOW, (waiting,)))) == []


BLIND = [
    off(guest_tasks=Dataset("partial", (), (Gap("pve", "guest_tasks", "timed_out", "slow", None, (WEB,)),), NOW)),
    replace(off(), tasks=complete()),
    replace(off(), tasks=unavailable("tasks")),
    replace(off(), guest_tasks=unavailable("guest_tasks")),
]


@pytest.mark.parametrize("snapshot", BLIND, ids=["its own", "none of its node", "none", "those of guests"])
def test_where_the_tasks_cannot_be_seen_nobody_is_named(snapshot: Snapshot) -> None:
    (finding,) = run("guest.stopped", snapshot).findings
    assert (finding.severity, finding.title) == ("warning", "web (VM 104) is off")
    assert finding.detail.endswith("Its tasks on pve1 cannot be read: who stopped it is not known.")


def test_without_a_configuration_only_high_availability_tells() -> None:
    blind = replace(off(), guest_configs=partial("guest_configs"))
    assert run("guest.stopped", blind).findings == ()
