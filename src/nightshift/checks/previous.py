"""What the last sweep left for this one: the memory that a check may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

AT_ONCE = timedelta(minutes=15)
"""Two moments that are no further apart count as one: scrapes, evaluations and sweeps come a few minutes late."""


@dataclass(frozen=True, slots=True)
class Previous:
    """`taken_at` is when the last sweep saw the world, None when there was none.

    `open_findings` are the fingerprints of what was wrong then, so that a figure that hovers at its limit does not
    open and close a finding at every sweep; `remarks` are those that were no more than a remark. `uptimes_s` are the
    uptimes by entity key, so that a restart shows even where no history is kept. `since` holds when open findings
    began, by fingerprint, where a check said so, and `watching_since` when the first finding of the history was seen:
    what a server does not date (a maintenance mode that was left on) can still be dated by who watched. Both come from
    the store, and outlive the process.
    """

    taken_at: datetime | None = None
    open_findings: frozenset[str] = frozenset()
    remarks: frozenset[str] = frozenset()
    uptimes_s: Mapping[str, int] = field(default_factory=dict)
    since: Mapping[str, datetime] = field(default_factory=dict)
    watching_since: datetime | None = None

    def began(self, fingerprint: str, now: datetime) -> datetime | None:
        """When what this finding is about began, as far as was watched: None when it was there at the first look."""
        if fingerprint in self.open_findings:
            return self.since.get(fingerprint)
        return now if self.watching_since is not None and self.watching_since < now else None

    def went_away(self, fingerprint: str, machine: str, now: datetime) -> datetime | None:
        """When a machine that ran went away: kept from the first sweep that missed it, where the sweep before had seen
        it run a few minutes ago. None when nobody watched: first seen is not begun."""
        if fingerprint in self.open_findings:
            return self.since.get(fingerprint)
        just_now = self.taken_at is not None and now - self.taken_at <= AT_ONCE
        return now if just_now and self.uptimes_s.get(machine, 0) > 0 else None


NOTHING = Previous()
