"""Questions about the place of what was spoken of: its host, who else is there, how much room is left, who takes it."""

from __future__ import annotations

import re
from dataclasses import replace

from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import Question, Topic, of_kind
from nightshift.agent.builtin.words.attributes import KINDS_OF_GUESTS
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex

_HOST = r"(?:node|host|machine|server|hypervisor|box|computer)"
_IT = r"(?:it|that|this|they|those|these|he|she|that one|this one)"
_LEADS = r"^(?:(?:and|so|ok|but|then|please|tell me|just|at least)[ ,]+)*"
_ENDS = r"(?: (?:please|then|normally|usually|right now|now|anyway|exactly))*\W*$"
_LIES = r"(?:run|sit|live|lie|belong|stay|running|sitting|living|at home|hosted|located|in|on|at|to|inside)"
_WHICH = rf"(?:which|what)(?: one)?(?: of (?:the|our|my))? {_HOST}s?"
_WHICH_NODE = re.compile(
    rf"{_LEADS}(?:(?:(?:on|in|at|from|of) )?{_WHICH}"
    rf"(?: (?:is|are|does|do|was|has|holds|runs|can i find)(?: {_IT})?(?: {_LIES})*|"
    rf" (?:must|do|should|can) i (?:have to )?"
    rf"(?:log ?(?:in|on)|ssh|connect|go|run (?:it|that)|type (?:it|that)|do (?:it|that))(?: (?:to|into|in|on))?)?|"
    rf"(?:its|the|which) {_HOST}(?: is)?|"
    rf"(?:the )?{_HOST} of {_IT}|the {_HOST} (?:that )?{_IT} (?:is|runs|lives|sits) on|"
    rf"{_IT} (?:is |runs |sits |lives |lies )?(?:on|in|at) (?:which|what) {_HOST}|"
    rf"where (?:is|does|do|can i find) {_IT}(?: {_LIES})*(?:,? (?:on )?{_WHICH})?){_ENDS}"
)
_THAT_PLACE = rf"(?:that|the|its|this|the same) {_HOST}"
_NEIGHBOURS = re.compile(
    r"\bneighbou?rs?\b|\b(?:who|what) else (?:lives?|runs?|is|sits|are)\b|"
    rf"\belse (?:is |runs |lives )?(?:on )?(?:there|it|{_THAT_PLACE})\b|\b(?:shares?|sharing) {_THAT_PLACE}\b|"
    rf"\bother (?:\w+ )?(?:guests?|vms?|machines?|containers?|ones?|boxes)\b.*\b(?:there|{_THAT_PLACE})\b|"
    rf"{_LEADS}who lives there\W*$"
)
_LEFT = re.compile(r"\b(?:left(?: over)?|remain\w*|free|spare|available|full)\b")
_OF_ROOM = frozenset(
    {"FULL", "FREE", "SIZE", "IN_USE", "COUNT", "LIST", "AGAIN", "IT", "EXISTS", "AMOUNT", "LAST", "EATS", "ORPHAN",
     "SHARE", "STORAGE", "DATASTORE", "STATE", "TOTAL"}
)  # fmt: skip
_TIME_LEFT = re.compile(
    r"^(?:and |so |ok )*how (?:long|much (?:longer|time)|many (?:minutes|hours|days))(?: (?:is|are|do|have|i|we|there|"
    r"got|still))* (?:have|got|left|remain\w*)(?: (?:left|until then|for that|now|then))*\W*$"
)
_SPACES = frozenset({"storage", "datastore"})
_MOST = re.compile(
    r"\b(?:most|biggest|largest|main|top|hogs?|hogging|eats?|eating)\b|\b(?:who|what) (?:uses|takes|needs)\b"
)
_OF_A_RANKING = frozenset(
    {"MOST", "EATS", "WHO", "LIST", "IT", "AGAIN", "NODE", "SIZE", "IN_USE", "GUEST", "VM", "CT", "SEVERAL", "FULL"}
)


