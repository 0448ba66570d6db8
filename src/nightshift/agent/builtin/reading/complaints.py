"""What is complained of by its name in daily life: a question of the guest whose work it is, or of all there is."""

from __future__ import annotations

from dataclasses import replace

from nightshift.agent.builtin.orders.aims import ITSELF
from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.words.daily_words import complained_of
from nightshift.agent.builtin.words.services import guests_of, role_of
from nightshift.agent.builtin.words.tokens import plain
from nightshift.tools.resolve import EntityIndex

MOST_SUCH = 3
# What may only look like these, since nothing of it is known here by its own name.
_NOT_MEANT: frozenset[Intent] = frozenset(
    {"unclear", "list", "tasks", "changes", "restarts", "rank", "describe", "lookup", "explain", "slow", "health"}
)


def as_complaint(question: Question, index: EntityIndex) -> Question | None:
    """`The films won't start`: why of the media server; `the printer does nothing`: what is wrong at all, and that it
    is not seen. None where nothing of that kind is said."""
    named = question.ambiguous or question.expr or (question.entities and question.intent != "unclear")
    other = named or question.intent not in _NOT_MEANT or question.has("ADVICE", "@of_the_world")
    works = {} if other else complained_of(plain(question.text))
    if not works:
        return None
    roles = [role for work in works.values() if work and (role := role_of(work))]
    by_work = tuple(dict.fromkeys(guest for role in roles for guest in guests_of(role, index)))[:MOST_SUCH]
    guests = question.of_kind("guest") or by_work
    if question.intent == "health" and (not guests or question.has("ANYTHING")):
        return replace(question, concepts=question.concepts | {"@unseen"}) if not guests else None
    slow = question.intent == "slow"
    return replace(
        question, intent="slow" if slow else "explain" if guests else "health", entities=guests, unknown=(),
        concepts=frozenset({"@guest", "@entity", "WHY"} if guests else {"WRONG", "ANYTHING", "@unseen"}),
        action="", aim=ITSELF, quantity="", span=None,
    )  # fmt: skip
