"""From a question to tool calls: a first step by intent, and a second one on what the first has shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nightshift.agent.builtin.intents import Intent
from nightshift.agent.builtin.question import TASK_KINDS, Question
from nightshift.facts.finding import Finding
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex
from nightshift.tools.spec import ToolResult

TOP_DEFAULT = 5
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


Results = Mapping[str, Sequence[ToolResult]]


_LIST_OF = {"guest": "guests", "node": "nodes", "storage": "storages", "datastore": "datastores"}
_NAMELESS: frozenset[Intent] = frozenset(
    {"help", "thanks", "runbook", "promql", "find_metrics", "health", "targets", "sources", "alert_rules", "unclear"}
)


def needs_name(question: Question) -> bool:
    """Whether the question names something that is not clear, and means nothing without it."""
    if question.intent in _NAMELESS or question.entities:
        return False
    return bool(question.ambiguous or question.unknown)


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans against one inventory: entities are called by the shortest name that is certain."""

    index: EntityIndex

    def first(self, question: Question) -> tuple[Call, ...]:
        """The calls that the question needs; empty when it is answered without looking."""
        if needs_name(question):
            return self._candidates(question)
        return _FIRST[question.intent](self, question)

    def _candidates(self, question: Question) -> tuple[Call, ...]:
        """What a name that is not clear may mean, so that the question back has evidence too."""
        meant = [entity for mention in question.ambiguous[:1] for entity in mention.entities]
        if not meant and question.unknown:
            meant = self.index.alike(question.unknown[0])
        if not meant and self.index.gaps:
            return (Call("inventory", {"kind": "guests"}),)
        kinds = dict.fromkeys(_LIST_OF.get(entity.kind, "") for entity in meant)
        names = [entity.label.split(" (")[0] for entity in meant]
        shared = question.ambiguous[0].text if question.ambiguous else ""
        if shared and all(shared in name for name in names):
            names = [shared]
        return tuple(Call("inventory", {"kind": kind, "match": name}) for kind in kinds if kind for name in names[:3])

    def more(self, question: Question, results: Results) -> tuple[Call, ...]:
        """The calls that the first results suggest: the runbook for a cause, the metric behind a finding."""
        if question.intent not in ("explain", "health"):
            return ()
        findings = [finding for name in ("entity", "health") for r in results.get(name, ()) for finding in r.findings]
        cause = next((f for f in findings if f.cause is None and f.severity != "info"), None)
        if cause is None:
            return ()
        calls = [Call("runbooks", {"query": cause.check})] if question.intent == "explain" else []
        metric = self._metric_behind(cause) if question.intent == "explain" else None
        return (*calls, *([metric] if metric else []))

    def name_of(self, entity: Entity) -> str:
        """How to write an entity so that it is found again: its name, else its key."""
        short = entity.label.split(" (")[0]
        return short if self.index.find(short) == (entity,) else entity.key

    def _metric_behind(self, finding: Finding) -> Call | None:
        """The series that shows what a finding is about, when its check says which."""
        if finding.entity.kind not in ("guest", "node"):
            return None
        words = f"{finding.check} {finding.title}".lower()
        for quantity, signs in _QUANTITY_SIGNS.items():
            if any(sign in words for sign in signs):
                return Call("metrics", {"entity": self.name_of(finding.entity), "quantity": quantity, "window": "24h"})
        return None


_QUANTITY_SIGNS = {
    "memory": ("memory", "oom"),
    "disk": ("filesystem", "file system", "disk", "rootfs"),
    "cpu": ("cpu",),
}


def time_arguments(question: Question) -> dict[str, str]:
    """`start` and `end` of the question's window, nothing without one."""
    if question.span is None:
        return {}
    window = question.span.window
    return {"start": window.start.isoformat(timespec="seconds"), "end": window.end.isoformat(timespec="seconds")}


def listing_kind(question: Question) -> str:
    """Which list is meant."""
    if question.has("VM") and not question.has("CT"):
        return "vms"
    if question.has("CT") and not question.has("VM"):
        return "containers"
    if question.has("DATASTORE"):
        return "datastores"
    if question.has("NODE") and not question.has("GUEST", "VM", "CT") and not question.of_kind("node"):
        return "nodes"
    if question.has("STORAGE") and not question.has("GUEST"):
        return "storages"
    return "guests"


