"""Every verdict at once: the matrix of a snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from nightshift.facts.backup_runs import RestoreTest
from nightshift.facts.backups import BackupGroup
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.snapshot import Snapshot
from nightshift.facts.units import format_age, format_duration
from nightshift.protection import reasons as why
from nightshift.protection.copies import Copies
from nightshift.protection.domains import Domains
from nightshift.protection.intent import Cover, Intent, created_lately
from nightshift.protection.leftovers import Orphan, orphans_of
from nightshift.protection.places import Places
from nightshift.protection.rhythm import interval_of
from nightshift.protection.rules import Rules
from nightshift.protection.runs import Runs, baseline_of, failure_of, last_success
from nightshift.protection.sight import Sight
from nightshift.protection.standing import Seen, Standing, rhythms
from nightshift.protection.verdict import VERDICTS, Copy, Protection, Reason, Verdict, ranked, verdict_of

_LATE_HOST = 2


@dataclass(frozen=True)
class Matrix:
    """The verdicts of one snapshot: guests by cluster and vmid, hosts after them, and what belongs to nobody. Of guests
    that could not be listed there is no verdict: `unlisted` says of which clusters, and why."""

    taken_at: datetime
    protections: tuple[Protection, ...]
    orphans: tuple[Orphan, ...] = ()
    places: Places = field(default_factory=lambda: Places((), (), (), ()))
    unlisted: tuple[Gap, ...] = ()

    @cached_property
    def _by_entity(self) -> Mapping[str, Protection]:
        return {item.entity.key: item for item in self.protections}

    def get(self, entity: str) -> Protection | None:
        """The protection of one guest or host group, by its key."""
        return self._by_entity.get(entity)

    @cached_property
    def clusters(self) -> frozenset[str]:
        """The clusters whose guests are in it."""
        return frozenset(item.guest.source for item in self.protections if item.guest is not None)

    @cached_property
    def counts(self) -> Mapping[Verdict, int]:
        """How many have each verdict, the worst first."""
        found = Counter(item.verdict for item in self.protections)
        return {verdict: found[verdict] for verdict in VERDICTS}

    @cached_property
    def blind(self) -> tuple[Gap, ...]:
        """Everything that could not be seen, each thing once."""
        every = (gap for item in self.protections for gap in item.blind)
        return tuple(dict.fromkeys((*self.unlisted, *every)))


_DEFAULT = Rules()
_memo: list[tuple[Snapshot, Rules, Matrix]] = []


def matrix_of(snapshot: Snapshot, rules: Rules = _DEFAULT) -> Matrix:
    """The matrix of a snapshot. Many ask for that of the same one, one after the other: the last is remembered."""
    for known, known_rules, matrix in tuple(_memo):
        if known is snapshot and known_rules == rules:
            return matrix
    matrix = _Builder(snapshot, rules).build()
    _memo[:] = [(snapshot, rules, matrix)]
    return matrix


class _Builder:
    """The indexes of one snapshot, and what is made of them."""

    def __init__(self, snapshot: Snapshot, rules: Rules) -> None:
        self.snapshot = snapshot
        self.rules = rules
        self.now = snapshot.taken_at
        self.places = Places.of(
            snapshot.storage_configs,
            snapshot.datastores,
            snapshot.storages,
            snapshot.pbs_jobs,
            snapshot.backup_snapshots,
        )
        self.domains = Domains(snapshot, self.places)
        self.copies = Copies(snapshot, self.places, self.domains)
        self.asleep = dict(rules.asleep)
        self.sight = Sight(snapshot, self.places, self.asleep)
        self.intent = Intent(snapshot)
        self.runs = Runs(snapshot)
        self.tests = _latest_tests(snapshot.restore_tests)
        jobs = ((job.source, job.storage) for job in snapshot.backup_jobs if job.enabled and job.storage is not None)
        self.used = frozenset(jobs) | self.runs.storages_used

    def build(self) -> Matrix:
        covers = [self.intent.cover(guest) for guest in self.snapshot.guests]
        every = [
            Seen(cover.guest, cover.by, self.copies.of(cover.guest), self.runs.of(cover.guest, cover.by))
            for cover in covers
        ]
        intervals, ran = rhythms(every, self.places)
        young = created_lately(self.snapshot, self.rules.new_guest_s)
        standing = Standing(
            self.snapshot, self.rules, self.places, self.sight, self.runs, young, intervals, ran
        )  # fmt: skip
        guests = [self._guest(cover, seen, standing, young) for cover, seen in zip(covers, every, strict=True)]
        hosts = [self._host(group) for group in self.snapshot.backup_groups if group.backup_type == "host"]
        guests.sort(key=lambda item: (item.entity.source, item.guest.vmid if item.guest else 0))
        orphans = orphans_of(self.snapshot, self.places)
        unlisted = tuple(gap for gap in self.snapshot.guests.gaps if gap.is_blind_spot)
        return Matrix(self.now, (*guests, *hosts), orphans, self.places, unlisted)

    def _guest(self, cover: Cover, seen: Seen, standing: Standing, young: frozenset[tuple[str, int]]) -> Protection:
        guest = cover.guest
        copies, runs = seen.copies, seen.runs
        success = last_success(runs)
        times = [copy.newest_at for copy in copies]
        last_at = max([*times, *([success.started_at] if success else [])], default=None)
        blind = self.sight.of(guest)
        covering = tuple(standing.of(seen, job) for job in cover.by)
        failure = failure_of(runs, max(times, default=None), self.now, timedelta(seconds=self.rules.lately_s))
        baseline = baseline_of(runs)
        tested = self.tests.get(guest.entity.key)
        unread = guest.source in self.intent.unread
        on_purpose = None if cover.by or unread else why.purpose(cover, self.rules)
        found: list[Reason] = []
        if on_purpose is not None:
            found.append(Reason("on-purpose", "remark", on_purpose))
        elif unread:
            found.append(Reason("jobs-unread", "unknown", "Whether a backup job saves it could not be read."))
        elif not cover.by:
            fresh = (guest.source, guest.vmid) in young and last_at is None
            if fresh:
                found.append(Reason("new", "risk", "It is new, and no enabled backup job selects it yet."))
            else:
                since = self.runs.known_since.get(guest.source)
                found += why.uncovered(cover, last_at, self.now, self.rules, blind, since)
        if on_purpose is None:
            found += why.freshness(covering, last_at, self.now, blind or self.sight.unread(guest), failure)
            found += why.volumes(cover.left_out, cover.saves_nothing)
            told = failure is not None and any(map(failure.made_late, covering))
            found += why.failing(failure, self.now, told=told)
        found += why.integrity(copies, self.now, is_vm=guest.kind == "qemu")
        if not copies:
            found += why.remembered(self.sight.remembered)
        if on_purpose is None:
            found += why.places(copies, self.sight.in_use(guest, self.used), self.asleep, self.now)
            found += why.kept(copies, sum(run.ok for run in runs))
            found += why.compared(baseline, self.rules)
            found += why.proven(tested, self.now, self.rules, has_copies=bool(copies))
        verdict: Verdict = "excluded" if on_purpose is not None else verdict_of(found)
        if verdict == "protected":
            found.insert(0, why.saved(copies, last_at, self.now))
        return Protection(
            entity=guest.entity,
            verdict=verdict,
            reasons=ranked(found),
            guest=guest,
            covering=covering,
            disabled=cover.disabled,
            bound=cover.elsewhere,
            copies=copies,
            left_out=cover.left_out,
            last_at=last_at,
            failure=failure,
            baseline=baseline,
            tested=tested,
            blind=(*blind, *self.sight.others(guest)),
        )

    def _host(self, group: BackupGroup) -> Protection:
        """A host that saves itself: no job of PVE tells when, only the rhythm of its backups does."""
        host = self.domains.host_of(group.source)
        copy = self.copies.of_group(group, "other box" if host is not None else "unknown")
        interval = interval_of(copy.times)
        found: list[Reason] = []
        verdict: Verdict | None = None
        if copy.count and copy.protected == copy.count:
            verdict = "excluded"
            found.append(Reason("archive", "remark", "Its backups are all protected: it is kept, not saved any more."))
        elif interval is None:
            found.append(
                Reason("no-rhythm", "unknown", "Too few backups of it are known to say how often it is saved.")
            )
        elif self.now - copy.newest_at > interval * _LATE_HOST + timedelta(seconds=self.rules.grace_s):
            found.append(Reason("late", "risk", _late_host(copy, interval, self.now)))
        found += why.integrity((copy,), self.now, is_vm=False)
        verdict = verdict or verdict_of(found)
        if verdict == "protected":
            found.insert(0, why.saved((copy,), copy.newest_at, self.now))
        told = ranked(found)
        entity = Entity(group.key, f"host {group.backup_id}")
        return Protection(entity, verdict, told, copies=(copy,), last_at=copy.newest_at)


def _late_host(copy: Copy, interval: timedelta, now: datetime) -> str:
    usual = format_duration(interval.total_seconds())
    return f"Its last backup is from {format_age(copy.newest_at, now)}; until then there was one every {usual}."


def _latest_tests(tests: Iterable[RestoreTest]) -> dict[str, RestoreTest]:
    """The newest restore test by the key of the guest whose backup was restored."""
    newest: dict[str, RestoreTest] = {}
    for test in tests:
        key = f"guest:{test.source}/{test.from_vmid or test.vmid}"
        if key not in newest or newest[key].at < test.at:
            newest[key] = test
    return newest
