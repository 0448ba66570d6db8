"""Questions that leave out what they are about: `tags?`, `how much is assigned?`, `what was the peak?`.

Where such words mean nothing by themselves, or only something of everything there is, they are read once more with the
thing of the conversation spelled out, and the figure that was asked for.
"""

from __future__ import annotations

import re
from dataclasses import replace

from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import Question, Topic
from nightshift.agent.builtin.times.spans import TimeSpan
from nightshift.agent.builtin.words.tokens import plain

MOST_WORDS = 8
BARE_WORDS = 2
_KINDS = frozenset({"guest", "node"})
_LEADS = re.compile(r"^(?:(?:and|so|ok|but|also|what about|how about|its|the|which|what|right)\W+)*")
# Of these a bare noun is meant of the thing, and not of everything: `disks?`, `alerts?`.
_OF_ALL: frozenset[Intent] = frozenset(
    {"unclear", "lookup", "storage", "disks", "list", "alerts", "tasks", "backups", "subsystem", "find_metrics",
     "inspect", "restarts", "rank", "describe"}
)  # fmt: skip
_POINTS = re.compile(r"\b(?:that|this|it|those|these|them|they|all|any|every|everything|anything)\b")
_IS_THERE_ONE = re.compile(r"is (?:of it )?there (?:a|any|one) (?:\w+ )?(?:backup|copy|dump)\b")
_NOT_UNDERSTOOD: frozenset[Intent] = frozenset({"unclear", "lookup"})
_FOREIGN = frozenset(
    {"BEYOND", "SECRET", "PROMISE", "@inside", "@foreign_owner", "@long_ago", "PEOPLE", "@my_odd_noun"}
)


def spelled_out(question: Question, topic: Topic) -> str:
    """The text with the thing of the topic in it; empty where it says itself what it is about."""
    named = question.entities or question.ambiguous or question.expr or question.action or question.follows
    if named or len(topic.entities) != 1 or topic.entities[0].kind not in _KINDS or question.has(*_FOREIGN):
        return ""
    text = plain(question.text).rstrip(" ?!.")
    bare = len(_LEADS.sub("", text).split()) <= BARE_WORDS and question.intent in _OF_ALL and not question.unknown
    open_ = question.intent in _NOT_UNDERSTOOD and len(text.split()) <= MOST_WORDS and not question.unknown
    open_ = open_ or (question.intent == "backups" and bool(_IS_THERE_ONE.match(text)))
    if not (bare or open_) or not question.content or _POINTS.search(text):
        return ""
    figure = f" {topic.quantity.replace('_', ' ')}" if topic.intent == "metric" and not question.quantity else ""
    return f"{text} of {topic.entities[0].label.split(' (')[0]}{figure}"


def filled(again: Question, question: Question, topic: Topic, span: TimeSpan | None) -> Question | None:
    """What was read with the thing spelled out, as a question of this conversation; None where it means no more."""
    unrecorded = again.intent == "unclear" and again.has("BEYOND")  # `its log?`
    if (again.intent in _NOT_UNDERSTOOD and not unrecorded) or again.unknown or again.entities != topic.entities:
        return None
    if again.intent == "describe" and question.intent in _NOT_UNDERSTOOD and not again.has("@attribute", "@settings"):
        return None  # only the name was understood
    span = again.span or (span if again.intent == "metric" else None)
    return replace(again, text=question.text, span=span, subject=topic.subject, follows=True)
