"""Questions that stay in the field of the one before, and mean nothing without it.

`How many of those are kept?` after a backup is about its copies, after a list about what is listed; `who else lives
there?` after a guest about its node; `how many hours has it been running?` after a disk about its power-on time; `what
is different with a boot disk?` after a procedure about that procedure.
"""

from __future__ import annotations

import re
from dataclasses import replace

from nightshift.agent.builtin.follow_ups.bare_words import said_in
from nightshift.agent.builtin.follow_ups.of_the_backups import (
    in_its_job,
    of_a_datastore,
    of_all_of_them,
    of_its_backups,
    of_jobs,
    of_the_ordered_copy,
    speaks_of_a_path,
    whole,
)
from nightshift.agent.builtin.follow_ups.of_the_place import most_of_it, neighbours, on_which_node, room_left, time_left
from nightshift.agent.builtin.orders.aims import ITSELF
from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import TASK_KINDS, Question, Topic, of_kind
from nightshift.agent.builtin.words.attributes import KINDS_OF_GUESTS, OF_A_DISK
from nightshift.agent.builtin.words.tokens import plain
from nightshift.tools.resolve import EntityIndex

MOST_WORDS = 14
_AFFECTED = re.compile(
    r"\b(?:hit|affected|concerned|hurt|impacted|touched|suffering?)\b|\b(?:does|do|did) (?:that|it|this) (?:hit|affect|"
    r"concern|hurt|touch|take)\b|\bwho else\b|\bthat (?:affects|hits|concerns|hurts)\b|\bon it\??$"
)
_WHOSE = re.compile(
    r"\bwhose (?:disks?|volumes?|data|stuff|files) (?:is|are|lies?|sits?) (?:all )?(?:on|in) (?:it|there|that|this)\b"
)
_NAMELY = r"(?:which|what) (?:ones?|guests?|vms?|machines?|are (?:they|those|these|that))"
_WHICH_ONES = re.compile(
    rf"^(?:and |so |ok,? |well,? )*(?:of )?(?:{_NAMELY}|which|what|who|name them|list them|show (?:me )?(?:them|which)|"
    r"who (?:are they|exactly)|(?:sort|order)\w*(?: them)? (?:by name|alphabetically)|"
    r"their names|the names|names(?: please)?)(?: please)?\W*$"
)
_COUNTED = re.compile(
    r"^(?:and |so |ok,? |in (?:numbers|total),? )*(?:how many(?: (?:guests|machines|vms|containers))?"
    r"(?: (?:is|are|were|of|does|do|did) (?:that|those|they|these|it|them)(?: make)?)?|the (?:number|count|total)|"
    r"count(?: them)?|in (?:total|numbers))(?: in (?:total|all|numbers)| altogether)?\W*$"
)
_HOW_MANY_SO = re.compile(r"\b(?:how (?:many|much)|(?:the |what )?(?:number|count|amount) of)\b")
_ARE_ON = re.compile(r"\b(?:is|are) (?:\w+ly )?on(?: (?:right )?now| at the moment| at present| currently)?\W*$")
_ARE_OFF = re.compile(r"\b(?:is|are) (?:\w+ly )?off(?: (?:right )?now| at the moment| at present| currently)?\W*$")
_OF_WHAT_STATE = frozenset({"COUNT", "RUNNING", "STOPPED", "DOWN", "IT", "AGAIN", "LIST", "EXISTS", "FINE"})
_ALL_BACK = re.compile(
    r"\b(?:everything|everybody|all|every)\b.*\b(?:come|came|start(?:ed)?|are|is) ?(?:back|up|again)\b"
)
_PARTS_OF = {
    "guest": frozenset({"SNAPSHOT", "REPLICATION", "MANAGED"}),
    "node": frozenset({"UPDATES", "CERTIFICATE", "UNIT", "CLOCK", "SUBSCRIPTION", "REBOOT_NEEDED", "SCRUB"}),
}
_BESIDE_PARTS = frozenset(
    {"IT", "LIST", "EXISTS", "LAST", "AGAIN", "WHO", "STATE", "FINE", "COUNT", "RUNNING", "OLDEST", "NEXT"}
)
_OF_AN_ALERT = frozenset({"SEVERE", "MILD", "LAST", "OLDEST"})
_OF_EACH = re.compile(r"\b(?:each|all|every|they)\b", re.IGNORECASE)
_HOURS = re.compile(r"\b(?:hours|how (?:old|long))\b|\bpower-?on\b|\bage\b|\bin service\b")
_ALL_OF_THEM = re.compile(r"\b(?:they|them|those|their|these|all)\b")
_ERRORS = re.compile(r"\berrors?\b")
_BESIDE_DISKS = frozenset({
    "IT", "LIST", "EXISTS", "FULL", "LAST", "AGAIN", "WHO", "STATE", "RUNNING", "UPTIME", "COUNT", "PHYSICAL", "DISK",
    "MOST", "LEAST", "OLDEST",
    "STORAGE", "SIZE", "FAIL", "WRONG", "FINE", "SEVERAL", "DISKREAD", "DISKWRITE", "NODE", "ASSIGNED", "METRIC",
})  # fmt: skip
_ON_A_PROCEDURE: frozenset[Intent] = frozenset({
    "unclear", "restarts", "disks", "safety", "storage", "health", "explain", "describe", "changes", "recovery",
    "help", "runbook", "lookup", "find_metrics", "rank", "alert_rules", "alerts",
})  # fmt: skip
# What is said to the steps of a procedure: `and up again?`, `at which point is there no way back?`
_GOES_ON = re.compile(
    r"\b(?:step|(?:back|up|on)(?: \w+)? (?:again|after\w*)|(?:come|comes|go|goes|bring\w*|powered)\b.*\b(?:back|up)|"
    r"turning back|undone?|undo|commands?|verify|by hand|order|sequence|row|thresholds?|safest|safer|only the network|"
    r"restart (?:something|anything|it)|(?:containers?|vms?|it) too|as well|danger\w*|no way back|going wrong|"
    r"why (?:must|should|may))\b"
)
_FIRST = re.compile(r"\bfirst\W*$")
_LISTS: frozenset[Intent] = frozenset({"changes", "restarts", "list", "rank", "alerts", "tasks", "backups", "recovery"})


