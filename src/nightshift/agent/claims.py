"""What an answer claims: its figures, times and names, each with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from nightshift.agent.answer import ClaimKind
from nightshift.agent.quantities import Claimed, Moment, scan

_GUEST_ID = re.compile(r"\b(?:VMs?|CTs?|LXC|guests?|containers?|vmid)\s+#?(?P<name>\d{3,9})\b", re.IGNORECASE)
_NAMED_KIND = re.compile(
    r"\b(?P<kind>alert(?: rule)?s?|rules?|nodes?|hosts?|guests?|VMs?|containers?|CTs?|datastores?|storages?|instances?)"
    r"""\s+(?P<quote>[`"'*]{0,2})(?P<name>[A-Za-z][\w.:-]*\w)(?P=quote)"""
)
_LOOKS_NAMED = re.compile(r"\d|[-_:]|[a-z][A-Z]")
_ALERT_NAME = re.compile(r"(?<![\w.`/-])(?:[A-Z][a-z0-9]+){2,}(?![\w-])")
_ALERT_WORDS = re.compile(r"\balert|\bfiring|\brule\b|\bpending\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that the text says and that can be looked up; `start` and `end` are its place in the text."""

    text: str
    kind: ClaimKind
    start: int
    end: int
    meant: Claimed | str


LINE = re.compile(r"[^\n]+")


def claims_in(text: str, names: Collection[str], alert_names: Collection[str]) -> Iterator[Claim]:
    """Everything in the text that can be looked up, in order, each place once."""
    found = list(_named(text, names, alert_names))
    taken = [(claim.start, claim.end) for claim in found]
    for item in scan(text):
        if not any(start <= item.start < end for start, end in taken):
            kind: ClaimKind = "time" if isinstance(item, Moment) else "number"
            found.append(Claim(item.text, kind, item.start, item.end, item))
    yield from sorted(found, key=lambda claim: claim.start)


def _named(text: str, names: Collection[str], alert_names: Collection[str]) -> Iterator[Claim]:
    """Guests by number, known names, things called `node pve9`, and alert names where alerts are spoken of."""
    found: dict[int, Claim] = {}
    for match in _GUEST_ID.finditer(text):
        found[match.start("name")] = _name_claim(match, "entity")
    for match in _NAMED_KIND.finditer(text):
        if match["quote"] or _LOOKS_NAMED.search(match["name"]):
            kind: ClaimKind = "alert" if match["kind"].lower().startswith(("alert", "rule")) else "entity"
            found.setdefault(match.start("name"), _name_claim(match, kind))
    for match in _known_names(text, names):
        found.setdefault(match.start(), Claim(match[0], "entity", match.start(), match.end(), match[0]))
    for match in _known_names(text, alert_names):
        found.setdefault(match.start(), Claim(match[0], "alert", match.start(), match.end(), match[0]))
    for line in LINE.finditer(text):
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
