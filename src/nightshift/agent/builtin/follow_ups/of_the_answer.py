"""Questions about the answer before: the first of what it found, the runner-up, the rest, the other one, by how much.

What such a question names is a place in an answer or what the answer left out, so it is read against what the
conversation is about, never by its own words alone.
"""

from __future__ import annotations

import re
from dataclasses import replace

from nightshift.agent.builtin.follow_ups.bare_words import said_in
from nightshift.agent.builtin.questions.intents import Intent
from nightshift.agent.builtin.questions.question import Question, Topic, of_kind
from nightshift.agent.builtin.sentences.losses import asks_what_went_too, asks_who_comes_back
from nightshift.agent.builtin.words.counting_words import CARDINALS, ORDINALS
from nightshift.agent.builtin.words.task_words import CHORES
from nightshift.agent.builtin.words.tokens import plain
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex

MOST_WORDS = 12
MOST_OTHERS = 3
MOST_OF_A_RANKING = 50
MOST_OF_A_TASK = 16
_PLACES = {**ORDINALS, **CARDINALS, "last": -1}
_PLACE = re.compile(
    r"\b(?P<runner>runners?-? ?up|next (?:one|in line|best|biggest|highest|largest|worst))\b|"
    r"\b(?:number|no\.?|place|rank|#) ?(?P<number>one|two|three|four|[1-4])\b|"
    r"\b(?P<ordinal>first|1st|second|2nd|third|3rd|fourth|4th|last)\b"
)
_WHO_IS = re.compile(r"^\W*(?:and )?(?:who|which|what)(?: is|'s| comes?)? (?:the )?\w+(?: one)?\W*$")
_MOST_URGENT = re.compile(
    r"\bfirst\b(?! (?:one|of|alert|finding|is|was|two|three))|\b(?:start|begin) with\b|"
    r"\b(?:most|more) (?:urgent|important|pressing|serious|severe)\b|\bpriorit\w+|"
    r"\bworst\b|\bworse\b|\bmatters? most\b"
)
_REST = re.compile(r"\b(?:the )?(?:rest(?! of (?:the|this) (?:week|day|month))|everything else|all else|remainder)\b")
_MORE_OF_IT = re.compile(rf"{_REST.pattern}|\b(?:all|everything|more|longer list|the others?)\b")
_ELSE = re.compile(r"\b(?:anything|nothing|something) (?:else|more)\b")
_OTHER = re.compile(r"\b(?:the|that) others?(?: (?:one|two|three|nodes?|hosts?|datastores?|storages?))?\b")
_OTHER_DISKS = re.compile(r"\bother (?:[\w.]+ ){0,3}(?:disks?|drives?|ssds?|hdds?|nvmes?|members?|half)\b")
_DIFFERENCE = re.compile(r"\bby how much\b|\bhow much (?:more|less|bigger|fuller|higher|lower)\b|\bthe difference\b")
_HOW_MUCH_THAT_IS = re.compile(
    r"^(?:(?:and|so|ok|but) )*how (?:much|many (?:gigabytes|gigs|gi?b|cores|percent)|big|large|high)"
    r"(?: memory| ram| cpu)?"
    r" (?:is|was|has|does|did|would) (?:that|it|this|that one)(?: be)?(?: (?:got|get|given|have|use|take|make))?"
    r"(?: (?:then|in numbers|exactly|in total))*\W*$"
)
_TAKEN_AWAY = re.compile(
    r"\b(?:thrown? (?:away|out)|get rid|delet\w+|remov\w+|be (?:gone|dropped|freed|cleaned)|clean\w* (?:up|out)|"
    r"can go|tidied|trash|free(?:d)? up)\b"
)
_TELL_FINDINGS: frozenset[Intent] = frozenset({"health", "explain", "alerts", "changes"})
_RANKINGS: frozenset[Intent] = frozenset({"rank", "slow"})
_HAVE_STEPS: frozenset[Intent] = frozenset({"runbook", "action"})
_TELL_TASKS: frozenset[Intent] = frozenset({"tasks", "changes"})
# Which side of a task is asked for, the first that fits.
_ASPECTS = {
    "ASKS_WHO": re.compile(r"\b(?:who|whom|whose|which user|by which|users?|launched by)\b"),
    "DURATION": re.compile(
        r"\b(?:how long|duration|length|lasted?|took how|time (?:needed|taken|it took)|after (?:what|which) time|"
        r"runtime|how many (?:minutes|seconds|hours))\b"
    ),
    "@result": re.compile(
        r"\b(?:results?|outcome|work(?:ed)? out|work(?:ed)?|succe\w+|go(?:ne)? (?:well|wrong|fine|ok)|"
        r"came (?:out|of it)|exit (?:status|code)|"
        r"went (?:well|wrong|fine|ok|through)|end(?:ed)? (?:well|ok|okay|fine)|ok|okay|fine|errors?|clean(?:ly)?)\b"
    ),
    "WHERE": re.compile(r"\b(?:which (?:node|host)|where|on what node)\b"),
    "WHEN": re.compile(r"\b(?:when|what time)\b(?!.*\bnext\b)"),
}
_OTHER_SUBJECTS = (
    "@quantity", "ALERT", "FULL", "GUEST", "VM", "CT", "DATASTORE", "STORAGE", "UPTIME", "RUNBOOK", "WHY", "PROTECTED",
    "BACKUP", "MIGRATION", "GC", "VERIFY", "PRUNE", "SYNC", "REPLICATION", "RESTORE", "SNAPSHOT", "@past",
)  # fmt: skip
_OF_AN_ASPECT = frozenset({"length", "exit", "duration", "behind"})
_OF_EACH: frozenset[Intent] = frozenset({"subsystem", "metric", "storage", "list", "restarts"})
_OF_A_KIND = ("node", "datastore")
_OF_A_PLACE = frozenset({"LIST", "WHO", "MOST", "IT", "AGAIN"})
_MARKS = frozenset({"@first", "@rest", "@log"})


