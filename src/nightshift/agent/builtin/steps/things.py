"""First calls about the state of things: what is wrong, how one thing is, which there are, what touching it means."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

from nightshift.agent.builtin.questions.question import TASK_KINDS, Question
from nightshift.agent.builtin.questions.slots import (
    listing_kind,
    node_arguments,
    status_arguments,
    time_arguments,
    window_arguments,
)
from nightshift.agent.builtin.sentences.losses import OF_A_GUEST
from nightshift.agent.builtin.sentences.lost_nodes import lost_nodes, nodes_lost
from nightshift.agent.builtin.steps.calls import MOST_ENTITIES, Call, Names
from nightshift.agent.builtin.steps.expressions import LAST_ANSWERED, LINKS_QUERY, UPS_QUERY, range_of
from nightshift.agent.builtin.words.tokens import plain
from nightshift.facts.ids import Entity

TOP_DEFAULT = 5
PROBES = "probe_success"
PROBE_TIMES = "sort_desc(avg_over_time(probe_duration_seconds[15m]))"
LAST_SCRAPE_FAILED = "up == 0"
_FLAPS = re.compile(r"\bflap\w*|\bup and down\b|\bcomes? and goe?s?\b|\bunstable\b")
LONG_AGO = "7d"
MOST_LOSSES = 12


def health(_names: Names, question: Question) -> tuple[Call, ...]:
    links = (Call("promql", {"expr": LINKS_QUERY}),) if question.has("@links") else ()
    return (Call("health"), *_power(question), *links)


def _power(question: Question) -> tuple[Call, ...]:
    return (Call("promql", {"expr": UPS_QUERY}),) if question.has("POWER") else ()


def explain(names: Names, question: Question) -> tuple[Call, ...]:
    if question.has("@relation", "@scope"):
        return (Call("health"),)
    known = [entity for entity in question.entities if names.know(entity)]
    about = [Call("entity", {"name": names.name_of(entity)}) for entity in known[:MOST_ENTITIES]]
    if about:
        return (*about, *_aspects(names, question, known[0]))
    if question.unknown or question.ambiguous:
        return ()
    if question.has("BACKUP"):
        return (
            Call("health"),
            Call("tasks", {"kind": "backup", "outcome": "failed", **window_arguments(question, "48h")}),
        )
    return (Call("health"), *_power(question))


def _aspects(names: Names, question: Question, about: Entity) -> tuple[Call, ...]:
    """What else to read when `why` is asked about one side of a thing: its backups, its tasks, its metrics."""
    name, kind = names.name_of(about), next((k for c, k in TASK_KINDS.items() if question.has(c)), "")
    if about.kind == "job":
        of_job = next((k for k in ("sync", "verify", "prune") if f"/{k}/" in about.key), "backup")
        of_job = "replication" if about.label.startswith("replication") else of_job
        return (Call("tasks", {"kind": of_job, "outcome": "failed", **window_arguments(question, "48h")}),)
    if about.kind == "guest" and kind == "backup":
        return (Call("backups", {"guest": name}),)
    if about.kind in ("guest", "node", "datastore") and kind and kind != "backup":
        return (Call("tasks", {"kind": kind, "about": name, **window_arguments(question, LONG_AGO)}),)
    if about.kind == "guest" and question.has("STOPPED"):
        return (Call("restarts", {"name": name, **time_arguments(question)}),)
    if about.kind in ("guest", "node") and question.has("TARGET", "METRIC"):
        return (Call("inventory", {"kind": "targets", "match": name}),)
    return ()


def describe(names: Names, question: Question) -> tuple[Call, ...]:
    # `Does web come up by itself when pve2 is rebooted?` is about web.
    of_guests = question.of_kind("guest") if question.has("@settings") else ()
    meant = of_guests or question.entities
    same_release = question.has("SAME") and question.has("PVE_RELEASE", "VERSION")
    if question.has("@of_each_node") and not meant and not same_release:
        meant = tuple(every_node(names))
    about = [Call("entity", {"name": names.name_of(entity)}) for entity in meant[:MOST_ENTITIES]]
    if about or question.unknown or question.ambiguous:
        return tuple(about)
    if question.has("VERSION"):
        return (Call("inventory", {"kind": "sources"}), Call("inventory", {"kind": "nodes"}))
    return listing(names, question)


def _state_of_storages(question: Question) -> dict[str, str]:
    if question.has("@shared"):
        return {}  # those that are of one node alone belong to the answer
    if question.has("STOPPED", "DOWN"):
        return {"status": "inactive"}
    return {"status": "backup"} if question.has("@holding") else {}


def listing(_names: Names, question: Question) -> tuple[Call, ...]:
    if question.has("@went_with"):
        return (Call("inventory", {"kind": "nodes"}),)
    kind = "guests" if question.has("@others_so") else listing_kind(question)
    arguments: dict[str, Any] = {"kind": kind, "limit": 200}
    where = node_arguments(question) if len(question.of_kind("node")) == 1 else {}  # of several: the rows tell where
    if kind in ("vms", "containers", "guests"):
        arguments |= status_arguments(question) | where
    elif kind == "storages":
        arguments |= where | _state_of_storages(question)
    if question.tag:
        arguments["match"] = question.tag
    calls = [Call("inventory", arguments)]
    if question.has("@kinds_compared") and kind not in ("vms", "containers"):
        return tuple(Call("inventory", {**arguments, "kind": kind}) for kind in ("vms", "containers"))
    if kind in ("vms", "containers"):
        other = "containers" if kind == "vms" else "vms"
        calls.append(Call("inventory", {**arguments, "kind": other}))
    return tuple(calls)


def restarts(names: Names, question: Question) -> tuple[Call, ...]:
    about = [entity for entity in question.entities if entity.kind in ("guest", "node")]
    if not about and (question.unknown or question.ambiguous):
        return ()
    times = time_arguments(question)
    return tuple(Call("restarts", {"name": names.name_of(e), **times}) for e in about[:MOST_ENTITIES]) or (
        Call("restarts", times),
    )


def slow(names: Names, question: Question) -> tuple[Call, ...]:
    """The thing itself when one is named; else all nodes, the busiest guests, and what is known to be wrong. Tasks that
    run make everything slow."""
    running = Call("tasks", {"outcome": "running"})
    nodes_named = question.of_kind("node")[:MOST_ENTITIES]
    scrubs = [Call("subsystem", {"part": "zfs_pools", "about": names.name_of(node)}) for node in nodes_named]
    about = [entity for entity in question.entities if entity.kind in ("guest", "node")]
    if about:
        then = time_arguments(question)
        quantities = ("cpu", "memory", "iowait") if question.of_kind("node") else ("cpu", "memory")
        series = [
            Call("metrics", {"entity": names.name_of(about[0]), "quantity": quantity, **then})
            for quantity in (quantities if then else ())
        ]
        alerts = () if then else tuple(Call("alerts", {"match": names.name_of(e)}) for e in about[:MOST_ENTITIES])
        return (
            *(Call("entity", {"name": names.name_of(e)}) for e in about[:MOST_ENTITIES]),
            *series,
            *alerts,
            running,
            *scrubs,
        )
    if question.unknown or question.ambiguous:
        return ()
    busiest = {"kind": "guests", "sort_by": "cpu", "limit": TOP_DEFAULT, "status": "running"}
    nodes = Call("inventory", {"kind": "nodes", "sort_by": "cpu"})
    return (nodes, Call("inventory", busiest), Call("health"), Call("alerts"), running)


def targets(_names: Names, question: Question) -> tuple[Call, ...]:
    if question.has("@probe_times"):
        return (Call("promql", {"expr": PROBE_TIMES}),)
    if question.has("PROBES"):
        return (Call("promql", {"expr": PROBES}),)
    every = Call("inventory", {"kind": "targets", "limit": 200})
    if _FLAPS.search(plain(question.text)):
        when = range_of(question.span.window) if question.span else "[1d]"
        return (every, Call("promql", {"expr": f"changes(up{when}) > 0"}))
    if question.has("SINCE", "@when", "LAST"):
        return (every, Call("promql", {"expr": LAST_ANSWERED}))
    # Just after a restart Prometheus does not know the health of its targets, but it remembers their last scrape.
    return (every, Call("promql", {"expr": LAST_SCRAPE_FAILED}))


def sources(_names: Names, question: Question) -> tuple[Call, ...]:
    """The systems, and the last sweep for what of them it could not see."""
    how_it_is = question.has("FINE", "WRONG", "ANYTHING")
    return (Call("inventory", {"kind": "sources"}), Call("health", {} if how_it_is else {"severity": "critical"}))


def safety(names: Names, question: Question) -> tuple[Call, ...]:
    """What would go with a node; the state of anything else. Work that is under way speaks against touching it.

    Of nothing in particular (`what breaks if I do nothing?`) what is wrong is what is known.
    """
    if question.has("@any_node"):
        return _any_nodes(names, question)
    if question.has("@lock_means") and not question.entities:
        return (Call("inventory", {"kind": "guests", "limit": 200, "status": "locked"}), Call("health"))
    of_one = question.has("@action_verb", "LOCK", "REBOOT", "@unplugged") and not question.has("SEVERAL")
    if not question.entities and not of_one:
        return (Call("health"),)
    nodes = question.of_kind("node")
    if question.has("@snapshot_go") and question.of_kind("guest"):
        guest = names.name_of(question.of_kind("guest")[0])
        kept = Call("subsystem", {"part": "guest_snapshots", "about": guest})
        return (kept, Call("backups", {"guest": guest}), Call("tasks", {"outcome": "running"}))
    if question.has(*OF_A_GUEST) and question.of_kind("guest"):
        return _of_guest(names, question)
    if {"PRUNE", "BACKUP"} <= question.concepts and question.of_kind("guest"):
        return (Call("backups", {"guest": names.name_of(question.of_kind("guest")[0])}),)
    if nodes and question.has("@brings_load") and not question.has("IF", "@room"):
        return tuple(Call("entity", {"name": names.name_of(node)}) for node in nodes[:MOST_ENTITIES])
    if nodes:
        lowered = plain(question.text)
        lost = nodes if question.has("@all_of_them") else lost_nodes(lowered, nodes, every_node(names))
        first, *also = map(names.name_of, lost)
        running = Call("tasks", {"outcome": "running"})
        return (_loss_of(first, also), Call("entity", {"name": first}), running, Call("health"))
    about = [Call("entity", {"name": names.name_of(entity)}) for entity in question.entities[:1]]
    stores = [entity.key.rpartition("/")[2] for entity in question.of_kind("datastore")[:1]]
    about += [Call("backups", {"datastore": store}) for store in stores]
    about += [Call("volumes", {"storage": e.key.rpartition("/")[2]}) for e in question.of_kind("storage")[:1]]
    serving = question.of_kind("guest", "datastore")[:1]
    serves = [Call("impact", {"name": names.name_of(thing)}) for thing in serving]
    return (*about, *serves, Call("tasks", {"outcome": "running"})) if about else ()


def every_node(names: Names) -> list[Entity]:
    return sorted(names.index.all_of("node"), key=lambda node: node.label)


def _any_nodes(names: Names, question: Question) -> tuple[Call, ...]:
    """The loss of each node, or of each set of as many as are supposed to be lost."""
    every = [names.name_of(node) for node in every_node(names)]
    count = min(max(1, nodes_lost(plain(question.text), len(every))), len(every))
    sets = list(combinations(every, count))[:MOST_LOSSES]
    return tuple(_loss_of(first, also) for first, *also in sets)


def _loss_of(first: str, also: list[str]) -> Call:
    """What would go with nodes that fail together."""
    return Call("impact", {"name": first, **({"also": also} if also else {})})


def _of_guest(names: Names, question: Question) -> tuple[Call, ...]:
    """What binds it to its node, and the memory of that, or of the one that it shall go to."""
    guest = question.of_kind("guest")[0]
    home = names.index.node_of(guest)
    wanted = [node.label for node in question.of_kind("node") if node.label != home][:MOST_ENTITIES]
    about = [names.name_of(guest), *(f"node {name}" for name in (home, *wanted) if name)]
    return (
        Call("impact", {"name": names.name_of(guest)}),
        *(Call("entity", {"name": name}) for name in about),
        Call("tasks", {"outcome": "running"}),
    )


def action(names: Names, question: Question) -> tuple[Call, ...]:
    """Where the guest is, since the command has to be run there, and what the command needs to be whole."""
    found = _found_about(names, question) if question.follows else ()
    if question.has("@remedy"):
        return (*found, *([Call("runbooks", {"query": question.subject})] if question.subject else ()))
    return (*found, *_for_command(names, question))


# What is ordered here is the same whatever was found.
_PLAIN_DEEDS = frozenset({"stop", "reboot", "delete", "prune", "migrate", "snapshot", "backup", "restore"})


def _found_about(names: Names, question: Question) -> tuple[Call, ...]:
    """What is found about the thing of the answer before: an order that follows it may be about that."""
    about = [entity for entity in question.entities[:1] if names.know(entity)]
    plain_deed = question.action in _PLAIN_DEEDS and question.of_kind("guest") and not question.has("@remedy")
    if about and not plain_deed:
        return tuple(Call("entity", {"name": names.name_of(entity)}) for entity in about)
    return (Call("health"),) if question.has("@remedy") else ()


def _for_command(names: Names, question: Question) -> tuple[Call, ...]:
    every = question.of_kind("guest")
    guests = every[:MOST_ENTITIES]
    calls = [Call("inventory", {"kind": "guests", "match": guest.key.rpartition("/")[2]}) for guest in guests]
    if len(every) > MOST_ENTITIES:
        calls = [Call("inventory", {"kind": "guests", "limit": 200})]
    verb, part = question.action, question.aim.part
    if part in ("disk", "media") or (verb == "resize" and not part):
        calls += [Call("entity", {"name": names.name_of(guest)}) for guest in guests]
    if part == "job" or verb == "protect" or (guests and ("backup" in (part, verb) or verb == "restore")):
        calls.append(Call("inventory", {"kind": "backup_jobs"}))
    if verb == "restore" or (verb == "delete" and part in ("", "backup")):
        calls += [Call("backups", {"guest": names.name_of(guest)}) for guest in guests]
    if verb == "unlock" and not question.entities:
        calls.append(Call("inventory", {"kind": "guests", "status": "locked"}))
    if verb == "run" and question.of_kind("pool"):
        calls.append(Call("subsystem", {"part": "zfs_pools"}))
    if verb == "replace":
        places = question.of_kind("node", "pool", "disk")[:1]
        calls += [Call("health", {"about": names.name_of(place)}) for place in places] or [Call("health")]
    if verb in ("stop", "reboot") and not guests:
        calls += [Call("impact", {"name": names.name_of(node)}) for node in question.of_kind("node")[:1]]
    return tuple(calls)
