"""First calls for what only metrics tell: which there are, and what they say of what is in no inventory."""

from __future__ import annotations

import re

from nightshift.agent.builtin.questions.discovery import parts_of_name, subject_of
from nightshift.agent.builtin.questions.queries import is_metric_name
from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.steps.calls import Call, Names
from nightshift.agent.builtin.steps.expressions import DATABASE_SIZES, METRICS_COUNTED
from nightshift.agent.builtin.words.tokens import plain
from nightshift.facts.ids import Entity

_RESPONSE = re.compile(
    r"\b(?:takes? to (?:answer|respond|load|open|reply)|(?:response|answer|load|reply|round ?trip) times?|latency|"
    r"how (?:fast|quick(?:ly)?) (?:do(?:es)?|is|are) )\b"
)
_RESPONSE_WORDS = ("probe", "duration")
_LASTS = re.compile(r"\bhold out\b|\bhow long (?:will|does|can|would) (?:it|they|that) (?:last|run|hold)\b")
_HOW_MANY = re.compile(r"\b(?:how many|number of|count)\b", re.IGNORECASE)


def find_metrics(names: Names, question: Question) -> tuple[Call, ...]:
    """The metrics by the words of their subject, or of a guest or node alone, those that have series about it."""
    if question.expr and is_metric_name(question.expr) and _HOW_MANY.search(question.text):
        return (Call("promql", {"expr": f"count({question.expr})"}),)
    about = question.of_kind("guest", "node", "target")[:1]
    words = [*_response(question), *subject_of(question)]
    arguments: dict[str, str] = {"entity": names.name_of(about[0])} if about else {}
    if words:
        arguments["text"] = " ".join(words)[:200]
    if arguments:
        return (Call("find_metrics", arguments),)
    return (Call("promql", {"expr": METRICS_COUNTED}),)


def lookup(_names: Names, question: Question) -> tuple[Call, ...]:
    """What Prometheus says now of something that is in no inventory."""
    if question.has("@retention"):
        return (Call("promql", {"expr": "count(up)", "window": "366d"}),)
    if question.has("@database_sizes"):
        return (Call("promql", {"expr": DATABASE_SIZES}),)
    lasts = ("runtime",) if _LASTS.search(plain(question.text)) else ()
    words = " ".join([*_response(question), *lasts, *subject_of(question), *_names_in(question)])[:200]
    return (Call("find_metrics", {"text": words, "values": True}),) if len(words) > 1 else ()


def _response(question: Question) -> tuple[str, ...]:
    """How long something takes to answer is the duration of its probe."""
    return _RESPONSE_WORDS if _RESPONSE.search(plain(question.text)) else ()


def _names_in(question: Question) -> list[str]:
    return [part for entity in question.entities for part in parts_of_name(_name_of(entity))]


def _name_of(entity: Entity) -> str:
    return entity.key.rpartition("://")[2] if entity.kind == "target" else entity.label.split(" (")[0]