def of_the_answer(question: Question, topic: Topic, index: EntityIndex) -> Question | None:
    """The question as one about the answer before; None when it is none."""
    text = plain(question.text)
    if topic.intent == "find_metrics" and topic.quantity and question.of_kind("node", "guest") and question.has("IT"):
        # `what does that show for pve1?`
        return replace(question, intent="metric", quantity=topic.quantity, unknown=(), follows=True)
    of_task = _of_a_task(question, topic, text)
    if of_task is not None:
        return of_task
    if question.expr or question.entities or question.ambiguous:
        return None
    lost = _of_a_loss(question, topic, text)
    if lost is not None or len(text.split()) > MOST_WORDS:
        return lost
    others = _others(text, topic, index)
    if others and not question.action:
        alike = question.has("AGAIN") and question.intent == "unclear" and topic.intent in _OF_EACH
        return _again(question, topic, topic.intent if alike else "describe", others)
    disks = _other_disks(text, topic, index)
    if disks:
        return _again(question, replace(topic, concepts=question.concepts), "disks", disks)
    place = _place_in(text)
    if topic.intent in _HAVE_STEPS and topic.action and place is not None and "step" in text:
        return replace(_again(question, topic, topic.intent, topic.entities), place=place)
    if question.action and not (topic.intent == "consumers" and question.has("SAFE", "IT")):
        return None
    if (topic.intent in _TELL_FINDINGS and _REST.search(text)) or (topic.intent == "health" and _ELSE.search(text)):
        return replace(question, intent="health", concepts=question.concepts | {"@rest"}, unknown=(), follows=True)
    of_nothing = question.intent == "rank" and not question.quantity and not said_in(question) - _OF_A_PLACE
    open_intent = question.intent in ("unclear", "health", "runbook") or of_nothing
    if topic.intent in _TELL_FINDINGS and open_intent and _MOST_URGENT.search(text):
        return replace(question, intent="health", concepts=question.concepts | {"@first"}, unknown=(), follows=True)
    return _of_rows(question, topic, text, place)


def _of_a_task(question: Question, topic: Topic, text: str) -> Question | None:
    """`How long did that take?`, `who did that?`, `and its result?` after an answer that told a task."""
    others = [entity for entity in question.entities if entity.kind != "node"]
    of_chores = topic.intent == "subsystem" and bool(topic.concepts & CHORES)
    if not (topic.intent in _TELL_TASKS or of_chores) or question.expr or others or len(text.split()) > MOST_OF_A_TASK:
        return None
    found = next((concept for concept, pattern in _ASPECTS.items() if pattern.search(text)), "")
    if of_chores and found not in ("ASKS_WHO", "DURATION"):
        return None
    beside = topic.concepts | ({"WHY"} if found == "ASKS_WHO" else set())
    others_told = question.concepts & set(_OTHER_SUBJECTS) - beside
    strange = question.unknown and not set(question.unknown) <= _OF_AN_ASPECT
    names_a_thing = strange or question.ambiguous or others_told
    if not found or names_a_thing or (question.action and found != "@result"):
        return None
    kept = topic.concepts - _MARKS - {"ASKS_WHO", "DURATION", "@aspect", "@result", "WHERE", "LAST", "COUNT"}
    deed = {"@deed", "LAST"} if topic.intent == "changes" else {"LAST"}
    # Of a guest's task a node that is named is only the place: `who did that on pve1?`
    of_a_guest = any(entity.kind == "guest" for entity in topic.entities)
    about = topic.entities if of_a_guest or not question.entities else question.entities
    again = _again(question, topic, "tasks", about)
    return replace(again, concepts=kept | deed | {"@aspect", found}, action="", user=topic.user)


