"""Questions that lean on the one before: `why?`, `and its memory?`, `what about pve2?`, `and yesterday?`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from nightshift.agent.builtin.follow_ups.bare_words import (
    NEARLY_EMPTY,
    SAY_NOTHING_OF_WHAT,
    asks_for_an_attribute,
    is_bare_quantity,
    leans,
    said_in,
    says_something,
)
from nightshift.agent.builtin.follow_ups.choice import chosen
from nightshift.agent.builtin.follow_ups.continued import continued, figure_of_it
from nightshift.agent.builtin.follow_ups.earlier import earlier, is_of_before
from nightshift.agent.builtin.follow_ups.of_the_answer import of_the_answer
from nightshift.agent.builtin.follow_ups.of_the_topic import of_the_topic
from nightshift.agent.builtin.follow_ups.of_what_was_told import as_intended, insists, narrows, of_what_was_told
from nightshift.agent.builtin.follow_ups.ordered import by_hand, of_a_part_of_it, ordered, ordered_elsewhere
from nightshift.agent.builtin.follow_ups.rejoinders import complains, is_only_heard, rejoinder
from nightshift.agent.builtin.follow_ups.same_again import is_same_again, same_again
from nightshift.agent.builtin.names.mention import Mention
from nightshift.agent.builtin.orders.aims import ITSELF
from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import ASKING_FOR_A_RUNBOOK, Question, Topic, of_kind
from nightshift.agent.builtin.times.spans import TimeSpan, find_time
from nightshift.agent.builtin.words.attributes import KINDS_OF_GUESTS
from nightshift.agent.builtin.words.subsystems import naming
from nightshift.agent.builtin.words.tokens import word_set
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex

TO_COMPARE = 2
FEW_WORDS = 2
MOST_TOLD = 5
_OF_A_COURSE = frozenset({"WHEN_DOES", "PROGNOSIS", "NEXT", "COUNT", "WHO", "ENABLED", "EXPIRED", "OLDEST"})
_ORDERED = frozenset({"guest", "node", "storage", "datastore", "job", "alert", "disk", "target"})
# `In percent?`, `minutes?`: the same once more, since an answer tells each figure in its units.
_OF_FIGURES: frozenset[Intent] = frozenset({"health", "storage", "describe", "metric", "consumers"})
_ONLY_A_UNIT = re.compile(
    r"^\W*(?:(?:and|or|so|ok|how many|(?:what|how much) is (?:it|that)),? ?)*(?:in |as a )?(?:percent\w*|per cent|%|"
    r"[kmgt]i?b|\w*bytes|gigs?|seconds|minutes|hours|days|volts?|watts?|degrees|celsius|fahrenheit)\W*$",
    re.IGNORECASE,
)
_COMMAND = re.compile(r"\b(?:commands?|cmd|type|click|enter|by hand|(?:do|start|stop|run) it myself)\b", re.IGNORECASE)
_TIME_LEFT = re.compile(r"\b(?:time|days|weeks|months|long)\b")
_TAKE_A_SUBJECT: frozenset[Intent] = frozenset({"explain", "safety", "describe"})
_OF_WHAT_WAS_TOLD = word_set("""
    job problem problems issue issues error errors failure failures fault faults trouble mess situation alert alerts
    alarm warning warnings finding findings cause message state thing case matter
    """)
_MORE_ROOM = word_set("make get more room space free clear win some again")
_HOW_MUCH_OF_IT = frozenset({"IT", "AGAIN", "CPU", "MEMORY", "IN_USE", "ASSIGNED"})
# Their answers hold the reason themselves: `which guests have no backup?` `why?`
_TELL_WHY: frozenset[Intent] = frozenset({"backups", "recovery"})


@dataclass(frozen=True, slots=True)
class Follow:
    """Completes questions from the topic of the conversation."""

    topic: Topic
    index: EntityIndex
    now: datetime
    zone: tzinfo

    def completed(self, question: Question, pointing: Question) -> Question:
        """The question with what it leaves out taken from the topic; itself when it stands on its own.

        `pointing` is the same question read with the things of the topic in the place of `it`; the question itself
        where no word points to them.
        """
        if question.intent == "thanks" or is_only_heard(question.text):
            return replace(question, intent="thanks")
        if complains(question):
            return replace(question, intent="unclear", unknown=(), concepts=frozenset({"@misread"}))
        if insists(question, self.topic):
            return replace(question, intent="unclear", concepts=question.concepts | self.topic.concepts, follows=True)
        if self.topic.action and _COMMAND.search(question.text) and not question.entities and not question.unknown:
            return self._how_to(replace(question, ambiguous=()))
        stores = question.of_kind("datastore") or of_kind(self.topic.about, "datastore")
        modes = question.has("MAINTENANCE") or ("@maintenance" in self.topic.concepts and question.has("AGAIN"))
        modes = modes and not question.span
        if stores and modes and self.topic.intent in ("storage", "describe") and not question.has("RESTORE", "@action"):
            return question.about("storage", stores, question.concepts | {"@maintenance"})
        question = self._of_what_was_found(question)
        if narrows(question, self.topic):
            return self._same_again(question)
        if intended := as_intended(question, self.topic):
            return intended
        answered = self._on_the_answer(question) or self._as_open(question) or self._on_the_thing(question, pointing)
        return of_what_was_told(answered, self.topic, self.span)

    def _on_the_answer(self, question: Question) -> Question | None:
        """What is said to the answer before, or stays in its field."""
        picked = () if question.expr or question.action else chosen(question.text, self.topic.choices, self.index)
        if picked:
            return self._picked(question, picked)
        elsewhere = ordered_elsewhere(question, self.topic)
        if elsewhere is not None:
            return elsewhere
        if is_of_before(question.text) and self.span and not question.entities:
            return self._same_again(replace(question, span=None, unknown=(), concepts=frozenset({"AGAIN"})))
        if self.topic.intent in _OF_FIGURES and _ONLY_A_UNIT.match(question.text):
            return replace(question.again(self.topic, self.topic.intent, self.topic.concepts), span=self.span)
        once_more = continued(question, self.topic, self.span, self.now, self.zone)
        if once_more is not None:
            return self._same_again(once_more)
        of_answer = figure_of_it(question, self.topic) or rejoinder(question, self.topic)
        of_answer = of_answer or of_the_answer(question, self.topic, self.index)
        if of_answer is not None:
            return replace(of_answer, span=of_answer.span or self.span)
        found = of_the_topic(question, self.topic, self.index)
        timed = found is not None and found.intent in ("tasks", "alerts", "backups")
        return replace(found, span=found.span or self.span) if found and timed else found

    def _as_open(self, question: Question) -> Question | None:
        """What leans on a question back that was not answered, or asks more of the same part of the systems."""
        topic = self.topic
        if self._is_still_open(question):
            asked = Mention("it", 0, 0, topic.choices)
            intent = "action" if topic.action and question.intent == "runbook" else question.intent
            intent = "metric" if is_bare_quantity(question) else intent
            return replace(
                question, intent=intent, action=topic.action, aim=topic.aim, ambiguous=(asked,), follows=True
            )
        if self._is_of_the_same_part(question):
            concepts = question.concepts | naming(topic.concepts) | {"@subsystem"}
            return replace(question.about("subsystem", topic.entities, concepts), subject=topic.subject)
        return None

    def _on_the_thing(self, question: Question, pointing: Question) -> Question:
        """What is asked of the thing of the topic, with or without a word that points to it."""
        points = pointing.entities != question.entities and pointing.entities and not question.unknown
        if question.expr or question.action:
            of_a_guest = points and pointing.action and any(e.kind in _ORDERED for e in pointing.entities)
            return of_a_part_of_it(self._pointed(pointing), self.topic) if of_a_guest else ordered(question, self.topic)
        if question.intent == "runbook" and not self._names_a_subject(question):
            return self._how_to(question)
        if question.has("CULPRIT") and self.topic.quantity and not question.quantity:
            return self._culprit(question)
        if points and set(self.topic.entities) & set(self.topic.listed) and not said_in(pointing) - NEARLY_EMPTY:
            return self._same_again(pointing)  # `the first one's memory?`, `and the second?`
        if points and self._is_about_a_thing and asks_for_an_attribute(question):
            return self._pointed(replace(pointing, intent="describe"))
        if points and (says_something(pointing) or pointing.entities != self.topic.about):
            return self._pointed(pointing)
        return self._without_pronoun(question)

    def _culprit(self, question: Question) -> Question:
        """`Who is to blame?` after a figure: who has most of it, on the node that was spoken of."""
        nodes = of_kind(self.topic.entities, "node")
        ranked = question.about("rank", nodes, question.concepts, self.topic.quantity)
        return replace(ranked, span=question.span or self.span)

    def _same_again(self, question: Question) -> Question:
        span = earlier(question.text, self.span, self.now, self.zone)
        return same_again(question, self.topic, self.index, span)

    def _of_what_was_found(self, question: Question) -> Question:
        """`How would one repair such a thing?` asks for the runbook of what was found, and orders nothing; nor does
        `how can I make room?` after a storage, of which nothing is pruned."""
        deeds = ("repair", "prune") if self._storages else ("repair",)
        if question.intent == "runbook" and question.action in deeds and not self._names_a_subject(question):
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
        time_left = frozenset({"FULL", "FREE"} if _TIME_LEFT.search(question.text.lower()) else ())
        if naming(self.topic.concepts) & {"CEPH", "SCRUB"}:
            time_left |= {"FULL", "FREE", "DISK", "PHYSICAL", "STORAGE", "SIZE", "IF"}  # `how much room is left in it?`
        return not said_in(question) - NEARLY_EMPTY - SAY_NOTHING_OF_WHAT - _OF_A_COURSE - time_left

    def _without_pronoun(self, question: Question) -> Question:
        if self._is_about_a_thing and asks_for_an_attribute(question):
            return replace(question, intent="describe", entities=self.topic.about, follows=True)
        if is_same_again(question, self.topic):
            return self._same_again(question)
        is_leaning = leans(question)
        if question.intent == "rank" and not question.quantity and is_leaning:
            kinds = self.topic.concepts & KINDS_OF_GUESTS if self.topic.intent == "rank" else frozenset()
            places = of_kind(self.topic.entities, "node")
            return question.about("rank", places, question.concepts | kinds, self.topic.quantity)
        if question.intent == "compare" and len(question.entities) < TO_COMPARE:
            return self._compared(question)
        of_nothing = question.intent == "rank" and question.has("IT") and not said_in(question) - _HOW_MUCH_OF_IT
        if of_nothing:
            return replace(question, intent="unclear")  # `how much memory does it get?`, and nobody knows what
        if question.entities or question.unknown or not self.topic.about:
            return question
        about_it = question.intent in _TAKE_A_SUBJECT or (question.intent == "unclear" and question.has("IT", "SINCE"))
        about_it = about_it or (question.intent == "health" and said_in(question) == {"STATE"})  # `more details`
        if about_it and not said_in(question) - NEARLY_EMPTY - SAY_NOTHING_OF_WHAT:
            return self._about_it(question)
        if is_bare_quantity(question) and (is_leaning or len(question.content) <= FEW_WORDS) and self.topic.entities:
            intent: Intent = "describe" if question.quantity == "uptime" else "metric"
            span = question.span or self.span
            return replace(question, intent=intent, entities=self.topic.entities, span=span, follows=True)
        return question

    @property
    def _is_about_a_thing(self) -> bool:
        return bool(self.topic.about) and all(entity.kind in ("guest", "node") for entity in self.topic.about)

    @property
    def _storages(self) -> tuple[Entity, ...]:
        return of_kind((*self.topic.about, *self.topic.implied), "storage")

    def _about_it(self, question: Question) -> Question:
        """`why?`, `since when?`, `is it safe?`: of the thing of the topic."""
        topic = self.topic
        intent: Intent = question.intent
        if intent == "explain" and topic.intent in _TELL_WHY:
            intent = topic.intent
        elif question.has("SINCE"):
            intent = topic.intent if topic.intent in _TELL_WHY else "explain"
        elif intent in ("unclear", "health"):
            intent = "describe"
        few = topic.intent == "list" and question.has("SINCE") and not topic.entities and len(topic.listed) < MOST_TOLD
        about = topic.listed if few else topic.about
        return replace(question, intent=intent, entities=about, subject=topic.subject, follows=True)

    def _pointed(self, pointing: Question) -> Question:
        """The question with the things of the topic in it, and what else it leaves open."""
        span = pointing.span or (self.span if pointing.has("AGAIN") and pointing.intent == "metric" else None)
        unlisted = all(entry.entity not in pointing.entities for entry in self.index.entries)  # only found wrong
        why = pointing.intent == "describe" and (pointing.has("SINCE") or unlisted)
        intent: Intent = "explain" if why else pointing.intent
        if intent == "describe" and self.topic.intent in _TELL_WHY and said_in(pointing) <= {"FINE", "STATE", "IT"}:
            intent, pointing = "backups", replace(pointing, concepts=pointing.concepts | {"BACKUP"})  # `is that ok?`
        if self.topic.action and pointing.has("PROTECTED", "FINE", "SAFE"):
            intent = "safety"  # `restart web`, `is it safe?`
        return replace(pointing, intent=intent, span=span, subject=self.topic.subject, follows=True)

    def _picked(self, question: Question, entities: tuple[Entity, ...]) -> Question:
        """The question that was asked back about, with the thing that was meant."""
        topic = self.topic
        return replace(
            question.again(topic, topic.intent, topic.concepts), entities=entities, ambiguous=(), span=self.span,
            action=topic.action, aim=topic.aim, text=topic.ordered or question.text,
        )  # fmt: skip

    def _compared(self, question: Question) -> Question:
        both = tuple(dict.fromkeys((*self.topic.entities, *question.entities)))
        quantity = question.quantity or self.topic.quantity
        return replace(question, entities=both, quantity=quantity, span=question.span or self.span, follows=True)

    def _names_a_subject(self, question: Question) -> bool:
        """`How do I repair the job?` after a job that failed names what was told, and nothing of its own."""
        of_it = _OF_WHAT_WAS_TOLD if self.topic.subject else frozenset()
        of_it |= _MORE_ROOM if self._storages else frozenset()
        said = (word for word in question.content if word not in ASKING_FOR_A_RUNBOOK and word not in of_it)
        return bool(question.entities) or any(said)

    def _how_to(self, question: Question) -> Question:
        """`is there a runbook?`, `and how do I do that by hand?`: for what the topic is about, or what was ordered."""
        topic = self.topic
        if topic.action:
            return by_hand(question, topic)
        return replace(question, subject=topic.subject, entities=topic.about, follows=True)

    @property
    def span(self) -> TimeSpan | None:
        """The time of the topic."""
        lead = "was " if self.topic.intent == "backups" else ""  # in the evening `tonight` may be the night before
        return find_time(f"{lead}{self.topic.time_text}", self.now, self.zone) if self.topic.time_text else None
