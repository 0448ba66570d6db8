"""Which of the things that an order names it is about: not where they are, where they go, or what shall be left alone.

`restart web on pve1` reboots no node, and `stop all but web` does not stop web.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightshift.agent.builtin.story import Story
from nightshift.facts.ids import Entity

_KINDS = ("guest", "node", "storage", "datastore", "pool", "disk", "job")
_AT = r"(?:on|from|at|in|of|to|onto|into|off|inside|->)"
_TO = r"(?:to|onto|into|->)"
_EXCEPT = r"(?:except(?: for| from)?|but|other than|apart from|excluding|save for)"
# What comes behind is why it is done, and to nothing of that: `lower the priority of web so that mail wins`.
_REASON = re.compile(r"\b(?:so(?: that)?|because|while|until|as soon as|in order) ")
_AS_ANOTHER = re.compile(r"\b(?:into|as|to|onto) (?:(?:a|an|the|new|spare|vm|ct|id) )*\d{3,}\b")
_GOES_SOMEWHERE = ("maintenance", "migrate")


def things_named(story: Story) -> list[Entity]:
    """What is named and could be what the order is about."""
    question = story.question
    things = [entity for entity in question.entities if entity.kind in _KINDS]
    things = [entity for entity in things if not _stands_behind("not", question.text, entity)] or things
    reason = _REASON.search(question.text.lower())
    told = question.text.lower()[: reason.start()] if reason else ""
    things = [entity for entity in things if _names_of(entity) & set(re.findall(r"[\w./-]+", told))] or things
    if question.action == "clone" or (question.action == "restore" and _AS_ANOTHER.search(question.text.lower())):
        return things[:1]  # the other is what the copy shall be
    if any(entity.kind == "guest" for entity in things):
        return _without(_AT, question.text, things)
    return _without(_TO, question.text, things) if question.action in _GOES_SOMEWHERE else things


def is_left_alone(story: Story) -> bool:
    """`stop everything but web`: what is to be stopped has no name then, and there is no one command for it."""
    return any(_stands_behind(_EXCEPT, story.question.text, entity) for entity in story.question.entities)


def target_node(story: Story, now: str) -> str:
    """Where a guest shall go that is on the node `now`; what is to be filled in where that is not told."""
    nodes = story.question.of_kind("node")
    there = (node.label for node in nodes if not _stands_behind("(?:from|off|away from)", story.question.text, node))
    return next((label for label in there if label != now), "<target node>")


def _without(before: str, text: str, things: Sequence[Entity]) -> list[Entity]:
    left = [entity for entity in things if not (entity.kind == "node" and _stands_behind(before, text, entity))]
    return left or list(things)


def _names_of(entity: Entity) -> set[str]:
    return {entity.label.split(" (")[0].lower(), entity.key.rpartition("/")[2].lower()}


def _stands_behind(words: str, text: str, entity: Entity) -> bool:
    name = "|".join(re.escape(name) for name in _names_of(entity))
    kind = r"(?:(?:the|my|our|vm|ct|container|guest|node|host|server|machine) ){0,2}"
    return re.search(rf"(?<![\w-]){words} {kind}(?:{name})(?![\w-])", text.lower()) is not None