def _of_a_loss(question: Question, topic: Topic, text: str) -> Question | None:
    """`Does any of it come back by itself?`, `who else is hit?`: of the node that is lost, or that was the cause."""
    nodes = of_kind((*topic.implied, *topic.entities), "node")
    if not nodes or question.action:
        return None
    of_loss = topic.intent == "safety"
    comes_back = of_loss and asks_who_comes_back(text)
    of_a_cause = of_loss or topic.intent in ("explain", "describe", "health")
    if not (comes_back or (of_loss and question.has("QUORUM")) or (of_a_cause and asks_what_went_too(text))):
        return None
    concepts = question.concepts | ({"@comes_back"} if comes_back else set())
    return replace(question, intent="safety", entities=nodes[:1], concepts=concepts, unknown=(), follows=True)


def _of_rows(question: Question, topic: Topic, text: str, place: int | None) -> Question | None:
    """What points into a list or a ranking that was told, or at its end."""
    if topic.intent in _RANKINGS and place is not None and _is_of_a_ranking(question, text):
        return replace(_again(question, topic, topic.intent, topic.entities), place=place)
    more = question.top or (MOST_OF_A_RANKING if _MORE_OF_IT.search(text) else None)
    if topic.intent == "rank" and more and not said_in(question) - {"LIST", "AGAIN", "IT", "MOST", "SEVERAL", "WHO"}:
        return replace(_again(question, topic, "rank", topic.entities), top=more)
    if topic.intent == "rank" and question.quantity in ("", topic.quantity) and _HOW_MUCH_THAT_IS.match(text):
        return _again(question, topic, "rank", topic.entities)
    if topic.intent == "consumers" and question.intent == "rank" and question.has("MOST") and question.has("IT"):
        again = _again(question, topic, "consumers", topic.entities)
        return replace(again, concepts=topic.concepts | {"MOST"})
    if topic.intent in ("rank", "compare") and _DIFFERENCE.search(text):
        return _again(question, topic, topic.intent, topic.entities)
    if topic.intent == "disks" and place is not None and question.intent in ("disks", "unclear", "describe"):
        entities = topic.entities
        return replace(question, intent="disks", entities=entities, place=place, unknown=(), follows=True)
    if topic.intent == "tasks" and question.has("LOG") and not question.unknown:
        again = _again(question, topic, "tasks", topic.entities)
        return replace(again, place=place or 0, concepts=again.concepts | {"@log"})
    if topic.intent == "consumers" and _TAKEN_AWAY.search(text):
        again = _again(question, topic, "consumers", topic.entities)
        return replace(again, concepts=topic.concepts | {"ORPHAN"}, action="")
    if topic.intent == "alert_rules" and question.intent == "explain":
        again = _again(question, topic, "alert_rules", topic.entities)
        return replace(again, concepts=topic.concepts | {"FAIL"})
    return None


def _is_of_a_ranking(question: Question, text: str) -> bool:
    """`the runner-up`, `number two`, `the second biggest user`: what is asked is a place, and nothing of it."""
    match = _PLACE.search(text)
    if match is None or question.span:
        return False
    of_it = question.has("MOST", "LEAST") or "place" in text.split() or bool(_WHO_IS.match(text))
    return match.lastgroup != "ordinal" or of_it


def _place_in(text: str) -> int | None:
    """Which of several: 0 for the first, -1 for the last."""
    match = _PLACE.search(text)
    if match is None:
        return None
    return 1 if match["runner"] else _PLACES[match["number"] or match["ordinal"]]


def _others(text: str, topic: Topic, index: EntityIndex) -> tuple[Entity, ...]:
    """Those of the same kind beside the one that was spoken of; of two that were listed, the other."""
    about = topic.about
    if len(about) != 1 or not _OTHER.search(text):
        return ()
    if len(topic.listed) == MOST_OTHERS - 1 and about[0] in topic.listed:
        return tuple(entity for entity in topic.listed if entity != about[0])
    found = tuple(entity for entity in index.all_of(about[0].kind) if entity != about[0])
    if about[0].kind not in _OF_A_KIND:  # `dns1`, and the other one: `dns2`
        found = tuple(entity for entity in found if _without_number(entity) == _without_number(about[0]))
    return found if len(found) <= MOST_OTHERS else ()


def _without_number(entity: Entity) -> str:
    return entity.label.split(" (")[0].rstrip("0123456789")


def _other_disks(text: str, topic: Topic, index: EntityIndex) -> tuple[Entity, ...]:
    """The disks beside the one that was spoken of, on its node."""
    about = topic.about
    if len(about) != 1 or about[0].kind != "disk" or not _OTHER_DISKS.search(text):
        return ()
    node = about[0].key.rpartition("/")[0]
    return tuple(disk for disk in index.all_of("disk") if disk != about[0] and disk.key.rpartition("/")[0] == node)


def _again(question: Question, topic: Topic, intent: Intent, entities: tuple[Entity, ...]) -> Question:
    """The question of the topic once more, of these things."""
    same = intent == topic.intent
    concepts = topic.concepts - _MARKS if same else question.concepts
    again = question.again(topic, intent, concepts)
    return replace(again, entities=entities, action=topic.action if same else "", aim=topic.aim)
