"""How each job stands with each guest: fresh, late, never, not due yet, or unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from nightshift.facts.backup_runs import BackupRun
from nightshift.facts.inventory import BackupJob, Guest
from nightshift.facts.snapshot import Snapshot
from nightshift.protection.places import Places
from nightshift.protection.rhythm import due_at, interval_of, is_late
from nightshift.protection.rules import Rules
from nightshift.protection.runs import Runs
from nightshift.protection.sight import Sight
from nightshift.protection.verdict import Copy, Covering, JobState

_Job = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A guest with what is known of it before anything is judged."""

    guest: Guest
    jobs: tuple[BackupJob, ...]
    copies: tuple[Copy, ...]
    runs: tuple[BackupRun, ...]


@dataclass(frozen=True)
class Standing:
    """Judges jobs. `intervals` are the rhythms of jobs as their guests show them, `ran` the jobs that are known to have
    run."""

    snapshot: Snapshot
    rules: Rules
    places: Places
    sight: Sight
    runs: Runs
    young: frozenset[tuple[str, int]]
    intervals: Mapping[_Job, timedelta | None]
    ran: frozenset[_Job]

    def of(self, seen: Seen, job: BackupJob) -> Covering:
        """How one job stands with one guest."""
        now = self.snapshot.taken_at
        guest = seen.guest
        made = targets(seen.copies, job, self.places)
        mine = own_times(seen, job, made)
        good = good_times(seen, job, made)
        last = max(good, default=None)
        interval = interval_of(mine) or self.intervals.get((job.source, job.id))
        due = due_at(job.next_run, interval, now)
        seconds = interval.total_seconds() if interval is not None else None
        if (guest.source, guest.node) in self.runs.running:
            state: JobState = "fresh" if last is not None else "not due"
            return Covering(job, state, last, seconds, due)
        if last is None:
            return Covering(job, self._without(seen, job), None, seconds, due)
        late = is_late(
            last,
            job.next_run,
            interval,
            now,
            grace=timedelta(seconds=self.rules.grace_s),
            stale_after=timedelta(seconds=self.rules.stale_after_s),
        )
        if not late:
            return Covering(job, "fresh", last, seconds, due)
        known = self._all_runs_known(guest, due or now - timedelta(seconds=self.rules.grace_s))
        sure = self.sight.can_see_target(job, guest) or known
        return Covering(job, "late" if sure else "unknown", last, seconds, due)

    def _without(self, seen: Seen, job: BackupJob) -> JobState:
        guest = seen.guest
        if (guest.source, guest.vmid) in self.young:
            return "not due"
        overdue = job.next_run is not None and self.snapshot.taken_at - job.next_run > timedelta(
            seconds=self.rules.grace_s
        )
        if (job.source, job.id) not in self.ran and not overdue:
            return "not due" if self.sight.can_see_target(job, guest) else "unknown"
        if self.sight.can_see_target(job, guest):
            return "never"
        return "unknown"

    def _all_runs_known(self, guest: Guest, since: datetime) -> bool:
        known = self.runs.known_since.get(guest.source)
        return known is not None and known <= since


def targets(copies: Iterable[Copy], job: BackupJob, places: Places) -> tuple[Copy, ...]:
    """The copies that a job made, as far as it is known where it writes to; else all that are no copies of others."""
    containers = places.containers_of(job.source, job.storage or "")
    if containers:
        return tuple(copy for copy in copies if (copy.container, copy.namespace) in containers)
    if (job.source, job.storage or "") in places.config:
        return tuple(copy for copy in copies if copy.storage == job.storage)
    return tuple(copy for copy in copies if not copy.synced)


def good_times(seen: Seen, job: BackupJob, made: Iterable[Copy]) -> list[datetime]:
    """When this job saved the guest: the copies that it `made`, and runs to its storage that went well."""
    found = [copy.newest_at for copy in made]
    return found + [run.started_at for run in seen.runs if run.ok and run.storage in (None, job.storage)]


def own_times(seen: Seen, job: BackupJob, made: Iterable[Copy]) -> list[datetime]:
    """When this job ran for the guest, well or not."""
    found = [moment for copy in made for moment in copy.times]
    return found + [run.started_at for run in seen.runs if run.storage in (None, job.storage)]


def rhythms(every: Iterable[Seen], places: Places) -> tuple[dict[_Job, timedelta | None], frozenset[_Job]]:
    """The rhythm of each job, from the guest of it that shows most of its runs, and the jobs that ran at all."""
    most: dict[_Job, list[datetime]] = {}
    ran: set[_Job] = set()
    for seen in every:
        for job in seen.jobs:
            times = own_times(seen, job, targets(seen.copies, job, places))
            if times:
                ran.add((job.source, job.id))
            if len(times) > len(most.get((job.source, job.id), ())):
                most[job.source, job.id] = times
    return {job: interval_of(times) for job, times in most.items()}, frozenset(ran)
