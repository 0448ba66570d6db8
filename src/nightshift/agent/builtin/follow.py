"""Questions that lean on the one before: `why?`, `and its memory?`, `what about pve2?`, `and yesterday?`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from nightshift.agent.builtin.choice import chosen
from nightshift.agent.builtin.intents import Intent
from nightshift.agent.builtin.question import QUANTITIES, Question, Topic
from nightshift.agent.builtin.times import TimeSpan, find_time
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex

# Below this a question that begins with `and` is a continuation; above it stands on its own.
SURE = 2.5
TO_COMPARE = 2
FEW_WORDS = 2

_EMPTY = frozenset({"AGAIN", "IT"})
_NEARLY_EMPTY = _EMPTY | {"LAST", "LIST", "STATE"}
# `why is it down?` says nothing of what it is about.
_SAY_NOTHING_OF_WHAT = frozenset(
    {"WHY", "FAIL", "WRONG", "DOWN", "SAFE", "RUNNING", "FINE", "UPTIME", "VERSION", "WHERE", "STOPPED"}
)
# Concepts that exclude each other: the newer word replaces the older one.
_RIVALS = (
    frozenset({"VM", "CT", "GUEST", "NODE", "STORAGE", "DATASTORE", "FILESYSTEM"}),
    frozenset({"RUNNING", "STOPPED", "DOWN"}),
    frozenset({"MOST", "LEAST"}),
    frozenset({"FAIL", "RUNNING", "FINE"}),
    frozenset(QUANTITIES),
)
_ABOUT_NOTHING: frozenset[Intent] = frozenset({"help", "thanks", "unclear", "action", "health", "sources", "runbook"})
_TAKE_A_PRONOUN: frozenset[Intent] = frozenset(
    {"backups", "recovery", "restarts", "slow", "alerts", "tasks", "storage", "changes", "action"}
)
_TAKE_A_SUBJECT: frozenset[Intent] = frozenset({"explain", "safety", "describe"})
_MAY_BE_A_QUANTITY: frozenset[Intent] = frozenset({"metric", "unclear", "rank"})
_ASKING_FOR_A_RUNBOOK = frozenset(
    {"runbook", "procedure", "playbook", "guide", "steps", "instructions", "documentation", "fix", "solution"}
)


@dataclass(frozen=True, slots=True)
class Follow:
    """Completes questions from the topic of the conversation."""

    topic: Topic
    index: EntityIndex
    now: datetime
    zone: tzinfo

    def completed(self, question: Question) -> Question:
        """The question with what it leaves out taken from the topic; itself when it stands on its own."""
        picked = () if question.expr or question.action else chosen(question.text, self.topic.choices, self.index)
        if picked:
            return self._picked(question, picked)
        if question.expr or question.action:
            return self._pointing(question)
        if self._is_same_again(question):
            return self._same_again(question)
        leans = _leans(question)
        if question.intent == "rank" and not question.quantity and leans:
            return replace(question, quantity=self.topic.quantity, follows=True)
        if question.intent == "compare" and len(question.entities) < TO_COMPARE:
            return self._compared(question)
        if question.entities or question.unknown or not self.topic.entities:
            return question
        about_it = question.intent in _TAKE_A_SUBJECT or (question.intent == "unclear" and question.has("IT"))
        if about_it and not _said(question) - _NEARLY_EMPTY - _SAY_NOTHING_OF_WHAT:
            intent: Intent = "describe" if question.intent == "unclear" else question.intent
            subject = self.topic.subject
            return replace(question, intent=intent, entities=self.topic.entities, subject=subject, follows=True)
        if _is_bare_quantity(question) and (leans or len(question.content) <= FEW_WORDS):
            intent = "describe" if question.quantity == "uptime" else "metric"
            span = question.span or self._span()
            return replace(question, intent=intent, entities=self.topic.entities, span=span, follows=True)
        return self._pointing(question)

    def _picked(self, question: Question, entities: tuple[Entity, ...]) -> Question:
        """The question that was asked back about, with the thing that was meant."""
        topic = self.topic
        return replace(
            question,
            intent=topic.intent,
            entities=entities,
            ambiguous=(),
            unknown=(),
            quantity=topic.quantity,
            concepts=topic.concepts,
            span=self._span(),
            action=topic.action,
            subject=topic.subject,
            follows=True,
        )

    def _is_same_again(self, question: Question) -> bool:
        if question.unknown:
            return False
        said = _said(question)
        only_a_name = not said - _EMPTY and bool(question.entities)
        points_back = question.has("AGAIN", "IT") or not question.content
        nothing_new = not said - _NEARLY_EMPTY and _leans(question) and points_back
        return only_a_name or nothing_new or (question.has("AGAIN") and question.score < SURE)

    def _same_again(self, question: Question) -> Question:
        """The question of the topic with another slot: thing, kind, state or time."""
        topic = self.topic
        intent: Intent = topic.intent
        misfit = intent == "backups" and not question.of_kind("guest", "datastore")
        if question.entities and (intent in _ABOUT_NOTHING or misfit):
            intent = "describe"
        kept = {concept for concept in topic.concepts if not concept.startswith("@")}
        for rivals in _RIVALS:
            if rivals & question.concepts:
                kept -= rivals
        if question.has("LIST"):
            kept -= {"COUNT"}
        return replace(
            question,
            intent=intent,
            entities=question.entities or (() if question.ambiguous else topic.entities),
            quantity=question.quantity or topic.quantity,
            concepts=frozenset(kept | question.concepts),
            span=question.span or self._span(),
            follows=True,
        )

    def _compared(self, question: Question) -> Question:
        both = tuple(dict.fromkeys((*self.topic.entities, *question.entities)))
        quantity = question.quantity or self.topic.quantity
        return replace(question, entities=both, quantity=quantity, follows=True)

    def _pointing(self, question: Question) -> Question:
        """`restart it`, `when was it backed up?`, `is there a runbook?`: the thing of the topic."""
        topic = self.topic
        names_a_subject = any(word not in _ASKING_FOR_A_RUNBOOK for word in question.content)
        if question.intent == "runbook" and topic.subject and not names_a_subject:
            return replace(question, subject=topic.subject, entities=topic.entities, follows=True)
        points = question.has("IT") and not (question.entities or question.unknown)
        if points and question.intent in _TAKE_A_PRONOUN:
            return replace(question, entities=topic.entities, follows=True)
        return question

    def _span(self) -> TimeSpan | None:
        return find_time(self.topic.time_text, self.now, self.zone) if self.topic.time_text else None


def _said(question: Question) -> frozenset[str]:
    """The concepts that were words."""
    return frozenset(concept for concept in question.concepts if not concept.startswith("@"))


def _leans(question: Question) -> bool:
    return question.has("AGAIN", "IT") or question.intent == "unclear"


def _is_bare_quantity(question: Question) -> bool:
    return bool(question.quantity) and question.intent in _MAY_BE_A_QUANTITY and not question.has("MOST", "LEAST")
