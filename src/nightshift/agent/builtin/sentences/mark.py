r"""A meaning that the form of a sentence has: its pattern, and what else has to be said, or must not be.

Each is a pseudo-concept with the pattern that tells it, the concepts of which one has to be there, and those that speak
against it: `what do I fix first?` is about findings, `which guest starts first?` is not.

Where a pattern wants three words in a row with anything between, `(?>.*?\bword\b)` stops at the first such word and
does not go back on it: any later one serves no better, and with one more `.*` the time grows with the cube of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nightshift.agent.builtin.words.tokens import word_set


@dataclass(frozen=True, slots=True)
class Mark:
    """`needs` is any of these, `all_of` each, `without` none of them; `drops` is what a word of it means by itself."""

    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    needs: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    drops: frozenset[str] = frozenset()
    all_of: frozenset[str] = frozenset()

    def fits(self, lowered: str, concepts: frozenset[str]) -> bool:
        allowed = not (self.without & concepts) and (not self.needs or bool(self.needs & concepts))
        return allowed and self.all_of <= concepts and bool(self.pattern.search(lowered))


NO_ORDER = word_set("@action @how RUNBOOK")
