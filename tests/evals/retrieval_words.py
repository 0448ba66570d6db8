"""Which content words a question shares with a heading.

A stemmer of the test's own, on purpose: what a question file claims must not depend on the search that it measures. It
joins too much rather than too little.
"""

from __future__ import annotations

import re

_STOP_WORDS = """
    a about after again all also although am an and any anybody anyone are as at away back be because been before being
    but by can cannot come could did do does doing done down either every for from get gets give gives go goes going had
    has have he her here his how i if in into is it its just last let me more most must my near never new no nobody not
    nothing now of off ok on once one only or other our out over own perhaps please s same she should since so some
    somebody someone something still such t than that the their them then there they thing this those to too two under
    until up us use used uses very was we well were what when where whether which while who whom why will with without
    would yes yet you your am pm don doesn didn isn won can't long one
"""
_STOP = frozenset(_STOP_WORDS.split())
_SUFFIXES = (
    "ization", "ations", "ation", "itions", "ition", "ments", "ment", "ness", "ingly", "edly", "ings", "ing", "ions",
    "ion", "able", "ible", "ers", "er", "ies", "ied", "ed", "es", "ly", "s", "y", "e",
)  # fmt: skip


def content_words(text: str) -> set[str]:
    """The stems of the words that carry meaning: `Backups are failing` → `{"backup", "fail"}`."""
    return {stem(word) for word in re.findall(r"[^\W_]+", text.lower()) if word not in _STOP and len(word) > 1}


def stem(word: str) -> str:
    """Cut endings off as long as three letters stay, at most twice."""
    for _ in range(2):
        ending = next((s for s in _SUFFIXES if word.endswith(s) and len(word) - len(s) >= 3), "")
        word = word[: len(word) - len(ending)]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word


def shared(question: str, headings: str) -> set[str]:
    """The stems of the question that the headings have too, or that begin one of theirs with at least four letters."""
    theirs = content_words(headings)
    return {
        ours
        for ours in content_words(question)
        if any(ours == other or _begins(ours, other) or _begins(other, ours) for other in theirs)
    }


def _begins(short: str, long: str) -> bool:
    return len(short) >= 4 and long.startswith(short)
