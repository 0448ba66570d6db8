"""What tasks tell of guests: which are being worked on now, and what was done with one last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from nightshift.checks.evidence import RESOURCES, TASKS, iso, table
from nightshift.facts.evidence import Cell, Evidence
from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.tasks import Task

STOPS = ("qmstop", "qmshutdown", "vzstop", "vzshutdown")
STARTS = ("qmstart", "vzstart", "hastart", "qmreset", "qmreboot", "vzreboot", "qmresume")
_SETTLES = timedelta(minutes=5)  # the lists of guests and of tasks are read one after the other
_TASKS_SHOWN = 10
_Guest = tuple[str, int]


@dataclass(frozen=True, slots=True)
class GuestHistory:
    """The tasks of every guest, newest first, and who is busy. `nodes` are those (source, node) that told tasks."""

    by_guest: dict[_Guest, tuple[Task, ...]]
    busy_guests: frozenset[_Guest]
    busy_nodes: frozenset[tuple[str, str]]
    nodes: frozenset[tuple[str, str]]

    def of(self, guest: Guest) -> tuple[Task, ...]:
        return self.by_guest.get((guest.source, guest.vmid), ())

    def is_busy(self, guest: Guest) -> bool:
        """Whether a task works on it now, or did a moment ago. A backup of several guests names none of them."""
        on_its_node = (guest.source, guest.node) in self.busy_nodes
        return (guest.source, guest.vmid) in self.busy_guests or on_its_node

    def knows_node_of(self, guest: Guest) -> bool:
        return (guest.source, guest.node) in self.nodes


def guest_history(snapshot: Snapshot) -> GuestHistory:
    """From the tasks of the last day and a half, and from what was read of single guests."""
    found: dict[_Guest, dict[str, Task]] = {}
    busy_guests: set[_Guest] = set()
    busy_nodes: set[tuple[str, str]] = set()
    for item in snapshot.guest_tasks:
        found.setdefault((item.source, item.vmid), {}).update((task.upid, task) for task in item.tasks)
    for task in snapshot.tasks:
        fresh = task.outcome == "running" or (
            task.ended_at is not None and snapshot.taken_at - task.ended_at < _SETTLES
        )
        if task.worker_id.isdigit():
            guest = (task.source, int(task.worker_id))
            found.setdefault(guest, {})[task.upid] = task  # this list is newer than that of a single guest
            if fresh:
                busy_guests.add(guest)
        elif fresh and task.worker_type in ("vzdump", "startall", "stopall", "migrateall", "suspendall"):
            busy_nodes.add((task.source, task.node))
    ordered = {
        guest: tuple(sorted(tasks.values(), key=lambda task: task.started_at, reverse=True))
        for guest, tasks in found.items()
    }
    nodes = frozenset((task.source, task.node) for task in snapshot.tasks)
    return GuestHistory(ordered, frozenset(busy_guests), frozenset(busy_nodes), nodes)


def pulled_down(stop: Task, snapshot: Snapshot) -> bool:
    """Whether a guest was stopped because its node shut all guests down: nobody meant this one."""
    return any(
        task.worker_type == "stopall"
        and (task.source, task.node) == (stop.source, stop.node)
        and task.started_at <= stop.started_at
        and (task.ended_at is None or stop.started_at <= task.ended_at)
        for task in snapshot.tasks
    )


def state_and_tasks(
    snapshot: Snapshot, guest: Guest, title: str, state: Mapping[str, Cell], tasks: Sequence[Task], tasks_title: str
) -> tuple[Evidence, ...]:
    """A guest as PVE lists it, with the columns that matter, and the last of the tasks that were done with it."""
    known = {"vmid": guest.vmid, "name": guest.name, "node": guest.node, "status": guest.status, **state}
    shown = table(snapshot, guest.source, RESOURCES, title, tuple(known), (tuple(known.values()),))
    if not tasks:
        return (shown,)
    rows = (
        (iso(task.started_at), task.node, task.worker_type, task.user, task.status) for task in tasks[:_TASKS_SHOWN]
    )
    columns = ("started_at", "node", "task", "user", "status")
    return shown, table(snapshot, guest.source, TASKS, tasks_title, columns, rows)