def _health(_planner: Planner, _question: Question) -> tuple[Call, ...]:
    return (Call("health"),)


def _explain(planner: Planner, question: Question) -> tuple[Call, ...]:
    about = [Call("entity", {"name": planner.name_of(entity)}) for entity in question.entities[:MOST_ENTITIES]]
    if about:
        return tuple(about)
    if question.unknown or question.ambiguous:
        return ()
    if question.has("BACKUP"):
        return (Call("health"), Call("tasks", {"kind": "backup", "outcome": "failed", **_window(question, "48h")}))
    return (Call("health"),)


def _describe(planner: Planner, question: Question) -> tuple[Call, ...]:
    about = [Call("entity", {"name": planner.name_of(entity)}) for entity in question.entities[:MOST_ENTITIES]]
    if about or question.unknown or question.ambiguous:
        return tuple(about)
    if question.has("VERSION"):
        return (Call("inventory", {"kind": "sources"}), Call("inventory", {"kind": "nodes"}))
    return (Call("inventory", {"kind": listing_kind(question)}),)


def _list(_planner: Planner, question: Question) -> tuple[Call, ...]:
    kind = listing_kind(question)
    arguments: dict[str, Any] = {"kind": kind, "limit": 200}
    if kind in ("vms", "containers", "guests"):
        arguments |= _status(question) | _on_node(question)
    calls = [Call("inventory", arguments)]
    if kind in ("vms", "containers"):
        other = "containers" if kind == "vms" else "vms"
        calls.append(Call("inventory", {**arguments, "kind": other}))
    return tuple(calls)


def _status(question: Question) -> dict[str, str]:
    if question.has("STOPPED", "DOWN"):
        return {"status": "stopped"}
    return {"status": "running"} if question.has("RUNNING") else {}


def _on_node(question: Question) -> dict[str, str]:
    nodes = question.of_kind("node")
    return {"node": nodes[0].label} if nodes else {}


def _metric(planner: Planner, question: Question) -> tuple[Call, ...]:
    quantity = question.quantity or "cpu"
    if not question.entities:
        if question.unknown or question.ambiguous:
            return ()
        return _rank(planner, question)
    static = quantity == "disk" and question.span is None and not question.has("OVERTIME", "COMPARE")
    if question.of_kind("storage", "datastore") or (static and question.of_kind("guest")):
        return _storage(planner, question)
    return tuple(
        Call(
            "metrics", {"entity": planner.name_of(entity), "quantity": quantity, **_window(question, _usual(quantity))}
        )
        for entity in question.entities[:MOST_ENTITIES]
    )


def _usual(quantity: str) -> str:
    return "24h" if quantity in ("disk", "uptime") else "1h"


def _window(question: Question, usual: str) -> dict[str, str]:
    return time_arguments(question) or {"window": usual}


def _rank(_planner: Planner, question: Question) -> tuple[Call, ...]:
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
        arguments |= {"status": "running"} | _on_node(question)
    return (Call("inventory", arguments),)


def _compare(planner: Planner, question: Question) -> tuple[Call, ...]:
    if question.quantity:
        return _metric(planner, question)
    return _describe(planner, question)


def _storage(planner: Planner, question: Question) -> tuple[Call, ...]:
    guests = question.of_kind("guest")
    if guests:
        calls = [
            Call("metrics", {"entity": planner.name_of(guest), "quantity": "disk", **_window(question, "24h")})
            for guest in guests[:MOST_ENTITIES]
        ]
        return (*calls, Call("storage", {"match": guests[0].label.split(" (")[0]}))
    nodes = question.of_kind("node")
    if nodes:
        return (Call("storage", {"match": nodes[0].label}),)
    named = question.of_kind("storage", "datastore")
    names = list(dict.fromkeys(entity.key.rpartition("/")[2] for entity in named))
    if len(names) == 1:
        return (Call("storage", {"match": names[0]}),)
    return (Call("storage"),)


