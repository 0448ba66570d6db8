"""Meaning that is in the form and the order of words: `busier than`, `the laziest`, `web or nas`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from nightshift.agent.builtin.names.devices import is_device
from nightshift.agent.builtin.names.mention import Mention
from nightshift.agent.builtin.names.of_nothing import SHORTEST_SUPERLATIVE
from nightshift.agent.builtin.words.lexicon import lexicon
from nightshift.agent.builtin.words.tokens import Token, stem, text_at, word_set
from nightshift.agent.builtin.words.verbs import ACTIONS

KIND_CONCEPTS = frozenset({"GUEST", "VM", "CT", "NODE", "STORAGE", "DATASTORE"})
_BETWEEN_RIVALS = frozenset({"or", "than", "vs", "versus", "against"})
_MORE_OR_LESS = frozenset({"more", "less", "fewer", "bigger", "smaller", "higher", "lower", "larger"})
_WILL = frozenset({"will", "gonna", "predict"})
_SEVERAL = word_set("""
    guests vms containers cts lxcs machines workloads instances boxes services nodes hosts servers hypervisors storages
    datastores pools disks drives ssds hdds nvmes
    """)
_BE = frozenset({"is", "are", "was", "were"})
_MACHINES = frozenset({"servers", "machines", "boxes", "services"})
_WELL = frozenset({"ok", "okay", "fine", "alright", "well", "good", "safe", "healthy", "up", "alive"})
_HOSTS = frozenset({"node", "host", "hypervisor"})
_WHO = frozenset({"who", "which", "whose", "top", "rank"})


def shapes(words: Sequence[Token], mentions: Sequence[Mention]) -> frozenset[str]:
    """The concepts that are in the form of a question."""
    return frozenset((*_of_words(words), *_of_deeds(words), *_of_names(words, mentions)))


_WORK = frozenset({"backup", "backups", "job", "task", "vzdump", "migration", "restore", "snapshot", "prune", "sync"})
_AUXILIARIES = frozenset({"had", "has", "have", "could", "might", "was"})


def _of_deeds(words: Sequence[Token]) -> Iterator[str]:
    """`who restarted web`, `why was web started`: of what was done, not of how it is."""
    for token, after in pairwise([word for word in words if word.text not in _AUXILIARIES]):
        if token.text == "who" and _is_past(after.text) and any(stem(verb) == stem(after.text) for verb in ACTIONS):
            yield "@who_did"
    said = {token.text for token in words}
    if words and words[0].text in ("why", "who", "when") and {"started", "booted"} & said and not said & _WORK:
        yield "REBOOT"


def _of_words(words: Sequence[Token]) -> Iterator[str]:
    for at, token in enumerate(words):
        text, following = token.text, text_at(words, at + 1)
        if text.endswith("est") and len(text) >= SHORTEST_SUPERLATIVE and not lexicon().knows(token):
            concepts = lexicon().concepts([_base(token)])[0]
            yield "LEAST" if "LEAST" in concepts else "MOST"
            yield from concepts & {"HEAT"}
        if text.endswith("er") and len(text) >= SHORTEST_SUPERLATIVE and not lexicon().knows(token):
            yield from lexicon().concepts([_base(token)])[0] & {"HEAT"}  # `hotter than yesterday`
        if text in ("anything", "something") and following in ("on", "about"):
            yield "ANYTHING_ON"
        if text in _WHO:
            yield "WHO"
        if text == "how" and following == "much" and any(token.text in _SEVERAL for token in words[at + 3 :]):
            yield "TOTAL"
        if text in _SEVERAL:
            yield "SEVERAL"
            if at > 1 and text in _MACHINES and words[at - 2].text in _BE and following in _WELL:
                yield "@of_servers"
        if is_device(text) or (text.endswith("pool") and len(text) > len("pool")):
            yield "PHYSICAL"
        if text in _WILL and (at == 0 or following not in ("be", "do")):
            yield "WILL"
        yield from _by_its_place(words, at)


def _by_its_place(words: Sequence[Token], at: int) -> Iterator[str]:
    """What a word means by where it stands."""
    text, following = words[at].text, text_at(words, at + 1)
    before = text_at(words, at - 1)
    if text == "when" and following in ("do", "does"):
        yield "WHEN_DOES"  # `when does the nightly job run?`
    if text == "on" and at > 1 and not following and any(word.text in _BE for word in words[:at]):
        yield "RUNNING"  # `is windows-11 on?`
    if text in ("what", "which") and before == "on" and {word.text for word in words[at + 1 : at + 5]} & _HOSTS:
        yield "WHERE"  # `on what for a node is it?`


def _is_past(verb: str) -> bool:
    """`restarted`, `shut`; `who runs` asks for no doer."""
    return verb.endswith("ed") or verb == "shut"


def _base(token: Token) -> Token:
    """`laziest` → `lazy`, `hottest` and `hotter` → `hot`."""
    text = token.text.removesuffix("est").removesuffix("er")
    text = text[:-1] if text[-1] == text[-2] else text
    text = f"{text[:-1]}y" if text.endswith("i") else text
    return Token(text, text, token.start, token.end)


def _of_names(words: Sequence[Token], mentions: Sequence[Mention]) -> Iterator[str]:
    """Two names with `or` between them, or a quantity before them, are rivals."""
    known = [mention for mention in mentions if mention.entities]
    aside = {"other", "rather", "else"}  # `other than tank` leaves it out
    if known and any(
        token.text == "than" and words[at - 1].text not in aside for at, token in enumerate(words[: known[-1].first])
    ):
        yield "COMPARE"
    if len(known) > 1 and any(token.text in _MORE_OR_LESS for token in words):
        yield "COMPARE"
    for one, other in pairwise(known):
        between = {token.text for token in words[one.last + 1 : other.first]}
        if between & _BETWEEN_RIVALS and len(between) <= 2:
            yield "COMPARE"
