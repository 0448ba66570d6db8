"""Reads a question: time, names, concepts, slots, and from all of them its intent."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from nightshift.agent.builtin.follow_ups.anaphora import pointer_in, points_to_several
from nightshift.agent.builtin.follow_ups.continued import said_shorter, without_acknowledgement, without_its_reason
from nightshift.agent.builtin.follow_ups.ellipsis import filled, spelled_out
from nightshift.agent.builtin.follow_ups.follow import Follow
from nightshift.agent.builtin.follow_ups.rejoinders import beside
from nightshift.agent.builtin.names.mention import Mention
from nightshift.agent.builtin.orders.aims import ITSELF, Aim, aim_in
from nightshift.agent.builtin.orders.order import Order
from nightshift.agent.builtin.orders.wishes import as_order
from nightshift.agent.builtin.questions.intents import Intent, Weighed, weigh
from nightshift.agent.builtin.questions.question import QUANTITIES, Question, Topic, of_kind
from nightshift.agent.builtin.questions.survey import of_a_figure
from nightshift.agent.builtin.reading.clauses import SURE, asked_last
from nightshift.agent.builtin.reading.doubt import is_doubtful
from nightshift.agent.builtin.reading.found import Found
from nightshift.agent.builtin.reading.meanings import beyond_memory, meant
from nightshift.agent.builtin.reading.named import NEED_A_NAME, certain, on_the_nodes, strangers_beside, unknown_names
from nightshift.agent.builtin.reading.of_a_change import UNSAID, is_unsaid_order
from nightshift.agent.builtin.reading.of_all import asks_after_all, of_everything, taken_for_all, tells_of_trouble
from nightshift.agent.builtin.reading.parse import parse
from nightshift.agent.builtin.reading.shell import as_question
from nightshift.agent.builtin.sentences.forms import without_frame
from nightshift.agent.builtin.sentences.left_out import without_denied
from nightshift.agent.builtin.sentences.not_here import NOT_HERE
from nightshift.agent.builtin.sentences.shapes import KIND_CONCEPTS
from nightshift.agent.builtin.words.daily_words import complained_of
from nightshift.agent.builtin.words.services import SYSTEMS, guests_of, role_of
from nightshift.agent.builtin.words.spelling import respelt
from nightshift.agent.builtin.words.task_words import another_doer
from nightshift.agent.builtin.words.tokens import plain, said_among, word_set
from nightshift.facts.ids import Entity
from nightshift.tools.resolve import EntityIndex

# `Is Grafana alerting?` is not about the guest that Grafana runs in.
_ABOUT_THE_SYSTEMS: frozenset[Intent] = frozenset({"alerts", "alert_rules", "targets", "find_metrics", "sources"})
MOST_SUCH = 3
_BESIDE = re.compile(r"[,;:.]\s+|\b(?:just|only|but|simply|rather|instead)\b", re.IGNORECASE)
_OF_NO_ONE = frozenset({"@relation", "@scope", "@at_ease", "@blind"})
_NOT_OF_ONE_ALONE = word_set("compare safety explain subsystem rank describe restarts storage")
_OF_ITS_KIND = word_set("@entity @guest @node @storage @datastore @unknown @stranger @beside_a_stranger")
_OF_ONE = word_set("reboot stop start reset migrate delete unlock pause snapshot backup restore rollback")
_OF_ALL_SUCH = frozenset({"WHO", "WHERE", "EXISTS", "SEVERAL", "COUNT"})
_OF_A_STATE = frozenset({"RUNNING", "WHERE", "STOPPED", "DOWN"})
_ALL_OF_THEM = frozenset({"ANYTHING", "TAG", "SEVERAL"})
_TIMELESS: frozenset[Intent] = frozenset({"runbook", "promql", "action", "find_metrics"})
# What may only look like these, since nothing of it is known here by its own name.
_ONLY_LOOKS_SO: frozenset[Intent] = frozenset(
    {"unclear", "list", "tasks", "changes", "restarts", "rank", "describe", "lookup", "explain", "slow", "health"}
)
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MOST = "top|first|worst|biggest|largest|busiest"
_TOP = re.compile(rf"\b(?:{_MOST}) (\d{{1,2}}|{'|'.join(_NUMBERS)})\b|\b(\d{{1,2}}) (?:most|hungriest|{_MOST})\b")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads questions against one inventory at one moment."""

    index: EntityIndex
    now: datetime
    zone: tzinfo

    def read(self, text: str, topic: Topic | None = None) -> Question:
        """The question with its slots filled, from the topic too where it leans on it."""
        text = said_shorter(without_its_reason(without_acknowledgement(text))) if topic else text
        text = as_order(without_denied(respelt(as_question(without_frame(text)), self.index), self.index))
        found = self._parsed(text)
        question = self._asked(text, found)
        complaint = _as_complaint(question, self.index)
        if complaint is not None:
            return complaint
        if topic is None:
            return of_a_figure(of_everything(question))
        if question.has("FULL") and question.has("IT") and question.intent in ("explain", "storage", "unclear"):
            topic = topic if question.quantity or _TAKES.search(text) else topic.of_space
        topic = topic.of_backups if question.has("BACKUP") else topic
        pointed = self._pointed(found, topic)
        pointing = question if pointed is found else self._asked(text, pointed)
        follow = Follow(topic, self.index, self.now, self.zone)
        whom = another_doer(found.lowered, self.index.users) if topic.user else ""
        if whom:
            return replace(question.again(topic, topic.intent, topic.concepts), user=whom, span=follow.span)
        completed = follow.completed(question, pointing)
        spelled = spelled_out(completed, topic)
        if spelled:
            again = self._asked(spelled, self._parsed(spelled))
            completed = filled(again, completed, topic, follow.span) or completed
        same = completed.follows or set(completed.entities) & set(topic.about)
        subject = completed.subject or (topic.subject if same else "")  # what was found of it is still meant by `why?`
        listed = topic.listed if set(completed.entities) & set(topic.listed) else ()  # one of them: `and the second?`
        return of_a_figure(replace(completed, subject=subject, beside=beside(completed, topic), listed=listed))

    def of_all(self, question: Question) -> Question:
        """What no intent fits as a question after the state of everything, where it can be one, and as an order where a
        change of something is wished for in words that are not known."""
        if is_unsaid_order(question):
            return replace(question, intent="action", action=UNSAID, aim=ITSELF)
        if question.action == "leave" and not question.entities and (asked := self._asked_beside(question)):
            return asked
        taken = taken_for_all(question, self._parsed(question.text))
        if taken is question and tells_of_trouble(question) and (last := asked_last(question.text)):
            asked = self.read(last)
            asked = taken_for_all(asked, self._parsed(asked.text), after_trouble=True)
            if asks_after_all(asked, question):
                return replace(asked, intent="health", text=question.text, span=None)
        return taken

    def _asked_beside(self, denied: Question) -> Question | None:
        """What is asked beside that nothing shall be done: `do not restart anything, only tell me what is broken`."""
        _, *others = _BESIDE.split(denied.text)
        pieces = (self.read(piece) for piece in reversed(others) if piece.strip())
        return next((asked for asked in pieces if asked.intent != "action" and asked.score >= SURE), None)

    def _asked(self, text: str, found: Found) -> Question:
        """What the words say by themselves, with what was found in them."""
        entities, ambiguous = certain(found.meant)
        entities = on_the_nodes(entities, found.named, self.index)
        said, content = found.in_words()
        if found.order.action and said & _ALL_OF_THEM:
            entities, ambiguous = self._with_all_tagged(entities, ambiguous)
        said |= found.in_slots((*entities, *(e for mention in ambiguous for e in mention.entities)))
        if any(mention.entities and self.index.keeps_snapshot(mention.text) for mention in found.named):
            said |= {"SNAPSHOT", "@snapshot_named"}
        concepts = meant(text, found, said, self.now)
        weighed = weigh(concepts)
        if weighed.intent == "list" and self._means_one(found, concepts):
            weighed = replace(weighed, intent="describe")
        needs_name = weighed.intent in (*NEED_A_NAME, "backups", "subsystem")
        if needs_name and not entities and not ambiguous:
            entities, ambiguous = certain(found.perhaps_named)
        if weighed.intent not in _TIMELESS:
            concepts |= beyond_memory(found, self.now)
        intent = _decided(weighed, concepts, found, named=bool(entities or ambiguous))
        if intent in _ABOUT_THE_SYSTEMS or "SILENCE" in concepts:
            entities = tuple(entity for entity in entities if entity.label.split(" (")[0].lower() not in SYSTEMS)
        if intent == "unclear" and "BEYOND" not in concepts and (ambiguous or _asks_for_a_work(concepts, found)):
            intent = "describe"  # where several are meant it is asked back which
        of_few = sum(len(mention.entities) for mention in ambiguous) <= MOST_SUCH and "ASKS_WHO" not in concepts
        of_all = concepts & _OF_ALL_SUCH and "pool" not in found.lowered
        if intent in ("describe", "list", "safety") and of_all and of_few:
            # `who answers DNS here?`
            entities, ambiguous = (*entities, *(e for m in ambiguous for e in m.entities)), ()
        unknown = unknown_names(found.ordered, intent) if not concepts & _OF_NO_ONE else ()
        strangers = strangers_beside(found.words, found.named) if entities and intent not in _TIMELESS else ()
        if strangers:
            unknown, concepts = strangers, concepts | {"@beside_a_stranger"}
            if intent in _NOT_OF_ONE_ALONE:  # of what is known is told how it is, and nothing is concluded from it
                intent, concepts = "describe", concepts & _OF_ITS_KIND
        elif found.order.action in _OF_ONE and {entity.kind for entity in entities} <= {*_PLACES_OF_ORDERS}:
            entities = () if strangers_beside(found.words, found.ordered) else entities  # `restart zeus on pve1`
        tag = found.pool if intent == "list" and found.pool else self._tag(found, intent, concepts)
        order = found.how if intent == "runbook" and not found.order.action else found.order
        return Question(
            tag=tag,
            text=text,
            intent=intent,
            score=weighed.score,
            concepts=concepts,
            entities=of_kind(entities, "node") if tag else entities,
            ambiguous=() if tag else ambiguous,
            unknown=unknown,
            span=found.span,
            quantity=next((name for concept, name in QUANTITIES.items() if concept in concepts), ""),
            action=order.action,
            aim=self._aim(order, found, concepts) if order.action else ITSELF,
            expr=found.expr,
            top=_top(found.lowered),
            bound=found.bound,
            each=found.each,
            user=found.user,
            before=found.before,
            content=content,
            around=found.around,
        )

    def _parsed(self, text: str) -> Found:
        return parse(text, self.index, self.now, self.zone)

    def _with_all_tagged(
        self, entities: tuple[Entity, ...], ambiguous: tuple[Mention, ...]
    ) -> tuple[tuple[Entity, ...], tuple[Mention, ...]]:
        """`Stop everything tagged media`: all that carry it, and no question back which is meant."""
        tagged = [mention for mention in ambiguous if self.index.is_tag(mention.text)]
        entities = (*entities, *(entity for mention in tagged for entity in mention.entities))
        return entities, tuple(mention for mention in ambiguous if mention not in tagged)

    def _aim(self, order: Order, found: Found, concepts: frozenset[str]) -> Aim:
        """What of a thing is meant: of one that is told by its snapshot (`drop before-31-0-2`) never the whole."""
        aim = aim_in(order, found.words, found.named, found.lowered)
        if "@snapshot_named" not in concepts or (order.action == "rollback" and aim.part):
            return aim
        name = next(m.text for m in found.named if m.entities and self.index.keeps_snapshot(m.text))
        return replace(aim, part="" if order.action == "rollback" else "snapshot", word=name)

    def _means_one(self, found: Found, concepts: frozenset[str]) -> bool:
        """`Where is the app with our photos running?`: of one guest by what it does, and not of all that run."""
        by_role = any(role_of(mention.text) for mention in found.perhaps_named)
        return by_role and bool(concepts & _OF_A_STATE) and not concepts & {"SEVERAL", "COUNT", "ANYTHING"}

    def _tag(self, found: Found, intent: Intent, concepts: frozenset[str]) -> str:
        """The tag that a list is cut by: what is named beside the word, or a name of several guests that is their tag
        (`how many dns machines`)."""
        if intent not in ("list", "rank"):
            return ""
        named = found.named
        several = [m.text for m in named if len(m.entities) > 1 and self.index.is_tag(m.text)]
        if "TAG" in concepts:
            tags = (token.text for token in found.words if self.index.is_tag(token.text))
            other = (m.text for m in named if m.entities and any(entity.kind != "node" for entity in m.entities))
            return next((m.text for m in named if self.index.is_tag(m.text)), "") or next(other, "") or next(tags, "")
        return several[0] if several and "SEVERAL" in concepts else ""

    def _pointed(self, found: Found, topic: Topic) -> Found:
        """With the things of the topic where the words point back to them; itself where none does."""
        places = _PLACES_OF_ORDERS if found.order.action else ("job",)  # `start it on pve2`, `put it in the job`
        if found.expr or any(entity.kind not in places for mention in found.named for entity in mention.entities):
            return found
        of_the_list = found.order.action and topic.intent == "list" and points_to_several(found.words)
        about = topic.listed[:1] if of_the_list else topic.about  # and never the node that they are on
        pointer = pointer_in(found.words, about, topic.listed, self.index)
        if pointer is None or any(mention.first < pointer.first for mention in found.named if mention.entities):
            return found  # `empty pve2 and reboot it`: what was named means more than the topic
        text = " ".join(token.text for token in found.words[pointer.first : pointer.last + 1])
        mention = Mention(text, pointer.first, pointer.last, pointer.entities, every=True)
        others = (other for other in found.mentions if not other.positions & mention.positions)
        return replace(found, mentions=(*others, mention))


