"""What a question speaks of that none of the systems has: somebody's car, what runs inside of a guest, a promise.

One word that is known beside such a noun (`how full is the tank of my car`) makes no question about the systems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from nightshift.agent.builtin.names.mention import Mention
from nightshift.agent.builtin.sentences.unknowable import unknowable
from nightshift.agent.builtin.words.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.words.lexicon import lexicon
from nightshift.agent.builtin.words.task_words import WORK
from nightshift.agent.builtin.words.tokens import Token, text_at

MINE = frozenset({"my", "our", "your", "his", "her", "their"})
_ARTICLES = frozenset({"the", "a", "an", "this", "that", *MINE})
_OF = frozenset({"of", "in", "on", "at", "from", "inside", "for"})
_THINGS = frozenset({"GUEST", "VM", "CT", "NODE", "STORAGE", "DATASTORE", "BACKUP", "ALERT", "JOBLIST", "TASK"})
_INSIDE = frozenset({"inside", "in", "within", "on", "under", "from", "of"})
_HAVE_LOGS = WORK | {"JOBLIST"}
_WHICH = frozenset({"which", "what", "whose", "where"})
_RINGS = frozenset({"ring", "buz", "buzz", "beep", "vibrat", "explod", "crazy", "mad"})
MOST_BETWEEN = 4
_ASKED = re.compile(
    r"\b(?:what(?: is|'s|s| are| was| were) (?:the|my|our|his|her|their) |(?:which|what|how many|how much) |"
    r"(?:is|are|was|were) there (?:a |an |any |some )?|^(?:did|has|have|is|are|was) (?:the|my|our) )"
)
_BUY = frozenset({"buy", "purchase"})
_CONTAINED = frozenset({"containers", "container", "images", "image", "pods", "pod", "apps", "processes", "process"})


def foreign(text: str, words: Sequence[Token], mentions: Sequence[Mention]) -> frozenset[str]:
    """`@my_odd_noun`, `@odd_noun`: spoken of as something of one's own, or as a thing. `@foreign_owner`: what is asked
    about is of such a thing. `@inside` of a guest. `BEYOND`: that, and what a shop knows."""
    return frozenset(
        (
            *_nouns(words, mentions),
            *_inside(words, mentions),
            *_shopping(words),
            *_asked_noun(text.lower(), words, mentions),
            *unknowable(text, words, mentions),
        )
    )


def _nouns(words: Sequence[Token], mentions: Sequence[Mention]) -> Iterator[str]:
    strange = {mention.first: mention for mention in mentions if not mention.entities}
    for mention in strange.values():
        if not mention.weak:
            continue
        first = mention.first
        while first - 1 in strange:
            first -= 1
        before = text_at(words, first - 1)
        if before not in _ARTICLES:
            continue
        earlier = text_at(words, first - 2)
        after = text_at(words, mention.last + 1)
        if before in MINE and earlier in _OF:
            yield "@foreign_owner"
        # What is said to be of something else (`the gist of my backups`) is not what the question is about, nor is
        # what stands before a thing (`my trusty nas`).
        if after in ("of", "for", "on", "about") or _is_a_thing(words, mention.last + 1, mentions):
            continue
        if {token.stem for token in words[mention.last + 1 : mention.last + 1 + MOST_BETWEEN]} & _RINGS:
            continue  # `my mobile is ringing, which alarms are on?`
        yield "@my_odd_noun" if before in MINE else "@odd_noun"


def _is_a_thing(words: Sequence[Token], at: int, mentions: Sequence[Mention]) -> bool:
    named = any(mention.entities and at in mention.positions for mention in mentions)
    return named or bool(lexicon().concepts(words[at : at + 1])[0] & _THINGS)


def _inside(words: Sequence[Token], mentions: Sequence[Mention]) -> Iterator[str]:
    """`which containers run inside docker-host`, `the logs of nextcloud`: what is in a guest is seen by no system."""
    guests = [m for m in mentions if m.entities and all(entity.kind == "guest" for entity in m.entities)]
    if not guests:
        return
    concepts = lexicon().concepts(words)[0]
    if "LOG" in concepts and not concepts & _HAVE_LOGS:
        yield from ("BEYOND", "@inside")
    last = guests[-1]
    before = text_at(words, last.first - 1)
    earlier = words[last.first - 2] if last.first > 1 else None
    strange = (
        earlier is not None
        and earlier.text.endswith("s")
        and not earlier.text.endswith("ss")
        and not lexicon().knows(earlier)
    )
    if (
        before in _INSIDE
        and not concepts & {"SNAPSHOT", "BACKUP", "RESTORE"}
        and (strange or any(token.text in _CONTAINED for token in words[: last.first]))
    ):
        yield from ("BEYOND", "@inside")  # `which automations of home-assistant failed?`


def _asked_noun(lowered: str, words: Sequence[Token], mentions: Sequence[Mention]) -> Iterator[str]:
    """`@odd_asked`: what is asked for is a noun that means nothing here, as in `the warranty of the disks`."""
    asked = _ASKED.search(lowered)
    known = lexicon().concepts(words)[1] | {at for m in mentions if m.entities for at in m.positions}
    behind = [at for at, word in enumerate(words) if asked and word.start >= asked.end()]
    noun = [*takewhile(lambda at: words[at].text not in FUNCTION_WORDS, behind)]
    if noun and noun[-1] not in known:
        yield "@odd_asked"


def _shopping(words: Sequence[Token]) -> Iterator[str]:
    """`which 8 TB drive should I buy`: not whether one is needed."""
    if words and words[0].text in _WHICH and any(token.text in _BUY for token in words):
        yield "BEYOND"
