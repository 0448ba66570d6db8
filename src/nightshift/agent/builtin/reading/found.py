"""What was found in the words of a question before they are weighed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nightshift.agent.builtin.names.mention import Mention
from nightshift.agent.builtin.names.name_places import KIND_BEFORE
from nightshift.agent.builtin.orders.order import Order, has_deed
from nightshift.agent.builtin.questions.bounds import LIFE_OF_A_DISK_S, Bound
from nightshift.agent.builtin.sentences.shapes import shapes
from nightshift.agent.builtin.times.spans import TimeSpan
from nightshift.agent.builtin.words import compare_words, families, task_words, thing_words, window_words
from nightshift.agent.builtin.words.function_words import FUNCTION_WORDS
from nightshift.agent.builtin.words.lexicon import lexicon
from nightshift.agent.builtin.words.services import role_of
from nightshift.agent.builtin.words.tokens import Token, text_at
from nightshift.facts.ids import Entity


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in the words before they are weighed; `lowered` is the text as it was read."""

    lowered: str
    words: tuple[Token, ...]
    mentions: tuple[Mention, ...]
    span: TimeSpan | None
    expr: str
    order: Order
    how: Order
    bound: Bound | None
    each: str
    user: str = ""
    lasting: bool = False
    before: TimeSpan | None = None
    pool: str = ""

    @property
    def named(self) -> tuple[Mention, ...]:
        """Mentions that stand: not the words that mean something else as well."""
        return tuple(mention for mention in self.mentions if not (mention.weak and mention.entities))

    @property
    def ordered(self) -> tuple[Mention, ...]:
        """Those that an order is about: not what came before it (`I need an hour of peace, mute all alerts`), unless it
        points back to that."""
        start = self.order.start if self.order.action else 0
        points = any(token.start > start and token.text in ("it", "that", "them", "this") for token in self.words)
        return self.named if points else tuple(m for m in self.named if self.words[m.first].start >= start)

    @property
    def meant(self) -> tuple[Mention, ...]:
        """Those that stand, without what is only before an order that names another of its kind: `do not restart
        jellyfin; delete web`."""
        if not self.order.action:
            return self.named
        behind = [m for m in self.named if self.words[m.first].start >= self.order.start]
        kinds = {entity.kind for mention in behind for entity in mention.entities}
        return tuple(m for m in self.named if m in behind or not kinds & {entity.kind for entity in m.entities})

    @property
    def perhaps_named(self) -> tuple[Mention, ...]:
        return tuple(mention for mention in self.mentions if mention.weak and mention.entities)

    @property
    def strange(self) -> int:
        """How many words mean nothing here and name nothing."""
        return sum(not mention.entities for mention in self.mentions)

    @property
    def around(self) -> tuple[str, ...]:
        """The words beside names and times."""
        named = {at for mention in self.named if mention.entities for at in mention.positions}
        return tuple(token.text for at, token in enumerate(self.words) if at not in named)

    def in_words(self) -> tuple[frozenset[str], tuple[str, ...]]:
        """The concepts of the words around the names, and the words that carry meaning.

        A name is a break: the words before and after it are no phrase.
        """
        named = {at for m in self.named if m.entities or m.told or role_of(m.text) for at in m.positions}
        groups: list[list[Token]] = [[]]
        for at, token in enumerate(self.words):
            if at in named:
                groups.append([])
            else:
                groups[-1].append(token)
        concepts = frozenset().union(
            *(lexicon().concepts(group)[0] for group in groups),
            shapes(self.words, self.named),
            families.of_words(self.words),
            task_words.of_words(self.words),
            compare_words.of_words(self.words),
            thing_words.of_words(self.words),
            window_words.of_words(self.words),
        )
        concepts = window_words.corrected(concepts)
        if self.pool or self.each == "pool":
            concepts -= {"STORAGE", "SCRUB", "WHICH_POOL", "PHYSICAL"}  # no pool of disks
        if "GC" in concepts:
            concepts -= {"METRIC"}  # what is collected there is garbage
        if "DISCOVER" in concepts:
            concepts |= {"METRIC"}
        content = tuple(token.text for group in groups for token in group if token.text not in FUNCTION_WORDS)
        return concepts, content

    def _goes_on(self, span: TimeSpan) -> bool:
        """`dead for half an hour`, `down since noon`: of what is so still."""
        goes_on = span.text.startswith(("since", "for ")) or self.lowered[: span.start].endswith(("since ", "for "))
        return goes_on and not {"was", "were", "did"} & {token.text for token in self.words}

    def _is_ahead(self, span: TimeSpan) -> bool:
        """`What time tonight do the guests get saved?`: of what is still to come."""
        said = {token.text for token in self.words}
        comes = said & {"do", "does", "will", "shall"} and not said & {"did", "was", "were", "has", "have", "got"}
        return bool(comes) and span.text in ("tonight", "this night")

    def in_slots(self, entities: Sequence[Entity]) -> frozenset[str]:
        """The concepts that are no words: what was found in the slots."""
        present = {f"@{entity.kind}": True for entity in entities}
        present |= {
            "@entity": bool(entities),
            "@two": len({mention.entities for mention in self.named if mention.entities}) > 1,
            "@unknown": any(not mention.entities for mention in self.named),
            "@stranger": any(not mention.entities and not mention.weak for mention in self.named),
            "@called": any(  # `the container asterisk`: that it is one of the systems is said
                KIND_BEFORE.get(text_at(self.words, m.first - 1)) == ("guest",) and not (m.entities or m.weak)
                for m in self.named
            ),
            "@weak_unknown": any(not mention.entities and mention.weak for mention in self.mentions),
            "@no_name": not self.named and not self.expr,
            "@ongoing": self.span is not None and self._goes_on(self.span),
            "@time": self.span is not None,
            "@past": self.span is not None and not self._is_ahead(self.span),
            "@promql": bool(self.expr),
            "@action": bool(self.order.action),
            "@how": bool(self.how.action),
            "@ambiguous": any(len(mention.entities) > 1 and not mention.every for mention in self.named),
            "@action_verb": has_deed(self.words),
            "@bound": self.bound is not None,
            "@datastores": sum(entity.kind == "datastore" for entity in entities) > 1,
            "@hours": self.bound is not None
            and self.bound.dimension == "seconds"
            and self.bound.value > LIFE_OF_A_DISK_S,
            "@each": bool(self.each),
            "@user": bool(self.user),
            "@lasting": self.lasting,
            "@two_times": self.before is not None,
            "@resource_pool": bool(self.pool) or self.each == "pool",
        }
        return frozenset(concept for concept, there in present.items() if there)
