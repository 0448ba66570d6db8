"""Names of what does not exist here: words of no vocabulary that fit nothing, and numbers after `vm`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nightshift.agent.builtin.names.devices import is_device
from nightshift.agent.builtin.names.mention import Mention
from nightshift.agent.builtin.names.name_forms import DEEDS, is_in_its_place, is_number_of_one, is_said_to_be_one
from nightshift.agent.builtin.names.name_places import (
    KIND_BEFORE,
    is_called_so,
    is_id_of_nobody,
    is_of_a_figure,
    is_one_more,
    is_place_of_a_name,
)
from nightshift.agent.builtin.names.odd_words import is_verb_of_a_kind, is_word
from nightshift.agent.builtin.words.lexicon import lexicon
from nightshift.agent.builtin.words.services import SYSTEMS, software
from nightshift.agent.builtin.words.tokens import Token, stem, text_at
from nightshift.agent.builtin.words.verbs import ACTIONS

SHORTEST_NAME = 3
SHORTEST_SUPERLATIVE = 6
_AMOUNT = re.compile(r"\d+(?:\.\d+)?[kmgt](?:i?b)?(?:[/+,]\d+[kmgt]?(?:i?b)?)*|\d{1,2}[:.]\d\d(?:am|pm)?|osd\.?\d+")
_SLOT = re.compile(r"(?:scsi|virtio|sata|ide|mp|efidisk|tpmstate|unused|net)\d+")  # of one guest
# `30-day`, `top5`, `watts-ish`, `MB/s`, `node-local`: made of words and numbers, and no names.
_COMPOUND = re.compile(
    r"\d+-?(?:day|hour|week|month|minute|night|year|node|disk|core|percent|fold|way)s?|top-?\d+|\w+-ish|"
    r"[kmgt]?i?b(?:it|yte)?s?/s|\d+to\d+|(?:node|host|cluster|site)-(?:local|wide|level)"
)
_PRIVILEGE = re.compile(r"(?:sys|vm|datastore|sdn|pool|mapping|realm|permissions)\.[a-z.]+")  # `Sys.Audit`
_NO_NAMES = (_AMOUNT, _SLOT, _COMPOUND, _PRIVILEGE)
_SHORT_NAME = re.compile(r"[a-z]\d")


def unknown(words: Sequence[Token], taken: frozenset[int], camel: frozenset[str]) -> Iterator[Mention]:
    """Words of no vocabulary that fit nothing, and numbers after `vm`: names of what does not exist here.

    Weak is a word that may just be one that the vocabulary lacks: no digit in it, and nothing before it that a name
    follows."""
    for at, token in enumerate(words):
        if at in taken:
            continue
        after_kind = at > 0 and words[at - 1].text in KIND_BEFORE
        if token.text in SYSTEMS and is_of_a_figure(words, at):
            yield Mention(token.text, at, at, ())
        elif is_said_to_be_one(words, at) or is_number_of_one(words, at):
            yield Mention(token.text, at, at, (), told=True)
        elif token.text.isdigit():
            if not after_kind and (is_one_more(words, at, taken) or is_id_of_nobody(words, at)):
                yield Mention(token.text, at, at, ())
            elif after_kind:
                yield Mention(f"{words[at - 1].text} {token.text}", at, at, ())
        elif _is_no_word(token):
            before = text_at(words, at - 1)
            doing = before.endswith("ing") and stem(before) in DEEDS and text_at(words, at - 2) not in ("the", "a")
            deed = before in ACTIONS or doing  # `moving zeus to pve3`, and not `the cleaning lady`
            expected = deed or is_place_of_a_name(words, at)
            of_mine = token.text in software() or token.text in camel or is_in_its_place(words, at)
            of_mine = of_mine or is_called_so(words, at, taken)
            after_kind = after_kind and not is_verb_of_a_kind(token.text)
            odd = not (after_kind or of_mine) and is_word(words, at, placed=expected)
            named = not odd and (after_kind or of_mine or expected or not token.text.isalpha())
            yield Mention(token.text, at, at, (), weak=not named, odd=odd)


def _is_no_word(token: Token) -> bool:
    """Whether it is neither a word, nor a typo of one, nor the name of a watched system."""
    if token.text in SYSTEMS or lexicon().knows(token):
        return False
    if len(token.text) < SHORTEST_NAME:
        return _SHORT_NAME.fullmatch(token.text) is not None
    if (
        is_device(token.text)
        or any(form.fullmatch(token.text) for form in _NO_NAMES)
        or token.text.endswith("pool")
        or (token.text.isalpha() and token.text.endswith("est") and len(token.text) >= SHORTEST_SUPERLATIVE)
    ):
        return False
    return lexicon().corrected(token) == token.stem
