"""Finer slots of a question, as tools take them: a window, a kind of list, a state, a node."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nightshift.agent.builtin.questions.question import QUANTITIES, Question
from nightshift.agent.builtin.sentences.left_out import left_out
from nightshift.agent.builtin.words.lexicon import lexicon
from nightshift.agent.builtin.words.tokens import plain, tokens

NOUNS: Mapping[str, tuple[str, str]] = {
    "vms": ("VM", "VMs"),
    "containers": ("container", "containers"),
    "guests": ("guest", "guests"),
    "nodes": ("node", "nodes"),
    "storages": ("storage", "storages"),
    "datastores": ("datastore", "datastores"),
}
"""One and many of each kind of list."""


def time_arguments(question: Question) -> dict[str, str]:
    """`start` and `end` of the question's window, nothing without one."""
    if question.span is None:
        return {}
    window = question.span.window
    return {"start": window.start.isoformat(timespec="seconds"), "end": window.end.isoformat(timespec="seconds")}


def listing_kind(question: Question) -> str:
    """Which list is meant."""
    if question.has("@shared", "@holding", "@storages_each"):
        return "storages"
    of_vms, of_containers = question.has("VM"), question.has("CT")
    if of_vms and of_containers:  # `running LXCs, VMs don't count`
        aside = left_out(question.text)
        of_vms, of_containers = "VM" not in aside, "CT" not in aside
    if of_vms and not of_containers:
        return "vms"
    if of_containers and not of_vms:
        return "containers"
    if question.has("DATASTORE"):
        return "datastores"
    if question.has("NODE") and not question.has("GUEST", "VM", "CT") and not question.of_kind("node"):
        return "nodes"
    if question.has("STORAGE") and not question.has("GUEST"):
        return "storages"
    return "guests"


def window_arguments(question: Question, usual: str) -> dict[str, str]:
    return time_arguments(question) or {"window": usual}


def of_templates(question: Question) -> bool:
    """Whether templates are asked for: not by `all guests but the templates`."""
    beside = question.has("GUEST", "VM", "CT")
    aside = beside and (question.has("LACK", "EXCEPT") or "TEMPLATE" in left_out(question.text))
    return question.has("TEMPLATE") and not aside


def status_arguments(question: Question) -> dict[str, str]:
    if question.has("TAG") and not question.tag and not question.each:
        return {"status": "untagged" if question.has("LACK", "EXCEPT") else "tagged"}
    if of_templates(question):
        return {"status": "template"}
    managed = "unmanaged" if question.has("@unmanaged") else "ha"
    for concept, status in (("LOCK", "locked"), ("MANAGED", managed)):
        if question.has(concept):
            return {"status": status}
    if question.has("STOPPED", "DOWN"):
        return {"status": "stopped"}
    return {"status": "running"} if question.has("RUNNING") else {}


def node_arguments(question: Question) -> dict[str, str]:
    nodes = question.of_kind("node")
    return {"node": nodes[0].label} if nodes else {}


_LISTED = re.compile(r"\s*(?:[,;/+&]|\b(?:and|n|plus|as well as|whether)\b)\s*")
_FACETS = frozenset({"STATE", "RUNNING", "NODE", "WHERE", "UPTIME", "AGENT", "CORES", "ADDRESS", "KERNEL"})


def pieces_of(text: str) -> list[frozenset[str]]:
    """The concepts of each piece of a list: `load, memory and swap of pve3`."""
    return [lexicon().concepts(tokens(piece))[0] for piece in _LISTED.split(plain(text))]


def quantities_of(question: Question) -> tuple[str, ...]:
    """Each figure that is listed, in its order; else the one that is asked for."""
    found = [[name for concept, name in QUANTITIES.items() if concept in piece] for piece in pieces_of(question.text)]
    listed = tuple(dict.fromkeys(names[0] for names in found if names))
    return listed if len(listed) > 1 and question.quantity in listed else (question.quantity or "cpu",)


def lists_facets(text: str) -> bool:
    """`State, node, uptime`: several sides of one thing, so that it is told as a whole."""
    found = [piece & _FACETS for piece in pieces_of(text)]
    sides = frozenset().union(*found)
    return sum(map(bool, found)) > 1 and len(sides) > 1 and bool(sides & {"STATE", "RUNNING", "UPTIME"})
