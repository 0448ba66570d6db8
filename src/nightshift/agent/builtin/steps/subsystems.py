"""First calls for the parts of the systems that are no things of their own."""

from __future__ import annotations

from collections.abc import Mapping

from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.steps.calls import MOST_ENTITIES, Call, Names
from nightshift.agent.builtin.steps.expressions import OSDS_DOWN
from nightshift.agent.builtin.words.subsystems import subsystems_in

MOST_SUBSYSTEMS = 4
MOST_GUESTS = 500
# What each can be narrowed to; of anything else it says nothing.
_ABOUT: Mapping[str, tuple[str, ...]] = {
    "ha": ("guest", "node"), "replication": ("guest", "node"), "guest_snapshots": ("guest",),
    "gc": ("datastore",), "sync": ("datastore",), "verify": ("datastore",), "prune": ("datastore",),
    "zfs_pools": ("node", "pool"),
    "silences": ("alert", "datastore", "guest", "node"), "quorum": (), "ceph": (), "notifications": (),
}  # fmt: skip
_OF_NODES = ("node",)


def subsystem(names: Names, question: Question) -> tuple[Call, ...]:
    parts = subsystems_in(question.concepts)[:MOST_SUBSYSTEMS]
    calls = [Call("subsystem", {"part": name, **about}) for name in parts for about in _about(names, question, name)]
    if question.has("@unreplicated"):
        calls.append(Call("inventory", {"kind": "guests", "limit": MOST_GUESTS}))
    if "ceph" in parts and question.has("@osd"):  # Ceph's status counts its OSDs and names none
        calls += [Call("promql", {"expr": OSDS_DOWN}), Call("disks", {"match": "osd"})]
    return tuple(calls)


def _about(names: Names, question: Question, name: str) -> list[dict[str, str]]:
    """Of each thing that was named: `rpool on pve1 and rpool on pve2`; a pool is meant, and not its node."""
    entities = question.of_kind(*_ABOUT.get(name, _OF_NODES))
    pools = tuple(entity for entity in entities if entity.kind == "pool")
    return [{"about": names.name_of(entity)} for entity in (pools or entities)[:MOST_ENTITIES]] or [{}]