def of_the_topic(question: Question, topic: Topic, index: EntityIndex) -> Question | None:
    """The question as one in the field of the topic; None when it is none, or names something of its own."""
    text = plain(question.text)
    told = () if speaks_of_a_path(text) else question.entities  # a path may hold the name of a guest
    ordered = question.action and "runbook" not in (question.intent, topic.intent)  # `how to verify?` of a procedure
    named = told or question.ambiguous or question.expr or ordered
    if named or len(text.split()) > MOST_WORDS:
        return None
    said = said_in(question)
    if said & {"LONGEST", "SHORTEST"} and topic.intent in ("tasks", "backups"):  # `which took the longest?`
        work = topic.concepts & TASK_KINDS.keys()
        return question.about("tasks", topic.entities, question.concepts | work | {"@longest"})
    if question.intent == "backups" and topic.intent == "list" and question.has("IT"):  # `which of those have one?`
        return replace(question, entities=of_kind(topic.entities, "node"), follows=True)
    return (
        _which_ones(question, topic, text)
        or _how_many(question, topic, text)
        or _so_many(question, topic, text, said)
        or _all_back(question, topic, text)
        or _of_a_part(question, topic, said)
        or of_a_datastore(question, topic, text)
        or of_all_of_them(question, topic, text)
        or _among_them(question, topic, said)
        or in_its_job(question, topic, text)
        or neighbours(question, topic, text, index)
        or time_left(question, topic, text)
        or most_of_it(question, topic, text, said)
        or room_left(question, topic, text, said)
        or _affected(question, topic, text, said)
        or of_the_ordered_copy(question, topic, text)
        or whole(question, topic, text)
        or of_jobs(question, topic, text)
        or on_which_node(question, topic, text)
        or of_its_backups(question, topic, text, said)
        or _of_a_disk(question, topic, text, said)
        or _of_alerts(question, topic, said)
        or _of_a_procedure(question, topic, said)
    )


