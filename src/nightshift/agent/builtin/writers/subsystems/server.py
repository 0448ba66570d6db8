"""How what a backup server does by itself is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from nightshift.agent.builtin.story import Row
from nightshift.agent.builtin.writers.subsystems.telling import MOST, Telling, age, planned, total, upcoming


def _gc(rows: Sequence[Row], now: datetime) -> str:
    return "; ".join(f"{_gc_line(row, now)}{_bad(row)}" for row in rows[:MOST])


def _bad(row: Row) -> str:
    """What the last run came to, where the server counts it."""
    freed = f", {row.show('removed_bytes')} freed" if row.known("removed_bytes") else ""
    bad = f", {row.show('still_bad')} bad chunks" if row.known("still_bad") else ""
    return f"{freed}{bad}" + (f", deduplication {row.show('dedup_factor')} times" if row.known("dedup_factor") else "")


def _gc_line(row: Row, now: datetime) -> str:
    return f"garbage collection of {row.show('datastore')} {_run(row, now)}"


def _run(row: Row, now: datetime) -> str:
    """How the last run of a job went; where it failed, when one last went well."""
    if row.get("running"):
        return "is running now"
    if not row.known("last_run_at"):
        return "has not run yet"
    at = age(row, "last_run_at", now)
    if row.get("last_run_state") == "OK":
        return f"last ran {at} and went well"
    well = "when it last went well the tasks that are read do not tell"
    if row.known("last_success_at"):
        well = f"it last went well {age(row, 'last_success_at', now)}"
    return f"last ran {at} and ended with: {row.show('last_run_state')}; {well}"


def _gc_full(row: Row, now: datetime) -> str:
    pending = f"; {row.show('pending_bytes')} wait to be removed" if row.known("pending_bytes") else ""
    return f"{_gc_line(row, now)}; {upcoming(row, now)}{pending}"


def _jobs(rows: Sequence[Row], now: datetime) -> str:
    return "; ".join(_job_short(row, now) for row in rows[:MOST])


def _job_short(row: Row, now: datetime) -> str:
    off = "" if row.get("enabled") else " (DISABLED)"
    return f"job {row.show('job')}{off} of {row.show('datastore')} {_run(row, now)}"


def _prunes(rows: Sequence[Row], now: datetime) -> str:
    told = [
        f"job {row.show('job')} of {row.show('datastore')} keeps {row.show('keeps')}, {_run(row, now)}" for row in rows
    ]
    return "; ".join(told[:MOST])


def _job_line(row: Row, now: datetime) -> str:
    keeps = f"; keeps {row.show('keeps')}" if row.known("keeps") else ""
    away = f"; {row.show('direction')}, {row.show('remote')}" if row.known("remote") else ""
    return f"{_job_short(row, now)}; {upcoming(row, now)}{keeps}{away}"


def _all_ok(rows: Sequence[Row]) -> bool | None:
    """Whether the last run of each went well; of one that is disabled or has not run yet this cannot be said."""
    if any(row.get("last_run_state") not in (None, "OK") for row in rows):
        return False
    return None if any(row.get("enabled") is False or not row.known("last_run_state") for row in rows) else True


def _went_well(rows: Sequence[Row], _soon: bool) -> bool | None:
    """Whether the last run of all went well; unknown where one has none."""
    if any(not row.known("last_run_at") for row in rows):
        return None
    return bool(rows) and all(row.get("last_run_state") == "OK" for row in rows)


TELLINGS: Mapping[str, Telling] = {
    "Garbage collection": Telling(
        "garbage collection", "No datastore is known whose garbage collection was read.", _gc, _gc_full, _gc,
        _went_well, none_of="garbage collection of {who} was not read", well=_all_ok, coming=planned,
        counted=lambda rows: f"{total(rows, 'still_bad')} bad chunks",
    ),
    "Sync jobs": Telling(
        "sync jobs", "No sync job is set up.", _jobs, _job_line, _jobs, _went_well, "no sync job of {who} is set up",
        _all_ok, coming=planned,
    ),
    "Verify jobs": Telling(
        "verify jobs", "No verify job is set up.", _jobs, _job_line, _jobs, _went_well,
        "no verify job of {who} is set up", _all_ok, coming=planned,
    ),
    "Prune jobs": Telling(
        "prune jobs", "No prune job is set up.", _prunes, _job_line, _jobs, _went_well,
        "no prune job of {who} is set up", _all_ok, coming=planned,
    ),
}  # fmt: skip
