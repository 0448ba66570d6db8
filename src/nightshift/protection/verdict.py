"""What is said of one guest's backups: a verdict, the reasons for it, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from nightshift.facts.backup_runs import JobVolume, RestoreTest
from nightshift.facts.gap import Gap
from nightshift.facts.ids import Entity
from nightshift.facts.inventory import BackupJob, Guest
from nightshift.facts.pbs_jobs import Keep

Verdict = Literal["protected", "at risk", "unprotected", "unknown", "excluded"]
Weight = Literal["fatal", "unknown", "risk", "remark"]
JobState = Literal["fresh", "late", "never", "not due", "unknown"]
Domain = Literal["itself", "same storage", "same node", "same host", "other box", "other site", "unknown"]

VERDICTS: tuple[Verdict, ...] = ("unprotected", "unknown", "at risk", "protected", "excluded")
"""The worst first. Unknown is worse than at risk: it may be anything."""

DOMAINS: tuple[Domain, ...] = ("itself", "same storage", "same node", "same host", "unknown", "other box", "other site")
"""Where a copy lies as seen from its guest, what dies together with it first."""

_ORDER: dict[Weight, int] = {"fatal": 0, "unknown": 1, "risk": 2, "remark": 3}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is what it is. `code` is stable (`never`, `late`, `same-place`…), `text` one sentence or two;
    `about` is the key of the datastore or storage that it is about, if it is one."""

    code: str
    weight: Weight
    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """The backups of one guest in one place.

    `place` names it (`tank/homelab`, `nas-media`), `container` is the key of the datastore or storage that it is in.
    `newest_at` is the newest one; `good_at` the newest that did not fail verification, None when all did; `failed_at`
    the newest that was verified, when that failed. `verified` and `encrypted` are the newest one's. `times` are the
    newest ones' times, newest first. `snapshots_known` is false when only the group was listed: then nothing is known
    of verification, sizes and protection. `verified_every` is the usual time between two that were verified, None with
    fewer than three. `offline` says why the place cannot be read now. `as_of` is when what is told
    here was read.
    """

    place: str
    container: str
    namespace: str
    newest_at: datetime
    oldest_at: datetime | None
    count: int
    domain: Domain
    times: tuple[datetime, ...] = ()
    good_at: datetime | None = None
    good_verified_at: datetime | None = None
    failed_at: datetime | None = None
    verified: bool | None = None
    verified_at: datetime | None = None
    verified_every: timedelta | None = None
    encrypted: bool | None = None
    encrypted_before: bool | None = None
    size_bytes: int | None = None
    size_before_bytes: int | None = None
    protected: int = 0
    snapshots_known: bool = True
    synced: bool = False
    offline: str | None = None
    archive: str | None = None
    storage: str | None = None
    verify_due: bool | None = None
    keep: Keep | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Covering:
    """An enabled job that saves the guest, and how it stands with it. `state` is `fresh`, `late`, `never`, `not due`
    or `unknown`; `interval_s` the rhythm of its runs as far as known."""

    job: BackupJob
    state: JobState
    last_at: datetime | None
    interval_s: float | None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """The last run that failed. `open` until something later succeeded; `failed` of `runs` lately went wrong."""

    at: datetime
    reason: str
    node: str
    upid: str
    storage: str | None
    open: bool
    failed: int
    runs: int

    def made_late(self, item: Covering) -> bool:
        """Whether this is why the last backup of a job is old."""
        theirs = self.storage in (None, item.job.storage)
        return self.open and theirs and item.state == "late" and item.last_at is not None and self.at > item.last_at


@dataclass(frozen=True, slots=True)
class Baseline:
    """The last run against those before it: durations in seconds, bytes sent. None where fewer than four are known."""

    duration_s: float
    usual_duration_s: float | None
    transferred_bytes: int | None
    usual_transferred_bytes: int | None
    bitmap_lost: bool
    node: str
    upid: str


@dataclass(frozen=True, slots=True)
class Protection:
    """All that is said of the backups of one guest, or of one group of a host. `guest` is None for a host. `disabled`
    are the jobs that would save it if they were enabled, `bound` those that would if it were on another node."""

    entity: Entity
    verdict: Verdict
    reasons: tuple[Reason, ...]
    guest: Guest | None = None
    covering: tuple[Covering, ...] = ()
    disabled: tuple[BackupJob, ...] = ()
    bound: tuple[BackupJob, ...] = ()
    copies: tuple[Copy, ...] = ()
    left_out: tuple[JobVolume, ...] = ()
    last_at: datetime | None = None
    failure: Failure | None = None
    baseline: Baseline | None = None
    tested: RestoreTest | None = None
    blind: tuple[Gap, ...] = ()

    @property
    def last_good_at(self) -> datetime | None:
        """The newest copy that is not known to be broken."""
        return max((copy.good_at for copy in self.copies if copy.good_at is not None), default=None)

    def reason(self, *codes: str) -> Reason | None:
        """The first reason with one of these codes."""
        return next((reason for reason in self.reasons if reason.code in codes), None)

    @property
    def headline(self) -> str:
        """The weightiest reason, in a sentence."""
        return self.reasons[0].text if self.reasons else ""


def verdict_of(reasons: Iterable[Reason]) -> Verdict:
    """The weightiest reason decides; remarks alone leave a guest protected."""
    weights = {reason.weight for reason in reasons}
    if "fatal" in weights:
        return "unprotected"
    if "unknown" in weights:
        return "unknown"
    return "at risk" if "risk" in weights else "protected"


def ranked(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The weightiest first, else in the order in which they were found."""
    return tuple(sorted(reasons, key=lambda reason: _ORDER[reason.weight]))
