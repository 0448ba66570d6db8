"""Words that the vocabulary lacks and that are no names all the same: `release-wise`, `in absolute terms`, `serving`.

A machine may be called `phoenix`, which is a word too: by its place in the sentence it is a name there (`how is
phoenix?`, `vm phoenix`), and nobody says `the trouble phoenix to one host`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.words.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.words.lexicon import lexicon
from nightshift.agent.builtin.words.likeness import is_english
from nightshift.agent.builtin.words.tokens import Token, text_at, word_set

SHORT = 4
"""In a question of so few words each may be the name."""
# Words of everyday work that the table of meanings counts as jargon or lacks.
_COMMON = word_set("""
    undo redo leak leaks audit auditor audits inventory handover takeover timestamp timestamps thunderstorm kettle dud
    moan moans moaned toner wreck junk coverage footprint allotment postmortem sticker payday browser
    printout holidays backlog rundown recap heads-up howto
    how-to to-do todo sth smth ppl atm imo imho asap fyi btw afaik iirc etc hrs mins secs eur usd resp approx repl
    exec i.e e.g y/n gdpr rpo rto sla kpi wfh eod eta anyhow thereby whereas bonkers nuts kaput borked wonky flaky
    glitch glitchy hiccup hiccups meltdown fishy iffy dodgy shaky jittery sluggish croak croaks
    whereto wherefrom lunchtime bedtime midday sunset sunrise dusk dawn fortnight weekday weekdays workday
    cleanup teardown rollout rebuild workaround walkthrough checklist cheat-sheet tldr screwdriver padlock
    """)
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
# `slower`, `tightest`, `undone`, `pre-update`: the rest of the word is one by itself.
_DEGREE = re.compile(r"([a-z]{3,}?)(?:([a-z])\2)?e(?:r|st)")
_PREFIX = re.compile(r"(?:un|re|pre|post|over|under|mis|non|sub)-?([a-z]{4,})")
# Forms that no name has: adverbs, participles, adjectives.
_FORMS = re.compile(r"[a-z]{2,}(?:-)?wise|[a-z]{3,}(?:ing|ed|ly|(?<!f)ish|ful|less|able|ible|ous)")
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being"})
_ARTICLES = frozenset({"the", "a", "an", "my", "your", "our", "me", "us"})
_LOOSE = frozenset({"of", "on", "about", "for", "to", "in", "at", "with", "from"})
_HAD_BY_NOBODY = frozenset({"WHY", "LIST", "WRONG", "FINE", "IT", "AGAIN", "BEYOND", "PEOPLE", "ADVICE", "LAST"})
# What stands before a verb: `that I undo`, `do I have to wiggle`.
_DOERS = frozenset({"i", "we", "you", "they", "he", "she"})
_MODALS = frozenset({"should", "would", "could", "can", "must", "may", "might", "will", "shall"})
_BEFORE_TO = frozenset({"have", "need", "want", "like", "try", "going", "supposed", "able", "how", "what", "where"})


def is_word(words: Sequence[Token], at: int, *, placed: bool) -> bool:
    """Whether the word at `at` is none of a name; `placed` tells that it stands where a name may: after `on`, `of`."""
    text = words[at].text
    before, after = text_at(words, at - 1), text_at(words, at + 1)
    if text.isalpha() and _is_verb(before, text_at(words, at - 2)):
        return True
    if text in _COMMON or _ORDINAL.fullmatch(text) or (at == 0 and after in _ARTICLES):  # `print your token`
        return True
    form = _FORMS.fullmatch(text) is not None or _is_degree(text)
    if not (form or is_common(text)):
        return False
    if form:
        return not (before in _BE and at < SHORT and not after)  # `how is sterling`
    if placed:
        if before in _LOOSE and not _has_a_bearer(words, at):
            return True
        return bool(after) and after not in FUNCTION_WORDS and not lexicon().knows(words[at + 1])
    return len(words) > SHORT


def is_verb_of_a_kind(text: str) -> bool:
    """Whether it is no name even after `vm`: `the VM stays locked`, `unlock a locked VM howto`."""
    return text in _COMMON or (text.endswith("s") and not text.endswith("ss") and is_common(text))


def is_common(text: str) -> bool:
    """Whether it is made of words of the language: `handover`, `undone`, `wrong-password`, `slower`."""
    if text in _COMMON or _is_degree(text):
        return True
    return all(part.isalpha() and (part in FUNCTION_WORDS or _is_plain(part)) for part in text.split("-"))


def _is_plain(text: str) -> bool:
    prefixed = _PREFIX.fullmatch(text)
    return text in _COMMON or is_english(text) or (prefixed is not None and is_english(prefixed[1]))


def _is_degree(text: str) -> bool:
    degree = _DEGREE.fullmatch(text)
    if degree is None:
        return False
    base = degree[1] + (degree[2] or "")
    return is_english(base) or is_english(f"{base}e") or (base.endswith("i") and is_english(f"{base[:-1]}y"))


def _has_a_bearer(words: Sequence[Token], at: int) -> bool:
    """Whether what is said before a preposition is had by a thing: `memory of phoenix`, and not `reason to panic`."""
    earlier = words[at - 2] if at > 1 else None
    if words[at - 1].text not in ("of", "on", "about", "for") or earlier is None:
        return False
    return earlier.text not in FUNCTION_WORDS and bool(lexicon().concepts([earlier])[0] - _HAD_BY_NOBODY)


def _is_verb(before: str, earlier: str) -> bool:
    return before in _DOERS or (before in _MODALS and earlier in _DOERS) or (before == "to" and earlier in _BEFORE_TO)
