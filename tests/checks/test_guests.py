"""Restart loops, memory at the limit, states that are no state to be in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.checks.world import Told, complete, container, guest, metrics, run, sample, task, told, unavailable, world

from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Snapshot

DB = "guest:pve/105"
WEB = "guest:pve/104"


def restarts(count: float, peak: float | None = None, **rows: list[object]) -> Snapshot:
    peaks = [sample(peak, id="lxc/105")] if peak is not None else []
    return world(metrics=metrics(guest_restarts_1h=[sample(count, id="lxc/105")], guest_memory_peak_1h=peaks, **rows))


def starts(count: int, kind: str = "vzstart", hours: float = 0.5) -> Snapshot:
    return world(tasks=complete(*(task(kind, worker_id="105", hours=hours + n / 100) for n in range(count))))


def every(minutes: float, count: int, *, over_for_hours: float = 0.2) -> Snapshot:
    """Start tasks at an even pace, the last so long ago."""
    hours = [over_for_hours + n * minutes / 60 for n in range(count)]
    return world(tasks=complete(*(task("vzstart", worker_id="105", hours=at) for at in hours)))


def memory(**rows: list[object]) -> Snapshot:
    return world(metrics=metrics(**rows))


def at_work(of: Guest, **changes: Any) -> Snapshot:
    """A guest while a backup runs."""
    backup = task(status="RUNNING", hours=0.2, **changes)
    running = replace(backup, ended_at=None, outcome="running")
    return world(guests=complete(of), tasks=complete(task(), running))


def by_hand(snapshot: Snapshot, *kinds: str, status: str = "OK") -> Snapshot:
    """What somebody did with the container within the hour."""
    return replace(snapshot, tasks=complete(*(task(kind, status, hours=0.5, worker_id="105") for kind in kinds)))


def by_hand_too(snapshot: Snapshot) -> Snapshot:
    """Each of its starts followed a stop that somebody asked for."""
    stops = (replace(item, upid=f"{item.upid}-stop", worker_type="vzstop") for item in snapshot.tasks)
    return replace(snapshot, tasks=complete(*snapshot.tasks, *stops))


CASES: list[tuple[str, str, Snapshot, list[Told]]] = [
    ("no restarts", "guest.restart_loop", world(), []),
    ("two restarts", "guest.restart_loop", restarts(2), []),
    (
        "three restarts",
        "guest.restart_loop",
        restarts(3),
        [("critical", DB, "db (CT 105) restarts again and again")],
    ),
    (
        "three restarts with memory at the limit",
        "guest.restart_loop",
        restarts(3, 0.97),
        [("critical", DB, "db (CT 105) is killed for want of memory again and again")],
    ),
    (
        "memory below the limit is another reason",
        "guest.restart_loop",
        restarts(3, 0.969),
        [("critical", DB, "db (CT 105) restarts again and again")],
    ),
    ("a stop-mode backup a night", "guest.restart_loop", restarts(1), []),
    ("two start tasks", "guest.restart_loop", starts(2), []),
    (
        "three start tasks, without Prometheus",
        "guest.restart_loop",
        starts(3),
        [("critical", DB, "db (CT 105) restarts again and again")],
    ),
    (
        "somebody tries out its start-up",
        "guest.restart_loop",
        by_hand(restarts(3), "vzshutdown", "vzstop", "vzreboot"),
        [],
    ),
    (
        "somebody stopped it once, and it crashes all the same",
        "guest.restart_loop",
        by_hand(restarts(4), "vzstop"),
        [("critical", DB, "db (CT 105) restarts again and again")],
    ),
    (
        "somebody tried in vain to shut it down",
        "guest.restart_loop",
        by_hand(restarts(3), "vzshutdown", status="got timeout"),
        [("critical", DB, "db (CT 105) restarts again and again")],
    ),
    (
        "a VM, whose memory the host sees with its cache",
        "guest.restart_loop",
        world(
            metrics=metrics(
                guest_restarts_1h=[sample(3, id="qemu/104")], guest_memory_peak_1h=[sample(1.02, id="qemu/104")]
            )
        ),
        [("critical", "guest:pve/104", "web (VM 104) restarts again and again")],
    ),
    ("start tasks of two hours ago", "guest.restart_loop", starts(5, hours=2), []),
    (
        "killed every forty minutes",
        "guest.restart_loop",
        every(40, 5),
        [("warning", DB, "db (CT 105) restarts again and again")],
    ),
    (
        "every three hours since yesterday",
        "guest.restart_loop",
        every(180, 7),
        [("warning", DB, "db (CT 105) restarts again and again")],
    ),
    ("every three hours, since this morning", "guest.restart_loop", every(180, 4), []),
    ("every forty minutes, until it was mended", "guest.restart_loop", every(40, 5, over_for_hours=1.5), []),
    ("started four times by hand, having been stopped", "guest.restart_loop", by_hand_too(every(40, 5)), []),
    ("backups are no starts", "guest.restart_loop", starts(5, kind="vzdump"), []),
    (
        "a guest that is gone",
        "guest.restart_loop",
        world(metrics=metrics(guest_restarts_1h=[sample(9, id="lxc/999")])),
        [],
    ),
    ("memory fine", "guest.memory", world(), []),
    (
        "a container below the limit",
        "guest.memory",
        memory(guest_memory_floor_30m=[sample(0.949, id="lxc/105")]),
        [],
    ),
    (
        "a container at the limit",
        "guest.memory",
        memory(guest_memory_floor_30m=[sample(0.95, id="lxc/105")]),
        [("warning", DB, "db (CT 105) has used 95 % of its memory for half an hour")],
    ),
    (
        "a VM as its host sees it, cache included",
        "guest.memory",
        memory(guest_memory_floor_30m=[sample(0.99, id="qemu/104")]),
        [],
    ),
    (
        "a VM as it sees itself",
        "guest.memory",
        memory(memory_available_30m=[sample(0.04, instance="web:9100")]),
        [("warning", WEB, "web (VM 104) has used 96 % of its memory for half an hour")],
    ),
    ("states as they should be", "guest.state", world(), []),
    ("stopped on purpose", "guest.state", world(guests=complete(guest(status="stopped"))), []),
    (
        "an I/O error",
        "guest.state",
        world(guests=complete(guest(status="io-error"))),
        [("critical", WEB, "web (VM 104) is in state io-error")],
    ),
    (
        "paused",
        "guest.state",
        world(guests=complete(guest(status="paused"))),
        [("warning", WEB, "web (VM 104) is in state paused")],
    ),
    ("paused by a backup", "guest.state", at_work(guest(status="paused", lock="backup"), worker_id="104"), []),
    ("started by a backup of several", "guest.state", at_work(guest(status="prelaunch", lock="backup")), []),
    (
        "started by a backup elsewhere",
        "guest.state",
        at_work(guest(status="prelaunch"), node="pve2"),
        [("warning", WEB, "web (VM 104) is in state prelaunch")],
    ),
    (
        "paused by a backup that died",
        "guest.state",
        world(guests=complete(guest(status="paused", lock="backup"))),
        [("warning", WEB, "web (VM 104) is in state paused")],
    ),
    (
        "locked, and no tasks can be seen",
        "guest.state",
        world(guests=complete(guest(status="paused", lock="backup")), tasks=complete()),
        [],
    ),
    ("hibernated", "guest.state", world(guests=complete(guest(status="paused", lock="suspended"))), []),
    (
        "a state that nobody has seen before",
        "guest.state",
        world(guests=complete(guest(status="colo"))),
        [("warning", WEB, "web (VM 104) is in state colo")],
    ),
    (
        "busy for an hour",
        "guest.cpu",
        world(metrics=metrics(guest_cpu_floor_1h=[sample(0.80, id="qemu/104")])),
        [("warning", WEB, "web (VM 104) has kept its processors busy for an hour")],
    ),
    ("nearly busy", "guest.cpu", world(metrics=metrics(guest_cpu_floor_1h=[sample(0.799, id="qemu/104")])), []),
    (
        "busy, and gone since",
        "guest.cpu",
        world(
            guests=complete(guest(status="stopped")), metrics=metrics(guest_cpu_floor_1h=[sample(1.0, id="qemu/104")])
        ),
        [],
    ),
]


@pytest.mark.parametrize(("check_id", "snapshot", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_checks_say(check_id: str, snapshot: Snapshot, expected: list[Told]) -> None:
    assert told(check_id, snapshot) == expected


def test_a_loop_tells_how_often_how_full_and_what_the_node_killed() -> None:
    snapshot = restarts(8, 0.998, oom_kills_1h=[sample(8.2, instance="pve1:9100")])
    (finding,) = run("guest.restart_loop", snapshot).findings
    assert finding.detail == (
        "db (CT 105) started anew 8 times in the last hour. Its memory reached 99.8 % of 4 GiB within the hour. "
        "The kernel of pve1 killed 8 processes in that time."
    )
    assert "pct set 105 --memory 6144" in finding.remedy
    assert finding.evidence[0].rows == (("db (CT 105)", 8, 0.998, 4 * 2**30),)


def test_start_tasks_still_tell_when_prometheus_cannot() -> None:
    blind = {row: unavailable(f"metrics.{row}", "prometheus") for row in metrics()}
    result = run("guest.restart_loop", replace(starts(4), metrics=blind))
    assert [finding.entity.key for finding in result.findings] == [DB]
    assert [(gap.source, gap.kind) for gap in result.gaps] == [("prometheus", "unreachable")]


def test_a_guest_that_does_not_run_uses_no_memory() -> None:
    stopped = complete(container(status="stopped"))
    rows = metrics(guest_memory_floor_30m=[sample(0.99, id="lxc/105")])
    assert told("guest.memory", world(guests=stopped, metrics=rows)) == []
