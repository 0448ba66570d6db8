"""Questions that mean what an answer told, or left untold: `at least its length?`, `and of those, VMs?`, `on purpose?`,
`any warnings in it?`."""

from __future__ import annotations

import re
from dataclasses import replace

from nightshift.agent.builtin.follow_ups.bare_words import NEARLY_EMPTY, said_in
from nightshift.agent.builtin.names.entities import THINGS
from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import Question, Topic, of_kind
from nightshift.agent.builtin.times.spans import TimeSpan

MOST_INSISTING = 9
# `Is it all one problem?` is of all that was found.
_OF_ALL = ("@first", "@one_cause", "@links", "@of_servers", "POWER")
_IT = re.compile(r"\b(?:it|they|them|its|their|those)\b", re.IGNORECASE)
_ASK_OF_ALL: frozenset[Intent] = frozenset({"health", "alerts", "explain", "sources", "changes", "slow"})
_NOT_TOLD = frozenset({"BEYOND", "SECRET", "PROMISE", "WILL", "@inside", "@foreign_owner", "@my_odd_noun"})
_OF_THOSE = re.compile(r"(?i)\bof (?:them|those|these)\b|\b(?:the|those) (?:\w+ )?ones?\b|^\W*(?:and )?(?:only|just)\b")
_INSISTS = re.compile(
    r"\b(?:at least|guess\w*|roughly|approximately|ballpark|estimate|hints?|just|only|come on|its|anyway|even so)\b",
    re.IGNORECASE,
)
_INTENDED = re.compile(
    r"\W*(?:and |so |but )?(?:(?:is|was) (?:it|that|this) )?(?:meant|supposed|intended|on purpose|by design|wanted)"
    r"(?: to be(?: (?:so|off|like that|that way))?| so)?\W*$",
    re.IGNORECASE,
)


def insists(question: Question, topic: Topic) -> bool:
    """`At least its length?`, `a guess?`, after what was not told: of the same thing as little is known."""
    own = question.entities or question.unknown or question.expr or question.action or question.quantity
    not_told = topic.intent == "unclear" and bool(topic.concepts & _NOT_TOLD)
    return not_told and not own and bool(_INSISTS.search(question.text)) and len(question.around) <= MOST_INSISTING


def narrows(question: Question, topic: Topic) -> bool:
    """`And of those, VMs?`, `the ones that are off?`, `how many of them are containers?` after a list of guests."""
    kinds = question.concepts & ({"FAIL"} if topic.intent == "tasks" else {"VM", "CT", "STOPPED", "DOWN", "RUNNING"})
    named = question.entities or question.unknown or question.action
    if topic.intent not in ("list", "tasks") or not kinds or named:
        return False
    of_them = topic.tag or _OF_THOSE.search(question.text)
    return bool(of_them) and not said_in(question) - kinds - NEARLY_EMPTY - {"GUEST", "SEVERAL", "COUNT", "WHO", "TAG"}


def as_intended(question: Question, topic: Topic) -> Question | None:
    """`Meant to be?`, `on purpose?` after a guest that is off."""
    one = len(topic.about) == 1 and topic.about[0].kind == "guest"
    if not one or question.entities or not _INTENDED.match(question.text):
        return None
    concepts = frozenset({"INTENDED", "AUTOSTART", "@settings", "@guest", "@entity"})
    return replace(question, intent="describe", entities=topic.about, unknown=(), concepts=concepts, follows=True)


def of_what_was_told(question: Question, topic: Topic, span: TimeSpan | None) -> Question:
    """`Any warnings in it?` after a task of mail, `did any of them fail?` after some: of that, and of no more."""
    of_all = question.intent != "health" or question.entities or question.unknown or question.has(*_OF_ALL)
    if of_all or not _IT.search(question.text) or topic.intent in _ASK_OF_ALL or question.follows:
        return question
    things = of_kind(topic.about, *THINGS)
    if things:
        return replace(question, intent="explain", entities=things, subject=topic.subject, follows=True)
    if topic.intent not in ("tasks", "subsystem", "backups", "disks"):
        return question
    concepts = topic.concepts | question.concepts & {"FAIL"}
    return replace(question, intent=topic.intent, concepts=concepts, span=span, follows=True)
