"""The answer to a question back: `the second`, `101`, `the one on pve2`, `the container`, `both`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.words.counting_words import ORDINALS
from nightshift.agent.builtin.words.tokens import plain, tokens
from nightshift.facts.ids import Entity
from nightshift.tools.names import normalise
from nightshift.tools.resolve import EntityIndex

MOST_WORDS = 8
_PLACES = {**ORDINALS, "former": 0, "latter": -1, "last": -1, "1": 0, "2": 1, "3": 2, "4": 3}
_ALL = frozenset({"both", "all", "each", "every", "either"})
_KINDS = {"vm": "(VM ", "container": "(CT ", "ct": "(CT ", "lxc": "(CT "}
_VMID = re.compile(r"\((?:VM|CT) (\d+)\)")
_NO_MORE = frozenset({"none", "neither", "nothing", "no", "not", "never"})


def chosen(text: str, choices: Sequence[Entity], index: EntityIndex) -> tuple[Entity, ...]:
    """The choices that a short reply picks; empty when it picks none and is a question of its own."""
    words = [token.text for token in tokens(plain(text))]
    if not choices or len(words) > MOST_WORDS or _NO_MORE.intersection(words):
        return ()
    for picks in (_is_named, _is_there):
        picked = tuple(entity for entity in choices if picks(entity, words, index))
        if len(picked) == 1:
            return picked
    if _ALL.intersection(words):
        return tuple(choices)
    for word in words:
        at = _PLACES.get(word)
        if at is not None and at < len(choices):
            return (choices[at],)
    for word in words:
        of_kind = [entity for entity in choices if word in _KINDS and _KINDS[word] in entity.label]
        if len(of_kind) == 1:
            return (of_kind[0],)
    return ()


def _is_there(entity: Entity, words: Sequence[str], index: EntityIndex) -> bool:
    """By the node that it is on."""
    return index.node_of(entity) in words


def _is_named(entity: Entity, words: Sequence[str], _index: EntityIndex) -> bool:
    """By name, by vmid, or by what its name has and a reply repeats."""
    own = normalise(entity.label.split(" (")[0])
    number = _VMID.search(entity.label)
    joined = normalise(" ".join(words))
    return (
        own in [normalise(word) for word in words]
        or f"-{own}-" in f"-{joined}-"
        or bool(number and number.group(1) in words)
    )
