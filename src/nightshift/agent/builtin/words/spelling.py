"""Words that were typed wrongly, put right in the text: `how mcuh ram`, `who did taht`, `wirte errors`, `on tnak`.

The lexicon finds the concept of a word with a typo by itself; what reads the text as a whole needs the word. Only what
cannot be a name is touched: two letters that changed places where that makes a word, a letter too many or too few in a
long word of the vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nightshift.agent.builtin.words.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.words.lexicon import lexicon, spellings
from nightshift.agent.builtin.words.likeness import is_english
from nightshift.agent.builtin.words.services import software
from nightshift.agent.builtin.words.tokens import CHAT, tokens
from nightshift.tools.resolve import SHORTEST_FUZZY, EntityIndex

SHORTEST = 3
LONG = 6
ONE_EDIT = 1
# Neither a part of a name, nor an abbreviation (`GUI`), nor an alert (`NodeDown`).
_WORD = re.compile(r"(?<![\w./:@+'’\"`“-])[A-Za-z][a-z]{2,}(?![\w/:@+'’\"`”({-]|\.\w)")


_SPELLED_OUT = {"prom": "prometheus", "pg": "postgres"}
_SHORT = re.compile(r"(?<![\w.-])(?:prom|pg)(?![\w.-])", re.IGNORECASE)


def respelt(text: str, index: EntityIndex) -> str:
    """The text with its typing errors put right, those in the names of `index` too, and numbers written as the names
    that they stand for: `pve1 or 2`."""
    text = _PLACED.sub(lambda match: _on_its_node(match, index), text)
    text = _SHORT.sub(lambda match: match[0] if _is_called(match[0], index) else _SPELLED_OUT[match[0].lower()], text)
    text = _NUMBERED.sub(lambda match: _both_names(match, index), text)
    return _WORD.sub(lambda match: _right(match.group(), index), text)


_PLACED = re.compile(r"(?<!\S)([\w-]+)[@:]([\w-]+)(?=[\s?!,;.]|$)")


def _on_its_node(match: re.Match[str], index: EntityIndex) -> str:
    """`rpool@pve1` and `pve1:rpool` as `rpool on pve1`."""
    one, other = match.groups()
    nodes = {entity.label for entity in index.all_of("node")}
    if {one, other} & nodes and index.exact(one) and index.exact(other):
        return f"{one} on {other}" if other in nodes else f"{other} on {one}"
    return match.group()


_NUMBERED = re.compile(
    r"(?<![\w./:-])([a-z][a-z-]*)(\d{1,2})( ?(?:,|/|&|or|and|vs\.?|versus) ?)(\d{1,2})"
    r"(?=\W*$|[,?;:]| (?:is|are|was|were|do|does|did|has|have|which|who|up|down|both|on|over|alive)\b)",
    re.IGNORECASE,
)


def _both_names(match: re.Match[str], index: EntityIndex) -> str:
    name, one, between, other = match.groups()
    known = index.exact(f"{name}{one}") and index.exact(f"{name}{other}")
    return f"{name}{one}{between}{name}{other}" if known else match.group()


def _right(word: str, index: EntityIndex) -> str:
    lowered = word.lower()
    (token,) = tokens(lowered)
    if lowered in CHAT or lexicon().lists(token) or lowered in software() or is_english(lowered):
        return word
    meant = _word_meant(lowered)
    if not meant and len(word) >= SHORTEST_FUZZY:
        meant = next((swapped for swapped in _swapped(lowered) if index.exact(swapped)), "")
    # Whether it is a name is asked last: that goes through every guest.
    return word if not meant or _is_called(lowered, index) else meant


def _is_called(word: str, index: EntityIndex) -> bool:
    if index.exact(word) or index.containing(word):
        return True
    return any(word in entry.notes for entry in index.entries)


@lru_cache(maxsize=512)
def _word_meant(word: str) -> str:
    """The word that this is a typo of; empty when none is sure."""
    for swapped in _swapped(word):
        if swapped in FUNCTION_WORDS or (len(word) > SHORTEST and swapped in spellings()):
            return swapped
    if len(word) < LONG:
        return next((other for other in _doubled(word) if other in spellings()), "") if len(word) == LONG - 1 else ""
    # An ending makes another word of it, and no typo: `broker`.
    alike = [w for w in spellings() if w[0] == word[0] and w[-1] == word[-1] and len(w) != len(word)]
    near = process.extractOne(word, alike, scorer=OSA.distance, score_cutoff=ONE_EDIT)
    return near[0] if near else ""


def _swapped(word: str) -> Iterator[str]:
    """The word with two neighbouring letters changed, for each two that differ."""
    for at in range(len(word) - 1):
        if word[at] != word[at + 1]:
            yield f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}"


def _doubled(word: str) -> Iterator[str]:
    """The word with one letter twice: `rebot`."""
    for at in range(1, len(word) - 1):
        yield f"{word[: at + 1]}{word[at:]}"
