"""When a cause began, and since when a symptom shows: what began clearly later explains nothing.

Both are bounds, and what is not known stays as it would be without them: a sweep just after a start sees everything for
the first time, and first seen is not begun.
"""

from __future__ import annotations

from datetime import datetime

from nightshift.checks.previous import AT_ONCE
from nightshift.facts.finding import Finding
from nightshift.sweep.entities import EntityGraph

# Only what begins from one moment to the next can be told by its alerts: a disk that fills does harm before its alert.
_SUDDEN = frozenset(
    {
        "node.offline",
        "guest.stopped",
        "guest.state",
        "ha.resource",
        "storage.inactive",
        "datastore.unavailable",
        "source.unreachable",
        "target.down",
        "probe.failed",
        "ups.on_battery",
    }
)
# At their `since` these were there already; others tell the last good moment, or the age of what lies around.
_THERE_SINCE = frozenset({"alert.firing", "backup.failed", "backup.stale", "replication.behind"})


def began_not_before(cause: Finding, graph: EntityGraph) -> datetime | None:
    """The earliest moment at which a sudden trouble can have begun: as it says itself, else by the oldest alert about
    the same entity, which came when it had waited for as long as its rule wants."""
    if cause.check not in _SUDDEN:
        return None
    return cause.since or graph.alerted_not_before.get(cause.entity.key)


def shown_at(symptom: Finding) -> datetime | None:
    """A moment at which the symptom was there, as early as is known."""
    return symptom.since if symptom.check in _THERE_SINCE else None


def clearly_later(began: datetime | None, shown: datetime | None) -> bool:
    """Whether something began so long after another thing showed that it cannot be the reason for it."""
    return began is not None and shown is not None and began - shown > AT_ONCE


def earliest(*moments: datetime | None) -> datetime | None:
    """The earliest of those that are known."""
    return min((moment for moment in moments if moment is not None), default=None)