def on_which_node(question: Question, topic: Topic, text: str) -> Question | None:
    """`On which node is it?`, `its host?`, after a guest or a disk."""
    things = of_kind(topic.about, "guest", "disk", "pool")
    if not things or question.unknown or not _WHICH_NODE.match(text):
        return None
    if things[0].kind == "guest":
        concepts = frozenset({"WHERE", "@guest", "@entity"})
        return replace(question.about("describe", things, concepts), subject=topic.subject)
    return question.about("disks", things, question.concepts)


def neighbours(question: Question, topic: Topic, text: str, index: EntityIndex) -> Question | None:
    """The guests of the node that a guest is on."""
    if not _NEIGHBOURS.search(text) or not topic.about:
        return None
    nodes = {index.node_of(entity) for entity in topic.about} - {""}
    nodes = nodes or {node.label for node in of_kind(topic.about, "node")}
    found = tuple(node for node in index.all_of("node") if node.label in nodes)
    return _listed(question, found) if found else None


def _listed(question: Question, nodes: tuple[Entity, ...]) -> Question:
    concepts = question.concepts - {"BEYOND", "STOPPED"} | {"GUEST", "LIST", "@node", "@entity"}
    if "STOPPED" not in question.concepts and "COUNT" not in question.concepts:
        concepts |= {"RUNNING"}
    return question.about("list", nodes, concepts)


def room_left(question: Question, topic: Topic, text: str, said: frozenset[str]) -> Question | None:
    """`How many TB are left?`, `free space there?`: of the storage that was spoken of, or where a backup went."""
    if topic.quantity == "memory" and topic.entities and said <= _OF_ROOM and _LEFT.search(text):
        concepts = question.concepts - {"@no_name", "FULL"} | {"MEMORY", "FREE", "@quantity", "@entity"}
        concepts |= {f"@{entity.kind}" for entity in topic.entities}
        intent: Intent = topic.intent if topic.intent in ("metric", "describe") else "metric"
        return question.about(intent, topic.entities, concepts, "memory")
    named = of_kind(topic.entities, *_SPACES)
    stores = named or of_kind(topic.implied, *_SPACES)
    told = topic.intent in ("storage", "consumers", "describe", "backups", "recovery")
    if not stores or not told or not said <= _OF_ROOM or not _LEFT.search(text):
        return None
    if not named and not said & {"IT", "DATASTORE"}:
        return None
    concepts = question.concepts - {"@no_name", "EATS", "ORPHAN"} | {"FULL", "FREE", "@entity", f"@{stores[0].kind}"}
    return question.about("storage", stores, concepts)


def time_left(question: Question, topic: Topic, text: str) -> Question | None:
    """`How long do I have?` after what fills up, or after a UPS on its battery."""
    if not _TIME_LEFT.match(text):
        return None
    if topic.subject.startswith("ups.") or "POWER" in topic.concepts:
        return question.about("health", (), frozenset({"POWER", "@ups", "@no_name"}))
    stores = of_kind(topic.about, *_SPACES)
    concepts = frozenset({"FULL", "PROGNOSIS", "@entity", *(f"@{store.kind}" for store in stores)})
    return question.about("storage", stores, concepts) if stores else None


def most_of_it(question: Question, topic: Topic, text: str, said: frozenset[str]) -> Question | None:
    """`Who eats the most of that there?` after the memory of a node: which guest on it; of a storage, whose volumes."""
    nodes, stores = of_kind(topic.about, "node"), of_kind(topic.about, "storage")
    asks = said & {"MOST", "EATS", "IN_USE"} and said <= _OF_A_RANKING and _MOST.search(text)
    if stores and asks and not question.quantity and not said & {"NODE", "FULL"}:
        return question.about("consumers", stores, frozenset({"EATS", "MOST", "@storage", "@entity"}))
    if len(nodes) != 1 or not asks or question.quantity or topic.quantity not in ("", "cpu", "memory"):
        return None
    if not topic.quantity and topic.intent not in ("slow", "rank"):
        return None
    concepts = question.concepts & (KINDS_OF_GUESTS | {"WHO"}) | {"MOST", "GUEST", "@node", "@entity", "@quantity"}
    return question.about("rank", nodes, concepts, topic.quantity or "cpu")
