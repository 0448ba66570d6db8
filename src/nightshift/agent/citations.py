"""Citations in an answer: which evidence a text cites, those of nothing taken out, those that lack put in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from nightshift.agent.claims import Claim

_CITATION = re.compile(r"\s?(?:\[|【)\s*(E\d+(?:\s*(?:,|;|and|&|-|–)\s*E?\d+)*)\s*(?:\]|】)")
_ID = re.compile(r"(?P<first>\d+)(?:\s*[-–]\s*E?(?P<last>\d+))?")
_WIDEST_RANGE = 50


def cited_in(text: str) -> Iterator[str]:
    """The evidence that is cited, in the order of the text: `E1`, `E4`."""
    for found in _CITATION.finditer(text):
        yield from _ids(found[1])


def _ids(listed: str) -> Iterator[str]:
    """`E1, E3-E5` → E1 E3 E4 E5."""
    for found in _ID.finditer(listed):
        first, last = int(found["first"]), int(found["last"] or found["first"])
        yield from (f"E{number}" for number in range(first, min(last, first + _WIDEST_RANGE) + 1))


def without_missing(text: str, known: Collection[str]) -> tuple[str, tuple[Claim, ...]]:
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


def with_citations(text: str, added: Iterable[tuple[int, str]], unverified: list[Claim]) -> tuple[str, list[Claim]]:
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
