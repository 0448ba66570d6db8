"""Which kinds of guest a question leaves out: `how many VMs, not counting containers or templates`."""

from __future__ import annotations

import re
from collections.abc import Mapping

_KINDS: Mapping[str, str] = {
    "VM": r"vms?|virtual machines?",
    "CT": r"containers?|cts?|lxcs?",
    "TEMPLATE": r"templates?",
}
_KIND = rf"(?:the |any |our |my )?(?:{'|'.join(_KINDS.values())})"
_TWO = rf"{_KIND}(?:(?: and| or| nor| as well as) {_KIND}){{0,2}}"
_SEVERAL = rf"{_KIND}(?:(?:,| and| or| nor| as well as|, and|, no)? {_KIND}){{0,2}}"
_BEFORE = (
    r"(?:no|not|without|except(?: for)?|excluding|exclude|ignor(?:e|ing)|leav(?:e|ing) (?:out|aside)|"
    r"minus(?= (?:the )?templates?)|never mind|"
    r"apart from|(?:not )?(?:counting|including))"
)
_BEHIND = (
    r"(?:(?:,? please)? (?:do not|don't|dont|need not|not) (?:be )?(?:count(?:ed)?|matter|included?)|aside|excluded|"
    r"left out|not (?:important|relevant)|not\b(?! \w))"
)
_LEFT_OUT = re.compile(
    rf"\b{_BEFORE} (?P<before>{_SEVERAL})\b|\bleav(?:e|ing) (?P<between>{_SEVERAL}) (?:out|aside)\b|"
    rf"\b(?P<behind>{_TWO}) ?{_BEHIND}",
    re.IGNORECASE,
)
_COUNTING = re.compile(r"(?<!not )\b(?:counting|including) $", re.IGNORECASE)


def left_out(text: str) -> frozenset[str]:
    """The concepts of the kinds that are not to be counted: VM, CT, TEMPLATE."""
    said = [match[match.lastgroup or 0] for match in _LEFT_OUT.finditer(text) if not _is_counted(match)]
    return frozenset(
        concept
        for concept, words in _KINDS.items()
        if any(re.search(rf"\b(?:{words})\b", part, re.IGNORECASE) for part in said)
    )


def _is_counted(match: re.Match[str]) -> bool:
    """`counting the containers` counts them."""
    return bool(match["before"]) and bool(_COUNTING.search(match.group()[: match.start("before") - match.start()]))
