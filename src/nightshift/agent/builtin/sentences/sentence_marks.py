"""Meanings that no single word has: what a sentence asks for by its form, where its other words allow it."""

from __future__ import annotations

from nightshift.agent.builtin.sentences import (
    marks_of_changes,
    marks_of_guests,
    marks_of_health,
    marks_of_loss,
    marks_of_parts,
    marks_of_storage,
    marks_of_tasks,
)

MARKS = (
    *marks_of_parts.MARKS,
    *marks_of_guests.MARKS,
    *marks_of_tasks.MARKS,
    *marks_of_loss.MARKS,
    *marks_of_health.MARKS,
    *marks_of_changes.MARKS,
    *marks_of_storage.MARKS,
)


def with_marks(lowered: str, concepts: frozenset[str]) -> frozenset[str]:
    """The concepts with the marks of this sentence."""
    fitting = [mark for mark in MARKS if mark.fits(lowered, concepts)]
    dropped = frozenset().union(*(mark.drops for mark in fitting))
    return (concepts - dropped).union(*(mark.marks for mark in fitting))
