"""The check of an answer before it is shown: is every figure, time and name in it in the evidence that it cites?

What is not is listed, and can be marked in the text. A claim that only another piece of evidence shows gets that
citation added; a citation of evidence that does not exist is taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from nightshift.agent.answer import Grounding, Unverified
from nightshift.agent.arithmetic import compares, follows
from nightshift.agent.citations import cited_in, with_citations, without_missing
from nightshift.agent.claims import LINE, Claim, claims_in
from nightshift.agent.quantities import Claimed, Moment, Quantity, scan
from nightshift.agent.witness import Witness
from nightshift.facts.evidence import Evidence
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Snapshot

UNVERIFIED_MARK = " [unverified]"

_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?](?![\s)]|$)[^.!?\n]*)*(?:[.!?]+[)\"']*)?(?:\s*\[E[^\]\n]*\][.,;]?)*\s*")


@dataclass(frozen=True, slots=True)
class Background:
    """What a claim may rest on besides the evidence, and what names there are.

    `names` are those of guests, nodes, storages, datastores and alerts, as written; `said_before` are earlier answers
    of the conversation, which were checked when they were given; `unseen` are the gaps, which need no citation;
    `asked_times` are the ends of the time that the question speaks of: what `last night` means is no claim.
    """

    question: str = ""
    said_before: tuple[str, ...] = ()
    unseen: tuple[Gap, ...] = ()
    asked_times: tuple[datetime, ...] = ()
    names: frozenset[str] = frozenset()
    alert_names: frozenset[str] = frozenset()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    zone: tzinfo = UTC

    @property
    def told(self) -> tuple[str, ...]:
        """Everything that counts as known without evidence."""
        return (
            *self.said_before,
            *(f"{gap.source} {gap.dataset}: {gap.detail} {gap.fix or ''}" for gap in self.unseen),
            *(f"{time.astimezone(self.zone):%Y-%m-%d %H:%M}" for time in self.asked_times),
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """A text after its check. `text` has its citations put right, nothing else changed."""

    text: str
    checked: int
    unverified: tuple[Claim, ...]

    @property
    def grounding(self) -> Grounding:
        return Grounding(self.checked, tuple(Unverified(claim.text, claim.kind) for claim in self.unverified))

    @property
    def marked_text(self) -> str:
        """The text with a mark behind everything that is not verified."""
        text = self.text
        for claim in sorted(self.unverified, key=lambda claim: claim.end, reverse=True):
            if claim.kind != "citation":
                text = text[: claim.end] + UNVERIFIED_MARK + text[claim.end :]
        return text


def ground(text: str, evidence: Sequence[Evidence], background: Background) -> Checked:
    """Check every claim of `text` against the evidence that it cites."""
    witnesses = {item.id: Witness(item, background.now, background.zone) for item in evidence}
    text, missing = without_missing(text, witnesses.keys())
    claims = list(claims_in(text, background.names, background.alert_names))
    context = _Context(text, witnesses, background, claims)
    unverified: list[Claim] = []
    added: list[tuple[int, str]] = []
    for claim in claims:
        if context.is_shown(claim):
            continue
        other = context.shown_elsewhere(claim)
        if other is not None:
            added.append((claim.end, other))
        else:
            unverified.append(claim)
    unverified = [claim for claim in unverified if not _is_reckoned(claim, claims, unverified, text)]
    text, unverified = with_citations(text, added, unverified)
    return Checked(text, len(claims) + len(missing), (*missing, *unverified))


def _is_reckoned(claim: Claim, claims: Sequence[Claim], unverified: Sequence[Claim], text: str) -> bool:
    """Whether it follows from two figures of its line that were read: `5.7 % against 2.2 %: 3.5 points more`."""
    if not isinstance(claim.meant, Quantity):
        return False
    start, end = text.rfind("\n", 0, claim.start) + 1, text.find("\n", claim.end)
    line = (start, end if end >= 0 else len(text))
    if not compares(text[slice(*line)]):
        return False
    shown = [one for one in claims if one not in unverified and line[0] <= one.start < line[1]]
    return follows(claim.meant, [one.meant for one in shown if isinstance(one.meant, Quantity)])


def names_of(snapshot: Snapshot) -> tuple[frozenset[str], frozenset[str]]:
    """The names of everything watched, and those of alerts and alert rules, for `Background`."""
    names = {node.name for node in snapshot.nodes}
    names.update(guest.name for guest in snapshot.guests if guest.name)
    names.update(storage.name for storage in snapshot.storages)
    names.update(datastore.name for datastore in snapshot.datastores)
    alerts = {alert.name for alert in snapshot.alerts} | {rule.name for rule in snapshot.alert_rules}
    return frozenset(names), frozenset(alerts)


class _Context:
    """The text with the evidence that each part of it cites."""

    def __init__(
        self, text: str, witnesses: dict[str, Witness], background: Background, claims: Iterable[Claim]
    ) -> None:
        self._text = text
        self._witnesses = witnesses
        self._background = background
        self._scopes = [list(_scopes(text, pattern)) for pattern in (_SENTENCE, LINE, _PARAGRAPH)]
        self._everywhere = tuple(cited_in(text)) or tuple(witnesses)
        self._asked = list(scan(background.question))
        self._said = [item for earlier in background.told for item in scan(earlier)]
        self._shown_sentences: set[int] = set()
        self._names: dict[int, set[str]] = {}
        for claim in claims:
            if isinstance(claim.meant, str):
                self._names.setdefault(self._sentence_at(claim.start), set()).add(claim.meant)

    def is_shown(self, claim: Claim) -> bool:
        """By the evidence cited closest to it: in its sentence, else its line, else its paragraph; where nothing is
        cited, by any that the answer cites. What the question itself says counts as said."""
        shown = any(self._shows(one, claim) for one in self._cited_at(claim.start))
        if shown:
            self._shown_sentences.add(self._sentence_at(claim.start))
        return shown or self._is_known(claim)

    def shown_elsewhere(self, claim: Claim) -> str | None:
        """The first evidence that shows it although it is not the one cited closest to it."""
        near = self._cited_in(self._scopes[-1], claim.start)
        if isinstance(claim.meant, Quantity) and claim.meant.dimension == "number":
            candidates = near  # further away, a plain number is found by chance
        else:
            candidates = tuple(dict.fromkeys((*near, *self._witnesses)))
        return next((one for one in candidates if self._shows(one, claim)), None)

    def _shows(self, one: str, claim: Claim) -> bool:
        """Whether a piece of evidence shows a claim, and of what its sentence names, not of something else."""
        witness = self._witnesses[one]
        if isinstance(claim.meant, str):
            return witness.says(claim.meant)
        if not witness.shows(claim.meant):
            return False
        names = self._names.get(self._sentence_at(claim.start), ())
        return not (isinstance(claim.meant, Quantity) and names and witness.is_of_another(claim.meant, names))

    def _cited_at(self, place: int) -> tuple[str, ...]:
        for scopes in self._scopes:
            if cited := self._cited_in(scopes, place):
                return cited
        return self._everywhere

    def _cited_in(self, scopes: Sequence[_Scope], place: int) -> tuple[str, ...]:
        scope = next((scope for scope in scopes if scope.start <= place < scope.end), None)
        return tuple(one for one in scope.cited if one in self._witnesses) if scope else ()

    def _sentence_at(self, place: int) -> int:
        return next((scope.start for scope in self._scopes[0] if scope.start <= place < scope.end), 0)

    def _is_known(self, claim: Claim) -> bool:
        background = self._background
        if isinstance(claim.meant, str):
            return any(_has_word(text, claim.meant) for text in (background.question, *background.told))
        if any(_alike(claim.meant, item) for item in self._said):
            return True
        echoed = any(_alike(claim.meant, item) for item in self._asked)
        if not echoed:
            return _is_now(claim.meant, background)
        if self._text[claim.start - 1 : claim.start] == "“":
            return True  # quoted from the question: I know nothing called “666”
        # "Is it above 90 %?" - "No, it is at 45 % [E1], not above 90 %": an echo needs a fact beside it.
        plain = isinstance(claim.meant, Quantity) and claim.meant.dimension != "seconds"
        return not plain or self._sentence_at(claim.start) in self._shown_sentences


@dataclass(frozen=True, slots=True)
class _Scope:
    start: int
    end: int
    cited: tuple[str, ...]


_PARAGRAPH = re.compile(r"[^\n]+(?:\n(?!\s*\n)[^\n]+)*")


def _scopes(text: str, pattern: re.Pattern[str]) -> Iterator[_Scope]:
    for found in pattern.finditer(text):
        if found[0]:
            yield _Scope(found.start(), found.end(), tuple(cited_in(found[0])))


def _alike(claim: Claimed, other: Claimed) -> bool:
    if isinstance(claim, Quantity) and isinstance(other, Quantity):
        return claim.dimension == other.dimension and claim.low <= other.value <= claim.high
    if isinstance(claim, Moment) and isinstance(other, Moment):
        return (claim.day, claim.clock) == (other.day, other.clock)
    return type(claim) is type(other) and claim.text == other.text


def _is_now(claim: Claimed, background: Background) -> bool:
    """Today's date and the time at which the answer is written need no evidence."""
    if not isinstance(claim, Moment):
        return False
    local = background.now.astimezone(background.zone)
    same_day = claim.day is None or (claim.day.month, claim.day.day) == (local.month, local.day)
    return same_day and (claim.clock is None or (claim.clock.hour, claim.clock.minute) == (local.hour, local.minute))


def _has_word(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE) is not None
