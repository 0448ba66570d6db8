"""A question as the planner takes it, and the topic of a conversation that later questions lean on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nightshift.agent.builtin.names.mention import Mention
from nightshift.agent.builtin.orders.aims import ITSELF, Aim
from nightshift.agent.builtin.questions.bounds import Bound
from nightshift.agent.builtin.questions.intents import WEIGHTS, Intent
from nightshift.agent.builtin.times.spans import TimeSpan
from nightshift.agent.builtin.words.tokens import word_set
from nightshift.agent.builtin.words.verbs import ACTIONS
from nightshift.facts.ids import Entity

QUANTITIES: Mapping[str, str] = {
    "HEAT": "temperature",
    "IOWAIT": "iowait",
    "SWAP": "swap",
    "CPU": "cpu",
    "MEMORY": "memory",
    "NETOUT": "network_out",
    "NETIN": "network_in",
    "DISKREAD": "disk_read",
    "DISKWRITE": "disk_write",
    "UPTIME": "uptime",
    "LOAD": "load",
    "FILESYSTEM": "disk",
    "DISK": "disk",
}
_SPACES = ("storage", "datastore")
_THINGS = ("entities", "choices", "implied", "listed", "beside")
_TEXTS = ("action", "user", "ordered", "tag")
MOST_LISTED = 10
"""Of a list that was told so many are known to the questions after it."""
ASKING_FOR_A_RUNBOOK = word_set("""
    runbook runbooks procedure playbook guide steps step instructions documentation docs fix solution remedy hand
    proceed go about book manual notes note drill recipe walk through properly exactly correctly safely right handle
    tackle approach continue guidance advice solve repair mend resolve fits fit best next first now written wiki suggest
    say there it that this got have know help cure order way anything something one detail details further mending
    fixing repairing solving handling such case cases handbook advise recommend would have me current failure trouble
    situation says page folder checklist
    """)
TASK_KINDS: Mapping[str, str] = {
    "MIGRATION": "migration",
    "RESTORE": "restore",
    "GC": "gc",
    "VERIFY": "verify",
    "PRUNE": "prune",
    "SYNC": "sync",
    "SNAPSHOT": "snapshot",
    "CONSOLE": "console",
    "CREATED": "create",
    "DELETED": "delete",
    "REPLICATION": "replication",
    "BACKUP": "backup",
}


@dataclass(frozen=True, slots=True)
class Topic:
    """What the conversation is about, kept with each answer so that `and its memory?` can be understood.

    `subject` is the check behind the first cause that the answer named: what a runbook is wanted for. `choices` are the
    meanings between which the answer asked back, `action` what had been ordered then. `implied` is what the answer
    itself brought up first, `listed` what it listed, in order. `beside` are the things of the same question that were
    asked about before. `ordered` are the words of an order: what is asked after it leaves out sizes, places and names.
    """

    intent: Intent
    entities: tuple[Entity, ...] = ()
    quantity: str = ""
    time_text: str = ""
    concepts: frozenset[str] = frozenset()
    subject: str = ""
    choices: tuple[Entity, ...] = ()
    action: str = ""
    implied: tuple[Entity, ...] = ()
    listed: tuple[Entity, ...] = ()
    aim: Aim = ITSELF
    user: str = ""
    beside: tuple[Entity, ...] = ()
    ordered: str = ""
    tag: str = ""

    @property
    def about(self) -> tuple[Entity, ...]:
        """What `it` means: what was named, else what the answer brought up first; after a ranking, who leads it."""
        if self.intent == "rank" and self.listed:
            return self.implied
        return self.entities or self.implied

    @property
    def of_space(self) -> Topic:
        """With what can be full in the place of what was named: `why was web not saved?`, `why is that full?`."""
        full = of_kind(self.implied, *_SPACES)
        if self.intent == "backups":
            return self  # `its size?`: of the backup
        return replace(self, entities=full) if full and all(e.kind == "guest" for e in self.entities) else self

    @property
    def of_backups(self) -> Topic:
        """With the guest that was the cause in the place of what was named and is never saved: an address, an alert."""
        guests = of_kind(self.implied, "guest")
        return replace(self, entities=guests) if guests and of_kind(self.entities, "target", "alert") else self

    def to_json(self) -> dict[str, Any]:
        """As JSON values, for the conversation store."""
        things = {name: _pairs(getattr(self, name)) for name in _THINGS}
        texts = {name: getattr(self, name) for name in ("intent", "quantity", "subject", *_TEXTS)}
        told = {"time": self.time_text, "concepts": sorted(self.concepts), "aim": self.aim.to_json()}
        return {**texts, **things, **told}

    @classmethod
    def from_json(cls, data: object) -> Topic | None:
        """The topic as `to_json` wrote it; None for anything else, since it comes back from a store."""
        if not isinstance(data, Mapping) or data.get("intent") not in (*WEIGHTS, "unclear"):
            return None
        try:
            things = {name: _entities(data.get(name, ())) for name in _THINGS}
            concepts = frozenset(map(str, data["concepts"]))
            quantity, time_text, subject = (str(data[name]) for name in ("quantity", "time", "subject"))
            texts = {name: str(data.get(name, "")) for name in _TEXTS}
            aim = Aim.from_json(data.get("aim"))
        except (ValueError, KeyError, TypeError):
            return None
        told = cls(data["intent"], quantity=quantity, time_text=time_text, concepts=concepts, subject=subject, aim=aim)
        return replace(told, **things, **texts)  # type: ignore[arg-type]


def of_kind(entities: Iterable[Entity], *kinds: str) -> tuple[Entity, ...]:
    """Those of these kinds, in their order."""
    return tuple(entity for entity in entities if entity.kind in kinds)


def _pairs(entities: Iterable[Entity]) -> list[list[str]]:
    return [[entity.key, entity.label] for entity in entities]


def _entities(pairs: Iterable[tuple[object, object]]) -> tuple[Entity, ...]:
    return tuple(Entity(str(key), str(label)) for key, label in pairs)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    `entities` are certain, `ambiguous` are mentions with several meanings, `unknown` names that fit nothing here.
    `concepts` are those of the lexicon, for the finer slots; `content` the words that carry meaning,
    `around` all words beside names and times. `action` is the
    kind of change that is ordered, `aim` what of a thing it is about, `expr` a PromQL expression, `top` how many of a
    ranking, `tag` what the guests to be listed carry, `bound` what their figure has to keep, `each` by what they are
    grouped: node, tag, status, type, `user` who did what is asked about, `before` the earlier of two times that
    are compared. `follows` tells that the earlier topic filled
    something in, `place` which one is meant of what the earlier answer listed, from 0, -1 for the last, `beside` what
    was asked about in the same way before, `listed` the list that it is one of.
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
    aim: Aim = ITSELF
    expr: str = ""
    top: int | None = None
    tag: str = ""
    bound: Bound | None = None
    each: str = ""
    user: str = ""
    before: TimeSpan | None = None
    content: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    subject: str = ""
    follows: bool = False
    place: int | None = None
    beside: tuple[Entity, ...] = ()
    listed: tuple[Entity, ...] = ()

    def has(self, *concepts: str) -> bool:
        return bool(self.concepts.intersection(concepts))

    def about(
        self, intent: Intent, things: tuple[Entity, ...], concepts: frozenset[str], quantity: str = ""
    ) -> Question:
        """As one that follows, about these things: of its own words only the concepts that are told stay."""
        return replace(
            self, intent=intent, entities=things, concepts=concepts, quantity=quantity, unknown=(), follows=True
        )

    def again(self, topic: Topic, intent: Intent, concepts: frozenset[str]) -> Question:
        """As the question of the topic once more, and no order."""
        return replace(
            self.about(intent, topic.entities, concepts, topic.quantity),
            action="", aim=ITSELF, subject=topic.subject, user=topic.user,
        )  # fmt: skip

    def of_kind(self, *kinds: str) -> tuple[Entity, ...]:
        return of_kind(self.entities, *kinds)

    @property
    def deed(self) -> str:
        """The change that is ordered, or whose consequences are asked for: `can I reboot pve1?`, `do it`."""
        if self.has("@remedy"):
            return ""  # `fix it` names no deed: what is to be done is in the finding and its runbook
        if self.action or self.intent not in ("safety", "recovery"):
            return self.action
        if self.intent == "recovery":
            return "restore" if self.of_kind("guest") else ""
        return next((ACTIONS[word] for word in self.content if word in ACTIONS), "")

    @property
    def topic(self) -> Topic:
        time_text = self.span.text if self.span else ""
        choices = () if self.entities else tuple(entity for m in self.ambiguous[:1] for entity in m.entities)
        return Topic(
            self.intent, self.entities, self.quantity, time_text, self.concepts, self.subject, choices, self.deed,
            aim=self.aim, user=self.user, beside=self.beside, listed=self.listed, tag=self.tag,
            ordered=self.text if self.deed else "",
        )  # fmt: skip
