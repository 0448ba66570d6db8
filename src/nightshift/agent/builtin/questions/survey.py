"""What is asked about a set of things: which figure, of which kind of thing, and what is done with it.

`Average memory of the containers on pve2`, `which VMs have more than 4 cores`, `guests per node`: any figure of any
set, ranked, cut by a bound, added up, averaged or grouped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.questions.slots import listing_kind
from nightshift.tools.selection import Figure

GUEST_KINDS = ("guests", "vms", "containers")
_OF_SPACE = ("storages", "datastores")
How = Literal["rank", "total", "mean", "each"]
# What only a running guest has.
_LIVE: frozenset[Figure] = frozenset({"cpu", "memory", "disk", "uptime", "memory_share", "memory_free"})
# Figures that the inventory has; all others are ranked by Prometheus.
_OF_QUANTITY: Mapping[str, Figure] = {"cpu": "cpu", "memory": "memory", "disk": "disk", "uptime": "uptime"}
_RANKED_OTHERWISE = frozenset({"@overcommit_all", "@placement", "DOCKER", "OVERCOMMIT", "NODE", "COMPARE", "SLOW"})
_AT_LEAST = re.compile(r"\bat (?:least|most|best|worst|last)\b", re.IGNORECASE)
_OF_WORK = re.compile(
    r"\b(?:busi\w+|hungr\w+|heav\w+|load\w*|work\w*|hard\w*|us(?:e|es|ed|ing|age)|consum\w*|eat\w*|hog\w*|resourc\w*|"
    r"idl\w+|laz\w+|bored|quiet\w*|greed\w+|stress\w*|sweat\w*|strain\w*|demand\w*|activ\w+|power\w*|comput\w*|cycles|"
    r"hammer\w*|crunch\w*|to do|burn\w*)\b",
    re.IGNORECASE,
)
_OF_SIZE = re.compile(r"\b(?:top|rank\w*|league|sort\w*|big\w*|larg\w*|small\w*|light\w+|tini\w+)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Survey:
    """`figure` is None where only Prometheus knows the quantity; `each` is by what is grouped."""

    kind: str
    figure: Figure | None
    how: How
    each: str = ""

    @property
    def is_live(self) -> bool:
        return self.figure in _LIVE


def survey_of(question: Question) -> Survey:
    kind = _kind(question)
    each = question.each or ("node" if _counts_guests(question) else "")
    figure = _figure(question, kind)
    if each and kind in GUEST_KINDS:
        return Survey(kind, figure, "each", each)
    if question.has("TOTAL"):
        return Survey(kind, figure, "total")
    return Survey(kind, figure, "mean" if question.has("MEAN") and not question.has("MOST", "LEAST") else "rank")


def of_a_figure(question: Question) -> Question:
    """The question, unclear where it ranks by nothing: `at least its length?`, `the safest one`. Who is the busiest or
    simply the biggest is so by its CPU."""
    if question.intent != "rank" or question.quantity or question.bound or question.concepts & _RANKED_OTHERWISE:
        return question
    survey = survey_of(question)
    said = _AT_LEAST.sub(" ", question.text)
    of_work = _OF_WORK.search(said) or (_OF_SIZE.search(said) and question.has("GUEST", "VM", "CT", "SEVERAL", "@node"))
    return (
        question if of_work or survey.figure != "cpu" or survey.how != "rank" else replace(question, intent="unclear")
    )


def is_least(question: Question) -> bool:
    """Whether the lowest figures come first; `the most free memory` is the highest of what is free."""
    return question.has("LEAST") and not question.has("MOST_FREE")


def _kind(question: Question) -> str:
    kind = listing_kind(question)
    if (
        question.has("NODE")
        and question.has("COMPARE")
        and question.of_kind("node")
        and not question.has("@guests_compared")
    ):
        return "nodes"
    said = question.has("GUEST", "VM", "CT", "NODE", "STORAGE", "DATASTORE")
    # `Which node is the busiest?`, `total memory of the cluster`.
    if not said and question.of_kind("node") and question.has("CORES", "ASSIGNED"):
        return "guests"  # `total vcpus handed out on pve2`
    if not said and (question.has("WHERE") or (question.has("TOTAL") and not question.has("ASSIGNED"))):
        return "nodes"
    return "guests" if kind in _OF_SPACE and question.quantity not in ("", "disk") else kind


def _counts_guests(question: Question) -> bool:
    """`Which node has the most VMs?`"""
    both = question.has("NODE", "@guests_compared") and question.has("GUEST", "VM", "CT")
    return (
        both
        and question.has("MOST", "LEAST", "@guests_compared")
        and not question.quantity
        and not question.has("CORES")
    )


def _figure(question: Question, kind: str) -> Figure | None:
    dimension = question.bound.dimension if question.bound else ""
    if question.has("CORES") or (dimension == "count" and question.has("CPU")):
        return "cpus"
    if question.quantity == "uptime" or dimension == "seconds":
        return "uptime"
    if question.quantity not in ("", *_OF_QUANTITY):
        return None
    if question.quantity == "cpu":
        return "cpu"
    if kind in _OF_SPACE:
        return _of_space(question, dimension)
    if question.quantity == "memory" or (dimension == "bytes" and question.quantity != "disk"):
        return _of_memory(question, dimension)
    if question.quantity == "disk" or question.has("FULL", "STORAGE"):
        return _of_disk(question, kind)
    return "cpu"


def _of_space(question: Question, dimension: str) -> Figure:
    if question.has("FREE"):
        return "disk_free"
    if dimension == "fraction" or question.has("FULL"):
        return "disk_share"
    return "disk_size"


def _of_memory(question: Question, dimension: str) -> Figure:
    if dimension == "fraction" or question.has("FULL_SHARE"):
        return "memory_share"
    if question.has("FREE"):
        return "memory_free"
    assigned = question.has("ASSIGNED") or (dimension == "bytes" and not question.has("IN_USE"))
    return "memory_size" if assigned else "memory"


def _of_disk(question: Question, kind: str) -> Figure:
    """What a guest uses of its disk only containers tell; how large it is, all do."""
    if question.has("FREE"):
        return "disk_free"
    of_one = question.has("VIRTUAL_DISKS") or (question.has("SIZE") and not question.has("IN_USE"))
    if of_one and question.has("MOST", "LEAST") and not question.bound and kind in GUEST_KINDS:
        return "largest_disk"
    used = question.has("IN_USE", "FULL") and not question.has("ASSIGNED") and kind != "vms"
    return "disk" if used else "disk_size"
