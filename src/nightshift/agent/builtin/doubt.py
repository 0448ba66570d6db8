"""Whether a question was understood well enough: a guess that sounds sure is worse than to say that one does not know.

`Who is watching a film on jellyfin?` has a name and a system in it, and still nothing here could answer it.
"""

from __future__ import annotations

from nightshift.agent.builtin.intents import WEIGHTS, Intent, Weighed

MANY_STRANGE_WORDS = 2
BEYOND_DOUBT = 3.5
CARRIES_A_NAME = 0.7
# What is looked for in these is in words of any kind.
_FREE_WORDS: frozenset[Intent] = frozenset({"runbook", "find_metrics", "promql", "action"})
# What may become of a thing can be reckoned, and when it is full; whether it will fail cannot.
_LOOK_AHEAD: frozenset[Intent] = frozenset({"safety", "storage", "backup_jobs", "recovery"})


def is_doubtful(weighed: Weighed, concepts: frozenset[str], strange: int) -> bool:
    """Whether to abstain. `strange` is the number of words that mean nothing here and name nothing."""
    if weighed.intent in _FREE_WORDS:
        return False
    if "BEYOND" in concepts or (_foretells(concepts) and weighed.intent not in _LOOK_AHEAD):
        return True
    if "@entity" in concepts or "@ambiguous" in concepts:
        return strange > 0 and _said(weighed.intent, concepts) < CARRIES_A_NAME
    return strange >= MANY_STRANGE_WORDS and weighed.score < BEYOND_DOUBT


def _foretells(concepts: frozenset[str]) -> bool:
    """`Which disk dies next year?`, `will pve1 crash?`"""
    return bool(concepts & {"LATER", "WILL"}) and bool(concepts & {"FAIL", "DOWN"})


def _said(intent: Intent, concepts: frozenset[str]) -> float:
    """How much of the evidence for an intent is words: a name alone does not tell what is asked about it."""
    weights = WEIGHTS.get(intent, {})
    return sum(weights.get(concept, 0.0) for concept in concepts if concept == "@quantity" or concept[0] != "@")
