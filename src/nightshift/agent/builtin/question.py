"""A question as the planner takes it: its intent, and the slots that were filled from the words and the earlier topic."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from nightshift.agent.builtin.entities import Mention, find_mentions
from nightshift.agent.builtin.intents import WEIGHTS, Intent, weigh
from nightshift.agent.builtin.lexicon import ACTIONS, lexicon
from nightshift.agent.builtin.times import TimeSpan, find_time
from nightshift.agent.builtin.words import Token, plain, tokens
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex

QUANTITIES: Mapping[str, str] = {
    "IOWAIT": "iowait", "SWAP": "swap", "CPU": "cpu", "MEMORY": "memory", "NETIN": "network_in", "NETOUT": "network_out",
    "DISKREAD": "disk_read", "DISKWRITE": "disk_write", "UPTIME": "uptime", "LOAD": "load", "FILESYSTEM": "disk",
    "DISK": "disk",
}  # fmt: skip
TASK_KINDS: Mapping[str, str] = {
    "MIGRATION": "migration", "RESTORE": "restore", "GC": "gc", "VERIFY": "verify", "PRUNE": "prune", "SYNC": "sync",
    "SNAPSHOT": "snapshot", "REPLICATION": "replication", "BACKUP": "backup",
}  # fmt: skip
# Below this a question that leans on the earlier one is taken as its continuation.
SURE = 2.5
TWO = 2
FEW_WORDS = 2
# `why is it down?` says nothing of what it is about.
_SAY_NOTHING_OF_WHAT = frozenset(
    {"WHY", "FAIL", "WRONG", "DOWN", "SAFE", "RUNNING", "FINE", "UPTIME", "VERSION", "WHERE", "STOPPED"}
)
# Concepts that exclude each other: the newer word replaces the older one.
_RIVALS = (
    frozenset({"VM", "CT", "GUEST", "NODE", "STORAGE", "DATASTORE", "FILESYSTEM"}),
    frozenset({"RUNNING", "STOPPED", "DOWN"}),
    frozenset({"MOST", "LEAST"}),
    frozenset({"FAIL", "RUNNING", "FINE"}),
    frozenset(QUANTITIES),
)
_NEED_ENTITY: frozenset[Intent] = frozenset({"explain", "describe", "metric", "compare", "safety"})
_POLITE = re.compile(
    r"^(?:(?:please|kindly|just|now|ok|okay|and|then|hey|nightshift|so|can you|could you|would you|will you|go ahead and|"
    r"i want you to|i need you to|you should|you must|let us|lets|help me) ?,? ?)+"
)
_PROMQL = re.compile(
    r"`[^`]+`|\w+\{[^}]*\}|\[\d+[smhdw](?::\w*)?\]|\b(?:rate|irate|increase|sum|avg|max|min|count|topk|bottomk|quantile|"
    r"histogram_quantile|absent|changes|delta|deriv|predict_linear|(?:avg|max|min|sum)_over_time)\s*(?:by\s*\([^)]*\)\s*)?\("
    r"|\b(?:up|[a-zA-Z]\w*_\w+)\s*(?:==|!=|>=|<=|>|<)\s*-?\d"
)
_PROMQL_LEAD = re.compile(
    r"^(?:please |can you |could you )*(?:show|run|execute|evaluate|eval|query|what is|what's|what does|graph|plot|give|try)?"
    r"(?: me)?(?: the)?(?: result of)?(?: promql| prometheus| query| expression| metric)*\s*:?\s*",
    re.IGNORECASE,
)
_PROMQL_TAIL = re.compile(
    r"\s*(?:\?|return(?:s)?\??|give(?:s)?\??|say(?:s)?\??|evaluate to\??|in prometheus\??)\s*$", re.IGNORECASE
)
_NUMBER_WORDS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_TOP = re.compile(
    r"\b(?:top|first|worst|biggest|largest|busiest) (\d{1,2}|"
    + "|".join(_NUMBER_WORDS)
    + r")\b|\b(\d{1,2}) (?:most|biggest|largest|busiest|worst|hungriest)\b"
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What the conversation is about, kept with each answer so that `and its memory?` can be understood."""

    intent: Intent
    entities: tuple[Entity, ...] = ()
    quantity: str = ""
    time_text: str = ""
    concepts: frozenset[str] = frozenset()
    subject: str = ""

    def to_json(self) -> dict[str, Any]:
        """As JSON values, for the conversation store."""
        return {
            "intent": self.intent,
            "entities": [[entity.key, entity.label] for entity in self.entities],
            "quantity": self.quantity,
            "time": self.time_text,
            "concepts": sorted(self.concepts),
            "subject": self.subject,
        }

    @classmethod
    def from_json(cls, data: object) -> Topic | None:
        """The topic as `to_json` wrote it; None for anything else, since it comes back from a store."""
        if not isinstance(data, Mapping) or data.get("intent") not in WEIGHTS:
            return None
        try:
            entities = tuple(Entity(str(key), str(label)) for key, label in data["entities"])
            concepts = frozenset(map(str, data["concepts"]))
            return cls(
                data["intent"], entities, str(data["quantity"]), str(data["time"]), concepts, str(data["subject"])
            )
        except (ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    `entities` are certain, `ambiguous` are mentions with several meanings, `unknown` names that fit nothing here.
    `concepts` are those of the lexicon, for the finer slots. `follows` tells that the earlier topic filled something in.
    """

    text: str
    intent: Intent
    score: float
    concepts: frozenset[str]
    entities: tuple[Entity, ...] = ()
    ambiguous: tuple[Mention, ...] = ()
    unknown: tuple[str, ...] = ()
    span: TimeSpan | None = None
    quantity: str = ""
    action: str = ""
    expr: str = ""
    top: int | None = None
    content: tuple[str, ...] = ()
    subject: str = ""
    follows: bool = False

    def has(self, *concepts: str) -> bool:
        return bool(self.concepts.intersection(concepts))

    def of_kind(self, *kinds: str) -> tuple[Entity, ...]:
        return tuple(entity for entity in self.entities if entity.kind in kinds)

    @property
    def topic(self) -> Topic:
        time_text = self.span.text if self.span else ""
        return Topic(self.intent, self.entities, self.quantity, time_text, self.concepts, self.subject)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads questions against one inventory at one moment."""

    index: EntityIndex
    now: datetime
    zone: tzinfo

    def read(self, text: str, topic: Topic | None = None) -> Question:
        """The question with its slots filled, from the topic too where it leans on it."""
        question = self._alone(text)
        return self._continued(question, topic) if topic else question

    def _alone(self, text: str) -> Question:
        lowered = plain(text)
        expr = promql_in(text)
        span = find_time(lowered, self.now, self.zone)
        if expr and span:
            expr = re.sub(rf"\s*{re.escape(span.text)}\s*$", "", expr, flags=re.IGNORECASE)
        words = [token for token in tokens(lowered) if not span or token.end <= span.start or token.start >= span.end]
        mentions = () if expr else find_mentions(words, self.index)
        return self._weighed(text, lowered, words, mentions, span, expr)

    def _weighed(
        self,
        text: str,
        lowered: str,
        words: Sequence[Token],
        mentions: Sequence[Mention],
        span: TimeSpan | None,
        expr: str,
    ) -> Question:
        strong = [mention for mention in mentions if not (mention.weak and mention.entities)]
        named = {at for mention in strong if mention.entities for at in mention.positions}
        # A name is a break: the words around it are not neighbours.
        groups = _groups([None if at in named else token for at, token in enumerate(words)])
        concepts: set[str] = set()
        content: list[str] = []
        for group in groups:
            found, _ = lexicon().concepts(group)
            concepts |= found
            content += [token.text for token in group if not _is_function_word(token)]
        entities, ambiguous = _certain(strong)
        action = _action(lowered, words)
        weak = [mention for mention in mentions if mention.weak and mention.entities]
        concepts |= _pseudo(entities, ambiguous, strong, span, expr, action, concepts, words)
        weighed = weigh(frozenset(concepts))
        if not entities and not ambiguous and weak and (weighed.intent in _NEED_ENTITY or weighed.intent == "backups"):
            entities, ambiguous = _certain(weak)
        return Question(
            text=text,
            intent=weighed.intent,
            score=weighed.score,
            concepts=frozenset(concepts),
            entities=entities,
            ambiguous=ambiguous,
            unknown=_unknown_names(strong, weighed.intent),
            span=span,
            quantity=next((name for concept, name in QUANTITIES.items() if concept in concepts), ""),
            action=action,
            expr=expr,
            top=_top(lowered),
            content=tuple(content),
        )

    def _continued(self, question: Question, topic: Topic) -> Question:
        """The question with what it leaves out taken from the topic."""
        if question.expr or question.action:
            return self._pointing(question, topic)
        said = {c for c in question.concepts if not c.startswith("@")}
        own = said - {"AGAIN", "IT", "LAST", "LIST", "STATE"}
        leans = question.has("AGAIN", "IT") or question.intent == "unclear"
        only_a_name = not said - {"AGAIN", "IT"} and bool(question.entities)
        if only_a_name or (not own and leans) or (question.has("AGAIN") and question.score < SURE):
            if not question.unknown:
                return self._same_again(question, topic)
        if question.intent == "rank" and not question.quantity and leans:
            return replace(question, quantity=topic.quantity, follows=True)
        if question.intent == "compare" and len(question.entities) < TWO:
            both = dict.fromkeys((*topic.entities, *question.entities))
            quantity = question.quantity or topic.quantity
            return replace(question, entities=tuple(both), quantity=quantity, follows=True)
        if question.entities or question.unknown or not topic.entities:
            return question
        if question.intent in ("explain", "safety", "describe") and not own - _SAY_NOTHING_OF_WHAT:
            return replace(question, entities=topic.entities, subject=topic.subject, follows=True)
        if question.quantity and question.intent in ("metric", "unclear", "rank") and not question.has("MOST", "LEAST"):
            if leans or len(question.content) <= FEW_WORDS:
                span = question.span or self._span(topic)
                return replace(question, intent="metric", entities=topic.entities, span=span, follows=True)
        return self._pointing(question, topic)

    def _pointing(self, question: Question, topic: Topic) -> Question:
        """`restart it`, `when was it backed up?`, `is there a runbook?`: the thing of the topic."""
        if question.intent == "runbook" and topic.subject and not _names_a_subject(question):
            return replace(question, subject=topic.subject, entities=topic.entities, follows=True)
        points = question.has("IT") and not (question.entities or question.unknown)
        if points and question.intent in ("backups", "alerts", "tasks", "storage", "changes", "action"):
            return replace(question, entities=topic.entities, follows=True)
        return question

    def _same_again(self, question: Question, topic: Topic) -> Question:
        """`what about pve2?`, `and yesterday?`, `and the containers?`: the same question with another slot."""
        entities = question.entities or (() if question.unknown or question.ambiguous else topic.entities)
        quantity = question.quantity or topic.quantity
        intent: Intent = topic.intent
        silent = intent in ("help", "thanks", "unclear", "action", "health", "sources", "runbook")
        misfit = intent == "backups" and not question.of_kind("guest", "datastore")
        if question.entities and (silent or misfit):
            intent = "describe"
        kept = {concept for concept in topic.concepts if not concept.startswith("@")}
        for rivals in _RIVALS:
            if rivals & question.concepts:
                kept -= rivals
        if question.has("LIST"):
            kept -= {"COUNT"}
        concepts = frozenset(kept | question.concepts)
        return replace(
            question,
            intent=intent,
            entities=entities,
            quantity=quantity,
            concepts=concepts,
            span=question.span or self._span(topic),
            follows=True,
        )

    def _span(self, topic: Topic) -> TimeSpan | None:
        return find_time(topic.time_text, self.now, self.zone) if topic.time_text else None


def promql_in(text: str) -> str:
    """The PromQL expression that a question quotes or contains, empty when there is none."""
    quoted = re.search(r"`([^`]+)`", text)
    if quoted:
        return quoted.group(1).strip()
    bare = _PROMQL_TAIL.sub("", _PROMQL_LEAD.sub("", text.strip(), count=1)).strip(" '\"")
    named = re.search(r"\bpromql\b", text, re.IGNORECASE) and re.fullmatch(r"[a-zA-Z_:][\w:]*", bare)
    return bare if named or _PROMQL.search(text) else ""


def _groups(words: Sequence[Token | None]) -> list[list[Token]]:
    groups: list[list[Token]] = [[]]
    for token in words:
        if token is None:
            groups.append([])
        else:
            groups[-1].append(token)
    return groups


def _certain(mentions: Sequence[Mention]) -> tuple[tuple[Entity, ...], tuple[Mention, ...]]:
    """Mentions with one meaning, and those with several; the same storage on several nodes is one meaning."""
    entities: dict[Entity, None] = {}
    ambiguous: list[Mention] = []
    for mention in mentions:
        kinds = {entity.kind for entity in mention.entities}
        if len(mention.entities) == 1 or (mention.entities and kinds <= {"storage", "alert"}):
            entities.update(dict.fromkeys(mention.entities))
        elif mention.entities:
            ambiguous.append(mention)
    return tuple(entities), tuple(ambiguous)


def _unknown_names(mentions: Sequence[Mention], intent: Intent) -> tuple[str, ...]:
    """Names that fit nothing. A word that may be no name at all counts only where the question cannot do without one."""
    return tuple(m.text for m in mentions if not m.entities and (not m.weak or intent in _NEED_ENTITY))


def _pseudo(
    entities: Sequence[Entity],
    ambiguous: Sequence[Mention],
    strong: Sequence[Mention],
    span: TimeSpan | None,
    expr: str,
    action: str,
    concepts: set[str],
    words: Sequence[Token],
) -> set[str]:
    """The concepts that are no words: what was found in the slots."""
    everything = [*entities, *(entity for mention in ambiguous for entity in mention.entities)]
    found = {f"@{entity.kind}" for entity in everything}
    if everything:
        found.add("@entity")
    if len([mention for mention in strong if mention.entities]) >= 2:
        found.add("@two")
    if any(not mention.entities for mention in strong):
        found.add("@unknown")
    if not strong and not expr:
        found.add("@no_name")
    if span:
        found |= {"@time", "@past"}
    if expr:
        found.add("@promql")
    if action:
        found.add("@action")
    if any(token.text in ACTIONS for token in words):
        found.add("@action_verb")
    if concepts & (QUANTITIES.keys() - {"DISK", "FILESYSTEM", "UPTIME"}):
        found.add("@quantity")
    if "RUNNING" in concepts and concepts & TASK_KINDS.keys():
        found.add("@taskkind_running")
    return found


def _action(lowered: str, words: Sequence[Token]) -> str:
    """What the question orders to be done, empty when it is no order: the verb must lead the sentence."""
    rest = _POLITE.sub("", lowered)
    first = next((token for token in words if rest and lowered.find(rest) <= token.start), None)
    if first is None or first.text not in ACTIONS:
        return ""
    following = [token.text for token in words if token.start > first.start]
    if first.text in ("update",) and following[:1] in (["me"], ["us"], ["on"]):
        return ""
    if (
        first.text in ("backup", "snapshot", "start", "power", "change", "set", "restore", "run", "move")
        and not following
    ):
        return ""
    if first.text in ("backup", "snapshot") and following[0] in (
        "status",
        "job",
        "jobs",
        "state",
        "of",
        "age",
        "overview",
        "schedule",
        "for",
        "storage",
        "server",
        "space",
        "report",
    ):
        return ""
    if first.text == "run" and following[0] not in ("a", "the", "backup", "gc", "prune", "verify", "garbage", "vzdump"):
        return ""
    if first.text == "make" and following[:1] == ["sure"]:
        return ""
    return ACTIONS[first.text]


def _top(lowered: str) -> int | None:
    match = _TOP.search(lowered)
    if match is None:
        return None
    text = match.group(1) or match.group(2)
    return _NUMBER_WORDS.get(text) or int(text)


def _is_function_word(token: Token) -> bool:
    from nightshift.agent.builtin.lexicon import FUNCTION_WORDS

    return token.text in FUNCTION_WORDS


def _names_a_subject(question: Question) -> bool:
    """Whether a runbook question says for what, apart from the words that ask for a runbook."""
    asking = {"runbook", "procedure", "playbook", "guide", "steps", "instructions", "documentation", "fix", "solution"}
    return any(word not in asking for word in question.content)
