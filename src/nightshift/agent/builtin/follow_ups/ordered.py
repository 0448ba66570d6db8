"""Orders that lean on the answer before: `cancel it`, `delete it` after backups, `to pve2` after `move web`."""

from __future__ import annotations

from dataclasses import replace

from nightshift.agent.builtin.questions.question import TASK_KINDS, Question, Topic, of_kind
from nightshift.agent.builtin.words.subsystems import naming

MOST_OF_A_PLACE = 4
_GO_SOMEWHERE = frozenset({"backup", "migrate", "restore", "clone"})
_TAKING_AWAY = frozenset({"delete", "prune"})
_RESIZED = frozenset({"resize", "snapshot"})


def ordered_elsewhere(question: Question, topic: Topic) -> Question | None:
    """`Vault please`, `to pve2`, after an order: the same with that place."""
    guests = of_kind(topic.entities, "guest")
    places = question.of_kind("node", "storage", "datastore")
    if topic.action not in _GO_SOMEWHERE or not guests or not places or places != question.entities:
        return None
    if question.action or question.text.endswith("?") or len(question.text.split()) > MOST_OF_A_PLACE:
        return None
    return replace(by_hand(question, topic), entities=(*guests, *places), text=f"{topic.ordered} to {question.text}")


def by_hand(question: Question, topic: Topic) -> Question:
    """`And how do I do that by hand?`, `do it for me`, after an order: that order once more, in its own words."""
    return replace(
        question, intent="action", action=topic.action, aim=topic.aim, entities=topic.entities, unknown=(),
        concepts=topic.concepts, text=topic.ordered or question.text, follows=True,
    )  # fmt: skip


def of_a_part_of_it(order: Question, topic: Topic) -> Question:
    """`Delete it` after a guest's backups or snapshots: one of them, and never the guest."""
    if order.aim.part or order.action not in _TAKING_AWAY:
        return order
    snapshots = topic.intent == "subsystem" and "SNAPSHOT" in topic.concepts
    part = "snapshot" if snapshots else "backup" if topic.intent in ("backups", "recovery") else ""
    if not part:
        return order
    concepts = order.concepts | {part.upper()} | topic.concepts & {"OLDEST"}
    return replace(order, action="delete", aim=replace(order.aim, part=part), concepts=concepts)


def ordered(question: Question, topic: Topic) -> Question:
    """`Cancel it`, after an answer about a part of the systems: that is what the order is about."""
    told = topic.intent in ("subsystem", "tasks", "backups")
    part = (naming(topic.concepts) | topic.concepts & TASK_KINDS.keys()) if told else frozenset()
    if question.expr or question.entities or question.unknown:
        return question
    one = len(topic.about) == 1 and topic.about[0].kind == "guest"
    if one and question.action in _RESIZED and not question.ambiguous:  # `can you make the disk bigger?`
        return replace(question, entities=topic.about, span=None, follows=True)
    if not part or not question.has("IT"):
        return question
    return replace(question, entities=topic.entities, concepts=question.concepts | part, follows=True)
