"""Guests that a dead task left locked."""

from __future__ import annotations

from dataclasses import dataclass

from nightshift.checks.check import Check
from nightshift.checks.guest_tasks import guest_history, state_and_tasks
from nightshift.checks.previous import Previous
from nightshift.checks.thresholds import Thresholds
from nightshift.facts.finding import CheckResult, Finding
from nightshift.facts.inventory import Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.tasks import Task
from nightshift.facts.units import format_age


@dataclass(frozen=True, slots=True)
class _Lock:
    """What a lock protects: the tasks that set it, whether it may be taken off, and what to look at before."""

    tasks: tuple[str, ...]
    verdict: str
    look: str


_UNLOCK_AFTER_A_LOOK = "It can be unlocked once nothing half-made is left."
_LOCKS = {
    "backup": _Lock(
        ("vzdump",),
        "It is safe to unlock: a backup changes nothing in the guest.",
        "`ps aux | grep [v]zdump` shows that no backup runs",
    ),
    "snapshot": _Lock(
        ("qmsnapshot", "vzsnapshot"),
        _UNLOCK_AFTER_A_LOOK,
        "`TOOL listsnapshot VMID` shows whether a half-made snapshot is left; after unlocking delete it with "
        "`TOOL delsnapshot VMID NAME --force`",
    ),
    "snapshot-delete": _Lock(
        ("qmdelsnapshot", "vzdelsnapshot"),
        _UNLOCK_AFTER_A_LOOK,
        "`TOOL listsnapshot VMID` shows the snapshot that was being deleted; after unlocking delete it again with "
        "`TOOL delsnapshot VMID NAME --force`",
    ),
    "rollback": _Lock(
        ("qmrollback", "vzrollback"),
        "Do not start it before the rollback is repeated: its disks may be of two different moments.",
        "`TOOL listsnapshot VMID` shows the snapshot to roll back to",
    ),
    "migrate": _Lock(
        ("qmigrate", "vzmigrate"),
        "It can be unlocked once it is certain that it is on one node only.",
        "`TOOL config VMID` on this node, and `pvesm list STORAGE --vmid VMID` on both, show where its disks are",
    ),
    "disk": _Lock(
        ("qmmove", "vzmove", "move_volume", "resize"),
        _UNLOCK_AFTER_A_LOOK,
        "`TOOL config VMID` and `pvesm list STORAGE --vmid VMID` show whether a disk is there twice",
    ),
    "clone": _Lock(
        ("qmclone", "vzclone"),
        "As a copy it may be incomplete: delete it and clone again. The original can be unlocked.",
        "`TOOL config VMID` shows whether its disks are all there",
    ),
    "create": _Lock(
        ("qmcreate", "vzcreate", "qmrestore", "vzrestore"),
        "Do not unlock it to use it: it was never finished. Delete it and create or restore it again.",
        "`TOOL config VMID` shows what there is",
    ),
    "suspending": _Lock(
        ("qmsuspend",),
        "It can be unlocked when it still runs.",
        "`TOOL status VMID --verbose` shows whether it runs",
    ),
    "mounted": _Lock(
        ("pctmount",),
        "It is safe to unlock: somebody mounted its disk and did not unmount it.",
        "`pct unmount VMID` takes the lock off",
    ),
    "destroyed": _Lock(
        ("qmdestroy", "vzdestroy"),
        "Do not unlock it to use it: it was being deleted. Delete it again.",
        "`TOOL config VMID` shows what is left",
    ),
}
_LOCKS["restore"] = _LOCKS["create"]
_FSTRIM = _Lock(("fstrim",), "It is safe to unlock.", "`TOOL status VMID` shows whether it runs")
_LOCKS["fstrim"] = _FSTRIM
_OTHER = _Lock((), _UNLOCK_AFTER_A_LOOK, "`TOOL config VMID` shows what there is")
_ON_PURPOSE = ("suspended",)


def locked(snapshot: Snapshot, _previous: Previous, _thresholds: Thresholds) -> CheckResult:
    """A guest with a lock whose task is dead: it can be neither backed up, started, nor changed.

    Judges (PVE API: /cluster/resources, /nodes/{node}/tasks?source=all):
        {"id": "qemu/104", "status": "running", "lock": "backup", "node": "pve1"}
        {"type": "vzdump", "id": "104", "starttime": 1795405000, "endtime": 1795405060, "status": "interrupted by "
        "signal"}
    While a task works on the guest the lock is part of the work. Where the tasks of its node cannot be seen, nothing is
    said. A VM that is suspended to disk is locked on purpose.
    """
    history = guest_history(snapshot)
    findings = []
    for guest in snapshot.guests:
        if guest.lock is None or guest.lock in _ON_PURPOSE or guest.status == "unknown":
            continue
        if history.knows_node_of(guest) and not history.is_busy(guest):
            findings.append(_left_locked(snapshot, guest, guest.lock, history.of(guest)))
    return CheckResult(tuple(findings))


def _left_locked(snapshot: Snapshot, guest: Guest, name: str, tasks: tuple[Task, ...]) -> Finding:
    lock = _LOCKS.get(name, _OTHER)
    tool = "qm" if guest.kind == "qemu" else "pct"
    culprit = next((task for task in tasks if task.worker_type in lock.tasks), None)
    story = (
        f" The last such task began {format_age(culprit.started_at, snapshot.taken_at)} and ended with: "
        f"{culprit.status}."
        if culprit is not None and culprit.outcome not in ("ok", "running")
        else ""
    )
    look = lock.look.replace("TOOL", tool).replace("VMID", str(guest.vmid))
    return Finding(
        check="guest.locked",
        severity="warning",
        entity=guest.entity,
        title=f"{guest.entity.label} is still locked ({name}), and no task works on it",
        detail=f"A lock keeps it from being backed up, started, stopped or changed.{story} {lock.verdict}",
        remedy=f"On {guest.node}: {look}. Then `{tool} unlock {guest.vmid}`.",
        since=culprit.started_at if story and culprit is not None else None,
        evidence=state_and_tasks(
            snapshot,
            guest,
            f"Lock of {guest.entity.label}",
            {"lock": guest.lock},
            tasks,
            f"Last tasks of {guest.entity.label}",
        ),
        runbook="guest-locked.md#steps",
    )


CHECKS = (
    Check("guest.locked", "guests", "warning", ("guests", "tasks"), locked, "Locks that a dead task left behind"),
)
