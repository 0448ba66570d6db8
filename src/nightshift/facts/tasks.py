"""Tasks of PVE and PBS: what ran, when, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

TaskOutcome = Literal["running", "ok", "warnings", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Task:
    """One task (PVE API: /nodes/{node}/tasks?source=all, /cluster/tasks; PBS API: /nodes/{node}/tasks).

    `worker_type` is `vzdump`, `qmstart`, `garbage_collection`…; `worker_id` is what it worked on, empty for a vzdump
    of several guests. `status` is the server's own word: `OK`, `WARNINGS: 3`, or the error text. `reason` is the
    failure as the task's log tells it, when the log was read, `failed_vmids` the guests that it hit, and `storage` the
    storage that a vzdump wrote to.
    """

    source: str
    upid: str
    node: str
    worker_type: str
    worker_id: str
    user: str
    started_at: datetime
    ended_at: datetime | None
    status: str | None
    outcome: TaskOutcome
    reason: str | None = None
    failed_vmids: tuple[int, ...] = ()
    storage: str | None = None

    @property
    def duration_s(self) -> float | None:
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None


def outcome_of(status: str | None, *, running: bool) -> TaskOutcome:
    """`OK` → ok, `WARNINGS: 2` → warnings, still running → running, `unexpected status` → unknown, else failed."""
    if running or status in ("RUNNING", "running"):
        return "running"
    if status is None or status in ("", "unknown", "unexpected status"):
        return "unknown"
    if status == "OK":
        return "ok"
    return "warnings" if status.startswith("WARNINGS") else "failed"
