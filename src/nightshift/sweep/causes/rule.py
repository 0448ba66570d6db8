"""One rule of causes: what may explain what, and by which keys the two hang together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nightshift.facts.finding import Finding
from nightshift.sweep.entities import EntityGraph

Keys = Callable[[Finding, EntityGraph], Iterable[str]]
"""Keys of one finding in the graph, usually entity keys. Has to answer from an index, not by a walk over all."""

MACHINE_AWAY = ("guest.stopped", "guest.state", "guest.restart_loop", "ha.resource", "node.offline")
"""The checks by which a machine is not there, or cannot be."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A finding of `causes` explains one of `symptoms` (both are check ids) when a key of `reach(cause)` is among those
    of `needs(symptom)`. `meaning` says in one sentence why."""

    id: str
    meaning: str
    causes: frozenset[str]
    symptoms: frozenset[str]
    reach: Keys
    needs: Keys


def causes(*checks: str) -> frozenset[str]:
    """The checks whose findings may be the cause."""
    return frozenset(checks)


def symptoms(*checks: str) -> frozenset[str]:
    """The checks whose findings may be explained."""
    return frozenset(checks)
