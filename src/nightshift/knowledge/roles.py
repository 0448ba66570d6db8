"""What a section is for, as its heading tells: who looks for a runbook wants to know what to do."""

from __future__ import annotations

from nightshift.knowledge.terms import terms_of

_DO = frozenset(
    terms_of(
        "steps step resolution resolve remedy remediation fix action actions mitigation recovery recover repair solve"
    )
)
_LOOK = frozenset(terms_of("confirm diagnosis diagnose diagnostics check checks investigate investigation triage"))
_ASIDE = frozenset(
    terms_of(
        """verify verification symptoms signs stop escalate escalation prevention prevent references reference related
        impact overview background meaning summary links see contents"""
    )
)
DO, LOOK, ASIDE = 1.3, 1.15, 0.85


def does(heading: str) -> bool:
    """Whether a heading says that steps follow."""
    return not _DO.isdisjoint(terms_of(heading))


def standing(heading: str) -> float:
    """What the score of a section is multiplied by. Only headings that name nothing but a role are judged: `Steps`,
    `How to confirm`, `When to stop`, and not `Check the fan`."""
    words = frozenset(terms_of(heading))
    if not words or len(words) > 2:
        return 1.0
    if words <= _DO:
        return DO
    if words <= _LOOK:
        return LOOK
    return ASIDE if words <= _ASIDE else 1.0
