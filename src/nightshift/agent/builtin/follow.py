"""Questions that lean on the one before: `why?`, `and its memory?`, `what about pve2?`, `and yesterday?`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from nightshift.agent.builtin.aims import ITSELF
from nightshift.agent.builtin.attributes import OF_A_THING
from nightshift.agent.builtin.choice import chosen
from nightshift.agent.builtin.earlier import earlier, is_of_before
from nightshift.agent.builtin.entities import Mention
from nightshift.agent.builtin.intents import Intent
from nightshift.agent.builtin.of_the_answer import of_the_answer
from nightshift.agent.builtin.of_the_topic import of_the_topic
from nightshift.agent.builtin.question import ASKING_FOR_A_RUNBOOK, QUANTITIES, TASK_KINDS, Question, Topic
from nightshift.agent.builtin.rejoinders import rejoinder
from nightshift.agent.builtin.subsystems import naming
from nightshift.agent.builtin.times import TimeSpan, find_time
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex

# Below this a question that begins with `and` is a continuation; above it stands on its own.
SURE = 2.5
TO_COMPARE = 2
FEW_WORDS = 2

_EMPTY = frozenset({"AGAIN", "IT", "EXISTS"})
_NEARLY_EMPTY = _EMPTY | {"LAST", "LIST", "STATE"}
# `why is it down?` says nothing of what it is about.
_SAY_NOTHING_OF_WHAT = frozenset(
    {"WHY", "FAIL", "WRONG", "DOWN", "SAFE", "RUNNING", "FINE", "UPTIME", "VERSION", "WHERE", "STOPPED", "SINCE"}
)
_OF_A_COURSE = frozenset({"WHEN_DOES", "PROGNOSIS", "NEXT", "COUNT", "WHO", "ENABLED", "EXPIRED", "OLDEST"})
_KINDS = frozenset({"VM", "CT", "GUEST", "NODE", "STORAGE", "DATASTORE", "FILESYSTEM"})
# Concepts that exclude each other: the newer word replaces the older one.
_RIVALS = (
    _KINDS,
    frozenset({"RUNNING", "STOPPED", "DOWN"}),
    frozenset({"MOST", "LEAST"}),
    frozenset({"FAIL", "RUNNING", "FINE"}),
    frozenset(QUANTITIES),
)
_ABOUT_NOTHING: frozenset[Intent] = frozenset({"help", "thanks", "unclear", "action", "health", "sources", "runbook"})
_TAKE_A_SUBJECT: frozenset[Intent] = frozenset({"explain", "safety", "describe"})
_MAY_BE_A_QUANTITY: frozenset[Intent] = frozenset({"metric", "unclear", "rank"})
_RANKINGS: frozenset[Intent] = frozenset({"rank", "slow"})
_OF_WHAT_WAS_TOLD = frozenset(
    """
    job problem problems issue issues error errors failure failures fault faults trouble mess situation alert alerts
    alarm warning warnings finding findings cause message state thing case matter
    """.split()  # noqa: SIM905 - words read better as words
)
# Their answers hold the reason themselves: `which guests have no backup?` `why?`
_TELL_WHY: frozenset[Intent] = frozenset({"backups", "recovery"})


@dataclass(frozen=True, slots=True)
class Follow:
    """Completes questions from the topic of the conversation."""

    topic: Topic
    index: EntityIndex
    now: datetime
    zone: tzinfo

    def completed(self, question: Question, pointing: Question | None) -> Question:
        """The question with what it leaves out taken from the topic; itself when it stands on its own.

        `pointing` is the same question read with the things of the topic in the place of `it`.
        """
        question = self._of_what_was_found(question)
        picked = () if question.expr or question.action else chosen(question.text, self.topic.choices, self.index)
        if picked:
            return self._picked(question, picked)
        said_back = rejoinder(question, self.topic)
        if said_back is not None:
            return replace(said_back, span=said_back.span or self.span)
        if question.span is None and is_of_before(question.text) and self.span and not question.entities:
            return self._same_again(replace(question, unknown=(), concepts=frozenset({"AGAIN"})))
        of_answer = of_the_answer(question, self.topic, self.index)
        if of_answer is not None:
            return replace(of_answer, span=of_answer.span or self.span)
        of_topic = of_the_topic(question, self.topic, self.index)
        if of_topic is not None:
            return of_topic
        if self._is_still_open(question):
            asked = Mention("it", 0, 0, self.topic.choices)
            intent = "action" if self.topic.action and question.intent == "runbook" else question.intent
            intent = "metric" if _is_bare_quantity(question) else intent
            topic = self.topic
            return replace(
                question, intent=intent, action=topic.action, aim=topic.aim, ambiguous=(asked,), follows=True
            )
        if self._is_of_the_same_part(question):
            concepts = question.concepts | naming(self.topic.concepts) | {"@subsystem"}
            about, subject = self.topic.entities, self.topic.subject
            return replace(
                question, intent="subsystem", concepts=concepts, entities=about, subject=subject, follows=True
            )
        named = question.unknown or any(entity.kind != "job" for entity in question.entities)  # `put it in the job`
        points = pointing is not None and pointing.entities != question.entities and pointing.entities and not named
        if question.expr or question.action:
            return self._pointed(pointing) if points and pointing and pointing.action else self._ordered(question)
        if question.intent == "runbook" and not self._names_a_subject(question):
            return self._how_to(question)
        if question.has("CULPRIT") and self.topic.quantity and not question.quantity:
            nodes = tuple(entity for entity in self.topic.entities if entity.kind == "node")
            return replace(
                question,
                intent="rank",
                quantity=self.topic.quantity,
                entities=nodes,
                unknown=(),
                span=question.span or self.span,
                follows=True,
            )
        if points and pointing and (_says_something(pointing) or pointing.entities != self.topic.about):
            return self._pointed(pointing)
        return self._without_pronoun(question)

    def _of_what_was_found(self, question: Question) -> Question:
        """`How would one repair such a thing?` asks for the runbook of what was found, and orders nothing."""
        if question.intent == "runbook" and question.action == "repair" and not self._names_a_subject(question):
            return replace(question, action="", aim=ITSELF)
        return question

    def _is_still_open(self, question: Question) -> bool:
        """Whether it leans on a question back that was not answered: which one is meant is as open as before."""
        if not self.topic.choices or self.topic.about or question.entities or question.ambiguous or question.unknown:
            return False
        return question.has("IT") and not question.expr

    def _is_of_the_same_part(self, question: Question) -> bool:
        """`since when?`, `how old?`, `is that bad?` after an answer about replication, certificates, snapshots."""
        new = question.entities or question.unknown or question.ambiguous or question.expr or question.action
        if self.topic.intent != "subsystem" or new or question.quantity or question.intent == "runbook":
            return False
        return not _said(question) - _NEARLY_EMPTY - _SAY_NOTHING_OF_WHAT - _OF_A_COURSE

    def _ordered(self, question: Question) -> Question:
        """`Cancel it`, after an answer about a part of the systems: that is what the order is about."""
        told = self.topic.intent in ("subsystem", "tasks", "backups")
        part = (naming(self.topic.concepts) | self.topic.concepts & TASK_KINDS.keys()) if told else frozenset()
        if question.expr or not part or question.entities or question.unknown or not question.has("IT"):
            return question
        return replace(question, entities=self.topic.entities, concepts=question.concepts | part, follows=True)

    def _without_pronoun(self, question: Question) -> Question:
        if self._is_about_a_thing and _asks_for_an_attribute(question):
            return replace(question, intent="describe", entities=self.topic.about, follows=True)
        if self._is_same_again(question):
            return self._same_again(question)
        leans = _leans(question)
        if question.intent == "rank" and not question.quantity and leans:
            return replace(question, quantity=self.topic.quantity, follows=True)
        if question.intent == "compare" and len(question.entities) < TO_COMPARE:
            return self._compared(question)
        if question.entities or question.unknown or not self.topic.about:
            return question
        about_it = question.intent in _TAKE_A_SUBJECT or (question.intent == "unclear" and question.has("IT", "SINCE"))
        if about_it and not _said(question) - _NEARLY_EMPTY - _SAY_NOTHING_OF_WHAT:
            return self._about_it(question)
        if _is_bare_quantity(question) and (leans or len(question.content) <= FEW_WORDS) and self.topic.entities:
            intent: Intent = "describe" if question.quantity == "uptime" else "metric"
            span = question.span or self.span
            return replace(question, intent=intent, entities=self.topic.entities, span=span, follows=True)
        return question

    @property
    def _is_about_a_thing(self) -> bool:
        return bool(self.topic.about) and all(entity.kind in ("guest", "node") for entity in self.topic.about)

    def _about_it(self, question: Question) -> Question:
        """`why?`, `since when?`, `is it safe?`: of the thing of the topic."""
        topic = self.topic
        intent: Intent = question.intent
        if intent == "explain" and topic.intent in _TELL_WHY:
            intent = topic.intent
        elif question.has("SINCE"):
            intent = topic.intent if topic.intent in _TELL_WHY else "explain"
        elif intent == "unclear":
            intent = "describe"
        return replace(question, intent=intent, entities=topic.about, subject=topic.subject, follows=True)

    def _pointed(self, pointing: Question) -> Question:
        """The question with the things of the topic in it, and what else it leaves open."""
        span = pointing.span or (self.span if pointing.has("AGAIN") and pointing.intent == "metric" else None)
        intent: Intent = "explain" if pointing.has("SINCE") and pointing.intent == "describe" else pointing.intent
        if self.topic.action and pointing.has("PROTECTED", "FINE", "SAFE"):
            intent = "safety"  # `restart web`, `is it safe?`
        return replace(pointing, intent=intent, span=span, subject=self.topic.subject, follows=True)

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
            span=self.span,
            action=topic.action,
            aim=topic.aim,
            subject=topic.subject,
            follows=True,
        )

    def _is_same_again(self, question: Question) -> bool:
        if question.unknown or question.ambiguous:
            return False
        said = _said(question)
        only_a_name = not said - _EMPTY and bool(question.entities)
        points_back = question.has("AGAIN", "IT") or not question.content
        nothing_new = not said - _NEARLY_EMPTY and _leans(question) and points_back
        # `how many are that?` after a list: of what is left open.
        lists = question.intent == self.topic.intent == "list"
        of_the_same = lists and not said & _KINDS and self._only_narrows(question)
        other_quantity = _is_bare_quantity(question) and self.topic.intent in _RANKINGS and not question.entities
        unsure = question.has("AGAIN") and question.score < SURE
        return only_a_name or nothing_new or of_the_same or other_quantity or unsure

    def _only_narrows(self, question: Question) -> bool:
        """`how many of them on pve1?`: the same list, of one node."""
        nodes = question.of_kind("node")
        return not question.entities or (len(nodes) == len(question.entities) and question.has("IT"))

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
        if not question.has("SINCE", "WHY"):
            kept -= {"SINCE"}
        entities = question.entities or (() if question.ambiguous else topic.entities)
        if intent == "consumers" and entities and all(entity.kind == "node" for entity in entities):
            entities = (*self._storages_there(entities), *entities)
        return replace(
            question,
            intent=intent,
            entities=entities,
            quantity=question.quantity or topic.quantity,
            concepts=frozenset(kept | question.concepts),
            span=question.span or earlier(question.text, self.span, self.now, self.zone),
            follows=True,
        )

    def _storages_there(self, nodes: tuple[Entity, ...]) -> tuple[Entity, ...]:
        """`Who eats local-zfs on pve1?`, `and on pve2?`: the storage of the same name there."""
        names = {entity.key.rpartition("/")[2] for entity in self.topic.entities if entity.kind == "storage"}
        wanted = {f"{node.label}/{name}" for node in nodes for name in names}
        return tuple(e.entity for e in self.index.entries
                     if e.entity.kind == "storage" and e.entity.key.partition("/")[2] in wanted)  # fmt: skip

    def _compared(self, question: Question) -> Question:
        both = tuple(dict.fromkeys((*self.topic.entities, *question.entities)))
        quantity = question.quantity or self.topic.quantity
        return replace(question, entities=both, quantity=quantity, span=question.span or self.span, follows=True)

    def _names_a_subject(self, question: Question) -> bool:
        """`How do I repair the job?` after a job that failed names what was told, and nothing of its own."""
        of_it = _OF_WHAT_WAS_TOLD if self.topic.subject else frozenset()
        said = (word for word in question.content if word not in ASKING_FOR_A_RUNBOOK and word not in of_it)
        return bool(question.entities) or any(said)

    def _how_to(self, question: Question) -> Question:
        """`is there a runbook?`, `and how do I do that by hand?`: for what the topic is about, or what was ordered."""
        topic = self.topic
        if topic.action:
            return replace(
                question,
                intent="action",
                action=topic.action,
                aim=topic.aim,
                entities=topic.entities,
                concepts=topic.concepts,
                follows=True,
            )
        return replace(question, subject=topic.subject, entities=topic.about, follows=True)

    @property
    def span(self) -> TimeSpan | None:
        """The time of the topic."""
        return find_time(self.topic.time_text, self.now, self.zone) if self.topic.time_text else None


def _said(question: Question) -> frozenset[str]:
    """The concepts that were words."""
    return frozenset(concept for concept in question.concepts if not concept.startswith("@"))


def _asks_for_an_attribute(question: Question) -> bool:
    """`which ip?`, `of how many cores?`: nothing is said of what it is about."""
    if question.entities or question.unknown or question.ambiguous:
        return False
    others = {"LIST", "WHO", "STATE", "COUNT", "AGAIN", "IT", "CPU", "EXISTS", *_SAY_NOTHING_OF_WHAT}
    said = _said(question)
    return bool(said & OF_A_THING.keys()) and not said - OF_A_THING.keys() - others


def _says_something(pointing: Question) -> bool:
    """Whether more is said than `and that?`."""
    return pointing.intent != "unclear" and bool(_said(pointing) - _EMPTY)


def _leans(question: Question) -> bool:
    return question.has("AGAIN", "IT") or question.intent == "unclear"


def _is_bare_quantity(question: Question) -> bool:
    return bool(question.quantity) and question.intent in _MAY_BE_A_QUANTITY and not question.has("MOST", "LEAST")
