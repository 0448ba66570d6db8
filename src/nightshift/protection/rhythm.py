"""How often something is saved, and whether the newest backup is recent enough. Schedules are never parsed: they are in
PVE's local time and may be anything. What counts is when PVE says that a job runs next, and the distance of known runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

_GAPS = 5
_FEWEST_GAPS = 2
_SAME_RUN = timedelta(minutes=30)


def interval_of(times: Iterable[datetime]) -> timedelta | None:
    """The longest of the five newest distances between runs; None when fewer than three runs are known.

    The longest, since a job of working days skips the weekend and is not late on a Sunday; the newest, since pruning
    thins out what is older. Times within half an hour are one run.
    """
    distinct: list[datetime] = []
    for moment in sorted(times, reverse=True):
        if not distinct or distinct[-1] - moment > _SAME_RUN:
            distinct.append(moment)
            if len(distinct) > _GAPS:
                break
    gaps = [newer - older for newer, older in pairwise(distinct)]
    return max(gaps) if len(gaps) >= _FEWEST_GAPS else None


def due_at(next_run: datetime | None, interval: timedelta | None, now: datetime) -> datetime | None:
    """When the job was last due: one interval before its next run, or the next run itself when it has passed. None when
    that cannot be told."""
    if next_run is None:
        return None
    if next_run <= now:
        return next_run
    return next_run - interval if interval is not None else None


def is_late(
    last: datetime,
    next_run: datetime | None,
    interval: timedelta | None,
    now: datetime,
    *,
    grace: timedelta,
    stale_after: timedelta,
) -> bool:
    """Whether a backup should be newer than this one.

    The last run that was due more than `grace` ago should have left one. Where nothing tells when it was due, one older
    than `stale_after` is late, unless the next run is further away than the backup is old: then the job is just a slow
    one.
    """
    age = now - last
    due = due_at(next_run, interval, now)
    if due is not None and (interval is None or interval > grace):
        # The distance of runs varies by how long the guests before this one take.
        slack = min(grace, interval / 4) if interval is not None else grace
        if now - due <= grace:  # this run may still leave one; the one before it should have
            return interval is not None and last < due - interval - slack
        return last < due - slack
    if interval is not None:  # no next run is told: a rhythm that stopped
        return age > interval + max(grace, interval / 4)
    if next_run is not None and next_run - now >= age:
        return False
    return age > stale_after