def _backups(planner: Planner, question: Question) -> tuple[Call, ...]:
    if question.unknown and not question.entities:
        return ()
    if question.has("RUNNING") and not question.has("LAST", "LACK", "PROTECTED"):
        return _tasks(planner, question)
    guests = question.of_kind("guest")
    if guests:
        return tuple(Call("backups", {"guest": planner.name_of(guest)}) for guest in guests[:MOST_ENTITIES])
    datastores = question.of_kind("datastore")
    if datastores:
        return (Call("backups", {"datastore": datastores[0].key.rpartition("/")[2]}),)
    if question.ambiguous:
        return ()
    if question.has("FAIL", "WRONG"):
        failed = {"kind": "backup", "outcome": "failed", **_window(question, "48h")}
        return (Call("backups"), Call("tasks", failed))
    return (Call("backups"),)


def _backup_jobs(_planner: Planner, _question: Question) -> tuple[Call, ...]:
    return (Call("inventory", {"kind": "backup_jobs"}),)


def _alerts(planner: Planner, question: Question) -> tuple[Call, ...]:
    arguments: dict[str, str] = {}
    if question.entities:
        alert = question.of_kind("alert")
        first = alert[0].label.removeprefix("alert ") if alert else planner.name_of(question.entities[0])
        arguments["match"] = first
    return (Call("alerts", arguments),)


def _alert_rules(_planner: Planner, question: Question) -> tuple[Call, ...]:
    return (Call("alert_rules", {"health": "error"} if question.has("FAIL", "WRONG") else {}),)


def _tasks(planner: Planner, question: Question) -> tuple[Call, ...]:
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
        arguments["about"] = planner.name_of(about[0])
    calls = [Call("tasks", arguments)]
    if arguments.get("outcome") == "failed" and not kind:
        # What broke without a task, such as a node that went away, is a finding.
        calls.append(Call("health", {"about": arguments["about"]} if about else {}))
    return tuple(calls)


def _changes(planner: Planner, question: Question) -> tuple[Call, ...]:
    (task_call, *_) = _tasks(planner, question)
    arguments = {name: value for name, value in task_call.arguments.items() if name in ("start", "end", "about")}
    return (Call("tasks", arguments), Call("alerts"), Call("health"))


def _runbook(_planner: Planner, question: Question) -> tuple[Call, ...]:
    asking = {"runbook", "runbooks", "procedure", "playbook", "guide", "documentation", "docs", "instructions", "steps"}
    words = [word for word in question.content if word not in asking]
    names = [entity.label.split(" (")[0] for entity in question.entities if entity.kind == "alert"]
    query = " ".join([*names, *words]) or question.subject
    return (Call("runbooks", {"query": query[:300]}),) if len(query) > 1 else (Call("health"),)


def _promql(_planner: Planner, question: Question) -> tuple[Call, ...]:
    arguments = {"expr": question.expr}
    if question.span:
        length = question.span.window.end - question.span.window.start
        arguments["window"] = f"{max(60, round(length.total_seconds()))}s"
    return (Call("promql", arguments),)


def _find_metrics(_planner: Planner, question: Question) -> tuple[Call, ...]:
    words = [word for word in question.content if word not in ("metric", "metrics", "series", "measurements", "promql")]
    text = " ".join(words) or " ".join(question.unknown)
    return (Call("find_metrics", {"text": text[:200]}),) if len(text) > 1 else ()


def _targets(_planner: Planner, _question: Question) -> tuple[Call, ...]:
    return (Call("inventory", {"kind": "targets", "limit": 200}),)


def _sources(_planner: Planner, _question: Question) -> tuple[Call, ...]:
    return (Call("inventory", {"kind": "sources"}),)


def _safety(planner: Planner, question: Question) -> tuple[Call, ...]:
    about = [Call("entity", {"name": planner.name_of(entity)}) for entity in question.entities[:1]]
    return (*about, Call("tasks", {"outcome": "running"})) if about else ()


def _action(_planner: Planner, question: Question) -> tuple[Call, ...]:
    """Only where the guest is: the command has to be run there."""
    guests = question.of_kind("guest")
    return tuple(Call("inventory", {"kind": "guests", "match": guest.key.rpartition("/")[2]}) for guest in guests[:1])


def _nothing(_planner: Planner, _question: Question) -> tuple[Call, ...]:
    return ()


_FIRST: Mapping[Intent, Callable[[Planner, Question], tuple[Call, ...]]] = {
    "health": _health,
    "explain": _explain,
    "describe": _describe,
    "list": _list,
    "metric": _metric,
    "rank": _rank,
    "compare": _compare,
    "storage": _storage,
    "backups": _backups,
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
