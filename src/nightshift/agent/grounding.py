"""The check of an answer before it is shown: is every figure, time and name in it in the evidence that it cites?

What is not is listed, and can be marked in the text. A claim that only another piece of evidence shows gets that
citation added; a citation of evidence that does not exist is taken out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from nightshift.agent.answer import ClaimKind, Grounding, Unverified
from nightshift.agent.arithmetic import compares, follows
from nightshift.agent.quantities import Claimed, Moment, Quantity, scan
from nightshift.agent.witness import Witness
from nightshift.facts.evidence import Evidence
from nightshift.facts.gap import Gap
from nightshift.facts.snapshot import Snapshot

UNVERIFIED_MARK = " [unverified]"

_CITATION = re.compile(r"\s?(?:\[|【)\s*(E\d+(?:\s*(?:,|;|and|&|-|–)\s*E?\d+)*)\s*(?:\]|】)")
_ID = re.compile(r"(?P<first>\d+)(?:\s*[-–]\s*E?(?P<last>\d+))?")
_WIDEST_RANGE = 50
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?](?![\s)]|$)[^.!?\n]*)*(?:[.!?]+[)\"']*)?(?:\s*\[E[^\]\n]*\][.,;]?)*\s*")
_GUEST_ID = re.compile(r"\b(?:VMs?|CTs?|LXC|guests?|containers?|vmid)\s+#?(?P<name>\d{3,9})\b", re.IGNORECASE)
_NAMED_KIND = re.compile(
    r"\b(?P<kind>alert(?: rule)?s?|rules?|nodes?|hosts?|guests?|VMs?|containers?|CTs?|datastores?|storages?|instances?)"
    r"""\s+(?P<quote>[`"'*]{0,2})(?P<name>[A-Za-z][\w.:-]*\w)(?P=quote)"""
)
_LOOKS_NAMED = re.compile(r"\d|[-_:]|[a-z][A-Z]")
_ALERT_NAME = re.compile(r"(?<![\w.`/-])(?:[A-Z][a-z0-9]+){2,}(?![\w-])")
_ALERT_WORDS = re.compile(r"\balert|\bfiring|\brule\b|\bpending\b", re.IGNORECASE)


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
class Claim:
    """One thing that the text says and that can be looked up; `start` and `end` are its place in the text."""

    text: str
    kind: ClaimKind
    start: int
    end: int
    meant: Claimed | str


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
    text, missing = _without_missing(text, witnesses.keys())
    claims = list(_claims(text, background))
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
    text, unverified = _with_citations(text, added, unverified)
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
        self._scopes = [list(_scopes(text, pattern)) for pattern in (_SENTENCE, _LINE, _PARAGRAPH)]
        self._everywhere = tuple(_cited(text)) or tuple(witnesses)
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


_LINE = re.compile(r"[^\n]+")
_PARAGRAPH = re.compile(r"[^\n]+(?:\n(?!\s*\n)[^\n]+)*")


def _scopes(text: str, pattern: re.Pattern[str]) -> Iterator[_Scope]:
    for found in pattern.finditer(text):
        if found[0]:
            yield _Scope(found.start(), found.end(), tuple(_cited(found[0])))


def _claims(text: str, background: Background) -> Iterator[Claim]:
    """Everything in the text that can be looked up, in order, each place once."""
    names = list(_named(text, background))
    taken = [(claim.start, claim.end) for claim in names]
    for item in scan(text):
        if not any(start <= item.start < end for start, end in taken):
            kind: ClaimKind = "time" if isinstance(item, Moment) else "number"
            names.append(Claim(item.text, kind, item.start, item.end, item))
    yield from sorted(names, key=lambda claim: claim.start)


def _named(text: str, background: Background) -> Iterator[Claim]:
    """Guests by number, known names, things called `node pve9`, and alert names where alerts are spoken of."""
    found: dict[int, Claim] = {}
    for match in _GUEST_ID.finditer(text):
        found[match.start("name")] = _name_claim(match, "entity")
    for match in _NAMED_KIND.finditer(text):
        if match["quote"] or _LOOKS_NAMED.search(match["name"]):
            kind: ClaimKind = "alert" if match["kind"].lower().startswith(("alert", "rule")) else "entity"
            found.setdefault(match.start("name"), _name_claim(match, kind))
    for match in _known_names(text, background.names):
        found.setdefault(match.start(), Claim(match[0], "entity", match.start(), match.end(), match[0]))
    for match in _known_names(text, background.alert_names):
        found.setdefault(match.start(), Claim(match[0], "alert", match.start(), match.end(), match[0]))
    for line in _LINE.finditer(text):
        if _ALERT_WORDS.search(line[0]):
            for match in _ALERT_NAME.finditer(text, line.start(), line.end()):
                found.setdefault(match.start(), Claim(match[0], "alert", match.start(), match.end(), match[0]))
    yield from found.values()


def _name_claim(match: re.Match[str], kind: ClaimKind) -> Claim:
    return Claim(match["name"], kind, match.start("name"), match.end("name"), match["name"])


_WORD = re.compile(r"[^\W_](?:[\w.-]*\w)?")


def _known_names(text: str, names: Collection[str]) -> Iterator[re.Match[str]]:
    """Words that are a name, case and all. Names with spaces are looked for one by one."""
    yield from (match for match in _WORD.finditer(text) if match[0] in names)
    for name in names:
        if " " in name and name in text:
            yield from re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)


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


def _cited(text: str) -> Iterator[str]:
    for found in _CITATION.finditer(text):
        yield from _ids(found[1])


def _ids(listed: str) -> Iterator[str]:
    """`E1, E3-E5` → E1 E3 E4 E5."""
    for found in _ID.finditer(listed):
        first, last = int(found["first"]), int(found["last"] or found["first"])
        yield from (f"E{number}" for number in range(first, min(last, first + _WIDEST_RANGE) + 1))


def _without_missing(text: str, known: Collection[str]) -> tuple[str, tuple[Claim, ...]]:
    """The text without citations of evidence that does not exist, and those as claims."""
    missing: list[Claim] = []

    def kept(found: re.Match[str]) -> str:
        ids = list(_ids(found[1]))
        unknown = [one for one in ids if one not in known]
        if not unknown:
            return found[0]
        missing.extend(Claim(f"[{one}]", "citation", found.start(), found.start(), one) for one in unknown)
        space = found[0][: len(found[0]) - len(found[0].lstrip())]
        rest = [one for one in ids if one in known]
        return f"{space}[{', '.join(rest)}]" if rest else ""

    return _CITATION.sub(kept, text), tuple(missing)


def _with_citations(text: str, added: Iterable[tuple[int, str]], unverified: list[Claim]) -> tuple[str, list[Claim]]:
    """The text with citations put behind the claims that lacked them; places of the other claims moved along."""
    for place, one in sorted(added, reverse=True):
        citation = f" [{one}]"
        text = text[:place] + citation + text[place:]
        unverified = [
            claim
            if claim.end <= place
            else Claim(claim.text, claim.kind, claim.start + len(citation), claim.end + len(citation), claim.meant)
            for claim in unverified
        ]
    return text, unverified