def _decided(weighed: Weighed, concepts: frozenset[str], found: Found, *, named: bool) -> Intent:
    """The intent that stands: none where it is doubtful, a ranking where a figure is asked for of nobody."""
    if (concepts & NOT_HERE and not found.order.action) or is_doubtful(weighed, concepts, found.strange):
        return "unclear"
    if weighed.intent == "action" and found.order.action in _UNSPECIFIC and not _is_of_the_systems(concepts, found):
        return "unclear"  # `make me laugh`, `change my booking`
    if weighed.intent == "health" and "@stranger" in concepts and not named and "@at_ease" not in concepts:
        return "describe"  # `plex, everything fine with it?`
    of_kinds = weighed.intent == "compare" and bool(concepts & KIND_CONCEPTS)
    if not (named or found.named) and (weighed.intent == "metric" or of_kinds):
        return "rank"
    return weighed.intent


def _as_complaint(question: Question, index: EntityIndex) -> Question | None:
    """`The films won't start`: why of the media server; `the printer does nothing`: what is wrong at all, and that it
    is not seen. None where nothing of that kind is said."""
    named = question.ambiguous or question.expr or (question.entities and question.intent != "unclear")
    named = named or any(not name.isalpha() for name in question.unknown)  # `is plex-server up? the tv lost it`
    other = named or question.intent not in _ONLY_LOOKS_SO or question.has("ADVICE", "@of_the_world")
    works = {} if other else complained_of(plain(question.text))
    if not works:
        return None
    roles = [role for work in works.values() if work and (role := role_of(work))]
    by_work = tuple(dict.fromkeys(guest for role in roles for guest in guests_of(role, index)))[:MOST_SUCH]
    guests = question.of_kind("guest") or by_work
    if question.intent == "health" and (not guests or question.has("ANYTHING")):
        return replace(question, concepts=question.concepts | {"@unseen"}) if not guests else None
    slow = question.intent == "slow"
    return replace(
        question, intent="slow" if slow else "explain" if guests else "health", entities=guests, unknown=(),
        concepts=frozenset({"@guest", "@entity", "WHY"} if guests else {"WRONG", "ANYTHING", "@unseen"}),
        action="", aim=ITSELF, quantity="", span=None,
    )  # fmt: skip


