"""The question of the topic once more with another slot: `and jellyfin?`, `and the stopped ones?`, `on pve2?`."""

from __future__ import annotations

from dataclasses import replace

from nightshift.agent.builtin.follow_ups.bare_words import EMPTY, NEARLY_EMPTY, is_bare_quantity, leans, said_in
from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import QUANTITIES, Question, Topic
from nightshift.agent.builtin.times.spans import TimeSpan
from nightshift.agent.builtin.words.tokens import said_among
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex

# Below this a question that begins with `and` is a continuation; above it stands on its own.
SURE = 2.5
_KINDS = frozenset({"VM", "CT", "GUEST", "NODE", "STORAGE", "DATASTORE", "FILESYSTEM"})
# Concepts that exclude each other: the newer word replaces the older one.
_RIVALS = (
    _KINDS,
    frozenset({"RUNNING", "STOPPED", "DOWN"}),
    frozenset({"MOST", "LEAST"}),
    frozenset({"PEAK", "LOWEST", "MEAN", "MEDIAN", "@busiest_hour"}),
    frozenset({"FAIL", "RUNNING", "FINE"}),
    frozenset(QUANTITIES),
)
_ABOUT_NOTHING: frozenset[Intent] = frozenset({"help", "thanks", "unclear", "action", "health", "sources", "runbook"})
# What is asked of a loss: the same of the next one that is named.
_ASPECTS = frozenset({"@room", "@comes_back", "@lost_with", "@depends"})
_RANKINGS: frozenset[Intent] = frozenset({"rank", "slow"})


def is_same_again(question: Question, topic: Topic) -> bool:
    """Whether nothing is said but what takes a slot of the question before."""
    if question.unknown or question.ambiguous:
        return False
    said = said_in(question)
    only_a_name = not said - EMPTY and bool(question.entities)
    points_back = question.has("AGAIN", "IT") or not question.content
    nothing_new = not said - NEARLY_EMPTY and leans(question) and points_back
    # `how many are that?` after a list: of what is left open.
    lists = question.intent == topic.intent == "list"
    of_the_same = lists and not said & _KINDS and _only_narrows(question)
    other_quantity = is_bare_quantity(question) and topic.intent in _RANKINGS and not question.entities
    unsure = question.has("AGAIN") and question.score < SURE
    return only_a_name or nothing_new or of_the_same or other_quantity or unsure


def _only_narrows(question: Question) -> bool:
    """`how many of them on pve1?`: the same list, of one node."""
    nodes = question.of_kind("node")
    return not question.entities or (len(nodes) == len(question.entities) and question.has("IT"))


def same_again(question: Question, topic: Topic, index: EntityIndex, span: TimeSpan | None) -> Question:
    """The question of the topic with another slot: thing, kind, state or time; `span` is the time of the topic."""
    intent: Intent = topic.intent
    misfit = (
        intent == "backups" and not question.of_kind("guest", "datastore") and not {"on", "only"} & set(question.around)
    )
    if question.entities and (intent in _ABOUT_NOTHING or misfit):
        intent = "describe"
    kept = said_among(topic.concepts) | topic.concepts & _ASPECTS
    for rivals in _RIVALS:
        if rivals & question.concepts:
            kept -= rivals
    if question.has("LIST"):
        kept -= {"COUNT"}
    if not question.has("SINCE", "WHY"):
        kept -= {"SINCE"}
    entities = question.entities or (() if question.ambiguous else topic.entities)
    if intent == "consumers" and entities and all(entity.kind == "node" for entity in entities):
        entities = (*_storages_there(entities, topic, index), *entities)
    return replace(
        question.about(intent, entities, kept | question.concepts, question.quantity or topic.quantity),
        unknown=question.unknown, span=question.span or span, user=question.user or topic.user,
        tag=question.tag or topic.tag,
    )  # fmt: skip


def _storages_there(nodes: tuple[Entity, ...], topic: Topic, index: EntityIndex) -> tuple[Entity, ...]:
    """`Who eats local-zfs on pve1?`, `and on pve2?`: the storage of the same name there."""
    names = {entity.key.rpartition("/")[2] for entity in topic.entities if entity.kind == "storage"}
    wanted = {f"{node.label}/{name}" for node in nodes for name in names}
    return tuple(storage for storage in index.all_of("storage") if storage.key.partition("/")[2] in wanted)
