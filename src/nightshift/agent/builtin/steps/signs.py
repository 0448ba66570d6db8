"""Which findings are about that which a question asks of a thing: its memory, its backups, its metrics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.words.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.words.tokens import plain, stem, word_set
from nightshift.facts.finding import Finding
from nightshift.facts.ids import Entity

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


# Every trouble is called so, and every thing.
_SAY_LITTLE = FUNCTION_WORDS - {"full", "network"} | word_set("""
    trouble troubles problem problems issue issues error errors fault faults wrong limited confined isolated restricted
    only host hosts node nodes guest guests server machine box boxes vms containers datastore affected hit such
    """)
_WORD = re.compile(r"[a-z]{3,}")


def words_of_trouble(text: str, entities: Iterable[Entity]) -> frozenset[str]:
    """The stems that tell what the trouble is: neither the names of things nor what every trouble is called."""
    parts = {part for e in entities for part in _WORD.findall(e.label.lower())} - {"datastore"}
    names = parts | set(map(stem, parts))
    words = _WORD.findall(plain(text).replace("i/o", "disk"))
    return frozenset({stem(word) for word in words if word not in _SAY_LITTLE} - names)


def in_common(said: frozenset[str], finding: Finding) -> int:
    """How many of these stems stand in what is found."""
    check = finding.check.replace(".", " ").replace("_", " ")
    return len(said & set(map(stem, _WORD.findall(f"{check} {finding.title} {finding.detail}".lower()))))


_NO_STEPS = re.compile(
    r"\b(?:confirm|symptoms?|means?|meaning|background|why|causes?|impact|when|overview|check first|recogni[sz]e)\b",
    re.IGNORECASE,
)


def tells_no_steps(heading: str | None) -> bool:
    """Whether a passage of a runbook, by its heading, tells what is the matter and not what to do."""
    return bool(heading and _NO_STEPS.search(heading))