def _asks_for_a_work(concepts: frozenset[str], found: Found) -> bool:
    """`Is there something that does single sign-on?`: who does a work, and nothing is named but by that."""
    named = [mention for mention in found.named if mention.entities]
    by_work = bool(named) and all(role_of(mention.text) for mention in named)
    clear = not (found.strange or concepts & {"PEOPLE", "@odd_asked"})
    return by_work and bool(concepts & _OF_ALL_SUCH) and clear


# Verbs that are said of anything under the sun.
_UNSPECIFIC = frozenset({"create", "change", "tweak", "run", "start", "stop"})
_TAKES = re.compile(r"\bdoes (?:it|that|this) (?:take|use|need|occupy|have)\b", re.IGNORECASE)
_PLACES_OF_ORDERS = ("job", "node", "storage", "datastore")
_POINTS_NOWHERE = frozenset({"LIST", "IT", "AGAIN", "THANKS", "GREET", "LAST", "PEOPLE", "ANYTHING", "LATER", "EXISTS"})


def _is_of_the_systems(concepts: frozenset[str], found: Found) -> bool:
    """Whether what is ordered could be of the systems: by a name, by a word that they know, or by what it points to."""
    entities = any(mention.entities for mention in found.mentions)
    if "BEYOND" in concepts and not entities and "RUNBOOK" not in concepts:
        return False
    points = "IT" in concepts or "AGAIN" in concepts
    named = entities or any(not mention.weak for mention in found.mentions)
    return points or named or bool(said_among(concepts) - _POINTS_NOWHERE)


def _top(lowered: str) -> int | None:
    match = _TOP.search(lowered)
    if match is None:
        return None
    text = match.group(1) or match.group(2)
    return int(text) if text.isdigit() else _NUMBERS.index(text) + 1
