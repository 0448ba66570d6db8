"""Words that point back to what a conversation is about: `it`, `there`, `that one`, `the first one`, `the node`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nightshift.agent.builtin.questions.question import MOST_LISTED, of_kind
from nightshift.agent.builtin.words.counting_words import ORDINALS
from nightshift.agent.builtin.words.tokens import Token, text_at
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex

_PRONOUNS = frozenset({"it", "its", "that", "this", "there", "them", "they", "those", "these", "their", "him", "he"})
_SEVERAL = frozenset({"each", "them", "they", "those", "these", "their"})
_BE = frozenset({"is", "are", "was", "were"})
# `is it ok to …`, `is it time to …`: an `it` that points nowhere, if something follows.
_AFTER_EMPTY_IT = frozenset({"ok", "okay", "safe", "possible", "time", "true", "fine", "worth", "normal", "a", "all"})
# `something that I should wait for`, `the disk that is full`
_AFTER_CONJUNCTION = frozenset({"i", "we", "you", "he", "they", "can", "should", "could", "have", "has", "had", "need"})
_PLACES: Mapping[str, int] = {**ORDINALS, "top": 0, "last": -1}
_KIND_NOUNS: Mapping[str, str] = {
    "node": "node", "host": "node", "hypervisor": "node", "guest": "guest", "vm": "guest", "container": "guest",
    "machine": "guest", "box": "guest", "datastore": "datastore", "storage": "storage", "pool": "storage",
    "alert": "alert", "alarm": "alert", "target": "target",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where in the words something points back, and to what."""

    first: int
    last: int
    entities: tuple[Entity, ...]


def pointer_in(
    words: Sequence[Token], about: Sequence[Entity], listed: Sequence[Entity], index: EntityIndex
) -> Pointer | None:
    """The first words that point to `about`, what the conversation is about, or to one of what was `listed` last."""
    for at, token in enumerate(words):
        following = text_at(words, at + 1)
        before = text_at(words, at - 1)
        place = _PLACES.get(token.text)
        if place is not None and following in ("one", "") and before == "the" and -len(listed) <= place < len(listed):
            return Pointer(at - 1, at + (following == "one"), (listed[place],))
        if about and token.text in _KIND_NOUNS and before in ("the", "that", "this", "its", "their"):
            found = _the(_KIND_NOUNS[token.text], about, index)
            if found:
                return Pointer(at - 1, at, found)
        its_place = token.text in ("its", "their") and _the(_KIND_NOUNS.get(following, ""), about, index)
        points = token.text in _PRONOUNS or (token.text == "each" and not following)
        if about and points and not its_place and not _is_empty(words, at):
            if token.text in _SEVERAL and len(listed) > 1 and tuple(about) == tuple(listed[:1]):
                # Of a long list not all is known here, and the first alone is not what is meant.
                return Pointer(at, at, tuple(listed)) if len(listed) < MOST_LISTED else None
            last = at + (following == "one")
            return Pointer(at, last, tuple(about))
    return None


def points_to_several(words: Sequence[Token]) -> bool:
    return any(token.text in _SEVERAL for token in words)


def _the(kind: str, about: Sequence[Entity], index: EntityIndex) -> tuple[Entity, ...]:
    """Those of a kind; `the node` after a guest is the one that it is on."""
    found = of_kind(about, kind)
    if not found and kind == "node":
        on = {index.node_of(entity) for entity in about} - {""}
        found = tuple(node for node in index.all_of("node") if node.label in on)
    return found


def _is_empty(words: Sequence[Token], at: int) -> bool:
    """Whether a pronoun points nowhere: `is there a runbook`, `is it ok to`, `something that I want`."""
    text = words[at].text
    before = text_at(words, at - 1)
    following = text_at(words, at + 1)
    if text == "there":
        return before in _BE or following in _BE
    if text == "it":
        return before in _BE and following in _AFTER_EMPTY_IT and at + 2 < len(words)
    if text in ("that", "this", "those", "these"):
        conjunction = at > 0 and following in _AFTER_CONJUNCTION
        return conjunction or (following.isalpha() and following not in _POINTED_WITH and before not in _BE and at == 0)
    return False


_POINTED_WITH = frozenset(
    {"one", "is", "was", "are", "be", "happen", "happening", "again", "now", "too", "still", "mean"}
)
