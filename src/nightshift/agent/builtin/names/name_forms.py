"""By what a word that fits nothing is a name all the same: it is said to be one, or has the form or the place of one.

`a rule called PrinterOutOfPaper`, `octoprint is slow`, `kodi box: uptime?`, `glacier datastore, fill level`,
`machine number 912`, `who restarted homebridge`, `the tag finance`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.names.name_places import KIND_AFTER, KIND_BEFORE
from nightshift.agent.builtin.names.odd_words import is_common
from nightshift.agent.builtin.words.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.words.lexicon import lexicon
from nightshift.agent.builtin.words.likeness import is_english
from nightshift.agent.builtin.words.tokens import Token, stem, text_at
from nightshift.agent.builtin.words.verbs import ACTIONS

# Two capitals inside of a word: what alerts are called.
RULE_NAME = re.compile(r"\b(?:[A-Z][a-z0-9]+){2,}\b")
_CALLED = frozenset({"called", "named", "labelled", "labeled", "titled"})
_TAGS = frozenset({"tag", "tagged"})
_NUMBER = frozenset({"number", "no", "nr", "id"})
_MINE = frozenset({"", "my", "our", "the"})
_IS = frozenset({"is", "has", "does", "was", "keeps", "runs", "did", "seems", "feels", "hangs", "crashes"})
_BEFORE_A_SUBJECT = frozenset({"", "my", "our", "and", "but", "so", "if", "because", "since", "hi", "hello", "hey"})
_NAMED_BY_NOUNS = frozenset({"datastore", "storage", "pc", "laptop", "workstation"})
DEEDS = frozenset(map(stem, ACTIONS))


def alert_name(label: str) -> str:
    """`alert Watchdog`, `alert rule NodeDown`: by its name alone."""
    return label.removeprefix("alert ").removeprefix("rule ")


def camel_words(text: str) -> frozenset[str]:
    """The words of `text` that are written like the name of an alert, in lower case."""
    return frozenset(word.lower() for word in RULE_NAME.findall(text))


def is_said_to_be_one(words: Sequence[Token], at: int) -> bool:
    """`the guest called kodi`, `the tag finance`: whatever else the word may mean."""
    before = text_at(words, at - 1)
    strange = not lexicon().lists(words[at])
    told = before in _CALLED and text_at(words, at - 2) not in ("is", "are", "be")
    return strange and words[at].text.isalpha() and (told or before in _TAGS)


def is_number_of_one(words: Sequence[Token], at: int) -> bool:
    """`machine number 912`, `container id 377`."""
    return words[at].text.isdigit() and text_at(words, at - 1) in _NUMBER and text_at(words, at - 2) in KIND_BEFORE


def is_in_its_place(words: Sequence[Token], at: int) -> bool:
    """What is spoken of, or to what something was done, where the word is none of the language."""
    text, before, after = words[at].text, text_at(words, at - 1), text_at(words, at + 1)
    if before in _MINE and after in _NAMED_BY_NOUNS:
        return not lexicon().knows(words[at])  # `glacier datastore`, `the reception pc`
    if is_common(text) or is_english(text):
        return False
    if before in _MINE and after in (*KIND_AFTER, "thing"):
        return True
    apart = not before and at + 1 < len(words) and words[at + 1].start - words[at].end > 1
    subject = before in _BEFORE_A_SUBJECT and (after in _IS or apart)
    beside = at > 0 and words[at].start - words[at - 1].end == 1  # and no time between them
    done = beside and before not in FUNCTION_WORDS and before.endswith("ed") and stem(before) in DEEDS
    return subject or done