def _which_ones(question: Question, topic: Topic, text: str) -> Question | None:
    """`How many?`, `which ones?`: the same once more, as a list."""
    if topic.intent not in _LISTS or not _WHICH_ONES.match(text):
        return None
    return question.about(topic.intent, topic.entities, topic.concepts - {"COUNT"} | {"LIST"}, topic.quantity)


def _how_many(question: Question, topic: Topic, text: str) -> Question | None:
    """`How many is that?` after a list: of the same, whatever kind and place it was of."""
    if topic.intent not in ("list", "tasks", "alerts") or not _COUNTED.match(text):
        return None
    return question.about(topic.intent, topic.entities, topic.concepts | {"COUNT"}, topic.quantity)


def _so_many(question: Question, topic: Topic, text: str, said: frozenset[str]) -> Question | None:
    """`How many of those are actually on?`, `number of running ones?`: of the guests of the node that was spoken of."""
    nodes = of_kind(topic.about, "node")
    if len(nodes) != 1 or topic.intent not in ("list", "describe") or said - _OF_WHAT_STATE:
        return None
    if not _HOW_MANY_SO.search(text):
        return None
    state = said & {"RUNNING", "STOPPED"}
    if not state and (_ARE_ON.search(text) or _ARE_OFF.search(text)):
        state = frozenset({"RUNNING" if _ARE_ON.search(text) else "STOPPED"})
    if not state:
        return None
    concepts = (topic.concepts if topic.intent == "list" else frozenset()) & (KINDS_OF_GUESTS | {"TAG"})
    concepts |= frozenset({"COUNT", "@node", "@entity", *state}) | (set() if concepts else {"GUEST"})
    return replace(question, intent="list", entities=nodes, unknown=(), concepts=concepts, follows=True)


def _all_back(question: Question, topic: Topic, text: str) -> Question | None:
    """`Did everything on it come up again?` after a node's restart: how many of its guests run."""
    nodes = of_kind(topic.about, "node")
    if not nodes or not _ALL_BACK.search(text):
        return None
    concepts = frozenset({"@node", "@entity", "STATE"})
    return question.about("describe", nodes, concepts)


def _of_a_part(question: Question, topic: Topic, said: frozenset[str]) -> Question | None:
    """`Any snapshots?`, `is it replicated?`, after a guest or a node."""
    one = len(topic.entities) == 1 and topic.entities[0].kind in ("guest", "node")
    if question.intent != "subsystem" or not one or said & KINDS_OF_GUESTS:
        return None
    parts = _PARTS_OF[topic.entities[0].kind]
    if not said & parts or said - parts - _BESIDE_PARTS:
        return None
    return replace(question, entities=topic.entities, unknown=(), follows=True)


def _among_them(question: Question, topic: Topic, said: frozenset[str]) -> Question | None:
    """`Which one has the most memory free?` after nodes, `which of them use most memory?` after containers: of what was
    told, and not of all guests."""
    kinds_said = {*KINDS_OF_GUESTS, "NODE", "STORAGE", "DATASTORE"}
    if question.intent not in ("rank", "unclear") or said & kinds_said or question.unknown:
        return None
    of_nodes = len(topic.entities) > 1 and all(entity.kind == "node" for entity in topic.entities)
    stores = of_kind(topic.entities, "storage", "datastore")
    if (topic.intent == "storage" or len(stores) > 1) and {"FULL", "MOST"} <= said:  # `which is the fuller one?`
        return question.about("storage", stores, topic.concepts & {"DATASTORE", "STORAGE"} | {"FULL", "COMPARE"})
    kinds = frozenset({"NODE"}) if of_nodes else topic.concepts & kinds_said or frozenset({"GUEST"})
    if not (of_nodes or topic.intent == "list") or not said & {"MOST", "LEAST"}:
        return None
    if kinds & {"STORAGE", "DATASTORE"}:
        return question.about("storage", stores, question.concepts | kinds | {"FULL"})
    kinds |= topic.concepts & {"STOPPED", "DOWN", "RUNNING"}
    places = () if of_nodes else of_kind(topic.entities, "node")
    concepts = question.concepts | kinds
    return replace(question, intent="rank", entities=places, concepts=concepts, tag=topic.tag, follows=True)


