"""When the jobs of the systems ran and will run, as a question may ask for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from nightshift_evals.graders import TruthValue
from nightshift_evals.systems import NoTruth, Systems


def _last(kind: str) -> Callable[[Systems, str], TruthValue]:
    """PBS API: /admin/gc, /admin/prune, /admin/verify: when the last run in a datastore ended."""

    def read(systems: Systems, store: str) -> TruthValue:
        ends = [row.get("last-run-endtime") for row in systems.pbs(f"/admin/{kind}") if row["store"] == store]
        if len(ends) != 1 or not ends[0]:
            raise NoTruth(f"{store} has not one {kind} job that ran")
        return datetime.fromtimestamp(ends[0], UTC)

    return read


def _last_replication(systems: Systems, guest: str) -> TruthValue:
    """PVE API: /nodes/{node}/replication: the last success of a guest's one job."""
    row = systems.guest(guest)
    syncs = [
        job["last_sync"] for job in systems.pve(f"/nodes/{row['node']}/replication") if job["guest"] == row["vmid"]
    ]
    if len(syncs) != 1:
        raise NoTruth(f"{guest} has {len(syncs)} replication jobs")
    return datetime.fromtimestamp(syncs[0], UTC)


def _next_backup(systems: Systems, comment: str) -> TruthValue:
    """PVE API: /cluster/backup: the next run of the job with this comment, or of any."""
    runs = [
        job["next-run"]
        for job in systems.pve("/cluster/backup")
        if int(job.get("enabled", 1)) and comment in ("", job.get("comment"))
    ]
    return datetime.fromtimestamp(min(runs), UTC)


def _job(systems: Systems, comment: str) -> dict[str, Any]:
    (found,) = (job for job in systems.pve("/cluster/backup") if job.get("comment") == comment)
    return dict(found)


def _job_guest_count(systems: Systems, comment: str) -> TruthValue:
    """How many guests the job with this comment names; templates are left out where guests are counted."""
    return float(len(str(_job(systems, comment)["vmid"]).split(",")))


def _schedule(systems: Systems, comment: str) -> TruthValue:
    return str(_job(systems, comment)["schedule"])


def _is_running(systems: Systems, kinds: str) -> TruthValue:
    """PVE API: /cluster/tasks: 1 when a task of one of these types has not ended, else 0; of any without a type."""
    wanted = kinds.split()
    running = [row for row in systems.pve("/cluster/tasks") if not row.get("endtime")]
    return float(any(not wanted or row["type"] in wanted for row in running))


def _up_for_days(systems: Systems, node: str) -> TruthValue:
    """Raises NoTruth of a node that was restarted in the last two days."""
    days = float(systems.node(node)["uptime"]) / 86_400.0
    if days < 2:
        raise NoTruth(f"{node} was restarted")
    return days


JOBS: Mapping[str, Callable[[Systems, str], TruthValue]] = {
    "last_gc": _last("gc"),
    "last_prune": _last("prune"),
    "last_verify": _last("verify"),
    "last_replication": _last_replication,
    "next_backup": _next_backup,
    "job_guest_count": _job_guest_count,
    "job_schedule": _schedule,
    "task_running": _is_running,
    "up_for_days": _up_for_days,
}
