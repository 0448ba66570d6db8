"""Words that the vocabulary lacks and that are no names all the same: `release-wise`, `in absolute terms`, `serving`.

A machine may be called `phoenix`, which is a word too: by its place in the sentence it is a name there (`how is
phoenix?`, `vm phoenix`), and nobody says `the trouble phoenix to one host`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.lexicon import lexicon
from nightshift.agent.builtin.likeness import is_english
from nightshift.agent.builtin.words import Token

SHORT = 4
"""In a question of so few words each may be the name."""
# Forms that no name has: adverbs, participles, adjectives.
_FORMS = re.compile(r"[a-z]{2,}(?:-)?wise|[a-z]{3,}(?:ing|ed|ly|ish|ful|less|able|ible|ous)")
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being"})
# What stands before a verb: `that I undo`, `do I have to wiggle`.
_DOERS = frozenset({"i", "we", "you", "they", "he", "she"})
_MODALS = frozenset({"should", "would", "could", "can", "must", "may", "might", "will", "shall"})
_BEFORE_TO = frozenset({"have", "need", "want", "like", "try", "going", "supposed", "able", "how", "what", "where"})


def is_word(words: Sequence[Token], at: int, *, placed: bool) -> bool:
    """Whether the word at `at` is none of a name; `placed` tells that it stands where a name may: after `on`, `of`."""
    text = words[at].text
    before, after = _text(words, at - 1), _text(words, at + 1)
    if text.isalpha() and _is_verb(before, _text(words, at - 2)):
        return True
    form = _FORMS.fullmatch(text) is not None
    if not (form or all(part.isalpha() and (is_english(part) or part in FUNCTION_WORDS) for part in text.split("-"))):
        return False
    if form:
        return not (before in _BE and at < SHORT and not after)  # `how is sterling`
    if placed:
        return bool(after) and after not in FUNCTION_WORDS and not lexicon().knows(words[at + 1])
    return len(words) > SHORT


def _is_verb(before: str, earlier: str) -> bool:
    return before in _DOERS or (before in _MODALS and earlier in _DOERS) or (before == "to" and earlier in _BEFORE_TO)


def _text(words: Sequence[Token], at: int) -> str:
    return words[at].text if 0 <= at < len(words) else ""
