"""What is expected to be away: a backup server or NAS that is powered for its window only, a lab that sleeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from nightshift.checks.selection import Facets, Selector

EVERY_DAY = frozenset(range(7))
_GRACE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Window:
    """A time of the day on some days of the week (0 is Monday), in `zone`.

    It begins on these days; one whose `end` is not after its `start` goes on into the next day.
    """

    days: frozenset[int]
    start: time
    end: time
    zone: tzinfo

    def holds(self, at: datetime) -> bool:
        """Whether `at` (aware) is in it; the end is not."""
        local = at.astimezone(self.zone)
        moment, today = local.time(), local.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= moment < self.end
        return (today in self.days and moment >= self.start) or ((today - 1) % 7 in self.days and moment < self.end)


@dataclass(frozen=True, slots=True)
class Absence:
    """What may be away, and when: in `windows`, or outside of them when they tell when it is `present`."""

    selector: Selector
    windows: tuple[Window, ...]
    present: bool
    reason: str | None = None

    def away(self, facets: Facets, at: datetime) -> bool:
        """Whether the thing is expected to be away at `at`."""
        return any(window.holds(at) for window in self.windows) != self.present and self.selector.chooses(facets)

    def __str__(self) -> str:
        return f"expected to be away now{f': {self.reason}' if self.reason else ''}"


def expected_away(absences: tuple[Absence, ...], facets: Facets, at: datetime) -> Absence | None:
    """The absence that covers a thing at `at`, or did a quarter of an hour ago: what is switched on needs a moment."""
    moments = (at, at - _GRACE)
    return next((item for item in absences if any(item.away(facets, moment) for moment in moments)), None)
