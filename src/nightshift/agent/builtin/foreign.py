"""What a question speaks of that none of the systems has: somebody's car, what runs inside of a guest, a promise.

One word that is known beside such a noun (`how full is the tank of my car`) makes no question about the systems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nightshift.agent.builtin.entities import Mention
from nightshift.agent.builtin.inside import is_inside
from nightshift.agent.builtin.lexicon import lexicon
from nightshift.agent.builtin.task_words import WORK
from nightshift.agent.builtin.unknowable import unknowable
from nightshift.agent.builtin.words import Token, text_at

MINE = frozenset({"my", "our", "your", "his", "her", "their"})
_ARTICLES = frozenset({"the", "a", "an", "this", "that", *MINE})
_OF = frozenset({"of", "in", "on", "at", "from", "inside", "for"})
_OWNER = re.compile(r"\b(?:my|our|his|her|their|the|a) ([a-z]+)['\u2019]s\b")
_THINGS = frozenset({"GUEST", "VM", "CT", "NODE", "STORAGE", "DATASTORE", "BACKUP", "ALERT", "JOBLIST", "TASK"})
_INSIDE = frozenset({"inside", "in", "within", "on", "under", "from", "of"})
_HAVE_LOGS = WORK | {"JOBLIST"}
_USED_BY = re.compile(
    r"\bwho (?:is|was|were|are|has been|else is)? ?(?:using|on|connected to|watching|accessing|visiting|used|inside)$"
)
_WHICH = frozenset({"which", "what", "whose", "where"})
_RINGS = frozenset({"ring", "buz", "buzz", "beep", "vibrat", "explod", "crazy", "mad"})
MOST_BETWEEN = 4
_BUY = frozenset({"buy", "purchase"})
_CONTAINED = frozenset({"containers", "container", "images", "image", "pods", "pod", "apps", "processes", "process"})


def foreign(text: str, words: Sequence[Token], mentions: Sequence[Mention]) -> frozenset[str]:
    """`@my_odd_noun`, `@odd_noun`: spoken of as something of one's own, or as a thing. `@foreign_owner`: what is asked
    about is of such a thing. `@inside` of a guest. `BEYOND`: that, and what a shop knows."""
    return frozenset(
        (
            *_nouns(text, words, mentions),
            *_inside(words, mentions),
            *_shopping(words),
            *_unknowable(text, words, mentions),
            *unknowable(text, mentions),
        )
    )


_OF_THE_WORLD = re.compile(
    r"\b(?:for|to) (?:dinner|supper|lunch|breakfast|dessert|eat|wear|cook|bake)\b|"
    r"\b(?:suggest|think of|come up with) (?:me )?(?:something|a|an|some)\b"
    r"(?! (?:\w+ )?(?:fix|remedy|solution|cure|way|cause|reason|plan|time|window|node|host|place|storage|datastore)\b)|"
    r"\bdid i (?:walk|eat|drink|sleep|spend|earn|drive|weigh|burn)\b|"
    r"\bwhat (?:do|does|did|would|will) (?:my|our|the|his|her|your) \w+ "
    r"(?:think|feel|believe|prefer|want|like|love)\b|"
    r"\bwhy (?:did|does|do|has|have|would) (?:my|our|his|her) "
    r"(?:wife|husband|brother|sister|son|daughter|mother|father|"
    r"mum|mom|dad|boss|colleagues?|neighbou?rs?|friends?|kids?|grandma|grandpa|landlord|roommate|flatmate)\b"
    r"(?!.*\b(?:no|not|nothing|never|slow\w*|errors?|fail\w*)\b)"
)
_BY_CHANCE = re.compile(
    r"\bnext (?:power )?(?:outage|blackout|black-out|power ?cut|power failure|crash|thunderstorm|storm|earthquake)\b|"
    r"\b(?:power|mains|electricity|lights?) (?:\w+ )?(?:fail|go out|go off|be cut|be gone) (?:next|again)\b|"
    r"\bnext (?:\w+ )?(?:bug|vulnerability|exploit|disaster|accident)\b|"
    r"\bhow long (?:until|till|before|will|does) (?!.{0,80}\b(?:fail ?over|migrat\w+|re?boot|restart|recover\w*)\b)"
    r".{0,120}\b(?:ssds?|disks?|drives?|hdds?|nvmes?|nodes?|servers?)\b.{0,120}"
    r"\b(?:dies?|fails?|breaks?|gives? up)\b|"
    r"\bhow long (?:will|is|does|may|might) (?:the|this) (?:power )?(?:outage|blackout|cut|failure)\b|"
    r"\bwhen (?:will|does|is) (?:the )?(?:power|mains|electricity|grid) (?:\w+ )?(?:be back|come back|return|back)\b"
)


def _unknowable(text: str, words: Sequence[Token], mentions: Sequence[Mention]) -> Iterator[str]:
    lowered = text.lower()
    if is_inside(lowered, words, mentions):
        yield from ("BEYOND", "@inside", "@kept_inside")
    if _OF_THE_WORLD.search(lowered):
        yield from ("BEYOND", "@of_the_world")
    if _BY_CHANCE.search(lowered):
        yield "PROMISE"


def _nouns(text: str, words: Sequence[Token], mentions: Sequence[Mention]) -> Iterator[str]:
    owners = frozenset(_OWNER.findall(text.lower()))
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
        if mention.text in owners or (before in MINE and earlier in _OF):
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
    if _USED_BY.search(" ".join(token.text for token in words[: guests[0].first])):
        yield from ("BEYOND", "@inside")  # `who was using jellyfin?`
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
        and "SNAPSHOT" not in concepts
        and (strange or any(token.text in _CONTAINED for token in words[: last.first]))
    ):
        yield from ("BEYOND", "@inside")  # `which automations of home-assistant failed?`


def _shopping(words: Sequence[Token]) -> Iterator[str]:
    """`which 8 TB drive should I buy`: not whether one is needed."""
    if words and words[0].text in _WHICH and any(token.text in _BUY for token in words):
        yield "BEYOND"
