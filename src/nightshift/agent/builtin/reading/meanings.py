"""What the words of a question mean together.

Each pass sees the text and the concepts so far, and adds those that several words make, or the form of the sentence;
a later one rests on what those before it found.
"""

from __future__ import annotations

import re
from datetime import datetime

from nightshift.agent.builtin.reading.combined import combined
from nightshift.agent.builtin.reading.found import Found
from nightshift.agent.builtin.sentences import copy_words, place_words, sentence_marks, space_words
from nightshift.agent.builtin.sentences.alert_words import of_a_message, of_a_rule
from nightshift.agent.builtin.sentences.foreign import foreign
from nightshift.agent.builtin.sentences.losses import marks_in
from nightshift.agent.builtin.sentences.procedure_words import asks_for_steps
from nightshift.agent.builtin.sentences.relation import relation_in
from nightshift.agent.builtin.sentences.scope import scope_in
from nightshift.agent.builtin.sentences.unknowable import is_no_secret
from nightshift.agent.builtin.times.spans import LONGEST
from nightshift.agent.builtin.words import onset_words

# Times that are further back than anything is kept, and that no window is made of.
_BEYOND_MEMORY = re.compile(
    r"\b(?:in|of|during|since|back in) (?:19|20)\d\d\b|\byears ago\b|\bdecades?\b|\blast (?:year|christmas|easter)\b"
)
_DATE = re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d\b")


def meant(text: str, found: Found, said: frozenset[str], now: datetime) -> frozenset[str]:
    """The concepts of words and slots with those that several of them make together."""
    lowered = found.lowered
    said -= {"SECRET"} if is_no_secret(lowered) else frozenset()
    concepts = said | foreign(lowered, found.words, found.mentions) | of_a_message(lowered)
    concepts |= of_a_rule(text, lowered, concepts) | marks_in(lowered, concepts) | asks_for_steps(lowered)
    concepts = sentence_marks.with_marks(lowered, concepts)
    for words in (onset_words, space_words, place_words, copy_words):
        concepts |= words.marks_in(lowered, concepts)
    concepts |= frozenset() if found.order.action or "SILENCE" in concepts else relation_in(text, lowered, concepts)
    concepts |= combined(concepts)
    if {"@attribute", "@settings"} <= concepts and "DELETED" not in concepts:
        concepts -= {"BEYOND", "@inside"}
    return concepts | scope_in(lowered, concepts) | _long_ago(lowered, now)


def beyond_memory(found: Found, now: datetime) -> frozenset[str]:
    """`BEYOND` where a time is meant that is further back than anything is kept, or that no window is made of."""
    unread = _BEYOND_MEMORY.search(found.lowered) if found.span is None else found.span.window.end < now - LONGEST
    return frozenset({"BEYOND"}) if unread else frozenset()


def _long_ago(lowered: str, now: datetime) -> frozenset[str]:
    """`@long_ago` where a date is named that is further back than anything is kept: `cpu of pve1, 2019-05-04`."""
    named = _DATE.search(lowered)
    is_old = named is not None and named[0] < (now - LONGEST).date().isoformat()
    return frozenset({"BEYOND", "@long_ago"}) if is_old else frozenset()
