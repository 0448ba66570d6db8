"""What a question leaves out: kinds of guest, `how many VMs, not counting containers or templates`, and a thing that is
not the one meant: `I meant gitea, not jellyfin`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nightshift.tools.resolve import EntityIndex

MOST_NAMES = 100
_KINDS: Mapping[str, str] = {
    "VM": r"vms?|virtual machines?",
    "CT": r"containers?|cts?|lxcs?",
    "TEMPLATE": r"templates?",
}
_KIND = rf"(?:the |any |our |my )?(?:{'|'.join(_KINDS.values())})"
_TWO = rf"{_KIND}(?:(?: and| or| nor| as well as) {_KIND}){{0,2}}"
_SEVERAL = rf"{_KIND}(?:(?:,| and| or| nor| as well as|, and|, no)? {_KIND}){{0,2}}"
_BEFORE = (
    r"(?:no|not|don['’]?t|without|except(?: for)?|excluding|exclude|ignor(?:e|ing)|leav(?:e|ing) (?:out|aside)|"
    r"minus(?= (?:the )?templates?)|never mind|apart from)(?: (?:even )?(?:count(?:ing)?|includ(?:e|ing)))?"
)
_BEHIND = (
    r"(?:(?:,? please)? (?:do not|don't|dont|need not|not) (?:be )?(?:count(?:ed)?|matter|included?)|"
    r"(?:left |put |set )?aside|excluded|left out|not (?:important|relevant)|not\b(?! \w))"
)
_LEFT_OUT = re.compile(
    rf"\b{_BEFORE} (?P<before>{_SEVERAL})\b|\bleav(?:e|ing) (?P<between>{_SEVERAL}) (?:out|aside)\b|"
    rf"\b(?P<behind>{_TWO}) ?{_BEHIND}",
    re.IGNORECASE,
)


def left_out(text: str) -> frozenset[str]:
    """The concepts of the kinds that are not to be counted: VM, CT, TEMPLATE."""
    said = [match[match.lastgroup or 0] for match in _LEFT_OUT.finditer(text)]
    return frozenset(
        concept
        for concept, words in _KINDS.items()
        if any(re.search(rf"\b(?:{words})\b", part, re.IGNORECASE) for part in said)
    )


# Not of places: `in tank but not in vault` asks for what the one has and the other lacks.
_DENIED = re.compile(
    r"(?:[,;(]| -|\band|\bbut) ?not (?:of |for )?(?:the |my |our )?(?P<name>\w[\w.-]*\w)\)?(?![\w-])", re.IGNORECASE
)
_NAME = re.compile(r"\w[\w.-]*\w")


def without_denied(text: str, index: EntityIndex) -> str:
    """`Stop gitea, not jellyfin`: of gitea alone. A name that stands alone stays, whatever is said of it."""
    return _DENIED.sub(lambda match: "" if _is_other_than_meant(match, index) else match.group(), text)


def _is_other_than_meant(match: re.Match[str], index: EntityIndex) -> bool:
    kinds = {entity.kind for entity in index.exact(match["name"])}
    rest = f"{match.string[: match.start()]} {match.string[match.end() :]}"
    named = (entity for name in _NAME.findall(rest)[:MOST_NAMES] for entity in index.exact(name))
    return bool(kinds) and any(entity.kind in kinds for entity in named)
