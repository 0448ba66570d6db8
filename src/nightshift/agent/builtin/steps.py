"""The first calls of each intent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nightshift.agent.builtin.intents import Intent
from nightshift.agent.builtin.question import TASK_KINDS, Question
from nightshift.agent.builtin.slots import (
    listing_kind,
    node_arguments,
    status_arguments,
    time_arguments,
    window_arguments,
)
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex

TOP_DEFAULT = 5
LAST_SCRAPE_FAILED = "up == 0"
MOST_ENTITIES = 3

_SORTABLE = {"cpu": "cpu", "memory": "memory", "disk": "disk", "uptime": "uptime"}
_TOPK = {
    "network_in": "rate(pve_network_receive_bytes_total[5m]) or rate(pve_network_receive_bytes[5m])",
    "network_out": "rate(pve_network_transmit_bytes_total[5m]) or rate(pve_network_transmit_bytes[5m])",
    "disk_read": "rate(pve_disk_read_bytes_total[5m]) or rate(pve_disk_read_bytes[5m])",
    "disk_write": "rate(pve_disk_written_bytes_total[5m]) or rate(pve_disk_write_bytes[5m])",
    "load": "node_load5",
    "swap": "node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes",
    "iowait": 'avg by (instance) (rate(node_cpu_seconds_total{mode="iowait"}[5m]))',
}


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Names:
    """How to write an entity so that the tools find it again."""

    index: EntityIndex

    def name_of(self, entity: Entity) -> str:
        """Its name when that is certain, else its key."""
        short = entity.label.split(" (")[0]
        return short if self.index.find(short) == (entity,) else entity.key


def _health(_names: Names, _question: Question) -> tuple[Call, ...]:
    return (Call("health"),)


def _explain(names: Names, question: Question) -> tuple[Call, ...]:
    about = [Call("entity", {"name": names.name_of(entity)}) for entity in question.entities[:MOST_ENTITIES]]
    if about:
        return tuple(about)
    if question.unknown or question.ambiguous:
        return ()
    if question.has("BACKUP"):
        return (
            Call("health"),
            Call("tasks", {"kind": "backup", "outcome": "failed", **window_arguments(question, "48h")}),
        )
    return (Call("health"),)


def _describe(names: Names, question: Question) -> tuple[Call, ...]:
    about = [Call("entity", {"name": names.name_of(entity)}) for entity in question.entities[:MOST_ENTITIES]]
    if about or question.unknown or question.ambiguous:
        return tuple(about)
    if question.has("VERSION"):
        return (Call("inventory", {"kind": "sources"}), Call("inventory", {"kind": "nodes"}))
    return (Call("inventory", {"kind": listing_kind(question)}),)


def _list(_names: Names, question: Question) -> tuple[Call, ...]:
    kind = listing_kind(question)
    arguments: dict[str, Any] = {"kind": kind, "limit": 200}
    if kind in ("vms", "containers", "guests"):
        arguments |= status_arguments(question) | node_arguments(question)
    if question.tag:
        arguments["match"] = question.tag
    calls = [Call("inventory", arguments)]
    if kind in ("vms", "containers"):
        other = "containers" if kind == "vms" else "vms"
        calls.append(Call("inventory", {**arguments, "kind": other}))
    return tuple(calls)


def _metric(names: Names, question: Question) -> tuple[Call, ...]:
    quantity = question.quantity or "cpu"
    if not question.entities:
        if question.unknown or question.ambiguous:
            return ()
        return _rank(names, question)
    static = quantity == "disk" and question.span is None and not question.has("OVERTIME", "COMPARE")
    if question.of_kind("storage", "datastore") or (static and question.of_kind("guest")):
        return _storage(names, question)
    return tuple(
        Call(
            "metrics",
            {"entity": names.name_of(entity), "quantity": quantity, **window_arguments(question, _usual(quantity))},
        )
        for entity in question.entities[:MOST_ENTITIES]
    )


def _usual(quantity: str) -> str:
    return "24h" if quantity in ("disk", "uptime") else "1h"


def _rank(_names: Names, question: Question) -> tuple[Call, ...]:
    if question.has("STORAGE", "DATASTORE", "FILESYSTEM") and not question.has("GUEST", "VM", "CT"):
        return (Call("storage"),)
    quantity = question.quantity or ("disk" if question.has("FULL") else "cpu")
    top = question.top or TOP_DEFAULT
    if quantity not in _SORTABLE:
        return (Call("promql", {"expr": f"topk({top}, {_TOPK[quantity]})"}),)
    kind = listing_kind(question)
    arguments: dict[str, Any] = {
        "kind": kind,
        "sort_by": _SORTABLE[quantity],
        "limit": 200 if question.has("LEAST") else top,
    }
    if kind in ("vms", "containers", "guests"):
        arguments |= {"status": "running"} | node_arguments(question)
    return (Call("inventory", arguments),)


def _compare(names: Names, question: Question) -> tuple[Call, ...]:
    if question.quantity:
        return _metric(names, question)
    return _describe(names, question)


def _storage(names: Names, question: Question) -> tuple[Call, ...]:
    guests = question.of_kind("guest")
    if guests:
        calls = [
            Call("metrics", {"entity": names.name_of(guest), "quantity": "disk", **window_arguments(question, "24h")})
            for guest in guests[:MOST_ENTITIES]
        ]
        return (*calls, Call("storage", {"match": guests[0].label.split(" (")[0]}))
    nodes = question.of_kind("node")
    if nodes:
        return (Call("storage", {"match": nodes[0].label}),)
    named = question.of_kind("storage", "datastore")
    called = list(dict.fromkeys(entity.key.rpartition("/")[2] for entity in named))
    if len(called) == 1:
        return (Call("storage", {"match": called[0]}),)
    return (Call("storage"),)


def _consumers(_names: Names, question: Question) -> tuple[Call, ...]:
    """Of the storage that is named; of none in particular, how full they all are comes first."""
    named = list(dict.fromkeys(entity.key.rpartition("/")[2] for entity in question.of_kind("storage")))
    if not named:
        return (Call("storage"),)
    return tuple(Call("volumes", {"storage": name}) for name in named[:MOST_ENTITIES])


def _disks(_names: Names, question: Question) -> tuple[Call, ...]:
    nodes = question.of_kind("node")
    disks = question.of_kind("disk")
    match = disks[0].key.rpartition("/")[2] if disks else nodes[0].label if nodes else ""
    return (Call("disks", {"match": match} if match else {}),)


def _backups(names: Names, question: Question) -> tuple[Call, ...]:
    if question.unknown and not question.entities:
        return ()
    if question.has("RUNNING") and not question.has("LAST", "LACK", "PROTECTED"):
        return _tasks(names, question)
    guests = question.of_kind("guest")
    if guests:
        return tuple(Call("backups", {"guest": names.name_of(guest)}) for guest in guests[:MOST_ENTITIES])
    datastores = question.of_kind("datastore")
    if datastores:
        return (Call("backups", {"datastore": datastores[0].key.rpartition("/")[2]}),)
    if question.ambiguous:
        return ()
    if question.span:
        return _tasks(names, question)
    if question.has("FAIL", "WRONG"):
        failed = {"kind": "backup", "outcome": "failed", **window_arguments(question, "48h")}
        return (Call("backups"), Call("tasks", failed))
    return (Call("backups"),)


def _recovery(names: Names, question: Question) -> tuple[Call, ...]:
    """The verdicts on backups, whatever the time that was named: what was saved is what can be restored."""
    if (question.unknown and not question.entities) or question.ambiguous:
        return ()
    guests = question.of_kind("guest")
    return tuple(Call("backups", {"guest": names.name_of(guest)}) for guest in guests[:MOST_ENTITIES]) or (
        Call("backups"),
    )


def _restarts(names: Names, question: Question) -> tuple[Call, ...]:
    about = [entity for entity in question.entities if entity.kind in ("guest", "node")]
    if not about and (question.unknown or question.ambiguous):
        return ()
    times = time_arguments(question)
    return tuple(Call("restarts", {"name": names.name_of(e), **times}) for e in about[:MOST_ENTITIES]) or (
        Call("restarts", times),
    )


def _slow(names: Names, question: Question) -> tuple[Call, ...]:
    """The thing itself when one is named; else all nodes, the busiest guests, and what is known to be wrong. Tasks that
    run make everything slow."""
    running = Call("tasks", {"outcome": "running"})
    about = [entity for entity in question.entities if entity.kind in ("guest", "node")]
    if about:
        return (*(Call("entity", {"name": names.name_of(entity)}) for entity in about[:MOST_ENTITIES]), running)
    if question.unknown or question.ambiguous:
        return ()
    busiest = {"kind": "guests", "sort_by": "cpu", "limit": TOP_DEFAULT, "status": "running"}
    return (Call("inventory", {"kind": "nodes", "sort_by": "cpu"}), Call("inventory", busiest), Call("health"), running)


def _backup_jobs(_names: Names, _question: Question) -> tuple[Call, ...]:
    return (Call("inventory", {"kind": "backup_jobs"}),)


def _alerts(names: Names, question: Question) -> tuple[Call, ...]:
    arguments: dict[str, str] = {}
    if question.entities:
        alert = question.of_kind("alert")
        first = alert[0].label.removeprefix("alert ") if alert else names.name_of(question.entities[0])
        arguments["match"] = first
    return (Call("alerts", arguments),)


def _alert_rules(_names: Names, question: Question) -> tuple[Call, ...]:
    return (Call("alert_rules", {"health": "error"} if question.has("FAIL", "WRONG") else {}),)


def _tasks(names: Names, question: Question) -> tuple[Call, ...]:
    arguments: dict[str, Any] = time_arguments(question)
    kind = next((name for concept, name in TASK_KINDS.items() if question.has(concept)), "")
    if kind:
        arguments["kind"] = kind
    if question.has("FAIL", "WRONG"):
        arguments["outcome"] = "failed"
    elif question.has("RUNNING") and question.span is None:
        arguments["outcome"] = "running"
    about = question.of_kind("guest", "node", "datastore")
    if about:
        arguments["about"] = names.name_of(about[0])
    calls = [Call("tasks", arguments)]
    if arguments.get("outcome") == "failed" and not kind:
        # What broke without a task, such as a node that went away, is a finding.
        calls.append(Call("health", {"about": arguments["about"]} if about else {}))
    return tuple(calls)


def _changes(names: Names, question: Question) -> tuple[Call, ...]:
    (task_call, *_) = _tasks(names, question)
    arguments = {name: value for name, value in task_call.arguments.items() if name in ("start", "end", "about")}
    return (Call("tasks", arguments), Call("alerts"), Call("health"))


def _runbook(_names: Names, question: Question) -> tuple[Call, ...]:
    asking = {"runbook", "runbooks", "procedure", "playbook", "guide", "documentation", "docs", "instructions", "steps"}
    words = [word for word in question.content if word not in asking]
    names = [entity.label.split(" (")[0] for entity in question.entities if entity.kind == "alert"]
    meant = [mention.text for mention in question.ambiguous] or [e.label.split(" (")[0] for e in question.entities]
    # As it was asked: the search understands ways of saying ("won't", "by itself") that no list of words keeps.
    asked = [*(name for name in names if name not in question.text), question.text] if names or words else ()
    query = " ".join(asked) or question.subject or " ".join(meant)
    return (Call("runbooks", {"query": query[:300]}),) if len(query) > 1 else (Call("health"),)


def _promql(_names: Names, question: Question) -> tuple[Call, ...]:
    arguments = {"expr": question.expr}
    if question.span:
        length = question.span.window.end - question.span.window.start
        arguments["window"] = f"{max(60, round(length.total_seconds()))}s"
    return (Call("promql", arguments),)


def _find_metrics(_names: Names, question: Question) -> tuple[Call, ...]:
    words = [word for word in question.content if word not in ("metric", "metrics", "series", "measurements", "promql")]
    text = " ".join(words) or " ".join(question.unknown)
    return (Call("find_metrics", {"text": text[:200]}),) if len(text) > 1 else ()


def _targets(_names: Names, _question: Question) -> tuple[Call, ...]:
    # Just after a restart Prometheus does not know the health of its targets, but it remembers their last scrape.
    return (Call("inventory", {"kind": "targets", "limit": 200}), Call("promql", {"expr": LAST_SCRAPE_FAILED}))


def _sources(_names: Names, _question: Question) -> tuple[Call, ...]:
    return (Call("inventory", {"kind": "sources"}),)


def _safety(names: Names, question: Question) -> tuple[Call, ...]:
    """What would go with a node; the state of anything else. Work that is under way speaks against touching it."""
    nodes = question.of_kind("node")
    if nodes:
        return (Call("impact", {"name": names.name_of(nodes[0])}), Call("tasks", {"outcome": "running"}))
    about = [Call("entity", {"name": names.name_of(entity)}) for entity in question.entities[:1]]
    serves = [Call("impact", {"name": names.name_of(guest)}) for guest in question.of_kind("guest")[:1]]
    return (*about, *serves, Call("tasks", {"outcome": "running"})) if about else ()


def _action(_names: Names, question: Question) -> tuple[Call, ...]:
    """Only where the guest is: the command has to be run there."""
    guests = question.of_kind("guest")
    return tuple(
        Call("inventory", {"kind": "guests", "match": guest.key.rpartition("/")[2]}) for guest in guests[:MOST_ENTITIES]
    )


def _nothing(_names: Names, _question: Question) -> tuple[Call, ...]:
    return ()


FIRST: Mapping[Intent, Callable[[Names, Question], tuple[Call, ...]]] = {
    "health": _health,
    "explain": _explain,
    "describe": _describe,
    "list": _list,
    "metric": _metric,
    "rank": _rank,
    "compare": _compare,
    "storage": _storage,
    "consumers": _consumers,
    "disks": _disks,
    "backups": _backups,
    "recovery": _recovery,
    "restarts": _restarts,
    "slow": _slow,
    "backup_jobs": _backup_jobs,
    "alerts": _alerts,
    "alert_rules": _alert_rules,
    "tasks": _tasks,
    "changes": _changes,
    "runbook": _runbook,
    "promql": _promql,
    "find_metrics": _find_metrics,
    "targets": _targets,
    "sources": _sources,
    "action": _action,
    "safety": _safety,
    "help": _nothing,
    "thanks": _nothing,
    "unclear": _nothing,
}
