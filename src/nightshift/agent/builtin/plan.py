"""From a question to tool calls: a first step by intent, and a second one on what the first has shown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nightshift.agent.builtin.names.entities import THINGS
from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import Question
from nightshift.agent.builtin.steps import FIRST
from nightshift.agent.builtin.steps.calls import MOST_ENTITIES, Call, Names, Results, cells_of
from nightshift.agent.builtin.steps.logs import log_of
from nightshift.agent.builtin.steps.metered import reading
from nightshift.agent.builtin.steps.procedures import section_asked
from nightshift.agent.builtin.steps.signs import fits, tells_no_steps
from nightshift.agent.builtin.steps.work import by_subject
from nightshift.facts.finding import Finding
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex

_QUANTITY_SIGNS = {
    "memory": ("memory", "oom"),
    "disk": ("filesystem", "file system", "disk", "rootfs"),
    "cpu": ("cpu",),
}
MOST_NODES_LOOKED_AT = 4
MOST_CHOICES = 8
MOST_DATASTORES = 3
_LIST_OF = {"guest": "guests", "node": "nodes", "storage": "storages", "datastore": "datastores"}
_NAMELESS: frozenset[Intent] = frozenset({
    "help", "thanks", "runbook", "promql", "find_metrics", "targets", "sources", "alert_rules", "unclear", "lookup",
})  # fmt: skip


def needs_name(question: Question) -> bool:
    """Whether the question names something that is not clear, and means nothing without it."""
    if question.intent == "compare" and question.ambiguous:
        return True  # an answer about one of two is none
    if question.intent in _NAMELESS or question.action in ("create", "clone", "grant"):
        return False
    if question.entities:
        return _is_only_a_place_named(question)
    return bool(question.ambiguous or question.unknown)


def _is_only_a_place_named(question: Question) -> bool:
    """`Restart web on pve1`, where several guests are called so: what is told is of none of them, nor of the node."""
    of_guests = any(entity.kind == "guest" for mention in question.ambiguous for entity in mention.entities)
    return of_guests and all(entity.kind == "node" for entity in question.entities)


def kind_of_unknown(question: Question) -> str:
    """Of what kind a name that fits nothing was said to be, where that is no guest: `datastore attic`."""
    if not question.unknown or question.has("GUEST", "VM", "CT"):
        return ""
    kinds = {"DATASTORE": "datastore", "STORAGE": "storage", "NODE": "node"}
    return next((kind for concept, kind in kinds.items() if question.has(concept)), "")


def nodes_of_nameless(index: EntityIndex) -> list[str]:
    """The nodes of guests whose names PVE does not tell, because their node does not report: `VM 123`."""
    nameless = (entry for entry in index.entries if entry.entity.label.startswith(("VM ", "CT ")))
    return list(dict.fromkeys(entry.node for entry in nameless if entry.node))


_OF_A_PART: frozenset[Intent] = frozenset(
    {"disks", "storage", "restarts", "metric", "rank", "consumers", "targets", "list"}
)


def judges_a_part(question: Question) -> bool:
    """Whether it asks if something is wrong with the disks, the storages or the like, and names none of them: whoever
    asks so wants to hear of what else is wrong."""
    named = question.entities or question.ambiguous or question.unknown or question.tag or question.follows
    return question.intent in _OF_A_PART and not named and question.has("WRONG", "DOWN", "SLOW", "FAIL", "@at_ease")


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans against one inventory: entities are called by the shortest name that is certain."""

    index: EntityIndex

    def first(self, question: Question) -> tuple[Call, ...]:
        """The calls that the question needs; empty when it is answered without looking."""
        if needs_name(question):
            return self._candidates(question)
        return FIRST[question.intent](Names(self.index), question)

    def _candidates(self, question: Question) -> tuple[Call, ...]:
        """What a name that is not clear may mean, so that the question back has evidence too."""
        meant = [entity for mention in question.ambiguous[:1] for entity in mention.entities]
        if not meant and question.unknown:
            meant = self.index.alike(question.unknown[0], THINGS)
        kind = kind_of_unknown(question)
        if not meant and kind:
            return (Call("inventory", {"kind": _LIST_OF[kind]}),)
        if not meant and question.unknown:
            away = [Call("entity", {"name": f"node {node}"}) for node in nodes_of_nameless(self.index)[:MOST_ENTITIES]]
            if away:
                return tuple(away)
        if not meant and self.index.gaps:
            return (Call("inventory", {"kind": "guests"}),)
        kinds = dict.fromkeys(_LIST_OF.get(entity.kind, "") for entity in meant)
        names = [entity.label.split(" (")[0] for entity in meant]
        shared = question.ambiguous[0].text if question.ambiguous else ""
        if shared and (all(shared in name for name in names) or set(meant) == set(self.index.exact(shared))):
            names = [shared]  # a part of their names, or a tag that they share
        wanted = names[:MOST_CHOICES]
        return tuple(Call("inventory", {"kind": kind, "match": name}) for kind in kinds if kind for name in wanted)

    def more(self, question: Question, results: Results) -> tuple[Call, ...]:
        """The calls that the first results suggest; and how all is, where a part of it is judged."""
        calls = self._more(question, results)
        return calls or ((Call("health"),) if judges_a_part(question) and "health" not in results else ())

    def _more(self, question: Question, results: Results) -> tuple[Call, ...]:
        """The runbook for a cause, the metric behind a finding."""
        if needs_name(question) or question.has("@scope"):
            return ()
        if question.intent in ("lookup", "unclear") or "find_metrics" in results:
            return reading(question, results)
        if question.intent in ("metric", "compare") or (question.intent == "storage" and question.of_kind("guest")):
            return self._as_it_is_now(question, results)
        untold = question.has("@uptime_of_one") and (None, True) in cells_of(results, "entity", "uptime_s", "online")
        if untold and question.intent == "describe" and len(question.entities) == 1:
            return (self._of_a_day(question.entities[0], "uptime"),)
        if question.has("@log"):
            return log_of(question, results)
        if question.intent == "list":
            return self._what_is_away(results)
        if question.intent == "alerts":
            return () if question.entities or "health" in results else (Call("health"),)
        if question.intent == "backups" and "backups" not in results:
            return self._why_backups_failed(results)
        if question.intent == "slow":
            return self._around_what_is_slow(question, results)
        if question.intent == "recovery":
            return self._where_it_is_saved(question, results)
        found = any(e.document for r in results.get("runbooks", ()) for e in r.evidence)
        if question.intent == "runbook" and (found or question.action):
            return _its_steps(question, results)
        return self._of_a_cause(question, results) if question.intent in ("explain", "health", "runbook") else ()

    def _of_a_cause(self, question: Question, results: Results) -> tuple[Call, ...]:
        """The runbook and the metric of the first cause that fits; without one the runbooks by what it is about."""
        own = ("entity",) if question.entities else ("entity", "health")
        findings = [finding for name in own for r in results.get(name, ()) for finding in r.findings]
        serious = [f for f in findings if f.cause is None and f.severity != "info"]
        cause = next((finding for finding in serious if fits(question, finding)), None)
        if cause is None and question.intent == "runbook":
            return by_subject(question) if "runbooks" in results and not question.follows else ()
        if cause is None:
            well = not serious and question.intent == "explain" and "health" not in results
            return (Call("health"),) if well else ()
        calls = [Call("runbooks", {"query": cause.check})] if question.intent in ("explain", "runbook") else []
        metric = self._metric_behind(cause) if question.intent == "explain" else None
        return (*calls, *([metric] if metric else []))

    def _why_backups_failed(self, results: Results) -> tuple[Call, ...]:
        """Where backups of a night failed: what is wrong now."""
        failed = ("failed",) in cells_of(results, "tasks", "outcome")
        return (Call("health"),) if failed and "health" not in results else ()

    def _what_is_away(self, results: Results) -> tuple[Call, ...]:
        """Of a node that a list shows as offline, what is found about that."""
        away = [str(name) for name, online in cells_of(results, "inventory", "name", "online") if not online]
        return tuple(Call("entity", {"name": f"node {name}"}) for name in away[:MOST_ENTITIES])

    def _as_it_is_now(self, question: Question, results: Results) -> tuple[Call, ...]:
        """Where Prometheus has no series, PVE still tells the figures of this moment."""
        asked = [e for r in results.get("metrics", ()) for e in r.evidence]
        if question.span is not None and question.span.over:
            return ()  # of what was, the present tells nothing
        answered_otherwise = bool(results) and not asked and "entity" not in results
        if answered_otherwise or any(e.kind == "series" for e in asked):
            return ()
        if question.of_kind("storage", "datastore"):
            return FIRST["storage"](Names(self.index), question)
        things = question.of_kind("guest", "node")[:MOST_ENTITIES]
        return tuple(Call("entity", {"name": Names(self.index).name_of(thing)}) for thing in things)

    def _where_it_is_saved(self, question: Question, results: Results) -> tuple[Call, ...]:
        """A backup is worth what its datastore is: what is found about that, such as a failed verification."""
        places = [str(where or "") for where, _ in cells_of(results, "backups", "where", "verdict")]
        saved = {place.split("/")[0].strip() for told in places for place in told.split(",")}
        stores = self.index.all_of("datastore")
        named = [store for store in stores if store.key.rpartition("/")[2] in saved]
        if question.of_kind("guest") and not named:
            return ()
        return tuple(Call("health", {"about": store.label}) for store in (named or stores)[:MOST_DATASTORES])

    def _around_what_is_slow(self, question: Question, results: Results) -> tuple[Call, ...]:
        """A guest is as fast as its node. Without a name: the live figures of the busiest nodes."""
        guests = {entity.key: entity for entity in question.of_kind("guest")}
        if guests:
            nodes = dict.fromkeys(filter(None, (self.index.node_of(guest) for guest in guests.values())))
            series = [self._of_a_day(guest, "cpu") for guest in guests.values()]
            return (*(Call("entity", {"name": f"node {node}"}) for node in nodes), *series)
        if question.of_kind("node"):
            return ()
        listed = cells_of(results, "inventory", "name", "online", "running_guests")
        names = [str(name) for name, online, _ in listed if online]
        return tuple(Call("entity", {"name": f"node {name}"}) for name in names[:MOST_NODES_LOOKED_AT])

    def _metric_behind(self, finding: Finding) -> Call | None:
        """The series that shows what a finding is about, when its check says which."""
        if finding.entity.kind not in ("guest", "node"):
            return None
        words = f"{finding.check} {finding.title}".lower()
        for quantity, signs in _QUANTITY_SIGNS.items():
            if any(sign in words for sign in signs):
                return self._of_a_day(finding.entity, quantity)
        return None

    def _of_a_day(self, entity: Entity, quantity: str) -> Call:
        return Call("metrics", {"entity": Names(self.index).name_of(entity), "quantity": quantity, "window": "24h"})


_ABOUT_THE_MATTER = re.compile(
    r"\b(?:confirm|check|recogni[sz]e|symptoms?|means?|tell|know|why|cause)\b", re.IGNORECASE
)


def _its_steps(question: Question, results: Results) -> tuple[Call, ...]:
    """The steps of the runbook that fits best, where only how to confirm it was found."""
    found = [e for r in results.get("runbooks", ()) for e in r.evidence if e.document]
    best = found[0].document if found else None
    if best is None or _ABOUT_THE_MATTER.search(question.text) or section_asked(question.text):
        return ()
    if not tells_no_steps(best.heading):
        return ()
    if any(e.document and e.document.file == best.file and not tells_no_steps(e.document.heading) for e in found):
        return ()
    return (Call("runbooks", {"query": f"{found[0].title.split(' › ')[0]} steps"[:300]}),)
