"""Which findings are about that which a question asks of a thing: its memory, its backups, its metrics."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nightshift.agent.builtin.question import Question
from nightshift.facts.finding import Finding

# Signs in the id of a check, by what is asked about.
_SIGNS: Mapping[str, tuple[str, ...]] = {
    "MEMORY": ("memory", "oom", "swap", "balloon"), "CPU": ("cpu", "load"), "LOAD": ("cpu", "load"),
    "BACKUP": ("backup", "copies", "datastore", "pbs", "job"), "TARGET": ("target", "scrape", "prometheus", "node."),
    "METRIC": ("target", "scrape", "prometheus", "node."), "NETIN": ("network", "link"), "SWAP": ("swap", "memory"),
    "MIGRATION": ("migrat", "task"), "REPLICATION": ("replication",),
}  # fmt: skip


def fits(question: Question, finding: Finding) -> bool:
    """Whether a finding is about that which was asked about; any does when nothing in particular was."""
    asked = [signs for concept, signs in _SIGNS.items() if question.has(concept)]
    return not asked or any(sign in finding.check for signs in asked for sign in signs)


_NO_STEPS = re.compile(
    r"\b(?:confirm|symptoms?|means?|meaning|background|why|causes?|impact|when|overview|check first|recogni[sz]e)\b",
    re.IGNORECASE,
)


def tells_no_steps(heading: str | None) -> bool:
    """Whether a passage of a runbook, by its heading, tells what is the matter and not what to do."""
    return bool(heading and _NO_STEPS.search(heading))
