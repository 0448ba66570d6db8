"""What the words of a question say, and whether they leave out what it is about."""

from __future__ import annotations

from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.words.attributes import OF_A_THING
from nightshift.agent.builtin.words.tokens import said_among

EMPTY = frozenset({"AGAIN", "IT", "EXISTS"})
NEARLY_EMPTY = EMPTY | {"LAST", "LIST", "STATE"}
# `why is it down?` says nothing of what it is about.
SAY_NOTHING_OF_WHAT = frozenset(
    {"WHY", "FAIL", "WRONG", "DOWN", "SAFE", "RUNNING", "FINE", "UPTIME", "VERSION", "WHERE", "STOPPED", "SINCE"}
)
_MAY_BE_A_QUANTITY: frozenset[Intent] = frozenset({"metric", "unclear", "rank"})


def said_in(question: Question) -> frozenset[str]:
    """The concepts that were words."""
    return said_among(question.concepts)


def asks_for_an_attribute(question: Question) -> bool:
    """`which ip?`, `of how many cores?`: nothing is said of what it is about."""
    if question.entities or question.unknown or question.ambiguous:
        return False
    others = {"LIST", "WHO", "STATE", "COUNT", "AGAIN", "IT", "CPU", "EXISTS", *SAY_NOTHING_OF_WHAT}
    said = said_in(question)
    return bool(said & OF_A_THING.keys()) and not said - OF_A_THING.keys() - others


def says_something(pointing: Question) -> bool:
    """Whether more is said than `and that?`."""
    return pointing.intent != "unclear" and bool(said_in(pointing) - EMPTY)


def leans(question: Question) -> bool:
    return question.has("AGAIN", "IT") or question.intent == "unclear"


def is_bare_quantity(question: Question) -> bool:
    return bool(question.quantity) and question.intent in _MAY_BE_A_QUANTITY and not question.has("MOST", "LEAST")
