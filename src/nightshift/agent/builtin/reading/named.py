"""What the names in a question stand for: one thing, one of several, the node that a thing is on, or nothing known."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.names.mention import Mention
from nightshift.agent.builtin.names.name_forms import DEEDS
from nightshift.agent.builtin.names.name_places import KIND_BEFORE, RIVALS
from nightshift.agent.builtin.names.odd_words import is_common
from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.words.services import SYSTEMS, role_of
from nightshift.agent.builtin.words.tokens import Token, stem, text_at
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex

NEED_A_NAME: frozenset[Intent] = frozenset({"explain", "describe", "metric", "compare", "safety"})
# Several entities of these kinds under one name are one thing to people: `local-lvm` of each node, `the WD80EFZZ`.
_ONE_THING = frozenset({"storage", "alert", "pool", "disk"})
_VERSION_OF = re.compile(
    r"\b(?:version|release) of (?:the )?(?:pbs|pve|proxmox)\b|\b(?:pbs|pve|proxmox) (?:version|release)\b"
)
_AT = frozenset({"from", "on", "in", "at", "to", "by", "into", "onto"})


def certain(mentions: Sequence[Mention]) -> tuple[tuple[Entity, ...], tuple[Mention, ...]]:
    """The entities of mentions with one meaning, and the mentions with several."""
    entities: dict[Entity, None] = {}
    ambiguous: list[Mention] = []
    for mention in mentions:
        kinds = {entity.kind for entity in mention.entities}
        if len(mention.entities) == 1 or (mention.entities and (mention.every or kinds <= _ONE_THING)):
            entities.update(dict.fromkeys(mention.entities))
        elif mention.entities:
            ambiguous.append(mention)
    return tuple(entities), tuple(ambiguous)


def on_the_nodes(entities: tuple[Entity, ...], mentions: Sequence[Mention], index: EntityIndex) -> tuple[Entity, ...]:
    """`rpool on pve2`: of a storage or a pool that several nodes have, that of the node that was named; of each, where
    several were: `local-zfs on pve1 and on pve2`."""
    nodes = {entity.label for entity in entities if entity.kind == "node"}
    if not nodes:
        return entities
    by_name: dict[tuple[str, str], list[Entity]] = {}
    for entity in (entry.entity for entry in index.entries):
        if entity.kind in ("storage", "pool") and entity.key.count("/") > 1:
            by_name.setdefault((entity.kind, entity.key.rpartition("/")[2]), []).append(entity)
    meant: dict[Entity, None] = {}
    alone = {mention.entities[0] for mention in mentions if len(mention.entities) == 1}
    for entity in entities:
        same = by_name.get((entity.kind, entity.key.rpartition("/")[2]), [])
        here = [other for other in same if other.key.split("/")[1] in nodes]
        if entity not in same or not here or entity in alone:
            meant[entity] = None
        meant |= dict.fromkeys(here if entity in same else ())
    return tuple(meant)


def unknown_names(mentions: Sequence[Mention], intent: Intent) -> tuple[str, ...]:
    """Names that fit nothing. A word that may be no name counts only where the question cannot do without one."""
    return tuple(m.text for m in mentions if not (m.entities or m.odd) and (not m.weak or intent in NEED_A_NAME))


_BEFORE_A_WORD = RIVALS | {"does", "has", "is", "was", "did"}
_BEFORE_ONE = RIVALS | KIND_BEFORE.keys() | {"with", "of", "to", "from", "on", "in", "does", "has"}
_MADE_UP = re.compile(r"(?!en[op]\d|eth\d|vmbr)(?=.*\d)[a-z][\w-]+|(?=.*[a-z]{4})[a-z0-9]+(?:-[a-z0-9]+)+|[a-z]{6,}")


def strangers_beside(words: Sequence[Token], mentions: Sequence[Mention]) -> tuple[str, ...]:
    """What fits nothing and is named like a thing beside one that exists: `does zeus have more memory than web?`"""

    def is_one(mention: Mention) -> bool:
        before, after = text_at(words, mention.first - 1), text_at(words, mention.last + 1)
        if mention.entities or mention.weak or mention.odd or not _MADE_UP.fullmatch(mention.text):
            return False
        placed = before in (_BEFORE_A_WORD if mention.text.isalpha() else _BEFORE_ONE) or after in RIVALS
        ordered = stem(before) in DEEDS and before not in ("snapshot", "snap", "backup")
        return (mention.told or not is_common(mention.text)) and (placed or ordered)

    return tuple(m.text for m in mentions if is_one(m)) if any(m.entities for m in mentions) else ()


def without_its_parts(words: Sequence[Token], mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """`the firewall of jellyfin`, `the database of nextcloud`: of an order about a part of a guest, the guest."""
    of_guests = {m.first for m in mentions if m.entities and all(entity.kind == "guest" for entity in m.entities)}

    def is_part(mention: Mention) -> bool:
        is_of = text_at(words, mention.last + 1) == "of" and role_of(mention.text) is not None
        if mention.text == "firewall" and text_at(words, mention.first - 2) in ("in", "on", "through", "of"):
            return bool(of_guests - {mention.first})  # `open port 80 in the firewall for web`
        return is_of and bool(of_guests & {mention.last + 2, mention.last + 3})

    return tuple(mention for mention in mentions if not is_part(mention))


_COPIES = frozenset({"copy", "copies", "backup", "backups"})
_HOLDS = frozenset({"have", "has", "hold", "holds", "keep", "keeps"})


def _has_copies(words: Sequence[Token], mention: Mention) -> bool:
    """`Does the PBS have a copy of web?`, `a recent PBS copy`: what has them, and not of which they are."""
    before = text_at(words, mention.first - 1)
    after = text_at(words, mention.last + 1)
    return mention.text == "pbs" and (after in _COPIES or (before == "the" and after in _HOLDS))


def without_its_place(words: Sequence[Token], mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """`the last backup of mail on the PBS`: of mail, and the system is only where it is."""
    things = [mention for mention in mentions if mention.entities and mention.text not in SYSTEMS]
    if _VERSION_OF.search(" ".join(word.text for word in words)):
        return tuple(mention for mention in mentions if mention.text not in SYSTEMS)

    def is_place(mention: Mention) -> bool:
        before = [word.text for word in words[max(0, mention.first - 2) : mention.first] if word.text != "the"]
        is_server = mention.text in SYSTEMS or mention.text.startswith("backup ")
        if mention.text in SYSTEMS and before[-1:] == ["from"] and {"hosts", "nodes", "then"} & {w.text for w in words}:
            return True  # `uptime of the hosts from prometheus`, but not `the memory from prometheus`
        return bool(things) and is_server and ((bool(before) and before[-1] in _AT) or _has_copies(words, mention))

    return tuple(mention for mention in mentions if not is_place(mention))
