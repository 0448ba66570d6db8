"""Which entities a question speaks of: names, vmids, kinds of service, with typos."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from nightshift.agent.builtin.names.mention import Mention
from nightshift.agent.builtin.names.name_places import BEFORE_A_NAME, KIND_AFTER, is_vmid, kind_expected
from nightshift.agent.builtin.names.noted import noted
from nightshift.agent.builtin.names.of_nothing import unknown
from nightshift.agent.builtin.words.counting_words import CARDINALS, ORDINALS
from nightshift.agent.builtin.words.lexicon import lexicon
from nightshift.agent.builtin.words.services import (
    ANY_THING,
    SYSTEMS,
    WEAK_PHRASES,
    guests_of,
    is_plural,
    role_of,
    roles,
)
from nightshift.agent.builtin.words.tokens import Token, text_at
from nightshift.facts.ids import Entity
from nightshift.tools.names import normalise
from nightshift.tools.resolve import SHORTEST_FUZZY, EntityIndex, prefer_things

THINGS = ("guest", "node", "storage", "datastore")
LONGEST_NAME_WORDS = 8  # a job is called by its comment: `Old job from before the backup server`
MIDDLE = -1

_MANY = frozenset(
    {"boxes", "servers", "machines", "guests", "ones", "vms", "containers", "services", "apps", "things", "instances"}
)
_TAG_WORDS = frozenset({"tag", "tags", "tagged", "label", "labelled", "labeled"})
_NODE_NOUNS = frozenset({"node", "host", "hypervisor", "server", "computer"})
_COMPUTERS = _NODE_NOUNS | {"machine", "box"}
_CARRIES = re.compile(
    r"\b(?:the|that|our|my) (?:node|host|hypervisor|server|machine|computer|box) "
    r"(?:(?:that|which|where) \w+|of|with|carrying|hosting|running|holding|under|beneath|below|behind)(?: the| our)?$"
)
_WANTED = re.compile(r"\b(?:tell|me|name|find|show|give|know|say) (?:the|that|our|my) \w+ (?:that|which|where|with)\b")
_BETWEEN = frozenset({"or", "vs", "versus", "than", "against"})
_OF_TIME = frozenset({"backup", "maintenance", "time", "update", "retention"})
_ARTICLES = frozenset({"the", "a", "an", "this", "that", "my", "our", "your", "his", "her", "their"})


def find_mentions(
    words: Sequence[Token], index: EntityIndex, camel: frozenset[str] = frozenset()
) -> tuple[Mention, ...]:
    """Every mention, in the order of the text; longer names win over shorter ones inside them. `camel` are words that
    were written like the name of an alert."""
    taken: set[int] = set()
    found: list[Mention] = []
    for search in (_exact, _numbered_nodes, _by_notes, _partial, _typos, _roles_of_nobody):
        for mention in search(words, index, frozenset(taken)):
            if not mention.positions & taken:
                taken |= mention.positions
                found.append(mention)
    once = [mention for mention in found if sum(mention.entities == other.entities for other in found) == 1]
    found = [_its_node(mention, words, index) if mention in once else mention for mention in found]
    strange = unknown(words, frozenset(taken), camel)
    found += [replace(m, weak=False, odd=False, told=True) if _is_one_more(m.text, index) else m for m in strange]
    found.sort(key=lambda mention: mention.first)
    rivals = {at for at, pair in enumerate(pairwise(found)) if _are_rivals(words, *pair)}
    return tuple(replace(m, weak=False) if {at, at - 1} & rivals else m for at, m in enumerate(found))


def _are_rivals(words: Sequence[Token], one: Mention, other: Mention) -> bool:
    """`photos or mail`: what is held against something that has a name is meant as a name too."""
    between = {token.text for token in words[one.last + 1 : other.first]} - _ARTICLES
    return bool(between) and between <= _BETWEEN and bool(one.entities and other.entities)


def _exact(words: Sequence[Token], index: EntityIndex, taken: frozenset[int]) -> Iterator[Mention]:
    """Names, ids and tags as they are written, and services by what they do; longer ones first."""
    for first, last in _spans(len(words), taken):
        text = " ".join(token.text for token in words[first : last + 1])
        if first == last and text.isdigit() and not is_vmid(words, first):
            continue
        mention = _named_so(words, index, text, first, last)
        if mention is None:
            no_role = _is_a_named_thing(words, index, first, last) or _is_any(words, first)
            no_role = no_role or (text == "windows" and text_at(words, first - 1) in _OF_TIME)
            role = None if no_role else role_of(text)
            entities = guests_of(role, index) if role else ()
            weak, every = text in WEAK_PHRASES, is_plural(text)
            # `the password vault` is no datastore called vault, even where nobody keeps passwords.
            of_nobody = role is not None and last > first and not weak
            mention = Mention(text, first, last, entities, weak=weak, every=every) if entities or of_nobody else None
        if mention is not None:
            yield replace(mention, entities=_at_place(words, first, mention.entities))


def _is_a_named_thing(words: Sequence[Token], index: EntityIndex, first: int, last: int) -> bool:
    """`the nas box` where a guest is called nas: that one, and not all that could be one."""
    what = " ".join(token.text for token in words[first:last])
    said = f"{what} {words[last].text}"
    if last == first or words[last].text not in ANY_THING or said in roles() or index.is_tag(what):
        return False
    return bool(index.exact(what, ("guest",)))


def _is_any(words: Sequence[Token], first: int) -> bool:
    """`no internal website opens`, `every database`: none in particular, so that it is no name."""
    return any(token.text in ("no", "any", "every", "none") for token in words[max(0, first - 2) : first])


def _at_place(words: Sequence[Token], first: int, entities: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """`the second dns server`: of several guests that are numbered, by their names."""
    place = ORDINALS.get(words[first - 1].text) if first else None
    names = sorted(entity.label.split(" (")[0] for entity in entities)
    if place is None or len(names) < 2 or place >= len(names) or not all(name[-1].isdigit() for name in names[1:]):
        return entities
    return tuple(entity for entity in entities if entity.label.split(" (")[0] == names[place])


def _named_so(words: Sequence[Token], index: EntityIndex, text: str, first: int, last: int) -> Mention | None:
    entities = prefer_things(index.exact(text))
    if not entities and last == first + 1 and words[last].text.isdigit():
        entities = prefer_things(index.exact(text.replace(" ", "")))  # `pve 2`
    if not entities and re.fullmatch(r".*[-\d].*s", text):
        entities = prefer_things(index.exact(text.removesuffix("s")))  # `docker-hosts disk`
    entities = _rather_things(entities, text, index)
    if not entities or (text in SYSTEMS and all(entity.kind == "target" for entity in entities)):
        return None  # `pve version`: of the system, though a scrape target is called so
    ordinary = all(lexicon().is_ordinary(word) for word in words[first : last + 1])
    by_tag = not any(normalise(text) in entry.names for entry in index.entries if entry.entity in entities)
    beside = {word.text for word in (*words[max(0, first - 2) : first], *words[last + 1 : last + 2])}
    if by_tag and ordinary and not beside & _TAG_WORDS:
        return None
    if ordinary and all(entity.kind == "job" for entity in entities) and not _is_like_a_job(words, first, last):
        return None  # a job may be called `all guests`
    expected = kind_expected(words, first, last)
    after = text_at(words, last + 1)
    every = by_tag and after in _MANY  # `the media boxes`: all that carry the tag
    if expected:
        entities = tuple(entity for entity in entities if entity.kind in expected) or entities
    weak = ordinary and first == last and not expected and not (by_tag and beside & _TAG_WORDS)
    return Mention(text, first, last, entities, weak=weak, every=every)


def _is_like_a_job(words: Sequence[Token], first: int, last: int) -> bool:
    """Whether a job is named: beside that word, or by a name of so many words that nobody says them by chance."""
    if last - first >= 2:
        return True
    beside = (*words[max(0, first - 1) : first], *words[last + 1 : last + 2])
    return any(token.text in ("job", "jobs", "backup", "schedule") for token in beside)


def _rather_things(entities: tuple[Entity, ...], text: str, index: EntityIndex) -> tuple[Entity, ...]:
    """`adguard` is the job of two scrape targets, and to people the guests that they are in."""
    if not entities or any(entity.kind in (*THINGS, "alert") for entity in entities):
        return entities
    return index.find(text, THINGS) or entities


def _numbered_nodes(words: Sequence[Token], index: EntityIndex, taken: frozenset[int]) -> Iterator[Mention]:
    """`the second node`, `node two`: counted by name."""
    for at, (token, after) in enumerate(pairwise(words)):
        if taken & {at, at + 1}:
            continue
        before = text_at(words, at - 1)
        counts = after.text in _COMPUTERS and before in _ARTICLES
        place = ORDINALS.get(token.text, MIDDLE if token.text == "middle" else None) if counts else None
        if token.text in _NODE_NOUNS:
            place = CARDINALS.get(after.text)
        follows = text_at(words, at + 2)
        if place is None or follows == "to":  # `the first node to fail`
            continue
        nodes = sorted(index.all_of("node"), key=lambda node: node.label)
        place = len(nodes) // 2 if place == MIDDLE else place
        if place < len(nodes):
            yield Mention(f"{token.text} {after.text}", at, at + 1, (nodes[place],))


def _its_node(mention: Mention, words: Sequence[Token], index: EntityIndex) -> Mention:
    """`the box that carries the nas`: the node that it is on."""
    node = index.node_of(mention.entities[0]) if len(mention.entities) == 1 else ""
    before = " ".join(token.text for token in words[max(0, mention.first - 7) : mention.first])
    found = _CARRIES.search(before) if node and not _WANTED.search(before) else None
    nodes = tuple(entity for entity in index.all_of("node") if found and entity.label == node)
    if not found or not nodes:
        return mention
    first = mention.first - len(found.group().split()) + 1
    last = mention.last + 2 if text_at(words, mention.last + 1) == "on" else mention.last
    return replace(mention, first=first, last=min(last, len(words) - 1), entities=nodes, weak=False)


def _by_notes(words: Sequence[Token], index: EntityIndex, taken: frozenset[int]) -> Iterator[Mention]:
    """`the tax software vm`, by what somebody wrote down about it."""
    for found in noted(words, index):
        if not taken.intersection(range(found.first, found.last)):
            yield Mention(found.text, found.first, found.last, (found.entity,))


def _roles_of_nobody(words: Sequence[Token], _index: EntityIndex, taken: frozenset[int]) -> Iterator[Mention]:
    """`the password manager` where no guest is one: a name all the same, and one that fits nothing."""
    for first, last in _spans(len(words), taken):
        text = " ".join(token.text for token in words[first : last + 1])
        before = text_at(words, first - 1)
        if role_of(text) and text not in WEAK_PHRASES:
            yield Mention(text, first, last, (), weak=before not in (*BEFORE_A_NAME, "the", "my", "our"))


def _partial(words: Sequence[Token], index: EntityIndex, taken: frozenset[int]) -> Iterator[Mention]:
    for at, token in enumerate(words):
        if at in taken or lexicon().in_phrase(words, at):
            continue
        if lexicon().may_be_a_name(token) and len(token.text) >= SHORTEST_FUZZY:
            entities = _rather_things(prefer_things(index.containing(token.text)), token.text, index)
            if entities:
                yield Mention(token.text, at, at, entities)


def _typos(words: Sequence[Token], index: EntityIndex, taken: frozenset[int]) -> Iterator[Mention]:
    """Two words first: `home asistant` is one name with a typo."""
    for length in (2, 1):
        for at in range(len(words) - length + 1):
            span = range(at, at + length)
            if taken.intersection(span) or all(lexicon().knows(words[i]) for i in span):
                continue
            if (
                length == 2
                and any(lexicon().knows(words[i]) for i in span)
                and not _like_a_name(words[at : at + 2], index)
            ):
                continue
            text = " ".join(words[i].text for i in span)
            if len(text) < SHORTEST_FUZZY or (length == 1 and lexicon().corrected(words[at]) != words[at].stem):
                continue
            if length == 1 and _is_one_more(text, index):
                continue
            entities = prefer_things(index.find(text, kind_expected(words, at, at + length - 1)))
            if entities:
                every = len(entities) > 1 and text.endswith("s") and all(text[:-1] in e.label.lower() for e in entities)
                yield Mention(text, at, at + length - 1, entities, every=every)


def _is_one_more(text: str, index: EntityIndex) -> bool:
    """`home-assistant-venus` where one is called home-assistant: another one, and no typo of it."""
    name, _, more = text.rpartition("-")
    return len(more) > 2 and more not in KIND_AFTER and bool(name and index.exact(name, THINGS))


def _like_a_name(pair: Sequence[Token], index: EntityIndex) -> bool:
    """Whether two words, one of them ordinary, are together very much like a name that has both."""
    best = index.nearest(" ".join(token.text for token in pair), limit=1)
    return bool(best) and best[0][1] >= 88 and "-" in normalise(best[0][0].label.split(" (")[0])


def _spans(count: int, taken: frozenset[int]) -> Iterator[tuple[int, int]]:
    for length in range(min(LONGEST_NAME_WORDS, count), 0, -1):
        for first in range(count - length + 1):
            if not taken.intersection(range(first, first + length)):
                yield first, first + length - 1