def _affected(question: Question, topic: Topic, text: str, said: frozenset[str]) -> Question | None:
    """`How many guests does that hit?`, `who is affected?`: by what the answer before was about."""
    whose = bool(_WHOSE.search(text))
    if (
        not (whose or _AFFECTED.search(text))
        or not (whose or said & (KINDS_OF_GUESTS | {"WHO", "COUNT"}))
        or said & {"MOST", "EATS"}
    ):
        return None
    about = topic.about
    kind = about[0].kind if about else ""
    if kind == "node":
        concepts = question.concepts - {"STOPPED", "DOWN", "RUNNING"} | {"GUEST", "@node", "@entity"}
        return question.about("list", about, concepts)
    if kind == "storage":
        return question.about("consumers", about, question.concepts | {"@lies_on", "GUEST"})
    if kind == "datastore":
        return question.about("backups", about, question.concepts | {"BACKUP"})
    of_backups = topic.intent in ("backups", "recovery", "backup_jobs") or "BACKUP" in topic.concepts
    if of_backups or topic.subject.startswith(("backup.", "copies.", "job.", "restores.")):
        return question.about("backups", (), question.concepts | {"BACKUP", "LACK"})
    return None


def _of_a_disk(question: Question, topic: Topic, text: str, said: frozenset[str]) -> Question | None:
    """What a disk tells of itself: how long it runs, its errors, its serial number."""
    disks = of_kind(topic.about, "disk", "pool")
    if not (disks or topic.intent == "disks") or not said <= {*OF_A_DISK, *_BESIDE_DISKS} or said & {"WHY", "RUNBOOK"}:
        return None
    wanted = said & OF_A_DISK.keys()
    if _HOURS.search(text) and "SIZE" not in said:
        wanted |= {"POWER_ON"}
    if _ERRORS.search(text):
        wanted |= {"DISK_ERRORS"}
    if not wanted:
        return None
    concepts = question.concepts | wanted | {"@disk_attribute"} | ({"MOST"} if "OLDEST" in said else set())
    of_all = bool(_ALL_OF_THEM.search(text)) or bool(said & {"MOST", "OLDEST"})
    entities = (() if of_all and not topic.entities else disks) or of_kind(topic.entities, "node")
    return question.about("disks", entities, concepts)


def _of_alerts(question: Question, topic: Topic, said: frozenset[str]) -> Question | None:
    """`How many of them are critical?`, `and the last one?` after alerts: of those."""
    wanted = _OF_AN_ALERT | ({"SINCE"} if _OF_EACH.search(question.text) else set())
    if topic.intent != "alerts" or not said & wanted or said - wanted - _BESIDE_PARTS - {"SEVERITY", "WRONG"}:
        return None
    return replace(question, intent="alerts", entities=topic.entities, unknown=(), quantity="", follows=True)


def _of_a_procedure(question: Question, topic: Topic, said: frozenset[str]) -> Question | None:
    """`And if it is the boot disk?`, `what is different with a container?`, after a runbook."""
    goes_first = _FIRST.search(question.text.lower())  # `prune or GC first?`
    if topic.intent != "runbook" or question.unknown or not (goes_first or question.intent in _ON_A_PROCEDURE):
        return None
    goes_on = said & {"IF", "CHANGED", "AGAIN", "NOT"} or goes_first or _GOES_ON.search(question.text.lower())
    return replace(question, intent="runbook", subject=topic.subject, concepts=question.concepts | {"RUNBOOK"},
                   entities=(), action="", aim=ITSELF, follows=True) if goes_on else None  # fmt: skip
